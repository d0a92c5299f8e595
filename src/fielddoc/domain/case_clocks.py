"""All legal clocks of one case, person by person: what runs, what is due, what has passed."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fielddoc.domain.canonical import Json
from fielddoc.domain.claims import Claim, claims_in, date_of, episodes, first_of, interval
from fielddoc.domain.clock_reading import Reading
from fielddoc.domain.jurisdictions import Clock
from fielddoc.domain.legal_clock import Told, read_all
from fielddoc.domain.partial_date import PartialDate

Entry = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseOfCase:
    """What the clocks show for people whose chronology is the same."""

    persons: tuple[str, ...]
    """Ids; empty where the case names nobody."""
    readings: tuple[Reading, ...]
    without_law: tuple[tuple[Clock, PartialDate], ...]
    """Clocks that started on days for which the data holds no version of the law."""
    custody: tuple["Custody", ...]
    without_limit: tuple["Measure", ...]
    """Measures for which no time limit in law is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One time in custody, reckoned from the taking, whatever the measures were called."""

    start: PartialDate
    end: PartialDate | None
    """None if no end is told."""
    least_days: int
    greatest_days: int
    """Up to the end, or up to the day of reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One time under a measure for which no time limit in law is known."""

    kind: str
    """Code of the list `entry-kinds`."""
    start: PartialDate
    end: PartialDate | None
    """What let the person go or took them elsewhere; None if nothing is told."""
    least_days: int
    greatest_days: int
    """Up to the end, or up to the day of reading."""


def read_case(
    entries: Sequence[Entry],
    persons: Sequence[str],
    on: datetime.date,
    *,
    source_dates: Sequence[PartialDate] = (),
) -> list[CourseOfCase]:
    """Return what the clocks show on a day, for each of the people or groups of them.

    Args:
        entries: the chronology as it is known on that day.
        persons: ids of those who are held; an entry that names nobody concerns all.
        on: the day of reading.
        source_dates: the states of knowledge of the sources.
    """
    result: list[CourseOfCase] = []
    for numbers, people in _alike(entries, persons).items():
        mine_entries = [entries[number] for number in numbers]
        told = partial(told_until, entries=mine_entries, on=on, source_dates=source_dates)
        read = read_all(mine_entries, told, on)
        result.append(
            CourseOfCase(
                persons=tuple(person for person in people if person),
                readings=read.readings,
                without_law=read.without_law,
                custody=tuple(custody_periods(mine_entries, on)),
                without_limit=tuple(measures_without_limit(mine_entries, on)),
            )
        )
    return result


_TAKING = (
    *("taken-away", "administrative-detention", "criminal-detention", "rsdl", "retention"),
    *("protective-custody", "judicial-detention", "black-jail", "legal-education"),
    *("vocational-training", "psychiatric-commitment", "forced-travel"),
    *("disappearance", "formal-arrest", "held"),
)
WITHOUT_LIMIT = (
    *("black-jail", "legal-education", "vocational-training", "psychiatric-commitment"),
    *("forced-travel", "house-arrest"),
)
"""Measures that take somebody's liberty and for which no article gives a number of days."""
_FREED = ("release", "bail", "residential-surveillance", "death-in-custody")


def custody_periods(entries: Sequence[Entry], on: datetime.date) -> list[Custody]:
    """Return each time in custody up to a day, from the first step that took the person."""
    ends, groups = _times_in_custody(entries, on)
    result: list[Custody] = []
    for number, group in enumerate(groups):
        begun = _begun(group)
        if not begun:
            continue
        start = first_of(begun)
        following = groups[number + 1] if number + 1 < len(groups) else []
        limit = max((claim.last for claim in following), default=on)
        end = next((e for e in ends if e.first >= start.last and e.first <= limit), None)
        least = (end.first if end else on) - start.last
        greatest = (end.last if end else on) - start.first
        result.append(
            Custody(
                start=start.date,
                end=end.date if end else None,
                least_days=max(0, least.days),
                greatest_days=max(0, greatest.days),
            )
        )
    return result


def custody_starts(entries: Sequence[Entry], persons: Sequence[str], on: datetime.date) -> set[int]:
    """Return the places of the entries from which each time in custody is reckoned, of anybody."""
    return {
        numbers[claim.number]
        for numbers in _alike(entries, persons)
        for group in _times_in_custody([entries[number] for number in numbers], on)[1]
        for claim in _begun(group)
    }


def _alike(entries: Sequence[Entry], persons: Sequence[str]) -> dict[tuple[int, ...], list[str]]:
    """Return the places of the entries that concern somebody, with all whom just these concern."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for person in persons or [""]:
        mine = tuple(n for n, entry in enumerate(entries) if _concerns(entry, person))
        groups.setdefault(mine, []).append(person)
    return groups


def _times_in_custody(
    entries: Sequence[Entry], on: datetime.date
) -> tuple[list[Claim], list[list[Claim]]]:
    """Return what let somebody go up to a day, and what took them, each time apart."""
    claims = [claim for claim in claims_in(entries) if claim.is_dated and claim.first <= on]
    ends = [claim for claim in claims if claim.kind in _FREED]
    return ends, episodes([claim for claim in claims if claim.kind in _TAKING], ends)


def _begun(group: Sequence[Claim]) -> list[Claim]:
    """Return the claims of a time in custody that tell since when it was; they may contradict."""
    kind = next(kind for kind in _TAKING if any(claim.kind == kind for claim in group))
    if kind == "held":
        return []  # it tells that somebody was in custody, not since when
    return [claim for claim in group if claim.kind == kind]


def measures_without_limit(entries: Sequence[Entry], on: datetime.date) -> list[Measure]:
    """Return each time under a measure without a time limit in law up to a day, oldest first.

    It ends when the person is let go or another measure begins.
    """
    claims = [claim for claim in claims_in(entries) if claim.is_dated and claim.first <= on]
    result: list[tuple[datetime.date, Measure]] = []
    for kind in WITHOUT_LIMIT:
        mine = [claim for claim in claims if claim.kind == kind]
        ends = [
            claim
            for claim in claims
            if claim.kind in {*_FREED, *_TAKING, *WITHOUT_LIMIT} - {kind, "disappearance", "held"}
        ]
        groups = episodes(mine, ends)
        for group in groups:
            start = first_of(group)
            end = next((e for e in ends if e.first >= start.last and e.last > start.first), None)
            least = (end.first if end else on) - start.last
            greatest = (end.last if end else on) - start.first
            measure = Measure(
                kind=kind,
                start=start.date,
                end=end.date if end else None,
                least_days=max(0, least.days),
                greatest_days=max(0, greatest.days),
            )
            result.append((start.first, measure))
    return [measure for _, measure in sorted(result, key=lambda pair: pair[0])]


def told_until(
    clock: Clock,
    entries: Sequence[Entry],
    *,
    on: datetime.date,
    source_dates: Sequence[PartialDate] = (),
) -> Told | None:
    """Return up to when the chronology tells that nothing ended the period of a clock.

    Claims of silence tell it; where an end would be told, so does whatever else is told later.
    """
    dates: list[PartialDate | None] = []
    for entry in entries:
        if entry.get("kind") in clock.silent_with:
            dates += [date_of(entry.get(name)) for name in ("as_of", "checked", "date")]
        if clock.end_is_told:
            dates += [date_of(entry.get(name)) for name in ("date", "known", "as_of", "checked")]
    if clock.end_is_told and entries:
        dates += source_dates
    usable = [told for date in dates if date and (told := _told(date, on))]
    return max(usable, key=lambda told: (told.first, not told.is_about), default=None)


def _told(date: PartialDate, on: datetime.date) -> Told | None:
    """Return a date as far as it lies before the day of reading."""
    if date.earliest is None or date.earliest > on:
        return None
    is_about = date.approximate or date.uncertain
    if date.latest is None or date.latest > on:
        return Told(interval(date.earliest, on), is_about)
    return Told(date, is_about)


def _concerns(entry: Entry, person: str) -> bool:
    named = entry.get("persons")
    return not isinstance(named, list) or not named or not person or person in named
