"""Each thing that can go wrong is told in its own words, where it happened."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bundle import bundles
from fielddoc import errors
from fielddoc.bundle.card import own_card, write_card
from fielddoc.errors import FielddocError
from fielddoc.gui.create_screen import CreateScreen
from fielddoc.gui.pages.export import CHECK, RESULT, WHERE, WHOM
from fielddoc.vault import contacts, identity, records
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

Harm = Callable[[Path], object]


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def sentence(error: type[FielddocError]) -> str:
    """Return the beginning of an error's sentence, up to what is filled in."""
    beginning = error.message.split("{")[0].strip()
    assert len(beginning) > 3
    return beginning


# --- the lock screen ------------------------------------------------------------------------------


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def damage_both_halves(folder: Path) -> None:
    path = folder / "vault.key"
    half = path.stat().st_size // 2
    for place in (5000, half + 5000):
        flip(path, place)


UNLOCKING: dict[str, tuple[Harm, type[FielddocError]]] = {
    "no vault": (shutil.rmtree, errors.VaultNotFoundError),
    "no key file": (lambda folder: (folder / "vault.key").unlink(), errors.KeyFileMissingError),
    "key file damaged": (damage_both_halves, errors.KeyFileDamagedError),
    "database damaged": (
        lambda folder: (folder / "records.db").write_bytes(b"\0" * 8192),
        errors.VaultDamagedError,
    ),
}


@pytest.mark.parametrize("name", UNLOCKING)
def test_what_keeps_a_vault_from_opening_is_told(
    qtbot: QtBot, vault_folder: Path, name: str
) -> None:
    harm, error = UNLOCKING[name]
    with opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        harm(vault_folder)
        screen = made.unlock_screen
        screen.passphrase.set_text(PASSPHRASE)
        screen.unlock()
        made.until(screen.problem.text)
        assert sentence(error) in screen.problem.text()
        assert screen.advice.text()
        assert made.window.workspace() is None
        assert screen.unlock_button.isEnabled()


@pytest.mark.parametrize("typed", ["not this one", "", "\t"])
def test_a_wrong_passphrase_is_told_and_can_be_typed_again(
    qtbot: QtBot, vault_folder: Path, typed: str
) -> None:
    with opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        screen = made.unlock_screen
        screen.passphrase.set_text(typed)
        screen.unlock()
        made.until(screen.problem.text)
        assert made.window.workspace() is None
        screen.passphrase.set_text(PASSPHRASE)
        screen.unlock()
        made.until(made.window.workspace)


def test_a_vault_that_is_open_elsewhere_is_told(qtbot: QtBot, vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE), opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        screen = made.unlock_screen
        screen.passphrase.set_text(PASSPHRASE)
        screen.unlock()
        made.until(screen.problem.text)
        assert sentence(errors.VaultInUseError) in screen.problem.text()


# --- making a vault -------------------------------------------------------------------------------


@pytest.fixture
def create(qtbot: QtBot, tmp_path: Path) -> Iterator[CreateScreen]:
    with opened(qtbot) as made:
        made.window.show_create()
        screen = made.window.screens.currentWidget()
        assert isinstance(screen, CreateScreen)
        screen.place.parent_line.setText(str(tmp_path))
        screen.place.name_line.setText("notes")
        yield screen


def test_a_folder_that_holds_something_is_refused_at_once(
    qtbot: QtBot, create: CreateScreen, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "letter.txt").write_text("kept")
    create.go_on()
    qtbot.waitUntil(lambda: sentence(errors.VaultExistsError) in create.problem.text())
    assert create.steps.current == 0


@pytest.mark.parametrize(("parent", "name"), [("nowhere", "notes"), ("", "a/b"), ("", "")])
def test_a_place_that_cannot_be_is_refused_at_once(
    qtbot: QtBot, create: CreateScreen, tmp_path: Path, parent: str, name: str
) -> None:
    create.place.parent_line.setText(str(tmp_path / parent))
    create.place.name_line.setText(name)
    create.go_on()
    qtbot.waitUntil(lambda: bool(create.problem.text()))
    assert create.steps.current == 0


def test_a_passphrase_typed_differently_the_second_time_is_refused(
    qtbot: QtBot, create: CreateScreen
) -> None:
    create.go_on()
    qtbot.waitUntil(lambda: create.steps.current == 1)
    create.choice.use_own.setChecked(True)
    create.choice.own.set_text("plum lantern gravel otter")
    create.go_on()
    create.again.line.set_text("plum lantern gravel other")
    create.go_on()
    assert sentence(errors.PassphrasesDifferError) in create.problem.text()
    assert create.steps.current == 2


def test_an_empty_passphrase_is_refused(qtbot: QtBot, create: CreateScreen) -> None:
    create.go_on()
    qtbot.waitUntil(lambda: create.steps.current == 1)
    create.choice.use_own.setChecked(True)
    create.go_on()
    assert create.problem.text()
    assert create.steps.current == 1


# --- partners -------------------------------------------------------------------------------------


def partner(tmp_path: Path) -> Vault:
    return make_vault(tmp_path / "partner", PASSPHRASE, name="Bo")


def card_file(tmp_path: Path, vault: Vault) -> tuple[Path, str]:
    keys = identity.current(vault)
    path = tmp_path / "bo.card"
    path.write_bytes(write_card(own_card(keys), keys.signing_seed))
    return path, own_card(keys).code


@pytest.mark.parametrize("content", [b"", b"not a card", b"{}"])
def test_what_is_no_card_is_told(hands: Opened, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bo.card"
    path.write_bytes(content)
    adding = hands.partners.adding
    adding.read(path)
    hands.until(adding.problem.text)
    assert errors.CardRefusedError().sentence() in adding.problem.text()
    assert errors.CardRefusedError().advice_in_window() in adding.problem.text()
    assert adding.card is None


def test_digits_of_another_card_add_nobody(hands: Opened, tmp_path: Path) -> None:
    with partner(tmp_path) as vault:
        path, _ = card_file(tmp_path, vault)
    with make_vault(tmp_path / "third", PASSPHRASE) as third:
        other = own_card(identity.current(third)).code
    adding = hands.partners.adding
    adding.read(path)
    hands.until(lambda: adding.card is not None)
    adding.code.setText(other)
    adding.add()
    assert sentence(errors.CodeWrongError) in adding.problem.text()
    hands.wait_for_vault()
    assert adding.card is not None


def test_mistyped_digits_are_told_while_one_types(hands: Opened, tmp_path: Path) -> None:
    with partner(tmp_path) as vault:
        path, code = card_file(tmp_path, vault)
    adding = hands.partners.adding
    adding.read(path)
    hands.until(lambda: adding.card is not None)
    wrong = str((int(code[0]) + 1) % 10) + code[1:]
    adding.code.setText(wrong)
    assert sentence(errors.CodeMistypedError) in adding.digits.text()
    assert not adding.add_button.isEnabled()
    adding.code.setText(code[:-1])
    assert "39" in adding.digits.text()
    adding.code.setText(code)
    assert adding.add_button.isEnabled()


# --- importing ------------------------------------------------------------------------------------


@pytest.fixture
def bundle(vault_folder: Path, tmp_path: Path) -> Path:
    """Return what a partner wrote for the vault, which knows them."""
    stick = tmp_path / "stick"
    stick.mkdir()
    with partner(tmp_path) as other, open_vault(vault_folder, PASSPHRASE) as own:
        bundles.introduce(own, other)
        bundles.introduce(other, own)
        record = records.add(other, "incident", {"title": "Seen at the school"})
        return bundles.selected(other, own, stick, record)


def refused(qtbot: QtBot, folder: Path, path: Path) -> str:
    """Open a bundle in the window, see that nothing is offered, and return what is told."""
    with opened(qtbot, folder) as made:
        page = made.import_
        page.open(path)
        made.until(lambda: page.problem.text() or page.preview is not None)
        assert page.preview is None
        assert not page.report.isVisible()
        assert page.choose_button.isVisible()
        assert made.records.model.rowCount() == 0
        return page.problem.text()


def test_the_bundle_itself_is_taken(qtbot: QtBot, vault_folder: Path, bundle: Path) -> None:
    with opened(qtbot, vault_folder) as made:
        page = made.import_
        page.open(bundle)
        made.until(lambda: page.preview is not None)
        assert not page.problem.text()


def test_a_bundle_for_somebody_else_is_told(qtbot: QtBot, tmp_path: Path, bundle: Path) -> None:
    make_vault(tmp_path / "third", PASSPHRASE).lock()
    problem = refused(qtbot, tmp_path / "third", bundle)
    assert sentence(errors.NotForYouError) in problem


@pytest.mark.parametrize("share", [0.5, 0.75, 0.99])
def test_a_changed_bundle_is_told(
    qtbot: QtBot, vault_folder: Path, bundle: Path, share: float
) -> None:
    flip(bundle, int(bundle.stat().st_size * share))
    problem = refused(qtbot, vault_folder, bundle)
    assert sentence(errors.BundleChangedError) in problem


def test_a_bundle_that_is_cut_short_is_told(qtbot: QtBot, vault_folder: Path, bundle: Path) -> None:
    bundle.write_bytes(bundle.read_bytes()[:-100])
    problem = refused(qtbot, vault_folder, bundle)
    assert sentence(errors.BundleCutShortError) in problem or (
        sentence(errors.BundleChangedError) in problem
    )


def test_a_bundle_of_a_stranger_is_told(qtbot: QtBot, vault_folder: Path, bundle: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as own:
        contacts.remove(own, "Bo")
    assert sentence(errors.UnknownSenderError) in refused(qtbot, vault_folder, bundle)


def test_a_bundle_that_was_passed_on_is_told(
    qtbot: QtBot, vault_folder: Path, tmp_path: Path, bundle: Path
) -> None:
    """Somebody opens what was made for them and encrypts it anew, for a third."""
    with make_vault(tmp_path / "third", PASSPHRASE) as third:
        with open_vault(tmp_path / "partner", PASSPHRASE) as other:
            bundles.introduce(third, other)
        recipient = bundles.card_of(third).x25519
        with open_vault(vault_folder, PASSPHRASE) as own:
            plain = bundles.plaintext(bundle.read_bytes(), own)
    bundle.write_bytes(bundles.sealed(plain, [recipient]))
    assert sentence(errors.SignedForOthersError) in refused(qtbot, tmp_path / "third", bundle)


def test_a_bundle_of_a_newer_version_is_told(
    qtbot: QtBot, vault_folder: Path, tmp_path: Path
) -> None:
    with partner(tmp_path) as other, open_vault(vault_folder, PASSPHRASE) as own:
        bundles.introduce(own, other)
        forged = bundles.forgery(other, own, info={"Fielddoc-Bundle-Version": "2"})
        path = tmp_path / "new.age"
        path.write_bytes(forged.age())
    assert sentence(errors.BundleTooNewError) in refused(qtbot, vault_folder, path)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.NotABundleError()),
        (b"holiday.jpg", errors.NotABundleError()),
        (b"age-encryption.org/v1\n", errors.BundleCutShortError()),
    ],
)
def test_what_is_no_bundle_is_told(
    qtbot: QtBot, vault_folder: Path, tmp_path: Path, content: bytes, error: FielddocError
) -> None:
    path = tmp_path / "x.age"
    path.write_bytes(content)
    problem = refused(qtbot, vault_folder, path)
    assert error.sentence() in problem
    assert error.advice_in_window() in problem


def test_a_file_that_is_gone_is_told(qtbot: QtBot, vault_folder: Path, tmp_path: Path) -> None:
    problem = refused(qtbot, vault_folder, tmp_path / "gone.age")
    error = errors.NotAPlainFileError(name="gone.age")
    assert error.sentence() in problem
    assert error.advice_in_window() in problem


# --- exporting ------------------------------------------------------------------------------------


def test_an_export_of_nothing_and_to_nobody_is_told(hands: Opened) -> None:
    page = hands.export
    page.go_on()
    page.go_on()
    assert page.step == WHOM
    assert page.problem.text()
    page.whom.with_passphrase.setChecked(True)
    page.whom.first.set_text("one")
    page.go_on()
    assert sentence(errors.PassphrasesDifferError) in page.problem.text()
    page.whom.first.set_text("plum lantern gravel otter seven bridge")
    page.whom.again.set_text("plum lantern gravel otter seven bridge")
    page.go_on()
    hands.until(lambda: page.problem.text() and page.job is None)
    assert sentence(errors.NothingToExportError) in page.problem.text()


def test_a_place_that_is_not_there_or_has_no_room_is_told(hands: Opened, tmp_path: Path) -> None:
    hands.records.new_record("incident")
    hands.type("Followed")
    hands.records.editor.commit()
    page = hands.export
    page.go_on()
    page.whom.to_self.setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    page.go_on()
    assert page.step == WHERE
    page.where.line.setText(str(tmp_path / "no such folder"))
    page.go_on()
    hands.until(page.problem.text)
    assert page.step == WHERE
    assert not page.where.space.text()
    page.where.line.setText(str(tmp_path))
    hands.until(page.where.space.text)
    page.where.line.setText("/proc")
    page.go_on()
    hands.until(lambda: page.step == RESULT)
    assert page.result.isVisible()
    told = " ".join(label.text() for label in page.result.findChildren(QLabel))
    assert sentence(errors.SpaceShortError) in told, told
