"""Vaults to measure with: made, opened, and introduced to each other."""

import os
from collections.abc import Iterator
from pathlib import Path

from fielddoc.bundle.card import Card, own_card, read_card, write_card
from fielddoc.crypto import kdf
from fielddoc.vault import contacts, identity
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault

PASSPHRASE = "seven lanterns by a slow river 灯"
_BLOCK_BYTES = 2**20


def made(folder: Path, name: str = "") -> Vault:
    """Make a vault at the least cost that a key derivation may have."""
    return make_vault(folder, PASSPHRASE, name=name, cost=kdf.FLOOR)


def opened(folder: Path) -> Vault:
    """Open a vault that `made` made."""
    return open_vault(folder, PASSPHRASE)


def card_of(folder: Path) -> Card:
    """Return the card of a locked vault."""
    with opened(folder) as vault:
        return own_card(identity.current(vault))


def introduce(vault: Vault, other: Vault) -> None:
    """Make two open vaults contacts of each other."""
    for here, there in ((vault, other), (other, vault)):
        keys = identity.current(there)
        file = write_card(own_card(keys), keys.signing_seed)
        card = read_card(file)
        contacts.add(here, name=card.name, code=card.code, card=file)


def noise(size_bytes: int) -> Iterator[bytes]:
    """Yield bytes that nothing can compress, as photos and films are."""
    for start in range(0, size_bytes, _BLOCK_BYTES):
        yield os.urandom(min(_BLOCK_BYTES, size_bytes - start))


def write_noise(path: Path, size_bytes: int) -> None:
    """Write a file of noise."""
    with path.open("wb") as file:
        file.writelines(noise(size_bytes))
