"""The legal clocks of a detention: what has passed, what runs, what is due, and what is not known.

The words are `fielddoc.domain.clock_words`; what is over, and what the law asks without a number
of days, is folded away.
"""

import datetime
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from fielddoc.domain.case_clocks import CourseOfCase
from fielddoc.domain.chronology import Silence, silence_words
from fielddoc.domain.clock_words import (
    GROUPS,
    Group,
    custody_words,
    group_of,
    heading,
    sentences,
    without_law_words,
)
from fielddoc.domain.legal_clock import Reading
from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.fields.fold_button import FoldButton
from fielddoc.i18n import language_of_system, t_

_FOLDED = (Group.UNTOLD, Group.ENDED, Group.DUTY)


class LegalClocks(QWidget):
    """One block of text a group, most urgent first."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        title = QLabel(t_("Legal clocks"))
        style.set_role(title, "heading")
        column.addWidget(title)
        self.open = QWidget()
        self._open_column = QVBoxLayout(self.open)
        self._open_column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.open)
        self.more = FoldButton()
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.folded = QWidget()
        self._folded_column = QVBoxLayout(self.folded)
        self._folded_column.setContentsMargins(0, 0, 0, 0)
        self.folded.hide()
        self.more.toggled.connect(self.folded.setVisible)
        column.addWidget(self.folded)
        self.text: list[str] = []
        """What is shown, for a screen reader."""

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
        language = language_of_system()
        for column in (self._open_column, self._folded_column):
            _clear(column)
        self.text = []
        folded = 0
        for course in courses:
            names = [name for person in course.persons if (name := name_of(person))]
            if len(courses) > 1 and names:
                self._add(self._open_column, visible(", ".join(names)), "heading")
            for custody in course.custody:
                self._add(self._open_column, custody_words(custody, on, language), "")
            for group in GROUPS:
                mine = [reading for reading in course.readings if group_of(reading) is group]
                is_folded = group in _FOLDED
                folded += len(mine) if is_folded else 0
                column = self._folded_column if is_folded else self._open_column
                self._add_group(column, group, mine)
            for line in without_law_words(course, language):
                self._add(self._open_column, line, "small")
        quiet = [silence for silence in silences if silence.is_open]
        if quiet:
            self._add(self._open_column, t_("What is not known"), "group")
            lines = [silence_words(silence, language, on) for silence in quiet]
            self._add(self._open_column, "\n".join(lines), "")
        self.more.show_words(t_("Over, untold, and without a number of days: {count}").format(
            count=folded
        ))  # fmt: skip
        self.more.setVisible(folded > 0)
        self.folded.setVisible(folded > 0 and self.more.isChecked())
        self.setVisible(bool(self.text))

    def _add_group(self, column: QVBoxLayout, group: Group, readings: Sequence[Reading]) -> None:
        if not readings:
            return
        language = language_of_system()
        self._add(column, group.title(language), "group")
        for reading in readings:
            self._add(column, heading(reading, language), "")
            joint = "" if language.startswith("zh") else " "
            self._add(column, joint.join(sentences(reading, language)), "small")

    def _add(self, column: QVBoxLayout, words: str, role: str) -> None:
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if role == "group":
            font = label.font()
            font.setBold(True)
            label.setFont(font)
        elif role:
            style.set_role(label, role)
        column.addWidget(label)
        self.text.append(words)


def _clear(column: QVBoxLayout) -> None:
    while column.count():
        item = column.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()
