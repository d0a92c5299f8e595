"""A virtual screen with a window manager, and hands that type and point on it."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = (1366, 768)
PROGRAMS = ("Xvfb", "openbox", "xdotool", "import", "xprop")
_STILL_S = 0.3
_PATIENCE_S = 30.0


class ScreenError(Exception):
    """The screen did not come to rest, or a program that is needed is not there."""


def missing_programs() -> list[str]:
    """Return which of the needed programs this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Screen:
    """Xvfb with openbox on it. Leaving the block ends both, and what was started on it."""

    def __init__(self, pictures: Path) -> None:
        self.pictures = pictures
        self.display = ""
        self._processes: list[subprocess.Popen[bytes]] = []
        self._count = 0

    def __enter__(self) -> Self:
        """Start both and wait until they are there."""
        read, write = os.pipe()
        server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(write),
                "-screen",
                "0",
                f"{SIZE[0]}x{SIZE[1]}x24",
                "-nolisten",
                "tcp",
            ],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(server)
        os.close(write)
        with os.fdopen(read) as file:
            number = file.readline().strip()
        if not number:
            raise ScreenError("Xvfb did not start")
        self.display = f":{number}"
        self.start(["openbox"])
        self._until(self._has_window_manager, "openbox did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what was started here, newest first."""
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a program on the screen."""
        process = subprocess.Popen(
            list(command),
            env={**os.environ, **(environment or {}), "DISPLAY": self.display},
            stdin=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    # --- hands -----------------------------------------------------------------------------------

    def key(self, *keys: str) -> None:
        """Press keys one after the other, by xdotool's names: `Tab`, `ctrl+l`."""
        self._xdotool("key", "--clearmodifiers", "--delay", "40", *keys)
        self.settle()

    def type(self, text: str) -> None:
        """Type Latin text."""
        self._xdotool("type", "--clearmodifiers", "--delay", "12", text)
        self.settle()

    def hold(self, key: str, seconds: float) -> None:
        """Hold a key down for a while."""
        self._xdotool("keydown", key)
        time.sleep(seconds)
        self._xdotool("keyup", key)

    def hold_chord(self, modifiers: Sequence[str], key: str, seconds: float) -> None:
        """Hold a key down together with modifiers."""
        for modifier in modifiers:
            self._xdotool("keydown", modifier)
        self.hold(key, seconds)
        for modifier in modifiers:
            self._xdotool("keyup", modifier)

    def close_window(self, name: str) -> None:
        """Ask the window of this title to close."""
        self._xdotool("windowactivate", "--sync", self._search(name)[-1])
        self._xdotool("key", "--clearmodifiers", "alt+F4")

    def click(self, x: int, y: int) -> None:
        """Click with the left button."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")
        self.settle()

    def click_at(self, colour: str, *, least: tuple[int, int]) -> None:
        """Click near the left edge of the first block of one colour, at half its height.

        A program tells nobody outside where its buttons stand, but they can be seen.

        Args:
            colour: `#rrggbb`.
            least: how wide and how high it is at least, in pixels.
        """
        self.click(*self._find(colour, least))

    # --- eyes ------------------------------------------------------------------------------------

    def wait_for_window(self, name: str) -> None:
        """Wait until a window of this title is there, and give it the focus."""
        self._until(lambda: bool(self._search(name)), f"no window named {name!r} came up")
        self._xdotool("windowactivate", "--sync", self._search(name)[-1])
        self.settle()

    def has_window(self, name: str) -> bool:
        """Tell whether a window of this title is there."""
        return bool(self._search(name))

    def shot(self, name: str) -> Path:
        """Keep a picture of the whole screen, numbered in the order of the steps."""
        self._count += 1
        path = self.pictures / f"{self._count:02}-{name}.png"
        self._run(["import", "-window", "root", str(path)])
        return path

    def settle(self) -> None:
        """Wait until the picture has not changed for a moment."""
        deadline = time.monotonic() + _PATIENCE_S
        before, since = self._picture(), time.monotonic()
        while time.monotonic() < deadline:
            time.sleep(0.05)
            now = self._picture()
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since >= _STILL_S:
                return
        raise ScreenError("the picture does not come to rest")

    def _find(self, colour: str, least: tuple[int, int]) -> tuple[int, int]:
        wide, high = least
        wanted = bytes.fromhex(colour.removeprefix("#"))
        picture, width = self._picture(), SIZE[0]
        # Some versions write two bytes for each colour, which are the same one twice.
        picture = picture[:: len(picture) // (3 * width * SIZE[1])]

        def is_filled(x: int, y: int) -> bool:
            start = 3 * (y * width + x)
            return picture[start : start + 3 * wide] == wanted * wide

        for x in range(width - wide):
            run = 0
            for y in range(SIZE[1]):
                run = run + 1 if is_filled(x, y) else 0
                if run == high:
                    return x + high // 2, y - high // 2
        raise ScreenError(f"nothing of the colour {colour} is to be seen")

    def _picture(self) -> bytes:
        return self._run(["import", "-window", "root", "-silent", "rgb:-"])

    def _has_window_manager(self) -> bool:
        return b"window id" in self._run(["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"])

    def _search(self, name: str) -> list[str]:
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", f"^{name}$"],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stdout.split()

    def _xdotool(self, *words: str) -> None:
        self._run(["xdotool", *words])

    def _run(self, command: Sequence[str]) -> bytes:
        return subprocess.run(
            list(command),
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            check=True,
        ).stdout

    def _until(self, condition: Callable[[], bool], words: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.05)
        raise ScreenError(words)
