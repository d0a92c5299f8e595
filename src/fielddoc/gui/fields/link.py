"""Fields that point at other records: one, or several; chosen by typing what they are called."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtWidgets import QVBoxLayout

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.revision import is_record_id, new_id
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.words import as_text
from fielddoc.gui import style
from fielddoc.gui.fields.chips import Chip
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.fields.pick_line import ChipLine, Choice
from fielddoc.i18n import language_of_system, t_, translate
from fielddoc.vault import records, titles
from fielddoc.vault.records import ListedRecord
from fielddoc.vault.vault import Vault

MOST_CHOICES = 12
_NEW = "new "
"""Key of a choice that makes a record, before the name of its type."""

TYPE_ICONS: Mapping[str, str] = {
    "person": "user",
    "incident": "circle-alert",
    "risk": "shield-alert",
    "detention": "lock-keyhole",
    "source": "message-square",
    "action": "send",
    "attachment": "paperclip",
}
_NAMED_BY = {
    "person": "names",
    "incident": "title",
    "risk": "title",
    "detention": "title",
    "source": "code_name",
    "action": "title",
}
"""The field that takes what was typed, when a record is made of it."""


class LinkField(FieldWidget):
    """LINK and LINKS: a chip for each, and a line that searches as one types.

    What was typed and not chosen stays as typed, so that nothing is lost before it is.
    """

    def __init__(self, field: Field, context: FieldContext) -> None:
        super().__init__()
        self._context = context
        self._is_single = field.kind is Kind.LINK
        self._targets = field.targets
        self._given: Json = None
        self._is_changed = False
        self._is_read_only = False
        self._values: list[Json] = []
        self._chips: list[Chip] = []
        self._is_searching = False
        self._searched = ""
        self._wanted: str | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self._flow = FlowLayout(spacing=style.GRID // 2)
        column.addLayout(self._flow)
        self.line = ChipLine(translate(field.label))
        can_be_new = any(name in _NAMED_BY for name in self._targets)
        self.line.setPlaceholderText(
            t_("Type to find a record or name a new one")
            if can_be_new
            else t_("Type to find a record")
        )
        self.line.asked.connect(self._search)
        self.line.chosen.connect(self._choose)
        self.line.backspaced.connect(self._remove_last)
        self.line.typed.connect(self._changed)
        column.addWidget(self.line)
        self.problem = problem_label()
        column.addWidget(self.problem)
        self.setFocusProxy(self.line)

    # --- the value -------------------------------------------------------------------------------

    def value(self) -> Json:
        """Return the ids, or the one id; what is typed and not chosen yet stands last."""
        if not self._is_changed:
            return self._given
        typed = self.line.typed_text().strip()
        values: list[Json] = [*self._values, typed] if typed else self._values
        if self._is_single:
            return values[-1] if values else None
        return list(values) or None

    def set_value(self, value: Json) -> None:
        """Show these records by their titles; ids that are not in the vault are kept."""
        self._given = value
        self._is_changed = False
        self.line.show_text("")
        parts: list[Json] = value if isinstance(value, list) else [] if value is None else [value]
        while self._chips:
            self._drop(0)
        for part in parts:
            self._add_chip(part)
        self._ask_for_titles()
        self._show_line()

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the records be opened only."""
        self._is_read_only = is_read_only
        for chip in self._chips:
            chip.set_read_only(is_read_only=is_read_only)
        self._show_line()

    def _changed(self) -> None:
        self._is_changed = True
        self.changed.emit()

    # --- chips -----------------------------------------------------------------------------------

    def _add_chip(self, value: Json, words: str = "") -> None:
        is_id = isinstance(value, str) and is_record_id(value)
        chip = Chip(words or (t_("…") if is_id else as_text(value)), can_be_opened=True)
        chip.opened.connect(self._open)
        chip.removed.connect(self._removed)
        chip.set_read_only(is_read_only=self._is_read_only)
        self._values.append(value)
        self._chips.append(chip)
        self._flow.addWidget(chip)
        self.updateGeometry()

    def _ask_for_titles(self) -> None:
        ids = [v for v in self._values if isinstance(v, str) and is_record_id(v)]
        if ids:
            language = language_of_system()
            self._context.session.ask(
                self, partial(titles_of, ids=ids, language=language), self._show_titles
            )

    def _show_titles(self, found: Mapping[str, str]) -> None:
        for value, chip in zip(self._values, self._chips, strict=True):
            if isinstance(value, str) and value in found:
                chip.show_words(found[value] or t_("not in this vault"))
        self.updateGeometry()

    def _open(self) -> None:
        chip = self.sender()
        value = self._values[self._chips.index(chip)] if chip in self._chips else None
        if isinstance(value, str) and is_record_id(value):
            self._context.shell.open_record(value)
        elif value is not None and not self._is_read_only:
            self._type_again(value)

    def _type_again(self, value: Json) -> None:
        """Put what was typed and never chosen back into the line, to find it now."""
        self._drop(self._values.index(value))
        self._is_changed = True
        self._show_line()
        self.line.show_text(as_text(value))
        self.line.setFocus()
        self.line.ask_for(as_text(value))

    def _removed(self) -> None:
        chip = self.sender()
        if chip in self._chips:
            self._remove(self._chips.index(chip))

    def _remove_last(self) -> None:
        if self._chips:
            self._remove(len(self._chips) - 1)

    def _remove(self, place: int) -> None:
        self._drop(place)
        self._show_line()
        self.line.setFocus()
        self._changed()

    def _drop(self, place: int) -> None:
        self._values.pop(place)
        chip = self._chips.pop(place)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _show_line(self) -> None:
        is_full = self._is_single and bool(self._values)
        self.line.setVisible(not self._is_read_only and not is_full)
        opener = self._chips[0].opener if is_full else None
        self.setFocusProxy(self.line if opener is None else opener)

    # --- finding and making ----------------------------------------------------------------------

    def _search(self, text: str) -> None:
        # While one search runs only the newest is remembered, so that none queue up.
        if self._is_searching:
            self._wanted = text
            return
        self._is_searching = True
        self._searched = text
        step = partial(found, targets=self._targets, text=text, language=language_of_system())
        self._context.session.ask(self, step, self._show_found, self._search_failed)

    def _show_found(self, rows: list[ListedRecord]) -> None:
        self._is_searching = False
        if self._wanted is not None:
            text, self._wanted = self._wanted, None
            self._search(text)
            return
        choices = [
            Choice(row.id, _row_words(row, with_type=len(self._targets) != 1), _icon(row.type))
            for row in rows
            if row.id not in self._values
        ]
        typed = self._searched.strip()
        if typed:
            choices += [_choice_of_new(name, typed) for name in self._targets if name in _NAMED_BY]
        self.line.show_choices(choices)

    def _search_failed(self, error: BaseException) -> None:
        self._is_searching = False
        self._wanted = None
        self._context.shell.show_error(error)

    def _choose(self, choice: Choice) -> None:
        if choice.key.startswith(_NEW):
            self._make(choice.key.removeprefix(_NEW), self._searched.strip())
            return
        self._take(choice.key, choice.words)

    def _take(self, record: str, words: str) -> None:
        self.line.show_text("")
        if self._is_single:
            while self._chips:
                self._drop(0)
        if record not in self._values:
            self._add_chip(record, words)
            self._ask_for_titles()
        had_focus = self.line.hasFocus()
        self._show_line()
        if had_focus and self._is_single:
            self.setFocus()
        self._changed()

    def _make(self, type_name: str, text: str) -> None:
        """Make a record of what was typed, at once, and link to it."""
        record = new_id()
        self._context.session.ask(
            self,
            lambda vault: records.add(vault, type_name, _named(type_name, text), record=record),
            self._context.session.record_changed.emit,
        )
        self._take(record, text)


def titles_of(vault: Vault, *, ids: list[str], language: str) -> dict[str, str]:
    """Return the title of each record, empty for one that is not in the vault."""
    return {record: titles.title_if_here(vault, record, language) for record in dict.fromkeys(ids)}


def found(
    vault: Vault, *, targets: tuple[str, ...], text: str, language: str
) -> list[ListedRecord]:
    """Return the newest records of these types, any if there are none, that hold `text`."""
    rows: list[ListedRecord] = []
    for name in targets or (None,):
        numbers = records.numbers(vault, type_name=name, text=text, limit=MOST_CHOICES)
        rows += records.rows(vault, numbers)
    rows.sort(key=lambda row: row.number, reverse=True)
    return titles.fill(vault, rows[:MOST_CHOICES], language)


def _named(type_name: str, text: str) -> dict[str, Json]:
    name = _NAMED_BY[type_name]
    return {name: [{"id": new_id(), "text": text}] if name == "names" else text}


def _choice_of_new(type_name: str, text: str) -> Choice:
    declared = record_type(type_name)
    kind = translate(declared.label) if declared else type_name
    words = t_("New {kind}: “{text}”")
    if type_name == "source":
        words = t_("New {kind} with the code name “{text}”")
    return Choice(_NEW + type_name, words.format(kind=kind.lower(), text=text), "plus")


def _row_words(row: ListedRecord, *, with_type: bool) -> str:
    parts = [row.title]
    if with_type:
        parts += [translate(known.label) for known in RECORD_TYPES if known.name == row.type]
    if row.earliest:
        parts.append(row.earliest)
    return "  ·  ".join(parts)


def _icon(type_name: str) -> str:
    return TYPE_ICONS.get(type_name, "file")
