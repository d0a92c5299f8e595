"""What is shown of a penalty that lasts: from which day it counts, and until when.

It is no limit that somebody keeps or breaks, so nothing in it has passed.
"""

from fielddoc.domain.claims import interval
from fielddoc.domain.clock_reading import Reading, Step
from fielddoc.domain.law_words import limit_words
from fielddoc.domain.partial_date import describe
from fielddoc.domain.prison_terms import TERM_END
from fielddoc.i18n import N_, translate

_FROM = {
    "parole": N_("It counts from the day of parole."),
    "release": N_("It counts from the end of the prison term, here the release."),
    TERM_END: N_(
        "It counts from the end of the prison term, computed from the sentence and the first day"
        " in custody; a reduction or a parole would move it."
    ),
}


def penalty_heading(reading: Reading, name: str, language: str) -> str:
    """Return from when a penalty counts, or that its day has not come."""
    words = (
        N_("{clock}: first day {day}.")
        if (reading.start.earliest or reading.on) <= reading.on
        else N_("{clock}: not begun; first day {day}.")
    )
    return translate(words, language).format(clock=name, day=describe(reading.start, language))


def penalty_sentences(reading: Reading, language: str) -> list[str]:
    """Return from what day a penalty counts and until when it lasts, by its shortest and longest."""
    if not reading.steps:
        words = N_(
            "It counts from the end of the prison term or from parole; neither is recorded, and"
            " the end cannot be computed. Where it stands alone, these articles do not say from when."
        )
        return [translate(words, language)]
    parts = [translate(_FROM[reading.start_kind], language)]
    for step in reading.steps:
        words = N_("{limit}: last day {day}.")
        parts.append(
            translate(words, language).format(
                limit=limit_words(step.limit, language), day=due_words(step, language)
            )
        )
    words = N_(
        "Two days are named, as these articles do not say whether the first day counts itself"
        " (unverified)."
    )
    return [*parts, translate(words, language)]


def due_words(step: Step, language: str) -> str:
    """Return the last day of a limit, or between which days it lies."""
    return describe(interval(step.first_due, max(step.first_due, step.last_due)), language)
