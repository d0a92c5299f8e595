"""Revisions: what one save changed, as canonical JSON whose SHA-256 is its id.

docs/vault-format.md, "Revisions", gives the format; docs/decisions/0001 the reasons.
"""

import hashlib
import json
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard, cast

from fielddoc.domain.canonical import MAXIMUM_INTEGER, Json, NotCanonicalError, decode, encode

VERSION = 1
RECORD_PATH = "."
"""The path that stands for the record itself: true is present, null is in the trash."""

SALT_BYTES = 16
MAXIMUM_PARENTS = 1024
MAXIMUM_PATHS = 100_000
A_DAY_MS = 24 * 60 * 60 * 1000

_NAME = "[a-z][a-z0-9_-]{0,63}"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PATH = re.compile(rf"\.|{_NAME}(?:/{_UUID}(?:/{_NAME})?)?")
_TYPE = re.compile(_NAME)
_RECORD = re.compile(_UUID)
_ID = re.compile("[0-9a-f]{64}")
_DEVICE = re.compile("[0-9a-f]{32}")
_SALT = re.compile(f"[0-9a-f]{{{2 * SALT_BYTES}}}")


class RevisionFormError(ValueError):
    """The bytes are not a revision of this version; the text says which rule they break."""


class RevisionTooNewError(RevisionFormError):
    """The revision's major version is newer than this program knows."""


@dataclass(frozen=True, slots=True, order=True)
class Clock:
    """A hybrid logical clock: Unix milliseconds, and a counter among equal milliseconds."""

    ms: int
    counter: int

    def next(self, now_ms: int) -> "Clock":
        """Return the clock of the next revision written here at `now_ms`.

        It never goes back: a computer clock that was put back cannot make new writing lose.
        """
        if now_ms > self.ms:
            return Clock(now_ms, 0)
        if self.counter >= MAXIMUM_INTEGER:
            return Clock(self.ms + 1, 0)
        return Clock(self.ms, self.counter + 1)

    def seen(self, foreign: "Clock", now_ms: int) -> "Clock":
        """Return this clock after a revision of another device was received at `now_ms`.

        A foreign clock advances it by no more than a day beyond now, or one wrong clock would
        win every later conflict for ever.
        """
        if foreign.ms > now_ms + A_DAY_MS:
            return self
        return max(self, foreign)


@dataclass(frozen=True, slots=True)
class Revision:
    """One parsed revision together with its bytes, which travel unchanged."""

    id: str
    """Lower-case hexadecimal SHA-256 of `body`."""
    record: str
    type: str
    parents: tuple[str, ...]
    changes: Mapping[str, Json]
    clock: Clock
    device: str
    """32 hexadecimal digits, or empty in a derived revision."""
    derived: bool
    body: bytes


def new_id() -> str:
    """Return a fresh id of a record or item: a UUIDv4, because a v7 tells when it was made."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def is_record_id(text: str) -> bool:
    """Tell whether `text` has the form of a record or item id."""
    return _RECORD.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Tell whether `text` may stand as a path in a revision."""
    return _PATH.fullmatch(text) is not None


def write_revision(
    *,
    record: str,
    type_: str,
    parents: Iterable[str],
    changes: Mapping[str, Json],
    clock: Clock,
    device: str,
) -> Revision:
    """Return a new revision with a fresh salt.

    Raises:
        NotCanonicalError: a value cannot be written as canonical JSON.
        RevisionFormError: an argument breaks a rule of the format.
    """
    members: dict[str, Json] = {
        "v": VERSION,
        "record": record,
        "type": type_,
        "parents": cast("list[Json]", sorted(set(parents))),
        "set": dict(changes),
        "clock": [clock.ms, clock.counter],
        "salt": secrets.token_hex(SALT_BYTES),
    }
    if device:
        members["device"] = device
    else:
        members["derived"] = True
    return _revision(members, encode(members))


def read_revision(body: bytes) -> Revision:
    """Parse the canonical bytes of a revision, strictly.

    Members that this version does not know are kept in `body` and otherwise ignored.

    Raises:
        RevisionFormError: the bytes break a rule of the format.
        RevisionTooNewError: the major version is newer.
    """
    try:
        value = decode(body)
    except NotCanonicalError as error:
        raise RevisionFormError(str(error)) from error
    if not isinstance(value, dict):
        raise RevisionFormError("not an object")
    return _revision(value, body)


def read_stored_revision(body: bytes) -> Revision:
    """Parse a revision that was checked when it was kept; the caller compares its id.

    Making the canonical form anew would be most of the time of reading a record.

    Raises:
        RevisionFormError: the bytes are not those of a revision.
    """
    try:
        value: Json = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RevisionFormError("not JSON") from error
    if not isinstance(value, dict):
        raise RevisionFormError("not an object")
    return _revision(value, body)


def _revision(value: dict[str, Json], body: bytes) -> Revision:
    version = value.get("v")
    if not _is_integer(version) or version < 1:
        raise RevisionFormError("v")
    if version > VERSION:
        raise RevisionTooNewError("v")
    derived = value.get("derived", False)
    if derived is not True and "derived" in value:
        raise RevisionFormError("derived")
    device = "" if derived else _matching(value, "device", _DEVICE)
    if derived and "device" in value:
        raise RevisionFormError("device")
    _matching(value, "salt", _SALT)
    return Revision(
        id=hashlib.sha256(body).hexdigest(),
        record=_matching(value, "record", _RECORD),
        type=_matching(value, "type", _TYPE),
        parents=_parents(value.get("parents")),
        changes=_changes(value.get("set")),
        clock=_clock(value.get("clock")),
        device=device,
        derived=bool(derived),
        body=body,
    )


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _matching(members: dict[str, Json], name: str, pattern: re.Pattern[str]) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise RevisionFormError(name)
    return value


def _parents(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAXIMUM_PARENTS:
        raise RevisionFormError("parents")
    parents = [parent for parent in value if isinstance(parent, str) and _ID.fullmatch(parent)]
    if len(parents) != len(value) or parents != sorted(set(parents)):
        raise RevisionFormError("parents")
    return tuple(parents)


def _changes(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict) or not 1 <= len(value) <= MAXIMUM_PATHS:
        raise RevisionFormError("set")
    for path, part in value.items():
        if not is_path(path):
            raise RevisionFormError("set")
        if path == RECORD_PATH and part is not True and part is not None:
            raise RevisionFormError("set .")
    return value


def _clock(value: Json) -> Clock:
    match value:
        case [int() as ms, int() as counter] if _is_integer(ms) and _is_integer(counter):
            if 0 <= ms <= MAXIMUM_INTEGER and 0 <= counter <= MAXIMUM_INTEGER:
                return Clock(ms, counter)
    raise RevisionFormError("clock")
