"""`clock`, `agenda` and `show --as-known-on`, on the public cases and with wrong words."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import PASSPHRASE, Terminal
from fielddoc.cli import demo_cases
from fielddoc.vault import records
from fielddoc.vault.opening import make_vault


@pytest.fixture
def cases(tmp_path: Path, terminal: Terminal) -> dict[str, str]:
    """A vault `c` with the cases of the report: name of a person to the id of their detention."""
    with make_vault(tmp_path / "work" / "c", PASSPHRASE, name="Sender") as vault:
        done = demo_cases.record_cases(vault, demo_cases.load())
        found: dict[str, str] = {}
        for name, person in done.persons.items():
            for record in records.linking_to(vault, person):
                if records.type_of(vault, record) == "detention":
                    found[name] = record
    return found


def _reading(shown: Any, clock: str) -> Any:
    (course,) = shown["courses"]
    return next(reading for reading in course["readings"] if reading["clock"] == clock)


def test_twenty_three_days_from_taking_to_arrest(terminal: Terminal, cases: dict[str, str]) -> None:
    ran = terminal("clock", "c", cases["ji-xiaolong"], "--as-known-on", "2023-03-15", "--json")
    reading = _reading(ran.json, "arrest")

    assert (reading["least_days"], reading["greatest_days"], reading["ended"]) == (23, 23, True)
    assert [(limit["state"], limit["certain"]) for limit in reading["limits"]] == [
        ("passed", True),
        ("passed", True),
        ("within", True),
    ]
    assert reading["articles"] == ["91"]
    assert reading["verified"] is True
    assert reading["approvals"] == 0
    text = terminal("clock", "c", cases["ji-xiaolong"], "--as-known-on", "2023-03-15").out
    assert "23 days" in text
    assert "It would need: 37 days" in text
    assert "illegal" not in text


def test_511_days_without_a_verdict_as_known_on_the_day_of_the_report(
    terminal: Terminal, cases: dict[str, str]
) -> None:
    ran = terminal("clock", "c", cases["li-yuhan"], "--as-known-on", "15 March 2023", "--json")
    reading = _reading(ran.json, "first-instance")

    assert (reading["least_days"], reading["greatest_days"], reading["ended"]) == (511, 511, False)
    assert [limit["state"] for limit in reading["limits"]] == ["passed"] * 3
    assert ran.json["silences"] == [
        {
            "kind": "no-verdict",
            "as_of": "2023-03~",
            "checked": None,
            "next_check": None,
            "open": True,
            "overdue": False,
        }
    ]


def test_the_family_was_not_told_for_three_years(terminal: Terminal, cases: dict[str, str]) -> None:
    text = terminal("clock", "c", cases["fang-bin"], "--as-known-on", "2023-03-15").out

    assert "Telling the family of criminal detention" in text
    assert "Longer than 24 hours." in text
    assert "unless nobody could be told" in text
    assert "1130 days" in text


def test_what_was_known_later_is_not_shown_of_an_earlier_day(
    terminal: Terminal, cases: dict[str, str]
) -> None:
    then = terminal("show", "c", cases["xu-qin"], "--as-known-on", "2022-07-01")
    later = terminal("show", "c", cases["xu-qin"], "--as-known-on", "2022-07-27")

    assert "paralysed" not in then.out
    assert "As known on 2022-07-01" in then.out
    assert "Entries that were not known yet" in then.out
    assert "paralysed" in later.out
    machine = terminal("show", "c", cases["xu-qin"], "--as-known-on", "2022-07-01", "--json").json
    assert machine["as_known_on"] == "2022-07-01"
    kinds = [entry["kind"] for entry in machine["values"]["entries"]]
    assert "taken-away" in kinds
    assert "trial" not in kinds
    whole = terminal("show", "c", cases["xu-qin"], "--json").json
    assert len(whole["values"]["entries"]) > len(kinds)


def test_the_agenda_of_a_past_day_is_as_it_would_have_been(
    terminal: Terminal, cases: dict[str, str]
) -> None:
    found = terminal("agenda", "c", "--on", "2022-09-18", "--json").json
    by_record = {(item["section"], item["record"]) for item in found}

    assert ("week", cases["xu-zhiyong"]) in by_record
    assert ("passed", cases["ji-xiaolong"]) in by_record
    assert ("anniversary", cases["huang-xueqin"]) in by_record
    text = terminal("agenda", "c", "--on", "2022-09-18").out
    assert "Agenda for 2022-09-18" in text
    assert "14 September 2022  Ji Xiaolong" in text
    assert "1 year since: taken away" in text


def test_an_empty_agenda_says_so(terminal: Terminal, vault: str) -> None:
    ran = terminal("agenda", vault)

    assert ran.status == 0
    assert ran.err.strip() == "Nothing is due, and nothing is overdue."
    assert terminal("agenda", vault, "--json").json == []


def _detention(terminal: Terminal, vault: str, *entries: dict[str, Any]) -> str:
    given = {"type": "detention", "values": {"entries": list(entries)}}
    return terminal("add", vault, "-", stdin=json.dumps(given)).out.split()[0]


def test_contradicting_claims_and_silence_are_shown(terminal: Terminal, vault: str) -> None:
    identity = _detention(
        terminal,
        vault,
        {"kind": "taken-away", "date": "2022-01-01", "told_by": "a neighbour"},
        {"kind": "taken-away", "date": "2022-01-05", "told_by": "the police"},
        {
            "kind": "no-news",
            "as_of": "2022-02-01",
            "checked": "2022-02-02",
            "next_check": "2022-03-01",
        },
    )

    text = terminal("clock", vault, identity).out

    assert "Claims that contradict each other" in text
    assert "told by a neighbour" in text
    assert "told by the police" in text
    assert "No news as of 1 February 2022; last checked: 2 February 2022" in text
    assert "overdue" in text
    overdue = [i for i in terminal("agenda", vault, "--json").json if i["section"] == "overdue"]
    assert [item["record"] for item in overdue] == [identity]


def test_a_case_without_dates_says_that_nothing_starts(terminal: Terminal, vault: str) -> None:
    identity = _detention(terminal, vault, {"kind": "torture"})

    assert "No entry with a date starts a time limit." in terminal("clock", vault, identity).out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--as-known-on", "2022"), "a whole day is needed"),
        (("--as-known-on", "soon"), "not understood as a date"),
        (("--as-known-on", "05/08/2022"), "can be confused"),
    ],
)
def test_a_day_that_is_none_is_refused(
    terminal: Terminal, vault: str, words: tuple[str, ...], reason: str
) -> None:
    identity = _detention(terminal, vault)

    ran = terminal("clock", vault, identity, *words)

    assert ran.status == 2
    assert reason in ran.err
    assert terminal("show", vault, identity, *words).status == 2


def test_only_a_detention_has_clocks(terminal: Terminal, vault: str) -> None:
    person = terminal(
        "add", vault, "-", stdin='{"type": "person", "values": {"names": [{"text": "徐秦"}]}}'
    ).out.split()[0]

    assert "only a detention has legal clocks" in terminal("clock", vault, person).err
    ran = terminal("show", vault, person, "--as-known-on", "2022-01-01", "--json")
    assert ran.status == 2
    assert ran.error["code"] == "usage"


def test_an_unknown_record_is_refused(terminal: Terminal, vault: str) -> None:
    ran = terminal("clock", vault, "7d0f2f2e-6a0c-4a4f-9a55-0d6c1f4b8a11", "--json")

    assert ran.status == 1
    assert ran.error["code"] == "record.not-found"


def test_a_status_of_later_is_not_told_of_an_earlier_day(terminal: Terminal, vault: str) -> None:
    given = {
        "type": "detention",
        "values": {"status": "released", "status_as_of": "2023-01-01", "entries": []},
    }
    identity = terminal("add", vault, "-", stdin=json.dumps(given)).out.split()[0]

    then = terminal("show", vault, identity, "--as-known-on", "2022-06-01", "--json").json
    now = terminal("show", vault, identity, "--as-known-on", "2023-01-02", "--json").json

    assert "status" not in then["values"]
    assert now["values"]["status"] == "released"
