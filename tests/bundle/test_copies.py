"""Two copies of one vault write under one device id until a bundle between them tells them apart."""

from pathlib import Path

import pytest

from bundle.bundles import complete
from fielddoc.bundle.receive import import_bundle
from fielddoc.domain.revision import Revision
from fielddoc.vault import records
from fielddoc.vault.history import history
from fielddoc.vault.vault import Vault


def latest(vault: Vault, record: str) -> Revision:
    return max(records.revisions_of(vault, record), key=lambda one: one.clock)


def test_a_copy_takes_another_id_when_it_meets_what_another_wrote_under_its_own(
    alice: Vault, alices_other: Vault, stick: Path
) -> None:
    shared = alice.device
    assert alices_other.device == shared  # one folder, copied
    here = records.add(alices_other, "incident", {"title": "written at home"})
    there = records.add(alice, "incident", {"title": "written in the office"})

    import_bundle(alices_other, complete(alice, alices_other, stick))
    records.revise(alices_other, there, {"title": "written in the office, read at home"})

    assert alice.device == shared
    assert alices_other.device not in (shared, "")
    assert latest(alices_other, there).device == alices_other.device
    assert [entry.is_brought for entry in history(alices_other, here)] == [False]
    assert [entry.is_brought for entry in history(alices_other, there)] == [True, False]
    assert not any(entry.signer for entry in history(alices_other, there))


def test_copies_that_are_told_apart_keep_their_ids(
    alice: Vault, alices_other: Vault, stick: Path
) -> None:
    records.add(alice, "incident", {"title": "one"})
    import_bundle(alices_other, complete(alice, alices_other, stick))
    ids = alice.device, alices_other.device
    records.add(alices_other, "incident", {"title": "two"})

    import_bundle(alice, complete(alices_other, alice, stick))
    import_bundle(alices_other, complete(alice, alices_other, stick))

    assert (alice.device, alices_other.device) == ids


def test_what_comes_back_from_a_partner_makes_no_new_id(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    record = records.add(alice, "incident", {"title": "one"})
    import_bundle(bob, complete(alice, bob, stick))
    before = alice.device
    records.revise(bob, record, {"title": "one, corrected"})

    import_bundle(alice, complete(bob, alice, stick))

    assert alice.device == before
    assert [entry.is_brought for entry in history(alice, record)] == [False, True]


def test_an_import_that_fails_keeps_the_id(alice: Vault, alices_other: Vault, stick: Path) -> None:
    shared = alice.device
    records.add(alice, "incident", {"title": "one"})
    (revision,) = (
        one for row in records.listing(alice) for one in records.revisions_of(alice, row.id)
    )

    def cut_off() -> None:
        with alices_other.database.transaction():
            records.receive(alices_other, [revision], received=1)
            assert alices_other.device != shared
            raise InterruptedError

    with pytest.raises(InterruptedError):
        cut_off()
    assert alices_other.device == shared
