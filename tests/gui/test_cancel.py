"""Long work can be stopped, says so, leaves nothing half done behind, and can be begun again."""

import os
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from bundle import bundles
from fielddoc.domain.canonical import Json
from fielddoc.errors import CancelledError
from fielddoc.gui.pages.export import CHECK, RESULT, ExportPage
from fielddoc.gui.work_note import WorkNote
from fielddoc.vault import attachments, records
from fielddoc.vault.opening import make_vault, open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

MEBIBYTE = 1 << 20
MUCH_MIB = 192


@pytest.fixture
def big_vault(vault_folder: Path) -> Path:
    """Return a vault with much in it, so that work with it takes a while."""
    with open_vault(vault_folder, PASSPHRASE) as vault:
        for number in range(4):
            blocks = repeat(os.urandom(MEBIBYTE), MUCH_MIB // 4)
            content = attachments.store(vault, blocks)
            described: dict[str, Json] = {
                "name": f"film-{number}.mp4",
                "media_type": "video/mp4",
                "sha256": content.sha256,
                "size_bytes": content.size_bytes,
            }
            records.add(vault, "attachment", described)
    return vault_folder


@pytest.fixture
def hands(qtbot: QtBot, big_vault: Path) -> Iterator[Opened]:
    with opened(qtbot, big_vault) as made:
        yield made


def cancel_when_it_goes_on(hands: Opened, note: WorkNote) -> None:
    """Press Cancel once some of the work is done."""
    session = hands.window.session
    assert session is not None
    hands.until(lambda: session.jobs)
    (job,) = session.jobs
    cancelled: list[bool] = []

    def cancel(_what: str, done: int, _total: int) -> None:
        if done and not cancelled:
            cancelled.append(note.isVisible())
            note.cancel_button.click()

    job.progressed.connect(cancel)
    hands.until(lambda: cancelled)
    assert cancelled == [True]
    hands.until(lambda: not session.jobs and not note.isVisible())


def ready_to_write(hands: Opened, stick: Path) -> ExportPage:
    stick.mkdir(exist_ok=True)
    page = hands.export
    page.what.complete.setChecked(True)
    page.go_on()
    page.whom.to_self.setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    page.go_on()
    page.where.line.setText(str(stick))
    return page


def test_an_export_is_stopped_and_begun_again(hands: Opened, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    page = ready_to_write(hands, stick)
    page.go_on()
    cancel_when_it_goes_on(hands, page.work)
    hands.until(lambda: page.step == RESULT)
    assert list(stick.iterdir()) == []
    page.go_on()
    page = ready_to_write(hands, stick)
    page.go_on()
    hands.until(lambda: page.job is None and page.step == RESULT)
    assert [path.suffix for path in stick.iterdir()] == [".age"]


def test_an_import_is_stopped_at_either_step_and_taken_afterwards(
    qtbot: QtBot, big_vault: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with (
        open_vault(big_vault, PASSPHRASE) as sender,
        make_vault(tmp_path / "partner", PASSPHRASE, name="Bo") as receiver,
    ):
        bundles.introduce(sender, receiver)
        bundles.introduce(receiver, sender)
        path = bundles.complete(sender, receiver, stick)
    with opened(qtbot, tmp_path / "partner") as hands:
        page = hands.import_
        page.open(path)
        cancel_when_it_goes_on(hands, page.work)
        assert page.preview is None
        assert page.problem.isVisible()
        page.open(path)
        hands.until(lambda: page.preview is not None)
        page.take()
        cancel_when_it_goes_on(hands, page.work)
        hands.wait_for_vault()
        assert not page.result.isVisible()
        hands.close()
        with open_vault(tmp_path / "partner", PASSPHRASE) as receiver:
            assert records.listing(receiver) == []
            assert attachments.contents(receiver) == []
            assert attachments.unknown_files(receiver) == []
    with opened(qtbot, tmp_path / "partner") as hands:
        page = hands.import_
        page.open(path)
        hands.until(lambda: page.preview is not None)
        page.take()
        hands.until(page.result.isVisible)
        assert "4" in page.done_words.text()


def test_attaching_is_stopped_and_what_was_whole_stays(
    qtbot: QtBot, vault_folder: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / f"film-{number}.mp4" for number in range(3)]
    size_bytes = MEBIBYTE * MUCH_MIB // 3
    for path in paths:
        path.write_bytes(os.urandom(MEBIBYTE) * (MUCH_MIB // 3))
    with opened(qtbot, vault_folder) as hands:
        editor = hands.records.editor
        hands.records.new_record("incident")
        hands.type("Followed")
        editor.commit()
        hands.wait_for_vault()
        files = editor.files
        editor.tabs.setCurrentWidget(files)
        files.add_files(paths)
        cancel_when_it_goes_on(hands, files.add_note)
        hands.wait_for_vault()
        hands.until(lambda: len(files.model.files) < len(paths))
        kept = len(files.model.files)
    with open_vault(vault_folder, PASSPHRASE) as vault:
        contents = attachments.contents(vault)
        assert len(contents) == kept
        assert all(content.size_bytes == size_bytes for content in contents)
        assert attachments.unknown_files(vault) == []


def sentence_of_cancelling() -> str:
    return CancelledError().sentence()


def test_a_check_is_stopped(hands: Opened) -> None:
    hands.workspace.go("settings")
    page = hands.workspace.settings
    page.check_button.click()
    cancel_when_it_goes_on(hands, page.work)
    assert sentence_of_cancelling() in page.report.text()
    page.check_button.click()
    hands.until(page.check_button.isEnabled)
    assert "4" in page.report.text()
