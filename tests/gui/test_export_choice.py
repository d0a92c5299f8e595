"""Which records an export takes: all, those that were chosen in the list, and back again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.gui.pages.export import CHECK, HOW_TO_CHOOSE
from fielddoc.gui.pages.export_open import ExportOpenPage
from fielddoc.gui.pages.records import ALL
from fielddoc.vault import records
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

TITLES = ("First", "Second", "Third", "Fourth")


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        for title in TITLES:
            records.add(vault, "incident", {"title": title})
    with opened(qtbot, vault_folder) as made:
        yield made


def choose_two(hands: Opened) -> set[str]:
    """Mark two records in the list, press Export, and return their titles."""
    page = hands.records
    page.show_kind(ALL)
    hands.until(lambda: page.model.rowCount() == len(TITLES))
    for row in (1, 3):
        page.list.selectionModel().select(
            page.model.index(row), QItemSelectionModel.SelectionFlag.Select
        )
    hands.until(lambda: len(page.chosen()) == 2)
    titles = {record.title for record in page.chosen()}
    page.to_export.click()
    return titles


def test_the_page_leads_to_the_list_and_says_how_records_are_chosen(hands: Opened) -> None:
    page = hands.export
    assert not page.what.some.isEnabled()
    page.what.choose_button.click()
    assert hands.workspace.here()[0] == "records"
    assert hands.window.foot.message.text() == HOW_TO_CHOOSE


def test_the_chosen_records_can_be_left_again(hands: Opened) -> None:
    choose_two(hands)
    page = hands.export
    assert page.what.some.isChecked()
    assert page.what.some.text() == "The chosen records: 2"
    page.what.selected.setChecked(True)
    assert page._selection().records == ()
    page.what.some.setChecked(True)
    assert len(page._selection().records) == 2
    page.begin_anew()
    assert page.what.selected.isChecked()
    assert not page.what.some.isEnabled()


@pytest.mark.parametrize("takes_all", [False, True], ids=["chosen", "all after all"])
def test_an_export_holds_exactly_what_was_chosen(hands: Opened, *, takes_all: bool) -> None:
    titles = choose_two(hands)
    page = hands.export
    if takes_all:
        page.what.selected.setChecked(True)
    page.go_on()
    page.whom.to_self.setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    taken = page.check.selection.records
    session = hands.window.session
    assert session is not None
    found: list[set[object]] = []

    def titles_of(vault: Vault) -> set[object]:
        return {records.get(vault, record).values["title"] for record in taken}

    session.ask(hands.window, titles_of, found.append)
    hands.until(lambda: found)
    assert found == [set(TITLES) if takes_all else titles]


def test_what_is_marked_secret_stays_where_no_record_was_chosen(
    qtbot: QtBot, vault_folder: Path
) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        open_one = records.add(vault, "incident", {"title": "Open one"})
        hidden = {"title": "Hidden one", "confidentiality": "secret"}
        records.add(vault, "incident", hidden)
    with opened(qtbot, vault_folder) as hands:
        page = hands.export
        page.go_on()
        hands.until(page.whom.to_self.isVisible)
        page.whom.to_self.setChecked(True)
        page.go_on()
        hands.until(lambda: page.step == CHECK)
        assert page.check.selection.records == (open_one,)
        assert "1" in page.check.unknown.text(), "what stays is said"


# --- unencrypted files ----------------------------------------------------------------------------


def lines_that_left(hands: Opened, page: ExportOpenPage, folder: Path) -> list[dict[str, Any]]:
    """Write JSONL into a folder, and return its lines."""
    folder.mkdir()
    page.line.setText(str(folder))
    page.format.setCurrentIndex(3)
    page.look_button.click()
    hands.until(lambda: not page.check.isHidden())
    page.knows.setChecked(True)
    page.write_button.click()
    hands.until(lambda: not page.result.isHidden())
    text = (folder / "records.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def open_page(hands: Opened) -> ExportOpenPage:
    page = hands.workspace.pages.currentWidget()
    assert isinstance(page, ExportOpenPage)
    return page


def test_unencrypted_files_hold_exactly_what_was_marked_in_the_list(
    hands: Opened, tmp_path: Path
) -> None:
    titles = choose_two(hands)
    hands.export.open_button.click()
    page = open_page(hands)
    assert page.some.text() == "The chosen records: 2"
    assert not page.with_sources.isEnabled()

    lines = lines_that_left(hands, page, tmp_path / "two")
    assert {line["values"]["title"] for line in lines} == titles

    page.again_button.click()
    page.everything.setChecked(True)
    assert page.with_sources.isEnabled()
    lines = lines_that_left(hands, page, tmp_path / "all")
    assert {line["values"]["title"] for line in lines} == set(TITLES)


def test_without_marks_all_leave_and_the_page_leads_to_the_list(hands: Opened) -> None:
    choose_two(hands)
    hands.export.what.selected.setChecked(True)
    hands.export.open_button.click()
    page = open_page(hands)
    assert page.everything.isChecked()
    assert not page.some.isEnabled()

    page.list_button.click()

    assert hands.workspace.here()[0] == "records"
    assert hands.window.foot.message.text() == HOW_TO_CHOOSE


def test_fields_are_left_out_of_unencrypted_files(hands: Opened, tmp_path: Path) -> None:
    session = hands.window.session
    assert session is not None
    added: list[str] = []
    values: dict[str, Json] = {"title": "Fifth", "place": "Zhenjiang", "date": "2022-08"}
    values["date_words"] = "mid-August"
    session.ask(hands.window, lambda vault: records.add(vault, "incident", values), added.append)
    hands.until(lambda: added)
    hands.workspace.go("export-open", {"records": [*added]})
    page = open_page(hands)
    page.fields.button.click()
    page.fields.boxes["incident.place"].setChecked(True)
    page.fields.boxes["incident.date"].setChecked(True)

    (line,) = lines_that_left(hands, page, tmp_path / "out")

    assert line["values"] == {"title": "Fifth"}
