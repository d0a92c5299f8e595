"""Whether each page in the database file is what was written under the vault's key.

SQLCipher's own check (`cipher_integrity_check`) does the same, but for the whole file in one step
that no request stops; a lock and what was just typed would wait for it (docs/decisions/0020).
"""

from pathlib import Path

from fielddoc.crypto.database_page import LOCK_PAGE, PAGE_BYTES, SALT_BYTES, PageKeys
from fielddoc.crypto.keys import zero
from fielddoc.vault.files import explaining
from fielddoc.vault.layout import DATABASE
from fielddoc.vault.vault import Vault

PAGE = "page "
"""What stands before the number in the name of a page."""
_AT_ONCE = 1024


def slices(vault: Vault) -> list[range]:
    """Return the numbers of all pages in slices, to be looked at one after the other."""
    with explaining(DATABASE):
        size = (vault.folder / DATABASE).stat().st_size
    count = -(-size // PAGE_BYTES)
    return [
        range(first, min(first + _AT_ONCE, count + 1)) for first in range(1, count + 1, _AT_ONCE)
    ]


def faults_among(vault: Vault, numbers: range) -> list[str]:
    """Return the names of those pages of a slice that are not whole in the file.

    Called on the vault's thread, so that nothing is copied into the file meanwhile. What the
    write-ahead log holds is not looked at.
    """
    key = vault.database_key()
    try:
        return faults_of_file(vault.folder, key, numbers)
    finally:
        zero(key)


def faults_of_file(folder: Path, key: bytearray, numbers: range) -> list[str]:
    """Return the names of those pages that are not what was written under a raw key."""
    # That the system forgets SQLite's lock on the file when this closes it does no harm: who else
    # wants the vault is kept out by `vault.lock`.
    with explaining(DATABASE), (folder / DATABASE).open("rb") as file:
        salt = file.read(SALT_BYTES)
        file.seek((numbers.start - 1) * PAGE_BYTES)
        data = file.read(len(numbers) * PAGE_BYTES)
    keys = PageKeys(key, salt)
    return [
        f"{PAGE}{number}"
        for place, number in enumerate(numbers)
        if number != LOCK_PAGE
        and not keys.holds(number, data[place * PAGE_BYTES : (place + 1) * PAGE_BYTES])
    ]
