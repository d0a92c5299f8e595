"""An image that is zoomed and moved."""

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from fielddoc.gui import style
from fielddoc.gui.images import Picture
from fielddoc.i18n import t_

_STEP = 1.25
_SMALLEST, _LARGEST = 0.02, 16.0
_SMOOTH_BELOW = 2.0
"""Enlarged further than this, the image shows its pixels as they are."""


class ImageCanvas(QWidget):
    """An image that is zoomed and moved; the smaller levels keep that quick."""

    zoomed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._picture: Picture | None = None
        self._name = ""
        self._scale = 1.0
        """Pixels of the screen for one of the image."""
        self._is_fitted = True
        self._centre = QPointF()
        """The point of the image in the middle of the widget."""
        self._dragged_from: QPoint | None = None
        self._tell()

    @property
    def is_filled(self) -> bool:
        """Whether an image is shown."""
        return self._picture is not None

    def percent(self) -> int:
        """Return how large the image is shown."""
        return round(100 * self._scale)

    def show_picture(self, picture: Picture, name: str) -> None:
        """Show an image, whole."""
        self._picture = picture
        self._name = name
        self._centre = QPointF(picture.width / 2, picture.height / 2)
        self.fit()

    def clear(self) -> None:
        """Forget the image."""
        self._picture = None
        self._name = ""
        self._dragged_from = None
        self.unsetCursor()
        self._tell()

    def fit(self) -> None:
        """Show the whole image, but never enlarged."""
        self._is_fitted = True
        self._set_scale(self._fitting())

    def show_pixels(self) -> None:
        """Show one pixel of the image on one of the screen."""
        self._is_fitted = False
        self._set_scale(1.0)

    def zoom_in(self) -> None:
        """Show the image larger."""
        self._zoom(_STEP, None)

    def zoom_out(self) -> None:
        """Show the image smaller."""
        self._zoom(1 / _STEP, None)

    def move_by(self, right: int, down: int) -> None:
        """Move the image by pixels of the window, as far as there is something to see."""
        self._centre -= QPointF(right, down) / self._logical()
        self._clamp()
        self.update()

    def _zoom(self, factor: float, at: QPointF | None) -> None:
        """Zoom about a point of the widget, or about its middle."""
        if self._picture is None:
            return
        self._is_fitted = False
        scale = min(_LARGEST, max(min(_SMALLEST, self._fitting()), self._scale * factor))
        if at is not None:
            away = at - QPointF(self.width() / 2, self.height() / 2)
            before, after = self._logical(), scale / self.devicePixelRatioF()
            self._centre += away / before - away / after
        self._set_scale(scale)

    def _set_scale(self, scale: float) -> None:
        self._scale = scale
        self._clamp()
        self._tell()

    def _tell(self) -> None:
        """Repaint, and say what is shown to whoever does not see it."""
        self.setAccessibleName(
            t_("Image {name}, {width} × {height} pixels, shown at {percent}%").format(
                name=self._name,
                width=self._picture.width,
                height=self._picture.height,
                percent=self.percent(),
            )
            if self._picture
            else t_("No image")
        )
        self.update()
        self.zoomed.emit()

    def _logical(self) -> float:
        """Return how many pixels of the window one pixel of the image takes."""
        return self._scale / self.devicePixelRatioF()

    def _fitting(self) -> float:
        if self._picture is None:
            return 1.0
        ratio = self.devicePixelRatioF()
        wide = self.width() * ratio / self._picture.width
        high = self.height() * ratio / self._picture.height
        return min(1.0, wide, high) or 1.0

    def _clamp(self) -> None:
        """Leave no empty room beside an image that is larger than the widget."""
        if self._picture is None:
            return
        logical = self._logical()
        half_width, half_height = self.width() / 2 / logical, self.height() / 2 / logical
        self._centre = QPointF(
            _within(self._centre.x(), half_width, self._picture.width),
            _within(self._centre.y(), half_height, self._picture.height),
        )
        if self._dragged_from is None:
            is_larger = half_width * 2 < self._picture.width - 1
            is_higher = half_height * 2 < self._picture.height - 1
            hand, arrow = Qt.CursorShape.OpenHandCursor, Qt.CursorShape.ArrowCursor
            self.setCursor(hand if is_larger or is_higher else arrow)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Stay whole, or keep the middle in the middle."""
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()
        else:
            self._clamp()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint the part that is seen, from the level that is just large enough."""
        painter = QPainter(self)
        colours = style.colours_now()
        painter.fillRect(self.rect(), QColor(colours.window))
        if self._picture is None:
            return
        logical = self._logical()
        corner = QPointF(self.width() / 2, self.height() / 2) - self._centre * logical
        whole = QRectF(
            corner.x(), corner.y(), self._picture.width * logical, self._picture.height * logical
        )
        seen = whole.intersected(QRectF(self.rect()))
        level = self._level()
        across = level.width() / whole.width()
        down = level.height() / whole.height()
        source = QRectF(
            (seen.x() - whole.x()) * across,
            (seen.y() - whole.y()) * down,
            seen.width() * across,
            seen.height() * down,
        )
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, self._scale < _SMOOTH_BELOW
        )
        if level.hasAlphaChannel():
            painter.fillRect(seen, Qt.GlobalColor.white)
        painter.drawImage(seen, level, source)
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _level(self) -> QImage:
        assert self._picture is not None
        needed = self._picture.width * self._scale
        enough = [level for level in self._picture.levels if level.width() >= needed]
        return enough[-1] if enough else self._picture.levels[0]

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom about the pointer."""
        if event.angleDelta().y():
            self._zoom(_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of the image."""
        if event.button() is Qt.MouseButton.LeftButton and self._picture is not None:
            self._dragged_from = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move the image with the pointer."""
        if self._dragged_from is not None:
            here = event.position().toPoint()
            moved = here - self._dragged_from
            self._dragged_from = here
            self.move_by(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Let go of the image."""
        self._dragged_from = None
        self._clamp()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Change between the whole image and its pixels."""
        if self._is_fitted:
            self.show_pixels()
        else:
            self.fit()


def _within(middle: float, half: float, size: int) -> float:
    if 2 * half >= size:
        return size / 2
    return min(max(middle, half), size - half)
