"""`drafts`: what a window that was ended left behind, seen and settled in the terminal."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.conftest import PASSPHRASE, Terminal
from fielddoc.domain.canonical import Json
from fielddoc.vault import drafts
from fielddoc.vault.opening import open_vault

NEW = "6f1d2c3b-4a59-4e68-9b77-8c86d5a4b3f2"


def typed(vault: str, record: str, type_name: str, values: Mapping[str, Json]) -> None:
    """Keep a draft as the window does every two seconds, and end without saving it."""
    with open_vault(Path(vault), PASSPHRASE) as opened:
        drafts.save(opened, record, type_name, values)


@pytest.fixture
def person(terminal: Terminal, vault: str) -> str:
    """A person of whom more was typed in the window and not saved."""
    values = {"names": [{"text": "Wang Yu"}], "occupation": "lawyer", "birth_date": "1971"}
    given = {"type": "person", "values": values}
    (added,) = json.loads(terminal("add", vault, "-", "--json", stdin=json.dumps(given)).out)
    typed(
        vault,
        added["id"],
        "person",
        {"names": added["values"]["names"], "occupation": "human-rights lawyer"},
    )
    return str(added["id"])


@pytest.fixture
def incident(vault: str) -> str:
    """An incident that was never saved at all."""
    typed(vault, NEW, "incident", {"title": "A search", "date": "2022-08"})
    return NEW


def test_drafts_are_listed_with_title_type_and_time(
    terminal: Terminal, vault: str, person: str, incident: str
) -> None:
    first, second = terminal("drafts", vault).out.splitlines()

    assert first.startswith(incident)
    assert "new: A search" in first
    assert second.startswith(person)
    assert second.endswith("Wang Yu")
    found = terminal("drafts", vault, "--json").json
    assert [(one["id"], one["type"], one["title"], one["new"]) for one in found] == [
        (incident, "incident", "A search", True),
        (person, "person", "Wang Yu", False),
    ]
    assert all(one["saved_ms"] > 0 for one in found)


def test_the_list_of_records_says_that_there_are_drafts(
    terminal: Terminal, vault: str, person: str, incident: str
) -> None:
    ran = terminal("list", vault)

    assert "Typed and not saved yet: 2. To see it: fielddoc drafts VAULT" in ran.err
    assert incident not in ran.out
    terminal("drafts", vault, "--discard", incident)
    terminal("drafts", vault, "--discard", person)
    assert "not saved" not in terminal("list", vault).err


def test_a_draft_shows_what_was_typed_and_what_it_would_empty(
    terminal: Terminal, vault: str, person: str, incident: str
) -> None:
    text = terminal("drafts", vault, "--show", person).out
    assert "human-rights lawyer" in text
    assert "saving the draft empties them: Date of birth." in text
    assert "empties" not in terminal("drafts", vault, "--show", incident).out
    found = terminal("drafts", vault, "--show", person, "--json").json
    assert (found["cleared"], found["values"]["occupation"]) == (
        ["birth_date"],
        "human-rights lawyer",
    )
    assert terminal("show", vault, person, "--json").json["values"]["occupation"] == "lawyer"


def test_a_saved_draft_is_a_version_of_its_record_that_undo_takes_back(
    terminal: Terminal, vault: str, person: str
) -> None:
    before = terminal("show", vault, person, "--json").json

    assert terminal("drafts", vault, "--save", person).out.strip() == person

    now = terminal("show", vault, person, "--json").json["values"]
    assert now == {"names": before["values"]["names"], "occupation": "human-rights lawyer"}
    assert terminal("drafts", vault, "--json").json == []
    assert terminal("undo", vault, "--json").json["undone"] == "change"
    assert terminal("show", vault, person, "--json").json == before


def test_a_saved_draft_of_something_new_is_a_record(
    terminal: Terminal, vault: str, incident: str
) -> None:
    ran = terminal("drafts", vault, "--save", incident, "--json")

    assert ran.json == {"id": incident, "changed": True}
    (record,) = terminal("list", vault, "--json").json
    assert (record["id"], record["values"]["title"]) == (incident, "A search")
    assert terminal("drafts", vault).err.strip() == "Nothing is typed that was not saved."


def test_a_draft_that_says_what_the_record_says_goes_without_a_version(
    terminal: Terminal, vault: str, person: str
) -> None:
    values = terminal("show", vault, person, "--json").json["values"]
    typed(vault, person, "person", values)

    ran = terminal("drafts", vault, "--save", person)

    assert "Nothing to change" in ran.err
    assert len(terminal("history", vault, person, "--json").json) == 1
    assert terminal("drafts", vault, "--json").json == []


def test_a_discarded_draft_leaves_the_record(terminal: Terminal, vault: str, person: str) -> None:
    before = terminal("show", vault, person, "--json").json

    ran = terminal("drafts", vault, "--discard", person)

    assert ran.out == "The draft is discarded. What was saved of the record stays.\n"
    assert terminal("show", vault, person, "--json").json == before
    assert terminal("drafts", vault, "--json").json == []


def test_a_draft_of_a_record_in_the_trash_is_not_saved_and_stays(
    terminal: Terminal, vault: str, person: str
) -> None:
    terminal("delete", vault, person)
    typed(vault, person, "person", {"occupation": "teacher"})

    ran = terminal("drafts", vault, "--save", person)

    assert (ran.status, "restore" in ran.err) == (1, True)
    assert [one["id"] for one in terminal("drafts", vault, "--json").json] == [person]


@pytest.mark.parametrize("option", ["--show", "--save", "--discard"])
@pytest.mark.parametrize("name", ["nothing", "", NEW[:8], "00000000-0000-4000-8000-000000000000"])
def test_an_id_without_a_draft_is_refused(
    terminal: Terminal, vault: str, incident: str, option: str, name: str
) -> None:
    ran = terminal("drafts", vault, option, name, "--json")

    assert ran.status != 0
    assert "Traceback" not in ran.err
    assert len(terminal("drafts", vault, "--json").json) == 1


def test_one_thing_at_a_time_is_done_to_a_draft(
    terminal: Terminal, vault: str, incident: str
) -> None:
    ran = terminal("drafts", vault, "--save", incident, "--discard", incident)

    assert ran.status == 2
    assert len(terminal("drafts", vault, "--json").json) == 1


def test_the_identity_in_a_draft_stays_sealed_while_sources_are_closed(
    terminal: Terminal, vault: str, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.write_text("seven words that guard all the sources", encoding="utf-8")
    typed(vault, NEW, "source", {"code_name": "Plum", "identity": {"name": "Zhang San"}})
    asked = ("--new-sources-passphrase-file", str(own))
    assert terminal("sources", "set", vault, *asked).status == 0

    for words in (("--show", NEW), ("--show", NEW, "--json"), ("--save", NEW), ()):
        ran = terminal("drafts", vault, *words)
        assert ran.status == 0, ran.err
        assert "Zhang" not in ran.out + ran.err

    opened = ("--open-sources", "--sources-passphrase-file", str(own))
    shown = terminal("show", vault, NEW, "--json", *opened)
    assert shown.json["values"]["identity"]["name"] == "Zhang San"
