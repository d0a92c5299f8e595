"""The data of the time limits: whole, and checked against the text of the statutes."""

import datetime
import re
from itertools import pairwise

import pytest

from domain.statutes import article, numeral, statute
from fielddoc.domain.jurisdictions import Clock, Law, Version, clocks, days_off, split_part
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
    assert {clock.number for clock in CN} == set(range(1, 31))
    assert len({clock.id for clock in clocks()}) == len(clocks())


def test_what_was_not_checked_is_marked_as_unverified() -> None:
    laws = {version.law for clock in clocks() for version in clock.versions}

    assert {law.id for law in laws if law.is_verified} == {law.id for law in laws if law.statute}
    assert {"cpl-1996", "cpl-2012", "penalties-2025", "supervision-2018", "wgeid"} <= {
        law.id for law in laws if not law.is_verified
    }


def test_every_row_has_a_version_that_was_checked() -> None:
    assert all(any(version.law.is_verified for version in clock.versions) for clock in CN)


@pytest.mark.parametrize(("clock", "version"), CHECKED, ids=_name)
def test_cited_articles_exist_and_hold_the_figures(clock: Clock, version: Version) -> None:
    text = statute(version.law.statute)
    found = [article(text, int(number)) for number in version.articles]

    assert version.articles
    assert all(found), f"{clock.id}: an article does not exist"
    for limit in version.limits:
        assert limit.parts
        for part in limit.parts:
            number, unit = split_part(part)
            figure = re.compile(rf"(?<![一二三四五六七八九十百]){numeral(number)}{UNITS[unit]}")
            assert any(figure.search(words) for words in found), f"{clock.id}: {part}"


# What the exceptions, extensions and duties rest on, in single words of the article.
GROUNDS = {
    "criminal-summons": ("119", "连续传唤"),
    "administrative-case": ("99", "上一级公安机关"),
    "family-notice-detention": ("85", "有碍侦查"),
    "family-notice-arrest": ("93", "无法通知"),
    "family-notice-rsdl": ("75", "无法通知"),
    "arrest": ("91", "流窜作案"),
    "residential-surveillance": ("75", "专门的办案场所"),
    "lawyer-meeting": ("39", "经侦查机关许可"),
    "right-to-lawyer": ("34", "第一次讯问"),
    "investigation": ("156", "上一级人民检察院"),
    "prosecution-review": ("172", "改变管辖"),
    "supplementary-investigation": ("175", "二次为限"),
    "first-instance": ("208", "上一级人民法院"),
    "judgment-served": ("202", "公开进行"),
    "open-trial": ("188", "个人隐私"),
    "appeal": ("230", "第二日"),
    "second-instance": ("243", "高级人民法院"),
    "change-of-measure": ("97", "说明不同意的理由"),
    "expiry-of-measure": ("99", "期限届满"),
    "retention": ("48", "国家监察委员会"),
    "family-notice-retention": ("50", "有碍调查"),
    "protective-custody": ("46", "特殊情况"),
    "deprivation-of-political-rights": ("57", "终身"),
    "exit-ban": ("12", "不准出境"),
    "second-diagnosis": ("32", "再次诊断"),
    "compulsory-treatment": ("303", "人民法院"),
    "suspended-detention": ("107", "二百元"),
}


@pytest.mark.parametrize("name", GROUNDS)
def test_grounds_of_extensions_and_exceptions_stand_in_the_article(name: str) -> None:
    number, word = GROUNDS[name]
    clock = next(clock for clock in CN if clock.id == name)
    version = next(version for version in clock.versions if version.law.is_verified)

    assert number in version.articles
    assert word in article(statute(version.law.statute), int(number))


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
        )
        assert all(kind in kinds for kind in used), clock.id
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
