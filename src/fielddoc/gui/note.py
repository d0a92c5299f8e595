"""A note in a page: something to read, with what can be done about it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from fielddoc.gui import style
from fielddoc.gui.file_details import plain_label


class Note(QFrame):
    """Something to read, with what can be done about it."""

    def __init__(self, icon: str = "info") -> None:
        super().__init__()
        style.set_role(self, "note")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        sign = QLabel()
        side = style.scaled(20)
        sign.setPixmap(style.icon(icon).pixmap(side, side))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        self.words = plain_label("")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self.words, 1)
        column.addLayout(row)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        column.addLayout(self._buttons)

    def add_button(self, text: str, step: Callable[[], object]) -> QPushButton:
        """Add something that can be done."""
        button = QPushButton(text)
        button.clicked.connect(step)
        self._buttons.addWidget(button)
        return button

    def show_text(self, text: str) -> None:
        """Show it, and let a screen reader say it."""
        self.words.setText(text)
        self.setAccessibleName(text)
        self.show()
