"""Salvage saves whatever is intact, reads the old vault only, and names what is lost."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.crypto.database_page import PAGE_BYTES, PageKeys
from fielddoc.errors import (
    CancelledError,
    FielddocError,
    KeyFileDamagedError,
    VaultExistsError,
    VaultInUseError,
    WrongPassphraseError,
)
from fielddoc.vault import (
    attaching,
    attachments,
    contacts,
    drafts,
    identity,
    purge,
    records,
    salvage,
    settings,
    transfers,
)
from fielddoc.vault.check import check
from fielddoc.vault.opening import open_vault
from fielddoc.vault.page_file import PageFile
from fielddoc.vault.salvage import LostFile, LostVersions, Salvaged, losses_in_words
from fielddoc.vault.tree_page import rows_of
from fielddoc.vault.vault import Vault
from vault.conftest import PERSON
from vault.folders import PASSPHRASE, abandon, copied, digest, flip, names
from vault.processes import start

LONG = "证言" * 2500
PHOTO = b"a photograph of a gate " * 4000
DRAFT = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of vaults are made here, each synced."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fielddoc-salvage-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def whole(_first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A locked vault with something in every table, and rows over many pages."""
    folder = copied(_first, tmp_path_factory.mktemp("whole") / "vault")
    with open_vault(folder, PASSPHRASE) as vault:
        for number in range(12):
            record = records.add(vault, "incident", {"title": f"incident {number}"})
            records.revise(vault, record, {"what_happened": f"{number} {LONG}"})
        records.add(vault, "source", {"kind": "person", "identity": {"name": "Fictional"}})
        attaching.attach_bytes(vault, PERSON, "gate.jpg", "image/jpeg", [PHOTO])
        contacts.add(vault, name="partner", code="1" * 40, card=b"card " * 400)
        identity.create(vault, "new keys")
        bundle = transfers.Transfer(
            bundle=b"b" * 16, kind="complete", sequence=1, manifest=b"m" * 32
        )
        with vault.database.transaction():
            transfers.note_sent(vault, b"r" * 32, bundle)
            transfers.note_received(vault, bundle, signer=b"s" * 32, previous=bytes(32))
        drafts.save(vault, DRAFT, "incident", {"title": "only typed"})
        settings.put(vault, "appearance", "dark")
        purge.purge(vault, records.add(vault, "incident", {"title": "purged"}))
    return folder


def pages(folder: Path) -> int:
    return (folder / "records.db").stat().st_size // PAGE_BYTES


def everything(vault: Vault) -> dict[str, object]:
    """Return what a person would miss."""
    return {
        "revisions": {
            bytes(i): bytes(b)  # type: ignore[arg-type]
            for i, b in vault.database.query("SELECT id, body FROM revision")
        },
        "contents": {
            c.sha256: b"".join(attachments.read(vault, c)) for c in attachments.contents(vault)
        },
        "contacts": [(c.name, c.code, c.card) for c in contacts.listing(vault)],
        "identities": identity.current(vault).signing_seed,
        "sent": vault.database.query("SELECT * FROM sent"),
        "received": vault.database.query("SELECT * FROM received"),
        "purged": vault.database.query("SELECT * FROM purged"),
        "origins": vault.database.query("SELECT * FROM revision_origin"),
        "settings": settings.everything(vault),
        "draft": getattr(drafts.get(vault, DRAFT), "values", None),
        "sources": [
            records.get(vault, row.id).values["identity"]
            for row in records.listing(vault, type_name="source")
        ],
    }


@pytest.fixture(scope="module")
def truth(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    with open_vault(copied(whole, tmp_path_factory.mktemp("t") / "v"), PASSPHRASE) as vault:
        return everything(vault)


def revisions(found: dict[str, object]) -> dict[bytes, bytes]:
    value = found["revisions"]
    assert isinstance(value, dict)
    return value


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Path], tuple[Salvaged, dict[str, object]]]:
    """Salvage a folder, make sure that it was only read and the new vault is sound."""
    count = 0

    def run(folder: Path) -> tuple[Salvaged, dict[str, object]]:
        nonlocal count
        count += 1
        new = tmp_path / f"saved {count}"
        before = digest(folder)
        report = salvage.salvage(folder, new, PASSPHRASE)
        assert digest(folder) == before
        with open_vault(new, PASSPHRASE) as vault:
            sound = check(vault)
            assert sound.is_sound, sound
            assert not sound.unknown_files
            found = everything(vault)
        shutil.rmtree(new)
        return report, found

    return run


Saved = Callable[[Path], tuple[Salvaged, dict[str, object]]]


def test_of_a_whole_vault_everything_is_saved(
    whole: Path, truth: dict[str, object], saved: Saved
) -> None:
    report, found = saved(whole)

    assert report.is_complete
    assert report.damaged_pages == 0
    assert found == truth
    assert not losses_in_words(report)


@pytest.mark.parametrize("damage", ["one bit", "zeroed"])
def test_any_one_damaged_page_costs_what_stands_in_it_and_nothing_else(
    whole: Path, truth: dict[str, object], saved: Saved, tmp_path: Path, damage: str
) -> None:
    """Some pages of every kind; `make faults` takes each one in turn."""
    folder = copied(whole, tmp_path / "damaged")
    database = folder / "records.db"
    sound = database.read_bytes()
    all_revisions = revisions(truth)
    most_lost = 0
    untouched = 0
    every = range(1, pages(folder) + 1)
    for page in every[:: 1 + len(every) // 20]:
        data = bytearray(sound)
        start = (page - 1) * PAGE_BYTES
        if damage == "one bit":
            data[start + (page * 37) % PAGE_BYTES] ^= 1 << page % 8
        else:
            data[start : start + PAGE_BYTES] = bytes(PAGE_BYTES)
        database.write_bytes(data)

        report, found = saved(folder)

        kept = revisions(found)
        assert kept.items() <= all_revisions.items(), page
        lost = len(all_revisions) - len(kept)
        assert report.lost_revisions == lost, page
        assert sum(each.versions for each in report.lost_versions) == lost, page
        untouched += lost == 0
        most_lost = max(most_lost, lost)
        if page > 1:
            assert report.damaged_pages == 1, page
        contents = found["contents"]
        assert isinstance(contents, dict)
        assert len(contents) + len(report.lost_files) == 2, page
    assert most_lost <= 12  # a leaf page holds no more
    assert untouched > 2


def test_a_first_page_that_is_gone_costs_nothing_that_the_log_knows(
    whole: Path, truth: dict[str, object], saved: Saved, tmp_path: Path
) -> None:
    folder = copied(whole, tmp_path / "damaged")
    data = bytearray((folder / "records.db").read_bytes())
    data[:PAGE_BYTES] = bytes(PAGE_BYTES)
    (folder / "records.db").write_bytes(data)

    report, found = saved(folder)

    for kind in ("revisions", "contents", "contacts", "identities", "sent", "received", "sources"):
        assert found[kind] == truth[kind], kind
    assert report.lost_revisions == 0


@pytest.mark.parametrize("place", [0, 7, 15])
def test_a_wrong_byte_in_the_salt_is_found_again(
    whole: Path, truth: dict[str, object], saved: Saved, tmp_path: Path, place: int
) -> None:
    folder = copied(whole, tmp_path / "damaged")
    flip(folder / "records.db", place, 0x5A)

    report, found = saved(folder)

    assert found == truth
    assert report.damaged_pages == 0


def test_every_page_of_the_schema_may_be_lost_at_once(
    whole: Path, truth: dict[str, object], saved: Saved, tmp_path: Path
) -> None:
    folder = copied(whole, tmp_path / "damaged")
    with open_vault(copied(whole, tmp_path / "probe"), PASSPHRASE) as vault:
        key = vault.master.sub_key("database")
    schema = set()
    with PageFile(folder, [key], with_log=False) as file:
        first = file.newest(1)
        assert first is not None
        head = rows_of(1, first, file.newest)
        assert head is not None
        schema = {1, *head.children}
    assert len(schema) > 1
    for page in schema:
        flip(folder / "records.db", (page - 1) * PAGE_BYTES + 2000)

    report, found = saved(folder)

    assert found == truth
    assert report.damaged_pages == len(schema)


def test_what_is_lost_is_named(whole: Path, saved: Saved, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path / "damaged")
    flip(max((folder / "attachments").iterdir(), key=lambda path: path.stat().st_size), 70_000)
    with open_vault(copied(whole, tmp_path / "probe"), PASSPHRASE) as vault:
        (record,) = [r.id for r in records.listing(vault) if r.title == "incident 7"]
        last = records.revisions_of(vault, record)[-1].id
        key = vault.master.sub_key("database")
    flip(folder / "records.db", (overflow_page(folder, key, bytes.fromhex(last)) - 1) * PAGE_BYTES)

    report, _ = saved(folder)

    assert report.lost_versions == [LostVersions(record, "incident 7", 1, is_all=False)]
    assert report.lost_files == [LostFile(hashlib.sha256(PHOTO).hexdigest(), "gate.jpg")]
    words = "\n".join(losses_in_words(report, "en"))
    assert "“incident 7”: 1" in words
    assert "“gate.jpg”" in words


def overflow_page(folder: Path, key: bytearray, identity: bytes) -> int:
    """Return the last page over which a revision runs."""
    with PageFile(folder, [key], with_log=False) as file:
        for page in range(1, file.count + 1):
            for data, _ in file.versions(page):
                asked: list[int] = []

                def read(number: int, asked: list[int] = asked) -> bytes | None:
                    asked.append(number)
                    return file.newest(number)

                rows = rows_of(page, data, read)
                for row in rows.rows if rows else ():
                    if row.values[1:2] == (identity,) and row.number:
                        return next(n for n in reversed(asked) if ends(file, n, row.values[3]))
    raise AssertionError("the revision was not found")


def ends(file: PageFile, number: int, body: object) -> bool:
    page = file.newest(number)
    assert isinstance(body, bytes)
    return page is not None and body[-20:] in page


def test_a_page_of_an_older_copy_brings_back_nothing_that_was_purged_or_changed(
    whole: Path, saved: Saved, tmp_path: Path
) -> None:
    older = copied(whole, tmp_path / "older")
    with open_vault(older, PASSPHRASE) as vault:
        goes = records.add(vault, "incident", {"title": "goes", "what_happened": LONG})
    newer = copied(older, tmp_path / "newer")
    with open_vault(newer, PASSPHRASE) as vault:
        purge.purge(vault, goes)
        contacts.remove(vault, "partner")
        contacts.add(vault, name="partner", code="2" * 40, card=b"another card")
    before = (older / "records.db").read_bytes()
    after = (newer / "records.db").read_bytes()
    changed = [
        page
        for page in range(min(len(before), len(after)) // PAGE_BYTES)
        if before[page * PAGE_BYTES :][:PAGE_BYTES] != after[page * PAGE_BYTES :][:PAGE_BYTES]
    ]
    assert len(changed) > 5

    for page in changed[:: 1 + len(changed) // 12]:
        place = slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
        data = bytearray(after)
        data[place] = before[place]
        (newer / "records.db").write_bytes(data)

        _, found = saved(newer)

        bodies = b"".join(revisions(found).values())
        assert b'"goes"' not in bodies, page
        kept = found["contacts"]
        assert isinstance(kept, list)
        assert "1" * 40 not in [code for _, code, _ in kept], page


def test_what_stands_in_the_write_ahead_log_is_saved_too(
    whole: Path, truth: dict[str, object], saved: Saved, tmp_path: Path
) -> None:
    folder = copied(whole, tmp_path / "crashed")
    vault = open_vault(folder, PASSPHRASE)
    record = records.add(vault, "incident", {"title": "in the log", "what_happened": LONG})
    expected = {i for (i,) in vault.database.query("SELECT id FROM revision")}
    abandon(vault)
    flip(folder / "records.db", 2000)

    report, found = saved(folder)

    assert set(revisions(found)) == expected
    assert len(expected) == len(revisions(truth)) + 1
    assert report.lost_revisions == 0
    assert record


def test_a_damaged_write_ahead_log_costs_only_what_stood_in_it_alone(
    whole: Path, truth: dict[str, object], saved: Saved, tmp_path: Path
) -> None:
    folder = copied(whole, tmp_path / "crashed")
    vault = open_vault(folder, PASSPHRASE)
    records.add(vault, "incident", {"title": "in the log"})
    abandon(vault)
    wal = folder / "records.db-wal"
    for cut in range(0, wal.stat().st_size, 1 + wal.stat().st_size // 6):
        data = bytearray(wal.read_bytes())
        data[cut : cut + 3000] = bytes(len(data[cut : cut + 3000]))
        other = copied(folder, tmp_path / f"cut {cut}")
        (other / "records.db-wal").write_bytes(data)

        _, found = saved(other)

        assert revisions(truth).items() <= revisions(found).items()


@pytest.mark.parametrize("size", [0, 16, 4095, 4097, 100_000])
def test_of_a_file_cut_anywhere_the_rest_is_saved(
    whole: Path, truth: dict[str, object], saved: Saved, tmp_path: Path, size: int
) -> None:
    folder = copied(whole, tmp_path / "cut")
    data = (folder / "records.db").read_bytes()
    (folder / "records.db").write_bytes(data[:size])

    report, found = saved(folder)

    assert revisions(found).items() <= revisions(truth).items()
    assert report.lost_revisions + report.log_gaps > 0


def test_noise_instead_of_a_database_is_no_crash(whole: Path, saved: Saved, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path / "noise")
    (folder / "records.db").write_bytes(hashlib.shake_128(b"noise").digest(20 * PAGE_BYTES + 7))

    report, found = saved(folder)

    assert not revisions(found)
    assert report.log_gaps > 0


# --- refusals -------------------------------------------------------------------------------------


def test_a_salvage_that_is_stopped_leaves_no_vault_and_can_be_made_again(
    whole: Path, tmp_path: Path
) -> None:
    for limit in (0, 200, 450, 700, 940):

        def stop(done: int, total: int, limit: int = limit) -> None:
            assert 0 <= done <= total == 1000
            if done >= limit:
                raise CancelledError

        with pytest.raises(CancelledError):
            salvage.salvage(whole, tmp_path / "new", PASSPHRASE, stop)
        assert not names(tmp_path / "new"), limit

    assert salvage.salvage(whole, tmp_path / "new", PASSPHRASE).is_complete


def test_progress_goes_forward_to_its_end(whole: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    salvage.salvage(whole, tmp_path / "new", PASSPHRASE, lambda *step: told.append(step))

    assert told == sorted(told)
    assert told[-1] == (1000, 1000)
    assert len({done for done, _ in told}) > 50


def test_what_cannot_be_salvaged_is_told_and_makes_nothing(whole: Path, tmp_path: Path) -> None:
    damaged = copied(whole, tmp_path / "key damaged")
    flip(damaged / "vault.key", 5000)
    cases: list[tuple[Path, Path, str, type[FielddocError]]] = [
        (whole, tmp_path / "a", "not the passphrase", WrongPassphraseError),
        (damaged, tmp_path / "a", PASSPHRASE, KeyFileDamagedError),
        (whole, whole, PASSPHRASE, VaultExistsError),
    ]
    for old, new, passphrase, error in cases:
        with pytest.raises(error):
            salvage.salvage(old, new, passphrase)
    assert not (tmp_path / "a").exists()


# --- pages that were never a database's -------------------------------------------------------------


@given(st.binary(min_size=4016, max_size=4016), st.sampled_from([2, 5, 10, 13]))
def test_no_page_is_a_crash(noise: bytes, kind: int) -> None:
    page = bytes((kind,)) + noise[1:]

    found = rows_of(2, page, lambda number: page if number % 2 else None)

    assert found is None or found.broken >= 0


@given(st.integers(0, PAGE_BYTES - 1), st.integers(0, 7), st.data())
def test_no_changed_bit_of_a_page_goes_unnoticed(
    whole: Path, database_key: bytes, place: int, bit: int, data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, pages(whole)))
    with (whole / "records.db").open("rb") as file:
        salt = file.read(16)
        file.seek((number - 1) * PAGE_BYTES)
        page = bytearray(file.read(PAGE_BYTES))
    keys = PageKeys(database_key, salt)

    assert keys.open(number, bytes(page)) is not None
    assert keys.open(number + 1, bytes(page)) is None
    page[place] ^= 1 << bit
    # The salt is not in the code of the first page: a changed one makes every page a stranger's.
    assert (keys.open(number, bytes(page)) is None) == (number > 1 or place >= 16)


@pytest.fixture(scope="module")
def database_key(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    with open_vault(copied(whole, tmp_path_factory.mktemp("k") / "v"), PASSPHRASE) as vault:
        return bytes(vault.master.sub_key("database"))


def test_losses_are_told_in_words() -> None:
    report = Salvaged(
        lost_versions=[
            LostVersions("r", "one\u202e", 2, is_all=True),
            LostVersions("r", "two", 1, is_all=False),
            LostVersions(None, "", 3, is_all=True),
        ],
        lost_files=[LostFile("00", "a.jpg"), LostFile("", "")],
        lost_rows=4,
        log_gaps=5,
    )

    lines = losses_in_words(report, "en")

    assert len(lines) == 7
    assert "\u202e" not in "".join(lines)
    assert not report.is_complete


def test_a_vault_that_is_open_elsewhere_is_not_read(whole: Path, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path / "vault")
    other = start("held = open_vault(folder, passphrase); say('open'); input()", folder, PASSPHRASE)
    assert other.stdout is not None
    assert other.stdout.readline() == "open\n"
    try:
        with pytest.raises(VaultInUseError):
            salvage.salvage(folder, tmp_path / "new", PASSPHRASE)
        assert not (tmp_path / "new").exists()
    finally:
        other.kill()
        other.communicate()

    salvage.salvage(folder, tmp_path / "new", PASSPHRASE)


def test_while_it_is_read_nobody_opens_it(whole: Path, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path / "vault")
    refused: list[bool] = []

    def try_once(*_: int) -> None:
        if not refused:
            with pytest.raises(VaultInUseError):
                open_vault(folder, PASSPHRASE)
            refused.append(True)

    salvage.salvage(folder, tmp_path / "new", PASSPHRASE, try_once)

    assert refused
    open_vault(folder, PASSPHRASE).lock()


def test_a_copy_without_a_lock_file_gets_none(whole: Path, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path / "vault")
    (folder / "vault.lock").unlink(missing_ok=True)
    before = names(folder)

    salvage.salvage(folder, tmp_path / "new", PASSPHRASE)

    assert names(folder) == before


# --- looking only ---------------------------------------------------------------------------------


def damaged_in_one_page_and_one_file(folder: Path) -> None:
    flip(folder / "records.db", (pages(folder) // 2) * PAGE_BYTES + 2000)
    file = max((folder / "attachments").iterdir(), key=lambda path: path.stat().st_size)
    flip(file, file.stat().st_size // 2)


def test_looking_tells_what_saving_then_saves_and_writes_nothing(
    whole: Path, tmp_path: Path
) -> None:
    folder = copied(whole, tmp_path / "damaged")
    damaged_in_one_page_and_one_file(folder)
    before = digest(tmp_path)

    looked = salvage.look(folder, PASSPHRASE)

    assert digest(tmp_path) == before
    assert looked.lost_revisions > 0
    assert [file.name for file in looked.lost_files] == ["gate.jpg"]
    assert looked.records > 0
    saved = salvage.salvage(folder, tmp_path / "new", PASSPHRASE)
    assert looked == saved
    with open_vault(tmp_path / "new", PASSPHRASE) as vault:
        value = vault.database.value
        assert looked.revisions == value("SELECT count(*) FROM revision")
        assert looked.records == value("SELECT count(*) FROM record")
        assert looked.attachments == value("SELECT count(*) FROM attachment")


def test_looking_at_a_whole_vault_finds_nothing_lost(whole: Path, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path / "whole")

    looked = salvage.look(folder, PASSPHRASE)

    assert looked.is_complete
    assert looked.attachments > 0


def test_looking_can_be_stopped_and_refuses_a_wrong_passphrase(whole: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        salvage.look(whole, PASSPHRASE, stop)
    with pytest.raises(WrongPassphraseError):
        salvage.look(whole, "not the passphrase")
