"""What is interrupted: one entry a kind of work, each with what may and what must be there after.

Each works in a *place*, a folder that holds a vault and whatever else it needs. `work` does the
job and says a word as soon as something is acknowledged; doing it again finishes what is missing.
`judge` looks at what an interrupted run left, with the words that it had said.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from fielddoc.bundle.card import own_card, read_card, write_card
from fielddoc.bundle.export import Selection, export_complete, export_selected, for_cards
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.crypto import kdf
from fielddoc.crypto.shares import Sharing, read_share
from fielddoc.domain.canonical import Json
from fielddoc.errors import (
    FielddocError,
    KeyFileDamagedError,
    KeyFileMissingError,
    RecordNotFoundError,
    SharesWrongError,
    VaultIncompleteError,
    VaultNotFoundError,
    VaultWipedError,
    WipeRefusedError,
    WrongPassphraseError,
)
from fielddoc.vault import (
    attaching,
    attachments,
    compartment_passphrase,
    contacts,
    drafts,
    identity,
    migrations,
    purge,
    records,
    rekey,
    salvage,
    settings,
    wipe,
)
from fielddoc.vault import vault as vaults
from fielddoc.vault.check import check
from fielddoc.vault.opening import make_vault, open_vault, recover_vault
from fielddoc.vault.vault import Vault, change_passphrase

PASSPHRASE = "lantern orchard river 灯 seven bridge"
NEW_PASSPHRASE = "quiet mountain 徐 window salt nine"
PERSON = "11111111-1111-4111-8111-111111111111"
SPARE = "22222222-2222-4222-8222-222222222222"
FILE = b"a photograph of a closed gate " * 7000  # four sealed chunks
OLD_FILE = b"an older photograph " * 500
SAVES = 3

Say = Callable[[str], None]
Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of work."""

    name: str
    prepare: Callable[[Path], None]
    """Makes what the work needs, in an empty place."""
    work: Callable[[Path, Vault | None, Say], None]
    judge: Callable[[Path, Words], None]
    """Raises if what is there is neither the old nor the new state, or less than was said."""
    finished: Callable[[Path], None]
    """Raises if the work is not wholly done. Called after it was done again."""
    is_on_open_vault: bool = True
    """Whether it begins with an unlocked vault; else it opens or makes one itself."""
    opener: Callable[[Path], Vault] | None = None
    """Opens the vault; None for the usual way."""
    passphrases: tuple[str, ...] = (PASSPHRASE,)
    """Which may open the vault after an interruption."""
    more_errors: tuple[type[FielddocError], ...] = field(default=())
    """What it may be refused with, besides what a medium's refusals are always told as."""


def small_vault(place: Path) -> None:
    """Make a vault with two records and a file."""
    with make_vault(place / "vault", PASSPHRASE, name="first") as vault:
        records.add(vault, "person", {"names": [{"text": "徐秦"}]}, record=PERSON)
        records.add(vault, "incident", {"title": "Invited to tea"}, record=SPARE)
        attaching.attach_bytes(vault, PERSON, "old.jpg", "image/jpeg", [OLD_FILE])


def opened(place: Path, *passphrases: str) -> Vault:
    """Open the vault with the first of these that fits."""
    for passphrase in passphrases[:-1]:
        with suppress(WrongPassphraseError):
            return open_vault(place / "vault", passphrase)
    return open_vault(place / "vault", passphrases[-1])


def assert_sound(vault: Vault) -> None:
    """Check everything, and that what was there from the beginning still is."""
    report = check(vault)
    assert report.is_sound, report
    assert not report.unknown_files, report
    values = records.get(vault, PERSON).values
    assert "徐秦" in repr(values), "the first record has changed"
    old = attachments.find(vault, hashlib.sha256(OLD_FILE).hexdigest())
    assert old is not None
    assert b"".join(attachments.read(vault, old)) == OLD_FILE


def _nothing(_: Path) -> None:
    pass


# --- making a vault -------------------------------------------------------------------------------


def _create(place: Path, _: Vault | None, say: Say) -> None:
    folder = place / "vault"
    if folder.exists() and any(folder.iterdir()):  # a killed process could not tidy up
        folder = place / "another"
    with make_vault(folder, PASSPHRASE, name="made") as vault:
        say("made")
        records.add(vault, "person", {"names": [{"text": "徐秦"}]}, record=PERSON)
        say("saved")


_NOT_MADE = (VaultNotFoundError, KeyFileMissingError, VaultIncompleteError, KeyFileDamagedError)


def _judge_created(place: Path, said: Words) -> None:
    try:
        vault = open_vault(place / "vault", PASSPHRASE)
    except _NOT_MADE:
        assert not said, "a vault that was acknowledged does not open"
        return
    with vault:
        assert identity.current(vault).signing_seed
        report = check(vault)
        assert report.is_sound, report
        found = {row.id for row in records.listing(vault)}
        assert found <= {PERSON}
        assert "saved" not in said or found


def _created(place: Path) -> None:
    folders = [
        place / name for name in ("another", "vault") if (place / name / "vault.key").exists()
    ]
    with open_vault(folders[0], PASSPHRASE) as vault:
        assert check(vault).is_sound
        assert records.get(vault, PERSON).type == "person"


# --- a newer schema -------------------------------------------------------------------------------

# Stands for what a later version will do; there is only one schema so far.
NEXT_SCHEMA = {
    1: (
        "CREATE TABLE next (number INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT",
        "INSERT INTO next (words) SELECT title FROM record",
        "CREATE INDEX next_words ON next (words)",
    )
}


def _migrate(_: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    migrations.migrate(vault.database, vault.key_file, target=2, steps=NEXT_SCHEMA)
    say("migrated")


def _opened_by_the_next_version(place: Path) -> Vault:
    """Open the vault as a program does that knows schema 2."""
    with mock.patch.object(vaults, "SCHEMA", 2), mock.patch.object(migrations, "migrate"):
        return open_vault(place / "vault", PASSPHRASE)


def _judge_migrated(place: Path, said: Words) -> None:
    with _opened_by_the_next_version(place) as vault:
        assert_sound(vault)
        schema = migrations.schema_of(vault.database)
        tables = vault.database.query("SELECT name FROM sqlite_schema WHERE name = 'next'")
        assert bool(tables) == (schema == 2), (schema, tables)
        assert vault.key_file.half.public.schema in (1, schema)
        assert "migrated" not in said or vault.key_file.half.public.schema == 2
        if tables:
            assert len(vault.database.query("SELECT * FROM next")) == 3


def _migrated(place: Path) -> None:
    _judge_migrated(place, ["migrated"])


# --- opening --------------------------------------------------------------------------------------


def _open(place: Path, _: Vault | None, say: Say) -> None:
    with open_vault(place / "vault", PASSPHRASE) as vault:
        assert_sound(vault)
        say("open")


def _judge_plain(place: Path, _: Words) -> None:
    with opened(place, PASSPHRASE) as vault:
        assert_sound(vault)


def _after_a_crash(place: Path) -> None:
    """Leave a vault as a killed process does: with a write-ahead log and half-done attachments."""
    small_vault(place)
    vault = open_vault(place / "vault", PASSPHRASE)
    attachments.store_pending(vault, [FILE])
    gone = attachments.store(vault, [b"goes"])
    with vault.database.transaction():
        attachments.mark_going(vault, gone.sha256)
    records.revise(vault, SPARE, {"title": "in the write-ahead log"})
    vault.database.abandon()
    vault.key_file.close()


def _judge_recovered(place: Path, _: Words) -> None:
    with opened(place, PASSPHRASE) as vault:
        assert_sound(vault)
        assert records.get(vault, SPARE).values["title"] == "in the write-ahead log"
        assert len(attachments.contents(vault)) == 1


# --- saving ---------------------------------------------------------------------------------------


def _save(_: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    there = _titles(vault)
    for number in range(SAVES):
        if f"saved {number}" not in there:
            record = records.add(vault, "incident", {"title": f"draft {number}"})
            drafts.save(vault, record, "incident", {"title": f"typed {number}"})
            records.revise(vault, record, {"title": f"saved {number}"})
        say(f"saved {number}")
    settings.put(vault, "appearance", "dark")
    if not any(contact.name == "partner" for contact in contacts.listing(vault)):
        contacts.add(vault, name="partner", code="1" * 40, card=b"card")
    say("partner")


def _titles(vault: Vault) -> set[str]:
    return {row.title for row in records.listing(vault)}


def _judge_saved(place: Path, said: Words) -> None:
    with opened(place, PASSPHRASE) as vault:
        assert_sound(vault)
        titles = {t for t in _titles(vault) if t.startswith(("saved", "draft"))}
        assert {word for word in said if word.startswith("saved")} <= titles, titles
        allowed = {f"{word} {n}" for word in ("saved", "draft") for n in range(SAVES)}
        assert titles <= allowed, titles
        assert "partner" not in said or contacts.get(vault, "partner").card == b"card"


def _saved(place: Path) -> None:
    _judge_saved(place, [f"saved {n}" for n in range(SAVES)] + ["partner"])


# --- attaching ------------------------------------------------------------------------------------


def _attach(_: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    attaching.attach_bytes(vault, PERSON, "gate.jpg", "image/jpeg", [FILE])
    say("attached")


def _judge_attached(place: Path, said: Words) -> None:
    with opened(place, PASSPHRASE) as vault:
        assert_sound(vault)
        files = {file.name for file in attaching.files_of(vault, PERSON)}
        assert files in ({"old.jpg"}, {"old.jpg", "gate.jpg"}), files
        assert "attached" not in said or "gate.jpg" in files
        content = attachments.find(vault, hashlib.sha256(FILE).hexdigest())
        assert (content is not None) == ("gate.jpg" in files)
        if content is not None:
            assert b"".join(attachments.read(vault, content)) == FILE
        assert len([*vault.attachments_folder.iterdir()]) == len(files)


def _attached(place: Path) -> None:
    _judge_attached(place, ["attached"])


# --- purging --------------------------------------------------------------------------------------


def _prepare_purge(place: Path) -> None:
    small_vault(place)
    with open_vault(place / "vault", PASSPHRASE) as vault:
        attaching.attach_bytes(vault, SPARE, "gate.jpg", "image/jpeg", [FILE])


def _purge(_: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    for file in attaching.files_of(vault, SPARE):
        purge.purge(vault, file.record)
        attachments.remove_going(vault)
        say("file")
    with suppress(RecordNotFoundError):
        purge.purge(vault, SPARE)
    attachments.remove_going(vault)
    say("record")


def _judge_purged(place: Path, said: Words) -> None:
    with opened(place, PASSPHRASE) as vault:
        assert_sound(vault)
        has_record = any(row.id == SPARE for row in records.listing(vault))
        content = attachments.find(vault, hashlib.sha256(FILE).hexdigest())
        assert not (content and "file" in said)
        assert not (has_record and "record" in said)
        assert len([*vault.attachments_folder.iterdir()]) == 1 + bool(content)
        for text in ("Invited to tea", "gate.jpg"):
            is_found = bool(records.listing(vault, text=text))
            assert is_found == (has_record if text != "gate.jpg" else bool(content)), text


def _purged(place: Path) -> None:
    _judge_purged(place, ["file", "record"])


# --- the passphrase -------------------------------------------------------------------------------


def _change(_: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    try:
        change_passphrase(vault, PASSPHRASE, NEW_PASSPHRASE)
    except WrongPassphraseError:  # the old one was gone already
        change_passphrase(vault, NEW_PASSPHRASE, NEW_PASSPHRASE)
    say("changed")


def _judge_changed(place: Path, said: Words) -> None:
    opens: list[str] = []
    for passphrase in (PASSPHRASE, NEW_PASSPHRASE):
        with suppress(WrongPassphraseError), open_vault(place / "vault", passphrase) as vault:
            assert_sound(vault)
            opens.append(passphrase)
    assert opens, "neither the old nor the new passphrase opens the vault"
    assert "changed" not in said or opens == [NEW_PASSPHRASE], opens


def _changed(place: Path) -> None:
    _judge_changed(place, ["changed"])


# --- new keys -------------------------------------------------------------------------------------


SHARING = Sharing(threshold=2, count=3)
WIPES = {
    PASSPHRASE: "amber kettle 灯 northern stair two",
    NEW_PASSPHRASE: "velvet 山 copper ninety",
}
"""The wipe passphrase that goes with each passphrase."""


def _with_shares_and_wipe(place: Path) -> None:
    small_vault(place)
    with open_vault(place / "vault", PASSPHRASE) as vault:
        shares = rekey.rekey(
            vault,
            PASSPHRASE,
            cost=kdf.FLOOR,
            wipe_passphrase=WIPES[PASSPHRASE],
            sharing=SHARING,
        )
    (place / "old shares").write_text("\n".join(shares), encoding="ascii")


def _rekey(_: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    shares = rekey.rekey(
        vault,
        NEW_PASSPHRASE,
        cost=kdf.FLOOR,
        wipe_passphrase=WIPES[NEW_PASSPHRASE],
        sharing=SHARING,
    )
    for share in shares:
        say(f"share {share}")
    say("changed")


def _judge_rekeyed(place: Path, said: Words) -> None:
    """Whichever passphrase opens the vault, its own shares and wipe passphrase work, no others."""
    _judge_changed(place, said)
    old = (place / "old shares").read_text(encoding="ascii").splitlines()
    new = [word.removeprefix("share ") for word in said if word.startswith("share ")]
    is_new = not _is_opened_by(place, PASSPHRASE)
    present, void = (new, old) if is_new else (old, new)
    if len(present) == SHARING.count:
        assert _is_recovered_by(place, present[:2]), "the shares do not open the vault"
    if len(void) == SHARING.count:
        assert not _is_recovered_by(place, void[1:]), "void shares open the vault"
    with _copy(place) as folder:
        wipe_passphrase = WIPES[NEW_PASSPHRASE if is_new else PASSPHRASE]
        with suppress(VaultWipedError):
            open_vault(folder, wipe_passphrase).lock()
            raise AssertionError("the wipe passphrase opens the vault")
        assert not (folder / "vault.key").exists()


def _is_opened_by(place: Path, passphrase: str) -> bool:
    with suppress(WrongPassphraseError):
        open_vault(place / "vault", passphrase).lock()
        return True
    return False


def _is_recovered_by(place: Path, shares: Words) -> bool:
    with _copy(place) as folder, suppress(SharesWrongError):
        recover_vault(folder, [read_share(share) for share in shares]).lock()
        return True
    return False


@contextmanager
def _copy(place: Path) -> Iterator[Path]:
    """Give a copy of the vault to do with as one likes."""
    folder = place / "to try on"
    shutil.copytree(place / "vault", folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rekeyed(place: Path) -> None:
    _judge_rekeyed(place, ["changed"])


# --- recovery shares ------------------------------------------------------------------------------


def _open_with_shares(place: Path, _: Vault | None, say: Say) -> None:
    if _is_opened_by(place, NEW_PASSPHRASE):
        say("changed")
        return
    shares = (place / "old shares").read_text(encoding="ascii").splitlines()
    with recover_vault(place / "vault", [read_share(share) for share in shares[:2]]) as vault:
        rekey.rekey(vault, NEW_PASSPHRASE, cost=kdf.FLOOR, wipe_passphrase=WIPES[NEW_PASSPHRASE])
    say("changed")


# --- the identities of sources --------------------------------------------------------------------

SOURCE = "33333333-3333-4333-8333-333333333333"
SOURCES_PASSPHRASE = "seven 桥 umbrella closed garden"


def _prepare_sources(place: Path) -> None:
    small_vault(place)
    with open_vault(place / "vault", PASSPHRASE) as vault:
        source: dict[str, Json] = {"code_name": "A-3", "identity": {"name": "somebody"}}
        records.add(vault, "source", source, record=SOURCE)


def _set_sources_passphrase(_: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    if not compartment_passphrase.state_of(vault).is_open:
        compartment_passphrase.open_with(vault, SOURCES_PASSPHRASE)
    compartment_passphrase.set_passphrase(vault, SOURCES_PASSPHRASE, cost=kdf.FLOOR)
    say("set")


def _judge_sources(place: Path, said: Words) -> None:
    with opened(place, PASSPHRASE) as vault:
        assert_sound(vault)
        has_passphrase = compartment_passphrase.state_of(vault).has_passphrase
        assert has_passphrase or "set" not in said
        if has_passphrase:
            assert "somebody" not in repr(records.get(vault, SOURCE).values)
            compartment_passphrase.open_with(vault, SOURCES_PASSPHRASE)
        assert "somebody" in repr(records.get(vault, SOURCE).values), "who the source is, is lost"


def _sources_are_closed(place: Path) -> None:
    _judge_sources(place, ["set"])


# --- files that are copied out --------------------------------------------------------------------


def _copy_out(place: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    (file,) = attaching.files_of(vault, PERSON)
    attaching.copy_out(vault, file.record, attaching.free_name(place / "stick", "old.jpg"))
    say("copied")


def _prepare_copy_out(place: Path) -> None:
    small_vault(place)
    (place / "stick").mkdir()


def _judge_copied_out(place: Path, said: Words) -> None:
    _judge_plain(place, said)
    copies = list((place / "stick").glob("*.jpg"))
    assert all(path.read_bytes() == OLD_FILE for path in copies), "half a file under its name"
    assert len(copies) >= ("copied" in said)


def _copied_out(place: Path) -> None:
    _judge_copied_out(place, ["copied"])


# --- bundles --------------------------------------------------------------------------------------


def _prepare_export(place: Path) -> None:
    small_vault(place)
    (place / "stick").mkdir()
    with (
        open_vault(place / "vault", PASSPHRASE) as vault,
        make_vault(place / "partner", NEW_PASSPHRASE, name="partner") as partner,
    ):
        for one, other in ((vault, partner), (partner, vault)):
            keys = identity.current(other)
            card = own_card(keys)
            contacts.add(
                one, name=card.name, code=card.code, card=write_card(card, keys.signing_seed)
            )
        attaching.attach_bytes(vault, PERSON, "gate.jpg", "image/jpeg", [FILE])


def _export(place: Path, vault: Vault | None, say: Say) -> None:
    assert vault is not None
    audience = for_cards([read_card(contacts.get(vault, "partner").card)])
    selection = Selection(records=(PERSON, SPARE), with_attachments=True, allow_leaks=True)
    for written in (
        export_selected(vault, audience, place / "stick", selection),
        export_complete(vault, audience, place / "stick"),
    ):
        say(f"exported {written.files[0].name}")


def _judge_exported(place: Path, said: Words) -> None:
    with opened(place, PASSPHRASE) as vault:
        assert_sound(vault)
    bundles = {path.name: path for path in (place / "stick").glob("*.age")}
    told = {word.split()[1] for word in said}
    assert told <= set(bundles), "a bundle that was acknowledged is missing"
    with open_vault(place / "partner", NEW_PASSPHRASE) as partner:
        for path in bundles.values():
            assert verify_bundle(partner, path).records >= 2


def _exported(place: Path) -> None:
    bundles = sorted((place / "stick").glob("*.age"))
    assert len(bundles) >= 2


def _prepare_import(place: Path) -> None:
    _prepare_export(place)
    with open_vault(place / "vault", PASSPHRASE) as vault:
        _export(place, vault, lambda _: None)


def _import(place: Path, _: Vault | None, say: Say) -> None:
    with open_vault(place / "partner", NEW_PASSPHRASE) as partner:
        for path in sorted((place / "stick").glob("*.age")):
            import_bundle(partner, path)
            say(path.name)


def _judge_imported(place: Path, said: Words) -> None:
    with open_vault(place / "partner", NEW_PASSPHRASE) as partner:
        report = check(partner)
        assert report.is_sound, report
        assert not report.unknown_files, report
        received = partner.database.value("SELECT count(*) FROM received")
        assert isinstance(received, int)
        assert received >= len(set(said))
        titles = [row.title for row in records.listing(partner)]
        assert (received > 0) == bool(titles), titles
        assert bool(attachments.contents(partner)) == (received > 0)
        count = len(attachments.contents(partner))
        assert len([*partner.attachments_folder.iterdir()]) == count


def _imported(place: Path) -> None:
    _judge_imported(place, [path.name for path in (place / "stick").glob("*.age")])


# --- saving what is readable ----------------------------------------------------------------------


def _salvage(place: Path, _: Vault | None, say: Say) -> None:
    new = place / "saved"
    if new.exists() and any(new.iterdir()):
        new = place / "saved again"
    report = salvage.salvage(place / "vault", new, PASSPHRASE, lambda _done, _total: None)
    assert report.revisions == 3, report
    say("salvaged")


def _judge_salvaged(place: Path, said: Words) -> None:
    _judge_plain(place, said)
    if "salvaged" in said:
        with open_vault(place / "saved", PASSPHRASE) as vault:
            assert_sound(vault)


def _salvaged(place: Path) -> None:
    new = place / "saved again"
    with open_vault(new if new.exists() else place / "saved", PASSPHRASE) as vault:
        assert_sound(vault)


# --- wiping ---------------------------------------------------------------------------------------


def _wipe(place: Path, _: Vault | None, say: Say) -> None:
    with suppress(WipeRefusedError):
        wipe.wipe(place / "vault")
    say("wiped")


_DEAD = (VaultNotFoundError, VaultWipedError, KeyFileMissingError)


def _judge_wiped(place: Path, said: Words) -> None:
    try:
        vault = open_vault(place / "vault", PASSPHRASE)
    except KeyFileDamagedError:  # half of the mark: whoever finds it removes nothing
        assert (place / "vault" / "records.db").exists()
        return
    except _DEAD:
        return
    with vault:
        assert "wiped" not in said, "a wipe that was acknowledged left the vault open"
        assert_sound(vault)


def _wiped(place: Path) -> None:
    assert not (place / "vault" / "vault.key").exists()


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation(
            "create",
            _nothing,
            _create,
            _judge_created,
            _created,
            is_on_open_vault=False,
        ),
        Operation("open", small_vault, _open, _judge_plain, _nothing, is_on_open_vault=False),
        Operation(
            "recover", _after_a_crash, _open, _judge_recovered, _nothing, is_on_open_vault=False
        ),
        Operation(
            "migrate",
            small_vault,
            _migrate,
            _judge_migrated,
            _migrated,
            opener=_opened_by_the_next_version,
        ),
        Operation("save", small_vault, _save, _judge_saved, _saved),
        Operation("attach", small_vault, _attach, _judge_attached, _attached),
        Operation("purge", _prepare_purge, _purge, _judge_purged, _purged),
        Operation(
            "passphrase",
            small_vault,
            _change,
            _judge_changed,
            _changed,
            passphrases=(PASSPHRASE, NEW_PASSPHRASE),
        ),
        Operation(
            "rekey",
            _with_shares_and_wipe,
            _rekey,
            _judge_rekeyed,
            _rekeyed,
            passphrases=(PASSPHRASE, NEW_PASSPHRASE),
        ),
        Operation(
            "shares",
            _with_shares_and_wipe,
            _open_with_shares,
            _judge_rekeyed,
            _rekeyed,
            is_on_open_vault=False,
            passphrases=(PASSPHRASE, NEW_PASSPHRASE),
        ),
        Operation(
            "sources",
            _prepare_sources,
            _set_sources_passphrase,
            _judge_sources,
            _sources_are_closed,
        ),
        Operation("copy-out", _prepare_copy_out, _copy_out, _judge_copied_out, _copied_out),
        Operation("export", _prepare_export, _export, _judge_exported, _exported),
        Operation(
            "import", _prepare_import, _import, _judge_imported, _imported, is_on_open_vault=False
        ),
        Operation(
            "salvage", small_vault, _salvage, _judge_salvaged, _salvaged, is_on_open_vault=False
        ),
        Operation("wipe", small_vault, _wipe, _judge_wiped, _wiped, is_on_open_vault=False),
    )
}
