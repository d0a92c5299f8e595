"""The lock screen: the passphrase, honest waiting, and an error that says which it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.errors import (
    FielddocError,
    ForeignWalError,
    VaultDamagedError,
    VaultWipedError,
)
from fielddoc.gui import style
from fielddoc.gui.direction import left_to_right
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.session import Session
from fielddoc.i18n import in_a_row, t_, translate

if TYPE_CHECKING:
    from fielddoc.vault.vault import Vault

_COLUMN_WIDTH = 440

_BETWEEN_ICONS_MS = 3


class UnlockScreen(QWidget):
    """Asks for the passphrase of one vault and unlocks it on the thread that will own it."""

    unlocked = Signal(object)
    """The session whose vault is open now."""
    trying = Signal()
    """A passphrase is being tried; that takes about a second."""
    another_chosen = Signal()
    shares_chosen = Signal()
    """Somebody wants to open it with recovery shares."""
    salvage_chosen = Signal(str)
    """The person wants to save what is intact; with the passphrase that stands there."""
    wiped = Signal()

    def __init__(
        self, folder: Path, *, reason: str = "", on_wipe: Callable[[], None] | None = None
    ) -> None:
        """Begin.

        Args:
            folder: of the vault.
            reason: why it was locked, as a marked sentence.
            on_wipe: told, on the vault's thread, before a wipe passphrase takes effect.
        """
        super().__init__()
        self.folder = folder
        self._on_wipe = on_wipe
        self._has_tried = False
        self.is_wiping = False
        """Whether a wipe passphrase is taking effect; the program ends by itself then."""
        self.session: Session | None = None
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        block = QWidget()  # of one width, so that nothing moves sideways when a button comes
        block.setFixedWidth(style.scaled(_COLUMN_WIDTH))
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(block)
        outer.addStretch(1)
        column.addStretch(1)
        title = QLabel(t_("Locked"))
        style.set_role(title, "title")
        column.addWidget(title)
        self.why = QLabel(in_a_row(translate(line) for line in reason.splitlines()))
        self.why.setWordWrap(True)
        style.set_role(self.why, "quiet")
        column.addWidget(self.why)  # first: shown before, it would be a window of its own
        self.why.setVisible(bool(reason))
        where = QLabel(left_to_right(str(folder)))
        where.setWordWrap(True)
        where.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(where, "small")
        column.addWidget(where)
        column.addSpacing(2 * style.GRID)
        self.passphrase = PassphraseEdit(t_("Passphrase"))
        self.passphrase.submitted.connect(self.unlock)
        column.addWidget(self.passphrase)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.problem, "error")
        self.advice = QLabel()
        self.advice.setWordWrap(True)
        self.advice.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(self.problem)
        column.addWidget(self.advice)
        self.waiting = QLabel()
        self.waiting.setWordWrap(True)
        style.set_role(self.waiting, "quiet")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(t_("Opening"))
        column.addWidget(self.waiting)
        column.addWidget(self.bar)
        column.addSpacing(style.GRID)
        buttons = FlowLayout(spacing=style.GRID)
        self.unlock_button = QPushButton(t_("Unlock"))
        style.set_role(self.unlock_button, "primary")
        self.unlock_button.clicked.connect(self.unlock)
        self.another_button = QPushButton(t_("Another vault…"))
        style.set_role(self.another_button, "plain")
        self.another_button.clicked.connect(self.another_chosen)
        self.salvage_button = QPushButton(t_("Save what is intact…"))
        self.salvage_button.setToolTip(
            t_("Reads the damaged vault and saves everything intact into a new one")
        )
        self.salvage_button.clicked.connect(self._salvage)
        self.salvage_button.hide()
        buttons.addWidget(self.unlock_button)
        buttons.addWidget(self.salvage_button)
        buttons.addWidget(self.another_button)
        self.shares_button = QPushButton(t_("Open with shares…"))
        style.set_flush(self.shares_button)
        self.shares_button.clicked.connect(self.shares_chosen)
        buttons.addWidget(self.shares_button)
        column.addLayout(buttons)
        column.addStretch(2)
        self._clock = QElapsedTimer()
        self._percent: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(200)
        self._timer.timeout.connect(self._tell_waiting)
        # The key derivation leaves a second in which the icons of what follows can be rendered.
        self._icons: Iterator[None] = iter(())
        self._preparing = QTimer(self)
        self._preparing.setInterval(_BETWEEN_ICONS_MS)
        self._preparing.timeout.connect(self._prepare)
        self._show_waiting(is_waiting=False)

    @Slot()
    def _prepare(self) -> None:
        if next(self._icons, self) is self:
            self._preparing.stop()

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.passphrase.setFocus()

    @Slot()
    def unlock(self) -> None:
        """Try the passphrase that stands there."""
        if self._timer.isActive():
            return
        typed = self.passphrase.text()
        folder = self.folder
        self._has_tried = True
        self._say("", "")
        style.set_role(self.unlock_button, "primary")
        self.salvage_button.hide()
        self._show_waiting(is_waiting=True)
        self._icons = style.prepare_icons()
        self._preparing.start()
        self.session = Session()
        self.session.open(
            self,
            lambda: _open(folder, typed, self._wiping, self._comparing),
            self._opened,
            self._refused,
        )
        self.trying.emit()

    def holds_secrets(self) -> bool:
        """Tell whether a passphrase stands here, is being tried, or was."""
        return self._has_tried or bool(self.passphrase.text())

    def leave(self) -> None:
        """Let nobody in any more: what is being tried ends behind a lock."""
        session, self.session = self.session, None
        self._timer.stop()
        self._preparing.stop()
        self.passphrase.clear()
        if session is not None:
            session.close(0)

    def _wiping(self) -> None:
        """Take, on the vault's thread, that it was a wipe passphrase."""
        self.is_wiping = True
        if self._on_wipe is not None:
            self._on_wipe()

    def _comparing(self, done: int, total: int) -> None:
        """Take, on the vault's thread, how far the looking through it is."""
        self._percent = 100 * done // max(total, 1)

    @property
    def is_trying(self) -> bool:
        """Whether a passphrase is being tried now."""
        return self.session is not None

    def _opened(self) -> None:
        if self.session is None:
            return  # it was locked meanwhile
        self._show_waiting(is_waiting=False)
        self.passphrase.clear()
        session, self.session = self.session, None
        self.unlocked.emit(session)

    def _refused(self, error: BaseException) -> None:
        if self.session is None:
            return  # it was locked meanwhile
        self._show_waiting(is_waiting=False)
        self.session = None
        self.is_wiping = False
        if isinstance(error, VaultWipedError):
            self.wiped.emit()
            return
        if not isinstance(error, FielddocError):
            raise error
        self._say(error.sentence(), error.advice_in_window())
        if isinstance(error, VaultDamagedError | ForeignWalError):
            self.advice.setText(
                t_(
                    "Make a copy of the folder. Then save what is intact into a new vault;"
                    " the damaged one is only read."
                )
            )
            # The passphrase was right; another try would only fail again.
            style.set_role(self.unlock_button, "")
            style.set_role(self.salvage_button, "primary")
            self.salvage_button.show()
            self.salvage_button.setFocus()
            return
        self.passphrase.select_all()
        self.passphrase.setFocus()

    @Slot()
    def _salvage(self) -> None:
        self.salvage_chosen.emit(self.passphrase.text())

    def _say(self, what: str, what_now: str) -> None:
        self.problem.setText(what)
        self.problem.setVisible(bool(what))
        self.advice.setText(what_now)
        self.advice.setVisible(bool(what_now))

    def _show_waiting(self, *, is_waiting: bool) -> None:
        self.bar.setVisible(is_waiting)
        self.waiting.setVisible(is_waiting)
        self.unlock_button.setEnabled(not is_waiting)
        self.another_button.setEnabled(not is_waiting)
        self.shares_button.setEnabled(not is_waiting)
        self.passphrase.setEnabled(not is_waiting)
        if is_waiting:
            self._percent = None
            self.bar.setRange(0, 0)
            self._clock.start()
            self._timer.start()
            self._tell_waiting()
        else:
            self._timer.stop()

    @Slot()
    def _tell_waiting(self) -> None:
        seconds = self._clock.elapsed() // 1000
        words = t_("Opening. This is slow on purpose: about a second, more on an old machine.")
        if self._percent is not None:
            words = t_("Looking through the whole vault before anything is shown: {percent} %")
            words = words.format(percent=self._percent)
            self.bar.setRange(0, 100)
            self.bar.setValue(self._percent)
        elif seconds >= 5:
            words = t_("Still opening: {seconds} s.").format(seconds=seconds)
        self.waiting.setText(words)


def _open(
    folder: Path,
    typed: str,
    on_wipe: Callable[[], None],
    progress: Callable[[int, int], None],
) -> "Vault":
    """Open a vault, on the thread that will own it.

    What that needs is loaded only now, and there: the lock screen is there the sooner, and does
    not stand still meanwhile.
    """
    from fielddoc.vault.opening import open_vault  # noqa: PLC0415

    return open_vault(folder, typed, on_wipe=on_wipe, progress=progress)
