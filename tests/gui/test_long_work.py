"""Long work and what may come in its way: choices, idle time, a lock, closing the window."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from fielddoc.gui.pages.export import RESULT
from fielddoc.gui.preferences import Preferences
from fielddoc.gui.session import Job, Progress
from fielddoc.gui.window import LONGEST_WORK_S
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault
from gui.exporting import ready_to_write
from gui.opened import Opened, opened

STOPPED = "The import was stopped; nothing of it was taken. Import again."


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


class Work:
    """Long work that goes on for as long as the test lets it."""

    def __init__(
        self,
        hands: Opened,
        owner: QObject | None = None,
        *,
        stopped: str = STOPPED,
        is_telling: bool = True,
    ) -> None:
        self.is_telling = is_telling
        self.may_end = threading.Event()
        self.results: list[str] = []
        session = hands.window.session
        assert session is not None
        self.session = session
        self.job: Job = session.start_job(
            owner or hands.window, self._work, self.results.append, _ignore, stopped=stopped
        )

    def _work(self, _vault: Vault, _turn: Turn, tell: Progress) -> str:
        while not self.may_end.wait(0.01):
            if self.is_telling:
                tell("Working", 0, 1)
        return "read back and verified"

    def end(self) -> None:
        self.may_end.set()
        self.job.join(10)


def _ignore(_: BaseException) -> None:
    pass


# --- choices --------------------------------------------------------------------------------------


def test_work_whose_page_has_gone_is_known_to_have_ended(hands: Opened) -> None:
    owner = QObject()
    work = Work(hands, owner)
    assert hands.window.foot.work.text()
    owner.deleteLater()
    hands.qtbot.wait(1)
    work.end()
    hands.until(lambda: not work.session.jobs)
    assert hands.window.foot.work.text() == ""
    assert work.results == []


def test_a_lock_time_alone_builds_nothing_anew(hands: Opened) -> None:
    before = hands.workspace
    before.preferences_chosen.emit(Preferences(idle_minutes=30))
    assert hands.workspace is before
    assert hands.window.idle_minutes == 30
    before.preferences_chosen.emit(Preferences(idle_minutes=30, text_percent=125))
    assert hands.workspace is not before


def test_a_choice_during_an_export_does_not_swallow_its_result(
    hands: Opened, tmp_path: Path
) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.records.editor.commit()
    hands.wait_for_vault()
    page = ready_to_write(hands, tmp_path / "stick")
    other = Work(hands)  # so that some work goes on, however fast the export is
    page.go_on()
    workspace = hands.workspace
    hands.page("settings")
    workspace.preferences_chosen.emit(Preferences(text_percent=125))
    assert hands.workspace is workspace
    hands.until(lambda: page.job is None)
    assert page.step == RESULT
    words = [label.text() for label in page.result.findChildren(QLabel)]
    assert "Written, read back and verified." in words
    other.end()
    hands.until(lambda: not other.session.jobs)
    assert other.results == ["read back and verified"]
    assert hands.workspace is workspace
    workspace.go("export")
    workspace.go("settings")
    hands.until(lambda: hands.workspace is not workspace)


# --- idle time, lock, end -------------------------------------------------------------------------


def test_work_that_writes_keeps_the_idle_lock_away(hands: Opened) -> None:
    window = hands.window
    window.idle_minutes = 1
    work = Work(hands)
    window.last_input_s -= 61
    hands.qtbot.wait(50)  # it tells its progress every hundredth of a second
    window._check_idle()
    assert not hands.locked_into
    work.end()
    hands.until(lambda: not work.session.jobs)
    window._check_idle()
    (resume,) = hands.locked_into
    assert STOPPED not in resume.reason


def test_work_that_writes_nothing_does_not_keep_it_away(hands: Opened) -> None:
    hands.window.idle_minutes = 1
    Work(hands, stopped="")
    hands.window.last_input_s -= 61
    hands.window._check_idle()
    assert hands.locked_into


def test_work_that_stands_still_does_not_keep_it_away(hands: Opened) -> None:
    window = hands.window
    window.idle_minutes = 1
    work = Work(hands, is_telling=False)
    window.last_input_s -= 61
    window._check_idle()
    assert not hands.locked_into
    work.job.progressed_s -= 61
    window._check_idle()
    assert hands.locked_into


def test_half_an_hour_is_the_most_that_work_keeps_the_idle_lock_away(hands: Opened) -> None:
    window = hands.window
    window.idle_minutes = 1
    Work(hands)
    hands.qtbot.wait(30)
    window.last_input_s -= LONGEST_WORK_S + 50
    window._check_idle()
    assert not hands.locked_into
    window.last_input_s -= 11
    window._check_idle()
    (resume,) = hands.locked_into
    assert resume.reason.splitlines()[1:] == [STOPPED]


def test_a_lock_stops_it_and_the_lock_screen_says_so(
    qtbot: QtBot, hands: Opened, vault_folder: Path
) -> None:
    work = Work(hands)
    hands.window.lock()
    (resume,) = hands.locked_into
    assert work.job.is_cancelled
    assert resume.reason == STOPPED
    with opened(qtbot, resume=resume) as again:
        again.window.show_unlock(vault_folder)
        assert again.unlock_screen.why.text() == STOPPED


def test_work_that_was_done_before_the_lock_is_not_said_to_be_stopped(hands: Opened) -> None:
    work = Work(hands)
    work.end()
    hands.window.lock()
    assert hands.locked_into[0].reason == ""


def test_closing_the_window_asks_first(hands: Opened) -> None:
    work = Work(hands)
    assert not hands.window.close()
    assert STOPPED in hands.window.banner.what_now.text()
    assert not work.job.is_cancelled
    assert hands.window.close()
    assert work.job.is_cancelled


def test_an_end_that_the_system_orders_asks_nothing(hands: Opened) -> None:
    Work(hands)
    hands.window.end()
    assert hands.window.session is None
