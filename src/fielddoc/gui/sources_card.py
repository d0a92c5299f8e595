"""A passphrase of their own for the identities of sources: set, change, remove, open, close."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from fielddoc.errors import FielddocError, PassphrasesDifferError
from fielddoc.gui import style
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import in_a_row, t_
from fielddoc.vault import compartment_passphrase
from fielddoc.vault.compartment_passphrase import CompartmentState
from fielddoc.vault.vault import Vault


class SourcesCard(QFrame):
    """What can be done follows from whether there is a passphrase and whether it was typed."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        style.set_role(self, "card")
        self._session = session
        self._shell = shell
        self.state = CompartmentState(has_passphrase=False, is_open=True)
        column = QVBoxLayout(self)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        head = QLabel(t_("Who sources are"))
        style.set_role(head, "heading")
        column.addWidget(head)
        self.words = QLabel()
        self.words.setWordWrap(True)
        style.set_role(self.words, "small")
        column.addWidget(self.words)
        self.present = PassphraseEdit(t_("The passphrase of sources' identities"))
        self.present.submitted.connect(self.open)
        column.addWidget(self.present)
        self.new = PassphraseEdit(t_("A new passphrase for them, not that of the vault"))
        self.again = PassphraseEdit(t_("The new passphrase again"))
        for line in (self.new, self.again):
            line.submitted.connect(self.set_new)
            column.addWidget(line)
        row = QHBoxLayout()
        self.open_button = QPushButton(t_("Open for now"))
        self.open_button.clicked.connect(self.open)
        self.set_button = QPushButton()
        self.set_button.clicked.connect(self.set_new)
        self.close_button = QPushButton(t_("Close them"))
        self.close_button.clicked.connect(self.close_now)
        self.remove_button = QPushButton(t_("Do without it"))
        self.remove_button.clicked.connect(self.remove)
        for button in (self.open_button, self.set_button, self.close_button, self.remove_button):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.answer = QLabel()
        self.answer.setWordWrap(True)
        self.answer.setTextFormat(Qt.TextFormat.PlainText)
        self.answer.hide()
        column.addWidget(self.answer)
        self._show(self.state)

    def refresh(self) -> None:
        """Show how things stand."""
        self._session.ask(self, compartment_passphrase.state_of, self._show)

    def begin(self) -> None:
        """Put the focus where one types first."""
        (self.new if self.present.isHidden() else self.present).setFocus()

    def forget(self) -> None:
        """Forget what was typed."""
        for line in (self.present, self.new, self.again):
            line.clear()
        self.answer.hide()

    def _show(self, state: CompartmentState) -> None:
        self.state = state
        is_closed = state.has_passphrase and not state.is_open
        if not state.has_passphrase:
            words = t_(
                "Whoever opens the vault can read who sources are. With a passphrase of their own"
                " that takes a second one. If it is lost, so are the identities."
            )
        elif is_closed:
            words = t_("Closed. Nobody can read or write who a source is until they are opened.")
        else:
            words = t_("Open until you close them or the vault is locked.")
        self.words.setText(words)
        self.present.setVisible(is_closed)
        self.open_button.setVisible(is_closed)
        for line in (self.new, self.again):
            line.setVisible(not is_closed)
        self.set_button.setVisible(not is_closed)
        self.set_button.setText(t_("Change it") if state.has_passphrase else t_("Set it"))
        is_opened = state.has_passphrase and state.is_open
        self.close_button.setVisible(is_opened)
        self.remove_button.setVisible(is_opened)

    @Slot()
    def open(self) -> None:
        """Open the identities for this sitting."""
        typed = self.present.text()
        self._do(
            lambda vault: compartment_passphrase.open_with(vault, typed), t_("They are open now.")
        )

    @Slot()
    def set_new(self) -> None:
        """Set or change the passphrase, if it was typed the same twice."""
        typed = self.new.text()
        if typed != self.again.text():
            self._refused(PassphrasesDifferError())
            return
        self._do(
            lambda vault: compartment_passphrase.set_passphrase(vault, typed),
            t_("They have this passphrase now. Copies made earlier open without it."),
        )

    @Slot()
    def close_now(self) -> None:
        """Close the identities."""
        self._do(compartment_passphrase.close, t_("They are closed now."))

    @Slot()
    def remove(self) -> None:
        """Let the vault's passphrase be enough."""
        self._do(
            compartment_passphrase.remove_passphrase, t_("The vault's passphrase is enough again.")
        )

    def _do(self, step: Callable[[Vault], object], words: str) -> None:
        self._allow(is_allowed=False)
        style.set_role(self.answer, "quiet")
        self.answer.setText(t_("This is slow on purpose, as unlocking is."))
        self.answer.show()

        def done(_: object) -> None:
            self._allow(is_allowed=True)
            self.forget()
            style.set_role(self.answer, "good")
            self.answer.setText(words)
            self.answer.show()
            self._session.record_changed.emit("")
            self.refresh()

        self._session.ask(self, step, done, self._refused)

    def _refused(self, error: BaseException) -> None:
        self._allow(is_allowed=True)
        if not isinstance(error, FielddocError):
            self._shell.show_error(error)
            return
        style.set_role(self.answer, "error")
        self.answer.setText(in_a_row((error.sentence(), error.advice_in_window())))
        self.answer.show()

    def _allow(self, *, is_allowed: bool) -> None:
        for button in (self.open_button, self.set_button, self.close_button, self.remove_button):
            button.setEnabled(is_allowed)
