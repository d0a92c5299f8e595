"""When the law asks for a reply to an action, counted from the day on which it was received.

The limits are data (`resources/jurisdictions/cn-replies.toml`), one row a law and version. Days are
counted from the day after. A last day that is a day off moves on, and public holidays of years that
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
    earliest, latest = _end(first, limit), _latest_end(last, limit)
    text = earliest.isoformat()
    if latest != earliest:
        text += f"/{latest.isoformat()}"
    return ComputedDue(parse_edtf(text), limit)


@cache
def reply_limits() -> tuple[ReplyLimit, ...]:
    """Return all limits of the data."""
    text = resource("jurisdictions", "cn-replies.toml").read_text(encoding="utf-8")
    rows = cast("list[dict[str, object]]", tomllib.loads(text)["reply"])
    return tuple(_limit(row) for row in rows)


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
        days=number("days"),
        working_days=number("working-days"),
        months=number("months"),
        extension_days=number("extension-days"),
        extension_working_days=number("extension-working-days"),
        extension_en=str(row.get("extension-en", "")),
        extension_zh_hans=str(row.get("extension-zh-hans", "")),
        verified=bool(row["verified"]),
    )


def _end(received: datetime.date, limit: ReplyLimit) -> datetime.date:
    if not limit.working_days:
        return last_day(Limit(days=limit.days, months=limit.months), received)
    end, left = received, limit.working_days
    while left:
        end += datetime.timedelta(days=1)
        left -= days_off().is_working_day(end)
    return end


def _latest_end(received: datetime.date, limit: ReplyLimit) -> datetime.date:
    """Return the last day at the latest: a day off moves it, and so do holidays nobody knows yet."""
    end = _end(received, limit)
    if not limit.working_days:
        return moved_at_latest(end)
    is_known = days_off().holds(received) and days_off().holds(end)
    return end if is_known else end + datetime.timedelta(days=HOLIDAYS_DAYS)


def _span(value: Json) -> tuple[datetime.date, datetime.date] | None:
    try:
        date = parse_edtf(value) if isinstance(value, str) else None
    except PartialDateError:
        return None
    if date is None or date.earliest is None or date.latest is None:
        return None
    return date.earliest, date.latest
