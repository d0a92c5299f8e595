"""JSONL: one record a line as `{"v":1,"id":…,"type":…,"values":{…}}`, with its JSON Schema.

Beside each date stand the first and the last day that it may mean, as `date_earliest` and
`date_latest`; they are made anew from the date and passed over when a line is read.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn

from fielddoc.domain.canonical import Json, NotCanonicalError, check_value
from fielddoc.domain.record_types import OWN_FIELD, RECORD_TYPES, record_type
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field, Kind
from fielddoc.i18n import N_
from fielddoc.interchange.flat import BadRow, OpenRecord, span
from fielddoc.interchange.json_schema import record_schema, type_schema

VERSION = 1
MAXIMUM_FILE_BYTES = 256 * 1024 * 1024
MAXIMUM_LINE_BYTES = 16 * 1024 * 1024
MAXIMUM_LINES = 1_000_000


def json_line(record: OpenRecord) -> bytes:
    """Return the line of a record."""
    declared = record_type(record.type)
    fields = declared.fields if declared else ()
    value: Json = {
        "v": VERSION,
        "id": record.id,
        "type": record.type,
        "values": with_spans(fields, record.values),
    }
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8") + b"\n"


def with_spans(fields: tuple[Field, ...], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return values with the first and last day beside each date."""
    result: dict[str, Json] = {}
    known = {part.name: part for part in fields}
    for name, value in values.items():
        part = known.get(name)
        result[name] = value
        if part is not None and part.kind is Kind.DATE and (found := span(value)) is not None:
            for ending, day in (("earliest", found.earliest), ("latest", found.latest)):
                result[f"{name}_{ending}"] = day.isoformat() if day else None
        elif part is not None and part.kind is Kind.ITEMS and isinstance(value, list):
            result[name] = [
                with_spans(part.fields, item) if isinstance(item, dict) else item for item in value
            ]
    return result


def without_spans(fields: tuple[Field, ...], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return values as `with_spans` was given them."""
    made = {
        f"{part.name}_{ending}"
        for part in fields
        if part.kind is Kind.DATE
        for ending in ("earliest", "latest")
    }
    lists = {part.name: part.fields for part in fields if part.kind is Kind.ITEMS}
    return {
        name: [
            without_spans(lists[name], item) if isinstance(item, dict) else item for item in value
        ]
        if name in lists and isinstance(value, list)
        else value
        for name, value in values.items()
        if name not in made
    }


def line_schema() -> dict[str, Json]:
    """Return the JSON Schema (2020-12) of a line."""
    schema = record_schema()
    kinds = schema["oneOf"]
    assert isinstance(kinds, list)
    kinds.append(type_schema(OWN_FIELD))
    for declared, kind in zip((*RECORD_TYPES, OWN_FIELD), kinds, strict=True):
        assert isinstance(kind, dict)
        kind["required"] = ["v", "id", "type", "values"]
        properties = kind["properties"]
        assert isinstance(properties, dict)
        properties["v"] = {"const": VERSION}
        _add_spans(declared.fields, properties["values"])
    schema["title"] = "a line of records.jsonl"
    return schema


def _add_spans(fields: tuple[Field, ...], schema: Json) -> None:
    assert isinstance(schema, dict)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    for part in fields:
        if part.kind is Kind.DATE:
            for ending in ("earliest", "latest"):
                properties[f"{part.name}_{ending}"] = {
                    "type": ["string", "null"],
                    "format": "date",
                    "description": f"The {ending} day that {part.name} may mean; null if open.",
                }
        elif part.kind is Kind.ITEMS:
            inner = properties[part.name]
            assert isinstance(inner, dict)
            _add_spans(part.fields, inner["items"])


def read_jsonl(lines: Iterable[bytes], file: str) -> Iterator[OpenRecord | BadRow]:
    """Yield the record of each line, or why it was not taken; blank lines are passed over.

    Args:
        lines: each at most a byte longer than `MAXIMUM_LINE_BYTES`.
        file: how the file is called in what is told of its lines.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if number > MAXIMUM_LINES:
            yield BadRow(
                file, number, N_("there are more than {count} lines"), (("count", MAXIMUM_LINES),)
            )
            return
        yield _read_line(line, file, number)


def _read_line(line: bytes, file: str, number: int) -> OpenRecord | BadRow:
    if len(line) > MAXIMUM_LINE_BYTES:
        return BadRow(file, number, N_("the line is too long"))
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        value: Json = json.loads(
            text, parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_unique
        )
        check_value(value)
    except (ValueError, RecursionError, NotCanonicalError):
        return BadRow(file, number, N_("the line is not JSON of the allowed kind"))
    if not isinstance(value, dict):
        return BadRow(file, number, N_("the line is not an object"))
    version, identity, type_name = value.get("v"), value.get("id"), value.get("type")
    values = value.get("values")
    if type(version) is not int or version != VERSION:
        return BadRow(file, number, N_("the line has no version that this program knows"))
    if identity is not None and not (isinstance(identity, str) and is_record_id(identity)):
        return BadRow(file, number, N_("the id has another form than fielddoc's"))
    if not isinstance(type_name, str) or not isinstance(values, dict):
        return BadRow(file, number, N_("the line needs a type and values"))
    declared = record_type(type_name)
    if declared is None:
        return BadRow(file, number, N_("this version does not know the type of the record"))
    kept = without_spans(declared.fields, values)
    return OpenRecord(identity, type_name, kept, ((file, number),))


def _refuse(_: str) -> NoReturn:
    raise ValueError("a number with a fraction")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members
