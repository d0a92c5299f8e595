import threading
import uuid
from pathlib import Path

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


def test_a_step_runs_on_the_vaults_thread_and_its_answer_comes_back(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    answers: list[str] = []
    session.ask(
        session, lambda vault: records.add(vault, "incident", {"title": "x"}), answers.append
    )
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0]


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
