"""A folder of photos: looked through with what they say of themselves, then taken in bit for bit."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fielddoc.domain.canonical import Json
from fielddoc.domain.visible import visible
from fielddoc.errors import (
    CancelledError,
    DiskFullError,
    FielddocError,
    NoPermissionError,
    NoPhotosError,
    NotAPlainFileError,
    RecordNotFoundError,
    TooManyFilesError,
)
from fielddoc.exchange.plan import Fate
from fielddoc.i18n import N_, translate
from fielddoc.interchange.photo_metadata import PhotoKind, PhotoMetadata, kind_of, read_metadata
from fielddoc.vault import records
from fielddoc.vault.attaching import attach_file, described_by, files_of, unfit
from fielddoc.vault.files import explaining
from fielddoc.vault.journal import ActionKind, acting_on
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

MAXIMUM_FILES = 20_000
_MAXIMUM_DEPTH = 8
_BLOCK_BYTES = 1024 * 1024

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo, before or after it was taken in."""

    path: Path
    kind: PhotoKind
    size_bytes: int
    sha256: str
    metadata: PhotoMetadata
    fate: Fate
    """What would become of it, or what became of it."""
    record: str = ""
    """The id of its record, where there is one."""
    reason: str = ""
    """Why it was not taken, in the person's language."""

    @property
    def name(self) -> str:
        """The file's name, safe to show."""
        return visible(self.path.name)


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds."""

    photos: tuple[Photo, ...]
    others: tuple[str, ...]
    """Names of files that are no photos, safe to show."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the photos of a folder."""

    photos: tuple[Photo, ...]
    left: int = 0
    """Photos that were not reached before it was stopped."""
    error: FielddocError | None = None
    """What ended it early."""


def look_through(
    vault: Vault,
    folder: Path,
    record: str | None,
    *,
    progress: Progress,
    turn: Turn = directly,
) -> Found:
    """Return the photos in a folder and its subfolders, each read once and hashed; writes nothing.

    Links are not followed.

    Args:
        vault: the vault.
        folder: where they lie.
        record: the id of the record that they are to belong to, or None for no record yet.
        progress: told the bytes read and in all.
        turn: reaches the vault from a long job's thread.

    Raises:
        NotAPlainFileError: there is no such folder.
        NoPhotosError, TooManyFilesError, RecordNotFoundError.
        NoPermissionError, MediumLostError: the system refused.
    """
    if not folder.is_dir():
        raise NotAPlainFileError(name=folder.name or str(folder))
    if record is not None and turn(lambda: records.type_of(vault, record)) is None:
        raise RecordNotFoundError(name=record)
    with explaining(folder.name):
        paths = list(_files_in(folder, 0))
    sizes = [path.stat(follow_symlinks=False).st_size for path in paths]
    photos: list[Photo] = []
    others: list[str] = []
    done = 0
    for path, size in zip(paths, sizes, strict=True):
        progress(done, max(1, sum(sizes)))
        photo = None if unfit(vault, path) else _look_at(path, progress, done, sum(sizes))
        if photo is None:
            others.append(visible(path.name))
        else:
            photos.append(turn(_knowing(vault, photo, record)))
        done += size
    if not photos:
        raise NoPhotosError
    return Found(tuple(photos), tuple(others))


def _files_in(folder: Path, depth: int) -> Iterator[Path]:
    count = 0
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name.startswith("."):
            continue
        if path.is_dir() and depth < _MAXIMUM_DEPTH:
            for inner in _files_in(path, depth + 1):
                count += 1
                yield inner
        elif path.is_file():
            count += 1
            yield path
        if count > MAXIMUM_FILES:
            raise TooManyFilesError(count=MAXIMUM_FILES)


def _look_at(path: Path, progress: Progress, before: int, total: int) -> Photo | None:
    """Return a photo with its metadata and hash, or None if it is none."""
    with explaining(path.name), path.open("rb", buffering=0) as file:
        kind = kind_of(file.read(32))
        if kind is None:
            return None
        size = file.seek(0, os.SEEK_END)

        def read_at(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        metadata = read_metadata(read_at, size)
        file.seek(0)
        digest = hashlib.sha256()
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            before += len(block)
            progress(min(before, max(0, total - 1)), max(1, total))
    return Photo(
        path=path,
        kind=kind,
        size_bytes=size,
        sha256=digest.hexdigest(),
        metadata=metadata,
        fate=Fate.NEW,
    )


def _knowing(vault: Vault, photo: Photo, record: str | None) -> Callable[[], Photo]:
    def known() -> Photo:
        found = _known_as(vault, photo.sha256, record)
        return replace(photo, fate=Fate.SAME, record=found) if found else photo

    return known


def _known_as(vault: Vault, sha256: str, record: str | None) -> str | None:
    if record is None:
        return described_by(vault, sha256)
    same = (f for f in files_of(vault, record) if f.sha256 == sha256 and f.content)
    return next((file.record for file in same), None)


def take_in(
    vault: Vault,
    photos: Sequence[Photo],
    record: str | None,
    *,
    language: str | None,
    progress: Progress,
    turn: Turn = directly,
) -> Taken:
    """Attach photos, each sealed as it lies there, and describe them by what they say, as inferred.

    What cannot be taken is told in the result and keeps the others from nothing. All that were
    taken are one action, taken back as a whole.

    Args:
        vault: the vault.
        photos: as `look_through` found them; those that are known already are passed over.
        record: the record that they belong to, or None.
        language: of the words that are put beside what a photo says.
        progress: told the bytes taken and in all; raises to stop, what was taken stays.
        turn: reaches the vault from a long job's thread.
    """
    total = sum(photo.size_bytes for photo in photos)
    taken: list[Photo] = []
    done = 0
    action: list[int] = []
    for number, photo in enumerate(photos):

        def tell(count: int, before: int = done) -> None:
            progress(min(before + count, max(0, total - 1)), max(1, total))

        try:
            tell(0)
            one = _take_one(
                vault, photo, record, language=language, tell=tell, turn=turn, action=action
            )
            taken.append(one)
        except CancelledError:
            return Taken((*taken, *photos[number:]), left=len(photos) - number)
        except DiskFullError as error:
            return Taken((*taken, *photos[number:]), left=len(photos) - number, error=error)
        done += photo.size_bytes
    progress(max(1, total), max(1, total))
    return Taken(tuple(taken))


def _take_one(
    vault: Vault,
    photo: Photo,
    record: str | None,
    *,
    language: str | None,
    tell: Callable[[int], None],
    turn: Turn,
    action: list[int],
) -> Photo:
    if photo.fate is not Fate.NEW:
        return photo
    why = unfit(vault, photo.path)
    if why is not None:
        words = translate(why.value, language).format(name=photo.name)
        return replace(photo, fate=Fate.REFUSED, reason=words)
    values = values_from(photo.metadata, language)
    values["media_type"] = photo.kind.value
    try:
        identity = attach_file(
            vault,
            record,
            photo.path,
            tell,
            values=values,
            turn=turn,
            action=lambda: acting_on(vault, ActionKind.PHOTOS, action),
        )
    except (NotAPlainFileError, NoPermissionError) as error:
        return replace(photo, fate=Fate.REFUSED, reason=error.sentence(language))
    sha256 = turn(lambda: records.state_of(vault, identity).values.get("sha256"))
    if sha256 != photo.sha256:
        # Somebody changed the file after it was looked at: its record holds what was taken in.
        words = translate(N_("The file was changed after it was looked at."), language)
        return replace(photo, record=identity, sha256=str(sha256), reason=words)
    return replace(photo, record=identity)


def values_from(metadata: PhotoMetadata, language: str | None) -> dict[str, Json]:
    """Return what a photo says of itself as values of an attachment, marked as inferred.

    A camera's clock may be wrong and everything in a file may be forged, so a date gets its mark
    and a place or a name says where it comes from.
    """
    values: dict[str, Json] = {}
    if metadata.taken_on:
        values["taken_on"] = metadata.taken_on
        values["taken_on_inferred"] = True
        words = N_("{moment}, by the camera's clock")
        values["taken_on_words"] = translate(words, language).format(moment=metadata.moment)
    inferred = translate(N_("{text} (inferred from what the file says of itself)"), language)
    if metadata.place:
        values["taken_place"] = inferred.format(text=metadata.place)
    if metadata.taken_by:
        values["taken_by"] = inferred.format(text=metadata.taken_by)
    if metadata.camera:
        words = translate(N_("Camera, as the file says: {camera}"), language)
        values["note"] = words.format(camera=metadata.camera)
    return values
