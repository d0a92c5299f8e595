"""What lists and dialogs say, where a short form would mislead: dates, days, heights, languages."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.bundle.history_in_words import steps_of
from fielddoc.domain.record_types import record_type
from fielddoc.errors import FielddocError, PassphraseMissingError, WrongUseError
from fielddoc.gui.choose import choose_folder
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.form import FieldsForm
from fielddoc.gui.language import use_language
from fielddoc.gui.pages.exchange_page import list_of_lines
from fielddoc.gui.pages.help import HelpPage
from fielddoc.gui.pages.partners import PartnersPage
from fielddoc.gui.pages.records import RecordsPage
from fielddoc.gui.record_list import STOOD, second_line
from fielddoc.gui.related_panel import RelatedPanel
from fielddoc.gui.search_bar import SearchBar
from fielddoc.gui.session import Session
from fielddoc.gui.window import Window
from fielddoc.i18n import translate
from fielddoc.vault import records
from gui.windows import RecordingShell, shown


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the window speak Chinese for one test, with the words that Qt draws itself."""
    before = os.environ.get("LANGUAGE", "")
    monkeypatch.setenv("LANGUAGE", before)
    use_language("zh_CN")
    yield
    use_language("en")


def row_of(qtbot: QtBot, session: Session, kind: str, values: dict[str, Any]) -> str:
    """Return what the list says below the title of a new record."""
    session.turn(lambda: records.add(session.vault, kind, values))
    page = RecordsPage(session, RecordingShell())
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.model.record_at(0) is not None, timeout=20_000)
    record = page.model.record_at(0)
    assert record is not None
    return " | ".join(second_line(record, page.model.index(0).data(STOOD)))


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2022-08~", "about August 2022"),
        ("2022-08-15?", "possibly 15 August 2022"),
        ("2022-08", "some time in August 2022"),
        ("2022-08-15", "15 August 2022"),
    ],
)
def test_a_list_says_of_a_date_what_the_form_says(
    qtbot: QtBot, session: Session, date: str, words: str
) -> None:
    values = {"title": "Invited to tea", "date": date}

    assert row_of(qtbot, session, "incident", values) == f"Incident | {words}"


def test_the_last_day_of_a_chronology_does_not_read_as_a_release(
    qtbot: QtBot, session: Session
) -> None:
    values = {
        "title": "Held by the city",
        "status": "held",
        "status_as_of": "2024-03-15",
        "entries": [
            {"kind": "taken-away", "date": "2022-09-14"},
            {"kind": "trial-session", "date": "2023-08-08"},
        ],
    }

    words = row_of(qtbot, session, "detention", values)

    assert "since 14 September 2022" in words
    assert "held (as of 15 March 2024)" in words
    assert "2023" not in words


@pytest.mark.usefixtures("chinese")
def test_rows_are_as_high_as_their_lines_in_chinese(qtbot: QtBot) -> None:
    lines = ["IMG_0001.jpg  ·  新增", "拍摄时间：2022-08-15", "地点：32", "相机：A", "拍摄者：李例"]
    shown_list = list_of_lines("photos")
    shown_list.resize(700, 400)
    shown_list.addItem("\n    ".join([*lines, "SHA-256 " + "0a" * 32]))
    shown(qtbot, shown_list)
    item = shown_list.item(0)
    lines_alone = QLabel(item.text()).sizeHint().height()

    # Above and below stand 4 pixels; without any to spare Qt leaves the last line out.
    assert shown_list.visualItemRect(item).height() > lines_alone + 2 * 4


@pytest.mark.usefixtures("chinese")
def test_dialogs_of_qt_speak_the_language_of_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QWidget()
    shown(qtbot, parent)

    dialog = choose_folder(parent, "Where", lambda _: None)

    box = dialog.findChild(QDialogButtonBox)
    assert isinstance(box, QDialogButtonBox)
    assert "取消" in box.button(QDialogButtonBox.StandardButton.Cancel).text()
    dialog.reject()
    use_language("en")
    again = choose_folder(parent, "Where", lambda _: None)
    box = again.findChild(QDialogButtonBox)
    assert isinstance(box, QDialogButtonBox)
    assert "Cancel" in box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "")
    again.reject()


def test_before_there_is_a_vault_lock_and_wipe_say_that_they_are_idle(
    qtbot: QtBot, vault_folder: Path
) -> None:
    window = Window(hold_ms=50)
    shown(qtbot, window)
    window.show_start()

    assert not window.lock_button.isEnabled()
    assert "No vault is chosen" in window.wipe_button.toolTip()
    window.show_unlock(vault_folder)
    assert window.lock_button.isEnabled()
    assert "three seconds" in window.wipe_button.toolTip()


def test_history_says_the_day_in_words_and_whose_role_was_changed(session: Session) -> None:
    def add() -> str:
        person = records.add(session.vault, "person", {"names": [{"text": "Li Example"}]})
        values: dict[str, Any] = {
            "title": "Followed",
            "persons": [{"person": person, "role": "victim"}],
        }
        return records.add(session.vault, "incident", values)

    record = session.turn(add)

    (step,) = session.turn(lambda: steps_of(session.vault, record, "en"))

    assert not step.when.startswith("20")  # no machine's day
    labels = [change.label for change in step.changes]
    assert any("Li Example" in label and "Role" in label for label in labels)
    assert "Li Example" not in step.summary


def test_a_filter_is_shortened_to_the_column_with_the_button_that_removes_it(
    qtbot: QtBot, session: Session
) -> None:
    bar = SearchBar(session)
    bar.setFixedWidth(300)
    shown(qtbot, bar)

    bar.show_text(
        'place:"a very long name of a place in a district far beyond the river" date:2015..2024'
    )

    qtbot.waitUntil(bar.chips.isVisible)
    chips = [child for child in bar.chips.findChildren(QWidget) if child.parent() is bar.chips]
    assert len(chips) == 2
    for chip in chips:
        assert chip.sizeHint().width() <= bar.width()
    assert "from 2015 to 2024" in chips[1].words  # type: ignore[attr-defined]


def test_keys_are_listed_as_they_stand_on_the_keyboard(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    page = HelpPage()
    shown(qtbot, page)

    page.show_topic("shortcuts")

    text = page.page.toPlainText()
    assert "Esc twice" in text
    assert "Esc Esc" not in text
    assert "Return" not in text


def test_only_roles_that_fit_the_record_are_offered_for_a_link(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    person = session.turn(
        lambda: records.add(session.vault, "person", {"names": [{"text": "Li Example"}]})
    )
    incident = session.turn(lambda: records.add(session.vault, "incident", {"title": "Followed"}))
    panel = RelatedPanel(session, shell)
    shown(qtbot, panel)

    panel.show_record(person)
    qtbot.waitUntil(lambda: panel.role.findData("represents") >= 0)
    assert panel.role.findData("led-to") < 0
    panel.show_record(incident)
    qtbot.waitUntil(lambda: panel.role.findData("led-to") >= 0)
    assert panel.role.findData("represents") < 0
    assert panel.role.findData("related") >= 0


def test_the_picture_of_the_card_can_be_shown_twice_as_large(
    qtbot: QtBot, session: Session, shell: RecordingShell
) -> None:
    page = PartnersPage(session, shell)
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.picture.sizeHint().width() > 0, timeout=20_000)
    small = page.picture.sizeHint().width()

    page.larger_button.click()

    assert page.picture.sizeHint().width() == 2 * small
    qtbot.waitUntil(lambda: page.picture.width() >= 2 * small)
    page.larger_button.click()
    assert page.picture.sizeHint().width() == small


def test_size_and_checksum_of_a_file_can_be_read_but_not_written(qtbot: QtBot) -> None:
    declared = record_type("attachment")
    assert declared is not None
    form = FieldsForm(declared.fields, FieldContext(Session(), RecordingShell()))
    shown(qtbot, form)

    lines = {line.accessibleName(): line for line in form.findChildren(QLineEdit)}

    assert lines["SHA-256"].isReadOnly()
    assert lines["Size in bytes"].isReadOnly()
    assert not lines["File name"].isReadOnly()


def every_error(base: type[FielddocError] = FielddocError) -> Iterator[type[FielddocError]]:
    for error in base.__subclasses__():
        yield error
        yield from every_error(error)


TERMINAL_ONLY = {WrongUseError, PassphraseMissingError}


@pytest.mark.parametrize(
    "error", [error for error in every_error() if error.code and error not in TERMINAL_ONLY]
)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_advice_in_the_window_names_a_command(error: type[FielddocError], language: str) -> None:
    words = translate(error.in_window or error.hint, language)

    assert not re.search(r"(^|\s)--\w|fielddoc [a-z]+ [A-Z-]|：fielddoc|docs/|VAULT|FOLDER", words)
    assert words
    assert error.in_window != error.hint
