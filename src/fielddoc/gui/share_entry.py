"""Typing recovery shares, one by one, until there are enough."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from fielddoc.crypto.shares import CHECK_WORDS, SHARE_WORDS, Share
from fielddoc.errors import FielddocError
from fielddoc.gui import style
from fielddoc.gui.file_details import plain_label
from fielddoc.i18n import t_
from fielddoc.vault.recovery import take_share


class ShareEntry(QWidget):
    """A line for one share, and which ones were taken."""

    completed = Signal(object)
    """The shares, as soon as there are enough."""

    def __init__(self) -> None:
        super().__init__()
        self.generation = 0
        self.taken: list[Share] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        self.label = QLabel()
        self.label.setWordWrap(True)
        column.addWidget(self.label)
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.line = QLineEdit()
        self.line.setMaxLength(1000)
        self.line.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhLatinOnly
        )
        self.line.returnPressed.connect(self.take)
        self.line.textChanged.connect(self._count)
        self.label.setBuddy(self.line)
        row.addWidget(self.line, 1)
        self.take_button = QPushButton(t_("Take it"))
        self.take_button.clicked.connect(self.take)
        row.addWidget(self.take_button)
        column.addLayout(row)
        self.counted = plain_label("small")
        column.addWidget(self.counted)
        self.problem = plain_label("error")
        self.advice = plain_label("")
        column.addWidget(self.problem)
        column.addWidget(self.advice)
        self.done = plain_label("good")
        column.addWidget(self.done)
        self.ask(0)

    def ask(self, generation: int) -> None:
        """Begin anew.

        Args:
            generation: of the vault's keys, so that void shares are told.
        """
        self.generation = generation
        self.taken = []
        self.line.clear()
        self._say(None)
        self._show()

    def say(self, error: FielddocError) -> None:
        """Say what was wrong with all of them, and begin anew."""
        self.ask(self.generation)
        self._say(error)
        self.line.setFocus()

    @Slot()
    def take(self) -> None:
        """Take what stands in the line if it is a share that fits, else say why not."""
        try:
            share = take_share(self.line.text(), self.taken, self.generation)
        except FielddocError as error:
            self._say(error)
            self.line.setFocus()
            return
        self.taken.append(share)
        self.line.clear()
        self._say(None)
        self._show()
        if len(self.taken) >= share.threshold:
            self.completed.emit(list(self.taken))
        else:
            self.line.setFocus()

    def _show(self) -> None:
        words = t_("Share {number}: its {count} words, in their order")
        self.label.setText(words.format(number=len(self.taken) + 1, count=SHARE_WORDS))
        fits = t_("Share {number}: its {count} check words fit.")
        lines = [fits.format(number=share.number, count=CHECK_WORDS) for share in self.taken]
        self.done.setText("\n".join(lines))
        self.done.setVisible(bool(lines))
        self._count()

    @Slot()
    def _count(self) -> None:
        words = t_("{count} of {total} words")
        count = len(self.line.text().split())
        self.counted.setText(words.format(count=count, total=SHARE_WORDS))

    def _say(self, error: FielddocError | None) -> None:
        self.problem.setText(error.sentence() if error else "")
        self.problem.setVisible(error is not None)
        self.advice.setText(error.advice_in_window() if error else "")
        self.advice.setVisible(error is not None)
