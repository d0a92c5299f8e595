"""Search that finds every substring, of any script, and nothing else.

Text is normalised, then cut into overlapping pairs of characters; each pair becomes one token of
eight digits in base 36, so that the index's own tokenizer has nothing to decide. A term of two or
more characters is a phrase of its pairs, which stands exactly where the term stands; a term of one
character is a prefix. Measured against the tokenizers that SQLite brings: those find none of 62
two-character Chinese names (docs/decisions/0003-search.md).
"""

import hashlib
import itertools
import operator
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.resources import resource
from fielddoc.vault.database import Database, Value

_RULES = 1
"""Raised whenever normalising or cutting changes: the index is then made anew."""

# Stands between two texts and after the last, so that no pair joins what does not belong together.
_BREAK = "\x1f"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def normalised(text: str) -> str:
    """Return `text` as the index sees it.

    NFKC and case folded; traditional characters become simplified ones; every run of white space
    or control characters becomes one blank.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = folded.translate(_simplified())
    if not plain.isprintable():
        plain = "".join(c if c.isprintable() else " " for c in plain)
    return " ".join(plain.split())


def terms(query: str) -> tuple[str, ...]:
    """Return the normalised terms of a query.

    Terms are apart by blanks and must all occur; a term in straight or curly double quotes is
    taken whole. A quote that is not closed reaches to the end.
    """
    parts = query.translate({0x201C: '"', 0x201D: '"', 0xFF02: '"'}).split('"')
    found: list[str] = []
    for place, part in enumerate(parts):
        if place % 2:
            found.append(normalised(part))
        else:
            found.extend(normalised(word) for word in part.split())
    return tuple(term for term in found if term)


def expression(query: str) -> str:
    """Return the FTS5 expression of `query`; empty if it has no term."""
    return " AND ".join(_phrase(term) for term in terms(query))


def tokens(text: str) -> str:
    """Return the tokens of a normalised text, apart by blanks."""
    codes = [*map(_code, text), _code(_BREAK)]
    return " ".join(map(operator.add, codes, itertools.islice(codes, 1, None)))


def index_text(type_name: str, values: Mapping[str, Json]) -> str:
    """Return all searchable text of a record, normalised, with breaks between values.

    Sealed fields are left out. Terms are found by their code and by their label in each language.
    """
    declared = record_type(type_name)
    fields = {field.name: field for field in declared.fields} if declared else {}
    texts: list[str] = []
    for name, value in values.items():
        texts.extend(_texts(fields.get(name), value))
    return _BREAK.join(filter(None, map(normalised, texts)))


def add(database: Database, number: int, type_name: str, values: Mapping[str, Json]) -> None:
    """Put a record's text into the index."""
    database.query(
        "INSERT INTO search (rowid, text) VALUES (?, ?)",
        (number, tokens(index_text(type_name, values))),
    )


def replace(
    database: Database,
    number: int,
    before: tuple[str, Mapping[str, Json]],
    after: tuple[str, Mapping[str, Json]],
) -> None:
    """Put `after` into the index in place of `before`, which is what stands there; see `remove`."""
    old, new = index_text(*before), index_text(*after)
    if old == new:
        return
    database.query(
        "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)", (number, tokens(old))
    )
    database.query("INSERT INTO search (rowid, text) VALUES (?, ?)", (number, tokens(new)))


def remove(database: Database, number: int, type_name: str, values: Mapping[str, Json]) -> None:
    """Take a record's text out of the index.

    The index keeps no text, so it must be told exactly what was put in: `values` are those of the
    stored projection, and `version` sees to it that they still give the same tokens.
    """
    database.query(
        "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)",
        (number, tokens(index_text(type_name, values))),
    )


@cache
def version() -> str:
    """Return a text that differs whenever the same record would give other tokens."""
    digest = hashlib.sha256(f"{_RULES} {unicodedata.unidata_version}".encode())
    for path in sorted(resource("vocabularies").glob("*.toml")):
        digest.update(path.read_bytes())
    digest.update(resource("simplified.txt").read_bytes())
    digest.update(repr(RECORD_TYPES).encode())
    return digest.hexdigest()


def _phrase(term: str) -> str:
    if len(term) == 1:
        return f'"{_code(term)}" *'
    codes = [_code(character) for character in term]
    pairs = " ".join(first + second for first, second in itertools.pairwise(codes))
    return f'"{pairs}"'


@cache
def _code(character: str) -> str:
    """Return the code point as four digits in base 36, which is enough for all of Unicode."""
    point = ord(character)
    digits = ""
    for _ in range(4):
        point, digit = divmod(point, 36)
        digits = _DIGITS[digit] + digits
    return digits


@cache
def _simplified() -> Mapping[int, str]:
    """Return traditional characters to simplified ones (resources/simplified.txt)."""
    text = resource("simplified.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {ord(traditional): simplified for traditional, simplified in pairs}


def _texts(field: Field | None, value: Json) -> Iterator[str]:
    if field is None:
        yield from _texts_of_unknown(value)
        return
    match field.kind:
        case Kind.TERM | Kind.TERMS:
            for code in value if isinstance(value, list) else [value]:
                yield from _term_texts(field.vocabulary, code)
        case Kind.ITEMS:
            parts = {part.name: part for part in field.fields}
            for item in value if isinstance(value, list) else []:
                if isinstance(item, dict):
                    for name, part in item.items():
                        if name != "id":
                            yield from _texts(parts.get(name), part)
        case Kind.LINK | Kind.LINKS | Kind.FLAG | Kind.SEALED:
            return
        case Kind.TEXT | Kind.LONG_TEXT | Kind.TEXTS | Kind.DATE | Kind.NUMBER | Kind.INTEGER:
            yield from _texts_of_unknown(value)
        case _:
            assert_never(field.kind)


def _texts_of_unknown(value: Json) -> Iterator[str]:
    """Yield every text in a value whose declaration is not known; never anything sealed."""
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _texts_of_unknown(part)
        case dict() if "sealed" not in value:
            for name, part in value.items():
                if name != "id":
                    yield from _texts_of_unknown(part)
        case _:
            pass


def _term_texts(name: str, code: Json) -> tuple[str, ...]:
    return _labels(name, code) if isinstance(code, str) else ()


@cache
def _term_labels(name: str) -> Mapping[str, tuple[str, ...]]:
    terms_ = vocabulary(name).terms
    return {term.code: (term.code, term.en, term.zh_hans, term.zh_hant) for term in terms_}


def _labels(name: str, code: str) -> tuple[str, ...]:
    """Return a code and its label in each language; of a code that is no term, only itself."""
    return _term_labels(name).get(code, (code,))


def matching(database: Database, query: str, *, limit: int) -> tuple[int, ...]:
    """Return the numbers of at most `limit` records that hold every term, newest first."""
    parameters: tuple[Value, ...] = (expression(query), limit)
    if not parameters[0]:
        return ()
    rows = database.query(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", parameters
    )
    return tuple(row[0] for row in rows if isinstance(row[0], int))
