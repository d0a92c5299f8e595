import ast
import secrets
import subprocess
import threading
from pathlib import Path
from typing import cast

import pytest
from sqlcipher3 import dbapi2

from fielddoc.errors import FielddocError, VaultDamagedError
from fielddoc.vault import database, records
from fielddoc.vault.check import check
from fielddoc.vault.database import APPLICATION_ID, PRAGMAS, SCHEMA, Database
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault
from vault.folders import PASSPHRASE, all_bytes, digest, dump, flip, names, raw_connection
from vault.processes import command, run, strace

# What SQLite answers for each pragma when it is set as PRAGMAS says.
EXPECTED = {
    "cipher_memory_security": "1",
    "locking_mode": "exclusive",
    "wal_autocheckpoint": 0,
    "journal_mode": "wal",
    "synchronous": 2,
    "temp_store": 2,
    "secure_delete": 1,
    "trusted_schema": 0,
    "foreign_keys": 1,
    "mmap_size": 0,
    "cell_size_check": 1,
    "fullfsync": 1,
    "checkpoint_fullfsync": 1,
}


@pytest.mark.parametrize("name", list(EXPECTED))
def test_every_pragma_is_in_force(vault: Vault, name: str) -> None:
    value = vault.database.value(f"PRAGMA {name}")

    # A build without memory mapping answers nothing at all.
    assert value == EXPECTED[name] or (name == "mmap_size" and value is None)


def test_every_pragma_that_is_set_is_asserted_here() -> None:
    assert {name for name, _ in PRAGMAS} == {*EXPECTED, "cipher_log_level"}
    assert PRAGMAS[0] == ("cipher_log_level", "NONE")


def test_the_first_statements_come_before_anything_is_read() -> None:
    assert [name for name, _ in PRAGMAS[:4]] == [
        "cipher_log_level",
        "cipher_memory_security",
        "locking_mode",
        "wal_autocheckpoint",
    ]


def test_the_database_says_what_it_is(vault: Vault) -> None:
    assert vault.database.value("PRAGMA application_id") == APPLICATION_ID == 0x66646F63
    assert vault.database.value("PRAGMA user_version") == SCHEMA
    assert vault.database.value("PRAGMA cipher_status") == "1"
    assert str(vault.database.value("PRAGMA cipher_version")).startswith("4.")


def test_no_shared_memory_file_is_ever_made(vault: Vault, vault_folder: Path) -> None:
    records.add(vault, "incident", {"title": "x"})

    assert {n for n in names(vault_folder) if n.startswith("records.db")} == {
        "records.db",
        "records.db-wal",
    }


def test_extensions_cannot_be_loaded(vault: Vault) -> None:
    for attempt in (
        lambda: vault.database.query("SELECT load_extension('anything')"),
        lambda: vault.database._connection.load_extension("anything"),
    ):
        with pytest.raises((dbapi2.Error, FielddocError)):
            attempt()


def test_a_key_is_given_in_a_buffer_and_only_rekeying_makes_a_statement_of_it() -> None:
    """`set_key` takes a buffer that is zeroed; so would `reset_key`, but nothing could run then."""
    tree = ast.parse(Path(database.__file__).read_bytes())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = {
        ast.unparse(call.func): ast.unparse(call.args[0])
        for call in calls
        if ast.unparse(call.func).endswith(("set_key", "reset_key", "executescript"))
    }
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]

    assert given == {
        "self._connection.set_key": "text",
        "self._connection.executescript": "statement",
    }
    assert not [t for t in texts if isinstance(t, str) and "pragma key" in t.lower()]
    assert isinstance(database._key_text(bytearray(32)), bytearray)


COPIES = """
import re
key = bytearray(os.urandom(32))
place = Database(folder, bytearray.fromhex(passphrase))
place.start()
place.rekey(key)
head, rest = b"%02x%02x%02x%02x" % tuple(key[:4]), key[4:]
found = 0
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        area, mode = line.split()[:2]
        low, high = (int(part, 16) for part in area.split("-"))
        if not mode.startswith("rw") or "[v" in line:
            continue
        try:
            memory.seek(low)
            data = memory.read(high - low)
        except OSError:
            continue
        for at in (m.start() for m in re.finditer(head, data)):
            found += all(data[at + 8 + 2 * n : at + 10 + 2 * n] == b"%02x" % b
                         for n, b in enumerate(rest))
        del data
say(found, place.value("SELECT count(*) FROM revision"))
"""


def test_rekeying_leaves_no_copy_of_the_key_in_memory(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        old = bytes(opened.master.sub_key("database")).hex()

    done = run("from fielddoc.vault.database import Database\n" + COPIES, vault_folder, old)

    assert (done.stdout, done.stderr) == ("0 2\n", "")


def test_other_threads_run_while_the_database_is_rekeyed(vault: Vault) -> None:
    """A wipe must not wait for it: the statement lets go of Python's lock."""
    with vault.database.transaction():
        vault.set_meta("ballast", secrets.token_bytes(30_000_000))
    vault.database.checkpoint()
    turns, ended = [0], threading.Event()

    def count() -> None:
        while not ended.wait(0.001):
            turns[0] += 1

    counter = threading.Thread(target=count)
    counter.start()
    before = turns[0]
    vault.database.rekey(bytearray(range(32)))
    during = turns[0] - before
    ended.set()
    counter.join()

    assert during > 5
    vault.database.rekey(vault.master.sub_key("database"))


def test_the_key_text_is_sqlciphers_raw_form() -> None:
    key = bytearray(range(32))

    assert database._key_text(key) == b"x'" + bytes(key).hex().encode() + b"'"


def test_the_file_is_indistinguishable_from_noise(vault_folder: Path) -> None:
    data = (vault_folder / "records.db").read_bytes()
    expected = len(data) / 256
    chi = sum((data.count(bytes((v,))) - expected) ** 2 / expected for v in range(256))

    assert b"SQLite" not in data
    assert chi < 400


def test_a_wrong_key_writes_nothing_to_the_terminal(vault_folder: Path) -> None:
    (vault_folder / "records.db").write_bytes(b"\0" * 8192)
    code = "try: open_vault(folder, passphrase)\nexcept VaultDamagedError: say('told')"

    result = run(code, vault_folder, PASSPHRASE)

    assert (result.stdout, result.stderr) == ("told\n", "")


# Sorts 40 MB, which is more than SQLite sorts without help, makes the index of words anew, and
# writes the whole database anew: each would take a temporary file, had SQLite not been told.
WORK = """
opened = open_vault(folder, passphrase)
for number in range(30):
    records.add(opened, "incident", {"title": f"t {number}", "note": "n" * 3000})
if sys.argv[3] != "as it is":
    opened.database.query(f"PRAGMA temp_store = {sys.argv[3]}")
opened.database.query(
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
    " SELECT count(*) FROM (SELECT hex(randomblob(1000)) AS h FROM n ORDER BY h LIMIT 19999)"
)
records.rebuild_projections(opened)
opened.database.query("VACUUM")
opened.lock()
say("done")
"""


def written_elsewhere(vault_folder: Path, trace: Path, *, temp_store: str) -> list[str]:
    """Return the calls that opened a file outside the vault to write it."""
    calls = ["-f", "-o", str(trace), "--seccomp-bpf", "-e", "trace=openat,open,creat"]
    done = subprocess.run(
        [strace(), *calls, *command(WORK, vault_folder, PASSPHRASE, temp_store)],
        check=True,
        capture_output=True,
    )
    assert done.stdout == b"done\n"
    written = [
        line
        for line in trace.read_text().splitlines()
        if any(flag in line for flag in ("O_WRONLY", "O_RDWR", "O_CREAT")) and "= -1" not in line
    ]
    assert written
    return [
        line
        for line in written
        if str(vault_folder) not in line and "/dev/" not in line and "__pycache__" not in line
    ]


def test_no_file_outside_the_vault_is_opened_for_writing(
    vault_folder: Path, tmp_path: Path
) -> None:
    assert written_elsewhere(vault_folder, tmp_path / "trace", temp_store="as it is") == []


def test_a_temporary_file_of_sqlite_would_be_seen(vault_folder: Path, tmp_path: Path) -> None:
    """The same work, with SQLite left to choose: without this the test before shows nothing."""
    written = written_elsewhere(vault_folder, tmp_path / "trace", temp_store="FILE")

    assert any("etilqs_" in line for line in written)
    assert all("etilqs_" in line for line in written)


# --- damage that SQLCipher does not tell ----------------------------------------------------------

BIG = "证" * 7000 + "end"


@pytest.fixture
def damaged(vault_folder: Path) -> tuple[Path, str]:
    """A vault in which one bit of the last overflow page of a big record is wrong."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        record = records.add(opened, "incident", {"title": "big", "note": BIG})
        page = last_overflow_page(opened)
    flip(vault_folder / "records.db", (page - 1) * 4096 + 100, 1)
    return vault_folder, record


def last_overflow_page(vault: Vault) -> int:
    """Return the last page of the newest revision's body, found by trying what its loss changes."""
    key = vault.master.sub_key("database")
    vault.database.checkpoint()
    data = (vault.folder / "records.db").read_bytes()
    place = vault.folder.parent / "probe"
    place.mkdir()
    rows = cast("int", vault.database.value("SELECT max(number) FROM revision"))
    found = []
    for page in range(2, len(data) // 4096 + 1):
        changed = bytearray(data)
        changed[(page - 1) * 4096 + 100] ^= 1
        (place / "records.db").write_bytes(changed)
        connection = raw_connection(place, key)
        try:
            ((body,),) = connection.execute("SELECT body FROM revision WHERE number = ?", (rows,))
        except (dbapi2.Error, MemoryError):
            continue
        finally:
            connection.close()
        if body.endswith(b"\0"):
            found.append(page)
    (page,) = found  # SQLCipher gave a value with a tail of zero bytes, and no error
    return page


def test_a_value_with_a_tail_of_zeros_is_never_given(damaged: tuple[Path, str]) -> None:
    folder, record = damaged
    before = digest(folder)["records.db"]
    opened = open_vault(folder, PASSPHRASE)

    with pytest.raises(VaultDamagedError):
        records.get(opened, record)

    assert opened.database.is_abandoned
    opened.lock()
    assert digest(folder)["records.db"] == before


def test_a_search_or_list_never_gives_what_is_damaged(damaged: tuple[Path, str]) -> None:
    folder, record = damaged
    opened = open_vault(folder, PASSPHRASE)

    for row in records.listing(opened):
        assert "\0" not in row.title
    with pytest.raises(VaultDamagedError):
        records.revise(opened, record, {"title": "other"})

    opened.lock()


def test_the_check_finds_what_is_damaged(damaged: tuple[Path, str]) -> None:
    folder, _ = damaged
    opened = open_vault(folder, PASSPHRASE)

    try:
        report = check(opened)
    except VaultDamagedError:
        assert opened.database.is_abandoned
    else:
        assert report.database_faults
    opened.lock()


def test_rows_in_batches_are_released_only_when_sound(damaged: tuple[Path, str]) -> None:
    folder, _ = damaged
    opened = open_vault(folder, PASSPHRASE)
    given = []

    with pytest.raises(VaultDamagedError):  # noqa: PT012 - what came before the error counts too
        for (body,) in opened.database.rows("SELECT body FROM revision ORDER BY number", batch=2):
            given.append(body)

    assert not [body for body in given if cast("bytes", body).endswith(b"\0")]
    opened.lock()


def test_a_damaged_database_is_unchanged_when_the_process_has_ended(
    damaged: tuple[Path, str],
) -> None:
    folder, record = damaged
    before = digest(folder)
    code = (
        "opened = open_vault(folder, passphrase)\n"
        "records.add(opened, 'incident', {'title': 'in the log'})\n"
        "try: records.get(opened, sys.argv[3])\n"
        "except VaultDamagedError: say('told')\n"
        "opened.lock()"
    )

    result = run(code, folder, PASSPHRASE, record)

    assert (result.stdout, result.returncode) == ("told\n", 0), result.stderr
    assert digest(folder)["records.db"] == before["records.db"]


def test_after_damage_was_met_nothing_more_is_written(damaged: tuple[Path, str]) -> None:
    folder, record = damaged
    opened = open_vault(folder, PASSPHRASE)
    with pytest.raises(VaultDamagedError):
        records.get(opened, record)
    before = digest(folder)

    with pytest.raises(VaultDamagedError):
        records.add(opened, "incident", {"title": "new"})
    opened.lock()

    assert digest(folder) == before


# --- transactions ---------------------------------------------------------------------------------


def test_a_failed_block_leaves_nothing(vault: Vault) -> None:
    before = all_bytes(dump(vault.database._connection))

    with pytest.raises(ZeroDivisionError), vault.database.transaction():  # noqa: PT012
        records.add(vault, "incident", {"title": "not kept"})
        raise ZeroDivisionError

    assert all_bytes(dump(vault.database._connection)) == before
    assert not records.listing(vault, text="not kept")


def test_a_bug_in_a_statement_is_not_called_damage(vault: Vault) -> None:
    for sql in ("SELEKT", "SELECT * FROM nothing", "SELECT ?"):
        with pytest.raises(dbapi2.Error):
            vault.database.query(sql)
    assert not vault.database.is_abandoned


def test_the_log_is_emptied_when_it_has_grown(
    vault: Vault, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CHECKPOINT_WAL_BYTES", 100_000)

    for number in range(60):
        records.add(vault, "incident", {"title": f"t {number}", "note": "n" * 3000})

    assert (vault_folder / "records.db-wal").stat().st_size < 200_000
    assert (vault_folder / "records.db").stat().st_size > 200_000


def test_a_database_is_rekeyed_as_a_whole(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        old = opened.master.sub_key("database")
    place = Database(vault_folder, bytearray(old))
    place.start()
    place.rekey(bytearray(range(32)))
    place.close()

    connection = raw_connection(vault_folder, bytes(range(32)))
    assert connection.execute("SELECT count(*) FROM revision").fetchone() == (2,)
    connection.close()
    connection = raw_connection(vault_folder, old)
    with pytest.raises(dbapi2.DatabaseError):
        connection.execute("SELECT count(*) FROM revision").fetchone()
    connection.close()
