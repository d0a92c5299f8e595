"""Argon2id: from passphrase bytes to the root key, at a cost that the vault itself records."""

import time
from dataclasses import dataclass

from argon2.low_level import Type, core, ffi

from fielddoc.crypto import memory
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
_STEP_KIB = 1024


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


def affordable_kib(free_kib: int) -> int:
    """Return the memory of a derivation on a machine that has so much free.

    A quarter of it, at most the standard and never below the floor: the system and the window
    must go on meanwhile, and the same machine must be able to open the vault on a worse day.

    Raises:
        MemoryShortError: there is not even twice the floor.
    """
    if free_kib < 2 * FLOOR.memory_kib:
        raise MemoryShortError(mebibytes=2 * FLOOR.memory_kib // 1024)
    quarter = free_kib // 4 // _STEP_KIB * _STEP_KIB
    return max(FLOOR.memory_kib, min(STANDARD.memory_kib, quarter))


def calibrated(free_kib: int | None = None) -> Cost:
    """Return a cost of about a second on this machine, never below the floor.

    Args:
        free_kib: memory that is free; read from the system if None.

    Raises:
        MemoryShortError: the machine has not the memory for the least cost.
    """
    free = memory.free_kib() if free_kib is None else free_kib
    memory_kib = STANDARD.memory_kib if free is None else affordable_kib(free)
    cost = Cost(memory_kib, STANDARD.passes, STANDARD.lanes)
    start = time.perf_counter()
    derive(bytearray(b"calibration"), bytes(SALT_BYTES), cost)
    seconds_a_pass = (time.perf_counter() - start) / cost.passes
    passes = round(TARGET_SECONDS / max(seconds_a_pass, 1e-6))
    return Cost(memory_kib, max(STANDARD.passes, min(passes, CEILING.passes)), cost.lanes)
