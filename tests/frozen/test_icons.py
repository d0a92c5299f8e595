"""The icon in the forms that the systems want."""

import struct
from pathlib import Path

from freeze import icons
from not_run import not_run

SVG = Path(__file__).parents[2] / "resources" / "icons" / "fielddoc.svg"
PNG = b"\x89PNG\r\n\x1a\n"


def sides(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG)
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


def made(folder: Path) -> icons.Icons:
    try:
        return icons.make_icons(SVG, folder)
    except ImportError as error:
        not_run(str(error))


def test_pngs_have_the_sides_they_are_named_after(tmp_path: Path) -> None:
    for side, path in made(tmp_path).pngs.items():
        assert sides(path.read_bytes()) == (side, side)


def test_ico_lists_every_image_where_it_lies(tmp_path: Path) -> None:
    data = made(tmp_path).ico.read_bytes()

    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind, count) == (0, 1, len(icons.ICO_SIDES))
    end = 6 + 16 * count
    for index, side in enumerate(sorted(icons.ICO_SIDES)):
        width, height, _, _, _, bits, size, offset = struct.unpack_from(
            "<BBBBHHII", data, 6 + 16 * index
        )
        assert (width or 256, height or 256, bits) == (side, side, 32)
        assert offset == end
        assert sides(data[offset : offset + size]) == (side, side)
        end = offset + size
    assert end == len(data)


def test_icns_holds_images_of_the_announced_lengths(tmp_path: Path) -> None:
    data = made(tmp_path).icns.read_bytes()
    by_type = {kind: side for side, kind in icons.ICNS_TYPES.items()}

    assert data[:4] == b"icns"
    assert struct.unpack(">I", data[4:8]) == (len(data),)
    offset, found = 8, set[int]()
    while offset < len(data):
        kind, (size,) = (
            data[offset : offset + 4],
            struct.unpack(">I", data[offset + 4 : offset + 8]),
        )
        assert sides(data[offset + 8 : offset + size]) == (by_type[kind], by_type[kind])
        found.add(by_type[kind])
        offset += size
    assert found == set(icons.ICNS_TYPES)


def test_two_drawings_are_the_same_bytes(tmp_path: Path) -> None:
    first, second = made(tmp_path / "1"), made(tmp_path / "2")

    assert first.ico.read_bytes() == second.ico.read_bytes()
    assert first.icns.read_bytes() == second.icns.read_bytes()
