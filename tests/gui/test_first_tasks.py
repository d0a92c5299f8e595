"""What was in a new person's way when the first tasks were tried; docs/usability.md tells of it."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.gui.create_screen import CreateScreen
from fielddoc.gui.fields.chronology import ChronologyField
from fielddoc.gui.fields.link import LinkField
from fielddoc.gui.fields.partial_date import PartialDateField
from fielddoc.gui.pages.export import CHECK, RESULT
from gui.opened import Opened, opened


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def field(hands: Opened, name: str) -> QWidget:
    form = hands.records.editor.form
    assert form is not None
    return form.widget_of(name)


def is_in_view(hands: Opened, widget: QWidget) -> bool:
    viewport = hands.records.editor.form_area.viewport()
    place = QRect(widget.mapTo(viewport, QPoint(0, 0)), widget.size())
    return viewport.rect().contains(place)


def test_an_empty_vault_does_not_begin_at_the_buttons_that_hide_and_lock(hands: Opened) -> None:
    hands.wait_for_vault()
    hands.until(lambda: hands.window.focusWidget() is not None)
    window = hands.window
    assert window.focusWidget() not in (window.hide_button, window.lock_button, window.wipe_button)


def test_what_is_hidden_while_it_has_the_focus_does_not_hand_it_to_hide(hands: Opened) -> None:
    page = hands.partners
    last = QLineEdit(page)
    last.show()
    last.setFocus()
    hands.until(last.hasFocus)
    last.hide()
    window = hands.window
    assert window.focusWidget() not in (window.hide_button, window.lock_button, window.wipe_button)


def test_a_new_entry_is_seen_where_it_is_typed(hands: Opened) -> None:
    hands.window.resize(1200, 720)
    hands.records.new_record("detention")
    entries = cast("ChronologyField", field(hands, "entries"))
    area = hands.records.editor.form_area
    form = hands.records.editor.form
    assert form is not None
    top = entries.add_button.mapTo(form, QPoint(0, 0)).y()
    area.verticalScrollBar().setValue(top - area.viewport().height() + 60)  # at the lower edge
    hands.until(lambda: is_in_view(hands, entries.add_button))
    entries.add_button.click()
    kind = entries.form.widget_of("kind")
    hands.until(lambda: kind.isAncestorOf(hands.focused))
    hands.until(lambda: entries.card.height() > area.viewport().height() // 2)  # it is laid out
    assert is_in_view(hands, hands.focused)


def test_a_new_entry_asks_for_little_and_shows_what_is_filled(hands: Opened) -> None:
    hands.records.new_record("detention")
    entries = cast("ChronologyField", field(hands, "entries"))
    entries.add_button.click()
    form = entries.form
    asked = ("kind", "persons", "date", "place", "authority", "text")
    seldom = ("facility", "court", "charges", "sentence", "as_of", "known", "sources", "standing")
    assert all(form.widget_of(name).isVisible() for name in asked)
    assert not any(form.widget_of(name).isVisible() for name in seldom)
    form.focus_field("court")
    assert form.widget_of("court").isVisible()
    assert not form.widget_of("known").isVisible()
    entries.add_silence()  # it says as of when, so that is shown
    assert form.widget_of("as_of").isVisible()
    assert not form.widget_of("court").isVisible()


def test_the_entries_stand_between_the_timeline_and_the_clocks(hands: Opened) -> None:
    """With several courses the clocks are long, and the way to the entries would be too."""
    hands.records.new_record("detention")
    entries = cast("ChronologyField", field(hands, "entries"))
    entries.add_button.click()
    entries.form.set_values({"kind": "taken-away", "date": "2021-11-17"})
    entries.form.changed.emit()
    hands.until(entries.clocks.isVisible)
    tops = [
        part.mapTo(entries, QPoint(0, 0)).y()
        for part in (entries.timeline, entries.add_button, entries.list, entries.clocks)
    ]
    assert tops == sorted(tops)
    assert len(set(tops)) == len(tops)


def test_the_date_stays_in_view_when_what_is_around_it_grows(hands: Opened) -> None:
    hands.window.resize(1200, 720)
    hands.records.new_record("detention")
    entries = cast("ChronologyField", field(hands, "entries"))
    entries.add_button.click()
    entries.form.set_values({"kind": "taken-away"})
    date = cast("PartialDateField", entries.form.widget_of("date"))
    date.line.setFocus()
    hands.type("17 November 2021")
    hands.until(lambda: entries.clocks.text and entries.clocks.isVisible())
    hands.until(lambda: is_in_view(hands, date.line))


def test_coming_back_from_the_lock_goes_on_behind_what_was_typed(
    qtbot: QtBot, hands: Opened, vault_folder: Path
) -> None:
    hands.records.new_record("incident")
    hands.type("Unfinished")
    hands.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    (resume,) = hands.locked_into
    with opened(qtbot, resume=resume) as again:
        again.unlock(vault_folder)
        editor = again.records.editor
        again.until(lambda: editor.form is not None and editor.form.focused_path() == "title")
        again.type(" sentence")
        assert editor.form is not None
        assert editor.form.values()["title"] == "Unfinished sentence"


def test_a_link_says_that_somebody_new_can_be_named(hands: Opened) -> None:
    hands.records.new_record("detention")
    persons = cast("LinkField", field(hands, "persons"))
    assert "new one" in persons.line.placeholderText()


def test_one_record_is_not_called_records(hands: Opened) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.key(Qt.Key.Key_Tab)
    hands.key(Qt.Key.Key_Tab)
    hands.type("Aug 2022")
    hands.records.editor.commit()
    hands.until(lambda: hands.records.count.text() == "1 record")


def test_what_is_no_date_is_told_in_two_whole_sentences(hands: Opened) -> None:
    hands.records.new_record("incident")
    date = cast("PartialDateField", field(hands, "date"))
    date.line.setFocus()
    hands.type("when it rained")
    assert "15 August 2022. It is kept" in date.reading.text()


def test_last_tuesday_is_understood_and_read_back(hands: Opened) -> None:
    hands.records.new_record("incident")
    date = cast("PartialDateField", field(hands, "date"))
    date.line.setFocus()
    hands.type("last Tuesday")
    today = datetime.datetime.now(datetime.UTC).astimezone().date()
    days_back = (today.weekday() - 1) % 7 or 7  # Tuesday is day 1 of the week
    assert (today - datetime.timedelta(days=days_back)).isoformat() in date.reading.text()


def test_return_in_the_folder_of_a_stick_goes_on(hands: Opened, tmp_path: Path) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.key(Qt.Key.Key_Tab)
    hands.key(Qt.Key.Key_Tab)
    hands.type("Aug 2022")
    hands.records.editor.commit()
    page = hands.export
    page.go_on()
    page.whom.to_self.setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    page.go_on()
    page.where.line.setText(str(tmp_path))
    page.where.line.setFocus()
    hands.key(Qt.Key.Key_Return)
    hands.until(lambda: page.step == RESULT and list(tmp_path.glob("*.age")))


def test_the_page_of_the_passphrase_says_that_it_is_typed_again(qtbot: QtBot) -> None:
    screen = CreateScreen()
    qtbot.addWidget(screen)
    words = " ".join(label.text() for label in screen.chosen.findChildren(QLabel))
    assert "type it from memory" in words
