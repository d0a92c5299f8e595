"""The agenda over all cases: what is due, overdue, still open, remembered."""

import datetime
import itertools

import pytest

from fielddoc.domain.agenda import AgendaItem, Case, Section, agenda, day_words, words
from fielddoc.domain.canonical import Json
from fielddoc.domain.vocabularies import vocabulary

Entry = dict[str, Json]
ON = datetime.date(2022, 9, 14)


def _detention(*entries: Entry, record: str = "a") -> Case:
    return Case(record=record, type="detention", values={}, entries=entries)


def _found(case: Case, section: Section, on: datetime.date = ON) -> list[AgendaItem]:
    return [item for item in agenda([case], on) if item.section is section]


def _clocks(items: list[AgendaItem]) -> set[str]:
    return {item.subject.reading.clock.id for item in items if hasattr(item.subject, "reading")}


TAKEN: Entry = {"kind": "criminal-detention", "date": "2022-08-31"}


@pytest.mark.parametrize(
    ("on", "section"),
    [
        ("2022-09-06", None),
        ("2022-09-07", Section.WEEK),
        ("2022-09-13", Section.WEEK),
        ("2022-09-14", Section.TODAY),
        ("2022-09-15", Section.PASSED),
        ("2022-09-21", Section.PASSED),
        ("2022-09-22", None),
    ],
)
def test_a_last_day_comes_nearer_and_goes_by(on: str, section: Section | None) -> None:
    day = datetime.date.fromisoformat(on)
    fourteen = [
        item
        for item in agenda([_detention(TAKEN)], day)
        if item.last == datetime.date(2022, 9, 14)
        and item.section in (Section.TODAY, Section.WEEK, Section.PASSED)
    ]

    assert [item.section for item in fourteen] == ([section] if section else [])


def test_what_has_ended_is_not_due() -> None:
    arrested: Entry = {"kind": "formal-arrest", "date": "2022-09-10"}

    assert "arrest" in _clocks(agenda([_detention(TAKEN)], ON))
    assert "arrest" not in _clocks(agenda([_detention(TAKEN, arrested)], ON))


def test_a_day_that_is_not_exact_is_due_while_it_may_be_the_day_but_not_for_a_year() -> None:
    about: Entry = {"kind": "criminal-detention", "date": "2022-08-30/2022-09-02"}
    whole_year: Entry = {"kind": "criminal-detention", "date": "2022"}

    (item,) = [i for i in _found(_detention(about), Section.TODAY) if "arrest" in _clocks([i])]
    assert (item.first, item.last) == (datetime.date(2022, 9, 13), datetime.date(2022, 9, 16))
    assert day_words(item, "en") == "from 13 September 2022 to 16 September 2022"
    assert _found(_detention(whole_year), Section.TODAY) == []


def test_checks_are_overdue_until_they_are_made() -> None:
    quiet: Entry = {"kind": "no-news", "as_of": "2022-08-01", "next_check": "2022-09-01"}
    made: Entry = {"kind": "no-news", "as_of": "2022-09-02"}

    (item,) = _found(_detention(quiet), Section.OVERDUE)
    assert words(item, "en", ON).startswith("No news as of 1 August 2022")
    assert _found(_detention(quiet, made), Section.OVERDUE) == []


def test_in_a_joint_case_the_check_about_one_stays_and_names_them() -> None:
    quiet: Entry = {"kind": "no-verdict", "persons": ["a"], "next_check": "2023-04-01"}
    sentenced: Entry = {"kind": "sentence", "persons": ["b"], "date": "2023-03-20"}
    unnamed: Entry = {"kind": "no-verdict", "next_check": "2023-04-01"}
    day = datetime.date(2023, 4, 5)

    (item,) = _found(_detention(quiet, sentenced), Section.OVERDUE, day)
    assert item.persons == ("a",)
    for people, named in ((["a", "b"], [("a",)]), (["b"], [])):
        case = Case(
            record="j",
            type="detention",
            values={"persons": [*people]},
            entries=[unnamed, sentenced],
        )
        assert [one.persons for one in _found(case, Section.OVERDUE, day)] == named


def test_replies_that_are_due_by_law_and_risks_to_look_at_are_in_it() -> None:
    waiting = Case(record="b", type="action", values={"reply_due": "2022-09-01"})
    answered = Case(
        record="b", type="action", values={"reply_due": "2022-09-01", "reply_on": "2022-09-03"}
    )
    refused = Case(
        record="b", type="action", values={"reply_due": "2022-09-01", "outcome": "refused"}
    )
    later = datetime.date(2022, 9, 20)
    unanswered_then = Case(
        record="b", type="action", values={"reply_due": "2022-09-01", "reply_on": later.isoformat()}
    )
    received: dict[str, Json] = {"kind": "information-request", "received_on": "2022-06-01"}
    computed = Case(record="b", type="action", values={**received, "outcome": "accepted"})
    risk = Case(record="c", type="risk", values={"review_date": "2022-09-14", "state": "open"})
    over = [
        Case(record="c", type="risk", values={"review_date": "2022-09-14", "state": state})
        for state in ("closed", "has-happened")
    ]

    for late in (waiting, unanswered_then, computed):
        (item,) = agenda([late], ON)
        assert item.section is Section.OVERDUE
        assert words(item, "en", ON) == "A reply is due by law."
    assert agenda([unanswered_then], later) == []
    assert [item.section for item in agenda([risk], ON)] == [Section.TODAY]
    assert agenda([answered, refused, *over], ON) == []


def test_the_window_of_the_un_working_group_is_open_for_three_months() -> None:
    gone: Entry = {"kind": "disappearance", "date": "2022-06-20/.."}

    (item,) = _found(_detention(gone), Section.UN_WINDOW)
    assert item.last == datetime.date(2022, 9, 20)
    assert _found(_detention(gone), Section.UN_WINDOW, datetime.date(2022, 9, 20))
    assert not _found(_detention(gone), Section.UN_WINDOW, datetime.date(2022, 9, 21))


def test_somebody_taken_to_nobody_knows_where_opens_the_window_too() -> None:
    taken: Entry = {"kind": "taken-away", "date": "2022-08-31"}
    unknown: Entry = {"kind": "whereabouts-unknown", "as_of": "2022-09-10"}
    told: Entry = {"kind": "family-notified", "date": "2022-09-12"}

    assert not _found(_detention(taken), Section.UN_WINDOW)
    assert _found(_detention(taken, unknown), Section.UN_WINDOW)
    assert not _found(_detention(taken, unknown, told), Section.UN_WINDOW)


def test_days_of_appeal_are_told_while_they_run() -> None:
    judged: Entry = {"kind": "judgment-served", "date": "2022-09-08"}
    appealed: Entry = {"kind": "appeal", "date": "2022-09-12"}

    (item,) = _found(_detention(judged), Section.APPEAL)
    # 18 September 2022 is a Sunday.
    assert item.last == datetime.date(2022, 9, 19)
    assert _found(_detention(judged, appealed), Section.APPEAL) == []
    assert _found(_detention(judged), Section.APPEAL, datetime.date(2022, 9, 20)) == []


def test_anniversaries_of_a_taking_are_remembered_until_release() -> None:
    taken: Entry = {"kind": "taken-away", "date": "2020-09-17"}
    freed: Entry = {"kind": "release", "date": "2021-01-01"}

    (item,) = _found(_detention(taken), Section.ANNIVERSARY)
    assert words(item, "en", ON) == "2 years since: taken away"
    assert words(item, "zh_CN", ON) == "2周年：被带走"
    assert _found(_detention(taken, freed), Section.ANNIVERSARY) == []
    assert _found(_detention({**taken, "date": "2020-09"}), Section.ANNIVERSARY) == []


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("criminal-detention", "criminal detention"),
        ("rsdl", vocabulary("entry-kinds").label("rsdl", "en")),
        ("black-jail", "held in a black jail"),
        ("formal-arrest", "formal arrest"),
        ("held", None),
        ("summons", None),
    ],
)
def test_an_anniversary_starts_where_the_time_in_custody_does(kind: str, what: str | None) -> None:
    first: Entry = {"kind": kind, "date": "2020-09-17"}
    later: Entry = {"kind": "prison", "date": "2021-09-18"}
    freed: Entry = {"kind": "release", "date": "2021-10-01"}

    found = _found(_detention(first, later), Section.ANNIVERSARY)

    assert [words(item, "en", ON) for item in found] == ([f"2 years since: {what}"] if what else [])
    assert _found(_detention(first, later, freed), Section.ANNIVERSARY) == []


def test_one_time_in_custody_is_remembered_once_and_another_again() -> None:
    taken: Entry = {"kind": "taken-away", "date": "2018-09-15"}
    detained: Entry = {"kind": "criminal-detention", "date": "2018-09-16"}
    freed: Entry = {"kind": "release", "date": "2019-01-01"}
    again: Entry = {"kind": "criminal-detention", "date": "2020-09-17"}

    (item,) = _found(_detention(taken, detained), Section.ANNIVERSARY)
    assert words(item, "en", ON) == "4 years since: taken away"
    (item,) = _found(_detention(taken, detained, freed, again), Section.ANNIVERSARY)
    assert words(item, "en", ON) == "2 years since: criminal detention"


def test_in_a_joint_case_each_is_remembered_from_their_own_day() -> None:
    one: Entry = {"kind": "taken-away", "date": "2020-09-15", "persons": ["a"]}
    two: Entry = {"kind": "criminal-detention", "date": "2020-09-17", "persons": ["b"]}

    found = _found(_detention(one, two), Section.ANNIVERSARY)

    assert [(item.persons, item.first.day) for item in found] == [(("a",), 15), (("b",), 17)]


def test_a_leap_day_is_remembered_on_the_28th_and_a_year_end_in_the_new_year() -> None:
    leap: Entry = {"kind": "taken-away", "date": "2020-02-29"}
    new_year: Entry = {"kind": "taken-away", "date": "2020-01-02"}

    (first,) = _found(_detention(leap), Section.ANNIVERSARY, datetime.date(2023, 2, 27))
    (second,) = _found(_detention(new_year), Section.ANNIVERSARY, datetime.date(2022, 12, 30))

    assert first.first == datetime.date(2023, 2, 28)
    assert (second.first, words(second, "en", ON)[:7]) == (datetime.date(2023, 1, 2), "3 years")


def test_sections_follow_each_other_and_the_soonest_is_first() -> None:
    cases = [
        _detention(TAKEN, record="late"),
        _detention({"kind": "criminal-detention", "date": "2022-08-29"}, record="soon"),
        Case(record="check", type="action", values={"reply_due": "2022-01-01"}),
    ]

    found = agenda(cases, datetime.date(2022, 9, 10))

    order = list(Section)
    places = [(order.index(item.section), item.first) for item in found]
    assert places == sorted(places)
    assert len({item.section for item in found}) > 2
    for section, items in itertools.groupby(found, key=lambda item: item.section):
        assert all(section is item.section for item in items)


def test_no_line_says_that_something_was_illegal() -> None:
    for item in agenda([_detention(TAKEN)], ON):
        assert "illegal" not in words(item, "en", ON)
