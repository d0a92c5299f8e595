"""What is dangerous about where a vault lies: copies that no wipe reaches, memory on the disk.

Everything here is a warning and never a refusal: somebody may have no better place. What is read is
what any user may read (`vault/place_facts.py`); what is not found out is not guessed.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import assert_never

from fielddoc.i18n import N_, translate
from fielddoc.vault.place_facts import Facts, System, ThisComputer, facts_of


class Hazard(Enum):
    """What may be wrong with a place; the values are codes for machines."""

    SYNCED = "place.synced"
    NETWORK = "place.network"
    COPY_ON_WRITE = "place.copy-on-write"
    IN_MEMORY = "place.in-memory"
    NOT_ENCRYPTED = "place.not-encrypted"
    ENCRYPTION_UNKNOWN = "place.encryption-unknown"
    SWAP = "place.swap"
    HIBERNATION = "place.hibernation"


@dataclass(frozen=True, slots=True)
class PlaceWarning:
    """One hazard in marked sentences: what is so, and what to do."""

    hazard: Hazard
    message: str
    hint: str

    def sentence(self, language: str | None = None) -> str:
        """Return what is so, in the person's language."""
        return translate(self.message, language)

    def advice(self, language: str | None = None) -> str:
        """Return what to do, in the person's language."""
        return translate(self.hint, language)


def warnings_about(folder: Path, system: System | None = None) -> list[PlaceWarning]:
    """Return what should be known about a folder that is, or will be, a vault.

    May take a second on Windows, where other programs are asked; never fails, and changes nothing.
    """
    asked = system or ThisComputer()
    return [
        PlaceWarning(hazard, _message(hazard), _hint(hazard, asked.platform))
        for hazard in hazards(facts_of(folder, asked))
    ]


def hazards(facts: Facts) -> list[Hazard]:
    """Return what the facts mean, the worst first."""
    found = {
        Hazard.SYNCED: facts.is_synced,
        Hazard.NETWORK: facts.is_remote,
        Hazard.COPY_ON_WRITE: facts.is_copy_on_write,
        Hazard.IN_MEMORY: facts.is_in_memory,
        Hazard.NOT_ENCRYPTED: facts.is_encrypted is False,
        Hazard.ENCRYPTION_UNKNOWN: facts.is_encrypted is None,
        Hazard.SWAP: facts.swaps_in_clear,
        Hazard.HIBERNATION: facts.hibernates_in_clear,
    }
    return [hazard for hazard, is_so in found.items() if is_so]


def _message(hazard: Hazard) -> str:
    match hazard:
        case Hazard.SYNCED:
            return N_("This folder seems to be copied to a server.")
        case Hazard.NETWORK:
            return N_("This folder lies on another computer, or is shared with one.")
        case Hazard.COPY_ON_WRITE:
            return N_("The file system here writes changes elsewhere and keeps what was before.")
        case Hazard.IN_MEMORY:
            return N_("This folder is kept in memory and is gone when the computer is turned off.")
        case Hazard.NOT_ENCRYPTED:
            return N_("The disk of this computer does not seem to be encrypted.")
        case Hazard.ENCRYPTION_UNKNOWN:
            return N_("It cannot be seen from here whether the disk of this computer is encrypted.")
        case Hazard.SWAP:
            return N_("This computer may write memory to the disk in the clear (swap).")
        case Hazard.HIBERNATION:
            return N_("This computer can hibernate, which writes all memory to the disk.")
        case _ as never:
            assert_never(never)


def _hint(hazard: Hazard, platform: str) -> str:
    match hazard:
        case Hazard.SYNCED:
            return N_(
                "Every copy is one that no wipe reaches. Choose a folder that no program copies,"
                " or take this one out of what the program copies."
            )
        case Hazard.NETWORK:
            return N_(
                "Whoever runs it can keep copies, and no wipe reaches them. Choose a disk or stick"
                " of this computer."
            )
        case Hazard.COPY_ON_WRITE:
            return N_(
                "After a wipe, the old key may still be found on the disk. Choose a plain file"
                " system, such as a stick with exFAT or ext4, and switch off snapshots and backups"
                " of the folder."
            )
        case Hazard.IN_MEMORY:
            return N_(
                "Choose a folder on a disk or stick, or make a backup before you turn it off."
            )
        case Hazard.NOT_ENCRYPTED:
            return _encrypt(platform)
        case Hazard.ENCRYPTION_UNKNOWN:
            return N_(
                "The vault is encrypted by itself; what the system writes down is only if the disk"
                " is. Ask somebody you trust to look."
            )
        case Hazard.SWAP:
            return _no_swap(platform)
        case Hazard.HIBERNATION:
            return _no_hibernation(platform)
        case _ as never:
            assert_never(never)


def _encrypt(platform: str) -> str:
    if platform == "win32":
        return N_(
            "The vault is encrypted by itself, but what Windows writes down is not. Turn on"
            " BitLocker or device encryption in the settings."
        )
    if platform == "darwin":
        return N_(
            "The vault is encrypted by itself, but what macOS writes down is not. Turn on FileVault"
            " in the settings."
        )
    return N_(
        "The vault is encrypted by itself, but what the system writes down is not. Choose disk"
        " encryption (LUKS) when the system is next installed."
    )


def _no_swap(platform: str) -> str:
    if platform == "win32":
        return N_(
            "Records and keys could be found there later. Turn on BitLocker, or have the page file"
            " encrypted (EncryptPagingFile, with fsutil as administrator)."
        )
    if platform == "darwin":
        return N_("Records and keys could be found there later. Turn on FileVault in the settings.")
    return N_(
        "Records and keys could be found there later. Encrypt the disk, or turn swap off: as root,"
        " swapoff -a, and take it out of /etc/fstab"
    )


def _no_hibernation(platform: str) -> str:
    if platform == "win32":
        return N_(
            "Records and keys could be found there later. Turn it off: as administrator,"
            " powercfg /hibernate off. Turn the computer off when you leave it."
        )
    if platform == "darwin":
        return N_(
            "Records and keys could be found there later. Turn on FileVault, or turn it off:"
            " sudo pmset -a hibernatemode 0"
        )
    return N_(
        "Records and keys could be found there later. Turn the computer off when you leave it, and"
        " turn hibernation off: as root, mask hibernate.target with systemctl."
    )
