"""Actions whose reply is late, or may be, on a day."""

import datetime
from dataclasses import dataclass

from fielddoc.domain.reply_due import (
    Lateness,
    ReplyDue,
    lacks_due_date,
    no_figure_words,
    reply_due,
    waits_without_limit,
)
from fielddoc.vault.reading_states import states_of_type
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class AwaitedReply:
    """An action that waits for a reply."""

    record: str
    due: ReplyDue


def awaited_replies(vault: Vault, on: datetime.date, language: str = "en") -> list[AwaitedReply]:
    """Return every action that waits for a reply on a day, the longest overdue first."""
    found = [
        AwaitedReply(record, due)
        for record, values in states_of_type(vault, "action")
        if (due := reply_due(values, on, language)) is not None
    ]
    return sorted(found, key=lambda one: (-one.due.days, one.record))


def overdue_actions(vault: Vault, on: datetime.date, language: str = "en") -> list[AwaitedReply]:
    """Return the actions whose reply is late on a day, or may be late because a date is vague."""
    return [
        one for one in awaited_replies(vault, on, language) if one.due.lateness is not Lateness.DUE
    ]


def without_due_date(vault: Vault) -> list[str]:
    """Return the ids of actions that get a reply by law but say not by when."""
    return [r for r, values in states_of_type(vault, "action") if lacks_due_date(values)]


def without_figure(vault: Vault, language: str = "en") -> list[tuple[str, str]]:
    """Return actions for whose reply the law names no number of days, with what it says."""
    return [
        (record, words)
        for record, values in states_of_type(vault, "action")
        if (words := no_figure_words(values, language))
    ]


def without_limit(vault: Vault) -> list[str]:
    """Return the ids of actions that wait for a reply that no law gives a time for."""
    return [r for r, values in states_of_type(vault, "action") if waits_without_limit(values)]
