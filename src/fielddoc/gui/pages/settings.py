"""What a person may choose about the program and their vault."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fielddoc.errors import FielddocError, PassphrasesDifferError, VaultDamagedError
from fielddoc.gui import remembered, style
from fielddoc.gui.new_keys import NewKeys
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.place_note import PlaceNote
from fielddoc.gui.practice_panel import PracticePanel
from fielddoc.gui.preferences import APPEARANCES, IDLE_MINUTES, Preferences
from fielddoc.gui.session import Progress, Session
from fielddoc.gui.settings_own_fields import OwnFieldsCard
from fielddoc.gui.shell import Place, Shell
from fielddoc.gui.sources_card import SourcesCard
from fielddoc.gui.work_note import WorkNote
from fielddoc.i18n import N_, in_a_row, language_of_system, t_, translate
from fielddoc.vault import check, recovery, settings
from fielddoc.vault.check import CheckReport
from fielddoc.vault.place import PlaceWarning, warnings_about
from fielddoc.vault.recovery import RecoveryNote
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault, change_passphrase

_WIDTH = 720
_LANGUAGES = (("en", "English"), ("zh_CN", "简体中文"))
_APPEARANCE_WORDS = {
    "system": N_("As the system"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}


class SettingsPage(QWidget):
    """Language, locking, looks, the passphrase, checking the vault, practising the wipe."""

    chosen = Signal(object)
    """The preferences that hold from now on."""
    salvage_chosen = Signal()
    """The person wants to lock, and to save what is intact of a damaged vault."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.preferences = Preferences()
        self.folder = Path()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(self.area)
        body = QWidget()
        self.area.setWidget(body)
        row = QHBoxLayout(body)
        row.setContentsMargins(3 * style.GRID, 2 * style.GRID, 3 * style.GRID, 2 * style.GRID)
        page = QWidget()
        page.setMaximumWidth(style.scaled(_WIDTH))
        row.addWidget(page, 100)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        title = QLabel(t_("Settings"))
        style.set_role(title, "title")
        column.addWidget(title)
        column.addWidget(self._choices())
        column.addWidget(self._passphrase_card())
        column.addWidget(self._new_keys_card())
        column.addWidget(self._check_card())
        column.addWidget(self._practice_card())
        self.sources = SourcesCard(session, shell)
        self.own_fields = OwnFieldsCard(session, shell)
        column.addWidget(self.sources)
        column.addWidget(self.own_fields)
        column.addWidget(self._place_card())
        column.addStretch(1)

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.language.setFocus()

    # --- language and looks ----------------------------------------------------------------------

    def _choices(self) -> QFrame:
        card, column = _card(t_("Language, locking and looks"))
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setHorizontalSpacing(3 * style.GRID)
        form.setVerticalSpacing(style.GRID)
        column.addLayout(form)
        self.language = _combo([(code, name) for code, name in _LANGUAGES])
        form.addRow(t_("Language"), self.language)
        self.idle = _combo([(minutes, _idle_words(minutes)) for minutes in IDLE_MINUTES])
        form.addRow(t_("Lock by itself"), self.idle)
        self.never = QLabel(
            t_("Whoever finds the laptop open reads everything. Lock it yourself each time.")
        )
        self.never.setWordWrap(True)
        style.set_role(self.never, "warning")
        self.never.hide()
        form.addRow("", self.never)
        self.text = _combo([(percent, f"{percent}%") for percent in style.TEXT_SCALES])
        form.addRow(t_("Size of text"), self.text)
        self.appearance = _combo(
            [(name, translate(_APPEARANCE_WORDS[name])) for name in APPEARANCES]
        )
        form.addRow(t_("Colours"), self.appearance)
        for box in (self.language, self.idle, self.text, self.appearance):
            box.activated.connect(self._choose)
        return card

    @Slot()
    def _choose(self) -> None:
        """Keep a choice at once, and let it hold at once."""
        before = self.preferences
        language = str(self.language.currentData())
        if not before.language and language == language_of_system():
            language = ""  # it is shown, and nobody chose it
        self.preferences = Preferences(
            language=language,
            idle_minutes=int(self.idle.currentData()),
            text_percent=int(self.text.currentData()),
            appearance=str(self.appearance.currentData()),
        )
        self.never.setVisible(self.preferences.idle_minutes == 0)
        if self.preferences == before:
            return
        chosen = self.preferences

        def step(vault: Vault) -> None:
            with vault.database.transaction():
                for name, value in chosen.settings().items():
                    settings.put(vault, name, value)

        def kept(_: object) -> None:
            if self.remember.isChecked() and chosen.language != before.language:
                self._write_place(chosen.language)  # the next lock screen speaks it too
            self.chosen.emit(chosen)

        self.session.ask(self, step, kept)

    def _show(self, found: tuple[Preferences, Path]) -> None:
        self.preferences, self.folder = found
        shown = replace(
            self.preferences, language=self.preferences.language or language_of_system()
        )
        for box, value in (
            (self.language, shown.language),
            (self.idle, shown.idle_minutes),
            (self.text, shown.text_percent),
            (self.appearance, shown.appearance),
        ):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.never.setVisible(shown.idle_minutes == 0)
        self.where.setText(str(self.folder))
        kept = remembered.read()
        self.remember.setChecked(kept is not None and kept.folder == str(self.folder))

    # --- passphrase ------------------------------------------------------------------------------

    def _passphrase_card(self) -> QFrame:
        card, column = _card(t_("Change the passphrase"))
        self.old = PassphraseEdit(t_("The present passphrase"))
        self.new = PassphraseEdit(t_("The new passphrase"))
        self.again = PassphraseEdit(t_("The new passphrase again"))
        for line in (self.old, self.new, self.again):
            column.addWidget(line)
            line.submitted.connect(self.change_passphrase)
        note = QLabel(
            t_("Copies of the vault that were made before still open with the old passphrase.")
        )
        note.setWordWrap(True)
        style.set_role(note, "small")
        column.addWidget(note)
        row = QHBoxLayout()
        self.change_button = QPushButton(t_("Change it"))
        self.change_button.clicked.connect(self.change_passphrase)
        row.addWidget(self.change_button)
        self.change_words = QLabel()
        self.change_words.setWordWrap(True)
        self.change_words.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(self.change_words, 1)
        column.addLayout(row)
        return card

    @Slot()
    def change_passphrase(self) -> None:
        """Change it if the new one was typed the same twice."""
        old, new = self.old.text(), self.new.text()
        if not self.change_button.isEnabled():
            return
        if new != self.again.text():
            self._refused(PassphrasesDifferError())
            return
        self.change_button.setEnabled(False)
        style.set_role(self.change_words, "quiet")
        self.change_words.setText(t_("Changing it. This is slow on purpose, as unlocking is."))
        self.session.ask(
            self, lambda vault: change_passphrase(vault, old, new), self._changed, self._refused
        )

    def _changed(self, _: object) -> None:
        self.change_button.setEnabled(True)
        for line in (self.old, self.new, self.again):
            line.clear()
        style.set_role(self.change_words, "good")
        self.change_words.setText(t_("The passphrase is changed."))

    def _refused(self, error: BaseException) -> None:
        self.change_button.setEnabled(True)
        if not isinstance(error, FielddocError):
            self.shell.show_error(error)
            return
        style.set_role(self.change_words, "error")
        self.change_words.setText(in_a_row((error.sentence(), error.advice_in_window())))

    def _new_keys_card(self) -> QFrame:
        card, column = _card(t_("New keys, shares for partners, wipe passphrase"))
        self.known_shares = QLabel()
        self.known_shares.setWordWrap(True)
        column.addWidget(self.known_shares)
        words = QLabel(
            t_(
                "When somebody knows the passphrase, when partners are to be able to open the vault"
                " together, or for a wipe passphrase: everything that opens it is made anew."
            )
        )
        words.setWordWrap(True)
        style.set_role(words, "small")
        column.addWidget(words)
        row = QHBoxLayout()
        self.new_keys_button = QPushButton(t_("Make new keys…"))
        self.new_keys_button.clicked.connect(self.begin_new_keys)
        row.addWidget(self.new_keys_button)
        row.addStretch(1)
        column.addLayout(row)
        self.new_keys = NewKeys()
        self.new_keys.ended.connect(self._new_keys_made)
        self.new_keys.shares_changed.connect(self._tell_shares)
        self.new_keys.broke.connect(self._new_keys_broke)
        self.new_keys.hide()
        column.addWidget(self.new_keys)
        self.new_keys_words = QLabel()
        self.new_keys_words.setWordWrap(True)
        style.set_role(self.new_keys_words, "good")
        self.new_keys_words.hide()
        column.addWidget(self.new_keys_words)
        return card

    @Slot()
    def begin_new_keys(self) -> None:
        """Open the form."""
        self.new_keys_words.hide()
        self.new_keys_button.hide()
        self.new_keys.show()
        self.new_keys.ask(self.session)
        self.new_keys.begin()

    @Slot()
    def _new_keys_made(self) -> None:
        self.new_keys.hide()
        self.new_keys_button.show()
        self.new_keys_button.setFocus()
        self.new_keys_words.setText(
            t_(
                "The vault has new keys. What opened it before opens this vault no more. Copies of"
                " the vault that were made before still open with what opened them then."
            )
        )
        self.new_keys_words.show()
        self._tell_shares()

    @Slot()
    def _tell_shares(self) -> None:
        self.session.ask(self, recovery.note, self._show_shares)

    @Slot(object)
    def _new_keys_broke(self, error: BaseException) -> None:
        words = N_("Something went wrong.")
        self.shell.lock_for(error.message if isinstance(error, FielddocError) else words)

    def _show_shares(self, known: RecoveryNote | None) -> None:
        if known is None:
            words = t_("There are no recovery shares.")
        elif known.is_proven:
            words = t_(
                "Recovery shares: {threshold} of {count} open it. They were tried from the paper."
            )
        else:
            words = t_(
                "Recovery shares: {threshold} of {count} should open it. Nobody has tried them."
            )
        style.set_role(self.known_shares, "warning" if known and not known.is_proven else "")
        counts = (known.threshold, known.count) if known else (0, 0)
        self.known_shares.setText(words.format(threshold=counts[0], count=counts[1]))

    # --- check -----------------------------------------------------------------------------------

    def _check_card(self) -> QFrame:
        card, column = _card(t_("Check the vault"))
        words = QLabel(
            t_(
                "Reads every page, every version and every file, and says what is damaged. Looks"
                " at where the vault lies, too."
            )
        )
        words.setWordWrap(True)
        style.set_role(words, "small")
        column.addWidget(words)
        row = QHBoxLayout()
        self.check_button = QPushButton(t_("Check everything"))
        self.check_button.setIcon(style.icon("shield-check"))
        self.check_button.clicked.connect(self.check)
        row.addWidget(self.check_button)
        row.addStretch(1)
        column.addLayout(row)
        self.work = WorkNote()
        self.work.hide()
        column.addWidget(self.work)
        self.report = QLabel()
        self.report.setWordWrap(True)
        self.report.setTextFormat(Qt.TextFormat.PlainText)
        self.report.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.report.hide()
        column.addWidget(self.report)
        self.salvage_button = QPushButton(t_("Save what is intact…"))
        self.salvage_button.setToolTip(
            t_("Locks the vault, and saves what is intact into a new one")
        )
        self.salvage_button.clicked.connect(self.salvage_chosen)
        self.salvage_button.hide()
        under = QHBoxLayout()
        under.addWidget(self.salvage_button)
        under.addStretch(1)
        column.addLayout(under)
        self.warnings = PlaceNote()
        column.addWidget(self.warnings)
        return card

    @Slot()
    def check(self) -> None:
        """Check the vault and show the report."""
        words = t_("Checking")

        def work(
            vault: Vault, turn: Turn, tell: Progress
        ) -> tuple[CheckReport, list[PlaceWarning]]:
            report = check.check(vault, partial(tell, words), turn=turn)
            return report, warnings_about(vault.folder)

        self.check_button.setEnabled(False)
        self.report.hide()
        self.salvage_button.hide()
        self.warnings.hide()
        self.work.watch(self.session.start_job(self, work, self._checked, self._not_checked), words)

    def _checked(self, found: tuple[CheckReport, list[PlaceWarning]]) -> None:
        report, warnings = found
        self.warnings.show_warnings(warnings)
        self.check_button.setEnabled(True)
        self.work.hide()
        sound = t_("Everything is as it was written. Versions: {versions}. Files: {files}.")
        if report.is_sound:
            style.set_role(self.report, "good")
            self.report.setText(
                sound.format(versions=f"{report.revisions:,}", files=f"{report.attachments:,}")
            )
        else:
            style.set_role(self.report, "error")
            lines = [t_("The vault is damaged."), *check.faults_in_words(report)]
            self.report.setText("\n".join(lines))
            self.salvage_button.show()
        self.report.show()

    def _not_checked(self, error: BaseException) -> None:
        self.check_button.setEnabled(True)
        self.work.hide()
        if not isinstance(error, FielddocError):
            self.shell.show_error(error)
            return
        if isinstance(error, VaultDamagedError):
            self.tell_damage()
            return
        style.set_role(self.report, "quiet" if error.code == "cancelled" else "error")
        self.report.setText(in_a_row((error.sentence(), error.advice_in_window())))
        self.report.show()

    def tell_damage(self) -> None:
        """Say that the vault is damaged, and offer to save what is intact."""
        style.set_role(self.report, "error")
        self.report.setText(VaultDamagedError().sentence())
        self.report.show()
        self.salvage_button.show()

    # --- practising the wipe ---------------------------------------------------------------------

    def _practice_card(self) -> QFrame:
        card, column = _card(t_("Practise the wipe"))
        self.practice = PracticePanel(self.session)
        self.practice.refused.connect(self._practice_refused)
        self.practice.hide()
        row = QHBoxLayout()
        self.practice_button = QPushButton(t_("Make a throw-away vault"))
        self.practice_button.clicked.connect(self.begin_practice)
        row.addWidget(self.practice_button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.practice)
        self.practice_problem = QLabel()
        self.practice_problem.setWordWrap(True)
        self.practice_problem.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.practice_problem, "error")
        self.practice_problem.hide()
        column.addWidget(self.practice_problem)
        return card

    @Slot()
    def begin_practice(self) -> None:
        """Make a throw-away vault beside the real one, which is left alone."""
        self.practice_problem.hide()
        self.practice.is_done = False
        self.practice.show()
        self.practice.prepare(self.folder.parent)

    @Slot(object)
    def _practice_refused(self, error: BaseException) -> None:
        self.practice.hide()
        if not isinstance(error, FielddocError):
            self.shell.show_error(error)
            return
        self.practice_problem.setText(in_a_row((error.sentence(), error.advice_in_window())))
        self.practice_problem.show()

    # --- place -----------------------------------------------------------------------------------

    def _place_card(self) -> QFrame:
        card, column = _card(t_("Where the vault lies"))
        self.where = QLabel()
        self.where.setWordWrap(True)
        self.where.setTextFormat(Qt.TextFormat.PlainText)
        self.where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.where)
        self.remember = QCheckBox(t_("Remember on this computer where it lies"))
        self.remember.clicked.connect(self._remember)
        column.addWidget(self.remember)
        words = t_("Writes one small file with the folder and the language: {path}")
        note = QLabel(words.format(path=remembered.path()))
        note.setWordWrap(True)
        note.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(note, "small")
        column.addWidget(note)
        return card

    @Slot()
    def _remember(self) -> None:
        if self.remember.isChecked():
            self._write_place(language_of_system())
        else:
            remembered.forget()

    def _write_place(self, language: str) -> None:
        try:
            remembered.write(remembered.Remembered(folder=str(self.folder), language=language))
        except OSError:
            self.remember.setChecked(False)
            self.shell.say(t_("The file could not be written."))

    # --- Page ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show the choices as they are in the vault."""
        self.sources.refresh()
        self.own_fields.refresh()
        self.session.ask(self, _load, self._show)
        self.session.ask(self, recovery.note, self._show_shares)

    def save_now(self) -> None:
        """Keep nothing: each choice is kept when it is made. A throw-away vault goes."""
        self.practice.remove()

    def leave(self) -> None:
        """Forget typed passphrases."""
        self.sources.forget()
        for line in (self.old, self.new, self.again):
            line.clear()
        self.change_words.clear()
        self.practice.remove()
        if not self.session.jobs:
            self.new_keys.forget()
            self.new_keys.hide()
            self.new_keys_button.show()
            self.new_keys_words.hide()

    def place(self) -> Place:
        """Return nothing: there is one place here."""
        return {}

    def restore(self, place: Place) -> None:
        """Go to a card, if one is named."""
        if place.get("card") == "sources":
            self.area.ensureWidgetVisible(self.sources)
            self.sources.begin()


def _load(vault: Vault) -> tuple[Preferences, Path]:
    return Preferences.read(settings.everything(vault)), vault.folder


def _idle_words(minutes: int) -> str:
    if minutes == 0:
        return t_("never")
    if minutes == 1:
        return t_("after 1 minute")
    return t_("after {minutes} minutes").format(minutes=minutes)


def _combo(choices: list[tuple[int | str, str]]) -> QComboBox:
    box = QComboBox()
    for value, words in choices:
        box.addItem(words, value)
    return box


def _card(heading: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    style.set_role(card, "card")
    column = QVBoxLayout(card)
    edge = 2 * style.GRID
    column.setContentsMargins(edge, edge, edge, edge)
    column.setSpacing(style.GRID)
    label = QLabel(heading)
    style.set_role(label, "heading")
    column.addWidget(label)
    return card, column
