"""Opening a vault with recovery shares, and setting the new passphrase that must follow."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from fielddoc.crypto.shares import Share
from fielddoc.errors import FielddocError
from fielddoc.gui import style
from fielddoc.gui.file_details import plain_label
from fielddoc.gui.fit_stack import FitStack
from fielddoc.gui.new_keys import NewKeys
from fielddoc.gui.session import Session
from fielddoc.gui.share_entry import ShareEntry
from fielddoc.i18n import t_
from fielddoc.vault import recovery
from fielddoc.vault.opening import recover_vault

_WIDTH = 640
_SHARES, _NEW = range(2)


class RecoverScreen(QWidget):
    """Asks for shares one by one, opens the vault, and lets nobody in without a new passphrase."""

    unlocked = Signal(object)
    """The session whose vault is open now."""
    opened = Signal(object)
    """The session whose vault shares have opened; nobody is let in yet."""
    cancelled = Signal()
    broke = Signal(object)
    """An error after which the vault must be locked."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.session: Session | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(scroll)
        body = QWidget()
        scroll.setWidget(body)
        row = QHBoxLayout(body)
        row.addStretch(1)
        page = QWidget()
        page.setMaximumWidth(style.scaled(_WIDTH))
        row.addWidget(page, 6)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setSpacing(2 * style.GRID)
        column.addStretch(1)
        self.heading = QLabel(t_("Open with shares"))
        style.set_role(self.heading, "title")
        column.addWidget(self.heading)
        self.about = plain_label("")
        column.addWidget(self.about)
        self.pages = FitStack()
        column.addWidget(self.pages)
        self.pages.add_page(self._shares_page())
        self.new_keys = NewKeys(is_recovering=True)
        self.new_keys.ended.connect(self._let_in)
        self.new_keys.broke.connect(self.broke)
        self.pages.add_page(self.new_keys)
        column.addStretch(2)
        self.about.setText(
            t_(
                "Bring together as many of the sheets as are needed, and type them one by one."
                " They are void afterwards."
            )
        )

    def _shares_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        self.entry = ShareEntry()
        style.set_role(self.entry.take_button, "primary")
        self.entry.completed.connect(self._open)
        column.addWidget(self.entry)
        self.waiting = plain_label("quiet")
        self.waiting.hide()
        column.addWidget(self.waiting)
        row = QHBoxLayout()
        self.back_button = QPushButton(t_("Back"))
        self.back_button.clicked.connect(self.cancelled)
        row.addWidget(self.back_button)
        row.addStretch(1)
        column.addLayout(row)
        return page

    def begin(self) -> None:
        """Ask for the first share, or say why this vault cannot be opened."""
        try:
            self.entry.ask(recovery.generation_of(self.folder))
        except FielddocError as error:
            self.entry.say(error)
        self.entry.line.setFocus()

    @Slot(object)
    def _open(self, shares: list[Share]) -> None:
        folder = self.folder
        self.entry.setEnabled(False)
        self.back_button.setEnabled(False)
        self.waiting.setText(
            t_("Opening. This is slow on purpose: about a second, more on an old machine.")
        )
        self.waiting.show()
        self.session = Session()
        self.session.open(self, lambda: recover_vault(folder, shares), self._opened, self._refused)

    def _opened(self) -> None:
        session = self.session
        if session is None:
            return  # it was locked meanwhile
        self.opened.emit(session)
        self.heading.setText(t_("A new passphrase"))
        self.about.setText(
            t_(
                "The shares have opened the vault. Whoever saw them together could do it again, so"
                " everything that opens it is made anew now."
            )
        )
        self.pages.show_page(_NEW)
        self.new_keys.ask(session)
        self.new_keys.begin()

    def _refused(self, error: BaseException) -> None:
        if self.session is None:
            return  # it was locked meanwhile
        self.session = None
        self.waiting.hide()
        self.entry.setEnabled(True)
        self.back_button.setEnabled(True)
        if not isinstance(error, FielddocError):
            raise error
        self.entry.say(error)

    @Slot()
    def _let_in(self) -> None:
        session, self.session = self.session, None
        self.unlocked.emit(session)

    def holds_secrets(self) -> bool:
        """Tell whether shares stand here, or have opened the vault."""
        entry = self.entry
        return self.session is not None or bool(entry.taken) or bool(entry.line.text())

    def leave(self) -> None:
        """Lock the vault if it was opened and nobody was let in: this screen goes."""
        session, self.session = self.session, None
        if session is not None:
            session.close()
