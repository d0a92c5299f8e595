"""Taking files that are dropped anywhere in a part of the window."""

from typing import cast

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen, QWindow
from PySide6.QtWidgets import QLabel, QWidget

from fielddoc.gui import style
from fielddoc.gui.adding_files import has_sources
from fielddoc.i18n import t_

_DRAGS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.DragLeave, QEvent.Type.Drop)


class DropArea(QObject):
    """Watches what is dragged over a widget.

    Fields of text would take the name of a dropped file as text, so files are taken at the window,
    before the widget under the pointer is asked.
    """

    dropped = Signal(object)
    """The `QMimeData` of what was let go; it is gone when the signal returns."""
    over_changed = Signal(bool)
    """Whether something that can be taken is held over the widget now."""

    # On the class too: Python may take an object apart while Qt still asks it about events.
    _window: QWindow | None = None
    _area: QWidget | None = None

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self.is_taking = False
        """Whether there is anything that files could be added to; else they are turned away."""
        self.watch(area)

    def watch(self, area: QWidget) -> None:
        """Watch another widget from now on."""
        if self._area is not None:
            self._area.removeEventFilter(self)
        self._area = area
        area.installEventFilter(self)
        self._watch_window(area)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take what is dropped onto the widget."""
        area = self._area
        if area is not None and watched is self._window:
            return event.type() in _DRAGS and self._dragged(event, area)
        if area is not None and watched is area and event.type() is QEvent.Type.Show:
            self._watch_window(area)
        return False

    def _watch_window(self, area: QWidget) -> None:
        window = cast("QWindow | None", area.window().windowHandle())
        if window is not None and window is not self._window:
            if self._window is not None and shiboken6.isValid(self._window):
                self._window.removeEventFilter(self)
            window.installEventFilter(self)
            self._window = window

    def _dragged(self, event: QEvent, area: QWidget) -> bool:
        if not isinstance(event, QDropEvent):  # entering and moving are kinds of it, leaving not
            if isinstance(event, QDragLeaveEvent):
                self.over_changed.emit(False)  # noqa: FBT003 - a signal
            return False
        at = area.mapFrom(area.window(), event.position().toPoint())
        is_over = area.isVisible() and area.rect().contains(at)
        if not is_over or not has_sources(event.mimeData()):
            self.over_changed.emit(False)  # noqa: FBT003 - a signal
            return False
        if not self.is_taking:
            event.ignore()
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        is_dropped = event.type() is QEvent.Type.Drop
        self.over_changed.emit(not is_dropped)
        if is_dropped:
            self.dropped.emit(event.mimeData())
        return True


class DropMark(QLabel):
    """What lies over a widget while files are held above it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(t_("Let go to add"), parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        style.set_role(self, "heading")
        self.hide()

    def show_over(self, is_over: bool) -> None:  # noqa: FBT001 - a signal's
        """Come and go."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.setVisible(is_over)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint a frame in which files may be dropped."""
        painter = QPainter(self)
        colours = style.colours_now()
        painter.setBrush(QColor(colours.selection))
        painter.setPen(QPen(QColor(colours.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), style.GRID, style.GRID)
        painter.end()
        super().paintEvent(event)
