"""The data of the time limits: whole, and checked against the text of the statutes."""

import datetime
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from domain.statutes import article, numeral, statute
from fielddoc.domain.jurisdictions import (
    Anchor,
    Beyond,
    Clock,
    Law,
    Limit,
    Version,
    clocks,
    days_off,
    split_part,
)
from fielddoc.domain.prison_terms import TERM_END
from fielddoc.domain.vocabularies import vocabulary

CN = clocks("cn")
VERSIONS = [(clock, version) for clock in CN for version in clock.versions]
CHECKED = [(clock, version) for clock, version in VERSIONS if version.law.is_verified]
UNITS = {"hour": "小时", "day": "日", "month": "个月", "year": "年"}


def _name(value: object) -> str | None:
    match value:
        case Clock(id=name) | Law(id=name):
            return name
        case Version(law=law):
            return law.id
        case _:
            return None


def test_every_row_of_the_list_of_limits_is_there() -> None:
    # 0 is a limit that the list does not have.
    assert {clock.number for clock in CN} == set(range(31))
    assert len({clock.id for clock in clocks()}) == len(clocks())


def test_what_was_not_checked_is_marked_as_unverified() -> None:
    laws = {version.law for clock in clocks() for version in clock.versions}

    assert {law.id for law in laws if law.is_verified} == {law.id for law in laws if law.statute}
    assert {"cpl-1996", "cpl-2012", "penalties-2025", "supervision-2018", "wgeid"} <= {
        law.id for law in laws if not law.is_verified
    }


def test_every_row_has_a_version_that_was_checked() -> None:
    assert all(any(version.law.is_verified for version in clock.versions) for clock in CN)


def _sentences(anchor: Anchor, version: Version) -> list[list[str]]:
    """Return the sentences of the article that hold all terms of the anchor, as clauses."""
    text = article(statute(version.law.statute), int(anchor.article))
    return [
        re.split("[，：]", sentence)
        for sentence in re.split("[。；\n]", text)
        if all(
            (term[1:] not in sentence) if term[0] == "!" else term in sentence
            for term in anchor.sentence
        )
    ]


def _clauses(anchor: Anchor, version: Version) -> list[str]:
    """Return the clauses that hold the anchor's term, in sentences with its other terms."""
    return [
        clause
        for sentence in _sentences(anchor, version)
        for clause in sentence
        if anchor.clause in clause
    ]


def _figure(part: str, term: str) -> re.Pattern[str]:
    """Return how a figure is written: of "one to four days" the last, of "from … up" what it is."""
    number, unit = split_part(part)
    behind = re.escape(term) if term.startswith(("以上", "以下")) else "(?!至|以上)"
    return re.compile(rf"(?<![一二三四五六七八九十百]){numeral(number)}{UNITS[unit]}{behind}")


def _approved(version: Version) -> list[Limit | Beyond]:
    """Return what of a version somebody must approve."""
    every: list[Limit | Beyond] = [*version.limits, *version.beyond]
    return [one for one in every if one.approver_zh_hans]


def _approves(who: Limit | Beyond, version: Version) -> bool:
    """Tell whether the article says that it is this authority that approves.

    That stands in the sentence of the last figure, or in the one behind it where that sentence
    speaks of no approval; of what goes beyond the figures in any sentence that it rests on.
    """
    anchors = who.rests_on[-1:] if isinstance(who, Limit) else who.rests_on
    approval = re.compile(f"(?:经|报|报请){re.escape(who.approver_zh_hans)}批准")
    for anchor in anchors:
        text = article(statute(version.law.statute), int(anchor.article))
        sentences = re.split("[。；\n]", text)
        here = {"，".join(clauses) for clauses in _sentences(anchor, version)}
        for sentence, after in pairwise([*sentences, ""]):
            if sentence.replace("：", "，") in here and anchor.clause in sentence:
                said = sentence if "批准" in sentence else after
                if approval.search(said):
                    return True
    return False


def _wrong(clock: Clock, version: Version) -> list[str]:
    """Return what of a checked version does not stand in the statute where it says."""
    wrong: list[str] = []
    for limit in version.limits:
        if len(limit.rests_on) != len(limit.parts):
            wrong.append(f"{clock.id}: {limit.parts} rests on {len(limit.rests_on)} places")
        for part, anchor in zip(limit.parts, limit.rests_on, strict=False):
            figure = _figure(part, anchor.clause)
            if not any(figure.search(clause) for clause in _clauses(anchor, version)):
                wrong.append(f"{clock.id}: {part} is not at {anchor}")
    others = [
        *(a for beyond in version.beyond for a in beyond.rests_on),
        *version.exception_rests_on,
    ]
    wrong += [
        f"{clock.id}: nothing at {anchor}" for anchor in others if not _clauses(anchor, version)
    ]
    wrong += [
        f"{clock.id}: {who.approver_zh_hans} does not approve it"
        for who in _approved(version)
        if not _approves(who, version)
    ]
    wrong += [f"{clock.id}: {beyond.en}" for beyond in version.beyond if not beyond.rests_on]
    if version.exception_en and not version.exception_rests_on:
        wrong.append(f"{clock.id}: the exception rests on nothing")
    used = {
        anchor.article
        for anchor in (*others, *(a for limit in version.limits for a in limit.rests_on))
    }
    if used != set(version.articles):
        wrong.append(f"{clock.id}: cites {version.articles}, rests on {sorted(used)}")
    return wrong


@pytest.mark.parametrize(("clock", "version"), CHECKED, ids=_name)
def test_each_figure_extension_and_exception_stands_where_the_data_says(
    clock: Clock, version: Version
) -> None:
    assert _wrong(clock, version) == []


SWAPS = [(clock, version, at) for clock, version in CHECKED for at in range(len(version.limits))]


@pytest.mark.parametrize(("clock", "version", "at"), SWAPS, ids=_name)
def test_a_wrong_figure_or_article_would_be_found(clock: Clock, version: Version, at: int) -> None:
    """The check itself is tried: the last figure of each limit is changed, then its article."""
    limit = version.limits[at]
    number, unit = split_part(limit.parts[-1])
    for other in {1, 2, 3, 5, 6, 7, 10, 12, 24, 30} - {number}:
        parts = (*limit.parts[:-1], f"{other} {unit}s")
        changed = replace(limit, parts=parts)
        limits = (*version.limits[:at], changed, *version.limits[at + 1 :])
        assert _wrong(clock, replace(version, limits=limits)), f"{parts} passed"
    anchor = limit.rests_on[-1]
    moved = replace(anchor, article=str(int(anchor.article) + 1))
    changed = replace(limit, rests_on=(*limit.rests_on[:-1], moved))
    limits = (*version.limits[:at], changed, *version.limits[at + 1 :])
    assert _wrong(clock, replace(version, limits=limits))


APPROVED = [(clock, version, who) for clock, version in CHECKED for who in _approved(version)]
APPROVERS = {who.approver_zh_hans for _, _, who in APPROVED} | {
    "最高人民检察院",
    "上级人民法院",
    "人民法院",
    "公安机关",
    "监察机关",
}


@pytest.mark.parametrize(("clock", "version", "who"), APPROVED, ids=_name)
def test_a_wrong_approver_would_be_found(
    clock: Clock, version: Version, who: Limit | Beyond
) -> None:
    """The check itself is tried: another authority is named in the place of the right one."""
    for other in APPROVERS - {who.approver_zh_hans}:
        swapped = replace(
            version,
            limits=tuple(
                replace(limit, approver_zh_hans=other) if limit is who else limit
                for limit in version.limits
            ),
            beyond=tuple(
                replace(beyond, approver_zh_hans=other) if beyond is who else beyond
                for beyond in version.beyond
            ),
        )
        assert _wrong(clock, swapped), f"{other} passed"


LAWS = sorted({version.law for _, version in CHECKED}, key=lambda law: law.id)
_DAY = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_IN_FORCE = re.compile(r"本法自([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日起施行")


def _day(match: re.Match[str]) -> datetime.date:
    return datetime.date(int(match[1]), int(match[2]), int(match[3]))


@pytest.mark.parametrize("law", LAWS, ids=_name)
def test_versions_and_days_in_force_are_those_of_the_head_of_the_text(law: Law) -> None:
    text = statute(law.statute)
    head = text[: text.index("<!-- INFO END -->")]
    adopted = [_day(match) for match in _DAY.finditer(head)]

    assert law.zh_hans in head
    assert law.adopted == max(adopted)
    assert law.version == str(max(adopted).year)
    assert law.in_force_from >= max(adopted)
    told = _IN_FORCE.search(text)
    is_first = len(adopted) == 1
    assert law.is_in_force_told == (told is not None and is_first)
    if told is not None and is_first:
        assert law.in_force_from == _day(told)


def test_the_rules_of_counting_stand_in_article_105() -> None:
    text = article(statute("criminal-procedure-law-2018"), 105)

    assert "时、日、月" in text
    assert "不算在期间以内" in text
    assert "节假日" in text
    assert "在押期间" in text


def test_versions_of_one_clock_follow_each_other_without_a_gap_in_one_law() -> None:
    for clock in CN:
        laws = [version.law for version in clock.versions]
        for before, after in pairwise(laws):
            assert before.in_force_to is not None
            assert after.in_force_from - before.in_force_to == datetime.timedelta(days=1), clock.id


def test_limits_of_a_clock_grow() -> None:
    for clock, version in VERSIONS:
        days = [
            (x.hours + 24 * ((x.days or 0) + 30 * (x.months or 0) + 365 * x.years))
            for x in version.limits
        ]
        assert days == sorted(days), clock.id
        assert len(set(days)) == len(days), clock.id


def test_clocks_start_and_end_with_kinds_that_an_entry_can_have() -> None:
    kinds = vocabulary("entry-kinds")
    for clock in clocks():
        used = (
            *(start.kind for start in clock.starts_with),
            *(start.only_with for start in clock.starts_with if start.only_with),
            *clock.starts_no_earlier_than,
            *clock.starts_no_later_than,
            *clock.ends_with,
            *clock.ended_by,
            *clock.silent_with,
            *(start.only_after for start in clock.starts_with if start.only_after),
            *clock.not_if_first,
        )
        assert all(kind in kinds or kind == TERM_END for kind in used), clock.id
        assert all(kind in vocabulary("agencies") for kind in clock.extended_by), clock.id
        assert clock.starts_with or clock.starts_no_earlier_than or clock.starts_no_later_than


def test_words_are_there_in_both_languages() -> None:
    for clock in clocks():
        assert clock.en.isascii()
        assert clock.zh_hans
        for version in clock.versions:
            assert bool(version.exception_en) == bool(version.exception_zh_hans)
            for limit in version.limits:
                assert bool(limit.en) == bool(limit.zh_hans)
                assert bool(limit.approver_en) == bool(limit.approver_zh_hans)


def test_no_word_of_the_data_says_illegal() -> None:
    for clock in clocks():
        for version in clock.versions:
            words = (clock.en, version.exception_en, *(limit.en for limit in version.limits))
            assert not re.search("illegal|unlawful|violat", " ".join(words))
            chinese = (
                clock.zh_hans,
                version.exception_zh_hans,
                *(limit.zh_hans for limit in version.limits),
            )
            assert not re.search("违法|非法|违反", "".join(chinese))


def test_a_day_belongs_to_the_version_in_force() -> None:
    arrest = next(clock for clock in CN if clock.id == "arrest")

    def law_on(day: str) -> str | None:
        version = arrest.version_on(datetime.date.fromisoformat(day))
        return version.law.id if version else None

    assert law_on("1996-12-31") is None
    assert law_on("1997-01-01") == "cpl-1996"
    assert law_on("2012-12-31") == "cpl-1996"
    assert law_on("2013-01-01") == "cpl-2012"
    assert law_on("2018-10-25") == "cpl-2012"
    assert law_on("2018-10-26") == "cpl-2018"


def test_days_off_are_what_was_announced() -> None:
    known = days_off()

    def works(day: str) -> bool:
        return known.is_working_day(datetime.date.fromisoformat(day))

    assert not works("2022-10-03")  # National Day, a Monday
    assert works("2022-10-08")  # a Saturday that was worked for it
    assert not works("2022-11-05")
    assert works("2022-11-07")
    assert known.holds(datetime.date(2022, 1, 1))
    assert not known.holds(datetime.date(2040, 1, 1))
    assert all(day.weekday() < 5 for day in known.off)
    assert all(day.weekday() >= 5 for day in known.working)
