"""Which people may be one person: suggestions only, for somebody to look at side by side."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import cast

from fielddoc.domain.canonical import Json
from fielddoc.domain.folding import folded
from fielddoc.domain.names import are_near, keys, spellings
from fielddoc.i18n import N_
from fielddoc.vault import records, search
from fielddoc.vault.projections import stored_values
from fielddoc.vault.records import ListedRecord
from fielddoc.vault.standing import LISTED
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

_PEOPLE_AT_ONCE = 500
MOST_WITH_ONE_KEY = 60
"""A key that more people share says nothing about any two of them."""


class Likeness(Enum):
    """Why two people are suggested."""

    SAME_NAME = N_("They have the same name.")
    SAME_PAPER = N_("They have an identity paper with the same number.")
    SAME_SOUND = N_("Their names are read the same.")
    NEAR_NAME = N_("Their names differ by one letter.")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two people who may be one; `first` was recorded before `second`."""

    first: str
    second: str
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class _Person:
    id: str
    names: frozenset[str]
    spellings: frozenset[str]
    papers: frozenset[str]
    distinct: frozenset[str]


def suggestions(vault: Vault, *, turn: Turn = directly) -> list[Suggestion]:
    """Return pairs of people who may be one person, the most alike first.

    People in the trash, merged ones, and pairs that were marked as two people are left out.
    """
    people = _people(vault, turn)
    place = {person.id: n for n, person in enumerate(people)}
    found: dict[tuple[str, str], Likeness] = {}
    for group in _sharing(people):
        for n, one in enumerate(group):
            for other in group[n + 1 :]:
                first, second = sorted((one, other), key=lambda person: place[person.id])
                pair = (first.id, second.id)
                likeness = None if pair in found else _likeness(first, second)
                if likeness is not None:
                    found[pair] = likeness
    order = list(Likeness)
    return sorted(
        (Suggestion(first, second, likeness) for (first, second), likeness in found.items()),
        key=lambda one: (order.index(one.likeness), place[one.first], place[one.second]),
    )


def near_names(vault: Vault, text: str, *, limit: int = 8) -> list[ListedRecord]:
    """Return people whose names are spelled nearly as `text`, but do not hold it, newest first."""
    return records.rows(vault, [number for number, _ in _near_people(vault, text)[:limit]])


def near_spellings(vault: Vault, text: str, *, limit: int = 4) -> list[str]:
    """Return names that are spelled nearly as `text`, of people who have no name that holds it."""
    found = (
        name
        for _, names in _near_people(vault, text)
        for name in names
        if search.is_near(text, (name,))
    )
    return list(islice(dict.fromkeys(found), limit))


def _near_people(vault: Vault, text: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the row numbers of such people with all their names, newest first."""
    expression = search.near(text)
    if not expression:
        return []
    exact = set(records.numbers(vault, type_name="person", text=text))
    rows = vault.database.query(
        "SELECT record.number, record.state FROM search"
        " CROSS JOIN record ON record.number = search.rowid"
        " WHERE search MATCH ? AND deleted = ? AND type = 'person' ORDER BY search.rowid DESC",
        (expression, LISTED),
    )
    named = (
        (number, search.names_of("person", stored_values(body)))
        for number, body in cast("list[tuple[int, bytes]]", rows)
        if number not in exact
    )
    return [(number, names) for number, names in named if search.is_near(text, names)]


def _people(vault: Vault, turn: Turn) -> list[_Person]:
    people: list[_Person] = []
    last = 0
    while rows := turn(lambda last=last: _some(vault, last)):  # type: ignore[misc]
        last = rows[-1][0]
        people += [_person(identity, stored_values(body)) for _, identity, body in rows]
    return people


def _some(vault: Vault, after: int) -> list[tuple[int, bytes, bytes]]:
    rows = vault.database.query(
        "SELECT number, id, state FROM record"
        " WHERE deleted = ? AND type = 'person' AND number > ? ORDER BY number LIMIT ?",
        (LISTED, after, _PEOPLE_AT_ONCE),
    )
    return cast("list[tuple[int, bytes, bytes]]", rows)


def _person(identity: bytes, values: Mapping[str, Json]) -> _Person:
    names = search.names_of("person", values)
    papers = values.get("identity_papers")
    numbers = [
        folded(number)
        for paper in (papers if isinstance(papers, list) else [])
        if isinstance(paper, dict) and isinstance(number := paper.get("number"), str)
    ]
    distinct = values.get("distinct_from")
    return _Person(
        id=str(uuid.UUID(bytes=identity)),
        names=frozenset(filter(None, map(folded, names))),
        spellings=frozenset(spelling for name in names for spelling in spellings(name)),
        papers=frozenset(filter(None, numbers)),
        distinct=frozenset(map(str, distinct if isinstance(distinct, list) else [])),
    )


def _sharing(people: Iterable[_Person]) -> list[list[_Person]]:
    """Return the groups of people who have a key in common."""
    groups: dict[str, list[_Person]] = defaultdict(list)
    for person in people:
        shared = {key for spelling in person.spellings for key in keys(spelling)}
        for key in shared | {f"paper {number}" for number in person.papers}:
            groups[key].append(person)
    return [group for group in groups.values() if 1 < len(group) <= MOST_WITH_ONE_KEY]


def _likeness(one: _Person, other: _Person) -> Likeness | None:
    if one.id in other.distinct or other.id in one.distinct:
        return None
    if one.names & other.names:
        return Likeness.SAME_NAME
    if one.papers & other.papers:
        return Likeness.SAME_PAPER
    if one.spellings & other.spellings:
        return Likeness.SAME_SOUND
    if any(are_near(mine, theirs) for mine in one.spellings for theirs in other.spellings):
        return Likeness.NEAR_NAME
    return None
