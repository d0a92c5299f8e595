import threading

import pytest
from pytestqt.qtbot import QtBot

from fielddoc.errors import CancelledError
from fielddoc.gui.session import Progress, Session
from fielddoc.gui.work_note import WorkNote, time_left
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault
from gui.windows import shown


@pytest.mark.parametrize(
    ("done", "total", "seconds", "words"),
    [
        (0, 100, 60.0, ""),
        (50, 100, 1.0, ""),
        (50, 100, 10.0, "about 10 s left"),
        (90, 100, 10.0, "about 5 s left"),
        (10, 100, 8.0, "about 70 s left"),
        (10, 100, 10.0, "about 2 minutes left"),
        (1, 100, 60.0, "about 99 minutes left"),
    ],
)
def test_time_left_is_told_in_words(done: int, total: int, seconds: float, words: str) -> None:
    assert time_left(done, total, seconds) == words


def test_it_shows_how_far_a_job_is_and_stops_it(qtbot: QtBot, session: Session) -> None:
    note = WorkNote()
    shown(qtbot, note)
    may_start, may_go_on = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def work(_vault: Vault, _turn: Turn, progress: Progress) -> None:
        may_start.wait()
        progress("Adding 1 of 2", 1_024 * 1_024, 4 * 1_024 * 1_024)
        may_go_on.wait()
        progress("Adding 2 of 2", 2, 4)

    job = session.start_job(note, work, lambda _: None, errors.append)
    job.started_s -= 10  # a quarter is done in ten seconds, so the rest needs thirty
    note.watch(job, "Adding")
    may_start.set()
    qtbot.waitUntil(lambda: note.what.text() == "Adding 1 of 2")
    assert note.bar.value() == note.bar.maximum() // 4
    assert note.how_far.text() == "1.0 MB of 4.0 MB  ·  about 30 s left"

    note.cancel_button.click()
    assert note.what.text() == "Stopping…"
    assert not note.cancel_button.isEnabled()
    may_go_on.set()
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], CancelledError)
    assert note.what.text() == "Stopping…"
