"""The program's icon in the forms that the systems want, drawn from one SVG, the same each time."""

import struct
from dataclasses import dataclass
from pathlib import Path

from freeze.plan import Platform

PNG_SIDES = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIDES = (16, 24, 32, 48, 64, 256)
# Apple's four letters for each side in pixels, all of which may hold a PNG.
ICNS_TYPES = {128: b"ic07", 256: b"ic08", 512: b"ic09", 32: b"ic11", 64: b"ic12"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Icons:
    """The files that were made."""

    pngs: dict[int, Path]
    """By side in pixels."""
    ico: Path
    icns: Path

    def for_program(self, platform: Platform) -> Path | None:
        """Return what goes into the executable; on Linux the desktop entry names the icon."""
        return {Platform.WINDOWS: self.ico, Platform.MACOS: self.icns}.get(platform)


def make_icons(svg: Path, folder: Path) -> Icons:
    """Draw the icon and write it as PNG, ICO (Windows) and ICNS (macOS) into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {side: png_of(svg.read_bytes(), side) for side in PNG_SIDES}
    pngs = {side: folder / f"fielddoc-{side}.png" for side in PNG_SIDES}
    for side, path in pngs.items():
        path.write_bytes(drawn[side])
    ico, icns = folder / "fielddoc.ico", folder / "fielddoc.icns"
    ico.write_bytes(ico_of({side: drawn[side] for side in ICO_SIDES}))
    icns.write_bytes(icns_of({side: drawn[side] for side in ICNS_TYPES}))
    return Icons(pngs=pngs, ico=ico, icns=icns)


def png_of(svg: bytes, side: int) -> bytes:
    """Return the drawing as a PNG of `side` × `side` pixels with a transparent ground."""
    # Whoever only asks for the forms of files needs no Qt.
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice  # noqa: PLC0415
    from PySide6.QtGui import QImage, QPainter  # noqa: PLC0415
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415

    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg)).render(painter)
    painter.end()
    # The number of dots in a metre depends on the screen of whoever builds.
    image.setDotsPerMeterX(3780)
    image.setDotsPerMeterY(3780)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]  # the stub knows paths only
        raise OSError("Qt could not write a PNG")
    return bytes(buffer.data().data())


def ico_of(pngs: dict[int, bytes]) -> bytes:
    """Return an ICO file: a directory with 16 bytes an image, then the PNGs one after the other."""
    header = struct.pack("<HHH", 0, 1, len(pngs))
    offset = len(header) + 16 * len(pngs)
    directory = b""
    for side, png in sorted(pngs.items()):
        # A side of 256 is written as 0; 1 colour plane, 32 bits a pixel.
        directory += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(png), offset)
        offset += len(png)
    return header + directory + b"".join(png for _, png in sorted(pngs.items()))


def icns_of(pngs: dict[int, bytes]) -> bytes:
    """Return an ICNS file: four letters and a length (big-endian, itself included) an image."""
    images = b"".join(
        ICNS_TYPES[side] + struct.pack(">I", 8 + len(png)) + png
        for side, png in sorted(pngs.items())
    )
    return b"icns" + struct.pack(">I", 8 + len(images)) + images
