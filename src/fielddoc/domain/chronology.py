"""A chronology in its order and in words: what the timeline paints and a screen reader says."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fielddoc.domain import legal_clock
from fielddoc.domain.canonical import Json
from fielddoc.domain.legal_clock import Limit, Reading
from fielddoc.domain.partial_date import PartialDate, PartialDateError, describe, parse_edtf
from fielddoc.domain.record_types import ENTRIES
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, translate

_SILENT = ("no-news", "no-verdict", "family-not-notified")
_STANDING_WORDS = {
    "superseded": N_("superseded"),
    "disputed": N_("disputed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One entry as a line of the chronology."""

    number: int
    """Its place in the list of entries as it is stored, from 0."""
    kind: str
    label: str
    date: PartialDate | None
    """When it happened; of news that did not come, the day up to which it did not."""
    is_silence: bool
    """Whether it says that nothing is known."""
    is_doubtful: bool
    """Superseded, disputed or doubtful."""
    details: str


def points(entries: Sequence[Mapping[str, Json]], language: str) -> list[Point]:
    """Return the entries in the order of their dates; those without one stand last."""
    made = [_point(number, entry, language) for number, entry in enumerate(entries)]
    return sorted(made, key=lambda point: (_sort_key(point), point.number))


def lines(entries: Sequence[Mapping[str, Json]], language: str) -> list[str]:
    """Return the chronology as sentences, one an entry, in the order of their dates."""
    result: list[str] = []
    for point in points(entries, language):
        day = describe(point.date, language) if point.date else translate(N_("no date"), language)
        words = N_("{day}: {what}. {details}") if point.details else N_("{day}: {what}")
        line = translate(words, language)
        result.append(line.format(day=day, what=point.label, details=point.details))
    return result


def readings(entries: Sequence[Mapping[str, Json]], today: PartialDate) -> list[Reading]:
    """Return what each legal clock shows.

    A clock that nothing ended is read up to the last day that the chronology tells of, because
    nobody knows what happened since; `today` counts only where it tells of none.
    """
    as_of = _last_told(entries) or today
    found = (legal_clock.read(clock, entries, as_of) for clock in legal_clock.clocks())
    return [reading for reading in found if reading is not None]


def reading_words(reading: Reading, language: str) -> str:
    """Return in words what a clock shows. It never says that something was illegal."""
    clock = reading.clock
    name = clock.zh_hans if language.startswith("zh") else clock.en
    days = _days(reading, language)
    if not reading.is_ended:
        words = N_("{days} up to {day}, and not ended as far as is known")
        day = describe(reading.until, language)
        days = translate(words, language).format(days=days, day=day)
    first = translate(N_("{clock}: {days}."), language)
    parts = [first.format(clock=f"{name[:1].upper()}{name[1:]}", days=days)]
    if reading.certainly_passed:
        limit = reading.certainly_passed[-1]
        words = N_("Longer than {limit} ({why}).")
        parts.append(_of_limit(words, limit, language))
    if reading.possibly_passed:
        words = N_("Perhaps longer than {limit} ({why}).")
        parts.append(_of_limit(words, reading.possibly_passed[-1], language))
    if reading.within is not None:
        words = (
            N_("It would need: {limit} ({why}).")
            if reading.certainly_passed
            else N_("Within {limit} ({why}).")
        )
        parts.append(_of_limit(words, reading.within, language))
    elif len(reading.certainly_passed) == len(clock.limits):
        parts.append(translate(N_("No extension that the law names is as long."), language))
    words = N_("{law}, article {article}")
    law = translate(words, language).format(law=clock.law(language), article=clock.article)
    return ("" if language.startswith("zh") else " ").join((*parts, law))


def short_reading(reading: Reading, language: str) -> str:
    """Return the days that a clock shows, for the bar of a timeline."""
    return _days(reading, language)


def _days(reading: Reading, language: str) -> str:
    if reading.least_days == reading.greatest_days:
        return translate(N_("{days} days"), language).format(days=reading.least_days)
    return translate(N_("{least} to {greatest} days"), language).format(
        least=reading.least_days, greatest=reading.greatest_days
    )


def _of_limit(words: str, limit: Limit, language: str) -> str:
    if limit.days is not None:
        length = translate(N_("{days} days"), language).format(days=limit.days)
    else:
        length = translate(N_("{months} months"), language).format(months=limit.months)
    why = limit.zh_hans if language.startswith("zh") else limit.en
    return translate(words, language).format(limit=length, why=why)


def _last_told(entries: Sequence[Mapping[str, Json]]) -> PartialDate | None:
    found = [_date(entry.get(name)) for entry in entries for name in ("date", "known", "as_of")]
    known = [date for date in found if date is not None and date.latest is not None]
    return max(known, key=_latest, default=None)


def _latest(date: PartialDate) -> datetime.date:
    assert date.latest is not None
    return date.latest


def _point(number: int, entry: Mapping[str, Json], language: str) -> Point:
    kind = entry.get("kind")
    code = kind if isinstance(kind, str) else ""
    terms = vocabulary(_kind_vocabulary())
    label = terms.label(code, language) if code else translate(N_("(not said what)"), language)
    date = _date(entry.get("date")) or _date(entry.get("as_of"))
    standing, reliability = entry.get("standing"), entry.get("reliability")
    return Point(
        number=number,
        kind=code,
        label=label,
        date=date,
        is_silence=code in _SILENT or (_date(entry.get("date")) is None and date is not None),
        is_doubtful=standing in _STANDING_WORDS or reliability in ("doubtful", "unconfirmed"),
        details=_details(entry, language),
    )


def _details(entry: Mapping[str, Json], language: str) -> str:
    parts: list[str] = []
    for name in ("facility", "place", "authority", "court", "sentence"):
        value = entry.get(name)
        if isinstance(value, str) and value.strip():
            parts.append(value)
    charges = entry.get("charges")
    if isinstance(charges, list):
        labels = vocabulary("charges")
        parts += [labels.label(str(code), language) for code in charges]
    for name in ("text", "as_reported"):
        value = entry.get(name)
        if isinstance(value, str) and value.strip():
            parts.append(value)
    standing = entry.get("standing")
    if isinstance(standing, str) and standing in _STANDING_WORDS:
        parts.append(translate(_STANDING_WORDS[standing], language))
    return "; ".join(parts)


def _kind_vocabulary() -> str:
    return next(field.vocabulary for field in ENTRIES.fields if field.name == "kind")


def _date(value: Json) -> PartialDate | None:
    try:
        return parse_edtf(value) if isinstance(value, str) else None
    except PartialDateError:
        return None


def _sort_key(point: Point) -> tuple[int, str]:
    return (1, "") if point.date is None else (0, point.date.sort_key)
