"""Finding: from a query to the row numbers of records, newest or best first, in slices.

Words, names, places, terms, days and what is overdue are asked of the index in one expression, so
a page needs no more of its hits than it shows. Links and `within` are conditions on rows. A list
of a million is brought in slices, so that whoever types on need not wait for the end of it.
"""

from array import array
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never, cast

from fielddoc.domain import query as queries
from fielddoc.domain.facets import Days, TermFacet, TextFacet
from fielddoc.domain.query import Clause, Query
from fielddoc.domain.record_types import OWN_FIELD
from fielddoc.vault import search
from fielddoc.vault.database import Value
from fielddoc.vault.vault import Vault

_NUMBERS_AT_ONCE = 4096
_LEAST_OF_A_NAME = 2
"""Characters that must be typed before records of people so named are looked for: one character is
part of every tenth name."""
_NO_NUMBER = 2**63 - 1


class Order(StrEnum):
    """In which order hits come."""

    NEWEST = "newest"
    BEST = "best"
    """Those with all words in their name or title first, then those with some, then the others;
    the newest first among each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filter:
    """Which records a list is about, apart from what was typed."""

    type_name: str | None = None
    trash: bool = False
    only_conflicts: bool = False
    order: Order = Order.NEWEST
    with_those_of_people: bool = False
    """Whether records that are about somebody of the sought name come behind those that hold it."""


@dataclass(frozen=True, slots=True)
class Wanted(_Filter):
    """Which records are wanted, in which order."""

    query: Query


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list has been brought: which group of hits, and below which number to go on."""

    group: int = 0
    below: int = _NO_NUMBER


START = Place()


def find(vault: Vault, wanted: Wanted, *, limit: int | None = None) -> "array[int]":
    """Return the row numbers of at most `limit` wanted records, in their order."""
    found: array[int] = array("q")
    place: Place | None = START
    while place is not None and (limit is None or len(found) < limit):
        some, place = slice_of(
            vault, wanted, place, limit=_NO_NUMBER if limit is None else limit - len(found)
        )
        found.extend(some)
    return found


def slice_of(
    vault: Vault, wanted: Wanted, place: Place, *, limit: int
) -> tuple["array[int]", Place | None]:
    """Return up to `limit` row numbers from `place` on, and where to go on; None at the end."""
    groups = _groups(wanted)
    if place.group >= len(groups):
        return array("q"), None
    sql, parameters = groups[place.group]
    found = vault.database.rows(sql, (*parameters, place.below, limit), batch=_NUMBERS_AT_ONCE)
    numbers = array("q", (cast("int", row[0]) for row in found))
    if len(numbers) == limit:
        return numbers, Place(place.group, numbers[-1])
    return numbers, Place(place.group + 1) if place.group + 1 < len(groups) else None


@dataclass(slots=True)
class Listing:
    """A list as far as it has been brought."""

    numbers: "array[int]"
    groups: list[int]
    """Where in `numbers` each group of hits begins; greater numbers come first in each."""
    place: Place | None
    """Where to go on; None when all is there."""


def first_of(vault: Vault, wanted: Wanted, *, limit: int) -> Listing:
    """Return the first hits of a list."""
    listing = Listing(array("q"), [0], START)
    while listing.place is not None and len(listing.numbers) < limit:
        bring_more(vault, wanted, listing, limit=limit - len(listing.numbers))
    return listing


def bring_more(vault: Vault, wanted: Wanted, listing: Listing, *, limit: int) -> None:
    """Add up to `limit` more hits to a list that is not whole."""
    place = listing.place
    assert place is not None
    some, listing.place = slice_of(vault, wanted, place, limit=limit)
    listing.numbers.extend(some)
    if listing.place is not None and listing.place.group != place.group:
        listing.groups.append(len(listing.numbers))


# --- from a query to SQL -------------------------------------------------------------------------


@dataclass(slots=True)
class _Parts:
    """What a query becomes: expressions of the index, and conditions on rows."""

    having: list[str]
    lacking: list[str]
    rows: list[str]
    parameters: list[Value]


def _groups(wanted: Wanted) -> list[tuple[str, tuple[Value, ...]]]:
    """Return a statement for each group of hits; groups are apart and come in their order.

    Each still takes the number below which to go on, and how many to bring.
    """
    return [*_groups_of_hits(wanted), *_those_of_people(wanted)]


def _groups_of_hits(wanted: Wanted) -> list[tuple[str, tuple[Value, ...]]]:
    parts = _parts(wanted)
    if wanted.order is Order.NEWEST:
        return [_statement(wanted, parts, [], [])]
    names = [_in_name(text) for text in wanted.query.words]
    if not names:
        return [_statement(wanted, parts, [], [])]
    every, some = f"({' AND '.join(names)})", search.any_of(names)
    groups = [_statement(wanted, parts, [every], [])]
    if len(names) > 1:
        groups.append(_statement(wanted, parts, [some], [every]))
    groups.append(_statement(wanted, parts, [], [some]))
    return groups


def _those_of_people(wanted: Wanted) -> list[tuple[str, tuple[Value, ...]]]:
    """Return the statement for records that link to people whose names hold all the words.

    Whoever looks for a name wants that person's detention too, which holds no name of its own.
    """
    words = [
        clause.condition.text
        for clause in wanted.query.clauses
        if isinstance(clause.condition, queries.Words) and not clause.is_negated
    ]
    if not wanted.with_those_of_people or len("".join(words)) < _LEAST_OF_A_NAME:
        return []
    parts = _parts(wanted)
    parts.having = [asked for asked in parts.having if asked not in map(search.anywhere, words)]
    people = " AND ".join([*map(_in_name, words), search.of_term(TermFacet.TYPE, "person")])
    _add_rows(
        parts,
        "record.number IN (SELECT here.number FROM search CROSS JOIN record AS other"
        " ON other.number = search.rowid JOIN link ON link.target = other.id"
        " JOIN record AS here ON here.id = link.source WHERE search MATCH ?)",
        [f"({people}) NOT {search.in_trash()}"],
        is_negated=False,
    )
    _add_rows(
        parts,
        "record.number IN (SELECT rowid FROM search WHERE search MATCH ?)",
        [" AND ".join(map(search.anywhere, words))],
        is_negated=True,
    )
    return [_statement(wanted, parts, [], [])]


def _in_name(text: str) -> str:
    return search.in_facet(TextFacet.NAME, text)


def _statement(
    wanted: Wanted, parts: _Parts, more: list[str], less: list[str]
) -> tuple[str, tuple[Value, ...]]:
    expression = _expression(wanted, [*parts.having, *more], [*parts.lacking, *less])
    conditions, parameters = list(parts.rows), list(parts.parameters)
    if expression:
        # The index gives its hits newest first, one by one; CROSS keeps SQLite from turning the
        # join round. What asks nothing of rows needs none.
        source = "search"
        if conditions:
            source += " CROSS JOIN record ON record.number = search.rowid"
        conditions.insert(0, "search MATCH ?")
        parameters.insert(0, expression)
        number = "search.rowid"
    else:
        source, number = "record", "record.number"
        conditions.append("record.deleted = ?")
        parameters.append(int(wanted.trash))
        if wanted.type_name is not None:
            conditions.append("record.type = ?")
            parameters.append(wanted.type_name)
        elif not wanted.trash:
            # Declarations of fields are settings that travel, and no records to look through.
            conditions.append("record.type <> ?")
            parameters.append(OWN_FIELD.name)
    conditions.append(f"{number} < ?")
    where = " AND ".join(conditions)
    sql = f"SELECT {number} FROM {source} WHERE {where} ORDER BY {number} DESC LIMIT ?"  # noqa: S608
    return sql, tuple(parameters)


def _expression(wanted: Wanted, having: list[str], lacking: list[str]) -> str:
    """Return the expression of the index; empty if it is not needed."""
    have, lack = list(having), list(lacking)
    if wanted.only_conflicts:
        have.append(search.with_conflicts())
    if not have and not lack:
        return ""
    if wanted.type_name is not None:
        have.append(search.of_term(TermFacet.TYPE, wanted.type_name))
    if wanted.trash:
        have.append(search.in_trash())
    else:
        lack += [search.in_trash(), search.behind_another()]
        if wanted.type_name is None:
            lack.append(search.of_term(TermFacet.TYPE, OWN_FIELD.name))
    if not have:
        have.append(search.every_record())  # FTS5 takes away only from something
    both = " AND ".join(have)
    return f"({both}) NOT {search.any_of(lack)}" if lack else both


def _parts(wanted: Wanted) -> _Parts:
    parts = _Parts([], [], [], [])
    for clause in wanted.query.clauses:
        _add(parts, clause)
    return parts


def _add(parts: _Parts, clause: Clause) -> None:
    condition, is_negated = clause.condition, clause.is_negated
    match condition:
        case queries.Words(text):
            asked = search.anywhere(text)
        case queries.InText(facet, texts):
            asked = search.any_of(search.in_facet(facet, text) for text in texts)
        case queries.OfTerm(facet, codes):
            asked = search.any_of(search.of_term(facet, code) for code in codes)
        case queries.OnDays(days):
            asked = search.any_of(e for some in days for e in search.happened(some))
        case queries.Overdue(today, is_overdue):
            asked = search.any_of(search.due_before(today))
            is_negated = is_negated is is_overdue
        case queries.LinkedTo(type_name, texts):
            _add_rows(parts, *_linked(type_name, texts), is_negated=is_negated)
            return
        case queries.WithinDays(days):
            _add_rows(parts, *_within(days), is_negated=is_negated)
            return
        case _:
            assert_never(condition)
    (parts.lacking if is_negated else parts.having).append(asked)


def _add_rows(parts: _Parts, sql: str, parameters: list[Value], *, is_negated: bool) -> None:
    # Not NOT: what is not known (NULL) does not hold either.
    parts.rows.append(f"({sql}) IS NOT TRUE" if is_negated else f"({sql})")
    parts.parameters.extend(parameters)


def _linked(type_name: str, texts: tuple[str, ...]) -> tuple[str, list[Value]]:
    """Return the condition that a record is, or links to, one of this type and name."""
    named = search.any_of(_in_name(text) for text in texts)
    expression = f"{named} AND {search.of_term(TermFacet.TYPE, type_name)}"
    those = "SELECT rowid FROM search WHERE search MATCH ?"
    sql = (
        f"record.number IN ({those}) OR record.number IN (SELECT here.number FROM record AS other"  # noqa: S608
        " JOIN link ON link.target = other.id JOIN record AS here ON here.id = link.source"
        f" WHERE other.number IN ({those}))"
    )
    return sql, [expression, expression]


_NOT_OPEN = "record.number NOT IN (SELECT rowid FROM search WHERE search MATCH ?)"


def _within(days: tuple[Days, ...]) -> tuple[str, list[Value]]:
    """Return the condition that all that a record tells of certainly lies within these days.

    The rows hold the first and the last day of all; a date that is open or not known at one end
    is none that could lie within, unless the days that are asked for are open there too.
    """
    alternatives: list[str] = []
    parameters: list[Value] = []
    for some in days:
        conditions: list[str] = []
        if some.first is not None:
            conditions += ["record.earliest >= ?", _NOT_OPEN]
            parameters += [some.first.isoformat(), search.open_at_first()]
        if some.last is not None:
            conditions += ["record.latest <= ?", _NOT_OPEN]
            parameters += [some.last.isoformat(), search.open_at_last()]
        alternatives.append(" AND ".join(conditions))
    return " OR ".join(f"({one})" for one in alternatives), parameters
