"""Parts with an id of their own, each a card: names, relations, roles, counts, consents."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from fielddoc.domain.canonical import Json
from fielddoc.domain.revision import new_id
from fielddoc.domain.schema import Field
from fielddoc.domain.validation import Problem
from fielddoc.domain.visible import visible
from fielddoc.domain.words import as_text, linked_ids, summary
from fielddoc.gui import style
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.gui.fields.fold_button import FoldButton
from fielddoc.gui.fields.form import FieldsForm
from fielddoc.gui.fields.link import titles_of
from fielddoc.i18n import language_of_system, t_, translate

CARDS_AT_ONCE = 25


class ItemsField(FieldWidget):
    """ITEMS: a card each, folded to one line until it is opened.

    A card that was added here and holds nothing is no part of the value.
    """

    def __init__(self, field: Field, context: FieldContext, *, offers_first: bool = False) -> None:
        super().__init__()
        self.field = field
        self._label = translate(field.label)
        self._context = context
        self._offers_first = offers_first
        self._given: Json = None
        self._is_changed = False
        self._is_kept = False
        self._is_read_only = False
        self._titles: dict[str, str] = {}
        self.cards: list[ItemCard] = []
        self._later: list[Json] = []
        """Parts behind the cards that are made so far."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        self._column = QVBoxLayout()
        self._column.setSpacing(style.GRID)
        column.addLayout(self._column)
        self.kept = QLabel()
        self.kept.setTextFormat(Qt.TextFormat.PlainText)
        self.kept.setWordWrap(True)
        self.kept.hide()
        column.addWidget(self.kept)
        self.problem = problem_label()
        column.addWidget(self.problem)
        self.add_button = QPushButton(t_("Add"))
        self.add_button.setIcon(style.icon("plus"))
        self.add_button.setAccessibleName(t_("Add: {field}").format(field=self._label))
        self.add_button.clicked.connect(self.add)
        self.later_button = QPushButton()
        style.set_role(self.later_button, "plain")
        self.later_button.clicked.connect(self._show_more)
        foot = QHBoxLayout()
        foot.setSpacing(style.GRID)
        foot.addWidget(self.add_button)
        foot.addWidget(self.later_button)
        foot.addStretch(1)
        column.addLayout(foot)
        self.set_value(None)

    # --- the value -------------------------------------------------------------------------------

    def value(self) -> Json:
        """Return the parts in order, each with its id; None if there are none."""
        if self._is_kept or not self._is_changed:
            return self._given
        parts = [card.value() for card in self.cards if not card.is_new_and_empty()]
        return [*parts, *self._later] or None

    def set_value(self, value: Json) -> None:
        """Show these parts; cards of the same parts stay as open as they are."""
        self._given = value
        self._is_changed = False
        self._is_kept = value is not None and not isinstance(value, list)
        self.kept.setText(as_text(value) if self._is_kept else "")
        self.kept.setVisible(self._is_kept)
        parts = _with_ids(value) if isinstance(value, list) else []
        many = max(CARDS_AT_ONCE, len(self.cards))
        before = {card.identity: card for card in self.cards}
        cards: list[ItemCard] = []
        for part in parts[:many]:
            card = before.pop(_identity(part), None) or self._make(part)
            card.set_value(part)
            cards.append(card)
        for card in before.values():
            self._forget(card)
        self._later = parts[many:]
        if not cards and self._offers_first and not self._is_kept:
            cards.append(self._make({"id": new_id()}, is_new=True))
            cards[0].open()
        self._put(cards)
        self._ask_for_titles()

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong with the whole."""
        show_sentence(self.problem, sentence)

    def show_part_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong on the cards; parts are counted from 1."""
        of_card: dict[int, list[Problem]] = {}
        for problem in problems:
            number, _, rest = problem.path.partition(".")
            if number.isdecimal():
                of_card.setdefault(int(number), []).append(Problem(rest, problem.fault))
        shown = (card for card in self.cards if not card.is_new_and_empty())
        for place, card in enumerate(shown, 1):
            card.show_problems(of_card.get(place, []))

    def focus_part(self, path: str) -> None:
        """Open the card of this number and go to a field in it; without a number, the first."""
        first, _, rest = path.partition(".")
        if not first.isdecimal():
            self.focus_first()
            return
        while len(self.cards) < int(first) and self._later:
            self._show_more()
        card = self.cards[min(max(int(first), 1), len(self.cards)) - 1] if self.cards else None
        if card is None:
            self.focus_first()
            return
        card.open()
        card.focus_field(rest)

    def focus_first(self) -> None:
        """Put the focus where one begins."""
        if self.cards and self.cards[0].is_open:
            self.cards[0].focus_field("")
        else:
            (self.cards[0].header if self.cards else self.add_button).setFocus()

    def focused_part(self) -> str:
        """Return the number of the card that has the focus, and the path in it."""
        for number, card in enumerate(self.cards, 1):
            focused: QWidget | None = card.window().focusWidget()
            if focused is not None and card.isAncestorOf(focused):
                path = card.focused_path()
                return f"{number}.{path}" if path else str(number)
        return ""

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the cards be opened and read only."""
        self._is_read_only = is_read_only
        for card in self.cards:
            card.set_read_only(is_read_only=is_read_only)
        self.add_button.setVisible(not is_read_only and not self._is_kept)

    # --- cards -----------------------------------------------------------------------------------

    def add(self) -> None:
        """Open an empty card at the end and go into it."""
        while self._later:
            self._show_more()
        card = self._make({"id": new_id()}, is_new=True)
        self._put([*self.cards, card])
        card.open()
        card.focus_field("")

    def _make(self, part: Json, *, is_new: bool = False) -> "ItemCard":
        card = ItemCard(self.field, self._context, part, is_new=is_new)
        card.show_titles(self._titles)
        card.set_read_only(is_read_only=self._is_read_only)
        card.changed.connect(self._changed)
        card.moved.connect(self._move)
        card.removed.connect(self._remove)
        return card

    def _put(self, cards: list["ItemCard"]) -> None:
        """Show these cards in this order."""
        self.cards = cards
        for place, card in enumerate(cards):
            if self._column.indexOf(card) != place:
                self._column.insertWidget(place, card)
                card.show()
        for place, card in enumerate(cards):
            card.set_place(place, len(cards) + len(self._later))
        left = len(self._later)
        self.later_button.setVisible(left > 0)
        self.later_button.setText(t_("Show more ({count})").format(count=left))
        self.add_button.setVisible(not self._is_kept and not self._is_read_only)
        self.setFocusProxy(cards[0] if cards else self.add_button)

    def _forget(self, card: "ItemCard") -> None:
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _show_more(self) -> None:
        some, self._later = self._later[:CARDS_AT_ONCE], self._later[CARDS_AT_ONCE:]
        self._put([*self.cards, *(self._make(part) for part in some)])
        self._ask_for_titles()

    def _changed(self) -> None:
        self._is_changed = True
        self._ask_for_titles()
        self.changed.emit()

    def _move(self, card: "ItemCard", step: int) -> None:
        place = self.cards.index(card)
        if not 0 <= place + step < len(self.cards):
            return
        cards = list(self.cards)
        cards.insert(place + step, cards.pop(place))
        self._put(cards)
        self._changed()
        card.focus_move(step)

    def _remove(self, card: "ItemCard") -> None:
        place = self.cards.index(card)
        value, was_empty = card.value(), card.is_new_and_empty()
        what = card.summary()
        cards = [other for other in self.cards if other is not card]
        self._forget(card)
        self._put(cards)
        neighbour = cards[min(place, len(cards) - 1)].header if cards else self.add_button
        neighbour.setFocus()
        if was_empty:
            return
        self._changed()
        self._context.shell.say(
            t_("Removed: {what}").format(what=what), partial(self._bring_back, value, place)
        )

    def _bring_back(self, value: Json, place: int) -> None:
        if any(card.identity == _identity(value) for card in self.cards):
            return
        card = self._make(value)
        self._put([*self.cards[:place], card, *self.cards[place:]])
        card.header.setFocus()
        self._changed()

    # --- titles of linked records ----------------------------------------------------------------

    def _ask_for_titles(self) -> None:
        ids = [i for card in self.cards for i in card.linked_ids() if i not in self._titles]
        if not ids:
            return
        self._titles.update(dict.fromkeys(ids, ""))
        step = partial(titles_of, ids=ids, language=language_of_system())
        self._context.session.ask(self, step, self._show_titles)

    def _show_titles(self, found: Mapping[str, str]) -> None:
        self._titles.update(found)
        for card in self.cards:
            card.show_titles(self._titles)


class ItemCard(QFrame):
    """One part: a line that sums it up, and its form once it was opened."""

    changed = Signal()
    moved = Signal(object, int)
    """The card, and -1 or 1."""
    removed = Signal(object)

    def __init__(
        self, field: Field, context: FieldContext, value: Json, *, is_new: bool = False
    ) -> None:
        super().__init__()
        style.set_role(self, "card")
        self._field = field
        self._context = context
        self._value = value
        self._is_new = is_new
        self._is_read_only = False
        self._place, self._count = 0, 1
        self._titles: Mapping[str, str] = {}
        self._problems: Sequence[Problem] = ()
        self.form: FieldsForm | None = None
        self._body: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.header = FoldButton(is_wide=True)
        self.header.toggled.connect(self._fold)
        self._column.addWidget(self.header)
        self.setFocusProxy(self.header)
        self._sum_up()

    @property
    def identity(self) -> str:
        """The part's id."""
        return _identity(self._value)

    @property
    def is_open(self) -> bool:
        """Whether its form is shown."""
        return self.header.isChecked()

    def is_new_and_empty(self) -> bool:
        """Tell whether it was added here and nothing was filled in."""
        value = self.value()
        return self._is_new and isinstance(value, dict) and not set(value) - {"id"}

    def value(self) -> Json:
        """Return the part as it stands now."""
        return self.form.values() if self.form is not None else self._value

    def set_value(self, value: Json) -> None:
        """Show this value of the same part."""
        self._value = value
        if self.form is not None and isinstance(value, dict):
            self.form.set_values(value)
        self._sum_up()

    def summary(self) -> str:
        """Return one line by which a person knows the part again."""
        value = self.value()
        if not isinstance(value, dict):
            return visible(as_text(value))
        return summary(self._field.fields, value, self._titles) or t_("(empty)")

    def linked_ids(self) -> list[str]:
        """Return the ids of the records that it links to."""
        value = self.value()
        return linked_ids(self._field.fields, value) if isinstance(value, dict) else []

    def show_titles(self, titles: Mapping[str, str]) -> None:
        """Show linked records by their titles."""
        self._titles = titles
        self._sum_up()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong, on the line that sums it up while it is folded."""
        self._problems = problems
        if self.form is not None:
            self.form.show_problems(problems)
        self._sum_up()

    def open(self) -> None:
        """Show the form."""
        self.header.setChecked(True)

    def focus_field(self, path: str) -> None:
        """Go to a field of the form, the first if the path is empty."""
        if self.form is not None:
            self.form.focus_field(path)

    def focused_path(self) -> str:
        """Return the path of the field that has the focus."""
        return self.form.focused_path() if self.form is not None else ""

    def set_place(self, place: int, count: int) -> None:
        """Know which of how many cards this is."""
        self._place, self._count = place, count
        self._allow()

    def focus_move(self, step: int) -> None:
        """Put the focus back onto the button that moved the card."""
        if self._body is None:
            return
        button = self.up_button if step < 0 else self.down_button
        other = self.down_button if step < 0 else self.up_button
        (button if button.isEnabled() else other).setFocus()

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the part be read only."""
        self._is_read_only = is_read_only
        self._allow()

    def _fold(self) -> None:
        if self._body is None and isinstance(self._value, dict):
            self._build(self._value)
        if self._body is not None:
            self._body.setVisible(self.is_open)
        self._sum_up()

    def _build(self, value: Mapping[str, Json]) -> None:
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        column.setSpacing(2 * style.GRID)
        self.form = FieldsForm(self._field.fields, self._context)
        self.form.set_values(value)
        self.form.show_problems(self._problems)
        self.form.changed.connect(self._changed)
        column.addWidget(self.form)
        self.up_button = _card_button(t_("Move up"), "arrow-up")
        self.up_button.clicked.connect(lambda: self.moved.emit(self, -1))
        self.down_button = _card_button(t_("Move down"), "arrow-down")
        self.down_button.clicked.connect(lambda: self.moved.emit(self, 1))
        self.remove_button = _card_button(t_("Remove"), "trash-2")
        self.remove_button.clicked.connect(lambda: self.removed.emit(self))
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addStretch(1)
        for button in (self.up_button, self.down_button, self.remove_button):
            row.addWidget(button)
        column.addLayout(row)
        self._column.addWidget(self._body)
        self._allow()

    def _allow(self) -> None:
        if self._body is None or self.form is None:
            return
        self.form.set_read_only(is_read_only=self._is_read_only)
        for button in (self.up_button, self.down_button):
            button.setVisible(self._count > 1 and not self._is_read_only)
        self.remove_button.setVisible(not self._is_read_only)
        self.up_button.setEnabled(self._place > 0)
        self.down_button.setEnabled(self._place < self._count - 1)

    def _changed(self) -> None:
        self._sum_up()
        self.changed.emit()

    def _sum_up(self) -> None:
        words = self.summary()
        if self._problems and not self.is_open:
            words = f"{words}  –  {self._problems[0].sentence()}"
        self.header.show_words(words)


def _card_button(words: str, icon: str) -> QPushButton:
    button = QPushButton(words)
    button.setIcon(style.icon(icon, style.colours_now().accent))
    style.set_role(button, "plain")
    return button


def _with_ids(parts: list[Json]) -> list[Json]:
    """Return the parts, each with an id: by it a card finds its part again."""
    return [
        {**part, "id": new_id()} if isinstance(part, dict) and "id" not in part else part
        for part in parts
    ]


def _identity(part: Json) -> str:
    identity = part.get("id") if isinstance(part, dict) else None
    return identity if isinstance(identity, str) else as_text(part)
