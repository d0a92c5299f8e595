"""vault.key: the only file that a panic must kill (docs/vault-format.md, "vault.key").

Two halves of 176,128 bytes. A half is a public block (4 KiB), an erase pad (128 KiB), eight key
slots and two state cells (4 KiB each). Normal use writes in place, in the live half only, and
never to a second file that is renamed: that would leave the old bytes in free space.
"""

import hashlib
import os
import secrets
import struct
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from fielddoc.crypto.kdf import SALT_BYTES, Cost, CostRefusedError, check_cost
from fielddoc.crypto.keys import (
    NONCE_BYTES,
    TAG_BYTES,
    MasterKey,
    SealBrokenError,
    open_seal,
    seal,
    zero,
)
from fielddoc.errors import (
    FielddocError,
    KeyFileDamagedError,
    MediumLostError,
    VaultTooNewError,
    VaultWipedError,
)
from fielddoc.vault.files import explaining, read_at, sync, write_all
from fielddoc.vault.key_file_layout import (
    BLOCK_BYTES,
    CELL_BYTES,
    CELLS,
    CELLS_AT,
    FILE_BYTES,
    HALF_BYTES,
    MAGIC,
    PAD_BYTES,
    SLOT_BYTES,
    SLOTS,
    SLOTS_AT,
    WIPED_MARK,
)
from fielddoc.vault.layout import KEY_FILE
from fielddoc.vault.open_files import OpenFiles

MAJOR = 1
MINOR = 0
KNOWN_FEATURES = 0
ARGON2ID = 1
PARAMETER_BYTES = 96

_PARAMETERS = struct.Struct(">16sHHIQHHIII32s16s")
_SCHEMA_AT = PARAMETER_BYTES
_CHECKSUM_AT = 128
_SECTOR_BYTES = 512
_CHECKSUM_BYTES = 32
_STATE = struct.Struct(">QBQ32sQ32s")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicBlock:
    """What a half says before any passphrase is known."""

    generation: int
    cost: Cost
    salt: bytes
    vault_id: bytes
    schema: int
    minor: int = MINOR
    """Kept as it lies in the file, because slots and cells are bound to it."""

    def parameters(self) -> bytes:
        """Return bytes 0 to 95: what every key slot authenticates."""
        return _PARAMETERS.pack(
            MAGIC,
            MAJOR,
            self.minor,
            KNOWN_FEATURES,
            self.generation,
            ARGON2ID,
            0,
            self.cost.memory_kib,
            self.cost.passes,
            self.cost.lanes,
            self.salt,
            self.vault_id,
        )

    def encode(self, erase_pad: bytes) -> bytes:
        """Return the 4,096 bytes of the block."""
        block = bytearray(BLOCK_BYTES)
        block[:PARAMETER_BYTES] = self.parameters()
        block[_SCHEMA_AT : _SCHEMA_AT + 4] = self.schema.to_bytes(4, "big")
        block[_CHECKSUM_AT : _CHECKSUM_AT + _CHECKSUM_BYTES] = _checksum(block, erase_pad)
        return bytes(block)


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One half as it lies in the file."""

    number: int
    public: PublicBlock
    erase_pad: bytes
    slots: tuple[bytes, ...]
    cells: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultState:
    """What the sealed state cell says of the database beside the key file."""

    generation: int
    clean: bool
    """Whether the vault was closed, so that no write-ahead log may lie beside it."""
    log_count: int
    log_head: bytes
    record_count: int
    pages: bytes = bytes(32)
    """What the pages in the database file are, as far as nothing was copied into it since it was
    opened or closed, see `fielddoc.vault.page_codes`; zeros where that is not known."""


def new_half(number: int, cost: Cost, *, generation: int, vault_id: bytes, schema: int) -> Half:
    """Return a half with fresh salt and erase pad, and empty slots and cells (random bytes)."""
    public = PublicBlock(
        generation=generation,
        cost=cost,
        salt=secrets.token_bytes(SALT_BYTES),
        vault_id=vault_id,
        schema=schema,
    )
    return Half(
        number=number,
        public=public,
        erase_pad=secrets.token_bytes(PAD_BYTES),
        slots=tuple(secrets.token_bytes(SLOT_BYTES) for _ in range(SLOTS)),
        cells=tuple(secrets.token_bytes(CELL_BYTES) for _ in range(CELLS)),
    )


def encode_half(half: Half) -> bytes:
    """Return the bytes of `half`."""
    block = half.public.encode(half.erase_pad)
    return b"".join((block, half.erase_pad, *half.slots, *half.cells))


def parse(data: bytes, *, schema: int) -> Half:
    """Return the live half of a key file.

    Args:
        data: the whole file.
        schema: the newest database schema that this program knows.

    Raises:
        VaultWipedError: the wiped mark is there.
        VaultTooNewError: major version, a required feature or the schema is unknown.
        KeyFileDamagedError: size, head, checksum or a parameter is not as it must be. Nothing
            but public bytes was looked at, and no memory was taken.
    """
    if data[:BLOCK_BYTES] == WIPED_MARK:
        raise VaultWipedError
    halves: list[Half] = []
    too_new = False
    for number in range(2):
        start = number * HALF_BYTES
        if not data.startswith(MAGIC, start):
            continue
        claimed = data[start : start + HALF_BYTES]
        # A newer format may have another size, so its number is believed before anything else.
        too_new = too_new or int.from_bytes(claimed[16:18], "big") > MAJOR
        half = _parse_half(number, claimed) if len(data) == FILE_BYTES else None
        if half is not None:
            halves.append(half)
    if not halves:
        raise VaultTooNewError if too_new else KeyFileDamagedError
    live = max(halves, key=lambda half: half.public.generation)
    if live.public.schema > schema:
        raise VaultTooNewError
    try:
        check_cost(live.public.cost)
    except CostRefusedError as error:
        raise KeyFileDamagedError from error
    return live


def _parse_half(number: int, data: bytes) -> Half | None:
    """Return the half if its checksum holds, else None."""
    block, erase_pad = data[:BLOCK_BYTES], data[BLOCK_BYTES:SLOTS_AT]
    if block[_CHECKSUM_AT : _CHECKSUM_AT + _CHECKSUM_BYTES] != _checksum(block, erase_pad):
        return None
    _, major, minor, features, generation, kdf, _, memory, passes, lanes, salt, vault_id = (
        _PARAMETERS.unpack_from(block)
    )
    if major != MAJOR or features & ~KNOWN_FEATURES or kdf != ARGON2ID:
        raise VaultTooNewError
    public = PublicBlock(
        generation=generation,
        cost=Cost(memory, passes, lanes),
        salt=salt,
        vault_id=vault_id,
        schema=int.from_bytes(block[_SCHEMA_AT : _SCHEMA_AT + 4], "big"),
        minor=minor,
    )
    return Half(
        number=number,
        public=public,
        erase_pad=erase_pad,
        slots=tuple(_pieces(data[SLOTS_AT:CELLS_AT], SLOT_BYTES)),
        cells=tuple(_pieces(data[CELLS_AT:], CELL_BYTES)),
    )


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _checksum(block: bytes | bytearray, erase_pad: bytes) -> bytes:
    """Return SHA-256 over the block without its checksum, and the pad.

    It has no key: it only tells a damaged file from a wrong passphrase.
    """
    digest = hashlib.sha256(block[:_CHECKSUM_AT] + block[_CHECKSUM_AT + _CHECKSUM_BYTES :])
    digest.update(erase_pad)
    return digest.digest()


def read_state(half: Half, master: MasterKey) -> VaultState | None:
    """Return the newest state cell that opens, or None if neither does."""
    return next(iter(read_states(half, master)), None)


def read_states(half: Half, master: MasterKey) -> list[VaultState]:
    """Return the state cells that open, the newest first.

    A new key file has one, later ones have two; one that is missing then was cut off while it was
    written, or somebody changed it.
    """
    key = master.sub_key("state")
    states: list[VaultState] = []
    for number, cell in enumerate(half.cells):
        try:
            plain = open_seal(key, cell, _cell_context(half, number))
        except SealBrokenError:
            continue
        generation, clean, count, head, records, pages = _STATE.unpack_from(plain)
        states.append(
            VaultState(
                generation=generation,
                clean=bool(clean),
                log_count=count,
                log_head=head,
                record_count=records,
                pages=pages,
            )
        )
    zero(key)
    return sorted(states, key=lambda state: state.generation, reverse=True)


def _cell_context(half: Half, number: int) -> bytes:
    return b"fielddoc/v1/state" + half.public.parameters() + bytes((half.number, number))


def with_state(half: Half, state: VaultState, master: MasterKey) -> Half:
    """Return `half` with a state sealed into the cell that its generation decides."""
    number = state.generation % CELLS
    plain = _STATE.pack(
        state.generation,
        state.clean,
        state.log_count,
        state.log_head,
        state.record_count,
        state.pages,
    )
    key = master.sub_key("state")
    room = CELL_BYTES - NONCE_BYTES - TAG_BYTES
    cell = seal(key, plain.ljust(room, b"\0"), _cell_context(half, number))
    zero(key)
    return replace(half, cells=(*half.cells[:number], cell, *half.cells[number + 1 :]))


class KeyFile:
    """An open vault.key. Every write to the file goes through `_write_at`."""

    def __init__(self, path: Path, descriptor: int, half: Half) -> None:
        self.path = path
        self.half = half
        self.dead = False
        """Set by a wipe: from then on nothing is written but the wipe itself."""
        self.open_files: OpenFiles | None = None
        """Those of the vault that it belongs to, once that is open."""
        self._descriptor = descriptor

    @property
    def descriptor(self) -> int:
        """The open file."""
        return self._descriptor

    @classmethod
    def create(cls, folder: Path, half: Half) -> Self:
        """Write a new key file, durable but for its name in the folder, and return it open."""
        path = folder / KEY_FILE
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o600)
        data = encode_half(half) + secrets.token_bytes(HALF_BYTES)
        write_all(descriptor, data, 0)
        sync(descriptor)
        return cls(path, descriptor, half)

    @classmethod
    def open_to_read(cls, folder: Path, *, schema: int) -> Self:
        """Open and parse a key file that will not be written, on a medium that may forbid it."""
        return cls._open(folder, os.O_RDONLY, schema)

    @classmethod
    def open(cls, folder: Path, *, schema: int) -> Self:
        """Open and parse a key file; see `parse` for what is refused."""
        return cls._open(folder, os.O_RDWR, schema)

    @classmethod
    def _open(cls, folder: Path, mode: int, schema: int) -> Self:
        path = folder / KEY_FILE
        flags = mode | getattr(os, "O_BINARY", 0)
        with explaining(KEY_FILE):
            try:
                descriptor = os.open(path, flags)
            except IsADirectoryError as error:
                raise KeyFileDamagedError from error
            try:
                with os.fdopen(os.dup(descriptor), "rb") as file:
                    half = parse(file.read(FILE_BYTES + 1), schema=schema)
            except BaseException:
                os.close(descriptor)
                raise
        return cls(path, descriptor, half)

    def write_state(self, state: VaultState, master: MasterKey) -> None:
        """Replace the older state cell, durably. `state.generation` decides which that is."""
        number = state.generation % CELLS
        self.half = with_state(self.half, state, master)
        self._write(CELLS_AT + number * CELL_BYTES, self.half.cells[number])

    def write_slot(self, number: int, slot: bytes) -> None:
        """Replace one slot in place, durably."""
        self._write(SLOTS_AT + number * SLOT_BYTES, slot)
        slots = list(self.half.slots)
        slots[number] = slot
        self.half = replace(self.half, slots=tuple(slots))

    def write_half(self, half: Half) -> None:
        """Write the whole half that is not in use, durably; it is the live one from then on.

        Its public block goes last: until that is whole, the checksum does not hold and the half
        before it stays the live one.
        """
        data = encode_half(half)
        self._write_at(half.number, BLOCK_BYTES, data[BLOCK_BYTES:])
        try:
            self._write_at(half.number, 0, data[:BLOCK_BYTES])
        except FielddocError:
            # Nobody can tell what of it is on the medium: let it not be taken for a live half.
            with suppress(FielddocError):
                self._write_at(half.number, 0, secrets.token_bytes(BLOCK_BYTES))
            raise
        self.half = half

    def erase_other_half(self) -> None:
        """Overwrite the half that is not live with random bytes, durably."""
        self._write_at(1 - self.half.number, 0, secrets.token_bytes(HALF_BYTES))

    def write_schema(self, schema: int) -> None:
        """Raise the schema number, durably; slots and cells do not depend on it.

        Number and checksum lie in the first sector, which a disk writes whole.
        """
        start = self.half.number * HALF_BYTES
        block = bytearray(read_at(self._descriptor, BLOCK_BYTES, start))
        block[_SCHEMA_AT : _SCHEMA_AT + 4] = schema.to_bytes(4, "big")
        checksum = _checksum(block, self.half.erase_pad)
        block[_CHECKSUM_AT : _CHECKSUM_AT + _CHECKSUM_BYTES] = checksum
        self._write(0, bytes(block[:_SECTOR_BYTES]))
        self.half = replace(self.half, public=replace(self.half.public, schema=schema))

    def is_wiped(self) -> bool:
        """Tell whether another process has wiped the vault meanwhile."""
        return self.dead or read_at(self._descriptor, len(MAGIC), 0) == WIPED_MARK[: len(MAGIC)]

    def make_sure_of_the_files(self) -> None:
        """Make sure that what is written now is found in the vault's folder later.

        Raises:
            VaultWipedError: another process has wiped the vault meanwhile.
            MediumLostError: its files are not in the folder, or are others.
        """
        if self.open_files is None or self.open_files.are_there():
            return
        with explaining(KEY_FILE):
            if self.is_wiped():
                raise VaultWipedError
        raise MediumLostError

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._descriptor)

    def _write(self, offset_in_half: int, data: bytes) -> None:
        self._write_at(self.half.number, offset_in_half, data)

    def _write_at(self, half: int, offset_in_half: int, data: bytes) -> None:
        self.make_sure_of_the_files()
        with explaining(KEY_FILE):
            if self.is_wiped():
                raise VaultWipedError
            write_all(self._descriptor, data, half * HALF_BYTES + offset_in_half)
            sync(self._descriptor)
