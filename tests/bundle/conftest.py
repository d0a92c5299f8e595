"""Three people with a vault each: Alice sends, Bob receives, Carol is somebody else."""

import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from bundle.bundles import PASSPHRASE, introduce, is_open
from bundle.rich import Rich, fill
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


@pytest.fixture(scope="session")
def _filled(_people: Path) -> Rich:
    """Make a copy of Alice's vault with records in it; return their ids."""
    shutil.copytree(_people / "Alice", _people / "Alice, filled")
    with open_vault(_people / "Alice, filled", PASSPHRASE) as vault:
        return fill(vault)


def _opened(people: Path, name: str, target: Path) -> Iterator[Vault]:
    shutil.copytree(people / name, target)
    vault = open_vault(target, PASSPHRASE)
    yield vault
    if is_open(vault):
        vault.lock()


@pytest.fixture
def rich(_filled: Rich) -> Rich:
    """The ids of records, which Alice's vault has wherever a test asks for them."""
    return _filled


@pytest.fixture
def alice(_people: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Vault]:
    """An unlocked vault that knows Bob and Carol; empty, unless the test asks for `rich` too."""
    name = "Alice, filled" if "rich" in request.fixturenames else "Alice"
    yield from _opened(_people, name, tmp_path / "Alice")


@pytest.fixture
def bob(_people: Path, tmp_path: Path) -> Iterator[Vault]:
    """An empty, unlocked vault that knows Alice and Carol."""
    yield from _opened(_people, "Bob", tmp_path / "Bob")


@pytest.fixture
def carol(_people: Path, tmp_path: Path) -> Iterator[Vault]:
    """An empty, unlocked vault that knows Alice and Bob."""
    yield from _opened(_people, "Carol", tmp_path / "Carol")


@pytest.fixture
def alices_other(_people: Path, tmp_path: Path) -> Iterator[Vault]:
    """Alice's vault on her other machine: the same keys, and nothing in it yet."""
    yield from _opened(_people, "Alice", tmp_path / "Alice, other machine")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty folder that bundles are written to."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder
