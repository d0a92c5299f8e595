import pytest
from PySide6.QtCore import QByteArray, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fielddoc.gui import images, style
from fielddoc.gui.image_canvas import ImageCanvas
from gui import pictures
from gui.windows import shown


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    """A canvas of 400 × 300 with an image of 1600 × 800 on it."""
    widget = ImageCanvas()
    shown(qtbot, widget)
    widget.resize(400, 300)
    data = pictures.encoded(pictures.painted(1_600, 800), "PNG")
    widget.show_picture(images.picture(QByteArray(data)), "photo.png")
    return widget


def seen(canvas: ImageCanvas) -> QImage:
    return canvas.grab().toImage()


def wheel(canvas: ImageCanvas, at: QPointF, steps: int) -> None:
    none, up = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        at,
        QPointF(canvas.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        none,
        Qt.KeyboardModifier.NoModifier,
        up,
        False,
    )
    QApplication.sendEvent(canvas, event)


def drag(canvas: ImageCanvas, start: QPoint, end: QPoint) -> None:
    left = Qt.MouseButton.LeftButton
    for kind, at in (
        (QEvent.Type.MouseButtonPress, start),
        (QEvent.Type.MouseMove, end),
        (QEvent.Type.MouseButtonRelease, end),
    ):
        event = QMouseEvent(
            kind, QPointF(at), canvas.mapToGlobal(QPointF(at)), left, left, NO_MODIFIER
        )
        QApplication.sendEvent(canvas, event)


NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def test_an_image_is_shown_whole_and_in_the_middle(canvas: ImageCanvas) -> None:
    assert canvas.percent() == 25
    image = seen(canvas)
    window = QColor(style.colours_now().window)
    assert image.pixelColor(200, 45) == window
    assert image.pixelColor(5, 55) == QColor("lime")
    assert image.pixelColor(5, 245) == QColor("red")
    assert image.pixelColor(395, 55) == QColor("blue")
    assert image.pixelColor(200, 255) == window


def test_it_stays_whole_when_the_window_changes(canvas: ImageCanvas) -> None:
    canvas.resize(800, 600)

    assert canvas.percent() == 50


def test_a_small_image_is_not_enlarged(qtbot: QtBot) -> None:
    canvas = ImageCanvas()
    shown(qtbot, canvas)
    canvas.resize(400, 300)
    data = pictures.encoded(pictures.painted(40, 30), "PNG")
    canvas.show_picture(images.picture(QByteArray(data)), "small.png")

    assert canvas.percent() == 100
    assert seen(canvas).pixelColor(181, 136) == QColor("lime")


def test_actual_size_shows_a_pixel_on_a_pixel(canvas: ImageCanvas) -> None:
    canvas.show_pixels()

    assert canvas.percent() == 100
    image = seen(canvas)
    assert image.pixelColor(199, 150) == QColor("red")
    assert image.pixelColor(200, 150) == QColor("blue")


def test_zoom_has_bounds_and_leads_back(canvas: ImageCanvas) -> None:
    for _ in range(60):
        canvas.zoom_in()
    assert canvas.percent() == 1_600
    for _ in range(60):
        canvas.zoom_out()
    assert canvas.percent() == 2
    canvas.fit()
    assert canvas.percent() == 25


def test_the_wheel_zooms_about_the_pointer(canvas: ImageCanvas) -> None:
    """What lies under the pointer stays there: the border of green and red, at x = 400."""
    canvas.show_pixels()
    canvas.move_by(10_000, 10_000)
    assert seen(canvas).pixelColor(390, 100) == QColor("lime")
    assert seen(canvas).pixelColor(398, 250) == QColor("red")
    at = QPointF(100, 200)  # the lower border of the green corner, at y = 200

    wheel(canvas, at, 4)

    assert canvas.percent() == 244
    image = seen(canvas)
    assert image.pixelColor(100, 197) == QColor("lime")
    assert image.pixelColor(100, 203) == QColor("red")
    wheel(canvas, at, -4)
    assert canvas.percent() == 100


def test_dragging_moves_the_image_as_far_as_there_is_something(canvas: ImageCanvas) -> None:
    canvas.show_pixels()

    drag(canvas, QPoint(100, 100), QPoint(160, 100))
    assert seen(canvas).pixelColor(259, 150) == QColor("red")
    assert seen(canvas).pixelColor(260, 150) == QColor("blue")
    drag(canvas, QPoint(0, 0), QPoint(5_000, 5_000))
    assert seen(canvas).pixelColor(1, 1) == QColor("lime")
    drag(canvas, QPoint(0, 0), QPoint(-5_000, -5_000))
    assert seen(canvas).pixelColor(398, 298) == QColor("blue")


def test_an_image_that_is_whole_cannot_be_moved(canvas: ImageCanvas) -> None:
    before = seen(canvas)
    canvas.move_by(50, 50)

    assert seen(canvas) == before


def test_a_double_click_changes_between_whole_and_actual_size(
    canvas: ImageCanvas,
) -> None:
    for expected in (100, 25):
        QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
        assert canvas.percent() == expected


def test_far_enlarged_it_shows_single_pixels(canvas: ImageCanvas) -> None:
    for _ in range(20):
        canvas.zoom_in()

    image = seen(canvas)
    colours = {image.pixelColor(x, 150).name() for x in range(1, 399)}
    assert colours == {QColor("red").name(), QColor("blue").name()}


def test_what_can_be_seen_through_lies_on_white(qtbot: QtBot) -> None:
    style.apply(app(), dark=True)
    canvas = ImageCanvas()
    shown(qtbot, canvas)
    canvas.resize(100, 100)
    clear = QImage(60, 60, QImage.Format.Format_ARGB32)
    clear.fill(Qt.GlobalColor.transparent)
    canvas.show_picture(images.picture(QByteArray(pictures.encoded(clear, "PNG"))), "x")

    assert seen(canvas).pixelColor(50, 50) == QColor("white")


def app() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def test_who_does_not_see_it_is_told_what_is_shown(canvas: ImageCanvas) -> None:
    assert canvas.accessibleName() == "Image photo.png, 1600 × 800 pixels, shown at 25%"
    canvas.clear()
    assert canvas.accessibleName() == "No image"
    assert not canvas.is_filled
    assert seen(canvas).pixelColor(200, 150) == QColor(style.colours_now().window)
