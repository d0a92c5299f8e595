"""Three people with a vault each: Alice sends, Bob receives, Carol is somebody else."""

import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from bundle.bundles import PASSPHRASE, introduce
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault

NAMES = ("Alice", "Bob", "Carol")


@pytest.fixture(scope="session")
def _people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    vaults = {name: make_vault(folder / name, PASSPHRASE, name=name) for name in NAMES}
    for one, other in permutations(vaults.values(), 2):
        introduce(one, other)
    for vault in vaults.values():
        vault.lock()
    return folder


def _opened(people: Path, name: str, folder: Path) -> Iterator[Vault]:
    shutil.copytree(people / name, folder / name)
    with open_vault(folder / name, PASSPHRASE) as vault:
        yield vault


@pytest.fixture
def alice(_people: Path, tmp_path: Path) -> Iterator[Vault]:
    """An empty, unlocked vault that knows Bob and Carol."""
    yield from _opened(_people, "Alice", tmp_path)


@pytest.fixture
def bob(_people: Path, tmp_path: Path) -> Iterator[Vault]:
    """An empty, unlocked vault that knows Alice and Carol."""
    yield from _opened(_people, "Bob", tmp_path)


@pytest.fixture
def carol(_people: Path, tmp_path: Path) -> Iterator[Vault]:
    """An empty, unlocked vault that knows Alice and Bob."""
    yield from _opened(_people, "Carol", tmp_path)


@pytest.fixture
def alices_other(_people: Path, tmp_path: Path) -> Iterator[Vault]:
    """Alice's vault on her other machine: the same keys, and nothing in it yet."""
    yield from _opened(_people, "Alice", tmp_path / "other machine")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty folder that bundles are written to."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder
