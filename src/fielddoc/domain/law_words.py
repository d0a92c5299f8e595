"""What a law says, in our own words: limits with their grounds, what goes beyond them, its name."""

from collections.abc import Iterable, Sequence

from fielddoc.domain.jurisdictions import Anchor, Beyond, Law, Limit, Version
from fielddoc.domain.partial_date import describe, parse_edtf
from fielddoc.i18n import N_, clauses, listed, translate


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


def in_force_words(law: Law, language: str) -> str:
    """Return since when a law that was checked is in force, and whether its text says so itself.

    Which version holds for a day hangs on it, so a day of general knowledge must not look checked.
    """
    words = (
        N_("in force from {day}")
        if law.is_in_force_told
        else N_("in force from {day} (this day is not in the text that was checked)")
    )
    day = describe(parse_edtf(law.in_force_from.isoformat()), language)
    return translate(words, language).format(day=day)


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


def beyond_words(beyond: Beyond, language: str) -> str:
    """Return what makes a period longer than its longest figure, with its ground."""
    is_chinese = language.startswith("zh")
    approver = beyond.approver_zh_hans if is_chinese else beyond.approver_en
    words = (
        N_("approval by {approver}, for which the law sets no maximum ({why})")
        if not beyond.is_anew
        else N_("that the period was counted anew, approved by {approver} ({why})")
        if approver
        else N_("that the period was counted anew ({why})")
    )
    why = beyond.zh_hans if is_chinese else beyond.en
    return translate(words, language).format(approver=approver, why=why)


def own_words(version: Version, language: str) -> list[str]:
    """Return what the articles say, in our own words and in one sentence each, with the article.

    The text itself is not part of this program; the article's number is there to look it up.
    """
    lines = [
        _own_line(limit_words(one, language), one.rests_on, language) for one in version.limits
    ]
    lines += [_own_line(beyond_words(b, language), b.rests_on, language) for b in version.beyond]
    is_chinese = language.startswith("zh")
    text = version.exception_zh_hans if is_chinese else version.exception_en
    if text:
        lines.append(_own_line(text, version.exception_rests_on, language))
    return lines


def laws_in_own_words(versions: Iterable[Version], language: str) -> list[str]:
    """Return what the laws of several readings say, one paragraph each, each law and article once.

    Behind them stands of each checked law since when it is in force.
    """
    found: dict[str, list[str]] = {}
    since: dict[str, str] = {}
    for version in versions:
        if version.law.is_verified:
            since[version.law.name(language)] = in_force_words(version.law, language)
        lines = found.setdefault(law_words(version, language), [])
        lines += [line for line in own_words(version, language) if line not in lines]
    words = N_("{law}: {text}")
    said = [
        translate(words, language).format(law=law, text=clauses(lines, language))
        for law, lines in found.items()
        if lines
    ]
    days = [translate(words, language).format(law=law, text=text) for law, text in since.items()]
    return said + days if said else []


OWN_WORDS = N_("What these articles say, in our own words; the text itself is not in this program")
"""Heading above `laws_in_own_words`."""


def _own_line(text: str, anchors: Sequence[Anchor], language: str) -> str:
    articles = list(dict.fromkeys(anchor.article for anchor in anchors))
    if not articles:
        return text
    words = (
        N_("{text} (article {article})")
        if len(articles) == 1
        else N_("{text} (articles {article})")
    )
    return translate(words, language).format(text=text, article=listed(articles, language))
