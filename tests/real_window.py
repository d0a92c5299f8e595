"""The real window in a process of its own, with a hand inside that does what it is told.

    python real_window.py COMMANDS ANSWERS [--resume]
    python real_window.py --serve       a window for each line, forked from one that has Qt loaded

Runs `fielddoc.gui.app.main` as `fielddoc` does. Lines of JSON with Python in them come by one pipe
and are run in the window's thread; answers go by another. A lock replaces the process by a fresh
one, as in earnest: the fresh one is this program again. Times are those of the monotonic clock,
which all processes share on Linux.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_S = 60.0


class RealWindow:
    """A running window, seen from the test."""

    def __init__(self, process: "subprocess.Popen[bytes]", commands: int, answers: int) -> None:
        self.process = process
        self.ending = -1
        """Can be read from when the process has ended, where the server started it."""
        self._commands = commands
        self._answers = os.fdopen(answers, "rb")

    def do(self, code: str, /, **values: object) -> Any:
        """Run `code` in the window's thread; return what it leaves in `result`.

        Args:
            code: Python, with what is defined in `hands` at hand.
            values: names that it can use besides.
        """
        self.tell(code, **values)
        while True:
            answer = self.read()
            if "event" not in answer:
                break
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def tell(self, code: str, /, **values: object) -> None:
        """Have `code` run, without waiting for an answer."""
        line = json.dumps({"code": code, "values": values}) + "\n"
        os.write(self._commands, line.encode())

    def read(self) -> Any:
        """Return the next answer or event."""
        line = self._answers.readline()
        if not line:
            raise AssertionError(f"the window has ended: {self.process.wait()}")
        return json.loads(line)

    def wait_for(self, event: str) -> Any:
        """Wait for an event and return it."""
        while True:
            told = self.read()
            if told.get("event") == event:
                return told

    def lock(self) -> float:
        """Lock with Ctrl+L, and return after how many seconds the fresh lock screen was painted."""
        self.tell("key('L', 'ctrl')")
        began = self.wait_for("locking")["at"]
        return float(self.wait_for("lock screen")["at"] - began)

    def close(self) -> None:
        """Let go of the pipes."""
        os.close(self._commands)
        self._answers.close()
        if self.ending >= 0:
            os.close(self.ending)

    def ended(self) -> int:
        """Wait for the end and return the exit status."""
        return self.process.wait(_PATIENCE_S)


@contextmanager
def real_window(
    home: Path,
    *,
    before: tuple[str, ...] = (),
    platform: str = "offscreen",
    environment: Mapping[str, str] | None = None,
    errors: IO[bytes] | None = None,
) -> Iterator[RealWindow]:
    """Start the window with an empty HOME, and end it in the end.

    Args:
        home: HOME; everything that programs find by the environment lies in it.
        before: a program that starts it, such as strace.
        platform: Qt's.
        environment: besides what is set here.
        errors: takes what the window writes to its standard error; the test's own if None.
    """
    commands_read, commands = os.pipe()
    answers, answers_write = os.pipe()
    process = subprocess.Popen(
        [*before, sys.executable, __file__, str(commands_read), str(answers_write)],
        pass_fds=(commands_read, answers_write),
        start_new_session=True,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stderr=errors,
        env={**_environment(home, platform), **(environment or {})},
    )
    os.close(commands_read)
    os.close(answers_write)
    window = RealWindow(process, commands, answers)
    try:
        window.wait_for("started")
        yield window
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
        window.close()


def _environment(home: Path, platform: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "QT_QPA_PLATFORM": platform,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT / "src"),  # what lies beside this file, whatever is installed
        # The tests' own computer may go to sleep without locking what is tested.
        "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
    }


class WindowServer:
    """Starts windows fast: one process has loaded everything, and each window is forked from it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "tmp").mkdir(parents=True)

    def __enter__(self) -> Self:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            stdin=subprocess.PIPE,
            cwd=self.home,
            start_new_session=True,
            env={**_environment(self.home, "offscreen"), "PYTHONDONTWRITEBYTECODE": ""},
        )
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        self._process.communicate()

    @contextmanager
    def window(self) -> "Iterator[RealWindow]":
        """Start a window, and end it in the end."""
        commands, answers = self.home / "commands", self.home / "answers"
        for each in (commands, answers):
            each.unlink(missing_ok=True)
            os.mkfifo(each)
        assert self._process.stdin is not None
        self._process.stdin.write(f"{commands} {answers}\n".encode())
        self._process.stdin.flush()
        write = os.open(commands, os.O_WRONLY)
        window = RealWindow(self._process, write, os.open(answers, os.O_RDONLY))
        process = window.wait_for("started")["pid"]
        window.ending = os.pidfd_open(process)
        try:
            yield window
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, 9)
            window.close()


# --- inside ---------------------------------------------------------------------------------------


def _serve() -> None:
    """Load everything, then fork a window for each line with the names of its pipes."""
    import fielddoc.gui.app
    import fielddoc.gui.window
    import fielddoc.gui.workspace  # noqa: F401 - so that no fork has to

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended windows need not be waited for
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            commands, answers = line.split()
            read = os.open(commands, os.O_RDONLY)
            os._exit(_inside(read, os.open(answers, os.O_WRONLY), []))


def _inside(commands: int, answers: int, words: list[str]) -> int:
    for each in (commands, answers):
        os.set_inheritable(each, True)
    _cheapen()
    from fielddoc.gui import app, relaunch, window
    from fielddoc.hardening import protect_memory

    protect_memory()  # as __main__ does

    def command() -> list[str]:
        return [sys.executable, __file__, str(commands), str(answers), relaunch.RESUME]

    relaunch._command = command
    tell = _teller(answers)
    window.Window = _window_with_hand(window.Window, commands, tell)  # type: ignore[misc]
    return app.main(words)


def _cheapen() -> None:
    """Do what tests/conftest.py does for the tests' own process."""
    from fielddoc.crypto import kdf

    kdf.FLOOR = kdf.STANDARD = kdf.Cost(memory_kib=64, passes=1, lanes=1)
    kdf.TARGET_SECONDS = 0.001


Teller = Callable[[dict[str, Any]], None]


def _teller(answers: int) -> Teller:
    def tell(what: dict[str, Any]) -> None:
        os.write(answers, (json.dumps(what) + "\n").encode())

    return tell


def _window_with_hand(window: Any, commands: int, tell: Teller) -> Any:
    from PySide6.QtCore import QEvent, QObject, QSocketNotifier, QTimer

    class WindowWithHand(window):  # type: ignore[misc]
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self._notifier = QSocketNotifier(commands, QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._command)
            self._names = hands(self)
            QTimer.singleShot(0, self, lambda: tell({"event": "started", "pid": os.getpid()}))

        def _command(self) -> None:
            data = b""
            while not data.endswith(b"\n"):
                more = os.read(commands, 65536)
                if not more:
                    os._exit(1)  # the test has ended, and nobody else would end this window
                data += more
            given = json.loads(data)
            names = {**self._names, **given["values"], "tell": tell, "result": None}
            try:
                exec(given["code"], names)
                answer: dict[str, Any] = {"result": names["result"]}
            except Exception:  # noqa: BLE001 - it is handed to the test
                answer = {"error": traceback.format_exc()}
            tell(answer)

        def _lock(self, *, reason: str) -> None:
            tell({"event": "locking", "at": time.monotonic()})
            super()._lock(reason=reason)

        def show_unlock(self, folder: Path) -> None:
            super().show_unlock(folder)
            painted = _Painted(self.screens.currentWidget())
            self._painted = painted

    class _Painted(QObject):
        def __init__(self, watched: QObject) -> None:
            super().__init__(watched)
            watched.installEventFilter(self)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() is QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, lambda: tell({"event": "lock screen", "at": time.monotonic()}))
            return False

    return WindowWithHand


def hands(window: Any) -> dict[str, Any]:
    """Return what commands can use: the window, keys that are typed, and waiting."""
    from PySide6.QtCore import QEventLoop, QMimeData, QPointF, Qt, QTimer
    from PySide6.QtGui import QDropEvent, QGuiApplication
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

    modifiers = {
        "": Qt.KeyboardModifier.NoModifier,
        "ctrl": Qt.KeyboardModifier.ControlModifier,
        "ctrl+shift": Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    }

    def wait(milliseconds: int = 10) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def until(condition: Callable[[], object], what: str = "") -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(what)
            wait()

    def focused() -> QWidget:
        window.activateWindow()
        until(lambda: QApplication.focusWidget() is not None, "nothing has the focus")
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    def key(name: str, held: str = "") -> None:
        QTest.keyClick(focused(), getattr(Qt.Key, f"Key_{name}"), modifiers[held])

    def type_text(text: str) -> None:
        """Type Latin text key by key; other text comes as an input method commits it."""
        from PySide6.QtGui import QInputMethodEvent

        if text.isascii():
            QTest.keyClicks(focused(), text)
            return
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(focused(), event)

    def unlock(passphrase: str) -> None:
        screen = window.screens.currentWidget()
        screen.passphrase.line.setFocus()
        type_text(passphrase)
        key("Return")
        until(window.workspace, "the vault was not unlocked")
        wait(50)

    def drop(widget: QWidget, data: QMimeData) -> None:
        event = QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            modifiers[""],
        )
        QApplication.sendEvent(widget, event)

    return {
        "window": window,
        "wait": wait,
        "until": until,
        "focused": focused,
        "key": key,
        "type_text": type_text,
        "unlock": unlock,
        "drop": drop,
        "clipboard": QGuiApplication.clipboard(),
        "Path": Path,
        "QLineEdit": QLineEdit,
        "QPlainTextEdit": QPlainTextEdit,
        "QMimeData": QMimeData,
        "QApplication": QApplication,
        "QTest": QTest,
        "Qt": Qt,
        "os": os,
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        _serve()
    else:
        sys.exit(_inside(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
