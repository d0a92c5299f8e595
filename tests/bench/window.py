"""The window: how soon it is there, how soon it answers a key, how long it ever stands still."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import vaults
from bench.many import vault_of
from bench.measure import Bench
from bench.table import Row, latency, percentile

_WORK = Path(__file__).with_name("window_work.py")
_STARTS = 7
_UNLOCKS = 5
_START_MS = 350
_UNLOCK_MS = 300
_KEY_MS, _KEY_MANY_MS = 100, 200
_STALL_MS, _WORST_STALL_MS = 16, 50
_WORK_RECORDS = 5_000
_FILES = 48


def rows(bench: Bench) -> Iterator[Row]:
    """Measure the window on a vault of a hundred thousand records, and in long work."""
    folder = bench.folder / "window"
    folder.mkdir()
    vault = vault_of(bench.records, folder / "vault")
    yield _start(vault)
    yield from _unlock(bench, vault)
    yield from _keys(vault, bench.records, _KEY_MS)
    shutil.rmtree(vault)
    yield from _long_work(bench, folder)
    shutil.rmtree(folder)


def rows_of_many(bench: Bench) -> Iterator[Row]:
    """Measure the window on a vault of ten times as many records."""
    count = 10 * bench.records
    vault = vault_of(count, bench.folder / "many")
    yield from _keys(vault, count, _KEY_MANY_MS)
    shutil.rmtree(vault)


def _start(vault: Path) -> Row:
    return latency(
        "window-start",
        "start of the window from source, to the painted lock screen",
        times_ms=[_work("start", vault, time.monotonic())["ms"] for _ in range(_STARTS)],
        peer="PySide6, one field",
        peer_times_ms=[_work("start-plain", time.monotonic())["ms"] for _ in range(_STARTS)],
        limit="–",
        at_most_ms=_START_MS,
    )


def _unlock(bench: Bench, vault: Path) -> Iterator[Row]:
    told = [_work("unlock", vault) for _ in range(_UNLOCKS)]
    times = [one["ms"] for one in told]
    yield Row(
        key="window-unlock",
        what=f"unlock after key derivation to the painted list, {bench.records:,} records",
        ours=f"p50 {percentile(times, 50):.0f} ms, p95 {percentile(times, 95):.0f} ms",
        peer="–",
        ratio="–",
        limit="–",
        budget=f"p95 ≤ {_UNLOCK_MS} ms",
        is_met=percentile(times, 95) <= _UNLOCK_MS,
    )
    yield _stalls("unlock", "unlocking", [ms for one in told for ms in one["stalls_ms"]])


def _keys(vault: Path, count: int, at_most_ms: int) -> Iterator[Row]:
    told, plain = _work("keys", vault), _work("keys-plain", count)
    yield latency(
        f"window-key-{count}",
        f"keystroke to painted rows, {count:,} records",
        times_ms=told["times_ms"],
        peer="QSortFilterProxyModel over the titles, in memory",
        peer_times_ms=plain["times_ms"],
        limit="–",
        at_most_ms=at_most_ms,
    )
    yield _stalls(f"search-{count}", f"searching {count:,} records", told["stalls_ms"])


def _long_work(bench: Bench, folder: Path) -> Iterator[Row]:
    files, stick = folder / "files", folder / "stick"
    files.mkdir()
    stick.mkdir()
    for number in range(_FILES):
        vaults.write_noise(files / f"{number:03}", bench.content_bytes // _FILES)
    sender = vault_of(min(_WORK_RECORDS, bench.records), folder / "sender")
    with vaults.opened(sender) as one, vaults.made(folder / "partner", "Partner") as other:
        vaults.introduce(one, other)
    size = f"{bench.content_bytes / 2**20:.0f} MiB in {_FILES} files"
    yield _stalls("attach", f"attaching {size}", _work("attach", sender, files)["stalls_ms"])
    shutil.rmtree(files)
    told = _work("export", sender, stick)
    yield _stalls("export", f"exporting them with {_WORK_RECORDS:,} records", told["stalls_ms"])
    (bundle,) = stick.glob("*.age")
    told = _work("import", folder / "partner", bundle)
    yield _stalls("import", "verifying and importing that", told["stalls_ms"])


def _stalls(key: str, what: str, stalls_ms: Sequence[float]) -> Row:
    usual, worst = percentile(stalls_ms, 99), max(stalls_ms)
    return Row(
        key=f"stall-{key}",
        what=f"stalls of the window while {what}",
        ours=f"p99 {usual:.1f} ms, worst {worst:.1f} ms",
        peer="–",
        ratio="–",
        limit="–",
        budget=f"p99 ≤ {_STALL_MS} ms, worst ≤ {_WORST_STALL_MS} ms",
        is_met=usual <= _STALL_MS and worst <= _WORST_STALL_MS,
    )


def _work(name: str, *arguments: object) -> Any:
    """Do a piece of window_work.py in a process of its own."""
    command = [sys.executable, str(_WORK), name, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])
