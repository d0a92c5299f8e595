"""Which way one reads, and keeping what stands in a text in its own order there.

Where one reads from the right, a figure, a path or a foreign name would be thrown about by what
stands around it. The signs that hold it together have no width (Unicode Annex 9, 2.7). They are
put only where they change what is seen, so that what is copied from elsewhere stays as it is.
"""

import re
import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLayout, QWidget

_LEFT_TO_RIGHT, _OWN_DIRECTION, _END = "\u2066", "\u2068", "\u2069"
# What has signs between its figures: coordinates, moments, days and times, shares of a hundred.
_FIGURES = re.compile(
    r"-?\d+\.\d+, ?-?\d+\.\d+"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?: ?[+-]\d\d:?\d\d|Z)?"
    r"|[+-]?\d+(?:[-./:]+\d+)+(?: ?%)?"
    r"|\d+ ?%"
)
_ABSOLUTE = Qt.AlignmentFlag.AlignAbsolute


def is_mirrored() -> bool:
    """Tell whether the window is read from the right."""
    return QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft


def isolated(text: str) -> str:
    """Return a name or a sentence so that it keeps its own direction among other words."""
    return f"{_OWN_DIRECTION}{text}{_END}" if text and _matters(text) else text


def left_to_right(text: str) -> str:
    """Return a path, a name of a file, a sum or a date in figures so that it runs to the right."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}" if text and _matters(text) else text


def in_order(text: str) -> str:
    """Return lines of which each has its own direction, and figures in them their order."""
    if not _matters(text):
        return text
    ordered = _FIGURES.sub(lambda found: f"{_LEFT_TO_RIGHT}{found[0]}{_END}", text)
    return "\n".join(
        f"{_OWN_DIRECTION}{line}{_END}" if line else "" for line in ordered.split("\n")
    )


def _matters(text: str) -> bool:
    return is_mirrored() or any(
        unicodedata.bidirectional(character) in ("R", "AL") for character in text
    )


def lead(label: QLabel) -> None:
    """Set a label to the side from which one reads, whatever the script of its words.

    Left alone, Qt puts Latin and Chinese words to the left of a mirrored window, and Uyghur ones to
    the right of another, far from the icon or the field that they belong to. The window does this
    to every label before it is shown (`Window.eventFilter`); centred ones stay so.
    """
    alignment = label.alignment()
    is_placed = alignment & (
        Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignJustify | Qt.AlignmentFlag.AlignRight
    )
    if is_placed and not alignment & _ABSOLUTE:
        return
    # Digits have a direction of their own; where they stand is what is around them.
    is_mirrored_here = (label.parentWidget() or label).isRightToLeft()
    leading = Qt.AlignmentFlag.AlignRight if is_mirrored_here else Qt.AlignmentFlag.AlignLeft
    label.setAlignment((alignment & Qt.AlignmentFlag.AlignVertical_Mask) | leading | _ABSOLUTE)


def indented(inside: QWidget | QLayout, pixels: int) -> QHBoxLayout:
    """Return a row in which something stands inwards from the side from which one reads.

    The margins of a layout or a label stay at their side when a window is mirrored.
    """
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addSpacing(pixels)
    if isinstance(inside, QWidget):
        row.addWidget(inside, 1)
    else:
        row.addLayout(inside, 1)
    return row
