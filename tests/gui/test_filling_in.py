"""Parts of a record filled in with keys and mouse alone, and read back from the vault."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.gui.fields.items import ItemsField
from fielddoc.gui.fields.pick_line import PickLine
from fielddoc.vault import records
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def add_part(hands: Opened, name: str) -> ItemsField:
    """Press the Add of a list of parts; the focus is then in the first field of the new one."""
    form = hands.records.editor.form
    assert form is not None
    field = form.widget_of(name)
    assert isinstance(field, ItemsField)
    QTest.mouseClick(field.add_button, Qt.MouseButton.LeftButton)
    return field


def go_to(hands: Opened, name: str) -> PickLine:
    """Go on by Tab to the line with this name."""
    for _ in range(12):
        line = hands.focused
        if line.accessibleName() == name:
            assert isinstance(line, PickLine)
            return line
        hands.key(Qt.Key.Key_Tab)
    raise AssertionError(f"not reached: {name}")


def take_typed(hands: Opened, line: PickLine, words: str) -> None:
    """Type words where the focus is and take the first of what is offered."""
    hands.type(words)
    hands.until(lambda: line.choices)
    hands.key(Qt.Key.Key_Return)


def kept_in(folder: Path, hands: Opened, kind: str, part: str) -> list[dict[str, Json]]:
    """Close the window and read the parts of the only record of a kind in the vault."""
    hands.records.editor.commit()
    hands.wait_for_vault()
    hands.close()
    with open_vault(folder, PASSPHRASE) as vault:
        (record,) = records.listing(vault, type_name=kind)
        return cast("list[dict[str, Json]]", records.get(vault, record.id).values[part])


def test_a_consent_is_chosen_from_its_lists_with_the_mouse_and_the_keys(
    hands: Opened, vault_folder: Path
) -> None:
    hands.records.new_record("person")
    hands.type("Xu Qin")
    add_part(hands, "consents")
    purpose = go_to(hands, "To what")
    QTest.mouseClick(purpose, Qt.MouseButton.LeftButton)
    assert purpose.choices[2].words == "the name may stand in public reports"
    hands.key(Qt.Key.Key_Down)
    hands.key(Qt.Key.Key_Down)
    hands.key(Qt.Key.Key_Return)
    assert purpose.text() == "the name may stand in public reports"
    answer = go_to(hands, "Answer")
    assert not answer.choices
    hands.key(Qt.Key.Key_Down)
    assert [choice.words for choice in answer.choices] == ["yes", "no", "unknown"]
    hands.key(Qt.Key.Key_Down)
    hands.key(Qt.Key.Key_Return)
    (consent,) = kept_in(vault_folder, hands, "person", "consents")
    assert (consent["purpose"], consent["answer"]) == ("public-report", "no")


def test_numbers_of_two_sources_stand_side_by_side(hands: Opened, vault_folder: Path) -> None:
    hands.records.new_record("incident")
    hands.type("Cleared by force")
    for qualifier, number, told_by in (("at least", "40", "a witness"), ("about", "12", "police")):
        add_part(hands, "counts")
        hands.type("arrested")
        take_typed(hands, go_to(hands, "How exact"), qualifier)
        for words in (number, told_by):
            hands.key(Qt.Key.Key_Tab)
            hands.type(words)
    told = kept_in(vault_folder, hands, "incident", "counts")
    assert [{name: count[name] for name in count if name != "id"} for count in told] == [
        {"what": "arrested", "qualifier": "at-least", "number": "40", "reported_by": "a witness"},
        {"what": "arrested", "qualifier": "about", "number": "12", "reported_by": "police"},
    ]


def test_a_number_names_the_record_of_its_source(hands: Opened, vault_folder: Path) -> None:
    hands.records.new_record("source")
    hands.type("W7")
    hands.records.editor.commit()
    hands.wait_for_vault()
    hands.records.new_record("incident")
    hands.type("Cleared by force")
    add_part(hands, "counts")
    while hands.focused.accessibleName() != "Number":
        hands.key(Qt.Key.Key_Tab)
    hands.type("7")
    take_typed(hands, go_to(hands, "Sources"), "w7")
    (count,) = kept_in(vault_folder, hands, "incident", "counts")
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (source,) = records.listing(vault, type_name="source")
    assert (count["number"], count["sources"]) == ("7", [source.id])


@pytest.mark.parametrize("by", ["typing a part", "the list"])
def test_a_person_of_an_incident_is_given_a_role(
    hands: Opened, vault_folder: Path, by: str
) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    add_part(hands, "persons")
    line = hands.focused
    assert isinstance(line, PickLine)
    take_typed(hands, line, "Xu Qin")
    hands.wait_for_vault()
    role = go_to(hands, "Role")
    if by == "the list":
        QTest.mouseClick(role, Qt.MouseButton.LeftButton)
        keys = [choice.key for choice in role.choices]
        for _ in range(keys.index("family-lawyer")):
            hands.key(Qt.Key.Key_Down)
        hands.key(Qt.Key.Key_Return)
    else:
        take_typed(hands, role, "appointed by the fam")
    assert role.text() == "lawyer appointed by the family"
    (person,) = kept_in(vault_folder, hands, "incident", "persons")
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (listed,) = records.listing(vault, type_name="person")
    assert (person["person"], person["role"]) == (listed.id, "family-lawyer")
