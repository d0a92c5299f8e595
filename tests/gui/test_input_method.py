"""Typing with an input method: what is being composed is not text yet, and Enter chooses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.vault import drafts, records
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        made.records.new_record("incident")
        yield made


def compose(widget: QWidget, preedit: str) -> None:
    QCoreApplication.sendEvent(widget, QInputMethodEvent(preedit, []))


def commit(widget: QWidget, text: str) -> None:
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QCoreApplication.sendEvent(widget, event)


def title_line(hands: Opened) -> QLineEdit:
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    return line


def test_what_is_being_composed_is_neither_drafted_nor_saved(
    hands: Opened, vault_folder: Path
) -> None:
    line = title_line(hands)
    compose(line, "fa yuan")
    QTest.qWait(50)
    hands.records.editor.save_now()
    hands.wait_for_vault()
    assert hands.records.editor.record is None
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert drafts.listing(vault) == []
        assert records.listing(vault) == []


@pytest.mark.parametrize("text", ["法院门外", "سوت ئالدىدا", "ཁྲིམས་ཁང་མདུན་ལ།", "𠀀𠮷"])
def test_what_was_chosen_is_text_exactly(hands: Opened, vault_folder: Path, text: str) -> None:
    line = title_line(hands)
    compose(line, "fa yuan")
    commit(line, text)
    assert line.text() == text
    hands.records.editor.commit()
    hands.wait_for_vault()
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (record,) = records.listing(vault)
        assert records.get(vault, record.id).values["title"] == text


def test_a_draft_while_composing_holds_what_stood_before(hands: Opened, vault_folder: Path) -> None:
    line = title_line(hands)
    commit(line, "法院")
    compose(line, "men wai")
    hands.records.editor.save_now()
    hands.wait_for_vault()
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        ((record, _, _),) = drafts.listing(vault)
        found = drafts.get(vault, record)
        assert found is not None
        assert found.values["title"] == "法院"


def test_enter_that_chooses_a_candidate_makes_no_version_and_leaves_the_field(
    hands: Opened, vault_folder: Path
) -> None:
    line = title_line(hands)
    compose(line, "fa yuan")
    # The input method takes the key for itself; what reaches the field is the commit alone.
    commit(line, "法院")
    assert line.hasFocus()
    hands.wait_for_vault()
    assert hands.records.editor.record is not None
    assert hands.records.model.rowCount() == 0
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert records.listing(vault) == []


def test_enter_in_a_line_makes_no_version(hands: Opened, vault_folder: Path) -> None:
    hands.type("court")
    hands.key(Qt.Key.Key_Return)
    hands.wait_for_vault()
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert records.listing(vault) == []


def test_search_waits_for_the_choice(hands: Opened) -> None:
    page = hands.records
    page.editor.close_record()
    page.search.setFocus()
    compose(page.search, "xu")
    assert page.search.text() == ""
    commit(page.search, "徐")
    assert page.search.text() == "徐"


def test_every_field_asks_the_input_method_not_to_learn(hands: Opened) -> None:
    asked: list[QWidget] = []
    for name in ("person", "incident", "detention", "risk", "source", "action"):
        hands.records.new_record(name)
        for widget in hands.window.findChildren(QWidget):
            if isinstance(widget, QLineEdit | QPlainTextEdit) and widget.isVisible():
                hints = widget.inputMethodHints()
                place = f"{name}: {widget.accessibleName()}"
                assert hints & Qt.InputMethodHint.ImhSensitiveData, place
                assert hints & Qt.InputMethodHint.ImhNoPredictiveText, place
                asked.append(widget)
    assert len(asked) > 50


def test_somebody_who_types_with_an_input_method_is_there(hands: Opened) -> None:
    """What an input method composes comes without a key press."""
    line, window = title_line(hands), hands.window
    window.idle_minutes = 1
    for step in (compose, commit):
        window.last_input_s -= 61
        step(line, "法院")
        window._check_idle()
        assert not hands.locked_into
    window.last_input_s -= 61
    window._check_idle()
    hands.until(lambda: hands.locked_into)
