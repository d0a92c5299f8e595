"""A vault of an older schema becomes one of the present one, whole or not at all.

There is only one schema so far, so a step that a later version might take stands for the next.
"""

from pathlib import Path

import pytest

from fielddoc.errors import VaultDamagedError, VaultTooNewError
from fielddoc.vault import database, migrations, records
from fielddoc.vault import vault as vaults
from fielddoc.vault.check import check
from fielddoc.vault.database import SCHEMA
from fielddoc.vault.key_file import KeyFile
from fielddoc.vault.key_file_layout import BLOCK_BYTES
from fielddoc.vault.opening import open_vault
from vault.folders import PASSPHRASE, assert_refused

STEPS = {
    1: ("CREATE TABLE next (number INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT",),
    2: ("INSERT INTO next (words) SELECT title FROM record", "ALTER TABLE next ADD more TEXT"),
}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process be a later version, which knows schema 3."""
    monkeypatch.setattr(vaults, "SCHEMA", 3)
    monkeypatch.setattr(database, "SCHEMA", 3)
    monkeypatch.setattr(migrations, "STEPS", STEPS)


@pytest.mark.usefixtures("later")
def test_opening_brings_an_older_vault_to_the_present_schema(vault_folder: Path) -> None:
    for _ in range(2):
        with open_vault(vault_folder, PASSPHRASE) as vault:
            assert migrations.schema_of(vault.database) == 3
            assert vault.key_file.half.public.schema == 3
            assert len(vault.database.query("SELECT words, more FROM next")) == 2
            assert len(records.listing(vault)) == 2
            assert check(vault).is_sound
    assert KeyFile.open_to_read(vault_folder, schema=3).half.public.schema == 3


def test_the_version_before_refuses_what_a_later_one_has_opened(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(vaults, "SCHEMA", 3)
        patch.setattr(database, "SCHEMA", 3)
        patch.setattr(migrations, "STEPS", STEPS)
        open_vault(vault_folder, PASSPHRASE).lock()

    assert_refused(vault_folder, VaultTooNewError)


@pytest.mark.usefixtures("later")
def test_a_key_file_whose_number_was_not_raised_any_more_is_brought_up(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        vault.key_file.write_schema(1)

    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert vault.key_file.half.public.schema == 3


@pytest.mark.usefixtures("later")
def test_a_database_of_an_older_schema_than_the_key_file_says_is_told(vault_folder: Path) -> None:
    """An older database beside a newer key file."""
    older = (vault_folder / "records.db").read_bytes()
    open_vault(vault_folder, PASSPHRASE).lock()
    (vault_folder / "records.db").write_bytes(older)

    assert_refused(vault_folder, VaultDamagedError)


def test_a_step_that_fails_leaves_the_old_schema(vault_folder: Path) -> None:
    steps = {1: ("CREATE TABLE next (number INTEGER) STRICT", "INSERT INTO absent VALUES (1)")}
    with open_vault(vault_folder, PASSPHRASE) as vault:
        with pytest.raises(Exception, match="no such table"):
            migrations.migrate(vault.database, vault.key_file, target=2, steps=steps)
        assert migrations.schema_of(vault.database) == SCHEMA
        assert not vault.database.query("SELECT 1 FROM sqlite_schema WHERE name = 'next'")

    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert check(vault).is_sound


def test_without_a_way_nothing_is_done(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        with pytest.raises(VaultDamagedError):
            migrations.migrate(vault.database, vault.key_file, target=3, steps={2: ()})
        assert migrations.schema_of(vault.database) == SCHEMA
        assert not migrations.migrate(
            vault.database, vault.key_file, target=SCHEMA, steps=migrations.STEPS
        )


def test_reserved_bytes_of_the_block_are_kept(vault_folder: Path) -> None:
    file = KeyFile.open(vault_folder, schema=SCHEMA)
    before = (vault_folder / "vault.key").read_bytes()

    file.write_schema(2)
    file.close()

    after = (vault_folder / "vault.key").read_bytes()
    changed = {at for at in range(len(before)) if before[at] != after[at]}
    assert 99 in changed
    assert changed <= {*range(96, 100), *range(128, 160)}
    assert after[BLOCK_BYTES:] == before[BLOCK_BYTES:]
    assert KeyFile.open_to_read(vault_folder, schema=2).half.public.schema == 2


def test_every_schema_before_the_present_one_has_a_way() -> None:
    assert set(migrations.STEPS) == set(range(1, SCHEMA))
