"""Entries of a chronology as claims with days: which count, and which contradict each other."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import PartialDate, PartialDateError, Precision, parse_edtf

ONCE = frozenset(
    {
        *("taken-away", "criminal-detention", "administrative-detention", "rsdl", "retention"),
        *("residential-surveillance", "protective-custody", "disappearance", "formal-arrest"),
        *("sent-for-prosecution", "indictment", "transferred-to-court", "case-accepted"),
        *("verdict", "sentence", "judgment-served", "appeal", "appeal-accepted"),
        *("second-instance", "prison", "release", "bail", "death-in-custody"),
    }
)
"""Kinds that happen once in one course of custody: two dates of them contradict each other."""

_LASTING = frozenset(
    {
        *("disappearance", "whereabouts-unknown", "held", "retention", "rsdl", "bail", "exit-ban"),
        *("residential-surveillance", "criminal-detention", "administrative-detention"),
        *("protective-custody", "taken-away", "deprivation-of-political-rights"),
    }
)
"""Kinds that last, so that "since 13 August 2017" says when they began."""

_DOUBTFUL = ("doubtful", "unconfirmed")


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry that a clock can use."""

    number: int
    kind: str
    first: datetime.date
    last: datetime.date
    date: PartialDate | None
    """None where only the day is known by which it had happened."""
    is_disputed: bool

    @property
    def is_dated(self) -> bool:
        """Whether it says when it happened."""
        return self.date is not None

    @property
    def is_about(self) -> bool:
        """Whether its date is marked as approximate or uncertain."""
        return self.date is not None and (self.date.approximate or self.date.uncertain)


@dataclass(frozen=True, slots=True)
class Span:
    """Between which days something happened, and the claims that say so."""

    first: datetime.date
    last: datetime.date
    claims: tuple[Claim, ...]
    is_contradicted: bool = False

    @property
    def date(self) -> PartialDate:
        """The date of the one claim, or the interval between several."""
        for claim in self.claims:
            if claim.date is not None and (claim.first, claim.last) == (self.first, self.last):
                return claim.date
        return interval(self.first, self.last)


# --- from entries --------------------------------------------------------------------------------


def claims_in(entries: Sequence[Mapping[str, Json]]) -> list[Claim]:
    """Return the claims of the entries; a superseded one only if nothing of its kind replaced it."""
    present = {entry.get("kind") for entry in entries if entry.get("standing") != "superseded"}
    found = [
        claim
        for number, entry in enumerate(entries)
        if entry.get("standing") != "superseded" or entry.get("kind") not in present
        for claim in _claims_of(number, entry)
    ]
    return sorted(found, key=lambda claim: (claim.first, claim.last, claim.number))


def _claims_of(number: int, entry: Mapping[str, Json]) -> list[Claim]:
    kind = entry.get("kind")
    if not isinstance(kind, str):
        return []
    kinds = [kind]
    if kind in ("trial", "verdict") and entry.get("sentence"):
        kinds.append("sentence")  # told together: tried and sentenced on that day
    return [_claim(number, entry, each) for each in kinds]


def _claim(number: int, entry: Mapping[str, Json], kind: str) -> Claim:
    date = date_of(entry.get("date"))
    if date and date.precision is Precision.INTERVAL and date.edtf.endswith("/.."):
        date = date.start if kind in _LASTING else None
    is_disputed = entry.get("standing") == "disputed" or entry.get("reliability") in _DOUBTFUL
    if date is None or date.earliest is None or date.latest is None:
        bounds = [date_of(entry.get(name)) for name in ("date", "known", "as_of")]
        known = [bound.latest for bound in bounds if bound and bound.latest]
        last = min(known, default=datetime.date.max)
        return Claim(number, kind, datetime.date.min, last, None, is_disputed=is_disputed)
    return Claim(number, kind, date.earliest, date.latest, date, is_disputed=is_disputed)


def date_of(value: Json) -> PartialDate | None:
    """Return the date of a field, or None if there is none or it is not understood."""
    return _parsed(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> PartialDate | None:
    """Return the date that a text writes; each clock of a case reads the same few dates."""
    try:
        return parse_edtf(text)
    except PartialDateError:
        return None


# --- together and apart ---------------------------------------------------------------------------


def episodes(starts: Sequence[Claim], ends: Sequence[Claim]) -> list[list[Claim]]:
    """Put starts apart between which an end surely lies: the person was held twice."""
    groups: list[list[Claim]] = []
    for start in starts:
        if groups and not _is_apart(groups[-1], start, ends):
            groups[-1].append(start)
        else:
            groups.append([start])
    return groups


def _is_apart(group: Sequence[Claim], start: Claim, ends: Sequence[Claim]) -> bool:
    before = max(claim.last for claim in group)
    if start in ends:  # what lets a period begin anew ends the one before
        return before <= start.first
    return any(end not in group and before <= end.first and end.last <= start.first for end in ends)


def first_of(claims: Sequence[Claim]) -> Span:
    """Return when the first of several happened; claims that contradict each other span a time."""
    contradicting = len(claims) > 1 and (
        claims[0].kind in ONCE or any(claim.is_disputed for claim in claims)
    )
    first = min(claim.first for claim in claims)
    last = max(c.last for c in claims) if contradicting else min(c.last for c in claims)
    differs = len({(claim.first, claim.last) for claim in claims}) > 1
    return Span(first, last, tuple(claims), is_contradicted=contradicting and differs)


def contradictions(entries: Sequence[Mapping[str, Json]]) -> list[tuple[int, ...]]:
    """Return places of claims that contradict each other: both stand, neither is thrown away.

    Claims of what happens once that give days apart from each other, and claims of one kind of
    which one is disputed, about the same people.
    """
    result: list[tuple[int, ...]] = []
    claims = [
        claim for claim in claims_in(entries) if claim.kind == entries[claim.number].get("kind")
    ]
    freed = [claim for claim in claims if claim.kind in ("release", "bail") and claim.is_dated]
    for kind in dict.fromkeys(claim.kind for claim in claims):
        mine = [claim for claim in claims if claim.kind == kind]
        dated = [claim for claim in mine if claim.is_dated] if kind in ONCE else []
        for group in episodes(dated, [end for end in freed if end.kind != kind]):
            numbers = _apart(group, entries)
            if numbers:
                result.append(numbers)
        disputed = tuple(claim.number for claim in mine if _shares_dispute(claim, mine, entries))
        if len(disputed) > 1 and disputed not in result:
            result.append(disputed)
    return result


def _apart(group: Sequence[Claim], entries: Sequence[Mapping[str, Json]]) -> tuple[int, ...]:
    return tuple(
        claim.number
        for claim in group
        if any(
            (claim.last < other.first or other.last < claim.first)
            and share_people(entries[claim.number], entries[other.number])
            for other in group
        )
    )


def _shares_dispute(
    claim: Claim, others: Sequence[Claim], entries: Sequence[Mapping[str, Json]]
) -> bool:
    return any(
        other is not claim
        and "disputed"
        in (entries[claim.number].get("standing"), entries[other.number].get("standing"))
        and claim.first <= other.last
        and other.first <= claim.last
        and share_people(entries[claim.number], entries[other.number])
        for other in others
    )


def share_people(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    """Tell whether two entries can be about the same person; one that names nobody concerns all."""
    mine, theirs = one.get("persons"), other.get("persons")
    if not isinstance(mine, list) or not isinstance(theirs, list) or not mine or not theirs:
        return True
    return any(person in theirs for person in mine)


def interval(first: datetime.date, last: datetime.date) -> PartialDate:
    """Return the date "from first to last", or the one day."""
    if first == last:
        return parse_edtf(first.isoformat())
    return parse_edtf(f"{first.isoformat()}/{last.isoformat()}")
