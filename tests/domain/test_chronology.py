"""A chronology of claims: with their provenance, side by side, as known on a day, and silence."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.canonical import Json
from fielddoc.domain.chronology import (
    Knowledge,
    as_known_on,
    knowledge,
    lines,
    points,
    silence_words,
    silences,
)
from fielddoc.domain.claims import contradictions
from fielddoc.domain.partial_date import parse_edtf

Entry = dict[str, Json]
REPORT = "7d0f2f2e-6a0c-4a4f-9a55-0d6c1f4b8a11"


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_an_entry_tells_source_reliability_date_known_and_as_of() -> None:
    entry: Entry = {
        "kind": "health",
        "date": "2022-06-27",
        "known": "2022-07-27",
        "as_of": "2022-08",
        "conditions": ["paralysed"],
        "told_by": "her family",
        "sources": [REPORT],
        "reliability": "credible",
    }

    (line,) = lines([entry], "en", {REPORT: "A report"}.get)  # type: ignore[arg-type]

    assert line == (
        "27 June 2022: health. paralysed; became known: 27 July 2022; as of: some time in August"
        " 2022; told by her family; source: A report; credible"
    )


def test_contradicting_claims_stand_side_by_side_and_say_so() -> None:
    entries: list[Entry] = [
        {"kind": "taken-away", "date": "2022-08-31", "told_by": "his neighbour"},
        {"kind": "taken-away", "date": "2022-09-02", "told_by": "the police"},
        {"kind": "trial", "date": "2023-01-01"},
    ]

    found = points(entries, "en")

    assert [point.number for point in found] == [0, 1, 2]
    assert [point.is_contradicted for point in found] == [True, True, False]
    assert "another claim contradicts it" in found[0].details


def test_the_same_day_known_more_or_less_exactly_is_no_contradiction() -> None:
    entries: list[Entry] = [
        {"kind": "taken-away", "date": "2022-08"},
        {"kind": "taken-away", "date": "2022-08-31"},
    ]

    assert contradictions(entries) == []


def test_what_can_happen_twice_contradicts_only_where_it_is_disputed() -> None:
    visits: list[Entry] = [
        {"kind": "lawyer-visit", "date": "2022-08"},
        {"kind": "lawyer-visit", "date": "2022-09"},
    ]
    health: list[Entry] = [
        {"kind": "health", "date": "2023-01", "text": "weak"},
        {"kind": "health", "date": "2023-01", "text": "well", "standing": "disputed"},
    ]

    assert contradictions(visits) == []
    assert contradictions(health) == [(0, 1)]


def test_claims_about_different_people_do_not_contradict_each_other() -> None:
    entries: list[Entry] = [
        {"kind": "taken-away", "date": "2022-08-31", "persons": ["a"]},
        {"kind": "taken-away", "date": "2022-09-02", "persons": ["b"]},
    ]

    assert contradictions(entries) == []


# --- as known on a day ---------------------------------------------------------------------------

PARALYSED: Entry = {"kind": "health", "date": "2022-06-27", "known": "2022-07-27"}


def test_what_became_known_later_is_not_told_of_an_earlier_day() -> None:
    assert knowledge(PARALYSED, _day("2022-06-30"), {}) is Knowledge.NOT_YET
    assert knowledge(PARALYSED, _day("2022-07-26"), {}) is Knowledge.NOT_YET
    assert knowledge(PARALYSED, _day("2022-07-27"), {}) is Knowledge.KNOWN


def test_a_claim_is_known_once_its_source_was_written_and_never_before_it_happened() -> None:
    entry: Entry = {"kind": "trial", "date": "2021-10-20", "sources": [REPORT]}
    written = {REPORT: parse_edtf("2023-03-15")}

    assert knowledge(entry, _day("2021-10-19"), written) is Knowledge.NOT_YET
    assert knowledge(entry, _day("2022-01-01"), written) is Knowledge.PERHAPS
    assert knowledge(entry, _day("2023-03-15"), written) is Knowledge.KNOWN


def test_of_a_silence_nothing_is_known_before_the_day_as_of_which_it_holds() -> None:
    entry: Entry = {"kind": "no-verdict", "as_of": "2023-03"}

    assert knowledge(entry, _day("2023-02-28"), {}) is Knowledge.NOT_YET
    assert knowledge(entry, _day("2023-03-10"), {}) is Knowledge.PERHAPS
    assert knowledge(entry, _day("2023-03-31"), {}) is Knowledge.KNOWN


def test_what_happened_may_have_been_known_before_the_day_as_of_which_it_is_told() -> None:
    entry: Entry = {"kind": "sentence", "date": "2019-07-29", "as_of": "2023-03-15"}

    assert knowledge(entry, _day("2019-07-28"), {}) is Knowledge.NOT_YET
    assert knowledge(entry, _day("2020-01-01"), {}) is Knowledge.PERHAPS
    assert knowledge(entry, _day("2023-03-15"), {}) is Knowledge.KNOWN


def test_looking_back_keeps_places_and_counts_what_is_left_out() -> None:
    entries: list[Entry] = [
        PARALYSED,
        {"kind": "taken-away", "date": "2021-11-05", "known": "2021-11-06"},
        {"kind": "torture"},
    ]

    told = as_known_on(entries, _day("2022-07-01"), {})

    assert told.numbers == (1, 2)
    assert told.perhaps == {2}
    assert told.hidden == 1
    assert told.entries == (entries[1], entries[2])


_DATES = st.sampled_from(["2021", "2021-06", "2021-06-15", "2022-21", "2022-08~", "2023-01-01"])


@given(
    st.lists(
        st.fixed_dictionaries(
            {"kind": st.sampled_from(["trial", "health", "no-verdict"])},
            optional={"date": _DATES, "known": _DATES, "as_of": _DATES},
        ),
        max_size=6,
    ),
    st.dates(datetime.date(2020, 1, 1), datetime.date(2024, 1, 1)),
    st.integers(0, 400),
)
def test_what_could_be_told_on_a_day_can_be_told_on_every_later_one(
    entries: list[Entry], day: datetime.date, later: int
) -> None:
    before = as_known_on(entries, day, {})
    after = as_known_on(entries, day + datetime.timedelta(days=later), {})

    assert set(before.numbers) <= set(after.numbers)
    known_before = set(before.numbers) - before.perhaps
    assert known_before <= set(after.numbers) - after.perhaps


# --- silence -------------------------------------------------------------------------------------


def test_a_silence_tells_as_of_when_it_was_checked_and_when_to_check_again() -> None:
    entry: Entry = {
        "kind": "no-verdict",
        "as_of": "2023-03",
        "checked": "2023-03-15",
        "next_check": "2023-06-01",
    }

    (silence,) = silences([entry])

    assert silence_words(silence, "en", _day("2023-05-01")) == (
        "No verdict as of some time in March 2023; last checked: 15 March 2023;"
        " check again: 1 June 2023"
    )
    assert not silence.is_overdue(_day("2023-06-01"))
    assert silence.is_overdue(_day("2023-06-02"))
    assert silence_words(silence, "en", _day("2023-06-02")).endswith("; overdue")


def test_news_ends_a_silence_and_older_news_does_not() -> None:
    quiet: Entry = {"kind": "no-verdict", "as_of": "2023-03-15"}

    assert silences([quiet])[0].is_open
    assert silences([quiet, {"kind": "sentence", "date": "2022-01-01"}])[0].is_open
    assert not silences([quiet, {"kind": "sentence", "date": "2023-04-10"}])[0].is_open


def test_a_check_that_was_made_is_no_longer_overdue() -> None:
    first: Entry = {"kind": "no-news", "as_of": "2023-03-15", "next_check": "2023-06-01"}
    second: Entry = {"kind": "no-news", "as_of": "2023-06-03"}

    assert silences([first])[0].is_overdue(_day("2023-07-01"))
    assert not silences([first, second])[0].is_overdue(_day("2023-07-01"))


def test_a_planned_check_of_any_claim_is_kept() -> None:
    (check,) = silences([{"kind": "health", "date": "2023-01", "next_check": "2023-02-01"}])

    assert check.is_overdue(_day("2023-02-02"))


def _joint(kind: str, *persons: str, **dates: str) -> Entry:
    return {"kind": kind, "persons": list(persons), **dates}


def test_news_about_one_person_does_not_end_the_silence_about_another() -> None:
    quiet = _joint("no-verdict", "a", next_check="2023-04-01")
    sentenced = _joint("sentence", "b", date="2023-03-20")

    (silence,) = silences([quiet, sentenced])

    assert (silence.is_open, silence.persons) == (True, ("a",))
    assert silence.is_overdue(_day("2023-04-05"))
    assert not silences([quiet, _joint("sentence", "a", date="2023-03-20")])[0].is_open
    assert not silences([quiet, {"kind": "sentence", "date": "2023-03-20"}])[0].is_open


def test_a_check_about_one_person_was_not_made_about_another() -> None:
    quiet = _joint("no-news", "a", as_of="2023-03-15", next_check="2023-06-01")

    assert silences([quiet, _joint("no-news", "b", as_of="2023-06-03")])[0].is_open
    assert not silences([quiet, _joint("no-news", "a", as_of="2023-06-03")])[0].is_open


def test_a_silence_about_several_ends_for_each_of_them() -> None:
    quiet = _joint("no-verdict", "a", "b", as_of="2023-03-15")
    first = _joint("sentence", "b", date="2023-04-10")

    assert silences([quiet])[0].persons == ("a", "b")
    assert silences([quiet, first])[0].persons == ("a",)
    both = silences([quiet, first, _joint("sentence", "a", date="2023-04-12")])
    assert not both[0].is_open


def test_a_silence_that_names_nobody_is_about_everybody_in_the_case() -> None:
    quiet: Entry = {"kind": "no-verdict", "as_of": "2023-03-15"}
    sentenced = _joint("sentence", "b", date="2023-04-10")

    assert silences([quiet], ["a", "b"])[0].persons == ()
    assert silences([quiet, sentenced], ["a", "b"])[0].persons == ("a",)
    assert silences([quiet, sentenced, _joint("held", "a")])[0].persons == ("a",)
    assert not silences([quiet, sentenced], ["b"])[0].is_open
