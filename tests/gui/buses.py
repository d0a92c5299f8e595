"""A D-Bus bus of its own for a test, and a logind that can be asked to wait with sleeping."""

import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusUnixFileDescriptor,
    QDBusVirtualObject,
)

from not_run import not_run

LOGIND_PATH = "/org/freedesktop/login1"


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

    def close(self) -> None:
        for descriptor in self._watched:
            os.close(descriptor)


def signal(connection: QDBusConnection, path: str, name: str, *arguments: object) -> None:
    """Send a signal; `name` is interface and member, with a dot between them."""
    interface, _, member = name.rpartition(".")
    message = QDBusMessage.createSignal(path, interface, member)
    message.setArguments(list(arguments))
    assert connection.send(message)
