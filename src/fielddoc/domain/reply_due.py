"""When a reply to an action is due, and whether it is late on a day, as far as dates are known."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import PartialDate, PartialDateError, parse_edtf
from fielddoc.domain.reply_limits import WithoutFigure, computed_due, without_figure
from fielddoc.i18n import N_, translate

WITH_REPLY = (
    "information-request",
    "administrative-review",
    "administrative-lawsuit",
    "complaint",
    "petition",
)
"""Kinds of action that the law gives a time for a reply; codes of the list `action-kinds`."""


class Lateness(Enum):
    """How a reply stands on a day."""

    CERTAINLY_LATE = N_("the reply is late")
    POSSIBLY_LATE = N_("the reply may be late")
    DUE = N_("the reply is still due")


@dataclass(frozen=True, slots=True)
class ReplyDue:
    """An action that waits for a reply."""

    due: PartialDate
    lateness: Lateness
    days: int
    """Days since the last day on which the reply was due; negative while there is time."""
    basis: str
    """The rule that the date follows from, as it was written down or computed; may be empty."""
    is_computed: bool = False
    """Whether nobody entered the date, and it follows from when the action was received."""


def reply_due(
    values: Mapping[str, Json], on: datetime.date, language: str = "en"
) -> ReplyDue | None:
    """Return how the reply to an action stands on a day; None if none is awaited.

    The date that was entered holds; without one it is computed from the day of receipt, if the
    kind of action has a limit in law.

    A reply that came by that day is awaited no more; one whose date is not known but whose text or
    outcome is there has come. A due date that is known to the month only is late for certain when
    the month has passed, and possibly from its first day on.
    """
    entered = _date(values.get("reply_due"))
    computed = computed_due(values) if not values.get("reply_due") else None
    due = computed.due if computed is not None else entered
    if due is None or due.latest is None or _has_come(values, on):
        return None
    if on > due.latest:
        lateness = Lateness.CERTAINLY_LATE
    elif due.earliest is None or on > due.earliest:
        lateness = Lateness.POSSIBLY_LATE
    else:
        lateness = Lateness.DUE
    days = (on - due.latest).days
    if computed is not None:
        return ReplyDue(due, lateness, days, computed.limit.basis(language), is_computed=True)
    basis = values.get("reply_due_basis")
    return ReplyDue(due, lateness, days, basis if isinstance(basis, str) else "")


def lateness_words(due: ReplyDue, language: str | None = None) -> str:
    """Return how the reply stands, and by how many days it is late for certain."""
    words = translate(due.lateness.value, language)
    if due.lateness is not Lateness.CERTAINLY_LATE:
        return words
    late = translate(N_("{words}, by {days} days"), language)
    return late.format(words=words, days=due.days)


def lacks_due_date(values: Mapping[str, Json]) -> bool:
    """Tell whether an action waits for a reply that the law gives a time for, but not until when.

    False where the law itself names no number of days: there is nothing to fill in.
    """
    if values.get("kind") not in WITH_REPLY or _without_figure(values) is not None:
        return False
    is_known = values.get("reply_due") or computed_due(values) is not None
    return not is_known and not _is_answered(values)


def no_figure_words(values: Mapping[str, Json], language: str) -> str:
    """Return that the law names no number of days for the reply; empty where it does, or has come.

    A date that was entered holds, and says more.
    """
    found = _without_figure(values)
    if found is None or values.get("reply_due") or _is_answered(values):
        return ""
    return found.sentence(language)


def waits_without_limit(values: Mapping[str, Json]) -> bool:
    """Tell whether somebody noted that a reply is awaited that no law gives a time for."""
    if values.get("kind") in WITH_REPLY or _without_figure(values) is not None:
        return False
    is_waiting = values.get("outcome") in _WAITING
    return is_waiting and not values.get("reply_due") and not _is_answered(values)


def _without_figure(values: Mapping[str, Json]) -> WithoutFigure | None:
    return next((one for one in without_figure() if one.kind == values.get("kind")), None)


def _has_come(values: Mapping[str, Json], on: datetime.date) -> bool:
    came = _date(values.get("reply_on"))
    if came is not None and came.earliest is not None:
        return came.earliest <= on
    return _says_answer(values)


def _is_answered(values: Mapping[str, Json]) -> bool:
    """Tell whether a reply has come, where no day is asked about."""
    return bool(values.get("reply_on")) or _says_answer(values)


def _says_answer(values: Mapping[str, Json]) -> bool:
    outcome = values.get("outcome")
    return bool(values.get("reply")) or (bool(outcome) and outcome not in _WAITING)


_WAITING = ("awaited", "no-reply", "acknowledged", "accepted")
"""Outcomes, codes of the list `reply-outcomes`, that are no reply yet."""


def _date(value: Json) -> PartialDate | None:
    try:
        return parse_edtf(value) if isinstance(value, str) else None
    except PartialDateError:
        return None
