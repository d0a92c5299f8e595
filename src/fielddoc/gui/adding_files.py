"""What can be added to a record: files, images in memory; and the long job that adds them."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from fielddoc.domain.visible import visible
from fielddoc.errors import (
    CancelledError,
    FielddocError,
    MediumLostError,
    NoPermissionError,
    NotAPlainFileError,
)
from fielddoc.gui import images
from fielddoc.gui.direction import isolated
from fielddoc.gui.images import ImageKind
from fielddoc.gui.session import Progress
from fielddoc.i18n import t_, translate
from fielddoc.vault.attaching import Unfit, attach_bytes, attach_file, files_of, unfit
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

_MEDIA_TYPES = (
    ("image/png", ImageKind.PNG),
    ("image/jpeg", ImageKind.JPEG),
    ("image/webp", ImageKind.WEBP),
    ("image/gif", ImageKind.GIF),
    ("image/bmp", ImageKind.BMP),
)
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FromFile:
    """A file on a disk or stick."""

    path: Path


@dataclass(frozen=True, slots=True)
class FromImage:
    """An image that lies in memory without a form of its own; it is kept as PNG."""

    image: QImage
    name: str


@dataclass(frozen=True, slots=True)
class FromBytes:
    """An image as another program gave it, kept byte for byte."""

    data: bytes
    name: str
    media_type: str


Source = FromFile | FromImage | FromBytes


@dataclass(slots=True)
class Added:
    """What became of what was to be added."""

    records: list[str] = field(default_factory=list)
    """The ids of the attachments' records that are new."""
    known: list[str] = field(default_factory=list)
    """Names of files whose content belonged to the record before."""
    refused: list[str] = field(default_factory=list)
    """A sentence for each file that was not added."""
    left: int = 0
    """How many were not reached before it was stopped."""
    error: FielddocError | None = None
    """What ended it early."""


def has_sources(mime: QMimeData) -> bool:
    """Tell whether something that is dragged or on the clipboard may be added."""
    formats = any(mime.hasFormat(media_type) for media_type, _ in _MEDIA_TYPES)
    return bool(local_files(mime)) or formats or mime.hasImage()


def local_files(mime: QMimeData) -> list[Path]:
    """Return the files that are named; a file on another computer is never asked for."""
    urls = mime.urls() if mime.hasUrls() else []
    return [
        Path(url.toLocalFile())
        for url in urls
        if url.isLocalFile() and url.host() in ("", "localhost") and url.toLocalFile()
    ]


def sources_of(mime: QMimeData, name: str) -> list[Source]:
    """Return what may be added of something dropped or pasted.

    Args:
        mime: what was dropped, or what is on the clipboard.
        name: of an image that has none, without ending.
    """
    files = local_files(mime)
    if files:
        return [FromFile(path) for path in files]
    for media_type, kind in _MEDIA_TYPES:
        if mime.hasFormat(media_type):
            data = bytes(mime.data(media_type).data())
            if images.kind_of(data[:32]) is kind:
                return [FromBytes(data, f"{name}.{kind.value.decode()}", media_type)]
    image = mime.imageData() if mime.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        return [FromImage(image, f"{name}.png")]
    return []


def image_name(words: str) -> str:
    """Return a name for an image that has none: words and the time."""
    now = datetime.datetime.now().astimezone()
    return f"{words} {now:%Y-%m-%d %H.%M.%S}"


def add_sources(
    vault: Vault, record: str, sources: Sequence[Source], turn: Turn, progress: Progress
) -> Added:
    """Attach everything to a record, one after the other, on a job's thread.

    What cannot be added is told in the result and does not keep the others back.
    """
    added = Added(left=len(sources))
    sizes = [_size(source) for source in sources]
    known = {file.record for file in turn(lambda: files_of(vault, record))}
    done = 0
    try:
        for number, (source, size) in enumerate(zip(sources, sizes, strict=True), 1):
            words = t_("Adding {number} of {count}").format(number=number, count=len(sources))
            step = _Step(progress, words, done, max(1, sum(sizes)))
            step(0)
            refusal, identity = _add_one(vault, record, source, turn, step)
            if identity is None:
                added.refused.append(refusal)
            elif identity in known:
                added.known.append(visible(_name(source)))
            else:
                known.add(identity)
                added.records.append(identity)
            added.left -= 1
            done += size
    except CancelledError:
        pass
    except FielddocError as error:
        added.error = error
    return added


@dataclass(frozen=True, slots=True)
class _Step:
    """Tells how far everything is, from how far one file is."""

    progress: Progress
    words: str
    before: int
    total: int

    def __call__(self, done: int) -> None:
        # A file may grow while it is read; the last report of all must not come early.
        self.progress(self.words, min(self.before + done, self.total - 1), self.total)


def _add_one(
    vault: Vault, record: str, source: Source, turn: Turn, step: _Step
) -> tuple[str, str | None]:
    """Return the id of the attachment's record, or a sentence that says why there is none."""
    if isinstance(source, FromFile):
        return _add_file(vault, record, source.path, turn, step)
    if isinstance(source, FromImage):
        blocks, media_type = images.png_blocks(source.image), "image/png"
    else:
        blocks, media_type = _pieces(source.data), source.media_type
    return "", attach_bytes(
        vault, record, source.name, media_type, blocks, progress=step, turn=turn
    )


def _add_file(
    vault: Vault, record: str, path: Path, turn: Turn, step: _Step
) -> tuple[str, str | None]:
    name = visible(path.name)
    why = unfit(vault, path)
    if why is None:
        try:
            return "", attach_file(vault, record, path, step, turn=turn)
        except NotAPlainFileError:
            why = unfit(vault, path) or Unfit.MISSING
        except NoPermissionError as error:
            if error.fields.get("name") != path.name:
                raise  # it is the vault that may not be written
            why = Unfit.UNREADABLE
        except MediumLostError:
            why = unfit(vault, path)
            if why is None:
                raise  # the file is there: it is the vault's disk that does not answer
    return translate(why.value).format(name=isolated(name)), None


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _PIECE_BYTES):
        yield data[start : start + _PIECE_BYTES]


def _name(source: Source) -> str:
    return source.path.name if isinstance(source, FromFile) else source.name


def _size(source: Source) -> int:
    """Return about how many bytes there will be, for the progress only."""
    match source:
        case FromFile():
            try:
                return source.path.stat().st_size
            except OSError:
                return 0
        case FromImage():
            return source.image.sizeInBytes()
        case FromBytes():
            return len(source.data)
