"""What was typed while the disk was full is not lost: not by a lock, nor by going elsewhere."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fielddoc.errors import DiskFullError
from fielddoc.gui.typed import UNWRITTEN
from fielddoc.vault import drafts, records
from fielddoc.vault.opening import make_vault, open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE
from small_disk import fill, small_disk_at

CONTROL = Qt.KeyboardModifier.ControlModifier
LONG = Random(1).randbytes(20_000).hex()
"""More than a full disk's last pages take, and not to be made smaller."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_at(tmp_path / "disk") as place:
        yield place


@pytest.fixture
def hands(qtbot: QtBot, disk: Path) -> Iterator[Opened]:
    make_vault(disk / "vault", PASSPHRASE).lock()
    with opened(qtbot, disk / "vault") as made:
        yield made


def type_much(hands: Opened, text: str) -> None:
    """Type a new incident whose title is longer than what room is left."""
    hands.records.new_record("incident")
    editor = hands.records.editor
    assert editor.form is not None
    values = {"title": text, "what_happened": LONG}
    for name, value in values.items():
        editor.form.set_values({**editor.form.values(), name: value})
        editor._changed(name)


def refused(hands: Opened) -> None:
    """Wait until the window says that the disk is full."""
    hands.until(lambda: DiskFullError().sentence() in hands.window.banner.what.text())


def kept_titles(folder: Path) -> Sequence[object]:
    """Return the titles of all drafts and records of a locked vault."""
    with open_vault(folder, PASSPHRASE) as vault:
        found = [drafts.get(vault, record) for record, _, _ in drafts.listing(vault)]
        saved = [records.get(vault, row.id).values["title"] for row in records.listing(vault)]
        return [draft.values.get("title") for draft in found if draft is not None] + saved


def test_a_draft_that_was_refused_is_kept_by_the_lock_once_there_is_room(
    hands: Opened, disk: Path
) -> None:
    type_much(hands, "Followed")
    ballast = fill(disk)
    hands.records.editor.save_now()
    refused(hands)
    ballast.unlink()
    hands.window.lock()
    (resume,) = hands.locked_into
    assert resume.reason == ""
    assert kept_titles(disk / "vault") == ["Followed"]


def test_a_version_that_was_refused_twice_is_kept_by_the_lock_once_there_is_room(
    hands: Opened, disk: Path
) -> None:
    type_much(hands, "Followed")
    ballast = fill(disk)
    hands.records.editor.commit()
    refused(hands)
    hands.window.banner.hide()
    hands.records.editor.commit()
    hands.until(lambda: not hands.window.banner.isHidden())
    ballast.unlink()
    hands.window.lock()
    assert kept_titles(disk / "vault") == ["Followed"]


def test_a_version_that_was_refused_is_made_by_the_next_try(hands: Opened, disk: Path) -> None:
    type_much(hands, "Followed")
    ballast = fill(disk)
    hands.records.editor.commit()
    refused(hands)
    ballast.unlink()
    hands.records.editor.commit()
    hands.wait_for_vault()
    hands.close()
    with open_vault(disk / "vault", PASSPHRASE) as vault:
        (row,) = records.listing(vault)
        assert records.get(vault, row.id).values["what_happened"] == LONG
        assert len(records.revisions_of(vault, row.id)) == 1
        assert drafts.listing(vault) == []


def test_what_was_refused_is_tried_again_by_itself(hands: Opened, disk: Path) -> None:
    type_much(hands, "Followed")
    ballast = fill(disk)
    editor = hands.records.editor
    editor.typed._again.setInterval(50)
    editor.commit()
    refused(hands)
    assert "Not saved yet" in editor.state.text()
    ballast.unlink()
    hands.until(lambda: "Draft saved" in editor.state.text())
    assert editor.typed.waiting == {}


def test_what_was_refused_waits_while_another_record_is_shown(hands: Opened, disk: Path) -> None:
    type_much(hands, "Followed")
    ballast = fill(disk)
    record = hands.records.editor.record
    assert record is not None
    hands.records.editor.commit()
    refused(hands)
    hands.records.new_record("person")
    hands.records.editor.open_record(record)
    hands.wait_for_vault()
    form = hands.records.editor.form
    assert form is not None
    assert form.values()["what_happened"] == LONG
    hands.records.new_record("person")
    ballast.unlink()
    hands.window.lock()
    assert kept_titles(disk / "vault") == ["Followed"]


def test_a_change_of_a_saved_record_that_was_refused_is_not_lost(hands: Opened, disk: Path) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.records.editor.commit()
    hands.wait_for_vault()
    editor = hands.records.editor
    assert editor.form is not None
    editor.form.set_values({"title": "Followed again", "what_happened": LONG})
    editor._changed("title")
    ballast = fill(disk)
    editor.commit()
    refused(hands)
    ballast.unlink()
    hands.window.lock()
    assert sorted(map(str, kept_titles(disk / "vault"))) == ["Followed", "Followed again"]


def test_the_lock_screen_says_what_could_not_be_kept(hands: Opened, disk: Path) -> None:
    type_much(hands, "Followed")
    fill(disk)
    hands.window.lock()
    (resume,) = hands.locked_into
    assert resume.reason == UNWRITTEN


def test_closing_says_once_what_would_be_lost(hands: Opened, disk: Path) -> None:
    type_much(hands, "Followed")
    ballast = fill(disk)
    assert not hands.window.close()
    assert "not saved" in hands.window.banner.what_now.text()
    ballast.unlink()
    assert hands.window.close()
    assert kept_titles(disk / "vault") == ["Followed"]


def test_closing_again_ends_without_it(hands: Opened, disk: Path) -> None:
    type_much(hands, "Followed")
    fill(disk)
    assert not hands.window.close()
    assert hands.window.close()
