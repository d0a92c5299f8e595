"""The page in a bundle that a person reads: all of it, no script, nothing from elsewhere."""

import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.own_fields import own_field, own_parts, with_own_fields
from fielddoc.domain.partial_date import PartialDateError, describe, parse_edtf
from fielddoc.domain.record_types import OWN_FIELD, record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.titles import NO_TITLE, title_of
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, translate

TITLE = N_("Records from fielddoc")
NOT_IN_BUNDLE = N_("a record that is not in this bundle")

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.5em}h2{font-size:1.15em;border-top:1px solid #bbb;"
    "padding-top:1em}dl{display:grid;grid-template-columns:14em 1fr;gap:.2em 1em}dt{color:#555}"
    "dd{margin:0;white-space:pre-wrap}section section{margin:.5em 0;padding:.5em 1em;"
    "background:#f4f4f2}small{color:#555}"
)
# Even if a text slipped through the escaping, a reader that knows the rule would run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class ReadableRecord:
    """One record as the page shows it."""

    id: str
    type: str
    values: Mapping[str, Json]


def page(records: Callable[[], Iterable[ReadableRecord]], language: str) -> Iterator[bytes]:
    """Yield the page in pieces, the same each time.

    Args:
        records: gives all records anew at each call; they are gone through twice, for the titles
            of what is linked and for the page itself.
        language: of labels and dates.
    """
    own = [
        found
        for r in records()
        if r.type == OWN_FIELD.name and (found := own_field(r.id, r.values)) is not None
    ]
    titles = {r.id: title_of(r.type, r.values, language) for r in records()}
    title = html.escape(translate(TITLE, language))
    yield (
        f'<!doctype html><html lang="{language.replace("_", "-")}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>\n"
    ).encode()
    for record in records():
        known = record_type(record.type)
        declared = with_own_fields(known, own) if known else None
        label = translate(declared.label, language) if declared else record.type
        heading = titles[record.id] or translate(NO_TITLE, language)
        yield f'<section id="r-{record.id}"><h2>{_text(heading)} <small>{_text(label)}</small></h2>'.encode()
        fields = declared.fields if declared else ()
        yield _fields(fields, record.values, titles, language).encode()
        yield b"</section>\n"
    yield b"</body></html>\n"


def _fields(
    fields: tuple[Field, ...], values: Mapping[str, Json], titles: Mapping[str, str], language: str
) -> str:
    rows: list[str] = []
    groups: list[str] = []
    for field in fields:
        value = values.get(field.name)
        if value in (None, "", [], False):
            continue
        label = _text(translate(field.label, language))
        if field.kind is Kind.ITEMS and isinstance(value, list):
            groups.append(f"<h3>{label}</h3>")
            groups += [
                f"<section>{_fields(field.fields, item, titles, language)}</section>"
                for item in value
                if isinstance(item, dict)
            ]
        elif field.kind is Kind.OWN:
            rows += [
                f"<dt>{_text(translate(part.label, language))}</dt>"
                f"<dd>{_value(part, inner, titles, language)}</dd>"
                for part, inner in own_parts(field, value)
            ]
        else:
            rows.append(f"<dt>{label}</dt><dd>{_value(field, value, titles, language)}</dd>")
    known = {field.name for field in fields} | {"id"}
    rows += [
        f"<dt>{_text(name)}</dt><dd>{_text(str(value))}</dd>"
        for name, value in values.items()
        if name not in known
    ]
    table = f"<dl>{''.join(rows)}</dl>" if rows else ""
    return table + "".join(groups)


def _value(field: Field, value: Json, titles: Mapping[str, str], language: str) -> str:
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT | Kind.NUMBER | Kind.INTEGER | Kind.ITEMS | Kind.SEALED:
            return _text(value if isinstance(value, str) else str(value))
        case Kind.OWN:
            return _text(str(value))
        case Kind.TEXTS:
            return "<br>".join(_text(str(part)) for part in _list(value))
        case Kind.FLAG:
            return "✓"
        case Kind.DATE:
            return _date(value, language)
        case Kind.TERM | Kind.TERMS:
            terms = vocabulary(field.vocabulary)
            return "<br>".join(_text(terms.label(str(code), language)) for code in _list(value))
        case Kind.LINK | Kind.LINKS:
            return "<br>".join(_link(str(target), titles, language) for target in _list(value))
        case _:
            assert_never(field.kind)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _link(target: str, titles: Mapping[str, str], language: str) -> str:
    if target not in titles:
        return f"<small>{_text(translate(NOT_IN_BUNDLE, language))}</small>"
    return f'<a href="#r-{html.escape(target)}">{_text(titles[target] or target)}</a>'


def _date(value: Json, language: str) -> str:
    text = value if isinstance(value, str) else str(value)
    try:
        words = describe(parse_edtf(text), language)
    except PartialDateError:
        return _text(text)
    return f"{_text(words)} <small>{_text(text)}</small>"


def _text(text: str) -> str:
    """Return text with its direction kept to itself and every hidden character shown."""
    lines = (html.escape(visible(line)) for line in text.split("\n"))
    return f'<bdi dir="auto">{"<br>".join(lines)}</bdi>'
