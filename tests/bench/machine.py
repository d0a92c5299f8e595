"""What the machine is, what it can do at best, and how busy it was."""

import datetime
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import __version__ as cryptography_version

if TYPE_CHECKING:
    from bench.measure import Bench

_CHUNK_BYTES = 65536
_DISK_BYTES = 256 * 1024 * 1024
_SYNCED_BYTES = 64 * 1024  # about what one saved record adds to the write-ahead log
_SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the machine does when nothing but the one thing is done, on one core."""

    aead_mib_s: float
    """ChaCha20-Poly1305 in chunks of 64 KiB, by `openssl speed`."""
    hash_mib_s: float
    """SHA-256 in chunks of 64 KiB, by `openssl speed`."""
    disk_write_mib_s: float
    """One file written and synced once, by `dd`."""
    disk_read_mib_s: float
    """The same file read when the system's memory does not hold it."""
    sync_ms: tuple[float, ...]
    """Times of one small append with fdatasync."""


def limits(folder: Path) -> Limits:
    """Measure the limits of this machine and of the disk that `folder` lies on."""
    disk_write_mib_s, disk_read_mib_s = _disk_speeds(folder)
    return Limits(
        aead_mib_s=_openssl_speed("-evp", "chacha20-poly1305"),
        hash_mib_s=_openssl_speed("sha256"),
        disk_write_mib_s=disk_write_mib_s,
        disk_read_mib_s=disk_read_mib_s,
        sync_ms=_sync_times(folder),
    )


@contextmanager
def memory_folder(fallback: Path) -> Iterator[Path]:
    """Give a folder that lies in memory, or `fallback` where there is none."""
    if not _SHARED_MEMORY.is_dir():
        yield fallback
        return
    folder = Path(tempfile.mkdtemp(prefix="fielddoc-bench-", dir=_SHARED_MEMORY))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def described(started: datetime.datetime, load: tuple[float, float], bench: "Bench") -> str:
    """Return the machine, the day and the sizes as sentences."""
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return "\n".join(
        (
            f"- {started.date().isoformat()}; {_processor()}, {os.cpu_count()} cores,"
            f" {memory_gib:.0f} GiB of memory; {platform.system()} {platform.release()}.",
            f"- Python {platform.python_version()}, cryptography {cryptography_version}, peers:"
            f" age {_version('age', '--version')}, SQLite {sqlite3.sqlite_version}.",
            f"- At best: ChaCha20-Poly1305 {bench.limits.aead_mib_s:.0f} MiB/s, SHA-256"
            f" {bench.limits.hash_mib_s:.0f} MiB/s on one core (`openssl speed`, 64 KiB); disk"
            f" {bench.limits.disk_write_mib_s:.0f} MiB/s written and synced,"
            f" {bench.limits.disk_read_mib_s:.0f} MiB/s read.",
            f"- {load_in_words(load)}",
        )
    )


def load_in_words(load: tuple[float, float]) -> str:
    """Return how busy the machine was before the run and at its end."""
    before, after = load
    words = f"The load was {before:.1f} before the run and {after:.1f} at its end."
    if before > 0.5:
        words += " Other work ran on the machine at the same time; times are longer for it."
    return words


def _openssl_speed(*algorithm: str) -> float:
    command = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(_CHUNK_BYTES), *algorithm]
    speeds: list[float] = []
    for _ in range(3):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = re.search(r"^\+F:.*:([0-9.]+)$", done.stdout, flags=re.MULTILINE)
        assert found is not None, done.stdout
        speeds.append(float(found[1]) / 2**20)
    return max(speeds)


def _disk_speeds(folder: Path) -> tuple[float, float]:
    target = folder / "disk"
    command = ["dd", "if=/dev/zero", f"of={target}", "bs=1M", f"count={_DISK_BYTES >> 20}"]
    best_write = best_read = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([*command, "conv=fsync", "status=none"], check=True)
        best_write = min(best_write, time.perf_counter() - start)
        best_read = min(best_read, _uncached_read_seconds(target))
        target.unlink()
    return _DISK_BYTES / 2**20 / best_write, _DISK_BYTES / 2**20 / best_read


def _uncached_read_seconds(path: Path) -> float:
    block = bytearray(2**20)
    with path.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        start = time.perf_counter()
        while file.readinto(block):
            pass
        return time.perf_counter() - start


def _sync_times(folder: Path) -> tuple[float, ...]:
    target = folder / "synced"
    times: list[float] = []
    with target.open("wb", buffering=0) as file:
        for _ in range(200):
            start = time.perf_counter()
            file.write(os.urandom(_SYNCED_BYTES))
            os.fdatasync(file.fileno())
            times.append(1000 * (time.perf_counter() - start))
    target.unlink()
    return tuple(times)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(program: str, option: str) -> str:
    done = subprocess.run([program, option], check=True, capture_output=True, text=True)
    return done.stdout.strip().removeprefix("v")
