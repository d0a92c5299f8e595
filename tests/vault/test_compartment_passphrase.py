"""The identities of sources under a passphrase of their own, which opens them for one sitting."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fielddoc.bundle import export as exporting
from fielddoc.bundle.card import own_card, write_card
from fielddoc.bundle.receive import import_bundle
from fielddoc.crypto.kdf import Cost
from fielddoc.errors import (
    CompartmentClosedError,
    CompartmentPassphraseWrongError,
    InputRefusedError,
    PassphraseRefusedError,
    VaultDamagedError,
)
from fielddoc.vault import compartment, compartment_passphrase, contacts, drafts, records
from fielddoc.vault import identity as identities
from fielddoc.vault.check import check
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.salvage import salvage
from fielddoc.vault.vault import Vault
from vault.folders import PASSPHRASE

OWN = "seven quite different words for the sources"
NEW = "another seven words for them"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
IDENTITY: dict[str, Any] = {"name": "Somebody Fictional", "contact": "by letter"}


@pytest.fixture
def vault(vault_folder: Path) -> Iterator[Vault]:
    """A vault whose compartment has a passphrase and is closed, with one source in it."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        source(opened)
        compartment_passphrase.set_passphrase(opened, OWN, cost=CHEAP)
        compartment_passphrase.close(opened)
        yield opened


def source(vault: Vault) -> str:
    return records.add(vault, "source", {"kind": "person", "identity": IDENTITY})


def the_source(vault: Vault) -> str:
    return records.listing(vault, type_name="source")[0].id


def identity(vault: Vault) -> Any:
    return records.get(vault, the_source(vault)).values["identity"]


def test_a_closed_compartment_gives_nothing_away_and_an_opened_one_all(vault: Vault) -> None:
    assert compartment.is_sealed(identity(vault))
    assert compartment_passphrase.state_of(vault) == compartment_passphrase.CompartmentState(
        has_passphrase=True, is_open=False
    )

    compartment_passphrase.open_with(vault, OWN)

    assert identity(vault) == IDENTITY
    assert compartment_passphrase.state_of(vault).is_open
    compartment_passphrase.close(vault)
    assert compartment.is_sealed(identity(vault))


def test_the_vaults_master_key_alone_opens_no_compartment_key(vault: Vault) -> None:
    assert compartment.wrapped_by_master(vault) == {}


def test_a_sitting_ends_with_the_lock_and_keys_are_zeroed(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        source(opened)
        compartment_passphrase.set_passphrase(opened, OWN, cost=CHEAP)
        keys = list(opened.opened_compartments.values())
        assert keys
        assert identity(opened) == IDENTITY  # it stays open in this sitting
    assert all(not any(key) for key in keys)

    with open_vault(vault_folder, PASSPHRASE) as again:
        assert compartment.is_sealed(identity(again))
        assert check(again).is_sound


@pytest.mark.parametrize("typed", ["not it", PASSPHRASE, OWN + "x"])
def test_another_passphrase_is_told_from_the_right_one(vault: Vault, typed: str) -> None:
    with pytest.raises(CompartmentPassphraseWrongError):
        compartment_passphrase.open_with(vault, typed)

    assert compartment.is_sealed(identity(vault))
    assert vault.opened_compartments == {}


def test_while_it_is_closed_no_new_identity_is_taken_and_the_old_ones_stay(vault: Vault) -> None:
    record = the_source(vault)
    sealed = identity(vault)

    with pytest.raises(CompartmentClosedError):
        source(vault)
    with pytest.raises(CompartmentClosedError):
        records.revise(vault, record, {"identity": {"name": "Another"}})
    with pytest.raises(CompartmentClosedError):
        drafts.save(vault, record, "source", {"identity": {"name": "Another"}})
    records.revise(vault, record, {"identity": sealed, "note": "met in May"})

    assert records.get(vault, record).values["note"] == "met in May"
    assert identity(vault) == sealed


def test_changing_it_needs_the_old_one_and_only_the_new_one_opens(vault: Vault) -> None:
    with pytest.raises(CompartmentClosedError):
        compartment_passphrase.set_passphrase(vault, NEW, cost=CHEAP)
    compartment_passphrase.open_with(vault, OWN)

    compartment_passphrase.set_passphrase(vault, NEW, cost=CHEAP)

    compartment_passphrase.close(vault)
    with pytest.raises(CompartmentPassphraseWrongError):
        compartment_passphrase.open_with(vault, OWN)
    compartment_passphrase.open_with(vault, NEW)
    assert identity(vault) == IDENTITY


def test_what_is_typed_after_a_change_is_sealed_under_a_new_key(vault: Vault) -> None:
    compartment_passphrase.open_with(vault, OWN)
    before = vault.database.value("SELECT id FROM compartment WHERE current = 1")

    compartment_passphrase.set_passphrase(vault, NEW, cost=CHEAP)
    made = source(vault)

    state: Any = records.state_of(vault, made).values["identity"]
    assert isinstance(before, bytes)
    assert state["compartment"] != before.hex()
    assert vault.database.value("SELECT count(*) FROM compartment WHERE current = 1") == 1


def test_removing_it_needs_it_and_lets_the_vaults_passphrase_be_enough(
    vault_folder: Path,
) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        source(opened)
        compartment_passphrase.set_passphrase(opened, OWN, cost=CHEAP)
        compartment_passphrase.close(opened)
        with pytest.raises(CompartmentClosedError):
            compartment_passphrase.remove_passphrase(opened)
        compartment_passphrase.open_with(opened, OWN)
        compartment_passphrase.remove_passphrase(opened)

    with open_vault(vault_folder, PASSPHRASE) as again:
        assert identity(again) == IDENTITY
        assert not compartment_passphrase.state_of(again).has_passphrase
        compartment_passphrase.open_with(again, "anything")  # there is nothing to open
        assert check(again).is_sound


def test_the_vaults_own_passphrase_and_an_empty_one_are_refused(vault: Vault) -> None:
    compartment_passphrase.open_with(vault, OWN)
    with pytest.raises(InputRefusedError):
        compartment_passphrase.set_passphrase(vault, PASSPHRASE, cost=CHEAP)
    with pytest.raises(PassphraseRefusedError):
        compartment_passphrase.set_passphrase(vault, " ", cost=CHEAP)

    compartment_passphrase.close(vault)
    compartment_passphrase.open_with(vault, OWN)


def test_new_keys_of_the_vault_leave_the_compartment_as_it_is(vault_folder: Path) -> None:
    from fielddoc.vault import rekey

    with open_vault(vault_folder, PASSPHRASE) as opened:
        source(opened)
        compartment_passphrase.set_passphrase(opened, OWN, cost=CHEAP)
        rekey.rekey(opened, "six entirely new words for it", cost=CHEAP)
        assert identity(opened) == IDENTITY
    with open_vault(vault_folder, "six entirely new words for it") as again:
        assert compartment.is_sealed(identity(again))
        compartment_passphrase.open_with(again, OWN)
        assert identity(again) == IDENTITY


def test_a_complete_bundle_carries_the_key_as_the_passphrase_wraps_it(
    vault: Vault, tmp_path: Path
) -> None:
    audience = exporting.for_passphrase("words for the backup only")
    written = exporting.export_complete(vault, audience, tmp_path)

    with make_vault(tmp_path / "new", PASSPHRASE) as restored:
        own = identities.current(vault)
        card = own_card(own)
        sealed_card = write_card(card, own.signing_seed)
        contacts.add(restored, name="Old", code=card.code, card=sealed_card)
        import_bundle(restored, written.files[0], passphrase="words for the backup only")
        assert compartment.is_sealed(identity(restored))
        with pytest.raises(CompartmentPassphraseWrongError):
            compartment_passphrase.open_with(restored, "not it")
        compartment_passphrase.open_with(restored, OWN)
        assert identity(restored) == IDENTITY
        assert check(restored).is_sound


def test_keys_that_came_meanwhile_go_under_the_passphrase_when_it_is_next_opened(
    vault: Vault,
) -> None:
    foreign = b"f" * compartment.ID_BYTES
    compartment.keep(vault, foreign, bytearray(b"k" * 32), current=False)
    assert list(compartment.wrapped_by_master(vault)) == [foreign]

    compartment_passphrase.open_with(vault, OWN)

    assert compartment.wrapped_by_master(vault) == {}
    assert bytes(compartment.keys(vault)[foreign]) == b"k" * 32
    compartment_passphrase.close(vault)
    compartment_passphrase.open_with(vault, OWN)
    assert foreign in compartment.keys(vault)


def test_salvage_saves_the_wrapped_key(vault: Vault, tmp_path: Path) -> None:
    folder = vault.folder
    vault.database.checkpoint()
    from vault.folders import copied

    copy = copied(folder, tmp_path / "copy")
    salvage(copy, tmp_path / "saved", PASSPHRASE, lambda _done, _total: None)

    with open_vault(tmp_path / "saved", PASSPHRASE) as saved:
        compartment_passphrase.open_with(saved, OWN)
        assert identity(saved) == IDENTITY


@pytest.mark.parametrize(
    "planted",
    [
        {"memory_kib": 2**30},
        {"passes": 10**9},
        {"lanes": True},
        {"salt": "00"},
        {"salt": "zz"},
        {"v": 2},
        {"kind": "none"},
    ],
)
def test_planted_parameters_are_refused_before_they_cost_anything(
    vault: Vault, planted: dict[str, Any]
) -> None:
    _, parameters, _ = compartment_passphrase.wrapped_keys(vault)[0]
    changed = json.dumps({**json.loads(parameters), **planted})

    with pytest.raises(VaultDamagedError):
        compartment_passphrase.parsed(changed)
    with pytest.raises(ValueError, match="parameters"):
        compartment_passphrase.keep_foreign(vault, b"i" * 16, changed, b"w" * 60)
    with pytest.raises(VaultDamagedError):
        compartment_passphrase.parsed("[]")
