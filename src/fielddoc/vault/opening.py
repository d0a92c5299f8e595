"""The two ways to an unlocked vault, with everything that belongs to opening one."""

from pathlib import Path

from fielddoc.crypto.kdf import Cost
from fielddoc.vault import attachments, compartment, identity, records
from fielddoc.vault import vault as vaults
from fielddoc.vault.vault import Vault


def make_vault(folder: Path, passphrase: str, *, name: str = "", cost: Cost | None = None) -> Vault:
    """Make a vault with its own keys and compartment, and return it unlocked.

    Args:
        folder: new or empty.
        passphrase: as typed.
        name: what one's card calls oneself; may be empty.
        cost: of the key derivation; measured on this machine if None.

    Raises:
        PassphraseRefusedError, VaultExistsError, NoPermissionError, DiskFullError.
    """
    made = vaults.create(folder, passphrase, cost)
    try:
        _complete(made, name)
        records.renew_search_if_old(made)
        made.written()
    except BaseException:
        vaults.unmake(made)
        raise
    return made


def open_vault(folder: Path, passphrase: str) -> Vault:
    """Unlock a vault and finish what a crash may have left half done.

    Raises:
        VaultError: one of many; see `fielddoc.vault.vault.unlock`.
    """
    opened = vaults.unlock(folder, passphrase)
    try:
        _complete(opened, "")
        attachments.clean_up(opened)
        records.renew_search_if_old(opened)
    except BaseException:
        opened.__exit__(None, None, None)
        raise
    return opened


def _complete(vault: Vault, name: str) -> None:
    """Add the keys that every vault has; one whose making was cut off gets them when it opens."""
    if not vault.database.value("SELECT 1 FROM compartment"):
        compartment.create(vault)
    if not vault.database.value("SELECT 1 FROM identity"):
        identity.create(vault, name)
