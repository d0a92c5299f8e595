"""age v1 files: written for recipients, opened with identities, streamed in constant memory.

The specification is C2SP age.md. An age file is confidential and shows every change, but it does
not say who wrote it; that is what the signature inside a bundle is for.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from fielddoc.crypto.age_header import (
    FILE_KEY_BYTES,
    AgeError,
    ArmorError,
    Header,
    HeaderError,
    HeaderMacError,
    KeyTextError,
    NoMatchError,
    PayloadChangedError,
    PayloadCutShortError,
    PayloadError,
    Stanza,
    derive_key,
    make_header,
    parse_header,
)
from fielddoc.crypto.age_recipients import (
    Identity,
    PassphraseIdentity,
    PassphraseRecipient,
    PostQuantumIdentity,
    PostQuantumRecipient,
    Recipient,
    X25519Identity,
    X25519Recipient,
    parse_identity,
    parse_recipient,
)
from fielddoc.crypto.armor import open_armor
from fielddoc.crypto.stream import (
    StreamChangedError,
    StreamCutShortError,
    StreamWriter,
    open_stream,
    read_up_to,
)

__all__ = [
    "AgeError",
    "AgeReader",
    "AgeWriter",
    "ArmorError",
    "Header",
    "HeaderError",
    "HeaderMacError",
    "Identity",
    "KeyTextError",
    "NoMatchError",
    "PassphraseIdentity",
    "PassphraseRecipient",
    "PayloadChangedError",
    "PayloadCutShortError",
    "PayloadError",
    "PostQuantumIdentity",
    "PostQuantumRecipient",
    "Recipient",
    "Stanza",
    "X25519Identity",
    "X25519Recipient",
    "parse_identity",
    "parse_recipient",
    "read_header",
]

_NONCE_BYTES = 16  # age.md, "Payload"
_BINARY_START = b"age-"
_MAX_FIRST_LINE_BYTES = 1024


class AgeWriter:
    """Writes one age file: the header at once, then what is given to `write`, sealed.

    The file is complete only after `finish`. The file key and the payload key are not kept.

    Raises:
        ValueError: The recipients are none, too many, or of several kinds. A file for a
            post-quantum and an X25519 recipient would be only as strong as the weaker one
            (age.md, "hybrid post-quantum recipient type").
    """

    __slots__ = ("_stream",)

    def __init__(self, recipients: Sequence[Recipient], write: Callable[[bytes], object]) -> None:
        if len({type(recipient) for recipient in recipients}) != 1:
            raise ValueError("a file needs recipients, all of one kind")
        if isinstance(recipients[0], PassphraseRecipient) and len(recipients) > 1:
            raise ValueError("a passphrase must be the only recipient")
        file_key = os.urandom(FILE_KEY_BYTES)
        nonce = os.urandom(_NONCE_BYTES)
        header = make_header([recipient.wrap(file_key) for recipient in recipients], file_key)
        self._stream = StreamWriter(_payload_key(file_key, nonce), write)
        write(header.encode() + nonce)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes of plaintext."""
        self._stream.write(data)

    def finish(self) -> None:
        """Write the end of the file."""
        self._stream.finish()


class AgeReader:
    """Opens one age file, binary or armoured, from a source that stands at its beginning.

    When it is made, the header is read, a file key unwrapped and the header found authentic. The
    file key and the identities are not kept.

    Raises:
        ArmorError: The armour is malformed, or the file is not an age file at all.
        HeaderError: The header is malformed.
        NoMatchError: No identity opens the file.
        HeaderMacError: The header was changed by somebody who is not its writer.
    """

    __slots__ = ("_chunks", "stanza_types")

    stanza_types: tuple[str, ...]

    def __init__(self, identities: Sequence[Identity], source: BinaryIO) -> None:
        header, content = _open_header(source)
        self.stanza_types = tuple(stanza.type for stanza in header.stanzas)
        nonce = read_up_to(content, _NONCE_BYTES)
        if len(nonce) != _NONCE_BYTES:
            raise HeaderError("the file ends before its payload")
        file_key = _unwrap(header, identities)
        header.check_mac(file_key)
        self._chunks: Iterator[bytes] | None = open_stream(_payload_key(file_key, nonce), content)

    @property
    def recipient_count(self) -> int:
        """How many stanzas the header has; each is a way in, known to us or not."""
        return len(self.stanza_types)

    def chunks(self) -> Iterator[bytes]:
        """Yield the plaintext once, in authentic pieces of at most 64 KiB.

        The file is whole only when the iteration ends without an error: until then the caller must
        not act on what it got.

        Raises:
            PayloadCutShortError: The end is missing, and all before is authentic.
            PayloadChangedError: The payload is not what was written.
            ArmorError: The armour is malformed.
        """
        chunks, self._chunks = self._chunks, None
        if chunks is None:
            # A second iteration would find nothing left and look like a whole, empty file.
            raise ValueError("the payload can be read only once")
        try:
            yield from chunks
        except StreamCutShortError as error:
            raise PayloadCutShortError("the end of the file is missing") from error
        except StreamChangedError as error:
            raise PayloadChangedError("the file was changed") from error


def read_header(source: BinaryIO) -> Header:
    """Return the header of an age file without opening it; nothing in it is authentic.

    Raises:
        ArmorError: The armour is malformed, or the file is not an age file at all.
        HeaderError: The header is malformed.
    """
    return _open_header(source)[0]


def _open_header(source: BinaryIO) -> tuple[Header, BinaryIO]:
    """Return the header and the file that holds the payload next, armour taken off."""
    first_line = source.readline(_MAX_FIRST_LINE_BYTES)
    if not first_line or first_line.startswith(_BINARY_START):
        return parse_header(first_line, source), source
    content = open_armor(first_line, source)
    return parse_header(content.readline(_MAX_FIRST_LINE_BYTES), content), content


def _unwrap(header: Header, identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        for stanza in header.stanzas:
            file_key = identity.unwrap(stanza)
            if file_key is not None:
                return file_key
    raise NoMatchError(tuple(stanza.type for stanza in header.stanzas))


def _payload_key(file_key: bytes, nonce: bytes) -> bytes:
    return derive_key(file_key, salt=nonce, info=b"payload")
