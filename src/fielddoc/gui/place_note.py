"""What is dangerous about where a vault lies, each with what to do."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from fielddoc.gui import style
from fielddoc.i18n import in_a_row
from fielddoc.vault.place import PlaceWarning


class PlaceNote(QWidget):
    """Warnings, one below the other; takes no room where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(style.GRID // 2)
        self.hide()

    def show_warnings(self, warnings: Sequence[PlaceWarning]) -> None:
        """Show these in place of those before."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for warning in warnings:
            self._add(warning.sentence(), "warning")
            self._add(warning.advice(), "small")
        words = in_a_row(
            part for warning in warnings for part in (warning.sentence(), warning.advice())
        )
        self.setAccessibleName(words)
        self.setVisible(bool(warnings))

    def words(self) -> str:
        """Return everything that is shown."""
        return self.accessibleName()

    def _add(self, text: str, role: str) -> None:
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(label, role)
        self._column.addWidget(label)
