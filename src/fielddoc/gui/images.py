"""Images from the vault, decoded from memory and never trusted.

Only five formats are opened, told by their first bytes and not by their name, each by its own
decoder. Size and pixels are looked at before anything is decoded, and Qt refuses to take more
memory than it is allowed. Everything here runs on a job's thread; the steps that would hold up the
window's thread are cut into short ones.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import cast

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader, QPainter

from fielddoc.errors import AttachmentNotFoundError
from fielddoc.i18n import N_
from fielddoc.vault import attachments
from fielddoc.vault.attaching import AttachedFile
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

MAXIMUM_BYTES = 200 * 1024 * 1024
MAXIMUM_PIXELS = 200_000_000
MAXIMUM_SIDE = 65_535
ALLOCATION_MEBIBYTES = 256
"""What Qt may take for one decoded image."""

_PIXEL_BYTES = 4  # how Qt reckons, whatever the format
_STRIP_PIXELS = 500_000
"""As much as is scaled in one step: Qt holds Python up meanwhile, for about two milliseconds."""
_SMALLEST_LEVEL = 512
_TEXT_KEYS, _TEXT_LENGTH = 32, 500
_SCAN_BYTES = 1024 * 1024
_COUNTED_BYTES = 16 * 1024 * 1024


class ImageKind(Enum):
    """A format that is opened, by the name that Qt has for it."""

    PNG = b"png"
    JPEG = b"jpeg"
    WEBP = b"webp"
    GIF = b"gif"
    BMP = b"bmp"


class Unshown(Enum):
    """Why an image is not shown."""

    NOT_AN_IMAGE = N_("fielddoc does not open this kind of file inside.")
    TOO_LARGE = N_("This image is too large to be shown here.")
    BROKEN = N_("This is not a whole image, so it cannot be shown. It is kept as it was added.")


class UnshownError(Exception):
    """The image is not shown, for one of the reasons."""

    def __init__(self, why: Unshown) -> None:
        super().__init__(why.name)
        self.why = why


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image."""

    kind: ImageKind
    width: int
    """In pixels, as the image is meant to be seen."""
    height: int
    levels: tuple[QImage, ...]
    """The image, and then each half as wide and high as the one before."""
    is_cut_short: bool
    has_more: bool
    """Whether more pictures follow, as in a moving image."""
    texts: tuple[tuple[str, str], ...]
    """What is written in the file, for example who took it."""


def kind_of(head: bytes) -> ImageKind | None:
    """Tell from its first 32 bytes which image a file holds, or None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return ImageKind.JPEG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ImageKind.WEBP
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ImageKind.GIF
    # Two letters are little: of a bitmap the reserved bytes and the header's size are known too.
    is_bitmap = head[:2] == b"BM" and head[6:10] == bytes(4)
    if is_bitmap and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return ImageKind.BMP
    return None


def read(
    vault: Vault,
    file: AttachedFile,
    turn: Turn,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> QByteArray:
    """Return the bytes of an attached image, every one of them verified.

    Args:
        vault: the vault.
        file: what is to be shown.
        turn: reaches the vault from a long job's thread.
        progress: told the bytes read and in all; raises to stop.

    Raises:
        UnshownError: it is no image, or too large.
        AttachmentNotFoundError, VaultDamagedError: see `fielddoc.vault.attachments.read_sealed`.
    """
    content = file.content
    if content is None:
        raise AttachmentNotFoundError
    path, key = turn(lambda: attachments.name_and_key(vault, content))
    blocks = attachments.read_sealed(path, key, content)
    size = content.size_bytes
    return collected(blocks, size, lambda done: progress(done, size))


def collected(
    blocks: Iterable[bytes], size_bytes: int, progress: Callable[[int], None] = lambda _: None
) -> QByteArray:
    """Return the bytes of an image, taken block by block.

    Args:
        blocks: as `fielddoc.vault.attachments.read` yields them.
        size_bytes: how many there will be.
        progress: told the bytes taken; raises to stop.

    Raises:
        UnshownError: it is no image, or too large.
    """
    data = QByteArray()
    for block in blocks:
        if data.isEmpty():
            if kind_of(block) is None:
                raise UnshownError(Unshown.NOT_AN_IMAGE)
            if size_bytes > MAXIMUM_BYTES:
                raise UnshownError(Unshown.TOO_LARGE)
            data.reserve(size_bytes)
        data.append(block)
        progress(data.size())
    if data.isEmpty():
        raise UnshownError(Unshown.NOT_AN_IMAGE)
    return data


def thumbnail(data: QByteArray, side: int) -> QImage:
    """Return a small image that fits into a square of `side` pixels.

    Raises:
        UnshownError: it is no image, too large, or broken.
    """
    _, reader, buffer = _reader(data)
    size = _seen_size(reader)
    image = _decoded(reader, size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio))
    buffer.close()
    return image


def picture(data: QByteArray) -> Picture:
    """Return a whole image with its smaller levels.

    Raises:
        UnshownError: it is no image, too large, or broken.
    """
    # First of all: once Qt reads the bytes too, looking at them from Python would copy them.
    cut_short = is_cut_short(data)
    kind, reader, buffer = _reader(data)
    size = _seen_size(reader)
    has_more = _has_more(reader, data.size())
    texts = tuple(
        (key[:_TEXT_LENGTH], reader.text(key)[:_TEXT_LENGTH])
        for key in reader.textKeys()[:_TEXT_KEYS]
    )
    image = _decoded(reader, _largest(size))
    buffer.close()
    return Picture(
        kind=kind,
        width=size.width(),
        height=size.height(),
        levels=(image, *_smaller(image)),
        is_cut_short=cut_short,
        has_more=has_more,
        texts=texts,
    )


def png_blocks(image: QImage) -> Iterator[bytes]:
    """Yield the image as PNG, made in memory."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload] # the stub wants bytes
        raise UnshownError(Unshown.BROKEN)
    buffer.seek(0)
    while not buffer.atEnd():
        yield bytes(buffer.read(_SCAN_BYTES).data())


def is_cut_short(data: QByteArray) -> bool:
    """Tell whether the end of an image is missing, where its decoder says nothing of it."""
    view = memoryview(cast("bytes", data))  # it is a buffer, which Qt's stubs do not say
    match kind_of(bytes(view[:32])):
        case ImageKind.JPEG:
            return not _has_end(view)
        case ImageKind.BMP:
            return int.from_bytes(view[2:6], "little") > len(view)
        case _:
            return False


# A marker among the coded data of a JPEG: FF, and neither a stuffed zero, nor a restart, nor FF.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCAN, _END = 0xDA, 0xD9


def _has_end(view: memoryview) -> bool:
    """Walk over the segments of a JPEG (ITU-T T.81, B.1.1) to the end of the image."""
    place = 2
    while place + 4 <= len(view):
        if view[place] != 0xFF:
            return False
        marker = view[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == _END:
            return True
        place += 2 + int.from_bytes(view[place + 2 : place + 4], "big")
        if marker == _SCAN:
            place = _next_marker(view, place)
    return bytes(view[place : place + 2]) == bytes((0xFF, _END))


def _next_marker(view: memoryview, place: int) -> int:
    """Find the next marker, in steps that let other threads run in between."""
    while place < len(view):
        found = _MARKER.search(view, place, place + _SCAN_BYTES)
        if found:
            return found.start()
        place += _SCAN_BYTES - 1
    return len(view)


def _reader(data: QByteArray) -> tuple[ImageKind, QImageReader, QBuffer]:
    """Return a reader for the one format that the bytes begin as, after looking at its size."""
    kind = kind_of(bytes(data.left(32).data()))
    if kind is None:
        raise UnshownError(Unshown.NOT_AN_IMAGE)
    if data.size() > MAXIMUM_BYTES:
        raise UnshownError(Unshown.TOO_LARGE)
    buffer = QBuffer()
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    QImageReader.setAllocationLimit(ALLOCATION_MEBIBYTES)
    reader = QImageReader(buffer, QByteArray(kind.value))
    reader.setAutoDetectImageFormat(False)
    reader.setDecideFormatFromContent(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        raise UnshownError(Unshown.BROKEN)
    is_too_long = max(size.width(), size.height()) > MAXIMUM_SIDE
    if is_too_long or size.width() * size.height() > MAXIMUM_PIXELS:
        raise UnshownError(Unshown.TOO_LARGE)
    return kind, reader, buffer


def _has_more(reader: QImageReader, size_bytes: int) -> bool:
    """Tell whether more pictures follow; in a large file Qt would count them for too long."""
    return reader.supportsAnimation() and (size_bytes > _COUNTED_BYTES or reader.imageCount() > 1)


def _is_turned(reader: QImageReader) -> bool:
    """Tell whether the image stands on its side until it is turned as its EXIF data says."""
    quarter = QImageIOHandler.Transformation.TransformationRotate90
    return bool(reader.transformation().value & quarter.value)


def _seen_size(reader: QImageReader) -> QSize:
    return reader.size().transposed() if _is_turned(reader) else reader.size()


def _largest(size: QSize) -> QSize:
    """Return the size at which an image is decoded: its own, or halves of it while it is too big."""
    while size.width() * size.height() * _PIXEL_BYTES > ALLOCATION_MEBIBYTES * 2**20:
        size = QSize(max(1, size.width() // 2), max(1, size.height() // 2))
    return size


def _decoded(reader: QImageReader, size: QSize) -> QImage:
    """Decode to a size as seen; a flat line keeps its one pixel."""
    size = size.expandedTo(QSize(1, 1))
    stored = size.transposed() if _is_turned(reader) else size
    is_whole = stored == reader.size()
    pixels = reader.size().width() * reader.size().height()
    if not is_whole:
        reader.setScaledSize(stored)
    image = reader.read()
    if image.isNull():
        # Not every decoder can scale while it reads, and 16 bits a colour take twice the room.
        is_big = pixels * 2 * _PIXEL_BYTES > ALLOCATION_MEBIBYTES * 2**20
        raise UnshownError(Unshown.TOO_LARGE if is_big else Unshown.BROKEN)
    return image


def _smaller(image: QImage) -> Iterator[QImage]:
    """Yield the image at half its size, then at a quarter, and so on."""
    while max(image.width(), image.height()) > _SMALLEST_LEVEL:
        image = _halved(image)
        yield image


def _halved(image: QImage) -> QImage:
    has_alpha = image.hasAlphaChannel()
    form = QImage.Format.Format_ARGB32_Premultiplied if has_alpha else QImage.Format.Format_RGB32
    half = QImage(max(1, image.width() // 2), max(1, image.height() // 2), form)
    painter = QPainter(half)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    rows = max(1, _STRIP_PIXELS // image.width()) * 2
    for top in range(0, 2 * half.height(), rows):
        strip = image.copy(QRect(0, top, image.width(), min(rows, image.height() - top)))
        size = QSize(half.width(), min(rows // 2, half.height() - top // 2))
        smooth = Qt.TransformationMode.SmoothTransformation
        scaled = strip.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        painter.drawImage(0, top // 2, scaled)
    painter.end()
    return half
