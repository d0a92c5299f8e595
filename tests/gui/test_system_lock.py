"""Locks when the system does: on Linux over a real bus, elsewhere on recorded messages."""

import ctypes
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from fielddoc.gui import watch_windows
from fielddoc.gui.system_lock import NoWatcher, Reason, SystemLock, Tell, Watcher, watcher_of
from fielddoc.gui.watch_linux import LinuxWatcher
from fielddoc.gui.watch_macos import MacWatcher
from fielddoc.gui.watch_windows import LID_SWITCH, Message, PowerSetting, WindowsWatcher
from fielddoc.i18n import translate
from gui.buses import LOGIND_PATH, PROPERTIES, SESSION, SLEEP, Logind, bus, signal

# --- Linux ----------------------------------------------------------------------------------------


class Desk:
    """A watcher on a bus of its own, and somebody else on the same bus who sends signals."""

    def __init__(self, address: str) -> None:
        number = uuid.uuid4().hex  # Qt keeps connections by name
        self.other = QDBusConnection.connectToBus(address, f"other-{number}")
        self.logind = Logind(self.other)
        self.told: list[Reason] = []
        ours = QDBusConnection.connectToBus(address, f"ours-{number}")
        self.watcher = LinuxWatcher(self.told.append, system=ours, session=ours)


@pytest.fixture
def desk(qapp: object) -> Iterator[Desk]:
    with bus() as address:
        desk = Desk(address)
        yield desk
        desk.watcher.stop()
        desk.logind.close()


SIGNALS: list[tuple[str, str, tuple[object, ...], Reason]] = [
    (SESSION, "org.freedesktop.login1.Session.Lock", (), Reason.SESSION_LOCKED),
    (LOGIND_PATH, SLEEP, (True,), Reason.SLEEP),
    (SESSION, PROPERTIES, ("org.freedesktop.login1.Session", {"LockedHint": True}, ["x"]), Reason.SESSION_LOCKED),
    (SESSION, PROPERTIES, ("org.freedesktop.login1.Session", {"Active": False}, ["x"]), Reason.SESSION_LOCKED),
    ("/org/freedesktop/UPower", PROPERTIES, ("org.freedesktop.UPower", {"LidIsClosed": True}, ["x"]), Reason.LID_CLOSED),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged", (True,), Reason.SCREEN_LOCKED),
    ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", (True,), Reason.SCREEN_LOCKED),
    ("/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", (True,), Reason.SCREEN_LOCKED),
    ("/org/mate/ScreenSaver", "org.mate.ScreenSaver.ActiveChanged", (True,), Reason.SCREEN_LOCKED),
    ("/org/cinnamon/ScreenSaver", "org.cinnamon.ScreenSaver.ActiveChanged", (True,), Reason.SCREEN_LOCKED),
    ("/org/xfce/ScreenSaver", "org.xfce.ScreenSaver.ActiveChanged", (True,), Reason.SCREEN_LOCKED),
]  # fmt: skip


def test_session_lock_suspend_lid_and_screen_lock_are_heard(qtbot: QtBot, desk: Desk) -> None:
    assert desk.watcher.is_listening
    for path, name, arguments, reason in SIGNALS:
        desk.told.clear()
        signal(desk.other, path, name, *arguments)
        qtbot.waitUntil(lambda: bool(desk.told))
        assert desk.told == [reason], (path, name)


def test_what_ends_or_is_about_something_else_locks_nothing(qtbot: QtBot, desk: Desk) -> None:
    signals: list[tuple[str, str, tuple[object, ...]]] = [
        (LOGIND_PATH, SLEEP, (False,)),
        ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged", (False,)),
        (SESSION, "org.freedesktop.login1.Session.Unlock", ()),
        (SESSION, PROPERTIES, ("org.freedesktop.login1.Session", {"IdleHint": True}, ["x"])),
        (SESSION, PROPERTIES, ("org.freedesktop.login1.Session", {"Active": True}, ["x"])),
        ("/org/freedesktop/UPower", PROPERTIES, ("org.freedesktop.UPower", {"LidIsClosed": False}, ["x"])),
        ("/org/freedesktop/UPower", PROPERTIES, ("org.freedesktop.UPower", {"OnBattery": True}, ["x"])),
    ]  # fmt: skip
    for path, name, arguments in signals:
        signal(desk.other, path, name, *arguments)
    signal(desk.other, "/org/xfce/ScreenSaver", "org.xfce.ScreenSaver.ActiveChanged", True)

    qtbot.waitUntil(lambda: bool(desk.told))  # signals come in the order in which they were sent
    assert desk.told == [Reason.SCREEN_LOCKED]


def test_a_signal_with_strange_arguments_breaks_nothing(qtbot: QtBot, desk: Desk) -> None:
    for path, name, arguments in STRANGE:
        signal(desk.other, path, name, *arguments)
    signal(desk.other, "/org/xfce/ScreenSaver", "org.xfce.ScreenSaver.ActiveChanged", True)

    qtbot.waitUntil(lambda: bool(desk.told))
    assert desk.told == [Reason.SCREEN_LOCKED]


STRANGE: list[tuple[str, str, tuple[object, ...]]] = [
    ("/org/freedesktop/UPower", PROPERTIES, ("org.freedesktop.UPower", {"LidIsClosed": True}, [])),
    ("/org/freedesktop/UPower", PROPERTIES, ("org.freedesktop.UPower", "LidIsClosed", ["x"])),
    ("/org/freedesktop/UPower", PROPERTIES, ("org.freedesktop.UPower", ["LidIsClosed"], ["x"])),
    ("/org/freedesktop/UPower", PROPERTIES, ()),
    ("/org/freedesktop/UPower", PROPERTIES, (1, 2, 3)),
    (LOGIND_PATH, SLEEP, ("true",)),
    (LOGIND_PATH, SLEEP, ()),
    ("/org/xfce/ScreenSaver", "org.xfce.ScreenSaver.ActiveChanged", ("true",)),
]


def test_sleep_waits_until_the_vault_is_locked(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(desk.logind.must_wait)
    assert desk.logind.asked[0][0] == "sleep"
    assert desk.logind.asked[0][3] == "delay"
    assert not {"fielddoc", "vault"} & {str(word).lower() for word in desk.logind.asked[0]}

    signal(desk.other, LOGIND_PATH, SLEEP, True)

    qtbot.waitUntil(lambda: not desk.logind.must_wait())
    assert desk.told == [Reason.SLEEP]
    signal(desk.other, LOGIND_PATH, SLEEP, False)
    qtbot.waitUntil(desk.logind.must_wait)  # and the next time again


def test_stopping_lets_the_system_sleep(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(desk.logind.must_wait)

    desk.watcher.stop()

    qtbot.waitUntil(lambda: not desk.logind.must_wait())


def test_without_a_bus_nothing_is_heard_and_nothing_breaks(qapp: object) -> None:
    nowhere = QDBusConnection("no such connection")
    watcher = LinuxWatcher(lambda _: None, system=nowhere, session=nowhere)
    assert not watcher.is_listening


# --- Windows --------------------------------------------------------------------------------------


class Recording:
    """A library of the system that notes what is called and answers with a number."""

    def __init__(self, answer: int = 1) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self._answer = answer
        self._functions: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def called(*arguments: Any) -> int:
            self.calls.append((name, arguments))
            return self._answer

        return self._functions.setdefault(name, called)

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


def message(number: int, word: int, setting: PowerSetting | None = None) -> Message:
    address = ctypes.addressof(setting) if setting is not None else 0
    return Message(window=None, number=number, word=word, long=address)


def lid(value: int, switch: bytes = LID_SWITCH) -> PowerSetting:
    return PowerSetting(setting=(ctypes.c_ubyte * 16)(*switch), size=4, value=value)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (message(0x02B1, 0x7), Reason.SESSION_LOCKED),  # WTS_SESSION_LOCK
        (message(0x02B1, 0x2), Reason.SESSION_LOCKED),  # another user at the console
        (message(0x02B1, 0x8), None),  # WTS_SESSION_UNLOCK
        (message(0x0218, 0x0004), Reason.SLEEP),  # PBT_APMSUSPEND
        (message(0x0218, 0x0012), None),  # PBT_APMRESUMEAUTOMATIC
        (message(0x0218, 0x8013), None),
        (message(0x0100, 0x7), None),  # a key
    ],
)
def test_windows_messages_are_understood(given: Message, reason: Reason | None) -> None:
    assert watch_windows.reason_of(given) is reason


def test_only_a_lid_that_closes_locks_on_windows() -> None:
    for setting, reason in (
        (lid(0), Reason.LID_CLOSED),
        (lid(1), None),
        (lid(0, bytes(16)), None),
    ):
        assert watch_windows.reason_of(message(0x0218, 0x8013, setting)) is reason


def test_windows_is_asked_for_session_and_lid_and_its_messages_are_seen(qapp: object) -> None:
    told: list[Reason] = []
    libraries: dict[str, Recording] = {}

    def load(name: str) -> Recording:
        return libraries.setdefault(name, Recording())

    watcher = WindowsWatcher(told.append, load=load, window_id=42)
    assert watcher.is_listening
    ((name, (window, scope)),) = libraries["wtsapi32"].calls
    assert (name, window.value, scope) == ("WTSRegisterSessionNotification", 42, 0)
    ((name, (window, switch, kind)),) = libraries["user32"].calls
    assert (name, window.value, kind) == ("RegisterPowerSettingNotification", 42, 0)
    assert switch.raw.hex() == "4d0f3eba17b89440a2d1d56379e6a0f3"

    locked = message(0x02B1, 0x7)
    assert watcher.nativeEventFilter(b"windows_generic_MSG", ctypes.addressof(locked)) == (False, 0)
    assert watcher.nativeEventFilter(b"xcb_generic_event_t", 1) == (False, 0)
    assert told == [Reason.SESSION_LOCKED]
    watcher.stop()


def test_windows_without_these_libraries_goes_on(qapp: object) -> None:
    def load(_: str) -> Any:
        raise OSError

    assert not WindowsWatcher(lambda _: None, load=load, window_id=1).is_listening


# --- macOS ----------------------------------------------------------------------------------------


@pytest.fixture
def mac() -> tuple[MacWatcher, list[Reason], Recording]:
    told: list[Reason] = []
    library = Recording(answer=5)
    watcher = MacWatcher(told.append, load=lambda _: library, constant=lambda _, name: name)
    return watcher, told, library


def test_macos_is_asked_for_screen_lock_and_sleep(
    mac: tuple[MacWatcher, list[Reason], Recording],
) -> None:
    watcher, told, library = mac
    assert watcher.is_listening
    assert library.names() == [
        "CFStringCreateWithCString",
        "CFNotificationCenterGetDistributedCenter",
        "CFNotificationCenterAddObserver",
        "IORegisterForSystemPower",
        "IONotificationPortGetRunLoopSource",
        "CFRunLoopGetMain",
        "CFRunLoopAddSource",
    ]
    assert library.calls[0][1][1] == b"com.apple.screenIsLocked"
    assert library.calls[-1][1][2] == "kCFRunLoopCommonModes"

    watcher._on_lock(None, None, None, None, None)
    assert told == [Reason.SCREEN_LOCKED]


def test_macos_is_answered_when_it_wants_to_sleep(
    mac: tuple[MacWatcher, list[Reason], Recording],
) -> None:
    watcher, told, library = mac
    library.calls.clear()

    for kind in (0xE0000270, 0xE0000280, 0xE0000300):  # may it, it will, it woke up
        watcher._on_power(None, 0, kind, 11)

    assert told == [Reason.SLEEP]
    assert library.names() == ["IOAllowPowerChange", "IOAllowPowerChange"]
    assert [arguments[1].value for _, arguments in library.calls] == [11, 11]


def test_macos_without_these_libraries_goes_on() -> None:
    def load(_: str) -> Any:
        raise OSError

    assert not MacWatcher(lambda _: None, load=load).is_listening


# --- for all --------------------------------------------------------------------------------------


def test_each_system_has_its_watcher() -> None:
    assert watcher_of("linux") is LinuxWatcher
    assert watcher_of("win32") is WindowsWatcher
    assert watcher_of("darwin") is MacWatcher
    assert watcher_of("freebsd14") is NoWatcher


def test_what_a_watcher_tells_is_a_sentence_for_the_lock_screen(qapp: object) -> None:
    tells: list[Tell] = []

    def begin(tell: Tell) -> Watcher:
        tells.append(tell)
        return NoWatcher(tell)

    lock = SystemLock(begin=begin)
    heard: list[str] = []
    lock.locked.connect(heard.append)
    for reason in Reason:
        tells[0](reason)
    assert heard == [reason.value for reason in Reason]
    assert all(translate(words, "zh_CN") != words for words in heard)
