"""Choosing a passphrase: words that chance has chosen, or one of one's own with a warning."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain import passphrase_words
from fielddoc.domain.passphrase_words import WordList
from fielddoc.gui import style
from fielddoc.gui.direction import indented
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.i18n import language_of_system, t_, translate


class PassphraseChoice(QWidget):
    """Generated words of a list that is chosen, or a passphrase that is typed."""

    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        self.use_words = QRadioButton(t_("Words that chance has chosen (best)"))
        self.use_own = QRadioButton(t_("One of my own"))
        group = QButtonGroup(self)
        group.addButton(self.use_words)
        group.addButton(self.use_own)
        column.addWidget(self.use_words)
        self.words = _label("heading")
        self.words.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        column.addLayout(indented(self.words, 3 * style.GRID))
        self.characters = _label("quiet")
        column.addLayout(indented(self.characters, 3 * style.GRID))
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.word_list = QComboBox()
        self.word_list.setAccessibleName(t_("Which words"))
        self.word_list.addItem(t_("English words"), WordList.ENGLISH)
        self.word_list.addItem(t_("Chinese words, typed in pinyin"), WordList.PINYIN)
        if language_of_system().startswith("zh"):
            self.word_list.setCurrentIndex(1)
        self.word_list.activated.connect(self._draw)
        row.addWidget(self.word_list)
        self.other = QPushButton(t_("Other words"))
        self.other.setIcon(style.icon("rotate-ccw"))
        self.other.clicked.connect(self._draw)
        row.addWidget(self.other)
        row.addStretch(1)
        column.addLayout(indented(row, 3 * style.GRID))
        column.addWidget(self.use_own)
        self.own = PassphraseEdit(t_("Passphrase"))
        self.own.changed.connect(self._warn)
        self.own.submitted.connect(self.submitted)
        column.addWidget(self.own)
        self.warning = _label("warning")
        column.addWidget(self.warning)
        self.use_words.toggled.connect(self._show_choice)
        self.use_words.setChecked(True)
        self._draw()
        self._show_choice()

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.use_words.setFocus()

    def passphrase(self) -> str:
        """Return the passphrase that is chosen."""
        return self.words.text() if self.use_words.isChecked() else self.own.text()

    def clear(self) -> None:
        """Forget both, and draw other words."""
        self.own.clear()
        self._draw()

    @Slot()
    def _draw(self) -> None:
        words = passphrase_words.generated(WordList(self.word_list.currentData()))
        self.words.setText(words)
        self.words.setAccessibleName(t_("Passphrase: {words}").format(words=words))
        self.characters.setText(passphrase_words.in_characters(words))
        self._show_choice()

    @Slot()
    def _show_choice(self) -> None:
        is_generated = self.use_words.isChecked()
        for widget in (self.words, self.other, self.word_list):
            widget.setVisible(is_generated)
        self.characters.setVisible(is_generated and bool(self.characters.text()))
        self.own.setVisible(not is_generated)
        self._warn()
        if not is_generated:
            self.own.setFocus()

    @Slot()
    def _warn(self) -> None:
        words = "" if self.use_words.isChecked() else passphrase_words.warning(self.own.text())
        self.warning.setText(translate(words))
        self.warning.setVisible(bool(words))


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    style.set_role(label, role)
    return label
