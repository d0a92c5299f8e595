"""Actions that wait for a reply, as lines of the agenda: the latest first, then those without a day."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from fielddoc.domain.agenda import Case
from fielddoc.domain.partial_date import describe
from fielddoc.domain.reply_due import (
    lacks_due_date,
    lateness_words,
    no_figure_words,
    reply_due,
)
from fielddoc.i18n import N_, in_a_row, t_

HEADING = N_("Waiting for a reply")


@dataclass(frozen=True, slots=True)
class WaitingReply:
    """One action that waits."""

    record: str
    day: str
    words: str
    days_late: int | None
    """Days since the last day of the reply, negative while there is time; None without a day."""


def waiting_replies(cases: Iterable[Case], on: datetime.date, language: str) -> list[WaitingReply]:
    """Return those among the records that wait for a reply on a day, in the order of reading."""
    found = [
        one
        for case in cases
        if case.type == "action" and (one := _waiting(case, on, language)) is not None
    ]
    return sorted(found, key=_place)


def _waiting(case: Case, on: datetime.date, language: str) -> WaitingReply | None:
    due = reply_due(case.values, on, language)
    if due is not None:
        lateness = lateness_words(due, language)
        words = in_a_row((f"{lateness[:1].upper()}{lateness[1:]}", due.basis), language)
        return WaitingReply(case.record, describe(due.due, language), words, due.days)
    if lacks_due_date(case.values):
        words = t_("The law gives a time for the reply. Note when this was received, or by when.")
    elif case.values.get("outcome"):
        return None
    else:
        words = no_figure_words(case.values, language)
    return WaitingReply(case.record, t_("no date"), words, None) if words else None


def _place(one: WaitingReply) -> tuple[bool, int, str]:
    return one.days_late is None, -(one.days_late or 0), one.record
