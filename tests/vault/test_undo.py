"""The last action is taken back by a new revision; nothing is lost and nothing else changes."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.canonical import Json
from fielddoc.domain.revision import RECORD_PATH, Clock, write_revision
from fielddoc.errors import NothingToUndoError
from fielddoc.vault import (
    history,
    imported,
    journal,
    merging,
    purge,
    records,
    searches,
    templates,
    transfers,
)
from fielddoc.vault.journal import ActionKind
from fielddoc.vault.opening import make_vault
from fielddoc.vault.searches import SavedSearch
from fielddoc.vault.undo import Undone, next_to_undo, undo
from fielddoc.vault.vault import Vault
from vault.conftest import PERSON
from vault.folders import PASSPHRASE

OTHER_DEVICE = "d" * 32


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """One vault for all examples of a property; each makes records of its own."""
    with make_vault(tmp_path_factory.mktemp("undo") / "vault", PASSPHRASE) as vault:
        yield vault


def shown(vault: Vault, *ids: str) -> list[Any]:
    """Return everything that lists, links and search hold of records."""
    found: list[Any] = []
    for record in ids:
        raw = uuid.UUID(record).bytes
        found.append(
            vault.database.query(
                "SELECT type, title, earliest, latest, deleted, conflicts, state FROM record"
                " WHERE id = ?",
                (raw,),
            )
        )
        found.append(
            vault.database.query(
                "SELECT path, target FROM link WHERE source = ? ORDER BY 1, 2", (raw,)
            )
        )
        state = records.state_of(vault, record)
        found.append([(c.path, c.shown, [r.value for r in c.rivals]) for c in state.conflicts])
    return found


def brought(vault: Vault, record: str, changes: dict[str, Json], *, seen: int, ms: int) -> None:
    """Take in a revision that another device of ours wrote, having seen the first `seen` ones."""
    known = records.revisions_of(vault, record)
    revision = write_revision(
        record=record,
        type_=known[0].type,
        parents=[one.id for one in known[:seen]][-1:],
        changes=changes,
        clock=Clock(ms, 0),
        device=OTHER_DEVICE,
    )
    with vault.database.transaction():
        bundle = transfers.Transfer(
            bundle=b"b" * 16, kind="complete", sequence=1, manifest=uuid.uuid4().bytes * 2
        )
        own = vault.database.value("SELECT signing_key FROM identity")
        assert isinstance(own, bytes)
        number = transfers.note_received(vault, bundle, signer=own, previous=bytes(32))
        records.receive(vault, [revision], received=number)


# --- one action of each kind ---------------------------------------------------------------------


def test_an_added_record_goes_to_the_trash(vault: Vault) -> None:
    added = records.add(vault, "incident", {"title": "A search"})

    assert undo(vault).kind is ActionKind.ADD

    assert records.get(vault, added).deleted


def test_a_changed_record_has_its_earlier_values_and_one_version_more(vault: Vault) -> None:
    before = shown(vault, PERSON)
    records.revise(vault, PERSON, {"occupation": "lawyer", "names": [{"text": "Another"}]})

    undo(vault)

    assert shown(vault, PERSON) == before
    assert len(history.history(vault, PERSON)) == 3


def test_an_added_entry_is_gone_and_comes_again_with_the_next_undo_of_its_removal(
    vault: Vault,
) -> None:
    detention = records.add(vault, "detention", {"persons": [PERSON]})
    records.revise(vault, detention, {"entries": [{"kind": "taken-away", "date": "2021-11-05"}]})
    with_entry = shown(vault, detention)
    records.revise(vault, detention, {"entries": []})

    undo(vault)
    assert shown(vault, detention) == with_entry
    undo(vault)
    assert "entries" not in records.get(vault, detention).values


@pytest.mark.parametrize("wants_trash", [True, False])
def test_moving_to_the_trash_and_taking_out_of_it_are_taken_back(
    vault: Vault, wants_trash: bool
) -> None:
    records.delete(vault, PERSON)
    if not wants_trash:
        records.restore(vault, PERSON)
    undo(vault)

    assert records.get(vault, PERSON).deleted is not wants_trash


def test_a_settled_conflict_is_in_conflict_again_with_the_same_values(vault: Vault) -> None:
    records.revise(vault, PERSON, {"occupation": "lawyer"})
    brought(vault, PERSON, {"occupation": "teacher"}, seen=1, ms=1)
    before = shown(vault, PERSON)
    assert records.get(vault, PERSON).conflicts
    records.settle(vault, PERSON, "occupation", "teacher")

    assert undo(vault).kind is ActionKind.SETTLE

    assert shown(vault, PERSON) == before


def test_what_came_in_meanwhile_stays(vault: Vault) -> None:
    records.revise(vault, PERSON, {"occupation": "lawyer"})
    brought(vault, PERSON, {"nationality": "CN"}, seen=2, ms=2**41)

    undo(vault)

    values = records.get(vault, PERSON).values
    assert "occupation" not in values
    assert values["nationality"] == "CN"


def test_each_undo_takes_back_the_action_before(vault: Vault) -> None:
    before = shown(vault, PERSON)
    for job in ("lawyer", "teacher", "editor"):
        records.revise(vault, PERSON, {"occupation": job})

    for _ in range(3):
        undo(vault)

    assert shown(vault, PERSON) == before


def test_an_undo_leaves_a_draft_alone(vault: Vault) -> None:
    from fielddoc.vault import drafts

    records.revise(vault, PERSON, {"occupation": "lawyer"})
    drafts.save(vault, PERSON, "person", {"occupation": "typed now"})

    undo(vault)

    kept = drafts.get(vault, PERSON)
    assert kept is not None
    assert kept.values == {"occupation": "typed now"}


def test_nothing_left_to_undo_is_said(vault: Vault) -> None:
    while next_to_undo(vault):
        undo(vault)

    with pytest.raises(NothingToUndoError):
        undo(vault)


def test_the_journal_forgets_a_purged_record_and_keeps_the_rest_of_the_action(
    vault: Vault,
) -> None:
    twin = records.add(vault, "person", {"names": [{"text": "Xu Qin"}]})
    merging.merge_people(vault, PERSON, twin)

    purge.purge(vault, twin)

    assert all(record != twin for a in journal.actions(vault) for record, _ in a.written)
    assert undo(vault).records == (PERSON,)


def test_the_journal_has_a_bound(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT", 3)
    for n in range(6):
        records.revise(vault, PERSON, {"occupation": f"job {n}"})

    assert len(journal.actions(vault)) == 3


# --- any history ---------------------------------------------------------------------------------

ITEMS = [f"{n:08x}-0000-4000-8000-000000000000" for n in (1, 2, 3)]
FIELDS = ("note", "occupation", "sex")


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """What is done to one person here and on another device."""
    text = st.sampled_from(["a", "b", "c"])
    names = st.lists(st.sampled_from(ITEMS), unique=True, max_size=3)
    kind = st.sampled_from(["revise", "items", "delete", "restore", "settle", "theirs", "theirs"])
    found: list[tuple[str, Any]] = []
    for _ in range(draw(st.integers(1, 6))):
        name = draw(kind)
        match name:
            case "revise":
                found.append((name, {draw(st.sampled_from(FIELDS)): draw(text | st.none())}))
            case "items":
                found.append((name, [{"id": i, "text": draw(text)} for i in draw(names)]))
            case "theirs":
                path = draw(
                    st.sampled_from(
                        [*FIELDS, RECORD_PATH]
                        + [f"names/{i}" for i in ITEMS]
                        + [f"names/{i}/text" for i in ITEMS]
                    )
                )
                is_presence = path == RECORD_PATH or path.count("/") == 1
                value = draw(st.none() | (st.just(True) if path == RECORD_PATH else st.just(0)))
                found.append(
                    (
                        name,
                        (
                            {path: value if is_presence else draw(text)},
                            draw(st.integers(1, 8)),
                            draw(st.integers(1, 2**42)),
                        ),
                    )
                )
            case _:
                found.append((name, draw(st.integers(0, 3))))
    return found


def do(vault: Vault, record: str, name: str, argument: Any) -> None:
    match name:
        case "revise":
            records.revise(vault, record, argument)
        case "items":
            records.revise(vault, record, {"names": argument})
        case "delete":
            records.delete(vault, record)
        case "restore":
            records.restore(vault, record)
        case "settle":
            found = records.get(vault, record).conflicts
            if found:
                conflict = found[argument % len(found)]
                if conflict.path.count("/") != 1 and conflict.path != RECORD_PATH:
                    records.settle(vault, record, conflict.path, conflict.rivals[0].value)
        case "theirs":
            changes, seen, ms = argument
            brought(vault, record, changes, seen=seen, ms=ms)
        case _:
            raise AssertionError(name)


@given(steps())
def test_undoing_any_action_in_any_history_gives_back_what_was_shown(
    shared: Vault, story: list[tuple[str, Any]]
) -> None:
    record = records.add(shared, "person", {"names": [{"id": ITEMS[0], "text": "a"}]})
    for name, argument in story:
        before = shown(shared, record)
        last = next_to_undo(shared)
        do(shared, record, name, argument)
        latest = next_to_undo(shared)
        if latest == last:  # an import, or nothing changed
            continue
        undo(shared)
        assert shown(shared, record) == before, name
        do(shared, record, name, argument)


@given(steps())
def test_undoing_all_actions_one_by_one_goes_back_the_same_way(
    shared: Vault, story: list[tuple[str, Any]]
) -> None:
    record = records.add(shared, "person", {"names": [{"id": ITEMS[0], "text": "a"}]})
    states: list[list[Any]] = []
    for name, argument in story:
        if name == "theirs":
            continue
        before, last = shown(shared, record), next_to_undo(shared)
        do(shared, record, name, argument)
        if next_to_undo(shared) != last:
            states.append(before)
    for before in reversed(states):
        undo(shared)
        assert shown(shared, record) == before


# --- settings, which have no versions --------------------------------------------------------------


def test_a_template_is_taken_back_and_not_the_older_change_of_a_record(vault: Vault) -> None:
    records.revise(vault, PERSON, {"occupation": "lawyer"})
    templates.keep_template(vault, "Lawyer", PERSON)
    first = templates.template(vault, "Lawyer")
    records.revise(vault, PERSON, {"occupation": "teacher"})
    templates.keep_template(vault, "Lawyer", PERSON)
    templates.remove_template(vault, "Lawyer")

    assert undo(vault) == Undone(ActionKind.TEMPLATE_FORGOTTEN, ())
    assert templates.template(vault, "Lawyer").values["occupation"] == "teacher"
    assert undo(vault).kind is ActionKind.TEMPLATE_KEPT
    assert templates.template(vault, "Lawyer") == first
    assert records.get(vault, PERSON).values["occupation"] == "teacher"
    assert undo(vault).kind is ActionKind.CHANGE
    assert undo(vault).kind is ActionKind.TEMPLATE_KEPT
    assert templates.templates(vault) == []
    assert records.get(vault, PERSON).values["occupation"] == "lawyer"


def test_saved_searches_are_taken_back_one_by_one(vault: Vault) -> None:
    one, two = SavedSearch("Autumn", "date:2022-10"), SavedSearch("Tea", "tea")
    searches.save(vault, one)
    searches.save(vault, two)
    searches.save(vault, SavedSearch("Tea", "coffee"))
    searches.remove(vault, "Autumn")

    assert undo(vault).kind is ActionKind.SEARCH_FORGOTTEN
    assert [kept.text for kept in searches.saved(vault)] == ["date:2022-10", "coffee"]
    assert undo(vault).kind is ActionKind.SEARCH_SAVED
    assert searches.saved(vault) == (one, two)
    undo(vault)
    assert searches.saved(vault) == (one,)
    undo(vault)
    assert searches.saved(vault) == ()


def test_a_setting_that_stays_as_it_was_is_no_action(vault: Vault) -> None:
    searches.save(vault, SavedSearch("Tea", "tea"))
    before = journal.actions(vault)

    searches.save(vault, SavedSearch("Tea", "tea"))

    assert journal.actions(vault) == before


def test_a_description_of_a_table_is_taken_back(vault: Vault) -> None:
    imported.keep_mapping(vault, "people", "first")
    imported.keep_mapping(vault, "people", "second")

    assert undo(vault).kind is ActionKind.MAPPING_SAVED
    assert imported.mapping(vault, "people") == "first"
    undo(vault)
    assert imported.mapping(vault, "people") is None


def test_what_a_template_held_goes_with_any_purge(vault: Vault) -> None:
    records.revise(vault, PERSON, {"occupation": "a word nobody else has"})
    templates.keep_template(vault, "Lawyer", PERSON)
    templates.remove_template(vault, "Lawyer")
    other = records.add(vault, "incident", {"title": "x"})
    records.delete(vault, other)

    purge.purge(vault, other)

    kept = vault.database.query("SELECT value FROM meta WHERE name LIKE '%action%'")
    assert kept
    assert not any("nobody else" in str(value) for (value,) in kept)
    assert undo(vault).kind is ActionKind.CHANGE


def test_only_the_last_actions_are_kept_whatever_they_changed(vault: Vault) -> None:
    searches.save(vault, SavedSearch("Tea", "tea"))
    for number in range(journal.KEPT):
        searches.save(vault, SavedSearch("Tea", f"tea {number}"))
    assert len(journal.actions(vault)) == journal.KEPT
    records.revise(vault, PERSON, {"occupation": "lawyer"})

    found = journal.actions(vault)

    assert len(found) == journal.KEPT
    assert [one.number for one in found] == sorted((one.number for one in found), reverse=True)
    assert found[0].kind is ActionKind.CHANGE
