"""One passphrase typed in different ways opens one vault, whichever way it was set."""

import unicodedata
from pathlib import Path

import pytest

from fielddoc.crypto.kdf import Cost
from fielddoc.errors import WrongPassphraseError
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.rekey import rekey
from fielddoc.vault.vault import change_passphrase, check_passphrase

SET = "Café lantern 12 灯塔 བོད་ཡིག ۋە"
FULL_WIDTH = str.maketrans({n: n + 0xFEE0 for n in range(0x21, 0x7F)} | {0x20: 0x3000})
SAME = {
    "as it was set": SET,
    "decomposed": unicodedata.normalize("NFD", SET),
    "full-width letters, digits and blanks": SET.translate(FULL_WIDTH),
    "blanks around it": f"  {SET}\n",
    "many blanks inside": SET.replace(" ", " \t\u3000 "),
    "blanks that do not break": SET.replace(" ", "\u00a0"),
    "wide blanks": SET.replace(" ", "\u2003"),
    "line ends of another system": SET.replace(" ", "\r\n"),
}
OTHER = {
    "another case": SET.swapcase(),
    "no blanks": SET.replace(" ", ""),
    "traditional characters": SET.replace("灯", "燈"),
    "without its accent": SET.replace("é", "e"),
    "one letter less": SET[:-1],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("variants") / "vault"
    make_vault(made, SET).lock()
    return made


@pytest.mark.parametrize("typed", list(SAME.values()), ids=list(SAME))
def test_the_same_passphrase_typed_in_another_way_opens_the_vault(folder: Path, typed: str) -> None:
    with open_vault(folder, typed) as vault:
        check_passphrase(vault, typed)


@pytest.mark.parametrize("typed", list(OTHER.values()), ids=list(OTHER))
def test_another_passphrase_does_not(folder: Path, typed: str) -> None:
    with pytest.raises(WrongPassphraseError):
        open_vault(folder, typed)


def test_it_does_not_matter_in_which_way_it_was_set(tmp_path: Path) -> None:
    for number, one in enumerate(SAME.values()):
        place = tmp_path / str(number)
        make_vault(place, one).lock()
        with open_vault(place, SET) as vault:
            change_passphrase(vault, one, f"{one} more")
        with open_vault(place, f" {SET}  more") as vault:
            rekey(vault, one, cost=Cost(64, 1, 1))
        open_vault(place, SET).lock()
