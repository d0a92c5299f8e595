"""Keeping what stands in a record as a template: its name, and whether another one is replaced."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout

from fielddoc.gui import style
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.fields.lines import TextLine
from fielddoc.gui.session import Session
from fielddoc.i18n import t_
from fielddoc.vault import templates
from fielddoc.vault.templates import Template, plain_name


class KeepTemplate(QFrame):
    """Asks for a name; `wanted` tells the one that was chosen."""

    wanted = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._taken: frozenset[str] = frozenset()
        style.set_role(self, "note")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        column.setSpacing(style.GRID)
        label = QLabel(t_("Name of the template"))
        column.addWidget(label)
        self.name = TextLine()
        self.name.setAccessibleName(t_("Name of the template"))
        self.name.textChanged.connect(self._look)
        self.name.returnPressed.connect(self._keep_unless_taken)
        label.setBuddy(self.name)
        column.addWidget(self.name)
        self.question = QLabel(t_("There is a template of this name. Replace it?"))
        self.question.setWordWrap(True)
        column.addWidget(self.question)
        row = FlowLayout()
        self.keep_button = QPushButton(t_("Keep the template"))
        self.replace_button = QPushButton(t_("Replace the template"))
        for button in (self.keep_button, self.replace_button):
            button.clicked.connect(self._keep)
            row.addWidget(button)
        self.cancel_button = QPushButton(t_("Cancel"))
        self.cancel_button.clicked.connect(self.hide)
        row.addWidget(self.cancel_button)
        column.addLayout(row)
        self.hide()

    def ask_for_name(self, name: str) -> None:
        """Show the line with a name to begin with."""

        def show(found: Sequence[Template]) -> None:
            self._taken = frozenset(one.name for one in found)
            self.name.show_text(name)
            self._look()
            self.show()
            self.name.setFocus()
            self.name.selectAll()

        self._session.ask(self, templates.templates, show)

    @Slot()
    def _look(self) -> None:
        name = plain_name(self.name.typed_text())
        is_taken = name in self._taken
        self.question.setVisible(is_taken)
        self.keep_button.setVisible(not is_taken)
        self.keep_button.setEnabled(bool(name))
        self.replace_button.setVisible(is_taken)

    @Slot()
    def _keep_unless_taken(self) -> None:
        if self.replace_button.isVisible():
            self.replace_button.setFocus()  # replacing is confirmed by a key of its own
        else:
            self._keep()

    @Slot()
    def _keep(self) -> None:
        name = plain_name(self.name.typed_text())
        if name:
            self.hide()
            self.wanted.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Esc leave everything as it was."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        super().keyPressEvent(event)
