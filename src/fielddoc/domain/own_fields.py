"""Fields of a person's own: declared in records of type `custom-field`, filled in any other record.

A declaration is a record like any other, so it travels in bundles, and of two that differ the one
holds that the rules of merging choose. A value is an item of the field `custom` whose id is the
id of its declaration (docs/decisions/0001-formats.md, "Custom fields").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import OWN_FIELDS, RECORD_TYPES
from fielddoc.domain.schema import Field, Kind, RecordType

VALUE = "value"
"""The one part of an item of `custom`."""


class OwnKind(Enum):
    """What a field of one's own can hold; the codes of the vocabulary `own-field-kinds`."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    DATE = "date"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnField:
    """One declaration, as it stands now."""

    id: str
    applies_to: tuple[str, ...]
    kind: OwnKind
    label: str
    help: str = ""
    choices: tuple[str, ...] = ()

    def as_field(self) -> Field:
        """Return it as forms and checks know fields; its name is the declaration's id."""
        return Field(
            name=self.id,
            kind=_kind(self.kind),
            label=self.label,
            help=self.help,
            choices=self.choices if self.kind is OwnKind.CHOICE else (),
        )


def own_field(record: str, values: Mapping[str, Json]) -> OwnField | None:
    """Return what a `custom-field` record declares; None if it is not filled in far enough."""
    label, kind = values.get("label"), values.get("kind")
    known = {declared.name for declared in RECORD_TYPES}
    applies_to = tuple(name for name in _texts(values.get("applies_to")) if name in known)
    if not isinstance(label, str) or not label.strip() or not applies_to:
        return None
    if not isinstance(kind, str) or kind not in {each.value for each in OwnKind}:
        return None
    help_ = values.get("help")
    return OwnField(
        id=record,
        applies_to=applies_to,
        kind=OwnKind(kind),
        label=label.strip(),
        help=help_ if isinstance(help_, str) else "",
        choices=_texts(values.get("vocabulary")),
    )


def with_own_fields(declared: RecordType, own: Iterable[OwnField]) -> RecordType:
    """Return a record type that knows which fields of one's own its records may have."""
    fields = tuple(each.as_field() for each in own if declared.name in each.applies_to)
    if not fields:
        return declared
    return replace(
        declared,
        fields=tuple(
            replace(field, fields=fields) if field.kind is Kind.OWN else field
            for field in declared.fields
        ),
    )


def own_parts(field: Field, value: Json) -> list[tuple[Field, Json]]:
    """Return each value of `custom` with its declaration, in the order of the declarations.

    A value whose declaration is not here stands last, under its id.
    """
    given = {
        str(item["id"]): item.get(VALUE)
        for item in (value if isinstance(value, list) else [])
        if isinstance(item, dict) and "id" in item
    }
    known = [(each, given[each.name]) for each in field.fields if each.name in given]
    names = {each.name for each in field.fields}
    rest = [
        (Field(name=name, kind=Kind.LONG_TEXT, label=OWN_FIELDS.label), part)
        for name, part in given.items()
        if name not in names
    ]
    return [(each, part) for each, part in [*known, *rest] if part not in (None, "", [], False)]


def _kind(kind: OwnKind) -> Kind:
    match kind:
        case OwnKind.TEXT | OwnKind.CHOICE:
            return Kind.TEXT
        case OwnKind.LONG_TEXT:
            return Kind.LONG_TEXT
        case OwnKind.DATE:
            return Kind.DATE
        case OwnKind.NUMBER:
            return Kind.NUMBER
        case OwnKind.FLAG:
            return Kind.FLAG
        case _:
            assert_never(kind)


def _texts(value: Json) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else []
    return tuple(part for part in parts if isinstance(part, str) and part.strip())
