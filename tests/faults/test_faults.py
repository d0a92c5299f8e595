"""A few of the faults of `make faults`, in each operation, so that every run of the tests meets some.

Which ones is chosen by a seed that a failure shows; the sweep tries them all.
"""

import os
import random
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faults import plan
from faults.disk import NEVER_SYNCED
from faults.figures import Table
from faults.operations import OPERATIONS
from faults.plan import Job
from faults.pool import Pool
from faults.shim import compiler
from not_run import not_run

FAULTS = 4
LOSSES = 4
CHANGES = 12


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    if not sys.platform.startswith("linux"):
        not_run("faults are put between Linux programs and their C library")
    if compiler() is None:
        not_run("no C compiler (Debian: gcc)")
    with (
        tempfile.TemporaryDirectory(dir=plan.folder_for_runs()) as folder,
        Pool(Path(folder), 1) as workers,
    ):
        yield workers


@pytest.mark.parametrize("name", OPERATIONS)
def test_after_any_fault_there_is_the_old_or_the_new_state(pool: Pool, name: str) -> None:
    seed = 1 if os.environ.get("CI") == "true" else secrets.randbelow(2**31)
    chance = random.Random(seed)
    traced = pool.traced(name)
    full, some = plan.losses(traced, chance)
    faults = [*plan.at_each_site(traced), *plan.at_repeats(traced)]
    jobs = [*chance.sample(faults, FAULTS), *chance.sample(full + some, LOSSES)]
    table = Table(seed)
    table.add(traced)
    problems: list[str] = []

    def done(job: Job, answer: dict[str, Any]) -> None:
        table.count(job, answer)
        if answer["problem"]:
            problems.append(f"{plan.name_of(job)}, seed {seed}: {answer['problem']}")

    pool.run(jobs, done)

    assert not problems, "\n".join(problems).replace("\\n", "\n")
    assert table.runs == FAULTS + LOSSES


def test_of_changed_files_nothing_is_seen_but_the_truth(pool: Pool) -> None:
    seed = 1 if os.environ.get("CI") == "true" else secrets.randbelow(2**31)
    every = pool.damages()
    jobs = random.Random(seed).sample(every, CHANGES)
    problems: list[str] = []

    def done(job: Job, answer: dict[str, Any]) -> None:
        if answer["problem"]:
            problems.append(f"{plan.name_of(job)}: {answer['problem']}")

    pool.run(jobs, done)

    assert not problems, "\n".join(problems).replace("\\n", "\n")
    assert len(every) > 300


def test_every_operation_writes_and_syncs(pool: Pool) -> None:
    """A sweep over an operation that touches nothing would show nothing."""
    for name in OPERATIONS:
        calls = pool.traced(name).work.calls
        assert "WRITE" in calls, name
        assert "SYNC" in calls, name


def test_the_harness_notices_what_is_lost(pool: Pool) -> None:
    """Data that is acknowledged and never synced is found missing."""
    traced = pool.traced("save")
    last = len(traced.whole.calls)
    synced = max(n for n, call in enumerate(traced.whole.calls) if call == "SYNC")
    common = {
        "operation": "save",
        "base": traced.base,
        "trace": traced.whole.trace,
        "place": traced.whole.place,
        "seed": 1,
    }

    sound = pool.ask({"do": "power", "at": last, "way": "nothing unsynced", **common})
    lost = pool.ask({"do": "power", "at": last, "way": NEVER_SYNCED, **common})

    assert synced < last
    assert sound == {"problem": "", "acks": 4}
    assert "AssertionError" in lost["problem"]


def test_a_fault_that_is_armed_is_met(pool: Pool) -> None:
    traced = pool.traced("attach")
    first = traced.work.calls.index("WRITE") + 1

    met = [pool.ask(job)["was_met"] for job in plan.faults_at(traced, first)]

    assert met == [True] * len(plan.FAULTS)
