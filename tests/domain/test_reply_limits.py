import datetime
import itertools
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statutes import article, statute
from fielddoc.domain.reply_due import (
    Lateness,
    lacks_due_date,
    no_figure_words,
    reply_due,
    waits_without_limit,
)
from fielddoc.domain.reply_limits import HOLIDAYS_DAYS, computed_due, reply_limits, without_figure
from fielddoc.domain.vocabularies import vocabulary


def received(kind: str, day: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "received_on": day, **more}


@pytest.mark.parametrize(
    ("kind", "day", "due"),
    [
        (
            "administrative-review",
            "2024-01-09",
            "2024-03-09/2024-03-18",
        ),  # five working days to accept
        ("administrative-review", "2020-01-01", "2020-03-01/2020-03-09"),
        ("administrative-lawsuit", "2023-08-31", "2024-02-29/2024-03-07"),
        ("petition", "2022-05-01", "2022-06-30/2022-07-15"),
        ("petition", "2022-04-30", "2022-06-29/2022-07-15"),
        ("information-request", "2024-03-04", "2024-04-01"),
        ("information-request", "2024-03-11", "2024-04-09"),  # a festival in between
        ("information-request", "2090-03-06", "2090-04-03/2090-04-13"),  # holidays not known yet
        ("information-request", "2018-03-05", "2018-03-26"),  # fifteen before 2019
        ("administrative-review", "2024-01", "2024-03-01/2024-04-07"),
    ],
)
def test_a_reply_is_due_by_the_version_of_the_law_that_was_in_force(
    kind: str, day: str, due: str
) -> None:
    found = computed_due(received(kind, day))

    assert found is not None
    assert found.due.edtf == due


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        ("complaint", "2024-01-10"),  # no one limit for all authorities
        ("information-request", ""),
        ("information-request", "2007-01-01"),  # before there was such a law
        ("information-request", "2019-05"),  # two versions of the law, and it matters which
        ("information-request", "2019/.."),
        ("petition", "9999-12-31"),
    ],
)
def test_what_cannot_be_told_is_not_computed(kind: str, day: str) -> None:
    assert computed_due(received(kind, day)) is None


def test_a_computed_date_names_its_rule_and_that_nobody_checked_it() -> None:
    found = reply_due(received("administrative-review", "2024-01-10"), datetime.date(2024, 3, 19))

    assert found is not None
    assert (found.lateness, found.days, found.is_computed) == (Lateness.CERTAINLY_LATE, 1, True)
    assert found.basis == (
        "Administrative Reconsideration Law, art. 62; may be put off in a complex case"
        "; counted from acceptance, of which only the receipt is known"
        " (not checked against the official text)"
    )
    again = reply_due(
        received("administrative-review", "2024-01-10"), datetime.date(2024, 3, 11), "zh_CN"
    )
    assert again is not None
    assert "行政复议法" in again.basis


def test_a_date_that_was_entered_holds_against_a_computed_one() -> None:
    values = received("administrative-review", "2024-01-10", reply_due="2024-04-10")

    found = reply_due(values, datetime.date(2024, 3, 11))

    assert found is not None
    assert (found.lateness, found.is_computed) == (Lateness.DUE, False)


def test_an_action_lacks_a_due_date_only_if_none_can_be_computed() -> None:
    assert lacks_due_date({"kind": "petition"})
    assert not lacks_due_date(received("petition", "2024-01-10"))
    assert not lacks_due_date(received("complaint", "2024-01-10"))


def test_a_reply_counted_from_acceptance_is_certainly_late_only_when_late_from_both_days() -> None:
    values = received("administrative-lawsuit", "2023-08-31")

    def on(day: str) -> Lateness:
        found = reply_due(values, datetime.date.fromisoformat(day))
        assert found is not None
        return found.lateness

    assert on("2024-02-29") is Lateness.DUE  # six months after receipt
    assert on("2024-03-01") is Lateness.POSSIBLY_LATE
    assert on("2024-03-07") is Lateness.POSSIBLY_LATE  # six months after seven days to accept it
    assert on("2024-03-08") is Lateness.CERTAINLY_LATE


def test_every_limit_says_from_which_step_it_counts_and_how_long_that_takes() -> None:
    for limit in reply_limits():
        takes = limit.acceptance_days + limit.acceptance_working_days
        assert limit.is_from_acceptance == (takes > 0), limit.law_en
    kinds = {limit.kind for limit in reply_limits() if limit.is_from_acceptance}
    assert kinds == {"administrative-review", "administrative-lawsuit", "petition"}


def test_a_complaint_has_no_day_and_says_which_articles_name_none() -> None:
    values = received("complaint", "2024-01-10")

    assert no_figure_words(values, "en") == (
        "The law names no number of days: a complaint to a procuratorate or to the authority itself"
        " must be looked into promptly (Criminal Procedure Law, articles 49, 117)."
    )
    assert "《" not in no_figure_words(values, "zh_CN")
    assert "刑事诉讼法" in no_figure_words(values, "zh_CN")
    assert no_figure_words({**values, "reply": "They answered."}, "en") == ""
    assert no_figure_words({**values, "reply_due": "2024-05-01"}, "en") == ""
    assert no_figure_words(received("petition", "2024-01-10"), "en") == ""


def test_the_articles_on_complaints_ask_for_promptness_and_name_no_figure() -> None:
    for row in without_figure():
        for number in row.articles:
            text = article(statute(row.statute), int(number))
            assert "及时" in text
            assert "控告" in text
            assert not re.search("[一二三四五六七八九十]+(日|个月)", text)


def test_public_holidays_make_a_reply_possibly_late_before_it_certainly_is() -> None:
    values = received("information-request", "2090-03-06")

    def on(day: str) -> Lateness:
        found = reply_due(values, datetime.date.fromisoformat(day))
        assert found is not None
        return found.lateness

    assert on("2090-04-03") is Lateness.DUE
    assert on("2090-04-04") is Lateness.POSSIBLY_LATE
    assert on("2090-04-13") is Lateness.POSSIBLY_LATE
    assert on("2090-04-14") is Lateness.CERTAINLY_LATE


def test_every_limit_is_of_a_kind_of_the_list_and_versions_do_not_overlap() -> None:
    for kind in {limit.kind for limit in reply_limits()}:
        assert kind in vocabulary("action-kinds")
        versions = sorted(
            (one for one in reply_limits() if one.kind == kind), key=lambda one: one.in_force_from
        )
        for earlier, later in itertools.pairwise(versions):
            assert earlier.in_force_to == later.in_force_from - datetime.timedelta(days=1)


@given(st.dates(datetime.date(2027, 1, 1), datetime.date(2090, 1, 1)))
def test_twenty_working_days_leave_out_every_weekend(day: datetime.date) -> None:
    found = computed_due(received("information-request", day.isoformat()))

    assert found is not None
    first, last = found.due.earliest, found.due.latest
    assert first is not None
    assert last is not None
    between = [day + datetime.timedelta(days=n) for n in range(1, (first - day).days + 1)]
    assert sum(one.weekday() < 5 for one in between) == 20
    assert first.weekday() < 5
    assert (last - first).days == HOLIDAYS_DAYS


OUTCOMES = [term.code for term in vocabulary("reply-outcomes").terms]
NO_REPLY_YET = {"awaited", "no-reply", "acknowledged", "accepted"}


@pytest.mark.parametrize("outcome", ["", *OUTCOMES])
def test_an_outcome_ends_the_wait_alike_with_a_day_without_one_and_where_none_is_named(
    outcome: str,
) -> None:
    is_waiting = outcome in NO_REPLY_YET or not outcome
    undated: dict[str, Any] = {"kind": "petition", "sent_on": "2024-01-08", "outcome": outcome}
    day = datetime.date(2024, 3, 11)

    assert lacks_due_date(undated) is is_waiting
    dated = reply_due(received("petition", "2024-01-10", outcome=outcome), day)
    assert (dated is not None) is is_waiting
    complaint = received("complaint", "2024-01-10", outcome=outcome)
    assert bool(no_figure_words(complaint, "en")) is is_waiting
    letter: dict[str, Any] = {"kind": "lawyer-request", "outcome": outcome}
    assert waits_without_limit(letter) is (outcome in NO_REPLY_YET)
    assert not waits_without_limit({**letter, "reply_on": "2024-02"})
    assert len(OUTCOMES) == 11
