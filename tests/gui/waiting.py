"""Letting the window work until something holds, without a test around it."""

from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

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
