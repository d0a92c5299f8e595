"""The thread that owns the vault, and the window's, where every answer arrives."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fielddoc.errors import CancelledError
from fielddoc.gui.session import Progress, Session
from fielddoc.vault import drafts, records
from fielddoc.vault.opening import open_vault
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault
from gui.windows import PASSPHRASE, RecordingShell

LONG_QUERY = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000)"
    " SELECT count(*) FROM n"
)


def here(kept: list[threading.Thread]) -> Callable[..., None]:
    """Return something that notes in which thread it is called."""
    return lambda *_: kept.append(threading.current_thread())


def test_a_step_runs_on_the_vaults_thread_and_its_answer_comes_back(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    answers: list[str] = []
    steps: list[threading.Thread] = []
    arrived: list[threading.Thread] = []

    def step(vault: Vault) -> str:
        here(steps)()
        return records.add(vault, "incident", {"title": "x"})

    def take(record: str) -> None:
        here(arrived)()
        answers.append(record)

    for _ in range(2):
        session.ask(session, step, take)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert steps[0] is steps[1]
    assert steps[0] is not threading.main_thread()
    assert steps[0].name.startswith("vault")
    assert arrived == [threading.main_thread()] * 2


def test_what_waits_for_a_sleeping_stick_holds_up_neither_the_window_nor_the_vault(
    qtbot: QtBot, session: Session
) -> None:
    awake, answers = threading.Event(), list[object]()
    session.run_aside(session, awake.wait, answers.append)
    session.run_aside(session, lambda: 1 // 0, answers.append, answers.append)
    session.ask(session, records.listing, answers.append)

    qtbot.waitUntil(lambda: len(answers) == 2)
    assert [] in answers
    assert any(isinstance(one, ZeroDivisionError) for one in answers)
    awake.set()
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert answers[-1] is True


def test_what_a_step_raises_arrives_in_the_windows_thread(qtbot: QtBot, session: Session) -> None:
    arrived: list[threading.Thread] = []

    def step(_: Vault) -> None:
        raise OSError

    session.ask(session, step, None, here(arrived))
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [threading.main_thread()]


def test_a_job_has_a_thread_of_its_own_and_takes_its_turns_on_the_vaults(
    qtbot: QtBot, session: Session
) -> None:
    work_threads: list[threading.Thread] = []
    turns: list[threading.Thread] = []
    arrived: list[threading.Thread] = []
    asked: list[threading.Thread] = []

    def work(_vault: Vault, turn: Turn, _tell: Progress) -> None:
        here(work_threads)()
        turn(here(turns))

    session.start_job(session, work, here(arrived))
    session.ask(session, lambda _: here(asked)())
    qtbot.waitUntil(lambda: bool(arrived) and bool(asked))
    assert work_threads[0] not in (threading.main_thread(), turns[0])
    assert turns == asked
    assert arrived == [threading.main_thread()]


def test_nothing_is_called_of_an_owner_that_has_gone(qtbot: QtBot, session: Session) -> None:
    called: list[threading.Thread] = []
    later: list[None] = []
    may_go_on = threading.Event()
    owner = QObject()
    session.ask(owner, lambda _: may_go_on.wait(10), here(called))
    shiboken6.delete(owner)
    may_go_on.set()
    session.ask(session, lambda _: None, later.append)
    qtbot.waitUntil(lambda: bool(later))
    assert called == []


def test_a_job_inside_a_long_step_costs_neither_the_draft_nor_the_lock(
    session: Session, vault_folder: Path
) -> None:
    entered = threading.Event()
    ended: list[BaseException] = []

    def work(vault: Vault, turn: Turn, _: Progress) -> None:
        def long() -> None:
            begun = vault.database.rows("SELECT name FROM sqlite_schema", batch=1)
            next(begun)  # it stays begun while the next one is stopped
            entered.set()
            vault.database.query(LONG_QUERY)

        try:
            turn(long)
        except Exception as error:
            ended.append(error)
            raise

    job = session.start_job(session, work, print, print)
    assert entered.wait(20)
    typed = {"title": "Typed just before"}
    session.ask(session, lambda vault: drafts.save(vault, str(uuid.UUID(int=1)), "incident", typed))

    assert session.close(seconds=20)

    job.join(20)
    assert ended, "the job was not stopped"
    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert [kind for _, kind, _ in drafts.listing(vault)] == ["incident"]


def test_a_job_that_wants_another_turn_after_the_lock_is_told_to_stop(session: Session) -> None:
    locked = threading.Event()
    ended: list[BaseException] = []

    def work(_: Vault, turn: Turn, __: Progress) -> None:
        locked.wait(20)
        try:
            turn(lambda: None)
        except CancelledError as error:
            ended.append(error)

    job = session.start_job(session, work, print, print)
    threading.Timer(0.3, locked.set).start()

    assert session.close(seconds=20)

    job.join(20)
    assert ended


def late(seconds: float) -> Callable[[], None]:
    """Return a step that takes so long."""
    return lambda: time.sleep(seconds)


def test_an_answer_that_comes_while_its_window_goes_away_is_dropped(qapp: QApplication) -> None:
    """Whoever hands it over from another thread must not touch what is being destroyed."""
    chance = random.Random(3)
    for _ in range(400):
        window = QObject()
        session = Session(window)
        seconds = chance.random() / 2000
        for _ in range(4):
            session.run_aside(window, late(seconds), lambda _: None)
        time.sleep(chance.random() / 1000)
        shiboken6.delete(window)
    qapp.processEvents()
    for thread in threading.enumerate():
        if thread.name == "aside":
            thread.join(5)


def test_whoever_asked_is_never_destroyed_by_another_thread(qapp: QApplication) -> None:
    """Python destroys what nobody knows any more in the thread that knew it last."""
    chance = random.Random(4)
    window = QObject()
    threads: list[threading.Thread] = []
    session = Session(window)

    def asks_and_goes() -> None:
        owner = QObject()
        owner.destroyed.connect(here(threads), Qt.ConnectionType.DirectConnection)
        seconds = chance.random() / 2000
        session.run_aside(owner, late(seconds), lambda _: owner.setObjectName("told"))

    for _ in range(300):
        asks_and_goes()
        time.sleep(chance.random() / 2000)
        qapp.processEvents()
    for thread in threading.enumerate():
        if thread.name == "aside":
            thread.join(5)
    qapp.processEvents()

    assert len(threads) == 300
    assert set(threads) == {threading.main_thread()}
    shiboken6.delete(window)
