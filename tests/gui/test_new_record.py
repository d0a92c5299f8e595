"""A record that was begun and not saved: its files, what is said of it, and the way back to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.domain.revision import new_id
from fielddoc.vault import drafts, records
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE
from vault.test_records import foreign, received


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def test_files_can_be_added_as_soon_as_something_is_typed(hands: Opened, tmp_path: Path) -> None:
    editor = hands.records.editor
    hands.records.new_record("incident")
    place = editor.tabs.indexOf(editor.files)
    hands.type("F")
    assert editor.tabs.isTabEnabled(place)
    file = tmp_path / "letter.txt"
    file.write_text("fictional")
    editor.files.add_files([file])
    record = editor.record
    assert record is not None
    session = hands.window.session
    assert session is not None
    hands.until(lambda: not session.jobs and editor.files.model.rowCount() == 1)
    found: list[str | None] = []
    session.ask(hands.window, lambda vault: records.type_of(vault, record), found.append)
    hands.until(lambda: found)
    assert found == ["incident"]


def test_it_is_said_that_what_is_typed_is_kept(hands: Opened) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.until(lambda: "Kept as you type" in hands.records.editor.state.text())


def test_every_unsaved_draft_can_be_reached(qtbot: QtBot, vault_folder: Path) -> None:
    titles = [f"Typed {number} & kept" for number in range(7)]
    with open_vault(vault_folder, PASSPHRASE) as vault:
        for title in titles:
            drafts.save(vault, new_id(), "incident", {"title": title})
    with opened(qtbot, vault_folder) as hands:
        page = hands.records
        hands.until(page.drafts.isVisible)
        buttons = page.drafts.findChildren(QPushButton)
        (more,) = [button for button in buttons if button.menu() is not None]
        actions = more.menu().actions()
        assert sorted(one.text().split("  ·  ")[0].replace("&&", "&") for one in actions) == titles
        (first,) = [one for one in actions if one.text().startswith("Typed 0")]
        first.trigger()
        hands.until(lambda: page.editor.form is not None and page.editor.record is not None)
        hands.until(
            lambda: (
                page.editor.form is not None and page.editor.form.values().get("title") == titles[0]
            )
        )


def test_a_conflict_is_told_in_the_words_of_the_form_and_settled_by_a_button(
    qtbot: QtBot, vault_folder: Path
) -> None:
    """Neither an id nor a code nor JSON is shown."""
    with open_vault(vault_folder, PASSPHRASE) as vault:
        li, xu = (
            records.add(vault, "person", {"names": [{"text": name}]})
            for name in ("Li Example", "Xu Example")
        )
        risk = records.add(vault, "risk", {"title": "Watched"})
        (base,) = records.revisions_of(vault, risk)
        records.revise(vault, risk, {"severity": "minor", "exposed": [li], "since": "2022-08"})
        theirs: dict[str, Json] = {"severity": "very-serious", "exposed": [xu], "since": "2022-09"}
        at = base.clock.ms + 1
        received(vault, foreign(risk, theirs, parents=(base.id,), ms=at))
        conflicting = {one.path for one in records.get(vault, risk).conflicts}
        assert conflicting == {"severity", "exposed", "since"}
    with opened(qtbot, vault_folder) as hands:
        editor = hands.records.editor
        hands.workspace.go("records", {"record": risk})

        def buttons() -> dict[str, QPushButton]:
            found = editor.findChildren(QPushButton)
            found = [one for one in found if one.accessibleName().startswith(("Keep:", "Take:"))]
            found = [one for one in found if one.isVisible()]
            return {button.accessibleName(): button for button in found}

        hands.until(lambda: len(buttons()) == 6)
        shown = {one.text() for one in editor.findChildren(QLabel) if one.isVisible()}
        assert set(buttons()) <= shown
        told = " ".join(buttons())
        for words in ("minor", "very serious", "Li Example", "Xu Example", "August 2022"):
            assert words in told
        for code in (li, xu, "very-serious", "2022-08", "[", "{"):
            assert code not in told
        (theirs_button,) = [
            button for words, button in buttons().items() if "very serious" in words
        ]
        theirs_button.click()
        hands.until(lambda: len(buttons()) == 4)
        assert editor.form is not None
        assert editor.form.values()["severity"] == "very-serious"
