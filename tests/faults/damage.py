"""Files that somebody changed, or that went bad: what the person sees of each is the truth.

`prepare` makes a vault, an older copy of it, and another vault; `jobs` lists the ways in which its
files are changed, page by page; `see` does what a person does with it, and raises if anything that
is shown, searched, exported or salvaged is not what was written.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faults.operations import NEW_PASSPHRASE, PASSPHRASE
from fielddoc.bundle.card import own_card, write_card
from fielddoc.bundle.export import export_complete, for_cards
from fielddoc.bundle.receive import verify_bundle
from fielddoc.crypto.database_page import PAGE_BYTES
from fielddoc.domain.revision import Revision
from fielddoc.errors import (
    AttachmentNotFoundError,
    FielddocError,
    ForeignWalError,
    KeyFileDamagedError,
    VaultDamagedError,
    WrongPassphraseError,
)
from fielddoc.vault import attaching, attachments, contacts, identity, records
from fielddoc.vault.check import check
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.salvage import Salvaged, salvage
from fielddoc.vault.vault import Vault

LONG = "证言。" * 3000
CHUNK = 65_536 + 16
TOLD = (
    VaultDamagedError,
    ForeignWalError,
    KeyFileDamagedError,
    WrongPassphraseError,
    AttachmentNotFoundError,
)
PAGE_WAYS = ("bit", "zero", "swap", "cut", "cut in", "older page")
FILE_WAYS = (
    "one byte more",
    "a page more",
    "older pages more",
    "older database",
    "older key file",
    "other database",
    "other key file",
    "other log",
    "older log",
    "noise as log",
)
CHUNK_WAYS = ("chunk bit", "chunk dropped", "chunk repeated", "chunks exchanged")
CONTENT_WAYS = ("longer", "empty", "files exchanged", "gone")


def prepare(place: Path) -> None:
    """Make the vaults, and note what is true."""
    with make_vault(place / "other", NEW_PASSPHRASE, name="partner") as other:
        records.add(other, "incident", {"title": "not yours"})
        keys = identity.current(other)
        card = own_card(keys)
        data = write_card(card, keys.signing_seed)
    with make_vault(place / "vault", PASSPHRASE, name="first") as vault:
        own = identity.current(vault)
        made = [records.add(vault, "incident", {"title": f"incident {n}"}) for n in range(12)]
        records.revise(vault, made[0], {"what_happened": LONG})
        contacts.add(vault, name="partner", code=card.code, card=data)
        for name in ("one.jpg", "two.jpg"):
            attaching.attach_bytes(vault, made[1], name, "image/jpeg", [name.encode() * 20_000])
    with open_vault(place / "other", NEW_PASSPHRASE) as other:
        card = own_card(own)
        contacts.add(other, name="sender", code=card.code, card=write_card(card, own.signing_seed))
    shutil.copytree(place / "vault", place / "older")
    crashed(place / "older", place / "older crashed", PASSPHRASE)
    crashed(place / "other", place / "other crashed", NEW_PASSPHRASE)
    with open_vault(place / "vault", PASSPHRASE) as vault:
        for number, record in enumerate(made[2:]):
            long = {"what_happened": LONG} if number < 4 else {}
            records.revise(vault, record, {"title": f"newer {number}", **long})
        records.delete(vault, made[1])
    with open_vault(place / "vault", PASSPHRASE) as vault:
        truth = {"seen": _truth(vault), "owners": _owners(vault), "files": _files(vault)}
    (place / "truth.json").write_text(json.dumps(truth))
    shutil.copytree(place / "vault", place / "truth")
    (place / "stick").mkdir()


def crashed(folder: Path, target: Path, passphrase: str) -> None:
    """Leave a copy of a vault as a killed process does, with something in its write-ahead log."""
    shutil.copytree(folder, target)
    vault = open_vault(target, passphrase)
    records.add(vault, "incident", {"title": "only in that log"})
    vault.database.abandon()
    vault.key_file.close()


def jobs(base: Path) -> Iterator[tuple[str, int]]:
    """Yield each way of changing a file, with where."""
    database = (base / "vault" / "records.db").read_bytes()
    older = (base / "older" / "records.db").read_bytes()
    for page in range(len(database) // PAGE_BYTES):
        place = slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
        for way in PAGE_WAYS:
            if way != "older page" or older[place] not in (b"", database[place]):
                yield way, page
    for way in FILE_WAYS:
        yield way, 0
    for chunk in range(4):
        for way in CHUNK_WAYS:
            yield way, chunk
    for way in CONTENT_WAYS:
        yield way, 0


def change(place: Path, way: str, at: int) -> None:
    """Change the vault in `place`."""
    vault, older, other = (place / name for name in ("vault", "older", "other"))
    database = vault / "records.db"
    data = bytearray(database.read_bytes())
    before = (older / "records.db").read_bytes()
    start, end = at * PAGE_BYTES, (at + 1) * PAGE_BYTES
    match way:
        case "bit":
            data[start + (at * 53 + 7) % PAGE_BYTES] ^= 1 << at % 8
        case "zero":
            data[start:end] = bytes(PAGE_BYTES)
        case "swap":
            following = end % len(data)
            one, two = data[start:end], data[following : following + PAGE_BYTES]
            data[start:end], data[following : following + PAGE_BYTES] = two, one
        case "cut":
            del data[start:]
        case "cut in":
            del data[start + 100 + at * 31 % 3900 :]
        case "older page":
            data[start:end] = before[start:end]
        case "one byte more":
            data += b"\0"
        case "a page more":
            data += bytes(PAGE_BYTES)
        case "older pages more":
            data += before[-3 * PAGE_BYTES :]
        case "older database":
            data[:] = before
        case "other database":
            data[:] = (other / "records.db").read_bytes()
        case "older key file":
            shutil.copyfile(older / "vault.key", vault / "vault.key")
        case "other key file":
            shutil.copyfile(other / "vault.key", vault / "vault.key")
        case "other log" | "older log":
            source = place / f"{way.split(maxsplit=1)[0]} crashed" / "records.db-wal"
            shutil.copyfile(source, vault / "records.db-wal")
        case "noise as log":
            (vault / "records.db-wal").write_bytes(hashlib.shake_128(b"n").digest(20_000))
        case _:
            _change_content(vault / "attachments", way, at)
    database.write_bytes(data)


def _change_content(folder: Path, way: str, at: int) -> None:
    first, second = sorted(folder.iterdir())
    data = bytearray(first.read_bytes())
    chunks = [bytes(data[n : n + CHUNK]) for n in range(0, len(data), CHUNK)]
    at %= len(chunks)
    match way:
        case "chunk bit":
            data[min(at * CHUNK + 500, len(data) - 1)] ^= 4
        case "chunk dropped":
            data = bytearray(b"".join(chunks[:at] + chunks[at + 1 :]))
        case "chunk repeated":
            data = bytearray(b"".join([*chunks[: at + 1], *chunks[at:]]))
        case "chunks exchanged":
            chunks[at], chunks[at - 1] = chunks[at - 1], chunks[at]
            data = bytearray(b"".join(chunks))
        case "longer":
            data += bytes(CHUNK)
        case "empty":
            data = bytearray()
        case "files exchanged":
            data = bytearray(second.read_bytes())
            second.write_bytes(first.read_bytes())
        case _:
            first.unlink()
            return
    first.write_bytes(data)


def _truth(vault: Vault) -> dict[str, Any]:
    """Return what a person sees."""
    rows = [row for trash in (False, True) for row in records.listing(vault, trash=trash)]
    return {
        "titles": {row.id: row.title for row in rows},
        "values": {row.id: _digest(repr(dict(records.get(vault, row.id).values))) for row in rows},
        "revisions": sorted(r.id for row in rows for r in records.revisions_of(vault, row.id)),
        "contents": sorted(content.sha256 for content in attachments.contents(vault)),
        "found": sorted(row.id for row in records.listing(vault, text="newer")),
        "contacts": [[c.name, c.code] for c in contacts.listing(vault)],
    }


def _owners(vault: Vault) -> dict[str, str]:
    """Return the record of each revision."""
    rows = [row for trash in (False, True) for row in records.listing(vault, trash=trash)]
    return {r.id: row.id for row in rows for r in records.revisions_of(vault, row.id)}


def _files(vault: Vault) -> dict[str, list[str]]:
    """Return what each file in the folder of attachments holds: its SHA-256, and its name."""
    states = [records.get(vault, record) for record in set(_owners(vault).values())]
    names = {
        str(state.values["sha256"]): str(state.values["name"])
        for state in states
        if state.type == "attachment"
    }
    return {
        str(file): [str(digest), names[str(digest)]]
        for file, digest in vault.database.query("SELECT file, lower(hex(sha256)) FROM attachment")
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def see(place: Path) -> None:
    """Do what a person does, and raise if something is not the truth."""
    noted = json.loads((place / "truth.json").read_text())
    truth = noted["seen"]
    damaged = _damaged_files(place, noted["files"])
    told: list[FielddocError] = []
    try:
        vault = open_vault(place / "vault", PASSPHRASE)
    except TOLD as error:
        told.append(error)
    else:
        try:
            _look(vault, place, truth, told)
        finally:
            if told:
                vault.database.abandon()
            vault.lock()
    _salvaged(place, noted, damaged, was_told=bool(told))


def _look(vault: Vault, place: Path, truth: dict[str, Any], told: list[FielddocError]) -> None:
    try:
        seen = _truth(vault)
    except TOLD as error:
        told.append(error)
        return
    for kind, value in truth.items():
        assert seen[kind] == value, f"{kind} that were shown are not those that were written"
    for content in attachments.contents(vault):
        try:
            data = b"".join(attachments.read(vault, content))
        except TOLD as error:
            told.append(error)
        else:
            assert hashlib.sha256(data).hexdigest() == content.sha256
    try:
        _exported(vault, place, truth)
    except TOLD as error:
        told.append(error)
    if vault.database.is_abandoned:
        return
    try:
        report = check(vault)
    except TOLD as error:
        told.append(error)
    else:
        if not report.is_sound:
            told.append(VaultDamagedError())
        assert told or len(truth["contents"]) == report.attachments


def _exported(vault: Vault, place: Path, truth: dict[str, Any]) -> None:
    with open_vault(place / "other", NEW_PASSPHRASE) as other:
        audience = for_cards([own_card(identity.current(other))])
        written = export_complete(vault, audience, place / "stick")
        taken: list[Revision] = []
        report = verify_bundle(other, written.files[0], revisions=taken.extend)
    assert sorted(revision.id for revision in taken) == truth["revisions"]
    assert report.attachments == len(truth["contents"])


def _salvaged(
    place: Path, noted: dict[str, Any], damaged: set[str] | None, *, was_told: bool
) -> None:
    """What is saved and what is said to be lost make up the truth, and nothing intact is lost."""
    truth = noted["seen"]
    try:
        report = salvage(place / "vault", place / "saved", PASSPHRASE)
    except (KeyFileDamagedError, WrongPassphraseError):
        assert was_told
        return
    with open_vault(place / "saved", PASSPHRASE) as saved:
        assert check(saved).is_sound
        seen = _truth(saved)
    missing = set(truth["revisions"]) - set(seen["revisions"])
    more = set(seen["revisions"]) - set(truth["revisions"])
    assert not more, "salvage saved what was never written"
    assert report.revisions == len(seen["revisions"])
    _accounted(len(missing), report.lost_revisions, report)
    _lost_versions_are_missing(missing, noted["owners"], report)
    _files_are_accounted(noted["files"], damaged, seen["contents"], report)
    if damaged is not None:
        assert not missing, "revisions of an intact database were not saved"
    contacts_lost = len([each for each in truth["contacts"] if each not in seen["contacts"]])
    assert contacts_lost <= report.lost_rows + report.log_gaps
    if not missing:
        assert seen["values"] == truth["values"]
    else:
        assert was_told, "revisions were lost and nobody was told"


def _accounted(missing: int, told: int, report: Salvaged) -> None:
    """Only what a lost entry of the log alone knew of may be missing and in no list."""
    assert told <= missing <= told + report.log_gaps, (missing, told, report.log_gaps)


def _lost_versions_are_missing(missing: set[str], owners: dict[str, str], report: Salvaged) -> None:
    assert sum(lost.versions for lost in report.lost_versions) == report.lost_revisions
    by_record = Counter(owners[revision] for revision in missing)
    for lost in report.lost_versions:
        if lost.record is not None:
            assert lost.versions <= by_record[lost.record], "a saved version is said to be lost"
            all_of_it = Counter(owners.values())[lost.record]
            assert lost.is_all == (by_record[lost.record] == all_of_it)


def _files_are_accounted(
    files: dict[str, list[str]], damaged: set[str] | None, saved: list[str], report: Salvaged
) -> None:
    missing = {digest for digest, _ in files.values()} - set(saved)
    assert len(saved) == len(set(saved)) == report.attachments
    assert set(saved) <= {digest for digest, _ in files.values()}
    _accounted(len(missing), len(report.lost_files), report)
    told = {lost.sha256 for lost in report.lost_files if lost.sha256}
    assert told <= missing, "a saved file is said to be lost"
    names = dict(files.values())
    for lost in report.lost_files:
        assert lost.name in ("", names.get(lost.sha256)), "a lost file is called by another's name"
    if damaged is not None:
        assert missing == damaged == told, "an intact file was not saved"
        assert all(lost.name for lost in report.lost_files)


def _damaged_files(place: Path, files: dict[str, list[str]]) -> set[str] | None:
    """Return the SHA-256 of the files that were changed; None if anything else was changed too."""
    if not all(
        _is_as_it_was(place, name) for name in ("vault.key", "records.db", "records.db-wal")
    ):
        return None
    return {
        digest
        for file, (digest, _) in files.items()
        if not _is_as_it_was(place, f"attachments/{file}")
    }


def _is_as_it_was(place: Path, name: str) -> bool:
    """Tell whether a file of the vault is byte for byte what was written, or as absent."""
    now, then = place / "vault" / name, place / "truth" / name
    if not now.exists() or not then.exists():
        return now.exists() == then.exists()
    return now.read_bytes() == then.read_bytes()
