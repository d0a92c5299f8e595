"""Practising the wipe on a throw-away vault, with the time that was measured."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fielddoc.gui import style
from fielddoc.gui.hold_button import HOLD_MS, HoldButton
from fielddoc.gui.session import Session
from fielddoc.i18n import t_
from fielddoc.vault import practice


class PracticePanel(QWidget):
    """The hold, on a throw-away vault that lies where the real one does."""

    practised = Signal()
    """The throw-away vault was wiped."""
    refused = Signal(object)
    """An error: there is nothing to practise on, or the medium refused to be overwritten."""

    def __init__(self, session: Session, *, hold_ms: int = HOLD_MS) -> None:
        super().__init__()
        self.session = session
        self.place: Path | None = None
        self.is_done = False
        self._is_wanted = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        column.addWidget(
            _words(
                t_(
                    "When the door is knocked at, hold the red button in the corner of the top bar for"
                    " three seconds, or hold Ctrl+Shift+F12. Letting go earlier does nothing. It works"
                    " on every page, also while the vault is locked."
                )
            )
        )
        column.addWidget(_words(t_("Try it here, on a throw-away vault with nothing in it:")))
        row = QHBoxLayout()
        self.button = HoldButton(t_("Hold to practise"), hold_ms=hold_ms)
        self.button.setEnabled(False)
        self.button.held.connect(self._wipe)
        self.button.cancelled.connect(self._let_go)
        self.button.finished.connect(self._rest)
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)
        self.result = _words("")
        column.addWidget(self.result)

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.button.setFocus()

    def prepare(self, parent: Path) -> None:
        """Make the throw-away vault in `parent`, unless it is there or was wiped already."""
        if self.place is not None or self.is_done or self._is_wanted:
            return
        self._is_wanted = True
        self.button.setEnabled(False)
        self._show("", t_("Preparing the throw-away vault…"))

        def make() -> Path | None:
            place = practice.make(parent)
            if self._is_wanted:
                return place
            practice.remove(place)  # the person went on, or the program ends
            return None

        self.session.run(self, make, self._ready, self._refused)

    def remove(self) -> None:
        """Remove the throw-away vault if nobody wiped it, and forget what was shown."""
        self._is_wanted = False
        self.button.setEnabled(False)
        place, self.place = self.place, None
        if place is not None:
            practice.remove(place)
            self._show("", "")

    def _ready(self, place: Path | None) -> None:
        if place is None:
            return
        if not self._is_wanted:
            practice.remove(place)
            return
        self._is_wanted = False
        self.place = place
        self.button.setEnabled(True)
        self._show("", t_("Ready. Hold until the button is full."))
        self.button.setFocus()

    @Slot()
    def _wipe(self) -> None:
        place, self.place = self.place, None
        if place is not None:
            self.is_done = True
            self.session.run(self, lambda: practice.wipe(place), self._done, self._refused)

    def _done(self, practised: practice.Practised) -> None:
        self.practised.emit()
        milliseconds = max(1, round(1000 * practised.seconds_to_key_dead))
        words = (
            t_(
                "The key was dead after {milliseconds} ms, and the right passphrase opened"
                " nothing any more."
            )
            if practised.is_dead
            else t_("The throw-away vault still opened. Do not rely on the wipe on this medium.")
        )
        self._show(
            "good" if practised.is_dead else "error", words.format(milliseconds=milliseconds)
        )

    def _refused(self, error: BaseException) -> None:
        self._is_wanted = False
        self.button.setEnabled(False)
        self._show("", "")
        self.refused.emit(error)

    @Slot()
    def _rest(self) -> None:
        self.button.setEnabled(False)

    @Slot()
    def _let_go(self) -> None:
        self._show("", t_("Let go in time: nothing was wiped. Hold until the button is full."))

    def _show(self, role: str, words: str) -> None:
        style.set_role(self.result, role)
        self.result.setText(words)


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label
