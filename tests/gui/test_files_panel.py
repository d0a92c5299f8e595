import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fielddoc.gui import hardening
from fielddoc.gui.files_panel import FilesPanel
from fielddoc.gui.session import Session
from fielddoc.vault import attachments, drafts, records
from fielddoc.vault.attaching import attach_bytes, files_of
from fielddoc.vault.check import check
from fielddoc.vault.vault import Vault
from gui import pictures
from gui.windows import RecordingShell, choose_in, shown

T = TypeVar("T")
PNG = pictures.encoded(pictures.painted(320, 200), "PNG")
JPEG = pictures.encoded(pictures.painted(100, 300), "JPEG")


def on_vault(qtbot: QtBot, session: Session, step: Callable[[Vault], T]) -> T:
    answers: list[T] = []
    session.ask(session, step, answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    return answers[0]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which nothing may be left."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    hardening.before_application()
    return folder


@pytest.fixture
def record(qtbot: QtBot, session: Session) -> str:
    return on_vault(qtbot, session, lambda vault: records.add(vault, "incident", {"title": "x"}))


@pytest.fixture
def panel(
    qtbot: QtBot, session: Session, shell: RecordingShell, record: str
) -> Iterator[FilesPanel]:
    """A panel that shows a record without files."""
    widget = FilesPanel(session, shell)
    widget.resize(700, 560)
    shown(qtbot, widget)
    widget.show_record(record)
    settled(qtbot, widget)
    yield widget
    qtbot.waitUntil(lambda: not session.jobs, timeout=20_000)


def settled(qtbot: QtBot, panel: FilesPanel) -> None:
    """Wait until everything that was asked of the vault is done and shown."""
    qtbot.waitUntil(lambda: not panel.session.jobs, timeout=20_000)
    on_vault(qtbot, panel.session, lambda _: True)
    qtbot.waitUntil(lambda: not panel.session.jobs, timeout=20_000)
    on_vault(qtbot, panel.session, lambda _: True)


def filled(qtbot: QtBot, panel: FilesPanel, **files: bytes) -> None:
    """Attach contents under names, in which `_` stands for a full stop."""

    def make(vault: Vault) -> bool:
        for name, data in files.items():
            attach_bytes(vault, panel.record, name.replace("_", "."), "", [data])
        return True

    on_vault(qtbot, panel.session, make)
    panel.refresh()
    settled(qtbot, panel)


def names(panel: FilesPanel) -> list[str]:
    return [file.name for file in panel.model.files]


def choose(panel: FilesPanel, *rows: int) -> None:
    panel.list.choose(panel.model.files[row].record for row in rows)


def result(panel: FilesPanel) -> str:
    return panel.result.words.text() if panel.result.isVisible() else ""


def listing(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if not path.is_relative_to(folder / "vault")
    }


# --- showing -------------------------------------------------------------------------------------


def test_a_record_without_files_says_what_one_can_do(panel: FilesPanel) -> None:
    assert panel.heading.text() == "Files"
    assert panel.pages.currentIndex() == 1
    shown_page = panel.pages.currentWidget()
    assert shown_page is not None
    words = " ".join(label.text() for label in shown_page.findChildren(QLabel))
    assert "No files yet." in words
    assert not panel.foot.isVisible()
    assert panel.add_button.isEnabled()


def test_without_a_record_nothing_can_be_added(
    qtbot: QtBot, session: Session, shell: RecordingShell, tmp_path: Path
) -> None:
    panel = FilesPanel(session, shell)
    shown(qtbot, panel)

    assert not panel.add_button.isEnabled()
    panel.add_files([tmp_path / "x"])
    assert session.jobs == []


def test_images_get_a_thumbnail_and_other_files_an_icon(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_png=PNG, b_txt=b"words", c_jpg=b"words too", d_jpg=JPEG[:-200])

    assert panel.heading.text() == "Files (4)"
    looks = [panel.model.look(file) for file in panel.model.files]
    assert all(look is not None and not look.problem for look in looks)
    images = [look.image for look in looks if look is not None]
    assert images[0] is not None
    assert images[0].size().toTuple() == (56, 35)
    assert images[1:3] == [None, None]
    assert images[3] is not None


def test_a_damaged_file_says_so_in_its_row(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell
) -> None:
    filled(qtbot, panel, a_png=PNG)
    content = panel.model.files[0].content
    assert content is not None
    path, _ = on_vault(qtbot, panel.session, lambda v: attachments.name_and_key(v, content))
    sealed = bytearray(path.read_bytes())
    sealed[-1] ^= 1
    path.write_bytes(sealed)
    record = panel.record
    panel.show_record("00000000-0000-4000-8000-000000000000")
    panel.show_record(record)
    settled(qtbot, panel)

    assert panel.model.problem(panel.model.files[0]) == "This file was damaged after it was added."
    assert shell.errors == []


def test_another_record_shows_its_own_files(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_txt=b"a")
    other = on_vault(
        qtbot, panel.session, lambda vault: records.add(vault, "incident", {"title": "y"})
    )
    panel.show_record(other)
    settled(qtbot, panel)

    assert names(panel) == []


def test_the_record_of_a_file_shows_that_file(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_png=PNG)
    panel.show_record(panel.model.files[0].record)
    settled(qtbot, panel)

    assert names(panel) == ["a.png"]
    choose(panel, 0)
    panel.remove_chosen()
    settled(qtbot, panel)
    assert names(panel) == []


def test_nothing_is_decrypted_for_a_list_that_nobody_sees(qtbot: QtBot, panel: FilesPanel) -> None:
    panel.hide()
    filled(qtbot, panel, a_png=PNG)
    assert panel.model.look(panel.model.files[0]) is None

    panel.show()
    settled(qtbot, panel)

    assert panel.model.look(panel.model.files[0]) is not None


def test_files_of_another_record_are_never_shown_under_this_one(
    qtbot: QtBot, panel: FilesPanel
) -> None:
    filled(qtbot, panel, a_txt=b"a")
    shown_names: list[list[str]] = []
    panel.model.modelReset.connect(lambda: shown_names.append(names(panel)))

    panel.refresh()  # the answer comes when another record is shown
    panel.show_record("00000000-0000-4000-8000-000000000000")
    settled(qtbot, panel)

    assert shown_names == [[]]


def test_what_is_changed_elsewhere_is_shown(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_txt=b"a")
    identity = panel.model.files[0].record

    def rename(vault: Vault) -> bool:
        return records.revise(vault, identity, {"name": "b.txt", "description": "A letter"})

    on_vault(qtbot, panel.session, rename)
    panel.session.record_changed.emit(identity)
    settled(qtbot, panel)

    assert names(panel) == ["b.txt"]
    assert panel.model.last_line(panel.model.files[0]) == "A letter"


# --- adding --------------------------------------------------------------------------------------


def test_several_files_are_added_at_once(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.txt").write_bytes(b"words")
    changed: list[str] = []
    panel.session.record_changed.connect(changed.append)

    panel.add_files([tmp_path / "a.png", tmp_path / "b.txt"])
    settled(qtbot, panel)

    assert names(panel) == ["a.png", "b.txt"]
    assert shell.said == ["2 files were added."]
    assert changed == [""]
    assert result(panel) == ""
    shell.undos[0]()
    settled(qtbot, panel)
    assert names(panel) == []


def test_what_is_refused_is_told_and_the_others_are_added(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"words")
    (tmp_path / "again.txt").write_bytes(b"words")
    os.mkfifo(tmp_path / "pipe")

    panel.add_files([tmp_path, tmp_path / "gone", *(tmp_path / n for n in ("pipe", "a.txt"))])
    panel.add_files([tmp_path / "again.txt"])
    settled(qtbot, panel)

    assert names(panel) == ["a.txt"]
    assert shell.said == ["One file was added."]
    assert result(panel) == "again.txt is there already."
    panel.add_files([tmp_path, tmp_path / "gone", tmp_path / "pipe"])
    settled(qtbot, panel)
    assert len(result(panel).splitlines()) == 3
    panel.result.findChild(QPushButton).click()  # type: ignore[union-attr]
    assert result(panel) == ""


def test_many_refusals_stay_short(qtbot: QtBot, panel: FilesPanel, tmp_path: Path) -> None:
    panel.add_files([tmp_path / f"gone {number}" for number in range(40)])
    settled(qtbot, panel)

    assert len(result(panel).splitlines()) == 7
    assert result(panel).endswith("And 34 more.")


def test_an_image_in_memory_is_added_as_png(
    qtbot: QtBot, panel: FilesPanel, tmp_path: Path
) -> None:
    before = listing(tmp_path)
    panel.add_image(pictures.painted(40, 20), "Pasted image.png")
    settled(qtbot, panel)

    (file,) = panel.model.files
    assert (file.name, file.media_type) == ("Pasted image.png", "image/png")
    assert panel.model.look(file) is not None
    assert listing(tmp_path) == before


def test_adding_is_stopped_in_the_middle_of_a_large_file(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell, tmp_path: Path
) -> None:
    """It takes seconds to seal, and is stopped at the first word about its progress."""
    (tmp_path / "small.txt").write_bytes(b"words")
    large = tmp_path / "large.bin"
    large.touch()
    os.truncate(large, 3 * 2**30)

    panel.add_files([tmp_path / "small.txt", large, tmp_path / "small.txt"])
    qtbot.waitUntil(lambda: panel.add_note.what.text() == "Adding 2 of 3")
    qtbot.waitUntil(lambda: panel.add_note.bar.value() > 0)
    panel.add_note.cancel_button.click()
    settled(qtbot, panel)

    assert names(panel) == ["small.txt"]
    assert result(panel) == "Stopped. 2 were not added."
    assert not panel.add_note.isVisible()
    sound = on_vault(qtbot, panel.session, lambda vault: check(vault).is_sound)
    assert sound
    folder = panel.session.vault.attachments_folder
    assert len(list(folder.iterdir())) == 1


def test_what_is_added_meanwhile_waits_for_its_turn(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell, tmp_path: Path
) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode())
    may_go_on = threading.Event()
    panel.session.ask(panel, lambda _: may_go_on.wait())

    for name in "abc":
        panel.add_files([tmp_path / name])
    assert len(panel.session.jobs) == 1
    may_go_on.set()
    qtbot.waitUntil(lambda: len(shell.said) == 3)
    settled(qtbot, panel)

    assert names(panel) == ["a", "b", "c"]


def test_a_draft_that_is_typed_meanwhile_is_kept(
    qtbot: QtBot, panel: FilesPanel, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"words")
    record = panel.record
    panel.add_files([tmp_path / "a.txt"])

    def save(vault: Vault) -> bool:
        drafts.save(vault, record, "incident", {"title": "typed"})
        return True

    on_vault(qtbot, panel.session, save)
    settled(qtbot, panel)

    assert names(panel) == ["a.txt"]
    draft = on_vault(qtbot, panel.session, lambda vault: drafts.get(vault, record))
    assert draft is not None
    assert draft.values == {"title": "typed"}


def test_files_go_to_the_record_that_was_shown_when_they_were_added(
    qtbot: QtBot, panel: FilesPanel, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"words")
    first = panel.record
    other = on_vault(
        qtbot, panel.session, lambda vault: records.add(vault, "incident", {"title": "y"})
    )
    may_go_on = threading.Event()
    panel.session.ask(panel, lambda _: may_go_on.wait())

    panel.add_files([tmp_path / "a.txt"])
    panel.show_record(other)
    may_go_on.set()
    settled(qtbot, panel)

    assert names(panel) == []
    assert len(on_vault(qtbot, panel.session, lambda vault: files_of(vault, first))) == 1


def test_a_record_that_is_still_a_draft_is_saved_first(
    qtbot: QtBot, session: Session, shell: RecordingShell, tmp_path: Path
) -> None:
    panel = FilesPanel(session, shell)
    shown(qtbot, panel)
    record = "22222222-2222-4222-8222-222222222222"
    (tmp_path / "a.txt").write_bytes(b"words")

    def make_ready(then: Callable[[], None]) -> None:
        session.ask(
            panel,
            lambda vault: records.add(vault, "incident", {"title": "x"}, record=record),
            lambda _: then(),
        )

    panel.make_ready = make_ready
    panel.show_record(record)
    panel.add_files([tmp_path / "a.txt"])
    qtbot.waitUntil(lambda: bool(shell.said))
    settled(qtbot, panel)

    assert names(panel) == ["a.txt"]
    assert shell.errors == []


# --- dropping and pasting ------------------------------------------------------------------------


def dropped(window: QWidget, at: QPoint, mime: QMimeData) -> bool:
    """Drag something over a window and let go; return whether it was taken."""
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    handle = window.windowHandle()
    enter = QDragEnterEvent(at, copy, mime, button, none)
    QApplication.sendEvent(handle, enter)
    move = QDragMoveEvent(at, copy, mime, button, none)
    QApplication.sendEvent(handle, move)
    if not move.isAccepted():
        return False
    drop = QDropEvent(QPointF(at), copy, mime, button, none)
    QApplication.sendEvent(handle, drop)
    return drop.isAccepted()


def files_mime(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    mime.setText("\n".join(str(path) for path in paths))
    return mime


class Editor(QWidget):
    """What stands around a panel: a field of text beside it, and a page that it covers."""

    def __init__(self, panel: FilesPanel) -> None:
        super().__init__()
        self.pages = QStackedWidget()
        column = QVBoxLayout(self)
        self.bar = QLabel("Hide  Lock  Hold to wipe")
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)
        self.page = QWidget()
        row = QHBoxLayout(self.page)
        self.splitter = QSplitter()
        row.addWidget(self.splitter)
        self.area = QWidget()
        inner = QHBoxLayout(self.area)
        self.text = QPlainTextEdit()
        inner.addWidget(self.text, 1)
        inner.addWidget(panel, 1)
        self.beside = QPlainTextEdit()
        self.splitter.addWidget(self.beside)
        self.splitter.addWidget(self.area)
        self.splitter.setSizes([100, 900])
        self.pages.addWidget(self.page)
        self.resize(1_000, 640)


@pytest.fixture
def editor(qtbot: QtBot, panel: FilesPanel) -> Editor:
    widget = Editor(panel)
    shown(qtbot, widget)
    panel.set_area(widget.area)
    panel.show()
    return widget


def middle(window: QWidget, widget: QWidget) -> QPoint:
    return widget.mapTo(window, widget.rect().center())


def test_files_are_dropped_on_the_panel(qtbot: QtBot, panel: FilesPanel, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")
    (tmp_path / "b.txt").write_bytes(b"b")

    assert dropped(panel, panel.rect().center(), files_mime(tmp_path / "a.txt", tmp_path / "b.txt"))
    settled(qtbot, panel)

    assert names(panel) == ["a.txt", "b.txt"]
    assert not panel.drop_mark.isVisible()


def test_a_file_dropped_on_a_field_of_the_editor_is_added_and_not_typed(
    qtbot: QtBot, panel: FilesPanel, editor: Editor, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")
    wanted: list[bool] = []
    panel.wanted.connect(lambda: wanted.append(True))

    assert dropped(editor, middle(editor, editor.text), files_mime(tmp_path / "a.txt"))
    settled(qtbot, panel)

    assert names(panel) == ["a.txt"]
    assert editor.text.toPlainText() == ""
    assert wanted == [True]


def test_where_there_is_no_record_yet_the_name_of_a_file_is_not_typed_either(
    qtbot: QtBot, panel: FilesPanel, editor: Editor, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")
    panel.show_record("")

    assert not dropped(editor, middle(editor, editor.text), files_mime(tmp_path / "a.txt"))
    settled(qtbot, panel)

    assert editor.text.toPlainText() == ""


def test_outside_the_editor_nothing_is_taken(
    qtbot: QtBot, panel: FilesPanel, editor: Editor, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")

    dropped(editor, middle(editor, editor.beside), files_mime(tmp_path / "a.txt"))
    settled(qtbot, panel)

    assert names(panel) == []


def test_words_may_still_be_dropped_into_a_field(panel: FilesPanel, editor: Editor) -> None:
    mime = QMimeData()
    mime.setText("words")

    assert dropped(editor, middle(editor, editor.text), mime)
    assert editor.text.toPlainText() == "words"


def test_a_mark_shows_where_to_let_go(panel: FilesPanel, tmp_path: Path) -> None:
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    mime = files_mime(tmp_path / "a")
    enter = QDragEnterEvent(panel.rect().center(), copy, mime, button, none)
    QApplication.sendEvent(panel.windowHandle(), enter)
    assert enter.isAccepted()
    assert panel.drop_mark.isVisible()
    assert panel.drop_mark.geometry() == panel.rect()
    away = QDragMoveEvent(QPoint(-5, -5), copy, mime, button, none)
    QApplication.sendEvent(panel.windowHandle(), away)
    assert not panel.drop_mark.isVisible()


def test_an_image_is_dropped(qtbot: QtBot, panel: FilesPanel) -> None:
    mime = QMimeData()
    mime.setData("image/png", PNG)

    assert dropped(panel, panel.rect().center(), mime)
    settled(qtbot, panel)

    assert panel.model.files[0].size_bytes == len(PNG)
    assert names(panel)[0].startswith("Dropped image ")


def test_files_and_images_are_pasted_with_the_keyboard(
    qtbot: QtBot, panel: FilesPanel, tmp_path: Path
) -> None:
    clipboard = QGuiApplication.clipboard()
    (tmp_path / "a.txt").write_bytes(b"a")
    panel.add_button.setFocus()

    clipboard.setMimeData(files_mime(tmp_path / "a.txt"))
    QTest.keyClick(panel.add_button, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, panel)
    clipboard.setImage(pictures.painted(30, 20))
    QTest.keyClick(panel.add_button, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, panel)

    assert names(panel)[0] == "a.txt"
    assert names(panel)[1].startswith("Pasted image ")
    assert names(panel)[1].endswith(".png")


def test_pasting_words_into_a_field_of_the_editor_is_left_alone(
    qtbot: QtBot, panel: FilesPanel, editor: Editor, shell: RecordingShell
) -> None:
    QGuiApplication.clipboard().setText("words")
    editor.text.setFocus()
    QTest.keyClick(editor.text, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    assert editor.text.toPlainText() == "words"
    assert shell.said == []


def test_nothing_to_paste_is_said(panel: FilesPanel, shell: RecordingShell) -> None:
    QGuiApplication.clipboard().setText("words")
    panel.paste_button.click()

    assert shell.said == ["There is no file and no image on the clipboard."]


# --- choosing files ------------------------------------------------------------------------------


def answer(panel: FilesPanel, name: str) -> None:
    """Type a name into the file dialog and press its button."""
    choose_in(panel.dialog, name)


def test_files_are_chosen_in_a_dialog_that_writes_nothing_down(
    qtbot: QtBot, panel: FilesPanel, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(name.encode())
    before = listing(tmp_path)

    panel.add_button.click()
    assert panel.dialog is not None
    assert not panel.dialog.isModal()  # Lock and the wipe must work beside it
    answer(panel, f'"{tmp_path / "a.txt"}" "{tmp_path / "b.txt"}"')
    settled(qtbot, panel)

    assert names(panel) == ["a.txt", "b.txt"]
    assert listing(tmp_path) == before


# --- viewing -------------------------------------------------------------------------------------


def test_enter_opens_a_file_and_esc_leads_back_to_it(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_png=PNG, b_txt=b"words", c_jpg=JPEG)
    choose(panel, 0)
    panel.list.setFocus()

    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    settled(qtbot, panel)
    viewer = panel.viewer
    assert viewer is not None
    assert viewer.isVisible()
    assert viewer.canvas.is_filled
    QTest.keyClick(viewer.canvas, Qt.Key.Key_Right)
    QTest.keyClick(viewer.canvas, Qt.Key.Key_Escape)

    assert not viewer.isVisible()
    assert panel.list.hasFocus()
    assert [file.name for file in panel.list.chosen()] == ["b.txt"]


def test_the_viewer_takes_the_room_that_it_needs_but_never_the_bar(
    qtbot: QtBot, panel: FilesPanel, editor: Editor
) -> None:
    filled(qtbot, panel, a_png=PNG)
    for width, covered in ((1_000, editor.area), (700, editor.page), (500, editor.page)):
        editor.resize(width, 640)
        choose(panel, 0)
        panel.open_button.click()
        settled(qtbot, panel)
        assert panel.viewer is not None
        assert panel.viewer.parentWidget() is covered
        assert panel.viewer.geometry() == covered.rect()
        assert editor.splitter.count() == 2
        panel.viewer.leave()


def test_showing_another_record_closes_the_viewer(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_png=PNG)
    choose(panel, 0)
    panel.open_chosen()
    settled(qtbot, panel)

    panel.show_record("00000000-0000-4000-8000-000000000000")

    assert panel.viewer is not None
    assert not panel.viewer.isVisible()
    assert not panel.viewer.canvas.is_filled


def test_a_copy_is_exported_from_the_viewer(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_png=PNG, b_txt=b"words")
    choose(panel, 1)
    panel.open_chosen()
    settled(qtbot, panel)
    assert panel.viewer is not None

    panel.viewer.message.export_button.click()

    assert not panel.viewer.isVisible()
    assert panel.question.isVisible()
    assert [file.name for file in panel.list.chosen()] == ["b.txt"]


# --- copying out ---------------------------------------------------------------------------------


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_a_copy_is_made_only_after_the_warning(
    qtbot: QtBot, panel: FilesPanel, stick: Path, tmp_path: Path
) -> None:
    filled(qtbot, panel, a_png=PNG)
    choose(panel, 0)
    before = listing(tmp_path)

    panel.export_button.click()
    assert panel.question.words.text() == (
        "This copy leaves the vault unprotected. Whoever finds it can read it."
    )
    assert panel.choose_button.hasFocus()
    assert listing(tmp_path) == before
    panel.choose_button.click()
    answer(panel, str(stick / "copy.png"))
    settled(qtbot, panel)

    assert (stick / "copy.png").read_bytes() == PNG
    assert result(panel) == f"The unprotected copy is here: {stick / 'copy.png'}"
    assert not panel.question.isVisible()
    assert listing(tmp_path) == before | {"stick/copy.png"}


def test_the_warning_can_be_heeded(qtbot: QtBot, panel: FilesPanel, stick: Path) -> None:
    filled(qtbot, panel, a_png=PNG)
    choose(panel, 0)
    panel.export_chosen()

    panel.question.findChildren(QPushButton)[1].click()

    assert not panel.question.isVisible()
    assert panel.dialog is None
    assert list(stick.iterdir()) == []


def test_the_dialog_proposes_a_harmless_name(qtbot: QtBot, panel: FilesPanel) -> None:
    def make(vault: Vault) -> str:
        return attach_bytes(vault, panel.record, "../../x/a\u202egpj.exe", "", [b"x"])

    on_vault(qtbot, panel.session, make)
    panel.refresh()
    settled(qtbot, panel)
    choose(panel, 0)
    panel.export_chosen()
    panel.choose_button.click()

    assert panel.dialog is not None
    edit = panel.dialog.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    assert edit.text() == "_.._x_a_gpj.exe"
    panel.dialog.close()


def test_several_copies_go_into_a_folder_under_names_of_their_own(
    qtbot: QtBot, panel: FilesPanel, stick: Path
) -> None:
    def make(vault: Vault) -> bool:
        for data in (b"one", b"two", b"three"):
            attach_bytes(vault, panel.record, "a.txt", "", [data])
        return True

    on_vault(qtbot, panel.session, make)
    (stick / "a.txt").write_bytes(b"kept")
    panel.refresh()
    settled(qtbot, panel)
    choose(panel, 0, 1, 2)
    panel.export_chosen()
    assert "These 3 copies" in panel.question.words.text()
    panel.choose_button.click()
    answer(panel, str(stick))
    settled(qtbot, panel)

    contents = {path.name: path.read_bytes() for path in stick.iterdir()}
    assert contents == {
        "a.txt": b"kept",
        "a (2).txt": b"one",
        "a (3).txt": b"two",
        "a (4).txt": b"three",
    }
    assert result(panel) == f"3 unprotected copies are in {stick}"


def test_a_copy_overwrites_nothing_and_says_so(
    qtbot: QtBot, panel: FilesPanel, stick: Path, shell: RecordingShell
) -> None:
    filled(qtbot, panel, a_png=PNG)
    (stick / "a.png").write_bytes(b"kept")

    panel.copy_to(panel.model.files, stick / "a.png")
    settled(qtbot, panel)

    assert (stick / "a.png").read_bytes() == b"kept"
    assert result(panel).startswith("There is already a file of this name: a.png")
    assert [path.name for path in stick.iterdir()] == ["a.png"]
    assert shell.errors == []


def test_no_copy_in_the_clear_goes_into_the_vault_itself(
    qtbot: QtBot, panel: FilesPanel, vault_folder: Path
) -> None:
    filled(qtbot, panel, a_png=PNG)
    for folder in (vault_folder, vault_folder / "attachments"):
        before = sorted(folder.iterdir())
        panel.copy_to(panel.model.files, folder)
        settled(qtbot, panel)
        assert sorted(folder.iterdir()) == before
        assert result(panel) == "This folder is the vault itself. Choose another one."


def test_a_copy_is_stopped_and_leaves_nothing(qtbot: QtBot, panel: FilesPanel, stick: Path) -> None:
    filled(qtbot, panel, a_png=PNG)
    may_go_on = threading.Event()
    panel.session.ask(panel, lambda _: may_go_on.wait())

    panel.copy_to(panel.model.files, stick / "a.png")
    panel.copy_note.cancel_button.click()
    may_go_on.set()
    settled(qtbot, panel)

    assert list(stick.iterdir()) == []
    assert result(panel) == "Stopped. Nothing was left half done."
    assert not panel.copy_note.isVisible()


def test_what_stops_a_copy_is_shown(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell, tmp_path: Path
) -> None:
    filled(qtbot, panel, a_png=PNG)

    panel.copy_to(panel.model.files, tmp_path / "no such folder" / "a.png")
    settled(qtbot, panel)

    assert [type(error).__name__ for error in shell.errors] == ["NotAPlainFileError"]
    assert result(panel) == ""


# --- describing and removing ---------------------------------------------------------------------


def test_describing_goes_to_the_record_of_the_file(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell
) -> None:
    filled(qtbot, panel, a_png=PNG)
    choose(panel, 0)

    panel.describe_action.trigger()

    assert shell.opened == [panel.model.files[0].record]


def test_delete_moves_to_the_trash_and_can_be_undone(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell
) -> None:
    filled(qtbot, panel, a_png=PNG, b_txt=b"words")
    choose(panel, 0)

    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    settled(qtbot, panel)
    assert names(panel) == ["b.txt"]
    assert shell.said == ["Moved to the trash: a.png"]
    shell.undos[0]()
    settled(qtbot, panel)

    assert names(panel) == ["a.png", "b.txt"]


def test_several_are_removed_at_once_and_what_they_share_is_said(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell
) -> None:
    filled(qtbot, panel, a_png=PNG, b_txt=b"words", c_txt=b"c")

    def share(vault: Vault) -> bool:
        other = records.add(vault, "incident", {"title": "y"})
        both: list[object] = [panel.record, other]
        return records.revise(vault, panel.model.files[0].record, {"belongs_to": both})  # type: ignore[dict-item]

    on_vault(qtbot, panel.session, share)
    panel.refresh()
    settled(qtbot, panel)
    choose(panel, 0, 2)
    panel.remove_action.trigger()
    settled(qtbot, panel)

    assert names(panel) == ["b.txt"]
    assert shell.said == ["2 files were moved to the trash. They belonged to other records too."]


def test_details_and_hash_come_on_demand(
    qtbot: QtBot, panel: FilesPanel, shell: RecordingShell
) -> None:
    filled(qtbot, panel, a_png=PNG)
    assert panel.details.isHidden()
    choose(panel, 0)

    panel.details_action.trigger()
    assert panel.details.isVisible()
    sha256 = panel.model.files[0].sha256
    assert sha256 in panel.details.text().replace("\n", "")
    panel.hash_action.trigger()
    assert QGuiApplication.clipboard().text() == sha256
    panel.details_action.trigger()
    assert panel.details.isHidden()


# --- by keyboard and by ear ----------------------------------------------------------------------


def test_every_control_has_a_name_and_can_be_reached_with_tab(
    qtbot: QtBot, panel: FilesPanel
) -> None:
    filled(qtbot, panel, a_png=PNG)
    choose(panel, 0)
    panel.add_button.setFocus()
    passed = []
    for _ in range(8):
        focus = QApplication.focusWidget()
        assert focus is not None
        passed.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)

    assert passed[:6] == [
        panel.add_button,
        panel.paste_button,
        panel.list,
        panel.open_button,
        panel.export_button,
        panel.more_button,
    ]
    for button in [*panel.findChildren(QPushButton), *panel.findChildren(QToolButton)]:
        assert button.text() or button.accessibleName() or not button.isVisible()


def test_no_dialog_asks_anything(qtbot: QtBot, panel: FilesPanel) -> None:
    filled(qtbot, panel, a_png=PNG)
    choose(panel, 0)
    panel.remove_chosen()
    settled(qtbot, panel)

    assert not any(isinstance(w, QMessageBox) for w in QApplication.topLevelWidgets())


def test_a_whole_visit_leaves_nothing_outside_the_vault(
    qtbot: QtBot, panel: FilesPanel, tmp_path: Path
) -> None:
    """Adding, looking, viewing, pasting and removing; Qt's and our own caches would show here."""
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.jpg").write_bytes(JPEG)
    before = listing(tmp_path)
    panel.add_files([tmp_path / "a.png", tmp_path / "b.jpg"])
    settled(qtbot, panel)
    panel.add_image(QImage(pictures.painted(9, 9)), "c.png")
    settled(qtbot, panel)
    choose(panel, 0)
    panel.open_chosen()
    settled(qtbot, panel)
    assert panel.viewer is not None
    panel.viewer.leave()
    choose(panel, 1)
    panel.remove_chosen()
    settled(qtbot, panel)

    assert names(panel) == ["a.png", "c.png"]
    assert listing(tmp_path) == before
