"""Images for tests, made in memory: sound ones, and such as somebody might plant."""

import struct
import zlib

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'
TIFF = b"II*\0\x08\0\0\0" + bytes(64)
# 2 × 1 pixels, red and green; Qt writes no GIF.
GIF = bytes.fromhex(
    "474946383961020001008000 00ff000000ff002c00000000020001000002024408003b".replace(" ", "")
)


def painted(width: int, height: int) -> QImage:
    """Return an image: red at the left, blue at the right, a green corner at the top left."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    for x in range(width // 2, width):
        for y in range(height):
            image.setPixelColor(x, y, QColor("blue"))
    for x in range(width // 4):
        for y in range(height // 4):
            image.setPixelColor(x, y, QColor("lime"))
    return image


def encoded(image: QImage, form: str) -> bytes:
    """Return an image in one of the formats that Qt writes."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    assert image.save(buffer, form, 90)  # type: ignore[call-overload] # the stub wants bytes
    return bytes(buffer.data().data())


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG (RFC 2083, 3.2)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that claims a size."""
    fields = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", fields)


def grey_png(width: int, height: int) -> bytes:
    """Return a whole PNG that is small as a file and large as an image."""
    fields = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packing = zlib.compressobj(1)
    line = bytes(1 + width)
    data = b"".join(packing.compress(line) for _ in range(height)) + packing.flush()
    parts = (png_chunk(b"IHDR", fields), png_chunk(b"IDAT", data), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def turned_jpeg(width: int, height: int, orientation: int) -> bytes:
    """Return a JPEG whose EXIF data says how it is to be turned (EXIF 2.3, tag 0x0112)."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + bytes(4)
    exif = b"Exif\0\0" + tiff
    jpeg = encoded(painted(width, height), "JPEG")
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
