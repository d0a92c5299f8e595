"""What the legal clocks show, in words.

They never say that something was illegal: nobody tells what was approved.
"""

import datetime
from enum import Enum

from fielddoc.domain.case_clocks import CourseOfCase, Custody, Measure
from fielddoc.domain.claims import interval
from fielddoc.domain.clock_reading import Reading, State
from fielddoc.domain.jurisdictions import Limit, Version, Who
from fielddoc.domain.law_words import beyond_words, law_words, length, limit_words
from fielddoc.domain.partial_date import describe
from fielddoc.domain.penalty_words import due_words, penalty_heading, penalty_sentences
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, clauses, in_a_row, translate


class Group(Enum):
    """How the clocks of a case are put together for a reader."""

    PASSED = N_("Past the base limit")
    COVERED = N_("Past the base limit, with a recorded approval")
    RUNS = N_("Running")
    OPEN = N_("Days in which one can still act")
    UNTOLD = N_("Began; nobody tells whether it was done")
    ENDED = N_("Over")
    DUTY = N_("What the law asks without a number of days")

    def title(self, language: str | None = None) -> str:
        """Return the heading in the person's language."""
        return translate(self.value, language)


GROUPS = tuple(Group)


def group_of(reading: Reading) -> Group:
    """Return where a reading stands."""
    if not reading.steps:
        return Group.DUTY
    if reading.clock.is_penalty:
        return Group.ENDED if _is_served(reading) else Group.RUNS
    if reading.is_more_often_than_allowed:
        return Group.PASSED
    if reading.is_covered:
        return Group.COVERED
    if reading.clock.who is Who.PERSON:
        is_over = reading.is_ended or reading.steps[0].last_due < reading.on
        return Group.ENDED if is_over else Group.OPEN
    if reading.is_ended:
        return Group.PASSED if reading.is_past(reading.steps[0]) else Group.ENDED
    if reading.is_past(reading.steps[0]):
        return Group.PASSED
    if reading.steps[-1].last_due < reading.on and not reading.is_told:
        return Group.UNTOLD
    return Group.RUNS


def _is_served(reading: Reading) -> bool:
    """Tell whether a penalty is over even at its longest without a sentence that was reduced."""
    longest = reading.steps[min(1, len(reading.steps) - 1)]
    return longest.last_due < reading.on


def custody_words(custody: Custody, on: datetime.date, language: str) -> str:
    """Return since when somebody is in custody, reckoned from the taking."""
    days = _range(custody.least_days, custody.greatest_days, language)
    start = describe(custody.start, language)
    if custody.end is not None:
        words = N_("In custody from the taking ({start}) to the end ({end}): {days}.")
        end = describe(custody.end, language)
        return translate(words, language).format(start=start, end=end, days=days)
    words = N_("Taken: {start}. No end of custody is told up to {day}: {days}.")
    day = describe(interval(on, on), language)
    return translate(words, language).format(start=start, day=day, days=days)


def measure_words(measure: Measure, on: datetime.date, language: str) -> str:
    """Return how long a measure lasted for which no time limit in law is known."""
    label = vocabulary("entry-kinds").label(measure.kind, language)
    days = _range(measure.least_days, measure.greatest_days, language)
    start = describe(measure.start, language)
    words = (
        N_("{what}: from {start} to {end}, {days}. No time limit in law is known for this.")
        if measure.end is not None
        else N_(
            "{what}: since {start}, no end told up to {end}, {days}."
            " No time limit in law is known for this."
        )
    )
    end = describe(measure.end or interval(on, on), language)
    return translate(words, language).format(
        what=f"{label[:1].upper()}{label[1:]}", start=start, end=end, days=days
    )


def course_words(course: CourseOfCase, on: datetime.date, language: str) -> list[str]:
    """Return what is told before any limit: time in custody, and measures that have no limit."""
    return [
        *(custody_words(one, on, language) for one in course.custody),
        *(measure_words(one, on, language) for one in course.without_limit),
    ]


def reading_words(reading: Reading, language: str) -> str:
    """Return in one paragraph what a clock shows."""
    return in_a_row([heading(reading, language), *sentences(reading, language)], language)


def heading(reading: Reading, language: str) -> str:
    """Return what was counted and how long it was: "… : 23 days."."""
    name = reading.clock.name(language)
    name = f"{name[:1].upper()}{name[1:]}"
    if not reading.steps:
        return translate(N_("{clock}."), language).format(clock=name)
    if reading.clock.is_penalty:
        return penalty_heading(reading, name, language)
    if not reading.is_ended and not reading.is_told:
        words = N_("{clock}: began {day}, and nothing is told of its end.")
        day = describe(reading.start, language)
        return translate(words, language).format(clock=name, day=day)
    days = short_reading(reading, language)
    if not reading.is_ended:
        words = (
            N_("{days} up to {day}, and not done as far as is known")
            if reading.clock.silent_with and not reading.clock.end_is_told
            else N_("{days} up to {day}, and not ended as far as is known")
        )
        last = reading.until.latest
        day = describe(interval(last, last) if last else reading.until, language)
        days = translate(words, language).format(days=days, day=day)
    return translate(N_("{clock}: {days}."), language).format(clock=name, days=days)


def sentences(reading: Reading, language: str) -> list[str]:
    """Return what follows from it: limits passed or kept, what is due, how sure that is, the law."""
    parts: list[str] = []
    if reading.clock.is_penalty:
        parts += penalty_sentences(reading, language)
    if not reading.steps:
        return [
            *parts,
            *_exception(reading.version, language),
            law_words(reading.version, language),
        ]
    if reading.clock.is_penalty:
        pass
    elif reading.clock.who is Who.PERSON:
        parts += _window(reading, language)
    else:
        parts += _limits(reading, language)
        parts += _due(reading, language)
        parts += _approvals(reading, language)
    parts += _times(reading, language)
    parts += _how_sure(reading, language)
    parts += _exception(reading.version, language)
    parts.append(law_words(reading.version, language))
    return parts


def short_reading(reading: Reading, language: str) -> str:
    """Return the days that a clock shows, for the bar of a timeline."""
    return _range(reading.least_days, reading.greatest_days, language)


def without_law_words(course: CourseOfCase, language: str) -> list[str]:
    """Return for which periods this program does not hold the law of the time."""
    words = N_("{clock}, from {day}: the law of that day is not in this program.")
    return [
        translate(words, language).format(clock=clock.name(language), day=describe(day, language))
        for clock, day in course.without_law
    ]


def _limits(reading: Reading, language: str) -> list[str]:
    passed = [step for step in reading.steps if reading.is_past(step)]
    perhaps = [s for s in reading.steps if s not in passed and s.state is not State.WITHIN]
    within = reading.within
    parts: list[str] = []
    if passed:
        words = N_("Longer than {limit}.")
        parts.append(_with_limit(words, passed[-1].limit, language))
    if perhaps and (reading.is_ended or reading.is_told or reading.is_perhaps_ended):
        words = N_("Perhaps longer than {limit}.")
        parts.append(_with_limit(words, perhaps[-1].limit, language))
    elif perhaps:
        words = N_("The last day of {limit} is over, and nobody tells whether it was kept.")
        limit = perhaps[-1].limit
        # The ground of the base limit often names its days again, and nobody needs it here.
        is_base = limit is reading.steps[0].limit
        told = length(limit, language) if is_base else limit_words(limit, language)
        parts.append(translate(words, language).format(limit=told))
    if within is not None and (passed or perhaps):
        parts.append(_with_limit(N_("It would need: {limit}."), within, language))
    elif within is not None:
        parts.append(_with_limit(N_("Within {limit}."), within, language))
    elif passed or perhaps:
        parts += _beyond(reading.version, language)
        if not reading.version.beyond and len(passed) == len(reading.steps) > 1:
            words = N_("No extension that these articles name is as long.")
            parts.append(translate(words, language))
    return parts


def _beyond(version: Version, language: str) -> list[str]:
    """Return what a time longer than every figure of the law would need, one sentence each."""
    return [
        translate(
            N_("It would need: {what}.") if not number else N_("Or: {what}."), language
        ).format(what=beyond_words(beyond, language))
        for number, beyond in enumerate(version.beyond)
    ]


def _times(reading: Reading, language: str) -> list[str]:
    """Return that a period began more often than the law allows."""
    if not reading.is_more_often_than_allowed:
        return []
    words = N_("This is number {number}; the law allows {most} at most.")
    return [translate(words, language).format(number=reading.time, most=reading.version.at_most)]


def _due(reading: Reading, language: str) -> list[str]:
    if reading.is_ended:
        return []
    words = N_("{limit}: last day {day}.")
    return [
        translate(words, language).format(
            limit=length(step.limit, language), day=due_words(step, language)
        )
        for step in reading.steps
    ]


def _approvals(reading: Reading, language: str) -> list[str]:
    """Return what is recorded of approvals, for a limit that one can extend."""
    if reading.steps[0].state is State.WITHIN or not reading.clock.extended_by:
        return []
    if not reading.approved:
        return [translate(N_("Recorded approval of an extension: none."), language)]
    days = [
        describe(day, language) if day else translate(N_("unknown day"), language)
        for day in reading.approved
    ]
    if reading.is_covered:
        words = N_("Covered by the recorded approval of {day}, as far as it concerns this limit.")
        if len(days) > 1:
            words = N_(
                "Covered by the recorded approvals of {day}, as far as they concern this limit."
            )
        return [translate(words, language).format(day=clauses(days, language))]
    words = N_("Recorded approvals of an extension: {count} ({day}).")
    parts = [translate(words, language).format(count=len(days), day=clauses(days, language))]
    if reading.approvals_needed > len(days):
        words = N_("So long a time would need {needed}.")
        parts.append(translate(words, language).format(needed=reading.approvals_needed))
    return parts


def _window(reading: Reading, language: str) -> list[str]:
    """Return in words until when the person or their side can act."""
    step = reading.steps[0]
    if reading.is_ended:
        return []
    fields = {"what": limit_words(step.limit, language), "day": due_words(step, language)}
    if step.last_due < reading.on:
        words = N_("{what}: the last day was {day}.")
    else:
        words = N_("{what}: still open, last day {day}.")
    return [translate(words, language).format(**fields)]


def _how_sure(reading: Reading, language: str) -> list[str]:
    parts: list[str] = []
    if reading.is_from_taking:
        parts.append(N_("Reckoned from the taking, as the measure itself is not told."))
    if reading.is_perhaps_ended:
        parts.append(N_("Something that is recorded may have ended it; its date does not tell."))
    if reading.is_open_start:
        parts.append(N_("Counted from a later step, so the true time is at least as long."))
    if reading.is_early_start:
        parts.append(N_("Counted from an earlier step, so the true time may be shorter."))
    if reading.is_about:
        parts.append(N_("A date in it is only approximate."))
    if reading.is_disputed:
        parts.append(N_("It rests on a claim that is doubtful or contradicted."))
    return [translate(words, language) for words in parts]


def _exception(version: Version, language: str) -> list[str]:
    is_chinese = language.startswith("zh")
    text = version.exception_zh_hans if is_chinese else version.exception_en
    if not text:
        return []
    return [translate(N_("The law adds: {text}."), language).format(text=text)]


def _with_limit(words: str, limit: Limit, language: str) -> str:
    return translate(words, language).format(limit=limit_words(limit, language))


def _count(days: int, language: str) -> str:
    words = N_("1 day") if days == 1 else N_("{number} days")
    return translate(words, language).format(number=days)


def _range(least: int, greatest: int, language: str) -> str:
    if least == greatest:
        return _count(least, language)
    words = N_("{least} to {greatest} days")
    return translate(words, language).format(least=least, greatest=greatest)
