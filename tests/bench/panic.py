"""The wipe from the real window, in every state: how soon the key is dead and the process gone."""

import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import Bench
from bench.table import Row, percentile
from fielddoc.crypto import kdf
from panic_states import (
    FIRE,
    PASSPHRASE,
    STATES,
    Prepared,
    State,
    bring_to,
    fill,
    lay_out,
    prepare,
)
from real_window import RealWindow, WindowServer

_CONTENT_BYTES = 48 * 2**20
_SLOW = kdf.Cost(memory_kib=256 * 1024, passes=24, lanes=1)
_CHEAP = kdf.Cost(memory_kib=64, passes=1, lanes=1)
_KEY_DEAD_MS = 100
_GONE_MS = 1000
_LOCK_MS = 700
_PATIENCE_S = 60.0


@dataclass(slots=True)
class _Times:
    key_dead_ms: list[float] = field(default_factory=list)
    gone_ms: list[float] = field(default_factory=list)
    files_left: int = 0


def rows(bench: Bench) -> Iterator[Row]:
    """Measure lock and wipe of the real window; each run is a window of its own."""
    folder = bench.folder / "panic"
    with _cheap_keys():
        prepared = prepare(folder / "model", content_bytes=_CONTENT_BYTES, slow=_SLOW)
        with WindowServer(folder / "home") as server:
            yield _lock_row(_lock_times(server, folder, prepared, bench.panic_runs))
            for state in STATES:
                times = _trials(server, folder, prepared, state, bench)
                yield from _rows(state, times)
    shutil.rmtree(folder)


@contextmanager
def _cheap_keys() -> Iterator[None]:
    """Open vaults at once, as the window does that is measured: Argon2 has a row of its own."""
    before = kdf.FLOOR, kdf.STANDARD
    kdf.FLOOR = kdf.STANDARD = _CHEAP
    try:
        yield
    finally:
        kdf.FLOOR, kdf.STANDARD = before


def _lock_times(server: WindowServer, folder: Path, prepared: Prepared, runs: int) -> list[float]:
    vault = lay_out(prepared, STATES[1], folder / "vault")
    times = []
    with server.window() as window:
        for _ in range(runs):
            window.do(STATES[1].code, folder=str(vault), passphrase=PASSPHRASE)
            window.do("key('N', 'ctrl'); wait(50); type_text('Unfinished')")
            times.append(1000 * window.lock())
    shutil.rmtree(vault)
    return times


def _lock_row(times: list[float]) -> Row:
    p99 = percentile(times, 99)
    return Row(
        key="lock",
        what="lock, from Ctrl+L while typing to the painted fresh lock screen",
        ours=f"p50 {percentile(times, 50):.0f} ms, p99 {p99:.0f} ms, worst {max(times):.0f} ms",
        peer="–",
        ratio="–",
        limit="–",
        budget=f"p99 of {len(times)} ≤ {_LOCK_MS} ms",
        is_met=p99 <= _LOCK_MS,
    )


def _rows(state: State, times: _Times | None) -> Iterator[Row]:
    for name, what, limit_ms in (
        ("key", "key dead", _KEY_DEAD_MS),
        ("gone", "process gone", _GONE_MS),
    ):
        if times is None:
            ours, runs, is_met = "not measured: needs root and loop devices", 0, None
        else:
            measured = times.key_dead_ms if name == "key" else times.gone_ms
            runs, p99 = len(measured), percentile(measured, 99)
            ours = (
                f"p50 {percentile(measured, 50):.1f} ms, p99 {p99:.1f} ms,"
                f" worst {max(measured):.1f} ms"
            )
            if name == "gone":
                ours += f"; files left: {times.files_left}"
            is_met = p99 <= limit_ms
        yield Row(
            key=f"panic-{state.name}-{name}",
            what=f"wipe by the window, {state.words}: {what}, from the end of the hold",
            ours=ours,
            peer="–",
            ratio="–",
            limit="–",
            budget=f"p99 of {runs} ≤ {limit_ms} ms",
            is_met=is_met,
        )


def _trials(
    server: WindowServer, folder: Path, prepared: Prepared, state: State, bench: Bench
) -> _Times | None:
    times = _Times()
    try:
        for _ in range(bench.panic_runs):
            _trial(server, folder, prepared, state, files=bench.wipe_files, times=times)
    except _NoDiskError:
        return None
    return times


class _NoDiskError(Exception):
    """No disk of its own can be made here."""


def _trial(
    server: WindowServer,
    folder: Path,
    prepared: Prepared,
    state: State,
    *,
    files: int,
    times: _Times,
) -> None:
    stick = Path(tempfile.mkdtemp(prefix="stick-", dir=folder))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, stick, ignore_errors=True)
        place = stack.enter_context(_small_disk(folder)) if state.is_full else folder
        vault = lay_out(prepared, state, place / "vault", files=files)
        stack.callback(shutil.rmtree, vault, ignore_errors=True)
        if state.is_full:
            fill(place)
        window = stack.enter_context(server.window())
        bring_to(window, state, vault=vault, stick=stick, bundle=prepared.bundle)
        if state.is_held:
            for path in [p for p in vault.rglob("*") if p.is_file()]:
                stack.enter_context(path.open("r+b"))
        window.tell(FIRE)
        fired = window.wait_for("fired")["at"]
        dead = window.wait_for("key dead")["at"]
        gone = _gone_at(window)
        times.key_dead_ms.append(1000 * (dead - fired))
        times.gone_ms.append(1000 * (gone - fired))
        left = sum(1 for path in vault.rglob("*") if path.is_file()) if vault.exists() else 0
        times.files_left = max(times.files_left, left)


def _gone_at(window: RealWindow) -> float:
    """Wait for the end of the process, without looking for it now and then."""
    ready, _, _ = select.select([window.ending], [], [], _PATIENCE_S)
    assert ready, "the window did not end"
    return time.monotonic()


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    image, place = folder / "disk.img", folder / "disk"
    place.mkdir(exist_ok=True)
    with image.open("wb") as file:
        file.truncate(96 * 2**20)
    for command in (
        ["mkfs.ext4", "-q", str(image)],
        ["mount", "-o", "loop", str(image), str(place)],
    ):
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise _NoDiskError from error
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        image.unlink()
