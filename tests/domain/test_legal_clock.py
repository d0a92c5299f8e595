"""Time limits of procedure: counted from the right day, certain only where the dates are."""

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.canonical import Json
from fielddoc.domain.case_clocks import custody_periods, read_case
from fielddoc.domain.claims import contradictions
from fielddoc.domain.clock_reading import Reading, State
from fielddoc.domain.clock_words import (
    Group,
    course_words,
    group_of,
    reading_words,
    without_law_words,
)
from fielddoc.domain.jurisdictions import Clock, Limit, clocks
from fielddoc.domain.legal_clock import Told, read, readings_of
from fielddoc.domain.partial_date import parse_edtf
from fielddoc.domain.periods import last_day, moved_at_latest, surely_within
from fielddoc.domain.prison_terms import term_in


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


def test_511_days_from_trial_without_a_verdict_pass_every_figure_of_article_208() -> None:
    entries = [{"kind": "trial", "date": "2021-10-20"}, {"kind": "no-verdict", "as_of": "2023-03~"}]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert (reading.least_days, reading.is_ended) == (511, False)
    assert [limit.months for limit in reading.certainly_passed] == [2, 3, 6]
    assert reading.within is None
    # Article 208 has no figure beyond, but names who may approve more and when it is counted anew.
    english, chinese = reading_words(reading, "en"), reading_words(reading, "zh_CN")
    assert "It would need: approval by the Supreme People's Court" in english
    assert "for which the law sets no maximum" in english
    assert "Or: that the period was counted anew (when another court takes over" in english
    assert "No extension" not in english
    assert "最高人民法院" in chinese


@pytest.mark.parametrize(
    ("name", "start", "end", "needs"),
    [
        ("second-instance", "appeal-accepted", "second-instance", "the Supreme People's Court"),
        ("investigation", "formal-arrest", "sent-for-prosecution", "another important crime"),
        ("investigation", "formal-arrest", "sent-for-prosecution", "National People's Congress"),
        ("retention", "retention", "release", "the National Supervision Commission"),
        ("prosecution-review", "sent-for-prosecution", "indictment", "counted anew"),
    ],
)
def test_a_time_longer_than_every_figure_says_what_the_article_still_names(
    name: str, start: str, end: str, needs: str
) -> None:
    entries = [{"kind": start, "date": "2025-07-01"}, {"kind": end, "date": "2026-09-01"}]

    reading = read(_clock(name), entries, parse_edtf("2026-10-01"))

    assert reading is not None
    assert reading.within is None
    assert needs in reading_words(reading, "en")
    assert "No extension" not in reading_words(reading, "en")


def test_where_the_article_names_nothing_more_that_is_said() -> None:
    entries = [
        {"kind": "criminal-detention", "date": "2022-01-01"},
        {"kind": "formal-arrest", "date": "2022-03-01"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert "No extension that these articles name is as long." in reading_words(reading, "en")


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

    assert last_day(limit, datetime.date.fromisoformat(start)) == datetime.date.fromisoformat(last)


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


def test_a_taking_that_became_administrative_detention_starts_no_days_of_criminal_detention() -> (
    None
):
    entries: list[dict[str, Json]] = [
        {"kind": "taken-away", "date": "2022-01-01"},
        {"kind": "administrative-detention", "date": "2022-01-01"},
        {"kind": "criminal-detention", "date": "2022-01-16"},
        {"kind": "formal-arrest", "date": "2022-01-20"},
    ]

    (course,) = read_case(entries, [], datetime.date(2022, 3, 1))

    days = [(r.clock.id, r.greatest_days) for r in course.readings if r.clock.number in (3, 9)]
    assert days == [
        ("administrative-detention", 15),
        ("administrative-decision", 0),
        ("arrest", 4),
    ]


@pytest.mark.parametrize("measure", ["rsdl", "retention", "black-jail"])
def test_a_taking_that_was_followed_by_another_measure_starts_no_days_of_criminal_detention(
    measure: str,
) -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "taken-away", "date": "2022-01-01"},
        {"kind": measure, "date": "2022-01-03"},
        {"kind": "formal-arrest", "date": "2022-04-20"},
    ]

    (course,) = read_case(entries, [], datetime.date(2022, 6, 1))

    assert not [r for r in course.readings if r.clock.id in ("arrest", "arrest-request")]
    detained: dict[str, Json] = {"kind": "criminal-detention", "date": "2022-01-02"}
    (told,) = read_case([*entries, detained], [], datetime.date(2022, 6, 1))
    assert [r.start.edtf for r in told.readings if r.clock.id == "arrest"] == ["2022-01-02"]


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


# --- hours, holidays, months ---------------------------------------------------------------------


def _state(
    name: str, entries: list[dict[str, Json]], on: str, number: int = 0
) -> tuple[State, bool]:
    day = datetime.date.fromisoformat(on)
    told = Told(parse_edtf(on), is_about=False)
    reading = readings_of(_clock(name), entries, lambda _: told, day)[-1]
    step = reading.steps[number]
    return step.state, step.is_certain


@pytest.mark.parametrize(
    ("name", "done", "state"),
    [
        # Nobody tells the hour: of twenty-four hours, one of the next day may be the twenty-fifth.
        ("first-interrogation", "2022-01-01", State.WITHIN),
        ("first-interrogation", "2022-01-02", State.PERHAPS_PASSED),
        ("first-interrogation", "2022-01-03", State.PASSED),
    ],
)
def test_hours_are_certain_only_as_far_as_days_tell(name: str, done: str, state: State) -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "criminal-detention", "date": "2022-01-01"},
        {"kind": "interrogation", "date": done},
    ]

    assert _state(name, entries, "2022-02-01") == (state, True)


@pytest.mark.parametrize(
    ("hours", "within", "last"),
    [(8, "2021-12-31", "2022-01-02"), (12, "2021-12-31", "2022-01-02"),
     (24, "2022-01-01", "2022-01-02"), (48, "2022-01-02", "2022-01-03")],
)  # fmt: skip
def test_hours_end_on_a_day_whatever_the_hour_they_began(
    hours: int, within: str, last: str
) -> None:
    start, limit = datetime.date(2022, 1, 1), Limit(hours=hours)

    assert surely_within(limit, start) == datetime.date.fromisoformat(within)
    assert last_day(limit, start) == datetime.date.fromisoformat(last)
    # By trying every hour of the day: the hour of beginning is not counted.
    ends = [
        datetime.datetime(2022, 1, 1, tzinfo=datetime.UTC)
        + datetime.timedelta(hours=hour + 1 + hours)
        for hour in range(24)
    ]
    after = datetime.datetime.combine(last_day(limit, start), datetime.time(tzinfo=datetime.UTC))
    assert max(ends) <= after + datetime.timedelta(days=1)
    before = datetime.datetime.combine(
        surely_within(limit, start), datetime.time(tzinfo=datetime.UTC)
    )
    assert min(ends) >= before + datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2022-02-28", 1, "2022-03-31"),
        ("2022-04-30", 2, "2022-06-30"),
        ("2024-02-28", 1, "2024-03-28"),
        ("2024-02-29", 1, "2024-03-31"),
        ("2023-12-29", 2, "2024-02-29"),
        ("2022-12-29", 2, "2023-02-28"),
        ("9999-11-15", 6, "9999-12-31"),
    ],
)
def test_months_go_to_the_same_day_and_from_the_last_to_the_last(
    start: str, months: int, last: str
) -> None:
    limit = Limit(months=months)

    assert last_day(limit, datetime.date.fromisoformat(start)) == datetime.date.fromisoformat(last)


def test_a_month_and_fifteen_days_add_up() -> None:
    limit = Limit(months=1, days=15)

    assert last_day(limit, datetime.date(2022, 1, 31)) == datetime.date(2022, 3, 15)
    assert last_day(limit, datetime.date(2024, 1, 10)) == datetime.date(2024, 2, 25)


def test_the_last_day_of_appeal_moves_over_a_holiday_and_days_of_custody_do_not() -> None:
    judgment: list[dict[str, Json]] = [{"kind": "judgment-served", "date": "2022-09-22"}]
    custody: list[dict[str, Json]] = [{"kind": "criminal-detention", "date": "2022-09-22"}]
    told, day = Told(parse_edtf("2022-09-23"), is_about=False), datetime.date(2022, 9, 23)

    (appeal,) = readings_of(_clock("appeal"), judgment, lambda _: told, day)
    (arrest,) = readings_of(_clock("arrest"), custody, lambda _: told, day)

    # 2 October is in the National Day holiday, which ended on 7 October; the 8th was worked.
    assert appeal.steps[0].last_due == datetime.date(2022, 10, 8)
    assert arrest.steps[0].last_due == datetime.date(2022, 10, 2)


def test_a_year_whose_holidays_are_not_known_makes_nothing_certain_for_some_days() -> None:
    day = datetime.date(2040, 10, 2)

    assert moved_at_latest(day) >= day + datetime.timedelta(days=9)
    assert moved_at_latest(datetime.date(2022, 10, 2)) == datetime.date(2022, 10, 8)


# --- versions of the law -------------------------------------------------------------------------


def test_a_case_of_2011_is_reckoned_under_the_law_of_2011() -> None:
    entries = [
        {"kind": "case-accepted", "date": "2011-05-10"},
        {"kind": "verdict", "date": "2011-07-01"},
    ]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert reading.version.law.id == "cpl-1996"
    assert reading.version.articles == ("168",)
    assert not reading.version.law.is_verified
    # One month, a month and a half at the latest, one month more in listed cases.
    assert [(x.months, x.days) for x in reading.certainly_passed] == [(1, None), (1, 15)]
    assert reading.within is not None
    assert (reading.within.months, reading.within.days) == (2, 15)
    assert "unverified" in reading_words(reading, "en")
    assert "未经核对" in reading_words(reading, "zh_CN")


def test_the_same_days_under_the_law_of_2018_are_within_the_limit() -> None:
    entries = [
        {"kind": "case-accepted", "date": "2021-05-10"},
        {"kind": "verdict", "date": "2021-07-01"},
    ]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert reading.certainly_passed == ()
    assert reading.within is not None
    assert reading.within.months == 2
    assert "unverified" not in reading_words(reading, "en")


def test_a_beginning_that_may_lie_under_either_version_makes_nothing_certain() -> None:
    entries = [
        {"kind": "case-accepted", "date": "2012-12/2013-01"},
        {"kind": "verdict", "date": "2014-07-01"},
    ]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert reading.certainly_passed == ()
    assert len(reading.possibly_passed) == 3


def test_a_start_before_every_version_is_told_as_such() -> None:
    entries: list[dict[str, Json]] = [{"kind": "criminal-detention", "date": "1989-06-09"}]

    (course,) = read_case(entries, [], datetime.date(2020, 1, 1))

    assert course.readings == ()
    assert "arrest" in {clock.id for clock, _ in course.without_law}
    assert "not in this program" in without_law_words(course, "en")[0]


def test_what_the_law_of_2026_says_is_told_as_missing_or_unverified() -> None:
    entries: list[dict[str, Json]] = [{"kind": "administrative-detention", "date": "2026-01-02"}]

    (course,) = read_case(entries, [], datetime.date(2026, 2, 1))

    assert {clock.id for clock, _ in course.without_law} == {
        "administrative-decision",
        "suspended-detention",
    }
    assert len(without_law_words(course, "en")) == 2
    (detention,) = course.readings
    assert detention.version.law.id == "penalties-2025"
    assert "unverified" in reading_words(detention, "en")
    before: list[dict[str, Json]] = [{"kind": "administrative-detention", "date": "2025-12-31"}]
    (known,) = read_case(before, [], datetime.date(2026, 2, 1))
    assert known.without_law == ()


# --- beginnings and ends -------------------------------------------------------------------------


def test_somebody_held_twice_has_two_readings() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "taken-away", "date": "2019-03-01"},
        {"kind": "release", "date": "2019-03-20"},
        {"kind": "taken-away", "date": "2020-10-02"},
        {"kind": "formal-arrest", "date": "2020-10-09"},
    ]
    told = Told(AS_OF, is_about=False)

    first, second = readings_of(
        _clock("arrest"), entries, lambda _: told, datetime.date(2023, 3, 15)
    )

    assert (first.least_days, first.is_ended) == (19, True)
    assert (second.least_days, second.is_ended) == (7, True)
    assert [(c.start.edtf, c.greatest_days) for c in custody_periods(entries, datetime.date(2020, 10, 12))] == [
        ("2019-03-01", 19),
        ("2020-10-02", 10),
    ]  # fmt: skip


def test_contradicting_claims_of_a_beginning_make_only_certain_what_both_tell() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "criminal-detention", "date": "2022-01-01"},
        {"kind": "criminal-detention", "date": "2022-01-06", "told_by": "the centre"},
        {"kind": "formal-arrest", "date": "2022-01-19"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert (reading.least_days, reading.greatest_days) == (13, 18)
    assert [limit.days for limit in reading.certainly_passed] == [10]
    assert [limit.days for limit in reading.possibly_passed] == [14]
    assert reading.is_disputed
    assert contradictions(entries) == [(0, 1)]


def test_a_superseded_claim_does_not_count_where_another_replaced_it() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "criminal-detention", "date": "2022-01-01", "standing": "superseded"},
        {"kind": "criminal-detention", "date": "2022-01-06"},
        {"kind": "formal-arrest", "date": "2022-01-19"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert (reading.least_days, reading.greatest_days) == (13, 13)
    alone = read(_clock("arrest"), [entries[0], entries[2]], AS_OF)
    assert alone is not None
    assert alone.least_days == 18


def test_an_approximate_date_makes_nothing_certain() -> None:
    entries = [
        {"kind": "criminal-detention", "date": "2022-01-01~"},
        {"kind": "formal-arrest", "date": "2022-06-01"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)

    assert reading is not None
    assert reading.certainly_passed == ()
    assert [limit.days for limit in reading.possibly_passed] == [10, 14, 37]
    assert "only approximate" in reading_words(reading, "en")


def test_acceptance_by_the_court_lies_between_transfer_and_trial() -> None:
    entries = [
        {"kind": "transferred-to-court", "date": "2022-01-10"},
        {"kind": "trial", "date": "2022-03-01"},
        {"kind": "verdict", "date": "2022-05-20"},
    ]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert (reading.start.edtf, reading.least_days, reading.greatest_days) == (
        "2022-01-10/2022-03-01", 80, 130,
    )  # fmt: skip
    assert [limit.months for limit in reading.certainly_passed] == [2]
    assert [limit.months for limit in reading.possibly_passed] == [3]
    assert reading.within is not None
    assert reading.within.months == 6


def test_from_the_transfer_alone_nothing_is_certain_and_from_the_trial_alone_no_limit_is_kept() -> (
    None
):
    verdict = {"kind": "verdict", "date": "2022-03-05"}
    transfer = read(
        _clock("first-instance"),
        [{"kind": "transferred-to-court", "date": "2021-01-10"}, verdict],
        AS_OF,
    )
    trial = read(
        _clock("first-instance"), [{"kind": "trial", "date": "2022-03-01"}, verdict], AS_OF
    )

    assert transfer is not None
    assert transfer.certainly_passed == ()
    assert [limit.months for limit in transfer.possibly_passed] == [2, 3, 6]
    assert "may be shorter" in reading_words(transfer, "en")
    assert "Perhaps longer than 6 months" in reading_words(transfer, "en")
    assert group_of(transfer) is Group.ENDED
    assert trial is not None
    assert trial.certainly_passed == ()
    assert [step.is_certain for step in trial.steps] == [False, False, False]
    assert "at least as long" in reading_words(trial, "en")


def test_a_trial_at_which_a_sentence_was_given_ends_the_first_instance() -> None:
    entries = [{"kind": "trial", "date": "2020-12-28", "sentence": "4 years"}]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert (reading.is_ended, reading.greatest_days) == (True, 0)


def test_an_end_without_a_date_is_not_taken_for_no_end() -> None:
    entries = [{"kind": "trial", "date": "2021-10-20"}, {"kind": "sentence", "sentence": "3 years"}]

    reading = read(_clock("first-instance"), entries, AS_OF)

    assert reading is not None
    assert not reading.is_ended
    assert reading.is_perhaps_ended
    assert reading.certainly_passed == ()


def test_a_later_step_shows_that_an_earlier_period_had_ended_by_then() -> None:
    entries = [
        {"kind": "formal-arrest", "date": "2022-01-10"},
        {"kind": "trial", "date": "2022-12-01"},
    ]

    reading = read(_clock("investigation"), entries, AS_OF)

    assert reading is not None
    assert reading.is_ended
    assert reading.certainly_passed == ()
    assert [x.months for x in reading.possibly_passed] == [2, 3, 5, 7]


def test_an_approval_covers_the_limit_as_far_as_it_concerns_it_and_its_absence_is_told() -> None:
    entries = [
        {"kind": "formal-arrest", "date": "2022-01-10"},
        {"kind": "sent-for-prosecution", "date": "2022-04-01"},
    ]
    approved = {"kind": "extension-approved", "date": "2022-03-09"}

    without = read(_clock("investigation"), entries, AS_OF)
    having = read(_clock("investigation"), [*entries, approved], AS_OF)

    assert without is not None
    assert having is not None
    assert "Recorded approval of an extension: none." in reading_words(without, "en")
    assert group_of(without) is Group.PASSED
    words = reading_words(having, "en")
    assert "Covered by the recorded approval of 9 March 2022, as far as it concerns" in words
    assert group_of(having) is Group.COVERED


def test_one_approval_does_not_cover_a_time_that_needs_two() -> None:
    entries = [
        {"kind": "formal-arrest", "date": "2022-01-10"},
        {"kind": "extension-approved", "date": "2022-03-09"},
        {"kind": "sent-for-prosecution", "date": "2022-05-20"},
    ]
    second = {"kind": "extension-approved", "date": "2022-04-08"}

    once = read(_clock("investigation"), entries, AS_OF)
    twice = read(_clock("investigation"), [*entries, second], AS_OF)

    assert once is not None
    assert twice is not None
    assert [limit.months for limit in once.certainly_passed] == [2, 3]
    assert group_of(once) is Group.PASSED
    assert "Recorded approvals of an extension: 1 (9 March 2022)." in reading_words(once, "en")
    assert "So long a time would need 2." in reading_words(once, "en")
    assert group_of(twice) is Group.COVERED


def test_an_approval_counts_for_no_limit_that_nobody_can_extend() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "criminal-detention", "date": "2022-01-01"},
        {"kind": "family-not-notified", "as_of": "2022-02-01"},
        {"kind": "extension-approved", "date": "2022-01-04"},
        {"kind": "formal-arrest", "date": "2022-01-20"},
    ]

    (course,) = read_case(entries, [], datetime.date(2022, 3, 1))

    counted = {r.clock.id for r in course.readings if r.approvals}
    assert counted == {"arrest-request", "arrest"}
    notice = next(r for r in course.readings if r.clock.id == "family-notice-detention")
    assert group_of(notice) is Group.PASSED
    assert "approval" not in reading_words(notice, "en")


@pytest.mark.parametrize(
    ("more", "concerned"),
    [
        ({}, {"investigation", "first-instance"}),
        ({"agency_kind": "court"}, {"first-instance"}),
        ({"agency_kind": "procuratorate"}, {"investigation"}),
        ({"agency_kind": "unidentified"}, {"investigation", "first-instance"}),
        ({"legal_basis": "Criminal Procedure Law, art. 158"}, {"investigation"}),
        ({"legal_basis": "刑事诉讼法第二百零八条"}, {"first-instance"}),
        ({"legal_basis": "told by phone"}, {"investigation", "first-instance"}),
    ],
)
def test_agency_and_article_of_an_approval_say_which_limit_it_can_concern(
    more: dict[str, Json], concerned: set[str]
) -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "formal-arrest", "date": "2022-01-10"},
        {"kind": "case-accepted", "date": "2022-02-01/2022-06-01"},
        {"kind": "extension-approved", "date": "2022-04-01", **more},
        {"kind": "verdict", "date": "2022-12-01"},
    ]

    (course,) = read_case(entries, [], datetime.date(2023, 3, 1))

    assert {r.clock.id for r in course.readings if r.approvals} == concerned


# --- counted anew --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start", "again", "end"),
    [
        ("investigation", "formal-arrest", "investigation-restarted", "sent-for-prosecution"),
        ("first-instance", "case-accepted", "trial-restarted", "verdict"),
        ("retention", "retention", "retention-restarted", "release"),
    ],
)
def test_a_period_that_is_counted_anew_has_two_readings(
    name: str, start: str, again: str, end: str
) -> None:
    entries: list[dict[str, Json]] = [
        {"kind": start, "date": "2025-07-10"},
        {"kind": again, "date": "2025-09-01"},
        {"kind": end, "date": "2025-10-20"},
    ]
    told = Told(parse_edtf("2026-02-01"), is_about=False)

    first, second = readings_of(_clock(name), entries, lambda _: told, datetime.date(2026, 2, 1))

    assert (first.start.edtf, first.least_days, first.is_ended) == ("2025-07-10", 53, True)
    assert (second.start.edtf, second.least_days, second.is_ended) == ("2025-09-01", 49, True)


def test_a_third_supplementary_investigation_is_once_more_than_the_law_allows() -> None:
    entries: list[dict[str, Json]] = [{"kind": "sent-for-prosecution", "date": "2022-01-10"}]
    for back, again in (("02-01", "02-20"), ("03-10", "03-30"), ("04-15", "05-01")):
        entries.append({"kind": "supplementary-investigation", "date": f"2022-{back}"})
        entries.append({"kind": "sent-again-for-prosecution", "date": f"2022-{again}"})
    told = Told(AS_OF, is_about=False)

    readings = readings_of(
        _clock("supplementary-investigation"), entries, lambda _: told, datetime.date(2023, 3, 15)
    )

    assert [group_of(r) for r in readings] == [Group.ENDED, Group.ENDED, Group.PASSED]
    assert "This is number 3; the law allows 2 at most." in reading_words(readings[2], "en")
    assert "This is number" not in reading_words(readings[1], "en")


# --- judgments and rulings -----------------------------------------------------------------------


def test_five_days_against_a_ruling_and_ten_against_a_judgment() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "judgment-served", "date": "2022-03-01"},
        {"kind": "ruling-served", "date": "2022-03-01"},
    ]

    (course,) = read_case(entries, [], datetime.date(2022, 3, 2))

    due = {r.clock.id: r.steps[0].last_due for r in course.readings if r.clock.number == 21}
    assert due == {
        "appeal": datetime.date(2022, 3, 11),
        "appeal-against-ruling": datetime.date(2022, 3, 7),  # the 6th is a Sunday
    }


@pytest.mark.parametrize(("verdict", "is_later"), [("2022-03-01", False), ("2022-05-01", True)])
def test_a_judgment_pronounced_on_a_later_day_must_be_served_at_once(
    verdict: str, is_later: bool
) -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "trial", "date": "2022-03-01"},
        {"kind": "verdict", "date": verdict},
    ]

    (course,) = read_case(entries, [], datetime.date(2022, 6, 1))

    found = [r for r in course.readings if r.clock.id == "judgment-served-at-once"]
    assert bool(found) == is_later
    assert all(group_of(r) is Group.DUTY and "at once" in reading_words(r, "en") for r in found)


def test_residential_surveillance_that_ends_on_a_day_off_is_certainly_late_only_after_it() -> None:
    # Six months from 2 April 2022 end on 2 October, in a holiday that went on to the 7th.
    def state(end: str) -> State:
        entries: list[dict[str, Json]] = [
            {"kind": "rsdl", "date": "2022-04-02"},
            {"kind": "formal-arrest", "date": end},
        ]
        return _state("residential-surveillance", entries, "2023-01-01")[0]

    assert state("2022-10-02") is State.WITHIN
    assert state("2022-10-03") is State.PERHAPS_PASSED
    assert state("2022-10-08") is State.PERHAPS_PASSED
    assert state("2022-10-09") is State.PASSED


# --- deprivation of political rights -------------------------------------------------------------

_DEPRIVED: list[dict[str, Json]] = [
    {"kind": "taken-away", "date": "2016-11-28"},
    {"kind": "sentence", "date": "2019-07-29", "sentence": "12 years"},
    {"kind": "deprivation-of-political-rights", "date": "2019-07-29"},
]


def _rights(entries: list[dict[str, Json]], on: str) -> Reading:
    (course,) = read_case(entries, [], datetime.date.fromisoformat(on))
    (found,) = [r for r in course.readings if r.clock.id == "deprivation-of-political-rights"]
    return found


def test_deprivation_of_rights_does_not_run_while_the_prison_term_does() -> None:
    reading = _rights(_DEPRIVED, "2026-01-01")
    words = reading_words(reading, "en")

    # Twelve years; whether the day of the taking counts is not told.
    assert reading.start.edtf == "2028-11-27/2028-11-28"
    assert group_of(reading) is Group.RUNS
    assert "not begun; first day" in words
    assert "27 November 2028" in words
    assert "computed from the sentence and the first day in custody" in words
    assert "It would need" not in words
    assert "must be added to a sentence for a crime against state security" in words


@pytest.mark.parametrize(
    ("entries", "start"),
    [
        # Two months at a designated location before detention: up to one of them counts too.
        (
            [{"kind": "rsdl", "date": "2020-01-01"}, {"kind": "formal-arrest", "date": "2020-03-01"}],
            "2021-01-29/2021-03-01",
        ),
        # The same after the taking from which the days are reckoned: up to half does not count.
        (
            [{"kind": "taken-away", "date": "2020-03-01"}, {"kind": "rsdl", "date": "2020-03-02"}],
            "2021-02-28/2021-05-31",
        ),
    ],
)  # fmt: skip
def test_days_of_residential_surveillance_count_half_of_a_term(
    entries: list[dict[str, Json]], start: str
) -> None:
    judged: list[dict[str, Json]] = [
        {"kind": "sentence", "date": "2020-09-01", "sentence": "one year"},
        {"kind": "deprivation-of-political-rights", "date": "2020-09-01"},
    ]

    assert _rights([*entries, *judged], "2020-10-01").start.edtf == start


@pytest.mark.parametrize("kind", ["release", "parole"])
def test_deprivation_of_rights_counts_from_release_or_parole(kind: str) -> None:
    freed: dict[str, Json] = {"kind": kind, "date": "2024-05-10"}

    reading = _rights([*_DEPRIVED, freed], "2026-01-01")

    assert reading.start.edtf == "2024-05-10"
    shortest, longest = reading.steps[:2]
    assert shortest.limit.years == 1
    assert (longest.first_due, longest.last_due) == (
        datetime.date(2029, 5, 9),
        datetime.date(2029, 5, 10),
    )
    assert "do not say whether the first day counts itself (unverified)" in reading_words(
        reading, "en"
    )
    assert group_of(_rights([*_DEPRIVED, freed], "2029-05-10")) is Group.RUNS
    assert group_of(_rights([*_DEPRIVED, freed], "2029-05-11")) is Group.ENDED


@pytest.mark.parametrize(
    ("sentence", "rights"),
    [("12 years", "3 years"), ("有期徒刑十二年，剥夺政治权利三年", None)],
)
def test_a_recorded_term_of_deprivation_stands_in_place_of_the_span_of_the_law(
    sentence: str, rights: str | None
) -> None:
    taken, judged, deprived = _DEPRIVED
    entries: list[dict[str, Json]] = [
        taken,
        {**judged, "sentence": sentence},
        {**deprived, **({"sentence": rights} if rights else {})},
        {"kind": "release", "date": "2028-11-27"},
    ]

    reading = _rights(entries, "2029-01-01")

    assert [(step.limit.years, step.last_due) for step in reading.steps] == [
        (3, datetime.date(2031, 11, 27))
    ]
    assert "3 years (as recorded): last day" in reading_words(reading, "en")
    assert group_of(_rights(entries, "2031-11-28")) is Group.ENDED


def test_a_release_before_the_sentence_is_no_end_of_the_prison_term() -> None:
    early: dict[str, Json] = {"kind": "release", "date": "2016-12-20"}
    entries: list[dict[str, Json]] = [*_DEPRIVED, early]

    reading = _rights(entries, "2026-01-01")

    assert reading.steps == ()
    assert group_of(reading) is Group.DUTY
    assert "neither is recorded" in reading_words(reading, "en")


@pytest.mark.parametrize(
    ("text", "years", "months"),
    [
        ("12 years", 12, None),
        ("four years", 4, None),
        ("3 years and 6 months", 3, 6),
        ("three and a half years", None, None),
        ("有期徒刑十二年", 12, None),
        ("三年六个月", 3, 6),
        ("有期徒刑7年，剥夺政治权利三年", 7, None),
        ("8 years in prison, deprived of political rights for 2 years", 8, None),
        ("18 months", 0, 18),
        ("life", None, None),
        ("无期徒刑", None, None),
        ("3 years, suspended for 4 years", None, None),
        ("between 3 years and 5 years", None, None),
        ("heavy", None, None),
    ],
)
def test_a_term_is_read_only_where_one_is_named(
    text: str, years: int | None, months: int | None
) -> None:
    term = term_in(text)

    if years is None:
        assert term is None
    else:
        assert term == Limit(years=years, months=months)


# --- measures without a limit --------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    ["black-jail", "vocational-training", "psychiatric-commitment", "legal-education",
     "house-arrest", "forced-travel"],
)  # fmt: skip
def test_a_measure_without_a_limit_in_law_shows_its_days_and_says_so(kind: str) -> None:
    entries: list[dict[str, Json]] = [
        {"kind": kind, "date": "2022-01-01"},
        {"kind": "release", "date": "2022-02-15"},
        {"kind": kind, "date": "2022-06"},
    ]

    (course,) = read_case(entries, [], datetime.date(2022, 7, 10))

    assert [(m.least_days, m.greatest_days) for m in course.without_limit] == [(45, 45), (10, 39)]
    words = course_words(course, datetime.date(2022, 7, 10), "en")
    assert sum("No time limit in law is known for this." in line for line in words) == 2
    assert any("45 days" in line for line in words)
    assert len(custody_periods(entries, datetime.date(2022, 7, 10))) == (
        0 if kind == "house-arrest" else 2
    )


def test_detention_by_a_court_has_days_and_the_fifteen_of_article_199() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "judicial-detention", "date": "2022-01-01"},
        {"kind": "release", "date": "2022-01-20"},
    ]

    reading = read(_clock("judicial-detention"), entries, AS_OF)

    assert reading is not None
    assert [limit.days for limit in reading.certainly_passed] == [15]
    assert custody_periods(entries, datetime.date(2022, 3, 1))[0].greatest_days == 19


def test_supplementary_investigation_lets_the_review_begin_anew() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "sent-for-prosecution", "date": "2022-01-10"},
        {"kind": "supplementary-investigation", "date": "2022-02-20"},
        {"kind": "sent-again-for-prosecution", "date": "2022-03-20"},
        {"kind": "indictment", "date": "2022-04-25"},
    ]
    told, day = Told(AS_OF, is_about=False), datetime.date(2023, 3, 15)

    review = readings_of(_clock("prosecution-review"), entries, lambda _: told, day)
    (extra,) = readings_of(_clock("supplementary-investigation"), entries, lambda _: told, day)

    assert [(r.start.edtf, r.least_days) for r in review] == [
        ("2022-01-10", 41),
        ("2022-03-20", 36),
    ]
    assert (extra.least_days, extra.within is not None) == (28, True)


def test_what_nobody_told_of_is_neither_kept_nor_broken() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "criminal-detention", "date": "2022-01-01"},
        {"kind": "trial", "date": "2022-12-01"},
    ]

    (course,) = read_case(entries, [], datetime.date(2023, 3, 15))
    notice = next(r for r in course.readings if r.clock.id == "family-notice-detention")

    assert group_of(notice) is Group.UNTOLD
    assert notice.certainly_passed == ()
    silent: dict[str, Json] = {"kind": "family-not-notified", "as_of": "2022-02-01"}
    (told,) = read_case([*entries, silent], [], datetime.date(2023, 3, 15))
    notice = next(r for r in told.readings if r.clock.id == "family-notice-detention")
    assert group_of(notice) is Group.PASSED
    assert [limit.hours for limit in notice.certainly_passed] == [24]


def test_people_in_one_case_have_clocks_of_their_own() -> None:
    entries: list[dict[str, Json]] = [
        {"kind": "taken-away", "date": "2022-01-01", "persons": ["a", "b"]},
        {"kind": "release", "date": "2022-01-05", "persons": ["b"]},
        {"kind": "formal-arrest", "date": "2022-01-20", "persons": ["a"]},
    ]

    courses = read_case(entries, ["a", "b"], datetime.date(2022, 3, 1))

    days = {
        course.persons: [r.least_days for r in course.readings if r.clock.id == "arrest"]
        for course in courses
    }
    assert days == {("a",): [19], ("b",): [4]}


# --- words ---------------------------------------------------------------------------------------


def test_words_tell_the_limit_the_extension_and_never_that_it_was_illegal() -> None:
    entries = [
        {"kind": "taken-away", "date": "2022-08-31"},
        {"kind": "formal-arrest", "date": "2022-09-23"},
    ]

    reading = read(_clock("arrest"), entries, AS_OF)
    assert reading is not None
    english, chinese = reading_words(reading, "en"), reading_words(reading, "zh_CN")

    assert "23 days." in english
    assert "Longer than 14 days" in english
    assert "It would need: 37 days (only for major suspects" in english
    assert "Reckoned from the taking" in english
    assert english.endswith("Criminal Procedure Law (2018), article 91")
    assert "23日" in chinese or "23天" in chinese
    assert "《刑事诉讼法》（2018）" in chinese
    assert not re.search("illegal|unlawful|violat", english)
    assert not re.search("违法|非法", chinese)


# --- what is certain stays certain ---------------------------------------------------------------

_START = datetime.date(2022, 1, 1)
_KINDS = (
    "taken-away", "criminal-detention", "formal-arrest", "release", "sent-for-prosecution",
    "indictment", "transferred-to-court", "trial", "verdict", "bail", "no-verdict",
    "family-not-notified", "family-notified", "judgment-served", "appeal", "retention",
)  # fmt: skip


@st.composite
def _inexact(draw: st.DrawFn) -> tuple[str, str]:
    """Return a date that is not exact, and a more exact one inside it."""
    first = _START + datetime.timedelta(days=draw(st.integers(0, 500)))
    width = draw(st.sampled_from([0, 1, 5, 20, 60, 200]))
    inner = first + datetime.timedelta(days=draw(st.integers(0, width)))
    end = inner + datetime.timedelta(
        days=draw(st.integers(0, (first + datetime.timedelta(days=width) - inner).days))
    )
    return _written(first, first + datetime.timedelta(days=width)), _written(inner, end)


def _written(first: datetime.date, last: datetime.date) -> str:
    return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"


@given(
    st.lists(st.tuples(st.sampled_from(_KINDS), _inexact()), min_size=1, max_size=5),
    st.data(),
)
def test_a_certain_reading_never_turns_into_its_contrary_when_a_date_becomes_more_exact(
    drawn: list[tuple[str, tuple[str, str]]], data: st.DataObject
) -> None:
    chosen = data.draw(st.integers(0, len(drawn) - 1))
    before: list[dict[str, Json]] = [_claimed(kind, dates[0]) for kind, dates in drawn]
    after = list(before)
    kind, dates = drawn[chosen]
    after[chosen] = _claimed(kind, dates[1])
    on = datetime.date(2024, 6, 1)

    was = _certainties(before, on)
    now = _certainties(after, on)

    for key, state in was.items():
        if key in now:
            assert {state, now[key]} != {State.PASSED, State.WITHIN}


@given(st.sampled_from(["arrest", "first-instance", "investigation"]), _inexact(), _inexact())
def test_one_beginning_and_one_end_stay_as_certain_as_they_were(
    name: str, start: tuple[str, str], end: tuple[str, str]
) -> None:
    clock = _clock(name)
    begins = clock.starts_with[0].kind
    entries = [
        [{"kind": begins, "date": start[0]}, {"kind": clock.ends_with[0], "date": end[0]}],
        [{"kind": begins, "date": start[1]}, {"kind": clock.ends_with[0], "date": end[1]}],
    ]

    was, now = (read(clock, each, parse_edtf("2024-06-01")) for each in entries)

    assert was is not None
    assert now is not None
    for before, after in zip(was.steps, now.steps, strict=True):
        if before.is_certain and before.state is not State.PERHAPS_PASSED:
            assert (after.state, after.is_certain) == (before.state, True)


def _claimed(kind: str, date: str) -> dict[str, Json]:
    name = "as_of" if kind in ("no-verdict", "family-not-notified") else "date"
    return {"kind": kind, name: date}


def _certainties(
    entries: list[dict[str, Json]], on: datetime.date
) -> dict[tuple[str, tuple[int, ...], int], State]:
    (course,) = read_case(entries, [], on)
    return {
        (reading.clock.id, reading.starts, number): step.state
        for reading in course.readings
        for number, step in enumerate(reading.steps)
        if step.is_certain and step.state is not State.PERHAPS_PASSED
    }
