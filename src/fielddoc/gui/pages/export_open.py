"""To an open format: what, where, what would leave unprotected, and only then the files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QWidget,
)

from fielddoc.domain.visible import visible
from fielddoc.errors import NotAPlainFileError
from fielddoc.exchange.open_export import (
    Flavour,
    OpenFormat,
    OpenPreview,
    OpenSelection,
    OpenWritten,
    export_open,
    preview_open,
)
from fielddoc.exchange.words import UNPROTECTED, preview_lines
from fielddoc.gui import style
from fielddoc.gui.choose import choose_folder
from fielddoc.gui.direction import left_to_right
from fielddoc.gui.lines_delegate import FittedList
from fielddoc.gui.pages.exchange_page import (
    ExchangePage,
    beside,
    card,
    labelled,
    list_of_lines,
    plain_words,
)
from fielddoc.gui.pages.export import HOW_TO_CHOOSE
from fielddoc.gui.pages.fields_to_leave_out import FieldsToLeaveOut
from fielddoc.gui.session import Progress, Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.i18n import N_, language_of_system, t_, translate
from fielddoc.vault import records, titles
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

T = TypeVar("T")
_STOPPED = N_(
    "The unprotected export was stopped. Files that were begun may lie in the folder that you chose."
)


class ExportOpenPage(ExchangePage):
    """Nothing leaves before what leaves was shown and the person said that they know."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__(
            session, shell, t_("Export unencrypted files"), translate(UNPROTECTED), "export"
        )
        self.selection: OpenSelection | None = None
        self._chosen: tuple[str, ...] = ()
        self.column.addWidget(self._what_card())
        self.column.addWidget(self._check_card())
        self.column.addWidget(self._result_card())
        self.finish_layout()
        self.check.hide()
        self.result.hide()
        self._show_chosen()
        self.setFocusProxy(self.format)

    def _what_card(self) -> QWidget:
        self.what, column = card()
        self.format = QComboBox()
        for words, kind, flavour in (
            (t_("XLSX, for spreadsheets"), OpenFormat.XLSX, Flavour.SPREADSHEETS),
            (t_("CSV for spreadsheets"), OpenFormat.CSV, Flavour.SPREADSHEETS),
            (t_("CSV for machines, exact"), OpenFormat.CSV, Flavour.MACHINES),
            (t_("JSONL with its schema, for databases"), OpenFormat.JSONL, Flavour.MACHINES),
            (t_("ZIP files for Uwazi"), OpenFormat.UWAZI, Flavour.MACHINES),
        ):
            self.format.addItem(words, (kind, flavour))
        labelled(column, t_("Format"), self.format)
        self.everything = QRadioButton(t_("All records but the sources"))
        column.addWidget(self.everything)
        self.some = QRadioButton()
        self.list_button = QPushButton(t_("Choose records…"))
        self.list_button.clicked.connect(self._go_to_list)
        beside(column, self.some, self.list_button)
        self.with_sources = QCheckBox(t_("Sources too, not who they are"))
        self.with_attachments = QCheckBox(t_("Attached files too"))
        self.with_identities = QCheckBox(t_("Also who some of the sources are"))
        for box in (self.with_sources, self.with_attachments, self.with_identities):
            column.addWidget(box)
        # Of chosen records exactly those leave: sources among them are chosen in the list too.
        self.some.toggled.connect(self.with_sources.setDisabled)
        self.sources = FittedList(most_pixels=style.scaled(200))
        self.sources.setAccessibleName(t_("Sources whose identity leaves unprotected"))
        self.sources.hide()
        column.addWidget(self.sources)
        self.with_identities.toggled.connect(self.sources.setVisible)
        self.fields = FieldsToLeaveOut()
        column.addWidget(self.fields)
        self.line = QLineEdit()
        labelled(column, t_("Folder"), self.line)
        self.choose_button = QPushButton(t_("Choose a folder…"))
        self.choose_button.clicked.connect(self._choose)
        self.look_button = QPushButton(t_("See what would leave"))
        style.set_role(self.look_button, "primary")
        self.look_button.clicked.connect(self.look)
        beside(column, self.look_button, self.choose_button)
        return self.what

    def _check_card(self) -> QFrame:
        self.check, column = card()
        self.lines = plain_words("")
        column.addWidget(self.lines)
        self.despite_consent = QCheckBox(t_("Write it although somebody said no"))
        self.allow_leaks = QCheckBox(t_("Write it although these words stand in it"))
        self.knows = QCheckBox(t_("I know that these files are not protected"))
        for box in (self.despite_consent, self.allow_leaks, self.knows):
            column.addWidget(box)
            box.toggled.connect(self._show_buttons)
        self.write_button = QPushButton(t_("Write unprotected files"))
        style.set_role(self.write_button, "primary")
        self.write_button.clicked.connect(self.write)
        self.not_now_button = QPushButton(t_("Write nothing yet"))
        self.not_now_button.clicked.connect(self._begin)
        beside(column, self.write_button, self.not_now_button)
        return self.check

    def _result_card(self) -> QFrame:
        self.result, column = card()
        self.done_words = plain_words("")
        style.set_role(self.done_words, "warning")
        column.addWidget(self.done_words)
        self.files = list_of_lines(t_("The files that were written"))
        column.addWidget(self.files)
        self.again_button = QPushButton(t_("Another export"))
        self.again_button.clicked.connect(self._begin)
        beside(column, self.again_button)
        return self.result

    # --- what ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Offer the sources by the names that they have in the vault."""
        language = language_of_system()

        def step(vault: Vault) -> list[tuple[str, str]]:
            rows = titles.fill(vault, records.listing(vault, type_name="source"), language)
            return [(row.id, visible(row.title)) for row in rows]

        self.session.ask(self, step, self._show_sources)

    def _show_sources(self, found: list[tuple[str, str]]) -> None:
        chosen = self._identities()
        self.sources.clear()
        for identity, title in found:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, identity)
            is_chosen = identity in chosen
            item.setCheckState(Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked)
            self.sources.addItem(item)

    def _identities(self) -> frozenset[str]:
        items = [self.sources.item(row) for row in range(self.sources.count())]
        return frozenset(
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        )

    def place(self) -> Place:
        """Return which records were chosen."""
        return {"records": list(self._chosen)}

    def restore(self, place: Place) -> None:
        """Offer the records that are named instead of all."""
        wanted = place.get("records")
        if isinstance(wanted, list) and self.job is None:
            self._chosen = tuple(str(record) for record in wanted)
            self._show_chosen()
            self._begin()

    def _show_chosen(self) -> None:
        count = len(self._chosen)
        words = t_("The chosen records: {count}") if count else t_("Only records that you choose")
        self.some.setText(words.format(count=f"{count:,}"))
        self.some.setEnabled(bool(count))
        (self.some if count else self.everything).setChecked(True)

    @Slot()
    def _go_to_list(self) -> None:
        """Lead to the list, and say how records are chosen there."""
        self.shell.go("records", {"kind": "all"})
        self.shell.say(translate(HOW_TO_CHOOSE))

    @Slot()
    def _choose(self) -> None:
        choose_folder(self, t_("Folder"), lambda folder: self.line.setText(str(folder)))

    def set_working(self, working: bool) -> None:  # noqa: FBT001 - a state
        """Lock everything while a job runs."""
        super().set_working(working)
        for box in (self.what, self.check, self.result):
            box.setEnabled(not working)

    @Slot()
    def _begin(self) -> None:
        self.selection = None
        self.check.hide()
        self.result.hide()
        self.what.show()
        self.look_button.setFocus()

    # --- check and write -------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Show what would leave; nothing is written."""
        named = self.line.text()
        if not named.strip():
            self.problem.setText(t_("Choose the folder first."))
            self.problem.show()
            return
        is_naming = self.with_identities.isChecked()
        takes_some = self.some.isChecked()
        selection = OpenSelection(
            records=self._chosen if takes_some else (),
            left_out=self.fields.left_out(),
            with_sources=self.with_sources.isChecked() and not takes_some,
            with_attachments=self.with_attachments.isChecked(),
            identities=self._identities() if is_naming else frozenset(),
        )
        language, words = language_of_system(), t_("Looking through what would leave…")

        def work(vault: Vault, turn: Turn, tell: Progress) -> OpenPreview:
            if not Path(named).is_dir():
                raise NotAPlainFileError(name=named)

            def stoppable(step: Callable[[], T], /) -> T:
                tell(words, 0, 1)
                return turn(step)

            preview = preview_open(vault, selection, language=language, turn=stoppable)
            tell(words, 0, 1)
            return preview

        self.selection = selection
        self.start(work, self._show_preview, words)

    def _show_preview(self, preview: OpenPreview) -> None:
        self.lines.setText("\n".join(preview_lines(preview)))
        self.despite_consent.setVisible(bool(preview.refusals))
        self.allow_leaks.setVisible(bool(preview.leaks))
        for box in (self.despite_consent, self.allow_leaks, self.knows):
            box.setChecked(False)
        self.what.hide()
        self.check.show()
        self._show_buttons()
        self.knows.setFocus()

    @Slot()
    def _show_buttons(self) -> None:
        asked = (self.despite_consent, self.allow_leaks, self.knows)
        self.write_button.setEnabled(all(box.isChecked() or box.isHidden() for box in asked))

    @Slot()
    def write(self) -> None:
        """Write the files."""
        if self.selection is None or not self.write_button.isEnabled():
            return
        selection = replace(
            self.selection,
            despite_consent=self.despite_consent.isChecked(),
            allow_leaks=self.allow_leaks.isChecked(),
        )
        kind, flavour = self.format.currentData()
        folder, language = Path(self.line.text()), language_of_system()
        words = t_("Writing")

        def work(vault: Vault, turn: Turn, tell: Progress) -> OpenWritten:
            return export_open(
                vault,
                folder,
                kind,
                selection,
                flavour=flavour,
                language=language,
                progress=lambda done, total: tell(words, done, total),
                turn=turn,
            )

        self.start(work, self._written, words, stopped=_STOPPED)

    def _written(self, written: OpenWritten) -> None:
        words = (
            t_("Written: {records} records, {files} attached files. They are not encrypted.")
            if written.attachments
            else t_("Written: {records} records, no attached files. They are not encrypted.")
        )
        self.done_words.setText(
            words.format(records=f"{written.records:,}", files=f"{written.attachments:,}")
        )
        self.files.clear()
        self.files.addItems([left_to_right(visible(str(path))) for path in written.files])
        self.check.hide()
        self.result.show()
        self.again_button.setFocus()
