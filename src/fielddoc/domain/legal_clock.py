"""What the time limits of procedure show for one chronology.

A limit that has passed is told as just that, with the extension that would make it lawful. The
program never says "illegal": it cannot know what was approved. Dates that are not exact make the
beginning and the end of a period intervals; a limit has passed certainly only if it has passed
for every day that the dates may mean, and it is kept certainly only in the same way.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fielddoc.domain import periods
from fielddoc.domain.approvals import approvals_for
from fielddoc.domain.canonical import Json
from fielddoc.domain.claims import ONCE, Claim, Span, claims_in, episodes, first_of
from fielddoc.domain.clock_reading import Reading, State, Step
from fielddoc.domain.jurisdictions import Clock, Limit, Moving, Start, Version, clocks
from fielddoc.domain.partial_date import PartialDate
from fielddoc.domain.prison_terms import computed_end, recorded_rights_term


@dataclass(frozen=True, slots=True)
class _Beginning:
    span: Span
    is_open: bool = False
    is_early: bool = False


@dataclass(frozen=True, slots=True)
class _Course:
    """One time that a clock ran: its beginning, and the claims that may have ended it."""

    beginning: _Beginning
    ends: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Up to when it is told that nothing ended a period."""

    date: PartialDate
    is_about: bool

    @property
    def first(self) -> datetime.date:
        """The day up to which it is told for certain."""
        return self.date.earliest or datetime.date.min


def read(
    clock: Clock,
    entries: Iterable[Mapping[str, Json]],
    as_of: PartialDate,
    *,
    on: datetime.date | None = None,
) -> Reading | None:
    """Return the last reading of a clock, or None if no dated entry starts it.

    Args:
        clock: which time limit.
        entries: the chronology, for one person.
        as_of: until when it is known that nothing ended it.
        on: the day of reading; the last that `as_of` may mean if it is not given.
    """
    told = Told(as_of, is_about=as_of.approximate or as_of.uncertain)
    day = on or as_of.latest or datetime.date.max
    found = readings_of(clock, list(entries), lambda _: told, day)
    return found[-1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What all clocks show for one person's chronology, in the order of the data."""

    readings: tuple[Reading, ...]
    without_law: tuple[tuple[Clock, PartialDate], ...]
    """Clocks that started on days for which the data holds no version of the law."""


def read_all(
    entries: Sequence[Mapping[str, Json]],
    told: Callable[[Clock], Told | None],
    on: datetime.date,
) -> Readings:
    """Return what every clock shows for one person's chronology on a day."""
    claims = _claims(entries)
    found: list[Reading] = []
    without: list[tuple[Clock, PartialDate]] = []
    for clock in clocks():
        courses = _courses(clock, claims)
        until = told(clock) if courses else None
        for time, course in enumerate(courses, start=1):
            start = course.beginning.span
            reading = _reading(clock, (claims, entries), course, until, on, time=time)
            if reading is not None:
                found.append(reading)
            elif start.first <= on:
                without.append((clock, start.date))
    return Readings(readings=tuple(found), without_law=tuple(without))


def readings_of(
    clock: Clock,
    entries: Sequence[Mapping[str, Json]],
    told: Callable[[Clock], Told | None],
    on: datetime.date,
) -> list[Reading]:
    """Return one reading for each time that a chronology starts a clock, oldest first."""
    claims = _claims(entries)
    courses = _courses(clock, claims)
    until = told(clock) if courses else None
    readings = (
        _reading(clock, (claims, entries), course, until, on, time=time)
        for time, course in enumerate(courses, start=1)
    )
    return [reading for reading in readings if reading is not None]


def _claims(entries: Sequence[Mapping[str, Json]]) -> list[Claim]:
    """Return the claims of a chronology, with the end of a term of prison that follows from it."""
    claims = claims_in(entries)
    end = computed_end(claims, entries)
    return claims if end is None else [*claims, end]


def _courses(clock: Clock, claims: Sequence[Claim]) -> list["_Course"]:
    """Return each beginning of a clock with the claims that may have ended it."""
    kinds = {claim.kind for claim in claims}
    if kinds.isdisjoint(clock.starting):
        return []
    usable = {start.kind for start in clock.starts_with if _applies(start, kinds)}
    bounds = {*clock.starts_no_earlier_than, *clock.starts_no_later_than}
    after = {start.kind: start.only_after for start in clock.starts_with if start.only_after}
    starts = [
        claim
        for claim in claims
        if claim.is_dated
        and claim.kind in usable | bounds
        and (claim.kind not in after or _lies_after(claim, after[claim.kind], claims))
    ]
    if not starts:
        return []
    ends = [claim for claim in claims if claim.kind in {*clock.ends_with, *clock.ended_by}]
    groups = episodes(starts, ends)
    result: list[_Course] = []
    for number, group in enumerate(groups):
        beginning = _beginning(clock, group, usable)
        if beginning is None:
            continue
        following = groups[number + 1] if number + 1 < len(groups) else []
        limit = max((claim.last for claim in following), default=None)
        mine = tuple(
            end
            for end in ends
            if end not in beginning.span.claims
            and end.last >= beginning.span.first
            and (limit is None or end.first <= limit)
        )
        if _was_something_else(clock, beginning, mine):
            continue
        result.append(_Course(beginning, mine))
    return result


def _applies(start: Start, kinds: set[str]) -> bool:
    return not start.only_with or start.only_with in kinds


def _lies_after(claim: Claim, kind: str, claims: Sequence[Claim]) -> bool:
    return any(other.kind == kind and claim.last > other.first for other in claims)


def _was_something_else(clock: Clock, beginning: _Beginning, ends: Sequence[Claim]) -> bool:
    """Tell whether the measure that followed a taking shows that it was none of this clock.

    Only where the clock would be reckoned from the taking for want of anything better.
    """
    if not clock.not_if_first or beginning.span.claims[0].kind != "taken-away":
        return False
    first = next((end for end in ends if end.is_dated), None)
    return first is not None and first.kind in clock.not_if_first


def _beginning(clock: Clock, group: Sequence[Claim], usable: set[str]) -> _Beginning | None:
    for start in clock.starts_with:
        mine = [claim for claim in group if claim.kind == start.kind and claim.kind in usable]
        if mine:
            return _Beginning(first_of(mine))
    early = _span_of(group, clock.starts_no_earlier_than)
    late = _span_of(group, clock.starts_no_later_than)
    if early and late and early.first <= late.last:
        return _Beginning(Span(early.first, late.last, (*early.claims, *late.claims)))
    if late:
        return _Beginning(late, is_open=True)
    return _Beginning(early, is_early=True) if early else None


def _span_of(group: Sequence[Claim], kinds: Sequence[str]) -> Span | None:
    """Return when the first kind of `kinds` that there is began, latest steps first."""
    for kind in kinds:
        mine = [claim for claim in group if claim.kind == kind]
        if mine:
            return first_of(mine)
    return None


# --- one reading ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _End:
    first: datetime.date
    last: datetime.date
    claims: tuple[Claim, ...]
    is_sure: bool
    is_perhaps: bool
    is_contradicted: bool


def _end_of(clock: Clock, start: Span, ends: Sequence[Claim], on: datetime.date) -> _End:
    """Return between which days the period ended; up to `on` where nothing surely ended it."""
    exact = [end for end in ends if end.kind in clock.ends_with]
    by = [end for end in ends if end.kind in clock.ended_by and end.kind not in clock.ends_with]
    sure_spans = [
        first_of(mine if kind in ONCE else [end for end in mine if end.first >= start.last])
        for kind in dict.fromkeys(end.kind for end in exact)
        if any(end.first >= start.last for end in exact if end.kind == kind)
        and (mine := [end for end in exact if end.kind == kind and end.is_dated])
    ]
    sure = min((span.last for span in sure_spans), default=None)
    by = [end for end in by if sure is None or end.first < sure]
    sure_by = min((end.last for end in by if end.first >= start.last), default=None)
    lows = [max(end.first, start.first) for end in exact]
    if by:
        lows.append(start.first)
    highs = [day for day in (sure, sure_by) if day is not None]
    last = min(highs) if highs else max(on, start.first)
    used = tuple(end for end in (*exact, *by) if end.first <= last)
    return _End(
        first=min(lows, default=last),
        last=last,
        claims=used,
        is_sure=bool(highs),
        is_perhaps=not highs and bool(lows),
        is_contradicted=any(span.is_contradicted and span.last == sure for span in sure_spans),
    )


def _reading(
    clock: Clock,
    told_of: tuple[Sequence[Claim], Sequence[Mapping[str, Json]]],
    course: "_Course",
    told: Told | None,
    on: datetime.date,
    *,
    time: int,
) -> Reading | None:
    claims, entries = told_of
    beginning, start = course.beginning, course.beginning.span
    version = clock.version_on(start.first)
    if version is None or (start.first > on and not clock.is_penalty):
        return None
    end = _end_of(clock, start, course.ends, on)
    is_told = told is not None and told.first > start.first
    if end.is_sure:
        until, low = Span(end.first, end.last, end.claims).date, end.first
    elif told is not None and is_told:
        until, low = told.date, min(told.first, end.first) if end.is_perhaps else told.first
    else:
        until, low = start.date, start.first
    used = (*start.claims, *(end.claims if end.is_sure or end.is_perhaps else ()))
    is_about = any(claim.is_about for claim in used)
    if not end.is_sure and told is not None and is_told:
        is_about = is_about or told.is_about
    is_sure_start = not (
        beginning.is_early
        or any(claim.is_about for claim in start.claims)
        or clock.version_on(start.last) is not version
    )
    is_certain = is_sure_start and not is_about
    steps = tuple(
        _step(clock, limit, beginning, (low, end.last), is_certain=is_certain)
        for limit in _limits(clock, version, entries)
        if start.claims[0].kind in _counting(clock)
    )
    return Reading(
        clock=clock,
        version=version,
        start=start.date,
        until=until,
        on=on,
        least_days=_days(start.last, until.earliest or until.latest),
        greatest_days=_days(start.first, until.latest or until.earliest),
        is_ended=end.is_sure,
        is_perhaps_ended=end.is_perhaps,
        is_told=is_told,
        is_open_start=beginning.is_open,
        is_early_start=beginning.is_early,
        is_from_taking=(
            start.claims[0].kind == "taken-away" and clock.starts_with[0].kind != "taken-away"
        ),
        is_sure_start=is_sure_start,
        is_about=is_about,
        is_disputed=(
            start.is_contradicted or end.is_contradicted or any(claim.is_disputed for claim in used)
        ),
        steps=steps,
        approved=tuple(
            claim.date
            for claim in approvals_for(clock, version, claims, entries, (start.first, end.last))
        ),
        time=time,
        starts=tuple(claim.number for claim in start.claims),
        start_kind=start.claims[0].kind,
    )


def _limits(
    clock: Clock, version: Version, entries: Sequence[Mapping[str, Json]]
) -> tuple[Limit, ...]:
    """Return the limits of the law; for a penalty its own term where that is written down."""
    recorded = recorded_rights_term(entries) if clock.is_penalty else None
    return version.limits if recorded is None else (recorded,)


def _counting(clock: Clock) -> frozenset[str]:
    """Return the kinds from which days are counted; a penalty does not begin when it is imposed."""
    return clock.starting - {clock.id} if clock.is_penalty else clock.starting


def _step(
    clock: Clock,
    limit: Limit,
    beginning: _Beginning,
    ended: tuple[datetime.date, datetime.date],
    *,
    is_certain: bool,
) -> Step:
    first, last = beginning.span.first, beginning.span.last
    low, high = ended
    within = periods.surely_within(limit, first)
    soonest = periods.soonest_end(limit, first)
    latest = periods.last_day(limit, last)
    if clock.is_penalty:
        within = soonest = periods.day_before(soonest)
    if clock.moving is Moving.YES:
        within, soonest = periods.moved(within), periods.moved(soonest)
    if clock.moving is not Moving.NO:
        latest = periods.moved_at_latest(latest)
    if low > latest:
        state = State.PASSED
    elif high <= within and not beginning.is_open:
        state = State.WITHIN
    elif high <= within:
        # It began on that day at the latest: only that much is certain.
        state, is_certain = State.WITHIN, False
    else:
        state = State.PERHAPS_PASSED
    return Step(limit=limit, first_due=soonest, last_due=latest, state=state, is_certain=is_certain)


def _days(first: datetime.date, second: datetime.date | None) -> int:
    return max(0, ((second or first) - first).days)
