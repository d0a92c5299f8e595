import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeySequence, QPixmapCache, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.gui import images
from fielddoc.gui.session import Session
from fielddoc.gui.viewer import Viewer
from fielddoc.vault import attachments, records
from fielddoc.vault.attaching import AttachedFile, attach_bytes, files_of
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault
from gui import pictures
from gui.opened import opened as unlocked
from gui.windows import PASSPHRASE, RecordingShell, shown

FILES = (
    ("a.png", "image/png", pictures.encoded(pictures.painted(800, 400), "PNG")),
    ("b.txt", "text/plain", b"only words" * 300),
    ("c.jpg", "image/jpeg", pictures.encoded(pictures.painted(300, 300), "JPEG")),
    ("named.png", "image/png", b"this is a text"),
    ("half.jpg", "image/jpeg", pictures.encoded(pictures.painted(500, 500), "JPEG")[:-400]),
)


def on_vault(qtbot: QtBot, session: Session, step: Callable[[Vault], object]) -> object:
    answers: list[object] = []
    session.ask(session, step, answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    return answers[0]


@pytest.fixture
def files(qtbot: QtBot, session: Session) -> list[AttachedFile]:
    """Five files of a record, one of them only named and described."""

    def make(vault: Vault) -> list[AttachedFile]:
        record = records.add(vault, "incident", {"title": "x"})
        for name, media_type, data in FILES:
            attach_bytes(vault, record, name, media_type, [data])
        records.add(
            vault,
            "attachment",
            {"name": "gone.png", "sha256": "ab" * 32, "size_bytes": 9, "belongs_to": [record]},
        )
        return files_of(vault, record)

    found = on_vault(qtbot, session, make)
    assert isinstance(found, list)
    return found


class Page(QWidget):
    """Something to be covered, with a button and a shortcut of its own."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.button = QPushButton("below")
        column.addWidget(self.button)
        self.escaped = 0
        QShortcut(QKeySequence("Esc"), self, self._escape)
        self.resize(900, 600)

    def _escape(self) -> None:
        self.escaped += 1


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    widget = Page()
    shown(qtbot, widget)
    return widget


@pytest.fixture
def viewer(session: Session, shell: RecordingShell, page: Page) -> Viewer:
    widget = Viewer(session, shell)
    widget.cover(page)
    return widget


def opened(qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], index: int) -> None:
    viewer.show_files(files, index)
    settled(qtbot, viewer)


def settled(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: not viewer.session.jobs)


def message(viewer: Viewer) -> str:
    assert viewer.pages.currentWidget() is viewer.message
    parts = (viewer.message.words, viewer.message.advice, viewer.message.facts)
    return "\n".join(label.text() for label in parts if not label.isHidden())


# --- showing -------------------------------------------------------------------------------------


def test_an_image_fills_what_is_covered(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], page: Page
) -> None:
    opened(qtbot, viewer, files, 0)

    assert viewer.geometry() == page.rect()
    assert viewer.pages.currentWidget() is viewer.canvas
    assert viewer.title.accessibleName() == "a.png"
    assert viewer.count.text() == "1 of 6"
    assert viewer.canvas.hasFocus()
    middle = viewer.canvas.grab().toImage()
    assert middle.pixelColor(middle.width() - 80, middle.height() // 2) == QColor("blue")
    page.resize(1_000, 700)
    assert viewer.size() == QSize(1_000, 700)


def test_it_is_no_window_of_its_own(viewer: Viewer, page: Page) -> None:
    assert not viewer.isWindow()
    assert viewer.window() is page


def test_the_arrow_keys_go_to_the_other_files(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 0)
    names = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(viewer.canvas, key)
        settled(qtbot, viewer)
        names.append(viewer.title.accessibleName())

    assert names == ["a.png", "b.txt", "c.jpg", "b.txt"]
    QTest.keyClick(viewer.canvas, Qt.Key.Key_End)
    assert viewer.title.accessibleName() == "gone.png"
    assert not viewer.next_button.isEnabled()
    QTest.keyClick(viewer.canvas, Qt.Key.Key_Home)
    settled(qtbot, viewer)
    assert viewer.title.accessibleName() == "a.png"
    assert not viewer.previous_button.isEnabled()


def test_the_arrow_keys_are_mirrored_where_the_language_runs_from_right_to_left(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    viewer.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    opened(qtbot, viewer, files, 0)

    QTest.keyClick(viewer.canvas, Qt.Key.Key_Left)
    settled(qtbot, viewer)

    assert viewer.title.accessibleName() == "b.txt"


def test_arrow_keys_work_on_a_focused_button_too(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 0)
    viewer.details_button.setFocus()

    QTest.keyClick(viewer.details_button, Qt.Key.Key_Right)
    settled(qtbot, viewer)

    assert viewer.title.accessibleName() == "b.txt"
    assert viewer.details_button.hasFocus()


@pytest.mark.parametrize(
    ("key", "percent"),
    [(Qt.Key.Key_1, 100), (Qt.Key.Key_Plus, 125), (Qt.Key.Key_Minus, 80), (Qt.Key.Key_Equal, 125)],
)
def test_keys_zoom(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], key: Qt.Key, percent: int
) -> None:
    opened(qtbot, viewer, files, 2)
    assert viewer.zoom.text() == "100%"

    QTest.keyClick(viewer.canvas, key)
    assert viewer.zoom.text() == f"{percent}%"
    QTest.keyClick(viewer.canvas, Qt.Key.Key_0)
    assert viewer.zoom.text() == "100%"


def test_buttons_zoom(qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]) -> None:
    opened(qtbot, viewer, files, 2)
    texts = []
    for button in (
        viewer.zoom_in_button,
        viewer.pixels_button,
        viewer.zoom_out_button,
        viewer.fit_button,
    ):
        button.click()
        texts.append(viewer.zoom.text())

    assert texts == ["125%", "100%", "80%", "100%"]


def test_shift_and_arrows_move_an_enlarged_image(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 2)
    for _ in range(8):
        viewer.canvas.zoom_in()
    before = viewer.canvas.grab().toImage()

    QTest.keyClick(viewer.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    moved = viewer.canvas.grab().toImage()
    assert moved != before
    QTest.keyClick(viewer.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert viewer.canvas.grab().toImage() == before
    for _ in range(9):
        QTest.keyClick(viewer.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    at_left = viewer.canvas.grab().toImage()
    for _ in range(9):
        QTest.keyClick(viewer.canvas, Qt.Key.Key_Up)
    assert viewer.canvas.grab().toImage() != at_left
    assert viewer.title.accessibleName() == "c.jpg"


# --- leaving -------------------------------------------------------------------------------------


def test_esc_goes_back_and_not_further(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], page: Page
) -> None:
    opened(qtbot, viewer, files, 2)

    with qtbot.waitSignal(viewer.closed) as closed:
        QTest.keyClick(viewer.canvas, Qt.Key.Key_Escape)

    assert closed.args == [files[2].record]
    assert viewer.isHidden()
    assert page.escaped == 0
    page.button.setFocus()
    QTest.keyClick(page.button, Qt.Key.Key_Escape)
    assert page.escaped == 1


def test_the_image_is_dropped_on_leaving(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    QPixmapCache.clear()
    opened(qtbot, viewer, files, 0)
    picture = viewer.canvas._picture
    assert picture is not None
    level = weakref.ref(picture.levels[0])
    del picture

    viewer.leave()
    gc.collect()

    assert level() is None
    assert not viewer.canvas.is_filled


def test_hiding_the_page_drops_the_image_and_does_not_bring_the_viewer_back(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], page: Page
) -> None:
    opened(qtbot, viewer, files, 0)

    page.hide()
    assert not viewer.canvas.is_filled
    page.show()

    assert not viewer.isVisible()


def test_leaving_while_a_file_is_opened_stops_it(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], shell: RecordingShell
) -> None:
    viewer.show_files(files, 0)
    (job,) = viewer.session.jobs
    viewer.leave()

    assert job.is_cancelled
    settled(qtbot, viewer)
    assert not viewer.canvas.is_filled
    assert shell.errors == []


def test_an_image_that_comes_too_late_is_thrown_away(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    viewer.show_files(files, 0)
    (job,) = viewer.session.jobs
    job.join(20)  # it is decoded now, but this thread was not told yet
    viewer.leave()
    settled(qtbot, viewer)

    assert not viewer.canvas.is_filled


def test_only_the_last_of_quick_steps_is_shown(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    viewer.show_files(files, 0)
    for _ in range(2):
        viewer.show_next()
    settled(qtbot, viewer)

    picture = viewer.canvas._picture
    assert picture is not None
    assert (picture.width, picture.height) == (300, 300)


# --- what is not shown ---------------------------------------------------------------------------


def test_another_kind_of_file_says_its_size_and_hash_and_offers_a_copy(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 1)

    words = message(viewer)
    assert words.startswith("fielddoc does not open this kind of file inside.\nTo open it")
    assert "2.9 kB (3,000 bytes)" in words
    assert files[1].sha256 in words.replace("\n", "")
    assert not viewer.zoom_in_button.isEnabled()
    with qtbot.waitSignal(viewer.export_wanted) as wanted:
        viewer.message.export_button.click()
    assert wanted.args == [files[1].record]


def test_a_text_that_is_called_an_image_is_no_image(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 3)

    assert "does not open this kind of file" in message(viewer)


def test_an_image_that_is_too_large_says_so_and_offers_a_copy(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAXIMUM_PIXELS", 800 * 400 - 1)
    opened(qtbot, viewer, files, 0)

    assert message(viewer).startswith("This image is too large to be shown here.\nTo open it")
    assert not viewer.message.export_button.isHidden()


def test_an_image_that_was_cut_short_is_shown_with_a_warning(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 4)

    assert viewer.pages.currentWidget() is viewer.canvas
    assert viewer.note.text().startswith("The end of this image is missing")
    assert viewer.note.isVisible()
    viewer.show_first()
    settled(qtbot, viewer)
    assert not viewer.note.isVisible()


@pytest.mark.parametrize("chunk", [0, -1], ids=["first chunk", "last chunk"])
def test_a_damaged_file_says_so_and_shows_nothing_of_itself(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], shell: RecordingShell, chunk: int
) -> None:
    content = files[0].content
    assert content is not None
    path = on_vault(qtbot, viewer.session, lambda v: attachments.name_and_key(v, content)[0])
    assert isinstance(path, Path)
    sealed = bytearray(path.read_bytes())
    sealed[chunk] ^= 1
    path.write_bytes(sealed)

    opened(qtbot, viewer, files, 0)

    assert message(viewer).startswith("This file was damaged after it was added. Nothing of it")
    assert viewer.message.words.property("role") == "error"
    assert not viewer.canvas.is_filled
    assert viewer.message.export_button.isHidden()
    assert not viewer.export_button.isEnabled()
    assert shell.errors == []


def test_a_file_that_did_not_come_along_says_so(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 5)

    assert message(viewer).startswith("The file of this attachment is not in the vault.")
    assert viewer.message.export_button.isHidden()


# --- details and keys ----------------------------------------------------------------------------


def test_details_are_text_and_come_on_demand(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile]
) -> None:
    opened(qtbot, viewer, files, 0)
    assert viewer.details.isHidden()

    viewer.details_button.click()

    assert viewer.details.isVisible()
    text = viewer.details.text()
    assert "File name: a.png" in text
    assert "Image: PNG, 800 × 400 pixels" in text
    assert files[0].sha256 in text.replace("\n", "")
    copy = viewer.details.findChild(QPushButton)
    assert copy is not None
    copy.click()
    assert QGuiApplication.clipboard().text() == files[0].sha256


def test_text_from_a_file_is_never_taken_for_markup(
    qtbot: QtBot, session: Session, viewer: Viewer
) -> None:
    image = QImage(pictures.painted(9, 9))
    image.setText("Author", "<b>Mina</b>\u202egpj")

    def make(vault: Vault) -> list[AttachedFile]:
        record = records.add(vault, "incident", {"title": "x"})
        data = pictures.encoded(image, "PNG")
        made = attach_bytes(vault, record, "<i>a</i>\u202egpj.png", "image/png", [data])
        records.revise(vault, made, {"description": "<h1>words</h1>"})
        return files_of(vault, record)

    found = on_vault(qtbot, session, make)
    assert isinstance(found, list)
    opened(qtbot, viewer, found, 0)

    assert viewer.title.accessibleName() == "<i>a</i>⟦U+202E⟧gpj.png"
    assert "<b>Mina</b>⟦U+202E⟧gpj" in viewer.details.text()
    for label in viewer.findChildren(QLabel):
        if "<" in label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText


def test_tab_stays_among_what_is_seen(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], page: Page
) -> None:
    opened(qtbot, viewer, files, 2)
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        passed = []
        for _ in range(24):
            focus = QApplication.focusWidget()
            assert focus is not None
            passed.append(focus)
            QTest.keyClick(focus, key)
        assert page.button not in passed
        expected = {
            viewer.canvas,
            viewer.back_button,
            viewer.details_button,
            viewer.export_button,
            viewer.previous_button,
            viewer.next_button,
            viewer.zoom_out_button,
            viewer.zoom_in_button,
            viewer.fit_button,
            viewer.pixels_button,
        }
        assert expected <= set(passed)


def test_every_button_has_a_name(viewer: Viewer) -> None:
    names = [
        button.accessibleName() or button.text() for button in viewer.findChildren(QPushButton)
    ]

    assert all(len(name) > 1 for name in names)


def test_a_click_on_the_viewer_reaches_nothing_below(
    qtbot: QtBot, viewer: Viewer, files: list[AttachedFile], page: Page
) -> None:
    opened(qtbot, viewer, files, 0)
    clicked: list[bool] = []
    page.button.clicked.connect(lambda: clicked.append(True))

    QTest.mouseClick(page.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(450, 300))
    QApplication.sendEvent(viewer, QEvent(QEvent.Type.None_))

    assert clicked == []


def test_after_files_were_viewed_one_after_the_other_the_next_record_opens(
    qtbot: QtBot, vault_folder: Path
) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        first = records.add(vault, "incident", {"title": "Followed"})
        second = records.add(vault, "incident", {"title": "Tea"})
        for name, media_type, data in FILES[:3]:
            attach_bytes(vault, first, name, media_type, [data])
    with unlocked(qtbot, vault_folder) as hands:
        editor = hands.records.editor
        hands.window.open_record(first)
        hands.until(lambda: editor.form is not None)
        editor.tabs.setCurrentWidget(editor.files)
        hands.until(lambda: len(editor.files.model.files) == 3)
        for file in editor.files.model.files:
            editor.files.list.choose([file.record])
            editor.files.open_chosen()
            viewer = editor.files.viewer
            assert viewer is not None
            hands.until(lambda viewer=viewer: viewer.message.isVisible() or viewer.canvas.is_filled)  # type: ignore[misc]
            hands.key(Qt.Key.Key_Tab)
            viewer.leave()

        hands.window.open_record(second)
        hands.until(lambda: editor.record == second and editor.title.text() == "Tea")
