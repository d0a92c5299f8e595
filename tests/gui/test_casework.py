"""Casework in the window: links, risks, people recorded twice, own fields, sources, undo."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from fielddoc.bundle.preview import ExportPreview
from fielddoc.gui.pages.duplicates import DuplicatesPage
from fielddoc.gui.pages.export import _what_is_not_known
from fielddoc.gui.pages.records import TRASH, RecordsPage
from fielddoc.gui.pages.risks import RisksPage
from fielddoc.gui.record_editor import RecordEditor
from fielddoc.gui.related_panel import RelatedPanel
from fielddoc.gui.session import Session
from fielddoc.gui.settings_own_fields import OwnFieldsCard
from fielddoc.gui.sources_card import SourcesCard
from fielddoc.gui.undo_button import UndoButton
from fielddoc.gui.words_beside import WordsBeside
from fielddoc.vault import merging, own_fields, records, related, templates, trash
from fielddoc.vault.opening import open_vault
from fielddoc.vault.records import Record
from fielddoc.vault.trash import Trashed
from fielddoc.vault.vault import Vault
from gui.opened import opened
from gui.windows import PASSPHRASE, RecordingShell, shown

T = TypeVar("T")
OWN = "seven quite different words for the sources"


def told(qtbot: QtBot, session: Session, step: Callable[[Vault], T]) -> T:
    """Run a step on the vault's thread and return what it returned."""
    found: list[T] = []
    session.ask(session, step, found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=10_000)
    return found[0]


def person(qtbot: QtBot, session: Session, name: str, **more: Any) -> str:
    values = {"names": [{"text": name}], **more}
    return told(qtbot, session, lambda vault: records.add(vault, "person", values))


def words_in(widget: Any) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def button(widget: Any, text: str) -> QPushButton | None:
    """Return the one button of this text that is shown, or None if there is none or more."""
    found = [b for b in widget.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    return found[0] if len(found) == 1 else None


def clicked(qtbot: QtBot, widget: Any, text: str) -> None:
    """Click the one button of this text, as soon as it is shown."""
    qtbot.waitUntil(lambda: button(widget, text) is not None)
    found = button(widget, text)
    assert found is not None
    found.click()


# --- links ---------------------------------------------------------------------------------------


def test_a_link_is_added_read_from_the_other_side_opened_and_taken_back(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    lawyer = person(qtbot, session, "Li Yuhan")
    client = person(qtbot, session, "Wang Yu")
    panel = RelatedPanel(session, shell)
    shown(qtbot, panel)
    panel.show_record(lawyer)
    qtbot.waitUntil(panel.nothing.isVisible)
    assert not panel.add_button.isEnabled()

    panel.other.line.setFocus()
    panel.other.line.ask_for("Wang")
    qtbot.waitUntil(lambda: not panel.other._is_searching)
    panel.other._take(client, "Wang Yu")
    assert panel.add_button.isEnabled()
    panel.role.setCurrentIndex(panel.role.findData("represents"))
    panel.add_button.click()
    qtbot.waitUntil(lambda: panel.list.count() == 1)
    assert panel.list.item(0).text().startswith("is lawyer of: Wang Yu")

    panel.show_record(client)
    qtbot.waitUntil(lambda: panel.list.item(0).text().startswith("is represented by: Li Yuhan"))
    panel.list.itemActivated.emit(panel.list.item(0))
    assert shell.opened == [lawyer]
    shell.undos[-1]()
    qtbot.waitUntil(lambda: panel.list.count() == 0)


# --- risks ---------------------------------------------------------------------------------------


def heading(page: RisksPage) -> str:
    group = page.tree.topLevelItem(0)
    return group.text(0) if group is not None else ""


def test_risks_stand_in_groups_by_person_and_by_kind_and_open(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    who = person(qtbot, session, "Wang Yu")
    values: Any = {
        "title": "May be taken",
        "kind": "detention",
        "exposed": [who],
        "likelihood": "likely",
        "review_date": "2020",
    }
    risk = told(qtbot, session, lambda vault: records.add(vault, "risk", values))
    page = RisksPage(session, shell)
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.tree.topLevelItemCount() == 1)

    group: Any = page.tree.topLevelItem(0)
    assert group.text(0) == "Wang Yu (1)"
    assert group.child(0).text(0).startswith("May be taken")
    assert (group.child(0).text(1), group.child(0).text(3)) == ("likely", "open")
    assert page.due.text() == "To be looked at again: 1"
    page.restore({"by": "kind"})
    qtbot.waitUntil(lambda: heading(page) == "detention (1)")
    assert page.place() == {"by": "kind"}
    group = page.tree.topLevelItem(0)
    page.tree.itemActivated.emit(group.child(0), 0)
    assert shell.opened == [risk]


def test_a_risk_becomes_an_incident_from_its_menu(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    risk = told(
        qtbot, session, lambda v: records.add(v, "risk", {"kind": "detention", "title": "Feared"})
    )
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)
    editor.open_record(risk)
    qtbot.waitUntil(lambda: editor.form is not None)
    assert editor.happened_action.isVisible()

    editor.happened_action.trigger()
    qtbot.waitUntil(lambda: bool(shell.opened))

    values = told(qtbot, session, lambda vault: records.get(vault, risk).values)
    assert (values["state"], values["incident"]) == ("has-happened", shell.opened[0])


# --- people --------------------------------------------------------------------------------------


def test_two_records_of_one_person_are_compared_merged_and_separated_by_undo(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    kept = person(qtbot, session, "Li Yuhan", sex="female")
    other = person(qtbot, session, "Li Yuhuan", sex="unknown")
    page = DuplicatesPage(session, shell)
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.shown is not None, timeout=10_000)
    assert "differ by one letter" in page.list.item(0).text()
    assert page.place() == {"first": kept, "second": other}
    assert "Li Yuhuan" in words_in(page.table)

    page._choices["sex"].setChecked(True)
    page.merge_button.click()
    qtbot.waitUntil(page.nothing.isVisible, timeout=10_000)
    values = told(qtbot, session, lambda vault: records.get(vault, kept).values)
    assert values["sex"] == "unknown"
    shell.undos[-1]()
    qtbot.waitUntil(lambda: page.list.count() == 1, timeout=10_000)
    values = told(qtbot, session, lambda vault: records.get(vault, kept).values)
    assert values["sex"] == "female"


def test_the_words_beside_a_choice_are_clicked_as_the_choice_itself(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    person(qtbot, session, "Li Yuhan", occupation="Lawyer")
    person(qtbot, session, "Li Yuhuan", occupation="Lawyer & teacher")
    page = DuplicatesPage(session, shell)
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.shown is not None, timeout=10_000)
    choice = page._choices["occupation"]
    assert choice.accessibleName() == "Occupation: Lawyer & teacher"
    (words,) = (one for one in page.table.findChildren(WordsBeside) if one.buddy() is choice)
    assert words.text() == "Lawyer & teacher"

    QTest.mouseClick(words, Qt.MouseButton.LeftButton)

    assert choice.isChecked()
    assert choice.hasFocus()


def test_the_other_record_can_be_kept_and_two_people_can_be_left_two(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    kept, other = person(qtbot, session, "Li Yuhan"), person(qtbot, session, "Li Yuhuan")
    page = DuplicatesPage(session, shell)
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.shown is not None, timeout=10_000)

    page.swap_button.click()
    qtbot.waitUntil(lambda: page.place() == {"first": other, "second": kept})
    page.distinct_button.click()
    qtbot.waitUntil(page.nothing.isVisible, timeout=10_000)

    page.restore({"first": kept, "second": other})  # chosen by hand all the same
    qtbot.waitUntil(lambda: page.list.count() == 1, timeout=10_000)


def test_two_people_who_are_marked_in_the_list_are_compared_and_merged(
    qtbot: QtBot, vault_folder: Path
) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        for name in ("Wang Yu", "Liu Xiaoyuan"):
            records.add(vault, "person", {"names": [{"text": name}]})
        records.add(vault, "incident", {"title": "Tea"})
    with opened(qtbot, vault_folder) as hands:
        page = hands.records
        hands.until(lambda: all(page.model.record_at(row) for row in range(3)))

        def click(name: str, modifier: Qt.KeyboardModifier) -> None:
            titles = [
                record.title if (record := page.model.record_at(row)) else "" for row in range(3)
            ]
            place = page.list.visualRect(page.model.index(titles.index(name))).center()
            button = Qt.MouseButton.LeftButton
            QTest.mouseClick(page.list.viewport(), button, modifier, place)

        click("Wang Yu", Qt.KeyboardModifier.NoModifier)
        click("Tea", Qt.KeyboardModifier.ControlModifier)
        assert page.to_trash.isVisible()
        assert not page.to_compare.isVisible()
        click("Tea", Qt.KeyboardModifier.ControlModifier)
        click("Liu Xiaoyuan", Qt.KeyboardModifier.ControlModifier)
        people = [record.id for record in page.chosen()]
        QTest.mouseClick(page.to_compare, Qt.MouseButton.LeftButton)
        beside = hands.workspace.pages.currentWidget()
        assert isinstance(beside, DuplicatesPage)
        hands.until(lambda: beside.shown)
        assert beside.place() == {"first": people[0], "second": people[1]}
        assert [beside.list.count(), beside.list.currentRow()] == [1, 0]
        assert "Wang Yu" in beside.list.item(0).text()
        assert "You chose them." in beside.list.item(0).text()
        QTest.mouseClick(beside.merge_button, Qt.MouseButton.LeftButton)
        hands.until(beside.nothing.isVisible)
    with open_vault(vault_folder, PASSPHRASE) as vault:
        names: Any = records.get(vault, people[0]).values["names"]
        assert {name["text"] for name in names} == {"Wang Yu", "Liu Xiaoyuan"}


def _merged(vault: Vault, kept: str, other: str) -> bool:
    merging.merge_people(vault, kept, other)
    return True


def test_consent_and_merges_stand_above_the_form_of_a_person(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    kept = person(qtbot, session, "Li Yuhan", consents=[{"purpose": "media", "answer": "no"}])
    other = person(qtbot, session, "Li Yuhuan")
    told(qtbot, session, lambda vault: _merged(vault, kept, other))
    more: Any = {"names": [{"text": "Li Yuhuan"}, {"text": "李昱函"}]}
    told(qtbot, session, lambda vault: records.revise(vault, other, more))
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)
    editor.open_record(kept)
    qtbot.waitUntil(lambda: "Consent" in words_in(editor))
    text = words_in(editor)
    assert "no: the name may be given to the media" in text
    assert "not asked: others may act for the person" in text
    assert "It stands for" in text

    clicked(qtbot, editor, "Bring it over")
    qtbot.waitUntil(lambda: "Brought over." in shell.said)
    names: Any = told(qtbot, session, lambda vault: records.get(vault, kept).values["names"])
    assert "李昱函" in [name["text"] for name in names]
    editor.open_record(other)
    qtbot.waitUntil(lambda: "This record was merged into Li Yuhan" in words_in(editor))
    clicked(qtbot, editor, "They are two people")
    qtbot.waitUntil(lambda: "They are two people again." in shell.said)


def test_how_the_reply_stands_is_above_the_form_of_an_action(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    values: Any = {"kind": "administrative-review", "received_on": "2024-01-10"}
    action = told(qtbot, session, lambda vault: records.add(vault, "action", values))
    undated = told(qtbot, session, lambda vault: records.add(vault, "action", {"kind": "petition"}))
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)
    editor.open_record(action)
    qtbot.waitUntil(lambda: "the reply is late." in words_in(editor))
    assert "Administrative Reconsideration Law, art. 62" in words_in(editor)
    assert "not checked against the official text" in words_in(editor)

    editor.open_record(undated)
    qtbot.waitUntil(lambda: "Note when this was received" in words_in(editor))

    complaint = told(
        qtbot, session, lambda vault: records.add(vault, "action", {"kind": "complaint"})
    )
    editor.open_record(complaint)
    qtbot.waitUntil(lambda: "The law names no number of days" in words_in(editor))


def test_what_those_have_agreed_to_for_whom_an_action_is_addressed_stands_above_its_form(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    no = {"purpose": "government", "answer": "no"}
    refusing = person(qtbot, session, "Wang Yu", consents=[no])
    silent = person(qtbot, session, "Li Yuhan")
    values: Any = {"kind": "international-mechanism", "for_persons": [silent, refusing]}
    action = told(qtbot, session, lambda vault: records.add(vault, "action", values))
    visit: Any = {"kind": "family-visit", "for_persons": [refusing]}
    visited = told(qtbot, session, lambda vault: records.add(vault, "action", visit))
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)
    note = editor.consents

    editor.open_record(action)
    qtbot.waitUntil(note.isVisible)
    heading, first, second = note.words.text().split("\n")
    assert "have agreed to" in heading
    assert first.startswith("Wang Yu: no: the name may be given to a government; not asked: ")
    assert second.startswith("Li Yuhan: not asked: others may act for the person, ")

    yes: Any = {"consents": [{"purpose": "act", "answer": "yes"}]}
    told(qtbot, session, lambda vault: records.revise(vault, silent, yes))
    session.record_changed.emit(silent)
    qtbot.waitUntil(lambda: "Li Yuhan: yes: others may act" in note.words.text())

    editor.open_record(visited)
    qtbot.waitUntil(note.isHidden)
    assert editor.form is not None
    editor.form.set_values({**visit, "addressed_to": "the county government"})
    editor._changed("addressed_to")
    qtbot.waitUntil(note.isVisible)
    assert "Li Yuhan" not in note.words.text()
    editor.new_record("action", values)
    qtbot.waitUntil(lambda: note.isVisible() and "Li Yuhan" in note.words.text())


# --- own fields ----------------------------------------------------------------------------------


def test_a_field_of_ones_own_is_declared_and_stands_in_the_form(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    card = OwnFieldsCard(session, shell)
    shown(qtbot, card)
    assert not card.add_button.isEnabled()
    card.label.setText("Side")
    card.types["incident"].setChecked(True)
    card.kind.setCurrentIndex(card.kind.findData("choice"))
    assert not card.add_button.isEnabled()
    card.choices.setText("north，south")
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)
    card.add_button.click()
    qtbot.waitUntil(lambda: "Side" in words_in(card))
    (own,) = told(qtbot, session, own_fields.declared_in)
    assert own.choices == ("north", "south")

    qtbot.waitUntil(lambda: bool(editor._own_fields))
    editor.new_record("incident")
    assert editor.form is not None
    editor.form.set_values({"title": "A", "custom": [{"id": own.id, "value": "south"}]})
    assert editor.form.values()["custom"] == [{"id": own.id, "value": "south"}]
    row: Any = editor.form._row_of["custom"].widget
    choice = row.form._row_of[own.id].widget
    choice.box.setCurrentIndex(choice.box.findData("north"))
    choice.box.activated.emit(choice.box.currentIndex())
    assert editor.form.values()["custom"] == [{"id": own.id, "value": "north"}]
    editor.commit()
    record = editor.record
    assert record is not None
    qtbot.waitUntil(lambda: bool(shell.saved))
    stored = told(qtbot, session, lambda vault: records.get(vault, record).values["custom"])
    assert stored == [{"id": own.id, "value": "north"}]

    clicked(qtbot, card, "Remove")
    qtbot.waitUntil(lambda: bool(shell.undos))
    assert told(qtbot, session, own_fields.declared_in) == ()
    shell.undos[-1]()
    qtbot.waitUntil(lambda: "Side" in words_in(card))


# --- sources -------------------------------------------------------------------------------------


def test_who_sources_are_is_closed_and_opened_in_the_settings(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    values: Any = {"kind": "person", "identity": {"name": "Real Name"}}
    source = told(qtbot, session, lambda vault: records.add(vault, "source", values))
    card = SourcesCard(session, shell)
    shown(qtbot, card)
    card.refresh()
    card.new.set_text(OWN)
    card.again.set_text("something else")
    card.set_button.click()
    assert "not the same" in card.answer.text() or card.answer.text()
    card.new.set_text(PASSPHRASE)
    card.again.set_text(PASSPHRASE)
    card.set_button.click()
    qtbot.waitUntil(lambda: "another passphrase" in card.answer.text(), timeout=10_000)
    card.new.set_text(OWN)
    card.again.set_text(OWN)
    card.set_button.click()
    qtbot.waitUntil(card.close_button.isVisible, timeout=10_000)
    assert card.new.text() == ""
    card.close_button.click()
    qtbot.waitUntil(card.open_button.isVisible)

    editor = RecordEditor(session, shell)
    shown(qtbot, editor)
    editor.open_record(source)
    sealed: Any = None

    def is_closed() -> bool:
        nonlocal sealed
        sealed = editor.form._row_of["identity"].widget if editor.form else None
        return bool(sealed) and sealed.to_settings.isVisibleTo(sealed)

    qtbot.waitUntil(is_closed)
    assert not sealed.form.isVisibleTo(sealed)
    sealed.to_settings.click()
    assert shell.went == [("settings", {"card": "sources"})]
    card.present.set_text("not it")
    card.open_button.click()
    qtbot.waitUntil(lambda: "does not open" in card.answer.text(), timeout=10_000)
    card.present.set_text(OWN)
    card.open_button.click()
    qtbot.waitUntil(card.remove_button.isVisible, timeout=10_000)
    opened = told(qtbot, session, lambda vault: records.get(vault, source).values["identity"])
    assert opened == {"name": "Real Name"}
    card.remove_button.click()
    qtbot.waitUntil(lambda: card.set_button.text() == "Set it", timeout=10_000)


# --- undo, templates, trash ----------------------------------------------------------------------


def test_the_button_names_the_last_action_and_takes_it_back(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    control = UndoButton(session, shell)
    shown(qtbot, control)
    qtbot.waitUntil(lambda: "nothing" in control.toolTip())
    assert not control.isEnabled()
    record = person(qtbot, session, "Li Yuhan")
    session.record_changed.emit(record)
    qtbot.waitUntil(lambda: "record added" in control.toolTip())

    control.click()
    qtbot.waitUntil(lambda: shell.said == ["Taken back: record added."])
    assert told(qtbot, session, lambda vault: records.get(vault, record).deleted)
    qtbot.waitUntil(lambda: not control.isEnabled())


def menu_of(qtbot: QtBot, page: RecordsPage) -> QMenu:
    """Press New and return the menu that it opens."""
    page.new_button.click()
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def take(menu: QMenu, words: str) -> None:
    (action,) = (one for one in menu.actions() if one.text() == words)
    action.trigger()
    menu.close()


def kept_names(qtbot: QtBot, session: Session) -> list[str]:
    return [one.name for one in told(qtbot, session, templates.templates)]


def test_a_template_is_named_offered_for_a_new_record_forgotten_and_brought_back(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    values: Any = {"title": "Tea", "place": "a teahouse"}
    record = told(qtbot, session, lambda vault: records.add(vault, "incident", values))
    page = RecordsPage(session, shell)
    shown(qtbot, page)
    page.editor.open_record(record)
    page.detail.setCurrentWidget(page.editor)
    qtbot.waitUntil(lambda: page.editor.title.text() == "Tea")
    page.editor.template_action.trigger()
    name = page.editor.template_name.name
    qtbot.waitUntil(name.hasFocus)
    assert name.text() == "Tea"
    QTest.keyClicks(name, " Asked to tea ")
    QTest.keyClick(name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shell.said == ["Kept as the template Asked to tea."])
    assert page.editor.template_name.isHidden()

    take(menu_of(qtbot, page), "Template: Asked to tea")
    assert page.editor.form is not None
    assert page.editor.form.values() == values
    assert page.editor.record != record

    menu = menu_of(qtbot, page)
    (forget,) = (one for one in menu.findChildren(QMenu) if one.title() == "Forget a template")
    take(forget, "Asked to tea")
    menu.close()
    qtbot.waitUntil(lambda: shell.said[-1] == "The template Asked to tea is forgotten.")
    assert kept_names(qtbot, session) == []
    shell.undos[-1]()
    assert kept_names(qtbot, session) == ["Asked to tea"]


def test_a_template_of_the_same_name_is_replaced_only_when_one_says_so(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    first: Any = {"title": "Tea", "place": "a teahouse"}
    second: Any = {"title": "Tea", "place": "a hotel"}
    old = told(qtbot, session, lambda vault: records.add(vault, "incident", first))
    new = told(qtbot, session, lambda vault: records.add(vault, "incident", second))
    told(qtbot, session, lambda vault: templates.keep_template(vault, "Tea", old))
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)
    editor.open_record(new)
    qtbot.waitUntil(lambda: editor.title.text() == "Tea")
    editor.template_action.trigger()
    asking = editor.template_name
    qtbot.waitUntil(asking.name.hasFocus)
    assert asking.question.isVisible()
    assert not asking.keep_button.isVisible()

    QTest.keyClick(asking.name, Qt.Key.Key_Return)

    assert asking.replace_button.hasFocus()
    assert told(qtbot, session, templates.templates)[0].values["place"] == "a teahouse"
    QTest.keyClick(asking.replace_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(shell.said))
    assert told(qtbot, session, templates.templates)[0].values["place"] == "a hotel"
    shell.undos[-1]()
    assert told(qtbot, session, templates.templates)[0].values["place"] == "a teahouse"


def copy_of(qtbot: QtBot, session: Session, editor: RecordEditor, record: str) -> Record:
    """Choose "New from this one" in the menu of a record, and return what is written then."""
    editor.open_record(record)
    qtbot.waitUntil(lambda: editor.record == record and editor.form is not None)
    qtbot.waitUntil(lambda: editor.form is not None and bool(editor.form.values()))
    editor.copy_action.trigger()
    qtbot.waitUntil(lambda: editor.record not in {None, record})
    editor.commit()
    return told(qtbot, session, lambda vault: records.get(vault, editor.record or ""))


def test_a_new_record_from_this_one_has_its_values_with_parts_of_its_own(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    part = str(uuid.UUID(int=1))
    values: Any = {
        "names": [{"id": part, "text": "Li Yuhan"}],
        "occupation": "Lawyer",
        "birth_date": "1950",
    }
    record = told(qtbot, session, lambda vault: records.add(vault, "person", values))
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)

    copy = copy_of(qtbot, session, editor, record)

    assert copy.id != record
    names: Any = copy.values["names"]
    assert [name["id"] == part for name in names] == [False]
    assert {**copy.values, "names": [{**names[0], "id": part}]} == values
    assert told(qtbot, session, lambda vault: records.get(vault, record).values) == values


def test_a_new_source_from_this_one_does_not_say_who_the_other_is(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    values: Any = {"code_name": "A-7", "kind": "person", "identity": {"name": "Real Name"}}
    source = told(qtbot, session, lambda vault: records.add(vault, "source", values))
    editor = RecordEditor(session, shell)
    shown(qtbot, editor)

    copy = copy_of(qtbot, session, editor, source)

    assert copy.values == {"code_name": "A-7", "kind": "person"}
    known = told(qtbot, session, lambda vault: records.get(vault, source).values["identity"])
    assert known == {"name": "Real Name"}


def test_what_is_old_in_the_trash_is_offered_and_chosen_but_not_removed(
    qtbot: QtBot, session: Session, shell: RecordingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = person(qtbot, session, "Li Yuhan")
    told(qtbot, session, lambda vault: records.delete(vault, record))
    page = RecordsPage(session, shell)
    shown(qtbot, page)
    page.show_kind(TRASH)
    page.enter()
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    assert page.old.isHidden()

    monkeypatch.setattr(Trashed, "days_left", lambda _self, _now: 0)
    page.enter()
    qtbot.waitUntil(page.old.isVisible)
    assert "30 days or more: 1" in page.old.words.text()
    clicked(qtbot, page.old, "Choose them")
    qtbot.waitUntil(page.purge_button.isVisible)
    assert told(qtbot, session, lambda vault: len(trash.trashed(vault))) == 1


def test_the_export_check_says_what_is_not_known() -> None:
    preview = ExportPreview(
        records=1,
        attachments=0,
        attachment_bytes=0,
        refusals=(),
        leaks=(),
        not_asked=tuple(f"Person {n}" for n in range(8)),
        linked_refusals=("Wang Yu", "Xu Qin"),
        held_back=2,
        not_sought=("Li", "Wu"),
        are_sources_closed=True,
    )

    lines = _what_is_not_known(preview)

    assert lines[0].endswith("Person 5, 2 more")
    assert lines[1].endswith("though their own record stays: Wang Yu, Xu Qin")
    assert lines[2] == "Marked secret, and therefore left out: 2."
    assert lines[3].endswith("look yourself: Li, Wu")
    assert "closed" in lines[4]


def test_related_is_asked_only_of_records_that_are_there(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    record = person(qtbot, session, "Li Yuhan")
    found = told(qtbot, session, lambda vault: related.related(vault, record, "en"))

    assert found == []
