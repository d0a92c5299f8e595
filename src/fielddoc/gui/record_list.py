"""The list of records: ids at once, rows page by page, so that a million of them scroll.

The model keeps one row number a record (8 bytes) and asks for pages of rows when they are painted.
Until a page has come its rows are blank; nothing is ever waited for.
"""

import calendar
import operator
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fielddoc.domain.facets import TextFacet
from fielddoc.domain.folding import Span, spans
from fielddoc.domain.matches import Excerpt, sought
from fielddoc.domain.query import Query
from fielddoc.domain.record_types import record_type
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.domain.words import day_in_words
from fielddoc.gui import style
from fielddoc.gui.hits import paint_marked, visible_excerpt
from fielddoc.gui.painted_text import LINE, paint_line
from fielddoc.gui.session import Session
from fielddoc.i18n import language_of_system, listed, t_, translate
from fielddoc.vault import records, titles
from fielddoc.vault.records import ListedRecord, Stood
from fielddoc.vault.vault import Vault

PAGE_ROWS = 128
KEPT_PAGES = 60
_GATHER_MS = 0

ICONS = {
    "person": "user",
    "incident": "circle-alert",
    "risk": "shield-alert",
    "detention": "lock-keyhole",
    "source": "message-square",
    "action": "send",
    "attachment": "paperclip",
}

RECORD = Qt.ItemDataRole.UserRole
"""The role under which the model gives a whole `ListedRecord`, or None while it is on its way."""
EXCERPT = Qt.ItemDataRole.UserRole + 1
"""The role of the `Excerpt` of the record that holds what was sought, or None."""
STOOD = Qt.ItemDataRole.UserRole + 3
"""The role of what the record's dates are as they were written."""
NAME_WORDS = Qt.ItemDataRole.UserRole + 2
"""The role of the folded words that are marked in titles."""

_Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class _Row:
    record: ListedRecord
    excerpt: Excerpt | None
    stood: Stood


class RecordListModel(QAbstractListModel):
    """Rows of records, newest first, brought from the vault page by page."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.asked_pages: list[int] = []
        """How many rows each question to the vault asked for; for tests."""
        self._numbers: array[int] = array("q")
        self._groups: Sequence[int] = (0,)
        self._query = Query()
        self._pages: OrderedDict[int, dict[int, _Row]] = OrderedDict()
        self._wanted: set[int] = set()
        self._asked: set[int] = set()
        """Pages that were asked for and have not come yet."""
        self._generation = 0
        # Painting asks for many rows at once; one question for all of them follows.
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(_GATHER_MS)
        self._gathering.timeout.connect(self._bring)

    def set_numbers(
        self, numbers: "array[int]", groups: Sequence[int] = (0,), query: Query | None = None
    ) -> None:
        """Show these rows instead; what is known of others is forgotten.

        Args:
            numbers: of rows.
            groups: where in `numbers` a group begins; in each, greater numbers come first.
            query: what is marked in them.
        """
        self.beginResetModel()
        self._numbers = numbers
        self._groups = groups
        self._query = query or Query()
        self._pages.clear()
        self._wanted.clear()
        self._asked.clear()
        self._generation += 1
        self.endResetModel()

    def numbers(self) -> "array[int]":
        """Return the row numbers that are shown."""
        return self._numbers

    def refresh(self) -> None:
        """Bring the visible rows again, keeping what is shown until they come."""
        self._generation += 1
        # What is on its way was asked before whatever changed, so it is asked for again.
        self._wanted.update(self._pages, self._asked)
        self._asked.clear()
        self._gathering.start()

    def extend(self, numbers: "array[int]", groups: Sequence[int]) -> None:
        """Show more rows behind those that are shown, which are the first of `numbers`."""
        shown = len(self._numbers)
        if len(numbers) > shown:
            self.beginInsertRows(NO_INDEX, shown, len(numbers) - 1)
            self._numbers, self._groups = numbers, groups
            last = shown // PAGE_ROWS
            if shown % PAGE_ROWS and last in self._pages:
                # The page at the seam had only rows that were known; the others come with it.
                self._wanted.add(last)
                self._gathering.start()
            self.endInsertRows()

    @property
    def query(self) -> Query:
        """What is marked."""
        return self._query

    def row_of(self, number: int) -> int:
        """Return where a row number stands, or -1."""
        ends = (*self._groups[1:], len(self._numbers))
        for start, end in zip(self._groups, ends, strict=True):
            at = bisect_left(self._numbers, -number, start, end, key=operator.neg)
            if at < end and self._numbers[at] == number:
                return at
        return -1

    def record_at(self, row: int) -> ListedRecord | None:
        """Return the record in a row if it has been brought."""
        if not 0 <= row < len(self._numbers):
            return None
        page = self._pages.get(row // PAGE_ROWS)
        found = None if page is None else page.get(self._numbers[row])
        return found.record if found is not None else None

    def rowCount(self, parent: _Index = NO_INDEX) -> int:  # noqa: N802 - Qt's name
        """Return how many records there are."""
        return 0 if parent.isValid() else len(self._numbers)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row says; asks for its page if it is not here."""
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
            RECORD,
            EXCERPT,
            NAME_WORDS,
            STOOD,
        ):
            return None
        if role == NAME_WORDS:
            return sought(self._query, TextFacet.NAME)
        row = index.row()
        number = row // PAGE_ROWS
        page = self._pages.get(number)
        if page is None:
            self._wanted.add(number)
            self._gathering.start()
            return None if role in (RECORD, EXCERPT, STOOD) else ""
        self._pages.move_to_end(number)
        found = page.get(self._numbers[row])
        record = found.record if found is not None else None
        if role == RECORD:
            return record
        if role == EXCERPT:
            return found.excerpt if found is not None else None
        if record is None or found is None:
            return ""
        if role == STOOD:
            return found.stood
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (visible(record.title), *second_line(record, found.stood))
            return listed(part for part in parts if part)
        return visible(record.title)

    @Slot()
    def _bring(self) -> None:
        wanted, self._wanted = sorted(self._wanted)[-KEPT_PAGES:], set()
        language = language_of_system()
        for page in wanted:
            some = self._numbers[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
            if some:
                self.asked_pages.append(len(some))
                self._asked.add(page)
                self.session.ask(
                    self,
                    _rows_of(some, language, self._query),
                    self._keeper(page, self._generation),
                )

    def _keeper(self, page: int, generation: int) -> Callable[[list[_Row]], None]:
        def keep(rows: list[_Row]) -> None:
            if generation != self._generation:
                return
            self._asked.discard(page)
            self._pages[page] = {row.record.number: row for row in rows}
            while len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
            last = min((page + 1) * PAGE_ROWS, len(self._numbers)) - 1
            self.dataChanged.emit(self.index(page * PAGE_ROWS), self.index(last))

        return keep


def _rows_of(numbers: Sequence[int], language: str, query: Query) -> Callable[[Vault], list[_Row]]:
    def step(vault: Vault) -> list[_Row]:
        rows = titles.fill(vault, records.rows(vault, numbers), language)
        found = records.excerpts_of(vault, numbers, query) if query.words else {}
        stood = records.stood_of(vault, numbers)
        return [_Row(row, found.get(row.number), stood.get(row.number, _NOTHING)) for row in rows]

    return step


def second_line(record: ListedRecord, stood: Stood) -> tuple[str, ...]:
    """Return what a row says below its title: kind, dates, and what is to be known of it."""
    declared = record_type(record.type)
    marks = [
        t_("Draft") if record.has_draft else "",
        t_("In conflict") if record.conflicts else "",
    ]
    kind = translate(declared.label) if declared else visible(record.type)
    dates = _detention(record, stood) if record.type == "detention" else _dates(record, stood)
    return (kind, dates, *(mark for mark in marks if mark))


def _detention(record: ListedRecord, stood: Stood) -> str:
    """Return since when somebody is held and how they stand.

    The last day of a chronology is no release, so it is not shown as an end.
    """
    parts: list[str] = []
    if record.earliest is not None:
        parts.append(t_("since {day}").format(day=_day(record.earliest)))
    if stood.status:
        language = language_of_system()
        status = vocabulary("detention-status").label(stood.status, language)
        if stood.status_as_of:
            status = t_("{status} (as of {day})").format(
                status=status, day=day_in_words(stood.status_as_of)
            )
        parts.append(visible(status))
    return _BETWEEN.join(parts)


def _dates(record: ListedRecord, stood: Stood) -> str:
    """Return the days that a record tells of; a whole month or year by its name."""
    if stood.date:
        return visible(day_in_words(stood.date))
    first, last = record.earliest, record.latest
    if first is None and last is None:
        return ""
    if first == last:
        return _day(first)
    if first is not None and last is not None and first[:4] == last[:4]:
        if (first[4:], last[4:]) == ("-01-01", "-12-31"):
            return first[:4]
        year, month = int(first[:4]), int(first[5:7])
        days = calendar.monthrange(year, month)[1] if year else 0
        if first.endswith("-01") and last == f"{first[:8]}{days:02}":
            return _day(first[:7])
    return f"{_day(first)} – {_day(last)}"


def _day(day: str | None) -> str:
    return "…" if day is None else day_in_words(day)


_NOTHING = Stood(date="", status="", status_as_of="")


class RecordDelegate(QStyledItemDelegate):
    """Paints a row: an icon, the title, and a quiet line below."""

    def sizeHint(self, option: QStyleOptionViewItem, _: _Index) -> QSize:  # noqa: N802 - Qt's name
        """Return one height for all rows, so that a long list needs no measuring."""
        return QSize(0, row_height(QFontMetrics(option.font)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one row, mirrored where one reads from the right."""
        options = QStyleOptionViewItem(option)
        self.initStyleOption(options, index)
        rect: QRect = options.rect
        is_selected = bool(options.state & QStyle.StateFlag.State_Selected)
        colours = style.colours_now()
        if is_selected:
            painter.fillRect(rect, QColor(colours.selection))
            edge = QRect(rect)
            edge.setWidth(3)
            if options.direction == Qt.LayoutDirection.RightToLeft:
                edge.moveRight(rect.right())
            painter.fillRect(edge, QColor(colours.accent))
        elif options.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(colours.raised))
        record = index.data(RECORD)
        if not isinstance(record, ListedRecord):
            return
        _paint_record(painter, options, rect, index)


def row_height(metrics: QFontMetrics) -> int:
    """Return the height of two lines, tall enough for stacked Tibetan."""
    return round(2 * LINE * metrics.height()) + 2 * style.GRID


def _paint_record(
    painter: QPainter, options: QStyleOptionViewItem, rect: QRect, index: _Index
) -> None:
    record: ListedRecord = index.data(RECORD)
    excerpt: Excerpt | None = index.data(EXCERPT)
    words: tuple[str, ...] = index.data(NAME_WORDS)
    colours = style.colours_now()
    direction: Qt.LayoutDirection = options.direction
    grid = style.GRID
    icon_size = style.scaled(18)
    inner = rect.adjusted(2 * grid, grid, -2 * grid, -grid)
    icon_rect = QRect(inner.left(), inner.top() + 2, icon_size, icon_size)
    name = ICONS.get(record.type, "file-text")
    place = QStyle.visualRect(direction, inner, icon_rect)
    style.icon(name, colours.quiet).paint(painter, place)
    lines = QRect(inner)
    lines.setLeft(inner.left() + icon_size + grid)
    half = lines.height() // 2
    first = QStyle.visualRect(direction, inner, QRect(lines.topLeft(), QSize(lines.width(), half)))
    second = QStyle.visualRect(
        direction,
        inner,
        QRect(lines.left(), lines.top() + half, lines.width(), lines.height() - half),
    )
    painter.setPen(options.palette.color(QPalette.ColorRole.Text))
    title = visible(record.title)
    _paint_line(painter, first, title, spans(title, words) if words else (), direction)
    small = QApplication.font()
    small.setPixelSize(style.scaled(style.SMALL))
    painter.save()
    painter.setFont(small)
    painter.setPen(QColor(colours.quiet))
    below = _BETWEEN.join(part for part in second_line(record, index.data(STOOD)) if part)
    marks: tuple[Span, ...] = ()
    if excerpt is not None:
        # What was sought matters more than the dates, which the record shows anyway.
        piece, marks = visible_excerpt(excerpt)
        kind = f"{second_line(record, index.data(STOOD))[0]}{_BETWEEN}"
        marks = tuple(Span(mark.start + len(kind), mark.end + len(kind)) for mark in marks)
        below = kind + piece
    _paint_line(painter, second, below, marks, direction)
    painter.restore()


_BETWEEN = "  ·  "


def _paint_line(
    painter: QPainter,
    rect: QRect,
    text: str,
    marks: tuple[Span, ...],
    direction: Qt.LayoutDirection,
) -> None:
    if marks:
        paint_marked(painter, rect, text, marks, direction)
        return
    paint_line(painter, rect, text, direction)
