"""New keys for a vault: another half of the key file, another master key, a re-keyed database.

For "they know my passphrase" and for another cost of the key derivation. The order of the writes
is what makes it safe to be cut off after any of them (docs/vault-format.md, "New keys"):

1. The database notes what the new half holds, sealed under the new master key.
2. The new half is written, its public block last. From here on it is the live one: the new
   passphrase opens the vault and the old one does not. Its slots hold both master keys.
3. The database re-wraps what hung on the old master key, is re-keyed, and is checkpointed.
4. The slots are written without the old key, each into another place before the first one is
   overwritten; the old half is overwritten; the note is removed.

`finish` does the steps from 3 on, here and at the next unlocking.
"""

import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from fielddoc.crypto.kdf import Cost
from fielddoc.crypto.key_slots import SLOT_BYTES, SlotKind, SlotPayload
from fielddoc.crypto.keys import MasterKey, SealBrokenError, open_seal, seal, zero
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.crypto.shares import SECRET_BYTES, Sharing, secret_text, split
from fielddoc.domain.canonical import Json, decode, encode
from fielddoc.errors import CancelledError, VaultDamagedError, VaultSpaceShortError
from fielddoc.i18n import N_
from fielddoc.vault import compartment, log, slot_table
from fielddoc.vault.key_file import VaultState, new_half, with_state
from fielddoc.vault.layout import DATABASE, WAL
from fielddoc.vault.recovery import RecoveryNote
from fielddoc.vault.slot_table import Filled
from fielddoc.vault.vault import Vault, filled_slots

Progress = Callable[[int, int], None]
"""Told bytes done and in all; may raise to stop until the new half is written."""

UNFINISHED = N_(
    "Making new keys was interrupted and cannot be finished: the disk has not enough room for it."
    " The vault is open and nothing is lost. Free some space, lock and unlock again."
)
_LABEL = b"fielddoc/v1/rekey"
_GENERATION_BYTES = 8
_SPARE_BYTES = 16 * 1024 * 1024
_LOOK_EVERY_S = 0.2


def ignore_progress(_done: int, _total: int) -> None:
    """Take progress and do nothing."""


def rekey(
    vault: Vault,
    passphrase: str,
    *,
    cost: Cost,
    wipe_passphrase: str = "",
    sharing: Sharing | None = None,
    progress: Progress = ignore_progress,
    free_bytes: int | None = None,
) -> tuple[str, ...]:
    """Give the vault new keys throughout, and return the recovery shares if there are to be any.

    Whatever opened the vault before opens nothing afterwards: passphrase, wipe passphrase, shares.
    Copies of the vault that were made earlier still open with what opened them then.

    Args:
        vault: unlocked; the caller has made sure that whoever asks may ask.
        passphrase: as typed; may be the present one.
        cost: of the key derivation from now on.
        wipe_passphrase: as typed; empty: there is none from now on.
        sharing: how many shares recover the vault; None: none do from now on.
        progress: told how far it is. The window's thread is not the one that tells.
        free_bytes: on the vault's disk; read there if None.

    Raises:
        PassphraseRefusedError, PassphrasesTooAlikeError, VaultSpaceShortError, MemoryShortError,
        CancelledError, VaultDamagedError: nothing was changed.
        DiskFullError, MediumLostError, VaultWipedError: at any step. The vault must be locked; the
            next unlocking finishes, or the old passphrase still opens it.
    """
    passphrase_bytes(passphrase)
    if wipe_passphrase:
        slot_table.check_apart(passphrase, wipe_passphrase)
    _make_sure_it_can_be_done(vault, progress, free_bytes)
    old = vault.key_file.half
    half = new_half(
        1 - old.number,
        cost,
        generation=old.public.generation + 1,
        vault_id=old.public.vault_id,
        schema=old.public.schema,
    )
    master = MasterKey.new()
    generation = half.public.generation
    shares, fillings = _fillings(
        vault,
        master,
        passphrase,
        wipe_passphrase=wipe_passphrase,
        sharing=sharing,
        generation=generation,
    )
    half, filled = slot_table.fill(half, fillings)
    position = log.position(vault.database)
    state = VaultState(
        generation=vault.state.generation + 1,
        clean=False,
        log_count=position.count,
        log_head=position.head,
        record_count=vault.state.record_count,
    )
    half = with_state(half, state, master)
    size = _database_bytes(vault)
    progress(size, 3 * size)  # the last moment at which it can be stopped
    _write_note(vault, generation, master, filled, sharing)
    vault.key_file.write_half(half)
    vault.take_new_master(master, state)
    finish(vault, progress=progress)
    return shares


def finish(
    vault: Vault, *, progress: Progress = ignore_progress, free_bytes: int | None = None
) -> None:
    """Finish what `rekey` began, if anything; called at every unlocking.

    If the disk has no room for re-keying the database, the vault stays open and says so.

    Raises:
        DiskFullError, MediumLostError, VaultWipedError: the next unlocking goes on.
    """
    note = vault.meta("new keys")
    if isinstance(note, bytes) and _generation_of(note) != vault.key_file.half.public.generation:
        _forget_note(vault)  # that half never became the live one
        note = None
    if note is None and vault.previous_master is None:
        return
    filled, about = _read_note(vault, note) if isinstance(note, bytes) else ((), None)
    _rewrap(vault, filled, about)
    if vault.is_database_behind:
        if (_free_bytes(vault) if free_bytes is None else free_bytes) < _needed_bytes(vault):
            vault.notices.append(UNFINISHED)
            return
        _rekey_database(vault, progress)
        vault.is_database_behind = False
    for one in filled:
        _write_without_the_old_key(vault, one)
    vault.key_file.erase_other_half()
    vault.forget_previous_master()
    _forget_note(vault)
    vault.checkpoint()


def _write_without_the_old_key(vault: Vault, one: Filled) -> None:
    """Fill the place that is kept for a slot, then overwrite the slot that holds the old key.

    What is whole already is not touched again: a torn write of it would be the last.
    """
    if one.kept is None:
        return
    if not slot_table.is_filled(vault.key_file.half, one.kept):
        slot = slot_table.seal(vault.key_file.half, one.kept)
        vault.key_file.write_slot(one.kept.number, slot)
    vault.key_file.write_slot(one.number, secrets.token_bytes(SLOT_BYTES))
    zero(one.kept.secret)


# --- before anything is changed -------------------------------------------------------------------


def _make_sure_it_can_be_done(vault: Vault, progress: Progress, free_bytes: int | None) -> None:
    finish(vault, free_bytes=free_bytes)
    needed = _needed_bytes(vault)
    free = _free_bytes(vault) if free_bytes is None else free_bytes
    if vault.is_database_behind or free < needed:
        raise VaultSpaceShortError(mebibytes=-(-needed // (1024 * 1024)))
    progress(0, 3 * _database_bytes(vault))
    # SQLCipher checks the file alone: what the write-ahead log still holds belongs into it first.
    vault.database.checkpoint()
    # Re-keying would write what it cannot read as if it were sound.
    if vault.database.integrity_faults():
        vault.database.abandon()
        raise VaultDamagedError
    vault.checkpoint()


def _database_bytes(vault: Vault) -> int:
    return max(1, (vault.folder / DATABASE).stat().st_size)


def _needed_bytes(vault: Vault) -> int:
    """Return how much the write-ahead log grows to: every page is written once."""
    return _database_bytes(vault) + _database_bytes(vault) // 50 + _SPARE_BYTES


def _free_bytes(vault: Vault) -> int:
    return shutil.disk_usage(vault.folder).free


def _fillings(
    vault: Vault,
    master: MasterKey,
    passphrase: str,
    *,
    wipe_passphrase: str,
    sharing: Sharing | None,
    generation: int,
) -> tuple[tuple[str, ...], list[tuple[bytearray, SlotPayload, SlotPayload | None]]]:
    """Return the shares, and what is to fill the slots: see `slot_table.fill`."""

    def payloads(kind: SlotKind, share_set: bytes = b"") -> tuple[SlotPayload, SlotPayload]:
        later = SlotPayload(kind, master_key=master.copy(), share_set=share_set)
        return replace(later, previous_master_key=vault.master.copy()), later

    fillings: list[tuple[bytearray, SlotPayload, SlotPayload | None]] = [
        (passphrase_bytes(passphrase), *payloads(SlotKind.OPEN))
    ]
    shares: tuple[str, ...] = ()
    if sharing is not None:
        secret = bytearray(secrets.token_bytes(SECRET_BYTES))
        shares = split(secret, sharing, generation)
        typed = passphrase_bytes(secret_text(secret))
        zero(secret)
        fillings.append((typed, *payloads(SlotKind.RECOVER, secrets.token_bytes(16))))
    if wipe_passphrase:
        fillings.append((passphrase_bytes(wipe_passphrase), SlotPayload(SlotKind.WIPE), None))
    return shares, fillings


# --- the note -------------------------------------------------------------------------------------


def _write_note(
    vault: Vault,
    generation: int,
    master: MasterKey,
    filled: tuple[Filled, ...],
    sharing: Sharing | None,
) -> None:
    """Note, durably, what it takes to finish; only the new master key opens it."""
    about = RecoveryNote.of(generation, sharing)
    body: Json = {
        "v": 1,
        "recovery": about.to_json() if about else None,
        "slots": [_noted(one) for one in filled],
    }
    key = master.sub_key("rekey")
    head = generation.to_bytes(_GENERATION_BYTES, "big")
    sealed = seal(key, encode(body), _LABEL + head)
    zero(key)
    with vault.database.transaction():
        vault.set_meta("new keys", head + sealed)


def _noted(one: Filled) -> Json:
    noted: dict[str, Json] = {"number": one.number, "kind": int(one.payload.kind)}
    if one.kept is not None:
        noted |= {
            "kept": one.kept.number,
            "secret": one.kept.secret.hex(),
            "share_set": one.payload.share_set.hex(),
        }
    return noted


def _generation_of(note: bytes) -> int:
    return int.from_bytes(note[:_GENERATION_BYTES], "big")


def _read_note(vault: Vault, note: bytes) -> tuple[tuple[Filled, ...], RecoveryNote | None]:
    key = vault.master.sub_key("rekey")
    head, sealed = note[:_GENERATION_BYTES], note[_GENERATION_BYTES:]
    try:
        body = decode(bytes(open_seal(key, sealed, _LABEL + head)))
    except SealBrokenError as error:
        raise VaultDamagedError from error
    finally:
        zero(key)
    match body:
        case {"recovery": about, "slots": list() as slots}:
            return tuple(_filled(vault, slot) for slot in slots), RecoveryNote.from_json(about)
        case _:
            raise VaultDamagedError


def _filled(vault: Vault, noted: Json) -> Filled:
    match noted:
        case {
            "number": int() as number,
            "kind": int() as kind,
            "kept": int() as place,
            "secret": str() as secret,
            "share_set": str() as share_set,
        }:
            payload = SlotPayload(
                SlotKind(kind),
                master_key=vault.master.copy(),
                share_set=bytes.fromhex(share_set),
            )
            kept = Filled(place, bytearray.fromhex(secret), payload)
            return Filled(number, bytearray(), payload, kept)
        case {"number": int() as number, "kind": int() as kind}:
            return Filled(number, bytearray(), SlotPayload(SlotKind(kind)))
        case _:
            raise VaultDamagedError


def _forget_note(vault: Vault) -> None:
    with vault.database.transaction():
        vault.database.query("DELETE FROM meta WHERE name = 'new keys'")


# --- the database ---------------------------------------------------------------------------------


def _rewrap(vault: Vault, filled: tuple[Filled, ...], about: RecoveryNote | None) -> None:
    """Let what hung on the old master key hang on the new one, and know the new slots."""
    with vault.database.transaction():
        if vault.previous_master is not None:
            compartment.rewrap(vault, vault.previous_master)
        if filled:
            others = bytes(one.number for one in filled if one.payload.kind is not SlotKind.OPEN)
            if others != filled_slots(vault):
                vault.set_meta("filled slots", others)
            vault.database.query("DELETE FROM meta WHERE name = 'recovery'")
            if about is not None:
                vault.set_meta("recovery", about.to_bytes())


def _rekey_database(vault: Vault, progress: Progress) -> None:
    """Re-key the database and empty the log, so that no page is under the old key any more."""
    vault.database.checkpoint()
    key = vault.master.sub_key("database")
    try:
        with _watching(vault, progress):
            vault.database.rekey(key)
        vault.database.checkpoint()
    except BaseException:
        vault.database.abandon()  # the next process looks under which key it is, and goes on
        raise
    finally:
        zero(key)
    size = _database_bytes(vault)
    progress(3 * size, 3 * size)


@contextmanager
def _watching(vault: Vault, progress: Progress) -> Iterator[None]:
    """Tell how far re-keying is by the size of the write-ahead log.

    It is one call of SQLCipher, which tells nothing itself and cannot be stopped any more.
    """
    size, wal, ended = _database_bytes(vault), vault.folder / WAL, threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK_EVERY_S):
            with suppress(OSError, CancelledError):
                progress(size + min(size, wal.stat().st_size), 3 * size)

    watcher = threading.Thread(target=watch, name="re-keying", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
