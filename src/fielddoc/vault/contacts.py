"""Partners: cards that were accepted because their code was typed."""

from dataclasses import dataclass
from typing import cast

from fielddoc.errors import ContactExistsError, ContactNotFoundError
from fielddoc.vault import log
from fielddoc.vault.attachments import row_key
from fielddoc.vault.database import Row
from fielddoc.vault.records import now_ms
from fielddoc.vault.vault import Vault

_COLUMNS = "number, name, code, added_ms, card"


@dataclass(frozen=True, slots=True)
class Contact:
    """A partner as the vault knows them."""

    number: int
    name: str
    code: str
    """40 digits."""
    card: bytes
    """The card file's bytes; `fielddoc.bundle.card` reads them."""


def add(vault: Vault, *, name: str, code: str, card: bytes) -> None:
    """Keep a card whose code was checked.

    Raises:
        ContactExistsError: the name or the code is there already.
    """
    row = (name, code, now_ms(), card)
    with vault.database.transaction():
        taken = vault.database.value(
            "SELECT 1 FROM contact WHERE name = ? OR code = ?", (name, code)
        )
        if taken:
            raise ContactExistsError
        vault.database.query(
            "INSERT INTO contact (name, code, added_ms, card) VALUES (?, ?, ?, ?)", row
        )
        number = cast("int", vault.database.value("SELECT last_insert_rowid()"))
        log.append(vault.database, "contact", row_key(number), log.row_hash((number, *row)))


def remove(vault: Vault, name: str) -> None:
    """Forget a partner.

    Raises:
        ContactNotFoundError: there is none of this name.
    """
    contact = get(vault, name)
    with vault.database.transaction():
        vault.database.query("DELETE FROM contact WHERE number = ?", (contact.number,))
        log.append(vault.database, "contact", row_key(contact.number), log.REMOVED)


def get(vault: Vault, name: str) -> Contact:
    """Return the partner of this name.

    Raises:
        ContactNotFoundError: there is none.
    """
    rows = vault.database.query(f"SELECT {_COLUMNS} FROM contact WHERE name = ?", (name,))  # noqa: S608
    if not rows:
        raise ContactNotFoundError(name=name)
    return _contact(rows[0])


def listing(vault: Vault) -> list[Contact]:
    """Return all partners by name."""
    rows = vault.database.query(f"SELECT {_COLUMNS} FROM contact ORDER BY name")  # noqa: S608
    return [_contact(row) for row in rows]


def _contact(row: Row) -> Contact:
    number, name, code, _, card = row
    return Contact(cast("int", number), cast("str", name), cast("str", code), cast("bytes", card))
