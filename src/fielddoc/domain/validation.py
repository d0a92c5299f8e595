"""What is missing or wrong in a record, as data.

Nothing is refused and nothing is changed: a record can always be saved, and what was typed stays
as it was typed, with its problem shown beside it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.own_fields import own_parts
from fielddoc.domain.partial_date import PartialDate, PartialDateError, parse_edtf
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, translate


class Fault(Enum):
    """What can be wrong with a value."""

    MISSING = N_("This is still to be filled in.")
    NOT_TEXT = N_("This should be text.")
    NOT_A_LIST = N_("This should be a list.")
    NOT_AN_OBJECT = N_("This should be an object with named parts.")
    NOT_A_FLAG = N_("This should be true or false.")
    NOT_A_NUMBER = N_("This should be a number in digits.")
    NOT_A_DATE = N_("This date could not be understood.")
    NOT_A_TERM = N_("This is not a term of the list.")
    NOT_A_CHOICE = N_("This is none of the choices of this field.")
    NOT_A_RECORD_ID = N_("This is not the id of a record.")
    LINKS_NOWHERE = N_("The record that this points to is not in the vault.")
    WRONG_TYPE_OF_RECORD = N_("This points to a record of another type.")
    KNOWN_TOO_EARLY = N_("It became known before it happened.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one value."""

    path: str
    """Field name, item number and part: `entries.2.date`; items count from 1."""
    fault: Fault

    def sentence(self, language: str | None = None) -> str:
        """Return the fault in the person's language."""
        return translate(self.fault.value, language)


_DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")

TypeOf = Callable[[str], str | None]
"""Answers with the type of the record of an id, or None if there is none."""


def check(
    declared: RecordType, values: Mapping[str, Json], type_of: TypeOf | None = None
) -> tuple[Problem, ...]:
    """Return every problem of `values`, in form order.

    Args:
        declared: the record type.
        values: field name to value, as `fielddoc.domain.merge.State.values` has it.
        type_of: looks up linked records; without it links are checked for their form only.
    """
    return tuple(_check_fields(declared.fields, values, "", type_of))


def _check_fields(
    fields: tuple[Field, ...], values: Mapping[str, Json], prefix: str, type_of: TypeOf | None
) -> list[Problem]:
    problems: list[Problem] = []
    for field in fields:
        value = values.get(field.name)
        path = prefix + field.name
        if value in (None, "", []):
            if field.needed:
                problems.append(Problem(path, Fault.MISSING))
            continue
        problems.extend(_check_value(field, value, path, type_of))
    happened, known = _date(values.get("date")), _date(values.get("known"))
    if happened and known and happened.earliest and known.latest:  # noqa: SIM102
        if known.latest < happened.earliest:
            problems.append(Problem(f"{prefix}known", Fault.KNOWN_TOO_EARLY))
    return problems


def _check_value(field: Field, value: Json, path: str, type_of: TypeOf | None) -> list[Problem]:
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            fault = _text_fault(value) or _choice_fault(field, value)
            return [Problem(path, fault)] if fault else []
        case Kind.TEXTS:
            return _each(value, path, _text_fault)
        case Kind.DATE:
            return [] if _date(value) else [Problem(path, Fault.NOT_A_DATE)]
        case Kind.FLAG:
            return [] if isinstance(value, bool) else [Problem(path, Fault.NOT_A_FLAG)]
        case Kind.NUMBER:
            right = isinstance(value, str) and _DECIMAL.fullmatch(value) is not None
            return [] if right else [Problem(path, Fault.NOT_A_NUMBER)]
        case Kind.INTEGER:
            right = isinstance(value, int) and not isinstance(value, bool)
            return [] if right else [Problem(path, Fault.NOT_A_NUMBER)]
        case Kind.TERM:
            fault = _term_fault(field, value)
            return [Problem(path, fault)] if fault else []
        case Kind.TERMS:
            return _each(value, path, lambda part: _term_fault(field, part))
        case Kind.LINK:
            fault = _link_fault(field, value, type_of)
            return [Problem(path, fault)] if fault else []
        case Kind.LINKS:
            return _each(value, path, lambda part: _link_fault(field, part, type_of))
        case Kind.ITEMS | Kind.OWN:
            return _check_parts(field, value, path, type_of)
        case Kind.SEALED:
            return []  # what is sealed is checked where it is typed, never here
        case _:
            assert_never(field.kind)


def _check_parts(field: Field, value: Json, path: str, type_of: TypeOf | None) -> list[Problem]:
    if not isinstance(value, list):
        return [Problem(path, Fault.NOT_A_LIST)]
    problems: list[Problem] = []
    if field.kind is Kind.OWN:
        for part, inner in own_parts(field, value):
            if part in field.fields:  # what is declared nowhere may be anything
                problems += _check_value(part, inner, f"{path}.{part.name}", type_of)
        return problems
    for number, item in enumerate(value, 1):
        if isinstance(item, dict):
            problems += _check_fields(field.fields, item, f"{path}.{number}.", type_of)
        else:
            problems.append(Problem(f"{path}.{number}", Fault.NOT_AN_OBJECT))
    return problems


def _each(value: Json, path: str, fault_of: Callable[[Json], Fault | None]) -> list[Problem]:
    if not isinstance(value, list):
        return [Problem(path, Fault.NOT_A_LIST)]
    faults = ((number, fault_of(part)) for number, part in enumerate(value, 1))
    return [Problem(f"{path}.{number}", fault) for number, fault in faults if fault]


def _text_fault(value: Json) -> Fault | None:
    return None if isinstance(value, str) else Fault.NOT_TEXT


def _choice_fault(field: Field, value: Json) -> Fault | None:
    return Fault.NOT_A_CHOICE if field.choices and value not in field.choices else None


def _term_fault(field: Field, value: Json) -> Fault | None:
    codes = {term.code for term in vocabulary(field.vocabulary).terms}
    return None if isinstance(value, str) and value in codes else Fault.NOT_A_TERM


def _link_fault(field: Field, value: Json, type_of: TypeOf | None) -> Fault | None:
    if not isinstance(value, str) or not is_record_id(value):
        return Fault.NOT_A_RECORD_ID
    if type_of is None:
        return None
    found = type_of(value)
    if found is None:
        return Fault.LINKS_NOWHERE
    if field.targets and found not in field.targets:
        return Fault.WRONG_TYPE_OF_RECORD
    return None


def _date(value: Json) -> PartialDate | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_edtf(value)
    except PartialDateError:
        return None
