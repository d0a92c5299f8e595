"""Taking the last action back, wherever one is: what would be taken back stands on the button."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QPushButton

from fielddoc.errors import FielddocError
from fielddoc.gui import style
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Shell
from fielddoc.gui.shortcuts import UNDO_ACTION
from fielddoc.i18n import t_, translate
from fielddoc.vault import undo as undoing
from fielddoc.vault.journal import WORDS, Action
from fielddoc.vault.undo import Undone


class UndoButton(QPushButton):
    """Names the last action of this copy of the vault, and takes it back."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__(t_("Take back"))
        self._session = session
        self._shell = shell
        self.before: Callable[[], None] = _nothing
        """Called first, so that what is being typed is an action of its own."""
        self.setIcon(style.icon("undo-2"))
        style.set_flush(self)
        self.setShortcut(QKeySequence(UNDO_ACTION.keys))
        self.clicked.connect(self.take_back)
        session.record_changed.connect(self.refresh)
        self.setEnabled(False)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what would be taken back."""
        self._session.ask(self, undoing.next_to_undo, self._show)

    def _show(self, last: Action | None) -> None:
        self.setEnabled(last is not None)
        words = t_("There is nothing to take back.")
        if last is not None:
            words = t_("Take back: {what}").format(what=translate(WORDS[last.kind]))
        self.setToolTip(f"{words}  ({UNDO_ACTION.keys})")
        self.setAccessibleDescription(words)

    @Slot()
    def take_back(self) -> None:
        """Take the last action back."""
        self.before()
        self._session.ask(self, undoing.undo, self._done, self._failed)

    def _done(self, undone: Undone) -> None:
        self._shell.say(t_("Taken back: {what}.").format(what=translate(WORDS[undone.kind])))
        self._session.record_changed.emit(undone.records[0] if len(undone.records) == 1 else "")

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, FielddocError):
            self._shell.say(error.sentence())
        else:
            self._shell.show_error(error)


def _nothing() -> None:
    """Do nothing."""
