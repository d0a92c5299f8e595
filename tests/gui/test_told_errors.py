"""Errors that a person meets in the window, each caused in earnest: what is told, and what to do."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shamir_mnemonic import generate_mnemonics

from fielddoc import errors
from fielddoc.crypto.shares import near_words
from fielddoc.errors import FielddocError
from fielddoc.exchange.photos import MAXIMUM_FILES
from fielddoc.gui.fields.sealed import SealedField
from fielddoc.gui.pages.export import CHECK, RESULT, WHOM, ExportPage
from fielddoc.gui.pages.export_open import ExportOpenPage
from fielddoc.gui.pages.import_photos import ImportPhotosPage
from fielddoc.gui.pages.import_table import ImportTablePage
from fielddoc.gui.pages.settings import SettingsPage
from fielddoc.gui.recover_screen import RecoverScreen
from fielddoc.i18n import listed
from fielddoc.vault import compartment_passphrase, contacts, purge, records, rekey
from fielddoc.vault.opening import make_vault, open_vault
from gui.exporting import ready_to_write
from gui.opened import Opened, opened, vault_is_busy
from gui.test_errors import card_file, partner
from gui.test_new_keys import NEW, fill, shares_of
from gui.test_whole_job import add_partner
from gui.windows import PASSPHRASE
from small_disk import small_disk_at


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def told(text: str, error: FielddocError) -> bool:
    """Tell whether a text says what happened and what to do now."""
    return error.sentence() in text and error.advice_in_window() in text


def banner(hands: Opened) -> str:
    shown = hands.window.banner
    return f"{shown.what.text()} {shown.what_now.text()}" if shown.isVisible() else ""


# --- recovery shares ------------------------------------------------------------------------------


@pytest.fixture
def recovering(qtbot: QtBot, vault_folder: Path) -> Iterator[tuple[RecoverScreen, tuple[str, ...]]]:
    """Yield the screen that asks for shares, and the shares that open the vault."""
    shares = shares_of(vault_folder)
    with opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        QTest.mouseClick(made.unlock_screen.shares_button, Qt.MouseButton.LeftButton)
        screen = made.window.screens.currentWidget()
        assert isinstance(screen, RecoverScreen)
        yield screen, shares


Recovering = tuple[RecoverScreen, tuple[str, ...]]


def give(screen: RecoverScreen, share: str) -> str:
    """Type a share, press Take it, and return what is told of it."""
    screen.entry.line.setText(share)
    QTest.mouseClick(screen.entry.take_button, Qt.MouseButton.LeftButton)
    return f"{screen.entry.problem.text()} {screen.entry.advice.text()}"


def test_a_word_that_is_not_of_the_list_is_named_with_those_that_are_like_it(
    recovering: Recovering,
) -> None:
    screen, shares = recovering
    first, *rest = shares[0].split()
    mistyped = f"{first}x"
    error = errors.ShareWordError(place=1, word=mistyped, near=listed(near_words(mistyped)))
    assert told(give(screen, " ".join((mistyped, *rest))), error)
    assert first in screen.entry.advice.text()
    assert screen.entry.line.hasFocus()


def test_a_share_that_is_not_whole_is_told_with_its_count(recovering: Recovering) -> None:
    screen, shares = recovering
    short = " ".join(shares[0].split()[:-1])
    assert told(give(screen, short), errors.ShareLengthError(count=19, wanted=20))


def test_two_words_exchanged_are_told_by_the_check_words(recovering: Recovering) -> None:
    screen, shares = recovering
    first, second, *rest = shares[0].split()
    assert first != second
    assert told(give(screen, " ".join((second, first, *rest))), errors.ShareCheckError())


def test_a_share_of_another_program_is_told(recovering: Recovering) -> None:
    screen, _ = recovering
    ((foreign, *_),) = generate_mnemonics(1, [(2, 3)], bytes(16))
    assert told(give(screen, foreign), errors.ShareNotOursError())


def test_a_share_of_keys_that_were_replaced_is_void(qtbot: QtBot, vault_folder: Path) -> None:
    old = shares_of(vault_folder)
    shares_of(vault_folder)
    with opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        made.unlock_screen.shares_button.click()
        screen = made.window.screens.currentWidget()
        assert isinstance(screen, RecoverScreen)
        assert told(give(screen, old[0]), errors.ShareVoidError(made=2, now=3))
        assert screen.entry.taken == []


def test_the_same_share_again_counts_once(recovering: Recovering) -> None:
    screen, shares = recovering
    assert give(screen, shares[1]).strip() == ""
    assert told(give(screen, shares[1]), errors.ShareTwiceError(number=2))
    assert len(screen.entry.taken) == 1


def test_a_share_of_another_set_is_told(recovering: Recovering, tmp_path: Path) -> None:
    screen, shares = recovering
    make_vault(tmp_path / "other", PASSPHRASE).lock()
    others = shares_of(tmp_path / "other")
    give(screen, shares[0])
    assert told(give(screen, others[1]), errors.ShareOfAnotherSetError(number=2))


def test_shares_that_open_another_vault_are_told(
    qtbot: QtBot, recovering: Recovering, tmp_path: Path
) -> None:
    screen, _ = recovering
    make_vault(tmp_path / "other", PASSPHRASE).lock()
    for share in shares_of(tmp_path / "other")[:2]:
        give(screen, share)
    qtbot.waitUntil(lambda: bool(screen.entry.problem.text()), timeout=20_000)
    text = f"{screen.entry.problem.text()} {screen.entry.advice.text()}"
    assert told(text, errors.SharesWrongError())


def test_after_one_share_the_next_is_asked_for_and_nothing_is_opened(
    recovering: Recovering,
) -> None:
    screen, shares = recovering
    give(screen, shares[0])
    assert screen.entry.label.text().startswith("Share 2:")
    assert not screen.entry.problem.isVisible()
    assert screen.session is None


# --- passphrases and keys -------------------------------------------------------------------------


def settings(hands: Opened) -> SettingsPage:
    page = hands.page("settings")
    assert isinstance(page, SettingsPage)
    return page


def change(hands: Opened, old: str, new: str) -> str:
    """Change the passphrase and return what is told in the end."""
    page = settings(hands)
    for line, text in ((page.old, old), (page.new, new), (page.again, new)):
        line.set_text(text)
    page.change_button.click()
    hands.until(page.change_button.isEnabled)
    return page.change_words.text()


def test_a_new_passphrase_that_cannot_be_one_is_told(hands: Opened) -> None:
    assert told(change(hands, PASSPHRASE, "\t"), errors.PassphraseRefusedError())
    assert told(change(hands, "not this one", NEW), errors.WrongPassphraseError())


def test_a_new_passphrase_that_would_wipe_is_told(qtbot: QtBot, vault_folder: Path) -> None:
    wipe = "nobody will ever find anything in here"
    with open_vault(vault_folder, PASSPHRASE) as vault:
        cost = vault.key_file.half.public.cost
        rekey.rekey(vault, PASSPHRASE, cost=cost, wipe_passphrase=wipe)
    with opened(qtbot, vault_folder) as hands:
        assert told(change(hands, PASSPHRASE, wipe), errors.PassphrasesTooAlikeError())
    open_vault(vault_folder, PASSPHRASE).lock()


def test_a_disk_without_the_room_for_new_keys_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk", size="12m") as disk:
        make_vault(disk / "vault", PASSPHRASE).lock()
        with opened(qtbot, disk / "vault") as hands:
            page = settings(hands)
            page.new_keys_button.click()
            fill(page.new_keys)
            page.new_keys.make_button.click()
            hands.until(page.new_keys.problem.text)
            size = (disk / "vault" / "records.db").stat().st_size
            needed = -(-(size + size // 50 + 16 * 2**20) // 2**20)
            error = errors.VaultSpaceShortError(mebibytes=needed)
            assert told(page.new_keys.problem.text(), error)
        open_vault(disk / "vault", PASSPHRASE).lock()


def test_new_keys_that_were_cut_off_are_told_where_the_passphrase_is_changed(
    qtbot: QtBot, vault_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise errors.DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(rekey, "_rekey_database", cut_off)
        with (
            pytest.raises(errors.DiskFullError),
            open_vault(vault_folder, PASSPHRASE) as vault,
        ):
            rekey.rekey(vault, NEW, cost=vault.key_file.half.public.cost)
    with small_disk_at(tmp_path / "disk", size="12m") as disk:
        shutil.copytree(vault_folder, disk / "vault")
        with opened(qtbot) as hands:
            hands.unlock(disk / "vault", NEW)
            error = errors.KeysUnfinishedError()
            assert told(change(hands, NEW, "another passphrase of six words"), error)
        open_vault(disk / "vault", NEW).lock()


def test_a_wrong_passphrase_of_the_identities_is_told(qtbot: QtBot, vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        compartment_passphrase.set_passphrase(vault, NEW)
    with opened(qtbot, vault_folder) as hands:
        sources = settings(hands).sources
        hands.until(sources.present.isVisible)
        sources.present.set_text("not this one")
        sources.open_button.click()
        hands.until(lambda: sources.open_button.isEnabled() and sources.answer.text())
        assert told(sources.answer.text(), errors.CompartmentPassphraseWrongError())


# --- records --------------------------------------------------------------------------------------


def test_a_record_that_is_gone_is_told_and_nothing_is_shown(hands: Opened) -> None:
    gone = "11111111-1111-4111-8111-111111111111"
    hands.window.open_record(gone)
    hands.until(lambda: banner(hands))
    assert told(banner(hands), errors.RecordNotFoundError(name=gone))
    hands.until(lambda: hands.records.detail.currentWidget() is not hands.records.editor)


def test_an_identity_typed_while_it_is_being_closed_is_told_and_kept_once_it_is_open(
    hands: Opened,
) -> None:
    session = hands.window.session
    assert session is not None
    session.turn(lambda: compartment_passphrase.set_passphrase(session.vault, NEW))
    record = add(hands, "source", {"code_name": "W7"})
    hands.window.open_record(record)
    editor = hands.records.editor
    hands.until(lambda: editor.record == record and editor.form is not None)
    hands.wait_for_vault()
    assert editor.form is not None
    sealed = editor.form.widget_of("identity")
    assert isinstance(sealed, SealedField)
    with vault_is_busy(hands):
        session.ask(hands.window, compartment_passphrase.close)
        sealed.form.widget_of("name").setFocus()
        hands.type("Xu Qin")
        editor.commit()
    hands.until(lambda: banner(hands))
    assert told(banner(hands), errors.CompartmentClosedError())
    assert "Not saved yet" in editor.state.text()
    session.turn(lambda: compartment_passphrase.open_with(session.vault, NEW))
    hands.until(lambda: "Not saved yet" not in editor.state.text())
    editor.commit()
    hands.wait_for_vault()
    kept = session.turn(lambda: records.get(session.vault, record).values)
    assert kept["identity"] == {"name": "Xu Qin"}


def test_a_risk_becomes_an_incident_only_once(hands: Opened) -> None:
    risk = add(hands, "risk", {"title": "May be taken"})
    hands.window.open_record(risk)
    editor = hands.records.editor
    hands.until(lambda: editor.record == risk and editor.form is not None)
    hands.wait_for_vault()
    with vault_is_busy(hands):
        editor.happened_action.trigger()
        editor.happened_action.trigger()
    hands.until(lambda: banner(hands))
    assert errors.InputRefusedError.in_window in banner(hands)
    assert "this risk became the incident" in banner(hands)


def test_a_search_that_was_forgotten_before_is_told(hands: Opened) -> None:
    keeping = hands.records.keeping
    hands.records.bar.show_text("date:2022-11")
    keeping.save_button.click()
    keeping.name.setText("Autumn")
    keeping.keep_button.click()
    hands.until(keeping.forget_button.isVisible)
    with vault_is_busy(hands):
        keeping.forget_button.click()
        keeping.forget_button.click()
    hands.until(lambda: banner(hands))
    error = errors.SearchRefusedError(reason="there is no saved search “Autumn”")
    assert told(banner(hands), error)


def test_taking_back_once_more_than_there_is_is_told(hands: Opened) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.records.editor.commit()
    button = hands.workspace.undo
    hands.until(button.isEnabled)
    with vault_is_busy(hands):
        button.click()
        button.click()
    hands.until(lambda: errors.NothingToUndoError().sentence() in hands.window.foot.message.text())


# --- leaving --------------------------------------------------------------------------------------


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def add(hands: Opened, kind: str, values: dict[str, object]) -> str:
    session = hands.window.session
    assert session is not None
    return session.turn(lambda: records.add(session.vault, kind, values))  # type: ignore[arg-type]


def result(page: ExportPage) -> str:
    return " ".join(label.text() for label in page.result.findChildren(QLabel))


def test_a_record_that_is_removed_for_good_meanwhile_ends_the_export(
    hands: Opened, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = add(hands, "incident", {"title": "Followed"})
    session = hands.window.session
    assert session is not None
    page = ready_to_write(hands, stick)
    # Everything is told twice, first for the checksums and then for the bundle; the person removes
    # the record in between, when the export lets the vault be used by others.
    take_turn, turns = session.turn, itertools.count()

    def turn(step: Callable[[], object]) -> object:
        if next(turns) == 4:
            take_turn(lambda: purge.purge(session.vault, record))
        return take_turn(step)

    monkeypatch.setattr(session, "turn", turn)
    page.go_on()
    hands.until(lambda: page.step == RESULT)
    assert told(result(page), errors.VaultChangedMeanwhileError())
    assert list(stick.iterdir()) == []


def test_a_person_who_says_no_after_the_check_stays(hands: Opened, stick: Path) -> None:
    person = add(hands, "person", {"names": [{"text": "Xu Qin"}]})
    page = ready_to_write(hands, stick, is_complete=False)
    session = hands.window.session
    assert session is not None
    no = {"consents": [{"purpose": "act", "answer": "no"}]}
    session.turn(lambda: records.revise(session.vault, person, no))  # type: ignore[arg-type]
    page.go_on()
    hands.until(lambda: page.step == RESULT)
    assert told(result(page), errors.ConsentRefusedError(count=1))
    assert list(stick.iterdir()) == []


def test_a_name_that_is_kept_after_the_check_does_not_leave(hands: Opened, stick: Path) -> None:
    incident = add(hands, "incident", {"title": "Followed", "what_happened": "Tao Stayname saw it"})
    hands.window.go("export", {"records": [incident]})
    page = hands.export
    assert page.what.some.isChecked()
    page.go_on()
    page.whom.to_self.setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    page.go_on()
    page.where.line.setText(str(stick))
    add(hands, "person", {"names": [{"text": "Tao Stayname"}]})
    page.go_on()
    hands.until(lambda: page.step == RESULT)
    assert told(result(page), errors.LeakFoundError(count=1))
    assert list(stick.iterdir()) == []


def test_a_partner_who_is_removed_meanwhile_gets_nothing(hands: Opened, tmp_path: Path) -> None:
    with partner(tmp_path) as vault:
        path, code = card_file(tmp_path, vault)
    add_partner(hands, path, code)
    add(hands, "incident", {"title": "Followed"})
    page = hands.export
    page.go_on()
    assert page.step == WHOM
    hands.until(lambda: page.whom.boxes)
    page.whom.boxes["Bo"].setChecked(True)
    session = hands.window.session
    assert session is not None
    with vault_is_busy(hands):
        session.ask(page, lambda vault: contacts.remove(vault, "Bo"))
        page.go_on()
    hands.until(page.problem.text)
    assert told(page.problem.text(), errors.ContactNotFoundError(name="Bo"))


def open_page(hands: Opened, folder: Path) -> ExportOpenPage:
    """Go as far as the button that writes unprotected files."""
    page = hands.page("export-open")
    assert isinstance(page, ExportOpenPage)
    page.line.setText(str(folder))
    page.look_button.click()
    hands.until(page.check.isVisible)
    page.knows.setChecked(True)
    return page


@pytest.mark.parametrize("below", ["", "attachments"])
def test_unprotected_files_are_never_written_into_the_vault(
    hands: Opened, vault_folder: Path, below: str
) -> None:
    add(hands, "incident", {"title": "Followed"})
    before = sorted(vault_folder.rglob("*"))
    page = open_page(hands, vault_folder / below)
    page.write_button.click()
    hands.until(page.problem.text)
    assert told(page.problem.text(), errors.InsideTheVaultError())
    assert sorted(vault_folder.rglob("*")) == before


def test_a_file_that_is_there_is_never_written_over(hands: Opened, stick: Path) -> None:
    add(hands, "incident", {"title": "Followed"})
    page = open_page(hands, stick)
    page.format.setCurrentIndex(3)
    (stick / "records.jsonl").write_text("kept")
    page.write_button.click()
    hands.until(page.problem.text)
    assert told(page.problem.text(), errors.FileExistsAlreadyError(name="records.jsonl"))
    assert [path.read_text() for path in stick.iterdir()] == ["kept"]


# --- coming in ------------------------------------------------------------------------------------


def photos(hands: Opened, folder: Path) -> str:
    """Choose a folder of photos and return what is told of it."""
    page = hands.page("import-photos")
    assert isinstance(page, ImportPhotosPage)
    page.open(folder)
    hands.until(page.problem.text)
    assert not page.preview.isVisible()
    return page.problem.text()


def test_a_folder_without_a_photo_is_told(hands: Opened, stick: Path) -> None:
    (stick / "notes.txt").write_text("no photo")
    assert told(photos(hands, stick), errors.NoPhotosError())


def test_a_folder_with_more_files_than_are_taken_at_once_is_told(
    hands: Opened, stick: Path
) -> None:
    for number in range(MAXIMUM_FILES + 1):
        (stick / f"{number}.jpg").touch()
    assert told(photos(hands, stick), errors.TooManyFilesError(count=MAXIMUM_FILES))


def table(hands: Opened, path: Path) -> ImportTablePage:
    page = hands.page("import-table")
    assert isinstance(page, ImportTablePage)
    page.open(path)
    hands.until(lambda: page.job is None)
    return page


def test_a_broken_table_is_told_with_its_reason(hands: Opened, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04nothing")
    words = table(hands, path).problem.text()
    error = errors.TableRefusedError(reason="")
    assert words.startswith(error.sentence())
    assert len(words) > len(error.sentence()) + len(error.advice_in_window()) + 10
    assert error.advice_in_window() in words


def test_an_encoding_that_can_only_be_guessed_is_told(hands: Opened, tmp_path: Path) -> None:
    path = tmp_path / "chinese.csv"
    path.write_bytes("姓名,职业\n徐例,律师\n".encode("gb18030"))
    page = table(hands, path)
    assert page.encoding_box.isVisible()
    assert errors.EncodingUncertainError(name="gb18030").sentence() in page.encoding_words.text()


def test_columns_that_go_nowhere_are_told_with_advice(hands: Opened, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    page = table(hands, path)
    page.look_button.click()
    hands.until(page.problem.text)
    assert "no column goes into a field" in page.problem.text()
    assert errors.MappingRefusedError.in_window in page.problem.text()


def test_of_a_workbook_with_several_sheets_one_is_chosen(hands: Opened, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "people"
    first.append(["Name"])
    first.append(["Xu Qin"])
    second = book.create_sheet("places")
    second.append(["Place"])
    second.append(["Shi"])
    book.save(tmp_path / "two.xlsx")
    page = table(hands, tmp_path / "two.xlsx")
    assert not page.problem.isVisible()
    assert [page.sheet.itemText(row) for row in range(page.sheet.count())] == ["people", "places"]
    page.sheet.setCurrentIndex(1)
    hands.until(lambda: list(page.choices) == ["Place"])
