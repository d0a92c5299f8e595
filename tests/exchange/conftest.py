"""Two vaults for each file of tests: one to export from, one to import into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault

PASSPHRASE = "six fictional words for the vault"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    with make_vault(tmp_path_factory.mktemp("one") / "vault", PASSPHRASE) as made:
        yield made


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    with make_vault(tmp_path_factory.mktemp("other") / "vault", PASSPHRASE) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Vault]:
    """A vault for one test alone."""
    with make_vault(tmp_path / "own", PASSPHRASE) as made:
        yield made
