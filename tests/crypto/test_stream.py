"""Sealed streams: what is read is what was written, all of it, or an error."""

import io
from collections.abc import Iterable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st

from fielddoc.crypto.stream import (
    CHUNK_BYTES,
    StreamChangedError,
    StreamCutShortError,
    StreamError,
    StreamWriter,
    open_stream,
    plain_size,
    read_chunk,
    sealed_size,
)

KEY = bytes(range(32))
SEALED_CHUNK_BYTES = CHUNK_BYTES + 16
BORDERS = [
    chunks * CHUNK_BYTES + offset
    for chunks in range(4)
    for offset in (-17, -16, -1, 0, 1, 15, 16, 17)
    if chunks * CHUNK_BYTES + offset >= 0
]
SIZES = st.one_of(st.sampled_from(BORDERS), st.integers(0, 3 * CHUNK_BYTES + 100))


def plaintext(size: int) -> bytes:
    return b"".join(b"%016d" % number for number in range(size // 16 + 1))[:size]


def seal(pieces: Iterable[bytes | memoryview], key: bytes | bytearray = KEY) -> bytes:
    sealed = io.BytesIO()
    writer = StreamWriter(key, sealed.write)
    for piece in pieces:
        writer.write(piece)
    writer.finish()
    return sealed.getvalue()


def seal_by_hand(*chunks: tuple[bytes, bool]) -> bytes:
    """Seal chunks as the specification says, with any of them marked as the final one."""
    aead = ChaCha20Poly1305(KEY)
    return b"".join(
        aead.encrypt(index.to_bytes(11, "big") + bytes([final]), chunk, None)
        for index, (chunk, final) in enumerate(chunks)
    )


def open_all(sealed: bytes) -> bytes:
    return b"".join(open_stream(KEY, io.BytesIO(sealed)))


def released(sealed: bytes) -> tuple[bytes, type[StreamError] | None]:
    """Return what is given out before the end or the error, and which error it is."""
    out = bytearray()
    try:
        for chunk in open_stream(KEY, io.BytesIO(sealed)):
            out += chunk
    except StreamError as error:
        return bytes(out), type(error)
    return bytes(out), None


class Trickle(io.RawIOBase):
    """A file that gives out less than it is asked for, as a pipe does."""

    def __init__(self, content: bytes, at_most: int) -> None:
        self._content = io.BytesIO(content)
        self._at_most = at_most

    def read(self, size: int = -1, /) -> bytes:
        return self._content.read(min(size, self._at_most))


@given(SIZES)
def test_what_is_sealed_opens_to_the_same(size: int) -> None:
    sealed = seal([plaintext(size)])

    assert open_all(sealed) == plaintext(size)
    assert len(sealed) == sealed_size(size)
    assert plain_size(len(sealed)) == size


@given(SIZES, st.lists(st.integers(0, CHUNK_BYTES + 20), max_size=12))
def test_it_does_not_matter_in_which_pieces_plaintext_is_written(
    size: int, cuts: list[int]
) -> None:
    content = memoryview(plaintext(size))
    pieces = []
    for cut in cuts:
        pieces.append(content[:cut])
        content = content[cut:]

    assert seal([*pieces, content]) == seal([plaintext(size)])


@pytest.mark.parametrize("size", BORDERS)
def test_the_bytes_are_those_of_the_specification(size: int) -> None:
    content = plaintext(size)
    chunks = [content[start : start + CHUNK_BYTES] for start in range(0, size, CHUNK_BYTES)] or [
        b""
    ]

    expected = seal_by_hand(
        *((chunk, index == len(chunks) - 1) for index, chunk in enumerate(chunks))
    )

    assert seal([content]) == expected


def test_a_key_may_be_held_in_memory_that_can_be_zeroed() -> None:
    sealed = seal([b"content"], bytearray(KEY))

    assert list(open_stream(bytearray(KEY), io.BytesIO(sealed))) == [b"content"]
    assert read_chunk(bytearray(KEY), io.BytesIO(sealed), 0, len(sealed)) == b"content"


@given(st.integers(1, 70_000))
@settings(max_examples=20)
def test_a_source_that_trickles_is_read_whole(at_most: int) -> None:
    source = Trickle(seal([plaintext(2 * CHUNK_BYTES + 5)]), at_most)

    assert b"".join(open_stream(KEY, source)) == plaintext(2 * CHUNK_BYTES + 5)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 40])
def test_every_flipped_bit_of_a_short_stream_is_noticed(size: int) -> None:
    sealed = seal([plaintext(size)])

    for place in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        assert released(bytes(changed)) == (b"", StreamChangedError)


@given(st.sampled_from([CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES]), st.data())
def test_a_flipped_byte_is_noticed_before_its_chunk_is_given_out(
    size: int, draw: st.DataObject
) -> None:
    changed = bytearray(seal([plaintext(size)]))
    place = draw.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= draw.draw(st.integers(1, 255))

    chunks_before = place // SEALED_CHUNK_BYTES
    assert released(bytes(changed)) == (
        plaintext(size)[: chunks_before * CHUNK_BYTES],
        StreamChangedError,
    )


@given(st.sampled_from(BORDERS), st.data())
def test_every_truncation_is_noticed_and_only_authentic_bytes_come_out(
    size: int, draw: st.DataObject
) -> None:
    sealed = seal([plaintext(size)])
    kept = draw.draw(
        st.one_of(
            st.integers(0, len(sealed) - 1),
            st.integers(0, (len(sealed) - 1) // SEALED_CHUNK_BYTES).map(
                lambda chunks: chunks * SEALED_CHUNK_BYTES
            ),
        )
    )
    whole_chunks, rest = divmod(kept, SEALED_CHUNK_BYTES)
    expected = StreamChangedError if rest else StreamCutShortError

    assert released(sealed[:kept]) == (
        plaintext(size)[: whole_chunks * CHUNK_BYTES],
        expected,
    )


@given(st.binary(min_size=1, max_size=40), st.sampled_from(BORDERS))
def test_anything_after_the_final_chunk_is_noticed(trailing: bytes, size: int) -> None:
    _, error = released(seal([plaintext(size)]) + trailing)

    assert error is StreamChangedError


def test_a_whole_second_stream_after_the_first_is_noticed() -> None:
    full = plaintext(CHUNK_BYTES)

    assert released(seal_by_hand((full, True), (b"more", True))) == (full, StreamChangedError)


def test_an_empty_final_chunk_is_refused_after_another() -> None:
    full = plaintext(CHUNK_BYTES)

    assert released(seal_by_hand((full, False), (b"", True))) == (full, StreamChangedError)


def test_a_short_chunk_that_is_not_final_is_refused() -> None:
    assert released(seal_by_hand((b"short", False))) == (b"", StreamChangedError)


def test_swapped_chunks_are_refused() -> None:
    sealed = seal([plaintext(3 * CHUNK_BYTES)])
    first, second = sealed[:SEALED_CHUNK_BYTES], sealed[SEALED_CHUNK_BYTES : 2 * SEALED_CHUNK_BYTES]

    swapped = second + first + sealed[2 * SEALED_CHUNK_BYTES :]

    assert released(swapped) == (b"", StreamChangedError)


def test_another_key_opens_nothing() -> None:
    sealed = seal([b"content"], bytes(32))

    assert released(sealed) == (b"", StreamChangedError)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_declared_error(noise: bytes) -> None:
    content, error = released(noise)

    assert content == b""
    assert error in {StreamCutShortError, StreamChangedError}


@given(st.integers(0, 10 * CHUNK_BYTES))
def test_a_size_is_possible_only_if_some_plaintext_has_it(sealed_bytes: int) -> None:
    try:
        plain_bytes = plain_size(sealed_bytes)
    except StreamChangedError:
        assert sealed_bytes % SEALED_CHUNK_BYTES in range(17)
        assert sealed_bytes != 16
    else:
        assert sealed_size(plain_bytes) == sealed_bytes


@pytest.mark.parametrize(
    "sealed_bytes", [-1, 0, 15, SEALED_CHUNK_BYTES + 1, SEALED_CHUNK_BYTES + 16]
)
def test_impossible_sizes_are_refused(sealed_bytes: int) -> None:
    with pytest.raises(StreamChangedError):
        plain_size(sealed_bytes)


@pytest.mark.parametrize("size", BORDERS)
def test_each_chunk_can_be_read_by_itself(size: int) -> None:
    sealed = seal([plaintext(size)])
    count = max(1, -(-size // CHUNK_BYTES))

    chunks = [read_chunk(KEY, io.BytesIO(sealed), index, len(sealed)) for index in range(count)]

    assert b"".join(chunks) == plaintext(size)
    with pytest.raises(IndexError):
        read_chunk(KEY, io.BytesIO(sealed), count, len(sealed))


def test_a_shorter_stream_does_not_pass_for_the_whole_when_its_last_chunk_is_read() -> None:
    sealed = seal([plaintext(3 * CHUNK_BYTES)])
    cut = sealed[: 2 * SEALED_CHUNK_BYTES]

    with pytest.raises(StreamChangedError):
        read_chunk(KEY, io.BytesIO(cut), 1, len(cut))
    with pytest.raises(StreamCutShortError):
        read_chunk(KEY, io.BytesIO(cut), 2, len(sealed))


def test_a_finished_stream_takes_nothing_more() -> None:
    writer = StreamWriter(KEY, io.BytesIO().write)
    writer.finish()

    with pytest.raises(ValueError, match="finished"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="finished"):
        writer.finish()


def test_a_failing_target_shows_its_own_error() -> None:
    def full_disk(_: bytes) -> None:
        raise OSError("no space left")

    writer = StreamWriter(KEY, full_disk)

    with pytest.raises(OSError, match="no space left"):
        writer.write(plaintext(CHUNK_BYTES + 1))
