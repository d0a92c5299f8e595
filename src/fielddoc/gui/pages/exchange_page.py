"""What the pages of tables, photos and open formats share: a column, one job, one problem told."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fielddoc.errors import CancelledError, FielddocError
from fielddoc.gui import style
from fielddoc.gui.lines_delegate import FittedList
from fielddoc.gui.session import Job, Progress, Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.gui.work_note import WorkNote
from fielddoc.i18n import in_a_row, t_
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

T = TypeVar("T")
_WIDTH = 760


class ExchangePage(QWidget):
    """A page that does one long job at a time."""

    def __init__(self, session: Session, shell: Shell, title: str, lead: str, back: str) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.job: Job | None = None
        self._back = back
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
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(2 * style.GRID)
        head = QHBoxLayout()
        name = QLabel(title)
        style.set_role(name, "title")
        head.addWidget(name, 1)
        self.back_button = QPushButton(t_("Back"))
        self.back_button.clicked.connect(self._go_back)
        head.addWidget(self.back_button)
        self.column.addLayout(head)
        words = plain_words(lead)
        style.set_role(words, "quiet")
        self.column.addWidget(words)

    def finish_layout(self) -> None:
        """Add what stands below everything else."""
        self.work = WorkNote()
        self.work.hide()
        self.column.addWidget(self.work)
        self.problem = plain_words("")
        style.set_role(self.problem, "error")
        self.problem.hide()
        self.column.addWidget(self.problem)
        self.column.addStretch(1)

    @Slot()
    def _go_back(self) -> None:
        self.shell.go(self._back)

    # --- the job ---------------------------------------------------------------------------------

    def start(
        self,
        work: Callable[[Vault, Turn, Progress], T],
        done: Callable[[T], None],
        words: str,
        *,
        in_bytes: bool = False,
        stopped: str = "",
    ) -> None:
        """Begin the page's job if there is none; `stopped` as in `Session.start_job`."""
        if self.job is not None:
            return
        self.say(None)

        def ended(result: T) -> None:
            self._ended()
            done(result)

        self.job = self.session.start_job(self, work, ended, self._failed, stopped=stopped)
        self.work.watch(self.job, words, in_bytes=in_bytes)
        self.set_working(True)

    def set_working(self, working: bool) -> None:  # noqa: FBT001 - a state
        """Lock what must not be touched while the job runs."""
        self.back_button.setEnabled(not working)

    def _ended(self) -> None:
        self.job = None
        self.work.hide()
        self.set_working(False)

    def _failed(self, error: BaseException) -> None:
        self._ended()
        if not isinstance(error, FielddocError):
            self.shell.show_error(error)
            return
        self.failed(error)

    def failed(self, error: FielddocError) -> None:
        """Say what went wrong."""
        self.say(error)

    def say(self, error: FielddocError | None) -> None:
        """Show a failure, or nothing."""
        self.problem.setText(
            in_a_row((error.sentence(), error.advice_in_window())) if error else ""
        )
        self.problem.setVisible(error is not None)
        # Stopping by oneself is no alarm.
        style.set_role(self.problem, "quiet" if isinstance(error, CancelledError) else "error")

    # --- Page ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show what stands here."""

    def begin(self) -> None:
        """Set the focus where one begins."""
        self.setFocus()

    def save_now(self) -> None:
        """Keep nothing: nothing typed here is a record."""

    def leave(self) -> None:
        """Keep what stands here; a job goes on."""

    def place(self) -> Place:
        """Return nothing: files are chosen anew after a lock."""
        return {}

    def restore(self, place: Place) -> None:
        """Stay."""


def plain_words(text: str) -> QLabel:
    """Return a label for sentences, foreign ones too."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def card() -> tuple[QFrame, QVBoxLayout]:
    """Return a card and the column in it."""
    frame = QFrame()
    style.set_role(frame, "card")
    column = QVBoxLayout(frame)
    edge = 2 * style.GRID
    column.setContentsMargins(edge, edge, edge, edge)
    column.setSpacing(style.GRID)
    return frame, column


def list_of_lines(name: str) -> QListWidget:
    """Return a list that is read, line by line."""
    shown = FittedList(most_pixels=style.scaled(320), indent=style.scaled(2 * style.GRID))
    shown.setAccessibleName(name)
    return shown


def labelled(column: QVBoxLayout, text: str, field: QWidget) -> None:
    """Add a field below its label."""
    label = QLabel(text)
    label.setBuddy(field)
    field.setAccessibleName(text)
    column.addWidget(label)
    column.addWidget(field)


def choose_button(words: str) -> QPushButton:
    """Return the button that a page begins with; `lead_with` tells whether it is the filled one."""
    button = QPushButton(words)
    lead_with(button, is_first=True)
    return button


def lead_with(button: QPushButton, *, is_first: bool) -> None:
    """Fill the button of a folder while it is what one does first, with its icon to match."""
    style.set_role(button, "primary" if is_first else "")
    colours = style.colours_now()
    button.setIcon(style.icon("folder-open", colours.on_accent if is_first else colours.text))


def beside(column: QVBoxLayout, *widgets: QWidget) -> None:
    """Add widgets in a row."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    column.addLayout(row)
