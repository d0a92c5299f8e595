"""Saving what is intact of a damaged vault into a new one, without a terminal."""

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.errors import CancelledError, FielddocError
from fielddoc.gui import style
from fielddoc.gui.choose import choose_folder
from fielddoc.gui.direction import left_to_right
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.session import Session
from fielddoc.i18n import in_a_row, t_, translate
from fielddoc.vault.salvage import OPENED_BY, Salvaged, look, losses_in_words, salvage

_COLUMN_WIDTH = 560
_LIST_LINES = 8


class SalvageScreen(QWidget):
    """Asks where to, saves with progress, and lists what is lost. The damaged vault is only read."""

    saved_opened = Signal(Path)
    """The folder of the new vault, which the person wants to open."""
    left = Signal()
    """The person wants to go back."""
    _progressed = Signal(int, int)

    def __init__(
        self, folder: Path, *, passphrase: str = "", reason: str = "", note: str = ""
    ) -> None:
        """Begin.

        Args:
            folder: of the damaged vault.
            passphrase: as it was typed elsewhere.
            reason: why an earlier saving was cut off, as a marked sentence.
            note: what became of it, in the person's language.
        """
        super().__init__()
        self.folder = folder
        self.target = saved_folder(folder.parent, folder.name)
        self.session = Session(self)
        self._stop = threading.Event()
        self.is_working = False
        self._is_saved = False
        self._is_looking = False
        """Whether the work that goes on writes nothing."""
        self._has_tried = bool(passphrase)
        column = self._column()
        self._add_words(column)
        self.passphrase = PassphraseEdit(t_("Passphrase of the damaged vault"))
        self.passphrase.set_text(passphrase)
        self.passphrase.submitted.connect(self.begin)
        column.addWidget(self.passphrase)
        self.problem = _plain("error")
        self.advice = _plain()
        column.addWidget(self.problem)
        column.addWidget(self.advice)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        column.addWidget(self.bar)
        self.report = _plain()
        column.addWidget(self.report)
        self.losses = QPlainTextEdit()
        self.losses.setReadOnly(True)
        self.losses.setTabChangesFocus(True)
        self.losses.setAccessibleName(t_("What is lost"))
        column.addWidget(self.losses)
        self._add_buttons(column)
        column.addStretch(2)
        self._progressed.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)
        self._show(is_working=False)
        self._say(translate(reason), note)
        for part in (self.report, self.losses, self.open_button):
            part.hide()
        self.setFocusProxy(self.begin_button if passphrase else self.passphrase)
        self.put_into(folder.parent)

    def _column(self) -> QVBoxLayout:
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        body = QWidget()
        body.setFixedWidth(style.scaled(_COLUMN_WIDTH))
        outer.addWidget(body)
        outer.addStretch(1)
        column = QVBoxLayout(body)
        column.setSpacing(style.GRID)
        column.addStretch(1)
        return column

    def _add_words(self, column: QVBoxLayout) -> None:
        title = QLabel(t_("Save what is intact"))
        style.set_role(title, "title")
        column.addWidget(title)
        words = _plain("quiet")
        words.setText(
            t_(
                "Everything intact goes into a new vault: records with their history, files,"
                " contacts and your own keys. The damaged vault is only read. Keep it as it is."
            )
        )
        column.addWidget(words)
        self.source = _plain("small")
        self.source.setText(t_("From: {folder}").format(folder=left_to_right(str(self.folder))))
        column.addWidget(self.source)
        row = QHBoxLayout()
        self.where = _plain("small")
        row.addWidget(self.where, 1)
        self.elsewhere_button = QPushButton(t_("Elsewhere…"))
        self.elsewhere_button.setAccessibleName(t_("Choose where the new vault will lie"))
        self.elsewhere_button.clicked.connect(self._ask_where)
        row.addWidget(self.elsewhere_button)
        column.addLayout(row)
        self._show_target()

    def _add_buttons(self, column: QVBoxLayout) -> None:
        buttons = QHBoxLayout()
        self.begin_button = QPushButton(t_("Save what is intact"))
        style.set_role(self.begin_button, "primary")
        self.begin_button.clicked.connect(self.begin)
        self.look_button = QPushButton(t_("See what is intact"))
        style.set_role(self.look_button, "plain")
        self.look_button.clicked.connect(self.look)
        self.open_button = QPushButton(t_("Open the new vault"))
        style.set_role(self.open_button, "primary")
        self.open_button.clicked.connect(self._open_saved)
        self.stop_button = QPushButton(t_("Stop"))
        self.stop_button.clicked.connect(self.stop)
        self.back_button = QPushButton(t_("Back"))
        style.set_role(self.back_button, "plain")
        self.back_button.clicked.connect(self.left)
        for button in (
            self.begin_button,
            self.open_button,
            self.stop_button,
            self.look_button,
            self.back_button,
        ):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)

    # --- where -----------------------------------------------------------------------------------

    @Slot()
    def _ask_where(self) -> None:
        choose_folder(self, t_("Where shall the new vault lie?"), self.put_into)

    def put_into(self, parent: Path) -> None:
        """Let the new vault be a folder in `parent`, under a name that is free there."""
        name = self.folder.name
        self.target = saved_folder(parent, name)
        self._show_target()
        self.session.run_aside(self, lambda: free_folder(parent, name), self._free)

    def _free(self, target: Path) -> None:
        """Take the name that is free, unless another folder was chosen or saving has begun."""
        if target.parent == self.target.parent and not self.is_working and not self._is_saved:
            self.target = target
            self._show_target()

    def _show_target(self) -> None:
        self.where.setText(
            t_("Into the new folder: {folder}").format(folder=left_to_right(str(self.target)))
        )

    # --- the work --------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Save what is intact; the result is shown in place."""
        if not self.begin_button.isEnabled() or self.begin_button.isHidden():
            return
        folder, target, typed = self.folder, self.target, self.passphrase.text()
        self.bar.setAccessibleName(t_("Saving what is intact"))
        self._work(lambda: salvage(folder, target, typed, self._tell), self._saved)

    @Slot()
    def look(self) -> None:
        """Show what would be saved and what is lost; nothing is written."""
        if not self.look_button.isEnabled():
            return
        folder, typed = self.folder, self.passphrase.text()
        self._is_looking = True
        self.bar.setAccessibleName(t_("Looking"))
        self._work(lambda: look(folder, typed, self._tell), self._looked)

    def _work(self, step: Callable[[], Salvaged], then: Callable[[Salvaged], None]) -> None:
        self._say("", "")
        self.report.hide()
        self.losses.hide()
        self._stop.clear()
        self._has_tried = True
        self._show(is_working=True)
        self.session.run(self, step, then, self._refused)

    @Slot()
    def stop(self) -> None:
        """Stop; what was begun of the new vault is removed."""
        self._stop.set()
        self.stop_button.setEnabled(False)

    def holds_secrets(self) -> bool:
        """Tell whether a passphrase stands here, or what was read with one."""
        return self._has_tried or bool(self.passphrase.text())

    def leave(self) -> None:
        """Stop what goes on, because the screen or the program ends."""
        self._stop.set()
        self.passphrase.clear()
        self.session.close()

    def left_off(self) -> str:
        """Say what became of the saving; asked after `leave`."""
        folder = self.target.name
        if self._is_saved:
            return t_(
                "Everything that could be saved is in the folder {folder}. The list of what is"
                " lost is not kept: save once more to see it."
            ).format(folder=folder)
        if not self.is_working or self._is_looking:
            return ""
        if holds_anything(self.target):
            return t_(
                "Saving was cut off. The new folder {folder} is not whole: delete it, and begin"
                " again. The damaged vault is as it was."
            ).format(folder=folder)
        return t_(
            "Saving was cut off, and what was begun is removed. Begin again. The damaged vault is"
            " as it was."
        )

    def _tell(self, done: int, total: int) -> None:
        """Take progress on the thread that works."""
        if self._stop.is_set():
            raise CancelledError
        self._progressed.emit(done, total)

    @Slot(int, int)
    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _saved(self, report: Salvaged) -> None:
        if self._stop.is_set():
            return  # it was locked meanwhile
        self._is_saved = True
        self._show(is_working=False)
        self.passphrase.clear()
        for part in (self.passphrase, self.begin_button, self.look_button, self.elsewhere_button):
            part.hide()
        self._show_report(report, _result(report))
        self.open_button.show()
        self.open_button.setFocus()

    def _looked(self, report: Salvaged) -> None:
        if self._stop.is_set():
            return  # it was locked meanwhile
        self._is_looking = False
        self._show(is_working=False)
        self._show_report(report, _what_is_intact(report))
        self.begin_button.setFocus()

    def _show_report(self, report: Salvaged, words: str) -> None:
        style.set_role(self.report, "good" if report.is_complete else "warning")
        self.report.setText(words)
        self.report.show()
        lines = losses_in_words(report)
        self.losses.setPlainText("\n".join(lines))
        shown = min(len(lines), _LIST_LINES) + 1
        self.losses.setFixedHeight(shown * self.losses.fontMetrics().lineSpacing() + style.GRID)
        self.losses.setVisible(bool(lines))

    def _refused(self, error: BaseException) -> None:
        self._is_looking = False
        self._show(is_working=False)
        if not isinstance(error, FielddocError):
            raise error
        self._say(error.sentence(), error.advice_in_window())
        self.passphrase.select_all()
        self.passphrase.setFocus()

    @Slot()
    def _open_saved(self) -> None:
        self.saved_opened.emit(self.target)

    def _say(self, what: str, what_now: str) -> None:
        self.problem.setText(what)
        self.problem.setVisible(bool(what))
        self.advice.setText(what_now)
        self.advice.setVisible(bool(what_now))

    def _show(self, *, is_working: bool) -> None:
        self.is_working = is_working
        self.bar.setRange(0, 0)
        self.bar.setVisible(is_working)
        self.stop_button.setVisible(is_working)
        self.stop_button.setEnabled(is_working)
        self.begin_button.setVisible(not is_working)
        self.look_button.setVisible(not is_working)
        for part in (
            self.passphrase,
            self.begin_button,
            self.look_button,
            self.elsewhere_button,
            self.back_button,
        ):
            part.setEnabled(not is_working)
        if is_working:
            self.stop_button.setFocus()


def saved_folder(parent: Path, name: str, number: int = 1) -> Path:
    """Return a folder for what is saved of a vault of this name."""
    return parent / (f"{name}-saved-{number}" if number > 1 else f"{name}-saved")


def free_folder(parent: Path, name: str) -> Path:
    """Return the first such folder that is not there yet; asks the disk."""
    number = 1
    while (found := saved_folder(parent, name, number)).exists():
        number += 1
    return found


def holds_anything(folder: Path) -> bool:
    """Tell whether a folder is there and not empty."""
    try:
        return any(folder.iterdir())
    except OSError:
        return False


def _result(report: Salvaged) -> str:
    saved = t_("Saved: versions {versions}, files {files}.").format(
        versions=f"{report.revisions:,}", files=f"{report.attachments:,}"
    )
    lost = t_("Nothing is lost.") if report.is_complete else t_("Not everything could be saved:")
    return in_a_row((saved, translate(OPENED_BY), lost))


def _what_is_intact(report: Salvaged) -> str:
    intact = t_("Intact: versions {versions} of records {records}, files {files}.").format(
        versions=f"{report.revisions:,}",
        records=f"{report.records:,}",
        files=f"{report.attachments:,}",
    )
    lost = t_("Nothing is lost.") if report.is_complete else t_("Not everything can be saved:")
    return in_a_row((intact, t_("Nothing has been saved yet."), lost))


def _plain(role: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        style.set_role(label, role)
    return label
