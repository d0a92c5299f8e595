"""The legal clocks of a detention: what has passed, what runs, what is due, and what is not known.

The words are `fielddoc.domain.clock_words`; what is over, and what the law asks without a number
of days, is folded away.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from fielddoc.domain.case_clocks import CourseOfCase
from fielddoc.domain.chronology import Silence, silence_words
from fielddoc.domain.clock_reading import Reading
from fielddoc.domain.clock_words import (
    GROUPS,
    Group,
    course_words,
    group_of,
    heading,
    sentences,
    without_law_words,
)
from fielddoc.domain.law_words import OWN_WORDS, laws_in_own_words
from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.fields.fold_button import FoldButton
from fielddoc.gui.words_beside import WordsBeside, beside
from fielddoc.i18n import in_a_row, language_of_system, listed, t_, translate

_FOLDED = (Group.UNTOLD, Group.ENDED, Group.DUTY)


class LegalClocks(QFrame):
    """One block of text a group, most urgent first."""

    def __init__(self) -> None:
        super().__init__()
        style.set_role(self, "card")
        column = QVBoxLayout(self)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        title = QLabel(t_("Legal clocks"))
        style.set_role(title, "heading")
        column.addWidget(title)
        self.open = QWidget()
        self._open_column = QVBoxLayout(self.open)
        self._open_column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.open)
        self.more = FoldButton()
        self.more_words = WordsBeside(self.more)
        self._more_row = beside(self.more, self.more_words)
        column.addWidget(self._more_row)
        self.folded = QWidget()
        self._folded_column = QVBoxLayout(self.folded)
        self._folded_column.setContentsMargins(0, 0, 0, 0)
        self.folded.hide()
        self.more.toggled.connect(self.folded.setVisible)
        column.addWidget(self.folded)
        self._blocks: list[_Block] = []
        self.text: list[str] = []
        """What is shown, for a screen reader."""
        self.hide()

    def show_courses(
        self,
        courses: Sequence[CourseOfCase],
        silences: Sequence[Silence],
        on: datetime.date,
        name_of: Callable[[str], str],
    ) -> None:
        """Show what the clocks say on a day.

        Args:
            courses: the clocks, person by person.
            silences: what is not known.
            on: the day.
            name_of: answers with a person's name, for a case with several; empty if not known.
        """
        blocks = _blocks(courses, silences, on, name_of)
        if blocks == self._blocks:
            return  # most of what is typed changes no clock
        self._blocks = blocks
        for column in (self._open_column, self._folded_column):
            _clear(column)
        for block in blocks:
            column = self._folded_column if block.is_folded else self._open_column
            column.addWidget(_label(block))
        self.text = [block.words for block in blocks]
        folded = sum(block.is_folded and not block.role for block in blocks)
        words = t_("Over, not told, or without a number of days: {count}").format(count=folded)
        self.more.setAccessibleName(words)
        self.more_words.setText(words)
        self._more_row.setVisible(folded > 0)
        self.folded.setVisible(folded > 0 and self.more.isChecked())
        self.setVisible(bool(blocks))


@dataclass(frozen=True, slots=True)
class _Block:
    """One label: its words, its role, and whether it is folded away."""

    words: str
    role: str
    """`person`, `group`, `small`, or empty for a sentence that leads."""
    is_folded: bool = False


def _blocks(
    courses: Sequence[CourseOfCase],
    silences: Sequence[Silence],
    on: datetime.date,
    name_of: Callable[[str], str],
) -> list[_Block]:
    language = language_of_system()
    blocks: list[_Block] = []
    for course in courses:
        names = [name for person in course.persons if (name := name_of(person))]
        if len(courses) > 1 and names:
            blocks.append(_Block(visible(listed(names, language)), "person"))
        blocks += [_Block(line, "") for line in course_words(course, on, language)]
        for group in GROUPS:
            mine = [reading for reading in course.readings if group_of(reading) is group]
            blocks += _group(group, mine, language)
        blocks += [_Block(line, "small") for line in without_law_words(course, language)]
    versions = [reading.version for course in courses for reading in course.readings]
    laws = laws_in_own_words(versions, language)
    if laws:
        blocks.append(_Block(translate(OWN_WORDS, language), "group", is_folded=True))
        blocks += [_Block(line, "small", is_folded=True) for line in laws]
    quiet = [silence for silence in silences if silence.is_open]
    if quiet:
        lines = [silence_words(silence, language, on) for silence in quiet]
        blocks += [
            _Block(t_("Not known, or not yet happened"), "group"),
            _Block("\n".join(lines), ""),
        ]
    return blocks


def _group(group: Group, readings: Sequence[Reading], language: str) -> list[_Block]:
    is_folded = group in _FOLDED
    blocks = [_Block(group.title(language), "group", is_folded)] if readings else []
    for reading in readings:
        blocks.append(_Block(heading(reading, language), "", is_folded))
        blocks.append(_Block(in_a_row(sentences(reading, language), language), "small", is_folded))
    return blocks


def _label(block: _Block) -> QLabel:
    label = QLabel(block.words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if block.role == "group":
        font = label.font()
        font.setBold(True)
        label.setFont(font)
    elif block.role:
        style.set_role(label, "heading" if block.role == "person" else block.role)
    return label


def _clear(column: QVBoxLayout) -> None:
    while column.count():
        item = column.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()
