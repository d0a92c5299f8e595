"""Help where no vault is open: the same topics, with a way back to the screen before."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fielddoc.gui import style
from fielddoc.gui.pages.help import HelpPage
from fielddoc.i18n import t_


class HelpScreen(QWidget):
    """Lies over another screen, which keeps what was typed in it."""

    left = Signal()

    def __init__(self, topic: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        edge = 2 * style.GRID
        row.setContentsMargins(edge, edge, edge, 0)
        self.back_button = QPushButton(t_("Back"))
        self.back_button.clicked.connect(self.left)
        row.addWidget(self.back_button)
        row.addStretch(1)
        column.addLayout(row)
        self.help = HelpPage()
        column.addWidget(self.help, 1)
        self.help.show_topic(topic)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go back with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
