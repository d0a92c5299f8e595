"""A damaged vault is saved from in the window: offered where damage is told, with progress."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fielddoc.gui.relaunch import Resume
from fielddoc.gui.salvage_screen import SalvageScreen, free_folder
from fielddoc.gui.unlock_screen import UnlockScreen
from fielddoc.gui.window import Window
from fielddoc.vault import attaching, attachments, records
from fielddoc.vault.opening import open_vault
from gui.windows import PASSPHRASE
from vault.folders import digest

PATIENCE_MS = 60_000
LONG = "证言" * 3000


@pytest.fixture
def filled(vault_folder: Path) -> Path:
    """A locked vault with records and a file."""
    with open_vault(vault_folder, PASSPHRASE) as vault:
        for number in range(5):
            records.add(vault, "incident", {"title": f"incident {number}"})
        record = records.add(vault, "incident", {"title": "incident 5"})
        records.revise(vault, record, {"what_happened": LONG})
        attaching.attach_bytes(vault, record, "gate.jpg", "image/jpeg", [b"x" * 200_000])
    return vault_folder


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(hold_ms=50)
    qtbot.addWidget(made)
    made.relaunch = lambda _: None
    made.show()
    yield made
    made.close()


def damage_first_page(folder: Path) -> None:
    with (folder / "records.db").open("r+b") as file:
        file.seek(2000)
        file.write(b"damage")


def damage_file(folder: Path) -> None:
    path = max((folder / "attachments").iterdir(), key=lambda found: found.stat().st_size)
    with path.open("r+b") as file:
        file.seek(70_000)
        file.write(b"damage")


def unlock(qtbot: QtBot, window: Window, folder: Path, typed: str = PASSPHRASE) -> UnlockScreen:
    window.show_unlock(folder)
    screen = window.screens.currentWidget()
    assert isinstance(screen, UnlockScreen)
    screen.passphrase.set_text(typed)
    screen.unlock()
    qtbot.waitUntil(lambda: bool(screen.problem.text()), timeout=PATIENCE_MS)
    return screen


def test_a_vault_that_does_not_open_for_damage_is_saved_from_where_it_is_told(
    qtbot: QtBot, window: Window, filled: Path
) -> None:
    damage_first_page(filled)
    damage_file(filled)
    locked = unlock(qtbot, window, filled)
    assert locked.salvage_button.isVisible()
    before = {path.name: path.read_bytes() for path in filled.iterdir() if path.is_file()}

    locked.salvage_button.click()
    screen = window.screens.currentWidget()
    assert isinstance(screen, SalvageScreen)
    told: list[int] = []
    screen._progressed.connect(lambda done, _: told.append(done))
    assert screen.passphrase.text() == PASSPHRASE
    screen.begin_button.click()
    qtbot.waitUntil(screen.open_button.isVisible, timeout=PATIENCE_MS)

    assert "gate.jpg" in screen.losses.toPlainText()
    assert told == sorted(told)
    assert len(set(told)) > 3
    assert not screen.passphrase.text()
    assert {p.name: p.read_bytes() for p in filled.iterdir() if p.is_file()} == before
    screen.open_button.click()
    again = window.screens.currentWidget()
    assert isinstance(again, UnlockScreen)
    assert again.folder == filled.with_name("vault-saved")
    with open_vault(again.folder, PASSPHRASE) as vault:
        titles = {row.title for row in records.listing(vault, type_name="incident")}
        assert titles == {f"incident {number}" for number in range(6)}
        assert not attachments.contents(vault)


def test_salvage_is_offered_for_damage_only(qtbot: QtBot, window: Window, filled: Path) -> None:
    locked = unlock(qtbot, window, filled, "not the passphrase")

    assert not locked.salvage_button.isVisible()


def test_a_whole_vault_loses_nothing(qtbot: QtBot, filled: Path) -> None:
    screen = SalvageScreen(filled, passphrase=PASSPHRASE)
    qtbot.addWidget(screen)
    screen.show()
    screen.begin()
    qtbot.waitUntil(screen.open_button.isVisible, timeout=PATIENCE_MS)

    assert "Nothing is lost." in screen.report.text()
    assert "neither recovery shares nor a wipe passphrase" in screen.report.text()
    assert not screen.losses.isVisible()
    screen.leave()


def test_what_is_intact_can_be_seen_before_anything_is_saved(
    qtbot: QtBot, window: Window, filled: Path
) -> None:
    damage_file(filled)
    window.show_salvage(filled)
    screen = window.screens.currentWidget()
    assert isinstance(screen, SalvageScreen)
    screen.passphrase.set_text("not the passphrase")
    screen.look_button.click()
    qtbot.waitUntil(lambda: bool(screen.problem.text()), timeout=PATIENCE_MS)
    screen.passphrase.set_text(PASSPHRASE)
    before = digest(filled.parent)

    screen.look_button.click()
    qtbot.waitUntil(screen.report.isVisible, timeout=PATIENCE_MS)

    assert digest(filled.parent) == before
    assert "Intact: versions 8 of records 7, files 0." in screen.report.text()
    assert "Nothing has been saved yet." in screen.report.text()
    assert "gate.jpg" in screen.losses.toPlainText()
    assert not screen.problem.text()
    assert not screen.open_button.isVisible()
    seen = screen.losses.toPlainText()
    screen.begin_button.click()
    qtbot.waitUntil(screen.open_button.isVisible, timeout=PATIENCE_MS)
    assert "Saved: versions 8, files 0." in screen.report.text()
    assert screen.losses.toPlainText() == seen
    assert not screen.look_button.isVisible()


def test_a_lock_while_it_is_looked_speaks_of_no_saving(
    qtbot: QtBot, window: Window, filled: Path
) -> None:
    asked: list[Resume] = []
    window.relaunch = asked.append
    window.show_salvage(filled, PASSPHRASE)
    screen = window.screens.currentWidget()
    assert isinstance(screen, SalvageScreen)
    entered, let_go = threading.Event(), threading.Event()

    def wait_inside(*_: object) -> None:
        entered.set()
        let_go.wait(20)

    screen._progressed.connect(wait_inside, Qt.ConnectionType.DirectConnection)
    screen.look()
    assert entered.wait(60)
    window.lock()
    let_go.set()

    assert asked[0].note == ""


def test_a_salvage_that_is_stopped_leaves_no_vault(qtbot: QtBot, filled: Path) -> None:
    screen = SalvageScreen(filled, passphrase=PASSPHRASE)
    qtbot.addWidget(screen)
    screen.show()
    screen._progressed.connect(lambda *_: screen.stop(), Qt.ConnectionType.DirectConnection)
    screen.begin()
    qtbot.waitUntil(lambda: bool(screen.problem.text()), timeout=PATIENCE_MS)

    assert not screen.target.exists() or not any(screen.target.iterdir())
    assert screen.begin_button.isVisible()
    screen.leave()


def test_a_wrong_passphrase_is_told_and_can_be_typed_again(qtbot: QtBot, filled: Path) -> None:
    screen = SalvageScreen(filled)
    qtbot.addWidget(screen)
    screen.show()
    screen.passphrase.set_text("not the passphrase")
    screen.begin()
    qtbot.waitUntil(lambda: bool(screen.problem.text()), timeout=PATIENCE_MS)

    assert screen.begin_button.isEnabled()
    assert not screen.target.exists()
    screen.leave()


@pytest.mark.parametrize("is_stuck", [False, True], ids=["removed", "unfinished"])
def test_a_lock_cuts_saving_off_and_says_what_became_of_it(
    qtbot: QtBot, window: Window, filled: Path, *, is_stuck: bool
) -> None:
    asked: list[Resume] = []
    window.relaunch = asked.append
    window.show_salvage(filled, PASSPHRASE)
    screen = window.screens.currentWidget()
    assert isinstance(screen, SalvageScreen)
    entered, let_go = threading.Event(), threading.Event()

    def wait_inside(*_: object) -> None:
        entered.set()
        let_go.wait(20 if is_stuck else 0.05)

    screen._progressed.connect(wait_inside, Qt.ConnectionType.DirectConnection)
    screen.begin()
    assert entered.wait(60)
    window.lock_for("Locked because the lid was closed.")
    let_go.set()

    (resume,) = asked
    assert (resume.page, resume.folder) == ("salvage", str(filled))
    assert "lid" in resume.reason
    if is_stuck:
        assert "vault-saved is not whole: delete it" in resume.note
    else:
        assert "what was begun is removed" in resume.note
        assert not any(screen.target.iterdir()) if screen.target.exists() else True
    again = SalvageScreen(filled, reason=resume.reason, note=resume.note)
    qtbot.addWidget(again)
    assert (again.problem.text(), again.advice.text()) == (resume.reason, resume.note)
    again.leave()


def test_after_saving_a_lock_says_where_it_is(qtbot: QtBot, window: Window, filled: Path) -> None:
    asked: list[Resume] = []
    window.relaunch = asked.append
    window.show_salvage(filled, PASSPHRASE)
    screen = window.screens.currentWidget()
    assert isinstance(screen, SalvageScreen)
    screen.begin()
    qtbot.waitUntil(screen.open_button.isVisible, timeout=PATIENCE_MS)

    window.lock()

    assert "vault-saved" in asked[0].note
    assert "save once more to see it" in asked[0].note


def test_a_lock_may_go_on_to_saving(qtbot: QtBot, window: Window, filled: Path) -> None:
    """What the settings page ends in when its check has found damage."""
    asked: list[Resume] = []
    window.relaunch = asked.append
    window.show_unlock(filled)
    screen = window.screens.currentWidget()
    assert isinstance(screen, UnlockScreen)
    screen.passphrase.set_text(PASSPHRASE)
    screen.unlock()
    qtbot.waitUntil(lambda: window.workspace() is not None, timeout=PATIENCE_MS)
    workspace = window.workspace()
    assert workspace is not None
    damage_file(filled)
    workspace.go("settings")
    workspace.settings.check()
    qtbot.waitUntil(workspace.settings.report.isVisible, timeout=PATIENCE_MS)
    assert workspace.settings.salvage_button.isVisible()

    workspace.settings.salvage_button.click()
    qtbot.waitUntil(lambda: bool(asked), timeout=PATIENCE_MS)

    (resume,) = asked
    assert (resume.folder, resume.page) == (str(filled), "salvage")


def test_a_new_folder_is_never_one_that_is_there(tmp_path: Path) -> None:
    first = free_folder(tmp_path, "vault")
    first.mkdir()
    second = free_folder(tmp_path, "vault")

    assert (first.name, second.name) == ("vault-saved", "vault-saved-2")
