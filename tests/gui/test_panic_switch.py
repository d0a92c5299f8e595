"""The wipe of the window from within: when it is armed, what goes first, and what it survives.

The real process, its end and the order of its system calls are in test_panic.py.
"""

import errno
import fcntl
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from fielddoc.gui.clipboard import marked
from fielddoc.vault.layout import KEY_FILE, LOCK_FILE
from fielddoc.vault.opening import make_vault
from fielddoc.vault.panic import is_wiped
from gui.opened import Opened
from gui.windows import PASSPHRASE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="NOT RUN: it moves open files")

WIPE_PASSPHRASE = "another six words that destroy everything"


@pytest.fixture
def hands(qtbot: QtBot) -> Iterator[Opened]:
    made = Opened(qtbot)
    made.window.panic.end_process = ended.append
    ended.clear()
    yield made
    made.window.panic.disarm()
    made.close()


ended: list[int] = []


def away(folder: Path) -> Path:
    """Let the stick with the vault be gone."""
    return folder.rename(folder.with_name("pulled out"))


def test_a_vault_that_is_plugged_in_later_is_armed_on_the_lock_screen(
    hands: Opened, vault_folder: Path
) -> None:
    elsewhere = away(vault_folder)
    hands.window.show_unlock(vault_folder)
    assert not hands.window.panic.is_armed

    hands.window._wipe()
    assert "is not there" in hands.window.foot.message.text()

    elsewhere.rename(vault_folder)
    hands.until(lambda: hands.window.panic.is_armed)
    hands.window._wipe()
    hands.until(lambda: ended)
    assert not vault_folder.exists()


def test_a_vault_that_was_opened_is_armed_and_its_writers_are_known(
    hands: Opened, vault_folder: Path
) -> None:
    hands.window._idle.stop()  # so that opening alone does it
    elsewhere = away(vault_folder)
    hands.window.show_unlock(vault_folder)
    elsewhere.rename(vault_folder)
    hands.unlock_screen.passphrase.set_text(PASSPHRASE)
    hands.unlock_screen.unlock()
    hands.until(hands.window.workspace)
    assert hands.window.session is not None
    vault = hands.window.session.vault

    hands.window._wipe()
    hands.until(lambda: ended)

    assert vault.key_file.dead
    assert not vault_folder.exists()


def test_before_anything_is_removed_the_key_is_zeroed_and_nothing_is_seen(
    hands: Opened, vault_folder: Path
) -> None:
    hands.unlock(vault_folder)
    window = hands.window
    assert window.session is not None
    vault, armed = window.session.vault, window.panic._armed
    assert armed is not None
    dialog = QDialog(window)
    dialog.open()
    clipboard = QApplication.clipboard()
    window.clipboard._is_ours = lambda _: True  # a screen that is not there has no owner of it
    copied: list[str] = []
    clipboard.dataChanged.connect(lambda: copied.append(clipboard.text()))
    clipboard.setMimeData(marked("Zhwqexi"))
    seen: list[object] = []
    remove = armed.remove_rest

    def look_and_remove(seconds: float = 0.7) -> int:
        shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
        seen.extend((bytes(vault.master.copy()), shown, is_wiped(vault_folder), copied[-1]))
        return remove(seconds)

    armed.remove_rest = look_and_remove  # type: ignore[method-assign]
    hands.window._wipe()
    hands.until(lambda: ended)

    assert copied[0] == "Zhwqexi"
    assert seen == [bytes(32), [], True, ""]


# --- what fails after the key is dead -------------------------------------------------------------


def failing_lock(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the system refuse to say who holds the vault's lock."""
    real = os.open

    def opening(path: Any, *given: Any, **more: Any) -> int:
        if str(path).endswith(LOCK_FILE):
            raise error
        return real(path, *given, **more)

    def locking(*_: object) -> None:
        raise error

    if isinstance(error, OSError):
        monkeypatch.setattr(fcntl, "flock", locking)
    else:
        monkeypatch.setattr(os, "open", opening)


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOLCK, "x"), OSError(errno.EIO, "x"), MemoryError()],
    ids=["ENOLCK", "EIO", "a mistake of ours"],
)
def test_what_fails_after_the_key_is_dead_does_not_keep_the_process(
    hands: Opened, vault_folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    hands.window.show_unlock(vault_folder)
    (vault_folder / LOCK_FILE).touch()
    failing_lock(monkeypatch, error)

    hands.window._wipe()

    hands.until(lambda: ended)
    assert not vault_folder.exists()


def test_what_fails_before_the_key_is_dead_says_not_destroyed(
    hands: Opened, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.window.show_unlock(vault_folder)
    before = (vault_folder / KEY_FILE).read_bytes()

    def refuse(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", refuse)
        hands.window._wipe()
        hands.until(
            lambda: "NOT DESTROYED" in [w.text() for w in hands.window.findChildren(QLabel)]
        )
    assert not ended
    assert (vault_folder / KEY_FILE).read_bytes() == before

    hands.window._wipe()
    hands.until(lambda: ended)
    assert not vault_folder.exists()


# --- the wipe passphrase --------------------------------------------------------------------------


def test_a_wipe_passphrase_is_not_taken_for_a_wipe_from_elsewhere(
    hands: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "with-wipe"
    make_vault(folder, PASSPHRASE, wipe_passphrase=WIPE_PASSPHRASE).lock()
    armed: list[bool] = []
    real = Path.unlink

    def unlinking(path: Path, *given: Any, **more: Any) -> None:
        armed.append(hands.window.panic.is_armed)
        real(path, *given, **more)

    monkeypatch.setattr(Path, "unlink", unlinking)
    was_wiped: list[bool] = []
    hands.window.wiped = lambda: was_wiped.append(True)  # type: ignore[method-assign]
    hands.window.show_unlock(folder)
    assert hands.window.panic.is_armed
    screen = hands.unlock_screen
    screen.passphrase.set_text(WIPE_PASSPHRASE)
    screen.unlock()
    hands.until(lambda: was_wiped)

    assert armed
    assert not any(armed)
    assert not ended
    assert not folder.exists()


def test_a_stick_that_hangs_is_asked_once_and_never_by_the_window(
    hands: Opened, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each second the window looks whether the vault can be wiped now; the answer may never come."""
    elsewhere = away(vault_folder)
    hands.window.show_unlock(vault_folder)
    asked: list[str] = []
    answers = threading.Event()
    is_file = Path.is_file

    def late(path: Path) -> bool:
        if path.name == "vault.key":
            asked.append(threading.current_thread().name)
            assert answers.wait(30)
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", late)
    for _ in range(3):
        hands.window._check_idle()
    hands.until(lambda: asked)
    assert asked == ["aside"]

    elsewhere.rename(vault_folder)
    answers.set()
    hands.until(lambda: hands.window.panic.is_armed)
