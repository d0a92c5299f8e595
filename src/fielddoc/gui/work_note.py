"""Long work that goes on: how far it is, how long it will take, and a way to stop it."""

import time

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from fielddoc.gui import style
from fielddoc.gui.file_details import plain_label
from fielddoc.gui.session import Job
from fielddoc.i18n import size_words, t_

_STEPS = 1000
_FIRST_GUESS_S = 2.0
"""Before that, nobody can tell how long it will take."""


class WorkNote(QFrame):
    """Watches one job that tells its progress in bytes, or in things that are counted."""

    def __init__(self) -> None:
        super().__init__()
        style.set_role(self, "note")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.what = plain_label("")
        row.addWidget(self.what, 1)
        self.cancel_button = QPushButton(t_("Cancel"))
        self.cancel_button.clicked.connect(self.cancel)
        row.addWidget(self.cancel_button)
        column.addLayout(row)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        column.addWidget(self.bar)
        self.how_far = plain_label("small")
        column.addWidget(self.how_far)
        self._job: Job | None = None
        self._in_bytes = True

    def watch(self, job: Job, what: str, *, in_bytes: bool = True) -> None:
        """Show how far a job is; whoever started it hides this when it ends."""
        self._in_bytes = in_bytes
        self._job = job
        self.what.setText(what)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(what)
        self.how_far.setText("")
        self.cancel_button.setEnabled(True)
        job.progressed.connect(self._show)
        self.show()

    @Slot()
    def cancel(self) -> None:
        """Tell the job to stop."""
        if self._job is not None:
            self._job.cancel()
            self.what.setText(t_("Stopping…"))
            self.cancel_button.setEnabled(False)

    @Slot(str, object, object)
    def _show(self, what: str, done: int, total: int) -> None:
        if self._job is None or self.sender() is not self._job or self._job.is_cancelled:
            return
        self.what.setText(what)
        self.bar.setAccessibleName(what)
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(_STEPS * done // max(1, total))
        seconds = time.monotonic() - self._job.started_s
        parts = [
            t_("{done} of {total}").format(done=self._amount(done), total=self._amount(total)),
            time_left(done, total, seconds),
        ]
        self.how_far.setText("  ·  ".join(part for part in parts if part))

    def _amount(self, count: int) -> str:
        return size_words(count) if self._in_bytes else f"{count:,}"


def time_left(done: int, total: int, seconds: float) -> str:
    """Return in words how long something will still take; empty while nobody can tell."""
    if done <= 0 or seconds < _FIRST_GUESS_S:
        return ""
    left = seconds * (total - done) / done
    if left >= 90:
        return t_("about {minutes} minutes left").format(minutes=round(left / 60))
    return t_("about {seconds} s left").format(seconds=max(5, 5 * round(left / 5)))
