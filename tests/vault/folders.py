"""What tests look at in a vault folder from outside: every byte, name and time of it."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from fielddoc.errors import FielddocError
from fielddoc.vault import records
from fielddoc.vault.key_file import KeyFile
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault
from not_run import not_run

UNLOCKED = ("vault.key", "records.db-wal")
"""What unlocking writes: the state cell that says *open*, and its number in the log."""

PASSPHRASE = "lantern orchard river 灯 seven bridge"
OTHER_PASSPHRASE = "quiet mountain 徐 window salt nine"


def digest(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return name to (mode, time of change of content, SHA-256) of everything in a folder."""
    found: dict[str, tuple[int, int, str]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        if path.is_symlink():
            content = os.fsencode(path.readlink())
        else:
            content = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (
            status.st_mode,
            status.st_mtime_ns,
            hashlib.sha256(content).hexdigest(),
        )
    return found


def names(folder: Path) -> set[str]:
    """Return every path in a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def copied(folder: Path, target: Path) -> Path:
    """Copy a vault with its times."""
    shutil.copytree(folder, target, symlinks=True)
    return target


def flip(path: Path, offset: int, mask: int = 0xFF) -> None:
    """Change one byte of a file in place."""
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes((byte ^ mask,)))


def assert_refused(
    folder: Path,
    error: type[FielddocError],
    passphrase: str = PASSPHRASE,
    *,
    but: tuple[str, ...] = (),
) -> FielddocError:
    """Make sure that unlocking fails with exactly `error`, says so, and changes nothing.

    Args:
        folder: the vault's.
        error: what must be raised.
        passphrase: what is typed.
        but: names of files that may change, because damage was met after the vault was unlocked.
    """
    before = digest(folder)

    with pytest.raises(error) as caught:
        open_vault(folder, passphrase)

    assert type(caught.value) is error
    assert_tells(caught.value)
    after = digest(folder)
    assert {n: after[n] for n in after if n not in but} == {
        n: before[n] for n in before if n not in but
    }
    return caught.value


def assert_tells(error: FielddocError) -> None:
    """Make sure that an error has a code, a sentence and an advice without open braces."""
    assert error.code
    for text in (error.sentence("en"), error.advice("en")):
        assert text.endswith(tuple(".:)")) or "fielddoc" in text or error.fields
        assert text
        assert "{" not in text


def abandon(vault: Vault) -> None:
    """Leave an unlocked vault as a crash does: no checkpoint, no clean mark, lock released."""
    vault.database.abandon()
    vault.key_file.close()
    os.close(vault._lock)


def made_newer(folder: Path) -> None:
    """Let a vault pass for one of a later version of the program."""
    file = KeyFile.open(folder, schema=99)
    file.write_schema(99)
    file.close()


def given_a_foreign_log(folder: Path, passphrase: str) -> None:
    """Put the write-ahead log of another vault beside the database of one that crashed."""
    own, other = copied(folder, folder.parent / "own"), folder.parent / "other"
    make_vault(other, passphrase).lock()
    _crash(own, passphrase, saves=2)
    _crash(other, passphrase, saves=40)
    shutil.rmtree(folder)
    shutil.copytree(own, folder)  # the crashed connection holds its locks on the one before
    shutil.copy(other / "records.db-wal", folder / "records.db-wal")


def _crash(folder: Path, passphrase: str, *, saves: int) -> None:
    vault = open_vault(folder, passphrase)
    for number in range(saves):
        records.add(vault, "incident", {"title": f"saved {number}"})
    abandon(vault)


def raw_connection(folder: Path, key: bytes | bytearray) -> Any:
    """Open records.db behind the program's back, with the right key."""
    connection = dbapi2.connect(str(folder / "records.db"), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
    connection.set_key(b"x'" + bytes(key).hex().encode() + b"'")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
    return connection


def dump(connection: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, those inside the search index too."""
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        )
    ]
    return {
        table: connection.execute(f'SELECT * FROM "{table}"').fetchall()
        for table in tables
        if table != "sqlite_sequence"
    }


def all_bytes(rows: dict[str, list[tuple[Any, ...]]]) -> bytes:
    """Return every value of a dump as bytes, one after the other."""
    values = [value for table in rows.values() for row in table for value in row]
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for value in values
    )


@contextmanager
def unchangeable(path: Path) -> Iterator[None]:
    """Let not even root change, rename or remove a file for a while."""
    chattr = shutil.which("chattr")
    if chattr is None:
        not_run("chattr is not installed")
    done = subprocess.run([chattr, "+i", path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        not_run(f"chattr +i was refused: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run([chattr, "-i", path], check=True)
