import calendar
import re
import sys
from datetime import date

import edtf
import pytest
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import example, given
from hypothesis import strategies as st

from fielddoc.domain.partial_date import (
    MAX_CHARACTERS,
    PartialDate,
    PartialDateError,
    Precision,
    Reason,
    days_between,
    describe,
    parse_edtf,
    parse_typed,
)

# Dates of our subset, built from their meaning, so that every one of them is valid.
_years = st.integers(min_value=1, max_value=9999)
_days = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
_unmarked = st.one_of(
    _days.map(date.isoformat),
    _days.map(lambda day: day.isoformat()[:7]),
    _days.map(lambda day: f"{day.isoformat()[:7]}-XX"),
    _years.map("{:04}".format),
    _years.map("{:04}-XX".format),
    _years.map("{:04}-XX-XX".format),
    _years.map(lambda year: f"{year:04}"[:3] + "X"),
    _years.map(lambda year: f"{year:04}"[:2] + "XX"),
    st.builds("{:04}-{}".format, _years, st.integers(min_value=21, max_value=24)),
)
_ends = st.builds(str.__add__, _unmarked, st.sampled_from(["", "~", "?", "%"]))


def _ordered(first: str, second: str) -> str:
    def beginning(text: str) -> date:
        return parse_edtf(text).earliest or date.min

    return "/".join(sorted((first, second), key=beginning))


_dates = st.one_of(
    _ends,
    st.just("XXXX"),
    st.builds(_ordered, _ends, _ends),
    st.builds("{}/{}".format, _ends, st.sampled_from(["", ".."])),
    st.builds("{}/{}".format, st.sampled_from(["", ".."]), _ends),
)


# --- the stored form -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "precision", "earliest", "latest"),
    [
        ("2022", Precision.YEAR, "2022-01-01", "2022-12-31"),
        ("2022-02", Precision.MONTH, "2022-02-01", "2022-02-28"),
        ("2024-02-29", Precision.DAY, "2024-02-29", "2024-02-29"),
        ("2022-21", Precision.SEASON, "2022-03-01", "2022-05-31"),
        ("2022-24", Precision.SEASON, "2022-12-01", "2023-02-28"),
        ("9999-24", Precision.SEASON, "9999-12-01", "9999-12-31"),
        ("2021-XX", Precision.YEAR, "2021-01-01", "2021-12-31"),
        ("2021-XX-XX", Precision.YEAR, "2021-01-01", "2021-12-31"),
        ("2021-08-XX", Precision.MONTH, "2021-08-01", "2021-08-31"),
        ("202X", Precision.DECADE, "2020-01-01", "2029-12-31"),
        ("20XX", Precision.CENTURY, "2000-01-01", "2099-12-31"),
        ("000X", Precision.DECADE, "0001-01-01", "0009-12-31"),
        ("2022-11/2022-12", Precision.INTERVAL, "2022-11-01", "2022-12-31"),
        ("2022-08/2022", Precision.INTERVAL, "2022-08-01", "2022-12-31"),
    ],
)
def test_bounds_are_the_first_and_last_possible_day(
    text: str, precision: Precision, earliest: str, latest: str
) -> None:
    parsed = parse_edtf(text)

    assert parsed.precision is precision
    assert parsed.earliest == date.fromisoformat(earliest)
    assert parsed.latest == date.fromisoformat(latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2017-08-13/..", date(2017, 8, 13), None),
        ("2017-08-13/", date(2017, 8, 13), None),
        ("../2021-11-05", None, date(2021, 11, 5)),
        ("/2021-11-05", None, date(2021, 11, 5)),
        ("XXXX", None, None),
    ],
)
def test_an_open_or_unknown_end_has_no_bound(
    text: str, earliest: date | None, latest: date | None
) -> None:
    parsed = parse_edtf(text)

    assert (parsed.earliest, parsed.latest) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "approximate", "uncertain"),
    [
        ("2022-08", False, False),
        ("2022-08~", True, False),
        ("2022-08-15?", False, True),
        ("2022%", True, True),
        ("2022-21~", True, False),
        ("2022-08~/2022-09?", True, True),
    ],
)
def test_marks_are_kept_and_do_not_widen(text: str, approximate: bool, uncertain: bool) -> None:
    parsed = parse_edtf(text)
    plain = parse_edtf("".join(character for character in text if character not in "~?%"))

    assert (parsed.approximate, parsed.uncertain) == (approximate, uncertain)
    assert (parsed.earliest, parsed.latest) == (plain.earliest, plain.latest)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.EMPTY),
        ("2" * (MAX_CHARACTERS + 1), Reason.TOO_LONG),
        ("0000", Reason.YEAR),
        ("2022-00", Reason.MONTH),
        ("2022-13", Reason.MONTH),
        ("2022-25", Reason.MONTH),
        ("2022-21-01", Reason.MONTH),
        ("2022-21-XX", Reason.MONTH),
        ("2022-02-30", Reason.DAY),
        ("2023-02-29", Reason.DAY),
        ("2022-08-00", Reason.DAY),
        ("2022-09/2022-08", Reason.REVERSED),
        ("2021-XX-15", Reason.FORM),
        ("202X-08", Reason.FORM),
        ("XXXX-08-15", Reason.FORM),
        ("XXXX?", Reason.FORM),
        ("2022~?", Reason.FORM),
        ("2022-~08", Reason.FORM),
        ("/", Reason.FORM),
        ("../..", Reason.FORM),
        ("../", Reason.FORM),
        ("XXXX/2022", Reason.FORM),
        ("2020/2021/2022", Reason.FORM),
        ("22", Reason.FORM),
        ("-2022", Reason.FORM),
        ("2022-8", Reason.FORM),
        ("2022-08-15\n", Reason.FORM),
        (" 2022", Reason.FORM),
        ("２０２２", Reason.FORM),
        ("٢٠٢٢", Reason.FORM),
        ("2022-08-15T10:00", Reason.FORM),
        ("[2022,2023]", Reason.FORM),
    ],
)
def test_stored_form_is_strict(text: str, reason: Reason) -> None:
    with pytest.raises(PartialDateError) as caught:
        parse_edtf(text)

    assert caught.value.reason == reason
    assert caught.value.sentence("en") == str(caught.value)


def test_a_refusal_does_not_repeat_the_text() -> None:
    with pytest.raises(PartialDateError) as caught:
        parse_typed("Xu Qin in autumn")

    assert "Xu" not in repr(caught.value)


@given(_dates)
def test_stored_form_round_trips(text: str) -> None:
    parsed = parse_edtf(text)

    assert parsed.edtf == text
    assert parse_edtf(parsed.edtf) == parsed
    if parsed.earliest and parsed.latest:
        assert parsed.earliest <= parsed.latest


@given(st.text(max_size=MAX_CHARACTERS + 1) | st.text("0123456789X-~?%/.", max_size=25))
def test_any_text_is_a_date_or_refused_as_one(text: str) -> None:
    try:
        parsed = parse_edtf(text)
    except PartialDateError:
        return
    assert parsed.edtf == text


# The PyPI package `edtf` judges plain dates. Not compared, because it is wrong there or has a
# meaning of its own: 29 February of common years (it takes them), winter (December alone to it),
# marked seasons (refused by it), the year 0, XXXX, reversed intervals, open and unknown ends.
_claimed_days = st.tuples(
    _years, st.integers(min_value=0, max_value=13), st.integers(min_value=0, max_value=32)
).filter(lambda day: day[1:] != (2, 29) or calendar.isleap(day[0]))
_claimed = st.one_of(
    st.builds(
        "{}{}".format,
        st.one_of(
            _claimed_days.map(lambda day: "{:04}-{:02}-{:02}".format(*day)),
            st.builds("{:04}-{:02}".format, _years, st.integers(min_value=0, max_value=13)),
            _unmarked.filter(lambda text: not re.match("00.X|....-2[1-4]$", text)),
        ),
        st.sampled_from(["", "~", "?", "%"]),
    ),
    st.builds("{:04}-{}".format, _years, st.integers(min_value=21, max_value=23)),
)


@given(_claimed)
def test_validity_and_bounds_agree_with_the_edtf_package(text: str) -> None:
    try:
        theirs = edtf.parse_edtf(text)
    except EDTFParseException:
        theirs = None
    try:
        ours = parse_edtf(text)
    except PartialDateError:
        assert theirs is None
        return
    assert theirs is not None
    assert ours.earliest == date(*theirs.lower_strict()[:3])
    assert ours.latest == date(*theirs.upper_strict()[:3])


# --- what a person types -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2022", "2022"),
        ("Aug 2022", "2022-08"),
        ("Sept. 2022", "2022-09"),
        ("in May 2022", "2022-05"),
        ("August 15, 2022", "2022-08-15"),
        ("15 August 2022", "2022-08-15"),
        ("the 3rd of August 2022", "2022-08-03"),
        ("15-Aug-2022", "2022-08-15"),
        ("mid-August 2022", "2022-08~"),
        ("early August 2022", "2022-08~"),
        ("at the end of August 2022", "2022-08~"),
        ("in late 2022", "2022~"),
        ("spring 2022", "2022-21"),
        ("sometime during the spring of 2022", "2022-21"),
        ("fall 2022", "2022-23"),
        ("about 2020", "2020~"),
        ("c. 2020", "2020~"),
        ("around Aug 2022", "2022-08~"),
        ("possibly August 2022", "2022-08?"),
        ("August 2022 ?", "2022-08?"),
        ("perhaps around August 2022", "2022-08%"),
        ("the 2020s", "202X"),
        ("some day in August 2022", "2022-08-XX"),
        ("since 13 August 2017", "2017-08-13/.."),
        ("until 13 August 2017", "../2017-08-13"),
        ("before 5 Nov 2021", "/2021-11-04"),
        ("before August 2022", "/2022-07"),
        ("before 2022", "/2021"),
        ("before spring 2022", "/2022-02-28"),
        ("before mid-August 2022", "/2022-08~"),
        ("no later than 5 Nov 2021", "/2021-11-05"),
        ("after 31 Dec 2021", "2022-01-01/"),
        ("after about 2021", "2021~/"),
        ("no earlier than 2022", "2022/"),
        ("from Nov 2022 to Dec 2022", "2022-11/2022-12"),
        ("between 2020 and 2022", "2020/2022"),
        ("2020-2022", "2020/2022"),
        ("Aug 2020 – Sep 2020", "2020-08/2020-09"),
        ("2022年", "2022"),
        ("2022年8月", "2022-08"),
        ("2022 年 8 月 15 日", "2022-08-15"),
        ("2022年8月15號", "2022-08-15"),
        ("二〇二二年八月十五日", "2022-08-15"),
        ("二○二二年十一月三十日", "2022-11-30"),
        ("2022年十月二十日", "2022-10-20"),
        ("2022年春", "2022-21"),
        ("2022年冬天", "2022-24"),
        ("2022年8月中旬", "2022-08~"),
        ("2022年8月底", "2022-08~"),
        ("2022年初", "2022~"),
        ("2022年底", "2022~"),
        ("大约2020年", "2020~"),
        ("約2020年", "2020~"),
        ("2022年8月左右", "2022-08~"),
        ("2022年8月前后", "2022-08~"),
        ("可能是2022年8月", "2022-08?"),
        ("2020年代", "202X"),
        ("2022年8月某日", "2022-08-XX"),
        ("2022年某月", "2022-XX"),
        ("2022年某日", "2022-XX-XX"),
        ("自2017年8月13日起", "2017-08-13/.."),
        ("2017年8月13日以來", "2017-08-13/.."),
        ("2021年11月5日以前", "/2021-11-04"),
        ("2021年11月5日後", "2021-11-06/"),
        ("不晚于2021年11月5日", "/2021-11-05"),
        ("2022年11月至2022年12月", "2022-11/2022-12"),
        ("2022年11月到2022年12月期间", "2022-11/2022-12"),
        ("2022/8/15", "2022-08-15"),
        ("2022.8.15", "2022-08-15"),
        ("2022-8-5", "2022-08-05"),
        ("2022/8", "2022-08"),
        ("20220815", "2022-08-15"),
        ("２０２２年８月", "2022-08"),
        ("２０２２／８／１５", "2022-08-15"),
        ("15/08/2022", "2022-08-15"),
        ("08/15/2022", "2022-08-15"),
        ("05/05/2022", "2022-05-05"),
        ("unknown", "XXXX"),
        ("不详", "XXXX"),
        ("日期不詳", "XXXX"),
        (" 2022-08~ ", "2022-08~"),
        ("2021-xx", "2021-XX"),
        ("/2021-11-05", "/2021-11-05"),
        ("yesterday", "2022-02-28"),
        ("今天", "2022-03-01"),
        ("before yesterday", "/2022-02-27"),
        ("昨天以前", "/2022-02-27"),
        ("since last Wednesday", "2022-02-23/.."),
        ("从上周三到昨天", "2022-02-23/2022-02-28"),
        ("about three days ago", "2022-02-26~"),
        ("大约三天前", "2022-02-26~"),
        ("probably last month", "2022-02?"),
        ("二〇二一年十一月五日前", "/2021-11-04"),
    ],
)
def test_plain_ways_of_typing_are_understood(typed: str, stored: str) -> None:
    assert parse_typed(typed, date(2022, 3, 1)).edtf == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("05/08/2022", Reason.AMBIGUOUS),
        ("5.8.2022", Reason.AMBIGUOUS),
        ("5/8/22", Reason.YEAR),
        ("Aug 22", Reason.YEAR),
        ("22年8月", Reason.YEAR),
        ("5 November", Reason.YEAR),
        ("111年8月15日", Reason.YEAR),
        ("before 0001", Reason.YEAR),
        ("after 9999", Reason.YEAR),
        ("2022/21", Reason.MONTH),
        ("2022年13月", Reason.MONTH),
        ("31 February 2022", Reason.DAY),
        ("31/31/2022", Reason.DAY),
        ("from 2022 to 2021", Reason.REVERSED),
        ("", Reason.EMPTY),
        ("  \u3000", Reason.EMPTY),
        ("a" * (MAX_CHARACTERS + 1), Reason.TOO_LONG),
        ("\ufdfa" * MAX_CHARACTERS, Reason.TOO_LONG),
        ("soon", Reason.FORM),
        ("today", Reason.FORM),
        ("late 15 August 2022", Reason.FORM),
        ("农历2022年8月15日", Reason.FORM),
        ("2022年春节", Reason.FORM),
        ("Monday", Reason.FORM),
    ],
)
def test_what_is_no_clear_date_is_refused(typed: str, reason: Reason) -> None:
    with pytest.raises(PartialDateError) as caught:
        parse_typed(typed)

    assert caught.value.reason == reason


_pieces = st.sampled_from(
    [
        *(
            "about ",
            "mid-",
            "since ",
            "before ",
            "after ",
            "from ",
            " to ",
            "early ",
            "some day in ",
        ),
        *("spring ", "Aug ", "15 ", "2022", "0001", "9999", "-", "/", ".", "?", "~", ", ", "X"),
        *("年", "月", "日", "8", "十", "二", "〇", "春", "初", "中旬", "前后", "大约", "自", "至"),
        *("以来", "可能是", "某日", "前", "后", "间"),
    ]
)


@given(st.text(max_size=MAX_CHARACTERS + 1) | st.lists(_pieces, max_size=8).map("".join))
@example("十十月")
@example("2022年十十十月")
@example("/")
@example("大约左右")
def test_typing_never_fails_otherwise(text: str) -> None:
    try:
        parsed = parse_typed(text, date(2022, 3, 1))
    except PartialDateError:
        return
    assert parse_edtf(parsed.edtf) == parsed


@given(_dates)
def test_the_stored_form_may_be_typed(text: str) -> None:
    assert parse_typed(text) == parse_edtf(text)


# --- counting, ordering, words -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        ("2022-08-31", "2022-09-23", (23, 23)),
        ("2021-10-20", "2023-03-15", (511, 511)),
        ("2022-08", "2022-08", (-30, 30)),
        ("2022-08-31", "2022-09", (1, 30)),
        ("2017-08-13/..", "2023-03-15", (None, 2040)),
        ("/2021-11-05", "2021-11-06", (1, None)),
        ("XXXX", "2022", (None, None)),
    ],
)
def test_days_between_are_the_least_and_the_most(
    first: str, second: str, days: tuple[int | None, int | None]
) -> None:
    assert days_between(parse_edtf(first), parse_edtf(second)) == days


def test_dates_sort_by_beginning_then_width_and_the_unknown_last() -> None:
    in_order = [
        *("1999", "../2021-11-05", "/2021-11-05", "2021-11-05", "2021-11-05~"),
        *("2022-01-01", "2022-01", "2022", "2022/..", "2022-03", "XXXX"),
    ]

    assert sorted(set(in_order), key=lambda text: parse_edtf(text).sort_key) == in_order


@pytest.mark.parametrize(
    ("stored", "english", "chinese"),
    [
        ("2022-08-15", "15 August 2022", "2022年8月15日"),
        ("2022-08", "some time in August 2022", "2022年8月间"),
        ("2022", "some time in 2022", "2022年"),
        ("2022-08~", "about August 2022", "2022年8月前后"),
        ("2022-08-15?", "possibly 15 August 2022", "可能是2022年8月15日"),
        ("2022%", "possibly about 2022", "可能是2022年前后"),
        ("2022-21", "spring 2022", "2022年春"),
        ("2022-23~", "about autumn 2022", "2022年秋前后"),
        (
            "2022-24",
            "winter 2022 (December 2022 to February 2023)",
            "2022年冬（2022年12月至2023年2月）",
        ),
        ("2022-08-XX", "some day in August 2022", "2022年8月某日"),
        ("2022-XX", "some month in 2022", "2022年某月"),
        ("2022-XX-XX", "some day in 2022", "2022年某日"),
        ("202X", "the 2020s", "2020年代"),
        ("20XX", "the years 2000 to 2099", "2000年至2099年之间"),
        ("XXXX", "date unknown", "日期不详"),
        ("2017-08-13/..", "since 13 August 2017", "自2017年8月13日起"),
        ("../2022", "until 2022", "直到2022年"),
        ("/2021-11-05", "no later than 5 November 2021", "不晚于2021年11月5日"),
        ("2021-11-06/", "no earlier than 6 November 2021", "不早于2021年11月6日"),
        (
            "2022-11/2022-12~",
            "from November 2022 to about December 2022",
            "2022年11月至2022年12月前后",
        ),
    ],
)
def test_a_date_is_read_back_in_words(stored: str, english: str, chinese: str) -> None:
    assert describe(parse_edtf(stored)) == english
    assert describe(parse_edtf(stored), "zh_CN") == chinese


def _has_words_of_its_own(value: PartialDate) -> bool:
    # Winter is explained in brackets, a century is read back as two years.
    sides = [side for side in (value.start, value.end, value) if side]
    return not any(
        side.precision is Precision.CENTURY or (side.edtf[4:7] == "-24") for side in sides
    )


@given(_dates.map(parse_edtf).filter(_has_words_of_its_own), st.sampled_from(["en", "zh_CN"]))
def test_the_words_typed_again_give_the_same_date(value: PartialDate, language: str) -> None:
    words = describe(value, language)
    if len(words) > MAX_CHARACTERS:
        return
    assert parse_typed(words) == value


def test_long_digit_runs_do_not_reach_the_integer_limit() -> None:
    with pytest.raises(PartialDateError):
        parse_typed("9" * (sys.get_int_max_str_digits() + 1))
