"""A folder of photos goes in bit for bit, and what they say of themselves stands as inferred."""

import hashlib
import os
from pathlib import Path

import pytest

from fielddoc.errors import (
    CancelledError,
    NoPhotosError,
    NotAPlainFileError,
    RecordNotFoundError,
    TooManyFilesError,
)
from fielddoc.exchange import photos
from fielddoc.exchange.photos import Found, Taken, look_through, take_in
from fielddoc.exchange.plan import Fate
from fielddoc.vault import attachments, records
from fielddoc.vault.attaching import file_of, files_of
from fielddoc.vault.journal import ActionKind, actions
from fielddoc.vault.undo import undo
from fielddoc.vault.vault import Vault
from interchange.test_photo_metadata import jpeg, png, whole


def no_progress(_done: int, _total: int) -> None:
    """Take progress and do nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    (made / "inner").mkdir(parents=True)
    (made / "a.jpg").write_bytes(jpeg(whole()))
    (made / "inner" / "b.png").write_bytes(png(whole("<")))
    (made / "notes.txt").write_text("not a photo", "utf-8")
    (made / "wrong.jpg").write_bytes(b"not a photo either")
    (made / ".hidden.jpg").write_bytes(jpeg(whole()))
    (made / "link.jpg").symlink_to(made / "a.jpg")
    return made


def found(vault: Vault, folder: Path, record: str | None = None) -> Found:
    return look_through(vault, folder, record, progress=no_progress)


def taken(vault: Vault, folder: Path, record: str | None = None) -> Taken:
    looked = found(vault, folder, record)
    return take_in(vault, looked.photos, record, language="en", progress=no_progress)


def test_what_photos_say_is_shown_before_anything_is_written(own: Vault, folder: Path) -> None:
    looked = found(own, folder)

    assert [photo.name for photo in looked.photos] == ["a.jpg", "b.png"]
    assert looked.others == ("notes.txt", "wrong.jpg")
    first = looked.photos[0]
    assert first.metadata.moment == "2022-08-15 14:03:22 +08:00"
    assert first.metadata.place == "32.205083, 119.416667"
    assert first.sha256 == hashlib.sha256((folder / "a.jpg").read_bytes()).hexdigest()
    assert records.listing(own) == []


def test_originals_are_kept_bit_for_bit_and_described_as_inferred(own: Vault, folder: Path) -> None:
    incident = records.add(own, "incident", {"title": "a"})

    done = taken(own, folder, incident)

    assert [photo.fate for photo in done.photos] == [Fate.NEW, Fate.NEW]
    for photo in done.photos:
        file = file_of(own, photo.record)
        assert file is not None
        assert file.content is not None
        assert b"".join(attachments.read(own, file.content)) == photo.path.read_bytes()
        assert file.sha256 == photo.sha256
        assert file.belongs_to == (incident,)
        values = records.state_of(own, photo.record).values
        assert values["media_type"] == photo.kind.value
        assert (values["taken_on"], values["taken_on_inferred"]) == ("2022-08-15", True)
        assert "14:03:22" in str(values["taken_on_words"])
        for name in ("taken_place", "taken_by"):
            assert str(values[name]).endswith("(inferred from what the file says of itself)")
        assert "ACME One" in str(values["note"])
        assert records.get(own, photo.record).problems == ()


def test_a_second_time_the_same_photos_are_known(own: Vault, folder: Path) -> None:
    taken(own, folder)
    count = len(records.listing(own))
    (folder / "copy.jpg").write_bytes((folder / "a.jpg").read_bytes())

    looked = found(own, folder)

    assert [photo.fate for photo in looked.photos] == [Fate.SAME, Fate.SAME, Fate.SAME]
    taken(own, folder)
    assert len(records.listing(own)) == count == 2


def test_without_a_record_they_belong_to_none_yet(own: Vault, folder: Path) -> None:
    done = taken(own, folder)

    assert "belongs_to" not in records.state_of(own, done.photos[0].record).values


def test_the_same_photo_twice_in_a_folder_is_one_attachment(own: Vault, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(jpeg(whole()))

    done = taken(own, tmp_path)

    assert done.photos[0].record == done.photos[1].record
    assert len(records.listing(own)) == 1


def test_a_photo_that_is_gone_or_changed_after_the_look_is_told(own: Vault, folder: Path) -> None:
    looked = found(own, folder)
    (folder / "a.jpg").unlink()
    (folder / "inner" / "b.png").write_bytes(png(whole()) + b"more")

    done = take_in(own, looked.photos, None, language="en", progress=no_progress)

    assert done.photos[0].fate is Fate.REFUSED
    assert done.photos[0].reason
    assert done.photos[1].reason
    again = (folder / "inner" / "b.png").read_bytes()
    assert done.photos[1].sha256 == hashlib.sha256(again).hexdigest()


def test_stopped_it_keeps_what_was_taken_and_says_how_many_are_left(
    own: Vault, folder: Path
) -> None:
    looked = found(own, folder)

    def stop(done: int, _total: int) -> None:
        if done >= looked.photos[0].size_bytes:
            raise CancelledError

    done = take_in(own, looked.photos, None, language="en", progress=stop)

    assert done.left in (1, 2)
    assert len(records.listing(own)) == 2 - done.left


def test_folders_without_photos_or_with_too_many_files_are_refused(
    own: Vault, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoPhotosError):
        found(own, tmp_path / "empty")
    with pytest.raises(NotAPlainFileError):
        found(own, tmp_path / "nowhere")
    with pytest.raises(RecordNotFoundError):
        found(own, folder, "00000000-0000-4000-8000-000000000000")
    monkeypatch.setattr(photos, "MAXIMUM_FILES", 2)
    with pytest.raises(TooManyFilesError):
        found(own, folder)


def test_the_vaults_own_files_and_pipes_are_passed_over(own: Vault, folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")

    looked = found(own, folder)

    assert "pipe.jpg" not in [photo.name for photo in looked.photos]
    with pytest.raises(NoPhotosError):
        found(own, own.folder)


def test_photos_are_taken_back_as_a_whole_and_can_be_taken_in_again(
    own: Vault, folder: Path
) -> None:
    incident = records.add(own, "incident", {"title": "a"})
    taken(own, folder, incident)
    assert len(actions(own)) == 2, "the incident, and all photos"

    done = undo(own)

    assert done.kind is ActionKind.PHOTOS
    assert len(done.records) == 2
    assert files_of(own, incident) == []
    assert [row.id for row in records.listing(own)] == [incident]
    assert [photo.fate for photo in taken(own, folder, incident).photos] == [Fate.NEW, Fate.NEW]
    assert len(files_of(own, incident)) == 2


def test_a_stopped_import_of_photos_takes_back_those_that_it_took(own: Vault, folder: Path) -> None:
    looked = found(own, folder)

    def stop(done: int, _total: int) -> None:
        if done > looked.photos[0].size_bytes:
            raise CancelledError

    assert take_in(own, looked.photos, None, language="en", progress=stop).left == 1
    taken(own, folder)
    second = undo(own)
    first = undo(own)

    assert {*first.records, *second.records} == {row.id for row in records.listing(own, trash=True)}
    assert records.listing(own) == []
