"""Sealed streams: the payload format of age v1, without the rest of age.

Plaintext is cut into chunks of 64 KiB. Each is sealed with ChaCha20-Poly1305 under one key and the
nonce `counter (11 bytes, big-endian) || last (1 byte)`, where `last` is 1 for the final chunk and 0
for all others (C2SP age.md, "Payload"; the STREAM construction of Hoang, Reyhanitabar, Rogaway and
Vizár, 2015). So chunks cannot be changed, moved, repeated or left out, and a stream that ends early
is noticed. A key seals one stream only: the nonces of a second one would be the same.

Bundles use it under a key derived from age's header, attachments under a random key of their own.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CHUNK_BYTES = 64 * 1024  # age.md, "Payload"
KEY_BYTES = 32
_TAG_BYTES = 16  # RFC 8439, section 2.8
_SEALED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES
_COUNTER_BYTES = 11


class StreamError(Exception):
    """Base of what can be wrong with a sealed stream; never raised itself."""


class StreamCutShortError(StreamError):
    """All that is there is authentic, but the end is missing."""


class StreamChangedError(StreamError):
    """The bytes are not those that were written under this key."""


def sealed_size(plain_bytes: int) -> int:
    """Return how many bytes `plain_bytes` of plaintext take when sealed."""
    chunks = max(1, -(-plain_bytes // CHUNK_BYTES))
    return plain_bytes + chunks * _TAG_BYTES


def plain_size(sealed_bytes: int) -> int:
    """Return how many bytes of plaintext a sealed stream of `sealed_bytes` holds.

    Raises:
        StreamChangedError: No stream has this size.
    """
    chunks = -(-sealed_bytes // _SEALED_CHUNK_BYTES)
    plain_bytes = sealed_bytes - chunks * _TAG_BYTES
    if plain_bytes < 0 or sealed_size(plain_bytes) != sealed_bytes:
        raise StreamChangedError("no sealed stream has this size")
    return plain_bytes


class StreamWriter:
    """Seals what is written to it and passes it on to `write`, chunk by chunk.

    Nothing is complete before `finish`: a stream without its final chunk is refused on reading.
    """

    __slots__ = ("_aead", "_finished", "_held_bytes", "_held_chunk", "_index", "_write")

    def __init__(self, key: bytes | bytearray, write: Callable[[bytes], object]) -> None:
        self._aead = ChaCha20Poly1305(key)
        self._write = write
        self._held_chunk = memoryview(bytearray(CHUNK_BYTES))
        self._held_bytes = 0
        self._index = 0
        self._finished = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes of plaintext."""
        if self._finished:
            raise ValueError("the stream is finished")
        data = memoryview(data).cast("B")
        if self._held_bytes:
            data = self._hold(data)
        # A full chunk is sealed only when more comes, for it may be the final one. Chunks that lie
        # whole in `data` are sealed from there, without a copy.
        while data:
            if self._held_bytes:
                self._seal(self._held_chunk, final=False)
                self._held_bytes = 0
            if len(data) > CHUNK_BYTES:
                self._seal(data[:CHUNK_BYTES], final=False)
                data = data[CHUNK_BYTES:]
            else:
                data = self._hold(data)

    def finish(self) -> None:
        """Seal the final chunk, which is empty only if nothing was ever written."""
        if self._finished:
            raise ValueError("the stream is finished")
        self._finished = True
        self._seal(self._held_chunk[: self._held_bytes], final=True)
        self._held_chunk[:] = bytes(CHUNK_BYTES)

    def _hold(self, data: memoryview) -> memoryview:
        """Keep what fits into the held chunk and return the rest."""
        size = min(len(data), CHUNK_BYTES - self._held_bytes)
        self._held_chunk[self._held_bytes : self._held_bytes + size] = data[:size]
        self._held_bytes += size
        return data[size:]

    def _seal(self, chunk: memoryview, *, final: bool) -> None:
        self._write(self._aead.encrypt(_nonce(self._index, final=final), chunk, None))
        self._index += 1


def open_stream(key: bytes | bytearray, source: BinaryIO) -> Iterator[bytes]:
    """Yield the plaintext chunks of the sealed stream that `source` holds from here to its end.

    Each chunk is authentic when it is yielded, but the stream is whole only when the iteration ends
    without an error: until then the caller must not act on what it got.

    Raises:
        StreamCutShortError: The input ends after an authentic chunk that is not the final one, or
            there is none at all.
        StreamChangedError: A chunk is not authentic (a chunk cut in its middle is not either), or
            something follows the final chunk, or the final chunk is empty and not the only one.
    """
    aead = ChaCha20Poly1305(key)
    block = read_up_to(source, _SEALED_CHUNK_BYTES)
    if not block:
        raise StreamCutShortError("the stream has no chunk")
    index = 0
    while True:
        # Only what follows tells whether this chunk should be the final one.
        following = read_up_to(source, _SEALED_CHUNK_BYTES)
        chunk, final = _open_as_found(aead, block, index, last_block=not following)
        if final and not chunk and index > 0:
            raise StreamChangedError("the final chunk is empty")
        yield chunk
        if final and following:
            raise StreamChangedError("something follows the final chunk")
        if final:
            return
        if not following:
            raise StreamCutShortError("the final chunk is missing")
        block = following
        index += 1


def read_chunk(
    key: bytes | bytearray, source: BinaryIO, index: int, total_sealed_bytes: int
) -> bytes:
    """Return one authentic chunk of the sealed stream that fills `source` from its start.

    Args:
        key: The key of the stream.
        source: A file that can seek.
        index: Which chunk, from 0; it holds the plaintext from `index * CHUNK_BYTES`.
        total_sealed_bytes: The size of the whole stream. It says which chunk is the final one, and
            only the final chunk proves it: others are authentic, but say nothing about the end.

    Raises:
        StreamCutShortError: `source` ends before the chunk does.
        StreamChangedError: The chunk is not authentic, or no stream has this size.
    """
    plain_bytes = plain_size(total_sealed_bytes)
    last = max(0, (plain_bytes - 1) // CHUNK_BYTES)
    if not 0 <= index <= last:
        raise IndexError("the stream has no such chunk")
    start = index * _SEALED_CHUNK_BYTES
    size = min(_SEALED_CHUNK_BYTES, total_sealed_bytes - start)
    source.seek(start)
    block = read_up_to(source, size)
    if len(block) < size:
        raise StreamCutShortError("the input ends before the chunk does")
    return _open(ChaCha20Poly1305(key), block, index, final=index == last)


def _nonce(index: int, *, final: bool) -> bytes:
    return index.to_bytes(_COUNTER_BYTES, "big") + (b"\x01" if final else b"\x00")


def _open_as_found(
    aead: ChaCha20Poly1305, block: bytes, index: int, *, last_block: bool
) -> tuple[bytes, bool]:
    """Return the plaintext of a block and whether it was sealed as the final one.

    A whole block that is not what its place asks for is tried as the other kind too, so that a
    missing end and a foreign one can be told from a changed chunk.
    """
    try:
        return _open(aead, block, index, final=last_block), last_block
    except StreamChangedError:
        if len(block) < _SEALED_CHUNK_BYTES:
            raise
    return _open(aead, block, index, final=not last_block), not last_block


def _open(aead: ChaCha20Poly1305, block: bytes, index: int, *, final: bool) -> bytes:
    try:
        return aead.decrypt(_nonce(index, final=final), block, None)
    except InvalidTag:
        raise StreamChangedError("a chunk is not authentic") from None


def read_up_to(source: BinaryIO, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end; a single `read` of a pipe may return less."""
    block = source.read(size)
    if len(block) == size or not block:
        return block
    parts = [block]
    missing = size - len(block)
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
