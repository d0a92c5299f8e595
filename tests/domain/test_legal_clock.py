"""Time limits of procedure: counted from the right day, certain only where the dates are."""

import datetime

import pytest

from fielddoc.domain.legal_clock import Clock, Limit, clocks, read
from fielddoc.domain.partial_date import parse_edtf


def _clock(name: str) -> Clock:
    return next(clock for clock in clocks() if clock.id == name)


AS_OF = parse_edtf("2023-03-15")


def test_twenty_three_days_from_taking_to_arrest_need_the_ground_of_article_91_2() -> None:
    entries = [
        {"kind": "taken-away", "date": "2022-08-31"},
        {"kind": "formal-arrest", "date": "2022-09-23"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert (reading.least_days, reading.greatest_days, reading.is_ended) == (23, 23, True)
    assert [limit.days for limit in reading.certainly_passed] == [10, 14]
    assert reading.possibly_passed == ()
    assert reading.within is not None
    assert reading.within.days == 37


def test_511_days_from_trial_without_a_verdict_pass_every_extension_of_article_208() -> None:
    entries = [{"kind": "trial", "date": "2021-10-20"}, {"kind": "no-verdict", "as_of": "2023-03~"}]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert (reading.least_days, reading.is_ended) == (511, False)
    assert [limit.months for limit in reading.certainly_passed] == [2, 3, 6]
    assert reading.within is None


@pytest.mark.parametrize(
    ("arrest", "passed"),
    [("2022-01-11", []), ("2022-01-12", [10]), ("2022-01-15", [10]), ("2022-01-16", [10, 14])],
)
def test_the_day_on_which_a_limit_begins_does_not_count(arrest: str, passed: list[int]) -> None:
    entries = [
        {"kind": "criminal-detention", "date": "2022-01-01"},
        {"kind": "formal-arrest", "date": arrest},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert [limit.days for limit in reading.certainly_passed] == passed


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2021-12-31", 2, "2022-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2022-10-20", 2, "2022-12-20"),
        ("2022-10-20", 3, "2023-01-20"),
        ("2022-08-31", 6, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_a_limit_in_months_ends_on_the_same_day_or_the_last_of_its_month(
    start: str, months: int, last: str
) -> None:
    limit = Limit(days=None, months=months, en="", zh_hans="")

    assert limit.last_day(datetime.date.fromisoformat(start)) == datetime.date.fromisoformat(last)


def test_inexact_dates_make_a_limit_possibly_passed() -> None:
    entries = [
        {"kind": "taken-away", "date": "2022-08"},
        {"kind": "formal-arrest", "date": "2022-09-10"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert (reading.least_days, reading.greatest_days) == (10, 40)
    assert reading.certainly_passed == ()
    assert [limit.days for limit in reading.possibly_passed] == [10, 14, 37]


def test_criminal_detention_counts_before_the_day_of_taking_where_both_are_known() -> None:
    entries = [
        {"kind": "taken-away", "date": "2022-01-01"},
        {"kind": "criminal-detention", "date": "2022-01-10"},
        {"kind": "formal-arrest", "date": "2022-01-12"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert reading.least_days == 2


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [{"kind": "trial"}],
        [{"kind": "trial", "date": "not a date"}],
        [{"kind": "trial", "date": "XXXX"}],
        [{"kind": "trial", "date": "2021-10-20/.."}],
        [{"kind": "formal-arrest", "date": "2021-10-20"}],
    ],
)
def test_without_a_dated_beginning_no_clock_runs(entries: list[dict[str, str]]) -> None:
    assert read(_clock("first-instance"), entries, AS_OF) is None
