"""A form made from the declarations of a record type or an item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fielddoc.domain.canonical import Json, same
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.validation import Problem
from fielddoc.gui import style
from fielddoc.gui.fields.cells import Cell, Cells
from fielddoc.gui.fields.choice import ChoiceField
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.field_widget import FieldWidget
from fielddoc.gui.fields.flag import FlagField
from fielddoc.gui.fields.fold_button import FoldButton
from fielddoc.gui.fields.link import LinkField
from fielddoc.gui.fields.partial_date import PartialDateField
from fielddoc.gui.fields.term import TermField, TermsField
from fielddoc.gui.fields.text import LongTextField, TextField, TextsField
from fielddoc.i18n import listed, translate

_SELDOM = ("sources", "confidentiality", "note")
"""Fields that stand last, folded away, in a form that is long."""
_LONG_FORM = 9


@dataclass(frozen=True, slots=True)
class FoldedPart:
    """Fields that are folded away while they are empty, under a title."""

    title: str
    """Marked for translation; the labels of the fields if empty."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One widget of the form, with the fields that it holds: a date holds three."""

    fields: tuple[Field, ...]
    widget: FieldWidget

    @property
    def name(self) -> str:
        return self.fields[0].name

    def values(self) -> dict[str, Json]:
        if isinstance(self.widget, PartialDateField):
            return self.widget.values()
        return {self.name: self.widget.value()}

    def set_values(self, values: Mapping[str, Json]) -> bool:
        """Show the values, unless the widget shows them already; return whether it did not."""
        wanted = {field.name: values.get(field.name) for field in self.fields}
        if same(wanted, self.values()):
            return False
        if isinstance(self.widget, PartialDateField):
            self.widget.set_values(wanted)
        else:
            self.widget.set_value(wanted[self.name])
        return True


@dataclass(frozen=True, slots=True)
class _Fold:
    """A folded part as it stands in the form."""

    rows: tuple[_Row, ...]
    button: FoldButton
    cells: Cells

    def holds_something(self) -> bool:
        return any(value is not None for row in self.rows for value in row.values().values())


class FieldsForm(QWidget):
    """One widget a field, in the order in which the fields are declared.

    In a long form the fields that are seldom filled in stand last and are folded away while they
    are empty.
    """

    changed = Signal()
    field_changed = Signal(str)
    """The name of the field that was changed; `changed` follows."""

    def __init__(
        self,
        fields: tuple[Field, ...],
        context: FieldContext,
        *,
        is_whole_record: bool = False,
        folded: tuple[FoldedPart, ...] = (FoldedPart("", _SELDOM),),
    ) -> None:
        super().__init__()
        self.fields = fields
        self._unknown: dict[str, Json] = {}
        first_parts = fields[0].name if is_whole_record and fields else ""
        self._rows: list[_Row] = []
        shown = tuple(field for field in fields if not _is_left_to_others(field))
        for group in _groups(shown):
            widget = _widget(group, context, offers_first=group[0].name == first_parts)
            row = _Row(group, widget)
            widget.changed.connect(_teller(self, group[0].name))
            self._rows.append(row)
        self._row_of = {field.name: row for row in self._rows for field in row.fields}
        is_long = len(self._rows) >= _LONG_FORM
        self.folds = [
            fold for part in folded if is_long and (fold := _fold(part, self._rows)) is not None
        ]
        away = [row for fold in self.folds for row in fold.rows]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * style.GRID)
        column.addWidget(Cells(_cell(row) for row in self._rows if row not in away))
        for fold in self.folds:
            column.addWidget(fold.button)
            column.addWidget(fold.cells)
            fold.cells.hide()
            fold.button.toggled.connect(fold.cells.setVisible)
        column.addStretch(1)
        self.set_read_only(is_read_only=False)
        if self._rows:
            self.setFocusProxy(self._rows[0].widget)

    # --- values ----------------------------------------------------------------------------------

    def values(self) -> dict[str, Json]:
        """Return the fields that hold something, those the form does not know unchanged."""
        result = dict(self._unknown)
        for row in self._rows:
            result |= {name: value for name, value in row.values().items() if value is not None}
        return result

    def values_of(self, name: str) -> dict[str, Json]:
        """Return the fields of the widget that holds the field `name`, None for what is empty."""
        return self._row_of[name].values()

    def set_values(self, values: Mapping[str, Json]) -> tuple[str, ...]:
        """Show these values; fields that are not among them become empty.

        What the form shows already is left alone, with its cursor. Returns the names of the fields
        that were touched.
        """
        self._unknown = {n: value for n, value in values.items() if n not in self._row_of}
        touched = tuple(row.name for row in self._rows if row.set_values(values))
        for fold in self.folds:
            if fold.holds_something():
                fold.button.setChecked(True)
        return touched

    def fold(self) -> None:
        """Fold away what can be folded and is empty."""
        for fold in self.folds:
            fold.button.setChecked(fold.holds_something())

    # --- problems --------------------------------------------------------------------------------

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show each problem below its field, and no others."""
        whole: dict[str, str] = {}
        parts: dict[str, list[Problem]] = {}
        for problem in problems:
            name, _, rest = problem.path.partition(".")
            row = self._row_of.get(name)
            if row is None:
                continue
            if rest:
                parts.setdefault(row.name, []).append(Problem(rest, problem.fault))
            else:
                whole.setdefault(row.name, problem.sentence())
        for row in self._rows:
            row.widget.show_part_problems(parts.get(row.name, []))
            if row.name in whole or row.name not in parts:
                row.widget.show_problem(whole.get(row.name, ""))

    # --- focus -----------------------------------------------------------------------------------

    def focus_field(self, path: str) -> None:
        """Put the focus into the field at `path`, for example `entries.2.date`; else the first."""
        name, _, rest = path.partition(".")
        row = self._row_of.get(name) or (self._rows[0] if self._rows else None)
        if row is None:
            return
        for fold in self.folds:
            if row in fold.rows:
                fold.button.setChecked(True)
        row.widget.focus_part(rest if name in self._row_of else "")

    def focused_path(self) -> str:
        """Return the path of the field that has the focus, or an empty text."""
        focused: QWidget | None = self.window().focusWidget()
        if focused is None:
            return ""
        for row in self._rows:
            if focused is row.widget or row.widget.isAncestorOf(focused):
                part = row.widget.focused_part()
                return f"{row.name}.{part}" if part else row.name
        return ""

    def widget_of(self, name: str) -> FieldWidget:
        """Return the widget that holds a field."""
        return self._row_of[name].widget

    def label_of(self, path: str) -> str:
        """Return the label of the field that a path begins with, in the person's language."""
        row = self._row_of.get(path.partition(".")[0])
        return translate(row.fields[0].label) if row else path

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let everything be read but nothing be changed."""
        for row in self._rows:
            row.widget.set_read_only(is_read_only=is_read_only or row.name in _MEASURED)

    def _tell(self, name: str) -> None:
        self.field_changed.emit(name)
        self.changed.emit()


def _fold(part: FoldedPart, rows: Sequence[_Row]) -> _Fold | None:
    """Return the fold for those of the rows that belong to it; None if there are none."""
    mine = tuple(row for row in rows if row.name in part.names)
    if not mine:
        return None
    labels = listed(translate(row.fields[0].label) for row in mine)
    button = FoldButton(translate(part.title) if part.title else labels)
    return _Fold(mine, button, Cells(_cell(row) for row in mine))


_MEASURED = ("size_bytes", "sha256")
"""What the file itself says, which nobody may write."""


def _is_left_to_others(field: Field) -> bool:
    """Tell whether a form has no widget for a field; its value is kept as it is."""
    return field.is_set_elsewhere or (field.kind is Kind.OWN and not field.fields)


def _teller(form: FieldsForm, name: str) -> Callable[[], None]:
    return lambda: form._tell(name)  # noqa: SLF001 - the form's own


def _groups(fields: tuple[Field, ...]) -> list[tuple[Field, ...]]:
    """Return the fields one by one, a date together with its companions."""
    names = {field.name for field in fields}
    groups: list[tuple[Field, ...]] = []
    for field in fields:
        first = groups[-1][0] if groups else None
        is_date = first is not None and first.kind is Kind.DATE
        if first is not None and is_date and _belongs(first, field):
            groups[-1] = (*groups[-1], field)
        else:
            groups.append((field,))
    assert sum(len(group) for group in groups) == len(names)
    return groups


def _belongs(date: Field, field: Field) -> bool:
    """Tell whether a field is a companion of a date."""
    return field.name in (f"{date.name}_inferred", f"{date.name}_words")


def _widget(group: tuple[Field, ...], context: FieldContext, *, offers_first: bool) -> FieldWidget:
    # The fields that have a form inside import this module.
    from fielddoc.gui.fields.chronology import ChronologyField  # noqa: PLC0415
    from fielddoc.gui.fields.items import ItemsField  # noqa: PLC0415
    from fielddoc.gui.fields.own_fields import OwnFieldsField  # noqa: PLC0415
    from fielddoc.gui.fields.sealed import SealedField  # noqa: PLC0415

    field = group[0]
    match field.kind:
        case Kind.TEXT if field.choices:
            return ChoiceField(field)
        case Kind.TEXT | Kind.NUMBER | Kind.INTEGER:
            return TextField(field)
        case Kind.LONG_TEXT:
            return LongTextField(field)
        case Kind.TEXTS:
            return TextsField(field)
        case Kind.DATE:
            companions = {part.name: part for part in group[1:]}
            inferred = companions.get(f"{field.name}_inferred")
            return PartialDateField(field, inferred, companions.get(f"{field.name}_words"))
        case Kind.FLAG:
            return FlagField(field)
        case Kind.TERM:
            return TermField(field)
        case Kind.TERMS:
            return TermsField(field)
        case Kind.LINK | Kind.LINKS:
            return LinkField(field, context)
        case Kind.ITEMS if field.name == "entries":
            return ChronologyField(field, context)
        case Kind.ITEMS:
            return ItemsField(field, context, offers_first=offers_first)
        case Kind.SEALED:
            return SealedField(field, context)
        case Kind.OWN:
            return OwnFieldsField(field, context)
        case _:
            assert_never(field.kind)


def _cell(row: _Row) -> Cell:
    field = row.fields[0]
    has_own_label = row.widget.is_complete_in_itself
    return Cell(
        row.widget,
        "" if has_own_label else translate(field.label),
        "" if has_own_label or field.kind is Kind.SEALED else translate(field.help),
        is_needed=field.needed,
        is_wide=field.kind not in _SHORT or field.name == "title",
        is_part=field.kind in (Kind.ITEMS, Kind.SEALED, Kind.OWN),
    )


_SHORT = (Kind.TEXT, Kind.NUMBER, Kind.INTEGER, Kind.TERM, Kind.FLAG, Kind.DATE)
"""Kinds that stand two by two; a title stands alone."""
