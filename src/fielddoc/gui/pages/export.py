"""Export in five steps: what, for whom, check, where, result."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fielddoc.bundle import bag
from fielddoc.bundle.card import own_card, read_card
from fielddoc.bundle.coarser import DatePrecision
from fielddoc.bundle.export import (
    Audience,
    Selection,
    Written,
    all_but_secret,
    export_complete,
    export_selected,
    for_cards,
    for_passphrase,
    held_back_of_all,
)
from fielddoc.bundle.preview import ExportPreview, complete_size, preview_export
from fielddoc.domain import passphrase_words
from fielddoc.domain.visible import visible
from fielddoc.errors import (
    FielddocError,
    NotAPlainFileError,
    NothingToExportError,
    PassphrasesDifferError,
)
from fielddoc.exchange.words import linked_refusals_line, record_and_file_count
from fielddoc.gui import style
from fielddoc.gui.choose import choose_folder
from fielddoc.gui.direction import indented, left_to_right
from fielddoc.gui.fields.partial_date import QuietCombo
from fielddoc.gui.fit_stack import FitStack
from fielddoc.gui.pages.fields_to_leave_out import FieldsToLeaveOut
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.session import Job, Progress, Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.gui.steps import StepLine
from fielddoc.gui.work_note import WorkNote
from fielddoc.i18n import N_, in_a_row, language_of_system, listed, size_words, t_, translate
from fielddoc.vault import contacts, identity
from fielddoc.vault.contacts import Contact
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

T = TypeVar("T")

_STEPS = (N_("What goes"), N_("Who gets it"), N_("Check"), N_("Where"), N_("Result"))
WHAT, WHOM, CHECK, WHERE, RESULT = range(5)
_WIDTH = 760
_LEAKS_SHOWN = 12
HOW_TO_CHOOSE = N_(
    "Mark records with Ctrl or Shift and a click or an arrow key, then press Export."
)
_STOPPED = N_(
    "The export was stopped. A bundle that was not finished cannot be opened; export again."
)


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Somebody to write one file for."""

    name: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one file."""

    name: str
    written: Written | None
    error: BaseException | None


class ExportPage(QWidget):
    """Leads through the five steps; what was chosen stays until the page is begun anew."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.job: Job | None = None
        self._chosen: tuple[str, ...] = ()
        self._unwritten: Sequence[_Recipient] = ()
        """Whose bundle failed: they can be tried again with all that was chosen."""
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
        head = QHBoxLayout()
        title = QLabel(t_("Export"))
        style.set_role(title, "title")
        head.addWidget(title, 1)
        self.open_button = QPushButton(t_("Export unencrypted files…"))
        self.open_button.setIcon(style.icon("external-link"))
        self.open_button.clicked.connect(self._go_open)
        head.addWidget(self.open_button)
        column.addLayout(head)
        self.step_line = StepLine([translate(name) for name in _STEPS])
        column.addWidget(self.step_line)
        self.steps = FitStack()
        self.what = _What()
        self.what.choosing.connect(self._choose)
        self.whom = _Whom()
        self.check = _Check()
        self.where = _Where(session)
        self.where.line.returnPressed.connect(self._press_next)
        self.result = _Result()
        for step in (self.what, self.whom, self.check, self.where, self.result):
            self.steps.add_page(step)
        column.addWidget(self.steps)
        self.work = WorkNote()
        self.work.hide()
        column.addWidget(self.work)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.problem, "error")
        self.problem.hide()
        column.addWidget(self.problem)
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
        column.addStretch(1)
        self.check.changed.connect(self._show_buttons)
        onward = QAction(self)
        onward.setShortcut(QKeySequence("Ctrl+Return"))
        onward.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        onward.triggered.connect(self._press_next)
        self.addAction(onward)
        self._show_step(WHAT)

    def begin(self) -> None:
        """Put the focus where this step begins."""
        {
            WHAT: self.what.selected,
            WHOM: self.whom.first_box(),
            CHECK: self.check.first_question() or self.next_button,
            WHERE: self.where.line,
        }.get(self.step, self.next_button).setFocus()

    @Slot()
    def _go_open(self) -> None:
        """Lead to the export in open formats, which takes the same records."""
        chosen = self._chosen if self.what.some.isChecked() else ()
        self.shell.go("export-open", {"records": list(chosen)})

    @Slot()
    def _choose(self) -> None:
        """Lead to the list, and say how records are chosen there."""
        self.shell.go("records", {"kind": "all"})
        self.shell.say(translate(HOW_TO_CHOOSE))

    # --- steps -----------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """The step where the person is: WHAT, WHOM, CHECK, WHERE or RESULT."""
        return self.steps.current

    def _show_step(self, number: int) -> None:
        self.steps.show_page(number)
        self.step_line.show_step(number)
        self._say(None)
        self._show_buttons()
        self.begin()

    @Slot()
    def _show_buttons(self) -> None:
        words = {WHERE: t_("Write the bundle"), RESULT: t_("Another export")}
        self.next_button.setText(words.get(self.step, t_("Next")))
        is_working = self.job is not None
        self.next_button.setVisible(not is_working)
        has_back = self._unwritten if self.step == RESULT else self.step != WHAT
        self.back_button.setText(t_("Try again") if self.step == RESULT else t_("Back"))
        self.back_button.setVisible(not is_working and bool(has_back))
        self.next_button.setEnabled(self.step != CHECK or self.check.may_go_on())
        self.steps.setEnabled(not is_working)

    @Slot()
    def _press_next(self) -> None:
        if self.next_button.isEnabled() and self.next_button.isVisible():
            self.go_on()

    @Slot()
    def go_back(self) -> None:
        """Go a step back; everything chosen stays."""
        self._show_step(max(WHAT, self.step - 1))

    @Slot()
    def go_on(self) -> None:
        """Go a step on if what is chosen can be used, else say why not."""
        match self.step:
            case 0:
                self._show_step(WHOM)
            case 1:
                self._begin_check()
            case 2:
                self._show_step(WHERE)
            case 3:
                self._begin_writing()
            case _:
                self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was chosen."""
        self._chosen = ()
        self._unwritten = ()
        self.what.show_chosen(0)
        self.check.clear()
        self.whom.clear()
        self._show_step(WHAT)

    def _say(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, FielddocError):
            self.shell.show_error(error)
            error = None
        self.problem.setText(
            in_a_row((error.sentence(), error.advice_in_window())) if error else ""
        )
        self.problem.setVisible(error is not None)

    # --- check -----------------------------------------------------------------------------------

    def _begin_check(self) -> None:
        """Find out, without writing anything, what would leave and what speaks against it."""
        try:
            passphrase = self.whom.passphrase()
        except FielddocError as error:
            self._say(error)
            return
        names, to_self = self.whom.chosen_names(), self.whom.to_self.isChecked()
        if not (names or to_self or passphrase is not None):
            self.problem.setText(t_("Choose at least one partner, a passphrase, or yourself."))
            self.problem.show()
            return
        is_complete = self.what.complete.isChecked()
        selection = self._selection()
        language = language_of_system()
        chosen, takes_files = selection.records, self.what.with_attachments.isChecked()

        def work(
            vault: Vault, turn: Turn, tell: Progress
        ) -> tuple[list[_Recipient], Selection, ExportPreview]:
            tell("", 0, 1)
            recipients = turn(lambda: _recipients(vault, names, passphrase, to_self=to_self))
            if is_complete:
                audiences = [recipient.audience for recipient in recipients]
                return recipients, selection, turn(lambda: complete_size(vault, audiences))
            wanted = chosen or all_but_secret(vault, with_attachments=takes_files, turn=turn)
            if not wanted:
                raise NothingToExportError
            whole = replace(selection, records=wanted)
            preview = preview_export(
                vault, recipients[0].audience, whole, language=language, turn=turn
            )
            if not chosen:
                preview = replace(preview, held_back=held_back_of_all(vault, whole, turn=turn))
            return recipients, whole, preview

        def done(found: tuple[list[_Recipient], Selection, ExportPreview]) -> None:
            self._ended()
            recipients, whole, preview = found
            self._unwritten = recipients
            self.check.show_plan(recipients, whole, preview, is_complete=is_complete)
            self._show_step(CHECK)

        self._start(work, done, t_("Looking through what would leave…"))

    def _selection(self) -> Selection:
        return Selection(
            records=self._chosen if self.what.some.isChecked() else (),
            left_out=self.what.fields.left_out(),
            dates=self.what.date_precision(),
            pseudonyms=self.what.pseudonyms.isChecked(),
            with_attachments=self.what.with_attachments.isChecked(),
            one_off=self.what.one_off.isChecked(),
        )

    # --- write -----------------------------------------------------------------------------------

    def _begin_writing(self) -> None:
        folder, named = self.where.folder(), self.where.line.text()
        if folder is None:
            self.problem.setText(t_("Choose the folder first."))
            self.problem.show()
            return
        recipients, is_complete = self._unwritten, self.check.is_complete
        selection = replace(
            self.check.selection,
            despite_consent=self.check.despite_consent.isChecked(),
            allow_leaks=self.check.despite_leaks.isChecked(),
        )
        language = language_of_system()
        words = {"writing": t_("Writing"), "read back": t_("Reading back and comparing")}

        def work(vault: Vault, turn: Turn, tell: Progress) -> list[_Outcome]:
            if not folder.is_dir():
                raise NotAPlainFileError(name=named)
            outcomes: list[_Outcome] = []
            for recipient in recipients:

                def both(what: str, done: int, total: int, name: str = recipient.name) -> None:
                    shift = total if what == "read back" else 0
                    phase = f"{words.get(what, words['writing'])}: {name}"
                    tell(phase, done + shift, 2 * total)

                try:
                    if is_complete:
                        written = export_complete(
                            vault,
                            recipient.audience,
                            folder,
                            language=language,
                            progress=both,
                            turn=turn,
                        )
                    else:
                        written = export_selected(
                            vault,
                            recipient.audience,
                            folder,
                            selection,
                            language=language,
                            progress=both,
                            turn=turn,
                        )
                except FielddocError as error:
                    # One that failed must not hide that others are written.
                    outcomes.append(_Outcome(recipient.name, None, error))
                    if error.code == "cancelled":
                        break
                    continue
                outcomes.append(_Outcome(recipient.name, written, None))
            return outcomes

        def done(outcomes: list[_Outcome]) -> None:
            written = {n for n, outcome in enumerate(outcomes) if outcome.written is not None}
            self._unwritten = [one for n, one in enumerate(recipients) if n not in written]
            self._ended()
            self.result.show_outcomes(outcomes)
            self._show_step(RESULT)

        self._start(work, done, t_("Writing"), stopped=_STOPPED)

    def _start(
        self,
        work: Callable[[Vault, Turn, Progress], T],
        done: Callable[[T], None],
        words: str,
        *,
        stopped: str = "",
    ) -> None:
        self._say(None)
        self.job = self.session.start_job(self, work, done, self._failed, stopped=stopped)
        self.work.watch(self.job, words)
        self._show_buttons()

    def _ended(self) -> None:
        self.job = None
        self.work.hide()
        self._show_buttons()

    def _failed(self, error: BaseException) -> None:
        self._ended()
        self._say(error)

    # --- Page ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show the partners as they are now."""
        self.session.ask(self, contacts.listing, self.whom.show_contacts)

    def save_now(self) -> None:
        """Keep nothing: nothing typed here is a record."""

    def leave(self) -> None:
        """Keep what stands here; a job goes on."""

    def place(self) -> Place:
        """Return which records were chosen."""
        return {"records": list(self._chosen)}

    def restore(self, place: Place) -> None:
        """Begin an export of the records that are named."""
        wanted = place.get("records")
        if isinstance(wanted, list) and wanted and self.job is None:
            self._chosen = tuple(str(record) for record in wanted)
            self.what.show_chosen(len(self._chosen))
            self._show_step(WHAT)


class _What(QWidget):
    """Which records, with which fields."""

    choosing = Signal()
    """The person wants to choose records in the list."""

    def __init__(self) -> None:
        super().__init__()
        column = _column(self)
        self.selected = QRadioButton(t_("All records but the sources"))
        self.selected.setChecked(True)
        self.complete = QRadioButton(t_("The whole vault with its history"))
        column.addWidget(self.selected)
        column.addWidget(
            _quiet(
                t_(
                    "For partners. They get the present state only: no history, no device, no time"
                    " of typing. A later export updates what they have."
                )
            )
        )
        line = QHBoxLayout()
        self.some = QRadioButton()
        line.addWidget(self.some)
        self.choose_button = QPushButton(t_("Choose records…"))
        self.choose_button.clicked.connect(self.choosing)
        line.addWidget(self.choose_button)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(_quiet(translate(HOW_TO_CHOOSE)))
        column.addWidget(self.complete)
        column.addWidget(
            _quiet(t_("For your own other computer, or as a backup that you keep elsewhere."))
        )
        self.options = QWidget()
        options = _column(self.options)
        self.with_attachments = QCheckBox(t_("Attached files too"))
        self.one_off = QCheckBox(
            t_("For once only: nobody can match these records with other exports")
        )
        options.addWidget(self.with_attachments)
        options.addWidget(self.one_off)
        self.pseudonyms = QCheckBox(
            t_("People go under their pseudonyms, without what points at them")
        )
        options.addWidget(self.pseudonyms)
        options.addLayout(self._dates_line())
        self.fields = FieldsToLeaveOut()
        options.addWidget(self.fields)
        column.addWidget(self.options)
        self.complete.toggled.connect(self.options.setDisabled)
        self.show_chosen(0)

    def _dates_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        label = QLabel(t_("Dates leave"))
        self.dates = QuietCombo()
        for words, precision in (
            (t_("as they are recorded"), DatePrecision.DAY),
            (t_("without the day"), DatePrecision.MONTH),
            (t_("with the year only"), DatePrecision.YEAR),
        ):
            self.dates.addItem(words, precision)
        self.dates.setAccessibleName(label.text())
        label.setBuddy(self.dates)
        line.addWidget(label)
        line.addWidget(self.dates)
        line.addStretch(1)
        return line

    def date_precision(self) -> DatePrecision:
        """Return how exact dates may leave."""
        return DatePrecision(self.dates.currentData())

    def show_chosen(self, count: int) -> None:
        """Offer the records that were chosen in the list; where there are none, all are taken."""
        words = t_("The chosen records: {count}") if count else t_("Only records that you choose")
        self.some.setText(words.format(count=count))
        self.some.setEnabled(bool(count))
        (self.some if count else self.selected).setChecked(True)


class _Whom(QWidget):
    """Partners, a passphrase, oneself."""

    def __init__(self) -> None:
        super().__init__()
        column = _column(self)
        self.nobody = _quiet(t_("There is no partner yet. Add one on the page Partners."))
        column.addWidget(self.nobody)
        self.boxes: dict[str, QCheckBox] = {}
        self.people = QVBoxLayout()
        column.addLayout(self.people)
        column.addWidget(_quiet(t_("Each of them gets a file of their own.")))
        self.with_passphrase = QCheckBox(t_("Whoever knows a passphrase"))
        column.addWidget(self.with_passphrase)
        self.passphrase_box = QWidget()
        inner = QVBoxLayout()
        inner.setSpacing(style.GRID)
        self.passphrase_box.setLayout(indented(inner, 3 * style.GRID))
        self.first = PassphraseEdit(t_("Passphrase for the bundle"))
        self.again = PassphraseEdit(t_("The same passphrase again"))
        self.draw = QPushButton(t_("Six words by chance"))
        self.draw.clicked.connect(self._draw)
        inner.addWidget(self.first)
        inner.addWidget(self.again)
        line = QHBoxLayout()
        line.addWidget(self.draw)
        line.addStretch(1)
        inner.addLayout(line)
        self.passphrase_box.hide()
        self.with_passphrase.toggled.connect(self.passphrase_box.setVisible)
        column.addWidget(self.passphrase_box)
        self.to_self = QCheckBox(t_("Yourself, with this vault"))
        column.addWidget(self.to_self)
        self.self_warning = _quiet(
            t_("Whoever gets hold of this vault's passphrase can open that file too.")
        )
        style.set_role(self.self_warning, "warning")
        self.self_warning.hide()
        self.to_self.toggled.connect(self.self_warning.setVisible)
        column.addWidget(self.self_warning)

    def show_contacts(self, people: list[Contact]) -> None:
        """List the partners; those that were ticked stay so."""
        ticked = set(self.chosen_names())
        while self.people.count():
            item = self.people.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self.boxes = {}
        for contact in people:
            box = QCheckBox(visible(contact.name))
            box.setChecked(contact.name in ticked)
            self.boxes[contact.name] = box
            self.people.addWidget(box)
        self.nobody.setVisible(not people)

    def first_box(self) -> QCheckBox:
        """Return the box that stands first."""
        return next(iter(self.boxes.values()), self.with_passphrase)

    def chosen_names(self) -> tuple[str, ...]:
        """Return the names of the ticked partners."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    def passphrase(self) -> str | None:
        """Return the passphrase if one is wanted.

        Raises:
            PassphrasesDifferError: it was not typed the same twice.
        """
        if not self.with_passphrase.isChecked():
            return None
        if self.first.text() != self.again.text():
            raise PassphrasesDifferError
        return self.first.text()

    def clear(self) -> None:
        """Forget what was chosen."""
        for box in (*self.boxes.values(), self.with_passphrase, self.to_self):
            box.setChecked(False)
        self.first.clear()
        self.again.clear()

    @Slot()
    def _draw(self) -> None:
        words = passphrase_words.generated()
        self.first.set_text(words)
        self.again.set_text(words)
        self.first.eye.setChecked(True)


class _Check(QWidget):
    """What would leave, and what speaks against it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.recipients: list[_Recipient] = []
        self.selection = Selection(records=())
        self.is_complete = False
        column = _column(self)
        self.what = _words("")
        style.set_role(self.what, "heading")
        column.addWidget(self.what)
        self.who = _words("")
        column.addWidget(self.who)
        self.unknown = _words("")
        style.set_role(self.unknown, "warning")
        column.addWidget(self.unknown)
        self.refusals = _words("")
        style.set_role(self.refusals, "warning")
        column.addWidget(self.refusals)
        self.despite_consent = QCheckBox(t_("Export them all the same"))
        column.addWidget(self.despite_consent)
        self.leaks = _words("")
        style.set_role(self.leaks, "warning")
        column.addWidget(self.leaks)
        self.despite_leaks = QCheckBox(t_("These words may leave"))
        column.addWidget(self.despite_leaks)
        self.everything = _words(
            t_(
                "The whole vault goes to somebody else: all records with their history and the"
                " trash, all that is marked secret, people who said no, and who the sources are"
                " unless a passphrase of its own closes that."
            )
        )
        style.set_role(self.everything, "warning")
        column.addWidget(self.everything)
        self.everything_leaves = QCheckBox(t_("They are to have all of it"))
        column.addWidget(self.everything_leaves)
        self.all_well = _words(
            t_("Nobody has said no, and none of the words that are to stay here is in it.")
        )
        style.set_role(self.all_well, "quiet")
        column.addWidget(self.all_well)
        self.despite_consent.toggled.connect(self.changed)
        self.despite_leaks.toggled.connect(self.changed)
        self.everything_leaves.toggled.connect(self.changed)
        self._preview = ExportPreview(
            records=0, attachments=0, attachment_bytes=0, refusals=(), leaks=()
        )

    def show_plan(
        self,
        recipients: list[_Recipient],
        selection: Selection,
        preview: ExportPreview,
        *,
        is_complete: bool,
    ) -> None:
        """Show what the job found."""
        self.recipients, self.selection = recipients, selection
        self.is_complete, self._preview = is_complete, preview
        self.what.setText(
            record_and_file_count(preview.records, preview.attachments, preview.attachment_bytes)
        )
        self.who.setText("\n".join(_who_can_open(recipient) for recipient in recipients))
        self.unknown.setText("\n".join(_what_is_not_known(preview)))
        self.unknown.setVisible(bool(self.unknown.text()))
        refused = listed(visible(title) for title in preview.refusals)
        self.refusals.setText(
            t_("Said no to being acted for, or to being shared with partners: {people}").format(
                people=refused
            )
        )
        found = listed(visible(word) for word in preview.leaks[:_LEAKS_SHOWN])
        if len(preview.leaks) > _LEAKS_SHOWN:
            found += " …"
        self.leaks.setText(
            t_("Words that were to stay stand in what would leave: {words}").format(words=found)
        )
        for widget in (self.refusals, self.despite_consent):
            widget.setVisible(bool(preview.refusals))
        for widget in (self.leaks, self.despite_leaks):
            widget.setVisible(bool(preview.leaks))
        for widget in (self.everything, self.everything_leaves):
            widget.setVisible(preview.goes_to_others)
        has_no = preview.refusals or preview.linked_refusals
        self.all_well.setVisible(not (is_complete or has_no or preview.leaks))
        self.despite_consent.setChecked(False)
        self.despite_leaks.setChecked(False)
        self.everything_leaves.setChecked(False)

    def may_go_on(self) -> bool:
        """Tell whether everything that speaks against it was answered."""
        refused = bool(self._preview.refusals) and not self.despite_consent.isChecked()
        leaking = bool(self._preview.leaks) and not self.despite_leaks.isChecked()
        unsaid = self._preview.goes_to_others and not self.everything_leaves.isChecked()
        return not (refused or leaking or unsaid)

    def first_question(self) -> QCheckBox | None:
        """Return the box that must be answered first, if there is one."""
        boxes = (self.despite_consent, self.despite_leaks, self.everything_leaves)
        return next((box for box in boxes if not box.isHidden()), None)

    def clear(self) -> None:
        """Forget the plan, with the keys that it knows."""
        self.recipients = []
        self.selection = Selection(records=())


class _Where(QWidget):
    """The folder, for example of a stick."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        column = _column(self)
        label = QLabel(t_("Into which folder, for example that of a stick"))
        column.addWidget(label)
        row = QHBoxLayout()
        self.line = QLineEdit()
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        label.setBuddy(self.line)
        self.line.textChanged.connect(self._show_space)
        row.addWidget(self.line, 1)
        choose = QPushButton(t_("Choose…"))
        choose.setIcon(style.icon("folder-open"))
        choose.clicked.connect(self._choose)
        row.addWidget(choose)
        column.addLayout(row)
        self.space = _quiet("")
        column.addWidget(self.space)
        column.addWidget(
            _quiet(
                t_(
                    "The file's name says nothing. It is written, read back and compared before it"
                    " gets its name, so wait until it says that it is verified."
                )
            )
        )

    def folder(self) -> Path | None:
        """Return the folder, or None if none is named."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    @Slot()
    def _choose(self) -> None:
        choose_folder(self, t_("Into which folder"), lambda path: self.line.setText(str(path)))

    @Slot()
    def _show_space(self) -> None:
        folder = self.folder()
        self.space.setText("")
        if folder is None:
            return

        def show(free: int | None) -> None:
            if free is not None and self.folder() == folder:
                self.space.setText(t_("{size} free").format(size=size_words(free)))

        self._session.run_aside(self, lambda: _free_bytes(folder), show)


def _free_bytes(folder: Path) -> int | None:
    """Return the room on the disk of a folder, or None if there is no such folder."""
    try:
        return shutil.disk_usage(folder).free if folder.is_dir() else None
    except OSError:
        return None


class _Result(QWidget):
    """Each file: its name, place and size, and who can open it."""

    def __init__(self) -> None:
        super().__init__()
        self.column = _column(self)
        self.column.setSpacing(2 * style.GRID)

    def show_outcomes(self, outcomes: Sequence[_Outcome]) -> None:
        """Show what became of each file."""
        while self.column.count():
            item = self.column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for outcome in outcomes:
            self.column.addWidget(_outcome_card(outcome))
        if any(outcome.written for outcome in outcomes):
            self.column.addWidget(_words(t_("Eject the stick before you pull it out.")))


def _outcome_card(outcome: _Outcome) -> QFrame:
    card = QFrame()
    style.set_role(card, "card")
    column = QVBoxLayout(card)
    edge = 2 * style.GRID
    column.setContentsMargins(edge, edge, edge, edge)
    name = _words(visible(outcome.name))
    style.set_role(name, "heading")
    column.addWidget(name)
    if outcome.written is None:
        error = outcome.error
        text = (
            in_a_row((error.sentence(), error.advice_in_window()))
            if isinstance(error, FielddocError)
            else ""
        )
        problem = _words(text)
        style.set_role(problem, "error")
        column.addWidget(problem)
        return card
    written = outcome.written
    verified = _words(t_("Written, read back and verified."))
    style.set_role(verified, "good")
    column.addWidget(verified)
    for path in written.files:
        column.addWidget(_words(left_to_right(str(path))))
    whole = t_("The bundle has {size}.").format(size=size_words(written.size_bytes))
    held = record_and_file_count(written.records, written.attachments)
    column.addWidget(_words(in_a_row((held, whole))))
    column.addWidget(_quiet(_how_it_opens(written)))
    copy = QPushButton(t_("Copy the path"))
    copy.setIcon(style.icon("copy"))
    first = str(written.files[0])
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(first))
    line = QHBoxLayout()
    line.addWidget(copy)
    line.addStretch(1)
    column.addLayout(line)
    return card


def _how_it_opens(written: Written) -> str:
    if written.codes == (bag.PASSPHRASE,):
        return t_("Opens with the passphrase, in fielddoc or any age program.")
    if written.is_post_quantum:
        return t_(
            "Opens only with that partner's vault, or their key in age 1.3 or later. It holds"
            " against future quantum computers."
        )
    return t_(
        "Opens only with that partner's vault, or their key in any age program. It does not hold"
        " against future quantum computers."
    )


def _who_can_open(recipient: _Recipient) -> str:
    name = visible(recipient.name)
    if recipient.audience.codes == (bag.PASSPHRASE,):
        return name
    if recipient.audience.is_post_quantum:
        return t_("{name}: holds against future quantum computers").format(name=name)
    return t_("{name}: does not hold against future quantum computers").format(name=name)


def _recipients(
    vault: Vault, names: Sequence[str], passphrase: str | None, *, to_self: bool
) -> list[_Recipient]:
    found = [
        _Recipient(name, for_cards([read_card(contacts.get(vault, name).card)])) for name in names
    ]
    if passphrase is not None:
        found.append(_Recipient(t_("Whoever knows the passphrase"), for_passphrase(passphrase)))
    if to_self:
        found.append(_Recipient(t_("Yourself"), for_cards([own_card(identity.current(vault))])))
    return found


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(style.GRID)
    return column


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _quiet(text: str) -> QLabel:
    label = _words(text)
    style.set_role(label, "small")
    return label


_NAMES_SHOWN = 6


def _what_is_not_known(preview: ExportPreview) -> list[str]:
    """Return a line each: who did not agree, what stays as secret, what could not be looked at."""
    lines: list[str] = []
    if preview.not_asked:
        names = [visible(title) for title in preview.not_asked[:_NAMES_SHOWN]]
        if len(preview.not_asked) > _NAMES_SHOWN:
            names.append(t_("{count} more").format(count=len(preview.not_asked) - _NAMES_SHOWN))
        words = t_("It is not known whether they agree to be shared with partners: {names}")
        lines.append(words.format(names=listed(names)))
    if preview.linked_refusals:
        lines.append(linked_refusals_line(preview.linked_refusals))
    if preview.held_back:
        words = t_("Marked secret, and therefore left out: {count}.")
        lines.append(words.format(count=preview.held_back))
    if preview.not_sought:
        words = t_("Too short to be looked for in what leaves, so look yourself: {words}")
        lines.append(words.format(words=listed(map(visible, preview.not_sought))))
    if preview.are_sources_closed:
        lines.append(
            t_("Who sources are is closed, so nobody looked whether their names stand in it.")
        )
    return lines
