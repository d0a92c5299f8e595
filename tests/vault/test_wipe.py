import os
import re
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from fielddoc.errors import (
    KeyFileDamagedError,
    NotDestroyedError,
    VaultNotFoundError,
    VaultWipedError,
    WipeRefusedError,
)
from fielddoc.vault import wipe as wiping
from fielddoc.vault.key_file_layout import FILE_BYTES, HALF_BYTES, WIPED_MARK
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.wipe import finish_if_wiped, wipe
from vault.folders import PASSPHRASE, assert_tells, copied, digest, flip, names, unchangeable
from vault.processes import command, run, start, strace

WIPE = "say('begin'); print(wipe.wipe(folder)); say('end')"
CALLS = "pwrite64,write,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2,openat,rmdir,ftruncate"


def test_a_wiped_vault_is_gone(vault_folder: Path) -> None:
    done = wipe(vault_folder)

    assert not vault_folder.exists()
    assert (done.files_left, done.was_open_elsewhere) == (0, False)
    assert done.seconds_to_key_dead >= 0
    with pytest.raises(VaultNotFoundError):
        open_vault(vault_folder, PASSPHRASE)


# --- the order, from a trace ----------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    name: str
    text: str


def traced(folder: Path, trace: Path, *more: str) -> list[Call]:
    """Wipe in another process and return its calls between `begin` and `end`."""
    subprocess.run(
        [
            strace(),
            "-f",
            "-y",
            "-s",
            "64",
            "-o",
            str(trace),
            "-e",
            f"trace={CALLS}",
            *more,
            *command(WIPE, folder, PASSPHRASE),
        ],
        capture_output=True,
        check=False,
    )
    lines = re.findall(r"^\d+ +(\w+)\((.*)$", trace.read_text(), re.MULTILINE)
    calls = [Call(name, text) for name, text in lines]
    begin = next(n for n, call in enumerate(calls) if "begin" in call.text)
    return [call for call in calls[begin + 1 :] if "end\\n" not in call.text]


def test_the_key_dies_first_and_its_file_goes_last(vault_folder: Path, tmp_path: Path) -> None:
    calls = traced(vault_folder, tmp_path / "trace")

    key = f"<{vault_folder / 'vault.key'}>"
    opened = [
        c for c in calls if c.name == "openat" and re.search("O_WRONLY|O_RDWR|O_CREAT", c.text)
    ]
    assert "vault.key" in opened[0].text
    assert "O_NOFOLLOW" in opened[0].text
    changes = [c for c in calls if c.name != "openat" and "/vault" in c.text]
    first, second, *rest = changes
    # One write over the whole file, from its start, that begins with the mark; then one sync.
    assert first.name == "pwrite64"
    assert key in first.text
    assert f'"fielddoc wiped\\r\\nfielddoc' in first.text  # noqa: F541
    assert first.text.endswith(f", {FILE_BYTES}, 0) = {FILE_BYTES}")
    assert second.name in ("fsync", "fdatasync")
    assert key in second.text
    assert second.text.endswith(" = 0")
    # Nothing but vault.key is opened for writing before that sync, not even the lock.
    before = calls[: calls.index(second)]
    assert not [c for c in before if c in opened and "vault.key" not in c.text]
    removed = [c for c in rest if c.name in ("unlink", "unlinkat")]
    assert len(removed) >= 4
    assert "vault.key" in removed[-1].text
    assert not [c for c in removed[:-1] if "vault.key" in c.text]
    assert not [c for c in calls if c.name.startswith("rename") or c.name == "ftruncate"]
    assert not [c for c in rest if c.name == "pwrite64"]


def test_beside_a_writer_the_key_file_is_overwritten_once_more(
    vault_folder: Path, tmp_path: Path
) -> None:
    """Whoever has it open may have been inside a write when the first one began."""
    strace()  # told before something is started that would be left running
    holder = start(HOLD, vault_folder, PASSPHRASE)
    assert holder.stdout
    assert holder.stdout.readline() == "open\n"

    calls = traced(vault_folder, tmp_path / "trace")
    holder.communicate("go on\n", timeout=30)

    key = f"<{vault_folder / 'vault.key'}>"
    on_key = [c.name for c in calls if key in c.text and c.name in ("pwrite64", "fsync")]
    assert on_key == ["pwrite64", "fsync"] * 2
    assert all("fielddoc wiped" in c.text for c in calls if c.name == "pwrite64" and key in c.text)


def killed(folder: Path, call: str, number: int) -> subprocess.CompletedProcess[str]:
    """Wipe in a process that is killed on entering the `number`-th `call` after its start."""
    return subprocess.run(
        [
            strace(),
            "-f",
            "-o",
            os.devnull,
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:signal=SIGKILL:when={number}",
            *command(WIPE, folder, PASSPHRASE),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_killed_before_the_first_write_the_vault_is_whole(vault_folder: Path) -> None:
    before = digest(vault_folder)

    killed(vault_folder, "pwrite64", 1)

    assert digest(vault_folder) == before
    open_vault(vault_folder, PASSPHRASE).lock()


@pytest.mark.parametrize(
    ("call", "numbers"),
    [("fsync", (1, 2)), ("unlink", (1, 2, 3, 4)), ("rmdir", (1, 2))],
)
def test_killed_at_any_later_step_the_vault_is_dead_and_the_rest_goes_next_time(
    vault_folder: Path, call: str, numbers: tuple[int, ...]
) -> None:
    for number in numbers:
        folder = copied(vault_folder, vault_folder.parent / f"{call} {number}")
        result = killed(folder, call, number)

        assert "end" not in result.stdout
        if "vault.key" in names(folder):
            assert (folder / "vault.key").read_bytes().startswith(WIPED_MARK)
            with pytest.raises(VaultWipedError) as caught:
                open_vault(folder, PASSPHRASE)
            assert_tells(caught.value)
        assert not folder.exists() or not names(folder)


def test_killed_right_after_the_sync_no_old_byte_is_left(vault_folder: Path) -> None:
    before = (vault_folder / "vault.key").read_bytes()

    killed(vault_folder, "unlink", 1)

    after = (vault_folder / "vault.key").read_bytes()
    assert len(after) == FILE_BYTES
    assert sum(a == b for a, b in zip(before, after, strict=True)) < FILE_BYTES / 256 * 1.2
    assert names(vault_folder) >= {"records.db", "vault.lock", "vault.key"}


# --- links and foreign files ----------------------------------------------------------------------


def test_a_link_in_place_of_the_key_file_is_refused(vault_folder: Path, tmp_path: Path) -> None:
    (vault_folder / "vault.key").rename(tmp_path / "elsewhere")
    (vault_folder / "vault.key").symlink_to(tmp_path / "elsewhere")
    before = digest(tmp_path)

    with pytest.raises(WipeRefusedError):
        wipe(vault_folder)

    assert digest(tmp_path) == before


def test_links_to_elsewhere_are_not_followed(vault_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ("a" * 32)).write_text("a stranger's file")
    (elsewhere / "target").write_text("a stranger's file")
    shutil.rmtree(vault_folder / "attachments")
    (vault_folder / "attachments").symlink_to(elsewhere)
    (vault_folder / "records.db").unlink()
    (vault_folder / "records.db").symlink_to(elsewhere / "target")
    before = digest(elsewhere)

    wipe(vault_folder)

    assert digest(elsewhere) == before
    assert "vault.key" not in names(vault_folder)


def test_a_link_among_the_attachments_is_removed_and_not_followed(
    vault_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "target").write_text("a stranger's file")
    (vault_folder / "attachments" / ("b" * 32)).symlink_to(tmp_path / "target")

    wipe(vault_folder)

    assert (tmp_path / "target").read_text() == "a stranger's file"
    assert not vault_folder.exists()


def test_foreign_files_are_left_alone(vault_folder: Path) -> None:
    strange = ["letter.odt", "vault.key.bak", "records.db.old", "records.db-wal.aside-x"]
    strange += ["attachments/notes.txt", "attachments/" + "A" * 32, "attachments/" + "a" * 31]
    for name in strange:
        (vault_folder / name).write_text("foreign")
    (vault_folder / "attachments" / ("c" * 32)).mkdir()

    done = wipe(vault_folder)

    assert done.files_left == 1  # the folder that has the name of an attachment
    assert {
        n for n in names(vault_folder) if n.split("/")[-1] in {s.split("/")[-1] for s in strange}
    }
    for name in strange:
        assert (vault_folder / name).read_text() == "foreign"
    assert (vault_folder / "vault.key").read_bytes().startswith(WIPED_MARK)


def test_everything_of_the_format_goes(vault_folder: Path) -> None:
    extra = ["records.db-wal", "records.db-shm", "records.db-journal", "records.db-wal.aside-12"]
    extra += ["attachments/" + "a" * 32, "attachments/" + "b" * 32 + ".part"]
    for name in extra:
        (vault_folder / name).write_text("x")

    assert wipe(vault_folder).files_left == 0

    assert not vault_folder.exists()


# --- what is no vault -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [None, b"", b"not a key", bytes(FILE_BYTES), secrets.token_bytes(FILE_BYTES)],
    ids=["none", "empty", "text", "zeros", "noise"],
)
def test_a_folder_without_a_key_file_is_refused_and_untouched(
    vault_folder: Path, content: bytes | None
) -> None:
    (vault_folder / "vault.key").unlink()
    if content is not None:
        (vault_folder / "vault.key").write_bytes(content)
    before = digest(vault_folder)

    with pytest.raises(WipeRefusedError) as caught:
        wipe(vault_folder)

    assert_tells(caught.value)
    assert digest(vault_folder) == before


def test_what_is_no_folder_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder" / "vault.key").mkdir(parents=True)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "vault.key")

    for name in ("missing", "file", "folder", "pipe"):
        with pytest.raises(WipeRefusedError):
            wipe(tmp_path / name)


@pytest.mark.parametrize("offset", [16, 100, 130, 4095, 4096, 100_000, HALF_BYTES - 1])
def test_a_damaged_key_file_can_be_wiped(vault_folder: Path, offset: int) -> None:
    flip(vault_folder / "vault.key", offset)

    wipe(vault_folder)

    assert not vault_folder.exists()


def test_a_vault_whose_first_half_is_destroyed_can_be_wiped(vault_folder: Path) -> None:
    data = (vault_folder / "vault.key").read_bytes()
    (vault_folder / "vault.key").write_bytes(data[HALF_BYTES:] + data[:HALF_BYTES])

    wipe(vault_folder)

    assert not vault_folder.exists()


@pytest.mark.parametrize("sectors", [{0}, {0, 1}, {0, 7}, set(range(7))])
def test_a_wipe_that_reached_the_disk_in_part_is_wiped_again(
    vault_folder: Path, sectors: set[int]
) -> None:
    """Power went: of the mark some sectors were written, and of both halves' heads nothing is left.

    Nothing is removed by itself, since it is not the whole mark; but whoever asks again must not
    be told that there is no vault here.
    """
    path = vault_folder / "vault.key"
    with path.open("r+b") as file:
        for sector in sectors:
            file.seek(512 * sector)
            file.write(WIPED_MARK[:512])
        file.seek(HALF_BYTES)
        file.write(os.urandom(512))

    assert not finish_if_wiped(vault_folder)
    with pytest.raises(KeyFileDamagedError):
        open_vault(vault_folder, PASSPHRASE)
    wipe(vault_folder)

    assert not vault_folder.exists()


def test_wiping_goes_on_where_an_earlier_one_stopped(vault_folder: Path) -> None:
    with (vault_folder / "vault.key").open("r+b") as file:
        file.write(WIPED_MARK)

    wipe(vault_folder)

    assert not vault_folder.exists()


def test_without_time_the_key_is_dead_and_the_mark_stays(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiping, "DELETION_SECONDS", -1.0)

    done = wipe(vault_folder)

    assert done.files_left >= 3
    assert (vault_folder / "vault.key").read_bytes().startswith(WIPED_MARK)
    assert (vault_folder / "records.db").exists()
    monkeypatch.undo()
    assert finish_if_wiped(vault_folder)
    assert not vault_folder.exists()


# --- in use ---------------------------------------------------------------------------------------

HOLD = """
opened = open_vault(folder, passphrase)
say("open")
sys.stdin.readline()
say(opened.key_file.is_wiped())
try:
    opened.written()
    opened._write_state(clean=False)
except VaultWipedError as error:
    say(error.code)
    opened.__exit__(VaultWipedError, error, None)
"""


def test_a_vault_open_elsewhere_is_wiped_all_the_same_and_told(vault_folder: Path) -> None:
    holder = start(HOLD, vault_folder, PASSPHRASE)
    assert holder.stdout
    assert holder.stdin
    assert holder.stdout.readline() == "open\n"

    done = wipe(vault_folder)
    out, errors = holder.communicate("go on\n", timeout=30)

    assert done.was_open_elsewhere
    assert not vault_folder.exists()
    assert (out, errors) == ("True\nvault.wiped\n", "")
    assert holder.returncode == 0
    assert not vault_folder.exists()


def test_a_process_killed_with_the_vault_open_leaves_it_wipeable(vault_folder: Path) -> None:
    code = "opened = open_vault(folder, passphrase); kill()"
    assert run(code, vault_folder, PASSPHRASE).returncode == -signal.SIGKILL

    done = wipe(vault_folder)

    assert not done.was_open_elsewhere
    assert not vault_folder.exists()


# --- media that refuse ----------------------------------------------------------------------------


def assert_not_destroyed(folder: Path) -> None:
    before = digest(folder)
    with pytest.raises(NotDestroyedError) as caught:
        wipe(folder)
    assert caught.value.sentence("en").startswith("NOT DESTROYED")
    assert_tells(caught.value)
    assert digest(folder) == before


def test_a_read_only_key_file_of_ones_own_is_wiped(vault_folder: Path) -> None:
    (vault_folder / "vault.key").chmod(0o400)

    wipe(vault_folder)

    assert not vault_folder.exists()


def test_on_a_read_only_medium_it_says_not_destroyed(read_only: Path) -> None:
    assert_not_destroyed(read_only)


def test_an_unchangeable_key_file_is_not_destroyed(vault_folder: Path) -> None:
    with unchangeable(vault_folder / "vault.key"):
        assert_not_destroyed(vault_folder)


def test_a_write_that_fails_is_not_destroyed(vault_folder: Path) -> None:
    for call in ("pwrite64", "fsync"):
        code = (
            "try: wipe.wipe(folder)\nexcept NotDestroyedError as error: say(error.code)\n"
            "say(sorted(p.name for p in folder.iterdir()))"
        )
        result = subprocess.run(
            [
                strace(),
                "-f",
                "-o",
                os.devnull,
                "-e",
                f"trace={call}",
                "-e",
                f"inject={call}:error=EIO:when=1+",
                *command(code, vault_folder, PASSPHRASE),
            ],
            capture_output=True,
            text=True,
            check=False,
        )

        assert result.stdout == (
            "wipe.not-destroyed\n['attachments', 'records.db', 'vault.key', 'vault.lock']\n"
        ), call


def test_a_vault_in_a_folder_that_may_not_be_written_is_dead_and_told(vault_folder: Path) -> None:
    """Nothing can be removed there, but the key file itself can be overwritten."""
    code = (
        "os.chdir(folder)\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(wipe.wipe(Path('.')).files_left > 0)"
    )
    for path in (vault_folder, *vault_folder.rglob("*")):
        if os.getuid() == 0:
            os.chown(path, 65534, 65534)
    vault_folder.chmod(0o555)

    result = run(code, vault_folder, PASSPHRASE)

    vault_folder.chmod(0o700)
    assert result.stdout == "True\n", result.stderr
    assert (vault_folder / "vault.key").read_bytes().startswith(WIPED_MARK)


def test_a_wiped_folder_can_hold_a_new_vault(vault_folder: Path) -> None:
    wipe(vault_folder)

    with make_vault(vault_folder, PASSPHRASE):
        pass
    open_vault(vault_folder, PASSPHRASE).lock()


def test_no_changed_byte_of_the_whole_key_file_makes_anything_go(vault_folder: Path) -> None:
    """Each byte in turn, on disk: only the exact mark of a wipe lets a later start delete."""
    path = vault_folder / "vault.key"
    before = names(vault_folder)
    data = path.read_bytes()
    assert len(data) == FILE_BYTES
    with path.open("r+b", buffering=0) as file:
        for offset in range(FILE_BYTES):
            os.pwrite(file.fileno(), bytes((data[offset] ^ 0xFF,)), offset)
            assert not finish_if_wiped(vault_folder), offset
            os.pwrite(file.fileno(), data[offset : offset + 1], offset)
    assert names(vault_folder) == before
    assert path.read_bytes() == data
