"""Time limits of procedure, computed from a chronology.

A limit that has passed is told as just that, with the extension that would make it lawful. The
program never says "illegal": it cannot know what was approved. Dates that are not exact give a
least and a greatest number of days, so that a limit has passed certainly, possibly, or not.
"""

import datetime
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import (
    PartialDate,
    PartialDateError,
    Precision,
    days_between,
    parse_edtf,
)
from fielddoc.resources import resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One step of a time limit: the base, or an extension of it."""

    days: int | None
    months: int | None
    en: str
    zh_hans: str

    def last_day(self, start: datetime.date) -> datetime.date:
        """Return the last day within the limit.

        Limits in days do not count the day on which they begin (Criminal Procedure Law, art.
        105); limits in months end on the same day of the month, or on its last day.
        """
        if self.days is not None:
            return start + datetime.timedelta(days=self.days)
        month = start.month - 1 + (self.months or 0)
        year, month = start.year + month // 12, month % 12 + 1
        following = datetime.date(year + month // 12, month % 12 + 1, 1)
        last = (following - datetime.timedelta(days=1)).day
        return datetime.date(year, month, min(start.day, last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time limit of one law."""

    id: str
    en: str
    zh_hans: str
    law_en: str
    law_zh_hans: str
    article: str
    starts_with: tuple[str, ...]
    """Kinds of entry that start it; the first one that the chronology has counts."""
    ends_with: tuple[str, ...]
    limits: tuple[Limit, ...]

    def law(self, language: str) -> str:
        """Return the name of the law in a language."""
        return self.law_zh_hans if language.startswith("zh") else self.law_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a clock shows for one chronology."""

    clock: Clock
    start: PartialDate
    until: PartialDate
    """What ended it, or the day up to which it is known that nothing did."""
    least_days: int
    greatest_days: int
    is_ended: bool
    certainly_passed: tuple[Limit, ...]
    possibly_passed: tuple[Limit, ...]
    """Passed only if the dates mean their outermost days."""
    within: Limit | None
    """The first limit that has certainly not passed: the extension that would be needed."""


@cache
def clocks(jurisdiction: str = "cn") -> tuple[Clock, ...]:
    """Return the time limits of a jurisdiction, from `resources/jurisdictions/<name>.toml`."""
    text = resource("jurisdictions", f"{jurisdiction}.toml").read_text(encoding="utf-8")
    return tuple(
        Clock(
            id=row["id"],
            en=row["en"],
            zh_hans=row["zh-hans"],
            law_en=row["law-en"],
            law_zh_hans=row["law-zh-hans"],
            article=row["article"],
            starts_with=tuple(row["starts-with"]),
            ends_with=tuple(row["ends-with"]),
            limits=tuple(
                Limit(
                    days=step.get("days"),
                    months=step.get("months"),
                    en=step["en"],
                    zh_hans=step["zh-hans"],
                )
                for step in row["limit"]
            ),
        )
        for row in tomllib.loads(text)["clock"]
    )


def read(clock: Clock, entries: Iterable[Mapping[str, Json]], as_of: PartialDate) -> Reading | None:
    """Return what `clock` shows, or None if the chronology does not start it with a dated entry.

    Args:
        clock: which time limit.
        entries: the chronology, for one person.
        as_of: until when it is known that nothing ended it.
    """
    chronology = list(entries)
    start = _first(chronology, clock.starts_with)
    if start is None:
        return None
    end = _first(chronology, clock.ends_with)
    least, greatest = days_between(start, end or as_of)
    if least is None or greatest is None or start.earliest is None or start.latest is None:
        return None
    final = end or as_of
    certainly = tuple(
        limit for limit in clock.limits if _earliest(final) > limit.last_day(start.latest)
    )
    possibly = tuple(
        limit
        for limit in clock.limits
        if limit not in certainly and _last(final) > limit.last_day(start.earliest)
    )
    open_limits = [x for x in clock.limits if x not in certainly and x not in possibly]
    return Reading(
        clock=clock,
        start=start,
        until=final,
        least_days=least,
        greatest_days=greatest,
        is_ended=end is not None,
        certainly_passed=certainly,
        possibly_passed=possibly,
        within=open_limits[0] if open_limits else None,
    )


def _first(entries: list[Mapping[str, Json]], kinds: Iterable[str]) -> PartialDate | None:
    """Return the date of the first entry of the first kind that has a usable one."""
    for kind in kinds:
        dates = [_date(entry) for entry in entries if entry.get("kind") == kind]
        known = [date for date in dates if date is not None and date.earliest and date.latest]
        if known:
            return min(known, key=lambda date: date.sort_key)
    return None


def _date(entry: Mapping[str, Json]) -> PartialDate | None:
    text = entry.get("date")
    try:
        date = parse_edtf(text) if isinstance(text, str) else None
    except PartialDateError:
        return None
    return None if date is not None and date.precision is Precision.INTERVAL else date


def _earliest(date: PartialDate) -> datetime.date:
    return date.earliest or datetime.date.min


def _last(date: PartialDate) -> datetime.date:
    return date.latest or datetime.date.max
