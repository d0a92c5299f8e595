"""A complete bundle: everything arrives as it was, all of it or nothing."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bundle.bundles import (
    PASSPHRASE,
    attach,
    card_of,
    complete,
    content,
    dump,
    files_of,
    items,
    opened,
    person,
    values,
)
from bundle.rich import PHOTO, Rich
from fielddoc.bundle import bag, export, payload
from fielddoc.bundle.bag import BundleKind
from fielddoc.bundle.export import export_complete, for_cards
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.crypto.age import AgeWriter, X25519Identity
from fielddoc.errors import (
    BundleChangedError,
    BundleError,
    NotForYouError,
    NothingToExportError,
    RecordNotFoundError,
    VaultChangedMeanwhileError,
    VaultDamagedError,
)
from fielddoc.vault import attachments, purge, records
from fielddoc.vault.check import check
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault


class StoppedError(Exception):
    """Raised by a test in the middle of something."""


@pytest.fixture
def bundle(alice: Vault, rich: Rich, bob: Vault, stick: Path) -> Path:
    return complete(alice, bob, stick)


def revisions(vault: Vault) -> list[tuple[Any, ...]]:
    return vault.database.query("SELECT id, body FROM revision ORDER BY id")


def test_every_record_arrives_as_it_was(alice: Vault, rich: Rich, bob: Vault, bundle: Path) -> None:
    imported = import_bundle(bob, bundle)

    for record in (*rich.living(), rich.trashed):
        assert records.get(alice, record) == records.get(bob, record)
        ours, theirs = records.state_of(alice, record), records.state_of(bob, record)
        assert ours == theirs
    assert set(imported.records) == {*rich.living(), rich.trashed}
    assert records.listing(bob) != []
    assert {row.id for row in records.listing(bob)} == set(rich.living())


def test_every_revision_arrives_byte_for_byte(alice: Vault, bob: Vault, bundle: Path) -> None:
    imported = import_bundle(bob, bundle)

    assert revisions(alice) == revisions(bob)
    assert imported.added == len(revisions(alice))
    assert (imported.known, imported.purged) == (0, 0)


def test_history_and_order_of_items_arrive(
    alice: Vault, rich: Rich, bob: Vault, bundle: Path
) -> None:
    import_bundle(bob, bundle)

    ours, theirs = (items(v, rich.detention, "entries") for v in (alice, bob))
    assert ours == theirs
    assert [entry["place"] for entry in theirs] == ["entry-place-kept", "second-place-kept"]
    assert len(records.revisions_of(bob, rich.chosen)) == 4


def test_attachments_arrive_bit_for_bit(rich: Rich, bob: Vault, bundle: Path) -> None:
    imported = import_bundle(bob, bundle)

    assert content(bob, values(bob, rich.photo)["sha256"]) == PHOTO
    assert imported.attachments_added == imported.report.attachments == 1
    assert imported.report.attachment_bytes == len(PHOTO)
    assert len(files_of(bob)) == 1


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_001])
def test_attachments_of_any_size_arrive(size: int, alice: Vault, bob: Vault, stick: Path) -> None:
    data = bytes(n * 31 % 251 for n in range(size))
    record = attach(alice, data)

    import_bundle(bob, complete(alice, bob, stick))

    assert content(bob, values(bob, record)["sha256"]) == data


def test_identity_of_a_source_opens_in_the_second_vault(
    rich: Rich, bob: Vault, bundle: Path
) -> None:
    import_bundle(bob, bundle)

    assert values(bob, rich.source)["identity"] == {
        "name": "Sourcename Sealed",
        "contact": "+86 555 0199",
    }


def test_identity_of_a_source_is_sealed_inside_the_bundle(bob: Vault, bundle: Path) -> None:
    for data in opened(bundle, bob).values():
        assert b"Sourcename" not in data


def test_search_finds_what_arrived_and_not_what_is_in_the_trash(
    rich: Rich, bob: Vault, bundle: Path
) -> None:
    import_bundle(bob, bundle)

    assert [row.id for row in records.listing(bob, text="秦徐")] == [rich.chosen]
    assert records.listing(bob, text="Trashedname") == []
    assert [row.id for row in records.listing(bob, trash=True)] == [rich.trashed]
    assert records.listing(bob, text="Sourcename") == []
    assert set(records.linking_to(bob, rich.relative)) == {rich.chosen, rich.incident}


def test_arrived_vault_passes_its_check(bob: Vault, bundle: Path, tmp_path: Path) -> None:
    import_bundle(bob, bundle)

    assert check(bob).is_sound
    before = dump(bob)
    bob.lock()
    with open_vault(tmp_path / "Bob", PASSPHRASE) as again:
        assert dump(again) == before


def test_importing_twice_adds_nothing(bob: Vault, bundle: Path) -> None:
    first = import_bundle(bob, bundle)
    before, files = dump(bob), files_of(bob)

    second = import_bundle(bob, bundle)

    assert (second.added, second.known) == (0, first.added)
    assert second.records == ()
    assert second.attachments_added == 0
    assert second.report.is_known
    assert not first.report.is_known
    assert dump(bob) == before
    assert files_of(bob) == files


def test_second_bundle_adds_only_what_is_new(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, bundle: Path
) -> None:
    import_bundle(bob, bundle)
    records.revise(alice, rich.chosen, {"occupation": "teacher"})

    imported = import_bundle(bob, complete(alice, bob, stick))

    assert imported.added == 1
    assert imported.records == (rich.chosen,)
    assert imported.attachments_added == 0
    assert values(bob, rich.chosen)["occupation"] == "teacher"
    assert not records.get(bob, rich.chosen).conflicts


def test_trash_travels_and_so_does_what_is_taken_out_of_it(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, bundle: Path
) -> None:
    import_bundle(bob, bundle)
    records.restore(alice, rich.trashed)
    records.delete(alice, rich.risk)

    import_bundle(bob, complete(alice, bob, stick))

    assert not records.get(bob, rich.trashed).deleted
    assert records.get(bob, rich.risk).deleted


def test_record_purged_by_the_sender_is_not_in_the_bundle(
    rich: Rich, bob: Vault, bundle: Path
) -> None:
    for data in opened(bundle, bob).values():
        assert rich.purged.encode() not in data
        assert b"Purgedname" not in data


def test_record_purged_by_the_receiver_does_not_come_back(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, bundle: Path
) -> None:
    import_bundle(bob, bundle)
    purge.purge(bob, rich.chosen)
    records.revise(alice, rich.chosen, {"occupation": "teacher"})

    for path in (bundle, complete(alice, bob, stick)):
        imported = import_bundle(bob, path)

        assert imported.purged >= 4
        assert rich.chosen not in imported.records
        with pytest.raises(RecordNotFoundError):
            records.get(bob, rich.chosen)


def test_own_other_machine_gets_the_records_as_its_own(
    alice: Vault, rich: Rich, alices_other: Vault, stick: Path
) -> None:
    imported = import_bundle(alices_other, complete(alice, alices_other, stick))

    assert imported.report.sender.is_self
    assert records.foreign_revisions(alices_other, rich.chosen) == frozenset()
    assert records.get(alices_other, rich.chosen) == records.get(alice, rich.chosen)


def test_what_another_signer_wrote_over_ones_own_is_shown_beside_it(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice, occupation="lawyer")
    import_bundle(bob, complete(alice, bob, stick))
    records.revise(bob, who, {"occupation": "teacher"})

    import_bundle(alice, complete(bob, alice, stick))

    found = records.get(alice, who)
    assert found.values["occupation"] == "lawyer"
    (conflict,) = found.conflicts
    assert (conflict.path, conflict.shown) == ("occupation", "lawyer")
    assert [(rival.value, rival.foreign) for rival in conflict.rivals] == [("teacher", True)]


def test_two_machines_each_add_an_entry_without_a_conflict(
    alice: Vault, rich: Rich, alices_other: Vault, stick: Path
) -> None:
    import_bundle(alices_other, complete(alice, alices_other, stick))
    for vault, place in ((alice, "here"), (alices_other, "there")):
        present = items(vault, rich.detention, "entries")
        new: dict[str, Any] = {"kind": "health", "place": place}
        records.revise(vault, rich.detention, {"entries": [*present, new]})

    import_bundle(alice, complete(alices_other, alice, stick))
    import_bundle(alices_other, complete(alice, alices_other, stick))

    assert records.state_of(alice, rich.detention) == records.state_of(alices_other, rich.detention)
    assert {e["place"] for e in items(alice, rich.detention, "entries")} >= {"here", "there"}
    assert not records.get(alice, rich.detention).conflicts


def test_report_tells_what_came_from_whom(
    alice: Vault, rich: Rich, bob: Vault, bundle: Path
) -> None:
    report = verify_bundle(bob, bundle)

    assert report.sender.name == "Alice"
    assert report.sender.code == card_of(alice).code
    assert not report.sender.is_self
    assert report.info.kind is BundleKind.COMPLETE
    assert report.info.recipients == (card_of(bob).code,)
    assert report.records == len(rich.living()) + 1
    assert (report.attachments, report.attachment_bytes) == (1, len(PHOTO))
    assert (report.bad, report.is_known, report.is_previous_missing) == ((), False, False)
    assert import_bundle(bob, bundle).report == report


def test_written_tells_what_went_out(alice: Vault, rich: Rich, bob: Vault, stick: Path) -> None:
    told = export_complete(alice, for_cards([card_of(bob)]), stick)

    assert told.kind is BundleKind.COMPLETE
    assert (told.records, told.attachments, told.sequence) == (len(rich.living()) + 1, 1, 1)
    assert told.size_bytes == told.files[0].stat().st_size
    assert told.codes == (card_of(bob).code,)
    assert told.is_post_quantum
    assert [path.name for path in stick.iterdir()] == [told.files[0].name]


def test_empty_vault_has_nothing_to_export(alice: Vault, bob: Vault, stick: Path) -> None:
    with pytest.raises(NothingToExportError):
        complete(alice, bob, stick)

    assert not list(stick.iterdir())


def test_page_for_a_person_holds_what_the_records_say(bob: Vault, bundle: Path) -> None:
    page = opened(bundle, bob)[bag.READABLE].decode()

    for words in ("秦徐-characters", "later-address-words", "feared-words-unchosen"):
        assert words in page
    for words in ("earlier-name-words", "Trashedname", "Sourcename", "<script", "http:", "https:"):
        assert words not in page


def test_no_vault_id_and_no_device_stands_outside_the_records(
    alice: Vault, bob: Vault, bundle: Path
) -> None:
    vault_id = alice.key_file.half.public.vault_id
    for name, data in opened(bundle, bob).items():
        assert vault_id not in data
        assert vault_id.hex().encode() not in data
        if name != bag.RECORDS:
            assert alice.device.encode() not in data


# --- nothing is written where nothing may be ------------------------------------------------------


def test_verifying_writes_nothing(bob: Vault, bundle: Path) -> None:
    before, files = dump(bob), files_of(bob)
    key_file = (bob.folder / "vault.key").read_bytes()
    wal = (bob.folder / "records.db-wal").read_bytes()

    verify_bundle(bob, bundle)
    verify_bundle(bob, bundle)

    assert dump(bob) == before
    assert files_of(bob) == files == set()
    assert (bob.folder / "vault.key").read_bytes() == key_file
    assert (bob.folder / "records.db-wal").read_bytes() == wal


def test_failed_verification_writes_nothing(bob: Vault, bundle: Path) -> None:
    before = dump(bob)
    data = bundle.read_bytes()
    bundle.write_bytes(data[:-1] + bytes((data[-1] ^ 1,)))

    with pytest.raises(BundleChangedError):
        verify_bundle(bob, bundle)

    assert dump(bob) == before
    assert files_of(bob) == set()


def test_exporting_leaves_the_records_alone(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    before = dump(alice)

    complete(alice, bob, stick)

    after = dump(alice)
    changed = {table for table, rows in after.items() if rows != before[table]}
    assert changed == {"sent", "log"}


def progress_steps(run: Callable[[Callable[..., None]], object]) -> int:
    """Return how often a run tells its progress."""
    told: list[tuple[object, ...]] = []
    run(lambda *step: told.append(step))
    return len(told)


def stopping_at(step: int) -> Callable[..., None]:
    """Return a progress callback that raises when it is called for the `step`th time."""
    count = iter(range(1_000_000))

    def progress(*_: object) -> None:
        if next(count) == step:
            raise StoppedError

    return progress


def test_import_that_is_stopped_anywhere_leaves_nothing(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    person(bob, "Bob's own")
    attach(alice, b"a second file" * 20_000)
    bundle = complete(alice, bob, stick)
    before, files = dump(bob), files_of(bob)
    steps = progress_steps(lambda told: verify_bundle(bob, bundle, progress=told))
    assert steps > 6

    for step in range(steps):
        with pytest.raises(StoppedError):
            import_bundle(bob, bundle, progress=stopping_at(step))
        assert dump(bob) == before
        assert files_of(bob) == files

    assert import_bundle(bob, bundle).added > 0


def spoilt_ends(data: bytes) -> Iterator[bytes]:
    yield data[:-1] + bytes((data[-1] ^ 1,))
    yield data[:-1]
    yield data[: -len(data) // 3]
    yield data + b"\0"


def test_import_of_a_bundle_with_a_bad_end_leaves_nothing(bob: Vault, bundle: Path) -> None:
    whole = bundle.read_bytes()
    before = dump(bob)

    for spoilt in spoilt_ends(whole):
        bundle.write_bytes(spoilt)
        with pytest.raises(BundleError):
            import_bundle(bob, bundle)
        assert dump(bob) == before
        assert files_of(bob) == set()


@pytest.mark.parametrize("step", ["keep", "note", "receive", "project"])
def test_import_that_fails_while_it_is_written_leaves_nothing(
    step: str, bob: Vault, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may fill at any statement of the transaction; here the fourth of a kind fails."""
    before = dump(bob)
    query = bob.database.query
    patterns = {
        "keep": "UPDATE attachment SET state",
        "note": "INSERT INTO received",
        "receive": "INSERT INTO revision ",
        "project": "INSERT INTO search",
    }

    def failing(sql: str, *parameters: Any) -> list[Any]:
        if sql.startswith(patterns[step]):
            raise StoppedError
        return query(sql, *parameters)

    with monkeypatch.context() as patch:
        patch.setattr(bob.database, "query", failing)
        with pytest.raises(StoppedError):
            import_bundle(bob, bundle)

    assert dump(bob) == before
    assert files_of(bob) == set()
    assert import_bundle(bob, bundle).added > 0


def test_damaged_attachment_ends_the_export_and_leaves_no_bundle(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    (name,) = files_of(alice)
    path = alice.attachments_folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    before = dump(alice)

    with pytest.raises(VaultDamagedError):
        complete(alice, bob, stick)

    assert not list(stick.iterdir())
    assert dump(alice) == before


@pytest.mark.parametrize("second", [b"what was seex", b"what was", b"what was seen and more", b""])
def test_payload_that_is_told_otherwise_the_second_time_ends_the_export(second: bytes) -> None:
    """Everything is hashed for the manifest first, and told again when it is written."""
    told = iter([[b"what was seen"], [second]])
    source = payload._measured("data/notes.txt", lambda: iter(next(told)))
    file = io.BytesIO()
    writer = AgeWriter([X25519Identity.generate().recipient()], file.write)

    with pytest.raises(VaultChangedMeanwhileError):
        export._write_source(writer, "0a1b2c3d", source)


def test_pending_attachment_of_a_crashed_import_is_removed_by_the_next_unlock(
    bob: Vault, tmp_path: Path
) -> None:
    attachments.store_pending(bob, [b"half an import"])
    bob.lock()

    with open_vault(tmp_path / "Bob", PASSPHRASE) as again:
        assert files_of(again) == set()


def test_backup_opens_with_the_keys_that_it_was_made_for_only(
    alice: Vault, rich: Rich, stick: Path, tmp_path: Path
) -> None:
    """A complete bundle for oneself is opened by one's keys, which a new vault does not have."""
    bundle = complete(alice, alice, stick)
    new = make_vault(tmp_path / "new", PASSPHRASE, name="Alice")
    with new, pytest.raises(NotForYouError):
        verify_bundle(new, bundle)
    assert verify_bundle(alice, bundle).sender.is_self
