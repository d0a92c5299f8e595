"""Vaults with something in them, as every test of the layer needs them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fielddoc.vault import attachments, records
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault
from not_run import not_run
from vault.folders import OTHER_PASSPHRASE, PASSPHRASE, copied

PERSON = "11111111-1111-4111-8111-111111111111"


def _made(folder: Path, passphrase: str, name: str) -> Path:
    with make_vault(folder, passphrase, name=name) as vault:
        records.add(vault, "person", {"names": [{"text": "徐秦"}]}, record=PERSON)
        records.add(vault, "incident", {"title": "Invited to tea", "date": "2022-08"})
        attachments.store(vault, [b"a photograph" * 50])
    return folder


@pytest.fixture(scope="session")
def _first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made(tmp_path_factory.mktemp("first") / "vault", PASSPHRASE, "first")


@pytest.fixture(scope="session")
def _second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made(tmp_path_factory.mktemp("second") / "vault", OTHER_PASSPHRASE, "second")


@pytest.fixture
def vault_folder(_first: Path, tmp_path: Path) -> Path:
    """A locked vault with a person, an incident and an attachment."""
    return copied(_first, tmp_path / "vault")


@pytest.fixture
def other_folder(_second: Path, tmp_path: Path) -> Path:
    """A locked vault of somebody else."""
    return copied(_second, tmp_path / "other")


@pytest.fixture
def vault(vault_folder: Path) -> Iterator[Vault]:
    """The vault of `vault_folder`, unlocked."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        yield opened


@pytest.fixture
def read_only(vault_folder: Path) -> Iterator[Path]:
    """A vault on a medium that is write-protected."""
    place = vault_folder.parent / "medium"
    place.mkdir()
    commands = (
        ["mount", "--bind", str(vault_folder), str(place)],
        ["mount", "-o", "remount,bind,ro", str(place)],
    )
    for each in commands:
        done = subprocess.run(each, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)
            not_run(f"a read-only mount needs root: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
