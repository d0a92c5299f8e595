"""Buses of their own for a test, and a system on them that can be asked to wait with sleeping."""

import os
import select
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusUnixFileDescriptor,
    QDBusVirtualObject,
)

from fielddoc.gui.system_lock import Reason
from not_run import not_run

LOGIND_PATH = "/org/freedesktop/login1"
SESSION = "/org/freedesktop/login1/session/_31"
PROPERTIES = "org.freedesktop.DBus.Properties.PropertiesChanged"
SLEEP = "org.freedesktop.login1.Manager.PrepareForSleep"
_PATIENCE_S = 60.0


@contextmanager
def bus() -> Iterator[str]:
    """Yield the address of a bus that nobody else is on."""
    program = shutil.which("dbus-daemon")
    if program is None:
        not_run("dbus-daemon is not installed")
    daemon = subprocess.Popen(
        [program, "--session", "--print-address", "--nofork"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    try:
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.wait()
        daemon.stdout.close()


class Logind(QDBusVirtualObject):
    """Answers `Inhibit` as logind does: with a descriptor that it watches until it is closed."""

    def __init__(self, connection: QDBusConnection) -> None:
        super().__init__()
        self.asked: list[list[object]] = []
        self._watched: list[int] = []
        connection.registerVirtualObject(LOGIND_PATH, self)
        connection.registerService("org.freedesktop.login1")

    def introspect(self, path: str) -> str:  # noqa: ARG002 - Qt's signature
        return ""

    def handleMessage(self, message: QDBusMessage, connection: QDBusConnection) -> bool:  # noqa: N802
        self.asked.append(list(message.arguments()))
        read, write = os.pipe()
        connection.send(message.createReply([QDBusUnixFileDescriptor(write)]))
        os.close(write)
        self._watched.append(read)
        return True

    def must_wait(self) -> bool:
        """Tell whether somebody still holds a descriptor, so that sleep has to wait."""
        ended, _, _ = select.select(self._watched, [], [], 0)
        return len(ended) < len(self._watched)

    def wait_until_it_need_not(self) -> None:
        """Wait until nobody holds a descriptor, without answering to anybody meanwhile."""
        for descriptor in self._watched:
            ended, _, _ = select.select([descriptor], [], [], _PATIENCE_S)
            assert ended, "somebody still keeps the system from sleeping"

    def close(self) -> None:
        for descriptor in self._watched:
            os.close(descriptor)


def signal(connection: QDBusConnection, path: str, name: str, *arguments: object) -> None:
    """Send a signal; `name` is interface and member, with a dot between them."""
    interface, _, member = name.rpartition(".")
    message = QDBusMessage.createSignal(path, interface, member)
    message.setArguments(list(arguments))
    assert connection.send(message)


@dataclass(frozen=True, slots=True)
class Told:
    """What the system tells, on which of the two buses."""

    bus: str
    path: str
    name: str
    arguments: tuple[object, ...]
    reason: Reason


SUSPEND = Told("system", LOGIND_PATH, SLEEP, (True,), Reason.SLEEP)
SESSION_LOCK = Told(
    "system", SESSION, "org.freedesktop.login1.Session.Lock", (), Reason.SESSION_LOCKED
)
LID = Told(
    "system",
    "/org/freedesktop/UPower",
    PROPERTIES,
    ("org.freedesktop.UPower", {"LidIsClosed": True}, ["x"]),
    Reason.LID_CLOSED,
)
SCREEN_LOCK = Told(
    "session",
    "/org/gnome/ScreenSaver",
    "org.gnome.ScreenSaver.ActiveChanged",
    (True,),
    Reason.SCREEN_LOCKED,
)
SIGNALS = {"suspend": SUSPEND, "session": SESSION_LOCK, "lid": LID, "screen": SCREEN_LOCK}


class System:
    """The computer: it talks on both buses, and has somebody who can be asked to wait."""

    def __init__(self, *, system: str, session: str) -> None:
        self.environment = {
            "DBUS_SYSTEM_BUS_ADDRESS": system,
            "DBUS_SESSION_BUS_ADDRESS": session,
        }
        number = uuid.uuid4().hex  # Qt keeps connections by name
        self._buses = {
            "system": QDBusConnection.connectToBus(system, f"system-{number}"),
            "session": QDBusConnection.connectToBus(session, f"session-{number}"),
        }
        self.logind = Logind(self._buses["system"])

    def tell(self, told: Told) -> None:
        signal(self._buses[told.bus], told.path, told.name, *told.arguments)
