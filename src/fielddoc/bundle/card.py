"""Contact cards: a person's public keys as a small signed file (docs/bundle-format.md, "Cards")."""

from dataclasses import dataclass

from fielddoc.bundle.code import NO_SIGNING_KEY, card_code
from fielddoc.crypto import sshsig
from fielddoc.crypto.age import (
    AgeError,
    PostQuantumIdentity,
    PostQuantumRecipient,
    X25519Identity,
    X25519Recipient,
)
from fielddoc.domain.canonical import Json, NotCanonicalError, decode, encode, same
from fielddoc.errors import CardRefusedError
from fielddoc.vault.identity import Identity

VERSION = 1
KIND = "fielddoc-card"
NAMESPACE = "fielddoc-card-v1"
MAXIMUM_BYTES = 16 * 1024
MAXIMUM_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Public keys and the name that their owner gives themselves."""

    name: str
    x25519: X25519Recipient
    post_quantum: PostQuantumRecipient | None = None
    signing: bytes | None = None
    """Ed25519 public key; None for a partner who uses plain age and signs nothing."""

    @property
    def code(self) -> str:
        """The 40 digits that stand for these keys; the name is not part of them."""
        return card_code(
            signing=self.signing,
            x25519=self.x25519.public,
            post_quantum=self.post_quantum.public if self.post_quantum else None,
        )


def own_card(identity: Identity) -> Card:
    """Return one's own card."""
    return Card(
        name=identity.name,
        x25519=X25519Identity(identity.x25519_secret).recipient(),
        post_quantum=PostQuantumIdentity(identity.post_quantum_seed).recipient(),
        signing=identity.signing_key,
    )


def write_card(card: Card, signing_seed: bytes | None) -> bytes:
    """Return the bytes of a card file: canonical JSON and a line end.

    Args:
        card: what to write.
        signing_seed: the secret of `card.signing`, which signs the card; None if it has none.
    """
    members = _members(card)
    if signing_seed is not None:
        signature = sshsig.sign(signing_seed, encode(members), NAMESPACE)
        members["signature"] = signature.decode("ascii")
    return encode(members) + b"\n"


def read_card(data: bytes) -> Card:
    """Parse a card file, strictly, and check its own signature.

    Raises:
        CardRefusedError: it is not a card of this version, or its signature does not hold.
    """
    try:
        return _read(data)
    except (
        NotCanonicalError,
        AgeError,
        sshsig.SignatureError,
        sshsig.PublicLineError,
        ValueError,
        KeyError,
    ) as error:
        raise CardRefusedError from error


def _members(card: Card) -> dict[str, Json]:
    members: dict[str, Json] = {
        "v": VERSION,
        "kind": KIND,
        "name": card.name,
        "x25519": str(card.x25519),
    }
    if card.post_quantum is not None:
        members["post_quantum"] = str(card.post_quantum)
    if card.signing is not None:
        members["signing"] = sshsig.public_line(card.signing)
    return members


def _read(data: bytes) -> Card:
    if len(data) > MAXIMUM_BYTES:
        raise ValueError("a card is smaller")
    members = decode(data.removesuffix(b"\n"))
    if not isinstance(members, dict) or members.get("kind") != KIND:
        raise ValueError("not a card")
    if not same(members.get("v"), VERSION):
        raise ValueError("not a card of this version")
    texts = {name: value for name, value in members.items() if isinstance(value, str)}
    if len(texts) != len(members) - 1 or len(texts["name"]) > MAXIMUM_NAME:
        raise ValueError("a member that is not text")
    post_quantum, signing = texts.get("post_quantum"), texts.get("signing")
    card = Card(
        name=texts["name"],
        x25519=X25519Recipient.parse(texts["x25519"]),
        post_quantum=None if post_quantum is None else PostQuantumRecipient.parse(post_quantum),
        signing=None if signing is None else sshsig.parse_public_line(signing),
    )
    if card.signing == NO_SIGNING_KEY:
        # It would have the code of the card without a signing key; and it is a point of order 4,
        # so that anybody could sign for it.
        raise ValueError("a key that stands for none")
    signature = texts.get("signature")
    if (signature is None) != (card.signing is None):
        raise ValueError("a signing key and no signature, or the reverse")
    if signature is not None:
        unsigned: dict[str, Json] = {n: v for n, v in members.items() if n != "signature"}
        signer = sshsig.verify(signature.encode("ascii"), encode(unsigned), NAMESPACE)
        if signer != card.signing:
            raise ValueError("signed with another key")
    return card
