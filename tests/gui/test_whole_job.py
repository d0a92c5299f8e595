"""The whole job in the window, from first start to wiped vault, with a partner on the other side."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from fielddoc.bundle.card import read_card
from fielddoc.gui.create_screen import CreateScreen
from fielddoc.gui.pages.export import CHECK, RESULT, WHERE, WHOM
from fielddoc.vault import attachments, contacts, records
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.pictures import grey_png
from gui.windows import PASSPHRASE, choose_in


def make_a_vault(hands: Opened, folder: Path, name: str) -> None:
    """Go through the steps of making a vault as a person does."""
    hands.window.show_create()
    fill_in_a_new_vault(hands, folder, name)


def fill_in_a_new_vault(hands: Opened, folder: Path, name: str) -> None:
    """Go through the steps from where they are shown."""
    window = hands.window
    screen = window.screens.currentWidget()
    assert isinstance(screen, CreateScreen)
    screen.place.parent_line.setText(str(folder.parent))
    screen.place.name_line.setText(folder.name)
    screen.place.name_on_card.setText(name)
    screen.go_on()
    hands.until(lambda: screen.steps.current == 1)
    screen.choice.use_own.setChecked(True)
    screen.choice.own.set_text(PASSPHRASE)
    screen.go_on()
    screen.again.line.set_text(PASSPHRASE)
    screen.go_on()
    hands.until(screen.practice.button.isEnabled)
    screen.practice.button.begin()
    hands.until(lambda: " ms," in screen.practice.result.text())
    screen.go_on()
    hands.until(window.workspace)


def click(button: QAbstractButton) -> None:
    """Click at a button or a box where its mark stands, as somebody with a mouse does."""
    assert button.isVisible()
    assert button.isEnabled()
    place = QPoint(button.height() // 2, button.height() // 2)
    if button.isRightToLeft():
        place.setX(button.width() - place.x())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=place)


def save_card(hands: Opened, target: Path) -> str:
    """Write one's own card where a partner will find it, and return the code."""
    page = hands.partners
    hands.until(lambda: page.own is not None)
    assert page.own is not None
    target.write_bytes(page.own.file)
    assert read_card(page.own.file).code == page.own.code
    return page.own.code


def add_partner(hands: Opened, card: Path, code: str) -> None:
    """Add a partner by their card and the digits."""
    adding = hands.partners.adding
    adding.read(card)
    hands.until(lambda: adding.card is not None)
    adding.code.setText(code)
    assert adding.add_button.isEnabled()
    click(adding.add_button)
    hands.until(lambda: adding.card is None)


def test_the_whole_job_from_first_start_to_wiped_vault(qtbot: QtBot, tmp_path: Path) -> None:
    mine, theirs, stick = tmp_path / "notes", tmp_path / "partner", tmp_path / "stick"
    stick.mkdir()
    picture = tmp_path / "street.png"
    picture.write_bytes(grey_png(40, 30))

    with opened(qtbot) as partner:
        make_a_vault(partner, theirs, "Bo")
        their_code = save_card(partner, tmp_path / "bo.card")

    with opened(qtbot) as hands:
        make_a_vault(hands, mine, "Plum")
        record_what_happened(hands)
        attach(hands, picture)
        find(hands)
        add_partner(hands, tmp_path / "bo.card", their_code)
        my_code = save_card(hands, tmp_path / "plum.card")
        bundle = export_everything(hands, stick)
        the_whole_vault_goes_to_a_partner_only_when_that_is_said(hands)

        with opened(qtbot, theirs) as partner:
            add_partner(partner, tmp_path / "plum.card", my_code)
            take_over(partner, bundle)

        wipe(hands)

    assert not mine.exists()
    with open_vault(theirs, PASSPHRASE) as vault:
        (incident,) = records.listing(vault, type_name="incident")
        values = records.get(vault, incident.id).values
        assert values["title"] == "Followed from the court"
        assert values["date"] == "2022-08-15~"
        (attached,) = records.listing(vault, type_name="attachment")
        sha256 = records.get(vault, attached.id).values["sha256"]
        content = attachments.find(vault, str(sha256))
        assert content is not None
        assert b"".join(attachments.read(vault, content)) == picture.read_bytes()
        assert [one.name for one in contacts.listing(vault)] == ["Plum"]


def record_what_happened(hands: Opened) -> None:
    page = hands.records
    page.show_kind("incident")
    hands.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert page.editor.type_name == "incident"
    hands.type("Followed from the court")
    hands.key(Qt.Key.Key_Tab)
    hands.key(Qt.Key.Key_Tab)
    hands.type("about 15 August 2022")
    hands.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    hands.until(lambda: page.model.rowCount() == 1)


def attach(hands: Opened, picture: Path) -> None:
    editor = hands.records.editor
    editor.tabs.setCurrentWidget(editor.files)
    files = editor.files
    click(files.add_button)
    choose_in(files.dialog, str(picture))
    hands.come_to_front()
    hands.until(lambda: len(files.model.files) == 1)


def find(hands: Opened) -> None:
    page = hands.records
    page.show_kind("all")
    hands.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search.hasFocus()
    hands.type("from the co")
    hands.until(lambda: page.model.rowCount() == 1)
    page.search.setText("nobody wrote this")
    hands.until(lambda: page.model.rowCount() == 0)
    page.search.clear()
    hands.until(lambda: page.model.rowCount() == 2)


def export_everything(hands: Opened, stick: Path) -> Path:
    page = hands.export
    click(page.what.with_attachments)
    click(page.next_button)
    assert page.step == WHOM
    tick_the_partner(hands)
    click(page.next_button)
    hands.until(lambda: page.step == CHECK)
    click(page.next_button)
    assert page.step == WHERE
    page.where.line.setText(str(stick))
    click(page.next_button)
    hands.until(lambda: page.step == RESULT)
    (bundle,) = stick.iterdir()
    return bundle


def tick_the_partner(hands: Opened) -> None:
    whom = hands.export.whom
    hands.until(lambda: "Bo" in whom.boxes and whom.boxes["Bo"].isVisible())
    if not whom.boxes["Bo"].isChecked():
        click(whom.boxes["Bo"])
    assert whom.boxes["Bo"].isChecked()


def the_whole_vault_goes_to_a_partner_only_when_that_is_said(hands: Opened) -> None:
    page = hands.export
    page.begin_anew()
    click(page.what.complete)
    click(page.next_button)
    tick_the_partner(hands)
    click(page.next_button)
    hands.until(lambda: page.step == CHECK)
    assert page.check.everything.isVisible()
    assert not page.next_button.isEnabled()
    click(page.check.everything_leaves)
    assert page.next_button.isEnabled()
    click(page.back_button)
    click(page.whom.boxes["Bo"])
    click(page.whom.to_self)
    click(page.next_button)
    hands.until(lambda: page.step == CHECK)
    assert not page.check.everything.isVisible()
    assert page.next_button.isEnabled()
    page.begin_anew()


def take_over(partner: Opened, bundle: Path) -> None:
    page = partner.import_
    page.open(bundle)
    partner.until(lambda: page.preview is not None)
    assert "Plum" in page.made_by.text()
    assert not page.unchanged.isHidden()
    assert partner.records.model.rowCount() == 0, "verifying alone takes nothing over"
    click(page.import_button)
    partner.until(lambda: not page.result.isHidden())


def wipe(hands: Opened) -> None:
    """Hold the chord; the process would end, which here is only told."""
    ended: list[int] = []
    hands.window.panic.end_process = ended.append
    hands.come_to_front()
    chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyPress(hands.focused, Qt.Key.Key_F12, chord)
    hands.until(lambda: ended)
    assert not hands.window.isVisible()
    session, hands.window.session = hands.window.session, None
    assert session is not None
    session.close(20)  # whatever it still writes, the key is dead
