"""A record as a partner may get it who need not know everything: coarser dates, no real names.

Works on values before a revision is derived from them, so that page, leak scan and revision all
speak of the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from fielddoc.domain.canonical import Json
from fielddoc.domain.merge import State
from fielddoc.domain.partial_date import PartialDateError, Precision, parse_edtf
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Field, Kind

PSEUDONYM = "pseudonym"
"""The kind of name, in the vocabulary `name-kinds`, under which a person may go."""
_WORDS, _INFERRED = "_words", "_inferred"


class DatePrecision(StrEnum):
    """How exact dates may leave."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


def coarser(state: State, *, dates: DatePrecision, pseudonyms: bool) -> State:
    """Return the record with its values as they may leave.

    Args:
        state: the record as it is shown.
        dates: no date leaves finer than this. What is no date, and the words in which one was
            told, stay behind where dates are made coarser, since both may say the day.
        pseudonyms: whether people go under their pseudonyms: of names only these leave, and nothing
            else that points at a person.
    """
    declared = record_type(state.type)
    fields = declared.fields if declared else ()
    values = _reduced(fields, state.values, dates=dates, pseudonyms=pseudonyms)
    return replace(state, values=values)


def coarser_date(edtf: str, precision: DatePrecision) -> str | None:
    """Return a date no finer than `precision`, or None if `edtf` is no date.

    An interval keeps its ends, each made coarser; so it never becomes shorter than it was.
    """
    try:
        date = parse_edtf(edtf)
    except PartialDateError:
        return None
    if date.precision is Precision.INTERVAL:
        first, last = edtf.split("/")
        ends = (_cut(first, precision)[0], _cut(last, precision)[-1])
    else:
        made = _cut(edtf, precision)
        ends = (made[0], made[-1])
    return ends[0] if ends[0] == ends[1] else "/".join(ends)


def _cut(edtf: str, precision: DatePrecision) -> list[str]:
    """Return one coarser date, or two where it reaches over the end of a year, as winters do."""
    if edtf in ("", ".."):
        return [edtf]
    date = parse_edtf(edtf)
    mark = edtf[len(edtf.rstrip("~?%")) :]
    match precision, date.precision:
        case (DatePrecision.MONTH, Precision.DAY):
            return [edtf[:7] + mark]
        case (DatePrecision.YEAR, Precision.DAY | Precision.MONTH | Precision.SEASON):
            days = [day for day in (date.earliest, date.latest) if day is not None]
            return [f"{day.year:04}{mark}" for day in days]
        case _:
            return [edtf]


def _reduced(
    fields: tuple[Field, ...],
    values: Mapping[str, Json],
    *,
    dates: DatePrecision,
    pseudonyms: bool,
) -> dict[str, Json]:
    result = dict(values)
    for part in fields:
        value = values.get(part.name)
        if value is None:
            continue
        if pseudonyms and part.identifies:
            del result[part.name]
        elif part.kind is Kind.DATE and dates is not DatePrecision.DAY:
            reduced = coarser_date(value, dates) if isinstance(value, str) else None
            if reduced is None:
                del result[part.name]
                result.pop(f"{part.name}{_INFERRED}", None)
            else:
                result[part.name] = reduced
            if reduced != value:
                result.pop(f"{part.name}{_WORDS}", None)
        elif part.kind is Kind.ITEMS and isinstance(value, list):
            result[part.name] = [
                _item(part, item, dates=dates, pseudonyms=pseudonyms)
                for item in value
                if isinstance(item, dict)
            ]
    return result


def _item(
    part: Field, item: Mapping[str, Json], *, dates: DatePrecision, pseudonyms: bool
) -> dict[str, Json]:
    may_name = pseudonyms and item.get("kind") == PSEUDONYM
    return _reduced(part.fields, item, dates=dates, pseudonyms=pseudonyms and not may_name)
