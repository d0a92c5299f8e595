"""What is typed is kept by itself: drafts, versions, undo, trash, history, and the way back."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fielddoc.gui.record_editor import DRAFT_MS
from fielddoc.vault import drafts, records
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def title_of_only_record(vault: Vault) -> object:
    (record,) = records.listing(vault)
    return records.get(vault, record.id).values.get("title")


def saved_incident(hands: Opened, title: str) -> str:
    """Type an incident, make a version of it, and return its id."""
    hands.records.new_record("incident")
    hands.type(title)
    hands.key(Qt.Key.Key_S, CONTROL)
    hands.wait_for_vault()
    record = hands.records.editor.record
    assert record is not None
    return record


def test_what_is_typed_is_a_draft_after_two_seconds(hands: Opened, vault_folder: Path) -> None:
    assert DRAFT_MS <= 2000
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.until(lambda: "Draft saved" in hands.records.editor.state.text())
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        ((record, kind, _),) = drafts.listing(vault)
        draft = drafts.get(vault, record)
        assert kind == "incident"
        assert draft is not None
        assert draft.values == {"title": "Followed"}
        assert records.listing(vault) == []


def test_going_to_the_next_field_keeps_a_draft_at_once(hands: Opened) -> None:
    editor = hands.records.editor
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.key(Qt.Key.Key_Tab)
    hands.wait_for_vault()
    hands.until(lambda: "Draft saved" in editor.state.text())


def test_leaving_a_record_makes_one_version(hands: Opened, vault_folder: Path) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.key(Qt.Key.Key_Tab)
    hands.wait_for_vault()
    hands.records.editor.close_record()
    hands.wait_for_vault()
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (record,) = records.listing(vault)
        assert len(records.revisions_of(vault, record.id)) == 1
        assert drafts.listing(vault) == []


def test_undo_and_redo_by_keys(hands: Opened) -> None:
    editor = hands.records.editor
    hands.records.new_record("incident")
    hands.type("Followed")
    QTest.qWait(1100)  # what is typed without a pause is undone in one
    hands.type(" again")
    assert editor.form is not None
    assert editor.form.values()["title"] == "Followed again"
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert editor.form.values()["title"] == "Followed"
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert "title" not in editor.form.values()
    hands.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    hands.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    assert editor.form.values()["title"] == "Followed again"


def test_the_trash_gives_back(hands: Opened, vault_folder: Path) -> None:
    page = hands.records
    saved_incident(hands, "Followed")
    page.editor.move_to_trash()
    hands.until(hands.window.foot.undo.isVisible)
    page.show_kind("trash")
    hands.until(lambda: page.model.rowCount() == 1)
    hands.window.foot.undo.click()
    hands.until(lambda: page.model.rowCount() == 0)
    page.show_kind("all")
    hands.until(lambda: page.model.rowCount() == 1)
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (record,) = records.listing(vault)
        assert not records.get(vault, record.id).deleted


def test_an_older_version_is_made_so_again_and_taken_back(hands: Opened) -> None:
    editor = hands.records.editor
    record = saved_incident(hands, "Followed")
    assert editor.form is not None
    editor.form.focus_field("title")
    hands.key(Qt.Key.Key_End)
    hands.type(" home")
    hands.key(Qt.Key.Key_S, CONTROL)
    hands.wait_for_vault()
    editor.tabs.setCurrentWidget(editor.history)
    history = editor.history
    hands.until(lambda: history.list.count() == 2)
    history.list.setCurrentRow(1)
    hands.until(history.restore_button.isEnabled)
    history.restore_button.click()
    hands.until(lambda: history.list.count() == 3)

    def title() -> object:
        session = hands.window.session
        assert session is not None
        found: list[object] = []
        session.ask(
            hands.window, lambda vault: records.get(vault, record).values["title"], found.append
        )
        hands.until(lambda: found)
        return found[0]

    assert title() == "Followed"
    hands.window.foot.undo.click()
    hands.until(lambda: title() == "Followed home")


def test_a_lock_leads_back_to_the_same_record_and_field(
    qtbot: QtBot, hands: Opened, vault_folder: Path
) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.key(Qt.Key.Key_Tab)
    hands.key(Qt.Key.Key_Tab)
    hands.type("Aug 2022")
    hands.key(Qt.Key.Key_L, CONTROL)
    (resume,) = hands.locked_into
    assert hands.window.session is None
    told = json.dumps(asdict(resume))
    assert "Followed" not in told
    assert "2022" not in told

    with opened(qtbot, resume=resume) as again:
        again.unlock(vault_folder)
        editor = again.records.editor
        again.until(lambda: editor.form is not None and "title" in editor.form.values())
        assert editor.form is not None
        values = editor.form.values()
        assert values["title"] == "Followed"
        assert values["date"] == "2022-08"
        again.until(lambda: editor.form is not None and editor.form.focused_path() == "date")


def test_idle_time_locks(hands: Opened) -> None:
    window = hands.window
    window.idle_minutes = 1
    window.last_input_s -= 59
    QTest.qWait(500)
    assert not hands.locked_into
    window.last_input_s -= 1
    hands.until(lambda: hands.locked_into)
    assert hands.locked_into[0].reason


@pytest.mark.parametrize("years", [-50, 50])
def test_idle_time_is_counted_by_a_clock_that_nobody_sets(
    hands: Opened, monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    window = hands.window
    window.idle_minutes = 1
    window.touch()
    now = time.time() + years * 365.25 * 86_400
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(time, "time_ns", lambda: int(now * 1e9))

    window._check_idle()
    assert not hands.locked_into

    window.last_input_s -= 61
    window._check_idle()
    assert len(hands.locked_into) == 1


def test_esc_esc_hides_and_locks(hands: Opened) -> None:
    hands.key(Qt.Key.Key_Escape)
    assert not hands.locked_into
    hands.key(Qt.Key.Key_Escape)
    (resume,) = hands.locked_into
    assert resume.is_minimized


def test_closing_the_window_keeps_what_was_typed(hands: Opened, vault_folder: Path) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.window.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        ((record, _, _),) = drafts.listing(vault)
        draft = drafts.get(vault, record)
        assert draft is not None
        assert draft.values == {"title": "Followed"}


BIG_MIB = 1024


def test_a_draft_typed_during_a_long_export_survives_a_kill_three_seconds_later(
    tmp_path: Path,
) -> None:
    """A process of its own exports a gigabyte while somebody types, and is killed."""
    root = Path(__file__).parent.parent
    vault = tmp_path / "vault"
    child = subprocess.Popen(
        [sys.executable, "-m", "gui.typing_while_exporting", str(vault), str(tmp_path / "stick"),
         str(BIG_MIB)],
        cwd=root,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert child.stdout is not None
    try:
        told = json.loads(child.stdout.readline())
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    assert told["exporting"], "the export was over before the kill, so this shows nothing"
    assert told["seconds"] <= 3
    with open_vault(vault, PASSPHRASE) as opened_again:
        typed = [
            draft.values.get("title")
            for record, _, _ in drafts.listing(opened_again)
            if (draft := drafts.get(opened_again, record)) is not None
        ]
    assert typed == ["Typed meanwhile"]
