"""A window with a vault open in it, and hands for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.gui.pages.export import ExportPage
from fielddoc.gui.pages.import_ import ImportPage
from fielddoc.gui.pages.partners import PartnersPage
from fielddoc.gui.pages.records import RecordsPage
from fielddoc.gui.relaunch import Resume
from fielddoc.gui.unlock_screen import UnlockScreen
from fielddoc.gui.window import Window
from fielddoc.gui.workspace import Workspace
from gui.windows import PASSPHRASE, shown

PATIENCE_MS = 30_000


class Opened:
    """The window and what it relaunched into, which is remembered instead."""

    def __init__(self, qtbot: QtBot, resume: Resume | None = None) -> None:
        self.qtbot = qtbot
        self.locked_into: list[Resume] = []
        self.window = Window(resume=resume, hold_ms=60)
        self.window.relaunch = self.locked_into.append
        self.window.resize(1366, 768)
        shown(qtbot, self.window)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds."""
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def unlock(self, folder: Path, passphrase: str = PASSPHRASE) -> Self:
        """Unlock a vault and wait for its records."""
        self.window.show_unlock(folder)
        screen = self.unlock_screen
        screen.passphrase.set_text(passphrase)
        screen.unlock()
        self.until(self.window.workspace)
        return self

    @property
    def unlock_screen(self) -> UnlockScreen:
        """The lock screen, which is shown."""
        screen = self.window.screens.currentWidget()
        assert isinstance(screen, UnlockScreen)
        return screen

    @property
    def workspace(self) -> Workspace:
        """What is shown of the unlocked vault."""
        workspace = self.window.workspace()
        assert workspace is not None
        return workspace

    @property
    def records(self) -> RecordsPage:
        """The list and the record beside it."""
        return self.workspace.records

    def page(self, name: str) -> QWidget:
        """Go to a page."""
        self.workspace.go(name)
        page = self.workspace.pages.currentWidget()
        assert page is not None
        return page

    @property
    def partners(self) -> PartnersPage:
        """Go to the partners."""
        page = self.page("partners")
        assert isinstance(page, PartnersPage)
        return page

    @property
    def export(self) -> ExportPage:
        """Go to the export."""
        page = self.page("export")
        assert isinstance(page, ExportPage)
        return page

    @property
    def import_(self) -> ImportPage:
        """Go to the import."""
        page = self.page("import")
        assert isinstance(page, ImportPage)
        return page

    def come_to_front(self) -> None:
        """Be the active window again after another was."""
        with self.qtbot.waitActive(self.window):
            self.window.activateWindow()

    @property
    def focused(self) -> QWidget:
        """What has the focus."""
        return QApplication.focusWidget() or self.window

    def key(
        self,
        key: Qt.Key,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self.focused, key, modifiers)

    def type(self, text: str) -> None:
        """Type Latin text where the focus is."""
        QTest.keyClicks(self.focused, text)

    def wait_for_vault(self) -> None:
        """Wait until the vault's thread has done all that it was asked."""
        session = self.window.session
        assert session is not None
        answers: list[None] = []
        session.ask(self.window, lambda _: None, answers.append)
        self.until(lambda: answers)

    def close(self) -> None:
        """End the session as closing the window does."""
        if self.window.session is not None:
            self.window.session.close(20)
            self.window.session = None
        self.window.panic.disarm()
        self.window.hide()
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self.window)  # there is one window in a process, but for here


@contextmanager
def opened(
    qtbot: QtBot, folder: Path | None = None, resume: Resume | None = None
) -> Iterator[Opened]:
    """Yield a window, unlocked if a vault is named."""
    made = Opened(qtbot, resume)
    try:
        if folder is not None:
            made.unlock(folder)
        yield made
    finally:
        made.close()


@contextmanager
def vault_is_busy(hands: Opened) -> Iterator[None]:
    """Let nothing that is asked reach the vault inside, so that there is all the time to go on."""
    may_go_on = threading.Event()
    assert hands.window.session is not None
    hands.window.session.ask(hands.window, lambda _: may_go_on.wait())
    try:
        yield
    finally:
        may_go_on.set()
