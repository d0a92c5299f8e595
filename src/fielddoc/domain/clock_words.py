"""What the legal clocks show, in words.

They never say that something was illegal: nobody tells what was approved.
"""

import datetime
from enum import Enum

from fielddoc.domain.case_clocks import CourseOfCase, Custody
from fielddoc.domain.claims import interval
from fielddoc.domain.jurisdictions import Limit, Version, Who
from fielddoc.domain.legal_clock import Reading, State, Step
from fielddoc.domain.partial_date import describe
from fielddoc.i18n import N_, in_a_row, listed, translate


class Group(Enum):
    """How the clocks of a case are put together for a reader."""

    PASSED = N_("Past the base limit")
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
    if reading.clock.who is Who.PERSON:
        is_over = reading.is_ended or reading.steps[0].last_due < reading.on
        return Group.ENDED if is_over else Group.OPEN
    if reading.is_ended:
        is_passed = reading.steps[0].state is State.PASSED
        return Group.PASSED if is_passed else Group.ENDED
    if reading.steps[0].state is State.PASSED:
        return Group.PASSED
    if reading.steps[-1].last_due < reading.on and not reading.is_told:
        return Group.UNTOLD
    return Group.RUNS


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


def reading_words(reading: Reading, language: str) -> str:
    """Return in one paragraph what a clock shows."""
    return in_a_row([heading(reading, language), *sentences(reading, language)], language)


def heading(reading: Reading, language: str) -> str:
    """Return what was counted and how long it was: "… : 23 days."."""
    name = reading.clock.name(language)
    name = f"{name[:1].upper()}{name[1:]}"
    if not reading.version.limits:
        return translate(N_("{clock}."), language).format(clock=name)
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
    if not reading.version.limits:
        return [*_exception(reading.version, language), law_words(reading.version, language)]
    parts: list[str] = []
    if reading.clock.who is Who.PERSON:
        parts += _window(reading, language)
    else:
        parts += _limits(reading, language)
        parts += _due(reading, language)
        parts += _approvals(reading, language)
    parts += _how_sure(reading, language)
    parts += _exception(reading.version, language)
    parts.append(law_words(reading.version, language))
    return parts


def short_reading(reading: Reading, language: str) -> str:
    """Return the days that a clock shows, for the bar of a timeline."""
    return _range(reading.least_days, reading.greatest_days, language)


def length(limit: Limit, language: str) -> str:
    """Return how long a limit is: "37 days", "1 month and 15 days"."""
    parts: list[str] = []
    for number, one, several in (
        (limit.years, N_("1 year"), N_("{number} years")),
        (limit.months, N_("1 month"), N_("{number} months")),
        (limit.days, N_("1 day"), N_("{number} days")),
        (limit.hours, N_("1 hour"), N_("{number} hours")),
    ):
        if number:
            words = one if number == 1 else several
            parts.append(translate(words, language).format(number=number))
    if len(parts) == 1:
        return parts[0]
    return translate(N_("{first} and {second}"), language).format(first=parts[0], second=parts[1])


def due_words(step: Step, language: str) -> str:
    """Return the last day of a limit, or between which days it lies."""
    return describe(interval(step.first_due, max(step.first_due, step.last_due)), language)


def law_words(version: Version, language: str) -> str:
    """Return law and articles, and whether they were checked against its text."""
    articles = listed(version.articles, language)
    words = (
        N_("{law}, article {article}")
        if len(version.articles) == 1
        else N_("{law}, articles {article}")
        if articles
        else N_("{law}")
    )
    text = translate(words, language).format(law=version.law.name(language), article=articles)
    if not version.law.is_verified:
        words = N_("{law} (unverified: not checked against the text of the law)")
        text = translate(words, language).format(law=text)
    return text


def without_law_words(course: CourseOfCase, language: str) -> list[str]:
    """Return for which periods this program does not hold the law of the time."""
    words = N_("{clock}, from {day}: the law of that day is not in this program.")
    return [
        translate(words, language).format(clock=clock.name(language), day=describe(day, language))
        for clock, day in course.without_law
    ]


def limit_words(limit: Limit, language: str) -> str:
    """Return a limit with its ground and with who must approve it."""
    is_chinese = language.startswith("zh")
    why = limit.zh_hans if is_chinese else limit.en
    approver = limit.approver_zh_hans if is_chinese else limit.approver_en
    if approver:
        words = N_("{limit} ({why}; approved by {approver})")
        return translate(words, language).format(
            limit=length(limit, language), why=why, approver=approver
        )
    if not why:
        return length(limit, language)
    words = N_("{limit} ({why})")
    return translate(words, language).format(limit=length(limit, language), why=why)


def _limits(reading: Reading, language: str) -> list[str]:
    passed = [step for step in reading.steps if step.state is State.PASSED]
    perhaps = [step for step in reading.steps if step.state is State.PERHAPS_PASSED]
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
    elif len(passed) == len(reading.steps) > 1:
        words = N_("No extension that these articles name is as long.")
        parts.append(translate(words, language))
    return parts


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
    base, *longer = reading.steps
    if not longer or base.state is State.WITHIN:
        return []
    if not reading.approvals:
        return [translate(N_("Recorded approval of an extension: none."), language)]
    words = N_("Recorded approvals of an extension: {count}.")
    return [translate(words, language).format(count=reading.approvals)]


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
