"""The two ways to an unlocked vault, with everything that belongs to opening one."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fielddoc.crypto.kdf import Cost
from fielddoc.crypto.key_slots import SlotKind
from fielddoc.crypto.shares import Share
from fielddoc.errors import SharesWrongError, WrongPassphraseError
from fielddoc.vault import (
    attachments,
    check,
    compartment,
    database,
    identity,
    migrations,
    projection_check,
    records,
    recovery,
    rekey,
)
from fielddoc.vault import vault as vaults
from fielddoc.vault.check import Progress, ignore_progress
from fielddoc.vault.vault import Vault


def make_vault(
    folder: Path,
    passphrase: str,
    *,
    name: str = "",
    cost: Cost | None = None,
    wipe_passphrase: str = "",
) -> Vault:
    """Make a vault with its own keys and compartment, and return it unlocked.

    Args:
        folder: new or empty.
        passphrase: as typed.
        name: what one's card calls oneself; may be empty.
        cost: of the key derivation; measured on this machine if None.
        wipe_passphrase: as typed; empty: there is none.

    Raises:
        PassphraseRefusedError, PassphrasesTooAlikeError, VaultExistsError, MemoryShortError,
        NoPermissionError, DiskFullError.
    """
    made = vaults.create(folder, passphrase, cost, wipe_passphrase=wipe_passphrase)
    try:
        _complete(made, name)
        records.renew_search_if_old(made)
        made.written()
    except BaseException:
        vaults.unmake(made)
        raise
    return made


def open_vault(
    folder: Path,
    passphrase: str,
    *,
    on_wipe: Callable[[], None] | None = None,
    progress: Progress = ignore_progress,
) -> Vault:
    """Unlock a vault and finish what a crash may have left half done.

    Args:
        folder: of the vault.
        passphrase: as typed.
        on_wipe: told before a wipe passphrase takes effect.
        progress: told parts done and in all, if the whole vault must be looked through first:
            it was not closed, or another version of the program made its lists.

    Raises:
        VaultError: one of many; see `fielddoc.vault.vault.unlock`.
    """
    return _finished(vaults.unlock(folder, passphrase, on_wipe=on_wipe), progress)


def open_to_check(folder: Path, passphrase: str) -> Vault:
    """Unlock a vault to look for damage, also one that `open_vault` refuses for exchanged pages.

    Raises:
        VaultError: as for `open_vault`.
    """
    opened = vaults.unlock(folder, passphrase, even_if_changed=True)
    return opened if opened.is_changed else _finished(opened)


def recover_vault(folder: Path, shares: Sequence[Share]) -> Vault:
    """Unlock a vault with recovery shares.

    A new passphrase must be set before anything else, with `rekey.rekey`: whoever saw the shares
    together could open the vault again, and they are void from then on.

    Raises:
        SharesTooFewError, SharesWrongError.
        VaultError: as for `open_vault`.
    """
    secret = recovery.secret_of(shares)
    try:
        return _finished(vaults.unlock(folder, secret, kind=SlotKind.RECOVER))
    except WrongPassphraseError as error:
        raise SharesWrongError from error


def _finished(opened: Vault, progress: Progress = ignore_progress) -> Vault:
    try:
        if opened.is_unproven:
            check.make_sure_of_the_log(opened, _half(progress, 0))
        migrations.migrate(
            opened.database, opened.key_file, target=database.SCHEMA, steps=migrations.STEPS
        )
        rekey.finish(opened)
        _complete(opened, "")
        attachments.clean_up(opened)
        is_new = records.renew_search_if_old(opened, progress)
        if opened.is_unproven and not is_new:
            is_right = projection_check.is_up_to_date(opened, _half(progress, 1))
            if not is_right:
                records.rebuild_projections(opened, progress)
    except BaseException as error:
        opened.__exit__(type(error), error, None)
        raise
    return opened


def _half(progress: Progress, number: int) -> Progress:
    """Return what tells one of two steps as half of the whole."""
    return lambda done, total: progress(number * total + done, 2 * total)


def _complete(vault: Vault, name: str) -> None:
    """Add the keys that every vault has; one whose making was cut off gets them when it opens."""
    if not vault.database.value("SELECT 1 FROM compartment"):
        compartment.create(vault)
    if not vault.database.value("SELECT 1 FROM identity"):
        identity.create(vault, name)
