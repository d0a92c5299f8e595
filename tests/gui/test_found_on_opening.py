"""What was found on opening a vault is told in the window, until the person closes it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fielddoc.errors import DiskFullError
from fielddoc.gui.language import use_language
from fielddoc.vault import records
from fielddoc.vault import rekey as rekeying
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import JOURNAL_MOVED_ASIDE, LOG_MISSING, MOVED_ASIDE
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE
from vault.folders import abandon


@pytest.fixture
def hands(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setenv("LANGUAGE", "en")
    with opened(qtbot) as made:
        yield made
    monkeypatch.setenv("LANGUAGE", "en")
    use_language("")


def crashed(folder: Path) -> Path:
    vault = open_vault(folder, PASSPHRASE)
    records.add(vault, "incident", {"title": "saved last"})
    abandon(vault)
    return folder / "records.db-wal"


def told(hands: Opened) -> list[str]:
    """Return the lines that are told, and make sure that a screen reader finds them too."""
    found = hands.window.found
    if found.isHidden():
        return []
    assert found.isVisible()
    for line in (found.what.text(), found.what_now.text()):
        assert line
        assert line in found.accessibleName()
    return found.what.text().splitlines()


def test_a_vault_that_was_locked_tells_nothing(hands: Opened, vault_folder: Path) -> None:
    hands.unlock(vault_folder)

    assert told(hands) == []


def test_a_log_that_is_gone_after_a_crash_is_told_in_the_window(
    hands: Opened, tmp_path: Path, vault_folder: Path
) -> None:
    """The process that crashed is another one: its connection holds this vault's files here."""
    crashed(vault_folder)
    copy = tmp_path / "found"
    copy.mkdir()
    (copy / "attachments").mkdir()
    for name in ("vault.key", "records.db"):
        (copy / name).write_bytes((vault_folder / name).read_bytes())

    hands.unlock(copy)

    assert told(hands) == [LOG_MISSING]


def test_a_foreign_log_that_was_moved_aside_is_told_in_the_window(
    hands: Opened, vault_folder: Path
) -> None:
    (vault_folder / "records.db-wal").write_bytes(b"foreign" * 1000)

    hands.unlock(vault_folder)

    assert told(hands) == [MOVED_ASIDE]


def test_a_planted_journal_is_told_in_the_window_with_the_rest(
    hands: Opened, vault_folder: Path
) -> None:
    (vault_folder / "records.db-wal").write_bytes(b"foreign" * 1000)
    (vault_folder / "records.db-journal").write_bytes(b"planted" * 1000)

    hands.unlock(vault_folder)

    assert told(hands) == [JOURNAL_MOVED_ASIDE, MOVED_ASIDE]


def test_new_keys_that_are_unfinished_are_told_in_the_window(
    hands: Opened, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(rekeying, "_rekey_database", cut_off)
        with pytest.raises(DiskFullError), open_vault(vault_folder, PASSPHRASE) as vault:
            rekeying.rekey(vault, PASSPHRASE, cost=vault.key_file.half.public.cost)
    monkeypatch.setattr(rekeying, "_free_bytes", lambda _: 1000)

    hands.unlock(vault_folder)

    assert told(hands) == [rekeying.UNFINISHED]


def test_it_stays_beside_other_notes_until_it_is_closed(hands: Opened, vault_folder: Path) -> None:
    (vault_folder / "records.db-wal").write_bytes(b"foreign" * 1000)
    hands.unlock(vault_folder)

    hands.window.show_error(DiskFullError())
    hands.window.banner.close_button.click()
    hands.workspace.go("settings")
    hands.workspace.settings.language.setCurrentIndex(
        hands.workspace.settings.language.findData("zh_CN")
    )
    hands.workspace.settings.language.activated.emit(0)
    hands.until(lambda: hands.window.lock_button.text() != "Lock")

    (line,) = told(hands)
    assert "records.db-wal" in line
    assert line != MOVED_ASIDE
    hands.window.found.close_button.click()
    assert told(hands) == []


def test_it_is_told_again_if_it_was_locked_before_anybody_closed_it(
    qtbot: QtBot, hands: Opened, vault_folder: Path
) -> None:
    (vault_folder / "records.db-wal").write_bytes(b"foreign" * 1000)
    hands.unlock(vault_folder)
    hands.window.lock()
    (resume,) = hands.locked_into
    hands.close()

    with opened(qtbot, vault_folder, resume) as again:
        assert told(again) == [MOVED_ASIDE]
        again.window.found.close_button.click()
        again.window.lock()
        (resume,) = again.locked_into
    assert resume.notices == ()


@pytest.mark.parametrize(
    ("given", "taken"), [([LOG_MISSING, 7], (LOG_MISSING,)), (7, ()), ({"a": "b"}, ())]
)
def test_of_what_the_process_before_left_only_sentences_are_taken(
    given: object, taken: tuple[str, ...]
) -> None:
    code = "from fielddoc.gui.relaunch import read_resume; print(read_resume().notices)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps({"notices": given}).encode(),
        capture_output=True,
        check=True,
    )
    assert told.stdout.decode().strip() == str(taken)
