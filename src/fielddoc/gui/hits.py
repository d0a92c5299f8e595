"""Showing where what was sought stands: in a line that is painted, and in a record's fields."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
)
from PySide6.QtWidgets import QLabel, QTextEdit, QVBoxLayout, QWidget

from fielddoc.domain.folding import Span, spans
from fielddoc.domain.matches import Excerpt
from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.direction import isolated
from fielddoc.gui.fields.lines import LongText, TextLine
from fielddoc.gui.painted_text import line_height, paint_layout
from fielddoc.i18n import t_, translate

MOST_EXCERPTS = 3


def visible_excerpt(excerpt: Excerpt) -> tuple[str, tuple[Span, ...]]:
    """Return an excerpt with everything hidden written out, and its marks moved along."""
    parts: list[str] = []
    marks: list[Span] = []
    at = length = 0
    for mark in excerpt.marks:
        between, hit = (
            visible(excerpt.text[at : mark.start]),
            visible(excerpt.text[mark.start : mark.end]),
        )
        start = length + len(between)
        marks.append(Span(start, start + len(hit)))
        parts += [between, hit]
        length = start + len(hit)
        at = mark.end
    return "".join((*parts, visible(excerpt.text[at:]))), tuple(marks)


def paint_marked(
    painter: QPainter,
    rect: QRect,
    text: str,
    marks: Sequence[Span],
    direction: Qt.LayoutDirection,
) -> None:
    """Paint one line of text with the painter's font and pen, cut at the end, hits marked."""
    font: QFont = painter.font()
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    # A mark that begins behind what is shown is left out.
    whole = len(shown) if shown == text else len(shown) - 1
    placed = isolated(shown)
    before = placed.index(shown)
    ranges: list[QTextLayout.FormatRange] = []
    for mark in marks:
        if mark.start < whole:
            one = QTextLayout.FormatRange()
            one.start = before + units(shown[: mark.start])  # Qt counts in UTF-16
            one.length = units(shown[mark.start : min(mark.end, whole)])
            one.format = _mark_format()
            ranges.append(one)
    layout = QTextLayout(placed, font)
    layout.setFormats(ranges)
    paint_layout(painter, QRectF(rect), layout, direction)


def units(text: str) -> int:
    """Return how many UTF-16 code units a text has, in which Qt counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def mark_fields(form: QWidget, words: Sequence[str]) -> None:
    """Mark in the long texts of a form where these folded words stand; none takes marks away."""
    for text in form.findChildren(LongText):
        selections: list[QTextEdit.ExtraSelection] = []
        typed = text.typed_text() if words else ""
        for span in spans(typed, words):
            one = QTextEdit.ExtraSelection()
            cursor = QTextCursor(text.document())
            start = units(typed[: span.start])
            cursor.setPosition(start)
            cursor.setPosition(
                start + units(typed[span.start : span.end]), QTextCursor.MoveMode.KeepAnchor
            )
            one.cursor = cursor
            one.format = _mark_format()
            selections.append(one)
        text.setExtraSelections(selections)
    for line in form.findChildren(TextLine):
        line.setProperty("hit", bool(words) and bool(spans(line.text(), words)))
        line.style().unpolish(line)
        line.style().polish(line)


class HitsNote(QWidget):
    """The first pieces of a record that hold what was sought, whatever field they stand in."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2 * style.GRID, 0, 2 * style.GRID, 0)
        self._column.setSpacing(2)
        self.lines: list[ExcerptLine] = []
        self.setAccessibleName(t_("Found here"))
        self.hide()

    def show_excerpts(self, excerpts: Sequence[Excerpt]) -> None:
        """Show pieces, or nothing."""
        for line in self.lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = [ExcerptLine(excerpt) for excerpt in excerpts[:MOST_EXCERPTS]]
        for line in self.lines:
            self._column.addWidget(line)
        self.setVisible(bool(self.lines))


class ExcerptLine(QLabel):
    """One piece on one line; painted, because rich text would have to trust what was recorded."""

    def __init__(self, excerpt: Excerpt) -> None:
        super().__init__()
        text, marks = visible_excerpt(excerpt)
        label = f"{translate(excerpt.label)}: " if excerpt.label else ""
        self.words = label + text
        self.marks = tuple(Span(m.start + len(label), m.end + len(label)) for m in marks)
        self.setAccessibleName(self.words)
        self.setToolTip(self.words)
        self.setMinimumHeight(line_height(self.font()))
        style.set_role(self, "small")

    def paintEvent(self, _: object) -> None:  # noqa: N802 - Qt's name
        """Paint the piece with its marks."""
        painter = QPainter(self)
        painter.setPen(QColor(style.colours_now().quiet))
        paint_marked(painter, self.rect(), self.words, self.marks, self.layoutDirection())
        painter.end()


def _mark_format() -> QTextCharFormat:
    made = QTextCharFormat()
    colours = style.colours_now()
    made.setBackground(QColor(colours.mark))
    made.setForeground(QColor(colours.text))
    return made
