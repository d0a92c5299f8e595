"""What one clock shows for one chronology: how long, which limits, what was approved."""

import datetime
from dataclasses import dataclass
from enum import Enum, auto

from fielddoc.domain.jurisdictions import Clock, Limit, Version
from fielddoc.domain.partial_date import PartialDate


class State(Enum):
    """Whether a limit was kept, as far as the dates tell."""

    PASSED = auto()
    PERHAPS_PASSED = auto()
    WITHIN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One limit of a clock, for one chronology."""

    limit: Limit
    first_due: datetime.date
    last_due: datetime.date
    """The last day within it lies between these two, both included."""
    state: State
    is_certain: bool
    """False where a date is only approximate or the beginning is only told by another step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a clock shows for one chronology."""

    clock: Clock
    version: Version
    """What was in force on the first day on which the period can have begun."""
    start: PartialDate
    until: PartialDate
    """What ended it, or the day up to which it is told that nothing did."""
    on: datetime.date
    """The day for which this was read."""
    least_days: int
    greatest_days: int
    is_ended: bool
    is_perhaps_ended: bool
    """Whether something may have ended it: the dates do not tell the order."""
    is_told: bool
    """Whether anybody told that it had not ended up to `until`."""
    is_open_start: bool
    """Whether it began on that day at the latest, perhaps earlier."""
    is_early_start: bool
    """Whether it began on that day at the earliest, perhaps later."""
    is_from_taking: bool
    """Whether it is reckoned from the taking, because the measure itself is not told."""
    is_sure_start: bool
    """Whether its beginning is told as such, with its own day, under one version of the law.

    Else nothing in it has passed but perhaps, however long it is.
    """
    is_about: bool
    """Whether a date that it rests on is only approximate."""
    is_disputed: bool
    """Whether a claim that it rests on is disputed, doubtful, or contradicted by another date."""
    steps: tuple[Step, ...]
    approved: tuple[PartialDate | None, ...]
    """When extensions were recorded as approved that can concern it; None for an unknown day."""
    time: int
    """The how manyth time in the chronology, for what the law allows so many times only."""
    starts: tuple[int, ...]
    """Places of the entries that start it."""
    start_kind: str
    """Kind of the claim that starts it."""

    @property
    def approvals(self) -> int:
        """How many extensions were recorded as approved that can concern it."""
        return len(self.approved)

    @property
    def approvals_needed(self) -> int:
        """How many approvals the time up to now would need, each of one step; 0 if none is enough.

        A step without an approver counts once if there is no other: somebody has decided it.
        """
        passed = [step.limit for step in self.steps if self.is_past(step)]
        if not passed:
            return 0
        if self.within is not None:
            used = self.steps[: len(self.steps) - sum(s.state is State.WITHIN for s in self.steps)]
            needed = [*(step.limit for step in used), self.within]
            return max(1, sum(bool(limit.approver_en) for limit in needed))
        if all(beyond.is_anew for beyond in self.version.beyond):
            return 0
        return 1 + sum(bool(step.limit.approver_en) for step in self.steps)

    @property
    def is_covered(self) -> bool:
        """Whether the base limit has passed and so many approvals are recorded as that would need."""
        return 0 < self.approvals_needed <= self.approvals

    @property
    def is_more_often_than_allowed(self) -> bool:
        """Whether it began more often than the law allows."""
        return 0 < self.version.at_most < self.time

    @property
    def certainly_passed(self) -> tuple[Limit, ...]:
        """Limits that have passed for every day that the dates may mean."""
        return tuple(s.limit for s in self.steps if s.state is State.PASSED and s.is_certain)

    @property
    def possibly_passed(self) -> tuple[Limit, ...]:
        """Limits that have passed for some days that the dates may mean."""
        return tuple(
            step.limit
            for step in self.steps
            if step.state is not State.WITHIN
            and not (step.state is State.PASSED and step.is_certain)
        )

    def is_past(self, step: Step) -> bool:
        """Tell whether a limit has passed, as far as its beginning is told."""
        return step.state is State.PASSED and self.is_sure_start

    @property
    def within(self) -> Limit | None:
        """The first limit that has not passed: the extension that would be needed."""
        return next((step.limit for step in self.steps if step.state is State.WITHIN), None)

    @property
    def is_running(self) -> bool:
        """Whether nothing is known to have ended it."""
        return not self.is_ended

    @property
    def next_due(self) -> Step | None:
        """The first step whose last day is not over on the day of reading, while it runs."""
        if self.is_ended:
            return None
        return next((step for step in self.steps if step.last_due >= self.on), None)
