"""Import: choose the file, verify it to its last byte, see what it would bring, then take it."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fielddoc.bundle.preview import ImportPreview, preview_import
from fielddoc.bundle.reading import needs_passphrase
from fielddoc.bundle.receive import Imported, Report, import_bundle
from fielddoc.domain.record_types import record_type
from fielddoc.domain.titles import NO_TITLE
from fielddoc.domain.visible import visible
from fielddoc.domain.words import day_in_words
from fielddoc.errors import (
    BundlePassphraseWrongError,
    CancelledError,
    FielddocError,
    NotAPlainFileError,
)
from fielddoc.exchange.words import record_and_file_count
from fielddoc.gui import style
from fielddoc.gui.choose import choose_file
from fielddoc.gui.lines_delegate import FittedList
from fielddoc.gui.passphrase_edit import PassphraseEdit
from fielddoc.gui.record_list import ICONS
from fielddoc.gui.session import Job, Progress, Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.gui.work_note import WorkNote
from fielddoc.i18n import N_, in_a_row, language_of_system, t_, translate
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

_WIDTH = 760
_SHOWN = 100
_BAD_SHOWN = 20
_STOPPED = N_("The import was stopped; nothing of it was taken. Import again.")


class ImportPage(QWidget):
    """One bundle at a time; nothing is taken before the person says so."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.job: Job | None = None
        self.path: Path | None = None
        self.preview: ImportPreview | None = None
        self.setAcceptDrops(True)
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
        title = QLabel(t_("Import"))
        style.set_role(title, "title")
        column.addWidget(title)
        lead = _words(
            t_(
                "Choose a bundle that a partner made for you. It is read to its last byte and"
                " checked before you see what is in it; nothing is taken over by that."
            )
        )
        style.set_role(lead, "quiet")
        column.addWidget(lead)
        line = QHBoxLayout()
        self.choose_button = QPushButton(t_("Choose a bundle…"))
        self.choose_button.setIcon(style.icon("folder-open", style.colours_now().on_accent))
        style.set_role(self.choose_button, "primary")
        self.choose_button.clicked.connect(self._choose)
        line.addWidget(self.choose_button)
        self.path_words = _words(t_("or drop it here"))
        style.set_role(self.path_words, "quiet")
        line.addWidget(self.path_words, 1)
        column.addLayout(line)
        others = QHBoxLayout()
        self.table_button = QPushButton(t_("From a spreadsheet…"))
        self.table_button.setIcon(style.icon("list"))
        self.table_button.clicked.connect(lambda: self.shell.go("import-table"))
        self.photos_button = QPushButton(t_("A folder of photos…"))
        self.photos_button.setIcon(style.icon("image"))
        self.photos_button.clicked.connect(lambda: self.shell.go("import-photos"))
        others.addWidget(self.table_button)
        others.addWidget(self.photos_button)
        others.addStretch(1)
        column.addLayout(others)
        column.addWidget(self._passphrase_box())
        self.work = WorkNote()
        self.work.hide()
        column.addWidget(self.work)
        self.problem = _words("")
        style.set_role(self.problem, "error")
        column.addWidget(self.problem)
        column.addWidget(self._report_card())
        column.addWidget(self._result_card())
        column.addStretch(1)
        self.clear()

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.choose_button.setFocus()

    def _passphrase_box(self) -> QWidget:
        self.passphrase_box = QWidget()
        column = QVBoxLayout(self.passphrase_box)
        column.setContentsMargins(0, 0, 0, 0)
        self.passphrase = PassphraseEdit(t_("Passphrase of the bundle"))
        self.passphrase.submitted.connect(self.verify)
        column.addWidget(self.passphrase)
        self.verify_button = QPushButton(t_("Open it"))
        self.verify_button.clicked.connect(self.verify)
        line = QHBoxLayout()
        line.addWidget(self.verify_button)
        line.addStretch(1)
        column.addLayout(line)
        return self.passphrase_box

    def _report_card(self) -> QFrame:
        self.report = QFrame()
        style.set_role(self.report, "card")
        column = QVBoxLayout(self.report)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        self.made_by = _words("")
        style.set_role(self.made_by, "heading")
        column.addWidget(self.made_by)
        self.unchanged = _words(t_("Not changed since it was made."))
        style.set_role(self.unchanged, "good")
        column.addWidget(self.unchanged)
        self.about = _words("")
        column.addWidget(self.about)
        self.notes = _words("")
        style.set_role(self.notes, "warning")
        column.addWidget(self.notes)
        self.coming_words = _words("")
        column.addWidget(self.coming_words)
        self.coming = FittedList(most_pixels=style.scaled(320))
        self.coming.setAccessibleName(t_("Records in the bundle"))
        column.addWidget(self.coming)
        line = QHBoxLayout()
        self.import_button = QPushButton(t_("Import"))
        style.set_role(self.import_button, "primary")
        self.import_button.clicked.connect(self.take)
        line.addWidget(self.import_button)
        self.not_now_button = QPushButton(t_("Not now"))
        self.not_now_button.clicked.connect(self.clear)
        line.addWidget(self.not_now_button)
        line.addStretch(1)
        column.addLayout(line)
        return self.report

    def _result_card(self) -> QFrame:
        self.result = QFrame()
        style.set_role(self.result, "card")
        column = QVBoxLayout(self.result)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        self.done = _words(t_("Imported."))
        style.set_role(self.done, "heading")
        column.addWidget(self.done)
        self.done_words = _words("")
        column.addWidget(self.done_words)
        line = QHBoxLayout()
        self.show_button = QPushButton(t_("Show the records"))
        self.show_button.clicked.connect(lambda: self.shell.go("records", {"kind": "all"}))
        line.addWidget(self.show_button)
        again = QPushButton(t_("Another bundle"))
        again.clicked.connect(self.clear)
        line.addWidget(again)
        line.addStretch(1)
        column.addLayout(line)
        return self.result

    # --- choose and verify -----------------------------------------------------------------------

    @Slot()
    def clear(self) -> None:
        """Begin anew."""
        self.path = None
        self.preview = None
        self.passphrase.clear()
        self.passphrase_box.hide()
        self.report.hide()
        self.result.hide()
        self.choose_button.show()
        self.path_words.setText(t_("or drop it here"))
        self._say(None)

    @Slot()
    def _choose(self) -> None:
        choose_file(
            self, t_("A bundle"), self.open, names=t_("Bundles") + " (*.age *.0* *.asc);;* (*)"
        )

    def open(self, path: Path) -> None:
        """Begin with a file: ask for its passphrase if it has one, else verify it."""
        if self.job is not None:
            return
        self.clear()
        self.path = path
        self.path_words.setText(visible(path.name))
        self.session.run(self, lambda: _needs_passphrase(path), self._opened, self._failed)

    def _opened(self, asks: bool) -> None:  # noqa: FBT001 - an answer
        self.passphrase_box.setVisible(asks)
        if asks:
            self.passphrase.setFocus()
        else:
            self.verify()

    @Slot()
    def verify(self) -> None:
        """Read all of it and show what it is and what it would bring."""
        path = self.path
        if path is None or self.job is not None:
            return
        passphrase = self.passphrase.text() if self.passphrase_box.isVisible() else None
        language = language_of_system()
        words = t_("Verifying")

        def work(vault: Vault, turn: Turn, tell: Progress) -> ImportPreview:
            return preview_import(
                vault,
                path,
                language=language,
                passphrase=passphrase,
                progress=lambda done, total: tell(words, done, total),
                turn=turn,
            )

        self._say(None)
        self.job = self.session.start_job(self, work, self._verified, self._failed)
        self._show_working(words)

    def _verified(self, preview: ImportPreview) -> None:
        self._ended()
        self.preview = preview
        report = preview.report
        name = visible(report.sender.name) or t_("yourself")
        self.made_by.setText(
            t_("Made by {name}, on {day}").format(name=name, day=day_in_words(report.info.date))
        )
        which = t_("Bundle {number} to these recipients.").format(number=report.info.sequence)
        held = record_and_file_count(report.records, report.attachments, report.attachment_bytes)
        self.about.setText(in_a_row((which, held)))
        notes = _notes(report, preview)
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._show_coming(preview)
        self.choose_button.hide()
        self.passphrase_box.hide()
        self.report.show()
        self.import_button.setFocus()

    def _show_coming(self, preview: ImportPreview) -> None:
        new = sum(one.is_new for one in preview.coming)
        words = t_("New: {new}. Changed: {changed}. Known already: {known}.")
        self.coming_words.setText(
            words.format(new=new, changed=len(preview.coming) - new, known=preview.known)
        )
        self.coming.clear()
        for one in preview.coming[:_SHOWN]:
            declared = record_type(one.type)
            kind = translate(declared.label) if declared else visible(one.type)
            title = visible(one.title) or translate(NO_TITLE)
            state = t_("new") if one.is_new else t_("changed")
            item = QListWidgetItem(
                style.icon(ICONS.get(one.type, "file-text")), f"{title}  ·  {kind}  ·  {state}"
            )
            self.coming.addItem(item)
        if len(preview.coming) > _SHOWN:
            more = t_("… and {count:,} more").format(count=len(preview.coming) - _SHOWN)
            self.coming.addItem(more)
        self.coming.setVisible(bool(preview.coming))

    # --- take ------------------------------------------------------------------------------------

    @Slot()
    def take(self) -> None:
        """Import what was verified. It is verified again, for the stick may have been changed."""
        path = self.path
        if path is None or self.preview is None or self.job is not None:
            return
        passphrase = self.passphrase.text() or None
        words = t_("Importing")

        def work(vault: Vault, turn: Turn, tell: Progress) -> Imported:
            return import_bundle(
                vault,
                path,
                passphrase=passphrase,
                progress=lambda done, total: tell(words, done, total),
                turn=turn,
            )

        self.job = self.session.start_job(self, work, self._taken, self._failed, stopped=_STOPPED)
        self._show_working(words)

    def _taken(self, imported: Imported) -> None:
        self._ended()
        lines = [_what_came(imported), _no_undo()] if imported.added else []
        if imported.purged:
            lines.append(
                t_("Left out, because you removed these records for good: {count}.").format(
                    count=imported.purged
                )
            )
        if not imported.added:
            lines.append(t_("Everything in it was here already."))
        self.done_words.setText("\n".join(lines))
        self.passphrase.clear()
        self.report.hide()
        self.result.show()
        self.show_button.setFocus()
        self.session.record_changed.emit("")

    def _show_working(self, words: str) -> None:
        assert self.job is not None
        self.work.watch(self.job, words)
        for button in (self.choose_button, self.verify_button, self.import_button):
            button.setEnabled(False)
        self.not_now_button.setEnabled(False)

    def _ended(self) -> None:
        self.job = None
        self.work.hide()
        for button in (self.choose_button, self.verify_button, self.import_button):
            button.setEnabled(True)
        self.not_now_button.setEnabled(True)

    def _failed(self, error: BaseException) -> None:
        self._ended()
        if not isinstance(error, FielddocError):
            self.shell.show_error(error)
            return
        self._say(error)
        if isinstance(error, BundlePassphraseWrongError):
            self.passphrase_box.show()
            self.passphrase.setFocus()
            self.passphrase.select_all()
        elif not isinstance(error, CancelledError):
            self.report.hide()
            self.choose_button.show()

    def _say(self, error: FielddocError | None) -> None:
        self.problem.setText(
            in_a_row((error.sentence(), error.advice_in_window())) if error else ""
        )
        self.problem.setVisible(error is not None)
        # Stopping by oneself is no alarm.
        style.set_role(self.problem, "quiet" if isinstance(error, CancelledError) else "error")

    # --- Page ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show what stands here."""

    def save_now(self) -> None:
        """Keep nothing: nothing typed here is a record."""

    def leave(self) -> None:
        """Keep what stands here; a job goes on."""

    def place(self) -> Place:
        """Return nothing: a bundle is chosen anew after a lock."""
        return {}

    def restore(self, place: Place) -> None:
        """Stay."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take one file."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile() and self.job is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Verify the file; a drop alone imports nothing."""
        self.open(Path(event.mimeData().urls()[0].toLocalFile()))


def _notes(report: Report, preview: ImportPreview) -> list[str]:
    notes: list[str] = []
    if report.is_known:
        notes.append(t_("You have imported this bundle before."))
    if report.is_previous_missing:
        notes.append(t_("The bundle before this one has not come. Ask for it."))
    if preview.purged:
        notes.append(
            t_("Records that you removed for good, and that stay away: {count}.").format(
                count=preview.purged
            )
        )
    for bad in report.bad[:_BAD_SHOWN]:
        reason = t_("a newer fielddoc wrote it") if bad.is_newer else visible(bad.reason)
        words = t_("Line {line} cannot be taken: {reason}")
        notes.append(words.format(line=bad.line, reason=reason))
    if len(report.bad) > _BAD_SHOWN:
        count = len(report.bad) - _BAD_SHOWN
        notes.append(t_("Further lines that cannot be taken: {count}").format(count=count))
    return notes


def _no_undo() -> str:
    return t_(
        "Undo does not take a bundle back. The history of a changed record makes an earlier version"
        " hold again, and a new record can be moved to the trash."
    )


def _what_came(imported: Imported) -> str:
    fields = {
        "records": f"{len(imported.records):,}",
        "added": f"{imported.added:,}",
        "files": f"{imported.attachments_added:,}",
    }
    if not imported.attachments_added:
        words = t_("Records that are new or changed: {records}, with {added} changes. No files.")
    else:
        words = t_(
            "Records that are new or changed: {records}, with {added} changes. New files: {files}."
        )
    return words.format(**fields)


def _needs_passphrase(path: Path) -> bool:
    if not path.is_file():
        raise NotAPlainFileError(name=path.name)
    return needs_passphrase(path)


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
