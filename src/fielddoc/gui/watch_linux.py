"""What Linux tells over D-Bus: logind, UPower and the desktops' screen savers.

D-Bus is reached over local sockets of the system only. logind is asked to wait with going to sleep
until the vault is locked: the answer holds a file descriptor, and sleep waits until it is closed,
which the end of the process does too (at most five seconds, as logind has it).
"""

from dataclasses import dataclass

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

from fielddoc.gui.system_lock import Reason, Tell

_LOGIND = "org.freedesktop.login1"
_LOGIND_PATH = "/org/freedesktop/login1"
_MANAGER = f"{_LOGIND}.Manager"
_SESSION = f"{_LOGIND}.Session"
_SAVERS = (
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.xfce.ScreenSaver",
)


@dataclass(frozen=True, slots=True)
class _Signal:
    interface: str
    name: str
    types: str
    """Signature of its arguments, in D-Bus's letters."""
    slot: str


_CHANGED = _Signal(
    "org.freedesktop.DBus.Properties",
    "PropertiesChanged",
    "sa{sv}as",
    "_changed(QString,QVariantMap,QStringList)",
)


class LinuxWatcher(QObject):
    """Listens to the system's and the session's bus, where there is one."""

    def __init__(
        self,
        tell: Tell,
        *,
        system: QDBusConnection | None = None,
        session: QDBusConnection | None = None,
    ) -> None:
        super().__init__()
        self._tell = tell
        self._system = system or QDBusConnection.systemBus()
        self._session = session or QDBusConnection.sessionBus()
        self.is_listening = False
        self._asked: QDBusPendingCallWatcher | None = None
        self._delay: QDBusMessage | None = None
        """logind's answer with its descriptor; sleep waits as long as anybody keeps it."""
        if self._system.isConnected():
            self._hear(self._system, _Signal(_SESSION, "Lock", "", "_session_locked()"))
            self._hear(self._system, _Signal(_MANAGER, "PrepareForSleep", "b", "_sleeps(bool)"))
            self._hear(self._system, _CHANGED)
            self._ask_to_wait()
        if self._session.isConnected():
            for interface in _SAVERS:
                self._hear(self._session, _Signal(interface, "ActiveChanged", "b", "_saver(bool)"))

    def stop(self) -> None:
        """Let the system sleep without waiting for us."""
        self._let_sleep()
        self.is_listening = False

    def _hear(self, bus: QDBusConnection, heard: "_Signal") -> None:
        """Let a signal, from whatever path, come to a slot if its arguments are of these types.

        Qt ends the program if they are not of the slot's, and anybody on the bus may send anything.
        """
        # PySide6 6.11 refuses the bytes that its own types ask for; a test holds that it hears.
        self.is_listening |= bus.connect(  # type: ignore[call-overload]
            "", "", heard.interface, heard.name, heard.types, self, SLOT(heard.slot)
        )

    def _ask_to_wait(self) -> None:
        call = QDBusMessage.createMethodCall(_LOGIND, _LOGIND_PATH, f"{_LOGIND}.Manager", "Inhibit")
        call.setArguments(["sleep", "Notes", "Notes are being locked", "delay"])
        self._asked = QDBusPendingCallWatcher(self._system.asyncCall(call), self)
        self._asked.finished.connect(self._may_wait)

    def _let_sleep(self) -> None:
        if self._asked is not None:
            self._asked.deleteLater()
        self._asked = self._delay = None

    @Slot()
    def _may_wait(self) -> None:
        if self._asked is None:
            return
        answer = self._asked.reply()
        self._asked.deleteLater()  # it keeps the answer too
        self._asked = None
        if answer.type() is QDBusMessage.MessageType.ReplyMessage:
            self._delay = answer

    @Slot()
    def _session_locked(self) -> None:
        self._tell(Reason.SESSION_LOCKED)

    @Slot(bool)
    def _sleeps(self, begins: bool) -> None:  # noqa: FBT001 - D-Bus says so
        if begins:
            self._tell(Reason.SLEEP)  # the process ends here if a vault was open
            self._let_sleep()
        else:
            self._ask_to_wait()

    @Slot(bool)
    def _saver(self, is_active: bool) -> None:  # noqa: FBT001 - D-Bus says so
        if is_active:
            self._tell(Reason.SCREEN_LOCKED)

    @Slot(str, "QVariantMap", "QStringList")
    def _changed(self, interface: str, values: dict[str, object], _: list[str]) -> None:
        match interface:
            case "org.freedesktop.UPower" if values.get("LidIsClosed") is True:
                self._tell(Reason.LID_CLOSED)
            case "org.freedesktop.login1.Session" if (
                values.get("LockedHint") is True or values.get("Active") is False
            ):
                self._tell(Reason.SESSION_LOCKED)
            case _:
                pass
