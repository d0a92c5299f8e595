"""How long a term is that somebody wrote down, and when a term of prison ends.

Criminal Law (2023), article 47: a term of prison is counted from the day on which the judgment is
carried out, and each day in custody before counts for one day of it; so for somebody who was never
let go it ends that long after the first day in custody. Days of residential surveillance at a
designated location count half (Criminal Procedure Law 2018, article 76); how many there were is seldom told,
so that a span comes out.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fielddoc.domain.canonical import Json
from fielddoc.domain.claims import Claim, first_of, interval
from fielddoc.domain.jurisdictions import Limit
from fielddoc.domain.periods import last_day

TERM_END = "prison-term-end"
"""Kind of the claim that `computed_end` makes; no entry has it."""

_FIRST_DAY = ("taken-away", "criminal-detention", "retention", "formal-arrest")
_LET_GO = ("release", "bail", "residential-surveillance", "medical-parole")
_CHINESE = "零一二三四五六七八九"
_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_NUMBER = rf"(\d{{1,2}}|[一二两三四五六七八九十]{{1,3}}|{'|'.join(_WORDS)})"
_YEARS = re.compile(rf"{_NUMBER}(?:\s*|-)(?:years?\b|年)")
_MONTHS = re.compile(rf"{_NUMBER}(?:\s*|-)(?:months?\b|个月|個月|月)")
_HALF = re.compile(r"and a half|年半")
_NO_TERM = re.compile(r"\blife\b|death|suspended|无期|無期|死刑|死缓|死緩|缓刑|緩刑")
_RIGHTS = re.compile(r"剥夺|剝奪|depriv")


def term_in(text: Json) -> Limit | None:
    """Return the term that a text names: "12 years", "四年六个月"; None if it names none surely.

    Life, death and a suspended sentence are none; what follows a deprivation of rights is its own.
    """
    if not isinstance(text, str) or _NO_TERM.search(text.lower()):
        return None
    return _length_in(_RIGHTS.split(text.lower())[0])


def recorded_rights_term(entries: Sequence[Mapping[str, Json]]) -> Limit | None:
    """Return the term of a deprivation of political rights that somebody wrote down, the last one.

    As the sentence of an entry about it, or behind the term of prison in that of the judgment.
    """
    found: Limit | None = None
    for entry in entries:
        text = entry.get("sentence")
        if not isinstance(text, str) or entry.get("standing") == "superseded":
            continue
        is_about_it = entry.get("kind") == "deprivation-of-political-rights"
        if is_about_it or _RIGHTS.search(text.lower()):
            found = _length_in(_RIGHTS.split(text.lower())[-1]) or found
    return found and replace(found, en="as recorded", zh_hans="依记录")


def _length_in(text: str) -> Limit | None:
    years, months = _YEARS.findall(text.lower()), _MONTHS.findall(text.lower())
    if len(years) > 1 or len(months) > 1 or not (years or months):
        return None
    half = 6 if years and not months and _HALF.search(text.lower()) else 0
    number = _value(months[0]) if months else half
    return Limit(years=_value(years[0]) if years else 0, months=number or None)


def computed_end(claims: Sequence[Claim], entries: Sequence[Mapping[str, Json]]) -> Claim | None:
    """Return between which days the last term of prison ends, by what is recorded.

    None where no term is written down, or nobody tells from when on the person was held, or they
    were let go in between.
    """
    sentences = [
        claim
        for claim in claims
        if claim.kind == "sentence" and claim.is_dated and entries[claim.number].get("sentence")
    ]
    if not sentences:
        return None
    sentence = sentences[-1]
    term = term_in(entries[sentence.number].get("sentence"))
    before = [claim for claim in claims if claim.is_dated and claim.last <= sentence.first]
    freed = [claim.last for claim in before if claim.kind in _LET_GO]
    since = max(freed, default=datetime.date.min)
    held = [claim for claim in before if claim.first >= since]
    kind = next((kind for kind in _FIRST_DAY if any(c.kind == kind for c in held)), None)
    if term is None or kind is None:
        return None
    start = first_of([claim for claim in held if claim.kind == kind])
    first, last = last_day(term, start.first), last_day(term, start.last)
    surveilled = min((claim.first for claim in held if claim.kind == "rsdl"), default=None)
    if surveilled is not None and surveilled < start.first:
        first -= (start.first - surveilled) / 2  # half of it counts too, as far as it lasted
    elif surveilled is not None:
        last += (sentence.last - surveilled) / 2  # half of it does not count
    first -= datetime.timedelta(days=1)  # the first day in custody counts
    return Claim(
        number=sentence.number,
        kind=TERM_END,
        first=first,
        last=last,
        date=interval(first, last),
        is_disputed=sentence.is_disputed or start.is_contradicted,
    )


def _value(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if text in _WORDS:
        return _WORDS.index(text)
    total, digit = 0, 0
    for sign in text.replace("两", "二"):
        if sign == "十":
            total, digit = total + 10 * (digit or 1), 0
        else:
            digit = _CHINESE.index(sign)
    return total + digit
