"""One's own card as others get it: the QR picture as another program reads it, and the file."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from fielddoc.bundle.card import read_card
from fielddoc.gui.pages.partners import PartnersPage
from fielddoc.vault import contacts
from fielddoc.vault.opening import make_vault, open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE, choose_in
from not_run import not_run

LONG_NAME = "裴" * 200
"""With it a card has more bytes than any QR code holds."""


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def with_picture(hands: Opened) -> PartnersPage:
    """Go to the partners and wait for the QR picture."""
    page = hands.partners
    hands.until(lambda: page.picture.sizeHint().width() and page.picture.size().width())
    hands.until(lambda: page.picture.size() == page.picture.sizeHint())
    return page


def digits_shown(page: PartnersPage) -> str:
    """Return the code as somebody reads it out."""
    return "".join(page.code.text().split())


def read_by_zbar(page: PartnersPage, folder: Path) -> bytes:
    """Return what is in the QR picture as it is painted on the screen."""
    if shutil.which("zbarimg") is None:
        not_run("zbarimg is not installed (Debian: zbar-tools)")
    image = folder / "picture.png"
    assert page.picture.grab().save(str(image))
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--oneshot", "-Sbinary", str(image)],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("is_large", [False, True], ids=["small", "larger"])
def test_another_program_reads_the_card_and_its_code_from_the_qr_picture(
    hands: Opened, tmp_path: Path, *, is_large: bool
) -> None:
    page = with_picture(hands)
    small = page.picture.size()
    if is_large:
        page.larger_button.click()
        hands.until(lambda: page.picture.size() == small * 2)

    read = read_by_zbar(page, tmp_path)

    assert page.own is not None
    assert read == page.own.file
    assert read_card(read).code == digits_shown(page)
    assert page.picture_words.text() == "Your whole card"


def test_where_the_card_is_too_long_for_a_qr_code_the_picture_holds_the_code(
    qtbot: QtBot, tmp_path: Path
) -> None:
    make_vault(tmp_path / "long", PASSPHRASE, name=LONG_NAME).lock()
    with opened(qtbot, tmp_path / "long") as hands:
        page = with_picture(hands)

        assert read_by_zbar(page, tmp_path).decode() == digits_shown(page)
        assert page.picture_words.text() == "Your code; the card is a file"


def test_the_card_is_saved_where_one_chooses_and_a_partner_takes_it_with_the_digits(
    qtbot: QtBot, hands: Opened, tmp_path: Path
) -> None:
    page = with_picture(hands)
    target = tmp_path / "stick" / "mina.json"
    target.parent.mkdir()

    page.save_button.click()
    choose_in(hands.window.findChild(QFileDialog), str(target))
    hands.until(target.exists)
    hands.wait_for_vault()

    assert [path.name for path in target.parent.iterdir()] == ["mina.json"]
    assert str(target) in hands.window.foot.message.text()
    code = digits_shown(page)
    hands.close()
    make_vault(tmp_path / "partner", PASSPHRASE, name="Bo").lock()
    with opened(qtbot, tmp_path / "partner") as partner:
        adding = partner.partners.adding
        adding.choose_button.click()
        choose_in(partner.window.findChild(QFileDialog), str(target))
        partner.until(lambda: adding.card)
        assert adding.card_words.text().startswith("The card says that it is of: Mina")
        adding.code.setText(code)
        adding.add_button.click()
        partner.until(lambda: adding.card is None)
    with open_vault(tmp_path / "partner", PASSPHRASE) as vault:
        (mina,) = contacts.listing(vault)
        assert (mina.name, mina.code, mina.card) == ("Mina", code, target.read_bytes())


def test_saving_the_card_overwrites_nothing_and_says_so(hands: Opened, tmp_path: Path) -> None:
    page = with_picture(hands)
    target = tmp_path / "mina.json"
    target.write_bytes(b"kept")

    page.save_button.click()
    choose_in(hands.window.findChild(QFileDialog), str(target))
    hands.until(page.problem.text)

    assert target.read_bytes() == b"kept"
    assert page.problem.text().startswith("There is already a file of this name: mina.json")
