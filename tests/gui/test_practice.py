"""Practising the wipe, from the last step of making a vault and from the settings."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fielddoc.gui.create_screen import CreateScreen
from fielddoc.gui.pages.settings import SettingsPage
from fielddoc.gui.session import Session
from fielddoc.gui.window import Window
from fielddoc.vault.opening import open_vault
from fielddoc.vault.practice import NAME
from gui.windows import PASSPHRASE, RecordingShell, shown


@pytest.fixture
def page(qtbot: QtBot, session: Session, shell: RecordingShell, vault_folder: Path) -> SettingsPage:
    page = SettingsPage(session, shell)
    page.practice.button.hold_ms = 20
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.folder == vault_folder)
    return page


def throw_away(folder: Path) -> list[Path]:
    return list(folder.glob(f"{NAME}*"))


def test_the_wipe_is_practised_from_the_settings_and_the_vault_is_left_alone(
    qtbot: QtBot, page: SettingsPage, vault_folder: Path
) -> None:
    page.practice_button.click()
    qtbot.waitUntil(page.practice.button.isEnabled)
    (place,) = throw_away(vault_folder.parent)
    assert (place / "vault.key").exists()

    page.practice.button.begin()
    qtbot.waitUntil(lambda: " ms," in page.practice.result.text())

    assert throw_away(vault_folder.parent) == []
    assert (vault_folder / "vault.key").exists()
    page.session.close(10)
    open_vault(vault_folder, PASSPHRASE).lock()


def test_letting_go_in_time_wipes_nothing(
    qtbot: QtBot, page: SettingsPage, vault_folder: Path
) -> None:
    page.practice.button.hold_ms = 60_000
    page.practice_button.click()
    qtbot.waitUntil(page.practice.button.isEnabled)

    page.practice.button.begin()
    page.practice.button.release()

    assert "nothing was wiped" in page.practice.result.text()
    assert len(throw_away(vault_folder.parent)) == 1


def test_leaving_the_page_removes_the_throw_away_vault(
    qtbot: QtBot, page: SettingsPage, vault_folder: Path
) -> None:
    page.practice_button.click()
    qtbot.waitUntil(page.practice.button.isEnabled)

    page.leave()

    assert throw_away(vault_folder.parent) == []
    page.practice_button.click()
    qtbot.waitUntil(page.practice.button.isEnabled)


def test_leaving_while_it_is_being_made_leaves_none(
    qtbot: QtBot, page: SettingsPage, vault_folder: Path
) -> None:
    page.practice_button.click()
    page.leave()
    page.session.close(10)

    assert throw_away(vault_folder.parent) == []


def test_where_none_can_be_made_it_says_so(
    qtbot: QtBot, page: SettingsPage, vault_folder: Path
) -> None:
    page.folder = vault_folder / "gone" / "vault"  # a stick that was pulled out
    page.practice_button.click()

    qtbot.waitUntil(page.practice_problem.isVisible)
    assert page.practice_problem.text()
    assert not page.practice.isVisible()


def test_closing_the_window_at_the_last_step_leaves_no_throw_away_vault(
    qtbot: QtBot, tmp_path: Path
) -> None:
    window = Window(hold_ms=20)
    shown(qtbot, window)
    window.show_create()
    create = window.screens.currentWidget()
    assert isinstance(create, CreateScreen)
    create.place.parent_line.setText(str(tmp_path))
    create.go_on()
    qtbot.waitUntil(lambda: create.steps.current == 1)
    create.go_on()
    create.again.line.set_text(create.choice.passphrase())
    create.go_on()
    qtbot.waitUntil(create.practice.button.isEnabled)
    assert len(throw_away(tmp_path)) == 1

    window.close()

    assert throw_away(tmp_path) == []


# --- what is said of the place --------------------------------------------------------------------


def test_making_a_vault_warns_of_a_copied_folder_and_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    copied = tmp_path / "Nextcloud"
    copied.mkdir()
    create = CreateScreen()
    shown(qtbot, create)
    create.place.parent_line.setText(str(copied))

    qtbot.waitUntil(lambda: "copied to a server" in create.place.warnings.words())
    create.go_on()

    qtbot.waitUntil(lambda: create.steps.current == 1)
    create.go_back()
    create.place.parent_line.setText(str(tmp_path))
    qtbot.waitUntil(lambda: "copied to a server" not in create.place.warnings.words())


def test_the_check_in_the_settings_warns_of_the_place(
    qtbot: QtBot, page: SettingsPage, vault_folder: Path
) -> None:
    (vault_folder.parent / ".stfolder").mkdir()
    page.check()

    qtbot.waitUntil(lambda: "copied to a server" in page.warnings.words())
    assert "Everything is as it was written." in page.report.text()
