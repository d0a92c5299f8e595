"""Letting the window work until something holds, without a test around it."""

from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

_STEP_MS = 20
_PATIENCE_STEPS = 1500


class NotShownError(Exception):
    """A screen did not come."""


def wait(milliseconds: int = _STEP_MS) -> None:
    """Let the window work for a moment."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(condition: Callable[[], object], what: str) -> None:
    """Let the window work until something holds."""
    for _ in range(_PATIENCE_STEPS):
        if condition():
            wait()
            return
        wait()
    raise NotShownError(what)


def at_rest(widget: QWidget, milliseconds: int = 400) -> None:
    """Let the window work for a while, and on until what is seen stays the same for as long."""
    for _ in range(20):
        before = widget.grab().toImage()
        wait(milliseconds)
        if widget.grab().toImage() == before:
            return
    raise NotShownError("it does not come to rest")
