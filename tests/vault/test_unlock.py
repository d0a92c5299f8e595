import os
import random
import resource
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fielddoc.errors import (
    FielddocError,
    KeyFileDamagedError,
    KeyFileMissingError,
    NoPermissionError,
    PassphraseRefusedError,
    VaultDamagedError,
    VaultExistsError,
    VaultIncompleteError,
    VaultInUseError,
    VaultNotFoundError,
    VaultTooNewError,
    WrongPassphraseError,
)
from fielddoc.vault import attachments, compartment, identity, records, vault
from fielddoc.vault.check import check
from fielddoc.vault.opening import make_vault, open_vault
from small_disk import fill, small_disk_at
from vault.conftest import PERSON
from vault.folders import (
    OTHER_PASSPHRASE,
    PASSPHRASE,
    UNLOCKED,
    assert_refused,
    assert_tells,
    copied,
    digest,
    flip,
    names,
    raw_connection,
    unchangeable,
)
from vault.processes import run, start

PAGE_BYTES = 4096
SEED = secrets.randbits(32)

HOLD = """
opened = open_vault(folder, passphrase)
say("open")
sys.stdin.readline()
records.add(opened, "person", {"names": [{"text": "added later"}]})
opened.lock()
say("locked")
"""


def test_a_vault_opens_with_what_was_put_in(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert records.get(opened, PERSON).values["names"][0]["text"] == "徐秦"  # type: ignore[index, call-overload]  # Json
        assert not opened.notices


@pytest.mark.parametrize("typed", [f"  {PASSPHRASE}\n", PASSPHRASE.replace(" ", "\u3000")])
def test_the_same_words_typed_otherwise_open_it(vault_folder: Path, typed: str) -> None:
    open_vault(vault_folder, typed).lock()


def test_unlocking_and_locking_leaves_the_same_files(vault_folder: Path) -> None:
    before = names(vault_folder)

    open_vault(vault_folder, PASSPHRASE).lock()

    assert names(vault_folder) == before


# --- each failure its own error, and nothing changed ----------------------------------------------


@pytest.mark.parametrize("passphrase", ["not it", PASSPHRASE.upper(), PASSPHRASE + "."])
def test_a_wrong_passphrase_changes_nothing(vault_folder: Path, passphrase: str) -> None:
    assert_refused(vault_folder, WrongPassphraseError, passphrase)


def test_a_passphrase_that_cannot_be_is_refused_before_the_folder_is_touched(
    vault_folder: Path,
) -> None:
    assert_refused(vault_folder, PassphraseRefusedError, " ")


@pytest.mark.parametrize("content", [None, "empty", "letter.txt", "vault.lock"])
def test_a_folder_without_a_vault_is_not_found(tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "papers"
    if content:
        folder.mkdir()
    if content not in (None, "empty"):
        (folder / str(content)).write_text("x")

    assert_refused(folder, VaultNotFoundError)


def test_a_file_in_place_of_the_folder_is_not_a_vault(tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("a file")

    assert_refused(tmp_path / "vault", VaultNotFoundError)


def test_a_missing_key_file_is_told(vault_folder: Path) -> None:
    (vault_folder / "vault.key").unlink()

    assert_refused(vault_folder, KeyFileMissingError)


@pytest.mark.parametrize("missing", ["records.db", "attachments"])
def test_a_half_copied_folder_is_told(vault_folder: Path, missing: str) -> None:
    (vault_folder / missing).rename(vault_folder.parent / missing)

    error = assert_refused(vault_folder, VaultIncompleteError)

    assert missing in error.sentence("en")


def test_only_the_key_file_was_copied(vault_folder: Path) -> None:
    for name in ("records.db", "attachments", "vault.lock"):
        (vault_folder / name).rename(vault_folder.parent / name)

    assert_refused(vault_folder, VaultIncompleteError)


def test_a_missing_lock_file_is_made_anew(vault_folder: Path) -> None:
    (vault_folder / "vault.lock").unlink()

    open_vault(vault_folder, PASSPHRASE).lock()

    assert (vault_folder / "vault.lock").exists()


def test_a_cut_key_file_is_damaged(vault_folder: Path) -> None:
    os.truncate(vault_folder / "vault.key", 100_000)

    assert_refused(vault_folder, KeyFileDamagedError)


def test_a_key_file_that_is_a_folder_is_told(vault_folder: Path) -> None:
    (vault_folder / "vault.key").unlink()
    (vault_folder / "vault.key").mkdir()

    assert_refused(vault_folder, KeyFileDamagedError)


def test_a_newer_format_is_told(vault_folder: Path) -> None:
    data = bytearray((vault_folder / "vault.key").read_bytes())
    data[17] = 2
    (vault_folder / "vault.key").write_bytes(data)

    assert_refused(vault_folder, VaultTooNewError)


def test_a_newer_schema_is_told(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        opened.database.query("PRAGMA user_version = 2")

    assert_refused(vault_folder, VaultTooNewError)


def test_a_database_of_another_program_is_told(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        opened.database.query("PRAGMA application_id = 7")

    assert_refused(vault_folder, VaultDamagedError)


def test_a_flipped_bit_in_each_page_is_told_by_opening_or_by_the_check(vault_folder: Path) -> None:
    """Whatever tells, records.db stays as it is."""
    size = (vault_folder / "records.db").stat().st_size
    chosen = random.Random(SEED)
    print("seed", SEED)

    for page in range(size // PAGE_BYTES):
        folder = copied(vault_folder, vault_folder.parent / f"page {page}")
        flip(folder / "records.db", page * PAGE_BYTES + chosen.randrange(PAGE_BYTES), 1)
        before = digest(folder)
        try:
            opened = open_vault(folder, PASSPHRASE)
        except VaultDamagedError:
            assert digest(folder)["records.db"] == before["records.db"]
            continue
        try:
            assert not check(opened).is_sound, page
        except VaultDamagedError:
            assert opened.database.is_abandoned
        opened.lock()
        assert digest(folder)["records.db"] == before["records.db"]


@pytest.mark.parametrize("damage", ["cut", "to one page", "emptied", "zeroed", "first zeroed"])
def test_a_damaged_database_is_told(vault_folder: Path, damage: str) -> None:
    path = vault_folder / "records.db"
    size = path.stat().st_size
    match damage:
        case "cut":
            os.truncate(path, size // 2 + 100)
        case "to one page":
            os.truncate(path, PAGE_BYTES)
        case "emptied":
            os.truncate(path, 0)
        case "zeroed":
            path.write_bytes(bytes(size))
        case _:
            path.write_bytes(bytes(PAGE_BYTES) + path.read_bytes()[PAGE_BYTES:])

    assert_refused(vault_folder, VaultDamagedError)


def test_two_exchanged_pages_are_told(vault_folder: Path) -> None:
    path = vault_folder / "records.db"
    data = path.read_bytes()
    first, second = data[PAGE_BYTES : 2 * PAGE_BYTES], data[2 * PAGE_BYTES : 3 * PAGE_BYTES]
    path.write_bytes(data[:PAGE_BYTES] + second + first + data[3 * PAGE_BYTES :])

    assert_refused(vault_folder, VaultDamagedError, but=UNLOCKED)


def test_the_database_of_another_vault_is_told(vault_folder: Path, other_folder: Path) -> None:
    (vault_folder / "records.db").write_bytes((other_folder / "records.db").read_bytes())

    assert_refused(vault_folder, VaultDamagedError)


def test_the_key_file_of_another_vault_is_told(vault_folder: Path, other_folder: Path) -> None:
    (vault_folder / "vault.key").write_bytes((other_folder / "vault.key").read_bytes())

    assert_refused(vault_folder, WrongPassphraseError)
    assert_refused(vault_folder, VaultDamagedError, OTHER_PASSPHRASE)


def test_an_older_database_is_told(vault_folder: Path) -> None:
    older = (vault_folder / "records.db").read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.add(opened, "person", {"names": [{"text": "new"}]})
    (vault_folder / "records.db").write_bytes(older)

    assert_refused(vault_folder, VaultDamagedError)


def test_an_older_key_file_is_told(vault_folder: Path) -> None:
    older = (vault_folder / "vault.key").read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.add(opened, "person", {"names": [{"text": "new"}]})
    (vault_folder / "vault.key").write_bytes(older)

    assert_refused(vault_folder, VaultDamagedError)


def test_a_row_of_the_log_that_was_taken_back_is_told(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        key = opened.master.sub_key("database")
    connection = raw_connection(vault_folder, key)
    connection.execute("DELETE FROM log WHERE number = (SELECT max(number) FROM log)")
    connection.close()

    assert_refused(vault_folder, VaultDamagedError)


# --- in use ---------------------------------------------------------------------------------------


def test_a_vault_in_use_is_left_alone_and_its_user_unharmed(vault_folder: Path) -> None:
    holder = start(HOLD, vault_folder, PASSPHRASE)
    assert holder.stdout
    assert holder.stdin
    assert holder.stdout.readline() == "open\n"

    assert_refused(vault_folder, VaultInUseError)
    assert_refused(vault_folder, VaultInUseError, "not it")
    out, errors = holder.communicate("go on\n", timeout=30)

    assert (out, errors) == ("locked\n", "")
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert len(records.listing(opened, text="added later")) == 1


def test_a_killed_process_leaves_no_stale_lock(vault_folder: Path) -> None:
    holder = start(HOLD, vault_folder, PASSPHRASE)
    assert holder.stdout
    assert holder.stdin
    assert holder.stdout.readline() == "open\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert len(records.listing(opened)) == 2


def test_the_same_process_cannot_unlock_twice(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        with pytest.raises(VaultInUseError):
            open_vault(vault_folder, PASSPHRASE)
        records.add(opened, "person", {"names": [{"text": "unharmed"}]})

    open_vault(vault_folder, PASSPHRASE).lock()


def test_a_failed_unlock_lets_the_next_one_in(vault_folder: Path) -> None:
    assert_refused(vault_folder, WrongPassphraseError, "not it")

    open_vault(vault_folder, PASSPHRASE).lock()


# --- the system refuses ---------------------------------------------------------------------------

AS_ORDINARY_USER = """
import importlib, pkgutil, fielddoc.vault
from fielddoc.domain import folding, names; from fielddoc.vault import search, check
search.version(); folding.folded("x"); names.pinyin("徐")
if os.getuid() == 0:
    os.chdir(folder)
    folder = Path(".")
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    opened = open_vault(folder, passphrase)
except FielddocError as error:
    say(error.code)
else:
    say("opened")
    opened.lock()
"""


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("vault.key", 0o000),
        ("vault.key", 0o444),
        ("records.db", 0o000),
        ("vault.lock", 0o000),
        ("vault.lock", 0o444),
        ("attachments", 0o000),
        (".", 0o000),
    ],
)
def test_missing_permission_is_told_and_changes_nothing(
    vault_folder: Path, name: str, mode: int
) -> None:
    given_to_anybody(vault_folder)
    (vault_folder / name).chmod(mode)
    before = digest(vault_folder) if os.getuid() == 0 else {}

    result = run(AS_ORDINARY_USER, vault_folder, PASSPHRASE)

    if name == "attachments" and result.stdout == "opened\n":
        return  # nothing had to be read or written there
    assert result.stdout == "file.no-permission\n", result.stderr
    assert os.getuid() != 0 or digest(vault_folder) == before
    (vault_folder / name).chmod(0o700)


@pytest.mark.parametrize("name", [".", "records.db"])
def test_a_folder_or_database_that_may_only_be_read_is_told(vault_folder: Path, name: str) -> None:
    given_to_anybody(vault_folder)
    (vault_folder / name).chmod(0o555)
    before = digest(vault_folder)

    result = run(AS_ORDINARY_USER, vault_folder, PASSPHRASE)

    assert result.stdout == "file.no-permission\n", result.stderr
    assert digest(vault_folder) == before
    (vault_folder / name).chmod(0o700)


def test_a_database_that_was_write_protected_opens_in_the_same_process_once_it_is_not(
    vault_folder: Path,
) -> None:
    with unchangeable(vault_folder / "records.db"):
        assert_refused(vault_folder, NoPermissionError)

    open_vault(vault_folder, PASSPHRASE).lock()


def given_to_anybody(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if os.getuid() == 0:
            os.chown(path, 65534, 65534)
    folder.chmod(0o755)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for one vault."""
    with small_disk_at(tmp_path / "disk", size="2m") as place:
        yield place


def test_on_a_full_disk_a_save_is_refused_and_what_was_saved_stays(small_disk: Path) -> None:
    folder = small_disk / "vault"
    with make_vault(folder, PASSPHRASE) as opened:
        saved = records.add(opened, "incident", {"title": "before"})
        ballast = fill(small_disk)
        told: FielddocError | None = None
        try:
            for _ in range(50):
                saved = records.add(opened, "incident", {"title": "x" * 3000})
        except FielddocError as error:
            told = error
        assert told is not None
        assert told.code == "file.disk-full"
        assert_tells(told)
        assert records.get(opened, saved).type == "incident"
        ballast.unlink()
        later = records.add(opened, "incident", {"title": "after"})

    with open_vault(folder, PASSPHRASE) as opened:
        assert {row.title for row in records.listing(opened)} >= {"before", "after"}
        assert records.get(opened, later).type == "incident"


def test_on_a_full_disk_an_attachment_is_refused_and_leaves_nothing(small_disk: Path) -> None:
    folder = small_disk / "vault"
    with make_vault(folder, PASSPHRASE) as opened:
        with pytest.raises(FielddocError) as caught:
            attachments.store(opened, [bytes(1024 * 1024)] * 4)
        assert caught.value.code == "file.disk-full"
        assert not [*(folder / "attachments").iterdir()]
        assert not opened.database.query("SELECT * FROM attachment")


def test_on_a_full_disk_a_vault_still_opens(small_disk: Path) -> None:
    folder = small_disk / "vault"
    with make_vault(folder, PASSPHRASE) as opened:
        records.add(opened, "incident", {"title": "before"})
    ballast = fill(small_disk)
    with open_vault(folder, PASSPHRASE) as opened:
        assert records.listing(opened)[0].title == "before"
    ballast.unlink()

    with open_vault(folder, PASSPHRASE) as opened:
        assert records.listing(opened)[0].title == "before"


def test_on_a_full_disk_no_vault_is_made(small_disk: Path) -> None:
    ballast = fill(small_disk)

    with pytest.raises(FielddocError) as caught:
        make_vault(small_disk / "vault", PASSPHRASE)

    assert caught.value.code == "file.disk-full"
    ballast.unlink()


LIMITED = """
import resource
opened = open_vault(folder, passphrase)
limit = max(p.stat().st_size for p in folder.iterdir()) + 20_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    if sys.argv[3] == "attachment":
        attachments.store(opened, [bytes(1024 * 1024)])
    else:
        while True:
            say(records.add(opened, "incident", {"title": "x" * 3000}))
except FielddocError as error:
    say(error.code)
kill()
"""


def test_beyond_a_limit_of_file_size_nothing_acknowledged_is_lost(vault_folder: Path) -> None:
    result = run(LIMITED, vault_folder, PASSPHRASE, "record")

    *saved, code = result.stdout.split()
    assert code == "file.disk-full", result.stderr
    assert saved
    assert "records.db-shm" not in names(vault_folder)
    with open_vault(vault_folder, PASSPHRASE) as opened:
        for record in saved:
            assert records.get(opened, record).type == "incident"


def test_beyond_a_limit_of_file_size_an_attachment_is_refused(vault_folder: Path) -> None:
    before = names(vault_folder)

    result = run(LIMITED, vault_folder, PASSPHRASE, "attachment")

    assert result.stdout == "file.disk-full\n", result.stderr
    open_vault(vault_folder, PASSPHRASE).lock()
    assert names(vault_folder) == before


def test_too_little_memory_is_told_and_changes_nothing(tmp_path: Path) -> None:
    from fielddoc.crypto.kdf import Cost

    make_vault(tmp_path / "vault", PASSPHRASE, cost=Cost(256 * 1024, 1, 1)).lock()
    before = digest(tmp_path / "vault")
    code = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (220 << 20, resource.RLIM_INFINITY))\n"
        "try: open_vault(folder, passphrase)\n"
        "except FielddocError as error: say(error.code, error.sentence('en'))"
    )

    result = run(code, tmp_path / "vault", PASSPHRASE)

    assert result.stdout.startswith("vault.memory-short There is not enough"), result.stderr
    assert "256 MiB" in result.stdout
    assert digest(tmp_path / "vault") == before


# --- making ---------------------------------------------------------------------------------------


def test_a_vault_is_made_only_in_a_new_or_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").write_text("x")

    make_vault(tmp_path / "empty", PASSPHRASE).lock()
    make_vault(tmp_path / "a" / "new" / "one", PASSPHRASE).lock()
    for folder in ("full", "empty"):
        before = digest(tmp_path / folder)
        with pytest.raises(VaultExistsError):
            make_vault(tmp_path / folder, PASSPHRASE)
        assert digest(tmp_path / folder) == before


def test_a_refused_passphrase_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(PassphraseRefusedError):
        make_vault(tmp_path / "vault", " ")

    assert not (tmp_path / "vault").exists()


def test_everything_in_a_vault_is_for_its_owner_only(vault_folder: Path) -> None:
    for path in (vault_folder, *vault_folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_vault_whose_making_was_cut_off_opens_complete(tmp_path: Path) -> None:
    """The key file is there, but the compartment and the vault's own keys are not yet."""
    vault.create(tmp_path / "vault", PASSPHRASE).lock()

    with open_vault(tmp_path / "vault", PASSPHRASE) as opened:
        assert identity.current(opened).signing_seed
        assert compartment.keys(opened)


def test_two_vaults_have_nothing_in_common(vault_folder: Path, other_folder: Path) -> None:
    first = (vault_folder / "vault.key").read_bytes()
    second = (other_folder / "vault.key").read_bytes()
    same = sum(a == b for a, b in zip(first, second, strict=True))

    assert same < len(first) / 256 * 1.2 + 8192


def test_keys_are_zeroed_on_locking(vault_folder: Path) -> None:
    opened = open_vault(vault_folder, PASSPHRASE)

    opened.lock()

    assert opened.master.copy() == bytes(32)


def test_keys_are_zeroed_even_when_locking_finds_the_vault_wiped(vault_folder: Path) -> None:
    from fielddoc.errors import VaultWipedError
    from fielddoc.vault import wipe

    opened = open_vault(vault_folder, PASSPHRASE)
    wipe.wipe(vault_folder)

    with pytest.raises(VaultWipedError):
        opened.lock()

    assert opened.master.copy() == bytes(32)


def test_no_secret_is_shown_by_what_prints_itself(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        text = repr(opened) + repr(opened.master) + repr(identity.current(opened))
        for secret in (opened.master.copy(), identity.current(opened).signing_seed):
            assert repr(bytes(secret))[2:10] not in text
            assert secret.hex() not in text


def test_resource_limits_of_this_process_are_left_alone() -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
