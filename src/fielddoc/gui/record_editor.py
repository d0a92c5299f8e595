"""The editor of one record: its form, files and history; what is typed is kept by itself.

While somebody types, a draft is handed to the vault every two seconds and whenever the focus goes
to another field. It becomes a revision when the record is left, or with Ctrl+S. Only fields that
were changed here are written, so that what an import brought meanwhile stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import shiboken6
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QTextCursor
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.canonical import Json, same
from fielddoc.domain.matches import excerpts
from fielddoc.domain.merge import Conflict
from fielddoc.domain.own_fields import OwnField, with_own_fields
from fielddoc.domain.query import Query
from fielddoc.domain.record_types import record_type
from fielddoc.domain.revision import is_record_id, new_id
from fielddoc.domain.schema import Field, RecordType
from fielddoc.domain.titles import NO_TITLE, title_of
from fielddoc.domain.validation import Problem, check
from fielddoc.domain.visible import visible
from fielddoc.domain.words import in_words, moment_in_words
from fielddoc.errors import RecordNotFoundError
from fielddoc.gui import style
from fielddoc.gui.consents_note import ConsentsNote
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.form import FieldsForm
from fielddoc.gui.file_details import plain_label
from fielddoc.gui.files_panel import FilesPanel
from fielddoc.gui.history_panel import HistoryPanel
from fielddoc.gui.hits import MOST_EXCERPTS, HitsNote, mark_fields
from fielddoc.gui.keep_template import KeepTemplate
from fielddoc.gui.person_notes import PersonNotes, person_notes
from fielddoc.gui.record_list import ICONS
from fielddoc.gui.related_panel import RelatedPanel
from fielddoc.gui.reply_note import reply_line
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.gui.typed import Typed, typed_of
from fielddoc.i18n import language_of_system, listed, t_, translate
from fielddoc.vault import drafts, merging, own_fields, records, risks, templates, titles
from fielddoc.vault import undo as undoing
from fielddoc.vault.drafts import Draft
from fielddoc.vault.records import Record
from fielddoc.vault.templates import Template
from fielddoc.vault.vault import Vault

DRAFT_MS = 2000
_HEAD_HEIGHT = 64
_COALESCE_MS = 1000
_UNDO_STEPS = 200
_PROBLEMS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What the vault's thread brings for a record."""

    record: Record | None
    """None for a record that was typed and never saved."""
    draft: Draft | None
    title: str
    own_fields: tuple[OwnField, ...]
    person: PersonNotes | None
    reply: str
    """How the reply to an action stands; empty for anything else."""
    linked: Mapping[str, str]
    """Titles, by id, of records that are linked in values in conflict."""


@dataclass(slots=True)
class _Kept:
    """What the vault has of the open record. Changed on the vault's thread, after each write."""

    values: dict[str, Json]
    is_new: bool


class RecordEditor(QWidget):
    """Shows one record and keeps what is typed: a draft at once, a revision on leaving."""

    closed = Signal()
    created = Signal(str)
    """The id of a new record, as soon as something is typed in it."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.record: str | None = None
        self.type_name = ""
        self.form: FieldsForm | None = None
        self._base: dict[str, Json] = {}
        """What the vault has, or will have once what was handed over is written; the difference to
        it is what will be written."""
        self._kept = _Kept({}, is_new=True)
        self._is_new = False
        self._is_deleted = False
        self._generation = 0
        self._drafted: dict[str, Json] | None = None
        self._last: dict[str, Json] = {}
        self._last_field = ""
        self._undo: list[dict[str, Json]] = []
        self._redo: list[dict[str, Json]] = []
        self._wanted_field = ""
        self._forms: dict[str, tuple[RecordType | None, FieldsForm]] = {}
        self._own_fields: tuple[OwnField, ...] = ()
        self._sought = Query()
        self._draft_timer = _single_shot(self, DRAFT_MS, self._save_draft)
        self._coalescing = _single_shot(self, _COALESCE_MS, self._end_coalescing)
        self._checking = _single_shot(self, 400, self._check)
        self._build()
        self._add_shortcuts()
        self.session.record_changed.connect(self._renew_own_fields)
        self._renew_own_fields()
        self.typed = typed_of(session)
        self.typed.written.connect(self._written_after_all)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    # --- what stands in it -----------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self.notes = QVBoxLayout()
        self.notes.setContentsMargins(2 * style.GRID, 0, 2 * style.GRID, style.GRID // 2)
        self.notes.setSpacing(style.GRID)
        column.addLayout(self.notes)
        self.consents = ConsentsNote(self.session)
        spoken_for = QVBoxLayout()
        spoken_for.setContentsMargins(2 * style.GRID, 0, 2 * style.GRID, style.GRID // 2)
        spoken_for.addWidget(self.consents)
        column.addLayout(spoken_for)
        self.template_name = KeepTemplate(self.session)
        self.template_name.wanted.connect(self._keep_template)
        beside = QVBoxLayout()
        beside.setContentsMargins(2 * style.GRID, 0, 2 * style.GRID, style.GRID // 2)
        beside.addWidget(self.template_name)
        column.addLayout(beside)
        self.hits = HitsNote()
        column.addWidget(self.hits)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(t_("Record"))
        self.tabs.setDocumentMode(True)
        self.form_area = QScrollArea()
        self.form_area.setWidgetResizable(True)
        self.form_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.form_area.verticalScrollBar().rangeChanged.connect(self._keep_focused_in_view)
        self.tabs.addTab(self.form_area, t_("Record"))
        self.files = FilesPanel(self.session, self.shell)
        self.files.set_area(self)
        self.files.make_ready = self._make_ready
        self.files.wanted.connect(self._show_files)
        self.tabs.addTab(self.files, t_("Files"))
        self.history = HistoryPanel(self.session, self.shell)
        self.history.restored.connect(self._restored)
        self.tabs.addTab(self.history, t_("History"))
        self.related = RelatedPanel(self.session, self.shell)
        self.tabs.addTab(self.related, t_("Related"))
        self.tabs.currentChanged.connect(self._tab_changed)
        column.addWidget(self.tabs, 1)

    def _head(self) -> QFrame:
        head = QFrame()
        # As high for one line as for two, so that the tabs below do not jump from record to record.
        head.setMinimumHeight(style.scaled(_HEAD_HEIGHT))
        row = QHBoxLayout(head)
        row.setContentsMargins(2 * style.GRID, style.GRID, style.GRID, style.GRID)
        row.setSpacing(style.GRID)
        self.icon = QLabel()
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        style.set_role(self.title, "heading")
        words.addWidget(self.title)
        self.state = QLabel()
        self.state.setWordWrap(True)
        style.set_role(self.state, "small")
        words.addWidget(self.state)
        row.addLayout(words, 1)
        self.undo_button = _tool(t_("Undo"), "undo-2", t_("Undo (Ctrl+Z)"))
        self.undo_button.clicked.connect(self.undo)
        self.redo_button = _tool(t_("Redo"), "redo-2", t_("Redo (Ctrl+Shift+Z)"))
        self.redo_button.clicked.connect(self.redo)
        self.more_button = _tool(t_("More"), "ellipsis", t_("What else can be done with it"))
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setMenu(self._menu())
        self.close_button = _tool(t_("Close"), "x", t_("Close; what was typed is saved"))
        self.close_button.clicked.connect(self.close_record)
        for button in (self.undo_button, self.redo_button, self.more_button, self.close_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        self.copy_action = menu.addAction(style.icon("copy"), t_("New from this one"))
        self.copy_action.triggered.connect(self._new_from_this)
        self.template_action = menu.addAction(style.icon("save"), t_("Keep as a template"))
        self.template_action.triggered.connect(self._ask_for_template_name)
        self.happened_action = menu.addAction(
            style.icon("circle-alert"), t_("It has happened: make an incident")
        )
        self.happened_action.triggered.connect(self._happened)
        self.export_action = menu.addAction(style.icon("upload"), t_("Export this record"))
        self.export_action.triggered.connect(self._export)
        self.trash_action = menu.addAction(style.icon("trash-2"), t_("Move to trash"))
        self.trash_action.triggered.connect(self.move_to_trash)
        return menu

    def _add_shortcuts(self) -> None:
        for keys, step in (
            ("Ctrl+S", self.commit),
            ("Ctrl+Z", self.undo),
            ("Ctrl+Shift+Z", self.redo),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(partial(_without_argument, step))
            self.addAction(action)

    @Slot()
    def _renew_own_fields(self) -> None:
        """Know the fields of one's own that a new form is to have."""

        def keep(found: tuple[OwnField, ...]) -> None:
            self._own_fields = found

        self.session.ask(self, own_fields.declared_in, keep)

    def begin(self) -> None:
        """Put the focus into the first field."""
        if self.form is not None:
            self.form.setFocus()

    # --- opening ---------------------------------------------------------------------------------

    def open_record(self, record: str) -> None:
        """Show a record, with its draft if there is one."""
        self._stop_timers()
        self._generation += 1
        generation = self._generation
        self.record = record
        self._drafted = None
        language = language_of_system()

        def show(loaded: _Loaded) -> None:
            if generation == self._generation:
                self._show(loaded, self.typed.waiting.get(record))

        def failed(error: BaseException) -> None:
            if generation == self._generation:
                self.shell.show_error(error)
                self.record = None
                self.closed.emit()

        self.session.ask(self, partial(_load, record, language), show, failed)

    def new_record(self, type_name: str, values: Mapping[str, Json] | None = None) -> None:
        """Show an empty form; it becomes a record when something is typed."""
        self._stop_timers()
        self._generation += 1
        self.record = None
        self._drafted = None
        self._is_new, self._is_deleted = True, False
        self._base = {}
        self._kept = _Kept({}, is_new=True)
        self.title.setProperty("fallback", "")
        self._show_form(type_name, dict(values or {}))
        self._clear_notes()
        self.hits.show_excerpts(())
        self.state.setText(t_("New. It is kept as soon as something is typed."))
        self.tabs.setCurrentWidget(self.form_area)
        self._enable_tabs(is_saved=False)
        if values:
            self._changed("")

    def _show(self, loaded: _Loaded, refused: Typed | None) -> None:
        record, draft = loaded.record, loaded.draft
        if refused is not None:
            # Newer than the draft: the vault could not write it yet.
            draft = Draft(self.record or "", refused.type, records.now_ms(), dict(refused.values))
        if record is None and draft is None:
            self.shell.show_error(RecordNotFoundError(name=self.record or ""))
            self.record = None
            self.closed.emit()
            return
        self._own_fields = loaded.own_fields
        self._is_new = record is None
        self._is_deleted = record is not None and record.deleted
        self._base = dict(record.values) if record is not None else {}
        type_name = record.type if record is not None else (draft.type if draft else "")
        values = dict(draft.values) if draft is not None else self._base
        self._kept = _Kept(self._base, is_new=self._is_new)
        self._drafted = dict(draft.values) if draft is not None and refused is None else None
        self._show_form(type_name, values)
        self.title.setProperty("fallback", visible(loaded.title))
        self._show_title()
        self._clear_notes()
        self.state.setText("")
        if draft is not None:
            self._note_draft(draft)
        if self._is_deleted:
            self._note_trash()
        if loaded.person is not None:
            self._note_person(loaded.person)
        if loaded.reply:
            self._note(loaded.reply)
        if record is not None:
            for conflict in record.conflicts:
                self._note_conflict(conflict, loaded.linked)
        self._check()
        self._show_hits()
        has_record = record is not None
        self._enable_tabs(is_saved=has_record)
        self._tab_changed()
        if self._wanted_field and self.form is not None:
            self.form.focus_field(self._wanted_field)
            self._wanted_field = ""
            _go_behind_text(QApplication.focusWidget())

    def _show_form(self, type_name: str, values: dict[str, Json]) -> None:
        known = record_type(type_name)
        declared = with_own_fields(known, self._own_fields) if known else None
        self.type_name = type_name
        made = self._forms.get(type_name)
        if made is not None and made[0] == declared:
            form = made[1]
        else:
            if made is not None:
                made[1].deleteLater()
            context = FieldContext(self.session, self.shell)
            form = FieldsForm(declared.fields if declared else (), context, is_whole_record=True)
            form.setContentsMargins(2 * style.GRID, 2 * style.GRID, 2 * style.GRID, 2 * style.GRID)
            form.field_changed.connect(self._changed)
            self._forms[type_name] = (declared, form)
        if self.form_area.widget() is not form:
            before = self.form_area.takeWidget()
            if before is not None:
                # Without a parent it would outlive the editor, and Python would destroy it in
                # whichever thread it happens to tidy up.
                before.hide()
                before.setParent(self)
            self.form_area.setWidget(form)
        self.form = form
        form.set_values(values)
        form.fold()
        form.set_read_only(is_read_only=self._is_deleted)
        self._undo, self._redo = [], []
        self._last, self._last_field = form.values(), ""
        self.form_area.verticalScrollBar().setValue(0)
        size = style.scaled(20)
        icon = ICONS.get(type_name, "file-text")
        self.icon.setPixmap(style.icon(icon, style.colours_now().quiet).pixmap(size, size))
        self.copy_action.setEnabled(declared is not None)
        self.happened_action.setVisible(type_name == "risk")
        self._show_title()
        self._show_undo()
        self.consents.show_for(type_name, self._last)

    def _show_title(self) -> None:
        declared = record_type(self.type_name)
        kind = translate(declared.label) if declared else visible(self.type_name)
        values = self.form.values() if self.form is not None else {}
        own = visible(title_of(self.type_name, values, language_of_system()))
        self.title.setText(own or str(self.title.property("fallback") or "") or kind)
        self.setAccessibleName(f"{kind}: {self.title.text()}")

    # --- typing ----------------------------------------------------------------------------------

    @Slot(str)
    def _changed(self, name: str) -> None:
        if self.form is None or self._is_deleted:
            return
        if not (name and name == self._last_field and self._coalescing.isActive()):
            self._undo = [*self._undo, self._last][-_UNDO_STEPS:]
        self._redo = []
        self._last_field = name
        self._coalescing.start()
        self._note_change()

    def _note_change(self) -> None:
        assert self.form is not None
        self._last = self.form.values()
        if self.record is None:
            self.record = new_id()
            self.files.show_record(self.record)
            self.tabs.setTabEnabled(self.tabs.indexOf(self.files), True)  # noqa: FBT003 - Qt's
            self.created.emit(self.record)
        if not self._draft_timer.isActive():
            self._draft_timer.start()
        self._checking.start()
        self._show_title()
        self._show_undo()

    @Slot()
    def _end_coalescing(self) -> None:
        self._last_field = ""

    @Slot()
    def undo(self) -> None:
        """Take the last change of the form back."""
        if self._undo and self.form is not None and not self._is_deleted:
            self._redo.append(self.form.values())
            self._step_to(self._undo.pop())

    @Slot()
    def redo(self) -> None:
        """Do again what was undone."""
        if self._redo and self.form is not None:
            self._undo.append(self.form.values())
            self._step_to(self._redo.pop())

    def _step_to(self, values: dict[str, Json]) -> None:
        assert self.form is not None
        touched = self.form.set_values(values)
        if touched:
            self.form.focus_field(touched[0])
        self._last_field = ""
        self._note_change()

    def _show_undo(self) -> None:
        self.undo_button.setEnabled(bool(self._undo))
        self.redo_button.setEnabled(bool(self._redo))

    @Slot()
    def _check(self) -> None:
        """Show what is wrong or missing, as far as it can be told without the vault."""
        known = record_type(self.type_name)
        declared = with_own_fields(known, self._own_fields) if known else None
        if self.form is None or declared is None:
            return
        values = self.form.values()
        problems = check(declared, values, None)
        self.form.show_problems(problems)
        self.consents.show_for(self.type_name, values)
        self._show_still_to_do(problems)

    def _show_still_to_do(self, problems: tuple[Problem, ...]) -> None:
        assert self.form is not None
        paths = list(dict.fromkeys(problem.path.partition(".")[0] for problem in problems))
        labels = [self.form.label_of(path) for path in paths[:_PROBLEMS_SHOWN]]
        words = ""
        if labels:
            words = t_("Still to do: {fields}").format(fields=listed(labels))
        self.state.setToolTip(words)
        saved = str(self.state.property("saved") or "")
        self.state.setText("  ·  ".join(part for part in (saved, words) if part))

    def _show_saved(self, words: str) -> None:
        self.state.setProperty("saved", words)
        self._check()

    def forget_saved(self) -> None:
        """Call nothing saved any more: the vault is not where it was."""
        if self.form is not None and self.record not in self.typed.waiting:
            self._show_saved("")

    # --- drafts ----------------------------------------------------------------------------------

    @Slot()
    def _save_draft(self) -> None:
        self.save_now()

    @Slot(QWidget, QWidget)
    def _focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        """Keep a draft when the focus goes from one field to another, or to another program."""
        came_from_here = before is not None and self.isAncestorOf(before)
        if came_from_here and before is not now and self._draft_timer.isActive():
            self.save_now()

    @Slot()
    def _keep_focused_in_view(self) -> None:
        """Follow what has the focus when the form grows or shrinks around it.

        A new entry opens below what is seen, and a date that is typed makes the timeline
        above it higher.
        """
        focused = QApplication.focusWidget()
        if focused is not None and self.form is not None and self.form.isAncestorOf(focused):
            self.form_area.ensureWidgetVisible(focused)

    def save_now(self) -> None:
        """Hand what was typed to the vault's thread now, as a draft."""
        self._draft_timer.stop()
        values = self._unsaved()
        if values is None or self.record is None:
            return
        if self._drafted is not None and same(values, self._drafted):
            return
        self._drafted = values
        record, type_name, generation = self.record, self.type_name, self._generation

        def done() -> None:
            if self._is_at(record):
                words = t_("Draft saved {time}").format(time=_now())
                self._show_saved(words)
                self.shell.show_saved(words)

        def failed(error: BaseException) -> None:
            self._refused(record, generation, error)

        self.typed.write(
            record,
            Typed(type_name, values),
            lambda vault: drafts.save(vault, record, type_name, values),
            done,
            failed,
        )

    def _is_at(self, record: str) -> bool:
        return shiboken6.isValid(self) and self.record == record

    def _refused(self, record: str, generation: int, error: BaseException) -> None:
        """Know again that the vault does not have what was handed over, and go on trying."""
        if not shiboken6.isValid(self):
            self.session.failed.emit(error)
            return
        self.shell.show_error(error)
        if self.record != record or generation != self._generation:
            return
        self._base, self._is_new = dict(self._kept.values), self._kept.is_new
        self._drafted = None
        self._show_saved(t_("Not saved yet. It is tried again every two seconds."))

    @Slot(str)
    def _written_after_all(self, record: str) -> None:
        if self.record == record:
            words = t_("Draft saved {time}").format(time=_now())
            self._show_saved(words)
            self.shell.show_saved(words)

    def _unsaved(self) -> dict[str, Json] | None:
        """Return what stands in the form if it differs from what the vault has."""
        if self.form is None or self._is_deleted:
            return None
        values = self.form.values()
        if same(values, self._base) or (self._is_new and not values):
            return None
        return values

    def commit(self, then: Callable[[], None] | None = None) -> None:
        """Make a revision of what was typed, then call `then`; nothing typed, no revision."""
        self._stop_timers()
        values, record = self._unsaved(), self.record
        if record is None:
            if then is not None:
                then()
            return
        if values is None:
            self.typed.forget(record)
            if self._drafted is not None:
                self._drafted = None
                self.session.ask(self, lambda vault: drafts.discard(vault, record))
            if then is not None:
                then()
            return
        type_name, kept, generation = self.type_name, self._kept, self._generation
        self._base, self._is_new, self._drafted = values, False, None

        def step(vault: Vault) -> None:
            if kept.is_new and records.type_of(vault, record) is None:
                records.add(vault, type_name, values, record=record)
            else:
                records.revise(vault, record, _changes(kept.values, values))
                drafts.discard(vault, record)
            kept.values, kept.is_new = values, False

        def done() -> None:
            words = t_("Saved {time}").format(time=_now())
            if self._is_at(record):
                self._show_saved(words)
                self._enable_tabs(is_saved=True)
            self.shell.show_saved(words)
            self.session.record_changed.emit(record)
            if then is not None and shiboken6.isValid(self):
                then()

        def failed(error: BaseException) -> None:
            self._refused(record, generation, error)

        self.typed.write(record, Typed(type_name, values), step, done, failed)

    @Slot()
    def close_record(self) -> None:
        """Save and close."""
        self.commit()
        self.record = None
        self._generation += 1
        self.closed.emit()

    # --- what was sought -------------------------------------------------------------------------

    def show_hits(self, query: Query) -> None:
        """Show where what was sought stands, now and in each record that is opened next."""
        self._sought = query
        self._show_hits()

    def _show_hits(self) -> None:
        if self.form is None:
            return
        found = excerpts(self.type_name, self.form.values(), self._sought, most=MOST_EXCERPTS)
        self.hits.show_excerpts(found)
        mark_fields(self.form, self._sought.words)

    # --- notes above the form --------------------------------------------------------------------

    def _note(self, words: str, *buttons: tuple[str, Callable[[], None]]) -> QVBoxLayout:
        """Show words with what can be done about them, and return what more can be added to."""
        frame = QFrame()
        style.set_role(frame, "note")
        column = QVBoxLayout(frame)
        column.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        column.addWidget(label)
        row = QHBoxLayout()
        for text, step in buttons:
            button = QPushButton(text)
            button.clicked.connect(partial(_without_argument, step))
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.notes.addWidget(frame)
        return column

    def _clear_notes(self) -> None:
        self.template_name.hide()
        while self.notes.count():
            item = self.notes.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.state.setProperty("saved", "" if self._is_deleted else t_("Kept as you type"))

    def _note_draft(self, draft: Draft) -> None:
        time = moment_in_words(datetime.fromtimestamp(draft.saved_ms / 1000).astimezone())
        self._note(
            t_("What you typed until {time} is here again. It is saved when you leave it.").format(
                time=time
            ),
            (t_("Discard it"), self.discard_draft),
        )

    def discard_draft(self) -> None:
        """Throw away what was typed since the last revision."""
        record = self.record
        if record is None:
            return
        self._stop_timers()
        is_new = self._is_new

        def done(_: object) -> None:
            if is_new:
                self.record = None
                self.closed.emit()
                self.session.record_changed.emit("")
            else:
                self.open_record(record)

        self._base = self.form.values() if self.form is not None else {}
        self.typed.forget(record)
        self.session.ask(self, lambda vault: drafts.discard(vault, record), done)

    def _note_trash(self) -> None:
        self._note(t_("This record is in the trash."), (t_("Restore"), self.take_from_trash))

    def _note_person(self, person: PersonNotes) -> None:
        """Show consent where one begins to write, and who stands for whom."""
        self._note(person.consent)
        if person.stands_behind is not None:
            standing, title = person.stands_behind
            self._note(
                t_("This record was merged into {name}.").format(name=visible(title)),
                (t_("Open that one"), partial(self.shell.open_record, standing)),
                (t_("They are two people"), partial(self._separate, self.record or "")),
            )
        for other, names, has_more in person.stands_for:
            words = t_("It stands for {name} too.").format(name=visible(names))
            buttons = [(t_("Open that one"), partial(self.shell.open_record, other))]
            if has_more:
                words += " " + t_("That record has got something since that is not here.")
                buttons.append((t_("Bring it over"), partial(self._bring_over, other)))
            buttons.append((t_("They are two people"), partial(self._separate, other)))
            self._note(words, *buttons)

    def _separate(self, other: str) -> None:
        self._with_undo(
            lambda vault: merging.separate(vault, other), t_("They are two people again.")
        )

    def _bring_over(self, other: str) -> None:
        record = self.record or ""
        self._with_undo(
            lambda vault: merging.merge_people(vault, record, other), t_("Brought over.")
        )

    def _happened(self) -> None:
        """Turn the risk into an incident, and go there."""
        record = self.record
        if record is None:
            return

        def done(incident: str) -> None:
            self.session.record_changed.emit(record)
            self.shell.say(
                t_("The risk became an incident; both are linked."),
                partial(self._undo_last, record),
            )
            self.shell.open_record(incident)

        self.commit(
            lambda: self.session.ask(
                self, lambda vault: risks.turn_into_incident(vault, record), done
            )
        )

    @Slot()
    def _ask_for_template_name(self) -> None:
        if self.record is not None:
            self.template_name.ask_for_name(self.title.text())

    @Slot(str)
    def _keep_template(self, name: str) -> None:
        """Keep what stands here as a template, with Undo."""
        record = self.record
        if record is None:
            return

        def step(vault: Vault) -> Template | None:
            before = {one.name: one for one in templates.templates(vault)}
            templates.keep_template(vault, name, record)
            return before.get(name)

        def done(replaced: Template | None) -> None:
            words = t_("Kept as the template {name}.").format(name=visible(name))
            self.shell.say(words, partial(self._unkeep_template, name, replaced))

        self.commit(lambda: self.session.ask(self, step, done))

    def _unkeep_template(self, name: str, replaced: Template | None) -> None:
        def step(vault: Vault) -> None:
            if replaced is None:
                templates.remove_template(vault, name)
            else:
                templates.put_back(vault, replaced)

        self.session.ask(self, step)

    def _with_undo(self, step: Callable[[Vault], object], words: str) -> None:
        """Do something with this record after saving it, offer Undo, and show it anew."""
        record = self.record
        if record is None:
            return

        def done(_: object) -> None:
            self.shell.say(words, partial(self._undo_last, record))
            self.session.record_changed.emit("")
            self.open_record(record)

        self.commit(lambda: self.session.ask(self, step, done))

    def _undo_last(self, record: str) -> None:
        def done(_: object) -> None:
            self.session.record_changed.emit("")
            if self.record is not None:
                self.open_record(record)

        self.session.ask(self, undoing.undo, done)

    def take_from_trash(self) -> None:
        """Bring the record back."""
        record = self.record
        if record is None:
            return

        def done(_: object) -> None:
            self.session.record_changed.emit(record)
            self.open_record(record)

        self.session.ask(self, lambda vault: records.restore(vault, record), done)

    def _note_conflict(self, conflict: Conflict, titles: Mapping[str, str]) -> None:
        label = self.form.label_of(conflict.path.partition("/")[0]) if self.form else conflict.path
        known = record_type(self.type_name)
        field = _field_at(
            with_own_fields(known, self._own_fields) if known else None, conflict.path
        )

        def said(value: Json) -> str:
            return in_words(field, value, titles)

        choices = [(t_("Keep: {value}").format(value=said(conflict.shown)), conflict.shown)]
        for rival in conflict.rivals:
            whose = t_("from another sender") if rival.foreign else t_("typed at the same time")
            words = t_("Take: {value} ({whose})")
            choices.append((words.format(value=said(rival.value), whose=whose), rival.value))
        note = self._note(
            t_("{field}: there are several values. The first one is shown.").format(field=label)
        )
        for words, value in choices:
            note.addLayout(self._choice(words, partial(self._settle, conflict.path, value)))

    def _choice(self, words: str, step: Callable[[], None]) -> QHBoxLayout:
        """Return a button and beside it what it stands for, which may be long."""
        row = QHBoxLayout()
        button = QPushButton(t_("This one"))
        button.setAccessibleName(words)
        button.clicked.connect(partial(_without_argument, step))
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        label = plain_label("")
        label.setText(words)
        row.addWidget(label, 1)
        return row

    def _settle(self, path: str, value: Json) -> None:
        record = self.record
        if record is None:
            return
        self.commit()

        def done(_: object) -> None:
            self.session.record_changed.emit(record)
            self.open_record(record)

        self.session.ask(self, lambda vault: records.settle(vault, record, path, value), done)

    # --- what else -------------------------------------------------------------------------------

    @Slot()
    def move_to_trash(self) -> None:
        """Move the record to the trash, with Undo."""
        record = self.record
        if record is None:
            return

        def back() -> None:
            self.session.ask(
                self,
                lambda vault: records.restore(vault, record),
                lambda _: self.session.record_changed.emit(record),
            )

        def done(_: object) -> None:
            self.shell.say(t_("Moved to the trash."), back)
            self.session.record_changed.emit(record)

        self.commit()
        self.session.ask(self, lambda vault: records.delete(vault, record), done)
        self.record = None
        self.closed.emit()

    @Slot()
    def _new_from_this(self) -> None:
        values = self.form.values() if self.form is not None else {}
        self.commit()
        self.new_record(self.type_name, templates.values_for_another(self.type_name, values))

    @Slot()
    def _export(self) -> None:
        record = self.record
        if record is not None:
            self.commit(lambda: self.shell.go("export", {"records": [record]}))

    @Slot(str)
    def _restored(self, record: str) -> None:
        if record == self.record:
            self.open_record(record)
        self.session.record_changed.emit(record)

    def _enable_tabs(self, *, is_saved: bool) -> None:
        """Files and history belong to a record that is in the vault."""
        for place in (1, 2, 3):
            self.tabs.setTabEnabled(place, is_saved)
        self.files.show_record(self.record or "" if not self._is_deleted else "")

    def _make_ready(self, then: Callable[[], None]) -> None:
        """Save a record that is new, so that files can belong to it."""
        if self._is_new:
            self.commit(then)
        else:
            then()

    @Slot()
    def _show_files(self) -> None:
        self.tabs.setCurrentWidget(self.files)

    @Slot()
    def _tab_changed(self) -> None:
        if self.record is None or self._is_new:
            return
        if self.tabs.currentWidget() is self.files:
            self.files.show_record(self.record)
        elif self.tabs.currentWidget() is self.history:
            self.commit()
            self.history.show_record(self.record)
        elif self.tabs.currentWidget() is self.related:
            self.related.show_record(self.record)

    # --- place -----------------------------------------------------------------------------------

    def place(self) -> Place:
        """Return the record, the field and the scroll position."""
        if self.record is None or self.form is None:
            return {}
        return {
            "record": self.record,
            "field": self.form.focused_path(),
            "scroll": self.form_area.verticalScrollBar().value(),
        }

    def restore(self, place: Place) -> None:
        """Go to a place that `place` returned."""
        record, field = place.get("record"), place.get("field")
        if isinstance(record, str):
            self._wanted_field = field if isinstance(field, str) else ""
            self.open_record(record)

    def _stop_timers(self) -> None:
        for timer in (self._draft_timer, self._coalescing, self._checking):
            timer.stop()


def _go_behind_text(widget: QWidget | None) -> None:
    """Put the cursor where one goes on typing: behind what stands in the field."""
    if isinstance(widget, QLineEdit):
        widget.end(False)  # noqa: FBT003 - Qt's signature: without marking
    elif isinstance(widget, QPlainTextEdit):
        widget.moveCursor(QTextCursor.MoveOperation.End)


def _changes(before: Mapping[str, Json], now: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: now.get(name) for name in {*now, *before} if not same(now.get(name), before.get(name))
    }


def _load(record: str, language: str, vault: Vault) -> _Loaded:
    draft = drafts.get(vault, record)
    if records.type_of(vault, record) is None:
        own = own_fields.declared_in(vault)
        return _Loaded(None, draft, translate(NO_TITLE, language), own, None, "", {})
    record_now = records.get(vault, record)
    today = datetime.now().astimezone().date()
    rivals = [(c.shown, *(rival.value for rival in c.rivals)) for c in record_now.conflicts]
    linked = {one for values in rivals for value in values for one in _ids_in(value)}
    return _Loaded(
        record_now,
        draft,
        titles.title(vault, record, language),
        own_fields.declared_in(vault),
        person_notes(vault, record, language),
        reply_line(record_now.type, record_now.values, today, language),
        {one: titles.title_if_here(vault, one, language) for one in linked},
    )


def _field_at(declared: RecordType | None, path: str) -> Field | None:
    """Return what a conflict's path leads to: a field, or a part of an item of one."""
    name, _, inner = path.partition("/")
    field = declared.field(name) if declared else None
    part = inner.partition("/")[2]
    if field is None or not part:
        return field
    return next((one for one in field.fields if one.name == part), None)


def _ids_in(value: Json) -> set[str]:
    """Return all that could be ids of linked records."""
    if isinstance(value, str):
        return {value} if is_record_id(value) else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {found for part in parts for found in _ids_in(part)}


def _now() -> str:
    return datetime.now().astimezone().strftime("%H:%M")


def _single_shot(parent: QWidget, milliseconds: int, step: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(step)
    return timer


def _tool(text: str, icon: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setIcon(style.icon(icon))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    style.set_role(button, "plain")
    return button


def _without_argument(step: Callable[[], None], *_: object) -> None:
    """Call a step without the state that Qt's signals add."""
    step()
