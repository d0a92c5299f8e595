"""Which recorded approvals of an extension can concern which time limit.

An entry `extension-approved` says when, and perhaps who and under which article. A chronology
often holds several limits that run on the same day; a limit that no approval can extend is never
covered by one, and one that the entry plainly is not about is not either.
"""

import datetime
import re
from collections.abc import Mapping, Sequence

from fielddoc.domain.canonical import Json
from fielddoc.domain.claims import Claim
from fielddoc.domain.jurisdictions import Clock, Version, clocks

_FIGURES = re.compile(r"[0-9]+")
_CHINESE = re.compile(r"第([零〇一二三四五六七八九十百]+)条")
_DIGITS = "零一二三四五六七八九"


def approvals_for(
    clock: Clock,
    version: Version,
    claims: Sequence[Claim],
    entries: Sequence[Mapping[str, Json]],
    between: tuple[datetime.date, datetime.date],
) -> tuple[Claim, ...]:
    """Return the claims of approvals that can concern a limit which ran between two days."""
    first, last = between
    if not clock.extended_by:
        return ()
    return tuple(
        claim
        for claim in claims
        if claim.kind == "extension-approved"
        and claim.last >= first
        and claim.first <= last
        and _can_concern(clock, version, entries[claim.number])
    )


def _can_concern(clock: Clock, version: Version, entry: Mapping[str, Json]) -> bool:
    """Tell whether article and agency, as far as they are written down, fit the limit."""
    basis = entry.get("legal_basis")
    cited = articles_in(basis) if isinstance(basis, str) else frozenset()
    if cited & frozenset(version.articles):
        return True
    if any(cited & frozenset(other.articles) for one in clocks("cn") for other in one.versions):
        return False  # it names an article of another limit
    agency = entry.get("agency_kind")
    others = {kind for one in clocks("cn") for kind in one.extended_by}
    return agency not in others or agency in clock.extended_by


def articles_in(text: str) -> frozenset[str]:
    """Return the numbers in a legal basis, in figures or as statutes write them."""
    written = (str(_number(match[1])) for match in _CHINESE.finditer(text))
    return frozenset((*_FIGURES.findall(text), *written))


def _number(text: str) -> int:
    total, digit = 0, 0
    for sign in text.replace("〇", "零"):
        if sign == "百":
            total, digit = total + 100 * (digit or 1), 0
        elif sign == "十":
            total, digit = total + 10 * (digit or 1), 0
        else:
            digit = _DIGITS.index(sign)
    return total + digit
