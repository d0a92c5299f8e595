"""Which faults are tried: each distinct call in full, its repeats and the rest by chance."""

import errno
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from faults.disk import WAYS
from faults.shim import Mode

Job = dict[str, Any]

DAMAGE = "damage"
"""What stands in the place of an operation where files are changed."""

KILLS = (Mode.KILL_BEFORE, Mode.KILL_AFTER, Mode.TEAR)
FAULTS: tuple[tuple[Mode, int], ...] = (
    *((mode, 0) for mode in KILLS),
    *((Mode.FULL, error) for error in (errno.ENOSPC, errno.EDQUOT)),
    *((Mode.FAIL_ONCE, error) for error in (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)),
    *((Mode.FAIL_ON, error) for error in (errno.EIO, errno.EROFS, errno.EACCES)),
)
"""What is done at a call; `FULL` is how ENOSPC and a quota go on, the others stay as they are."""

_NEEDS_SPACE = ("MAKE", "WRITE", "MKDIR", "RENAME", "LINK")


@dataclass(frozen=True, slots=True)
class Run:
    """A run without a fault, and every call that it made."""

    trace: str
    place: str
    calls: Sequence[str]
    sites: Sequence[str]


@dataclass(frozen=True, slots=True)
class Traced:
    """An operation that ran unharmed."""

    operation: str
    base: str
    work: Run
    """Counted from where what it needs was open: opening has operations of its own."""
    whole: Run
    """Counted from the start, to rebuild the disk from."""


def name_of(job: Job) -> str:
    """Return what a job does, in words."""
    if job["do"] == "power":
        return f"{job['operation']}: power lost after call {job['at']}, {job['way']}, {job['seed']}"
    if job["do"] == "damage":
        return f"damage: {job['way']} at {job['at']}"
    error = f" {errno.errorcode[job['error']]}" if job["error"] else ""
    return f"{job['operation']}: {Mode(job['mode']).name}{error} at call {job['at']}"


def _fault(traced: Traced, at: int, mode: Mode, error: int) -> Job:
    return {
        "do": "fault",
        "operation": traced.operation,
        "base": traced.base,
        "mode": int(mode),
        "error": error,
        "at": at,
        "site": traced.work.sites[at - 1],
    }


def faults_at(traced: Traced, at: int) -> Iterator[Job]:
    """Yield every fault that the call with this number, from 1, can meet."""
    call = traced.work.calls[at - 1]
    for mode, error in FAULTS:
        if mode is Mode.TEAR and call != "WRITE":
            continue
        if mode is Mode.FULL and call not in _NEEDS_SPACE:
            continue
        yield _fault(traced, at, mode, error)


def at_each_site(traced: Traced) -> Iterator[Job]:
    """Yield every fault at the first call of each distinct site."""
    seen: set[str] = set()
    for at, found in enumerate(traced.work.sites, 1):
        if found not in seen:
            seen.add(found)
            yield from faults_at(traced, at)


def at_repeats(traced: Traced) -> list[Job]:
    """Return every fault at every other call; some are taken by chance."""
    seen: set[str] = set()
    jobs: list[Job] = []
    for at, found in enumerate(traced.work.sites, 1):
        if found in seen:
            jobs += faults_at(traced, at)
        seen.add(found)
    return jobs


def losses(traced: Traced, chance: random.Random) -> tuple[list[Job], list[Job]]:
    """Return the losses of power that are all tried, and those of which some are.

    Most is unsynced right before a sync, and a sync or a changed name is what the next step rests
    on: there, every way is tried.
    """
    full: list[Job] = []
    some: list[Job] = []
    calls = traced.whole.calls
    last = len(calls)
    for at in range(last + 1):
        before = at < last and calls[at] in ("SYNC", "SYNC_FOLDER")
        after = at == last or (at > 0 and calls[at - 1] not in ("WRITE", "OPEN"))
        jobs = full if before or after else some
        for way in WAYS:
            jobs.append(
                {
                    "do": "power",
                    "operation": traced.operation,
                    "base": traced.base,
                    "trace": traced.whole.trace,
                    "place": traced.whole.place,
                    "at": at,
                    "way": way,
                    "seed": chance.randrange(2**32),
                }
            )
    return full, some


def folder_for_runs() -> str | None:
    """Return a folder in memory if there is one, where runs are fast and wear nothing out."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
