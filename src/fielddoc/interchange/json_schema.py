"""JSON Schema of the records, made from the declarations, so that others can read them.

JSON Schema draft 2020-12. It describes values as they should be; a record may hold other ones,
because what a person typed is never refused.
"""

from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.vocabularies import vocabulary

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_ID: dict[str, Json] = {"type": "string", "pattern": _UUID}


def record_schema() -> dict[str, Json]:
    """Return the schema of `{"type", "id", "values"}` objects."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fielddoc record",
        "oneOf": [type_schema(declared) for declared in RECORD_TYPES],
    }


def type_schema(declared: RecordType) -> dict[str, Json]:
    """Return the schema of records of one type."""
    return {
        "title": declared.label,
        "type": "object",
        "required": ["type", "values"],
        "properties": {
            "type": {"const": declared.name},
            "id": {"type": "string", "pattern": _UUID},
            "values": _object(declared.fields),
        },
    }


def revision_schema() -> dict[str, Json]:
    """Return the schema of a line of records.jsonl, with the record schema inside."""
    hash_ = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fielddoc revision",
        "description": "What one save changed. `set` maps a field, `field/item` or"
        " `field/item/part` to its value; null removes. See docs/bundle-format.md.",
        "type": "object",
        "required": ["v", "record", "type", "parents", "set", "clock", "salt"],
        "properties": {
            "v": {"type": "integer", "minimum": 1},
            "record": {"type": "string", "pattern": _UUID},
            "type": {"type": "string"},
            "parents": {"type": "array", "items": dict(hash_)},
            "set": {"type": "object", "minProperties": 1},
            "clock": {"type": "array", "items": {"type": "integer"}},
            "device": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "derived": {"const": True},
            "salt": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        },
        "$defs": {"record": record_schema()},
    }


def _object(fields: tuple[Field, ...]) -> dict[str, Json]:
    return {"type": "object", "properties": {field.name: _field(field) for field in fields}}


def _field(field: Field) -> dict[str, Json]:  # noqa: C901 - one branch a kind
    schema: dict[str, Json] = {"title": field.label}
    if field.help:
        schema["description"] = field.help
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            schema["type"] = "string"
        case Kind.TEXTS:
            schema |= {"type": "array", "items": {"type": "string"}}
        case Kind.DATE:
            schema |= {"type": "string", "maxLength": 64, "format": "edtf"}
        case Kind.FLAG:
            schema["type"] = "boolean"
        case Kind.NUMBER:
            schema |= {"type": "string", "pattern": "^-?[0-9]{1,30}([.][0-9]{1,30})?$"}
        case Kind.INTEGER:
            schema["type"] = "integer"
        case Kind.TERM:
            schema["oneOf"] = _terms(field.vocabulary)
        case Kind.TERMS:
            schema |= {"type": "array", "items": {"oneOf": _terms(field.vocabulary)}}
        case Kind.LINK:
            schema |= dict(_ID)
        case Kind.LINKS:
            schema |= {"type": "array", "items": {"type": "string", "pattern": _UUID}}
        case Kind.ITEMS:
            item = _object(field.fields)
            schema |= {"type": "array", "items": item}
        case Kind.SEALED:
            schema |= _object(field.fields)
        case Kind.OWN:
            schema |= _own_values()
        case _:
            assert_never(field.kind)
    return schema


def _own_values() -> dict[str, Json]:
    """Return the schema of values whose declarations are records themselves."""
    parts: dict[str, Json] = {"id": dict(_ID), "value": {}}
    return {"type": "array", "items": {"type": "object", "properties": parts}}


def _terms(name: str) -> list[Json]:
    """Return one schema a code; `x-huridocs` is the number of the nearest HURIDOCS term, if any."""
    terms: list[Json] = []
    for term in vocabulary(name).terms:
        schema: dict[str, Json] = {"const": term.code, "title": term.en}
        if term.huridocs:
            schema["x-huridocs"] = term.huridocs
        terms.append(schema)
    return terms
