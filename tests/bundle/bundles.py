"""What tests do with bundles: write them, look inside them, and make false ones."""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlcipher3 import dbapi2

from fielddoc.bundle import bag, tar
from fielddoc.bundle.card import Card, own_card, write_card
from fielddoc.bundle.export import Selection, Written, export_complete, export_selected, for_cards
from fielddoc.crypto import sshsig
from fielddoc.crypto.age import (
    AgeReader,
    AgeWriter,
    PostQuantumIdentity,
    Recipient,
    X25519Identity,
)
from fielddoc.domain.canonical import Json
from fielddoc.domain.padme import padme
from fielddoc.domain.revision import Clock, Revision, new_id, write_revision
from fielddoc.vault import attachments, contacts, identity, records
from fielddoc.vault.identity import Identity
from fielddoc.vault.vault import Vault

PASSPHRASE = "lantern orchard river 灯 seven bridge"
A_PERSON = "11111111-1111-4111-8111-111111111111"

Values = dict[str, Any]


def card_of(vault: Vault) -> Card:
    """Return the card of a vault's present keys."""
    return own_card(identity.current(vault))


def introduce(one: Vault, other: Vault) -> None:
    """Let `one` keep the card of `other`."""
    keys = identity.current(other)
    card = own_card(keys)
    contacts.add(one, name=keys.name, code=card.code, card=write_card(card, keys.signing_seed))


def x25519_card(card: Card) -> Card:
    """Return the card as its owner would give it out for plain age."""
    return Card(name=card.name, x25519=card.x25519, signing=card.signing)


# --- records --------------------------------------------------------------------------------------


def values(vault: Vault, record: str) -> Values:
    return cast("Values", dict(records.get(vault, record).values))


def items(vault: Vault, record: str, name: str) -> list[Values]:
    return cast("list[Values]", values(vault, record).get(name, []))


def person(vault: Vault, name: str = "徐秦", **more: Json) -> str:
    """Add a person and return its id."""
    return records.add(vault, "person", {"names": [{"text": name}], **more})


def attach(vault: Vault, content: bytes, **more: Json) -> str:
    """Add an attachment and return its record's id."""
    stored = attachments.store(vault, [content])
    described: dict[str, Json] = {
        "name": "seen.jpg",
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
    }
    return records.add(vault, "attachment", described | more)


def content(vault: Vault, sha256: str) -> bytes:
    found = attachments.find(vault, sha256)
    assert found is not None
    return b"".join(attachments.read(vault, found))


def all_ids(vault: Vault) -> set[str]:
    return {row.id for trash in (False, True) for row in records.listing(vault, trash=trash)}


def dump(vault: Vault) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, those of the search index too.

    All but the number of the key file's state, which rises with time and not with what is written.
    """
    connection = vault.database._connection
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    ).fetchall()
    rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in tables}
    rows["meta"] = [row for row in rows["meta"] if row[0] != "state generation"]
    return rows


def is_open(vault: Vault) -> bool:
    """Tell whether a vault was not locked yet."""
    try:
        vault.database.query("SELECT 1")
    except dbapi2.ProgrammingError:
        return False
    return True


def files_of(vault: Vault) -> set[str]:
    """Return the names of a vault's attachment files."""
    return {path.name for path in vault.attachments_folder.iterdir()}


# --- bundles --------------------------------------------------------------------------------------


def complete(sender: Vault, receiver: Vault, folder: Path, **more: Any) -> Path:
    """Write a complete bundle and return its file."""
    return export_complete(sender, for_cards([card_of(receiver)]), folder, **more).files[0]


def selected(sender: Vault, receiver: Vault, folder: Path, *chosen: str, **options: Any) -> Path:
    """Write a selected bundle and return its file."""
    return written(sender, receiver, folder, *chosen, **options).files[0]


def written(sender: Vault, receiver: Vault, folder: Path, *chosen: str, **options: Any) -> Written:
    selection = Selection(records=chosen, **options)
    return export_selected(sender, for_cards([card_of(receiver)]), folder, selection)


def plaintext(file: bytes, receiver: Vault | X25519Identity | PostQuantumIdentity) -> bytes:
    """Return the whole tar inside a bundle."""
    found: list[Any] = [receiver]
    if isinstance(receiver, Vault):
        keys = identity.current(receiver)
        found = [PostQuantumIdentity(keys.post_quantum_seed), X25519Identity(keys.x25519_secret)]
    return b"".join(AgeReader(found, io.BytesIO(file)).chunks())


def members(plain: bytes) -> dict[str, bytes]:
    """Return name, without the bag's folder, to content, as Python's own tar reader finds them."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        for member in archive:
            inner = archive.extractfile(member)
            assert inner is not None
            found[member.name.partition("/")[2]] = inner.read()
    return found


def opened(path: Path, receiver: Vault) -> dict[str, bytes]:
    return members(plaintext(path.read_bytes(), receiver))


def info_of(path: Path, receiver: Vault) -> bag.BagInfo:
    return bag.read_info(opened(path, receiver)[bag.BAG_INFO])


def sealed(plain: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return an age file over `plain`."""
    file = io.BytesIO()
    writer = AgeWriter(recipients, file.write)
    writer.write(plain)
    writer.finish()
    return file.getvalue()


def in_tar(name: str, data: bytes) -> bytes:
    return tar.header(name, len(data)) + data + bytes(tar.padding(len(data)))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- bundles made by hand -------------------------------------------------------------------------


def revision(
    changes: Mapping[str, Json] | None = None,
    *,
    record: str = "",
    type_: str = "incident",
    ms: int = 1_600_000_000_000,
    parents: Iterable[str] = (),
) -> Revision:
    """Return a revision of another device."""
    return write_revision(
        record=record or new_id(),
        type_=type_,
        parents=parents,
        changes={".": True, "title": "Invited to tea"} if changes is None else changes,
        clock=Clock(ms, 0),
        device="d" * 32,
    )


def lines(*revisions: Revision | bytes) -> bytes:
    return b"".join((one if isinstance(one, bytes) else one.body) + b"\n" for one in revisions)


@dataclass(slots=True, kw_only=True)
class Forgery:
    """A bundle as its signer writes it who does not keep the rules; honest as it is made."""

    signer: Identity
    recipient: Card
    payload: list[tuple[str, bytes]]
    base: str = "0a1b2c3d"
    info: dict[str, str] = field(default_factory=dict)
    """Labels of bag-info.txt to set otherwise."""
    edit: dict[str, Any] = field(default_factory=dict)
    """Name of a tag file to a function from its honest bytes to others; what is signed follows."""
    listed: list[tuple[str, bytes]] | None = None
    """What the manifest speaks of, if it is not the payload."""
    unsigned_edit: dict[str, Any] = field(default_factory=dict)
    """The same as `edit`, after everything was signed."""
    namespace: str = bag.NAMESPACE
    age_recipients: Sequence[Recipient] = ()
    tail: bytes = tar.END
    unpadded: bool = False

    def tags(self) -> dict[str, bytes]:
        described = self.payload if self.listed is None else self.listed
        labels = {
            "Bag-Software-Agent": "fielddoc",
            "Bagging-Date": "2026-11-23",
            "Payload-Oxum": f"{sum(len(data) for _, data in described)}.{len(described)}",
            "Fielddoc-Bundle-Version": "1",
            "Fielddoc-Bundle-Id": "f" * 32,
            "Fielddoc-Bundle-Kind": "complete",
            "Fielddoc-Sender": own_card(self.signer).code,
            "Fielddoc-Recipient": self.recipient.code,
            "Fielddoc-Sequence": "1",
            "Fielddoc-Previous": "none",
        } | self.info
        tags = {
            bag.BAGIT: bag.BAGIT_BYTES,
            bag.BAG_INFO: "".join(f"{k}: {v}\n" for k, v in labels.items()).encode(),
            bag.MANIFEST: "".join(f"{sha256(d)}  {n}\n" for n, d in described).encode(),
        }
        for name in (*tags, bag.TAG_MANIFEST):
            if name == bag.TAG_MANIFEST:
                tags[name] = "".join(f"{sha256(d)}  {n}\n" for n, d in tags.items()).encode()
            tags[name] = self.edit.get(name, bytes)(tags[name])
        tags[bag.SIGNATURE] = sshsig.sign(
            self.signer.signing_seed, tags[bag.TAG_MANIFEST], self.namespace
        )
        return {n: self.unsigned_edit.get(n, bytes)(data) for n, data in tags.items()}

    def parts(self) -> list[bytes]:
        """Return what stands in the tar, file by file."""
        return [in_tar(f"{self.base}/{n}", d) for n, d in [*self.tags().items(), *self.payload]]

    def plain(self, parts: Sequence[bytes] | None = None) -> bytes:
        data = b"".join(self.parts() if parts is None else parts) + self.tail
        return data if self.unpadded else data.ljust(padme(len(data)), b"\0")

    def age(self, plain: bytes | None = None) -> bytes:
        recipients = self.age_recipients or [self.recipient.x25519]
        return sealed(self.plain() if plain is None else plain, recipients)


def forgery(sender: Vault, receiver: Vault, *revisions: Revision | bytes, **more: Any) -> Forgery:
    """Return a bundle of a few lines from one vault's owner to another's."""
    data = lines(*(revisions or (revision(),)))
    return Forgery(
        signer=identity.current(sender),
        recipient=card_of(receiver),
        payload=[(bag.RECORDS, data)],
        **more,
    )
