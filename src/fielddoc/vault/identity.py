"""The vault's own keys: one to sign with, two to be written to. They never leave it."""

import secrets
from dataclasses import dataclass
from typing import cast

from fielddoc.crypto import sshsig
from fielddoc.vault import log
from fielddoc.vault.attachments import row_key
from fielddoc.vault.database import Row
from fielddoc.vault.vault import Vault

_COLUMNS = "name, signing_key, signing_seed, x25519_secret, post_quantum_seed"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Secret keys of 32 bytes each, and the name that one's card shows. Never printed."""

    name: str
    signing_key: bytes
    """The public half of `signing_seed`."""
    signing_seed: bytes
    x25519_secret: bytes
    post_quantum_seed: bytes


def create(vault: Vault, name: str) -> Identity:
    """Make fresh keys, which become the current ones; older ones still open older bundles."""
    seed = secrets.token_bytes(32)
    row = (
        1,
        name,
        sshsig.public_key(seed),
        seed,
        secrets.token_bytes(32),
        secrets.token_bytes(32),
    )
    with vault.database.transaction():
        vault.database.query("UPDATE identity SET current = 0")
        vault.database.query(
            f"INSERT INTO identity (current, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            row,
        )
        number = cast("int", vault.database.value("SELECT last_insert_rowid()"))
        log.append(vault.database, "identity", row_key(number), log.row_hash(row[1:]))
    return _identity(row[1:])


def current(vault: Vault) -> Identity:
    """Return the keys that are used now."""
    rows = vault.database.query(f"SELECT {_COLUMNS} FROM identity WHERE current = 1")  # noqa: S608
    return _identity(rows[0])


def all_identities(vault: Vault) -> list[Identity]:
    """Return all keys, the current ones first."""
    rows = vault.database.query(
        f"SELECT {_COLUMNS} FROM identity ORDER BY current DESC, number DESC"  # noqa: S608
    )
    return [_identity(row) for row in rows]


def _identity(row: Row) -> Identity:
    name, signing_key, seed, x25519, post_quantum = row
    return Identity(
        cast("str", name),
        cast("bytes", signing_key),
        cast("bytes", seed),
        cast("bytes", x25519),
        cast("bytes", post_quantum),
    )
