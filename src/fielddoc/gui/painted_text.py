"""Text that is painted by hand: on one baseline in every script, and with nothing cut off.

A font for Tibetan asks for a line more than twice as high as a Latin one. Text that is centred in
a lower line by that height is cut off above, where its vowel signs stand. So lines are set by the
baseline of the program's own font, and what stands higher is painted into the space between them.
"""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextLayout, QTextOption

from fielddoc.gui.direction import in_order

LINE = 1.45
"""Height of a line, in heights of the program's own font: room for stacked Tibetan."""


def line_height(font: QFont) -> int:
    """Return the height of one painted line in pixels."""
    return round(LINE * QFontMetrics(font).height())


def wrapped(text: str, font: QFont, first: int, others: int) -> list[str]:
    """Return the lines into which a text falls, in the widths in pixels of the first and others."""
    if "\n" not in text and QFontMetrics(font).horizontalAdvance(text) < first:
        return [text.rstrip()]  # most are: measuring one line costs a tenth of laying it out
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    units = text.encode("utf-16-le", "surrogatepass")
    lines: list[str] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, others if lines else first))
        start, length = line.textStart(), line.textLength()
        part = units[2 * start : 2 * (start + length)].decode("utf-16-le", "surrogatepass")
        lines.append(part.rstrip())
    layout.endLayout()
    return lines or [""]


def in_lines(text: str, font: QFont, width: float) -> str:
    """Return text with line ends where it is wider than that, for a button, which wraps nothing."""
    return "\n".join(wrapped(text, font, int(width), int(width)))


def elided(
    text: str,
    font: QFont,
    width: float,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> str:
    """Return one line shortened to a width, its ellipsis where the text's own direction has it."""
    return in_order(QFontMetrics(font).elidedText(text, mode, int(width)))


def paint_line(  # noqa: PLR0917 - what a line is painted with
    painter: QPainter,
    rect: QRect | QRectF,
    text: str,
    direction: Qt.LayoutDirection,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Paint one line with the painter's font and pen, shortened, in the middle of a height.

    Args:
        painter: its font and pen are used.
        rect: the room; what stands higher than a Latin line may reach beyond its top and bottom.
        text: one line.
        direction: from which side one reads.
        mode: where it is shortened.
        alignment: `AlignLeft` for the side from which one reads, or `AlignHCenter`.
    """
    font: QFont = painter.font()
    room = QRectF(rect)
    layout = QTextLayout(elided(text, font, room.width(), mode), font)
    paint_layout(painter, room, layout, direction, alignment)


def paint_layout(
    painter: QPainter,
    room: QRectF,
    layout: QTextLayout,
    direction: Qt.LayoutDirection,
    alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Paint a layout of one line, whose formats are set already, like `paint_line`."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setTextDirection(direction)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    spare = room.width() - line.naturalTextWidth()
    if alignment & Qt.AlignmentFlag.AlignHCenter:
        left = room.left() + spare / 2
    else:
        left = room.left() + (spare if direction is Qt.LayoutDirection.RightToLeft else 0)
    layout.draw(painter, QPointF(left, _baseline(room, layout.font()) - line.ascent()))


def _baseline(room: QRectF, font: QFont) -> float:
    metrics = QFontMetrics(font)
    return room.top() + (room.height() - metrics.height()) / 2 + metrics.ascent()
