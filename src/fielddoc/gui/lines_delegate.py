"""Items of a list or table that are text of one line or several, in any script."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Slot
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QListView,
    QListWidget,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
)

from fielddoc.gui import style
from fielddoc.gui.painted_text import line_height, paint_line, wrapped

_Index = QModelIndex | QPersistentModelIndex
_MARGIN = style.GRID // 2
_MOST_KNOWN = 2000


class LinesPainter(QStyledItemDelegate):
    """Paints all lines of an item so that none is cut off; whoever has the list says how high it is.

    Qt counts with the height of the Latin font, and leaves out what then finds no room.
    """

    def __init__(
        self,
        view: QListView | QTreeView,
        *,
        most_lines: int = 0,
        indent: int = 0,
    ) -> None:
        """Prepare for a view.

        Args:
            view: whose items are painted.
            most_lines: after how many lines an item is shortened; 0 for never.
            indent: by how many pixels all lines but the first stand inwards.
        """
        super().__init__(view)
        self._view = view
        self._most_lines = most_lines
        self._indent = indent
        self._known: dict[tuple[str, int, str, bool], QSize] = {}
        if isinstance(view, QListView):
            view.setResizeMode(QListView.ResizeMode.Adjust)
        else:
            view.header().sectionResized.connect(view.scheduleDelayedItemsLayout)

    def size(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the height of all lines at the present width, and the width of the longest."""
        options = QStyleOptionViewItem(option)
        self.initStyleOption(options, index)
        whole = self._width(index)
        # A view asks for all its items again at each layout, and there are many of those.
        key = (options.text, whole, options.font.key(), options.icon.isNull())
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._size(options, whole)
        return self._known[key]

    def _size(self, options: QStyleOptionViewItem, whole: int) -> QSize:
        each = line_height(options.font)
        options.rect = QRect(0, 0, whole, 2 * each)
        room = self._text_rect(options)
        lines = self._lines(options.text, options.font, room.width())
        icon = 0 if options.icon.isNull() else options.decorationSize.height()
        height = max(len(lines) * each, icon) + 2 * _MARGIN
        if isinstance(self._view, QListView):
            return QSize(0, height)  # a list gives its items the width that it has
        advance = QFontMetrics(options.font).horizontalAdvance
        longest = max(advance(line) for line in options.text.split("\u2028"))
        return QSize(longest + whole - room.width() + 1, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the item's ground, box and icon as the style does, and its lines by hand."""
        options = QStyleOptionViewItem(option)
        self.initStyleOption(options, index)
        text = options.text
        room = self._text_rect(options)
        options.text = " "
        style = self._view.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, options, painter, self._view)
        lines = self._lines(text, options.font, room.width())
        height = line_height(options.font)
        top = room.top() + max(0, room.height() - height * len(lines)) // 2
        painter.save()
        painter.setFont(options.font)
        painter.setPen(options.palette.color(QPalette.ColorRole.Text))
        direction: Qt.LayoutDirection = options.direction
        for number, line in enumerate(lines):
            whole = QRect(room.left(), top + number * height, room.width(), height)
            inner = whole.adjusted(self._indent if number else 0, 0, 0, 0)
            paint_line(painter, QStyle.visualRect(direction, whole, inner), line, direction)
        painter.restore()

    def _width(self, index: _Index) -> int:
        view = self._view
        if isinstance(view, QListView) or view.isFirstColumnSpanned(index.row(), index.parent()):
            return view.viewport().width()
        depth = 2 if index.parent().isValid() else 1
        return view.columnWidth(index.column()) - (index.column() == 0) * depth * view.indentation()

    def _text_rect(self, options: QStyleOptionViewItem) -> QRect:
        part = QStyleOptionViewItem(options)
        part.text = part.text or " "  # the style gives no room where there is no text
        rect = self._view.style().subElementRect(
            QStyle.SubElement.SE_ItemViewItemText, part, self._view
        )
        return rect.adjusted(_MARGIN // 2, 0, -_MARGIN // 2, 0)

    def _lines(self, text: str, font: QFont, width: int) -> list[str]:
        """Return the lines into which a text falls; the last one may still be too long."""
        lines: list[str] = []
        for given in text.split("\u2028"):
            if self._view.wordWrap():
                first = width - (self._indent if lines else 0)
                lines += wrapped(given, font, first, width - self._indent)
            else:
                lines.append(given)
        most = self._most_lines
        if most and len(lines) > most:
            lines[most - 1 :] = [" ".join(lines[most - 1 :])]
        return lines


class LinesDelegate(LinesPainter):
    """Gives each item the height of all its lines, too, each time that the view asks."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 - Qt's name
        """Return what `size` does."""
        return self.size(option, index)


class FittedList(QListWidget):
    """A list that is as high as its items, up to a height from which it scrolls.

    It lays its items out again whenever something above it comes or goes. Each question of Qt's
    for the size of an item would wait until other threads let go of the interpreter, which makes a
    hundred items a visible stall while a bundle is read; so each item is told its size once.
    """

    def __init__(self, *, most_pixels: int, indent: int = 0) -> None:
        """Make an empty one; `indent` is that of `LinesDelegate`."""
        super().__init__()
        self._lines = LinesPainter(self, indent=indent)
        self.setWordWrap(True)
        self.setItemDelegate(self._lines)
        self.model().rowsInserted.connect(self._fit_rows)
        self.setSizeAdjustPolicy(QAbstractScrollArea.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumHeight(most_pixels)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for one line only; Qt would ask for four."""
        least = line_height(self.font()) + 2 * _MARGIN
        return QSize(super().minimumSizeHint().width(), least)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap what came while nobody saw it, when the width was not known."""
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap the lines anew in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        self._fit_rows(QModelIndex(), 0, self.count() - 1)

    @Slot(QModelIndex, int, int)
    def _fit_rows(self, _: QModelIndex, first: int, last: int) -> None:
        if not self.isVisible():
            return
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        for row in range(first, last + 1):
            size = self._lines.size(option, self.model().index(row, 0))
            if self.item(row).sizeHint() != size:
                self.item(row).setSizeHint(size)
