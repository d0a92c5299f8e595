"""How time and memory are measured, and what every subject needs for it."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import Limits

WORK = Path(__file__).with_name("work.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Sizes and places of one run."""

    folder: Path
    """On the disk that is measured."""
    memory: Path
    """In memory, for what is to be measured without a disk."""
    rounds: int
    content_bytes: int
    content_files: int
    records: int
    wipe_files: int
    panic_runs: int
    """How often the window is locked, and wiped in each state."""
    limits: Limits


def seconds(step: Callable[[], object]) -> float:
    """Return how long `step` takes."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def milliseconds(steps: Sequence[Callable[[], object]]) -> list[float]:
    """Return how long each step takes."""
    return [1000 * seconds(step) for step in steps]


def alone(times: Callable[..., list[float]], *given: object) -> list[float]:
    """Return the times that a function of a module measures, in a process that holds nothing else.

    With memory security each piece of memory that SQLite asks for is locked by a call of the
    system, and that takes longer the more memory the process has: a save nearly twice as long
    beside the texts of 100,000 records, which the program that people use does not hold.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(times, given)


def in_turns(rounds: int, *steps: Callable[[], float]) -> list[float]:
    """Return the best time of each step over rounds in which they take turns.

    Turns spread whatever else the machine does over all of them; the best is the round that was
    disturbed least.
    """
    best = [float("inf")] * len(steps)
    for _ in range(rounds):
        best = [min(known, step()) for known, step in zip(best, steps, strict=True)]
    return best


def run(*command: str | Path, folder: Path | None = None) -> float:
    """Run a program to its end and return how long that took.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return seconds(
        lambda: subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    )


def shell(script: str, folder: Path, **environment: str) -> float:
    """Run a line of shell in `folder` and return how long that took."""
    with_more = {**os.environ, **environment}
    return seconds(
        lambda: subprocess.run(["sh", "-ec", script], cwd=folder, env=with_more, check=True)
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What a piece of work in a process of its own took; see work.py."""

    seconds: float
    more_memory_mib: float
    """Peak of resident memory above what the process had when the work began."""
    peak_memory_mib: float
    """That peak itself (VmHWM)."""
    said: float | None
    """What the work measured of itself, if anything."""


def work(name: str, *arguments: str | Path) -> Work:
    """Do a piece of work.py in a process of its own."""
    command = [sys.executable, WORK, name, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: Any = json.loads(done.stdout)
    return Work(**told)
