"""A line to click at, with an arrow: what belongs to it is shown below or folded away."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
)

from fielddoc.gui import style
from fielddoc.gui.painted_text import paint_line


class FoldButton(QToolButton):
    """Checked while what belongs to it is shown."""

    def __init__(self, text: str = "", *, is_wide: bool = False) -> None:
        super().__init__()
        style.set_role(self, "plain")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.is_wide = is_wide
        """Whether it takes the width that there is and shortens its words to it."""
        self._words = ""
        if is_wide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._turn)
        self._turn()
        self.show_words(text)

    def show_words(self, words: str) -> None:
        """Show words that may be of a record, shortened to the width that there is."""
        self._words = words
        self.setAccessibleName(words)
        self.setText(words.replace("&", "&&"))
        self.update()

    def _turn(self) -> None:
        closed = "chevron-left" if self.isRightToLeft() else "chevron-right"
        name = "chevron-down" if self.isChecked() else closed
        self.setIcon(style.icon(name, style.colours_now().quiet))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Turn the arrow with the direction of the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._turn()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shorten the words to the new width; pointed at, they are shown whole."""
        super().resizeEvent(event)
        is_short = self.is_wide and self.sizeHint().width() > self.width()
        self.setToolTip(self._words if is_short else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint a wide button with its words at the beginning of the line."""
        if not self.is_wide:
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        icon, option.icon, option.text = option.icon, type(option.icon)(), ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        side = style.scaled(16)
        room = self.rect().adjusted(style.GRID, 0, -style.GRID, 0)
        direction = self.layoutDirection()
        place = QStyle.alignedRect(direction, _AT_START, icon.actualSize(self.iconSize()), room)
        icon.paint(painter, place)
        words = room.adjusted(side + style.GRID, 0, 0, 0)
        words = QStyle.visualRect(direction, room, words)
        painter.setPen(self.palette().text().color())
        paint_line(painter, words, self._words, direction)


_AT_START = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
