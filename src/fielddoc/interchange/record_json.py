"""Records as JSON objects: what `add` takes and what `show --json` and `list --json` give.

`{"id": …, "type": "incident", "values": {"title": …, "date": "2022-08", …}}`, see
docs/record-types.md. Plain ways of writing a date ("Aug 2022", "2022年8月") become EDTF here, at
the border; the words as typed are kept beside it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import PartialDateError, parse_edtf, parse_typed
from fielddoc.domain.record_types import record_type
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field, Kind
from fielddoc.errors import InputNotJsonError, InputRefusedError
from fielddoc.i18n import N_

MAXIMUM_BYTES = 256 * 1024 * 1024
# What `show` adds for the reader, and `add` passes over.
_SHOWN_ONLY = ("deleted", "conflicts", "problems")


@dataclass(frozen=True, slots=True)
class GivenRecord:
    """A record as somebody wants it."""

    id: str | None
    type: str
    values: dict[str, Json]


def read_records(text: str) -> list[GivenRecord]:
    """Return the records in `text`: one JSON object or a list of them.

    Raises:
        InputNotJsonError: it is not JSON.
        InputRefusedError: it is JSON of another form.
    """
    try:
        value: Json = json.loads(
            text, parse_float=_refuse_fraction, object_pairs_hook=_unique_members
        )
    except json.JSONDecodeError as error:
        raise InputNotJsonError(line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise InputRefusedError(reason=N_("it is nested too deeply")) from error
    objects = value if isinstance(value, list) else [value]
    return [_read_record(part, number) for number, part in enumerate(objects, 1)]


def _read_record(value: Json, number: int) -> GivenRecord:
    if not isinstance(value, dict):
        raise InputRefusedError(reason=N_("record {number} is not an object"), number=number)
    strange = [name for name in value if name not in ("id", "type", "values", *_SHOWN_ONLY)]
    if strange:
        raise InputRefusedError(
            reason=N_("record {number} has '{name}' outside; put fields into \"values\""),
            number=number,
            name=strange[0],
        )
    type_name, values, identity = value.get("type"), value.get("values"), value.get("id")
    if not isinstance(type_name, str) or not isinstance(values, dict):
        raise InputRefusedError(
            reason=N_('record {number} needs "type" (text) and "values" (an object)'), number=number
        )
    if identity is not None and not (isinstance(identity, str) and is_record_id(identity)):
        raise InputRefusedError(
            reason=N_("record {number} has an id of another form than fielddoc's"), number=number
        )
    declared = record_type(type_name)
    fields = declared.fields if declared else ()
    return GivenRecord(identity, type_name, with_dates_understood(fields, values))


def with_dates_understood(fields: tuple[Field, ...], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return `values` with dates typed in plain ways as EDTF, the typed words beside them.

    A date that cannot be understood stays as it was typed; validation shows its problem.
    """
    result = dict(values)
    for field in fields:
        value = values.get(field.name)
        if field.kind is Kind.DATE and isinstance(value, str):
            understood = _understood(value)
            if understood is not None and understood != value:
                result[field.name] = understood
                words = f"{field.name}_words"
                if any(other.name == words for other in fields) and not values.get(words):
                    result[words] = value
        elif field.kind is Kind.ITEMS and isinstance(value, list):
            result[field.name] = [
                with_dates_understood(field.fields, item) if isinstance(item, dict) else item
                for item in value
            ]
    return result


def _understood(text: str) -> str | None:
    try:
        return parse_edtf(text).edtf
    except PartialDateError:
        pass
    try:
        return parse_typed(text).edtf
    except PartialDateError:
        return None


def _refuse_fraction(text: str) -> NoReturn:
    raise InputRefusedError(
        reason=N_("put the number {number} in quotes, so that no digit is lost"), number=text
    )


def _unique_members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InputRefusedError(reason=N_("an object has the same name twice"))
    return members
