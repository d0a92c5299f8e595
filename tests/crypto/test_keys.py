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
