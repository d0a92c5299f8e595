"""Contact cards: what is signed, what is refused."""

import contextlib
import json
import os
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.bundle.card import KIND, MAXIMUM_BYTES, MAXIMUM_NAME, NAMESPACE, Card, own_card
from fielddoc.bundle.card import read_card as read
from fielddoc.bundle.card import write_card as write
from fielddoc.crypto import sshsig
from fielddoc.crypto.age import PostQuantumIdentity, X25519Identity
from fielddoc.domain.canonical import Json, encode
from fielddoc.errors import CardRefusedError
from fielddoc.vault.identity import Identity
from strategies import json_values

SEED = os.urandom(32)
KEYS = Identity(
    name="Bob 徐",
    signing_key=sshsig.public_key(SEED),
    signing_seed=SEED,
    x25519_secret=os.urandom(32),
    post_quantum_seed=os.urandom(32),
)
CARD = own_card(KEYS)
PLAIN_AGE = Card(name="Bob", x25519=X25519Identity(KEYS.x25519_secret).recipient())
X25519_SIGNED = Card(name="Bob", x25519=CARD.x25519, signing=CARD.signing)
MEMBERS = cast("dict[str, Any]", json.loads(write(CARD, SEED)))


def signed(members: dict[str, Any], seed: bytes = SEED, namespace: str = NAMESPACE) -> bytes:
    """Return the card file of any members, with a signature that holds."""
    unsigned: dict[str, Json] = {n: v for n, v in members.items() if n != "signature"}
    signature = sshsig.sign(seed, encode(unsigned), namespace).decode()
    return encode(unsigned | {"signature": signature}) + b"\n"


@pytest.mark.parametrize(
    ("card", "seed"),
    [(CARD, SEED), (X25519_SIGNED, SEED), (PLAIN_AGE, None)],
    ids=["all keys", "without a post-quantum key", "plain age"],
)
def test_card_comes_back_from_its_file(card: Card, seed: bytes | None) -> None:
    data = write(card, seed)

    assert read(data) == card
    assert read(data).code == card.code
    assert data.endswith(b"}\n")
    assert len(data) < MAXIMUM_BYTES


def test_card_of_plain_age_has_one_key_and_signs_nothing() -> None:
    card = read(write(PLAIN_AGE, None))

    assert card.signing is None
    assert card.post_quantum is None


def test_name_is_no_part_of_the_code() -> None:
    other = read(signed(MEMBERS | {"name": "Robert"}))

    assert other.name == "Robert"
    assert other.code == CARD.code


def test_every_changed_byte_of_a_signed_card_is_refused() -> None:
    data = write(X25519_SIGNED, SEED)
    for place in range(len(data)):
        for mask in (0x01, 0x20, 0x80):
            changed = bytearray(data)
            changed[place] ^= mask
            with pytest.raises(CardRefusedError):
                read(bytes(changed))


def test_changed_bytes_in_the_signed_post_quantum_card_are_refused() -> None:
    data = write(CARD, SEED)
    for place in range(0, len(data), 11):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(CardRefusedError):
            read(bytes(changed))


def test_no_changed_byte_of_an_unsigned_card_gives_other_keys() -> None:
    data = write(PLAIN_AGE, None)
    for place in range(len(data)):
        for mask in (0x01, 0x02, 0x20, 0x80):
            changed = bytearray(data)
            changed[place] ^= mask
            try:
                found = read(bytes(changed))
            except CardRefusedError:
                continue
            assert found.code == PLAIN_AGE.code
            assert found.signing is None


@pytest.mark.parametrize("size", [0, 1, 100, -2])
def test_card_that_is_cut_short_is_refused(size: int) -> None:
    with pytest.raises(CardRefusedError):
        read(write(CARD, SEED)[:size])


def test_signing_key_without_a_signature_is_refused() -> None:
    unsigned = {name: value for name, value in MEMBERS.items() if name != "signature"}

    with pytest.raises(CardRefusedError):
        read(encode(unsigned) + b"\n")


def test_signature_without_a_signing_key_is_refused() -> None:
    keyless = {name: value for name, value in MEMBERS.items() if name != "signing"}

    with pytest.raises(CardRefusedError):
        read(signed(keyless))


def test_signature_of_another_key_is_refused() -> None:
    with pytest.raises(CardRefusedError):
        read(signed(MEMBERS, seed=os.urandom(32)))


def test_signature_made_for_a_bundle_is_refused() -> None:
    with pytest.raises(CardRefusedError):
        read(signed(MEMBERS, namespace="fielddoc-bundle-v1"))


def test_signature_does_not_carry_over_to_other_keys() -> None:
    swapped = MEMBERS | {"x25519": str(X25519Identity.generate().recipient())}

    with pytest.raises(CardRefusedError):
        read(encode(swapped) + b"\n")


def test_key_that_stands_for_none_cannot_pass_for_a_signing_key() -> None:
    """32 zero bytes are a point of order 4: for a quarter of all messages this signature holds.

    A card with it would have the code of the card that signs nothing, and anybody could sign.
    """
    zero = bytes(32)
    anybodys = (1).to_bytes(32, "little") + bytes(32)
    signature = sshsig._armour(sshsig._blob(zero, NAMESPACE, anybodys)).decode()
    members: dict[str, Json] = {
        "v": 1,
        "kind": KIND,
        "x25519": str(PLAIN_AGE.x25519),
        "signing": sshsig.public_line(zero),
    }
    held = 0
    for attempt in range(64):
        named: dict[str, Json] = members | {"name": f"Bob {attempt}"}
        try:
            sshsig.verify(signature.encode(), encode(named), NAMESPACE)
        except sshsig.SignatureError:
            continue
        held += 1
        with pytest.raises(CardRefusedError):
            read(encode(named | {"signature": signature}) + b"\n")
    assert held


WRONG: list[dict[str, Any]] = [
    {"v": 2},
    {"v": 0},
    {"v": "1"},
    {"v": True},
    {"v": None},
    {"kind": "fielddoc-bundle"},
    {"name": 5},
    {"name": None},
    {"name": "n" * (MAXIMUM_NAME + 1)},
    {"x25519": ""},
    {"x25519": str(CARD.post_quantum)},
    {"x25519": str(CARD.x25519).upper()},
    {"x25519": X25519Identity.generate().secret_text()},
    {"post_quantum": ""},
    {"post_quantum": str(CARD.x25519)},
    {"post_quantum": PostQuantumIdentity.generate().secret_text()},
    {"signing": ""},
    {"signing": "ssh-ed25519 AAAA"},
    {"signing": MEMBERS["signing"] + " bob@example.org"},
    {"more": ["a list"]},
    {"more": {"an": "object"}},
    {"more": 1},
]


@pytest.mark.parametrize("changes", WRONG, ids=[f"{n} {''.join(c)}" for n, c in enumerate(WRONG)])
def test_wrong_member_is_refused_even_when_it_is_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(CardRefusedError):
        read(signed(MEMBERS | changes))


@pytest.mark.parametrize("name", ["v", "kind", "name", "x25519"])
def test_missing_member_is_refused(name: str) -> None:
    with pytest.raises(CardRefusedError):
        read(signed({n: v for n, v in MEMBERS.items() if n != name}))


def test_empty_key_in_an_unsigned_card_is_refused() -> None:
    members = json.loads(write(PLAIN_AGE, None))
    for name in ("signing", "post_quantum"):
        with pytest.raises(CardRefusedError):
            read(encode(members | {name: ""}))


def test_text_that_a_later_version_adds_is_passed_over() -> None:
    assert read(signed(MEMBERS | {"valid_until": "2030"})) == CARD


SPOILT = [
    b"",
    b"\n",
    b"null",
    b"[]",
    b"5",
    b'"card"',
    b"[" * 100_000,
    b'{"a":' * 3_000,
    b'{"v":1,"v":1}',
    b'{"v":' + b"9" * 5_000 + b"}",
    b'{"kind":"fielddoc-card","v":1.0}',
    b'{"kind":"fielddoc-card","v":NaN}',
    b'{"name":"\xff"}',
    b'{"name":"\\ud800"}',
    b"\xef\xbb\xbf" + write(CARD, SEED),
    b" " + write(CARD, SEED),
    write(CARD, SEED) + b"\n",
    write(CARD, SEED) * 2,
    write(CARD, SEED).replace(b'","', b'", "', 1),
    json.dumps(MEMBERS, indent=1).encode(),
    b" " * (MAXIMUM_BYTES + 1),
    bytes(1000),
    b"-----BEGIN AGE ENCRYPTED FILE-----",
]


@pytest.mark.parametrize("spoilt", SPOILT, ids=[f"{n} {s[:16]!r}" for n, s in enumerate(SPOILT)])
def test_what_is_not_a_card_is_refused(spoilt: bytes) -> None:
    with pytest.raises(CardRefusedError):
        read(spoilt)


@given(st.binary(max_size=300))
def test_no_bytes_give_another_error(data: bytes) -> None:
    with pytest.raises(CardRefusedError):
        read(data)


@given(st.dictionaries(st.sampled_from(sorted(MEMBERS)), json_values(), max_size=4))
def test_no_members_give_another_error(changes: dict[str, Json]) -> None:
    for data in (encode(MEMBERS | changes), encode(changes)):
        with contextlib.suppress(CardRefusedError):
            assert read(data) == CARD


@given(st.dictionaries(st.sampled_from(sorted(MEMBERS)), json_values(), max_size=3))
def test_no_signed_members_give_another_error(changes: dict[str, Json]) -> None:
    with contextlib.suppress(CardRefusedError):
        assert read(signed(MEMBERS | changes)).code == CARD.code
