"""What somebody typed, until the vault has it: a write that fails is kept here and tried again.

A full disk or a stick that was pulled refuses a draft or a revision. The form may have gone on to
another record by then, so what was typed stays in memory here until it was written. Whether all of
it is written is known on the vault's thread already, so that a lock, which waits for no answer,
can say what it could not keep.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from fielddoc.domain.canonical import Json
from fielddoc.i18n import N_
from fielddoc.vault import drafts

if TYPE_CHECKING:
    from fielddoc.gui.session import Session
    from fielddoc.vault.vault import Vault

UNWRITTEN = N_(
    "What you typed last could not be saved: the disk or stick refused it. What was saved before is"
    " whole."
)
"""Said on the lock screen, where nothing can be done about it any more."""
AGAIN_MS = 2000
"""How long after a failure it is tried again."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of one record and in no vault."""

    type: str
    values: Mapping[str, Json]


class UnwrittenText(QObject):
    """Hands over what was typed, and keeps what the vault refused."""

    written = Signal(str)
    """The id of a record whose text was refused before and is a draft now."""

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self.waiting: dict[str, Typed] = {}
        """By record: what was refused. Changed on the vault's thread only, but for `forget`."""
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.hand_over)

    def write(
        self,
        record: str,
        typed: Typed,
        step: "Callable[[Vault], object]",
        done: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Run `step`, which writes what was typed; refused, it is kept and tried again as a draft.

        `done` and `failed` are called in the window's thread, whatever became of the form.
        """

        def run(vault: "Vault") -> None:
            try:
                step(vault)
            except BaseException:
                self.waiting[record] = typed
                raise
            self.waiting.pop(record, None)

        def refused(error: BaseException) -> None:
            self._again.start()
            failed(error)

        self._session.ask(self, run, lambda _: done(), refused)

    @Slot()
    def hand_over(self) -> None:
        """Try again to keep as drafts what was refused; said by `written` when it worked."""
        for record, typed in list(self.waiting.items()):
            self._session.ask(
                self,
                partial(self._keep, record, typed),
                partial(self._kept, record),
                self._refused_again,
            )

    def _kept(self, record: str, was_written: bool) -> None:  # noqa: FBT001 - a step's result
        if was_written:
            self.written.emit(record)

    def _refused_again(self, _: BaseException) -> None:
        self._again.start()  # it was said when it was refused first

    def _keep(self, record: str, typed: Typed, vault: "Vault") -> bool:
        if self.waiting.get(record) is not typed:
            return False  # something newer was written meanwhile
        drafts.save(vault, record, typed.type, typed.values)
        self.waiting.pop(record, None)
        return True

    def forget(self, record: str) -> None:
        """Give up what was typed for a record: the person threw it away."""
        self.waiting.pop(record, None)


def typed_of(session: "Session") -> UnwrittenText:
    """Return what a session has not written yet; there is one for each session."""
    found = session.findChild(UnwrittenText)
    return found if isinstance(found, UnwrittenText) else UnwrittenText(session)
