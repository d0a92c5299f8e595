"""The armed wipe over a longer time: sticks that come and go, clocks that jump, locks that fail."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fielddoc.errors import NotDestroyedError, VaultError
from fielddoc.vault import records
from fielddoc.vault.key_file_layout import WIPED_MARK
from fielddoc.vault.layout import KEY_FILE
from fielddoc.vault.opening import open_vault
from fielddoc.vault.panic import ArmedWipe, is_wiped
from fielddoc.vault.vault import STATE_INTERVAL_S
from vault.folders import PASSPHRASE, digest

TEN_YEARS_S = 10 * 365.25 * 86_400


def refusing(monkeypatch: pytest.MonkeyPatch, name: str, which: Callable[[int], bool]) -> None:
    """Let a call fail as one of a stick that is gone, for the descriptors that are meant."""
    real = getattr(os, name)

    def call(descriptor: int, *given: Any) -> Any:
        if which(descriptor):
            raise OSError(errno.EIO, "x")
        return real(descriptor, *given)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("call", ["pwrite", "fsync"])
def test_a_stick_that_was_pulled_out_is_not_destroyed_and_is_when_it_is_back(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = digest(vault_folder)
    armed = ArmedWipe(vault_folder)
    old = armed._descriptor
    elsewhere = vault_folder.rename(vault_folder.with_name("pulled out"))
    with monkeypatch.context() as patch:
        refusing(patch, "pwrite", lambda _: True)
        with pytest.raises(NotDestroyedError):
            armed.kill_key()
    assert not armed.is_key_dead
    assert digest(elsewhere) == before
    open_vault(elsewhere, PASSPHRASE).lock()

    # It is back, and what was open leads nowhere for ever.
    elsewhere.rename(vault_folder)
    with monkeypatch.context() as patch:
        refusing(patch, call, lambda descriptor: descriptor == old)
        armed.kill_key()

    assert armed.is_key_dead
    assert is_wiped(vault_folder)
    assert armed.remove_rest() == 0
    assert not vault_folder.exists()


def test_what_lies_there_now_is_left_alone_if_it_is_no_key_file(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed = ArmedWipe(vault_folder)
    vault_folder.rename(vault_folder.with_name("pulled out"))
    vault_folder.mkdir()
    (vault_folder / KEY_FILE).write_text("something else of this name")
    with monkeypatch.context() as patch:
        refusing(patch, "pwrite", lambda _: True)
        with pytest.raises(NotDestroyedError):
            armed.kill_key()

    assert (vault_folder / KEY_FILE).read_text() == "something else of this name"
    armed.close()


@pytest.mark.parametrize("jump_s", [-TEN_YEARS_S, TEN_YEARS_S], ids=["back", "forward"])
def test_a_clock_that_jumps_during_a_wipe_changes_nothing(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    armed = ArmedWipe(vault_folder)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + jump_s)
    monkeypatch.setattr(time, "time_ns", lambda: int((now + jump_s) * 1e9))

    armed.kill_key()
    os.utime(vault_folder / KEY_FILE, (now + jump_s, now + jump_s))

    assert armed.remove_rest() == 0
    assert not vault_folder.exists()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EIO])
def test_a_lock_that_the_system_cannot_tell_counts_as_taken(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="NOT RUN: Windows locks otherwise")

    def refuse(*_: object) -> None:
        raise OSError(number, "x")

    monkeypatch.setattr(fcntl, "flock", refuse)
    armed = ArmedWipe(vault_folder)

    killed = armed.kill_key()

    assert killed.was_in_use
    assert is_wiped(vault_folder)
    armed.close()
    with pytest.raises(VaultError):
        open_vault(vault_folder, PASSPHRASE)


def test_a_key_file_that_took_the_place_of_the_armed_one_dies_too(vault_folder: Path) -> None:
    """Whoever put another one there meanwhile must not have saved either."""
    key = vault_folder / KEY_FILE
    armed = ArmedWipe(vault_folder)
    before = vault_folder / "kept"
    os.link(key, before)
    other = vault_folder / "other"
    other.write_bytes(key.read_bytes())
    other.replace(key)
    assert not before.samefile(key)

    armed.kill_key()

    assert before.read_bytes().startswith(WIPED_MARK), "the file that was open"
    assert key.read_bytes().startswith(WIPED_MARK), "the file of its name"
    armed.close()


def test_at_most_one_state_cell_a_minute_is_written_for_saving(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key file is not worn out by typing; a crash costs no more than a minute of the chain."""
    with open_vault(vault_folder, PASSPHRASE) as vault:
        first = vault.state.generation
        for number in range(5):
            records.add(vault, "incident", {"title": f"within the minute {number}"})
        assert vault.state.generation == first
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + STATE_INTERVAL_S + 1)
        records.add(vault, "incident", {"title": "after it"})
        assert vault.state.generation == first + 1
        records.add(vault, "incident", {"title": "at once again"})
        assert vault.state.generation == first + 1
