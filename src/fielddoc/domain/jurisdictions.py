"""Time limits of procedure as data: which law, in force from when, how long, counted from what.

Read from `resources/jurisdictions/`; the head of `cn.toml` says what its keys mean. Another country
is another file.
"""

import datetime
import re
import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from fielddoc.resources import resource


class Who(Enum):
    """Who has to act before the last day."""

    AUTHORITY = "authority"
    PERSON = "person"
    """The person, the family or whoever helps them: a right that ends, not a duty that is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One version of a law."""

    id: str
    en: str
    zh_hans: str
    version: str
    in_force_from: datetime.date
    in_force_to: datetime.date | None
    """Last day in force, or None if it is still in force as far as this program knows."""
    statute: str
    """Name of the text against which the limits were checked; empty if they were not."""
    is_verified: bool
    """Whether articles and limits were checked against the text of the statute."""

    def name(self, language: str) -> str:
        """Return the name of the law with its version."""
        if language.startswith("zh"):
            return f"《{self.zh_hans}》（{self.version}）"
        return f"{self.en} ({self.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One step of a time limit: the base, or an extension of it. Its units add up."""

    en: str = ""
    zh_hans: str = ""
    """Its ground, in our own words; empty where the length says it all."""
    hours: int = 0
    days: int | None = None
    months: int | None = None
    years: int = 0
    parts: tuple[str, ...] = ()
    """The figures of the law that it is the sum of: `3 days`, `7 days`."""
    approver_en: str = ""
    approver_zh_hans: str = ""
    """Who must approve it; empty where no other authority has to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one version of a law says."""

    law: Law
    articles: tuple[str, ...]
    """Empty where the numbers are not known."""
    limits: tuple[Limit, ...]
    """From the base to the longest extension; empty where the law names no figure."""
    exception_en: str = ""
    exception_zh_hans: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A kind of entry that starts a clock, if another kind is in the chronology too."""

    kind: str
    only_with: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time limit, in all versions that the data holds."""

    id: str
    number: int
    en: str
    zh_hans: str
    who: Who
    starts_with: tuple[Start, ...]
    starts_no_earlier_than: tuple[str, ...]
    starts_no_later_than: tuple[str, ...]
    starting: frozenset[str]
    """All kinds of entry of the three: without any of them the clock does not start."""
    ends_with: tuple[str, ...]
    ended_by: tuple[str, ...]
    silent_with: tuple[str, ...]
    end_is_told: bool
    is_moved_to_working_day: bool
    versions: tuple[Version, ...]

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits of the newest version that was checked, else of the newest."""
        checked = [version for version in self.versions if version.law.is_verified]
        return (checked or list(self.versions))[-1].limits

    def name(self, language: str) -> str:
        """Return what is counted, in a language."""
        return self.zh_hans if language.startswith("zh") else self.en

    def version_on(self, day: datetime.date) -> Version | None:
        """Return what was in force on a day, or None if the data does not hold it."""
        for version in self.versions:
            law = version.law
            if law.in_force_from <= day and (law.in_force_to is None or day <= law.in_force_to):
                return version
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """Days on which nobody works, as they were announced year by year."""

    first_year: int
    last_year: int
    off: frozenset[datetime.date]
    working: frozenset[datetime.date]
    """Days of a weekend on which people work."""

    def is_working_day(self, day: datetime.date) -> bool:
        """Tell whether people work on a day; in years that are not held, weekends count alone."""
        return day in self.working or (day.weekday() < _SATURDAY and day not in self.off)

    def holds(self, day: datetime.date) -> bool:
        """Tell whether the year of a day was announced when this was written."""
        return self.first_year <= day.year <= self.last_year


_SATURDAY = 5
JURISDICTIONS = ("cn", "un")


@cache
def clocks(jurisdiction: str = "") -> tuple[Clock, ...]:
    """Return the time limits of a jurisdiction, or of all."""
    if not jurisdiction:
        return tuple(clock for name in JURISDICTIONS for clock in clocks(name))
    text = resource("jurisdictions", f"{jurisdiction}.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    laws = {row["id"]: _law(row) for row in document["law"]}
    return tuple(_clock(row, laws) for row in document["clock"])


@cache
def days_off() -> DaysOff:
    """Return the days off of `resources/jurisdictions/cn-days-off.toml`."""
    text = resource("jurisdictions", "cn-days-off.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    first, last = document["years"]
    return DaysOff(
        first_year=first,
        last_year=last,
        off=frozenset(document["off"]),
        working=frozenset(document["working"]),
    )


def _law(row: dict[str, Any]) -> Law:
    return Law(
        id=row["id"],
        en=row["en"],
        zh_hans=row["zh-hans"],
        version=row["version"],
        in_force_from=row["in-force-from"],
        in_force_to=row.get("in-force-to"),
        statute=row.get("statute", ""),
        is_verified=row["verified"],
    )


def _clock(row: dict[str, Any], laws: dict[str, Law]) -> Clock:
    starts = tuple(_start(text) for text in row["starts-with"])
    early = tuple(row.get("starts-no-earlier-than", ()))
    late = tuple(row.get("starts-no-later-than", ()))
    return Clock(
        id=row["id"],
        number=row["number"],
        en=row["en"],
        zh_hans=row["zh-hans"],
        who=Who(row.get("who", Who.AUTHORITY.value)),
        starts_with=starts,
        starts_no_earlier_than=early,
        starts_no_later_than=late,
        starting=frozenset((*(start.kind for start in starts), *early, *late)),
        ends_with=tuple(row.get("ends-with", ())),
        ended_by=tuple(row.get("ended-by", ())),
        silent_with=tuple(row.get("silent-with", ())),
        end_is_told=row.get("end-is-told", False),
        is_moved_to_working_day=row.get("working-day", False),
        versions=tuple(_version(part, row, laws) for part in row["version"]),
    )


def _start(text: str) -> Start:
    kind, _, only_with = text.partition(" if ")
    return Start(kind=kind, only_with=only_with)


def _version(row: dict[str, Any], clock: dict[str, Any], laws: dict[str, Law]) -> Version:
    return Version(
        law=laws[row["law"]],
        articles=tuple(row["articles"]),
        limits=tuple(_limit(step) for step in row.get("limit", ())),
        exception_en=row.get("exception-en", clock.get("exception-en", "")),
        exception_zh_hans=row.get("exception-zh-hans", clock.get("exception-zh-hans", "")),
    )


def _limit(row: dict[str, Any]) -> Limit:
    sums = {"hour": 0, "day": 0, "month": 0, "year": 0}
    for part in row["parts"]:
        number, unit = split_part(part)
        sums[unit] += number
    return Limit(
        en=row.get("en", ""),
        zh_hans=row.get("zh-hans", ""),
        hours=sums["hour"],
        days=sums["day"] or None,
        months=sums["month"] or None,
        years=sums["year"],
        parts=tuple(row["parts"]),
        approver_en=row.get("approver-en", ""),
        approver_zh_hans=row.get("approver-zh-hans", ""),
    )


_PART = re.compile(r"([1-9][0-9]*) (hour|day|month|year)s?")


def split_part(part: str) -> tuple[int, str]:
    """Return number and unit of a figure such as `3 days`."""
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(part)
    return int(match[1]), match[2]
