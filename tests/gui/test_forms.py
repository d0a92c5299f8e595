"""Filling in forms: dates read back, terms found in three languages, parts, links, a chronology."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.gui.fields.chronology import ChronologyField
from fielddoc.gui.fields.items import ItemsField
from fielddoc.gui.fields.partial_date import PartialDateField
from fielddoc.gui.fields.pick_line import PickLine
from fielddoc.gui.fields.term import TermsField
from fielddoc.gui.remembered import Remembered
from fielddoc.gui.remembered import read as read_remembered
from fielddoc.gui.start_screen import StartScreen
from fielddoc.vault import records
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE, choose_from


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def field(hands: Opened, name: str) -> QWidget:
    form = hands.records.editor.form
    assert form is not None
    return form.widget_of(name)


def values(hands: Opened) -> dict[str, Json]:
    form = hands.records.editor.form
    assert form is not None
    return form.values()


# --- dates ----------------------------------------------------------------------------------------

DATES = {
    "15 August 2022": ("2022-08-15", "exact day"),
    "about 15 August 2022": ("2022-08-15~", "about"),
    "Aug 2022": ("2022-08", "month only"),
    "2022年8月": ("2022-08", "month only"),
    "2022": ("2022", "year only"),
}


@pytest.mark.parametrize("typed", DATES)
def test_a_date_is_read_back_while_it_is_typed(hands: Opened, typed: str) -> None:
    edtf, precision = DATES[typed]
    hands.records.new_record("incident")
    date = cast("PartialDateField", field(hands, "date"))
    date.line.setFocus()
    date.line.setText(typed)
    date.line.typed.emit()
    assert values(hands)["date"] == edtf
    assert edtf in date.reading.text()
    assert date.choice.currentText() == precision


def test_a_date_that_is_not_understood_stays_as_typed_and_says_so(hands: Opened) -> None:
    hands.records.new_record("incident")
    date = cast("PartialDateField", field(hands, "date"))
    date.line.setFocus()
    hands.type("the day after the flood")
    assert values(hands)["date"] == "the day after the flood"
    assert date.reading.text()


@pytest.mark.parametrize(
    ("precision", "edtf"),
    [("about", "2022-08-15~"), ("month only", "2022-08"), ("year only", "2022")],
)
def test_a_day_is_made_less_exact_by_choosing_so(hands: Opened, precision: str, edtf: str) -> None:
    hands.records.new_record("incident")
    date = cast("PartialDateField", field(hands, "date"))
    date.line.setFocus()
    hands.type("15 August 2022")
    choose_from(date.choice, precision)
    assert values(hands)["date"] == edtf
    assert f"({edtf})" in date.reading.text()
    # What stands in the line means the same as what is kept.
    again = date.line.text()
    date.line.clear()
    date.line.setFocus()
    hands.type(again)
    assert values(hands)["date"] == edtf


@pytest.mark.parametrize(
    ("typed", "edtf", "precision", "advice"),
    [
        ("2022", "2022", "exact day", "Type the day too"),
        ("2022", "2022", "month only", "Type the month too"),
        ("August 2022", "2022-08", "exact day", "Type the day too"),
    ],
)
def test_a_date_that_is_to_be_more_exact_than_it_was_told_is_asked_for_and_not_invented(
    hands: Opened, typed: str, edtf: str, precision: str, advice: str
) -> None:
    hands.records.new_record("incident")
    date = cast("PartialDateField", field(hands, "date"))
    date.line.setFocus()
    hands.type(typed)
    before = date.choice.currentText()
    choose_from(date.choice, precision)
    assert values(hands)["date"] == edtf
    assert date.line.text() == typed
    assert date.choice.currentText() == before
    assert advice in date.reading.text()
    assert date.line.hasFocus()


def test_a_date_that_nobody_knows_is_said_by_choosing_so(hands: Opened) -> None:
    hands.records.new_record("incident")
    date = cast("PartialDateField", field(hands, "date"))
    choose_from(date.choice, "not known")
    assert values(hands)["date"] == "XXXX"


# --- terms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["picking quarrels", "寻衅滋事", "尋釁滋事"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_charge_is_found_in_three_languages(
    qtbot: QtBot, vault_folder: Path, monkeypatch: pytest.MonkeyPatch, typed: str, language: str
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    with opened(qtbot, vault_folder) as hands:
        os.environ["LANGUAGE"] = language
        hands.records.new_record("detention")
        chronology = cast("ChronologyField", field(hands, "entries"))
        chronology.add()
        line = cast("TermsField", chronology.form.widget_of("charges")).line
        line.setFocus()
        line.setText(typed)
        line.textEdited.emit(typed)
        hands.until(lambda: line.choices)
        assert line.choices[0].key == "picking-quarrels"
        hands.key(Qt.Key.Key_Return)
        (entry,) = cast("list[dict[str, Json]]", values(hands)["entries"])
        assert entry["charges"] == ["picking-quarrels"]


# --- parts ----------------------------------------------------------------------------------------


def test_a_person_has_several_names_and_consents(hands: Opened, vault_folder: Path) -> None:
    hands.records.new_record("person")
    names = cast("ItemsField", field(hands, "names"))
    for name in ("徐秦", "Xu Qin", "ཤུའུ་ཆིན།"):
        names.add()
        hands.focused.setFocus()
        QTest.keyClicks(hands.focused, "x")
        line = hands.focused
        line.setText(name)  # type: ignore[attr-defined]
        line.typed.emit()  # type: ignore[attr-defined]
    consents = cast("ItemsField", field(hands, "consents"))
    consents.add()
    card = consents.cards[-1]
    assert card.form is not None
    card.form.set_values({"id": card.identity, "purpose": "act", "answer": "yes"})
    card.changed.emit()
    hands.records.editor.commit()
    hands.wait_for_vault()
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (person,) = records.listing(vault)
        kept = records.get(vault, person.id).values
        found = cast("list[dict[str, Json]]", kept["names"])
        assert [name["text"] for name in found] == ["徐秦", "Xu Qin", "ཤུའུ་ཆིན།"]
        (consent,) = cast("list[dict[str, Json]]", kept["consents"])
        assert (consent["purpose"], consent["answer"]) == ("act", "yes")


def test_a_removed_part_comes_back_by_undo(hands: Opened) -> None:
    hands.records.new_record("person")
    names = cast("ItemsField", field(hands, "names"))
    names.set_value([{"id": "11111111-1111-4111-8111-111111111111", "text": "徐秦"}])
    names.cards[0].removed.emit(names.cards[0])
    assert "names" not in values(hands)
    hands.window.foot.undo.click()
    (name,) = cast("list[dict[str, Json]]", values(hands)["names"])
    assert name["text"] == "徐秦"


def test_a_person_is_linked_with_a_role_and_made_on_the_way(
    hands: Opened, vault_folder: Path
) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    persons = cast("ItemsField", field(hands, "persons"))
    persons.add()
    line = hands.focused
    assert isinstance(line, PickLine)
    line.setText("徐秦")
    line.textEdited.emit("徐秦")
    hands.until(lambda: line.choices)
    hands.key(Qt.Key.Key_Return)
    hands.wait_for_vault()
    card = persons.cards[0]
    assert card.form is not None
    hands.until(lambda: card.form is not None and card.form.values().get("person"))
    hands.records.editor.commit()
    hands.wait_for_vault()
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (person,) = records.listing(vault, type_name="person")
        (incident,) = records.listing(vault, type_name="incident")
        kept = records.get(vault, incident.id).values
        (role,) = cast("list[dict[str, Json]]", kept["persons"])
        assert role["person"] == person.id


# --- a chronology ---------------------------------------------------------------------------------

ENTRIES: list[Json] = [
    {"id": "22222222-2222-4222-8222-222222222222", "kind": "taken-away", "date": "2021-11-09"},
    {"id": "33333333-3333-4333-8333-333333333333", "kind": "formal-arrest", "date": "2021-12-02"},
    {"id": "44444444-4444-4444-8444-444444444444", "kind": "health", "date": "2022-03~"},
]


@pytest.fixture
def chronology(hands: Opened) -> ChronologyField:
    hands.records.new_record("detention")
    found = cast("ChronologyField", field(hands, "entries"))
    form = hands.records.editor.form
    assert form is not None
    form.set_values({"title": "Held in the river district", "entries": ENTRIES})
    hands.until(lambda: found.list.topLevelItemCount() == 3)
    return found


def test_the_timeline_says_in_words_what_it_shows(chronology: ChronologyField) -> None:
    chronology.text_button.setChecked(True)
    chronology.text_button.clicked.emit()
    text = chronology.text.text()
    assert "9 November 2021" in text
    assert "2 December 2021" in text
    told = chronology.timeline.accessibleDescription().splitlines()
    assert told[:3] == [
        "9 November 2021: taken away",
        "2 December 2021: formal arrest",
        "about March 2022: health",
    ]
    assert text.splitlines() == told[:3]


def test_the_legal_clock_is_told_beside_the_timeline(
    hands: Opened, chronology: ChronologyField
) -> None:
    hands.until(lambda: chronology.clocks.text)
    assert "23 days" in " ".join(chronology.clocks.text)


def test_entries_are_added_contradicted_removed_and_brought_back(
    hands: Opened, chronology: ChronologyField
) -> None:
    def kinds() -> list[Json]:
        return [part.get("kind") for part in cast("list[dict[str, Json]]", chronology.value())]

    chronology.open_entry(1)
    chronology.add_other_claim()
    assert kinds().count("formal-arrest") == 2
    chronology.remove()
    assert kinds().count("formal-arrest") == 1
    hands.window.foot.undo.click()
    assert kinds().count("formal-arrest") == 2
    chronology.add_silence()
    assert "no-news" in kinds()


def test_an_entry_is_chosen_by_key_in_the_timeline(
    hands: Opened, chronology: ChronologyField
) -> None:
    hands.wait_for_vault()
    hands.until(chronology.timeline.isVisible)
    chosen: list[int] = []
    chronology.timeline.chosen.connect(chosen.append)
    chronology.timeline.setFocus()
    hands.key(Qt.Key.Key_Right)
    hands.key(Qt.Key.Key_Right)
    assert len(set(chosen)) == 2


# --- where the vault lies -------------------------------------------------------------------------


@pytest.mark.parametrize("is_wanted", [True, False])
def test_a_place_is_remembered_only_if_that_was_asked_for(
    qtbot: QtBot,
    vault_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_wanted: bool,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with opened(qtbot) as hands:
        hands.window.show_start()
        screen = hands.window.screens.currentWidget()
        assert isinstance(screen, StartScreen)
        screen.remember.setChecked(is_wanted)
        screen.open_folder(vault_folder)
        hands.until(lambda: hands.window.screens.currentWidget() is not screen)
        hands.unlock_screen.passphrase.set_text(PASSPHRASE)
        hands.unlock_screen.unlock()
        hands.until(hands.window.workspace)
        hands.wait_for_vault()
    found = read_remembered()
    if is_wanted:
        assert isinstance(found, Remembered)
        assert str(vault_folder) in str(found)
    else:
        assert found is None
        assert not (tmp_path / "config").exists()
