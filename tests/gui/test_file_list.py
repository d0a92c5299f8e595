from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fielddoc.gui import style
from fielddoc.gui.file_list import THUMBNAIL, FileList, FileModel, Look, facts
from fielddoc.vault.attaching import AttachedFile
from fielddoc.vault.attachments import Content
from gui.windows import shown


def file(number: int, **changes: object) -> AttachedFile:
    values: dict[str, object] = {
        "record": f"r{number}",
        "name": f"photo {number}.jpg",
        "media_type": "image/jpeg",
        "size_bytes": 2_500_000,
        "sha256": f"{number:064x}",
        "added_on": "2026-11-23",
        "description": "",
        "content": Content(number, f"{number:064x}", 2_500_000),
        "belongs_to": ("x",),
        **changes,
    }
    return AttachedFile(**values)  # type: ignore[arg-type]


def filled(qtbot: QtBot, *files: AttachedFile) -> FileList:
    model = FileModel()
    view = FileList(model)
    shown(qtbot, view)
    view.resize(500, 400)
    model.set_files(files)
    return view


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def test_a_row_says_size_day_and_the_beginning_of_the_hash() -> None:
    assert plain(facts(file(10))) == "2.4 MB  ·  added 23 November 2026  ·  00000000"
    assert plain(facts(file(1, size_bytes=None, added_on="", sha256=""))) == ""


def test_who_does_not_see_it_hears_the_whole_row(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1, description="The door\nat night"), file(2, content=None))

    texts = [
        plain(str(view.files.index(row).data(Qt.ItemDataRole.AccessibleTextRole)))
        for row in range(2)
    ]
    assert texts[0] == ("photo 1.jpg. 2.4 MB  ·  added 23 November 2026  ·  00000000. The door")
    assert texts[1].endswith("The file of this attachment is not in the vault.")


def test_a_name_cannot_hide_what_it_is(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1, name="a\u202egpj.exe"), file(2, name=""))

    assert view.files.index(0).data() == "a⟦U+202E⟧gpj.exe"
    assert view.files.index(1).data() == "(no name)"


def test_enter_opens_and_delete_removes(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1), file(2))
    view.setFocus()
    told: list[str] = []
    view.opened.connect(lambda: told.append("open"))
    view.removed.connect(lambda: told.append("remove"))

    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete):
        QTest.keyClick(view, key)

    assert told == ["open", "open", "remove"]


def test_a_double_click_opens_a_file_but_not_the_room_below(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1))
    opened: list[bool] = []
    view.opened.connect(lambda: opened.append(True))
    place = view.visualRect(view.files.index(0))

    button = Qt.MouseButton.LeftButton
    QTest.mouseDClick(view.viewport(), button, pos=place.center())
    QTest.mouseDClick(view.viewport(), button, pos=place.bottomLeft() * 2)

    assert opened == [True]


def test_the_selection_is_told_in_the_order_of_the_list(qtbot: QtBot) -> None:
    view = filled(qtbot, *(file(n) for n in range(5)))

    view.choose(["r3", "r1"])

    assert [chosen.record for chosen in view.chosen()] == ["r1", "r3"]
    assert view.currentIndex().row() == 1


def test_what_was_found_in_a_content_is_kept_while_the_content_is_listed(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1), file(2))
    model = view.files
    model.set_look(file(1).sha256, Look(problem="x"))

    model.set_files([file(1), file(2), file(3)])
    assert model.look(file(1)) == Look(problem="x")
    model.set_files([file(3)])
    model.set_files([file(1)])
    assert model.look(file(1)) is None


def test_nothing_is_kept_of_a_content_that_is_not_listed(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1))
    view.files.set_look(file(2).sha256, Look(problem="x"))
    view.files.set_files([file(2)])

    assert view.files.look(file(2)) is None


def test_the_same_files_again_keep_the_selection(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1), file(2))
    view.choose(["r2"])

    view.files.set_files([file(1), file(2, description="new")])

    assert [chosen.description for chosen in view.chosen()] == ["new"]


def test_a_thumbnail_stands_at_the_side_where_the_line_begins(qtbot: QtBot) -> None:
    image = QImage(THUMBNAIL, THUMBNAIL, QImage.Format.Format_RGB32)
    image.fill(QColor("lime"))
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        view = filled(qtbot, file(1))
        view.setLayoutDirection(direction)
        view.files.set_look(file(1).sha256, Look(image))
        seen = view.viewport().grab().toImage()
        row = view.visualRect(view.files.index(0))
        x = style.GRID + THUMBNAIL // 2
        if direction is Qt.LayoutDirection.RightToLeft:
            x = row.right() - x
        assert seen.pixelColor(x, row.center().y()) == QColor("lime")


def test_rows_grow_with_the_text(qtbot: QtBot, qapp: QApplication) -> None:
    small = filled(qtbot, file(1))
    before = small.sizeHintForIndex(small.files.index(0)).height()
    style.apply(qapp, dark=False, text_percent=150)
    large = filled(qtbot, file(1))

    assert large.sizeHintForIndex(large.files.index(0)).height() > before


def test_a_row_beyond_the_end_has_nothing(qtbot: QtBot) -> None:
    view = filled(qtbot, file(1))

    assert view.files.data(view.files.createIndex(7, 0)) is None
    assert view.files.data(QModelIndex()) is None
    assert view.files.rowCount(view.files.index(0)) == 0
