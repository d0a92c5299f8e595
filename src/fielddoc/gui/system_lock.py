"""Locks when the system does: session lock, suspend, lid. On Linux it is told over D-Bus.

D-Bus is reached over local sockets of the system only. Where there is no bus, nothing is told, and
the idle time is what locks. Windows and macOS tell by other ways, which are not built yet.
"""

import sys

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

from fielddoc.i18n import N_

_LOGIND = "org.freedesktop.login1"
_SAVERS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
)


class SystemLock(QObject):
    """Listens, and says when the vault should lock."""

    locked = Signal(str)
    """Why, as a marked sentence."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        system: QDBusConnection | None = None,
        session: QDBusConnection | None = None,
    ) -> None:
        super().__init__(parent)
        self.is_listening = False
        if sys.platform != "linux":
            return
        system = system or QDBusConnection.systemBus()
        session = session or QDBusConnection.sessionBus()
        if system.isConnected():
            self.is_listening |= system.connect(
                _LOGIND, "", f"{_LOGIND}.Session", "Lock", self, SLOT("_session_locked()").encode()
            )
            self.is_listening |= system.connect(
                _LOGIND,
                "",
                f"{_LOGIND}.Manager",
                "PrepareForSleep",
                self,
                SLOT("_sleeps(bool)").encode(),
            )
        if session.isConnected():
            for service, path in _SAVERS:
                self.is_listening |= session.connect(
                    "", path, service, "ActiveChanged", self, SLOT("_saver(bool)").encode()
                )

    @Slot()
    def _session_locked(self) -> None:
        self.locked.emit(N_("Locked because the session was locked."))

    @Slot(bool)
    def _sleeps(self, begins: bool) -> None:  # noqa: FBT001 - D-Bus says so
        if begins:
            self.locked.emit(N_("Locked because the computer went to sleep."))

    @Slot(bool)
    def _saver(self, is_active: bool) -> None:  # noqa: FBT001 - D-Bus says so
        if is_active:
            self.locked.emit(N_("Locked because the screen was locked."))
