"""Whatever keeps a vault from opening, told by the program: its code, its words, nothing changed."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from cli.conftest import PASSPHRASE, Terminal
from fielddoc import errors
from fielddoc.errors import FielddocError
from fielddoc.vault import lock_file
from small_disk import fill, small_disk_at
from vault.folders import copied, digest, flip, given_a_foreign_log, made_newer, unchangeable

Broken = Callable[[Path], None]


def damaged_page(folder: Path) -> None:
    flip(folder / "records.db", 3 * 4096 - 10)


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    lock = lock_file.take(folder)
    try:
        yield
    finally:
        os.close(lock)


BROKEN: dict[str, tuple[Broken, type[FielddocError]]] = {
    "no vault here": (shutil.rmtree, errors.VaultNotFoundError),
    "key file missing": (lambda v: (v / "vault.key").unlink(), errors.KeyFileMissingError),
    "key file damaged": (lambda v: flip(v / "vault.key", 5000), errors.KeyFileDamagedError),
    "half copied": (lambda v: (v / "records.db").unlink(), errors.VaultIncompleteError),
    "database damaged": (damaged_page, errors.VaultDamagedError),
    "newer version": (made_newer, errors.VaultTooNewError),
    "foreign log": (partial(given_a_foreign_log, passphrase=PASSPHRASE), errors.ForeignWalError),
}


@pytest.fixture
def folder(terminal: Terminal, vault: str) -> Path:
    assert terminal("add", vault, "-", stdin='{"type": "incident", "values": {}}').status == 0
    return Path(vault).absolute()


def assert_told(terminal: Terminal, folder: Path, expected: type[FielddocError]) -> None:
    """Make sure that the program ends with 1 and says what it is, in both languages."""
    before = digest(folder)

    ran = terminal("list", str(folder), "--json")

    assert ran.status == 1
    assert ran.out == ""
    assert ran.error["code"] == expected.code
    assert digest(folder) == before
    said: list[str] = []
    for language in ("en_GB.UTF-8", "zh_CN.UTF-8"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LANG", language)
            ran = terminal("list", str(folder))
        assert ran.status == 1
        lines = ran.err.splitlines()
        assert len(lines) >= 2, "a sentence and an advice"
        said.append(ran.err)
    english, chinese = said
    assert english.startswith("error: ")
    assert "hint: " in english
    assert not any("\u4e00" <= character <= "\u9fff" for character in english)
    assert chinese != english
    assert sum("\u4e00" <= character <= "\u9fff" for character in chinese) >= 10
    assert digest(folder) == before


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_with_a_vault_is_told_and_nothing_changed(
    terminal: Terminal, folder: Path, what: str
) -> None:
    break_it, expected = BROKEN[what]
    break_it(folder)
    assert_told(terminal, folder, expected)


def test_a_wrong_passphrase_is_told_and_nothing_changed(
    terminal: Terminal, folder: Path, passphrase_file: Path
) -> None:
    passphrase_file.write_text("six other words that open nothing", encoding="utf-8")
    assert_told(terminal, folder, errors.WrongPassphraseError)


def test_a_vault_that_is_in_use_is_told_and_nothing_changed(
    terminal: Terminal, folder: Path
) -> None:
    with in_use(folder):
        assert_told(terminal, folder, errors.VaultInUseError)


def test_a_vault_that_may_not_be_written_is_told_and_nothing_changed(
    terminal: Terminal, folder: Path
) -> None:
    with unchangeable(folder / "vault.key"):
        assert_told(terminal, folder, errors.NoPermissionError)


def test_a_full_disk_is_told_and_what_was_there_stays(
    terminal: Terminal, folder: Path, tmp_path: Path
) -> None:
    with small_disk_at(tmp_path / "disk") as disk:
        place = copied(folder, disk / "vault")
        ballast = fill(disk)
        one = '{"type": "incident", "values": {"what_happened": "%s"}}' % ("x" * 50_000)
        ran = terminal("add", str(place), "-", "--json", stdin=one)
        assert ran.status == 1
        assert ran.error["code"] == errors.DiskFullError.code
        ballast.unlink()
        assert len(terminal("list", str(place), "--json").json) == 1
        assert terminal("add", str(place), "-", stdin=one).status == 0
        assert len(terminal("list", str(place), "--json").json) == 2
