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
    adopted: datetime.date | None
    """The day of the last decision that the head of the text names; None if there is no text."""
    is_in_force_told: bool
    """Whether the text itself gives the first day in force; else it is from general knowledge."""
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
class Anchor:
    """Where in a statute something stands, told by a few terms of law that are in its words."""

    article: str
    clause: str
    """A term that stands between the same two commas."""
    sentence: tuple[str, ...]
    """Terms that stand in the same sentence."""


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
    rests_on: tuple[Anchor, ...] = ()
    """Where each figure of `parts` stands; empty where the law was not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What lets a period last longer than its longest limit: the law names no figure for it."""

    en: str
    zh_hans: str
    """Its ground, in our own words."""
    is_anew: bool
    """Whether the period is counted anew; else somebody approves more, and how much is open."""
    approver_en: str = ""
    approver_zh_hans: str = ""
    rests_on: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one version of a law says."""

    law: Law
    articles: tuple[str, ...]
    """Empty where the numbers are not known."""
    limits: tuple[Limit, ...]
    """From the base to the longest extension; empty where the law names no figure."""
    beyond: tuple[Beyond, ...] = ()
    at_most: int = 0
    """How often it may begin in one case; 0 where the law names no number."""
    exception_en: str = ""
    exception_zh_hans: str = ""
    exception_rests_on: tuple[Anchor, ...] = ()


class Moving(Enum):
    """Whether a last day that is a holiday moves to the next working day."""

    NO = "no"
    YES = "yes"
    PERHAPS = "perhaps"
    """It can be read either way, so that nothing is certain in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A kind of entry that starts a clock, if another kind is in the chronology too."""

    kind: str
    only_with: str = ""
    only_after: str = ""
    """Another kind that has to lie before it."""


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
    moving: Moving
    not_if_first: tuple[str, ...]
    """Measures that show, where one follows the taking, that the taking was none of this clock."""
    extended_by: tuple[str, ...]
    """Kinds of agency that can approve an extension; empty where no approval can extend it."""
    is_penalty: bool
    """Whether it is a penalty that lasts, and no limit that somebody has to keep."""
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
        adopted=row.get("adopted"),
        is_in_force_told=row.get("in-force-told", False),
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
        moving=Moving(row.get("moves-over-holidays", Moving.NO.value)),
        not_if_first=tuple(row.get("not-if-first", ())),
        extended_by=tuple(row.get("extended-by", ())),
        is_penalty=row.get("penalty", False),
        versions=tuple(_version(part, row, laws) for part in row["version"]),
    )


def _start(text: str) -> Start:
    kind, _, only_after = text.partition(" after ")
    kind, _, only_with = kind.partition(" if ")
    return Start(kind=kind, only_with=only_with, only_after=only_after)


def _anchors(row: dict[str, Any], name: str = "rests-on") -> tuple[Anchor, ...]:
    return tuple(_anchor(text) for text in row.get(name, ()))


def _anchor(text: str) -> Anchor:
    article, _, terms = text.partition(" ")
    clause, *sentence = terms.split("/")
    return Anchor(article=article, clause=clause, sentence=tuple(sentence))


def _beyond(row: dict[str, Any]) -> Beyond:
    return Beyond(
        en=row["en"],
        zh_hans=row["zh-hans"],
        is_anew=row.get("anew", False),
        approver_en=row.get("approver-en", ""),
        approver_zh_hans=row.get("approver-zh-hans", ""),
        rests_on=_anchors(row),
    )


def _version(row: dict[str, Any], clock: dict[str, Any], laws: dict[str, Law]) -> Version:
    return Version(
        law=laws[row["law"]],
        articles=tuple(row["articles"]),
        limits=tuple(_limit(step) for step in row.get("limit", ())),
        beyond=tuple(_beyond(step) for step in row.get("beyond", ())),
        at_most=row.get("at-most", 0),
        exception_en=row.get("exception-en", clock.get("exception-en", "")),
        exception_zh_hans=row.get("exception-zh-hans", clock.get("exception-zh-hans", "")),
        exception_rests_on=_anchors(row, "exception-rests-on"),
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
        rests_on=_anchors(row),
    )


_PART = re.compile(r"([1-9][0-9]*) (hour|day|month|year)s?")


def split_part(part: str) -> tuple[int, str]:
    """Return number and unit of a figure such as `3 days`."""
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(part)
    return int(match[1]), match[2]
