"""What a record can be filtered by: its terms, its names and places, its days.

A facet follows from the declaration of a field, so a new field of the same kind is found without
a word here. Whoever changes what follows from a record raises `RULES`, so that indexes are made
anew.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fielddoc.domain.canonical import Json
from fielddoc.domain.chronology import silences
from fielddoc.domain.partial_date import PartialDate, PartialDateError, parse_edtf
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.reply_due import reply_due
from fielddoc.domain.schema import Field, Kind

RULES = 4


class TermFacet(StrEnum):
    """Facets whose values are codes of vocabularies, and the type of the record."""

    TYPE = "type"
    KIND = "kind"
    STAGE = "stage"
    CHARGE = "charge"
    STATUS = "status"
    CONFIDENTIALITY = "confidentiality"


class TextFacet(StrEnum):
    """Facets whose values are texts, of which any part can be asked for."""

    NAME = "name"
    PLACE = "place"


_NAME_FIELDS = ("title", "code_name", "name")
_PLACE_FIELDS = ("place", "facility", "taken_place")
_DATE_FIELDS = ("date", "since", "sent_on")


def term_facet(path: str, field: Field) -> TermFacet | None:
    """Return the facet that a field of terms belongs to; `path` is its dotted name."""
    if field.kind not in (Kind.TERM, Kind.TERMS):
        return None
    if field.vocabulary == "charges":
        return TermFacet.CHARGE
    if field.vocabulary == "confidentiality":
        return TermFacet.CONFIDENTIALITY
    match path:
        case "kind" | "kinds":
            return TermFacet.KIND
        case "entries.kind":
            return TermFacet.STAGE
        case "status" | "state" | "outcome":
            return TermFacet.STATUS
        case _:
            return None


def vocabularies_of(facet: TermFacet) -> tuple[str, ...]:
    """Return the names of the vocabularies that the values of a facet come from."""
    found: dict[str, None] = {}
    for declared in RECORD_TYPES:
        for path, field in _walk(declared.fields):
            if term_facet(path, field) is facet:
                found[field.vocabulary] = None
    return tuple(found)


def terms_of(type_name: str, values: Mapping[str, Json]) -> set[tuple[TermFacet, str]]:
    """Return every facet of terms with each code that the record has in it."""
    found = {(TermFacet.TYPE, type_name)}
    for path, field, value in _parts(type_name, values):
        facet = term_facet(path, field)
        if facet is not None:
            codes = value if isinstance(value, list) else [value]
            found |= {(facet, code) for code in codes if isinstance(code, str)}
    return found


def text_facet(path: str, field: Field) -> TextFacet | None:
    """Return the facet that a field of text belongs to; `path` is its dotted name."""
    if field.kind is not Kind.TEXT:
        return None
    if path in _NAME_FIELDS or path == "names.text":
        return TextFacet.NAME
    return TextFacet.PLACE if path.rpartition(".")[2] in _PLACE_FIELDS else None


def texts_of(type_name: str, values: Mapping[str, Json]) -> list[tuple[TextFacet, str]]:
    """Return the names and places of a record, as typed."""
    found: list[tuple[TextFacet, str]] = []
    for path, field, value in _parts(type_name, values):
        facet = text_facet(path, field)
        if facet is not None and isinstance(value, str):
            found.append((facet, value))
    return found


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `first` to `last`, both included; a missing one is open or not known."""

    first: datetime.date | None
    last: datetime.date | None

    def overlap(self, other: "Days") -> bool:
        """Tell whether the two have a day in common."""
        return _before(self.first, other.last) and _before(other.first, self.last)

    def hold(self, other: "Days") -> bool:
        """Tell whether every day of `other` is one of these."""
        return (self.first is None or (other.first is not None and self.first <= other.first)) and (
            self.last is None or (other.last is not None and other.last <= self.last)
        )


def _before(first: datetime.date | None, last: datetime.date | None) -> bool:
    return first is None or last is None or first <= last


def days_of(values: Mapping[str, Json]) -> list[Days]:
    """Return the days on which things may have happened, one for each date of the record.

    Dates are `date`, `since`, `sent_on` and the date of each entry. One of which nothing is known
    says nothing, and is left out.
    """
    texts = [values.get(name) for name in _DATE_FIELDS]
    texts += [entry.get("date") for entry in _entries(values)]
    dates = (_date(text) for text in texts)
    found = [Days(date.earliest, date.latest) for date in dates if date is not None]
    return [days for days in found if days.first is not None or days.last is not None]


def due_of(type_name: str, values: Mapping[str, Json]) -> list[datetime.date]:
    """Return the last days by which something was to be done that is not done yet.

    A risk that is open is to be looked at again by its review date, an action to be answered by
    the day on which the reply is due, and a silence of a detention to be asked about again by its
    next check: what the agenda calls overdue as soon as the day has passed.
    """
    found: list[datetime.date | None] = []
    match type_name:
        case "risk" if values.get("state") not in ("has-happened", "closed"):
            due = _date(values.get("review_date"))
            found = [due.latest if due is not None else None]
        case "action":
            waiting = reply_due(values, datetime.date.max)
            found = [waiting.due.latest if waiting is not None else None]
        case "detention":
            found = [
                silence.next_check.latest
                for silence in silences(_entries(values), _people(values))
                if silence.is_open and silence.next_check is not None
            ]
        case _:
            pass
    return [day for day in found if day is not None]


def _entries(values: Mapping[str, Json]) -> list[dict[str, Json]]:
    entries = values.get("entries")
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _people(values: Mapping[str, Json]) -> list[str]:
    persons = values.get("persons")
    return [str(person) for person in persons] if isinstance(persons, list) else []


def _date(value: Json) -> PartialDate | None:
    try:
        return parse_edtf(value) if isinstance(value, str) else None
    except PartialDateError:
        return None


def _walk(fields: tuple[Field, ...], prefix: str = "") -> Iterator[tuple[str, Field]]:
    for field in fields:
        if field.kind is Kind.ITEMS:
            yield from _walk(field.fields, f"{field.name}.")
        else:
            yield prefix + field.name, field


def _parts(type_name: str, values: Mapping[str, Json]) -> Iterator[tuple[str, Field, Json]]:
    """Yield dotted name, declaration and value of every declared field that the record has."""
    declared = record_type(type_name)
    for field in declared.fields if declared else ():
        value = values.get(field.name)
        if field.kind is not Kind.ITEMS:
            if value is not None:
                yield field.name, field, value
            continue
        for item in value if isinstance(value, list) else []:
            if isinstance(item, dict):
                for part in field.fields:
                    if item.get(part.name) is not None:
                        yield f"{field.name}.{part.name}", part, item[part.name]
