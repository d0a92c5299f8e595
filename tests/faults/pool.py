"""Workers that do jobs beside each other, each in a process with the shim preloaded."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faults.plan import DAMAGE, Job, Run, Traced
from faults.shim import build

WORKER = Path(__file__).with_name("worker.py")
CACHE = WORKER.parent.parent.parent / ".venv"


class Pool:
    """So many workers. Use it as a context manager; leaving it ends them."""

    def __init__(self, folder: Path, workers: int) -> None:
        library = build(CACHE)
        environment = {**os.environ, "LD_PRELOAD": str(library)}
        self.folder = folder
        self._traced: dict[str, Traced] = {}
        self._workers = [
            subprocess.Popen(
                [sys.executable, WORKER, folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            for _ in range(workers)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.close()
            worker.wait()
            worker.stdout.close()

    def ask(self, job: Job, worker: int = 0) -> dict[str, Any]:
        """Do one job and return its answer."""
        process = self._workers[worker]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended at {job}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def traced(self, operation: str) -> Traced:
        """Prepare an operation, do it unharmed, and return what it did.

        Raises:
            RuntimeError: it does not even work without a fault.
        """
        if operation in self._traced:
            return self._traced[operation]
        base = str(self.folder / f"base {operation}")
        common = {"operation": operation, "base": base}
        made = self.ask({"do": "prepare", **common})
        if made["problem"]:
            raise RuntimeError(f"{operation}: {made['problem']}")
        runs: list[Run] = []
        for from_start in (False, True):
            trace = str(self.folder / f"trace {operation} {from_start}")
            found = self.ask({"do": "trace", "trace": trace, "from_start": from_start, **common})
            if found["problem"]:
                raise RuntimeError(f"{operation}: {found['problem']}")
            runs.append(Run(trace, found["place"], found["calls"], found["sites"]))
        self._traced[operation] = Traced(operation, base, runs[0], runs[1])
        return self._traced[operation]

    def damages(self) -> list[Job]:
        """Prepare a vault to be damaged and return every way of doing it, as jobs.

        Raises:
            RuntimeError: it could not be made.
        """
        base = str(self.folder / "base damage")
        made = self.ask({"do": "prepare_damage", "base": base})
        if made["problem"]:
            raise RuntimeError(made["problem"])
        return [
            {"do": "damage", "operation": DAMAGE, "base": base, "way": way, "at": at}
            for way, at in made["ways"]
        ]

    def run(
        self,
        jobs: Iterable[Job],
        done: Callable[[Job, dict[str, Any]], None],
        *,
        until: float = float("inf"),
    ) -> int:
        """Do jobs beside each other, tell each answer, and return how many were not begun in time.

        Args:
            jobs: in the order in which they are begun.
            done: called in one thread at a time.
            until: on the clock of `time.monotonic`.
        """
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        telling = threading.Lock()
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                while time.monotonic() < until and not failures:
                    job = waiting.get_nowait()
                    answer = self.ask(job, number)
                    with telling:
                        done(job, answer)
            except queue.Empty:
                pass
            except BaseException as error:  # noqa: BLE001 - raised again below
                failures.append(error)

        threads = [
            threading.Thread(target=work, args=(number,)) for number in range(len(self._workers))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return waiting.qsize()
