"""Recovery without trust in one person: shares that open the vault when some of them meet.

The secret that they give back fills a slot of its own. The vault notes which set of shares it
has, and whether somebody has tried them from the paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from fielddoc.crypto.key_slots import SlotKind
from fielddoc.crypto.keys import zero
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.crypto.shares import Share, Sharing, check_fits, combine, read_share, secret_text
from fielddoc.domain.canonical import Json, NotCanonicalError, decode, encode
from fielddoc.errors import SharesWrongError
from fielddoc.vault import slot_table
from fielddoc.vault.database import SCHEMA
from fielddoc.vault.key_file import KeyFile
from fielddoc.vault.vault import Vault, check_folder


@dataclass(frozen=True, slots=True)
class RecoveryNote:
    """What the vault knows of its recovery shares; nothing of the shares themselves."""

    generation: int
    threshold: int
    count: int
    is_proven: bool = False
    """Whether enough of them were typed from the paper and opened the slot."""

    @classmethod
    def of(cls, generation: int, sharing: Sharing | None) -> Self | None:
        """Return the note of shares that are being made."""
        return cls(generation, sharing.threshold, sharing.count) if sharing else None

    def to_json(self) -> Json:
        """Return it as canonical JSON holds it."""
        return {
            "v": 1,
            "generation": self.generation,
            "threshold": self.threshold,
            "count": self.count,
            "proven": self.is_proven,
        }

    @classmethod
    def from_json(cls, value: Json) -> Self | None:
        """Return the note, or None if it is none."""
        match value:
            case {
                "generation": int() as generation,
                "threshold": int() as threshold,
                "count": int() as count,
                "proven": bool() as proven,
            }:
                return cls(generation, threshold, count, proven)
            case _:
                return None

    def to_bytes(self) -> bytes:
        """Return it as `meta` keeps it."""
        return encode(self.to_json())


def note(vault: Vault) -> RecoveryNote | None:
    """Return what the vault knows of its recovery shares, or None if there are none."""
    value = vault.meta("recovery")
    if not isinstance(value, bytes):
        return None
    try:
        return RecoveryNote.from_json(decode(value))
    except NotCanonicalError:
        return None


def generation_of(folder: Path) -> int:
    """Return the generation of the keys of a locked vault.

    Raises:
        VaultError: as unlocking would.
    """
    check_folder(folder)
    key_file = KeyFile.open_to_read(folder, schema=SCHEMA)
    key_file.close()
    return key_file.half.public.generation


def take_share(typed: str, before: Sequence[Share], generation: int) -> Share:
    """Return a share that was typed, if it may stand beside those before it.

    Raises:
        ShareError: what is wrong with it, each with a sentence of its own.
    """
    share = read_share(typed)
    check_fits(share, before, generation)
    return share


def secret_of(shares: Sequence[Share]) -> str:
    """Return the text that opens the recovery slot.

    Raises:
        SharesTooFewError, SharesWrongError.
    """
    secret = combine(shares)
    text = secret_text(secret)
    zero(secret)
    return text


def rehearse(vault: Vault, shares: Sequence[Share]) -> None:
    """Prove that shares typed from the paper open this vault, and note that they do.

    They are tried on the key file as it lies on the disk, with the whole derivation.

    Raises:
        SharesTooFewError, SharesWrongError: do not close the sheet yet.
    """
    key_file = KeyFile.open_to_read(vault.folder, schema=SCHEMA)
    key_file.close()
    opened = slot_table.opened_by(key_file.half, passphrase_bytes(secret_of(shares)))
    master = vault.master.copy()
    fits = [
        slot.payload.kind is SlotKind.RECOVER and slot.payload.master_key == master
        for slot in opened
    ]
    zero(master)
    if not any(fits):
        raise SharesWrongError
    known = note(vault)
    if known is not None and not known.is_proven:
        with vault.database.transaction():
            vault.set_meta("recovery", replace(known, is_proven=True).to_bytes())
