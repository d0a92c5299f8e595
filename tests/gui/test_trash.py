"""The counts at the side, and the trash: moving there, coming back, and removing for good."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.gui.hold_button import HoldButton
from fielddoc.gui.pages.records import ALL, TRASH, RecordsPage
from fielddoc.vault import records
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault
from gui.opened import Opened, opened
from gui.test_keeping import saved_incident
from gui.windows import PASSPHRASE

TITLES = ("Followed", "Licence not renewed", "Tea")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def filled(vault_folder: Path) -> Path:
    """Return a vault with a person and three incidents."""
    with open_vault(vault_folder, PASSPHRASE) as vault:
        names: list[Json] = [{"text": "徐例"}]
        records.add(vault, "person", {"names": names})
        for title in TITLES:
            records.add(vault, "incident", {"title": title})
    return vault_folder


@pytest.fixture
def hands(qtbot: QtBot, filled: Path) -> Iterator[Opened]:
    with opened(qtbot, filled) as made:
        yield made


def counts(hands: Opened) -> dict[str, int]:
    """Return what stands beside the kinds at the side, without the kinds that have no record."""
    navigation = hands.workspace.navigation
    items = [navigation.item(row) for row in range(navigation.count())]
    words = {str(item.data(Qt.ItemDataRole.UserRole)): item.text().split() for item in items}
    numbers = {kind: text[-1] for kind, text in words.items() if text}
    return {kind: int(text) for kind, text in numbers.items() if text.isdecimal() and text != "0"}


def shown_titles(page: RecordsPage) -> list[str]:
    found = [page.model.record_at(row) for row in range(page.model.rowCount())]
    return sorted(record.title if record else "" for record in found)


def show(hands: Opened, kind: str, *titles: str) -> RecordsPage:
    """Choose a kind at the side, and wait until its list has these titles."""
    page = hands.records
    navigation = hands.workspace.navigation
    (row,) = [
        row
        for row in range(navigation.count())
        if navigation.item(row).data(Qt.ItemDataRole.UserRole) == kind
    ]
    navigation.setCurrentRow(row)
    hands.until(lambda: page.kind == kind and shown_titles(page) == sorted(titles))
    return page


def choose(hands: Opened, *titles: str) -> None:
    """Choose these in the list, and nothing else."""
    page = hands.records
    page.list.setFocus()
    page.list.clearSelection()
    for row in range(page.model.rowCount()):
        record = page.model.record_at(row)
        if record is not None and record.title in titles:
            index = page.model.index(row)
            selection = page.list.selectionModel()
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Select)
    hands.until(lambda: sorted(record.title for record in page.chosen()) == sorted(titles))


def said(hands: Opened) -> str:
    return hands.window.foot.message.text()


def in_vault(vault: Vault) -> dict[str, bool]:
    """Return each incident's title, and whether it is in the trash."""
    found = [
        *records.listing(vault, type_name="incident"),
        *records.listing(vault, type_name="incident", trash=True),
    ]
    return {record.title: record.deleted for record in found}


def test_the_counts_at_the_side_follow_what_is_added_removed_and_restored(hands: Opened) -> None:
    before = {ALL: 4, "person": 1, "incident": 3}
    hands.until(lambda: counts(hands) == before)

    saved_incident(hands, "Asked at work")
    hands.until(lambda: counts(hands) == {ALL: 5, "person": 1, "incident": 4})

    hands.records.editor.move_to_trash()
    hands.until(lambda: counts(hands) == {**before, TRASH: 1})
    page = show(hands, "person", "徐例")
    choose(hands, "徐例")
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    hands.until(lambda: counts(hands) == {ALL: 3, "incident": 3, TRASH: 2})

    page = show(hands, TRASH, "Asked at work", "徐例")
    choose(hands, "Asked at work", "徐例")
    page.restore_button.click()
    hands.until(lambda: counts(hands) == {ALL: 5, "person": 1, "incident": 4})
    assert shown_titles(page) == []
    assert page.nothing.text() == "The trash is empty."


def test_del_moves_what_is_chosen_to_the_trash_and_undo_brings_it_back(
    hands: Opened, filled: Path
) -> None:
    page = show(hands, "incident", *TITLES)
    choose(hands, "Followed")
    hands.until(lambda: page.detail.currentWidget() is page.editor)

    hands.key(Qt.Key.Key_Delete)
    hands.until(lambda: shown_titles(page) == ["Licence not renewed", "Tea"])
    assert said(hands) == "Moved to the trash: 1."
    assert page.detail.currentWidget() is page.empty
    assert hands.focused is page.list

    hands.window.foot.undo.click()
    hands.until(lambda: shown_titles(page) == sorted(TITLES))
    assert said(hands) == "Undone: 1."
    assert not hands.window.foot.undo.isVisible()
    hands.close()
    with open_vault(filled, PASSPHRASE) as vault:
        assert in_vault(vault) == dict.fromkeys(TITLES, False)


def test_several_go_to_the_trash_together_and_come_back_together(hands: Opened) -> None:
    page = show(hands, "incident", *TITLES)
    choose(hands, "Followed")
    assert not page.chosen_bar.isVisible()
    choose(hands, "Followed", "Tea")
    assert page.to_trash.isVisible()
    assert not page.purge_button.isVisible()

    page.to_trash.click()
    hands.until(lambda: shown_titles(page) == ["Licence not renewed"])
    assert said(hands) == "Moved to the trash: 2."

    hands.window.foot.undo.click()
    hands.until(lambda: shown_titles(page) == sorted(TITLES))


def in_trash(hands: Opened, *titles: str) -> RecordsPage:
    """Move some to the trash, go there and choose them."""
    page = show(hands, "incident", *TITLES)
    choose(hands, *titles)
    page.delete_chosen()
    page = show(hands, TRASH, *titles)
    choose(hands, *titles)
    return page


def test_what_is_in_the_trash_is_read_and_restored_and_that_too_can_be_undone(
    hands: Opened, filled: Path
) -> None:
    page = in_trash(hands, "Tea")
    hands.until(lambda: page.editor.form is not None)
    assert page.restore_button.isVisible()
    assert page.purge_button.isVisible()
    assert not page.to_trash.isVisible()
    hands.key(Qt.Key.Key_Delete)  # there is nothing further down than the trash
    hands.wait_for_vault()
    assert shown_titles(page) == ["Tea"]

    page.restore_button.click()
    hands.until(lambda: shown_titles(page) == [])
    assert said(hands) == "Restored: 1."
    hands.window.foot.undo.click()
    hands.until(lambda: shown_titles(page) == ["Tea"])

    choose(hands, "Tea")
    page.restore_button.click()
    hands.until(lambda: shown_titles(page) == [])
    show(hands, "incident", *TITLES)
    hands.close()
    with open_vault(filled, PASSPHRASE) as vault:
        assert in_vault(vault) == dict.fromkeys(TITLES, False)


def press(button: HoldButton, how: str) -> None:
    if how == "mouse":
        QTest.mousePress(button, LEFT)
    else:
        button.setFocus()
        QTest.keyPress(button, Qt.Key.Key_Space)


def let_go(button: HoldButton, how: str) -> None:
    if how == "mouse":
        QTest.mouseRelease(button, LEFT)
    else:
        QTest.keyRelease(button, Qt.Key.Key_Space)


@pytest.mark.parametrize("how", ["mouse", "space"])
def test_removing_for_good_is_called_off_by_letting_go(
    hands: Opened, filled: Path, how: str
) -> None:
    page = in_trash(hands, "Tea")
    called_off: list[None] = []
    page.purge_button.cancelled.connect(lambda: called_off.append(None))

    press(page.purge_button, how)
    assert page.purge_button.is_held
    let_go(page.purge_button, how)
    hands.until(lambda: called_off)

    hands.wait_for_vault()
    assert shown_titles(page) == ["Tea"]
    assert said(hands) == "Moved to the trash: 1."
    hands.close()
    with open_vault(filled, PASSPHRASE) as vault:
        assert in_vault(vault) == {**dict.fromkeys(TITLES, False), "Tea": True}


@pytest.mark.parametrize("how", ["mouse", "space"])
def test_removing_for_good_takes_holding_and_only_what_is_chosen(
    hands: Opened, filled: Path, how: str
) -> None:
    page = in_trash(hands, "Followed", "Tea")
    choose(hands, "Tea")
    page.purge_button.hold_ms = 60

    press(page.purge_button, how)
    hands.until(lambda: shown_titles(page) == ["Followed"])
    let_go(page.purge_button, how)

    assert said(hands) == "Removed for good: 1."
    assert not hands.window.foot.undo.isVisible()
    hands.until(lambda: counts(hands) == {ALL: 2, "person": 1, "incident": 1, TRASH: 1})
    hands.close()
    with open_vault(filled, PASSPHRASE) as vault:
        assert in_vault(vault) == {"Licence not renewed": False, "Followed": True}


def test_a_click_on_removing_for_good_removes_nothing(hands: Opened) -> None:
    page = in_trash(hands, "Tea")

    QTest.mouseClick(page.purge_button, LEFT)
    page.purge_button.click()

    hands.wait_for_vault()
    assert shown_titles(page) == ["Tea"]
