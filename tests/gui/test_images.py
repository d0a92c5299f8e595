import secrets
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage, QImageReader

from fielddoc.crypto.stream import CHUNK_BYTES
from fielddoc.errors import AttachmentNotFoundError, VaultDamagedError
from fielddoc.gui import images
from fielddoc.gui.images import ImageKind, Unshown, UnshownError
from fielddoc.vault import attachments, records
from fielddoc.vault.attaching import AttachedFile, attach_bytes, files_of
from fielddoc.vault.opening import open_vault
from fielddoc.vault.turns import directly
from fielddoc.vault.vault import Vault
from gui import pictures
from gui.windows import PASSPHRASE

SOUND = {
    ImageKind.PNG: "PNG",
    ImageKind.JPEG: "JPEG",
    ImageKind.WEBP: "WEBP",
    ImageKind.BMP: "BMP",
}


def sound(kind: ImageKind) -> bytes:
    if kind is ImageKind.GIF:
        return pictures.GIF
    return pictures.encoded(pictures.painted(40, 30), SOUND[kind])


def why(data: bytes) -> Unshown:
    with pytest.raises(UnshownError) as refused:
        images.picture(QByteArray(data))
    with pytest.raises(UnshownError) as refused_small:
        images.thumbnail(QByteArray(data), 64)
    assert refused_small.value.why is refused.value.why
    return refused.value.why


# --- which formats -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ImageKind)
def test_each_of_the_five_formats_is_known_and_decoded(kind: ImageKind) -> None:
    data = sound(kind)

    assert images.kind_of(data[:32]) is kind
    picture = images.picture(QByteArray(data))
    assert picture.kind is kind
    expected = (2, 1) if kind is ImageKind.GIF else (40, 30)
    assert (picture.width, picture.height) == expected
    assert picture.levels[0].size().toTuple() == expected
    assert not picture.is_cut_short


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"words in a file called photo.png",
        b"BMW is a car, and this is a text",
        pictures.SVG,
        b'<?xml version="1.0"?>' + pictures.SVG,
        pictures.TIFF,
        b"/* XPM */\nstatic char *x[] = {",
        b"P6\n1 1\n255\n\0\0\0",
        b"\0\0\1\0\1\0" + bytes(40),
        b"%PDF-1.7",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\xff\xd8",
    ],
    ids=["", "text", "BM", "svg", "xml", "tiff", "xpm", "ppm", "ico", "pdf", "wave", "jpeg stub"],
)
def test_nothing_else_is_given_to_any_decoder(data: bytes) -> None:
    assert images.kind_of(data[:32]) is None
    assert why(data) is Unshown.NOT_AN_IMAGE


def test_a_file_is_opened_by_the_decoder_of_its_first_bytes_only() -> None:
    """Bytes that begin as one format are never tried as another, whatever follows."""
    assert why(b"\x89PNG\r\n\x1a\n" + pictures.SVG) is Unshown.BROKEN
    assert why(b"\xff\xd8\xff" + pictures.encoded(pictures.painted(9, 9), "PNG")) is Unshown.BROKEN


# --- hostile images ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ImageKind.PNG, ImageKind.WEBP])
def test_half_an_image_is_not_shown(kind: ImageKind) -> None:
    data = sound(kind)

    assert why(data[: len(data) // 2]) is Unshown.BROKEN


def test_a_jpeg_that_was_cut_short_says_so() -> None:
    data = pictures.encoded(pictures.painted(400, 300), "JPEG")

    assert not images.is_cut_short(QByteArray(data))
    assert not images.is_cut_short(
        QByteArray(data + b"a film that a telephone put behind \xff\xda")
    )
    for size in (len(data) - 2, len(data) - 1, len(data) // 2, 30, 5):
        assert images.is_cut_short(QByteArray(data[:size]))
    assert images.picture(QByteArray(data[: len(data) - 300])).is_cut_short


def test_a_thumbnail_inside_a_jpeg_does_not_pass_for_its_end() -> None:
    data = pictures.encoded(pictures.painted(400, 300), "JPEG")
    small = pictures.encoded(pictures.painted(16, 16), "JPEG")
    with_small = data[:2] + b"\xff\xe1" + (len(small) + 2).to_bytes(2, "big") + small + data[2:]

    assert not images.is_cut_short(QByteArray(with_small))
    assert images.is_cut_short(QByteArray(with_small[:-200]))


def test_the_end_of_a_long_jpeg_is_found_across_the_steps_of_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = pictures.encoded(pictures.painted(64, 64), "JPEG")
    for step in range(2, 40):
        monkeypatch.setattr(images, "_SCAN_BYTES", step)
        assert not images.is_cut_short(QByteArray(data))
        assert images.is_cut_short(QByteArray(data[:-1]))


def test_a_bitmap_that_was_cut_short_says_so() -> None:
    data = sound(ImageKind.BMP)

    assert images.is_cut_short(QByteArray(data[:-1]))


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (65_536, 1), (1, 900_000), (14_143, 14_143)]
)
def test_an_image_that_claims_to_be_huge_is_refused_before_it_is_decoded(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QImageReader, "read", lambda _: pytest.fail("it was decoded"))

    data = pictures.png_header(width, height) + pictures.png_chunk(b"IDAT", bytes(8))
    assert why(data) is Unshown.TOO_LARGE


def test_a_header_alone_is_no_image() -> None:
    assert why(pictures.png_header(20_000, 20_000)) is Unshown.BROKEN


def test_an_image_beyond_what_may_be_taken_is_refused_by_size_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = sound(ImageKind.PNG)
    monkeypatch.setattr(images, "MAXIMUM_BYTES", len(data) - 1)

    assert why(data) is Unshown.TOO_LARGE


def test_an_image_that_qt_may_not_hold_whole_is_too_large_and_not_broken() -> None:
    """108 megapixels: within ours, but 432 MB decoded, and Qt's PNG decoder cannot scale."""
    assert why(pictures.grey_png(12_000, 9_000)) is Unshown.TOO_LARGE
    assert QImageReader.allocationLimit() == images.ALLOCATION_MEBIBYTES


def test_a_very_large_jpeg_is_shown_with_fewer_pixels() -> None:
    large = QImage(9_000, 8_000, QImage.Format.Format_Grayscale8)
    large.fill(90)

    picture = images.picture(QByteArray(pictures.encoded(large, "JPEG")))

    assert (picture.width, picture.height) == (9_000, 8_000)
    assert picture.levels[0].size().toTuple() == (4_500, 4_000)


def test_no_more_is_read_of_what_is_no_image() -> None:
    def blocks() -> object:
        yield b"text"
        pytest.fail("it was read on")

    with pytest.raises(UnshownError):
        images.collected(blocks(), 10)  # type: ignore[arg-type]


# --- what is shown -------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_stands_as_it_was_taken(orientation: int) -> None:
    """The green corner comes to the place that EXIF 2.3, 4.6.4, table "Orientation" gives."""
    corner = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[orientation]
    data = QByteArray(pictures.turned_jpeg(80, 40, orientation))
    size = (80, 40) if orientation < 5 else (40, 80)

    picture = images.picture(data)
    assert (picture.width, picture.height) == size
    small = images.thumbnail(data, 40)
    assert small.size().toTuple() == (40 * size[0] // 80, 40 * size[1] // 80)
    for image in (picture.levels[0], small):
        x = 2 if "l" in corner else image.width() - 3
        y = 2 if "t" in corner else image.height() - 3
        colour = image.pixelColor(x, y)
        assert colour.green() > 150 > colour.red() + colour.blue()


def test_each_level_is_half_of_the_one_before_and_looks_like_it() -> None:
    picture = images.picture(QByteArray(pictures.encoded(pictures.painted(2_001, 1_201), "PNG")))

    assert [level.size().toTuple() for level in picture.levels] == [
        (2001, 1201),
        (1000, 600),
        (500, 300),
    ]
    for level in picture.levels:
        width, height = level.width(), level.height()
        assert level.pixelColor(3, 3) == QColor("lime")
        assert level.pixelColor(3, height - 1) == QColor("red")
        assert level.pixelColor(width - 1, 0) == QColor("blue")
        assert level.pixelColor(width - 1, height - 1) == QColor("blue")


@pytest.mark.parametrize("size", [(1, 1), (1, 3_000), (3_000, 1), (513, 2), (2, 513)])
def test_an_image_of_any_shape_is_shown(size: tuple[int, int]) -> None:
    data = QByteArray(pictures.encoded(pictures.painted(*size), "PNG"))

    assert images.picture(data).levels[0].size().toTuple() == size
    assert not images.thumbnail(data, 64).isNull()


def test_what_can_be_seen_through_stays_so_in_every_level() -> None:
    image = QImage(1_200, 600, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))

    picture = images.picture(QByteArray(pictures.encoded(image, "PNG")))

    assert [level.pixelColor(5, 5).alpha() for level in picture.levels] == [0, 0, 0]


def test_what_is_written_in_an_image_is_told_within_bounds() -> None:
    image = pictures.painted(9, 9)
    image.setText("Author", "Mina")
    image.setText("Long", "x" * 100_000)
    for number in range(100):
        image.setText(f"key{number}", "y")

    texts = images.picture(QByteArray(pictures.encoded(image, "PNG"))).texts

    assert len(texts) == 32
    assert dict(texts)["Author"] == "Mina"
    assert max(len(text) for _, text in texts) <= 500


def test_an_image_in_memory_becomes_png_in_memory() -> None:
    image = pictures.painted(50, 40)

    data = b"".join(images.png_blocks(image))

    assert images.kind_of(data[:32]) is ImageKind.PNG
    assert QImage.fromData(data) == image


# --- from the vault ------------------------------------------------------------------------------


@pytest.fixture
def vault(vault_folder: Path) -> object:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        yield opened


def attached(vault: Vault, data: bytes) -> AttachedFile:
    record = records.add(vault, "incident", {"title": "x"})
    attach_bytes(vault, record, "photo.png", "image/png", [data])
    return files_of(vault, record)[0]


def test_an_image_is_read_from_the_vault_with_its_progress(vault: Vault) -> None:
    data = pictures.encoded(pictures.painted(300, 200), "BMP")
    told: list[tuple[int, int]] = []

    read = images.read(vault, attached(vault, data), directly, lambda *a: told.append(a))

    assert bytes(read.data()) == data
    assert told[-1] == (len(data), len(data))
    assert len(told) == -(-len(data) // CHUNK_BYTES)


def test_nothing_of_a_damaged_image_is_given_out(vault: Vault) -> None:
    data = pictures.encoded(pictures.painted(8, 8), "PNG") + secrets.token_bytes(3 * CHUNK_BYTES)
    file = attached(vault, data)
    assert file.content is not None
    path = attachments.name_and_key(vault, file.content)[0]
    sealed = bytearray(path.read_bytes())
    sealed[3 * CHUNK_BYTES] ^= 1
    path.write_bytes(sealed)

    with pytest.raises(VaultDamagedError):
        images.read(vault, file, directly)
    path.unlink()
    with pytest.raises(AttachmentNotFoundError):
        images.read(vault, file, directly)
