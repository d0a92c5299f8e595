"""A chronology in its order and in words: what the timeline paints and a screen reader says.

An entry is a dated claim: who says so, how far it can be relied on, when it happened, when it
became known, and as of when it holds. Claims that contradict each other stand side by side, and
that nothing is known is a claim too.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from fielddoc.domain.canonical import Json
from fielddoc.domain.claims import contradictions, date_of, share_people
from fielddoc.domain.partial_date import PartialDate, describe
from fielddoc.domain.record_types import ENTRIES
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, clauses, listed, translate

Entry = Mapping[str, Json]
TitleOf = Callable[[str], str]
"""Answers with the words by which a person knows the record of an id; empty if it is not here."""

_SETTLED_BY: dict[str, tuple[str, ...]] = {
    "no-news": (),
    "no-verdict": ("verdict", "sentence", "second-instance", "prison"),
    "family-not-notified": ("family-notified",),
    "whereabouts-unknown": ("held", "taken-to-detention-centre", "family-notified", "prison"),
}
"""Kinds that tell of silence, and what ends it; "no news" ends with any later news."""

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
    is_contradicted: bool = False
    """Whether another claim gives another date for the same, or disputes it."""


def points(entries: Sequence[Entry], language: str, title_of: TitleOf | None = None) -> list[Point]:
    """Return the entries in the order of their dates; those without one stand last."""
    contradicted = {number for group in contradictions(entries) for number in group}
    made = [
        _point(number, entry, language, title_of, is_contradicted=number in contradicted)
        for number, entry in enumerate(entries)
    ]
    return sorted(made, key=lambda point: (_sort_key(point), point.number))


def lines(entries: Sequence[Entry], language: str, title_of: TitleOf | None = None) -> list[str]:
    """Return the chronology as sentences, one an entry, in the order of their dates."""
    return [line_of(point, language) for point in points(entries, language, title_of)]


def line_of(point: Point, language: str) -> str:
    """Return one entry as a sentence."""
    day = describe(point.date, language) if point.date else translate(N_("no date"), language)
    words = N_("{day}: {what}. {details}") if point.details else N_("{day}: {what}")
    return translate(words, language).format(day=day, what=point.label, details=point.details)


def _point(
    number: int,
    entry: Entry,
    language: str,
    title_of: TitleOf | None,
    *,
    is_contradicted: bool,
) -> Point:
    kind = entry.get("kind")
    code = kind if isinstance(kind, str) else ""
    terms = vocabulary(_kind_vocabulary())
    label = terms.label(code, language) if code else translate(N_("(not said what)"), language)
    date = date_of(entry.get("date")) or date_of(entry.get("as_of"))
    standing, reliability = entry.get("standing"), entry.get("reliability")
    return Point(
        number=number,
        kind=code,
        label=label,
        date=date,
        is_silence=code in _SETTLED_BY or (date_of(entry.get("date")) is None and date is not None),
        is_doubtful=standing in _STANDING_WORDS or reliability in ("doubtful", "unconfirmed"),
        details=_details(entry, language, title_of, is_contradicted=is_contradicted),
        is_contradicted=is_contradicted,
    )


def _details(
    entry: Entry, language: str, title_of: TitleOf | None, *, is_contradicted: bool
) -> str:
    parts: list[str] = []
    for name in ("facility", "place", "authority", "court", "sentence"):
        value = entry.get(name)
        if isinstance(value, str) and value.strip():
            parts.append(value)
    for name, terms in (("facility_kind", "facilities"), ("agency_kind", "agencies")):
        value = entry.get(name)
        if isinstance(value, str) and value:
            parts.append(vocabulary(terms).label(value, language))
    charges = entry.get("charges")
    if isinstance(charges, list):
        labels = vocabulary("charges")
        parts += [labels.label(str(code), language) for code in charges]
    conditions = entry.get("conditions")
    if isinstance(conditions, list):
        parts += [text for text in conditions if isinstance(text, str)]
    for name in ("text", "as_reported"):
        value = entry.get(name)
        if isinstance(value, str) and value.strip():
            parts.append(value)
    parts += _provenance(entry, language, title_of)
    if is_contradicted:
        parts.append(translate(N_("another claim contradicts it"), language))
    return clauses(parts, language)


_DATES_IN_WORDS = (
    ("known", N_("became known: {day}")),
    ("as_of", N_("as of: {day}")),
    ("checked", N_("last checked: {day}")),
    ("next_check", N_("check again: {day}")),
)


def _provenance(entry: Entry, language: str, title_of: TitleOf | None) -> list[str]:
    """Return in words who says so, since when it is known, and how far it can be relied on."""
    parts: list[str] = []
    for name, words in _DATES_IN_WORDS:
        day = date_of(entry.get(name))
        if day is not None and not (name == "as_of" and date_of(entry.get("date")) is None):
            parts.append(translate(words, language).format(day=describe(day, language)))
    told_by = entry.get("told_by")
    if isinstance(told_by, str) and told_by.strip():
        parts.append(translate(N_("told by {name}"), language).format(name=told_by))
    sources = entry.get("sources")
    if title_of is not None and isinstance(sources, list):
        titles = [title for source in sources if (title := title_of(str(source)))]
        if titles:
            words = translate(N_("source: {name}"), language)
            parts.append(words.format(name=listed(titles, language)))
    reliability = entry.get("reliability")
    if isinstance(reliability, str) and reliability:
        parts.append(vocabulary("reliability").label(reliability, language))
    standing = entry.get("standing")
    if isinstance(standing, str) and standing in _STANDING_WORDS:
        parts.append(translate(_STANDING_WORDS[standing], language))
    return parts


# --- as known on a day ---------------------------------------------------------------------------


class Knowledge(Enum):
    """Whether a claim was known on a day."""

    KNOWN = auto()
    PERHAPS = auto()
    """Nothing is recorded about when it became known."""
    NOT_YET = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A chronology as it could be told on a day."""

    entries: tuple[Entry, ...]
    """In their stored order, those that were perhaps not known yet among them."""
    numbers: tuple[int, ...]
    """The place of each in the whole chronology."""
    perhaps: frozenset[int]
    """Places, in the whole chronology, of those that were perhaps not known yet."""
    hidden: int
    """How many were not known yet."""


def as_known_on(
    entries: Sequence[Entry], day: datetime.date, source_dates: Mapping[str, PartialDate]
) -> Told:
    """Return the chronology as it could be told on a day.

    Args:
        entries: the whole chronology.
        day: the day.
        source_dates: id of a source to its state of knowledge.
    """
    found = [knowledge(entry, day, source_dates) for entry in entries]
    numbers = tuple(n for n, state in enumerate(found) if state is not Knowledge.NOT_YET)
    return Told(
        entries=tuple(entries[number] for number in numbers),
        numbers=numbers,
        perhaps=frozenset(n for n in numbers if found[n] is Knowledge.PERHAPS),
        hidden=len(entries) - len(numbers),
    )


def knowledge(
    entry: Entry, day: datetime.date, source_dates: Mapping[str, PartialDate]
) -> Knowledge:
    """Return whether a claim was known on a day.

    A claim that does not say when it became known was not known before it happened or before the
    day as of which it holds, and was known when its source was written.
    """
    first, last = _known_between(entry, source_dates)
    if first is not None and first > day:
        return Knowledge.NOT_YET
    return Knowledge.KNOWN if last is not None and last <= day else Knowledge.PERHAPS


def _known_between(
    entry: Entry, source_dates: Mapping[str, PartialDate]
) -> tuple[datetime.date | None, datetime.date | None]:
    known = date_of(entry.get("known"))
    if known is not None and (known.earliest or known.latest):
        return known.earliest, known.latest
    happened, as_of = date_of(entry.get("date")), date_of(entry.get("as_of"))
    first = next((date.earliest for date in (happened, as_of) if date and date.earliest), None)
    sources = entry.get("sources")
    named = sources if isinstance(sources, list) else []
    dates = [source_dates[str(source)] for source in named if str(source) in source_dates]
    last = [date.latest for date in (*dates, as_of) if date and date.latest]
    return first, min(last, default=None)


# --- silence -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """That something was not known, or had not happened, as of a day."""

    number: int
    kind: str
    as_of: PartialDate | None
    checked: PartialDate | None
    next_check: PartialDate | None
    is_open: bool
    """Whether nothing that is told later has ended it, for somebody at least."""
    persons: tuple[str, ...] = ()
    """Ids of those for whom it has not ended; empty where that is everybody in the case."""

    def is_overdue(self, day: datetime.date) -> bool:
        """Tell whether it was to be checked again before a day."""
        due = self.next_check.latest if self.next_check else None
        return self.is_open and due is not None and due < day


def silences(entries: Sequence[Entry], persons: Sequence[str] = ()) -> list[Silence]:
    """Return every claim of silence in a chronology, and every check that is planned.

    Args:
        entries: the chronology.
        persons: ids of those whom the case is about, as far as they are known; a silence that
            names nobody is about them, and about whomever another entry names.
    """
    everybody = list(dict.fromkeys([*persons, *(p for entry in entries for p in _named(entry))]))
    result: list[Silence] = []
    for number, entry in enumerate(entries):
        kind, next_check = str(entry.get("kind", "")), date_of(entry.get("next_check"))
        if kind not in _SETTLED_BY and next_check is None:
            continue
        settling = _settling(number, entries)
        named = _named(entry)
        concerned = named or everybody
        waiting = [person for person in concerned if not _is_told_of(person, settling)]
        is_open = bool(waiting) if concerned else not settling
        result.append(
            Silence(
                number=number,
                kind=kind,
                as_of=date_of(entry.get("as_of")) or date_of(entry.get("date")),
                checked=date_of(entry.get("checked")),
                next_check=next_check,
                is_open=is_open,
                persons=tuple(waiting if waiting != everybody or named else ()),
            )
        )
    return result


def silence_words(silence: Silence, language: str, on: datetime.date) -> str:
    """Return a silence in words: what, as of when, when it was checked, when to check again."""
    label = vocabulary(_kind_vocabulary()).label(silence.kind, language)
    first = N_("{what} as of {day}") if silence.as_of else N_("{what}")
    day = describe(silence.as_of, language) if silence.as_of else ""
    parts = [translate(first, language).format(what=f"{label[:1].upper()}{label[1:]}", day=day)]
    for name, date in (("checked", silence.checked), ("next_check", silence.next_check)):
        if date is not None:
            words = translate(dict(_DATES_IN_WORDS)[name], language)
            parts.append(words.format(day=describe(date, language)))
    if silence.is_overdue(on):
        parts.append(translate(N_("overdue"), language))
    return clauses(parts, language)


def _settling(number: int, entries: Sequence[Entry]) -> list[Entry]:
    """Return what later ended a silence, or did the check that was planned, for anybody."""
    silence = entries[number]
    kind, next_check = str(silence.get("kind", "")), date_of(silence.get("next_check"))
    as_of = date_of(silence.get("as_of")) or date_of(silence.get("date"))
    found: list[Entry] = []
    for other, entry in enumerate(entries):
        if other == number or entry.get("standing") == "superseded":
            continue
        dates = [date_of(entry.get(name)) for name in ("date", "known")]
        is_news = entry.get("kind") in _SETTLED_BY.get(kind, ()) or (
            kind == "no-news" and entry.get("kind") not in _SETTLED_BY
        )
        checks = [date_of(entry.get(name)) for name in ("checked", "as_of")]
        is_made = entry.get("kind") == kind and next_check and _is_at_or_after(checks, next_check)
        if is_made or (is_news and _is_after(dates, as_of)):
            found.append(entry)
    return found


def _is_told_of(person: str, entries: Sequence[Entry]) -> bool:
    return any(share_people({"persons": [person]}, entry) for entry in entries)


def _named(entry: Entry) -> list[str]:
    persons = entry.get("persons")
    return [str(person) for person in persons] if isinstance(persons, list) else []


def _is_after(dates: Sequence[PartialDate | None], as_of: PartialDate | None) -> bool:
    if as_of is None or as_of.latest is None:
        return any(date is not None for date in dates)
    return any(date and date.earliest and date.earliest > as_of.latest for date in dates)


def _is_at_or_after(dates: Sequence[PartialDate | None], due: PartialDate) -> bool:
    return due.earliest is not None and any(
        date and date.earliest and date.earliest >= due.earliest for date in dates
    )


def _kind_vocabulary() -> str:
    return next(field.vocabulary for field in ENTRIES.fields if field.name == "kind")


def _sort_key(point: Point) -> tuple[int, str]:
    return (1, "") if point.date is None else (0, point.date.sort_key)
