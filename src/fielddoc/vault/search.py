"""The index: every substring of any script, names and places apart, terms, days; nothing else.

Folded text is cut into overlapping pairs of characters; each pair becomes one token of eight
digits in base 36, so that the index's own tokenizer has nothing to decide. A term of two or more
characters is a phrase of its pairs, which stands exactly where the term stands; a term of one
character is a prefix. Measured against the tokenizers that SQLite brings: those find none of 62
two-character Chinese names (docs/decisions/0003-search.md).

What a record can be filtered by stands in the same index, in tokens that no pair can be, because
the codes of all characters begin with a smaller digit than `w` (docs/decisions/0016-finding.md).
"""

import datetime
import hashlib
import itertools
import operator
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import assert_never

from fielddoc.domain import facets
from fielddoc.domain.canonical import Json
from fielddoc.domain.facets import Days, TermFacet, TextFacet
from fielddoc.domain.folding import folded
from fielddoc.domain.names import are_near, keys, searchable, spellings
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.resources import resource
from fielddoc.vault import calendar_tokens
from fielddoc.vault.database import Database
from fielddoc.vault.standing import IN_TRASH, LISTED, MERGED

_RULES = 4
"""Raised whenever folding or cutting changes: the index is then made anew."""

# Stands between two texts and after the last, so that no pair joins what does not belong together.
_BREAK = "\x1f"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

_JOINED_AT_ONCE = 50_000

# What tokens of facets begin with. The greatest code point, 0x10FFFF, has the code "nvnj".
_TERM, _IN_NAME, _IN_PLACE = "z", "xn", "xp"
_HAPPENED, _DUE = "yh", "yd"
_EVERY, _TRASH, _BEHIND, _CONFLICTS = "wevery", "wtrash", "wbehind", "wconflicts"
_OPEN_AT_FIRST, _OPEN_AT_LAST = "wfirst", "wlast"
_NEAR = "wn"


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the index takes in of a record."""

    type: str
    values: Mapping[str, Json]
    """Without sealed ones."""
    standing: int = LISTED
    """See `fielddoc.vault.standing`."""
    has_conflicts: bool = False


def tokens_of(indexed: Indexed) -> str:
    """Return all tokens of a record, apart by blanks."""
    type_name, values = indexed.type, indexed.values
    parts = [tokens(index_text(type_name, values))]
    parts.extend(
        sorted(_term_token(facet, code) for facet, code in facets.terms_of(type_name, values))
    )
    for facet, prefix in ((TextFacet.NAME, _IN_NAME), (TextFacet.PLACE, _IN_PLACE)):
        texts = [folded(text) for kind, text in facets.texts_of(type_name, values) if kind is facet]
        if facet is TextFacet.NAME:
            texts += [form for name in names_of(type_name, values) for form in searchable(name)]
        text = _BREAK.join(filter(None, texts))
        if text:
            parts.append(" ".join(prefix + pair for pair in tokens(text).split()))
    happened_on = facets.days_of(values)
    for days in happened_on:
        parts.extend(_HAPPENED + node for node in calendar_tokens.of(days))
    if any(days.first is None for days in happened_on):
        parts.append(_OPEN_AT_FIRST)
    if any(days.last is None for days in happened_on):
        parts.append(_OPEN_AT_LAST)
    for day in facets.due_of(type_name, values):
        parts.extend(_DUE + node for node in calendar_tokens.of(Days(day, day)))
    parts.append(_EVERY)
    if indexed.standing == IN_TRASH:
        parts.append(_TRASH)
    elif indexed.standing == MERGED:
        parts.append(_BEHIND)
    if indexed.has_conflicts:
        parts.append(_CONFLICTS)
    parts.extend(sorted(map(_near_token, near_keys(type_name, values))))
    return " ".join(parts)


def tokens(text: str) -> str:
    """Return the pairs of a folded text as tokens, apart by blanks."""
    codes = [*map(_code, text), _code(_BREAK)]
    pairs = map(operator.add, codes, itertools.islice(codes, 1, None))
    # All pairs of a text of ten megabytes at once would take a quarter of a gigabyte.
    return " ".join(iter(lambda: " ".join(itertools.islice(pairs, _JOINED_AT_ONCE)), ""))


def index_text(type_name: str, values: Mapping[str, Json]) -> str:
    """Return all searchable text of a record, folded, with breaks between values.

    Sealed fields are left out. Terms are found by their code and by their label in each language.
    """
    declared = record_type(type_name)
    fields = {field.name: field for field in declared.fields} if declared else {}
    texts: list[str] = []
    for name, value in values.items():
        texts.extend(_texts(fields.get(name), value))
    return _BREAK.join(filter(None, map(folded, texts)))


def add(database: Database, number: int, indexed: Indexed) -> None:
    """Put a record into the index."""
    database.query("INSERT INTO search (rowid, text) VALUES (?, ?)", (number, tokens_of(indexed)))


def replace(database: Database, number: int, before: Indexed, after: Indexed) -> None:
    """Put `after` into the index in place of `before`, which is what stands there; see `remove`."""
    old, new = tokens_of(before), tokens_of(after)
    if old == new:
        return
    database.query(
        "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)", (number, old)
    )
    database.query("INSERT INTO search (rowid, text) VALUES (?, ?)", (number, new))


def remove(database: Database, number: int, indexed: Indexed) -> None:
    """Take a record out of the index.

    The index keeps no text, so it must be told exactly what was put in: `indexed` is what the
    stored projection holds, and `version` sees to it that it still gives the same tokens.
    """
    database.query(
        "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)",
        (number, tokens_of(indexed)),
    )


@cache
def version() -> str:
    """Return a text that differs whenever the same record would give other tokens."""
    digest = hashlib.sha256(f"{_RULES} {facets.RULES} {unicodedata.unidata_version}".encode())
    for path in sorted(resource("vocabularies").glob("*.toml")):
        digest.update(path.read_bytes())
    for name in ("simplified.txt", "pinyin.txt"):
        digest.update(resource(name).read_bytes())
    digest.update(repr(RECORD_TYPES).encode())
    return digest.hexdigest()


# --- expressions of FTS5 -------------------------------------------------------------------------


def anywhere(text: str) -> str:
    """Return the expression for a folded text that stands anywhere."""
    return _phrase(text, "")


def in_facet(facet: TextFacet, text: str) -> str:
    """Return the expression for a folded text that stands in a name or place."""
    match facet:
        case TextFacet.NAME:
            return _phrase(text, _IN_NAME)
        case TextFacet.PLACE:
            return _phrase(text, _IN_PLACE)
        case _:
            assert_never(facet)


def of_term(facet: TermFacet, code: str) -> str:
    """Return the expression for a code of a facet."""
    return f'"{_term_token(facet, code)}"'


def every_record() -> str:
    """Return the expression that every record matches."""
    return f'"{_EVERY}"'


def in_trash() -> str:
    """Return the expression for records in the trash."""
    return f'"{_TRASH}"'


def behind_another() -> str:
    """Return the expression for people who were merged into another."""
    return f'"{_BEHIND}"'


def near(name: str) -> str:
    """Return the expression of people whose names may be near `name`, see `is_near`; or nothing."""
    found = {key for spelling in spellings(name) for key in keys(spelling)}
    return any_of(f'"{_near_token(key)}"' for key in sorted(found)) if found else ""


def with_conflicts() -> str:
    """Return the expression for records with values in conflict."""
    return f'"{_CONFLICTS}"'


def open_at_first() -> str:
    """Return the expression for records with a date whose beginning is open or not known."""
    return f'"{_OPEN_AT_FIRST}"'


def open_at_last() -> str:
    """Return the expression for records with a date whose end is open or not known."""
    return f'"{_OPEN_AT_LAST}"'


def happened(days: Days) -> Iterator[str]:
    """Yield expressions; those with a date that overlaps `days` match one of them."""
    yield from (f'"{_HAPPENED}{node}"' for node in calendar_tokens.overlapping(days))


def due_before(today: datetime.date) -> Iterator[str]:
    """Yield expressions; those with something due before `today` match one of them."""
    if today > datetime.date.min:
        days = Days(None, today - datetime.timedelta(days=1))
        yield from (f'"{_DUE}{node}"' for node in calendar_tokens.overlapping(days))


def any_of(expressions: Iterable[str]) -> str:
    """Return the expression that holds where one of `expressions` does."""
    parts = list(dict.fromkeys(expressions))
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _phrase(text: str, prefix: str) -> str:
    if len(text) == 1:
        return f'"{prefix}{_code(text)}" *'
    codes = [_code(character) for character in text]
    pairs = " ".join(prefix + first + second for first, second in itertools.pairwise(codes))
    return f'"{pairs}"'


def _term_token(facet: TermFacet, code: str) -> str:
    """Return a token of 21 characters: enough of a hash that no two terms share one."""
    named = f"{facet}\0{code}".encode("utf-8", "surrogatepass")
    return _TERM + hashlib.sha256(named).hexdigest()[:20]


# --- names of people -----------------------------------------------------------------------------


def names_of(type_name: str, values: Mapping[str, Json]) -> tuple[str, ...]:
    """Return every name of a person as it was typed; nothing for other records."""
    names = values.get("names") if type_name == "person" else None
    parts = names if isinstance(names, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return tuple(text for text in texts if isinstance(text, str))


def is_near(name: str, names: Iterable[str]) -> bool:
    """Tell whether `name` is spelled as one of `names`, or nearly so."""
    wanted = spellings(name)
    return any(
        are_near(one, other) for each in names for one in spellings(each) for other in wanted
    )


def near_keys(type_name: str, values: Mapping[str, Json]) -> set[str]:
    """Return the keys that near spellings of a person's names share."""
    names = names_of(type_name, values)
    return {key for name in names for spelling in spellings(name) for key in keys(spelling)}


def _near_token(key: str) -> str:
    """Return eight digits in base 36 for a key, behind a mark of their own."""
    number = int.from_bytes(hashlib.blake2s(key.encode(), digest_size=5).digest())
    digits = ""
    for _ in range(8):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return _NEAR + digits


# --- the text of a record ------------------------------------------------------------------------


@cache
def _code(character: str) -> str:
    """Return the code point as four digits in base 36, which is enough for all of Unicode."""
    point = ord(character)
    digits = ""
    for _ in range(4):
        point, digit = divmod(point, 36)
        digits = _DIGITS[digit] + digits
    return digits


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
        case Kind.OWN:
            yield from _texts_of_unknown(value)
        case Kind.LINK | Kind.LINKS | Kind.FLAG | Kind.SEALED:
            return
        case Kind.TEXT if field.identifies and isinstance(value, str):
            yield value
            yield from searchable(value)
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
