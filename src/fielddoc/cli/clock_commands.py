"""Commands about time limits: what runs in a case, and what is to be done over all cases."""

import argparse
import datetime
from collections.abc import Sequence

from fielddoc.cli.terminal import note, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.agenda import AgendaItem, Section, agenda, day_words, words
from fielddoc.domain.canonical import Json
from fielddoc.domain.case_clocks import CourseOfCase, Custody, Measure, read_case
from fielddoc.domain.chronology import Silence, Told, line_of, points, silence_words, silences
from fielddoc.domain.claims import contradictions
from fielddoc.domain.clock_reading import Reading, Step
from fielddoc.domain.clock_words import (
    GROUPS,
    course_words,
    group_of,
    heading,
    reading_words,
    sentences,
    without_law_words,
)
from fielddoc.domain.law_words import OWN_WORDS, laws_in_own_words, own_words
from fielddoc.domain.partial_date import PartialDate, PartialDateError, Precision, parse_typed
from fielddoc.domain.visible import visible
from fielddoc.errors import WrongUseError
from fielddoc.i18n import N_, clauses, language_of_system, listed, translate
from fielddoc.vault import cases, records, titles
from fielddoc.vault.vault import Vault


def today() -> datetime.date:
    """Return the day where the person is."""
    return datetime.date.today()  # noqa: DTZ011 - the person's day


def day_of(text: str | None) -> datetime.date | None:
    """Return the day that an option names, typed as dates are; None if it was not given.

    Raises:
        WrongUseError: it is no date, or not exactly one day.
    """
    if text is None:
        return None
    try:
        date = parse_typed(text, today())
    except PartialDateError as error:
        raise WrongUseError(reason=error.sentence()) from error
    if date.precision is not Precision.DAY or date.earliest is None:
        raise WrongUseError(reason=N_("a whole day is needed here, for example 2023-03-15"))
    return date.earliest


# --- the clocks of one case ----------------------------------------------------------------------


def clock(options: argparse.Namespace) -> None:
    """Show what the time limits of procedure show for a detention."""
    asked = day_of(options.as_known_on)
    on = asked or today()
    language = language_of_system()
    with unlocked(options) as vault:
        record = records.get(vault, options.id)
        if record.type != "detention":
            raise WrongUseError(reason=N_("only a detention has legal clocks"))
        told, dates = cases.told_on(vault, record.values, asked if on < today() else None)
        persons = record.values.get("persons")
        people = [str(person) for person in persons] if isinstance(persons, list) else []
        courses = read_case(told.entries, people, on, source_dates=dates)
        quiet = silences(told.entries, people)
        if options.json:
            body = _as_json(
                record.id, on, told=told, courses=courses, quiet=quiet, language=language
            )
            say_json(body)
            return
        say(f"{visible(titles.title(vault, record.id, language))}  {record.id}")
        say_as_known(told, asked)
        for course in courses:
            if len(courses) > 1:
                names = listed(
                    (titles.title(vault, one, language) for one in course.persons), language
                )
                say(visible(names))
            _say_course(course, on, language)
        if options.law:
            _say_law(courses, language)
        _say_silences(vault, [one for one in quiet if one.is_open], on, language)
        _say_contradictions(told, language)


def say_as_known(told: Told, asked: datetime.date | None) -> None:
    """Say that this is how the case could be told on an earlier day, and what that leaves out."""
    if asked is None:
        return
    say(translate(N_("As known on {day}")).format(day=asked.isoformat()))
    if told.hidden:
        words = N_("Entries that were not known yet: {count}.")
        say(f"  {translate(words).format(count=told.hidden)}")
    if told.perhaps:
        words = N_("Entries of which nobody wrote down when they became known: {count}.")
        say(f"  {translate(words).format(count=len(told.perhaps))}")


def _say_course(course: CourseOfCase, on: datetime.date, language: str) -> None:
    for line in course_words(course, on, language):
        say(f"  {line}")
    for group in GROUPS:
        mine = [reading for reading in course.readings if group_of(reading) is group]
        if mine:
            say(f"  {group.title(language)}")
        for reading in mine:
            say(f"    {heading(reading, language)}")
            for sentence in sentences(reading, language):
                say(f"      {sentence}")
    for line in without_law_words(course, language):
        say(f"  {line}")
    if not course.readings and not course.without_law and not course.without_limit:
        say(f"  {translate(N_('No entry with a date starts a time limit.'))}")


def _say_law(courses: Sequence[CourseOfCase], language: str) -> None:
    """Say what the articles of all readings say, to be read where nobody can look them up."""
    say(translate(OWN_WORDS))
    versions = [reading.version for course in courses for reading in course.readings]
    for line in laws_in_own_words(versions, language):
        say(f"  {line}")


def _say_silences(vault: Vault, quiet: Sequence[Silence], on: datetime.date, language: str) -> None:
    if quiet:
        say(translate(N_("Not known, or not yet happened")))
    for silence in quiet:
        text = silence_words(silence, language, on)
        if silence.persons:
            names = listed(
                (titles.title(vault, one, language) for one in silence.persons), language
            )
            text = clauses([text, names], language)
        say(f"  {visible(text)}")


def _say_contradictions(told: Told, language: str) -> None:
    groups = contradictions(told.entries)
    if groups:
        say(translate(N_("Claims that contradict each other")))
        by_number = {point.number: point for point in points(told.entries, language)}
        for group in groups:
            for number in group:
                say(f"  - {visible(line_of(by_number[number], language))}")


# --- the agenda ----------------------------------------------------------------------------------


def show_agenda(options: argparse.Namespace) -> None:
    """Show what is due, overdue or still open on a day, over all cases."""
    on = day_of(options.on) or today()
    language = language_of_system()
    with unlocked(options) as vault:
        found = agenda(cases.cases(vault, cases.agenda_ids(vault), on, today=today()), on)
        if options.json:
            say_json([_item_as_json(item, on, language) for item in found])
            return
        say(translate(N_("Agenda for {day}")).format(day=on.isoformat()))
        for section in Section:
            mine = [item for item in found if item.section is section]
            if mine:
                say(section.title(language))
            for item in mine:
                _say_item(vault, item, on, language)
    if not found:
        note(translate(N_("Nothing is due, and nothing is overdue.")))


def _say_item(vault: Vault, item: AgendaItem, on: datetime.date, language: str) -> None:
    title = titles.title(vault, item.record, language)
    if item.persons:
        title = listed((titles.title(vault, person, language) for person in item.persons), language)
    say(f"  {day_words(item, language)}  {visible(title)}")
    say(f"    {words(item, language, on)}")
    say(f"    {item.record}")


# --- for machines --------------------------------------------------------------------------------


def _as_json(
    record: str,
    on: datetime.date,
    *,
    told: Told,
    courses: Sequence[CourseOfCase],
    quiet: Sequence[Silence],
    language: str,
) -> dict[str, Json]:
    return {
        "id": record,
        "on": on.isoformat(),
        "entries": len(told.entries),
        "not_known_yet": told.hidden,
        "perhaps_not_known_yet": len(told.perhaps),
        "courses": [
            {
                "persons": list(course.persons),
                "custody": [_custody_as_json(custody) for custody in course.custody],
                "without_limit": [_measure_as_json(one) for one in course.without_limit],
                "readings": [_reading_as_json(reading, language) for reading in course.readings],
                "without_law": [
                    {"clock": clock.id, "start": day.edtf} for clock, day in course.without_law
                ],
            }
            for course in courses
        ],
        "silences": [
            {
                "kind": silence.kind,
                "as_of": _edtf(silence.as_of),
                "checked": _edtf(silence.checked),
                "next_check": _edtf(silence.next_check),
                "open": silence.is_open,
                "overdue": silence.is_overdue(on),
                "persons": list(silence.persons),
            }
            for silence in quiet
        ],
        "contradictions": [
            [told.entries[number].get("id") for number in group]
            for group in contradictions(told.entries)
        ],
    }


def _custody_as_json(custody: Custody) -> dict[str, Json]:
    return {
        "start": custody.start.edtf,
        "end": _edtf(custody.end),
        "least_days": custody.least_days,
        "greatest_days": custody.greatest_days,
    }


def _measure_as_json(measure: Measure) -> dict[str, Json]:
    return {
        "kind": measure.kind,
        "start": measure.start.edtf,
        "end": _edtf(measure.end),
        "least_days": measure.least_days,
        "greatest_days": measure.greatest_days,
    }


def _reading_as_json(reading: Reading, language: str) -> dict[str, Json]:
    due = reading.next_due
    return {
        "clock": reading.clock.id,
        "group": group_of(reading).name.lower(),
        "law": reading.version.law.id,
        "law_name": reading.version.law.name(language),
        "articles": list(reading.version.articles),
        "verified": reading.version.law.is_verified,
        "in_force_from": reading.version.law.in_force_from.isoformat(),
        "in_force_from_verified": reading.version.law.is_in_force_told,
        "start": reading.start.edtf,
        "until": reading.until.edtf,
        "ended": reading.is_ended,
        "perhaps_ended": reading.is_perhaps_ended,
        "approximate": reading.is_about,
        "disputed": reading.is_disputed,
        "least_days": reading.least_days,
        "greatest_days": reading.greatest_days,
        "next_due": due.last_due.isoformat() if due else None,
        "approvals": reading.approvals,
        "approved": [_edtf(day) for day in reading.approved],
        "covered": reading.is_covered,
        "time": reading.time,
        "limits": [_step_as_json(step) for step in reading.steps],
        "words": reading_words(reading, language),
        "law_in_own_words": list(own_words(reading.version, language)),
    }


def _step_as_json(step: Step) -> dict[str, Json]:
    return {
        "parts": list(step.limit.parts),
        "first_due": step.first_due.isoformat(),
        "last_due": step.last_due.isoformat(),
        "state": step.state.name.lower().replace("_", "-"),
        "certain": step.is_certain,
        "approver": step.limit.approver_en or None,
    }


def _item_as_json(item: AgendaItem, on: datetime.date, language: str) -> dict[str, Json]:
    return {
        "section": item.section.name.lower().replace("_", "-"),
        "first": item.first.isoformat(),
        "last": item.last.isoformat(),
        "record": item.record,
        "persons": list(item.persons),
        "words": words(item, language, on),
    }


def _edtf(date: PartialDate | None) -> str | None:
    return None if date is None else date.edtf
