"""Where a query's words stand in a record, and a line of text around the first of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from fielddoc.domain import query as queries
from fielddoc.domain.canonical import Json
from fielddoc.domain.facets import TextFacet, text_facet
from fielddoc.domain.folding import Span, spans
from fielddoc.domain.query import Query
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Field, Kind

_BEFORE, _AROUND = 12, 90


@dataclass(frozen=True, slots=True)
class Match:
    """A hit: `title`, `names/<item>/text` or `organisations/0`, and where in that text."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a text around its first hit, on one line, and what is to be marked in it."""

    label: str
    """Of the field, to be translated; empty for a field that this version does not know."""
    text: str
    marks: tuple[Span, ...]


def matches(type_name: str, values: Mapping[str, Json], query: Query) -> tuple[Match, ...]:
    """Return every place in a record's texts where something stands that was sought.

    Terms are found by their words in every language, and a record that links to a person by that
    person's name; neither is a place in a text of this record.
    """
    return tuple(
        Match(path, span)
        for path, field, text in _texts(type_name, values)
        for span in spans(text, sought(query, _facet(path, field)))
    )


def excerpts(
    type_name: str, values: Mapping[str, Json], query: Query, *, most: int
) -> tuple[Excerpt, ...]:
    """Return pieces of up to `most` texts that hold what was sought, names left out."""
    found: list[Excerpt] = []
    if not query.words:
        return ()
    for path, field, text in _texts(type_name, values):
        facet = _facet(path, field)
        marks = () if facet is TextFacet.NAME else spans(text, sought(query, facet))
        if marks:
            found.append(_excerpt(field.label if field else "", text, marks))
            if len(found) == most:
                break
    return tuple(found)


def sought(query: Query, facet: TextFacet | None) -> tuple[str, ...]:
    """Return the folded words that a query looks for in texts of a facet, or of none."""
    found: list[str] = []
    for clause in query.clauses:
        if clause.is_negated:
            continue
        match clause.condition:
            case queries.Words(text):
                found.append(text)
            case queries.InText(asked, texts):
                found.extend(texts if asked is facet else ())
            case queries.LinkedTo(_, texts):
                found.extend(texts if facet is TextFacet.NAME else ())
            case queries.OfTerm() | queries.OnDays() | queries.WithinDays() | queries.Overdue():
                pass
            case _:
                assert_never(clause.condition)
    return tuple(dict.fromkeys(found))


def _excerpt(label: str, text: str, marks: tuple[Span, ...]) -> Excerpt:
    """Cut `text` around its first mark; every blank and line end becomes one blank."""
    first = marks[0]
    start = 0 if first.start <= 2 * _BEFORE else first.start - _BEFORE
    end = min(len(text), max(first.end, start + _AROUND))
    piece = "".join(" " if c.isspace() else c for c in text[start:end])
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    return Excerpt(
        label,
        before + piece + after,
        tuple(Span(m.start + shift, min(m.end, end) + shift) for m in marks if m.start < end),
    )


def _facet(path: str, field: Field | None) -> TextFacet | None:
    if field is None:
        return None
    parts = path.split("/")
    return text_facet(".".join((parts[0], parts[2])) if len(parts) == 3 else parts[0], field)


def _texts(type_name: str, values: Mapping[str, Json]) -> Iterator[tuple[str, Field | None, str]]:
    """Yield path, declaration and text of all that search reads as it was typed."""
    declared = record_type(type_name)
    fields = {field.name: field for field in declared.fields} if declared else {}
    for name, value in values.items():
        field = fields.get(name)
        if field is not None and field.kind in (Kind.ITEMS, Kind.OWN):
            parts = {part.name: part for part in field.fields}
            for item in value if isinstance(value, list) else []:
                if isinstance(item, dict):
                    for part, inner in item.items():
                        if part != "id":
                            path = f"{name}/{item.get('id', '')}/{part}"
                            yield from _of_value(path, parts.get(part), inner)
        else:
            yield from _of_value(name, field, value)


def _of_value(
    path: str, field: Field | None, value: Json
) -> Iterator[tuple[str, Field | None, str]]:
    if field is not None:
        match field.kind:
            case (
                Kind.TERM
                | Kind.TERMS
                | Kind.LINK
                | Kind.LINKS
                | Kind.FLAG
                | Kind.SEALED
                | Kind.ITEMS
                | Kind.OWN
            ):
                return
            case Kind.TEXT | Kind.LONG_TEXT | Kind.TEXTS | Kind.DATE | Kind.NUMBER | Kind.INTEGER:
                pass
            case _:
                assert_never(field.kind)
    if isinstance(value, str):
        yield path, field, value
    elif isinstance(value, list):
        for number, part in enumerate(value):
            if isinstance(part, str):
                yield f"{path}/{number}", field, part
