"""What is to be done over all cases: last days, checks, windows that are still open, anniversaries.

A date that is not exact stands in the agenda while it may be the day, but not for longer than a
month: what may be due on any day of a year reminds of nothing.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.case_clocks import custody_starts, read_case
from fielddoc.domain.chronology import Silence, silence_words, silences
from fielddoc.domain.claims import Claim, claims_in, date_of, interval, share_people
from fielddoc.domain.clock_reading import Reading, Step
from fielddoc.domain.jurisdictions import Who, clocks
from fielddoc.domain.law_words import law_words, limit_words
from fielddoc.domain.partial_date import PartialDate, Precision, describe
from fielddoc.domain.reply_due import reply_due
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, translate

WEEK_DAYS = 7
_WIDEST_DAYS = 31


class Section(Enum):
    """Where an item stands; in the order in which they are read."""

    TODAY = N_("Today")
    WEEK = N_("In the next seven days")
    OVERDUE = N_("Overdue")
    PASSED = N_("Last days of the past week")
    UN_WINDOW = N_("Open with the UN working group on disappearances")
    APPEAL = N_("Days in which one can still act")
    ANNIVERSARY = N_("Anniversaries")

    def title(self, language: str | None = None) -> str:
        """Return the heading in the person's language."""
        return translate(self.value, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A record that the agenda looks at: a detention, an action, a risk."""

    record: str
    type: str
    values: Mapping[str, Json]
    entries: Sequence[Mapping[str, Json]] = ()
    """Of a detention: its chronology as it is known on the day of the agenda."""
    source_dates: Sequence[PartialDate] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitDue:
    """The last day of a time limit."""

    reading: Reading
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDue:
    """Something that is to be asked again."""

    silence: Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDue:
    """A date of an action or of a risk: a reply that is due, a risk to look at again."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anniversary:
    """So many years since something happened."""

    kind: str
    years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem:
    """One line of the agenda."""

    section: Section
    record: str
    persons: tuple[str, ...]
    """Ids of those whom it concerns, if the record names several."""
    first: datetime.date
    last: datetime.date
    """The day lies between these two."""
    subject: LimitDue | CheckDue | FieldDue | Anniversary


def agenda(cases: Iterable[Case], on: datetime.date) -> list[AgendaItem]:
    """Return the agenda of a day, section by section, soonest first."""
    items = [item for case in cases for item in items_of(case, on)]
    order = list(Section)
    return sorted(items, key=lambda item: (order.index(item.section), item.first, item.record))


def items_of(case: Case, on: datetime.date) -> list[AgendaItem]:
    """Return what one record brings into the agenda of a day."""
    match case.type:
        case "detention":
            return [*_limits(case, on), *_checks(case, on), *_anniversaries(case, on)]
        case "action":
            waiting = reply_due(case.values, on)
            return [] if waiting is None else _planned(case, on, waiting.due, REPLY_DUE)
        case "risk":
            is_over = case.values.get("state") in ("has-happened", "closed")
            review = None if is_over else date_of(case.values.get("review_date"))
            return [] if review is None else _planned(case, on, review, REVIEW_DUE)
        case _:
            return []


REPLY_DUE = N_("A reply is due by law.")
REVIEW_DUE = N_("Look at this risk again.")


def words(item: AgendaItem, language: str, on: datetime.date) -> str:
    """Return in words what is due."""
    match item.subject:
        case LimitDue(reading=reading, step=step):
            name = reading.clock.name(language)
            text = translate(N_("{clock}: {limit}. {law}"), language)
            return text.format(
                clock=f"{name[:1].upper()}{name[1:]}",
                limit=limit_words(step.limit, language),
                law=law_words(reading.version, language),
            )
        case CheckDue(silence=silence):
            return silence_words(silence, language, on)
        case FieldDue(words=text):
            return translate(text, language)
        case Anniversary(kind=kind, years=years):
            label = vocabulary("entry-kinds").label(kind, language)
            text = N_("1 year since: {what}") if years == 1 else N_("{years} years since: {what}")
            return translate(text, language).format(years=years, what=label)
        case _:
            assert_never(item.subject)


def day_words(item: AgendaItem, language: str) -> str:
    """Return the day, or between which days it lies."""
    return describe(interval(item.first, item.last), language)


# --- time limits ---------------------------------------------------------------------------------


def _limits(case: Case, on: datetime.date) -> Iterator[AgendaItem]:
    courses = read_case(case.entries, _people(case), on, source_dates=case.source_dates)
    for course in courses:
        concerned = course.persons if len(courses) > 1 else ()
        for reading in course.readings:
            if reading.is_ended or reading.clock.is_penalty:
                continue
            for step in reading.steps:
                section = _section_of(reading, step, on)
                if section is not None:
                    yield AgendaItem(
                        section=section,
                        record=case.record,
                        persons=concerned,
                        first=min(step.first_due, step.last_due),
                        last=step.last_due,
                        subject=LimitDue(reading=reading, step=step),
                    )


def _people(case: Case) -> list[str]:
    persons = case.values.get("persons")
    return [str(person) for person in persons] if isinstance(persons, list) else []


def _section_of(reading: Reading, step: Step, on: datetime.date) -> Section | None:
    is_first = step is reading.steps[0]
    if reading.clock.who is Who.PERSON:
        # A window is told for as long as it is open: it ends a right.
        if not is_first or step.last_due < on:
            return None
        is_un = reading.clock in clocks("un")
        return Section.UN_WINDOW if is_un else Section.APPEAL
    return _section(step.first_due, step.last_due, on)


def _section(first: datetime.date, last: datetime.date, on: datetime.date) -> Section | None:
    """Return where a day between two others stands, or None if it is not near."""
    if (last - first).days > _WIDEST_DAYS:
        return None
    if last < on:
        return Section.PASSED if (on - last).days <= WEEK_DAYS else None
    if first <= on:
        return Section.TODAY
    return Section.WEEK if (first - on).days <= WEEK_DAYS else None


# --- checks --------------------------------------------------------------------------------------


def _checks(case: Case, on: datetime.date) -> Iterator[AgendaItem]:
    for silence in silences(case.entries, _people(case)):
        due = silence.next_check
        if due is None or not silence.is_open:
            continue
        section = _check_section(due, on)
        if section is not None:
            item = _item(case, section, due, CheckDue(silence=silence))
            yield replace(item, persons=silence.persons)


def _planned(case: Case, on: datetime.date, due: PartialDate, text: str) -> list[AgendaItem]:
    section = _check_section(due, on)
    return [] if section is None else [_item(case, section, due, FieldDue(words=text))]


def _check_section(due: PartialDate, on: datetime.date) -> Section | None:
    """Return where a planned day stands; overdue ones stay until they are done."""
    if due.earliest is None or due.latest is None:
        return None
    if due.latest < on:
        return Section.OVERDUE
    return _section(due.earliest, due.latest, on)


def _item(
    case: Case, section: Section, day: PartialDate, subject: CheckDue | FieldDue
) -> AgendaItem:
    assert day.earliest is not None
    assert day.latest is not None
    return AgendaItem(
        section=section,
        record=case.record,
        persons=(),
        first=day.earliest,
        last=day.latest,
        subject=subject,
    )


# --- anniversaries -------------------------------------------------------------------------------

_REMEMBERED = ("taken-away", "disappearance", "death-in-custody")
"""Kinds that are remembered even where the time in custody is reckoned from another entry."""


def _anniversaries(case: Case, on: datetime.date) -> Iterator[AgendaItem]:
    """Yield years since a custody or a disappearance began that has not ended, and since a death."""
    claims = [claim for claim in claims_in(case.entries) if claim.is_dated]
    named = [entry.get("persons") for entry in case.entries]
    people = [str(person) for one in named if isinstance(one, list) for person in one]
    starts = custody_starts(case.entries, list(dict.fromkeys([*_people(case), *people])), on)
    for claim in claims:
        is_remembered = claim.kind in _REMEMBERED or claim.number in starts
        if not is_remembered or not _is_exact(claim) or _is_over(claim, claims, case):
            continue
        for year in (on.year, on.year + 1):
            day = _same_day(claim.first, year)
            if year > claim.first.year and 0 <= (day - on).days <= WEEK_DAYS:
                numbers = case.entries[claim.number].get("persons")
                yield AgendaItem(
                    section=Section.ANNIVERSARY,
                    record=case.record,
                    persons=tuple(map(str, numbers)) if isinstance(numbers, list) else (),
                    first=day,
                    last=day,
                    subject=Anniversary(kind=claim.kind, years=year - claim.first.year),
                )


def _is_exact(claim: Claim) -> bool:
    return claim.date is not None and claim.date.precision is Precision.DAY and not claim.is_about


def _is_over(claim: Claim, claims: Sequence[Claim], case: Case) -> bool:
    if claim.kind == "death-in-custody":
        return False
    return any(
        other.kind in ("release", "death-in-custody")
        and other.first >= claim.first
        and share_people(case.entries[claim.number], case.entries[other.number])
        for other in claims
    )


def _same_day(day: datetime.date, year: int) -> datetime.date:
    """Return the day in another year; 29 February is remembered on the 28th."""
    try:
        return day.replace(year=year)
    except ValueError:
        return datetime.date(year, 2, 28)
