"""Suspend, session lock, lid and screen lock reach the real window over the buses that it finds.

The window is a process of its own that is told by its environment where the buses are, as every
program of a desktop is; system and session have one each, so that a signal is heard on the right
one. What the computer does while it falls asleep is done here: the descriptor that logind gave is
watched, and what lies on the disk and in memory is looked at in the moment in which it is let go.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fielddoc.vault import drafts
from fielddoc.vault.opening import make_vault, open_vault
from gui.buses import SIGNALS, System, Told, bus
from gui.test_lock import PASSPHRASE, WORDS, begin_record, found_in_memory
from not_run import not_run
from real_window import RealWindow, real_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: D-Bus is Linux's")


@pytest.fixture
def computer(qapp: object) -> Iterator[System]:
    with bus() as system, bus() as session:
        computer = System(system=system, session=session)
        yield computer
        computer.logind.close()


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    make_vault(tmp_path / "vault", PASSPHRASE, name="Mina").lock()
    return tmp_path / "vault"


@pytest.fixture
def window(tmp_path: Path, vault: Path, computer: System) -> Iterator[RealWindow]:
    (tmp_path / "tmp").mkdir()
    with real_window(tmp_path, environment=computer.environment) as window:
        window.do("window.show_unlock(Path(folder))", folder=str(vault))
        window.do("unlock(passphrase)", passphrase=PASSPHRASE)
        yield window


KEY = "result = bytes(window.session.vault.master.copy()).hex()"
SLOW = """
def slow(vault):
    import time
    time.sleep(0.4)
window.session.ask(window, slow)
"""
"""What stands in line before the draft, so that letting go too soon is seen and not only likely."""
LAST = " at noon"
"""Typed in the last moment; the draft of every two seconds has not come round to it."""


@pytest.mark.parametrize("told", SIGNALS.values(), ids=SIGNALS)
def test_what_the_system_tells_locks_the_window_and_sleep_waits_for_the_draft_and_the_keys(
    qtbot: QtBot, computer: System, window: RealWindow, vault: Path, told: Told
) -> None:
    if os.getuid() != 0:
        not_run("the memory of another process may be read by root only")
    process = window.process.pid
    qtbot.waitUntil(computer.logind.must_wait)
    record = begin_record(window)
    secrets: dict[str, str | bytes] = {"key": bytes.fromhex(window.do(KEY)), "text": WORDS}
    assert {"key, raw", "text, utf-8"} <= found_in_memory(process, secrets)
    window.do(SLOW)
    window.do("type_text(words)", words=LAST)

    computer.tell(told)

    computer.logind.wait_until_it_need_not()
    # From this moment on the computer may sleep.
    assert not found_in_memory(process, secrets)
    with open_vault(vault, PASSPHRASE) as opened:  # nobody else has it open
        draft = drafts.get(opened, record)
    assert draft is not None
    assert draft.values["title"] == WORDS + LAST
    window.wait_for("lock screen")
    assert window.do("result = window.screens.currentWidget().why.text()") == told.reason.value
    assert window.do("result = window.session is None and window.workspace() is None")
    qtbot.waitUntil(computer.logind.must_wait)  # and the next time again
    window.do("unlock(passphrase)", passphrase=PASSPHRASE)
    window.do("until(lambda: window.workspace().records.editor.record == record)", record=record)
    window.do("until(lambda: isinstance(focused(), QLineEdit) and focused().text() == words)", words=WORDS + LAST)  # fmt: skip
