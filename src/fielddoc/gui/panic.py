"""The wipe, armed as soon as a vault's folder is chosen, on a thread that waits for nothing else.

It works on the lock screen, in a dialog, while keys are derived, while a query runs and while a
bundle is written, because it needs neither the vault's thread nor the window's.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fielddoc.errors import FielddocError
from fielddoc.i18n import in_a_row
from fielddoc.vault.panic import ArmedWipe

if TYPE_CHECKING:
    from fielddoc.vault.key_file import KeyFile

_LOOK_EVERY_S = 1.0


class PanicSwitch(QObject):
    """Fires the wipe of the chosen vault, and watches whether another process did."""

    destroyed_key = Signal()
    """The key is dead on the medium; windows may be hidden now."""
    not_destroyed = Signal(str)
    """The medium refused; says why."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.end_process: Callable[[int], object] = os._exit
        """What ends the program after a wipe; tests put a function of theirs here."""
        self._armed: ArmedWipe | None = None
        self._fire = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_armed(self) -> bool:
        """Whether there is a vault to wipe."""
        return self._armed is not None

    def arm(self, folder: Path | None) -> None:
        """Get ready to wipe the vault in `folder`; disarm if it holds none or is None."""
        self.disarm()
        if folder is None:
            return
        try:
            self._armed = ArmedWipe(folder)
        except FielddocError:
            return  # no vault there yet: unlocking or creating will say so
        self._fire.clear()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._wait, args=(self._armed, self._stop), name="panic", daemon=True
        )
        self._thread.start()

    def watch(self, key_file: "KeyFile") -> None:
        """Know the key file that is open here, so that a wipe stops its writers first."""
        if self._armed is not None:
            self._armed.watch(key_file)

    def disarm(self) -> None:
        """Let go of the vault."""
        self._stop.set()
        self._fire.set()
        if self._thread is not None:
            self._thread.join(2 * _LOOK_EVERY_S)
            self._thread = None
        self._fire.clear()
        if self._armed is not None:
            self._armed.close()
            self._armed = None

    def fire(self) -> None:
        """Wipe now. Returns at once; the process ends from the waiting thread."""
        self._fire.set()

    def _wait(self, armed: ArmedWipe, stop: threading.Event) -> None:
        while True:
            while not self._fire.wait(_LOOK_EVERY_S):
                if armed.is_wiped_elsewhere():
                    self.end_process(0)
                    return
            if stop.is_set():
                return
            self._fire.clear()
            try:
                armed.kill_key()
            except FielddocError as error:
                # It stays armed: the write protection may be taken away, and the keys held again.
                self.not_destroyed.emit(in_a_row((error.sentence(), error.advice())))
                continue
            self.destroyed_key.emit()
            armed.remove_rest()
            self.end_process(0)
            return
