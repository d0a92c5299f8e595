"""A passphrase of its own for the compartment of source identities.

Until one is set the master key wraps the keys of the compartment, so that whoever opens the vault
opens them too. Once it is set they are wrapped by a key that follows from it alone, and opened for
one sitting; closing, locking or ending zeroes them. Setting or changing it also makes a new key,
under which everything is sealed that is typed from then on, so that an older copy of the vault
does not open it (docs/vault-format.md, "Source compartment").
"""

import json
import secrets
from dataclasses import dataclass
from typing import cast

from fielddoc.crypto.kdf import SALT_BYTES, Cost, CostRefusedError, calibrated, check_cost, derive
from fielddoc.crypto.keys import KEY_BYTES, SealBrokenError, derive_key, open_seal, seal, zero
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.errors import (
    CompartmentClosedError,
    CompartmentPassphraseWrongError,
    InputRefusedError,
    VaultDamagedError,
)
from fielddoc.i18n import N_
from fielddoc.vault import log
from fielddoc.vault.compartment import (
    ID_BYTES,
    WRAPPED_BY_MASTER,
    keep_wrapped,
    keys,
    wrapping_label,
)
from fielddoc.vault.slot_table import opened_by
from fielddoc.vault.vault import Vault

_INFO = b"fielddoc/v1/compartment passphrase"
_WRAPPED_BYTES = 12 + KEY_BYTES + 16  # nonce, key, tag
_MOST_KINDS = 8
"""Different parameters that one opening tries; each costs a derivation."""


@dataclass(frozen=True, slots=True)
class CompartmentState:
    """How the identities of sources stand."""

    has_passphrase: bool
    is_open: bool
    """Whether everything that is sealed can be read in this sitting."""


def state_of(vault: Vault) -> CompartmentState:
    """Return whether the compartment has a passphrase, and whether it is open."""
    at_hand = keys(vault)
    found = [identity for identity, _, _, _ in _rows(vault)]
    for key in at_hand.values():
        zero(key)
    return CompartmentState(
        has_passphrase=bool(_with_passphrase(vault)),
        is_open=all(identity in at_hand for identity in found),
    )


def set_passphrase(vault: Vault, typed: str, *, cost: Cost | None = None) -> None:
    """Give the compartment a passphrase, or another one; it stays open in this sitting.

    Args:
        vault: the vault; its compartment is open.
        typed: the passphrase as typed; not the vault's own, or it would protect nothing.
        cost: of the derivation; measured on this machine if None.

    Raises:
        PassphraseRefusedError: it cannot be used.
        CompartmentClosedError: the identities are closed.
        InputRefusedError: it opens the vault itself.
    """
    secret = passphrase_bytes(typed)
    if opened_by(vault.key_file.half, passphrase_bytes(typed)):
        raise InputRefusedError(
            reason=N_("take another passphrase than the vault's, or this one protects nothing")
        )
    _must_be_open(vault)
    parameters, wrapping = _new_wrapping(secret, cost or calibrated())
    fresh = secrets.token_bytes(ID_BYTES)
    at_hand = keys(vault)
    at_hand[fresh] = bytearray(secrets.token_bytes(KEY_BYTES))
    with vault.database.transaction():
        vault.database.query("UPDATE compartment SET current = 0")
        for identity, key in at_hand.items():
            wrapped = seal(wrapping, key, wrapping_label(identity))
            _write(vault, identity, identity == fresh, parameters, wrapped)
    _keep_open(vault, at_hand)
    zero(wrapping)
    vault.checkpoint()


def remove_passphrase(vault: Vault) -> None:
    """Let the master key wrap the compartment again, so that the vault's passphrase is enough.

    Raises:
        CompartmentClosedError: the identities are closed.
    """
    _must_be_open(vault)
    wrapping = vault.master.sub_key("compartment")
    at_hand = keys(vault)
    with vault.database.transaction():
        for identity, current, _, _ in _rows(vault):
            wrapped = seal(wrapping, at_hand[identity], wrapping_label(identity))
            _write(vault, identity, bool(current), WRAPPED_BY_MASTER, wrapped)
    zero(wrapping)
    for key in at_hand.values():
        zero(key)
    close(vault)
    vault.checkpoint()


def open_with(vault: Vault, typed: str) -> None:
    """Open the compartment for this sitting.

    Keys that came in a bundle meanwhile, wrapped by the master key, are wrapped by it from now on.

    Raises:
        PassphraseRefusedError, MemoryShortError.
        CompartmentPassphraseWrongError: it opens nothing, or not what is sealed from now on.
    """
    rows = _rows(vault)
    kinds = list(dict.fromkeys(parameters for _, parameters, _ in _with_passphrase(vault)))
    opened: dict[bytes, bytearray] = {}
    for parameters in kinds[:_MOST_KINDS]:
        wrapping = _wrapping(passphrase_bytes(typed), parameters)
        for identity, current, known, wrapped in rows:
            if known != parameters:
                continue
            try:
                opened[identity] = open_seal(wrapping, wrapped, wrapping_label(identity))
            except SealBrokenError:
                continue
            if current:
                _take_over(vault, parameters, wrapping)
        zero(wrapping)
    main = next((i for i, current, known, _ in rows if current and known in kinds), None)
    if kinds and (not opened or (main is not None and main not in opened)):
        for key in opened.values():
            zero(key)
        raise CompartmentPassphraseWrongError
    _keep_open(vault, opened)


def close(vault: Vault) -> None:
    """Forget the opened keys."""
    _keep_open(vault, {})


def wrapped_keys(vault: Vault) -> list[tuple[bytes, str, bytes]]:
    """Return id, parameters and wrapped key of each compartment that a passphrase wraps."""
    return sorted(_with_passphrase(vault))


def keep_foreign(vault: Vault, identity: bytes, parameters: str, wrapped: bytes) -> None:
    """Keep a wrapped key from one's own other vault, if its parameters are of the right form.

    Raises:
        ValueError: they are not.
    """
    try:
        parsed(parameters)
    except VaultDamagedError as error:
        raise ValueError("parameters") from error
    if len(wrapped) == _WRAPPED_BYTES:
        keep_wrapped(vault, identity, parameters, wrapped)


def _must_be_open(vault: Vault) -> None:
    if not state_of(vault).is_open:
        raise CompartmentClosedError


def _take_over(vault: Vault, parameters: str, wrapping: bytearray) -> None:
    """Wrap by this key what the master key wraps."""
    with vault.database.transaction():
        by_master = vault.master.sub_key("compartment")
        for identity, current, known, wrapped in _rows(vault):
            if known == WRAPPED_BY_MASTER:
                key = open_seal(by_master, wrapped, wrapping_label(identity))
                again = seal(wrapping, key, wrapping_label(identity))
                _write(vault, identity, bool(current), parameters, again)
                vault.opened_compartments[identity] = key
        zero(by_master)


def _keep_open(vault: Vault, opened: dict[bytes, bytearray]) -> None:
    kept = {} if not opened else {**vault.opened_compartments, **opened}
    for identity, key in vault.opened_compartments.items():
        if kept.get(identity) is not key:
            zero(key)
    vault.opened_compartments = kept


def _new_wrapping(secret: bytearray, cost: Cost) -> tuple[str, bytearray]:
    salt = secrets.token_bytes(SALT_BYTES)
    parameters = json.dumps(
        {
            "kind": "passphrase",
            "lanes": cost.lanes,
            "memory_kib": cost.memory_kib,
            "passes": cost.passes,
            "salt": salt.hex(),
            "v": 1,
        },
        separators=(",", ":"),
    )
    return parameters, _from_root(derive(secret, salt, cost))


def _wrapping(secret: bytearray, parameters: str) -> bytearray:
    """Return the wrapping key; parameters that a damaged or planted row names are checked first."""
    cost, salt = parsed(parameters)
    return _from_root(derive(secret, salt, cost))


def parsed(parameters: str) -> tuple[Cost, bytes]:
    """Return cost and salt that parameters of the kind `passphrase` name.

    Raises:
        VaultDamagedError: they are of another form, or outside the bounds of the derivation.
    """
    try:
        body = cast("dict[str, object]", json.loads(parameters))
        if body["kind"] != "passphrase" or body["v"] != 1:
            raise VaultDamagedError
        cost = Cost(
            memory_kib=_number(body["memory_kib"]),
            passes=_number(body["passes"]),
            lanes=_number(body["lanes"]),
        )
        check_cost(cost)
        salt = bytes.fromhex(str(body["salt"]))
    except (ValueError, KeyError, TypeError, CostRefusedError) as error:
        raise VaultDamagedError from error
    if len(salt) != SALT_BYTES:
        raise VaultDamagedError
    return cost, salt


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _from_root(root: bytearray) -> bytearray:
    wrapping = derive_key(root, _INFO)
    zero(root)
    return wrapping


def _rows(vault: Vault) -> list[tuple[bytes, int, str, bytes]]:
    rows = vault.database.query("SELECT id, current, parameters, wrapped FROM compartment")
    return cast("list[tuple[bytes, int, str, bytes]]", rows)


def _with_passphrase(vault: Vault) -> list[tuple[bytes, str, bytes]]:
    """Return the rows that a passphrase wraps, the current one first."""
    rows = sorted(_rows(vault), key=lambda row: -row[1])
    return [(i, known, wrapped) for i, _, known, wrapped in rows if known != WRAPPED_BY_MASTER]


def _write(vault: Vault, identity: bytes, current: bool, parameters: str, wrapped: bytes) -> None:  # noqa: FBT001 - a column
    row = (identity, int(current), parameters, wrapped)
    vault.database.query("INSERT OR REPLACE INTO compartment VALUES (?, ?, ?, ?)", row)
    log.append(vault.database, "compartment", identity, log.row_hash(row))
