"""The first page: the language, what fielddoc does and cannot do, and the two ways on."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fielddoc.errors import FielddocError, NotAPlainFileError, VaultNotFoundError
from fielddoc.gui import remembered, style
from fielddoc.gui.choose import choose_folder
from fielddoc.gui.language import use_language
from fielddoc.gui.session import Session
from fielddoc.i18n import N_, in_a_row, language_of_system, t_, translate
from fielddoc.vault.layout import looks_like_a_vault

_LANGUAGES = (("en", "English"), ("zh_CN", "简体中文"))
_WIDTH = 860

_CAN = (
    N_("Keeps who was taken, followed, beaten or tried in one encrypted folder, the vault."),
    N_("Finds any name in any script, and keeps every version of what you wrote."),
    N_("Carries chosen records to partners, so that only they can read them."),
    N_("Destroys the vault for ever when one button is held for three seconds."),
    N_("Works without a network and sends nothing anywhere."),
)
_CANNOT = (
    N_("Help against a program on this computer that watches the screen and the keys."),
    N_("Reach copies of the vault that somebody made before."),
    N_("Be sure what the inside of an SSD or a stick still holds."),
    N_("Hide that there is a vault, or open it without the passphrase. Nobody can."),
    N_("Stop an input method that learns or sends what you type: switch its cloud words off."),
)


class StartScreen(QWidget):
    """Chooses the language and the vault."""

    create_chosen = Signal()
    folder_chosen = Signal(Path)
    language_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self)
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
        row.addWidget(page, 8)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setSpacing(2 * style.GRID)
        column.addStretch(1)
        column.addLayout(self._languages())
        title = QLabel("fielddoc")
        style.set_role(title, "title")
        column.addWidget(title)
        lead = QLabel(
            t_("Write down what happens to people, keep it safe, and pass it on when it helps.")
        )
        lead.setWordWrap(True)
        style.set_role(lead, "heading")
        column.addWidget(lead)
        cards = QGridLayout()
        cards.setSpacing(2 * style.GRID)
        cards.addWidget(_card(t_("What it does"), _CAN, "check", style.colours_now().good), 0, 0)
        cards.addWidget(
            _card(t_("What it cannot do"), _CANNOT, "minus", style.colours_now().quiet), 0, 1
        )
        column.addLayout(cards)
        column.addLayout(self._ways_on())
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.problem, "error")
        self.problem.hide()
        column.addWidget(self.problem)
        column.addStretch(2)

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.create_button.setFocus()

    def _languages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        row.addStretch(1)
        self.language_buttons: dict[str, QPushButton] = {}
        for code, name in _LANGUAGES:
            button = QPushButton(name)
            button.setCheckable(True)
            button.setChecked(language_of_system() == code)
            style.set_role(button, "plain")
            button.clicked.connect(partial(self._choose_language, code))
            row.addWidget(button)
            self.language_buttons[code] = button
        return row

    def _ways_on(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.create_button = QPushButton(t_("Make a vault"))
        style.set_role(self.create_button, "primary")
        self.create_button.clicked.connect(self.create_chosen)
        row.addWidget(self.create_button)
        self.open_button = QPushButton(t_("Open a vault…"))
        self.open_button.clicked.connect(self._choose_folder)
        row.addWidget(self.open_button)
        row.addSpacing(2 * style.GRID)
        self.remember = QCheckBox(t_("Remember on this computer where it lies"))
        self.remember.setToolTip(
            t_("Writes one small file with the folder and the language: {path}").format(
                path=remembered.path()
            )
        )
        row.addWidget(self.remember)
        row.addStretch(1)
        return row

    @Slot()
    def _choose_language(self, code: str) -> None:
        use_language(code)
        self.language_changed.emit()

    @Slot()
    def _choose_folder(self) -> None:
        choose_folder(self, t_("The vault's folder"), self.open_folder)

    def open_folder(self, folder: Path) -> None:
        """Go on to the lock screen of the vault in `folder`, or say why not."""

        def is_one(_: None) -> None:
            self.folder_chosen.emit(folder)

        self.session.run_aside(self, lambda: _look_for_vault(folder), is_one, self._refused)

    def _refused(self, error: BaseException) -> None:
        if not isinstance(error, FielddocError):
            raise error
        self.problem.setText(in_a_row((error.sentence(), error.advice_in_window())))
        self.problem.show()


def _look_for_vault(folder: Path) -> None:
    """Raise what says why there is no vault."""
    if not folder.is_dir():
        raise NotAPlainFileError(name=folder.name)
    if not looks_like_a_vault(folder):
        raise VaultNotFoundError


def _card(heading: str, lines: tuple[str, ...], icon: str, colour: str) -> QFrame:
    card = QFrame()
    style.set_role(card, "card")
    grid = QGridLayout(card)
    grid.setContentsMargins(2 * style.GRID, 2 * style.GRID, 2 * style.GRID, 2 * style.GRID)
    grid.setHorizontalSpacing(style.GRID)
    grid.setVerticalSpacing(style.GRID)
    grid.setColumnStretch(1, 1)
    title = QLabel(heading)
    style.set_role(title, "heading")
    grid.addWidget(title, 0, 0, 1, 2)
    size = style.scaled(18)
    for number, line in enumerate(lines, 1):
        mark = QLabel()
        mark.setPixmap(style.icon(icon, colour).pixmap(size, size))
        grid.addWidget(mark, number, 0, Qt.AlignmentFlag.AlignTop)
        words = QLabel(translate(line))
        words.setWordWrap(True)
        grid.addWidget(words, number, 1)
    grid.setRowStretch(len(lines) + 1, 1)
    return card
