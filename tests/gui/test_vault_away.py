"""A vault whose files are not where they were is told at once, and nothing is called saved."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fielddoc.errors import MediumLostError
from fielddoc.gui.typed import UNWRITTEN
from fielddoc.vault import drafts, records
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

LOST = MediumLostError().sentence()


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        made.window._idle.setInterval(30)
        yield made


def typed(hands: Opened, text: str) -> None:
    """Type a new incident, without waiting until it is kept."""
    hands.records.new_record("incident")
    hands.type(text)
    hands.records.editor.typed._again.setInterval(50)


def what_is_called_saved(hands: Opened) -> str:
    return hands.records.editor.state.text() + hands.window.foot.saved.text()


def kept_titles(folder: Path) -> Sequence[object]:
    with open_vault(folder, PASSPHRASE) as vault:
        found = [drafts.get(vault, record) for record, _, _ in drafts.listing(vault)]
        saved = [row.title for row in records.listing(vault)]
        return [*(draft.values.get("title") for draft in found if draft is not None), *saved]


def test_a_folder_that_goes_is_told_and_what_is_typed_is_saved_when_it_is_back(
    hands: Opened, vault_folder: Path
) -> None:
    away = vault_folder.with_name("pulled out")
    window = hands.window
    typed(hands, "Followed")
    hands.records.editor.save_now()
    hands.until(lambda: "Draft saved" in what_is_called_saved(hands))

    vault_folder.rename(away)
    hands.until(window.away.isVisible)
    assert window.away.what.text() == LOST
    assert "back where it was" in window.away.what_now.text()
    for line in (window.away.what.text(), window.away.what_now.text()):
        assert line in window.away.accessibleName()
    assert not window.away.close_button.isVisible()
    assert "saved" not in what_is_called_saved(hands)
    hands.type(" to the court")
    hands.records.editor.save_now()
    hands.until(lambda: "Not saved yet" in hands.records.editor.state.text())
    QTest.qWait(200)  # it is tried again meanwhile, and refused
    assert "Draft saved" not in what_is_called_saved(hands)
    assert window.away.isVisible()
    assert not window.banner.isVisible()  # one sentence about it is enough

    away.rename(vault_folder)
    hands.until(lambda: "Draft saved" in what_is_called_saved(hands))
    hands.until(lambda: not window.away.isVisible())
    assert hands.records.editor.typed.waiting == {}
    window.lock()
    (resume,) = hands.locked_into
    assert resume.reason == ""
    assert kept_titles(vault_folder) == ["Followed to the court"]


def test_a_version_is_not_called_saved_either(hands: Opened, vault_folder: Path) -> None:
    """Told by the save itself, before the window has looked; once it has, one note is enough."""
    hands.window._idle.stop()
    away = vault_folder.with_name("pulled out")
    typed(hands, "Followed")
    vault_folder.rename(away)

    hands.records.editor.commit()

    hands.until(hands.window.away.isVisible)
    assert not hands.window.banner.isVisible()
    assert "Not saved yet" in hands.records.editor.state.text()
    assert hands.window.foot.saved.text() == ""
    away.rename(vault_folder)
    hands.window._idle.start()
    hands.until(lambda: not hands.window.away.isVisible())
    hands.until(lambda: not hands.records.editor.typed.waiting)
    hands.window.lock()
    assert kept_titles(vault_folder) == ["Followed"]


def test_a_folder_that_was_deleted_saves_nothing_and_says_so_to_the_end(
    hands: Opened, vault_folder: Path
) -> None:
    typed(hands, "Followed")
    shutil.rmtree(vault_folder)
    hands.records.editor.save_now()
    hands.until(hands.window.away.isVisible)
    hands.until(lambda: hands.records.editor.typed.waiting)

    assert not hands.window.close()
    assert "bring the vault back" in hands.window.banner.what_now.text()
    hands.window.lock()

    (resume,) = hands.locked_into
    assert resume.reason == UNWRITTEN
    assert not vault_folder.exists()


def test_a_medium_that_sleeps_is_asked_once_and_the_window_goes_on(
    hands: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[threading.Thread] = []
    wake = threading.Event()

    def sleep() -> bool:
        asked.append(threading.current_thread())
        wake.wait(20)
        return True

    assert hands.window.session is not None
    monkeypatch.setattr(hands.window.session.vault.open_files, "are_there", sleep)
    hands.until(lambda: asked)
    hands.records.new_record("incident")
    hands.type("typed meanwhile")
    QTest.qWait(200)

    assert len(asked) == 1
    assert asked[0] is not threading.main_thread()
    wake.set()
    hands.until(lambda: len(asked) > 1)
