"""A button that acts only when it is held, and shows how long it still must be."""

from PySide6.QtCore import QElapsedTimer, QEvent, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from fielddoc.gui.style import colours_now, set_role

HOLD_MS = 3000
LET_GO_MS = 120
"""How long a key must stay released to count as let go. A held key repeats as releases and presses,
and on a busy X server the press that tells them apart from letting go may come late."""
_STEP_MS = 30


class HoldButton(QPushButton):
    """Held for `hold_ms` by mouse, Space or Enter it emits `held`; let go earlier, nothing happens.

    A click alone never does anything, so no assistive click can fire it by accident; `begin` and
    `let_go` let a keyboard chord hold it from afar.
    """

    held = Signal()
    cancelled = Signal()
    finished = Signal()
    """Let go after it acted. What disables the button waits for this: the focus would go on to the
    next one while the key is still down, and repeat there."""

    def __init__(self, text: str, parent: QWidget | None = None, *, hold_ms: int = HOLD_MS) -> None:
        super().__init__(text, parent)
        set_role(self, "danger")
        self.hold_ms = hold_ms
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._step)
        self._letting_go = QTimer(self)
        self._letting_go.setSingleShot(True)
        self._letting_go.setInterval(LET_GO_MS)
        self._letting_go.timeout.connect(self.release)
        self._is_done = False

    @property
    def is_held(self) -> bool:
        """Whether it is being held now."""
        return self._timer.isActive()

    def begin(self) -> None:
        """Start holding, or go on if a key seemed to be let go a moment ago."""
        self._letting_go.stop()
        if self.is_held or self._is_done or not self.isEnabled():
            return
        self._clock.start()
        self._timer.start()
        self.setDown(True)
        self.update()

    def let_go(self) -> None:
        """Let go of a key, unless it is pressed again at once: then it was a repetition."""
        self._letting_go.start()

    @Slot()
    def release(self) -> None:
        """Let go now."""
        was_held, was_done = self.is_held, self._is_done
        self._letting_go.stop()
        self._timer.stop()
        self._is_done = False
        self.setDown(False)
        self.update()
        if was_held:
            self.cancelled.emit()
        elif was_done:
            self.finished.emit()

    def _step(self) -> None:
        self.update()
        if self._clock.elapsed() >= self.hold_ms and not self._letting_go.isActive():
            self._timer.stop()
            self._is_done = True
            self.setDown(False)
            self.held.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Start with the left button."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.begin()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go when the pointer leaves the button."""
        if not self.rect().contains(event.position().toPoint()):
            self.release()

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go."""
        self.release()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Start with Space or Enter; the repetitions of a held key count as holding."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.begin()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let go of Space or Enter."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.let_go()
            return
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Let go when the focus leaves."""
        self.release()
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Let go when it is disabled."""
        if event.type() is QEvent.Type.EnabledChange and not self.isEnabled():
            self.release()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the button, and the bar that fills it while it is held."""
        super().paintEvent(event)
        if not self.is_held:
            return
        share = min(1.0, self._clock.elapsed() / max(1, self.hold_ms))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(colours_now().danger)
        colour.setAlpha(90)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        width = self.width() * share
        left = self.width() - width if self.isRightToLeft() else 0.0
        painter.drawRoundedRect(QRectF(left, 0, width, self.height()), 4, 4)
        painter.end()
