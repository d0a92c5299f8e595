"""Partners: one's own card and code, and adding somebody by their card and the digits they told."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fielddoc.bundle.card import MAXIMUM_BYTES, Card, own_card, read_card, write_card
from fielddoc.bundle.code import grouped, read_code
from fielddoc.domain.visible import visible
from fielddoc.errors import CodeMistypedError, CodeWrongError, FielddocError, NotAPlainFileError
from fielddoc.gui import style
from fielddoc.gui.choose import choose_file, choose_new_file
from fielddoc.gui.direction import isolated, left_to_right
from fielddoc.gui.qr import QrCode, QrPicture, qr_of_card
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.i18n import in_a_row, t_
from fielddoc.vault import contacts, identity
from fielddoc.vault.contacts import Contact
from fielddoc.vault.files import explaining, new_file
from fielddoc.vault.vault import Vault

_DIGITS = 40
_SQUARE, _LARGE_SQUARE = 2, 4
"""Pixels that a square of the QR picture is wide."""
_GROUPS_A_LINE = 5
_WIDTH = 900


@dataclass(frozen=True, slots=True)
class _Own:
    name: str
    code: str
    file: bytes


class PartnersPage(QWidget):
    """One's own card, the partners, and the way to add one."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.own: _Own | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(scroll)
        body = QWidget()
        scroll.setWidget(body)
        row = QHBoxLayout(body)
        row.setContentsMargins(3 * style.GRID, 2 * style.GRID, 3 * style.GRID, 2 * style.GRID)
        page = QWidget()
        page.setMaximumWidth(style.scaled(_WIDTH))
        row.addWidget(page, 100)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        title = QLabel(t_("Partners"))
        style.set_role(title, "title")
        column.addWidget(title)
        column.addWidget(self._own_card())
        self.adding = AddPartner(session)
        self.adding.added.connect(self._added)
        column.addWidget(self.adding)
        heading = QLabel(t_("Your partners"))
        style.set_role(heading, "heading")
        column.addWidget(heading)
        self.nobody = QLabel(
            t_("Nobody yet. Exchange cards with somebody, and tell each other the digits by voice.")
        )
        self.nobody.setWordWrap(True)
        style.set_role(self.nobody, "quiet")
        column.addWidget(self.nobody)
        self.people = QVBoxLayout()
        self.people.setSpacing(style.GRID)
        column.addLayout(self.people)
        column.addStretch(1)

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.adding.choose_button.setFocus()

    def _own_card(self) -> QFrame:
        card = QFrame()
        style.set_role(card, "card")
        grid = QGridLayout(card)
        edge = 2 * style.GRID
        grid.setContentsMargins(edge, edge, edge, edge)
        grid.setHorizontalSpacing(3 * style.GRID)
        grid.setVerticalSpacing(style.GRID)
        grid.setColumnStretch(0, 1)
        heading = QLabel(t_("Your card"))
        style.set_role(heading, "heading")
        grid.addWidget(heading, 0, 0)
        self.name = _plain()
        grid.addWidget(self.name, 1, 0)
        label = QLabel(t_("Your code. Tell it to partners in person or by voice:"))
        label.setWordWrap(True)
        style.set_role(label, "quiet")
        grid.addWidget(label, 2, 0)
        self.code = _plain()
        # Digits are read from left to right in every script, and all are equally wide.
        self.code.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        style.set_role(self.code, "code")
        grid.addWidget(self.code, 3, 0)
        hint = QLabel(
            t_(
                "The card itself may travel openly, by mail or on a stick. Whoever adds you compares"
                " it with the digits; so nobody can put another card in its place."
            )
        )
        hint.setWordWrap(True)
        style.set_role(hint, "small")
        grid.addWidget(hint, 4, 0)
        buttons = QHBoxLayout()
        self.save_button = QPushButton(t_("Save my card…"))
        self.save_button.setIcon(style.icon("save"))
        self.save_button.clicked.connect(self._choose_target)
        buttons.addWidget(self.save_button)
        self.problem = _plain()
        style.set_role(self.problem, "error")
        self.problem.hide()
        buttons.addWidget(self.problem, 1)
        buttons.addStretch()
        grid.addLayout(buttons, 5, 0)
        grid.setRowStretch(6, 1)
        self.side = QWidget()
        side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        self.picture = QrPicture(t_("QR picture of your card"))
        side.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.picture_words = QLabel()
        self.picture_words.setWordWrap(True)
        self.picture_words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        style.set_role(self.picture_words, "small")
        side.addWidget(self.picture_words)
        self.larger_button = QPushButton(t_("Show it larger"))
        self.larger_button.setCheckable(True)
        self.larger_button.toggled.connect(self._show_larger)
        side.addWidget(self.larger_button, 0, Qt.AlignmentFlag.AlignHCenter)
        side.addStretch(1)
        grid.addWidget(self.side, 0, 1, 7, 1)
        self._own_grid = grid
        return card

    @Slot(bool)
    def _show_larger(self, is_large: bool) -> None:  # noqa: FBT001 - Qt's signature
        """Show the picture at twice the size below the words, for an older telephone."""
        self._own_grid.removeWidget(self.side)
        self.picture.show_at(_LARGE_SQUARE if is_large else _SQUARE)
        # The larger picture needs nearly all of the width that the smallest window has.
        edge = 2 * style.GRID
        side = style.GRID if is_large else edge
        self._own_grid.setContentsMargins(side, edge, side, edge)
        self._own_grid.addWidget(self.side, *((7, 0, 1, 2) if is_large else (0, 1, 7, 1)))

    # --- own card --------------------------------------------------------------------------------

    def _show_own(self, found: tuple[_Own, QrCode]) -> None:
        self.own, code = found
        self.name.setText(visible(self.own.name) or t_("Without a name"))
        self.code.setText(_lines(self.own.code))
        self.code.setAccessibleName(t_("Your code: {code}").format(code=grouped(self.own.code)))
        self.picture.show_code(code)
        self.picture_words.setText(
            t_("Your whole card") if code.holds_card else t_("Your code; the card is a file")
        )

    @Slot()
    def _choose_target(self) -> None:
        choose_new_file(self, t_("Save my card"), t_("my card") + ".json", self.save_card)

    def save_card(self, target: Path) -> None:
        """Write one's card to a new file."""
        if self.own is None:
            return
        data = self.own.file

        def saved(_: object) -> None:
            self.problem.hide()
            self.shell.say(t_("Your card is saved: {path}").format(path=left_to_right(str(target))))

        self.session.run(self, lambda: new_file(target, data), saved, self._failed)

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, FielddocError):
            self.shell.show_error(error)
            return
        self.problem.setText(in_a_row((error.sentence(), error.advice_in_window())))
        self.problem.show()

    # --- partners --------------------------------------------------------------------------------

    def _show_people(self, people: list[Contact]) -> None:
        while self.people.count():
            item = self.people.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for contact in people:
            self.people.addWidget(self._row(contact))
        self.nobody.setVisible(not people)

    def _row(self, contact: Contact) -> QFrame:
        frame = QFrame()
        style.set_role(frame, "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        words = QVBoxLayout()
        words.setSpacing(2)
        name = _plain()
        name.setText(visible(contact.name))
        style.set_role(name, "heading")
        words.addWidget(name)
        code = _plain()
        code.setText(grouped(contact.code))
        code.setWordWrap(True)
        style.set_role(code, "small")
        words.addWidget(code)
        can = QLabel("  ·  ".join(_abilities(read_card(contact.card))))
        can.setWordWrap(True)
        style.set_role(can, "small")
        words.addWidget(can)
        row.addLayout(words, 1)
        remove = QPushButton(t_("Remove"))
        remove.setAccessibleName(t_("Remove {name}").format(name=visible(contact.name)))
        remove.clicked.connect(partial(self.remove, contact))
        row.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        return frame

    def remove(self, contact: Contact) -> None:
        """Forget a partner, with Undo."""

        def back() -> None:
            self.session.ask(
                self,
                lambda vault: contacts.add(
                    vault, name=contact.name, code=contact.code, card=contact.card
                ),
                lambda _: self.enter(),
            )

        def done(_: object) -> None:
            self.shell.say(
                t_("{name} is no longer a partner.").format(name=isolated(visible(contact.name))),
                back,
            )
            self.enter()

        self.session.ask(self, lambda vault: contacts.remove(vault, contact.name), done)

    @Slot(str)
    def _added(self, name: str) -> None:
        self.shell.say(t_("{name} is now a partner.").format(name=isolated(visible(name))))
        self.enter()

    # --- Page ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show the card and the partners as they are now."""
        if self.own is None:
            self.session.ask(self, _own_of, self._draw_own)
        self.session.ask(self, contacts.listing, self._show_people)

    def _draw_own(self, own: _Own) -> None:
        # Computing the squares takes a fifth of a second, which is too long for this thread.
        self.session.start_job(
            self, lambda _vault, _turn, _tell: (own, qr_of_card(own.file, own.code)), self._show_own
        )

    def save_now(self) -> None:
        """Keep nothing: nothing typed here is a record."""

    def leave(self) -> None:
        """Keep what stands here for coming back."""

    def place(self) -> Place:
        """Return nothing: there is one place here."""
        return {}

    def restore(self, place: Place) -> None:
        """Stay."""


class AddPartner(QFrame):
    """Adds a partner: the card as a file, the code as digits typed by the person."""

    added = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.card: Card | None = None
        self._file = b""
        self.setAcceptDrops(True)
        style.set_role(self, "card")
        column = QVBoxLayout(self)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        heading = QLabel(t_("Add a partner"))
        style.set_role(heading, "heading")
        column.addWidget(heading)
        first = QHBoxLayout()
        self.choose_button = QPushButton(t_("Choose their card…"))
        self.choose_button.setIcon(style.icon("user-plus"))
        self.choose_button.clicked.connect(self._choose)
        first.addWidget(self.choose_button)
        self.card_words = QLabel(t_("or drop the card file here"))
        self.card_words.setTextFormat(Qt.TextFormat.PlainText)
        self.card_words.setWordWrap(True)
        style.set_role(self.card_words, "quiet")
        first.addWidget(self.card_words, 1)
        column.addLayout(first)
        self.rest = QWidget()
        rest = QVBoxLayout(self.rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(style.GRID)
        label = QLabel(t_("The 40 digits that they told you, in person or by voice"))
        label.setWordWrap(True)
        rest.addWidget(label)
        self.code = QLineEdit()
        self.code.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        style.set_role(self.code, "code")
        self.code.setMaxLength(200)
        label.setBuddy(self.code)
        self.code.textChanged.connect(self._check)
        self.code.returnPressed.connect(self.add)
        rest.addWidget(self.code)
        self.digits = QLabel()
        self.digits.setWordWrap(True)
        style.set_role(self.digits, "small")
        rest.addWidget(self.digits)
        name_label = QLabel(t_("How to call them here"))
        rest.addWidget(name_label)
        self.name = QLineEdit()
        self.name.setMaxLength(200)
        name_label.setBuddy(self.name)
        self.name.returnPressed.connect(self.add)
        self.name.textChanged.connect(self._check)
        rest.addWidget(self.name)
        for line in (self.code, self.name):
            line.setInputMethodHints(
                Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            )
        buttons = QHBoxLayout()
        self.add_button = QPushButton(t_("Add"))
        style.set_role(self.add_button, "primary")
        self.add_button.clicked.connect(self.add)
        buttons.addWidget(self.add_button)
        cancel = QPushButton(t_("Cancel"))
        cancel.clicked.connect(self.clear)
        buttons.addWidget(cancel)
        buttons.addStretch(1)
        rest.addLayout(buttons)
        column.addWidget(self.rest)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.problem, "error")
        column.addWidget(self.problem)
        self.clear()

    @Slot()
    def clear(self) -> None:
        """Start again."""
        self.card = None
        self._file = b""
        self.code.clear()
        self.name.clear()
        self.rest.hide()
        self.card_words.setText(t_("or drop the card file here"))
        self._say(None)

    @Slot()
    def _choose(self) -> None:
        choose_file(self, t_("Their card"), self.read)

    def read(self, path: Path) -> None:
        """Read a card file and ask for the code; a refused one is told."""
        self.session.run(self, lambda: _read(path), self._show_card, self._failed)

    def _show_card(self, found: tuple[Card, bytes]) -> None:
        self._say(None)
        self.card, self._file = found
        # Not a digit of the card's own code is shown: it would only be copied.
        name = visible(self.card.name)
        words = t_("The card says that it is of: {name}") if name else t_("The card has no name.")
        self.card_words.setText(
            "\n".join((words.format(name=name), "  ·  ".join(_abilities(self.card))))
        )
        self.name.setText(self.card.name)
        self.rest.show()
        self.code.setFocus()
        self._check()

    @Slot()
    def _check(self) -> None:
        """Say how far the typing is."""
        typed = self.code.text()
        count = sum(character.isdecimal() for character in typed)
        is_right = True
        if count < _DIGITS:
            words = t_("{count} of 40 digits").format(count=count)
            is_right = False
        else:
            try:
                read_code(typed)
                words = t_("40 digits, and they fit together.")
            except CodeMistypedError as error:
                words = error.sentence()
                is_right = False
        self.digits.setText(words)
        self.add_button.setEnabled(is_right and bool(self.name.text().strip()))

    @Slot()
    def add(self) -> None:
        """Add the partner if the digits are those of the card."""
        card, data, name = self.card, self._file, self.name.text().strip()
        if card is None or not self.add_button.isEnabled():
            return
        try:
            code = read_code(self.code.text())
            if code != card.code:
                raise CodeWrongError
        except FielddocError as error:
            self._say(error)
            return

        def done(_: object) -> None:
            self.clear()
            self.added.emit(name)

        self.session.ask(
            self,
            lambda vault: contacts.add(vault, name=name, code=code, card=data),
            done,
            self._failed,
        )

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, FielddocError):
            self._say(error)
        else:
            self.session.failed.emit(error)

    def _say(self, error: FielddocError | None) -> None:
        self.problem.setText(
            in_a_row((error.sentence(), error.advice_in_window())) if error else ""
        )
        self.problem.setVisible(error is not None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take one file."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Read the file as a card."""
        self.read(Path(event.mimeData().urls()[0].toLocalFile()))


def _own_of(vault: Vault) -> _Own:
    keys = identity.current(vault)
    card = own_card(keys)
    return _Own(card.name, card.code, write_card(card, keys.signing_seed))


def _read(path: Path) -> tuple[Card, bytes]:
    if not path.is_file():
        raise NotAPlainFileError(name=path.name)
    with explaining(path.name), path.open("rb") as file:
        data = file.read(MAXIMUM_BYTES + 1)
    return read_card(data), data


def _abilities(card: Card) -> list[str]:
    """Return in words what a card can do."""
    kept = (
        t_("holds against future quantum computers")
        if card.post_quantum is not None
        else t_("does not hold against future quantum computers")
    )
    signs = (
        t_("can send you bundles")
        if card.signing is not None
        else t_("signs nothing: you can only send to them")
    )
    return [kept, signs]


def _lines(code: str) -> str:
    groups = grouped(code).split(" ")
    return "\n".join(
        " ".join(groups[start : start + _GROUPS_A_LINE])
        for start in range(0, len(groups), _GROUPS_A_LINE)
    )


def _plain() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
