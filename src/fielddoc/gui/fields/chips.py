"""What was chosen, each as a small piece that can be taken away again."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton

from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.direction import in_order
from fielddoc.gui.fields.lines import remove_button
from fielddoc.gui.painted_text import elided
from fielddoc.i18n import t_

_MOST_WIDTH = 320


class Chip(QFrame):
    """A chosen term or record: its words, and a button that takes it away."""

    opened = Signal()
    removed = Signal()

    def __init__(self, words: str, *, can_be_opened: bool = False) -> None:
        super().__init__()
        style.set_role(self, "note")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.opener: QToolButton | None = None
        self._label: QLabel | None = None
        if can_be_opened:
            self.opener = QToolButton()
            style.set_role(self.opener, "plain")
            self.opener.clicked.connect(self.opened)
            row.addWidget(self.opener)
        else:
            self._label = QLabel()
            self._label.setTextFormat(Qt.TextFormat.PlainText)
            row.addSpacing(style.GRID)
            row.addWidget(self._label)
        self.remover = remove_button("")
        self.remover.clicked.connect(self.removed)
        row.addWidget(self.remover)
        self.words = ""
        self._most = style.scaled(_MOST_WIDTH)
        self.show_words(words)

    def fit(self, width: int) -> None:
        """Shorten the words so that the whole piece, with its button, is no wider."""
        around = self.sizeHint().width() - self.fontMetrics().horizontalAdvance(self._short)
        most = min(style.scaled(_MOST_WIDTH), max(style.scaled(60), width - around))
        if most != self._most:
            self._most = most
            self.show_words(self.words)

    def show_words(self, words: str) -> None:
        """Show the words of what was chosen, shortened if they are long."""
        self.words = words
        whole = visible(words)
        short = elided(whole, self.font(), self._most)
        self._short = short
        tip = "" if short == in_order(whole) else whole
        if self.opener is not None:
            self.opener.setText(short.replace("&", "&&"))
            self.opener.setAccessibleName(t_("Open: {what}").format(what=whole))
            self.opener.setToolTip(tip or t_("Open this record"))
        if self._label is not None:
            self._label.setText(short)
            self._label.setToolTip(tip)
        name = t_("Remove: {what}").format(what=whole)
        self.remover.setAccessibleName(name)
        self.remover.setToolTip(name)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Take the button away that takes it away."""
        self.remover.setVisible(not is_read_only)
