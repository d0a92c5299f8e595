"""Long work can be stopped, says so, leaves nothing half done behind, and can be begun again."""

import os
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bundle import bundles
from fielddoc.domain.canonical import Json
from fielddoc.errors import CancelledError, WrongPassphraseError
from fielddoc.exchange.plan import Fate
from fielddoc.gui import session
from fielddoc.gui.new_keys import NewKeys
from fielddoc.gui.pages.export import RESULT
from fielddoc.gui.pages.export_open import ExportOpenPage
from fielddoc.gui.pages.import_photos import ImportPhotosPage
from fielddoc.gui.pages.import_table import ImportTablePage
from fielddoc.gui.session import Job
from fielddoc.gui.work_note import WorkNote
from fielddoc.vault import attachments, records
from fielddoc.vault.opening import make_vault, open_vault
from gui.exporting import ready_to_write
from gui.opened import Opened, opened, vault_is_busy
from gui.windows import PASSPHRASE
from interchange.test_photo_metadata import jpeg, whole

MEBIBYTE = 1 << 20
MUCH_MIB = 192
NEW_PASSPHRASE = "seven quite different words for this vault"
STOPPED = CancelledError().sentence()


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


def jobs(hands: Opened) -> list[Job]:
    assert hands.window.session is not None
    return hands.window.session.jobs


def only_job(hands: Opened) -> Job:
    (job,) = jobs(hands)
    return job


def cancel_when_it_goes_on(hands: Opened, note: WorkNote) -> None:
    """Press Cancel once some of the work is done."""
    hands.until(lambda: jobs(hands))
    job = only_job(hands)
    cancelled: list[bool] = []

    def cancel(_what: str, done: int, _total: int) -> None:
        if done and not cancelled:
            cancelled.append(note.isVisible())
            note.cancel_button.click()

    job.progressed.connect(cancel)
    hands.until(lambda: cancelled)
    assert cancelled == [True]
    hands.until(lambda: not jobs(hands) and not note.isVisible())


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
        assert "Undo does not take a bundle back." in page.done_words.text()


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


def test_a_check_is_stopped(hands: Opened) -> None:
    hands.workspace.go("settings")
    page = hands.workspace.settings
    page.check_button.click()
    cancel_when_it_goes_on(hands, page.work)
    assert STOPPED in page.report.text()
    page.check_button.click()
    hands.until(page.check_button.isEnabled)
    assert "4" in page.report.text()


# --- tables, photos, open formats and keys -------------------------------------------------------


@pytest.fixture
def small(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    """Yield a window with an empty vault."""
    with opened(qtbot, vault_folder) as made:
        yield made


def cancel(note: WorkNote) -> None:
    """Press Cancel, which can be pressed once."""
    assert note.isVisible()
    note.cancel_button.click()
    assert not note.cancel_button.isEnabled()


def titles(folder: Path) -> list[str]:
    with open_vault(folder, PASSPHRASE) as vault:
        return sorted(row.title for row in records.listing(vault))


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Return a table of forty people."""
    path = tmp_path / "people.csv"
    rows = "".join(f"{number},Person {number:02}\n" for number in range(1, 41))
    path.write_text(f"No,Name\n{rows}", "utf-8")
    return path


def described(hands: Opened, sheet: Path) -> ImportTablePage:
    page = hands.page("import-table")
    assert isinstance(page, ImportTablePage)
    page.open(sheet)
    hands.until(page.columns.isVisible)
    page.key.setCurrentIndex(page.key.findData("No"))
    return page


def looked_at(hands: Opened, page: ImportTablePage) -> None:
    page.look_button.click()
    hands.until(page.preview.isVisible)


def test_looking_through_a_table_is_stopped_and_begun_again(small: Opened, sheet: Path) -> None:
    page = described(small, sheet)
    with vault_is_busy(small):
        page.look_button.click()
        cancel(page.work)
    small.until(page.problem.isVisible)
    assert page.problem.text().startswith(STOPPED)
    assert not page.work.isVisible()
    assert not page.preview.isVisible()
    assert page.columns.isEnabled()
    looked_at(small, page)
    assert page.plan is not None
    assert page.plan.count(Fate.NEW) == 40
    assert not page.problem.isVisible()


def test_reading_a_table_is_stopped_and_begun_again(small: Opened, sheet: Path) -> None:
    sheet.write_text(sheet.read_text("utf-8") + "41,Person 41\n" * 100_000, "utf-8")
    page = small.page("import-table")
    assert isinstance(page, ImportTablePage)
    page.open(sheet)
    cancel(page.work)
    small.until(page.problem.isVisible)
    assert page.problem.text().startswith(STOPPED)
    assert not page.columns.isVisible()
    described(small, sheet)
    assert not page.problem.isVisible()


def test_the_import_of_a_table_is_stopped_and_goes_on_where_it_was(
    small: Opened, vault_folder: Path, sheet: Path
) -> None:
    page = described(small, sheet)
    looked_at(small, page)
    with vault_is_busy(small):
        page.import_button.click()
        job = only_job(small)
        small.until(lambda: job.progressed_s > job.started_s)
        cancel(page.work)
    small.until(page.show_button.isVisible)
    assert page.notes.text() == "Stopped: 24 rows are left. Import again to go on from there."
    assert not page.import_button.isVisible()
    page = described(small, sheet)
    looked_at(small, page)
    assert page.plan is not None
    assert (page.plan.count(Fate.NEW), page.plan.count(Fate.SAME)) == (24, 16)
    page.import_button.click()
    small.until(page.show_button.isVisible)
    assert page.notes.text() == "Imported."
    small.close()
    assert titles(vault_folder) == [f"Person {number:02}" for number in range(1, 41)]


def test_an_import_that_is_through_is_not_said_to_be_stopped(
    small: Opened, vault_folder: Path, sheet: Path
) -> None:
    sheet.write_text("No,Name\n1,Xu Example\n", "utf-8")
    page = described(small, sheet)
    looked_at(small, page)
    with vault_is_busy(small):
        page.import_button.click()
        job = only_job(small)
        small.until(lambda: job.progressed_s > job.started_s)
        cancel(page.work)  # its only row is being written already
    small.until(page.show_button.isVisible)
    assert page.notes.text() == "Imported."
    assert not page.problem.isVisible()
    small.until(lambda: small.records.model.rowCount() == 1)
    small.close()
    assert titles(vault_folder) == ["Xu Example"]


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """Return a folder with photos that take a while."""
    folder = tmp_path / "camera"
    folder.mkdir()
    for number in range(4):
        rest = os.urandom(MEBIBYTE) * (MUCH_MIB // 4)
        (folder / f"IMG_{number}.jpg").write_bytes(jpeg(whole()) + rest)
    return folder


def photos_page(hands: Opened) -> ImportPhotosPage:
    page = hands.page("import-photos")
    assert isinstance(page, ImportPhotosPage)
    return page


def test_looking_through_photos_is_stopped_and_begun_again(small: Opened, camera: Path) -> None:
    page = photos_page(small)
    page.open(camera)
    cancel_when_it_goes_on(small, page.work)
    assert page.problem.text().startswith(STOPPED)
    assert page.found is None
    assert not page.preview.isVisible()
    page.open(camera)
    small.until(page.preview.isVisible)
    assert page.photos.count() == 4
    assert not page.problem.isVisible()


def test_the_import_of_photos_is_stopped_and_goes_on_where_it_was(
    small: Opened, vault_folder: Path, camera: Path
) -> None:
    page = photos_page(small)
    page.open(camera)
    small.until(page.preview.isVisible)
    page.import_button.click()
    cancel_when_it_goes_on(small, page.work)
    small.until(page.show_button.isVisible)
    left = next(count for count in range(1, 5) if f"Stopped: {count} photos" in page.counts.text())
    page.open(camera)
    small.until(page.preview.isVisible)
    assert page.counts.text() == f"New: {left}. Known already: {4 - left}. Not taken: 0."
    page.import_button.click()
    small.until(lambda: page.counts.text().startswith("Imported."))
    small.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        sizes = {path.stat().st_size for path in camera.iterdir()}
        assert [content.size_bytes for content in attachments.contents(vault)] == 4 * [*sizes]
        assert attachments.unknown_files(vault) == []


def open_page(hands: Opened, folder: Path) -> ExportOpenPage:
    page = hands.page("export-open")
    assert isinstance(page, ExportOpenPage)
    folder.mkdir(exist_ok=True)
    page.line.setText(str(folder))
    page.with_attachments.setChecked(True)
    page.format.setCurrentIndex(page.format.findText("JSONL with its schema, for databases"))
    return page


def test_looking_through_what_would_leave_is_stopped_and_begun_again(
    hands: Opened, tmp_path: Path
) -> None:
    page = open_page(hands, tmp_path / "out")
    with vault_is_busy(hands):
        page.look_button.click()
        job = only_job(hands)
        hands.until(lambda: job.progressed_s > job.started_s)
        cancel(page.work)
    hands.until(page.problem.isVisible)
    assert page.problem.text().startswith(STOPPED)
    assert not page.check.isVisible()
    assert page.what.isEnabled()
    page.look_button.click()
    hands.until(page.check.isVisible)
    assert not page.problem.isVisible()


def test_an_open_export_is_stopped_leaves_no_file_and_is_begun_again(
    hands: Opened, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    page = open_page(hands, out)
    page.look_button.click()
    hands.until(page.check.isVisible)
    page.knows.setChecked(True)
    page.write_button.click()
    cancel_when_it_goes_on(hands, page.work)
    assert page.problem.text().startswith(STOPPED)
    assert not page.result.isVisible()
    assert list(out.iterdir()) == []
    page.write_button.click()
    hands.until(page.result.isVisible)
    assert page.done_words.text().startswith("Written: 4 records, 4 attached files.")
    assert sum(path.stat().st_size for path in out.rglob("*.mp4")) == MUCH_MIB * MEBIBYTE


def filled_form(hands: Opened) -> NewKeys:
    hands.workspace.go("settings")
    page = hands.workspace.settings
    page.begin_new_keys()
    form = page.new_keys
    form.present.set_text(PASSPHRASE)
    form.choice.use_own.setChecked(True)
    form.choice.own.set_text(NEW_PASSPHRASE)
    form.again.set_text(NEW_PASSPHRASE)
    return form


def test_making_new_keys_is_stopped_before_anything_is_changed_and_begun_again(
    small: Opened, vault_folder: Path
) -> None:
    form = filled_form(small)
    with vault_is_busy(small):
        form.make_button.click()
        cancel(form.work)
    small.until(form.problem.isVisible)
    assert form.problem.text().startswith(STOPPED)
    assert form.present.text() == PASSPHRASE
    assert small.locked_into == []
    form.make_button.click()
    small.until(form.isHidden)
    assert small.workspace.settings.new_keys_words.isVisible()
    small.close()
    open_vault(vault_folder, NEW_PASSPHRASE).lock()


def cancel_at_the_first_step(job: Job) -> list[int]:
    """Stop a job right after it told that something is done, on its own thread."""
    told: list[int] = []

    def stop(_what: str, done: int, _total: int) -> None:
        if done and not told:
            told.append(done)
            job.cancel()

    job.progressed.connect(stop, Qt.ConnectionType.DirectConnection)
    return told


@pytest.fixture
def every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_PROGRESS_INTERVAL_S", 0)


@pytest.mark.usefixtures("every_step_is_told")
def test_new_keys_that_can_be_stopped_no_more_are_made_to_the_end(
    small: Opened, vault_folder: Path
) -> None:
    form = filled_form(small)
    with vault_is_busy(small):
        form.make_button.click()
        told = cancel_at_the_first_step(only_job(small))
    small.until(form.isHidden)
    assert len(told) == 1
    assert small.locked_into == []
    assert small.workspace.settings.new_keys_words.isVisible()
    small.close()
    with pytest.raises(WrongPassphraseError):
        open_vault(vault_folder, PASSPHRASE)
    open_vault(vault_folder, NEW_PASSPHRASE).lock()


@pytest.mark.usefixtures("every_step_is_told")
def test_unprotected_files_that_were_written_are_not_said_to_be_stopped(
    qtbot: QtBot, vault_folder: Path, tmp_path: Path
) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        records.add(vault, "incident", {"title": "Tea"})
    with opened(qtbot, vault_folder) as hands:
        out = tmp_path / "out"
        page = open_page(hands, out)
        page.look_button.click()
        hands.until(page.check.isVisible)
        page.knows.setChecked(True)
        with vault_is_busy(hands):
            page.write_button.click()
            told = cancel_at_the_first_step(only_job(hands))  # there is only one
        hands.until(lambda: page.job is None)
        assert told == [1]
        assert page.result.isVisible()
        assert not page.problem.isVisible()
        assert page.files.count() == len(list(out.iterdir())) == 2
