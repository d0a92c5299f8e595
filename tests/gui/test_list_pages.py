"""What comes too late is not shown, and a long list brings its rows where one looks."""

from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fielddoc.gui.pages.records import FIRST_HITS, RecordsPage
from fielddoc.gui.record_list import PAGE_ROWS
from fielddoc.vault import records
from fielddoc.vault.opening import make_vault
from gui.opened import Opened, opened, vault_is_busy
from gui.windows import PASSPHRASE

MANY = 1500
"""More rows than the first hits, and more than a few pages."""
NEWEST = f"Followed {MANY - 1:04}"


@pytest.fixture(scope="module")
def long_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a vault with many incidents, the first of them "Followed 0000"."""
    folder = tmp_path_factory.mktemp("long") / "vault"
    with make_vault(folder, PASSPHRASE) as vault, vault.database.transaction():
        for number in range(MANY):
            records.add(vault, "incident", {"title": f"Followed {number:04}"})
    return folder


@pytest.fixture
def hands(qtbot: QtBot, long_vault: Path) -> Iterator[Opened]:
    with opened(qtbot, long_vault) as made:
        made.until(lambda: is_whole(made.records, MANY))
        yield made


def is_whole(page: RecordsPage, count: int) -> bool:
    """Whether a list has so many rows, those that can be seen are here, and none is on its way."""
    rows = page.list.visible_rows()
    return (
        not (page.is_listing or page.model._wanted or page.model._asked)
        and page.model.rowCount() == count
        and all(page.model.record_at(row) for row in rows)
    )


def title_at(page: RecordsPage, row: int) -> str:
    record = page.model.record_at(row)
    return "" if record is None else record.title


def answered_but_not_told(hands: Opened) -> None:
    """Let the vault's thread do all that it was asked; the window hears of it later."""
    assert hands.window.session is not None
    assert hands.window.session.settle(20)


def hear(hands: Opened) -> None:
    """Let the window hear what it was answered, while nothing more can be answered."""
    application = QApplication.instance()
    assert application is not None
    for _ in range(3):
        application.processEvents()


def test_a_listing_that_was_asked_for_earlier_and_comes_later_is_not_shown(hands: Opened) -> None:
    page = hands.records
    shown: list[tuple[str, ...]] = []
    page.model.modelReset.connect(lambda: shown.append(page.model.query.words))

    page.search.setText("0007")
    answered_but_not_told(hands)
    with vault_is_busy(hands):
        page.search.setText("0008")
        hear(hands)
        assert page.is_listing
        assert title_at(page, 0) == NEWEST
        assert page.model.rowCount() == MANY
    hands.until(lambda: is_whole(page, 1))

    assert title_at(page, 0) == "Followed 0008"
    assert shown == [("0008",)]


def test_of_what_is_typed_while_the_vault_is_busy_only_the_last_is_shown(hands: Opened) -> None:
    page = hands.records
    shown: list[tuple[str, ...]] = []
    page.model.modelReset.connect(lambda: shown.append(page.model.query.words))

    page.search.setFocus()
    with vault_is_busy(hands):
        hands.type("0009")
        hear(hands)
    hands.until(lambda: is_whole(page, 1))

    assert title_at(page, 0) == "Followed 0009"
    assert shown == [("0009",)]


def test_the_rest_of_a_list_that_is_no_longer_wanted_is_not_shown(hands: Opened) -> None:
    page = hands.records
    page.search.setText("0007")
    hands.until(lambda: is_whole(page, 1))
    page.search.clear()
    hands.until(lambda: not page.is_listing and page.model.rowCount() == FIRST_HITS)
    page._list_all()  # what the pause in typing does
    answered_but_not_told(hands)
    with vault_is_busy(hands):
        page.search.setText("0008")
        hear(hands)
        assert page.model.rowCount() == FIRST_HITS
    hands.until(lambda: is_whole(page, 1))

    assert title_at(page, 0) == "Followed 0008"
    assert page.count.text() == f"1 of {MANY:,} records"


def test_rows_that_were_asked_for_another_list_are_not_put_into_this_one(hands: Opened) -> None:
    model = hands.records.model
    numbers = model.numbers()
    last = len(numbers) - 1
    assert model.data(model.index(last)) == ""
    model._bring()  # what the end of a round of painting does
    answered_but_not_told(hands)

    with vault_is_busy(hands):
        model.set_numbers(array("q", numbers))
        hear(hands)
        assert model.record_at(last) is None


def test_rows_are_asked_for_where_one_scrolls_to_and_nowhere_else(hands: Opened) -> None:
    page = hands.records
    bar = page.list.verticalScrollBar()
    middle = MANY // 2
    assert title_at(page, 0) == NEWEST
    assert [page.model.record_at(row) for row in (middle, MANY - 1)] == [None, None]

    page.model.asked_pages.clear()
    bar.setValue(bar.maximum())
    hands.until(lambda: page.model.record_at(MANY - 1))
    assert title_at(page, MANY - 1) == "Followed 0000"
    assert page.model.asked_pages == [MANY % PAGE_ROWS]
    assert page.model.record_at(middle) is None

    page.model.asked_pages.clear()
    bar.setValue(middle * page.list.row_height())
    hands.until(lambda: is_whole(page, MANY))
    assert title_at(page, middle) == f"Followed {MANY - 1 - middle:04}"
    assert page.model.asked_pages == [PAGE_ROWS]

    bar.setValue(0)
    hands.wait_for_vault()
    assert title_at(page, 0) == NEWEST
    assert page.model.asked_pages == [PAGE_ROWS], "what is here is not asked for again"


def on_the_screen(hands: Opened) -> QImage:
    """Return what was last painted of the list; `grab` would paint it anew."""
    viewport = hands.records.list.viewport()
    box = viewport.rect().translated(viewport.mapTo(hands.window, QPoint()))
    return hands.window.screen().grabWindow(hands.window.winId()).copy(box).toImage()


def test_what_is_seen_moves_with_the_wheel(hands: Opened) -> None:
    page = hands.records
    before = on_the_screen(hands)
    viewport = page.list.viewport()
    middle = viewport.rect().center()
    down = QWheelEvent(
        middle,
        viewport.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, down)

    assert page.list.visible_rows().start > 0
    hands.until(lambda: on_the_screen(hands) != before)


def test_the_end_of_a_long_list_is_reached_by_a_key_and_can_be_opened(hands: Opened) -> None:
    page = hands.records
    page.list.setFocus()

    hands.key(Qt.Key.Key_End)
    hands.until(lambda: title_at(page, MANY - 1) == "Followed 0000")

    hands.until(lambda: page.editor.form is not None)
    assert page.editor.form is not None
    assert page.editor.form.values()["title"] == "Followed 0000"
