"""People who may be recorded twice, side by side: merge them, or remember that they are two."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import PERSON
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field
from fielddoc.domain.visible import visible
from fielddoc.domain.words import in_words, linked_ids
from fielddoc.gui import style
from fielddoc.gui.direction import isolated
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.lines_delegate import LinesDelegate
from fielddoc.gui.session import Progress, Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.gui.words_beside import WordsBeside, beside
from fielddoc.i18n import language_of_system, t_, translate
from fielddoc.vault import duplicates, merging, records, related, titles
from fielddoc.vault import undo as undoing
from fielddoc.vault.duplicates import Suggestion
from fielddoc.vault.turns import Turn, for_each
from fielddoc.vault.vault import Vault

_PLACE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, with what a person must see to decide."""

    first: str
    second: str
    titles: tuple[str, str]
    why: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The filled-in fields of both: label and words, and which of them one must choose."""

    pair: Pair
    rows: tuple[tuple[Field, str, str, bool], ...]
    cases: tuple[int, int]
    """How many records point at each; none of them is touched."""


class DuplicatesPage(QWidget):
    """The suggestions at the side, and the chosen two beside each other."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.pairs: list[Pair] = []
        self.shown: SideBySide | None = None
        self._choices: dict[str, QRadioButton] = {}
        self._groups: list[QButtonGroup] = []
        self._generation = 0
        self._wanted: tuple[str, str] | None = None
        outer = QVBoxLayout(self)
        edge = 3 * style.GRID
        outer.setContentsMargins(edge, 2 * style.GRID, edge, 2 * style.GRID)
        outer.setSpacing(style.GRID)
        title = QLabel(t_("People recorded twice"))
        style.set_role(title, "title")
        top = QHBoxLayout()
        top.addWidget(title)
        top.addStretch(1)
        self.again_button = QPushButton(t_("Look again"))
        self.again_button.setIcon(style.icon("search"))
        self.again_button.clicked.connect(self.enter)
        top.addWidget(self.again_button)
        outer.addLayout(top)
        words = QLabel(
            t_(
                "Suggestions only. Merging keeps both histories and changes no other record; Undo is"
                " there."
            )
        )
        words.setWordWrap(True)
        style.set_role(words, "small")
        outer.addWidget(words)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        outer.addWidget(self.splitter, 1)
        self.list = QListWidget()
        self.list.setAccessibleName(t_("People who may be one person"))
        self.list.setWordWrap(True)
        self.list.setItemDelegate(LinesDelegate(self.list))
        self.list.setMinimumWidth(style.scaled(220))
        self.list.currentItemChanged.connect(self._show_chosen)
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self._beside())
        self.splitter.setSizes([300, 640])
        self.nothing = QLabel(t_("Nobody seems to be recorded twice."))
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        style.set_role(self.nothing, "quiet")
        self.nothing.hide()
        outer.addWidget(self.nothing, 1)

    def _beside(self) -> QFrame:
        card = QFrame()
        style.set_role(card, "card")
        column = QVBoxLayout(card)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table = QWidget()
        self.grid = QGridLayout(self.table)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(2 * style.GRID)
        self.grid.setVerticalSpacing(style.GRID)
        self.grid.setColumnStretch(1, 1)
        self.grid.setColumnStretch(2, 1)
        scroll.setWidget(self.table)
        column.addWidget(scroll, 1)
        row = FlowLayout(spacing=style.GRID)
        self.merge_button = QPushButton(t_("They are one: merge"))
        style.set_role(self.merge_button, "primary")
        self.merge_button.clicked.connect(self.merge)
        self.swap_button = QPushButton(t_("Keep the other one"))
        self.swap_button.setToolTip(
            t_("The two change places: the record in the first column is the one kept.")
        )
        self.swap_button.clicked.connect(self.swap)
        self.distinct_button = QPushButton(t_("They are two people"))
        self.distinct_button.clicked.connect(self.mark_distinct)
        for button in (self.merge_button, self.swap_button, self.distinct_button):
            row.addWidget(button)
        column.addLayout(row)
        return card

    # --- suggestions -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Put the focus where one begins."""
        (self.again_button if self.splitter.isHidden() else self.list).setFocus()

    @Slot()
    def enter(self) -> None:
        """Look for suggestions anew."""
        language = language_of_system()
        wanted, self._wanted = self._wanted, None

        def work(vault: Vault, turn: Turn, _tell: Progress) -> list[Pair]:
            found = duplicates.suggestions(vault, turn=turn)
            pairs = for_each(turn, found, lambda one: _pair(vault, one, language))
            if wanted is None:
                return pairs
            return turn(lambda: _first(vault, wanted, pairs, language))

        self._generation += 1
        generation = self._generation

        def show(pairs: list[Pair]) -> None:
            if generation == self._generation:
                self._show(pairs)

        self.session.start_job(self, work, show)

    def _show(self, pairs: list[Pair]) -> None:
        self.pairs = pairs
        self.list.clear()
        for place, pair in enumerate(self.pairs):
            names = " – ".join(isolated(visible(one)) for one in pair.titles)
            item = QListWidgetItem(f"{names}\n{pair.why}".strip())
            item.setData(_PLACE, place)
            self.list.addItem(item)
        self.splitter.setVisible(bool(self.pairs))
        self.nothing.setVisible(not self.pairs)
        if self.pairs:
            self.list.setCurrentRow(0)

    @Slot()
    def _show_chosen(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._look_at(self.pairs[int(item.data(_PLACE))])

    def _look_at(self, pair: Pair) -> None:
        language = language_of_system()
        self.session.ask(self, partial(_side_by_side, pair=pair, language=language), self._compare)

    def _compare(self, shown: SideBySide) -> None:
        self.shown = shown
        self._choices, self._groups = {}, []
        while self.grid.count():
            taken = self.grid.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        heads = ("", t_("The record that is kept"), t_("The other record"))
        for column, words in enumerate(heads):
            self.grid.addWidget(_words(words, role="small"), 0, column)
        for number, (field, mine, theirs, is_choice) in enumerate(shown.rows, 1):
            label = _words(translate(field.label), role="quiet")
            self.grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            if is_choice:
                self._add_choice(number, field, mine, theirs)
            else:
                self.grid.addWidget(_words(mine), number, 1)
                self.grid.addWidget(_words(theirs), number, 2)
        last = len(shown.rows) + 1
        self.grid.addWidget(_words(t_("Records that name them"), role="quiet"), last, 0)
        for column, count in enumerate(shown.cases, 1):
            self.grid.addWidget(_words(f"{count:,}"), last, column)
        self.grid.setRowStretch(last + 1, 1)

    def _add_choice(self, number: int, field: Field, mine: str, theirs: str) -> None:
        """Let one choose which of two values holds."""
        group = QButtonGroup(self)
        for column, words in ((1, mine), (2, theirs)):
            button = QRadioButton()
            button.setAccessibleName(
                t_("{name}: {value}").format(name=translate(field.label), value=words)
            )
            button.setChecked(column == 1)
            group.addButton(button)
            self.grid.addWidget(beside(button, WordsBeside(button, words)), number, column)
            if column == 2:
                self._choices[field.name] = button
        self._groups.append(group)

    # --- deciding --------------------------------------------------------------------------------

    @Slot()
    def swap(self) -> None:
        """Keep the record on the right instead."""
        if self.shown is not None:
            pair = self.shown.pair
            self._look_at(Pair(pair.second, pair.first, pair.titles[::-1], pair.why))

    @Slot()
    def merge(self) -> None:
        """Merge the two, with Undo."""
        if self.shown is None:
            return
        pair = self.shown.pair
        taken = [name for name, button in self._choices.items() if button.isChecked()]

        def step(vault: Vault) -> None:
            differing = merging.differences(vault, pair.first, pair.second)
            chosen = {one.field.name: one.other for one in differing if one.field.name in taken}
            merging.merge_people(vault, pair.first, pair.second, chosen=chosen)

        self._decide(step, t_("Merged. One record stands for both now."))

    @Slot()
    def mark_distinct(self) -> None:
        """Remember that they are two people, with Undo."""
        if self.shown is None:
            return
        pair = self.shown.pair
        self._decide(
            lambda vault: merging.mark_distinct(vault, pair.first, pair.second),
            t_("They are not suggested again."),
        )

    def _decide(self, step: Callable[[Vault], object], words: str) -> None:
        def done(_: object) -> None:
            self.shell.say(words, self._undo)
            self.session.record_changed.emit("")
            self.enter()

        self.session.ask(self, step, done)

    def _undo(self) -> None:
        def done(_: object) -> None:
            self.session.record_changed.emit("")
            self.enter()

        self.session.ask(self, undoing.undo, done)

    # --- Page ------------------------------------------------------------------------------------

    def save_now(self) -> None:
        """Keep nothing: nothing is typed here."""

    def leave(self) -> None:
        """Leave nothing behind."""

    def place(self) -> Place:
        """Return the two that are compared."""
        if self.shown is None:
            return {}
        return {"first": self.shown.pair.first, "second": self.shown.pair.second}

    def restore(self, place: Place) -> None:
        """Compare these two."""
        first, second = place.get("first"), place.get("second")
        both = [one for one in (first, second) if isinstance(one, str) and is_record_id(one)]
        if len(both) == 2:
            self._wanted = (both[0], both[1])
            self.shown = None
            self.enter()


def _words(text: str, *, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
    if role:
        style.set_role(label, role)
    return label


def _pair(vault: Vault, one: Suggestion, language: str) -> Pair:
    return Pair(
        one.first,
        one.second,
        (titles.title(vault, one.first, language), titles.title(vault, one.second, language)),
        translate(one.likeness.value, language),
    )


def _first(vault: Vault, wanted: tuple[str, str], pairs: list[Pair], language: str) -> list[Pair]:
    """Return the pairs with the one that somebody chose at the top, whether it is suggested or not."""
    others = [pair for pair in pairs if {pair.first, pair.second} != set(wanted)]
    first, second = (titles.title(vault, one, language) for one in wanted)
    why = next(
        (pair.why for pair in pairs if {pair.first, pair.second} == set(wanted)),
        t_("You chose them."),
    )
    return [Pair(*wanted, (first, second), why), *others]


def _side_by_side(vault: Vault, *, pair: Pair, language: str) -> SideBySide:
    states = [records.state_of(vault, record).values for record in (pair.first, pair.second)]
    differing = {d.field.name for d in merging.differences(vault, pair.first, pair.second)}
    ids = [one for values in states for one in linked_ids(PERSON.fields, values)]
    named = {one: titles.title_if_here(vault, one, language) for one in dict.fromkeys(ids)}
    rows = tuple(
        (
            field,
            _value(field, states[0].get(field.name), named),
            _value(field, states[1].get(field.name), named),
            field.name in differing,
        )
        for field in PERSON.fields
        if not field.is_set_elsewhere
        and any(values.get(field.name) not in (None, "", []) for values in states)
    )
    counts = [
        sum(one.is_stated_there for one in related.related(vault, record, language))
        for record in (pair.first, pair.second)
    ]
    return SideBySide(pair, rows, (counts[0], counts[1]))


def _value(field: Field, value: Json, named: dict[str, str]) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return "\n".join(in_words(field, part, named) for part in value)
    return in_words(field, value, named)
