"""Work on blocks that goes on in a thread of its own while the next ones are made.

Hashing, sealing, writing and syncing each let other threads run, so that a second core can do one
of them while the first does another. Blocks are taken in order, few wait at a time, and what goes
wrong in the thread is raised to the caller.
"""

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

_WAITING_BLOCKS = 8


class Behind:
    """Runs `step` on each block in a thread. Leaving the block waits for the thread to end."""

    def __init__(self, step: Callable[[bytes], object]) -> None:
        self._step = step
        self._blocks: queue.Queue[bytes | None] = queue.Queue(_WAITING_BLOCKS)
        self._error: BaseException | None = None
        self._is_over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def put(self, block: bytes) -> None:
        """Hand a block on; waits while too many are waiting.

        Raises:
            whatever `step` raised for an earlier block.
        """
        if self._error is not None:
            raise self._error
        self._blocks.put(block)

    def finish(self) -> None:
        """Wait until every block is done.

        Raises:
            whatever `step` raised.
        """
        self.stop()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Wait for the thread to end, whatever became of the blocks."""
        if not self._is_over:
            self._is_over = True
            self._blocks.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._error is not None:
                continue  # the rest is only taken away, so that nobody waits for a place
            try:
                self._step(block)
            except BaseException as error:  # noqa: BLE001 - it is raised to the caller
                self._error = error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
