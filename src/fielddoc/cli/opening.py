"""Opening a vault for a command: on a terminal one sees that it is under way, and how far."""

from pathlib import Path

from fielddoc.cli.terminal import progress, waiting
from fielddoc.i18n import N_
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault


def opened(folder: Path, typed: str) -> Vault:
    """Return the vault, unlocked.

    Raises:
        VaultError: as for `open_vault`.
    """
    with waiting(N_("Opening; this is slow on purpose …")):
        return open_vault(folder, typed, progress=progress(N_("Looking through the whole vault")))
