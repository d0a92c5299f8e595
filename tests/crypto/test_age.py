"""age files: only a recipient opens them, and every change is noticed."""

import base64
import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fielddoc.crypto.age import (
    AgeError,
    AgeReader,
    AgeWriter,
    ArmorError,
    HeaderError,
    HeaderMacError,
    Identity,
    KeyTextError,
    NoMatchError,
    PassphraseIdentity,
    PassphraseRecipient,
    PayloadChangedError,
    PayloadCutShortError,
    PostQuantumIdentity,
    PostQuantumRecipient,
    Recipient,
    X25519Identity,
    X25519Recipient,
    parse_identity,
    parse_recipient,
    read_header,
)
from fielddoc.crypto.age_header import MAX_HEADER_BYTES, Stanza, make_header
from fielddoc.crypto.age_recipients import MAX_WORK_FACTOR
from fielddoc.crypto.stream import CHUNK_BYTES, sealed_size

X25519 = X25519Identity(bytes(range(32)))
POST_QUANTUM = PostQuantumIdentity(bytes(range(32)))
PASSPHRASE = "nächtlich 夜 besuch".encode()
CONTENT = b"what was seen and heard"
BOTH_KINDS: list[X25519Identity | PostQuantumIdentity] = [X25519, POST_QUANTUM]


def write(content: bytes, *recipients: Recipient) -> bytes:
    file = io.BytesIO()
    writer = AgeWriter(recipients, file.write)
    writer.write(content)
    writer.finish()
    return file.getvalue()


def read(file: bytes, *identities: Identity) -> bytes:
    return b"".join(AgeReader(identities, io.BytesIO(file)).chunks())


def released(file: bytes, *identities: Identity) -> tuple[bytes, type[AgeError] | None]:
    """Return what is given out before the end or the error, and which error it is."""
    out = bytearray()
    try:
        for chunk in AgeReader(identities, io.BytesIO(file)).chunks():
            out += chunk
    except AgeError as error:
        return bytes(out), type(error)
    return bytes(out), None


def armoured(file: bytes) -> bytes:
    text = base64.b64encode(file).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(
        ("-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----", "")
    ).encode()


def header_bytes(stanzas: Sequence[Stanza]) -> bytes:
    return make_header(stanzas, bytes(16)).encode() + bytes(16)


# --- writing and reading -------------------------------------------------------------------------


@pytest.mark.parametrize("identity", BOTH_KINDS)
@given(
    size=st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
    | st.integers(0, 3 * CHUNK_BYTES)
)
@settings(max_examples=40)
def test_what_is_written_is_read(identity: X25519Identity | PostQuantumIdentity, size: int) -> None:
    content = bytes(size)
    file = write(content, identity.recipient())

    assert read(file, identity) == content
    assert read(armoured(file), identity) == content
    assert len(file) == len(read_header(io.BytesIO(file)).encode()) + 16 + sealed_size(size)


def test_a_passphrase_opens_what_it_closed_and_another_does_not() -> None:
    file = write(CONTENT, PassphraseRecipient(PASSPHRASE))

    assert read(file, PassphraseIdentity(bytearray(PASSPHRASE))) == CONTENT
    with pytest.raises(NoMatchError) as caught:
        read(file, PassphraseIdentity(b"another"))
    assert caught.value.stanza_types == ("scrypt",)


@pytest.mark.parametrize("kind", [X25519Identity, PostQuantumIdentity])
def test_each_recipient_can_open_the_file_and_nobody_else(
    kind: type[X25519Identity] | type[PostQuantumIdentity],
) -> None:
    partners = [kind.generate() for _ in range(5)]
    file = write(CONTENT, *(partner.recipient() for partner in partners))

    assert [read(file, partner) for partner in partners] == [CONTENT] * 5
    assert read(file, kind.generate(), PassphraseIdentity(b"no"), partners[3]) == CONTENT
    with pytest.raises(NoMatchError):
        read(file, kind.generate())
    with pytest.raises(NoMatchError):
        read(file)


def test_the_reader_says_how_many_ways_in_there_are() -> None:
    file = write(CONTENT, X25519.recipient(), X25519Identity.generate().recipient())

    reader = AgeReader([X25519], io.BytesIO(file))

    assert reader.recipient_count == 2
    assert reader.stanza_types == ("X25519", "X25519")


def test_a_payload_cannot_be_read_twice_and_so_never_looks_empty() -> None:
    reader = AgeReader([X25519], io.BytesIO(write(CONTENT, X25519.recipient())))
    assert list(reader.chunks()) == [CONTENT]

    with pytest.raises(ValueError, match="only once"):
        list(reader.chunks())


def test_a_source_that_trickles_is_read_whole() -> None:
    class Trickle(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self._content = io.BytesIO(content)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray, /) -> int:  # type: ignore[override]  # what BinaryIO gives
            return self._content.readinto(memoryview(buffer)[:7])

    source = Trickle(write(CONTENT, X25519.recipient()))

    assert b"".join(AgeReader([X25519], source).chunks()) == CONTENT  # type: ignore[arg-type]


def test_post_quantum_and_x25519_recipients_never_share_a_file() -> None:
    with pytest.raises(ValueError, match="one kind"):
        write(CONTENT, X25519.recipient(), POST_QUANTUM.recipient())


def test_a_passphrase_is_the_only_recipient() -> None:
    with pytest.raises(ValueError, match="one kind"):
        write(CONTENT, PassphraseRecipient(PASSPHRASE), X25519.recipient())
    with pytest.raises(ValueError, match="only recipient"):
        write(CONTENT, PassphraseRecipient(PASSPHRASE), PassphraseRecipient(b"another"))


def test_a_file_for_nobody_is_not_written() -> None:
    with pytest.raises(ValueError, match="recipients"):
        write(CONTENT)


def test_more_recipients_than_a_reader_takes_are_refused_before_anything_is_written() -> None:
    file = io.BytesIO()

    with pytest.raises(ValueError, match="too many"):
        AgeWriter([POST_QUANTUM.recipient()] * 200, file.write)

    assert file.getvalue() == b""


def test_two_files_of_the_same_content_share_nothing() -> None:
    first, second = (write(CONTENT, X25519.recipient()) for _ in range(2))

    assert first[-sealed_size(len(CONTENT)) :] != second[-sealed_size(len(CONTENT)) :]


# --- damage --------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", BOTH_KINDS)
def test_every_flipped_byte_is_noticed(identity: X25519Identity | PostQuantumIdentity) -> None:
    file = write(CONTENT, identity.recipient())

    for place in range(len(file)):
        changed = bytearray(file)
        changed[place] ^= 1 << place % 8
        content, error = released(bytes(changed), identity)
        assert content == b""
        assert error is not None


def test_every_truncation_is_noticed() -> None:
    file = write(CONTENT, X25519.recipient())

    for size in range(len(file)):
        content, error = released(file[:size], X25519)
        assert content == b""
        assert error is not None


def test_every_truncation_of_an_armoured_file_is_noticed() -> None:
    file = armoured(write(CONTENT, X25519.recipient()))

    for size in range(len(file) - 1):
        content, error = released(file[:size], X25519)
        assert content == b""
        assert error is not None


def test_a_file_without_its_last_chunk_is_said_to_be_cut_short() -> None:
    content = bytes(2 * CHUNK_BYTES + 1)
    file = write(content, X25519.recipient())

    without_last_chunk = file[: -(1 + 16)]

    assert released(without_last_chunk, X25519) == (content[:-1], PayloadCutShortError)
    assert released(without_last_chunk[:-1], X25519) == (
        content[:CHUNK_BYTES],
        PayloadChangedError,
    )


def test_an_added_stanza_is_noticed() -> None:
    file = write(CONTENT, X25519.recipient())
    first_line, rest = file.split(b"\n", 1)

    changed = first_line + b"\n-> grease\n\n" + rest

    assert released(changed, X25519) == (b"", HeaderMacError)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_declared_error(noise: bytes) -> None:
    for start in (
        b"",
        b"age-encryption.org/v1\n",
        b"age-encryption.org/v1\n-> X25519 ",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
    ):
        content, error = released(start + noise, X25519, POST_QUANTUM)
        assert content == b""
        assert error is not None
        assert released(armoured(start + noise), X25519)[1] is not None


@given(
    st.lists(
        st.builds(
            Stanza,
            st.lists(
                st.sampled_from(["X25519", "mlkem768x25519", "scrypt", "other", "18", "a" * 43])
                | st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
                min_size=1,
                max_size=4,
            ).map(tuple),
            st.binary(max_size=150) | st.binary(min_size=32, max_size=32),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_well_formed_header_is_read_back_or_refused(stanzas: list[Stanza]) -> None:
    file = header_bytes(stanzas)

    _, error = released(file, X25519, POST_QUANTUM)
    assert error in {NoMatchError, HeaderError}
    if error is NoMatchError:
        assert read_header(io.BytesIO(file)).stanzas == tuple(stanzas)


def test_reading_a_header_stops_where_the_payload_begins() -> None:
    file = io.BytesIO(write(CONTENT, X25519.recipient()))

    header = read_header(file)

    assert file.tell() == len(header.encode())


def test_a_header_that_never_ends_is_refused_early() -> None:
    class Endless(io.RawIOBase):
        given_bytes = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            line = b"-> grease\n" if self.given_bytes % 11 == 0 else b"\n"
            if self.given_bytes == 0:
                self.given_bytes = 22
                return b"age-encryption.org/v1\n"
            line = line[:size] if size is not None and size >= 0 else line
            self.given_bytes += len(line)
            return line

    source = Endless()

    with pytest.raises(HeaderError):
        read_header(source)  # type: ignore[arg-type]  # it has all that a header needs
    assert source.given_bytes <= MAX_HEADER_BYTES


@pytest.mark.parametrize("line", ["-> x " + "a" * MAX_HEADER_BYTES, "a" * MAX_HEADER_BYTES])
def test_a_line_that_never_ends_is_refused(line: str) -> None:
    file = b"age-encryption.org/v1\n" + line.encode() * 2

    with pytest.raises(HeaderError):
        read_header(io.BytesIO(file))


@pytest.mark.parametrize("factor", [str(MAX_WORK_FACTOR + 1), "22", "63", "99", "100", "9" * 5000])
def test_a_file_that_asks_for_too_much_work_is_refused(factor: str) -> None:
    stanza = Stanza(("scrypt", "AAAAAAAAAAAAAAAAAAAAAA", factor), bytes(32))

    assert released(header_bytes([stanza]), PassphraseIdentity(PASSPHRASE)) == (b"", HeaderError)


def test_a_passphrase_beside_another_way_in_is_refused_whatever_the_identity() -> None:
    scrypt = Stanza(("scrypt", "AAAAAAAAAAAAAAAAAAAAAA", "10"), bytes(32))
    file = header_bytes([X25519.recipient().wrap(bytes(16)), scrypt])

    assert released(file, X25519) == (b"", HeaderError)


@pytest.mark.parametrize("outside", [b"\n" * 1025, b" " * 1025, b"x\n"])
def test_only_a_little_white_space_may_stand_around_armour(outside: bytes) -> None:
    file = armoured(write(CONTENT, X25519.recipient()))

    assert released(b"\n \r\n" + file + b" \n\t\r\n", X25519) == (CONTENT, None)
    assert released(outside + b"\n" + file, X25519) == (b"", ArmorError)
    assert released(file + outside, X25519) == (b"", ArmorError)


# --- keys as text --------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=20)
def test_keys_are_read_back_from_their_text(secret: bytes) -> None:
    for identity in (X25519Identity(secret), PostQuantumIdentity(bytearray(secret))):
        again = parse_identity(identity.secret_text())

        assert type(again) is type(identity)
        assert again.secret_text() == identity.secret_text()
        assert again.recipient() == identity.recipient()
        assert parse_recipient(str(identity.recipient())) == identity.recipient()


def test_the_keys_of_the_specification_are_derived() -> None:
    x25519 = parse_identity(
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    )
    post_quantum = parse_identity(
        "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
    )

    assert (
        str(x25519.recipient()) == "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    )
    assert str(post_quantum.recipient()).startswith("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdel")
    assert str(post_quantum.recipient()).endswith("yzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k")


def test_a_typing_mistake_in_a_key_is_noticed() -> None:
    text = str(X25519.recipient())

    for place in range(4, len(text)):
        wrong = "q" if text[place] != "q" else "p"
        with pytest.raises(KeyTextError):
            parse_recipient(text[:place] + wrong + text[place + 1 :])


@pytest.mark.parametrize("identity", BOTH_KINDS)
def test_a_key_in_the_wrong_case_or_place_is_refused(
    identity: X25519Identity | PostQuantumIdentity,
) -> None:
    recipient, secret = str(identity.recipient()), identity.secret_text()

    for text in (recipient.upper(), secret, f" {recipient}", f"{recipient}\n", "age1", ""):
        with pytest.raises(KeyTextError):
            parse_recipient(text)
    for text in (secret.lower(), recipient, f"{secret} ", "AGE-SECRET-KEY-1", ""):
        with pytest.raises(KeyTextError):
            parse_identity(text)


@given(st.text())
def test_any_text_is_refused_as_a_key(text: str) -> None:
    for start in ("", "age1", "age1pq1", "AGE-SECRET-KEY-1"):
        with pytest.raises(KeyTextError):
            parse_recipient(start + text)
        with pytest.raises(KeyTextError):
            parse_identity(start + text)


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_secret_of_the_wrong_size_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        X25519Identity(secret)
    with pytest.raises(ValueError, match="32 bytes"):
        PostQuantumIdentity(secret)


LOW_ORDER_POINTS = [bytes(32), bytes([1]) + bytes(31)]  # RFC 7748, section 6.1; Curve25519


@pytest.mark.parametrize("point", LOW_ORDER_POINTS)
def test_a_recipient_whose_secret_would_be_known_to_all_is_refused(point: bytes) -> None:
    with pytest.raises(KeyTextError):
        X25519Recipient(point)
    with pytest.raises(KeyTextError):
        PostQuantumRecipient(POST_QUANTUM.recipient().public[:-32] + point)


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33), b"\xff" * 1216, b"\x09" * 1215])
def test_a_recipient_of_the_wrong_form_is_refused(public: bytes) -> None:
    with pytest.raises(KeyTextError):
        X25519Recipient(public)
    with pytest.raises(KeyTextError):
        PostQuantumRecipient(public)


@pytest.mark.parametrize(
    "secret_holder",
    [X25519, POST_QUANTUM, PassphraseIdentity(PASSPHRASE), PassphraseRecipient(PASSPHRASE)],
)
def test_a_secret_does_not_show_itself(secret_holder: object) -> None:
    for shown in (repr(secret_holder), str(secret_holder), f"{secret_holder}"):
        assert shown == f"{type(secret_holder).__name__}(…)"
