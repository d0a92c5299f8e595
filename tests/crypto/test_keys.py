import pytest

from fielddoc.crypto.keys import (
    MasterKey,
    SealBrokenError,
    derive_key,
    open_seal,
    seal,
    zero,
)

SECRET = bytes(range(200, 232))


def test_a_secret_never_shows_itself() -> None:
    master = MasterKey(bytearray(SECRET))

    for text in (repr(master), str(master), f"{master}", f"{[master]}"):
        assert text.strip("[]") == "MasterKey(…)"
    assert not hasattr(master, "__dict__")


def test_a_key_is_zeroed_when_it_is_wiped_or_left() -> None:
    buffer = bytearray(SECRET)

    with MasterKey(buffer):
        assert buffer == SECRET

    assert buffer == bytes(32)


def test_a_wiped_key_opens_nothing() -> None:
    master = MasterKey(bytearray(SECRET))
    before = master.sub_key("database")

    master.wipe()

    assert master.sub_key("database") != before
    assert master.copy() == bytes(32)


def test_zero_keeps_the_buffer_and_its_size() -> None:
    buffer = bytearray(b"secret")
    view = memoryview(buffer)

    zero(buffer)

    assert bytes(view) == bytes(6)


def test_each_purpose_has_a_key_of_its_own() -> None:
    master = MasterKey(bytearray(SECRET))
    purposes = ("database", "state", "compartment", "attachments")

    assert len({bytes(master.sub_key(purpose)) for purpose in purposes}) == len(purposes)
    assert master.sub_key("state") == master.sub_key("state")


def test_sub_keys_are_hkdf_of_rfc_5869() -> None:
    """Known answer of test case 1 in appendix A, cut to the length that is asked for."""
    key = derive_key(
        bytes([0x0B] * 22),
        bytes.fromhex("f0f1f2f3f4f5f6f7f8f9"),
        salt=bytes.fromhex("000102030405060708090a0b0c"),
        length=42,
    )

    assert key.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_two_master_keys_differ() -> None:
    assert MasterKey.new().copy() != MasterKey.new().copy()


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32"):
        MasterKey(bytearray(size))


@pytest.mark.parametrize("plain", [b"", b"a", b"x" * 5000])
def test_sealed_bytes_come_back(plain: bytes) -> None:
    opened = open_seal(SECRET, seal(SECRET, plain, b"place"), b"place")

    assert opened == plain
    assert isinstance(opened, bytearray)


def test_sealing_twice_gives_other_bytes() -> None:
    assert seal(SECRET, b"same", b"") != seal(SECRET, b"same", b"")


def test_every_changed_byte_breaks_a_seal() -> None:
    sealed = seal(SECRET, b"plain", b"place")

    for offset in range(len(sealed)):
        changed = bytearray(sealed)
        changed[offset] ^= 1
        with pytest.raises(SealBrokenError):
            open_seal(SECRET, bytes(changed), b"place")


def test_a_seal_opens_only_in_its_place_with_its_key_and_whole() -> None:
    sealed = seal(SECRET, b"plain", b"place")

    for key, data, place in (
        (bytes(32), sealed, b"place"),
        (SECRET, sealed, b"other"),
        (SECRET, sealed[:-1], b"place"),
        (SECRET, sealed + b"\0", b"place"),
        (SECRET, sealed[:27], b"place"),
        (SECRET, b"", b"place"),
    ):
        with pytest.raises(SealBrokenError):
            open_seal(key, data, place)


# RFC 8439, section 2.8.2: the example of the AEAD, which no code of ours or of OpenSSL made.
AEAD_KEY = bytes(range(0x80, 0xA0))
AEAD_NONCE = bytes.fromhex("07000000 4041424344454647")
AEAD_ASSOCIATED = bytes.fromhex("50515253 c0c1c2c3c4c5c6c7")
AEAD_PLAINTEXT = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future,"
    b" sunscreen would be it."
)
AEAD_CIPHERTEXT = bytes.fromhex(
    "d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6"
    "3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36"
    "92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc"
    "3ff4def08e4b7a9de576d26586cec64b 6116"
)
AEAD_TAG = bytes.fromhex("1ae10b594f09e26a7e902ecbd0600691")


def test_a_seal_is_the_aead_of_rfc_8439(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed with the nonce of the example in the place of the system's randomness."""
    monkeypatch.setattr("secrets.token_bytes", lambda size: AEAD_NONCE[:size])
    sealed = AEAD_NONCE + AEAD_CIPHERTEXT + AEAD_TAG

    assert seal(AEAD_KEY, AEAD_PLAINTEXT, AEAD_ASSOCIATED) == sealed
    assert open_seal(AEAD_KEY, sealed, AEAD_ASSOCIATED) == AEAD_PLAINTEXT


@pytest.mark.parametrize("at", range(12 + 114 + 16))
def test_the_example_of_rfc_8439_is_refused_with_any_byte_changed(at: int) -> None:
    sealed = bytearray(AEAD_NONCE + AEAD_CIPHERTEXT + AEAD_TAG)
    sealed[at] ^= 1

    with pytest.raises(SealBrokenError):
        open_seal(AEAD_KEY, bytes(sealed), AEAD_ASSOCIATED)
