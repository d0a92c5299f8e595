"""The one thread that owns the vault, and the long jobs beside it.

The window hands over plain functions of the vault and gets one queued signal back, so it never
waits. The thread keeps the order in which it was asked: a draft that was handed over before a lock
is saved before the lock.

Long jobs (export, import, attaching) stream on a thread of their own and reach the vault through
`turn` in short steps (`fielddoc.vault.turns`), so that saving and searching go on meanwhile.
"""

import itertools
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from fielddoc.errors import CancelledError
from fielddoc.vault.turns import Turn

if TYPE_CHECKING:  # the lock screen has no vault yet; whoever opens one loads what it takes
    from fielddoc.vault.vault import Vault

T = TypeVar("T")
Failed = Callable[[BaseException], None]

_PROGRESS_INTERVAL_S = 0.05
_LONG_STEP_S = 0.3
_LOOK_EVERY_S = 0.02


class Progress(Protocol):
    """Told by a long job how far it is; raises `CancelledError` when it is to stop.

    What is told to be done is not stopped any more: nobody may hear that it was.
    """

    def __call__(self, what: str, done: int, total: int, /) -> None:
        """Tell a step's name, and bytes or things done and in all."""
        ...


class Session(QObject):
    """A vault behind the thread that owns it. Lives in the window's thread."""

    failed = Signal(object)
    """An error that no caller took: a FielddocError, or a bug of ours."""
    record_changed = Signal(str)
    """The id of a record that was written, or empty for many."""
    job_started = Signal(object)
    job_ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault")
        self._vault: Vault | None = None
        self._is_closing = False
        self._step_lock = threading.Lock()
        """Held while a step is stopped, so that it is never the next one that is."""
        self._began_s: float | None = None
        """When the step began that the vault's thread is at now."""
        self.jobs: list[Job] = []
        self._post_box = _post_box()

    def open(
        self,
        owner: QObject,
        step: "Callable[[], Vault]",
        then: Callable[[], None],
        failed: Failed | None = None,
    ) -> None:
        """Run `step`, which makes or unlocks a vault, on the thread that will own it."""

        def keep() -> None:
            self._vault = step()

        self._submit(owner, keep, lambda _: then(), failed)

    def run(
        self,
        owner: QObject,
        step: Callable[[], T],
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Run a step that needs no open vault on the vault's thread."""
        self._submit(owner, step, then, failed)

    def run_aside(
        self,
        owner: QObject,
        step: Callable[[], T],
        then: Callable[[T], None],
        failed: Failed | None = None,
    ) -> None:
        """Run a short step that neither the vault's thread nor the window may wait for.

        Such as asking a stick that sleeps how much room it has.
        """
        hand_over = self.expect(owner, then, failed)
        threading.Thread(
            target=_run_and_hand_over, args=(step, hand_over), name="aside", daemon=True
        ).start()

    @property
    def is_open(self) -> bool:
        """Whether a vault is unlocked here."""
        return self._vault is not None

    @property
    def vault(self) -> "Vault":
        """The unlocked vault; its database may be used on the vault's thread only."""
        assert self._vault is not None
        return self._vault

    def ask(
        self,
        owner: QObject,
        step: "Callable[[Vault], T]",
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Run `step` on the vault's thread, then `then` with its result in this one.

        Args:
            owner: nothing is called once it has been destroyed.
            step: must not touch the window.
            then: takes what `step` returned.
            failed: takes what `step` raised; the window shows it if there is none.
        """
        self._submit(owner, lambda: step(self.vault), then, failed)

    def start_job(
        self,
        owner: QObject,
        work: "Callable[[Vault, Turn, Progress], T]",
        then: Callable[[T], None],
        failed: Failed | None = None,
        *,
        stopped: str = "",
    ) -> "Job":
        """Run long work on a thread of its own and return the job, to watch or to cancel it.

        Neither `then` nor `failed` is called once `owner` has been destroyed. Work that writes
        tells in `stopped` what it means when it was stopped, as a marked sentence; such work keeps
        the idle lock away as long as it goes on.
        """
        job = Job(self, stopped=stopped)
        self.jobs.append(job)

        def finished(result: T) -> None:
            self._forget(job)
            if shiboken6.isValid(owner):
                then(result)

        def broke(error: BaseException) -> None:
            self._forget(job)
            is_wanted = failed is not None and shiboken6.isValid(owner)
            (failed if failed is not None and is_wanted else self.failed.emit)(error)

        # The session is who gets the answer: a job must be known to have ended whatever became of
        # the page that began it.
        job.start(self, self, work, finished, broke)
        self.job_started.emit(job)
        return job

    @property
    def writing(self) -> "list[Job]":
        """The jobs that write something, so that stopping them loses work."""
        return [job for job in self.jobs if job.stopped and not job.is_done]

    def turn(self, step: Callable[[], T]) -> T:
        """Run `step` on the vault's thread and wait for it; for long jobs only.

        Raises:
            CancelledError: the vault is being locked.
        """
        try:
            future = self._executor.submit(self._noting, step)
        except RuntimeError as error:  # nothing comes after the lock
            raise CancelledError from error
        return future.result()

    def settle(self, seconds: float = 1.0) -> bool:
        """Wait until everything asked so far was done; False if time ran out.

        The window stands still meanwhile, so this is for its end only. Answers come later.
        """
        future = self._executor.submit(self._noting, _nothing)
        return bool(wait([future], seconds).done)

    def close(self, seconds: float = 1.0) -> bool:
        """Cancel jobs, lock the vault after everything asked before; False if time ran out.

        What was typed waits on the vault's thread, so that comes first; jobs are waited for with
        what is left of the time. Called when the process is about to end: whatever did not finish
        is finished by the next unlock, as after a crash.
        """
        if self._is_closing:
            return True
        self._is_closing = True
        deadline = time.monotonic() + seconds
        for job in list(self.jobs):
            job.cancel()
        future = self._executor.submit(self._noting, self._lock)
        self._executor.shutdown(wait=False)
        while not future.done() and time.monotonic() < deadline:
            self._stop_long_step()
            wait([future], _LOOK_EVERY_S)
        is_locked = bool(wait([future], _LOOK_EVERY_S).done)
        for job in list(self.jobs):
            job.join(max(0.0, deadline - time.monotonic()))
        return is_locked

    def _noting(self, step: Callable[[], T]) -> T:
        """Run a step on the vault's thread, and note since when it runs."""
        self._began_s = time.monotonic()
        try:
            return step()
        except BaseException as error:
            if self._is_closing:
                # A query that was being read when this one was stopped would stay begun as long
                # as the error remembers it, and SQLite would stop every later one with it.
                traceback.clear_frames(error.__traceback__)
            raise
        finally:
            with self._step_lock:
                self._began_s = None

    def _stop_long_step(self) -> None:
        """Stop a query that has been running for long, so that what was typed is saved behind it.

        Saving takes milliseconds, so it is never what is stopped here.
        """
        with self._step_lock:
            began_s, vault = self._began_s, self._vault
            if began_s is None or vault is None:
                return
            if time.monotonic() - began_s >= _LONG_STEP_S:
                vault.database.interrupt()

    def _lock(self) -> None:
        vault, self._vault = self._vault, None
        if vault is not None:
            vault.lock()

    def _forget(self, job: "Job") -> None:
        if job in self.jobs:
            self.jobs.remove(job)
        self.job_ended.emit(job)

    def _submit(
        self,
        owner: QObject,
        step: Callable[[], T],
        then: Callable[[T], None] | None,
        failed: Failed | None,
    ) -> None:
        if self._is_closing:
            return

        hand_over = self.expect(owner, then, failed)
        self._executor.submit(self._noting, step).add_done_callback(hand_over)

    def expect(
        self,
        owner: QObject,
        then: Callable[[T], None] | None,
        failed: Failed | None,
    ) -> "Callable[[Future[T]], None]":
        """Return what any other thread calls with its finished future, to have it delivered here."""
        return self._post_box.expect(partial(self._deliver, owner, then, failed))

    def _deliver(
        self,
        owner: QObject,
        then: Callable[[T], None] | None,
        failed: Failed | None,
        future: "Future[T]",
    ) -> None:
        if not shiboken6.isValid(self):
            return  # the window that asked is gone, and nobody is left to be told
        error = future.exception()
        if not shiboken6.isValid(owner):
            if error is not None:
                self.failed.emit(error)
            return
        if error is not None:
            (failed or self.failed.emit)(error)
        elif then is not None:
            then(future.result())


class _PostBox(QObject):
    """Brings what other threads hand over to the window's thread; as long there as the application.

    A session goes with its window, and a thread that brings an answer at that moment would touch
    what is being destroyed: between asking whether it is there and telling it, it may be gone. Nor
    may such a thread know whom the answer is for: if it were the last to know, Python would destroy
    a part of the window in that thread. So it knows a number only.
    """

    _handed_over = Signal(object, object)

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._expected: dict[int, Callable[[Future[Any]], None]] = {}
        self._numbers = itertools.count()
        # Connected to a bound method of an object in the window's thread: a bare function would
        # run in the thread that emits.
        self._handed_over.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def expect(self, then: "Callable[[Future[Any]], None]") -> "Callable[[Future[Any]], None]":
        """Return what any thread may call with a future, once, to have `then` called with it here."""
        number = next(self._numbers)
        self._expected[number] = then
        return partial(self._handed_over.emit, number)

    @Slot(object, object)
    def _take(self, number: int, future: "Future[Any]") -> None:
        self._expected.pop(number)(future)


def _post_box() -> _PostBox:
    """Return that of the application. Call it in the window's thread."""
    application = QCoreApplication.instance()
    found = application.findChild(_PostBox) if application is not None else None
    return found if isinstance(found, _PostBox) else _PostBox(application)


def _run_and_hand_over(step: Callable[[], T], hand_over: "Callable[[Future[T]], None]") -> None:
    future: Future[T] = Future()
    try:
        future.set_result(step())
    except BaseException as error:  # noqa: BLE001 - it is handed to the window
        future.set_exception(error)
    hand_over(future)


def _nothing() -> None:
    """Do nothing, in turn."""


class Job(QObject):
    """Long work on a thread of its own."""

    progressed = Signal(str, object, object)
    """A step's name, and how much of it is done and in all; at most twenty a second."""

    def __init__(self, parent: QObject | None = None, *, stopped: str = "") -> None:
        super().__init__(parent)
        self.stopped = stopped
        """What it means when it was stopped, as a marked sentence; empty if that loses nothing."""
        self.is_done = False
        """Whether it came to its end. Known before its answer is delivered."""
        self._was_stopped = False
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._told_s = 0.0
        self.started_s = self.progressed_s = time.monotonic()
        """When it began, and when it last told that it went on, by `time.monotonic`."""

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Tell the work to stop; it ends at its next report of progress, unless all is done."""
        self._cancelled.set()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def start(
        self,
        session: Session,
        owner: QObject,
        work: "Callable[[Vault, Turn, Progress], T]",
        then: Callable[[T], None],
        failed: Failed,
    ) -> None:
        """Begin; called by `Session.start_job`."""

        def step() -> T:
            result = work(session.vault, session.turn, self._tell)
            # Work that tells what it did before it was stopped returns as well.
            self.is_done = not self._was_stopped
            return result

        hand_over = session.expect(owner, then, failed)
        self._thread = threading.Thread(
            target=_run_and_hand_over, args=(step, hand_over), name="job", daemon=True
        )
        self._thread.start()

    def _tell(self, what: str, done: int, total: int) -> None:
        if self._cancelled.is_set() and done < total:
            self._was_stopped = True
            raise CancelledError
        now = self.progressed_s = time.monotonic()
        if done >= total or now - self._told_s >= _PROGRESS_INTERVAL_S:
            self._told_s = now
            self.progressed.emit(what, done, total)
