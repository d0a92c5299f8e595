"""From the start of the program to a lock screen that can be typed into, frozen and from source."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import vaults
from bench.measure import Bench
from bench.table import Row, percentile
from bench.x_window import Watcher
from e2e.screen import Screen, missing_programs

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "dist" / "fielddoc" / "fielddoc"
SOURCE = ROOT / ".venv" / "bin" / "fielddoc"

_TITLE = "Notes"
_WARM_MS = 350
_COLD_MS = 500
_MEMORY_MIB = 90
_WARM_TURNS = 4  # for each round that is asked for
_DROP = Path("/proc/sys/vm/drop_caches")


class StartError(Exception):
    """It cannot be measured here."""


@dataclass(frozen=True, slots=True)
class _Start:
    ms: float
    computing_ms: float
    """Of the processor, in all its threads; what a busy machine cannot lengthen."""
    memory_mib: float


def rows(bench: Bench) -> Iterator[Row]:
    """Measure warm and cold starts, and memory at the lock screen.

    Raises:
        StartError: the program was not frozen, or a program for the virtual screen is missing.
    """
    missing = missing_programs()
    if missing or not FROZEN.exists():
        raise StartError(f"not here: {', '.join(missing) or 'the frozen program (make freeze)'}")
    folder = bench.folder / "start"
    folder.mkdir()
    vault = folder / "vault"
    vaults.made(vault).lock()
    kept = folder / "settings" / "fielddoc" / "last-place.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"folder": str(vault), "language": "en"}), encoding="utf-8")
    with Screen(folder) as screen, Watcher(screen.display) as watcher:

        def turns(count: int, *, cold: bool) -> tuple[list[_Start], list[_Start]]:
            frozen: list[_Start] = []
            source: list[_Start] = []
            for _ in range(count):
                for program, found in ((FROZEN, frozen), (SOURCE, source)):
                    found.append(_started(program, screen, watcher, folder, cold=cold))
            return frozen, source

        turns(1, cold=False)  # into the page cache
        frozen, source = turns(_WARM_TURNS * bench.rounds, cold=False)
        yield _time_row("start-warm", "warm", frozen, source, _WARM_MS)
        if _can_drop():
            cold_frozen, cold_source = turns(bench.rounds, cold=True)
            what = "cold, nothing of it in memory"
            yield _time_row("start-cold", what, cold_frozen, cold_source, _COLD_MS)
        else:
            yield _unmeasured_cold_row()
        yield _memory_row(frozen, source)


def _started(
    program: Path, screen: Screen, watcher: Watcher, folder: Path, *, cold: bool
) -> _Start:
    """Start it, wait until it can be used, see how much memory it has, and end it."""
    if cold:
        os.sync()
        _DROP.write_text("3\n")
    environment = {
        "DISPLAY": screen.display,
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "settings"),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
    }
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(program)], env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with _ended(process):
        usable = watcher.wait_until_usable(_TITLE)
        computing, memory = _computing_ms(process.pid), _resident_mib(process.pid)
    return _Start(1000 * (usable - start), computing, memory)


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _computing_ms(number: int) -> float:
    text = Path(f"/proc/{number}/stat").read_text(encoding="ascii")
    fields = text.rpartition(")")[2].split()  # proc(5): the name before may hold blanks
    ticks = int(fields[11]) + int(fields[12])  # utime and stime
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def _resident_mib(number: int) -> float:
    text = Path(f"/proc/{number}/status").read_text(encoding="ascii")
    (line,) = [line for line in text.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def _can_drop() -> bool:
    if os.access(_DROP, os.W_OK):
        return True
    print("  a cold start: NOT MEASURED, only root can empty the page cache", file=sys.stderr)
    return False


def _unmeasured_cold_row() -> Row:
    """Return a row that counts as missed: a budget that nobody looked at is not met."""
    return Row(
        key="start-cold",
        what="program start to a usable lock screen, frozen, cold",
        ours="not measured: only root can empty the page cache",
        peer="–",
        ratio="–",
        limit="–",
        budget=f"p50 ≤ {_COLD_MS} ms",
        is_met=False,
    )


def _time_row(
    key: str, what: str, frozen: list[_Start], source: list[_Start], at_most_ms: int
) -> Row:
    ours, theirs = [one.ms for one in frozen], [one.ms for one in source]
    median, other = percentile(ours, 50), percentile(theirs, 50)
    computing = percentile([one.computing_ms for one in frozen], 50)
    return Row(
        key=key,
        what=f"program start to a usable lock screen, frozen, {what}",
        ours=f"p50 {median:.0f} ms, worst of {len(ours)} {max(ours):.0f} ms;"
        f" {computing:.0f} ms of computing",
        peer=f"from source: p50 {other:.0f} ms, worst {max(theirs):.0f} ms",
        ratio=f"{other / median:.2f} ×",
        limit="–",
        budget=f"p50 ≤ {at_most_ms} ms",
        is_met=median <= at_most_ms,
    )


def _memory_row(frozen: list[_Start], source: list[_Start]) -> Row:
    ours, theirs = [one.memory_mib for one in frozen], [one.memory_mib for one in source]
    most = max(ours)
    return Row(
        key="start-memory",
        what="resident memory at the lock screen, frozen",
        ours=f"{most:.0f} MiB at most",
        peer=f"from source: {max(theirs):.0f} MiB",
        ratio=f"{max(theirs) / most:.2f} ×",
        limit="–",
        budget=f"≤ {_MEMORY_MIB} MiB",
        is_met=most <= _MEMORY_MIB,
    )
