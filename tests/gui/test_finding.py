"""Searching in the window: filters, chips, saved searches, marks, and lists of any length."""

from array import array

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.domain.facets import TermFacet
from fielddoc.domain.query import FieldName, OfTerm
from fielddoc.gui.fields.chips import Chip
from fielddoc.gui.hits import ExcerptLine, units
from fielddoc.gui.record_list import EXCERPT, RECORD
from fielddoc.gui.session import Session
from fielddoc.gui.workspace import Workspace
from fielddoc.vault import records, searches
from fielddoc.vault.finding import Order
from fielddoc.vault.vault import Vault
from gui.windows import RecordingShell, shown


def fill(vault: Vault) -> dict[str, str]:
    person = records.add(vault, "person", {"names": [{"text": "邓远山"}, {"text": "Deng"}]})
    entries: list[Json] = [
        {"kind": "summons", "date": "2022-09-03"},
        {"kind": "formal-arrest", "date": "2022-11", "charges": ["picking-quarrels"]},
    ]
    detention = records.add(vault, "detention", {"persons": [person], "entries": entries})
    words = {"title": "Tea", "date": "2022-08", "what_happened": "They asked for 鄧遠山 twice."}
    incident = records.add(vault, "incident", words)
    return {"person": person, "detention": detention, "incident": incident}


@pytest.fixture
def made(qtbot: QtBot, session: Session) -> dict[str, str]:
    found: list[dict[str, str]] = []
    session.ask(session, fill, found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    return found[0]


@pytest.fixture
def workspace(
    qtbot: QtBot, session: Session, shell: RecordingShell, made: dict[str, str]
) -> Workspace:
    workspace = Workspace(session, shell)
    workspace.resize(1100, 700)
    shown(qtbot, workspace)
    wait_for(qtbot, workspace, len(made))
    return workspace


def wait_for(qtbot: QtBot, workspace: Workspace, count: int) -> list[str]:
    """Wait until the search that is typed is answered with so many rows, and return their ids."""
    page = workspace.records

    def is_there() -> bool:
        rows = range(page.model.rowCount())
        return (
            page.model.query == page.bar.query
            and len(rows) == count
            and all(page.model.record_at(row) for row in rows)
        )

    qtbot.waitUntil(is_there, timeout=20_000)
    found = [page.model.record_at(row) for row in range(count)]
    return [record.id for record in found if record is not None]


def chips(workspace: Workspace) -> list[str]:
    return [c.words for c in workspace.records.bar.chips.findChildren(Chip) if not c.isHidden()]


def test_fields_narrow_the_list_as_one_types(
    qtbot: QtBot, workspace: Workspace, made: dict[str, str]
) -> None:
    bar = workspace.records.bar
    bar.show_text("charge:寻衅滋事罪 date:2022-09..2022-11")
    assert wait_for(qtbot, workspace, 1) == [made["detention"]]
    assert chips(workspace) == [
        "Charge: picking quarrels and provoking trouble",
        "Date, possibly in: from September 2022 to November 2022",
    ]
    chip = bar.chips.findChildren(Chip)[0]
    chip.removed.emit()
    assert bar.text() == "date:2022-09..2022-11"
    bar.show_text("-person:远山")
    assert wait_for(qtbot, workspace, 1) == [made["incident"]]
    assert chips(workspace) == ["not Person: 远山"]


def test_a_filter_is_chosen_with_type_ahead(
    qtbot: QtBot, workspace: Workspace, made: dict[str, str]
) -> None:
    bar = workspace.records.bar
    bar.filter_button.click()
    adder = bar.adder
    adder.field.setCurrentIndex(adder.field.findData(FieldName.CHARGE.value))
    adder.value.setFocus()
    qtbot.waitUntil(adder.value.hasFocus)
    QTest.keyClicks(adder.value, "picking")
    qtbot.waitUntil(lambda: bool(adder.value.choices))
    QTest.keyClick(adder.value, Qt.Key.Key_Return)
    assert bar.text() == "charge:picking-quarrels"
    (clause,) = bar.query.clauses
    assert clause.condition == OfTerm(TermFacet.CHARGE, ("picking-quarrels",))
    assert wait_for(qtbot, workspace, 1) == [made["detention"]]

    bar.show_text("")
    adder.field.setCurrentIndex(adder.field.findData(FieldName.PERSON.value))
    adder.value.setFocus()
    QTest.keyClicks(adder.value, "Den")
    qtbot.waitUntil(lambda: bool(adder.value.choices), timeout=20_000)
    QTest.keyClick(adder.value, Qt.Key.Key_Return)
    assert bar.text() == "person:Deng"
    assert wait_for(qtbot, workspace, 2) == [made["detention"], made["person"]]


def test_what_is_not_understood_is_said(workspace: Workspace) -> None:
    bar = workspace.records.bar
    bar.show_text("colour:red")
    assert bar.problem.isVisible()
    assert "colour" in bar.problem.text()
    bar.show_text("red")
    assert not bar.problem.isVisible()


def test_best_first_puts_names_first(
    qtbot: QtBot, workspace: Workspace, made: dict[str, str]
) -> None:
    page = workspace.records
    page.bar.show_text("远山")
    assert wait_for(qtbot, workspace, 3) == [made["incident"], made["person"], made["detention"]]
    assert page.order.isVisible()
    page.order.setCurrentIndex(page.order.findData(Order.BEST.value))
    first = [made["person"], made["incident"], made["detention"]]
    qtbot.waitUntil(lambda: wait_for(qtbot, workspace, 3) == first, timeout=20_000)


def test_hits_are_shown_in_the_row_and_in_the_record(
    qtbot: QtBot, workspace: Workspace, made: dict[str, str]
) -> None:
    page = workspace.records
    page.bar.show_text("远山")
    wait_for(qtbot, workspace, 3)
    excerpt = page.model.index(0, 0).data(EXCERPT)
    (mark,) = excerpt.marks
    assert excerpt.text[mark.start : mark.end] == "遠山"
    assert page.model.index(1, 0).data(EXCERPT) is None

    page.list.setCurrentIndex(page.model.index(0, 0))
    qtbot.waitUntil(lambda: bool(page.editor.hits.lines), timeout=20_000)
    (line,) = page.editor.hits.lines
    assert isinstance(line, ExcerptLine)
    assert line.words == "What happened: They asked for 鄧遠山 twice."
    (mark,) = line.marks
    assert line.words[mark.start : mark.end] == "遠山"
    page.bar.show_text("tea")
    titles = [f for f in page.editor.findChildren(QLineEdit) if f.property("hit")]
    assert [title.text() for title in titles] == ["Tea"]
    page.bar.show_text("")
    assert page.editor.hits.isHidden()
    assert not [f for f in page.editor.findChildren(QLineEdit) if f.property("hit")]


def near_buttons(workspace: Workspace) -> dict[str, QPushButton]:
    near = workspace.records.near
    found = near.findChildren(QPushButton) if near.isVisible() else []
    return {button.text(): button for button in found if not button.isHidden()}


def test_a_name_that_is_spelled_otherwise_is_offered_and_searched_for(
    qtbot: QtBot, workspace: Workspace, session: Session, made: dict[str, str]
) -> None:
    names = [{"text": "Li Yuhan"}, {"text": "李昱涵"}]
    added: list[str] = []

    def add(vault: Vault) -> str:
        records.add(vault, "person", {"names": [{"text": "Wang: Quan &"}]})
        return records.add(vault, "person", {"names": names})  # type: ignore[dict-item]

    session.ask(session, add, added.append)
    qtbot.waitUntil(lambda: bool(added), timeout=20_000)
    page = workspace.records
    page.bar.show_text("Li Yuhuan")
    wait_for(qtbot, workspace, 0)
    qtbot.waitUntil(lambda: "Li Yuhan" in near_buttons(workspace), timeout=20_000)
    assert "Wang: Quan &&" not in near_buttons(workspace)
    assert page.near.findChildren(QLabel)[0].text() == "Spelled nearly so:"

    QTest.mouseClick(near_buttons(workspace)["Li Yuhan"], Qt.MouseButton.LeftButton)

    assert page.bar.text() == "Li Yuhan"
    assert wait_for(qtbot, workspace, 1) == added
    qtbot.waitUntil(lambda: not page.near.isVisible(), timeout=20_000)

    page.bar.show_text("Wang Quann")
    qtbot.waitUntil(lambda: bool(near_buttons(workspace)), timeout=20_000)
    ((words, button),) = near_buttons(workspace).items()
    assert words == "Wang: Quan &&"
    button.click()
    wait_for(qtbot, workspace, 1)


def test_other_spellings_are_offered_only_where_people_are_listed_and_little_was_found(
    qtbot: QtBot, workspace: Workspace, session: Session, made: dict[str, str]
) -> None:
    done: list[bool] = []

    def add(vault: Vault) -> bool:
        for name in ("Li Yuhan", *["Li Yuhuan"] * 3):
            records.add(vault, "person", {"names": [{"text": name}]})
        return True

    session.ask(session, add, done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    page = workspace.records
    page.bar.show_text("Li Yuhuan")
    wait_for(qtbot, workspace, 3)
    qtbot.waitUntil(lambda: "Li Yuhan" in near_buttons(workspace), timeout=20_000)
    session.ask(session, add, done.append)
    qtbot.waitUntil(lambda: len(done) == 2, timeout=20_000)
    page.bar.show_text("Li Yuhuan ")
    wait_for(qtbot, workspace, 6)
    qtbot.waitUntil(lambda: not page.near.isVisible(), timeout=20_000)
    page.show_kind("incident")
    wait_for(qtbot, workspace, 0)
    qtbot.wait(2 * 200 + 100)  # the pause before all is listed, twice
    assert not page.near.isVisible()


def test_a_search_is_saved_chosen_at_the_side_and_forgotten(
    qtbot: QtBot, session: Session, workspace: Workspace, made: dict[str, str]
) -> None:
    page = workspace.records
    page.bar.show_text("date:2022-11")
    page.keeping.save_button.click()
    page.keeping.name.setText("Autumn")
    page.keeping.keep_button.click()

    def stars() -> list[str]:
        items = [workspace.navigation.item(n) for n in range(workspace.navigation.count())]
        return [
            item.text()
            for item in items
            if str(item.data(Qt.ItemDataRole.UserRole))[:7] == "search:"
        ]

    qtbot.waitUntil(lambda: stars() == ["Autumn"], timeout=20_000)
    page.bar.show_text("")
    wait_for(qtbot, workspace, 3)
    row = next(
        n
        for n in range(workspace.navigation.count())
        if workspace.navigation.item(n).text() == "Autumn"
    )
    workspace.navigation.setCurrentRow(row)
    assert page.bar.text() == "date:2022-11"
    assert wait_for(qtbot, workspace, 1) == [made["detention"]]
    assert page.keeping.forget_button.isVisible()
    page.keeping.forget_button.click()
    qtbot.waitUntil(lambda: stars() == [], timeout=20_000)
    kept: list[object] = []
    session.ask(session, searches.saved, kept.append)
    qtbot.waitUntil(lambda: kept == [()], timeout=20_000)


def test_a_change_keeps_what_was_chosen_and_counts_anew(
    qtbot: QtBot, session: Session, workspace: Workspace, made: dict[str, str]
) -> None:
    page = workspace.records
    qtbot.waitUntil(lambda: page.count.text() == "3 records", timeout=20_000)
    page.list.setCurrentIndex(page.model.index(1, 0))
    qtbot.waitUntil(lambda: page.editor.record == made["detention"], timeout=20_000)
    session.ask(session, lambda vault: records.add(vault, "risk", {"kind": "torture"}))
    session.record_changed.emit("")
    wait_for(qtbot, workspace, 4)
    assert page.list.currentIndex().data(RECORD).id == made["detention"]
    qtbot.waitUntil(lambda: page.count.text() == "4 records", timeout=20_000)


# --- the list ------------------------------------------------------------------------------------


def test_a_million_rows_are_shown_scrolled_and_chosen(qtbot: QtBot, workspace: Workspace) -> None:
    page = workspace.records
    numbers = array("q", range(1_000_000, 0, -1))
    page.model.set_numbers(numbers)
    rows = page.list.visible_rows()
    assert rows.start == 0
    assert 5 < len(rows) < 60
    page.list.setFocus()
    page.list.setCurrentIndex(page.model.index(0, 0))
    QTest.keyClick(page.list, Qt.Key.Key_End)
    assert page.list.currentIndex().row() == 999_999
    assert page.list.visible_rows().stop == 1_000_000
    QTest.keyClick(page.list, Qt.Key.Key_PageUp)
    page_up = page.list.currentIndex().row()
    assert 999_999 - 60 < page_up < 999_999
    QTest.keyClick(page.list, Qt.Key.Key_Home)
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert page.list.currentIndex().row() == 1
    at = page.list.visualRect(page.model.index(3, 0)).center()
    assert page.list.indexAt(at).row() == 3
    assert not page.list.indexAt(QPoint(5, -1)).isValid()
    QTest.mouseClick(
        page.list.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        at,
    )
    QTest.mouseClick(
        page.list.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
        page.list.visualRect(page.model.index(6, 0)).center(),
    )
    assert sorted(i.row() for i in page.list.selectionModel().selectedIndexes()) == [3, 4, 5, 6]


def test_a_row_is_found_by_its_number_in_every_group(workspace: Workspace) -> None:
    model = workspace.records.model
    numbers = array("q", [9, 5, 1, 8, 7, 2, 6])
    model.set_numbers(numbers, [0, 3, 6])

    assert [model.row_of(number) for number in numbers] == list(range(7))
    assert [model.row_of(number) for number in (0, 3, 4, 10)] == [-1] * 4


def test_rows_that_come_later_leave_the_choice_alone(workspace: Workspace) -> None:
    page = workspace.records
    page.model.set_numbers(array("q", [9, 8, 7]))
    flag = QItemSelectionModel.SelectionFlag.Select
    page.list.selectionModel().select(page.model.index(1, 0), flag)
    page.model.extend(array("q", [9, 8, 7, 6, 5]), [0])

    assert page.model.rowCount() == 5
    assert [i.row() for i in page.list.selectionModel().selectedIndexes()] == [1]


def test_marks_are_counted_in_the_units_of_qt() -> None:
    assert units("a𠀀徐") == 4
