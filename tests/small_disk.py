"""A file system of its own with room for one vault, which a test can fill."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from not_run import not_run


@contextmanager
def small_disk_at(place: Path, *, size: str = "3m") -> Iterator[Path]:
    """Mount it at `place`, which is made; tells loudly that a test was not run without root."""
    place.mkdir()
    if not sys.platform.startswith("linux") or os.getuid() != 0:
        not_run("mounting a small disk needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        not_run(f"mounting a small disk was refused: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room, and return the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (64 * 1024, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast
