"""The compartment of source identities: sealed apart from everything else, from the first day.

A sealed value is an object `{"compartment": id, "sealed": base64}` in a revision. Its key is
wrapped by the master key until the compartment gets a passphrase of its own; what is sealed never
enters the search index, a projection or an unsealed draft (docs/vault-format.md, "Source compartment").
"""

import base64
import binascii
import re
import secrets

from fielddoc.crypto.keys import KEY_BYTES, MasterKey, SealBrokenError, open_seal, seal, zero
from fielddoc.domain.canonical import Json, NotCanonicalError, decode, encode
from fielddoc.errors import CompartmentClosedError, VaultDamagedError
from fielddoc.vault import log
from fielddoc.vault.vault import Vault

ID_BYTES = 16
WRAPPED_BY_MASTER = '{"kind":"master","v":1}'
_BUCKET_BYTES = 256  # sealed values are padded to this step, so that a name's length does not show


def create(vault: Vault) -> bytes:
    """Make the vault's compartment and return its id; done once, when the vault is made."""
    identity = secrets.token_bytes(ID_BYTES)
    keep(vault, identity, bytearray(secrets.token_bytes(KEY_BYTES)), current=True)
    return identity


def keep(vault: Vault, identity: bytes, key: bytearray, *, current: bool) -> None:
    """Keep a compartment key, wrapped by the master key; `key` is zeroed."""
    wrapping = vault.master.sub_key("compartment")
    wrapped = seal(wrapping, key, wrapping_label(identity))
    zero(wrapping)
    zero(key)
    row = (identity, int(current), WRAPPED_BY_MASTER, wrapped)
    with vault.database.transaction():
        if vault.database.value("SELECT 1 FROM compartment WHERE id = ?", (identity,)):
            return
        vault.database.query("INSERT INTO compartment VALUES (?, ?, ?, ?)", row)
        log.append(vault.database, "compartment", identity, log.row_hash(row))


def wrapping_label(identity: bytes) -> bytes:
    """Return what is authenticated with the wrapped key of a compartment."""
    return b"fielddoc/v1/compartment" + identity


def keys(vault: Vault) -> dict[bytes, bytearray]:
    """Return every compartment key at hand, by id; the caller zeroes them.

    Those are the keys that the master key unwraps, and those that were opened for this sitting.
    """
    found = wrapped_by_master(vault)
    for identity, key in vault.opened_compartments.items():
        found.setdefault(identity, bytearray(key))
    return found


def wrapped_by_master(vault: Vault) -> dict[bytes, bytearray]:
    """Return every compartment key that the master key unwraps, by id; the caller zeroes them."""
    wrapping = vault.master.sub_key("compartment")
    rows = vault.database.query(
        "SELECT id, wrapped FROM compartment WHERE parameters = ?", (WRAPPED_BY_MASTER,)
    )
    found: dict[bytes, bytearray] = {}
    for identity, wrapped in rows:
        if isinstance(identity, bytes) and isinstance(wrapped, bytes):
            found[identity] = open_seal(wrapping, wrapped, wrapping_label(identity))
    zero(wrapping)
    return found


def keep_wrapped(vault: Vault, identity: bytes, parameters: str, wrapped: bytes) -> None:
    """Keep a compartment key as a passphrase wraps it; one that is known already stays as it is."""
    row = (identity, 0, parameters, wrapped)
    with vault.database.transaction():
        if vault.database.value("SELECT 1 FROM compartment WHERE id = ?", (identity,)):
            return
        vault.database.query("INSERT INTO compartment VALUES (?, ?, ?, ?)", row)
        log.append(vault.database, "compartment", identity, log.row_hash(row))


def rewrap(vault: Vault, previous: MasterKey) -> None:
    """Wrap every compartment key by the vault's master key instead of the one before it.

    In the running transaction. A key that is wrapped by the new one already stays as it is.
    """
    old, new = previous.sub_key("compartment"), vault.master.sub_key("compartment")
    rows = vault.database.query(
        "SELECT id, current, wrapped FROM compartment WHERE parameters = ?", (WRAPPED_BY_MASTER,)
    )
    for identity, current, wrapped in rows:
        if not isinstance(identity, bytes) or not isinstance(wrapped, bytes):
            raise VaultDamagedError
        label = wrapping_label(identity)
        try:
            key = open_seal(old, wrapped, label)
        except SealBrokenError:
            zero(open_seal(new, wrapped, label))
            continue
        again = seal(new, key, label)
        zero(key)
        vault.database.query("UPDATE compartment SET wrapped = ? WHERE id = ?", (again, identity))
        row = (identity, current, WRAPPED_BY_MASTER, again)
        log.append(vault.database, "compartment", identity, log.row_hash(row))
    zero(old)
    zero(new)


def is_sealed(value: Json) -> bool:
    """Tell whether a value has the form of a sealed one. Anything else in its place is sealed."""
    match value:
        case {"compartment": str() as identity, "sealed": str(), **rest} if not rest:
            return re.fullmatch(f"[0-9a-f]{{{2 * ID_BYTES}}}", identity) is not None
        case _:
            return False


def seal_value(vault: Vault, record: str, path: str, value: Json) -> Json:
    """Return `value` sealed for one place of one record.

    The place is authenticated, so that a sealed identity cannot be moved to another source.

    Raises:
        CompartmentClosedError: the compartment has a passphrase and was not opened with it.
    """
    identity = vault.database.value("SELECT id FROM compartment WHERE current = 1")
    if not isinstance(identity, bytes):
        raise VaultDamagedError
    plain = encode(value)
    padded = len(plain).to_bytes(4, "big") + plain
    padded = padded.ljust(-(-len(padded) // _BUCKET_BYTES) * _BUCKET_BYTES, b"\0")
    key = keys(vault).get(identity)
    if key is None:
        raise CompartmentClosedError
    sealed = seal(key, padded, _place(identity, record, path))
    zero(key)
    return {
        "compartment": identity.hex(),
        "sealed": base64.b64encode(sealed).decode("ascii"),
    }


def open_value(vault: Vault, record: str, path: str, value: Json) -> Json:
    """Return what a sealed value holds, or None if its key is not at hand or it was moved."""
    match value:
        case {"compartment": str() as identity_hex, "sealed": str() as text}:
            try:
                identity = bytes.fromhex(identity_hex)
                sealed = base64.b64decode(text, validate=True)
                key = keys(vault)[identity]
                plain = open_seal(key, sealed, _place(identity, record, path))
                size = int.from_bytes(plain[:4], "big")
                return decode(bytes(plain[4 : 4 + size]))
            except (ValueError, binascii.Error, KeyError, SealBrokenError, NotCanonicalError):
                return None
        case _:
            return None


def _place(identity: bytes, record: str, path: str) -> bytes:
    return b"fielddoc/v1/sealed" + identity + f"{record}/{path}".encode()
