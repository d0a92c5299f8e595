"""Lets everything that can go wrong with a disk go wrong, and counts what is lost: `make faults`.

    make faults                            everything; prints the figures
    make faults ARGS='--only save'         one operation
    make faults ARGS='--seed 7'            other samples
    make faults ARGS='--write'             also writes the figures to docs/testing.md

Exit status: 0 when everything was tried and nothing was lost, 1 otherwise, 2 where it cannot run. On a
slow machine there may be no time for every run; how many is said at the end, that is a failure too,
and no figures are written.
"""

import argparse
import os
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from faults import figures, plan  # noqa: E402
from faults.operations import OPERATIONS  # noqa: E402
from faults.plan import Job  # noqa: E402
from faults.pool import Pool  # noqa: E402
from faults.shim import compiler  # noqa: E402

SHOWN = 40
MOST_UNMET = 0.05
"""Share of runs in which the fault may have come too late for its call."""


class Sweep:
    """All runs of one call of the program."""

    def __init__(self, pool: Pool, seed: int, until: float) -> None:
        self.pool = pool
        self.seed = seed
        self.until = until
        self.table = figures.Table(seed)
        self.problems: list[tuple[Job, str]] = []
        self.begun = time.monotonic()

    def run(self, names: list[str], *, keep: bool) -> int:
        """Do everything for these operations; return how many runs there was no time for."""
        chance = random.Random(self.seed)
        jobs: list[Job] = []
        repeats: list[Job] = []
        if plan.DAMAGE in names:
            self.table.add_damage()
            jobs += self.pool.damages()
        for name in (name for name in names if name != plan.DAMAGE):
            traced = self.pool.traced(name)
            self.table.add(traced)
            full, some = plan.losses(traced, chance)
            jobs += [*plan.at_each_site(traced), *full]
            repeats += [*plan.at_repeats(traced), *some]
        chance.shuffle(jobs)
        chance.shuffle(repeats)
        for job in (*jobs, *repeats):
            job["keep"] = keep
        missed = self.pool.run(jobs, self._done, until=self.until)
        if not missed:
            self.pool.run(repeats, self._done, until=self.until)
        return missed

    def _done(self, job: Job, answer: dict[str, Any]) -> None:
        self.table.count(job, answer)
        if answer["problem"]:
            self.problems.append((job, answer["problem"]))
            if len(self.problems) <= SHOWN:
                print(f"LOST  {plan.name_of(job)}\n      {job.get('site', '')}")
                print("      " + answer["problem"].replace("\\n", "\n      ")[-3000:], flush=True)
        if self.table.runs % 1000 == 0:
            minutes = (time.monotonic() - self.begun) / 60
            print(f"{self.table.runs} runs in {minutes:.1f} min", flush=True)


def main() -> int:
    """Run the sweeps, print the figures, and return the exit status."""
    options = _options()
    if compiler() is None or not sys.platform.startswith("linux"):
        print("NOT RUN: the fault sweeps need Linux and a C compiler (gcc)", file=sys.stderr)
        return 2
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="fielddoc-faults-", dir=plan.folder_for_runs()))
    until = time.monotonic() + 60 * options.minutes
    try:
        with Pool(folder, options.workers) as pool:
            sweep = Sweep(pool, seed, until)
            missed = sweep.run(options.only or [*OPERATIONS, plan.DAMAGE], keep=options.keep)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(sweep.table.as_text())
    kinds = Counter(job["operation"] for job, _ in sweep.problems)
    if sweep.problems:
        print(f"LOST: {len(sweep.problems)} of {sweep.table.runs} runs: {dict(kinds)}; seed {seed}")
    if missed:
        print(f"NOT ALL RUN: no time for {missed} runs in {options.minutes} minutes")
    is_met = sweep.table.unmet <= MOST_UNMET * sweep.table.runs
    if not is_met:
        print("NOT MET: too many faults were not reached, so the runs show too little")
    if options.write and is_met and not sweep.problems and not missed:
        figures.write(ROOT / "docs" / "testing.md", sweep.table)
    is_whole = not missed or options.as_far_as_time_goes
    return 0 if is_whole and is_met and not sweep.problems else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=[*OPERATIONS, plan.DAMAGE])
    parser.add_argument("--seed", type=int)
    parser.add_argument("--minutes", type=float, default=18)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--as-far-as-time-goes",
        action="store_true",
        help="runs that there was no time for are told, and are no failure",
    )
    parser.add_argument("--keep", action="store_true", help="keep the places of runs that lost")
    parser.add_argument("--write", action="store_true", help="write the figures to docs/testing.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
