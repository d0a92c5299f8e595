"""What a photo says of itself: when, where and with what it was taken, and by whom (Exif 3.0).

A strict reader of the few values that matter, in JPEG, PNG, WebP, TIFF, HEIC and AVIF files. It
reads a bounded number of short pieces, follows no offset out of the file or twice, and decodes no
image. What is not of the right form is as if it were not there: the file stays what it is.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

ReadAt = Callable[[int, int], bytes]
"""Returns at most so many bytes at an offset."""

_MAXIMUM_PIECES = 4096
_MAXIMUM_EXIF_BYTES = 1024 * 1024
_MAXIMUM_ENTRIES = 512
_MAXIMUM_TEXT_BYTES = 256


class PhotoKind(Enum):
    """Kinds of files that are photos."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    TIFF = "image/tiff"
    HEIC = "image/heic"
    AVIF = "image/avif"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMetadata:
    """What the file says. All of it can be wrong or forged; empty or None where it says nothing."""

    taken_on: str = ""
    """The day by the camera's clock, `2022-08-15`."""
    taken_at: str = ""
    """The time of day by the camera's clock, `14:03:22`."""
    utc_offset: str = ""
    """Of the camera's clock, `+08:00`."""
    latitude: str = ""
    """Decimal degrees, north positive, six places."""
    longitude: str = ""
    """Decimal degrees, east positive."""
    camera: str = ""
    taken_by: str = ""

    @property
    def place(self) -> str:
        """Latitude and longitude, or nothing."""
        return f"{self.latitude}, {self.longitude}" if self.latitude else ""

    @property
    def moment(self) -> str:
        """Day, time and offset as far as they are told."""
        return " ".join(part for part in (self.taken_on, self.taken_at, self.utc_offset) if part)


def kind_of(head: bytes) -> PhotoKind | None:
    """Return the kind of a photo by its first 32 bytes, or None if it is none."""
    if head.startswith(b"\xff\xd8\xff"):
        return PhotoKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PhotoKind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PhotoKind.WEBP
    if head.startswith((b"II*\0", b"MM\0*")):
        return PhotoKind.TIFF
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"):
            return PhotoKind.HEIC
        if brand in (b"avif", b"avis"):
            return PhotoKind.AVIF
    return None


def read_metadata(read_at: ReadAt, size: int) -> PhotoMetadata:
    """Return what a photo of `size` bytes says of itself; nothing if it says nothing readable."""
    reader = _Reader(read_at, size)
    try:
        kind = kind_of(reader.at(0, 32))
        exif = _exif_of(kind, reader) if kind is not None else b""
        return _metadata(exif) if exif else PhotoMetadata()
    except (struct.error, IndexError, _RefusedError):
        return PhotoMetadata()


class _RefusedError(Exception):
    """The file is not of the form that it should have."""


class _Reader:
    """Reads pieces of a file, so many and no more."""

    def __init__(self, read_at: ReadAt, size: int) -> None:
        self._read_at = read_at
        self.size = size
        self._left = _MAXIMUM_PIECES

    def at(self, offset: int, count: int) -> bytes:
        self._left -= 1
        if self._left < 0 or not 0 <= offset <= self.size or count > _MAXIMUM_EXIF_BYTES:
            raise _RefusedError
        return self._read_at(offset, count)

    def whole(self, offset: int, count: int) -> bytes:
        data = self.at(offset, count)
        if len(data) != count:
            raise _RefusedError
        return data


# --- where the Exif lies -------------------------------------------------------------------------


def _exif_of(kind: PhotoKind, reader: _Reader) -> bytes:
    match kind:
        case PhotoKind.JPEG:
            return _in_jpeg(reader)
        case PhotoKind.PNG:
            return _in_png(reader)
        case PhotoKind.WEBP:
            return _in_webp(reader)
        case PhotoKind.TIFF:
            return reader.at(0, min(reader.size, _MAXIMUM_EXIF_BYTES))
        case PhotoKind.HEIC | PhotoKind.AVIF:
            return _in_heif(reader)


def _in_jpeg(reader: _Reader) -> bytes:
    position = 2
    while position + 4 <= reader.size:
        sign, marker, length = struct.unpack(">BBH", reader.whole(position, 4))
        if sign != 0xFF or length < 2:
            raise _RefusedError
        if marker == 0xFF:
            position += 1  # filling before a marker
            continue
        if marker in (0xDA, 0xD9):
            return b""
        if marker == 0xE1:
            data = reader.whole(position + 4, length - 2)
            if data.startswith(b"Exif\0"):
                return data[6:]
        position += 2 + length
    return b""


def _in_png(reader: _Reader) -> bytes:
    position = 8
    while position + 8 <= reader.size:
        length, name = struct.unpack(">I4s", reader.whole(position, 8))
        if name == b"eXIf":
            return reader.whole(position + 8, min(length, _MAXIMUM_EXIF_BYTES))
        if name == b"IEND":
            return b""
        position += 12 + length
    return b""


def _in_webp(reader: _Reader) -> bytes:
    position = 12
    while position + 8 <= reader.size:
        name, length = struct.unpack("<4sI", reader.whole(position, 8))
        if name == b"EXIF":
            data = reader.whole(position + 8, min(length, _MAXIMUM_EXIF_BYTES))
            return data.removeprefix(b"Exif\0\0")
        position += 8 + length + length % 2
    return b""


def _in_heif(reader: _Reader) -> bytes:
    """Return the Exif item of a HEIF file (ISO/IEC 23008-12, annex A)."""
    meta = next((body for name, body in _boxes_of(reader) if name == b"meta"), b"")
    parts = dict(_inner_boxes(meta[4:]))
    item = _exif_item(parts.get(b"iinf", b""))
    if item is None:
        return b""
    offset, length = _place_of(item, parts.get(b"iloc", b""))
    data = reader.whole(offset, min(length, _MAXIMUM_EXIF_BYTES))
    (skip,) = struct.unpack_from(">I", data)
    return data[4 + skip :]


def _boxes_of(reader: _Reader) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position + 8 <= reader.size:
        length, name = struct.unpack(">I4s", reader.whole(position, 8))
        head = 8
        if length == 1:
            (length,) = struct.unpack(">Q", reader.whole(position + 8, 8))
            head = 16
        if length < head:
            return
        if name == b"meta":
            yield name, reader.whole(position + head, length - head)
        position += length


def _inner_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        if not 8 <= length <= len(data) - position:
            return
        yield name, data[position + 8 : position + length]
        position += length


def _exif_item(box: bytes) -> int | None:
    if not box:
        return None
    start = 6 if box[0] == 0 else 8
    for name, body in _inner_boxes(box[start:]):
        if name == b"infe" and body[0] in (2, 3):
            form = ">HH4s" if body[0] == 2 else ">IH4s"
            identity, _, kind = struct.unpack_from(form, body, 4)
            if kind == b"Exif":
                return int(identity)
    return None


def _place_of(item: int, box: bytes) -> tuple[int, int]:
    """Return offset and length of an item that lies in one piece of the file (`iloc`)."""
    version = box[0] if box else 9
    if version > 2:
        raise _RefusedError
    sizes, base_sizes = struct.unpack_from(">BB", box, 4)
    offset_size, length_size, base_size = sizes >> 4, sizes & 15, base_sizes >> 4
    index_size = base_sizes & 15 if version else 0
    if any(size not in (0, 4, 8) for size in (offset_size, length_size, base_size, index_size)):
        raise _RefusedError
    position = 6
    wide = 4 if version == 2 else 2
    count = int.from_bytes(box[position : position + wide])
    position += wide
    for _ in range(min(count, _MAXIMUM_PIECES)):
        identity = int.from_bytes(box[position : position + wide])
        position += wide
        method = 0
        if version:
            method = int.from_bytes(box[position : position + 2]) & 15
            position += 2
        position += 2
        base = int.from_bytes(box[position : position + base_size])
        position += base_size
        extents = int.from_bytes(box[position : position + 2])
        position += 2
        for _ in range(min(extents, _MAXIMUM_PIECES)):
            position += index_size
            offset = int.from_bytes(box[position : position + offset_size])
            position += offset_size
            length = int.from_bytes(box[position : position + length_size])
            position += length_size
            if identity == item:
                if method != 0 or extents != 1 or length < 4:
                    raise _RefusedError
                return base + offset, length
        if position > len(box):
            raise _RefusedError
    raise _RefusedError


# --- what stands in it ---------------------------------------------------------------------------

_MAKE, _MODEL, _TIME, _ARTIST = 0x010F, 0x0110, 0x0132, 0x013B
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_GPS_LATITUDE_SIDE, _GPS_LATITUDE, _GPS_LONGITUDE_SIDE, _GPS_LONGITUDE = 1, 2, 3, 4
_ASCII, _LONG, _RATIONAL, _UTF8 = 2, 4, 5, 129
_SIZES = {_ASCII: 1, _LONG: 4, _RATIONAL: 8, _UTF8: 1}
_MOMENT = re.compile(r"([0-9]{4}):([0-9]{2}):([0-9]{2})(?: ([0-2][0-9]:[0-5][0-9]:[0-5][0-9]))?")
_OFFSET = re.compile(r"[+-][0-1][0-9]:[0-5][0-9]")

_Fields = dict[int, tuple[int, int, bytes]]
"""Tag to type, count and data."""


def _metadata(tiff: bytes) -> PhotoMetadata:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        raise _RefusedError
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    main = _fields(tiff, first, order)
    exif = _fields(tiff, _pointer(main, _EXIF_POINTER, order), order)
    gps = _fields(tiff, _pointer(main, _GPS_POINTER, order), order)
    day, clock = _moment(_text(exif, _TAKEN) or _text(main, _TIME))
    offset = _text(exif, _TAKEN_OFFSET)
    latitude = _degrees(gps, _GPS_LATITUDE, _GPS_LATITUDE_SIDE, order=order, sides="NS", most=90)
    longitude = _degrees(
        gps, _GPS_LONGITUDE, _GPS_LONGITUDE_SIDE, order=order, sides="EW", most=180
    )
    make, model = _text(main, _MAKE), _text(main, _MODEL)
    camera = model if model.casefold().startswith(make.casefold()) else f"{make} {model}"
    return PhotoMetadata(
        taken_on=day,
        taken_at=clock,
        utc_offset=offset if day and _OFFSET.fullmatch(offset) else "",
        latitude=latitude if longitude else "",
        longitude=longitude if latitude else "",
        camera=camera.strip(),
        taken_by=_text(main, _ARTIST),
    )


def _fields(tiff: bytes, offset: int, order: str) -> _Fields:
    found: _Fields = {}
    if not 8 <= offset <= len(tiff) - 2:
        return found
    (count,) = struct.unpack_from(f"{order}H", tiff, offset)
    for place in range(min(count, _MAXIMUM_ENTRIES)):
        entry = offset + 2 + 12 * place
        if entry + 12 > len(tiff):
            break
        tag, kind, number = struct.unpack_from(f"{order}HHI", tiff, entry)
        length = _SIZES.get(kind, 0) * number
        if not 0 < length <= _MAXIMUM_TEXT_BYTES:
            continue
        start = entry + 8
        if length > 4:
            (start,) = struct.unpack_from(f"{order}I", tiff, start)
        if start + length <= len(tiff):
            found.setdefault(tag, (kind, number, tiff[start : start + length]))
    return found


def _pointer(fields: _Fields, tag: int, order: str) -> int:
    kind, number, data = fields.get(tag, (0, 0, b""))
    if kind != _LONG or number != 1:
        return 0
    return int(struct.unpack(f"{order}I", data)[0])


def _text(fields: _Fields, tag: int) -> str:
    kind, _, data = fields.get(tag, (0, 0, b""))
    if kind not in (_ASCII, _UTF8):
        return ""
    text = data.partition(b"\0")[0].decode("utf-8", "replace")
    return "" if "\ufffd" in text else " ".join(text.split())


def _moment(text: str) -> tuple[str, str]:
    match = _MOMENT.fullmatch(text)
    if match is None:
        return "", ""
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return "", ""  # 0000:00:00 is what a camera without a clock writes
    clock = match[4] or ""
    return day.isoformat(), clock if clock < "24" else ""


def _degrees(fields: _Fields, tag: int, side_tag: int, *, order: str, sides: str, most: int) -> str:
    kind, number, data = fields.get(tag, (0, 0, b""))
    side = _text(fields, side_tag)
    if kind != _RATIONAL or number != 3 or side not in (*sides,):
        return ""
    numbers = struct.unpack(f"{order}6I", data)
    if not all(numbers[1::2]):
        return ""
    degrees, minutes, seconds = (numbers[n] / numbers[n + 1] for n in (0, 2, 4))
    value = degrees + minutes / 60 + seconds / 3600
    if minutes >= 60.001 or seconds >= 60.001 or value > most:
        return ""
    return f"{-value if side == sides[1] else value:.6f}"
