"""A list whose rows are all of one height, so that a million of them cost what fifty cost.

`QListView` lays every row out when a list is shown: 160 ms for a hundred thousand, 1.6 s for a
million, during which the window stands still. Here a row's place is its number times its height.
"""

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem, QWidget

_AnyIndex = QModelIndex | QPersistentModelIndex
_Hint = QAbstractItemView.ScrollHint


class LongList(QListView):
    """A one-column list; it is a `QListView` for screen readers and for whoever uses it."""

    _height = 0  # of the class, because Qt asks for it before the object is made

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # --- where rows stand ------------------------------------------------------------------------

    def row_height(self) -> int:
        """Return the height of every row, in pixels."""
        if not self._height:
            option = QStyleOptionViewItem()
            self.initViewItemOption(option)
            hint: QSize = self.itemDelegate().sizeHint(option, QModelIndex())
            self._height = max(1, hint.height())
        return self._height

    def visible_rows(self) -> range:
        """Return the rows of which some part can be seen."""
        count, height = self._count(), self.row_height()
        first = self.verticalScrollBar().value() // height
        last = (self.verticalScrollBar().value() + self.viewport().height() - 1) // height
        return range(min(first, count), min(last + 1, count))

    def visualRect(self, index: _AnyIndex) -> QRect:  # noqa: N802 - Qt's name
        """Return where a row is painted."""
        if not index.isValid():
            return QRect()
        top = index.row() * self.row_height() - self.verticalScrollBar().value()
        return QRect(0, top, self.viewport().width(), self.row_height())

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802 - Qt's name
        """Return the row at a place, or none."""
        at = point.y() + self.verticalScrollBar().value()
        row = at // self.row_height()
        if at < 0 or not 0 <= row < self._count():
            return QModelIndex()
        return self.model().index(row, 0)

    def verticalOffset(self) -> int:  # noqa: N802 - Qt's name
        """Return how far the list is scrolled, in pixels."""
        return int(self.verticalScrollBar().value())

    def horizontalOffset(self) -> int:  # noqa: N802 - Qt's name
        """Return 0: rows are as wide as the list."""
        return 0

    def doItemsLayout(self) -> None:  # noqa: N802 - Qt's name
        """Do nothing for each row; only the scroll bar must know how many there are."""
        self._height = 0
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:  # noqa: N802 - Qt's name
        """Tell the scroll bar how long the list is."""
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(self.row_height())
        bar.setPageStep(page)
        bar.setRange(0, max(0, self._count() * self.row_height() - page))
        self.horizontalScrollBar().setRange(0, 0)

    def scrollTo(self, index: _AnyIndex, hint: _Hint = _Hint.EnsureVisible) -> None:  # noqa: N802
        """Scroll so that a row can be seen."""
        if not index.isValid():
            return
        self.updateGeometries()
        bar, page, height = self.verticalScrollBar(), self.viewport().height(), self.row_height()
        top = index.row() * height
        match hint:
            case _Hint.PositionAtTop:
                bar.setValue(top)
            case _Hint.PositionAtBottom:
                bar.setValue(top + height - page)
            case _Hint.PositionAtCenter:
                bar.setValue(top - (page - height) // 2)
            case _:
                if top < bar.value():
                    bar.setValue(top)
                elif top + height > bar.value() + page:
                    bar.setValue(top + height - page)

    # --- keys and selection ----------------------------------------------------------------------

    def moveCursor(  # noqa: N802 - Qt's name
        self, action: QAbstractItemView.CursorAction, _: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Return the row that a key goes to."""
        count = self._count()
        if not count:
            return QModelIndex()
        row = self.currentIndex().row()
        page = max(1, self.viewport().height() // self.row_height() - 1)
        actions = QAbstractItemView.CursorAction
        match action:
            case actions.MoveUp | actions.MovePrevious | actions.MoveLeft:
                row -= 1
            case actions.MoveDown | actions.MoveNext | actions.MoveRight:
                row += 1
            case actions.MovePageUp:
                row -= page
            case actions.MovePageDown:
                row += page
            case actions.MoveHome:
                row = 0
            case actions.MoveEnd:
                row = count - 1
        return self.model().index(min(max(row, 0), count - 1), 0)

    def setSelection(  # noqa: N802 - Qt's name
        self, rect: QRect, command: QItemSelectionModel.SelectionFlag
    ) -> None:
        """Select the rows in a rectangle."""
        height, offset, count = self.row_height(), self.verticalOffset(), self._count()
        box = rect.normalized()
        first, last = (box.top() + offset) // height, (box.bottom() + offset) // height
        if last < 0 or first >= count:
            self.selectionModel().select(QItemSelection(), command)
            return
        top, bottom = (
            self.model().index(max(first, 0), 0),
            self.model().index(min(last, count - 1), 0),
        )
        self.selectionModel().select(QItemSelection(top, bottom), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """Return where what is selected is painted."""
        region = QRegion()
        for part in selection.toList():
            box = self.visualRect(part.topLeft()).united(self.visualRect(part.bottomRight()))
            region = region.united(QRegion(box.intersected(self.viewport().rect())))
        return region

    def isIndexHidden(self, _: _AnyIndex) -> bool:  # noqa: N802 - Qt's name
        """Return False: no row is hidden."""
        return False

    # --- painting --------------------------------------------------------------------------------

    def scrollContentsBy(self, _: int, __: int) -> None:  # noqa: N802 - Qt's name
        """Paint anew: `QListView` moves nothing of a list that it has not laid out."""
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the rows that can be seen."""
        model, selection = self.model(), self.selectionModel()
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        state, current = option.state, self.currentIndex()
        hovered = self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos()))
        is_over = self.viewport().underMouse()
        for row in self.visible_rows():
            index = model.index(row, 0)
            rect = self.visualRect(index)
            if not rect.intersects(event.rect()):
                continue
            option.rect = rect
            option.state = state
            if selection.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if index == current and self.hasFocus():
                option.state |= QStyle.StateFlag.State_HasFocus
            if is_over and index == hovered:
                option.state |= QStyle.StateFlag.State_MouseOver
            self.itemDelegate().paint(painter, option, index)
        painter.end()

    def _count(self) -> int:
        model: QAbstractItemModel | None = self.model()
        return 0 if model is None else model.rowCount()
