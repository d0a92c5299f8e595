"""The agenda: what is due, overdue or still open over all cases, on today or on another day."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
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

from fielddoc.domain.agenda import AgendaItem, Case, Section, agenda, day_words, words
from fielddoc.domain.partial_date import PartialDateError, Precision, parse_typed
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.titles import people_of
from fielddoc.domain.visible import visible
from fielddoc.errors import CancelledError
from fielddoc.gui import style
from fielddoc.gui.direction import in_order
from fielddoc.gui.fields.field_widget import problem_label, show_sentence
from fielddoc.gui.lines_delegate import LinesDelegate
from fielddoc.gui.pages.waiting_replies import HEADING, waiting_replies
from fielddoc.gui.session import Job, Progress, Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.i18n import language_of_system, listed, t_, translate
from fielddoc.vault import cases, records, titles
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

_RECORD = Qt.ItemDataRole.UserRole
_LINE = Qt.ItemDataRole.UserRole + 1
_AT_ONCE = 20
_MOST_PEOPLE = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One item with the words that its row shows."""

    section: Section | None
    """None for an action that waits for a reply, whether a day is near or not."""
    record: str
    day: str
    who: str
    words: str


class AgendaPage(QWidget):
    """The sections of the agenda, one line an item; a line opens its record."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.lines: tuple[Line, ...] | None = None
        """What is shown; None while it is still being put together."""
        self._job: Job | None = None
        self._is_shown = False
        column = QVBoxLayout(self)
        edge = 2 * style.GRID
        column.setContentsMargins(edge + style.GRID, edge, edge + style.GRID, edge)
        column.setSpacing(edge)
        title = QLabel(t_("Agenda"))
        style.set_role(title, "title")
        column.addWidget(title)
        column.addLayout(self._make_day())
        self.problem = problem_label()
        column.addWidget(self.problem)
        self.note = QLabel()
        self.note.setWordWrap(True)
        style.set_role(self.note, "quiet")
        column.addWidget(self.note)
        column.addWidget(self._make_list(), 1)
        column.addWidget(self._make_detail())
        session.record_changed.connect(self._changed)
        self.setFocusProxy(self.list)

    def _make_day(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        label = QLabel(t_("Day"))
        row.addWidget(label)
        self.day = QLineEdit()
        self.day.setAccessibleName(t_("Day"))
        self.day.setPlaceholderText(t_("today; or a day such as 15 March 2023"))
        self.day.setClearButtonEnabled(True)
        self.day.setFixedWidth(style.scaled(300))
        self.day.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.day.textChanged.connect(self.refresh)
        label.setBuddy(self.day)
        row.addWidget(self.day)
        row.addStretch(1)
        return row

    def _make_list(self) -> QTreeWidget:
        self.list = QTreeWidget()
        self.list.setAccessibleName(t_("Agenda"))
        self.list.setHeaderLabels([t_("Day"), t_("Whom or what it concerns"), t_("What")])
        self.list.setRootIsDecorated(False)
        self.list.setItemsExpandable(False)
        self.list.setIndentation(style.GRID)
        self.list.setWordWrap(True)
        self.list.setItemDelegate(LinesDelegate(self.list, most_lines=2))
        self.list.setAllColumnsShowFocus(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.list.setColumnWidth(1, style.scaled(320))
        self.list.itemActivated.connect(self.open_current)
        self.list.currentItemChanged.connect(self._show_detail)
        return self.list

    def _make_detail(self) -> QFrame:
        self.detail = QFrame()
        style.set_role(self.detail, "card")
        row = QHBoxLayout(self.detail)
        edge = 2 * style.GRID
        row.setContentsMargins(edge, style.GRID, edge, style.GRID)
        self.detail_words = QLabel()
        self.detail_words.setTextFormat(Qt.TextFormat.PlainText)
        self.detail_words.setWordWrap(True)
        self.detail_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self.detail_words, 1)
        self.open_button = QPushButton(t_("Open the record"))
        style.set_role(self.open_button, "primary")
        self.open_button.clicked.connect(self.open_current)
        row.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.detail.hide()
        return self.detail

    # --- putting it together ---------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Put the agenda of the day together anew, without holding the window or the vault up."""
        on, problem = _day_of(self.day.text())
        show_sentence(self.problem, problem)
        if on is None:
            return
        if self._job is not None:
            self._job.cancel()
        self.lines = None
        today = datetime.date.today()  # noqa: DTZ011 - the person's day
        language = language_of_system()

        def work(vault: Vault, turn: Turn, tell: Progress) -> tuple[Line, ...]:
            return _lines(vault, turn, tell, on, today, language)

        def failed(error: BaseException) -> None:
            if not isinstance(error, CancelledError):
                self.shell.show_error(error)

        self._job = self.session.start_job(self, work, self._show, failed)

    def _show(self, lines: tuple[Line, ...]) -> None:
        if self._job is not None and self._job.is_cancelled:
            return
        self.lines = lines
        self.list.clear()
        language = language_of_system()
        for section in (*Section, None):
            mine = [line for line in lines if line.section is section]
            if mine:
                heading = section.title(language) if section else translate(HEADING, language)
                self._add_section(heading, mine)
        self.list.expandAll()
        self.list.setVisible(bool(lines))
        self.detail.hide()
        self.note.setText("" if lines else t_("Nothing is due, and nothing is overdue."))
        self.note.setVisible(not lines)

    def _add_section(self, heading: str, lines: Sequence[Line]) -> None:
        top = QTreeWidgetItem([heading])
        top.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = self.list.font()
        font.setBold(True)
        top.setFont(0, font)
        self.list.addTopLevelItem(top)
        top.setFirstColumnSpanned(True)
        for line in lines:
            item = QTreeWidgetItem([line.day, visible(line.who), visible(line.words)])
            item.setData(0, _RECORD, line.record)
            item.setData(
                0, _LINE, in_order(f"{line.day}  ·  {visible(line.who)}\n{visible(line.words)}")
            )
            item.setToolTip(2, visible(line.words))
            top.addChild(item)

    @Slot()
    def _show_detail(self) -> None:
        item = self.list.currentItem()
        text = item.data(0, _LINE) if item is not None else None
        self.detail_words.setText(text or "")
        self.detail.setVisible(bool(text))

    @Slot()
    def open_current(self) -> None:
        """Open the record of the chosen line."""
        item = self.list.currentItem()
        record = item.data(0, _RECORD) if item is not None else None
        if isinstance(record, str):
            self.shell.open_record(record)

    @Slot(str)
    def _changed(self, _: str) -> None:
        if self._is_shown:
            self.refresh()

    # --- Page ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Put it together anew."""
        self._is_shown = True
        self.refresh()

    def begin(self) -> None:
        """Begin in the list."""
        self.list.setFocus()

    def save_now(self) -> None:
        """Keep nothing: nothing typed here is a record."""

    def leave(self) -> None:
        """Stop what is still being put together."""
        self._is_shown = False
        if self._job is not None:
            self._job.cancel()

    def place(self) -> Place:
        """Return nothing: the agenda begins with today."""
        return {}

    def restore(self, place: Place) -> None:
        """Stay with today."""


def _day_of(text: str) -> tuple[datetime.date | None, str]:
    """Return the day that is typed, today if there is none, or what is wrong with it."""
    today = datetime.date.today()  # noqa: DTZ011 - the person's day
    if not text.strip():
        return today, ""
    try:
        date = parse_typed(text, today)
    except PartialDateError as error:
        return None, error.sentence()
    if date.precision is not Precision.DAY:
        return None, t_("Write a whole day, for example 15 March 2023.")
    return date.earliest, ""


def _lines(  # noqa: PLR0917 - the work of one job
    vault: Vault,
    turn: Turn,
    tell: Progress,
    on: datetime.date,
    today: datetime.date,
    language: str,
) -> tuple[Line, ...]:
    """Return the lines of the agenda; the vault is asked for a few records at a time."""
    ids = turn(lambda: cases.agenda_ids(vault))
    found: list[AgendaItem] = []
    actions: list[Case] = []
    for start in range(0, len(ids), _AT_ONCE):
        tell(t_("Agenda"), start, len(ids))
        some = ids[start : start + _AT_ONCE]
        read = turn(lambda some=some: list(cases.cases(vault, some, on, today=today)))  # type: ignore[misc]
        found += agenda(read, on)
        actions += [case for case in read if case.type == "action"]
    order = list(Section)
    found.sort(key=lambda item: (order.index(item.section), item.first, item.record))
    lines: list[Line] = []
    for start in range(0, len(found), _AT_ONCE):
        tell(t_("Agenda"), len(ids), len(ids))
        part = found[start : start + _AT_ONCE]
        names = turn(lambda part=part: [_who(vault, item, language) for item in part])  # type: ignore[misc]
        lines += [
            Line(
                section=item.section,
                record=item.record,
                day=day_words(item, language),
                who=who,
                words=words(item, language, on),
            )
            for item, who in zip(part, names, strict=True)
        ]
    waiting = waiting_replies(actions, on, language)
    for start in range(0, len(waiting), _AT_ONCE):
        some_waiting = waiting[start : start + _AT_ONCE]
        names = turn(
            lambda some=some_waiting: [titles.title(vault, one.record, language) for one in some]  # type: ignore[misc]
        )
        lines += [
            Line(section=None, record=one.record, day=one.day, who=who, words=one.words)
            for one, who in zip(some_waiting, names, strict=True)
        ]
    return tuple(lines)


def _who(vault: Vault, item: AgendaItem, language: str) -> str:
    people = item.persons or _people(vault, item.record)
    if people:
        return listed((titles.title(vault, person, language) for person in people), language)
    return titles.title(vault, item.record, language)


def _people(vault: Vault, record: str) -> tuple[str, ...]:
    """Return whom a risk is about, so that its row names them and not only the risk."""
    found = records.projected(vault, record)
    if found is None or found[0] != "risk":
        return ()
    return tuple(one for one in people_of(found[1])[:_MOST_PEOPLE] if is_record_id(one))
