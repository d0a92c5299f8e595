"""Argon2id: from passphrase bytes to the root key, at a cost that the vault itself records."""

import os
import time
from dataclasses import dataclass

from argon2.low_level import Type, core, ffi

from fielddoc.errors import MemoryShortError

ROOT_KEY_BYTES = 32
SALT_BYTES = 32
_ARGON2_VERSION = 0x13  # version 1.3, RFC 9106
_CLEAR_PASSWORD = 1  # ARGON2_FLAG_CLEAR_PASSWORD of the reference library
# ARGON2_MEMORY_ALLOCATION_ERROR, and ARGON2_THREAD_FAIL: no memory for a thread's stack.
_MEMORY_SHORT = (-22, -33)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one derivation costs."""

    memory_kib: int
    passes: int
    lanes: int


# A planted or damaged key file must neither make guessing cheap nor take all memory. Only the test
# suite's conftest replaces these constants; nothing that ships can lower them.
FLOOR = Cost(memory_kib=128 * 1024, passes=3, lanes=1)
CEILING = Cost(memory_kib=1024 * 1024, passes=64, lanes=8)
STANDARD = Cost(memory_kib=256 * 1024, passes=3, lanes=2)
TARGET_SECONDS = 1.0


class CostRefusedError(ValueError):
    """The cost is below the floor or above the ceiling."""


def check_cost(cost: Cost) -> None:
    """Raise `CostRefusedError` unless `cost` lies between FLOOR and CEILING. Takes no memory."""
    within = (
        FLOOR.memory_kib <= cost.memory_kib <= CEILING.memory_kib
        and FLOOR.passes <= cost.passes <= CEILING.passes
        and FLOOR.lanes <= cost.lanes <= CEILING.lanes
    )
    if not within:
        raise CostRefusedError


def derive(passphrase: bytearray, salt: bytes, cost: Cost) -> bytearray:
    """Return the 32-byte root key (Argon2id v1.3, RFC 9106) and zero `passphrase`.

    argon2-cffi's `core` is called rather than `hash_secret_raw` because it takes buffers that can
    be zeroed; the output is the same, and other threads run meanwhile.

    Raises:
        CostRefusedError: before any memory is taken.
        MemoryShortError: the machine has not the memory.
    """
    check_cost(cost)
    root = bytearray(ROOT_KEY_BYTES)
    c_root = ffi.from_buffer("uint8_t[]", root)
    c_passphrase = ffi.from_buffer("uint8_t[]", passphrase)
    c_salt = ffi.new("uint8_t[]", salt)
    context = ffi.new("argon2_context *")
    context.version = _ARGON2_VERSION
    context.out, context.outlen = c_root, ROOT_KEY_BYTES
    context.pwd, context.pwdlen = c_passphrase, len(passphrase)
    context.salt, context.saltlen = c_salt, len(salt)
    context.t_cost, context.m_cost = cost.passes, cost.memory_kib
    context.lanes = context.threads = cost.lanes
    context.flags = _CLEAR_PASSWORD
    outcome = core(context, Type.ID.value)
    passphrase[:] = bytes(len(passphrase))
    if outcome in _MEMORY_SHORT:
        raise MemoryShortError(mebibytes=cost.memory_kib // 1024)
    if outcome != 0:
        raise RuntimeError(f"Argon2 refused its arguments ({outcome})")
    return root


def calibrated() -> Cost:
    """Return a cost of about a second on this machine, never below the floor.

    Memory is a quarter of what is free, at most 256 MiB; passes follow from one measured run.
    """
    memory_kib = max(FLOOR.memory_kib, min(STANDARD.memory_kib, _free_kib() // 4))
    cost = Cost(memory_kib, STANDARD.passes, STANDARD.lanes)
    start = time.perf_counter()
    derive(bytearray(b"calibration"), bytes(SALT_BYTES), cost)
    seconds_a_pass = (time.perf_counter() - start) / cost.passes
    passes = round(TARGET_SECONDS / max(seconds_a_pass, 1e-6))
    return Cost(memory_kib, max(STANDARD.passes, min(passes, CEILING.passes)), cost.lanes)


def _free_kib() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024
    except (AttributeError, ValueError, OSError):
        return STANDARD.memory_kib * 4  # Windows and macOS tell it otherwise; take the standard
