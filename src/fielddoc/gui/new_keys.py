"""Making new keys: what is to open the vault from now on, the work, and the shares at the end."""

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.crypto.kdf import Cost, calibrated
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.crypto.shares import Sharing
from fielddoc.errors import FielddocError, PassphrasesDifferError
from fielddoc.gui import style
from fielddoc.gui.file_details import plain_label
from fielddoc.gui.fit_stack import FitStack
from fielddoc.gui.passphrase_choice import PassphraseChoice
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.session import Progress, Session
from fielddoc.gui.share_sheet import ShareSheet
from fielddoc.gui.wipe_choice import WipeChoice
from fielddoc.gui.work_note import WorkNote
from fielddoc.i18n import N_, in_a_row, t_
from fielddoc.vault.recovery import RecoveryNote, note
from fielddoc.vault.rekey import rekey
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault, check_passphrase

SHARINGS = (Sharing(2, 3), Sharing(2, 2), Sharing(3, 5), Sharing(4, 7))
_FORM, _SHEET = range(2)
_STOPPED = N_("Making new keys was stopped; unlocking finishes it.")


class NewKeys(QWidget):
    """A form for everything that opens a vault, the long work, and the sheet of shares."""

    shares_changed = Signal()
    """There are other shares now, or they were proven."""
    ended = Signal()
    """Everything is done, the shares proven or left."""
    broke = Signal(object)
    """An error after which the vault must be locked."""

    def __init__(self, *, is_recovering: bool = False) -> None:
        super().__init__()
        self.session: Session | None = None
        self.is_recovering = is_recovering
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.pages = FitStack()
        column.addWidget(self.pages)
        self.pages.add_page(self._form())
        self.sheet = ShareSheet()
        self.sheet.closed.connect(self._close_sheet)
        self.sheet.proven.connect(self.shares_changed)
        self.pages.add_page(self.sheet)

    def _form(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        self.present = PassphraseEdit(t_("The present passphrase"))
        column.addWidget(self.present)
        self.present.setVisible(not self.is_recovering)
        self.keep = QCheckBox(t_("Keep the passphrase; nobody else knows it"))
        self.keep.toggled.connect(self._show_choices)
        column.addWidget(self.keep)
        self.keep.setVisible(not self.is_recovering)
        self.choice = PassphraseChoice()
        column.addWidget(self.choice)
        self.again = PassphraseEdit(t_("The new passphrase again, from memory"))
        self.again.submitted.connect(self.make)
        column.addWidget(self.again)
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.with_shares = QCheckBox(t_("Recovery shares for partners:"))
        self.with_shares.toggled.connect(self._show_choices)
        row.addWidget(self.with_shares)
        self.sharing = QComboBox()
        self.sharing.setAccessibleName(t_("How many shares open the vault"))
        for sharing in SHARINGS:
            words = t_("any {threshold} of {count} open it")
            self.sharing.addItem(
                words.format(threshold=sharing.threshold, count=sharing.count), sharing
            )
        row.addWidget(self.sharing)
        row.addStretch(1)
        column.addLayout(row)
        self.wiping = WipeChoice()
        column.addWidget(self.wiping)
        self.measure = QCheckBox(t_("Measure anew how long a guess takes on this computer"))
        column.addWidget(self.measure)
        self.void = QLabel(
            t_(
                "Earlier shares and an earlier wipe passphrase are void afterwards. Copies of the"
                " vault that were made before still open with what opened them then."
            )
        )
        self.void.setWordWrap(True)
        style.set_role(self.void, "small")
        column.addWidget(self.void)
        self.problem = plain_label("error")
        self.problem.hide()
        column.addWidget(self.problem)
        self.work = WorkNote()
        self.work.hide()
        column.addWidget(self.work)
        buttons = QHBoxLayout()
        self.make_button = QPushButton(
            t_("Set the new passphrase") if self.is_recovering else t_("Make new keys")
        )
        style.set_role(self.make_button, "primary" if self.is_recovering else "")
        self.make_button.clicked.connect(self.make)
        buttons.addWidget(self.make_button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self._show_choices()
        return page

    def ask(self, session: Session) -> None:
        """Begin with an empty form; shares that there were are offered again."""
        self.session = session
        self.forget()
        self.pages.show_page(_FORM)
        session.ask(self, note, self._offer_shares)

    def begin(self) -> None:
        """Put the focus where one begins."""
        if self.is_recovering:
            self.choice.begin()
        else:
            self.present.setFocus()

    def forget(self) -> None:
        """Forget everything that was typed."""
        for line in (self.present, self.again):
            line.clear()
        self.choice.clear()
        self.wiping.clear()
        self.sheet.forget()
        self._say(None)

    def _offer_shares(self, known: RecoveryNote | None) -> None:
        self.with_shares.setChecked(known is not None)
        if known is not None:
            place = (
                SHARINGS.index(Sharing(known.threshold, known.count)) if _is_listed(known) else 0
            )
            self.sharing.setCurrentIndex(place)

    @Slot()
    def _show_choices(self) -> None:
        keeps = self.keep.isChecked()
        self.choice.setVisible(not keeps)
        self.again.setVisible(not keeps)
        self.sharing.setEnabled(self.with_shares.isChecked())

    def _new_passphrase(self) -> str:
        """Return the passphrase that is to open the vault.

        Raises:
            PassphraseRefusedError, PassphrasesDifferError.
        """
        if self.keep.isChecked():
            return self.present.text()
        chosen = self.choice.passphrase()
        if passphrase_bytes(chosen) != passphrase_bytes(self.again.text()):
            raise PassphrasesDifferError
        return chosen

    @Slot()
    def make(self) -> None:
        """Make them if what stands here can be used, else say why not."""
        if self.session is None or not self.make_button.isEnabled():
            return
        try:
            new = self._new_passphrase()
            self.wiping.check(new)
        except FielddocError as error:
            self._say(error)
            return
        present = "" if self.is_recovering else self.present.text()
        wipe_passphrase, is_measured = self.wiping.passphrase(), self.measure.isChecked()
        sharing = SHARINGS[self.sharing.currentIndex()] if self.with_shares.isChecked() else None
        words = t_("Making new keys")

        def step(vault: Vault, tell: Progress) -> tuple[tuple[str, ...], int]:
            if present:
                check_passphrase(vault, present)
            cost: Cost = calibrated() if is_measured else vault.key_file.half.public.cost
            shares = rekey(
                vault,
                new,
                cost=cost,
                wipe_passphrase=wipe_passphrase,
                sharing=sharing,
                progress=partial(tell, words),
            )
            return shares, vault.key_file.half.public.generation

        def work(
            vault: Vault, turn: Turn, tell: Progress
        ) -> tuple[tuple[str, ...], int, Sharing | None]:
            return *turn(lambda: step(vault, tell)), sharing

        if not present and not self.is_recovering:
            self.present.setFocus()
            return
        self._say(None)
        self.make_button.setEnabled(False)
        job = self.session.start_job(self, work, self._made, self._refused, stopped=_STOPPED)
        self.work.watch(job, words)

    def _made(self, made: tuple[tuple[str, ...], int, Sharing | None]) -> None:
        shares, generation, sharing = made
        self.make_button.setEnabled(True)
        self.work.hide()
        session = self.session
        self.forget()
        if sharing is None or session is None:
            self.ended.emit()
            return
        self.pages.show_page(_SHEET)
        self.shares_changed.emit()
        self.sheet.give_out(session, shares, sharing, generation)

    def _refused(self, error: BaseException) -> None:
        self.make_button.setEnabled(True)
        self.work.hide()
        session = self.session
        is_between = session is not None and (
            session.vault.database.is_abandoned or session.vault.previous_master is not None
        )
        if is_between or not isinstance(error, FielddocError):
            self.broke.emit(error)
            return
        self._say(error)

    @Slot()
    def _close_sheet(self) -> None:
        self.sheet.forget()
        self.pages.show_page(_FORM)
        self.ended.emit()

    def _say(self, error: FielddocError | None) -> None:
        self.problem.setText(
            in_a_row((error.sentence(), error.advice_in_window())) if error else ""
        )
        self.problem.setVisible(error is not None)


def _is_listed(known: RecoveryNote) -> bool:
    return any((s.threshold, s.count) == (known.threshold, known.count) for s in SHARINGS)
