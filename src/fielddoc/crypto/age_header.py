"""The header of an age v1 file: strict text around one wrapped file key per recipient.

C2SP age.md, "Header". The parser takes only what the grammar there gives and only canonical base64,
so that encoding a parsed header anew returns the very bytes that were read.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# A stanza takes about 1,600 bytes for a post-quantum recipient and 100 for an X25519 one. This is
# room for 160 of the first kind: more than any bundle has, and little enough that a hostile file
# takes neither memory nor more than a fraction of a second of key agreements.
MAX_HEADER_BYTES = 256 * 1024
FILE_KEY_BYTES = 16
SCRYPT = "scrypt"

_VERSION_LINE = b"age-encryption.org/v1\n"
_STANZA_MARK = b"->"
_MAC_MARK = b"---"
_COLUMNS = 64
_MAC_BYTES = 32


class AgeError(Exception):
    """Base of everything that can be wrong with an age file or an age key; never raised itself."""


class KeyTextError(AgeError):
    """The text is not an age recipient or identity of a kind we know."""


class ArmorError(AgeError):
    """The file does not begin as a binary age file, and is not a well-formed armoured one."""


class HeaderError(AgeError):
    """The header is not what the specification allows."""


class HeaderMacError(AgeError):
    """A key of ours opens the file, but its header is not the one that was written."""


class NoMatchError(AgeError):
    """The file is well formed, but none of the given identities opens it.

    `stanza_types` says what could: `("scrypt",)` means that the passphrase was wrong or none given.
    """

    def __init__(self, stanza_types: tuple[str, ...]) -> None:
        self.stanza_types = stanza_types
        super().__init__("no identity opens this file")


class PayloadError(AgeError):
    """Base of what can be wrong behind an authentic header; never raised itself."""


class PayloadCutShortError(PayloadError):
    """All that is there is authentic, but the end is missing."""


class PayloadChangedError(PayloadError):
    """The payload is not the one that was written."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """The file key as wrapped for one recipient: arguments, of which the first is the type."""

    arguments: tuple[str, ...]
    body: bytes

    @property
    def type(self) -> str:
        """What kind of recipient it is for, for example `X25519`."""
        return self.arguments[0]

    def encode(self) -> bytes:
        """Return the lines of the stanza; the last is shorter than 64 columns and may be empty."""
        text = encode64(self.body)
        lines = [text[start : start + _COLUMNS] for start in range(0, len(text) + 1, _COLUMNS)]
        return "".join(f"{line}\n" for line in (" ".join(("->", *self.arguments)), *lines)).encode()


@dataclass(frozen=True, slots=True)
class Header:
    """A well-formed header. Nothing in it is authentic before `check_mac` has returned."""

    stanzas: tuple[Stanza, ...]
    claimed_mac: bytes

    def check_mac(self, file_key: bytes) -> None:
        """Raise `HeaderMacError` unless whoever wrapped `file_key` wrote exactly this header."""
        if not hmac.compare_digest(_mac(_covered(self.stanzas), file_key), self.claimed_mac):
            raise HeaderMacError("the header was changed")

    def encode(self) -> bytes:
        """Return the bytes of the header, up to where the payload begins."""
        return _covered(self.stanzas) + f" {encode64(self.claimed_mac)}\n".encode()


def make_header(stanzas: Sequence[Stanza], file_key: bytes) -> Header:
    """Return the header that carries `stanzas`.

    Raises:
        ValueError: It would be larger than `parse_header` takes.
    """
    header = Header(tuple(stanzas), _mac(_covered(stanzas), file_key))
    if len(header.encode()) > MAX_HEADER_BYTES:
        raise ValueError("too many recipients for one file")
    return header


def parse_header(version_line: bytes, source: BinaryIO) -> Header:
    """Return the header whose first line is `version_line` and whose rest `source` holds next.

    Not a byte more than the header is read, so that `source` stands at the payload afterwards.

    Raises:
        HeaderError: It is not a header of version 1.
    """
    if version_line != _VERSION_LINE:
        raise HeaderError("this is not an age file of version 1")
    lines = _Lines(source, MAX_HEADER_BYTES - len(version_line))
    stanzas = []
    while (line := lines.take()).startswith(_STANZA_MARK):
        stanzas.append(_parse_stanza(line, lines))
    if not stanzas:
        raise HeaderError("the header names no recipient")
    # A passphrase alone is taken as a sign of who wrote the file (age.md, "scrypt recipient
    # stanza"); with a second way in, that would no longer be so.
    if len(stanzas) > 1 and any(stanza.type == SCRYPT for stanza in stanzas):
        raise HeaderError("a passphrase must be the only recipient")
    mark, _, encoded_mac = line.partition(b" ")
    mac = decode64(encoded_mac)
    if mark != _MAC_MARK or len(mac) != _MAC_BYTES:
        raise HeaderError("the header does not end with a MAC")
    return Header(tuple(stanzas), mac)


def encode64(data: bytes) -> str:
    """Return canonical base64 without padding (RFC 4648, sections 3.2, 3.5 and 4)."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def decode64(text: bytes | str) -> bytes:
    """Return what `encode64` made `text` from; raises `HeaderError` if it cannot have."""
    encoded = text.encode("ascii") if isinstance(text, str) else text
    try:
        data = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise HeaderError("this is not base64") from None
    if encode64(data).encode() != encoded:
        raise HeaderError("the base64 is not canonical")
    return data


def derive_key(key: bytes, *, salt: bytes, info: bytes) -> bytes:
    """Return a 32-byte key for one purpose (age.md: HKDF-SHA-256, RFC 5869)."""
    return HKDF(SHA256(), length=32, salt=salt, info=info).derive(key)


class _Lines:
    """Hands out lines without their end and refuses to read more than `room_bytes`."""

    def __init__(self, source: BinaryIO, room_bytes: int) -> None:
        self._source = source
        self._room_bytes = room_bytes

    def take(self) -> bytes:
        line = self._source.readline(self._room_bytes)
        self._room_bytes -= len(line)
        if not line.endswith(b"\n"):
            raise HeaderError("the header is cut short or too large")
        return line[:-1]


def _parse_stanza(first_line: bytes, lines: _Lines) -> Stanza:
    mark, *arguments = first_line.split(b" ")
    if mark != _STANZA_MARK or not arguments or not all(_is_visible(item) for item in arguments):
        raise HeaderError("a stanza does not begin as it must")
    body_lines = []
    while True:
        line = lines.take()
        body_lines.append(line)
        if len(line) > _COLUMNS:
            raise HeaderError("a line of a stanza is too long")
        if len(line) < _COLUMNS:
            break
    return Stanza(
        tuple(argument.decode("ascii") for argument in arguments), decode64(b"".join(body_lines))
    )


def _is_visible(argument: bytes) -> bool:
    return bool(argument) and all(0x21 <= byte <= 0x7E for byte in argument)  # RFC 5234, VCHAR


def _covered(stanzas: Sequence[Stanza]) -> bytes:
    """Return the part of the header that its MAC covers: all up to and including `---`."""
    return _VERSION_LINE + b"".join(stanza.encode() for stanza in stanzas) + _MAC_MARK


def _mac(covered: bytes, file_key: bytes) -> bytes:
    return hmac.digest(derive_key(file_key, salt=b"", info=b"header"), covered, "sha256")
