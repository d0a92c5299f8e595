import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from fielddoc.errors import CancelledError, DiskFullError, NoPermissionError
from fielddoc.gui.adding_files import (
    Added,
    FromBytes,
    FromFile,
    FromImage,
    Source,
    add_sources,
    has_sources,
    local_files,
    sources_of,
)
from fielddoc.vault import attachments, records
from fielddoc.vault.attaching import files_of
from fielddoc.vault.check import check
from fielddoc.vault.opening import open_vault
from fielddoc.vault.turns import directly
from fielddoc.vault.vault import Vault
from gui import pictures
from gui.windows import PASSPHRASE

T = TypeVar("T")
PNG = pictures.encoded(pictures.painted(20, 10), "PNG")


@pytest.fixture
def vault(vault_folder: Path) -> Iterator[Vault]:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        yield opened


@pytest.fixture
def record(vault: Vault) -> str:
    return records.add(vault, "incident", {"title": "x"})


def ignore(_what: str, _done: int, _total: int) -> None:
    return


def add(
    vault: Vault, record: str, *sources: Source, progress: Callable[[str, int, int], None] = ignore
) -> Added:
    return add_sources(vault, record, sources, directly, progress)


def names(vault: Vault, record: str) -> list[str]:
    return [file.name for file in files_of(vault, record)]


def written(folder: Path, name: str, data: bytes = b"words") -> FromFile:
    path = folder / name
    path.write_bytes(data)
    return FromFile(path)


# --- what was dropped or pasted ------------------------------------------------------------------


def test_files_come_before_anything_else_that_is_offered(tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "徐.jpg"))])
    mime.setText("file:///徐.jpg")
    mime.setImageData(pictures.painted(3, 3))

    assert has_sources(mime)
    assert sources_of(mime, "x") == [FromFile(tmp_path / "徐.jpg")]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a.png",
        "ftp://example.org/a.png",
        "file://server/share/a.png",
        "smb://server/a.png",
        "data:image/png;base64,AAAA",
    ],
)
def test_nothing_is_fetched_from_another_computer(url: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(url)])

    assert local_files(mime) == []
    assert not has_sources(mime)
    assert sources_of(mime, "x") == []


def test_an_image_is_taken_byte_for_byte_where_its_bytes_are_offered() -> None:
    mime = QMimeData()
    mime.setData("image/png", PNG)

    assert has_sources(mime)
    assert sources_of(mime, "Pasted image") == [FromBytes(PNG, "Pasted image.png", "image/png")]


@pytest.mark.parametrize("data", [b"", b"no image", pictures.SVG])
def test_what_only_claims_to_be_an_image_is_not_taken(data: bytes) -> None:
    mime = QMimeData()
    mime.setData("image/png", data)

    assert sources_of(mime, "x") == []


def test_an_image_without_a_form_of_its_own_becomes_png(vault: Vault, record: str) -> None:
    mime = QMimeData()
    mime.setImageData(pictures.painted(30, 20))

    (source,) = sources_of(mime, "x")
    assert isinstance(source, FromImage)
    add(vault, record, source)
    (file,) = files_of(vault, record)
    assert (file.name, file.media_type) == ("x.png", "image/png")
    assert file.content is not None
    data = b"".join(attachments.read(vault, file.content))
    assert QImage.fromData(data) == pictures.painted(30, 20)


def test_words_are_nothing_to_add() -> None:
    mime = QMimeData()
    mime.setText("words")

    assert not has_sources(mime)
    assert sources_of(mime, "x") == []


# --- adding --------------------------------------------------------------------------------------


def test_everything_is_added_in_order(vault: Vault, record: str, tmp_path: Path) -> None:
    added = add(
        vault,
        record,
        written(tmp_path, "b.txt", b"b"),
        FromBytes(PNG, "a.png", "image/png"),
        written(tmp_path, "c.txt", b""),
    )

    assert names(vault, record) == ["b.txt", "a.png", "c.txt"]
    assert added.records == [file.record for file in files_of(vault, record)]
    assert (added.known, added.refused, added.left, added.error) == ([], [], 0, None)


def test_what_cannot_be_added_is_told_and_keeps_nobody_back(
    vault: Vault, record: str, tmp_path: Path
) -> None:
    folder, pipe = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe)

    added = add(
        vault,
        record,
        FromFile(folder),
        FromFile(pipe),
        FromFile(Path("/dev/null")),
        FromFile(tmp_path / "gone.jpg"),
        FromFile(tmp_path / "vault" / "records.db"),
        written(tmp_path, "kept.txt"),
    )

    assert added.refused == [
        "folder is a folder. Add the files in it instead.",
        "pipe is a device or a pipe, not a file.",
        "null is a device or a pipe, not a file.",
        "gone.jpg is not there any more.",
        "records.db is a part of this vault.",
    ]
    assert names(vault, record) == ["kept.txt"]
    assert added.left == 0


def test_a_file_that_may_not_be_read_is_told(
    vault: Vault, record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = written(tmp_path, "secret.txt")
    opened = os.open

    def refuse(path: object, flags: int, *rest: object, **more: object) -> int:
        if path == refused.path:
            raise PermissionError(13, "no")
        return opened(path, flags, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    added = add(vault, record, refused, written(tmp_path, "kept.txt"))

    assert added.refused == ["secret.txt may not be read by you."]
    assert names(vault, record) == ["kept.txt"]


def test_a_name_cannot_hide_what_it_is_in_a_refusal(
    vault: Vault, record: str, tmp_path: Path
) -> None:
    added = add(vault, record, FromFile(tmp_path / "a\u202egpj.exe"))

    assert added.refused == ["a⟦U+202E⟧gpj.exe is not there any more."]


def test_the_same_content_is_told_once_it_is_there(
    vault: Vault, record: str, tmp_path: Path
) -> None:
    first, second = written(tmp_path, "a.txt"), written(tmp_path, "b.txt")

    assert add(vault, record, first, second).known == ["b.txt"]
    again = add(vault, record, first)
    assert (again.known, again.records) == (["a.txt"], [])
    assert names(vault, record) == ["a.txt"]


@pytest.mark.parametrize("error", [DiskFullError(), NoPermissionError(name="attachments")])
def test_what_stops_the_vault_stops_everything(
    vault: Vault, record: str, tmp_path: Path, error: Exception
) -> None:
    sources = [written(tmp_path, name, name.encode()) for name in "abc"]

    def fail(what: str, done: int, _total: int) -> None:
        if what.startswith("Adding 2") and done > 1:
            raise error

    added = add(vault, record, *sources, progress=fail)

    assert added.error is error
    assert (len(added.records), added.left) == (1, 2)
    assert names(vault, record) == ["a"]


def test_progress_goes_over_all_files_and_never_beyond(
    vault: Vault, record: str, tmp_path: Path
) -> None:
    sources = [written(tmp_path, str(n), bytes([n]) * 3_000_000) for n in range(3)]
    told: list[tuple[str, int, int]] = []

    add(vault, record, *sources, progress=lambda *step: told.append(step))

    assert {total for _, _, total in told} == {9_000_000}
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert 8_000_000 < done[-1] < 9_000_000
    assert {told[0][0], told[-1][0]} == {"Adding 1 of 3", "Adding 3 of 3"}


def test_stopping_in_the_middle_of_a_file_leaves_nothing_of_it(
    vault: Vault, record: str, tmp_path: Path
) -> None:
    sources = [written(tmp_path, str(n), bytes([n]) * 5_000_000) for n in range(3)]

    def stop(_what: str, done: int, _total: int) -> None:
        if done > 7_000_000:
            raise CancelledError

    added = add(vault, record, *sources, progress=stop)

    assert (len(added.records), added.left, added.error) == (1, 2, None)
    assert names(vault, record) == ["0"]
    assert check(vault).is_sound
    assert len(list(vault.attachments_folder.iterdir())) == 1
