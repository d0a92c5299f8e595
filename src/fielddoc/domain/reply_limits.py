"""When the law asks for a reply to an action, as far as that follows from the day of receipt.

The limits are data (`resources/jurisdictions/cn-replies.toml`), one row a law and version. Days are
counted from the day after receipt, or after acceptance where the law counts from that: it comes at
once at the earliest, and at the end of the time for it at the latest, so that a span comes out. A last day that is a day off moves on, and public holidays of years that
were not announced yet are not known; so a span may come out, and only what lies behind its end is
late for certain.
"""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from fielddoc.domain.canonical import Json
from fielddoc.domain.jurisdictions import Limit, days_off
from fielddoc.domain.partial_date import PartialDate, PartialDateError, parse_edtf
from fielddoc.domain.periods import last_day, moved_at_latest
from fielddoc.i18n import N_, translate
from fielddoc.resources import resource

HOLIDAYS_DAYS = 10
"""By how much holidays that nobody knows yet may put off the end of a limit in working days."""
_LAST_YEAR = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLimit:
    """One time limit of one version of a law."""

    kind: str
    law_en: str
    law_zh_hans: str
    article: str
    in_force_from: datetime.date
    in_force_to: datetime.date | None
    is_from_acceptance: bool
    """Whether the law counts from the day on which the matter was accepted, not received."""
    acceptance_days: int
    acceptance_working_days: int
    """How long after receipt it can be accepted."""
    days: int
    working_days: int
    months: int
    extension_days: int
    extension_working_days: int
    extension_en: str
    extension_zh_hans: str
    verified: bool

    def basis(self, language: str) -> str:
        """Return the rule in words, with what can put the day off."""
        is_chinese = language.startswith("zh")
        law = self.law_zh_hans if is_chinese else self.law_en
        if self.article:
            words = translate(N_("{law}, art. {article}"), language)
            law = words.format(law=law, article=self.article)
        why = self.extension_zh_hans if is_chinese else self.extension_en
        words = translate(N_("{law}; may be put off {why}"), language)
        text = words.format(law=law, why=why) if why else law
        if self.is_from_acceptance:
            words = N_("{text}; counted from acceptance, of which only the receipt is known")
            text = translate(words, language).format(text=text)
        if self.verified:
            return text
        return translate(N_("{text} (not checked against the official text)"), language).format(
            text=text
        )


@dataclass(frozen=True, slots=True)
class ComputedDue:
    """The days on which a reply is due, as far as they follow from when it was received."""

    due: PartialDate
    limit: ReplyLimit


def computed_due(values: Mapping[str, Json]) -> ComputedDue | None:
    """Return by when the law asks for a reply to an action; None if that cannot be told.

    That takes a kind with a limit, and the day of receipt as far as it is known.
    """
    received = _span(values.get("received_on"))
    if received is None or received[1].year > _LAST_YEAR:
        return None
    first, last = received
    found = [
        limit
        for limit in reply_limits()
        if limit.kind == values.get("kind")
        and limit.in_force_from <= first
        and (limit.in_force_to is None or last <= limit.in_force_to)
    ]
    if len(found) != 1:
        return None
    limit = found[0]
    earliest, latest = _end(first, limit), _latest_end(_accepted_by(last, limit), limit)
    text = earliest.isoformat()
    if latest != earliest:
        text += f"/{latest.isoformat()}"
    return ComputedDue(parse_edtf(text), limit)


@cache
def reply_limits() -> tuple[ReplyLimit, ...]:
    """Return all limits of the data."""
    return tuple(_limit(row) for row in _rows("reply"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutFigure:
    """A kind of action that the law wants answered, in no number of days."""

    kind: str
    law_en: str
    law_zh_hans: str
    articles: tuple[str, ...]
    statute: str
    en: str
    zh_hans: str

    def sentence(self, language: str) -> str:
        """Return in words what the law says, with its articles."""
        is_chinese = language.startswith("zh")
        words = N_("The law names no number of days: {what} ({law}, articles {article}).")
        return translate(words, language).format(
            what=self.zh_hans if is_chinese else self.en,
            law=self.law_zh_hans if is_chinese else self.law_en,
            article=("、" if is_chinese else ", ").join(self.articles),
        )


@cache
def without_figure() -> tuple[WithoutFigure, ...]:
    """Return what the law wants answered without a number of days."""
    return tuple(
        WithoutFigure(
            kind=str(row["kind"]),
            law_en=str(row["law-en"]),
            law_zh_hans=str(row["law-zh-hans"]),
            articles=tuple(cast("list[str]", row["articles"])),
            statute=str(row["statute"]),
            en=str(row["en"]),
            zh_hans=str(row["zh-hans"]),
        )
        for row in _rows("without-figure")
    )


def _rows(name: str) -> list[dict[str, object]]:
    text = resource("jurisdictions", "cn-replies.toml").read_text(encoding="utf-8")
    return cast("list[dict[str, object]]", tomllib.loads(text)[name])


def _limit(row: Mapping[str, object]) -> ReplyLimit:
    def number(name: str) -> int:
        return cast("int", row.get(name, 0))

    return ReplyLimit(
        kind=str(row["kind"]),
        law_en=str(row["law-en"]),
        law_zh_hans=str(row["law-zh-hans"]),
        article=str(row["article"]),
        in_force_from=cast("datetime.date", row["in-force-from"]),
        in_force_to=cast("datetime.date | None", row.get("in-force-to")),
        is_from_acceptance=row["counts-from"] == "acceptance",
        acceptance_days=number("acceptance-days"),
        acceptance_working_days=number("acceptance-working-days"),
        days=number("days"),
        working_days=number("working-days"),
        months=number("months"),
        extension_days=number("extension-days"),
        extension_working_days=number("extension-working-days"),
        extension_en=str(row.get("extension-en", "")),
        extension_zh_hans=str(row.get("extension-zh-hans", "")),
        verified=bool(row["verified"]),
    )


def _end(start: datetime.date, limit: ReplyLimit) -> datetime.date:
    if not limit.working_days:
        return last_day(Limit(days=limit.days, months=limit.months), start)
    return _plus_working_days(start, limit.working_days)


def _plus_working_days(start: datetime.date, days: int) -> datetime.date:
    end, left = start, days
    while left:
        end += datetime.timedelta(days=1)
        left -= days_off().is_working_day(end)
    return end


def _latest_end(start: datetime.date, limit: ReplyLimit) -> datetime.date:
    """Return the last day at the latest: a day off moves it, and so do holidays nobody knows yet."""
    end = _end(start, limit)
    if not limit.working_days:
        return moved_at_latest(end)
    return _with_unknown_holidays(start, end)


def _accepted_by(received: datetime.date, limit: ReplyLimit) -> datetime.date:
    """Return the day of acceptance at the latest; the day of receipt where the law counts from it."""
    if limit.acceptance_working_days:
        end = _plus_working_days(received, limit.acceptance_working_days)
        return _with_unknown_holidays(received, end)
    if not limit.acceptance_days:
        return received
    return moved_at_latest(received + datetime.timedelta(days=limit.acceptance_days))


def _with_unknown_holidays(start: datetime.date, end: datetime.date) -> datetime.date:
    is_known = days_off().holds(start) and days_off().holds(end)
    return end if is_known else end + datetime.timedelta(days=HOLIDAYS_DAYS)


def _span(value: Json) -> tuple[datetime.date, datetime.date] | None:
    try:
        date = parse_edtf(value) if isinstance(value, str) else None
    except PartialDateError:
        return None
    if date is None or date.earliest is None or date.latest is None:
        return None
    return date.earliest, date.latest
