import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from fielddoc.gui import images
from fielddoc.gui.file_details import (
    ElidedLabel,
    FileDetails,
    exact_size,
    hash_lines,
    picture_notes,
    plain_label,
)
from gui import pictures
from gui.test_file_list import file
from gui.windows import shown


def test_a_size_is_told_short_and_whole() -> None:
    assert exact_size(file(1)) == "2.4 MB (2,500,000 bytes)"
    assert exact_size(file(1, size_bytes=3)) == "3 bytes"
    assert exact_size(file(1, size_bytes=None)) == ""


def test_a_hash_is_told_whole() -> None:
    assert hash_lines(file(1)) == "0" * 32 + "\n" + "0" * 31 + "1"
    assert hash_lines(file(1, sha256="a\u202eb")) == "a⟦U+202E⟧b"


@pytest.mark.parametrize("is_narrow", [False, True])
def test_details_hold_what_there_is_and_no_empty_rows(qtbot: QtBot, is_narrow: bool) -> None:
    details = FileDetails(is_narrow=is_narrow)
    shown(qtbot, details)

    details.show_file(file(1, description="The door,\nat night"))
    assert details.text().splitlines()[0] == "File name: photo 1.jpg"
    assert details.text().endswith("Description: The door,\nat night")
    details.show_file(file(2, added_on="", sha256="", size_bytes=None))
    assert details.text() == "File name: photo 2.jpg"
    assert details.findChildren(QPushButton) == []


def test_the_whole_hash_is_copied(qtbot: QtBot) -> None:
    details = FileDetails(is_narrow=True)
    shown(qtbot, details)
    details.show_file(file(7))

    (button,) = details.findChildren(QPushButton)
    button.click()

    assert QGuiApplication.clipboard().text() == f"{7:064x}"


def test_no_text_is_cut_off(qtbot: QtBot) -> None:
    details = FileDetails(is_narrow=True)
    shown(qtbot, details)
    details.resize(320, 500)
    details.show_file(file(1, description="words " * 60))

    def is_whole() -> bool:
        labels = details.findChildren(QLabel)
        return all(label.height() >= label.heightForWidth(label.width()) for label in labels)

    qtbot.waitUntil(is_whole)


def test_nothing_is_noted_of_a_plain_image() -> None:
    picture = images.picture(QByteArray(pictures.encoded(pictures.painted(9, 9), "PNG")))

    assert picture_notes(picture) == []


def test_what_might_mislead_is_noted() -> None:
    large = QImage(9_000, 8_000, QImage.Format.Format_Grayscale8)
    large.fill(90)
    data = pictures.encoded(large, "JPEG")

    notes = " ".join(picture_notes(images.picture(QByteArray(data[:-2]))))

    assert "The end of this image is missing" in notes
    assert "with 50% of its lines" in notes


def test_a_moving_image_says_so() -> None:
    frame = pictures.GIF[pictures.GIF.index(b"\x2c") : -1]
    picture = images.picture(QByteArray(pictures.GIF[:-1] + frame + b";"))

    assert picture_notes(picture) == ["This is a moving image: its first picture is shown."]


def test_a_long_name_is_shortened_but_heard_whole(qtbot: QtBot) -> None:
    label = ElidedLabel()
    shown(qtbot, label)
    label.resize(100, 20)
    label.set_text("a very long name of a file that does not fit.jpg")

    assert "…" in label.text()
    assert label.accessibleName().endswith("does not fit.jpg")
    label.resize(2_000, 20)
    assert "…" not in label.text()


def test_foreign_text_is_never_markup_and_stands_where_the_line_begins(
    qtbot: QtBot, qapp: QApplication
) -> None:
    assert plain_label("").textFormat() is Qt.TextFormat.PlainText
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        assert plain_label("").alignment() & Qt.AlignmentFlag.AlignAbsolute
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
