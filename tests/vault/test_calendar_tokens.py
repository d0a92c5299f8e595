from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from fielddoc.domain.facets import Days
from fielddoc.vault import calendar_tokens

ends = st.none() | st.dates() | st.dates(date(2021, 11, 20), date(2023, 2, 10))


@st.composite
def some_days(draw: st.DrawFn) -> Days:
    first, last = draw(ends), draw(ends)
    if first is not None and last is not None and first > last:
        first, last = last, first
    return Days(first, last)


@given(some_days(), some_days())
@example(Days(date.min, date.min), Days(None, date.min))
@example(Days(date.max, date.max), Days(date.max, None))
@example(Days(date(2022, 8, 10), date(2022, 9, 20)), Days(date(2022, 9, 21), date(2022, 9, 21)))
def test_tokens_meet_exactly_where_days_overlap(kept: Days, asked: Days) -> None:
    meets = bool(set(calendar_tokens.of(kept)) & set(calendar_tokens.overlapping(asked)))

    assert meets is kept.overlap(asked)


@given(some_days())
def test_a_date_is_few_tokens(days: Days) -> None:
    assert len(calendar_tokens.of(days)) <= 220
    assert len(set(calendar_tokens.of(days))) == len(calendar_tokens.of(days))


def test_a_single_day_is_six_tokens() -> None:
    day = date(2022, 8, 15)

    assert calendar_tokens.of(Days(day, day)) == (
        "a2", "a20", "a202", "a2022", "a202208", "a20220815",
    )  # fmt: skip
