"""The chronology of a detention: the painted timeline, the list of its entries, and one form."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain import chronology
from fielddoc.domain.canonical import Json
from fielddoc.domain.case_clocks import read_case
from fielddoc.domain.chronology import Point, Told
from fielddoc.domain.clock_reading import Reading
from fielddoc.domain.partial_date import (
    PartialDate,
    PartialDateError,
    Precision,
    describe,
    parse_typed,
)
from fielddoc.domain.revision import new_id
from fielddoc.domain.schema import Field
from fielddoc.domain.validation import Problem
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.gui import style
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.gui.fields.form import FieldsForm, FoldedPart
from fielddoc.gui.fields.link import LinkField
from fielddoc.gui.legal_clocks import LegalClocks
from fielddoc.gui.timeline import Timeline
from fielddoc.i18n import N_, language_of_system, t_
from fielddoc.vault import cases, titles
from fielddoc.vault.vault import Vault

_NUMBER = Qt.ItemDataRole.UserRole
_Entry = dict[str, Json]
_SHOWN_LINES = 7

_FOLDED = (
    FoldedPart(
        N_("Where exactly, and which authority"),
        ("facility_kind", "facility", "agency_kind"),
    ),
    FoldedPart(
        N_("Charges, court, sentence, health"),
        ("court", "charges", "legal_basis", "sentence", "conditions"),
    ),
    FoldedPart(
        N_("When it became known, and when to ask again"),
        ("known", "as_of", "checked", "next_check"),
    ),
    FoldedPart(
        N_("Who says so, and how sure it is"),
        (
            *("as_reported", "told_by", "related", "sources"),
            *("reliability", "confidentiality", "standing"),
        ),
    ),
)
"""What of an entry is folded away while it is empty: in the first night one has to write what, when,
where, by whom and what is told."""


class ChronologyField(FieldWidget):
    """Shows and edits the dated claims of a detention.

    The list is sorted by date for the eye only; the order in which entries are stored stays.
    """

    def __init__(self, field: Field, context: FieldContext) -> None:
        super().__init__()
        self._field = field
        self._context = context
        self._given: Json = None
        self._is_changed = False
        self._is_read_only = False
        self._names: dict[str, str] = {}
        self._source_dates: dict[str, PartialDate] = {}
        self._asked_for: frozenset[str] = frozenset()
        self._perhaps: frozenset[int] = frozenset()
        self.entries: list[_Entry] = []
        self.current = -1
        """The place in `entries` of the one whose form is open, or -1."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        column.addWidget(self._picture())
        self.problem = problem_label()
        column.addWidget(self.problem)
        column.addLayout(self._buttons())
        column.addWidget(self._list())
        column.addWidget(self._entry_card(field, context))
        # Below the entries: above them it made the way down long, and grew while one typed a date.
        self.clocks = LegalClocks()
        column.addWidget(self.clocks)
        # Painting anew at each key would be work for nothing: a moment's pause is soon enough.
        self._painting = QTimer(self)
        self._painting.setSingleShot(True)
        self._painting.setInterval(150)
        self._painting.timeout.connect(self._show_entries)
        self._show_entries()

    def _picture(self) -> QFrame:
        frame = QFrame()
        style.set_role(frame, "card")
        column = QVBoxLayout(frame)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        self.looking_back = LookingBack()
        self.looking_back.chosen.connect(self._show_entries)
        column.addWidget(self.looking_back)
        self.timeline = Timeline()
        self.timeline.chosen.connect(self.open_entry)
        column.addWidget(self.timeline)
        row = QHBoxLayout()
        self.text_button = QPushButton(t_("As text"))
        self.text_button.setCheckable(True)
        style.set_role(self.text_button, "plain")
        row.addWidget(self.text_button)
        row.addStretch(1)
        column.addLayout(row)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.hide()
        self.text_button.toggled.connect(self.text.setVisible)
        column.addWidget(self.text)
        self.picture = frame
        return frame

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.add_button = QPushButton(t_("Add an entry"))
        self.add_button.setIcon(style.icon("plus"))
        self.add_button.clicked.connect(self.add)
        self.silence_button = QPushButton(t_("No news until today"))
        self.silence_button.setToolTip(t_("Writes down that up to today nothing was heard."))
        self.silence_button.clicked.connect(self.add_silence)
        row.addWidget(self.add_button)
        row.addWidget(self.silence_button)
        row.addStretch(1)
        return row

    def _list(self) -> QTreeWidget:
        self.list = _List()
        self.list.setAccessibleName(t_("Entries of the chronology"))
        self.list.setHeaderLabels([t_("When"), t_("What"), t_("Details")])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.list.currentItemChanged.connect(self._item_chosen)
        self.list.remove_wanted.connect(self.remove)
        return self.list

    def _entry_card(self, field: Field, context: FieldContext) -> QFrame:
        self.card = QFrame()
        style.set_role(self.card, "card")
        column = QVBoxLayout(self.card)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        row = QHBoxLayout()
        self.card_title = QLabel()
        self.card_title.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.card_title, "heading")
        row.addWidget(self.card_title, 1)
        self.contradict_button = QPushButton(t_("Another claim"))
        self.contradict_button.setToolTip(
            t_("Adds what somebody else says of the same; both stand side by side.")
        )
        self.contradict_button.clicked.connect(self.add_other_claim)
        self.remove_button = QPushButton(t_("Remove"))
        self.remove_button.clicked.connect(self.remove)
        row.addWidget(self.contradict_button)
        row.addWidget(self.remove_button)
        column.addLayout(row)
        self.form = FieldsForm(field.fields, context, folded=_FOLDED)
        whom = self.form.widget_of("persons")
        if isinstance(whom, LinkField):
            whom.line.setPlaceholderText(t_("Left empty, it concerns everybody who is held"))
        self.form.changed.connect(self._entry_changed)
        column.addWidget(self.form)
        self.card.hide()
        return self.card

    # --- the value -------------------------------------------------------------------------------

    def value(self) -> Json:
        """Return the entries in their stored order, or None if there are none."""
        if not self._is_changed:
            return self._given
        kept = [entry for entry in self.entries if set(entry) - {"id"}]
        return cast("Json", kept) or None

    def set_value(self, value: Json) -> None:
        """Show these entries."""
        open_id = self.entries[self.current].get("id") if self.current >= 0 else None
        self._given = value
        self._is_changed = False
        parts = value if isinstance(value, list) else []
        self.entries = [dict(part) for part in parts if isinstance(part, dict)]
        for entry in self.entries:
            entry.setdefault("id", new_id())
        ids = [entry["id"] for entry in self.entries]
        self.current = ids.index(open_id) if open_id in ids else -1
        self.card.setVisible(self.current >= 0)
        if self.current >= 0:
            self.form.set_values(_without_id(self.entries[self.current]))
        self._show_entries()

    def show_problem(self, sentence: str) -> None:
        """Show what is wrong with the whole."""
        show_sentence(self.problem, sentence)

    def show_part_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong with the entry that is open, and which others are not complete."""
        mine: list[Problem] = []
        for problem in problems:
            number, _, rest = problem.path.partition(".")
            if number.isdecimal() and int(number) - 1 == self.current and rest:
                mine.append(Problem(rest, problem.fault))
        self.form.show_problems(mine)
        show_sentence(self.problem, "")

    def focus_part(self, path: str) -> None:
        """Open the entry of this number, counted from 1, and go to a field in it."""
        number, _, rest = path.partition(".")
        if number.isdecimal() and 0 < int(number) <= len(self.entries):
            self.open_entry(int(number) - 1)
            if rest:
                self.form.focus_field(rest)
            return
        (self.list if self.entries else self.add_button).setFocus(Qt.FocusReason.OtherFocusReason)

    def focused_part(self) -> str:
        """Return the number of the open entry and the field in it."""
        if self.current < 0:
            return ""
        inner = self.form.focused_path()
        return f"{self.current + 1}.{inner}" if inner else str(self.current + 1)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let entries be read but not changed."""
        self._is_read_only = is_read_only
        self.form.set_read_only(is_read_only=is_read_only)
        for button in (
            self.add_button,
            self.silence_button,
            self.contradict_button,
            self.remove_button,
        ):
            button.setEnabled(not is_read_only)

    # --- showing ---------------------------------------------------------------------------------

    @Slot()
    def _show_entries(self) -> None:
        """Show the entries, all of them or those that were known on the day that is looked back to."""
        self._ask_around()
        language = language_of_system()
        today = datetime.date.today()  # noqa: DTZ011 - the person's day
        day = self.looking_back.day
        told = (
            chronology.as_known_on(self.entries, day, self._source_dates)
            if day is not None and day < today
            else None
        )
        shown = list(told.entries) if told else self.entries
        numbers = told.numbers if told else range(len(self.entries))
        self.looking_back.show_told(told)
        self._perhaps = told.perhaps if told else frozenset()
        found = chronology.points(shown, language, self._title_of)
        points = [replace(point, number=numbers[point.number]) for point in found]
        courses = read_case(
            shown,
            self._people(),
            day or today,
            source_dates=tuple(self._source_dates.values()),
        )
        silences = chronology.silences(shown)
        self.clocks.show_courses(courses, silences, day or today, self._title_of)
        bars = [reading for course in courses for reading in course.readings if _has_bar(reading)]
        text = [chronology.line_of(point, language) for point in points]
        self.timeline.show_points(points, bars, [*text, *self.clocks.text])
        self.timeline.mark(self.current)
        self.text.setText("\n".join(visible(line) for line in text))
        self.picture.setVisible(bool(self.entries))
        self.list.setVisible(bool(points))
        self._fill_list(points)
        if self.current >= 0:
            kind = str(self.entries[self.current].get("kind") or "")
            label = vocabulary("entry-kinds").label(kind, language) if kind else ""
            self.card_title.setText(visible(label or t_("(not said what)")))

    def _people(self) -> list[str]:
        """Return the ids of everybody whom an entry names, in order."""
        named = [entry.get("persons") for entry in self.entries]
        people = [str(person) for one in named if isinstance(one, list) for person in one]
        return list(dict.fromkeys(people))

    def _title_of(self, record: str) -> str:
        return self._names.get(record, "")

    def _ask_around(self) -> None:
        """Ask the vault for names of people and sources, and for the sources' dates, if new."""
        linked = {
            str(link)
            for entry in self.entries
            for name in ("persons", "sources")
            if isinstance(links := entry.get(name), list)
            for link in links
        }
        wanted = frozenset(linked)
        if wanted <= self._asked_for:
            return
        self._asked_for = wanted | self._asked_for
        language = language_of_system()
        values: _Entry = {"entries": [dict(entry) for entry in self.entries]}

        def step(vault: Vault) -> tuple[dict[str, str], dict[str, PartialDate]]:
            names = {one: titles.title_if_here(vault, one, language) for one in sorted(wanted)}
            return names, cases.source_dates(vault, values)

        self._context.session.ask(self, step, self._heard)

    def _heard(self, answer: tuple[dict[str, str], dict[str, PartialDate]]) -> None:
        names, dates = answer
        self._names |= names
        self._source_dates |= dates
        self._show_entries()

    def _fill_list(self, points: Sequence[Point]) -> None:
        blocked = self.list.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.list.clear()
        language = language_of_system()
        for point in points:
            day = describe(point.date, language) if point.date else t_("no date")
            marks = "  ".join(
                mark
                for mark, is_shown in (
                    (t_("(no news)"), point.is_silence),
                    (t_("(doubtful)"), point.is_doubtful),
                    (t_("(contradicted)"), point.is_contradicted),
                    (t_("(perhaps not known yet)"), point.number in self._perhaps),
                )
                if is_shown
            )
            label = f"{visible(point.label)}  {marks}".rstrip()
            item = QTreeWidgetItem([day, label, visible(" ".join(point.details.split()))])
            item.setData(0, _NUMBER, point.number)
            item.setToolTip(2, visible(point.details))
            self.list.addTopLevelItem(item)
            if point.number == self.current:
                self.list.setCurrentItem(item)
        row = max(style.scaled(28), self.list.sizeHintForRow(0))
        shown = min(len(points), _SHOWN_LINES)
        self.list.setFixedHeight(shown * row + self.list.header().sizeHint().height() + 8)
        self.list.blockSignals(blocked)

    @Slot()
    def _item_chosen(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.open_entry(int(item.data(0, _NUMBER)))

    @Slot(int)
    def open_entry(self, number: int) -> None:
        """Open the form of one entry."""
        if not 0 <= number < len(self.entries):
            return
        self.current = number
        self.form.set_values(_without_id(self.entries[number]))
        self.form.fold()
        self.card.show()
        self._show_entries()

    # --- changing --------------------------------------------------------------------------------

    @Slot()
    def _entry_changed(self) -> None:
        if self.current < 0:
            return
        values = self.form.values()
        self.entries[self.current] = {"id": self.entries[self.current]["id"], **values}
        self._is_changed = True
        self._painting.start()
        self.changed.emit()

    @Slot()
    def add(self) -> None:
        """Add an empty entry and open its form."""
        self._add({})

    @Slot()
    def add_silence(self) -> None:
        """Add that nothing was heard up to today."""
        today = datetime.date.today().isoformat()  # noqa: DTZ011 - the person's day
        self._add({"kind": "no-news", "as_of": today})

    @Slot()
    def add_other_claim(self) -> None:
        """Add another claim of the same kind beside the open one."""
        if self.current >= 0:
            present = self.entries[self.current]
            kept = ("kind", "persons", "date")
            self._add({name: present[name] for name in kept if name in present})

    def _add(self, values: _Entry) -> None:
        if self._is_read_only:
            return
        self.looking_back.line.clear()  # what is added now would not be seen in the past
        self.entries.append({"id": new_id(), **values})
        self._is_changed = True
        self.open_entry(len(self.entries) - 1)
        self.form.focus_field("kind")
        if values:
            self.changed.emit()

    @Slot()
    def remove(self) -> None:
        """Remove the open entry; Undo of the record brings it back."""
        if self.current < 0 or self._is_read_only:
            return
        removed, place = self.entries.pop(self.current), self.current
        self.current = -1
        self._is_changed = True
        self.card.hide()
        self._show_entries()
        self.changed.emit()

        def back() -> None:
            self.entries.insert(min(place, len(self.entries)), removed)
            self._is_changed = True
            self._show_entries()
            self.changed.emit()

        self._context.shell.say(t_("Entry removed."), back)


class LookingBack(QWidget):
    """A day to look back to: the case as it could be told then."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.day: datetime.date | None = None
        """The day, or None for what is known now."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        label = QLabel(t_("As known on"))
        row.addWidget(label)
        self.line = QLineEdit()
        self.line.setAccessibleName(t_("As known on"))
        self.line.setPlaceholderText(t_("now; or a day such as 15 March 2023"))
        self.line.setClearButtonEnabled(True)
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.line.textChanged.connect(self._typed)
        label.setBuddy(self.line)
        row.addWidget(self.line, 1)
        column.addLayout(row)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        style.set_role(self.words, "small")
        self.words.hide()
        column.addWidget(self.words)

    @Slot()
    def _typed(self) -> None:
        before, text = self.day, self.line.text().strip()
        problem = ""
        self.day = None
        if text:
            try:
                date = parse_typed(text, datetime.date.today())  # noqa: DTZ011 - the person's day
                self.day = date.earliest if date.precision is Precision.DAY else None
                problem = "" if self.day else t_("Write a whole day, for example 15 March 2023.")
            except PartialDateError as error:
                problem = error.sentence()
        if self.day != before:
            self.chosen.emit()
        if problem:
            show_sentence(self.words, problem)

    def show_told(self, told: Told | None) -> None:
        """Say what was not known yet on that day."""
        if told is None:
            show_sentence(self.words, "")
            return
        parts = [t_("The case as it could be told on that day.")]
        if told.hidden:
            words = t_("Entries that were not known yet: {count}.")
            parts.append(words.format(count=told.hidden))
        if told.perhaps:
            words = t_("Entries of which nobody wrote down when they became known: {count}.")
            parts.append(words.format(count=len(told.perhaps)))
        show_sentence(self.words, "\n".join(parts))


class _List(QTreeWidget):
    """A list in which Del asks to remove the current line."""

    remove_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ask to remove with Del."""
        if event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
            return
        super().keyPressEvent(event)


def _has_bar(reading: Reading) -> bool:
    """Tell whether a reading is worth a bar below the timeline: a time in custody or in court."""
    is_known = reading.is_ended or reading.is_told
    return reading.clock.end_is_told and bool(reading.steps) and is_known


def _without_id(entry: _Entry) -> _Entry:
    return {name: value for name, value in entry.items() if name != "id"}
