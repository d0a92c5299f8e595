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
    held = terminal("show", "c", cases["li-yuhan"], "--json").json["values"]
    assert ran.json["silences"] == [
        {
            "kind": "no-verdict",
            "as_of": "2023-03~",
            "checked": None,
            "next_check": None,
            "open": True,
            "overdue": False,
            "persons": held["persons"],
        }
    ]


def test_the_family_was_not_told_for_three_years(terminal: Terminal, cases: dict[str, str]) -> None:
    text = terminal("clock", "c", cases["fang-bin"], "--as-known-on", "2023-03-15").out

    assert "Telling the family of criminal detention" in text
    assert "Longer than 24 hours." in text
    assert "unless nobody could be told" in text
    assert "1130 days" in text


DAY = "2023-03-15"


@pytest.mark.parametrize(
    ("shown_by", "group", "days"),
    [
        # From the trial without a verdict: at least so long.
        (("xu-qin", "first-instance"), "passed", (128, 128)),
        (("xu-zhiyong", "first-instance"), "passed", (266, 266)),
        (("chang-weiping", "first-instance"), "passed", (232, 232)),
        (("he-fangmei", "first-instance"), "passed", (288, 379)),
        # From "mid-August", and a transfer only: nothing has passed but perhaps.
        (("huang-xueqin", "first-instance"), "runs", (196, 226)),
        # No date of an arrest is told, so nothing is said of how long the detention before it was.
        (("chang-weiping", "arrest"), "ended", (0, 663)),
        (("huang-xueqin", "arrest"), "ended", (0, 346)),
        (("fang-bin", "family-notice-detention"), "passed", (1116, 1130)),
        # The three months with the UN working group were over long before.
        (("gao-zhisheng", "un-disappearances"), "ended", None),
        (("he-fangmei", "un-disappearances"), "ended", (486, 607)),
        # The days of appeal ended at some time that nobody tells.
        (("huang-qi", "appeal"), "ended", None),
        (("zhang-zhan", "appeal"), "ended", None),
        (("zhang-zhan", "judgment-served"), "untold", None),
    ],
)
def test_what_the_clocks_show_for_the_people_of_the_report(
    terminal: Terminal,
    cases: dict[str, str],
    shown_by: tuple[str, str],
    group: str,
    days: tuple[int, int] | None,
) -> None:
    person, clock = shown_by
    shown = terminal("clock", "c", cases[person], "--as-known-on", DAY, "--json").json
    reading = next(one for one in shown["courses"][0]["readings"] if one["clock"] == clock)

    assert reading["group"] == group
    if days is not None:
        assert (reading["least_days"], reading["greatest_days"]) == days


@pytest.mark.parametrize(
    ("person", "least", "greatest"),
    [
        ("xu-qin", 495, 495),
        ("chang-weiping", 865, 895),
        ("huang-xueqin", 542, 542),
        ("gao-zhisheng", 2040, 2040),
        ("he-fangmei", 865, 895),
        ("fang-bin", 1130, 1130),
    ],
)
def test_days_since_the_taking_of_the_people_of_the_report(
    terminal: Terminal, cases: dict[str, str], person: str, least: int, greatest: int
) -> None:
    shown = terminal("clock", "c", cases[person], "--as-known-on", DAY, "--json").json
    (custody,) = shown["courses"][0]["custody"]

    assert (custody["least_days"], custody["greatest_days"]) == (least, greatest)
    assert custody["end"] is None


@pytest.mark.parametrize(
    "person", ["zhao-suli", "cao-zhixin", "chen-mei", "cai-wei", "peng-lifa", "unnamed-tibetan"]
)
def test_who_has_no_date_in_the_report_has_no_clock(
    terminal: Terminal, cases: dict[str, str], person: str
) -> None:
    text = terminal("clock", "c", cases[person], "--as-known-on", DAY).out

    assert "No entry with a date starts a time limit." in text


def test_the_window_of_the_un_working_group_was_open_for_three_months(
    terminal: Terminal, cases: dict[str, str]
) -> None:
    def is_open(day: str) -> bool:
        found = terminal("agenda", "c", "--on", day, "--json").json
        return ("un-window", cases["gao-zhisheng"]) in {
            (item["section"], item["record"]) for item in found
        }

    assert is_open("2017-11-13")
    assert not is_open("2017-11-14")


def test_the_law_is_told_in_our_own_words_with_the_article_when_asked_for(
    terminal: Terminal, cases: dict[str, str]
) -> None:
    text = terminal("clock", "c", cases["ji-xiaolong"], "--as-known-on", DAY, "--law").out
    law = text[text.index("What these articles say, in our own words") :]

    assert "Criminal Procedure Law (2018), article 91: " in law
    assert "10 days (three days to ask for approval and seven to decide) (article 91)" in law
    assert "(articles 156, 158)" in law
    assert "(article 160)" in law
    plain = terminal("clock", "c", cases["ji-xiaolong"], "--as-known-on", DAY).out
    assert "in our own words" not in plain


NOT_TOLD = "(this day is not in the text that was checked)"


def test_a_first_day_in_force_that_the_checked_text_does_not_tell_is_marked(
    terminal: Terminal, vault: str
) -> None:
    entries: Any = [
        {"kind": "criminal-detention", "date": "2022-02-01"},
        {"kind": "exit-ban", "date": "2022-03-01"},
    ]
    given = json.dumps({"type": "detention", "values": {"title": "a", "entries": entries}})
    detention = terminal("add", vault, "-", stdin=given).out.split()[0]

    lines = terminal("clock", vault, detention, "--law").out.splitlines()
    shown = terminal("clock", vault, detention, "--json").json

    procedure = f"  Criminal Procedure Law (2018): in force from 26 October 2018 {NOT_TOLD}"
    assert lines.count(procedure) == 1
    (exit_and_entry,) = [line for line in lines if "(2012): in force from" in line]
    assert exit_and_entry.endswith("in force from 1 July 2013")
    days = {
        reading["law"]: (reading["in_force_from"], reading["in_force_from_verified"])
        for reading in shown["courses"][0]["readings"]
    }
    assert days["cpl-2018"] == ("2018-10-26", False)
    assert days["exit-entry-2012"] == ("2013-07-01", True)


def test_a_case_of_2011_says_that_its_law_was_not_checked(terminal: Terminal, vault: str) -> None:
    entries: Any = [
        {"kind": "criminal-detention", "date": "2011-02-01"},
        {"kind": "formal-arrest", "date": "2011-04-01"},
    ]
    given = json.dumps({"type": "detention", "values": {"title": "a", "entries": entries}})
    detention = terminal("add", vault, "-", stdin=given).out.split()[0]

    plain = terminal("clock", vault, detention).out
    law = terminal("clock", vault, detention, "--law").out
    readings = terminal("clock", vault, detention, "--json").json["courses"][0]["readings"]

    unverified = "(unverified: not checked against the text of the law)"
    assert "Criminal Procedure Law (1996), article" in plain
    assert unverified in plain
    assert unverified in law
    assert "Criminal Procedure Law (1996): in force from" not in law
    arrest = next(reading for reading in readings if reading["clock"] == "arrest")
    assert (arrest["law"], arrest["verified"]) == ("cpl-1996", False)
    assert arrest["in_force_from_verified"] is False
    assert unverified in arrest["words"]


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


def test_in_a_joint_case_one_is_asked_about_while_another_is_sentenced(
    terminal: Terminal, vault: str
) -> None:
    first, second = (
        terminal(
            "add",
            vault,
            "-",
            stdin=json.dumps({"type": "person", "values": {"names": [{"text": name}]}}),
        ).out.split()[0]
        for name in ("Wang Yu", "Li Wei")
    )
    case = _detention(
        terminal,
        vault,
        {"kind": "no-verdict", "persons": [first], "next_check": "2023-04-01"},
        {"kind": "sentence", "persons": [second], "date": "2023-03-20"},
    )

    (item,) = terminal("agenda", vault, "--on", "2023-04-05", "--json").json

    assert (item["record"], item["persons"]) == (case, [first])
    text = terminal("agenda", vault, "--on", "2023-04-05").out
    assert "Wang Yu" in text
    assert "Li Wei" not in text
    assert "Wang Yu" in terminal("clock", vault, case).out.partition("Not known")[2]
    assert case in terminal("list", vault, "--overdue").out


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
