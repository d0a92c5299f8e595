"""A record as lines of text for a person, in the words of the form."""

from collections.abc import Callable, Iterable, Mapping
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.own_fields import OwnField, own_parts, with_own_fields
from fielddoc.domain.partial_date import PartialDateError, describe, parse_edtf
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, language_of_system, translate

TitleOf = Callable[[str], str]
"""Answers with the words by which a person knows the record of an id; empty if it is not here."""


def record_lines(
    type_name: str, values: Mapping[str, Json], title_of: TitleOf, own: Iterable[OwnField] = ()
) -> list[str]:
    """Return the lines of a record's values, each set in by two blanks."""
    known = record_type(type_name)
    declared = with_own_fields(known, own) if known else None
    return _fields(declared.fields if declared else (), values, title_of, "  ")


def _fields(
    fields: tuple[Field, ...], values: Mapping[str, Json], title_of: TitleOf, indent: str
) -> list[str]:
    lines: list[str] = []
    for field in fields:
        value = values.get(field.name)
        if value in (None, "", [], False):
            continue
        label = translate(field.label)
        if field.kind is Kind.ITEMS and isinstance(value, list):
            lines.append(f"{indent}{label}:")
            for item in value:
                parts = item if isinstance(item, dict) else {"?": item}
                inner = _fields(field.fields, parts, title_of, indent + "    ")
                lines += [f"{indent}  - {inner[0].strip()}", *inner[1:]] if inner else []
        elif field.kind is Kind.OWN and isinstance(value, list):
            for part, inner_value in own_parts(field, value):
                label = visible(translate(part.label))
                lines.append(f"{indent}{label}: {_value(part, inner_value, title_of, indent)}")
        elif field.kind is Kind.SEALED and isinstance(value, dict) and "sealed" not in value:
            lines.append(f"{indent}{label}:")
            lines += _fields(field.fields, value, title_of, indent + "  ")
        else:
            lines.append(f"{indent}{label}: {_value(field, value, title_of, indent)}")
    known = {field.name for field in fields} | {"id"}
    lines += [
        f"{indent}{visible(name)}: {_plain(value, indent)}"
        for name, value in values.items()
        if name not in known
    ]
    return lines


def _value(field: Field, value: Json, title_of: TitleOf, indent: str) -> str:
    parts = value if isinstance(value, list) else [value]
    match field.kind:
        case Kind.TERM | Kind.TERMS:
            terms = vocabulary(field.vocabulary)
            language = language_of_system()
            return "; ".join(visible(terms.label(str(part), language)) for part in parts)
        case Kind.LINK | Kind.LINKS:
            return "; ".join(_link(str(part), title_of) for part in parts)
        case Kind.DATE:
            return _date(value)
        case Kind.FLAG:
            return translate(N_("yes")) if value is True else _plain(value, indent)
        case Kind.SEALED:
            return translate(N_("sealed"))
        case Kind.TEXTS:
            return "; ".join(_plain(part, indent) for part in parts)
        case Kind.TEXT | Kind.LONG_TEXT | Kind.NUMBER | Kind.INTEGER | Kind.ITEMS | Kind.OWN:
            return _plain(value, indent)
        case _:
            assert_never(field.kind)


def _date(value: Json) -> str:
    text = str(value)
    try:
        return f"{describe(parse_edtf(text), language_of_system())} ({visible(text)})"
    except PartialDateError:
        return visible(text)


def _link(target: str, title_of: TitleOf) -> str:
    title = title_of(target)
    return f"{visible(title)} ({visible(target)})" if title else visible(target)


def _plain(value: Json, indent: str) -> str:
    """Return a text with its own lines kept, set in, and everything hidden written out."""
    return f"\n{indent}    ".join(visible(line) for line in str(value).split("\n"))
