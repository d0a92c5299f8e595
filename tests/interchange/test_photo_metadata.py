"""What a photo says of itself is read strictly, and no bytes do harm."""

import struct
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.interchange import photo_metadata
from fielddoc.interchange.photo_metadata import (
    PhotoKind,
    PhotoMetadata,
    kind_of,
    read_metadata,
)

ASCII, LONG, RATIONAL = 2, 4, 5
Tags = Mapping[int, tuple[int, bytes]]


def text(words: str) -> tuple[int, bytes]:
    return ASCII, words.encode() + b"\0"


def rationals(order: str, *numbers: tuple[int, int]) -> tuple[int, bytes]:
    return RATIONAL, b"".join(struct.pack(f"{order}II", *pair) for pair in numbers)


def ifd(order: str, start: int, tags: Tags) -> bytes:
    """Return a directory that begins at `start`, with its data behind it."""
    head = struct.pack(f"{order}H", len(tags))
    data = b""
    place = start + 2 + 12 * len(tags) + 4
    for tag, (kind, value) in tags.items():
        count = len(value) // {ASCII: 1, LONG: 4, RATIONAL: 8}[kind]
        head += struct.pack(f"{order}HHI", tag, kind, count)
        if len(value) <= 4:
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack(f"{order}I", place + len(data))
            data += value
    return head + bytes(4) + data


def exif(
    order: str = ">",
    *,
    main: Tags | None = None,
    inner: Tags | None = None,
    gps: Tags | None = None,
) -> bytes:
    mark = b"MM\0*" if order == ">" else b"II*\0"
    first = 8
    tags = dict(main or {})
    size = len(ifd(order, first, {**tags, 0x8769: (LONG, bytes(4)), 0x8825: (LONG, bytes(4))}))
    second = first + size
    inner_bytes = ifd(order, second, inner or {})
    third = second + len(inner_bytes)
    tags[0x8769] = (LONG, struct.pack(f"{order}I", second))
    tags[0x8825] = (LONG, struct.pack(f"{order}I", third))
    head = mark + struct.pack(f"{order}I", first)
    return head + ifd(order, first, tags) + inner_bytes + ifd(order, third, gps or {})


def whole(order: str = ">") -> bytes:
    return exif(
        order,
        main={0x010F: text("ACME"), 0x0110: text("ACME One"), 0x013B: text("李例")},
        inner={0x9003: text("2022:08:15 14:03:22"), 0x9011: text("+08:00")},
        gps={
            1: text("N"),
            2: rationals(order, (32, 1), (12, 1), (1830, 100)),
            3: text("E"),
            4: rationals(order, (119, 1), (25, 1), (0, 1)),
        },
    )


SAID = PhotoMetadata(
    taken_on="2022-08-15",
    taken_at="14:03:22",
    utc_offset="+08:00",
    latitude="32.205083",
    longitude="119.416667",
    camera="ACME One",
    taken_by="李例",
)


def jpeg(tiff: bytes) -> bytes:
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    app1 = b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff
    return b"\xff\xd8" + app0 + app1 + b"\xff\xda\0\x02" + b"pixels" + b"\xff\xd9"


def png(tiff: bytes) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", bytes(13))
        + chunk(b"IDAT", b"x" * 99)
        + chunk(b"eXIf", tiff)
        + chunk(b"IEND", b"")
    )


def webp(tiff: bytes) -> bytes:
    body = b"VP8 " + struct.pack("<I", 3) + b"abc\0" + b"EXIF" + struct.pack("<I", len(tiff)) + tiff
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def heic(tiff: bytes, *, version: int = 1) -> bytes:
    def box(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data) + 8) + name + data

    head = box(b"ftyp", b"heic" + bytes(4) + b"heicmif1")
    entries = [
        box(b"infe", b"\x02\0\0\0" + struct.pack(">HH4s", 1, 0, b"hvc1") + b"\0"),
        box(b"infe", b"\x02\0\0\0" + struct.pack(">HH4s", 2, 0, b"Exif") + b"\0"),
    ]
    iinf = box(b"iinf", bytes(4) + struct.pack(">H", 2) + b"".join(entries))

    def iloc(offset: int) -> bytes:
        method = struct.pack(">H", 0) if version else b""
        items = b"".join(
            struct.pack(">H", item) + method + struct.pack(">HHII", 0, 1, at, size)
            for item, at, size in ((1, 0, 9), (2, offset, len(tiff) + 4))
        )
        return box(b"iloc", bytes([version, 0, 0, 0, 0x44, 0]) + struct.pack(">H", 2) + items)

    def meta(offset: int) -> bytes:
        return box(b"meta", bytes(4) + iinf + iloc(offset))

    place = len(head) + len(meta(0)) + 8
    return head + meta(place) + box(b"mdat", struct.pack(">I", 0) + tiff)


def said(data: bytes) -> PhotoMetadata:
    return read_metadata(lambda offset, count: data[offset : offset + count], len(data))


FILES = {
    "jpeg": jpeg(whole()),
    "jpeg, little end first": jpeg(whole("<")),
    "png": png(whole()),
    "webp": webp(whole()),
    "tiff": whole(),
    "tiff, little end first": whole("<"),
    "heic": heic(whole()),
    "heic, first version": heic(whole(), version=0),
}


@pytest.mark.parametrize("name", FILES)
def test_when_where_with_what_and_by_whom_is_read(name: str) -> None:
    assert said(FILES[name]) == SAID


def test_a_box_without_what_belongs_into_it_says_nothing() -> None:
    data = bytearray(heic(whole()))
    place = data.index(b"infe")
    data[place - 4 : place] = (8).to_bytes(4, "big")

    assert said(bytes(data)) == PhotoMetadata()


def test_kinds_are_known_by_their_first_bytes() -> None:
    kinds = {name: kind_of(data[:32]) for name, data in FILES.items()}

    assert set(kinds.values()) == {
        PhotoKind.JPEG, PhotoKind.PNG, PhotoKind.WEBP, PhotoKind.TIFF, PhotoKind.HEIC,
    }  # fmt: skip
    assert kind_of(b"%PDF-1.7") is None
    assert kind_of(b"\0\0\0\x1cftypavif" + bytes(20)) is PhotoKind.AVIF


def test_a_photo_without_metadata_says_nothing() -> None:
    assert said(b"\xff\xd8\xff\xda\0\x02abc\xff\xd9") == PhotoMetadata()
    assert said(jpeg(exif())) == PhotoMetadata()


@pytest.mark.parametrize(
    "moment",
    ["0000:00:00 00:00:00", "2022:13:01 00:00:00", "2022-08-15", "", "2022:02:30 01:01:01"],
)
def test_a_time_that_is_none_is_passed_over(moment: str) -> None:
    assert said(jpeg(exif(inner={0x9003: text(moment)}))).moment == ""


@pytest.mark.parametrize(
    ("side", "numbers"),
    [("X", [(32, 1)] * 3), ("N", [(32, 0), (0, 1), (0, 1)]), ("N", [(91, 1), (0, 1), (0, 1)]),
     ("N", [(32, 1), (75, 1), (0, 1)]), ("N", [(32, 1)] * 2)],
)  # fmt: skip
def test_a_place_that_is_none_is_passed_over(side: str, numbers: list[tuple[int, int]]) -> None:
    gps = {
        1: text(side),
        2: rationals(">", *numbers),
        3: text("E"),
        4: rationals(">", (119, 1), (0, 1), (0, 1)),
    }

    assert said(jpeg(exif(gps=gps))).place == ""


def test_south_and_west_are_negative() -> None:
    zero = (0, 1)
    gps = {
        1: text("S"),
        2: rationals(">", (33, 1), (30, 1), zero),
        3: text("W"),
        4: rationals(">", (70, 1), zero, zero),
    }

    assert said(jpeg(exif(gps=gps))).place == "-33.500000, -70.000000"


def test_a_directory_that_points_at_itself_or_out_of_the_file_ends() -> None:
    whole_ = exif(inner={0x9003: text("2022:08:15 14:03:22")})
    entry = whole_.index(struct.pack(">HHI", 0x8769, LONG, 1)) + 8
    for target in (8, 0, len(whole_), 0xFFFFFFF0):
        tiff = whole_[:entry] + struct.pack(">I", target) + whole_[entry + 4 :]
        assert said(jpeg(tiff)).taken_on == ""


def test_so_many_pieces_are_read_and_no_more() -> None:
    calls = 0
    segment = b"\xff\xe0\0\x02"

    def read_at(offset: int, count: int) -> bytes:
        nonlocal calls
        calls += 1
        data = segment * (count // 4 + 2)
        return b"\xff\xd8\xff\xe0" + bytes(28) if offset == 0 else data[(offset - 2) % 4 :][:count]

    assert read_metadata(read_at, 2**40) == PhotoMetadata()
    assert calls <= photo_metadata._MAXIMUM_PIECES


@given(st.sampled_from(sorted(FILES)), st.data())
def test_any_bytes_are_read_without_harm(name: str, data: st.DataObject) -> None:
    changed = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))

    assert isinstance(said(bytes(changed)), PhotoMetadata)
    assert isinstance(said(bytes(changed[:cut])), PhotoMetadata)
