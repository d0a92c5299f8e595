"""From a spreadsheet: choose it, say what its columns are, look at what would happen, import."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from fielddoc.domain.own_fields import OwnField, with_own_fields
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.schema import RecordType
from fielddoc.domain.visible import visible
from fielddoc.errors import EncodingUncertainError, FielddocError, TableRefusedError
from fielddoc.exchange import mappings
from fielddoc.exchange.mappings import SavedMapping
from fielddoc.exchange.open_import import ForeignTables, OpenFiles, plan_open, read_files
from fielddoc.exchange.plan import Done, Fate, Plan, Planned, carry_out
from fielddoc.exchange.table_import import plan_table
from fielddoc.gui import style
from fielddoc.gui.choose import choose_file
from fielddoc.gui.pages.exchange_page import (
    ExchangePage,
    beside,
    card,
    choose_button,
    labelled,
    lead_with,
    list_of_lines,
    plain_words,
)
from fielddoc.gui.session import Progress, Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import N_, in_a_row, language_of_system, listed, t_, translate
from fielddoc.interchange.csv_text import ENCODINGS
from fielddoc.interchange.mapping import (
    ColumnRule,
    TableMapping,
    fields_of,
    label_of,
    suggested,
    suggested_key,
)
from fielddoc.interchange.table import Table, guessed_header, header_of, plain
from fielddoc.vault import own_fields
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

_SHOWN = 2000
_EXAMPLE_CHARACTERS = 40
_STOPPED = N_(
    "The import was stopped. Rows that were taken stay; import again to go on from there."
)
_KEY_BETWEEN = "\x1f"
"""Between the columns of a key; no column's name can hold it."""


class ImportTablePage(ExchangePage):
    """One file at a time; nothing is written before the person has seen what would be."""

    def __init__(self, session: Session, shell: Shell) -> None:
        lead = t_(
            "CSV and XLSX files of your own, or files that fielddoc wrote in an open format. You see"
            " row by row what would happen before anything is written."
        )
        super().__init__(session, shell, t_("From a spreadsheet"), lead, "import")
        self.path: Path | None = None
        self.tables: tuple[Table, ...] = ()
        self.plan: Plan | None = None
        self.header: tuple[str, ...] = ()
        self.own_fields: tuple[OwnField, ...] = ()
        self.choose_button = choose_button(t_("Choose a file…"))
        self.known: TableMapping | None = None
        """The saved description that fits; parts of it that are not shown here are kept."""
        self.choose_button.clicked.connect(self._choose)
        self.path_words = plain_words("")
        self.path_words.hide()
        beside(self.column, self.choose_button, self.path_words)
        self.column.addWidget(self._encoding_box())
        self.column.addWidget(self._columns_card())
        self.column.addWidget(self._preview_card())
        self.finish_layout()
        self.setFocusProxy(self.choose_button)
        self.clear()

    def _encoding_box(self) -> QFrame:
        self.encoding_box, column = card()
        self.encoding_words = plain_words("")
        column.addWidget(self.encoding_words)
        self.encoding = QComboBox()
        for name in ENCODINGS:
            self.encoding.addItem(_encoding_words(name), name)
        labelled(column, t_("Encoding"), self.encoding)
        self.encoding_lines = plain_words("")
        column.addWidget(self.encoding_lines)
        self.encoding.currentIndexChanged.connect(self._show_decoded)
        self.encoding_button = QPushButton(t_("These lines are right"))
        style.set_role(self.encoding_button, "primary")
        self.encoding_button.clicked.connect(self.read)
        beside(column, self.encoding_button)
        return self.encoding_box

    def _columns_card(self) -> QFrame:
        self.columns, column = card()
        self.sheet = QComboBox()
        self.sheet_label = QLabel(t_("Sheet"))
        self.sheet.setAccessibleName(t_("Sheet"))
        column.addWidget(self.sheet_label)
        column.addWidget(self.sheet)
        self.sheet.currentIndexChanged.connect(self._sheet_chosen)
        self.type = QComboBox()
        for declared in RECORD_TYPES:
            self.type.addItem(translate(declared.label), declared.name)
        labelled(column, t_("Each row is"), self.type)
        self.type.currentIndexChanged.connect(self._type_chosen)
        heading = QLabel(t_("Where each column goes"))
        style.set_role(heading, "heading")
        column.addWidget(heading)
        self.grid_box = QWidget()
        self.grid = QGridLayout(self.grid_box)
        self.grid.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.grid_box)
        self.choices: dict[str, QComboBox] = {}
        self.fixed_field = QComboBox()
        labelled(column, t_("A fixed text for every row goes into"), self.fixed_field)
        self.fixed_text = QLineEdit()
        labelled(column, t_("The fixed text"), self.fixed_text)
        self.key = QComboBox()
        labelled(column, t_("The column that tells the rows apart"), self.key)
        self.day_order = QComboBox()
        for words, order in (
            (t_("Refuse them"), ""),
            (t_("The day comes first"), "day-first"),
            (t_("The month comes first"), "month-first"),
        ):
            self.day_order.addItem(words, order)
        labelled(column, t_("Dates like 05/08/2022"), self.day_order)
        self.kept_words = plain_words("")
        column.addWidget(self.kept_words)
        self.several_rows = QCheckBox(t_("Rows with the same key are one record"))
        self.make_people = QCheckBox(t_("Make people whose name is not found"))
        column.addWidget(self.several_rows)
        column.addWidget(self.make_people)
        self.name = QLineEdit()
        labelled(column, t_("Save this description under the name"), self.name)
        self.look_button = QPushButton(t_("See what would happen"))
        style.set_role(self.look_button, "primary")
        self.look_button.clicked.connect(self.look)
        beside(column, self.look_button)
        return self.columns

    def _preview_card(self) -> QFrame:
        self.preview, column = card()
        self.counts = plain_words("")
        style.set_role(self.counts, "heading")
        column.addWidget(self.counts)
        self.notes = plain_words("")
        column.addWidget(self.notes)
        self.rows = list_of_lines(t_("What becomes of each row"))
        column.addWidget(self.rows)
        self.import_button = QPushButton(t_("Import"))
        style.set_role(self.import_button, "primary")
        self.import_button.clicked.connect(self.take)
        self.not_now_button = QPushButton(t_("Not now"))
        self.not_now_button.clicked.connect(self._show_columns)
        self.show_button = QPushButton(t_("Show the records"))
        self.show_button.clicked.connect(lambda: self.shell.go("records", {"kind": "all"}))
        beside(column, self.import_button, self.not_now_button, self.show_button)
        return self.preview

    # --- reading ---------------------------------------------------------------------------------

    def clear(self) -> None:
        """Begin anew."""
        self.tables = ()
        self.plan = None
        for box in (self.encoding_box, self.columns, self.preview):
            box.hide()
        lead_with(self.choose_button, is_first=True)
        self.say(None)

    def set_working(self, working: bool) -> None:  # noqa: FBT001 - a state
        """Lock everything while a job runs."""
        super().set_working(working)
        for box in (self.choose_button, self.encoding_box, self.columns, self.preview):
            box.setEnabled(not working)

    @Slot()
    def _choose(self) -> None:
        kinds = t_("Tables") + " (*.csv *.xlsx *.jsonl *.zip);;* (*)"
        choose_file(self, t_("A table"), self.open, names=kinds)

    def open(self, path: Path) -> None:
        """Begin with a file."""
        if self.job is not None:
            return
        self.clear()
        self.path = path
        self.path_words.setText(visible(path.name))
        self.path_words.show()
        self._read(None)

    @Slot()
    def read(self) -> None:
        """Read the file in the encoding that was confirmed."""
        self._read(str(self.encoding.currentData()))

    def _read(self, encoding: str | None) -> None:
        path = self.path
        if path is None:
            return
        words = t_("Reading")

        def work(_vault: Vault, _turn: Turn, tell: Progress) -> OpenFiles | ForeignTables:
            tell(words, 0, 1)
            read = read_files([path], encoding=encoding)
            tell(words, 0, 1)  # reading is one step, so it is stopped behind it
            return read

        self.start(work, self._was_read, words)

    def failed(self, error: FielddocError) -> None:
        """Say what went wrong; ask for the encoding where only that is not certain."""
        if isinstance(error, EncodingUncertainError):
            self.encoding_words.setText(
                in_a_row((error.sentence(), t_("Choose the one in which these lines can be read.")))
            )
            self.encoding.setCurrentIndex(self.encoding.findData(str(error.fields["name"])))
            self._show_decoded()
            lead_with(self.choose_button, is_first=False)
            self.encoding_box.show()
            self.encoding.setFocus()
            return
        super().failed(error)

    @Slot()
    def _show_decoded(self) -> None:
        if self.path is None:
            return
        try:
            with self.path.open("rb") as file:
                head = file.read(2000)
        except OSError:
            return
        text = head.decode(str(self.encoding.currentData()), "replace")
        self.encoding_lines.setText("\n".join(visible(line) for line in text.splitlines()[:5]))

    def _was_read(self, read: OpenFiles | ForeignTables) -> None:
        self.encoding_box.hide()
        if isinstance(read, OpenFiles):
            self._look_at_ours(read)
            return
        self.tables = read.tables
        self.sheet.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.sheet.clear()
        self.sheet.addItems([visible(table.name) for table in read.tables])
        self.sheet.blockSignals(False)  # noqa: FBT003
        for box in (self.sheet, self.sheet_label):
            box.setVisible(len(read.tables) > 1)
        if not read.tables:
            self.say(TableRefusedError(reason=N_("there is nothing in it")))
            return
        self._sheet_chosen()

    # --- columns ---------------------------------------------------------------------------------

    @property
    def table(self) -> Table:
        """The chosen sheet."""
        return self.tables[max(0, self.sheet.currentIndex())]

    @Slot()
    def _sheet_chosen(self) -> None:
        if not self.tables:
            return
        table = self.table
        self.header = header_of(table, guessed_header(table))

        def step(vault: Vault) -> tuple[SavedMapping | None, tuple[OwnField, ...]]:
            return mappings.fitting(vault, table), own_fields.declared_in(vault)

        self.session.ask(self, step, self._show_known)

    @Slot()
    def _type_chosen(self) -> None:
        # Fields of one type say nothing about another.
        self._set_known(None)
        self._fill_columns()

    def _set_known(self, known: TableMapping | None) -> None:
        self.known = known
        lines = kept_lines(known, self._declared(known.type)) if known is not None else []
        self.kept_words.setText(
            "\n".join([t_("Also kept from the saved description:"), *lines]) if lines else ""
        )
        self.kept_words.setVisible(bool(lines))

    def _show_known(self, found: tuple[SavedMapping | None, tuple[OwnField, ...]]) -> None:
        known, self.own_fields = found
        name = self.table.name if known is None else known.name
        self.name.setText(visible(name)[:100])
        self._set_known(None if known is None else known.mapping)
        if known is not None:
            if known.mapping.header_row:
                self.header = header_of(self.table, known.mapping.header_row)
            self.type.blockSignals(True)  # noqa: FBT003 - Qt's signature
            self.type.setCurrentIndex(self.type.findData(known.mapping.type))
            self.type.blockSignals(False)  # noqa: FBT003
        self._fill_columns()
        if known is not None:
            self._show_mapping(known.mapping)
        self._show_columns()

    @Slot()
    def _show_columns(self) -> None:
        self.preview.hide()
        if self.tables:
            lead_with(self.choose_button, is_first=False)
            self.columns.show()
            self.look_button.setFocus()

    def _show_mapping(self, mapping: TableMapping) -> None:
        for column, box in self.choices.items():
            rule = shown_rule(mapping, column)
            box.setCurrentIndex(max(0, box.findData(rule.field if rule else "")))
        fixed = shown_rule(mapping, "")
        self.fixed_field.setCurrentIndex(
            max(0, self.fixed_field.findData(fixed.field if fixed else ""))
        )
        self.fixed_text.setText(fixed.fixed if fixed else "")
        if len(mapping.key) > 1:
            self.key.addItem(visible(" + ".join(mapping.key)), _KEY_BETWEEN.join(mapping.key))
        self.key.setCurrentIndex(max(0, self.key.findData(_KEY_BETWEEN.join(mapping.key))))
        self.day_order.setCurrentIndex(self.day_order.findData(mapping.day_order))
        self.several_rows.setChecked(mapping.several_rows)
        self.make_people.setChecked(mapping.make_people)

    def _declared(self, type_name: str) -> RecordType | None:
        known = record_type(type_name)
        return with_own_fields(known, self.own_fields) if known else None

    @Slot()
    def _fill_columns(self) -> None:
        """Show a line for each column, with the field that its name suggests."""
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.choices = {}
        declared = self._declared(str(self.type.currentData()))
        rules = {rule.column: rule.field for rule in suggested(self.header, declared)}
        examples = self._examples()
        for row, column in enumerate(self.header):
            label = plain_words(visible(column))
            example = plain_words(examples.get(column, ""))
            style.set_role(example, "quiet")
            box = self._field_box(declared, t_("Column {name} goes into").format(name=column))
            box.setCurrentIndex(max(0, box.findData(rules.get(column, ""))))
            self.grid.addWidget(label, row, 0)
            self.grid.addWidget(example, row, 1)
            self.grid.addWidget(box, row, 2)
            self.choices[column] = box
        self.grid.setColumnStretch(1, 1)
        self.fixed_field.clear()
        _fill_fields(self.fixed_field, declared)
        self.key.clear()
        self.key.addItem(t_("None: the whole row"), "")
        for column in self.header:
            self.key.addItem(visible(column), column)
        known = suggested_key(self.header)
        self.key.setCurrentIndex(max(0, self.key.findData(known[0] if known else "")))

    def _field_box(self, declared: RecordType | None, name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(visible(name))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(24)
        _fill_fields(box, declared)
        return box

    def _examples(self) -> dict[str, str]:
        header_row = (self.known.header_row if self.known else 0) or guessed_header(self.table)
        found: dict[str, str] = {}
        for row in self.table.rows:
            if row.number > header_row:
                for column, cell in zip(self.header, row.cells, strict=False):
                    if column not in found and (text := visible(plain(cell))):
                        found[column] = text[:_EXAMPLE_CHARACTERS]
        return found

    def mapping(self) -> TableMapping:
        """Return what was said about the columns, and what a saved description says beside it.

        A second column that goes into the same part of an item makes another item.
        """
        key = str(self.key.currentData() or "")
        return TableMapping(
            type=str(self.type.currentData()),
            rules=self._rules(),
            key=tuple(key.split(_KEY_BETWEEN)) if key else (),
            sheet=self.table.name if len(self.tables) > 1 else "",
            header_row=self.known.header_row if self.known else 0,
            day_order=str(self.day_order.currentData()),
            several_rows=self.several_rows.isChecked(),
            make_people=self.make_people.isChecked(),
        )

    def _rules(self) -> tuple[ColumnRule, ...]:
        """Return the rules: known ones as they are and in their order, new ones behind them."""
        wanted = {column: str(box.currentData()) for column, box in self.choices.items()}
        fixed = self.fixed_text.text().strip()
        fixed_field = str(self.fixed_field.currentData() or "")
        rules: list[ColumnRule] = []
        told: set[str] = set()
        for rule in self.known.rules if self.known else ():
            assert self.known is not None
            is_shown = rule is shown_rule(self.known, rule.column)
            if not is_shown:
                rules.append(rule)
            elif rule.fixed and (rule.fixed.strip(), rule.field) == (fixed, fixed_field):
                rules.append(rule)
                fixed = ""
            elif rule.column and rule.field == wanted.get(rule.column):
                rules.append(rule)
                told.add(rule.column)
        for column, field in wanted.items():
            if field and column not in told:
                items = [rule.item for rule in rules if rule.field == field and rule.column]
                item = max(items, default=0) + 1 if "." in field else 1
                rules.append(ColumnRule(column=column, field=field, item=item))
        if fixed and fixed_field:
            rules.append(ColumnRule(column="", field=fixed_field, fixed=fixed))
        return tuple(rules)

    # --- looking and taking ----------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Show what importing would do; nothing is written."""
        table, mapping, name = self.table, self.mapping(), self.name.text().strip()
        language, words = language_of_system(), t_("Looking through the rows")

        def work(vault: Vault, turn: Turn, tell: Progress) -> Plan:
            saved = turn(lambda: mappings.described(vault, name, mapping))
            return plan_table(
                vault,
                table,
                saved,
                language=language,
                progress=lambda done, total: tell(words, done, total),
                turn=turn,
            )

        self.start(work, self._show_plan, words)

    def _look_at_ours(self, read: OpenFiles) -> None:
        language, words = language_of_system(), t_("Looking through the rows")

        def work(vault: Vault, turn: Turn, tell: Progress) -> Plan:
            return plan_open(
                vault,
                read,
                language=language,
                progress=lambda done, total: tell(words, done, total),
                turn=turn,
            )

        self.start(work, self._show_plan, words)

    def _show_plan(self, plan: Plan) -> None:
        self.plan = plan
        lead_with(self.choose_button, is_first=False)
        self.columns.hide()
        self._show_rows(plan)
        takes = plan.count(Fate.NEW) + plan.count(Fate.CHANGED)
        self.import_button.setVisible(bool(takes))
        self.not_now_button.show()
        self.show_button.hide()
        self.preview.show()
        (self.import_button if takes else self.not_now_button).setFocus()

    def _show_rows(self, plan: Plan) -> None:
        words = t_("New: {new}. Changed: {changed}. Known already: {same}. Not taken: {refused}.")
        self.counts.setText(
            words.format(**{fate.name.lower(): f"{plan.count(fate):,}" for fate in Fate})
        )
        self.notes.setText("\n".join(visible(note.sentence()) for note in plan.notes))
        self.notes.setVisible(bool(plan.notes))
        self.rows.clear()
        for one in plan.rows[:_SHOWN]:
            self.rows.addItem(_line(one))
        if len(plan.rows) > _SHOWN:
            more = t_("… and {count:,} more").format(count=len(plan.rows) - _SHOWN)
            self.rows.addItem(more)

    @Slot()
    def take(self) -> None:
        """Import what was shown."""
        plan = self.plan
        if plan is None:
            return
        words = t_("Importing")

        def work(vault: Vault, turn: Turn, tell: Progress) -> Done:
            return carry_out(
                vault, plan, progress=lambda done, total: tell(words, done, total), turn=turn
            )

        self.start(work, self._taken, words, stopped=_STOPPED)

    def _taken(self, done: Done) -> None:
        self.plan = None
        self._show_rows(done.plan)
        if done.was_stopped:
            words = t_("Stopped: {count} rows are left. Import again to go on from there.")
            self.notes.setText(words.format(count=f"{done.left:,}"))
        else:
            self.notes.setText(t_("Imported."))
        self.notes.show()
        self.import_button.hide()
        self.not_now_button.hide()
        self.show_button.show()
        self.show_button.setFocus()
        self.session.record_changed.emit("")


def shown_rule(mapping: TableMapping, column: str) -> ColumnRule | None:
    """Return the one rule for a column, or for fixed texts, that the page has a place for."""
    return next((rule for rule in mapping.rules if rule.column == column), None)


def kept_lines(mapping: TableMapping, declared: RecordType | None) -> list[str]:
    """Return in words what a description says that has no place on the page and is kept."""
    lines: list[str] = []
    if mapping.header_row:
        words = t_("Row {number} holds the names of the columns.")
        lines.append(words.format(number=f"{mapping.header_row:,}"))
    for rule in mapping.rules:
        if declared is None or rule is shown_rule(mapping, rule.column):
            continue
        words = t_("{what} goes into {field}.")
        what = visible(rule.column or f'"{rule.fixed}"')
        lines.append(words.format(what=what, field=visible(label_of(declared, rule.field))))
    return lines


def _fill_fields(box: QComboBox, declared: RecordType | None) -> None:
    box.addItem(t_("Nowhere"), "")
    if declared is not None:
        for dotted in fields_of(declared):
            box.addItem(visible(label_of(declared, dotted)), dotted)


def _encoding_words(name: str) -> str:
    """Return an encoding by the script that it is for, and its name."""
    scripts = {
        "gb18030": N_("Simplified Chinese ({name})"),
        "gbk": N_("Simplified Chinese ({name})"),
        "big5": N_("Traditional Chinese ({name})"),
    }
    words = scripts.get(name)
    return name.upper() if words is None else translate(words).format(name=name.upper())


def _line(one: Planned) -> str:
    rows = listed(str(row) for _, row in one.where[:5]) + ("…" if len(one.where) > 5 else "")
    place = t_("Row {rows}").format(rows=rows) if rows else t_("A person")
    parts = [place, one.fate.word(), visible(one.title)]
    notes = [visible(note.sentence()) for note in one.notes]
    return "  ·  ".join(part for part in parts if part) + "".join(f"\n{note}" for note in notes)
