"""Offering a wipe passphrase, with what it cannot do said where it is offered."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.errors import PassphrasesDifferError
from fielddoc.gui import style
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.i18n import t_
from fielddoc.vault.slot_table import check_apart


class WipeChoice(QWidget):
    """A box to tick, and the wipe passphrase twice."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        self.wanted = QCheckBox(t_("Also a wipe passphrase, which destroys the vault when typed"))
        self.wanted.toggled.connect(self._show)
        column.addWidget(self.wanted)
        self.limits = QLabel(
            t_(
                "Typed instead of the passphrase, it destroys the vault at once and for ever. It"
                " reaches no copy that was made before; whoever has one can learn what it was. And"
                " whoever made you type it sees what it did: decide with those you work with."
            )
        )
        self.limits.setWordWrap(True)
        style.set_role(self.limits, "warning")
        column.addWidget(self.limits)
        self.first = PassphraseEdit(t_("Wipe passphrase"))
        self.again = PassphraseEdit(t_("The wipe passphrase again"))
        column.addWidget(self.first)
        column.addWidget(self.again)
        self._show(is_wanted=False)

    def passphrase(self) -> str:
        """Return the wipe passphrase; empty if none is wanted."""
        return self.first.text() if self.wanted.isChecked() else ""

    def check(self, passphrase: str) -> None:
        """Make sure that it can be used beside the passphrase.

        Raises:
            PassphraseRefusedError, PassphrasesDifferError, PassphrasesTooAlikeError.
        """
        if not self.wanted.isChecked():
            return
        if passphrase_bytes(self.first.text()) != passphrase_bytes(self.again.text()):
            raise PassphrasesDifferError
        check_apart(passphrase, self.first.text())

    def clear(self) -> None:
        """Forget it."""
        self.first.clear()
        self.again.clear()
        self.wanted.setChecked(False)

    @Slot(bool)
    def _show(self, is_wanted: bool) -> None:  # noqa: FBT001 - Qt's signal
        for widget in (self.limits, self.first, self.again):
            widget.setVisible(is_wanted)
        if is_wanted:
            self.first.setFocus()
