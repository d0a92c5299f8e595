"""The columns of a form: short fields two by two where there is room, long ones over the width."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStyle, QVBoxLayout, QWidget

from fielddoc.gui import style
from fielddoc.i18n import t_

TWO_COLUMNS_FROM = 560
"""Width, at 100 %, from which two fields stand side by side."""


class Cell(QWidget):
    """A field with its label above and its help below."""

    def __init__(
        self,
        widget: QWidget,
        label: str,
        help_: str,
        *,
        is_needed: bool,
        is_wide: bool,
        is_part: bool,
    ) -> None:
        super().__init__()
        self.widget = widget
        self.is_wide = is_wide
        self.is_part = is_part
        column = QVBoxLayout(self)
        column.setContentsMargins(0, style.GRID if is_part else 0, 0, 0)
        column.setSpacing(style.GRID if is_part else style.GRID // 2)
        self.label: QLabel | None = None
        if label:
            row = QHBoxLayout()
            row.setSpacing(style.GRID)
            self.label = QLabel(label)
            self.label.setWordWrap(True)
            self.label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            self.label.setBuddy(widget)
            if is_part:
                style.set_role(self.label, "heading")
            row.addWidget(self.label, 0 if is_needed else 1)
            if is_needed:
                needed = QLabel(t_("needed"))
                style.set_role(needed, "small")
                row.addWidget(needed, 1)
            column.addLayout(row)
        if help_ and is_part:
            column.addWidget(_help(help_))
        column.addWidget(widget)
        if help_ and not is_part:
            column.addWidget(_help(help_))
        column.addStretch(1)


def _help(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    style.set_role(label, "small")
    return label


class Cells(QWidget):
    """Sets cells into one column or two, by the width that there is.

    It places them itself: Qt's grid keeps heights that it once computed for a width, also when
    something deep inside a cell has grown meanwhile.
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        super().__init__()
        self.cells = list(cells)
        for cell in self.cells:
            cell.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Answer yes: words wrap, and two columns become one."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height that all cells need."""
        places = self._places(width)
        return max((place.bottom() + 1 for place in places), default=0)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a usual width and the height at the present one."""
        width = max(self.width(), self.minimumSizeHint().width())
        return QSize(style.scaled(TWO_COLUMNS_FROM), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the width of one column, so that it can become narrow again."""
        widest = max((cell.minimumSizeHint().width() for cell in self.cells), default=0)
        return QSize(widest, 0)

    def resizeEvent(self, _: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Place the cells."""
        self._place()

    def showEvent(self, _: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Place what has changed while nothing was shown."""
        self._place()
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Place the cells anew when one of them has grown."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._place()
            self.updateGeometry()
            return True
        return super().event(event)

    def _place(self) -> None:
        for cell, place in zip(self.cells, self._places(self.width()), strict=True):
            cell.setGeometry(QStyle.visualRect(self.layoutDirection(), self.rect(), place))

    def _places(self, width: int) -> list[QRect]:
        gap, between = 2 * style.GRID, 3 * style.GRID
        has_two = width >= style.scaled(TWO_COLUMNS_FROM)
        half = (width - between) // 2
        places: list[QRect] = []
        y = row_height = 0
        is_second = False
        for cell in self.cells:
            is_whole = cell.is_wide or not has_two
            if is_whole and is_second:
                y, row_height, is_second = y + row_height + gap, 0, False
            cell_width = width if is_whole else half
            height = _height(cell, cell_width)
            x = half + between if is_second else 0
            places.append(QRect(x, y, cell_width, height))
            row_height = max(row_height, height)
            if is_whole or is_second:
                y, row_height, is_second = y + row_height + gap, 0, False
            else:
                is_second = True
        return places


def _height(cell: Cell, width: int) -> int:
    layout = cell.layout()
    assert layout is not None
    layout.invalidate()
    least = cell.minimumSizeHint().height()
    if cell.hasHeightForWidth():
        return max(least, cell.heightForWidth(width))
    return max(least, cell.sizeHint().height())
