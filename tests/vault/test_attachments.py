import hashlib
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fielddoc.crypto.stream import CHUNK_BYTES, sealed_size
from fielddoc.domain.padme import is_padme, padme
from fielddoc.errors import AttachmentNotFoundError, CancelledError, VaultDamagedError
from fielddoc.vault import attachments
from fielddoc.vault.attachments import Content
from fielddoc.vault.check import check
from fielddoc.vault.layout import ATTACHMENT_NAME, FIXED_TIME_S
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault
from vault.folders import PASSPHRASE, flip, names
from vault.processes import command, run, strace

SEALED_CHUNK = CHUNK_BYTES + 16
BORDERS = sorted(
    {
        size + step
        for size in (0, 1, 2, 8, 9, 64, 72, 104, 1024, CHUNK_BYTES, 2 * CHUNK_BYTES, 135_168)
        for step in (-1, 0, 1)
        if size + step >= 0
    }
)


def file_of(vault: Vault, content: Content) -> Path:
    return attachments.name_and_key(vault, content)[0]


def everything(vault: Vault, content: Content) -> bytes:
    return b"".join(attachments.read(vault, content))


@pytest.mark.parametrize("size", BORDERS)
def test_content_of_any_size_comes_back(vault: Vault, size: int) -> None:
    data = secrets.token_bytes(size)

    content = attachments.store(vault, [data])

    assert everything(vault, content) == data
    assert content.size_bytes == size
    assert content.sha256 == hashlib.sha256(data).hexdigest()
    assert attachments.read_range(vault, content, 0, size + 10) == data
    file = file_of(vault, content)
    assert file.stat().st_size == sealed_size(padme(size))
    assert is_padme(padme(size))
    assert file.stat().st_mtime == FIXED_TIME_S
    assert file.stat().st_mode & 0o077 == 0
    assert ATTACHMENT_NAME.fullmatch(file.name)


@given(st.lists(st.binary(max_size=300), max_size=8))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_content_may_come_in_pieces_of_any_size(vault: Vault, blocks: list[bytes]) -> None:
    content = attachments.store(vault, blocks)

    assert everything(vault, content) == b"".join(blocks)


@pytest.fixture
def long(vault: Vault) -> tuple[Content, bytes]:
    """A content of three chunks and its bytes."""
    data = secrets.token_bytes(2 * CHUNK_BYTES + 5000)
    return attachments.store(vault, [data]), data


@given(st.integers(0, 140_000), st.integers(0, 140_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_range_equals_the_slice(
    vault: Vault, long: tuple[Content, bytes], start: int, size: int
) -> None:
    content, data = long

    assert attachments.read_range(vault, content, start, size) == data[start : start + size]


def test_the_key_of_a_content_is_never_used_for_another(vault: Vault) -> None:
    for _ in range(20):
        attachments.store(vault, [secrets.token_bytes(10)])

    keys = vault.database.query("SELECT key FROM attachment")
    assert len(set(keys)) == len(keys)


def test_neither_name_nor_content_shows_in_the_folder(vault: Vault) -> None:
    content = attachments.store(vault, [b"photo.jpg of 42 Garden Road " * 100])

    data = file_of(vault, content).read_bytes()
    assert b"photo" not in data
    assert content.sha256 not in file_of(vault, content).name


def test_a_content_never_shows_its_key(vault: Vault) -> None:
    content = attachments.store(vault, [b"x"])
    _, key = attachments.name_and_key(vault, content)

    assert key.hex() not in repr(content)
    assert repr(key)[2:-1] not in repr(content)


# --- damage ---------------------------------------------------------------------------------------


def test_every_changed_byte_is_noticed_before_anything_is_given(vault: Vault) -> None:
    content = attachments.store(vault, [b"a small secret" * 7])
    path = file_of(vault, content)

    for offset in range(path.stat().st_size):
        flip(path, offset, 1 << offset % 8)
        given_: list[bytes] = []
        with pytest.raises(VaultDamagedError):
            given_.extend(attachments.read(vault, content))
        assert not given_
        with pytest.raises(VaultDamagedError):
            attachments.read_range(vault, content, 0, 1)
        flip(path, offset, 1 << offset % 8)

    assert everything(vault, content) == b"a small secret" * 7


def chunks(data: bytes) -> list[bytes]:
    return [data[at : at + SEALED_CHUNK] for at in range(0, len(data), SEALED_CHUNK)]


@pytest.mark.parametrize(
    "change",
    [
        "first dropped",
        "last dropped",
        "exchanged",
        "repeated",
        "one byte more",
        "one chunk more",
        "cut by a byte",
        "emptied",
        "second changed",
    ],
)
def test_changed_chunks_are_noticed_and_only_what_is_right_is_given(
    vault: Vault, long: tuple[Content, bytes], change: str
) -> None:
    content, data = long
    path = file_of(vault, content)
    one, two, *rest = chunks(path.read_bytes())
    made = {
        "first dropped": [two, *rest],
        "last dropped": [one, two],
        "exchanged": [two, one, *rest],
        "repeated": [one, two, two, *rest],
        "one byte more": [one, two, *rest, b"\0"],
        "one chunk more": [one, two, *rest, one],
        "cut by a byte": [one, two, *rest[:-1], rest[-1][:-1]],
        "emptied": [],
        "second changed": [one, bytes((two[0] ^ 1,)) + two[1:], *rest],
    }
    path.write_bytes(b"".join(made[change]))

    given_ = bytearray()
    with pytest.raises(VaultDamagedError):  # noqa: PT012 - what came before counts too
        for piece in attachments.read(vault, content):
            given_ += piece

    assert data.startswith(given_)
    assert content.sha256 in check(vault).attachment_faults


def test_exchanged_files_are_noticed(vault: Vault) -> None:
    first, second = (attachments.store(vault, [c * 500]) for c in (b"a", b"b"))
    one, two = file_of(vault, first), file_of(vault, second)
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)

    for content in (first, second):
        with pytest.raises(VaultDamagedError):
            everything(vault, content)


def test_a_missing_file_is_told_apart_from_a_damaged_one(vault: Vault) -> None:
    content = attachments.store(vault, [b"x"])
    file_of(vault, content).unlink()

    with pytest.raises(AttachmentNotFoundError):
        everything(vault, content)
    with pytest.raises(AttachmentNotFoundError):
        attachments.read_range(vault, content, 0, 1)
    assert check(vault).attachment_faults == [content.sha256]


def test_content_of_another_hash_than_its_row_says_is_noticed(vault: Vault) -> None:
    """The seal shows that the file is the row's; the hash, that it is what was attached."""
    content = attachments.store(vault, [b"x" * 104])
    other = Content(content.number, hashlib.sha256(b"y" * 104).hexdigest(), 104)

    with pytest.raises(VaultDamagedError):
        everything(vault, other)


def test_padding_other_than_zeros_is_noticed(vault: Vault) -> None:
    """The row says where the content ends; what is sealed behind it must be empty."""
    content = attachments.store(vault, [b"x" * 104])
    vault.database.query(
        "UPDATE attachment SET size_bytes = 103 WHERE number = ?", (content.number,)
    )
    shorter = Content(content.number, hashlib.sha256(b"x" * 103).hexdigest(), 103)

    with pytest.raises(VaultDamagedError):
        everything(vault, shorter)


# --- once, and whole or not at all ----------------------------------------------------------------


def test_the_same_content_is_kept_once(vault: Vault) -> None:
    first = attachments.store(vault, [b"same" * 100])
    before = names(vault.folder)

    second = attachments.store(vault, [b"same" * 50, b"same" * 50])

    assert second == first
    assert names(vault.folder) == before
    assert len(attachments.contents(vault)) == 2


def test_an_attachment_that_was_stopped_leaves_nothing(vault: Vault) -> None:
    before = names(vault.folder)

    def stop(done: int) -> None:
        if done > 200_000:
            raise CancelledError

    with pytest.raises(CancelledError):
        attachments.store(vault, [bytes(100_000)] * 10, stop)

    assert names(vault.folder) == before
    assert len(vault.database.query("SELECT * FROM attachment")) == 1


def test_an_unreadable_source_leaves_nothing(vault: Vault) -> None:
    before = names(vault.folder)

    def failing() -> Iterator[bytes]:
        yield bytes(100_000)
        raise OSError(5, "input/output error")

    with pytest.raises(Exception):  # noqa: B017, PT011 - whichever: what is left behind counts
        attachments.store(vault, failing())

    assert names(vault.folder) == before


def test_progress_tells_the_bytes_read(vault: Vault) -> None:
    told: list[int] = []

    attachments.store(vault, [bytes(1000)] * 5, told.append)

    assert told == [1000, 2000, 3000, 4000, 5000]


KILLED_AT = {
    "while writing": "attachments.store(opened, blocks(), lambda done: done > 100_000 and kill())",
    "when written": "attachments.store_pending(opened, blocks()); kill()",
    "when present": "attachments.store(opened, blocks()); kill()",
    "when going": (
        "c = attachments.store(opened, blocks())\n"
        "with opened.database.transaction(): attachments.mark_going(opened, c.sha256)\n"
        "kill()"
    ),
}


@pytest.mark.parametrize("place", KILLED_AT)
def test_a_kill_leaves_whole_contents_only(vault_folder: Path, place: str) -> None:
    code = (
        "def blocks():\n    for n in range(10): yield bytes([n]) * 50_000\n"
        f"opened = open_vault(folder, passphrase)\n{KILLED_AT[place]}"
    )
    assert run(code, vault_folder, PASSPHRASE).returncode == -signal.SIGKILL

    with open_vault(vault_folder, PASSPHRASE) as opened:
        report = check(opened)
        assert report.is_sound
        assert not report.unknown_files
        assert report.attachments == (2 if place == "when present" else 1)
        assert len([*opened.attachments_folder.iterdir()]) == report.attachments


def test_a_kill_at_each_step_leaves_whole_contents_only(vault_folder: Path) -> None:
    tracer = strace()
    code = (
        "opened = open_vault(folder, passphrase)\n"
        "say('begin')\n"
        "attachments.store(opened, [b'x' * 100_000]); say('kept')"
    )
    for call, step in (("rename", 1), ("fsync", 2), ("pwrite64", 9)):
        for number in range(1, 60, step):
            result = subprocess.run(
                [
                    tracer,
                    "-f",
                    "-o",
                    os.devnull,
                    "-e",
                    f"trace={call}",
                    "-e",
                    f"inject={call}:signal=SIGKILL:when={number}",
                    *command(code, vault_folder, PASSPHRASE),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            with open_vault(vault_folder, PASSPHRASE) as opened:
                report = check(opened)
                assert report.is_sound, (call, number)
                assert not report.unknown_files, (call, number)
                assert "kept" not in result.stdout or report.attachments == 2
                for content in attachments.contents(opened):
                    if content.size_bytes == 100_000:
                        with opened.database.transaction():
                            attachments.mark_going(opened, content.sha256)
                        attachments.clean_up(opened)
            if "kept" in result.stdout:
                break


def test_unknown_files_are_reported_and_kept(vault_folder: Path) -> None:
    """After a database was restored they may be evidence."""
    strange = ["0" * 32, "1" * 32 + ".part", "notes.txt"]
    for name in strange:
        (vault_folder / "attachments" / name).write_bytes(b"who knows")

    with open_vault(vault_folder, PASSPHRASE) as opened:
        report = check(opened)
        assert report.unknown_files == strange
        assert report.is_sound

    for name in strange:
        assert (vault_folder / "attachments" / name).read_bytes() == b"who knows"


def test_removed_content_is_gone_with_its_key(vault: Vault) -> None:
    content = attachments.store(vault, [b"goes"])
    path, _ = attachments.name_and_key(vault, content)
    with vault.database.transaction():
        assert attachments.mark_going(vault, content.sha256) == [content.number]
    assert attachments.find(vault, content.sha256) is None

    assert attachments.clean_up(vault) == 1

    assert not path.exists()
    assert not vault.database.query("SELECT 1 FROM attachment WHERE number = ?", (content.number,))
    assert check(vault).is_sound


def test_a_file_is_read_in_blocks(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(b"0123456789")

    assert [*attachments.file_blocks(tmp_path / "photo", size=4)] == [b"0123", b"4567", b"89"]
