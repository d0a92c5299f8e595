"""The two ways to an unlocked vault, with everything that belongs to opening one."""

from pathlib import Path

from fielddoc.crypto.kdf import Cost
from fielddoc.vault import attachments, compartment, identity, records, vault
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
    made = vault.create(folder, passphrase, cost)
    compartment.create(made)
    identity.create(made, name)
    records.renew_search_if_old(made)
    made.written()
    return made


def open_vault(folder: Path, passphrase: str) -> Vault:
    """Unlock a vault and finish what a crash may have left half done.

    Raises:
        VaultError: one of many; see `fielddoc.vault.vault.unlock`.
    """
    opened = vault.unlock(folder, passphrase)
    try:
        attachments.clean_up(opened)
        records.renew_search_if_old(opened)
    except BaseException:
        opened.__exit__(None, None, None)
        raise
    return opened
