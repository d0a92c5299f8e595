"""Text that is painted by hand: nothing is cut off, whatever script it is in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.gui import style
from fielddoc.gui.fields.chronology import ChronologyField
from fielddoc.gui.lines_delegate import FittedList, LinesDelegate
from fielddoc.gui.painted_text import in_lines, paint_line, wrapped
from fielddoc.vault import records
from fielddoc.vault.opening import open_vault
from gui.opened import opened
from gui.windows import PASSPHRASE, shown

TIBETAN = "བསྟན་འཛིན་ཆོས་སྒྲོན"
CHINESE = "邓望舒"


def ink_rows(image: QImage, room: QRect | None = None) -> list[int]:
    """Return the rows of pixels in which something is painted on the ground of the first pixel."""
    room = room or image.rect()
    ground = image.pixel(room.topLeft())
    return [
        y
        for y in range(room.top(), room.bottom() + 1)
        if any(image.pixel(x, y) != ground for x in range(room.left(), room.right() + 1))
    ]


def alone(text: str, font: QFont) -> QImage:
    image = QImage(600, 120, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(font)
    painter.drawText(10, 60, text)
    painter.end()
    return image


def in_bands(rows: list[int]) -> int:
    return sum(1 for place, row in enumerate(rows) if place == 0 or rows[place - 1] != row - 1)


@pytest.mark.parametrize("text_percent", style.TEXT_SCALES)
def test_a_tibetan_name_keeps_its_vowel_signs_in_a_line_of_latin_height(
    qapp: QApplication, text_percent: int
) -> None:
    style.apply(qapp, dark=False, text_percent=text_percent)
    font = qapp.font()
    image = QImage(600, 120, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(font)
    room = QRect(10, 50, 580, QFontMetrics(font).height())
    paint_line(painter, room, TIBETAN, Qt.LayoutDirection.LeftToRight)
    painter.end()
    assert len(ink_rows(image)) == len(ink_rows(alone(TIBETAN, font)))


def test_a_tibetan_name_in_the_record_list_keeps_its_vowel_signs(
    qtbot: QtBot, vault_folder: Path
) -> None:
    vault = open_vault(vault_folder, PASSPHRASE)
    records.add(vault, "person", {"names": [{"text": TIBETAN, "kind": "own-script"}]})
    vault.lock()
    with opened(qtbot, vault_folder) as window:
        shown_list, model = window.records.list, window.records.model
        window.until(lambda: model.record_at(0))
        shown_list.clearSelection()
        shown_list.clearFocus()
        window.qtbot.wait(50)
        row = shown_list.visualRect(model.index(0))
        image = shown_list.viewport().grab(row).toImage()
        font = QApplication.font()
        name = QFontMetrics(font).horizontalAdvance(TIBETAN)
        start = 3 * style.GRID + style.scaled(18)
        # Only what stands behind the word below, which is shorter than the name.
        title = QRect(start + name // 2, 0, name // 2 + style.GRID, image.height())
        whole = alone(TIBETAN, font)
        behind = QRect(10 + name // 2, 0, name // 2 + style.GRID, whole.height())
        assert len(ink_rows(image, title)) == len(ink_rows(whole, behind))


@pytest.fixture
def lines(qtbot: QtBot) -> Iterator[QListWidget]:
    made = QListWidget()
    made.setWordWrap(True)
    made.setItemDelegate(LinesDelegate(made))
    made.resize(400, 300)
    shown(qtbot, made)
    yield made
    made.close()


def of_item(view: QListWidget, row: int) -> QImage:
    view.setCurrentRow(-1)
    rect = view.visualItemRect(view.item(row))
    return view.viewport().grab(rect.adjusted(0, 0, -1, 0)).toImage()


@pytest.mark.parametrize("name", ["Deng", CHINESE, TIBETAN])
@pytest.mark.parametrize("has_icon", [False, True])
def test_an_item_shows_the_line_after_a_name_in_any_script(
    lines: QListWidget, name: str, *, has_icon: bool
) -> None:
    lines.addItem(f"{name}\nPerson")
    lines.addItem(name)
    if has_icon:
        for row in (0, 1):
            lines.item(row).setIcon(style.icon("user", "#ffffff"))
    two, one = ink_rows(of_item(lines, 0)), ink_rows(of_item(lines, 1))
    assert len(two) > len(one) + 5
    assert of_item(lines, 0).height() > of_item(lines, 1).height()


def test_a_list_is_as_high_as_its_items_up_to_a_limit(qtbot: QtBot) -> None:
    holder = QWidget()
    column = QVBoxLayout(holder)
    made = FittedList(most_pixels=200)
    made.addItem("records.xlsx")
    column.addWidget(made)
    column.addStretch(1)
    holder.resize(400, 500)
    shown(qtbot, holder)
    one = made.height()
    assert one < 2 * made.visualItemRect(made.item(0)).height()
    made.addItem(CHINESE)
    qtbot.waitUntil(lambda: one < made.height() < 200, timeout=5000)
    assert not made.verticalScrollBar().isVisible()
    made.addItems(["more"] * 30)
    qtbot.waitUntil(lambda: made.height() == 200, timeout=5000)


def test_an_item_grows_when_its_list_becomes_narrow(qtbot: QtBot, lines: QListWidget) -> None:
    lines.addItem("When it happened, kinds, when it became known, people and their roles")
    before = lines.visualItemRect(lines.item(0)).height()
    lines.resize(200, 300)
    qtbot.waitUntil(lambda: lines.visualItemRect(lines.item(0)).height() > before, timeout=5000)
    assert not lines.horizontalScrollBar().isVisible()


def test_a_column_wraps_to_two_lines_and_is_shortened_only_then(qtbot: QtBot) -> None:
    tree = QTreeWidget()
    tree.setHeaderLabels(["Day", "What"])
    tree.setWordWrap(True)
    tree.setItemDelegate(LinesDelegate(tree, most_lines=2))
    tree.resize(400, 300)
    sentence = "From criminal detention to the request for approval of arrest: 30 days."
    for words in ("Short.", sentence, sentence * 9):
        tree.addTopLevelItem(QTreeWidgetItem(["1 May", words]))
    shown(qtbot, tree)
    one, two, many = (
        tree.visualItemRect(tree.topLevelItem(row)).height()  # type: ignore[arg-type]
        for row in range(3)
    )
    assert one < two == many
    tree.close()


@pytest.mark.usefixtures("qapp")
@given(st.text(st.sampled_from("ab 邓༔ཆུ😀ئا-"), max_size=60), st.integers(1, 300))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    lines = wrapped(text, QApplication.font(), width, width)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_button_keeps_each_character_of_a_name_outside_the_first_plane(
    qapp: QApplication,
) -> None:
    name = "𠮷田与六 " * 6
    assert in_lines(name, qapp.font(), 60).replace("\n", "").replace(" ", "") == "𠮷田与六" * 6


def test_hits_are_marked_where_they_stand_when_mirrored(qapp: QApplication) -> None:
    from fielddoc.domain.folding import Span
    from fielddoc.gui.hits import paint_marked

    image = QImage(300, 30, QImage.Format.Format_RGB32)
    marked: list[list[int]] = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        qapp.setLayoutDirection(direction)
        try:
            image.fill(Qt.GlobalColor.white)
            painter = QPainter(image)
            paint_marked(painter, QRect(0, 0, 300, 30), "the court said", [Span(4, 9)], direction)
            painter.end()
        finally:
            qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        mark = QColor(style.colours_now().mark).rgb()
        columns = [x for x in range(300) if image.pixel(x, 15) == mark]
        marked.append(columns)
    left, right = marked
    assert left
    assert abs((right[-1] - right[0]) - (left[-1] - left[0])) <= 1
    shift = right[0] - left[0]
    assert shift > 100


def test_tibetan_in_a_chronology_keeps_its_vowel_signs(qtbot: QtBot, vault_folder: Path) -> None:
    with opened(qtbot, vault_folder) as window:
        window.records.new_record("detention")
        form = window.records.editor.form
        assert form is not None
        entry: dict[str, Json] = {"kind": "taken-away", "date": "2022-10", "text": TIBETAN}
        form.set_values({"entries": [entry]})
        chronology = form.widget_of("entries")
        assert isinstance(chronology, ChronologyField)
        window.until(lambda: chronology.list.topLevelItemCount() == 1)
        view = chronology.list
        view.selectionModel().clear()
        window.qtbot.wait(50)
        details = view.visualRect(view.model().index(0, 2))
        image = view.viewport().grab(details.adjusted(0, 0, -1, -1)).toImage()

    assert len(ink_rows(image)) == len(ink_rows(alone(TIBETAN, QApplication.font())))
