"""What every test of the window needs: an application, a real vault, and a shell that remembers."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fielddoc.gui import style
from fielddoc.gui.session import Session
from fielddoc.vault.opening import make_vault, open_vault
from gui.windows import PASSPHRASE, RecordingShell


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["fielddoc"]


@pytest.fixture(autouse=True)
def styled(qapp: QApplication) -> None:
    """Give every test the look of the program, light and at 100 %."""
    style.apply(qapp, dark=False)
    qapp.setCursorFlashTime(0)


@pytest.fixture
def vault_folder(tmp_path: Path) -> Path:
    """Return the folder of a made, locked vault."""
    folder = tmp_path / "vault"
    make_vault(folder, PASSPHRASE, name="Mina").lock()
    return folder


@pytest.fixture
def session(qtbot: QtBot, vault_folder: Path) -> Iterator[Session]:
    """Yield a session on an unlocked vault."""
    opened = Session()
    done: list[bool] = []
    opened.open(opened, lambda: open_vault(vault_folder, PASSPHRASE), lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    yield opened
    opened.close(seconds=10)


@pytest.fixture
def shell() -> RecordingShell:
    return RecordingShell()
