"""A QR code as a widget, painted from memory: nothing is ever written for it."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_QUIET_MODULES = 4  # ISO/IEC 18004 asks for so much white around the code
_DARK, _WHITE = "#000000", "#ffffff"  # in both palettes: a reader looks for dark on light


@dataclass(frozen=True, slots=True)
class QrCode:
    """The squares of a QR code, row by row: 1 is dark. The white border is not among them."""

    rows: tuple[bytes, ...]
    holds_card: bool
    """Whether it holds the whole card; otherwise the 40 digits only."""

    @property
    def side(self) -> int:
        """How many squares wide it is with its white border."""
        return len(self.rows) + 2 * _QUIET_MODULES


def qr_of_card(card: bytes, code: str) -> QrCode:
    """Return the card file as a QR code, or only its code where no QR code can hold the card.

    Takes about 0.2 s of pure computing, so it is not for the window's thread.
    """
    # segno can also write SVG and other files, and what it writes them with loads Python's modules
    # for the network. Nothing is written here, so an empty module stands in for that part.
    sys.modules.setdefault("segno.writers", ModuleType("segno.writers"))
    import segno  # noqa: PLC0415

    try:
        made = segno.make(card, mode="byte", error="l", micro=False)
    except segno.DataOverflowError:
        made = segno.make(code, mode="numeric", error="m", micro=False)
        return QrCode(_rows(made.matrix), holds_card=False)
    return QrCode(_rows(made.matrix), holds_card=True)


def _rows(matrix: Iterable[bytes | bytearray]) -> tuple[bytes, ...]:
    return tuple(bytes(row) for row in matrix)


class QrPicture(QWidget):
    """Shows a QR code as large as it has room, each square a whole number of screen pixels."""

    def __init__(self, name: str, *, pixels_a_square: int = 2, grows: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._least = pixels_a_square
        self._code: QrCode | None = None
        self._image = QImage()
        policy = QSizePolicy.Policy.Expanding if grows else QSizePolicy.Policy.Fixed
        self.setSizePolicy(policy, policy)

    def show_code(self, code: QrCode) -> None:
        """Show `code` from now on."""
        self._code = code
        self._image = _image(code)
        self.updateGeometry()
        self.update()

    def show_at(self, pixels_a_square: int) -> None:
        """Show each square at this width from now on."""
        self._least = pixels_a_square
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size at which a good telephone can read it."""
        side = self._least * self._code.side if self._code else 0
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same size: smaller it would be of no use."""
        return self.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the squares in the middle."""
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = min(self.width(), self.height()) * ratio
        whole = max(1, int(room // self._image.width()))
        side = round(whole * self._image.width() / ratio)
        target = QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        painter.drawImage(target, self._image)
        painter.end()


def _image(code: QrCode) -> QImage:
    """Return one pixel a square, with the white border."""
    image = QImage(code.side, code.side, QImage.Format.Format_RGB32)
    image.fill(QColor(_WHITE))
    dark = QColor(_DARK)
    for y, row in enumerate(code.rows):
        for x, square in enumerate(row):
            if square:
                image.setPixelColor(x + _QUIET_MODULES, y + _QUIET_MODULES, dark)
    return image
