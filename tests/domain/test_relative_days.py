"""Days told from today, typed as people type them. Today is Wednesday 25 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.partial_date import PartialDateError, parse_typed

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("today", "2026-11-25"),
        ("this morning", "2026-11-25"),
        ("Tonight", "2026-11-25"),
        ("last night", "2026-11-24"),
        ("yesterday evening", "2026-11-24"),
        ("the day before yesterday", "2026-11-23"),
        ("tomorrow", "2026-11-26"),
        ("3 days ago", "2026-11-22"),
        ("a week ago", "2026-11-18"),
        ("two weeks ago", "2026-11-11"),
        ("last Tuesday", "2026-11-24"),
        ("on last tuesday night", "2026-11-24"),
        ("last Wednesday", "2026-11-18"),
        ("last Thursday", "2026-11-19"),
        ("Tuesday", "2026-11-24"),
        ("on Wed", "2026-11-25"),
        ("Thurs.", "2026-11-19"),
        ("Tuesday of last week", "2026-11-17"),
        ("this Friday", "2026-11-27"),
        ("next Monday", "2026-11-30"),
        ("last month", "2026-10"),
        ("this year", "2026"),
        ("last year", "2025"),
        ("今天下午", "2026-11-25"),
        ("今早", "2026-11-25"),
        ("昨晚", "2026-11-24"),
        ("昨天夜里", "2026-11-24"),
        ("前天", "2026-11-23"),
        ("前天晚上", "2026-11-23"),
        ("大前天", "2026-11-22"),
        ("明天", "2026-11-26"),
        ("三天前", "2026-11-22"),
        ("3 天以前", "2026-11-22"),
        ("十一天前", "2026-11-14"),
        ("两个星期前", "2026-11-11"),
        ("兩週前", "2026-11-11"),
        ("一个礼拜之前", "2026-11-18"),
        ("上周二", "2026-11-17"),
        ("上週二", "2026-11-17"),
        ("上星期日", "2026-11-22"),
        ("上個禮拜天晚上", "2026-11-22"),
        ("上上周五", "2026-11-13"),
        ("周二", "2026-11-24"),
        ("星期三早上", "2026-11-25"),
        ("周四", "2026-11-19"),
        ("本周五", "2026-11-27"),
        ("這週一", "2026-11-23"),
        ("下周一", "2026-11-30"),
        ("上个月", "2026-10"),
        ("本月", "2026-11"),
        ("今年", "2026"),
        ("去年", "2025"),
        ("前年", "2024"),
    ],
)
def test_days_are_told_from_today(typed: str, stored: str) -> None:
    assert parse_typed(typed, WEDNESDAY).edtf == stored


def test_the_month_before_january_lies_in_the_year_before() -> None:
    assert parse_typed("last month", date(2026, 1, 31)).edtf == "2025-12"


@pytest.mark.parametrize("typed", ["yesterday", "上周二", "last year", "去年", "a week ago"])
def test_what_lies_before_the_calendar_is_no_date(typed: str) -> None:
    with pytest.raises(PartialDateError):
        parse_typed(typed, date.min)


@pytest.mark.parametrize("typed", ["last Tuesday", "上周二", "3 days ago", "去年"])
def test_without_a_today_nothing_can_be_told_from_it(typed: str) -> None:
    with pytest.raises(PartialDateError):
        parse_typed(typed)


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(0, 6))
def test_a_weekday_alone_is_the_latest_one_up_to_today(today: date, weekday: int) -> None:
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[weekday]
    found = parse_typed(name, today).earliest
    assert found is not None
    assert found.weekday() == weekday
    assert 0 <= (today - found).days < 7
    last = parse_typed(f"last {name}", today).earliest
    assert last is not None
    assert last.weekday() == weekday
    assert 0 < (today - last).days <= 7
