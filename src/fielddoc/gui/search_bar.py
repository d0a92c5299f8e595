"""Where one searches: a line with the whole search in it, its filters as chips, and one more.

The text of the line is the search; chips only show what stands in it. Choosing a filter writes it
there, taking a chip away removes it there, so that whoever knows the words need not leave the keys.
"""

import datetime
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.facets import TermFacet, TextFacet, texts_of, vocabularies_of
from fielddoc.domain.folding import folded
from fielddoc.domain.partial_date import PartialDateError, describe, parse_edtf, parse_typed
from fielddoc.domain.query import (
    Clause,
    FieldName,
    OfTerm,
    OnDays,
    Overdue,
    Query,
    WithinDays,
    field_of,
    label_of,
    parse,
    typed,
)
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.gui import style
from fielddoc.gui.fields import term
from fielddoc.gui.fields.chips import Chip
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.fields.lines import TYPED
from fielddoc.gui.fields.link import found as found_records
from fielddoc.gui.fields.pick_line import Choice, PickLine
from fielddoc.gui.session import Session
from fielddoc.i18n import N_, in_a_row, language_of_system, listed, t_, translate
from fielddoc.vault import records
from fielddoc.vault.vault import Vault

LABELS = {
    FieldName.TYPE: N_("Type"),
    FieldName.PERSON: N_("Person"),
    FieldName.KIND: N_("Kind"),
    FieldName.PLACE: N_("Place"),
    FieldName.DATE: N_("Date, possibly in"),
    FieldName.WITHIN: N_("Date, certainly in"),
    FieldName.STAGE: N_("Stage"),
    FieldName.CHARGE: N_("Charge"),
    FieldName.SOURCE: N_("Source"),
    FieldName.CONFIDENTIALITY: N_("Confidentiality"),
    FieldName.STATUS: N_("Status"),
    FieldName.NAME: N_("Name or title"),
    FieldName.OVERDUE: N_("Overdue"),
}
_EXAMPLES = {
    FieldName.DATE: N_("For example 2022-09..2022-11"),
    FieldName.WITHIN: N_("For example 2022-09..2022-11"),
    FieldName.PLACE: N_("Any part of a place or facility"),
    FieldName.NAME: N_("Any part of a name or title"),
}


class SearchBar(QWidget):
    """The search; `changed` tells that another one is wanted."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._query = Query()
        column = QVBoxLayout(self)
        column.setContentsMargins(style.GRID, 0, style.GRID, 0)
        column.setSpacing(style.GRID // 2)
        self.line = QLineEdit()
        self.line.setPlaceholderText(t_("Search (Ctrl+F)"))
        self.line.setAccessibleName(t_("Search"))
        self.line.setClearButtonEnabled(True)
        self.line.addAction(style.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.line.setInputMethodHints(TYPED)
        # Only what an input method has committed arrives here.
        self.line.textChanged.connect(self._typed)
        column.addWidget(self.line)
        self.below = QHBoxLayout()
        """The row under the search, for what else the list offers."""
        self.filter_button = QToolButton()
        self.filter_button.setText(t_("Filter"))
        self.filter_button.setIcon(style.icon("filter"))
        self.filter_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.filter_button.setCheckable(True)
        self.filter_button.setToolTip(t_("Narrow the search by type, person, place, date and more"))
        side = style.scaled(16)
        self.filter_button.setIconSize(QSize(side, side))
        self.below.addWidget(self.filter_button)
        self.below.addStretch(1)
        column.addLayout(self.below)
        self._adder: FilterAdder | None = None
        self.filter_button.toggled.connect(self._open_adder)
        self.chips = QWidget()
        self._flow = FlowLayout(self.chips, spacing=style.GRID // 2)
        self.chips.setVisible(False)
        column.addWidget(self.chips)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.problem, "small")
        self.problem.setVisible(False)
        column.addWidget(self.problem)

    @property
    def adder(self) -> "FilterAdder":
        """The filter to be added, made when it is first asked for."""
        if self._adder is None:
            self._adder = FilterAdder(self._session)
            self._adder.added.connect(self.add)
            column = self.layout()
            assert isinstance(column, QVBoxLayout)
            column.insertWidget(2, self._adder)
        return self._adder

    @property
    def query(self) -> Query:
        """What is asked for."""
        return self._query

    def text(self) -> str:
        """Return the search as it is typed."""
        return self.line.text()

    def show_text(self, text: str) -> None:
        """Search for something else."""
        self.line.setText(text)

    @Slot(str)
    def add(self, filter_: str) -> None:
        """Narrow the search by one more filter."""
        self.line.setText(f"{self.line.text().rstrip()} {filter_}".lstrip())

    @Slot()
    def _typed(self) -> None:
        self._query = parse(self.line.text(), today())
        self._show_chips()
        problems = self._query.problems
        self.problem.setVisible(bool(problems))
        if problems:
            self.problem.setText(visible(in_a_row((problems[0].sentence(), problems[0].advice()))))
        self.changed.emit()

    def _show_chips(self) -> None:
        while self._flow.count():
            item = self._flow.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        filters = [one for one in self._query.clauses if field_of(one.condition) is not None]
        for clause in filters:
            chip = Chip(in_words(clause, self.line.text(), language_of_system()))
            chip.removed.connect(partial(self._remove, clause))
            chip.fit(self._room())
            self._flow.addWidget(chip)
        self.chips.setVisible(bool(filters))
        self.chips.updateGeometry()

    def _room(self) -> int:
        return self.width() - 2 * style.GRID

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shorten the filters to the room that there is."""
        super().resizeEvent(event)
        for chip in self.chips.findChildren(Chip):
            chip.fit(self._room())

    def _remove(self, clause: Clause) -> None:
        text = self.line.text()
        self.line.setText(" ".join((text[: clause.start] + text[clause.end :]).split()))
        self.line.setFocus()

    @Slot(bool)
    def _open_adder(self, is_open: bool) -> None:  # noqa: FBT001 - Qt's signature
        self.adder.setVisible(is_open)
        if is_open:
            self.adder.field.setFocus()


class FilterAdder(QFrame):
    """One filter to be added: which field, and its value with what it may be."""

    added = Signal(str)
    """The filter as one would type it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        style.set_role(self, "note")
        column = QVBoxLayout(self)
        column.setContentsMargins(style.GRID, style.GRID, style.GRID, style.GRID)
        column.setSpacing(style.GRID // 2)
        self.field = QComboBox()
        self.field.setAccessibleName(t_("What to filter by"))
        for field, label in LABELS.items():
            self.field.addItem(translate(label), field.value)
        self.field.currentIndexChanged.connect(self._field_chosen)
        column.addWidget(self.field)
        row = QHBoxLayout()
        self.value = PickLine(t_("Value of the filter"))
        self.value.asked.connect(self._find)
        self.value.chosen.connect(self._choose)
        self.value.returnPressed.connect(self._add)
        row.addWidget(self.value, 1)
        self.add_button = QPushButton(t_("Add"))
        self.add_button.setAccessibleName(t_("Add this filter"))
        self.add_button.clicked.connect(self._add)
        row.addWidget(self.add_button)
        column.addLayout(row)
        self._field_chosen()

    def _chosen_field(self) -> FieldName:
        return FieldName(str(self.field.currentData()))

    @Slot()
    def _field_chosen(self) -> None:
        self.value.close_choices()
        self.value.show_text("")
        words = _EXAMPLES.get(self._chosen_field(), N_("Choose or type"))
        self.value.setPlaceholderText(translate(words))

    @Slot(str)
    def _find(self, text: str) -> None:
        field = self._chosen_field()
        match field:
            case FieldName.PERSON | FieldName.SOURCE:
                self._find_records(field.value, text)
            case FieldName.OVERDUE:
                self.value.show_choices([Choice("yes", t_("yes")), Choice("no", t_("no"))])
            case FieldName.TYPE:
                choices = [Choice(known.name, translate(known.label)) for known in RECORD_TYPES]
                self.value.show_choices([c for c in choices if text.lower() in c.words.lower()])
            case FieldName.DATE | FieldName.WITHIN | FieldName.PLACE | FieldName.NAME:
                self.value.show_choices([])
            case _:
                names = vocabularies_of(TermFacet(field.value))
                all_ = {c.key: c for n in names for c in term.found(vocabulary(n), text)}
                self.value.show_choices(list(all_.values()))

    def _find_records(self, type_name: str, text: str) -> None:
        def show(names: list[tuple[str, str]]) -> None:
            self.value.show_choices([Choice(name, title) for name, title in names])

        step = partial(_named, type_name=type_name, text=text, language=language_of_system())
        self._session.ask(self, step, show)

    @Slot(object)
    def _choose(self, choice: Choice) -> None:
        field = self._chosen_field()
        language = language_of_system()
        value = choice.key
        if (language.startswith("zh") and field.value in [facet.value for facet in TermFacet]) or (
            language.startswith("zh") and field is FieldName.OVERDUE
        ):
            value = choice.words
        self._emit(value)

    @Slot()
    def _add(self) -> None:
        text = self.value.typed_text().strip()
        if text:
            self.value.close_choices()
            self._emit(text)

    def _emit(self, value: str) -> None:
        self.value.show_text("")
        self.added.emit(typed(self._chosen_field(), [value], language_of_system()))


def _named(vault: Vault, *, type_name: str, text: str, language: str) -> list[tuple[str, str]]:
    """Return of each record that is found one name, the one that holds `text`, and its title."""
    names: list[tuple[str, str]] = []
    for row in found_records(vault, targets=(type_name,), text=text, language=language):
        known = records.projected(vault, row.id)
        texts = texts_of(*known) if known is not None else []
        mine = [name for facet, name in texts if facet is TextFacet.NAME]
        mine.sort(key=lambda name: folded(text) not in folded(name))
        names += [(name, row.title) for name in mine[:1]]
    return names


def today() -> datetime.date:
    """Return the day that the person's clock shows."""
    return datetime.datetime.now().astimezone().date()


def in_words(clause: Clause, text: str, language: str) -> str:
    """Return a filter in the person's words, as its chip shows it."""
    field = field_of(clause.condition)
    assert field is not None
    match clause.condition:
        case OfTerm(facet, codes):
            value = listed(label_of(facet, code, language) for code in codes)
        case Overdue(_, is_overdue):
            value = t_("yes") if is_overdue else t_("no")
        case _:
            value = text[clause.start : clause.end].lstrip("-").replace("：", ":").partition(":")[2]
            if isinstance(clause.condition, OnDays | WithinDays):
                value = _days_in_words(value, language)
    words = t_("{field}: {value}").format(field=translate(LABELS[field]), value=value)
    return t_("not {filter}").format(filter=words) if clause.is_negated else words


def _days_in_words(value: str, language: str) -> str:
    """Return `2015..2024` as a person reads it; anything else as it was typed."""
    first, dots, last = value.strip().partition("..")
    if not dots:
        return value
    try:
        ends = [parse_typed(end, today()).edtf if end.strip() else ".." for end in (first, last)]
        return describe(parse_edtf("/".join(ends)), language)
    except PartialDateError:
        return value
