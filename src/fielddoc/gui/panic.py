"""The wipe, armed as soon as a vault's folder is chosen, on a thread that waits for nothing else.

It works on the lock screen, in a dialog, while keys are derived, while a query runs and while a
bundle is written, because it needs neither the vault's thread nor the window's.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fielddoc.errors import FielddocError, NotDestroyedError
from fielddoc.i18n import in_a_row
from fielddoc.vault.panic import ArmedWipe

if TYPE_CHECKING:
    from fielddoc.vault.vault import Vault

_LOOK_EVERY_S = 1.0
_WINDOWS_HIDDEN_WITHIN_S = 0.1


class PanicSwitch(QObject):
    """Fires the wipe of the chosen vault, and watches whether another process did."""

    destroyed_key = Signal()
    """The key is dead on the medium; windows are hidden now, then `hidden` is set."""
    not_destroyed = Signal(str)
    """The medium refused; says why."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.end_process: Callable[[int], object] = os._exit
        """What ends the program after a wipe; tests put a function of theirs here."""
        self.hidden = threading.Event()
        """Set by the window once nothing of it is seen; removal waits for it, but not for long."""
        self._armed: ArmedWipe | None = None
        self._vault: Vault | None = None
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
        except (FielddocError, OSError):
            return  # no vault there yet, or the stick is not plugged in: it is tried again
        self._fire.clear()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._wait, args=(self._armed, self._stop), name="panic", daemon=True
        )
        self._thread.start()

    def arm_if_not(self, folder: Path | None) -> None:
        """Arm if the vault could not be reached when its folder was chosen, and can be now."""
        if self._armed is None and folder is not None:
            vault = self._vault
            self.arm(folder)
            if vault is not None:
                self.watch(vault)

    def watch(self, vault: "Vault") -> None:
        """Know the vault that is open here: a wipe stops its writers and zeroes its master key."""
        self._vault = vault
        if self._armed is not None:
            self._armed.watch(vault.key_file)

    def disarm(self) -> None:
        """Let go of the vault."""
        self._stop.set()
        self._fire.set()
        if self._thread is not None:
            self._thread.join(2 * _LOOK_EVERY_S)
            self._thread = None
        self._fire.clear()
        self._vault = None
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
            except Exception as error:  # noqa: BLE001 - whatever it is, this thread must not die
                if not armed.is_key_dead:
                    # It stays armed: the write protection may be taken away, and the keys held
                    # again.
                    told = error if isinstance(error, FielddocError) else NotDestroyedError()
                    self.not_destroyed.emit(in_a_row((told.sentence(), told.advice_in_window())))
                    continue
            try:
                self._clear_away(armed)
            finally:
                self.end_process(0)
            return

    def _clear_away(self, armed: ArmedWipe) -> None:
        """After the key is dead: zero the key in memory, hide what is seen, remove what is left."""
        self.hidden.clear()
        vault = self._vault
        if vault is not None:
            vault.master.wipe()
            if vault.previous_master is not None:
                vault.previous_master.wipe()
        with suppress(RuntimeError):  # the window may be ending
            self.destroyed_key.emit()
        # The window's thread may be busy, and then what is left goes first.
        self.hidden.wait(_WINDOWS_HIDDEN_WITHIN_S)
        armed.remove_rest()
