import hashlib
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from fielddoc.crypto.stream import CHUNK_BYTES
from fielddoc.domain.canonical import Json
from fielddoc.errors import (
    AttachmentNotFoundError,
    CancelledError,
    FileExistsAlreadyError,
    NoPermissionError,
    NotAPlainFileError,
    RecordNotFoundError,
    VaultDamagedError,
)
from fielddoc.vault import attachments, records
from fielddoc.vault.attaching import (
    Unfit,
    attach_bytes,
    attach_file,
    copy_out,
    file_name,
    file_of,
    files_of,
    free_name,
    unfit,
)
from fielddoc.vault.check import check
from fielddoc.vault.layout import DATABASE
from fielddoc.vault.purge import purge
from fielddoc.vault.vault import Vault
from vault.conftest import PERSON
from vault.folders import flip

T = TypeVar("T")
NOBODY = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A file of three chunks."""
    path = tmp_path / "IMG 0001.jpg"
    path.write_bytes(bytes(range(256)) * (3 * CHUNK_BYTES // 256))
    return path


def present(vault: Vault) -> set[str]:
    return {content.sha256 for content in attachments.contents(vault)}


def rows(vault: Vault) -> object:
    return vault.database.value("SELECT count(*) FROM attachment")


# --- taking in -----------------------------------------------------------------------------------


def test_a_file_is_sealed_and_described(vault: Vault, photo: Path) -> None:
    identity = attach_file(vault, PERSON, photo)

    record = records.get(vault, identity)
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    assert record.type == "attachment"
    assert record.problems == ()
    assert {**record.values, "added_on": ""} == {
        "name": "IMG 0001.jpg",
        "media_type": "image/jpeg",
        "size_bytes": photo.stat().st_size,
        "sha256": digest,
        "added_on": "",
        "belongs_to": [PERSON],
    }
    assert digest in present(vault)
    assert photo.exists()


def test_bytes_in_memory_are_attached_like_a_file(vault: Vault) -> None:
    identity = attach_bytes(vault, PERSON, "a.png", "image/png", [b"one", b"two"])

    (file,) = files_of(vault, PERSON)
    assert (file.record, file.name, file.media_type) == (identity, "a.png", "image/png")
    assert file.content is not None
    assert b"".join(attachments.read(vault, file.content)) == b"onetwo"


def test_progress_tells_the_bytes_and_may_stop(vault: Vault, photo: Path) -> None:
    before = rows(vault)
    told: list[int] = []

    def stop(done: int) -> None:
        told.append(done)
        raise CancelledError

    with pytest.raises(CancelledError):
        attach_file(vault, PERSON, photo, stop)

    assert told == [photo.stat().st_size]
    assert rows(vault) == before
    assert files_of(vault, PERSON) == []
    assert check(vault).is_sound


def test_the_same_content_belongs_to_a_record_once(vault: Vault, photo: Path) -> None:
    first = attach_file(vault, PERSON, photo)
    copy = photo.with_name("copy.jpg")
    copy.write_bytes(photo.read_bytes())

    assert attach_file(vault, PERSON, copy) == first
    assert [file.name for file in files_of(vault, PERSON)] == ["IMG 0001.jpg"]
    assert check(vault).is_sound


def test_the_same_content_may_belong_to_two_records_and_lies_there_once(
    vault: Vault, photo: Path
) -> None:
    other = records.add(vault, "incident", {"title": "x"})
    before = rows(vault)

    first, second = (attach_file(vault, record, photo) for record in (PERSON, other))

    assert first != second
    assert rows(vault) == int(str(before)) + 1


def test_what_is_in_the_trash_does_not_keep_a_file_from_being_added_again(
    vault: Vault, photo: Path
) -> None:
    first = attach_file(vault, PERSON, photo)
    records.delete(vault, first)
    assert files_of(vault, PERSON) == []

    second = attach_file(vault, PERSON, photo)

    assert second != first
    assert [file.record for file in files_of(vault, PERSON)] == [second]


def test_nothing_is_attached_to_a_record_that_is_not_there(vault: Vault, photo: Path) -> None:
    before = rows(vault)

    with pytest.raises(RecordNotFoundError):
        attach_file(vault, NOBODY, photo)

    assert rows(vault) == before


def test_no_byte_is_read_for_a_record_that_is_not_there(vault: Vault) -> None:
    def blocks() -> Iterator[bytes]:
        yield pytest.fail("it was read")

    with pytest.raises(RecordNotFoundError):
        attach_bytes(vault, NOBODY, "a", "text/plain", blocks())


def test_nothing_is_left_when_the_record_is_purged_while_the_file_is_read(
    vault: Vault, photo: Path
) -> None:
    record = records.add(vault, "incident", {"title": "x"})
    before = rows(vault)

    with pytest.raises(RecordNotFoundError):
        attach_file(vault, record, photo, lambda _: void(purge(vault, record)))

    assert rows(vault) == before
    assert check(vault).is_sound


def void(_: object) -> None:
    return


def test_the_vault_is_reached_in_turns_only(vault: Vault, photo: Path, tmp_path: Path) -> None:
    depth = 0

    def turn(step: Callable[[], T]) -> T:
        nonlocal depth
        depth += 1
        try:
            return step()
        finally:
            depth -= 1

    query = vault.database.query
    outside: list[str] = []

    def watched(sql: str, parameters: tuple[object, ...] = ()) -> object:
        if not depth:
            outside.append(sql)
        return query(sql, parameters)  # type: ignore[arg-type]

    vault.database.query = watched  # type: ignore[assignment, method-assign]
    identity = attach_file(vault, PERSON, photo, turn=turn)
    copy_out(vault, identity, tmp_path / "out", turn=turn)

    assert outside == []


def test_a_link_is_followed(vault: Vault, photo: Path) -> None:
    link = photo.with_name("link.jpg")
    link.symlink_to(photo)

    identity = attach_file(vault, PERSON, link)

    assert records.get(vault, identity).values["name"] == "link.jpg"


def test_a_name_that_is_no_utf_8_is_kept_legible(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode("徐秦.txt".encode("gb18030"))
    path.write_bytes(b"x")

    identity = attach_file(vault, PERSON, path)

    assert records.get(vault, identity).values["name"] == r"\xd0\xec\xc7\xd8.txt"


def unfit_things(tmp_path: Path, vault: Vault) -> dict[str, Path]:
    folder, pipe, gone, loop = (tmp_path / name for name in ("folder", "pipe", "gone", "loop"))
    folder.mkdir()
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    hard = tmp_path / "hard"
    hard.hardlink_to(vault.folder / DATABASE)
    soft = tmp_path / "soft"
    soft.symlink_to(vault.folder / "attachments")
    return {
        "folder": folder,
        "pipe": pipe,
        "device": Path("/dev/zero"),
        "gone": gone,
        "loop": loop,
        "below a file": Path(__file__) / "x",
        "database": vault.folder / DATABASE,
        "linked database": hard,
        "attachments": soft,
    }


REASONS = {
    "folder": Unfit.FOLDER,
    "pipe": Unfit.NOT_A_FILE,
    "device": Unfit.NOT_A_FILE,
    "gone": Unfit.MISSING,
    "loop": Unfit.MISSING,
    "below a file": Unfit.MISSING,
    "database": Unfit.OF_THE_VAULT,
    "linked database": Unfit.OF_THE_VAULT,
    "attachments": Unfit.OF_THE_VAULT,
}


@pytest.mark.parametrize("thing", REASONS)
def test_what_is_no_file_of_the_person_is_refused(vault: Vault, tmp_path: Path, thing: str) -> None:
    path = unfit_things(tmp_path, vault)[thing]

    assert unfit(vault, path) is REASONS[thing]
    with pytest.raises(NotAPlainFileError):
        attach_file(vault, PERSON, path)
    assert files_of(vault, PERSON) == []


def test_a_socket_is_no_file(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")

        assert unfit(vault, tmp_path / "s") is Unfit.NOT_A_FILE


def test_a_file_that_the_system_refuses_is_told_apart(
    vault: Vault, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as somebody whom the system refuses nothing, so it is played."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "no")

    monkeypatch.setattr(os, "access", lambda *_: False)
    assert unfit(vault, photo) is Unfit.UNREADABLE
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(NoPermissionError, match="IMG 0001"):
        attach_file(vault, PERSON, photo)


# --- listing -------------------------------------------------------------------------------------


def test_files_are_listed_in_the_order_in_which_they_came(vault: Vault) -> None:
    for name in ("b", "a", "c"):
        attach_bytes(vault, PERSON, name, "text/plain", [name.encode()])

    assert [file.name for file in files_of(vault, PERSON)] == ["b", "a", "c"]


def test_only_what_belongs_to_the_record_is_listed(vault: Vault) -> None:
    source = records.add(vault, "source", {"code_name": "A-3"})
    attachment = attach_bytes(vault, PERSON, "a", "text/plain", [b"a"])
    records.revise(vault, attachment, {"sources": [source]})
    records.add(vault, "incident", {"title": "x", "sources": [source]})

    assert files_of(vault, source) == []


def test_a_record_tells_the_file_that_it_describes(vault: Vault) -> None:
    attachment = attach_bytes(vault, PERSON, "a", "text/plain", [b"a"])

    assert file_of(vault, attachment) == files_of(vault, PERSON)[0]
    assert file_of(vault, PERSON) is None
    assert file_of(vault, NOBODY) is None
    records.delete(vault, attachment)
    assert file_of(vault, attachment) is None
    for ask in (file_of, files_of):
        with pytest.raises(RecordNotFoundError):
            ask(vault, "no id")


def test_a_description_without_its_content_is_listed_as_such(vault: Vault) -> None:
    records.add(
        vault,
        "attachment",
        {"name": "x", "sha256": "ab" * 32, "size_bytes": 12, "belongs_to": [PERSON]},
    )

    (file,) = files_of(vault, PERSON)
    assert (file.content, file.size_bytes) == (None, 12)


def test_values_of_any_kind_are_survived(vault: Vault) -> None:
    odd: dict[str, Json] = {
        "name": 7,
        "sha256": "no hash",
        "size_bytes": True,
        "added_on": [],
        "description": {},
    }
    odd_record = records.add(vault, "attachment", {**odd, "belongs_to": [PERSON]})

    (file,) = files_of(vault, PERSON)
    assert (file.record, file.name, file.size_bytes) == (odd_record, "", None)
    assert (file.added_on, file.description, file.content) == ("", "", None)


# --- copying out ---------------------------------------------------------------------------------


def test_a_copy_is_the_file_and_its_owners_only(vault: Vault, photo: Path, tmp_path: Path) -> None:
    identity = attach_file(vault, PERSON, photo)
    target = tmp_path / "out.jpg"
    told: list[int] = []

    copy_out(vault, identity, target, progress=told.append)

    assert target.read_bytes() == photo.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert told == sorted(told)
    assert told[-1] == photo.stat().st_size
    assert not target.with_name("out.jpg.part").exists()


def test_an_empty_file_comes_out_empty(vault: Vault, tmp_path: Path) -> None:
    identity = attach_bytes(vault, PERSON, "empty", "text/plain", [])

    copy_out(vault, identity, tmp_path / "out")

    assert (tmp_path / "out").read_bytes() == b""


@pytest.mark.parametrize("name", ["out", "out.part"])
def test_a_copy_overwrites_nothing(vault: Vault, tmp_path: Path, name: str) -> None:
    identity = attach_bytes(vault, PERSON, "a", "text/plain", [b"a"])
    (tmp_path / name).write_bytes(b"kept")

    with pytest.raises(FileExistsAlreadyError):
        copy_out(vault, identity, tmp_path / "out")

    assert (tmp_path / name).read_bytes() == b"kept"
    assert {path.name for path in tmp_path.iterdir()} == {"vault", name}


def test_a_link_that_leads_nowhere_is_not_written_through(vault: Vault, tmp_path: Path) -> None:
    identity = attach_bytes(vault, PERSON, "a", "text/plain", [b"a"])
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FileExistsAlreadyError):
        copy_out(vault, identity, tmp_path / "out")

    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_appears_meanwhile_is_not_overwritten(vault: Vault, tmp_path: Path) -> None:
    identity = attach_bytes(vault, PERSON, "a", "text/plain", [b"a"])
    target = tmp_path / "out"

    with pytest.raises(FileExistsAlreadyError):
        copy_out(vault, identity, target, progress=lambda _: void(target.write_bytes(b"other")))

    assert target.read_bytes() == b"other"
    assert {path.name for path in tmp_path.iterdir()} == {"vault", "out"}


def test_a_copy_that_is_stopped_leaves_nothing(vault: Vault, photo: Path, tmp_path: Path) -> None:
    identity = attach_file(vault, PERSON, photo)
    folder = tmp_path / "stick"
    folder.mkdir()

    def stop(done: int) -> None:
        if done > CHUNK_BYTES:
            raise CancelledError

    with pytest.raises(CancelledError):
        copy_out(vault, identity, folder / "out", progress=stop)

    assert list(folder.iterdir()) == []


def test_a_damaged_content_does_not_come_out(vault: Vault, photo: Path, tmp_path: Path) -> None:
    identity = attach_file(vault, PERSON, photo)
    (file,) = files_of(vault, PERSON)
    assert file.content is not None
    flip(attachments.name_and_key(vault, file.content)[0], 2 * CHUNK_BYTES)
    folder = tmp_path / "stick"
    folder.mkdir()

    with pytest.raises(VaultDamagedError):
        copy_out(vault, identity, folder / "out")

    assert list(folder.iterdir()) == []


def test_a_content_that_is_not_here_is_told(vault: Vault, tmp_path: Path) -> None:
    for values in ({"sha256": "ab" * 32}, {"sha256": "no hash"}, {}):
        identity = records.add(vault, "attachment", {"name": "x", **values})
        with pytest.raises(AttachmentNotFoundError):
            copy_out(vault, identity, tmp_path / "out")


def test_a_folder_that_is_not_there_is_named(vault: Vault, tmp_path: Path) -> None:
    identity = attach_bytes(vault, PERSON, "a", "text/plain", [b"a"])

    with pytest.raises(NotAPlainFileError, match="gone"):
        copy_out(vault, identity, tmp_path / "gone" / "a")


def test_a_name_that_the_disk_cannot_hold_is_refused(vault: Vault, tmp_path: Path) -> None:
    identity = attach_bytes(vault, PERSON, "a", "text/plain", [b"a"])

    with pytest.raises(NoPermissionError):
        copy_out(vault, identity, tmp_path / ("x" * 254))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photo.jpg", "photo.jpg"),
        ("徐秦 2022.jpg", "徐秦 2022.jpg"),
        ("བོད་ཡིག.txt", "བོད་ཡིག.txt"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C__x"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        (".bashrc", "bashrc"),
        ("a\0b\nc\u202egpj.exe", "a_b_c_gpj.exe"),
        ("con", "_con"),
        ("CON.txt", "_CON.txt"),
        ("aux.tar.gz", "_aux.tar.gz"),
        ("what?.jpg", "what_.jpg"),
        ("trailing. ", "trailing"),
        ("徐" * 300 + ".jpg", "徐" * 65 + ".jpg"),
        ("a." + "b" * 300, "a." + "b" * 198),
    ],
)
def test_a_foreign_name_becomes_one_that_every_system_takes(name: str, expected: str) -> None:
    assert file_name(name) == expected


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    assert free_name(tmp_path, "a.jpg").name == "a.jpg"
    (tmp_path / "a.jpg").touch()
    assert free_name(tmp_path, "a.jpg").name == "a (2).jpg"
    (tmp_path / "a (2).jpg.part").touch()
    assert free_name(tmp_path, "a.jpg").name == "a (3).jpg"
    (tmp_path / "a (3).jpg").symlink_to("nowhere")
    assert free_name(tmp_path, "a.jpg").name == "a (4).jpg"
