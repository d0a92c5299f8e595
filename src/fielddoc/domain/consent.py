"""What a person has agreed to: the answer that holds for each purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import PartialDateError, parse_edtf
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, clauses, listed, translate

PURPOSES = "consent-purposes"


class Answer(Enum):
    """An answer, or that there is none. Only YES allows anything."""

    YES = N_("yes")
    NO = N_("no")
    UNKNOWN = N_("unclear")
    NOT_ASKED = N_("not asked")


@dataclass(frozen=True, slots=True)
class Consent:
    """What holds for one purpose."""

    purpose: str
    answer: Answer
    asked_on: str
    """EDTF; empty if nobody wrote down when."""
    asked_by: str


def consents_of(values: Mapping[str, Json]) -> tuple[Consent, ...]:
    """Return what holds for every purpose, in the order of the list, for a person's values.

    Of several answers the one asked last holds. Where it cannot be told which was last, a no holds
    against a yes: a mistake in that direction harms nobody.
    """
    given = values.get("consents")
    items = [i for i in given if isinstance(i, dict)] if isinstance(given, list) else []
    return tuple(
        _holding(term.code, [item for item in items if item.get("purpose") == term.code])
        for term in vocabulary(PURPOSES).terms
    )


def answer_to(values: Mapping[str, Json], purpose: str) -> Answer:
    """Return the answer that holds for one purpose."""
    return next(
        (one.answer for one in consents_of(values) if one.purpose == purpose), Answer.NOT_ASKED
    )


def consent_words(values: Mapping[str, Json], language: str) -> list[str]:
    """Return one line a purpose, such as "others may act for the person: yes (2024-05)"."""
    terms = vocabulary(PURPOSES)
    return [
        f"{terms.label(one.purpose, language)}: {translate(one.answer.value, language)}"
        + (f" ({one.asked_on})" if one.asked_on else "")
        for one in consents_of(values)
    ]


def consent_line(values: Mapping[str, Json], language: str) -> str:
    """Return the purposes by their answer, on one line: "yes: …; no: …; not asked: …"."""
    terms = vocabulary(PURPOSES)
    holding = consents_of(values)
    parts: list[str] = []
    for answer in Answer:
        purposes = [terms.label(one.purpose, language) for one in holding if one.answer is answer]
        if purposes:
            words = translate(N_("{answer}: {purposes}"), language)
            parts.append(
                words.format(
                    answer=translate(answer.value, language), purposes=listed(purposes, language)
                )
            )
    return clauses(parts, language)


def _holding(purpose: str, items: list[dict[str, Json]]) -> Consent:
    if not items:
        return Consent(purpose, Answer.NOT_ASKED, "", "")
    latest = [item for item in items if not any(_is_later(other, item) for other in items)]
    holding = min(latest, key=_caution)
    return Consent(
        purpose, _answer(holding), _text(holding, "asked_on"), _text(holding, "asked_by")
    )


def _is_later(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    """Tell whether one was certainly asked after the other."""
    first, second = _days(other), _days(one)
    return first is not None and second is not None and first[1] < second[0]


def _days(item: Mapping[str, Json]) -> tuple[str, str] | None:
    try:
        date = parse_edtf(_text(item, "asked_on"))
    except PartialDateError:
        return None
    if date.earliest is None or date.latest is None:
        return None
    return date.earliest.isoformat(), date.latest.isoformat()


def _caution(item: Mapping[str, Json]) -> int:
    return (Answer.NO, Answer.UNKNOWN, Answer.YES).index(_answer(item))


def _answer(item: Mapping[str, Json]) -> Answer:
    match item.get("answer"):
        case "yes":
            return Answer.YES
        case "no":
            return Answer.NO
        case _:
            return Answer.UNKNOWN


def _text(item: Mapping[str, Json], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
