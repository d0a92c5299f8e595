"""Giving recovery shares out: each shown by itself, written by hand, and then proven.

There is no printing: a print queue keeps what was printed (docs/decisions/0011).
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from fielddoc.crypto.shares import CHECK_WORDS, SHARE_WORDS, Share, Sharing
from fielddoc.errors import FielddocError
from fielddoc.gui import style
from fielddoc.gui.choose import choose_new_file
from fielddoc.gui.direction import left_to_right
from fielddoc.gui.file_details import plain_label
from fielddoc.gui.fit_stack import FitStack
from fielddoc.gui.note import Note
from fielddoc.gui.session import Session
from fielddoc.gui.share_entry import ShareEntry
from fielddoc.i18n import in_a_row, t_
from fielddoc.vault import recovery
from fielddoc.vault.files import new_file

_COLUMNS = 4
_SHOW, _TRY, _PROVEN = range(3)


class ShareSheet(QWidget):
    """Leads from share to share, then to typing enough of them from the paper."""

    proven = Signal()
    """The shares were tried from the paper, and open the vault."""
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None
        self.shares: Sequence[str] = ()
        self.sharing = Sharing()
        self.generation = 0
        self.number = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        self.heading = plain_label("heading")
        column.addWidget(self.heading)
        self.pages = FitStack()
        self.pages.add_page(self._words_page())
        self.pages.add_page(self._rehearsal_page())
        self.pages.add_page(self._proven_page())
        column.addWidget(self.pages)

    def give_out(
        self, session: Session, shares: Sequence[str], sharing: Sharing, generation: int
    ) -> None:
        """Begin with the first share."""
        self.session, self.shares, self.sharing = session, shares, sharing
        self.generation = generation
        self._show_share(0)

    def forget(self) -> None:
        """Forget the words."""
        self.shares = ()
        for label in self.cells:
            label.clear()
        self.entry.ask(0)

    # --- one share after the other ---------------------------------------------------------------

    def _words_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        self.about = plain_label("")
        column.addWidget(self.about)
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * style.GRID)
        grid.setVerticalSpacing(style.GRID)
        self.cells: list[QLabel] = []
        rows = -(-SHARE_WORDS // _COLUMNS)
        for place in range(SHARE_WORDS):
            cell = QLabel()
            cell.setTextFormat(Qt.TextFormat.PlainText)
            cell.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            is_check = place >= SHARE_WORDS - CHECK_WORDS
            style.set_role(cell, "check-word" if is_check else "share-word")
            grid.addWidget(cell, place % rows, place // rows)
            self.cells.append(cell)
        grid.setColumnStretch(_COLUMNS, 1)
        column.addLayout(grid)
        self.check_words = plain_label("small")
        column.addWidget(self.check_words)
        self.file_note = Note("circle-alert")
        self.file_button = self.file_note.add_button(t_("Save it all the same…"), self._choose_file)
        self.file_note.hide()
        column.addWidget(self.file_note)
        buttons = QHBoxLayout()
        self.next_button = QPushButton()
        style.set_role(self.next_button, "primary")
        self.next_button.clicked.connect(self.go_on)
        buttons.addWidget(self.next_button)
        self.back_button = QPushButton(t_("The one before"))
        self.back_button.clicked.connect(self.go_back)
        buttons.addWidget(self.back_button)
        self.save_button = QPushButton(t_("Save this share as a file…"))
        style.set_role(self.save_button, "plain")
        self.save_button.clicked.connect(self._warn_of_files)
        buttons.addWidget(self.save_button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        return page

    def _show_share(self, number: int) -> None:
        self.number = number
        title = t_("Share {number} of {count}, generation {generation}")
        self.heading.setText(
            title.format(number=number + 1, count=len(self.shares), generation=self.generation)
        )
        about = t_(
            "Write the words down by hand, with their numbers, and give the sheet to one person"
            " alone. {threshold} sheets together open the vault, one tells nothing."
        )
        self.about.setText(about.format(threshold=self.sharing.threshold))
        for place, (cell, word) in enumerate(
            zip(self.cells, self.shares[number].split(), strict=True), 1
        ):
            cell.setText(f"{place:2d}  {word}")
        foot = t_("The last {count} words check the others.")
        self.check_words.setText(foot.format(count=CHECK_WORDS))
        is_last = number == len(self.shares) - 1
        self.next_button.setText(t_("All are written down") if is_last else t_("Next share"))
        self.back_button.setVisible(number > 0)
        self.file_note.hide()
        self.pages.show_page(_SHOW)
        self.next_button.setFocus()

    @Slot()
    def go_on(self) -> None:
        """Show the next share, or ask for the shares from the paper."""
        if self.number + 1 < len(self.shares):
            self._show_share(self.number + 1)
            return
        self.heading.setText(t_("Try them from the paper"))
        self.entry.ask(self.generation)
        self.pages.show_page(_TRY)
        self.entry.line.setFocus()

    @Slot()
    def go_back(self) -> None:
        """Show the share before."""
        self._show_share(max(0, self.number - 1))

    @Slot()
    def _warn_of_files(self) -> None:
        self.file_note.show_text(
            t_(
                "A file can be copied and found, and brought back after it was deleted. Save a"
                " share only onto a stick that you give away at once, each onto another one."
            )
        )
        self.file_button.setFocus()

    @Slot()
    def _choose_file(self) -> None:
        name = f"share-{self.number + 1}.txt"
        choose_new_file(self, t_("Save this share as a file…"), name, self.save)

    def save(self, path: Path) -> None:
        """Write the share that is shown to a new file, in the clear."""
        words = self.shares[self.number].split()
        lines = [self.heading.text(), ""]
        lines += [f"{place:2d}  {word}" for place, word in enumerate(words, 1)]
        try:
            new_file(path, ("\n".join(lines) + "\n").encode())
        except FielddocError as error:
            self.file_note.show_text(in_a_row((error.sentence(), error.advice_in_window())))
            return
        self.file_note.show_text(t_("Saved as {name}.").format(name=left_to_right(path.name)))

    # --- proving them ----------------------------------------------------------------------------

    def _rehearsal_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        words = QLabel(
            t_("Type shares from your sheets. Only then is it sure that they open the vault.")
        )
        words.setWordWrap(True)
        column.addWidget(words)
        self.entry = ShareEntry()
        self.entry.completed.connect(self._try)
        column.addWidget(self.entry)
        self.trying = plain_label("quiet")
        self.trying.hide()
        column.addWidget(self.trying)
        self.leave_note = Note("circle-alert")
        self.leave_note.add_button(t_("Close without trying"), self.closed.emit)
        self.leave_note.hide()
        column.addWidget(self.leave_note)
        buttons = QHBoxLayout()
        again = QPushButton(t_("Show the shares again"))
        again.clicked.connect(self.show_again)
        buttons.addWidget(again)
        leave = QPushButton(t_("Later…"))
        style.set_role(leave, "plain")
        leave.clicked.connect(self._warn_of_leaving)
        buttons.addWidget(leave)
        buttons.addStretch(1)
        column.addLayout(buttons)
        return page

    @Slot()
    def show_again(self) -> None:
        """Go back to the first share."""
        self._show_share(0)

    @Slot()
    def _warn_of_leaving(self) -> None:
        self.leave_note.show_text(
            t_(
                "Nobody has tried these shares. If a word is wrong on the paper, they open nothing"
                " on the day they are needed, and they cannot be shown again after this."
            )
        )

    @Slot(object)
    def _try(self, shares: list[Share]) -> None:
        if self.session is None:
            return
        self.trying.setText(t_("Trying them. This is slow on purpose, as unlocking is."))
        self.trying.show()
        self.entry.setEnabled(False)
        self.session.ask(
            self, lambda vault: recovery.rehearse(vault, shares), self._proven, self._refused
        )

    def _proven(self, _: object) -> None:
        self.trying.hide()
        self.entry.setEnabled(True)
        self.forget()
        self.proven.emit()
        self.heading.setText(t_("The shares are proven"))
        self.pages.show_page(_PROVEN)
        self.close_button.setFocus()

    def _refused(self, error: BaseException) -> None:
        self.trying.hide()
        self.entry.setEnabled(True)
        if not isinstance(error, FielddocError):
            raise error
        self.entry.say(error)

    def _proven_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        words = plain_label("good")
        words.setText(t_("These shares open the vault. Keep the sheets apart from each other."))
        column.addWidget(words)
        row = QHBoxLayout()
        self.close_button = QPushButton(t_("Done"))
        style.set_role(self.close_button, "primary")
        self.close_button.clicked.connect(self.closed)
        row.addWidget(self.close_button)
        row.addStretch(1)
        column.addLayout(row)
        return page
