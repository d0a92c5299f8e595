"""The chronology as a picture: dates on an axis, partial ones as spans, time limits as brackets.

Nothing is told by colour alone: silence is hollow, doubt is dashed, and every mark has its words.
What the picture says stands as text beside it (`fielddoc.domain.chronology`).
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from fielddoc.domain.chronology import Point
from fielddoc.domain.clock_reading import Reading
from fielddoc.domain.clock_words import short_reading
from fielddoc.domain.partial_date import PartialDate, describe
from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.painted_text import paint_line
from fielddoc.i18n import language_of_system, t_

_MARK = 5.0
_GAP = 6.0
"""Between a mark and its words."""
_MOST_LANES = 7
_LEAST_DAYS = 30
_TICK_PIXELS = 90


@dataclass(frozen=True, slots=True)
class _Placed:
    """A point with where it is painted; x grows from the reading side."""

    point: Point
    left: float
    right: float
    label: str
    label_left: float
    """Where its words begin: behind the mark, or before it where there is no room behind."""
    label_width: float
    lane: int


class Timeline(QWidget):
    """Paints points and readings; arrows go from point to point and open it."""

    chosen = Signal(int)
    """The place of an entry in the stored list."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(t_("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._points: list[Point] = []
        self._readings: list[Reading] = []
        self._current = -1
        self._placed: list[_Placed] = []
        self._placed_width = -1

    def show_points(
        self, points: Sequence[Point], readings: Sequence[Reading], text: Sequence[str]
    ) -> None:
        """Show these; `text` is what a screen reader says instead."""
        self._points = [point for point in points if _span(point.date) is not None]
        self._readings = list(readings)
        self._placed_width = -1
        self.setAccessibleDescription("\n".join(text))
        self.setVisible(bool(self._points))
        self.updateGeometry()
        self.update()

    def mark(self, number: int) -> None:
        """Mark the entry with this place in the stored list."""
        places = [place for place, point in enumerate(self._points) if point.number == number]
        self._current = places[0] if places else -1
        self.update()

    # --- measures --------------------------------------------------------------------------------

    def _line(self) -> float:
        return 1.4 * QFontMetrics(self._small()).height()

    def _small(self) -> QFont:
        font = QApplication.font()
        font.setPixelSize(style.scaled(style.SMALL))
        return font

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height that lanes, axis and brackets need at the present width."""
        self._place()
        lanes = max((placed.lane for placed in self._placed), default=0) + 1
        height = (lanes + len(self._readings) * 1.5 + 1.6) * self._line() + 3 * style.GRID
        return QSize(320, round(height))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height at any width."""
        return QSize(240, self.sizeHint().height())

    def resizeEvent(self, _: object) -> None:  # noqa: N802 - Qt's name
        """Lay the lanes out anew."""
        self._placed_width = -1
        self.updateGeometry()

    def _days(self) -> tuple[datetime.date, datetime.date]:
        """Return the first and the last day that anything in the picture tells of."""
        spans = [span for point in self._points if (span := _span(point.date))]
        spans += [span for r in self._readings for d in (r.start, r.until) if (span := _span(d))]
        return min(span[0] for span in spans), max(span[1] for span in spans)

    def _range(self) -> tuple[datetime.date, datetime.date]:
        first, last = self._days()
        room = max(_LEAST_DAYS, (last - first).days) // 25 + 1
        return _plus(first, -room), _plus(last, room)

    def _x(self, day: datetime.date) -> float:
        first, last = self._range()
        share = (day - first).days / max(1, (last - first).days)
        return style.GRID + share * max(1.0, self.width() - 2 * style.GRID)

    def _place(self) -> None:
        """Give each point a lane in which its words overlap nobody's."""
        if self._placed_width == self.width():
            return
        self._placed_width = self.width()
        self._placed = []
        metrics = QFontMetrics(self._small())
        ends: list[float] = []
        most = max(120.0, self.width() * 0.45)
        for point, words in zip(self._points, _labels(self._points), strict=True):
            span = _span(point.date)
            assert span is not None
            left = self._x(span[0])
            right = left + 2 * _MARK
            if span[0] < span[1]:  # one day is a point, however wide a day is in a short story
                right = max(right, self._x(_plus(span[1], 1)))
            label = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(most))
            width = metrics.horizontalAdvance(label) + 2.0
            label_left = right + _GAP
            if label_left + width > self.width() and left - _GAP - width > 0:
                label_left = left - _GAP - width
            label_left = min(label_left, max(0.0, self.width() - width))
            start, end = min(left, label_left), max(right, label_left + width)
            lane = next((n for n, taken in enumerate(ends) if taken <= start), len(ends))
            if lane == len(ends) and lane < _MOST_LANES:
                ends.append(0.0)
            lane = min(lane, len(ends) - 1)
            ends[lane] = end + style.GRID
            self._placed.append(_Placed(point, left, right, label, label_left, width, lane))

    # --- painting --------------------------------------------------------------------------------

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint lanes, axis and brackets, mirrored where one reads from the right."""
        if not self._points:
            return
        self._place()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        lanes = max(placed.lane for placed in self._placed) + 1
        axis = lanes * self._line() + style.GRID
        self._paint_axis(painter, axis)
        for place, placed in enumerate(self._placed):
            self._paint_point(painter, placed, axis, is_current=place == self._current)
        y = axis + 1.6 * self._line()
        for reading in self._readings:
            self._paint_reading(painter, reading, y)
            y += 1.5 * self._line()
        painter.end()

    def _rect(self, left: float, top: float, width: float, height: float) -> QRectF:
        if self.isRightToLeft():
            left = self.width() - left - width
        return QRectF(left, top, width, height)

    def _at(self, x: float, y: float) -> QPointF:
        return QPointF(self.width() - x if self.isRightToLeft() else x, y)

    def _paint_axis(self, painter: QPainter, axis: float) -> None:
        colours = style.colours_now()
        painter.setPen(QPen(QColor(colours.line), 1.5))
        painter.drawLine(self._at(0, axis), self._at(self.width(), axis))
        painter.setPen(QColor(colours.quiet))
        metrics = QFontMetrics(self._small())
        ends = [(day, day.isoformat()) for day in dict.fromkeys(self._days())]
        months = _ticks(*self._range(), max(2, self.width() // _TICK_PIXELS))
        taken: list[tuple[float, float]] = []
        for day, words in (*ends, *months):
            x = self._x(day)
            width = metrics.horizontalAdvance(words) + 2.0
            start = min(x, self.width() - width)
            end = start + width + style.GRID
            is_in_the_way = any(start < theirs and mine < end for mine, theirs in taken)
            if is_in_the_way or (start < x and (day, words) not in ends):
                continue
            painter.drawLine(self._at(x, axis), self._at(x, axis + 4))
            rect = self._rect(start, axis + 4, width, self._line())
            paint_line(painter, rect, words, self.layoutDirection())
            taken.append((start, end))

    def _paint_point(
        self, painter: QPainter, placed: _Placed, axis: float, *, is_current: bool
    ) -> None:
        colours = style.colours_now()
        line = self._line()
        middle = (placed.lane + 0.5) * line
        colour = QColor(colours.quiet if placed.point.is_silence else colours.accent)
        stem = QPen(QColor(colours.line), 1, Qt.PenStyle.DotLine)
        painter.setPen(stem)
        painter.drawLine(self._at(placed.left + _MARK, middle), self._at(placed.left + _MARK, axis))
        is_dashed = placed.point.is_doubtful
        painter.setPen(
            QPen(colour, 1.6, Qt.PenStyle.DashLine if is_dashed else Qt.PenStyle.SolidLine)
        )
        is_span = placed.right - placed.left > 3 * _MARK
        if is_span:
            # A date that is not exact may be any day of the span: its bar is hatched, not filled.
            rect = self._rect(placed.left, middle - _MARK, placed.right - placed.left, 2 * _MARK)
            painter.setBrush(QColor(colours.surface))
            painter.drawRoundedRect(rect, 3, 3)
            hatch = QColor(colour)
            hatch.setAlpha(130)
            painter.setBrush(Qt.BrushStyle.BDiagPattern)
            brush = painter.brush()
            brush.setColor(hatch)
            painter.setBrush(brush)
            painter.drawRoundedRect(rect, 3, 3)
        else:
            is_hollow = placed.point.is_silence or is_dashed
            painter.setBrush(QColor(colours.surface) if is_hollow else colour)
            painter.drawEllipse(self._at(placed.left + _MARK, middle), _MARK, _MARK)
        self._paint_label(painter, placed, middle, is_current=is_current)

    def _paint_label(
        self, painter: QPainter, placed: _Placed, middle: float, *, is_current: bool
    ) -> None:
        colours = style.colours_now()
        top = middle - self._line() / 2
        rect = self._rect(placed.label_left, top, placed.label_width, self._line())
        if is_current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection))
            painter.drawRoundedRect(rect.adjusted(-3, 1, 3, -1), 3, 3)
        painter.setPen(QColor(colours.quiet if placed.point.is_silence else colours.text))
        centred = Qt.AlignmentFlag.AlignHCenter
        paint_line(painter, rect, placed.label, self.layoutDirection(), alignment=centred)

    def _paint_reading(self, painter: QPainter, reading: Reading, y: float) -> None:
        start, end = _span(reading.start), _span(reading.until)
        if start is None or end is None:
            return
        colours = style.colours_now()
        colour = QColor(colours.warning if reading.certainly_passed else colours.good)
        left, right = self._x(start[0]), self._x(end[1])
        words = short_reading(reading, language_of_system())
        if reading.certainly_passed:
            words = t_("{days}, beyond the base limit").format(days=words)
        painter.setPen(QPen(colour, 2))
        painter.drawLine(self._at(left, y), self._at(right, y))
        painter.drawLine(self._at(left, y - 4), self._at(left, y + 4))
        if reading.is_ended:
            painter.drawLine(self._at(right, y - 4), self._at(right, y + 4))
        else:
            # Nobody told of an end: an arrow instead of a stop.
            painter.drawLine(self._at(right, y), self._at(right - 5, y - 4))
            painter.drawLine(self._at(right, y), self._at(right - 5, y + 4))
        width = QFontMetrics(self._small()).horizontalAdvance(words) + 2
        x = min(max(0.0, (left + right - width) / 2), max(0.0, self.width() - width))
        painter.setPen(QColor(colours.text))
        rect = self._rect(x, y + 2, width, self._line())
        centred = Qt.AlignmentFlag.AlignHCenter
        paint_line(painter, rect, words, self.layoutDirection(), alignment=centred)

    # --- hands -----------------------------------------------------------------------------------

    def _hit(self, place: QPointF) -> int:
        x = self.width() - place.x() if self.isRightToLeft() else place.x()
        for number, placed in enumerate(self._placed):
            start = min(placed.left, placed.label_left) - 4
            end = max(placed.right, placed.label_left + placed.label_width) + 4
            top = placed.lane * self._line()
            if start <= x <= end and top <= place.y() <= top + self._line():
                return number
        return -1

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose what is under the pointer."""
        hit = self._hit(event.position())
        if hit >= 0:
            self._choose(hit)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go from point to point."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if self.isRightToLeft():
            step = -step
        if step and self._points:
            self._choose(min(max(self._current + step, 0), len(self._points) - 1))
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int) -> None:
        self._current = place
        self.update()
        self.chosen.emit(self._points[place].number)

    def event(self, event: QEvent) -> bool:
        """Tell on hovering what cannot be read at a glance."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self._hit(QPointF(event.pos()))
            if hit >= 0:
                point = self._points[hit]
                day = describe(point.date, language_of_system()) if point.date else ""
                words = f"{day}\n{visible(point.label)}"
                QToolTip.showText(event.globalPos(), words, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


def _labels(points: Sequence[Point]) -> list[str]:
    """Return the words beside each point; where two would say the same, with their dates."""
    said = Counter(point.label for point in points)
    language = language_of_system()
    return [
        f"{visible(point.label)} · {describe(point.date, language)}"
        if said[point.label] > 1 and point.date is not None
        else visible(point.label)
        for point in points
    ]


def _span(date: PartialDate | None) -> tuple[datetime.date, datetime.date] | None:
    """Return first and last possible day; an open end counts as its known one."""
    if date is None:
        return None
    first, last = date.earliest or date.latest, date.latest or date.earliest
    return None if first is None or last is None else (first, last)


def _plus(day: datetime.date, days: int) -> datetime.date:
    try:
        return day + datetime.timedelta(days=days)
    except OverflowError:
        return day


def _ticks(first: datetime.date, last: datetime.date, most: int) -> list[tuple[datetime.date, str]]:
    """Return the months or years to name on the axis, at most about `most` of them."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120, 600) if months / n <= most), 1200)
    result: list[tuple[datetime.date, str]] = []
    month = first.year * 12 + first.month - 1
    month += -month % step
    while month // 12 <= min(last.year, 9998):
        day = datetime.date(month // 12, month % 12 + 1, 1)
        if day > last:
            break
        if day >= first:
            result.append((day, f"{day.year}" if step >= 12 else f"{day.year}-{day.month:02}"))
        month += step
    return result
