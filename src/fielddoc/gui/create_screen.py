"""Making a vault, in four steps: where, the passphrase, the passphrase again, practising the wipe."""

import os
from pathlib import Path

from PySide6.QtCore import QDir, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fielddoc.crypto import kdf, memory
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.errors import (
    FielddocError,
    NoPermissionError,
    NotAPlainFileError,
    PassphrasesDifferError,
    VaultExistsError,
)
from fielddoc.gui import style
from fielddoc.gui.choose import choose_folder
from fielddoc.gui.fit_stack import FitStack
from fielddoc.gui.hold_button import HOLD_MS
from fielddoc.gui.passphrase_choice import PassphraseChoice
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.place_note import PlaceNote
from fielddoc.gui.practice_panel import PracticePanel
from fielddoc.gui.session import Session
from fielddoc.gui.wipe_choice import WipeChoice
from fielddoc.i18n import N_, in_a_row, t_, translate
from fielddoc.vault.files import explaining
from fielddoc.vault.layout import KEY_FILE
from fielddoc.vault.opening import make_vault
from fielddoc.vault.place import PlaceWarning, warnings_about
from fielddoc.vault.vault import Vault

_WIDTH = 640
_STEPS = (
    N_("Where it lies"),
    N_("The passphrase"),
    N_("Again, from memory"),
    N_("Practise the wipe"),
)
_LOOK_AFTER_MS = 300


class CreateScreen(QWidget):
    """Leads through the four steps and makes the vault at the end of the last."""

    cancelled = Signal()
    folder_chosen = Signal(object)
    """The folder of the vault that was made, so that the wipe is armed for it."""
    made = Signal(object)
    """The session whose vault is open now."""

    def __init__(self, *, hold_ms: int = HOLD_MS) -> None:
        super().__init__()
        self.session = Session(self)
        self._is_making = False
        self._is_asking = False
        self._has_left = False
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
        row.addWidget(page, 6)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setSpacing(2 * style.GRID)
        column.addStretch(1)
        self.step_line = QLabel()
        style.set_role(self.step_line, "small")
        column.addWidget(self.step_line)
        self.heading = QLabel()
        style.set_role(self.heading, "title")
        column.addWidget(self.heading)
        self.steps = FitStack()
        self.place = _PlaceStep()
        self.chosen = _PassphraseStep()
        self.choice = self.chosen.choice
        self.again = _AgainStep()
        self.practice = PracticePanel(self.session, hold_ms=hold_ms)
        self.practice.refused.connect(self._practice_refused)
        last = QWidget()
        rows = _column(last)
        rows.addWidget(self.practice)
        self.without = _quiet(t_("You can also go on without practising."))
        rows.addWidget(self.without)
        self.practice.practised.connect(self.without.hide)
        self._parts = (self.place, self.chosen, self.again, self.practice)
        for step in (self.place, self.chosen, self.again, last):
            self.steps.add_page(step)
        column.addWidget(self.steps)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.problem, "error")
        column.addWidget(self.problem)
        self.waiting = QLabel(
            t_("Making the vault. This is slow on purpose: it measures this computer.")
        )
        self.waiting.setWordWrap(True)
        style.set_role(self.waiting, "quiet")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(t_("Making the vault"))
        column.addWidget(self.waiting)
        column.addWidget(self.bar)
        buttons = QHBoxLayout()
        self.next_button = QPushButton()
        style.set_role(self.next_button, "primary")
        self.next_button.clicked.connect(self.go_on)
        self.back_button = QPushButton(t_("Back"))
        self.back_button.clicked.connect(self.go_back)
        buttons.addWidget(self.next_button)
        buttons.addWidget(self.back_button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(2)
        self.again.shown_again.connect(self.go_back)
        self.again.line.submitted.connect(self.go_on)
        self.choice.submitted.connect(self.go_on)
        self.place.submitted.connect(self.go_on)
        self.place.settled.connect(self._look_at_place)
        self._show_waiting(is_waiting=False)
        self._show_step(0)
        self._look_at_place()

    def begin(self) -> None:
        """Put the focus where the step begins."""
        self._parts[self.steps.current].begin()

    def holds_secrets(self) -> bool:
        """Tell whether there is a passphrase here: one is drawn as soon as the page is there."""
        return True

    def leave(self) -> None:
        """Remove the throw-away vault, and forget what was typed: this screen goes."""
        self._has_left = True
        self.practice.remove()
        self.chosen.clear()
        self.again.line.clear()
        if self._is_making:
            self.session.close()

    def left_off(self) -> tuple[Path | None, str]:
        """Return the vault if it was made after all, else say what became of it; after `leave`."""
        folder = self.place.folder()
        if self._is_making and (folder / KEY_FILE).exists():
            return folder, ""
        if self._is_making and folder.exists() and any(folder.iterdir()):
            return None, t_(
                "Making the vault was cut off. What was begun of it is in the folder {folder}:"
                " delete it, or choose another name."
            ).format(folder=folder.name)
        return None, t_("No vault was made. Begin again.")

    # --- from step to step -----------------------------------------------------------------------

    def _show_step(self, number: int) -> None:
        self.steps.show_page(number)
        words = t_("Step {number} of {count}").format(number=number + 1, count=len(_STEPS))
        self.step_line.setText(words)
        self.heading.setText(translate(_STEPS[number]))
        is_last = number == len(_STEPS) - 1
        self.next_button.setText(t_("Make the vault") if is_last else t_("Next"))
        self._say(None)
        self.begin()

    @Slot()
    def go_back(self) -> None:
        """Go a step back; what was typed stays."""
        if self.steps.current == 0:
            self.cancelled.emit()
            return
        self.practice.remove()
        self._show_step(self.steps.current - 1)

    @Slot()
    def go_on(self) -> None:
        """Go a step on if what stands here can be used, else say why not."""
        if not self.next_button.isEnabled() or self._is_asking:
            return
        number = self.steps.current
        if number == 0:
            self._ask_about_place()
            return
        try:
            if number == 1:
                self.chosen.check()
                self.again.line.clear()
            elif number == 2 and passphrase_bytes(self.again.line.text()) != passphrase_bytes(
                self.choice.passphrase()
            ):
                raise PassphrasesDifferError
        except FielddocError as error:
            self._say(error)
            return
        if number == len(_STEPS) - 1:
            self._make()
            return
        self._show_step(number + 1)
        if number + 1 == len(_STEPS) - 1:
            self.practice.prepare(self.place.parent_folder())

    def _ask_about_place(self) -> None:
        """Go on to the next step if a vault can be made there; a disk may be slow to say."""
        parent, name = self.place.parent_folder(), self.place.name_line.text().strip()
        self._is_asking = True

        def can_be_used(_: None) -> None:
            self._is_asking = False
            if self.steps.current == 0:
                self._show_step(1)

        def refused(error: BaseException) -> None:
            self._is_asking = False
            if not isinstance(error, FielddocError):
                raise error
            self._say(error)

        self.session.run_aside(self, lambda: check_new_folder(parent, name), can_be_used, refused)

    @Slot()
    def _look_at_place(self) -> None:
        """Warn of what is dangerous about the place; other programs may have to be asked for it."""
        folder = self.place.folder()

        def show(warnings: list[PlaceWarning]) -> None:
            if folder == self.place.folder():
                self.place.warnings.show_warnings(warnings)

        self.session.run(self, lambda: warnings_about(folder), show)

    def _say(self, error: FielddocError | None) -> None:
        self.problem.setText(
            in_a_row((error.sentence(), error.advice_in_window())) if error else ""
        )
        self.problem.setVisible(error is not None)

    # --- practising ------------------------------------------------------------------------------

    @Slot(object)
    def _practice_refused(self, error: BaseException) -> None:
        if isinstance(error, FielddocError):
            self._say(error)

    # --- making it -------------------------------------------------------------------------------

    def _make(self) -> None:
        self.practice.remove()
        folder = self.place.folder()
        passphrase, name = self.choice.passphrase(), self.place.name_on_card.text().strip()
        for_wiping = self.chosen.wiping.passphrase()
        self._say(None)
        self._is_making = True
        self._show_waiting(is_waiting=True)

        def make() -> Vault:
            return make_vault(folder, passphrase, name=name, wipe_passphrase=for_wiping)

        self.session.open(self, make, self._made, self._refused)

    def _made(self) -> None:
        if self._has_left:
            return  # it was locked meanwhile
        self._is_making = False
        self._show_waiting(is_waiting=False)
        self.chosen.clear()
        self.again.line.clear()
        self.folder_chosen.emit(self.place.folder())
        self.session.setParent(None)
        self.made.emit(self.session)

    def _refused(self, error: BaseException) -> None:
        self._is_making = False
        self._show_waiting(is_waiting=False)
        if not isinstance(error, FielddocError):
            raise error
        self._show_step(0)
        self._say(error)

    def _show_waiting(self, *, is_waiting: bool) -> None:
        self.waiting.setVisible(is_waiting)
        self.bar.setVisible(is_waiting)
        self.next_button.setEnabled(not is_waiting)
        self.back_button.setEnabled(not is_waiting)


class _PlaceStep(QWidget):
    """The folder, and what to be called."""

    submitted = Signal()
    settled = Signal()
    """Nobody has typed for a moment, so the place is worth looking at."""

    def __init__(self) -> None:
        super().__init__()
        column = _column(self)
        column.addWidget(
            _words(
                t_(
                    "The vault is a folder of its own. On a stick it can be taken along; on the"
                    " internal disk it is destroyed more surely."
                )
            )
        )
        label = QLabel(t_("In which folder"))
        column.addWidget(label)
        row = QHBoxLayout()
        self.parent_line = QLineEdit(QDir.homePath())
        label.setBuddy(self.parent_line)
        choose = QPushButton(t_("Choose…"))
        choose.setIcon(style.icon("folder-open"))
        choose.clicked.connect(self._choose)
        row.addWidget(self.parent_line, 1)
        row.addWidget(choose)
        column.addLayout(row)
        name_label = QLabel(t_("Name of the vault's folder"))
        column.addWidget(name_label)
        self.name_line = QLineEdit(t_("notes"))
        name_label.setBuddy(self.name_line)
        column.addWidget(self.name_line)
        column.addWidget(_quiet(t_("A name that says nothing is best.")))
        card_label = QLabel(
            t_("What partners should call you (may stay empty, may be a pseudonym)")
        )
        card_label.setWordWrap(True)
        column.addWidget(card_label)
        self.name_on_card = QLineEdit()
        card_label.setBuddy(self.name_on_card)
        column.addWidget(self.name_on_card)
        self.warnings = PlaceNote()
        column.addWidget(self.warnings)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_LOOK_AFTER_MS)
        self._pause.timeout.connect(self.settled)
        for line in (self.parent_line, self.name_line, self.name_on_card):
            line.setInputMethodHints(
                Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            )
            line.textChanged.connect(self._pause.start)
            line.returnPressed.connect(self.submitted)

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.name_line.setFocus()

    def parent_folder(self) -> Path:
        """Return the folder in which the vault's folder will lie."""
        return Path(self.parent_line.text().strip()).expanduser()

    def folder(self) -> Path:
        """Return the folder that will be the vault."""
        return self.parent_folder() / self.name_line.text().strip()

    @Slot()
    def _choose(self) -> None:
        choose_folder(self, t_("In which folder"), lambda path: self.parent_line.setText(str(path)))


class _PassphraseStep(QWidget):
    """Generated words or one's own, and a wipe passphrase for those who want one."""

    def __init__(self) -> None:
        super().__init__()
        column = _column(self)
        column.addWidget(
            _words(
                t_(
                    "Only this passphrase opens the vault. Nobody can replace it, nor can we."
                    " Keep it in your head; where it is written down it can be found."
                    " On the next page you type it from memory."
                )
            )
        )
        self.choice = PassphraseChoice()
        column.addWidget(self.choice)
        column.addSpacing(style.GRID)
        self.wiping = WipeChoice()
        column.addWidget(self.wiping)
        self.memory = _words("")
        style.set_role(self.memory, "warning")
        column.addWidget(self.memory)
        self.look_at_memory(memory.free_kib())

    def look_at_memory(self, free_kib: int | None) -> None:
        """Say if this computer has so little free memory that a guess costs less than it should."""
        words = ""
        standard = kdf.STANDARD.memory_kib
        try:
            found = standard if free_kib is None else kdf.affordable_kib(free_kib)
            if found < standard:
                words = t_(
                    "This computer has little free memory: a guess costs {mebibytes} MiB instead of"
                    " {standard}. Choose one word more, or make new keys on a computer that has"
                    " more."
                ).format(mebibytes=found // 1024, standard=standard // 1024)
        except FielddocError as error:
            words = in_a_row((error.sentence(), error.advice_in_window()))
        self.memory.setText(words)
        self.memory.setVisible(bool(words))

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.choice.begin()

    def check(self) -> None:
        """Make sure that what is chosen can be used.

        Raises:
            PassphraseRefusedError, PassphrasesDifferError, PassphrasesTooAlikeError.
        """
        passphrase_bytes(self.choice.passphrase())
        self.wiping.check(self.choice.passphrase())

    def clear(self) -> None:
        """Forget both."""
        self.choice.clear()
        self.wiping.clear()


class _AgainStep(QWidget):
    """The same passphrase once more."""

    shown_again = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = _column(self)
        column.addWidget(
            _words(t_("Look away for a moment, then type it. It is not shown on this page."))
        )
        self.line = PassphraseEdit(t_("The same passphrase again"))
        column.addWidget(self.line)
        show = QPushButton(t_("Show it once more"))
        style.set_flush(show)
        show.clicked.connect(self.shown_again)
        row = QHBoxLayout()
        row.addWidget(show)
        row.addStretch(1)
        column.addLayout(row)

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.line.setFocus()


def check_new_folder(parent: Path, name: str) -> None:
    """Raise what making a vault would raise for this place; makes nothing.

    Raises:
        NotAPlainFileError: there is no such parent folder, or the name cannot be one.
        VaultExistsError: the folder is there and holds something.
        NoPermissionError: the parent cannot be written.
    """
    if not parent.is_dir():
        raise NotAPlainFileError(name=str(parent))
    if not name or name in (".", "..") or any(sign in name for sign in '/\\\0:*?"<>|'):
        raise NotAPlainFileError(name=name)
    folder = parent / name
    with explaining(name):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise VaultExistsError
    if not os.access(folder if folder.exists() else parent, os.W_OK):
        raise NoPermissionError(name=str(parent))


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(style.GRID)
    return column


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label


def _quiet(text: str) -> QLabel:
    label = _words(text)
    style.set_role(label, "small")
    return label
