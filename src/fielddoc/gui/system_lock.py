"""Locks when the system does: session lock, suspend, lid.

Each system tells it in its own way (`watch_linux`, `watch_windows`, `watch_macos`); all of them end
in one of the reasons here. Where nothing is told, the idle time is what locks.
"""

import sys
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from fielddoc.i18n import N_


class Reason(Enum):
    """Why the vault should lock now, each with its marked sentence."""

    SESSION_LOCKED = N_("Locked because the session was locked.")
    SLEEP = N_("Locked because the computer went to sleep.")
    SCREEN_LOCKED = N_("Locked because the screen was locked.")
    LID_CLOSED = N_("Locked because the lid was closed.")


Tell = Callable[[Reason], None]


class Watcher(Protocol):
    """What listens to one kind of system."""

    is_listening: bool

    def stop(self) -> None:
        """Stop listening."""


class SystemLock(QObject):
    """Listens, and says when the vault should lock."""

    locked = Signal(str)
    """Why, as a marked sentence."""

    def __init__(
        self, parent: QObject | None = None, *, begin: Callable[[Tell], Watcher] | None = None
    ) -> None:
        """Listen.

        Args:
            parent: the object that owns this one.
            begin: starts a watcher; that of this system if None.
        """
        super().__init__(parent)
        self._watcher = (begin or watcher_of(sys.platform))(self._tell)

    @property
    def is_listening(self) -> bool:
        """Whether anything of the system will be heard."""
        return self._watcher.is_listening

    def stop(self) -> None:
        """Stop listening."""
        self._watcher.stop()

    def _tell(self, reason: Reason) -> None:
        self.locked.emit(reason.value)


def watcher_of(platform: str) -> Callable[[Tell], Watcher]:
    """Return what starts the watcher of a system; each is imported only where it is used."""
    match platform:
        case "linux":
            from fielddoc.gui.watch_linux import LinuxWatcher  # noqa: PLC0415

            return LinuxWatcher
        case "win32":
            from fielddoc.gui.watch_windows import WindowsWatcher  # noqa: PLC0415

            return WindowsWatcher
        case "darwin":
            from fielddoc.gui.watch_macos import MacWatcher  # noqa: PLC0415

            return MacWatcher
        case _:
            return NoWatcher


class NoWatcher:
    """For systems that tell nothing that is known here."""

    is_listening = False

    def __init__(self, tell: Tell) -> None:
        """Listen to nothing."""

    def stop(self) -> None:
        """Do nothing."""
