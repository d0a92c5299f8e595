"""What tests of the window share: a shell that remembers, and showing a widget."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.gui.shell import Place

PASSPHRASE = "correct horse battery staple six words"


@dataclass
class RecordingShell:
    """A window that only writes down what its pages ask of it."""

    said: list[str] = field(default_factory=list)
    undos: list[Callable[[], None]] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    went: list[tuple[str, Place | None]] = field(default_factory=list)
    locked: int = 0
    was_wiped: bool = False

    def say(self, text: str, undo: Callable[[], None] | None = None) -> None:
        self.said.append(text)
        if undo is not None:
            self.undos.append(undo)

    def show_error(self, error: BaseException) -> None:
        self.errors.append(error)

    def show_saved(self, text: str) -> None:
        self.saved.append(text)

    def open_record(self, record: str) -> None:
        self.opened.append(record)

    def go(self, page: str, place: Place | None = None) -> None:
        self.went.append((page, place))

    def lock(self) -> None:
        self.locked += 1

    def lock_for(self, reason: str) -> None:
        self.locked += 1
        self.said.append(reason)

    def wiped(self) -> None:
        self.was_wiped = True


def shown(qtbot: QtBot, widget: QWidget) -> None:
    """Show a widget, active, and close it when the test ends."""
    qtbot.addWidget(widget)
    with qtbot.waitActive(widget):
        widget.show()


def choose_from(box: QComboBox, words: str) -> None:
    """Open a list of choices and click at the one that has these words."""
    row = box.findText(words)
    assert row >= 0, words
    box.showPopup()
    view = box.view()
    index = view.model().index(row, box.modelColumn())
    view.scrollTo(index)
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center()
    )
    assert not view.isVisible()


def choose_in(dialog: QFileDialog | None, name: str) -> None:
    """Type a name into the file dialog and press its button."""
    assert dialog is not None
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    assert set(dialog.history()) <= {dialog.directory().absolutePath()}
    edit = dialog.findChild(QLineEdit, "fileNameEdit")
    box = dialog.findChild(QDialogButtonBox)
    assert edit is not None
    assert box is not None
    edit.setText(name)
    accept = next(
        button
        for button in box.buttons()
        if box.buttonRole(button) is QDialogButtonBox.ButtonRole.AcceptRole
    )
    accept.click()
