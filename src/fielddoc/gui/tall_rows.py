"""Rows of a list that are as tall as their text, in scripts of which the lines are taller too."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem


class TallRows(QStyledItemDelegate):
    """Gives each row half a line more than Qt asks for.

    Qt adds up the lines in fractions of a pixel and rounds down: where a font of another script
    steps in, the last line did not fit by a hair and was left out.
    """

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of a row."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), size.height() + option.fontMetrics.height() // 2)
