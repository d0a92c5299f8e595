"""Reading a bundle: strict, streaming, and nothing believed before it was checked.

The order of docs/bundle-format.md is also the order of trust: the file opens for us; the bag's own
description is signed; its signer is a contact; its list of recipients names us; then each payload
file is hashed as it streams, and at the end nothing may be missing or left over.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from fielddoc.bundle import bag, tar
from fielddoc.bundle.bag import BagFormError, BagInfo, BagTooNewError, PayloadFile
from fielddoc.bundle.card import own_card, read_card
from fielddoc.bundle.code import grouped
from fielddoc.bundle.source import JoinedFiles, volumes_of
from fielddoc.crypto import sshsig
from fielddoc.crypto.age import (
    AgeReader,
    ArmorError,
    HeaderError,
    HeaderMacError,
    Identity,
    NoMatchError,
    PassphraseIdentity,
    PayloadChangedError,
    PayloadCutShortError,
    PostQuantumIdentity,
    X25519Identity,
    read_header,
)
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.crypto.stream import StreamChangedError, plain_size
from fielddoc.domain.padme import is_padme
from fielddoc.errors import (
    BundleChangedError,
    BundleCutShortError,
    BundlePassphraseWrongError,
    BundleTooNewError,
    CardRefusedError,
    NotABundleError,
    NotForYouError,
    SignedForOthersError,
    UnknownSenderError,
)
from fielddoc.vault import contacts, identity
from fielddoc.vault.behind import Behind
from fielddoc.vault.files import explaining
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

_AGE_MAGIC = b"age-encryption.org/"
_AGE_ARMOUR = b"-----BEGIN AGE"
_ARMOUR_END = b"-----END AGE ENCRYPTED FILE-----"
_ARMOUR_END_BYTES = 2048  # white space may follow it
_HEADER_END = b"\n--- "
_HEADER_BYTES = 256 * 1024
_NONCE_BYTES = 16
_PASSPHRASE_STANZAS = ("scrypt",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who signed a bundle, as the vault knows them."""

    name: str
    code: str
    signing_key: bytes
    is_self: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is known once a bundle's description has been verified, before its payload."""

    info: BagInfo
    sender: Sender
    files: tuple[PayloadFile, ...]
    manifest: bytes
    """SHA-256 of the tag manifest, by which the next bundle names this one."""


class PayloadHandler(Protocol):
    """Takes what comes out of a bundle. Nothing may be shown or kept before `read_bundle` ends."""

    def opened(self, opened: Opened) -> None:
        """Take the verified description."""

    def payload(self, file: PayloadFile, size: int, blocks: Iterator[bytes]) -> None:
        """Take one payload file; all of `blocks` must be consumed."""


def read_bundle(
    vault: Vault,
    path: Path,
    handler: PayloadHandler,
    *,
    passphrase: str | None = None,
    turn: Turn = directly,
) -> Opened:
    """Read a bundle to its last byte, giving its parts to `handler`; return what it is.

    Args:
        vault: whose keys open it and whose contacts may have signed it.
        path: the file, or one of the files into which it was cut.
        handler: told the parts as they come.
        passphrase: of a passphrase bundle.
        turn: how the vault is reached; see `fielddoc.vault.turns`.

    Raises:
        NotABundleError, NotForYouError, BundlePassphraseWrongError, BundleChangedError,
        BundleCutShortError, UnknownSenderError, SignedForOthersError, BundleTooNewError.
    """
    with explaining(path.name):
        volumes = volumes_of(path)
    with explaining(path.name), _opened(volumes) as source:
        start = source.peek(1)[:_HEADER_BYTES]
        if not start.startswith((_AGE_MAGIC, _AGE_ARMOUR)):
            cut = bool(start) and (_AGE_MAGIC.startswith(start) or _AGE_ARMOUR.startswith(start))
            raise BundleCutShortError if cut else NotABundleError
        try:
            identities = turn(lambda: _identities(vault, passphrase))
            age = AgeReader(identities, cast("BinaryIO", source))
            plain = _Plaintext(age.chunks())
            base, tags = _read_tags(plain)
            opened = turn(lambda: _verified(vault, tags, age.stanza_types))
            handler.opened(opened)
            _read_payload(plain, base, opened, handler)
        except NoMatchError as error:
            if error.stanza_types == _PASSPHRASE_STANZAS:
                raise BundlePassphraseWrongError from error
            raise NotForYouError from error
        except PayloadCutShortError as error:
            raise BundleCutShortError from error
        except HeaderMacError as error:
            raise BundleChangedError from error
        except (HeaderError, ArmorError, PayloadChangedError) as error:
            if _is_cut_short(volumes):
                raise BundleCutShortError from error
            raise BundleChangedError from error
    return opened


def _opened(volumes: Sequence[Path]) -> io.BufferedReader:
    return io.BufferedReader(JoinedFiles(volumes), 1024 * 1024)


def _identities(vault: Vault, passphrase: str | None) -> Sequence[Identity]:
    if passphrase is not None:
        return [PassphraseIdentity(passphrase_bytes(passphrase))]
    found: list[Identity] = []
    for own in identity.all_identities(vault):
        found.append(PostQuantumIdentity(own.post_quantum_seed))
        found.append(X25519Identity(own.x25519_secret))
    return found


def needs_passphrase(path: Path) -> bool:
    """Tell whether a bundle was made for a passphrase; False for what is no age file at all."""
    with explaining(path.name), io.BufferedReader(JoinedFiles(volumes_of(path))) as source:
        try:
            header = read_header(cast("BinaryIO", source))
        except (HeaderError, ArmorError):
            return False
    return tuple(stanza.type for stanza in header.stanzas) == _PASSPHRASE_STANZAS


def _is_cut_short(volumes: Sequence[Path]) -> bool:
    """Tell whether a file that is not what was written lacks its end.

    Armour has a last line. A whole payload has a Padmé size and whole blocks of tar, and few sizes
    are such; a file that was cut has another one.
    """
    with _opened(volumes) as source:
        start = source.peek(1)[:_HEADER_BYTES]
        if start.startswith(_AGE_ARMOUR):
            return _ARMOUR_END not in _end_of(source)
        try:
            header = read_header(cast("BinaryIO", source))
        except HeaderError:
            mac_line = start.partition(_HEADER_END)[2]
            return b"\n" not in mac_line and len(start) < _HEADER_BYTES
    size = sum(path.stat().st_size for path in volumes)
    payload = size - len(header.encode()) - _NONCE_BYTES
    try:
        plain = plain_size(payload)
    except StreamChangedError:
        return True
    return plain % tar.BLOCK_BYTES != 0 or not is_padme(plain)


def _end_of(source: io.BufferedReader) -> bytes:
    end = b""
    while block := source.read(1024 * 1024):
        end = (end + block)[-_ARMOUR_END_BYTES:]
    return end


class _Plaintext:
    """The decrypted bytes, read in exact amounts."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = memoryview(b"")
        self.position = 0

    def exactly(self, size: int) -> bytes:
        """Return the next `size` bytes; a bag that ends before them was not made by fielddoc."""
        data = b"".join(self.blocks(size))
        if len(data) != size:
            raise BundleChangedError
        return data

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield up to `size` bytes in pieces; fewer only at the end."""
        while size:
            if not self._chunk:
                self._chunk = memoryview(next(self._chunks, b""))
                if not self._chunk:
                    return
            piece = self._chunk[:size]
            self._chunk = self._chunk[len(piece) :]
            self.position += len(piece)
            size -= len(piece)
            yield bytes(piece)

    def rest(self) -> Iterator[bytes]:
        """Yield everything to the end."""
        while True:
            pieces = list(self.blocks(1024 * 1024))
            if not pieces:
                return
            yield from pieces


def _read_payload(plain: _Plaintext, base: str, opened: Opened, handler: PayloadHandler) -> None:
    total = 0
    for file in opened.files:
        size = _expect(plain, f"{base}/{file.name}")
        digest = hashlib.sha256()
        with Behind(digest.update) as hashing:
            handler.payload(file, size, _hashed(plain, size, hashing))
            hashing.finish()
        if digest.hexdigest() != file.sha256:
            raise BundleChangedError
        _expect_zeros(plain.blocks(tar.padding(size)))
        total += size
    if (total, len(opened.files)) != (opened.info.payload_bytes, opened.info.payload_files):
        raise BundleChangedError
    used = plain.position + len(tar.END)
    _expect_zeros(plain.rest())
    if plain.position < used or not is_padme(plain.position):
        raise BundleChangedError


def _hashed(plain: _Plaintext, size: int, hashing: Behind) -> Iterator[bytes]:
    left = size
    for block in plain.blocks(size):
        hashing.put(block)
        left -= len(block)
        yield block
    if left:
        raise BundleChangedError


def _read_tags(plain: _Plaintext) -> tuple[str, dict[str, bytes]]:
    """Return the bag's folder and its tag files, read in their order with bounded sizes."""
    tags: dict[str, bytes] = {}
    base = ""
    for name in bag.TAG_FILES:
        full, size = _header(plain, first=not tags)
        folder, _, rest = full.partition("/")
        if not tags:
            base = folder
        if not bag.is_base(folder) or folder != base or rest != name:
            raise NotABundleError if not tags else BundleChangedError
        if size > bag.MAXIMUM_TAG_BYTES:
            raise BundleChangedError
        tags[name] = plain.exactly(size)
        _expect_zeros(plain.blocks(tar.padding(size)))
    return base, tags


def _header(plain: _Plaintext, *, first: bool) -> tuple[str, int]:
    try:
        return tar.read_header(b"".join(plain.blocks(tar.BLOCK_BYTES)))
    except tar.TarFormError as error:
        raise NotABundleError if first else BundleChangedError from error


def _expect(plain: _Plaintext, name: str) -> int:
    found, size = _header(plain, first=False)
    if found != name:
        raise BundleChangedError
    return size


def _expect_zeros(blocks: Iterator[bytes]) -> None:
    if any(block.strip(b"\0") for block in blocks):
        raise BundleChangedError


def _verified(vault: Vault, tags: dict[str, bytes], stanza_types: tuple[str, ...]) -> Opened:
    """Check signature, signer, recipients and version; return the description."""
    try:
        info = bag.read_info(tags[bag.BAG_INFO])
        signer = sshsig.verify(tags[bag.SIGNATURE], tags[bag.TAG_MANIFEST], bag.NAMESPACE)
        files = bag.read_manifest(tags[bag.MANIFEST])
    except BagTooNewError as error:
        raise BundleTooNewError from error
    except (BagFormError, sshsig.SignatureError) as error:
        raise BundleChangedError from error
    covered = bag.write_tag_manifest(tags) == tags[bag.TAG_MANIFEST]
    if not covered or tags[bag.BAGIT] != bag.BAGIT_BYTES:
        raise BundleChangedError
    sender = _sender(vault, signer, info)
    own_codes = {own_card(own).code for own in identity.all_identities(vault)}
    for_passphrase = info.recipients == (bag.PASSPHRASE,)
    if for_passphrase != (stanza_types == _PASSPHRASE_STANZAS):
        raise SignedForOthersError
    if not for_passphrase and not own_codes & set(info.recipients):
        raise SignedForOthersError
    if len(stanza_types) != len(info.recipients):
        raise BundleChangedError
    manifest = hashlib.sha256(tags[bag.TAG_MANIFEST]).digest()
    return Opened(info=info, sender=sender, files=files, manifest=manifest)


def _sender(vault: Vault, signer: bytes, info: BagInfo) -> Sender:
    """Return who holds the key that signed, if that is oneself or a contact."""
    for own in identity.all_identities(vault):
        if own.signing_key == signer and own_card(own).code == info.sender:
            return Sender(name=own.name, code=info.sender, signing_key=signer, is_self=True)
    for contact in contacts.listing(vault):
        try:
            card = read_card(contact.card)
        except CardRefusedError:
            continue
        if card.signing == signer and card.code == info.sender:
            return Sender(name=contact.name, code=contact.code, signing_key=signer, is_self=False)
    raise UnknownSenderError(name=grouped(info.sender))
