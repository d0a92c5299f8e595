from pytestqt.qtbot import QtBot

from fielddoc.gui.session import Session
from fielddoc.vault import records
from gui.windows import RecordingShell


def test_a_step_runs_on_the_vaults_thread_and_its_answer_comes_back(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    answers: list[str] = []
    session.ask(
        session, lambda vault: records.add(vault, "incident", {"title": "x"}), answers.append
    )
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0]
