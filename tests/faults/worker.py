"""One process that was started with the shim preloaded, and forks a child for every run.

It reads jobs as lines of JSON and answers each with a line. A run is two children: one does the
work on a copy of a prepared place and meets the fault; the other, unharmed, judges what is left
and does the work again.
"""

import json
import os
import re
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from faults import damage  # noqa: E402
from faults.disk import NEVER_SYNCED, Disk  # noqa: E402
from faults.operations import OPERATIONS, Operation, opened  # noqa: E402
from faults.shim import Event, Mode, Shim, read_trace  # noqa: E402
from fielddoc.crypto import kdf  # noqa: E402
from fielddoc.errors import (  # noqa: E402
    DiskFullError,
    FielddocError,
    MediumLostError,
    NoPermissionError,
    NotDestroyedError,
    SpaceShortError,
)
from fielddoc.vault.vault import Vault  # noqa: E402

REFUSALS: tuple[type[FielddocError], ...] = (
    DiskFullError,
    MediumLostError,
    NoPermissionError,
    NotDestroyedError,
    SpaceShortError,
)
RUN_SECONDS = 120
_RANDOM = re.compile(r"[0-9a-f]{8,32}")
_ABORTED = 99


def role(path: str) -> str:
    """Return what a path is, without what is random in it."""
    return _RANDOM.sub("*", path)


def site(event: Event, place: str) -> str:
    """Return what makes a call distinct: what it does, to which file, from where."""
    return f"{event.call.name}|{role(event.path.removeprefix(place))}|{event.site}"


class Child:
    """A forked child, and the words that it said."""

    def __init__(self, work: Callable[[Callable[[str], None]], None]) -> None:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            signal.alarm(RUN_SECONDS)
            status = 0
            try:
                work(lambda word: _say(writing, word))
            except BaseException:  # noqa: BLE001 - whatever it is, it is handed on
                _say(writing, "bug " + traceback.format_exc(limit=-8).replace("\n", "\\n"))
                status = _ABORTED
            os._exit(status)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read().decode(errors="replace")
        _, status = os.waitpid(pid, 0)
        self.words = said.splitlines()
        self.was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        self.was_stuck = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM

    def of(self, kind: str) -> list[str]:
        """Return what was said of a kind."""
        return [w.partition(" ")[2] for w in self.words if w.partition(" ")[0] == kind]


def _say(descriptor: int, word: str) -> None:
    os.write(descriptor, word.encode() + b"\n")


def _work(
    operation: Operation,
    place: Path,
    say: Callable[[str], None],
    arm: Callable[[], None],
    *,
    from_start: bool = False,
) -> None:
    """Do the work; again, if it was refused.

    The fault is armed once what it needs is open, or before, so that the opening counts too.
    """
    try:
        with ExitStack() as stack:
            if from_start:
                arm()
            vault = None
            if operation.is_on_open_vault:
                vault = stack.enter_context(_open(operation, place))
            if not from_start:
                arm()
            for attempt in range(2):
                try:
                    operation.work(place, vault, lambda word: say(f"ack {word}"))
                except FielddocError as error:
                    say(f"refused {json.dumps(_told(error))}")
                    if vault is None or attempt or vault.database.is_abandoned:
                        break
                else:
                    say("done")
                    break
    except FielddocError as error:
        say(f"refused {json.dumps(_told(error))}")


def _open(operation: Operation, place: Path) -> Vault:
    if operation.opener is not None:
        return operation.opener(place)
    return opened(place, *operation.passphrases)


def _told(error: FielddocError) -> dict[str, Any]:
    clear = bool(error.code and error.sentence("en") and error.advice("en"))
    return {
        "type": type(error).__name__,
        "code": error.code,
        "is_clear": clear and "{" not in error.sentence("en") + error.advice("en"),
        "is_refusal": isinstance(error, REFUSALS),
        "from": traceback.format_exc(limit=-6),
    }


def judged(operation: Operation, place: Path, words: list[str]) -> Child:
    """Judge what is left, do the work again, and judge that."""

    def judge(_: Callable[[str], None]) -> None:
        operation.judge(place, words)
        with ExitStack() as stack:
            vault = None
            if operation.is_on_open_vault:
                vault = stack.enter_context(_open(operation, place))
            operation.work(place, vault, lambda _: None)
        operation.finished(place)

    return Child(judge)


def _problem(operation: Operation, job: dict[str, Any], done: Child) -> str:
    """Say what was wrong in the run itself, or nothing."""
    if done.was_stuck:
        return "stuck"
    bugs = done.of("bug")
    if bugs:
        return f"an error that is not ours: {bugs[0]}"
    mode = Mode(job["mode"])
    if mode in (Mode.KILL_BEFORE, Mode.KILL_AFTER, Mode.TEAR):
        return "" if done.was_killed or not done.of("hit") else "not killed"
    for text in done.of("refused"):
        told = json.loads(text)
        allowed = told["is_refusal"] or told["type"] in [e.__name__ for e in operation.more_errors]
        if not allowed or not told["is_clear"]:
            return f"told as {told['type']}: {told['from']}"
        if mode is Mode.FULL and told["type"] in ("MediumLostError", "NoPermissionError"):
            return f"a full disk told as {told['type']}: {told['from']}"
    return ""


class Worker:
    """Does one job after the other."""

    def __init__(self, folder: Path) -> None:
        self.shim = Shim()
        self.folder = folder
        self.runs = 0

    def place(self, base: str) -> Path:
        """Return a fresh copy of a prepared place."""
        self.runs += 1
        place = self.folder / f"run {os.getpid()} {self.runs}"
        shutil.copytree(base, place, symlinks=True)
        return place

    def prepare(self, job: dict[str, Any]) -> dict[str, Any]:
        operation, base = OPERATIONS[job["operation"]], Path(job["base"])
        base.mkdir(parents=True)
        child = Child(lambda _: operation.prepare(base))
        return {"problem": "".join(child.words)}

    def trace(self, job: dict[str, Any]) -> dict[str, Any]:
        """Do the work unharmed, and record every call; `from_start` from before the opening."""
        operation, place = OPERATIONS[job["operation"]], self.place(job["base"])
        descriptor = os.open(job["trace"], os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

        def work(say: Callable[[str], None]) -> None:
            def acknowledge(word: str) -> None:
                say(word)
                if word.startswith("ack "):
                    self.shim.mark(word.removeprefix("ack "))

            _work(
                operation,
                place,
                acknowledge,
                lambda: self.shim.arm(place, Mode.COUNT, trace=descriptor),
                from_start=job["from_start"],
            )
            self.shim.disarm()

        done = Child(work)
        os.close(descriptor)
        problem = _problem(operation, {"mode": Mode.COUNT}, done)
        if not done.of("done") and "done" not in done.words:
            problem = problem or f"not done: {done.words}"
        after = judged(operation, place, done.of("ack"))
        shutil.rmtree(place, ignore_errors=True)
        with Path(job["trace"]).open("rb") as file:
            events = [e for e in read_trace(file) if e.call.name != "MARK"]
        return {
            "problem": problem or "".join(after.words),
            "place": str(place),
            "calls": [event.call.name for event in events],
            "sites": [site(event, str(place)) for event in events],
        }

    def fault(self, job: dict[str, Any]) -> dict[str, Any]:
        """Do the work with one fault, judge, and do it again."""
        operation, place = OPERATIONS[job["operation"]], self.place(job["base"])
        mode = Mode(job["mode"])

        def work(say: Callable[[str], None]) -> None:
            _work(
                operation,
                place,
                say,
                lambda: self.shim.arm(place, mode, at=job["at"], error=job["error"]),
            )
            say(f"hit {self.shim.hit}")

        done = Child(work)
        problem = _problem(operation, job, done)
        if not problem:
            problem = " ".join(judged(operation, place, done.of("ack")).words)
        if not problem or not job.get("keep"):
            shutil.rmtree(place, ignore_errors=True)
        return {
            "problem": problem,
            "was_met": done.was_killed or any(done.of("hit")),
            "acks": len(done.of("ack")),
        }

    def power(self, job: dict[str, Any]) -> dict[str, Any]:
        """Rebuild the disk as it may be after power was lost at a call, and judge that."""
        operation = OPERATIONS[job["operation"]]
        self.runs += 1
        place = self.folder / f"run {os.getpid()} {self.runs}"
        with Path(job["trace"]).open("rb") as file:
            events = list(read_trace(file))
        disk = Disk(Path(job["base"]), job["place"])
        said = disk.run(events, job["at"])
        if job["way"] == NEVER_SYNCED:
            disk = Disk(Path(job["base"]), job["place"])
        disk.lose(job["way"], job["seed"])
        disk.write(place)
        problem = " ".join(judged(operation, place, said).words)
        if not problem or not job.get("keep"):
            shutil.rmtree(place, ignore_errors=True)
        return {"problem": problem, "acks": len(said)}

    def prepare_damage(self, job: dict[str, Any]) -> dict[str, Any]:
        """Make what is damaged, and return every way of damaging it."""
        base = Path(job["base"])
        base.mkdir(parents=True)
        child = Child(lambda _: damage.prepare(base))
        ways = [] if child.words else list(damage.jobs(base))
        return {"problem": " ".join(child.words), "ways": ways}

    def damage(self, job: dict[str, Any]) -> dict[str, Any]:
        """Change a file of a vault, and look at everything that a person sees of it."""
        place = self.place(job["base"])

        def look(_: Callable[[str], None]) -> None:
            damage.change(place, job["way"], job["at"])
            damage.see(place)

        child = Child(look)
        problem = "stuck" if child.was_stuck else " ".join(child.words)
        if not problem or not job.get("keep"):
            shutil.rmtree(place, ignore_errors=True)
        return {"problem": problem}


def main() -> None:
    """Answer jobs until there are none."""
    kdf.FLOOR = kdf.STANDARD = kdf.Cost(64, 1, 1)
    kdf.TARGET_SECONDS = 0.001
    worker = Worker(Path(sys.argv[1]))
    for line in sys.stdin:
        job = json.loads(line)
        answer = getattr(worker, job["do"])(job)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
