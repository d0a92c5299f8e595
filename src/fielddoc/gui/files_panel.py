"""The files that belong to a record: seeing, adding, viewing, copying out and removing them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QImage,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.visible import visible
from fielddoc.errors import (
    AttachmentNotFoundError,
    CancelledError,
    VaultDamagedError,
)
from fielddoc.gui import hardening, images, style
from fielddoc.gui.adding_files import (
    Added,
    FromFile,
    FromImage,
    Source,
    add_sources,
    image_name,
    sources_of,
)
from fielddoc.gui.choose import show_dialog
from fielddoc.gui.copying_files import Copied, copy_files
from fielddoc.gui.direction import isolated, left_to_right
from fielddoc.gui.drop_area import DropArea, DropMark
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.file_details import FileDetails, plain_label
from fielddoc.gui.file_list import THUMBNAIL, FileList, FileModel, Look, shown_name
from fielddoc.gui.note import Note
from fielddoc.gui.session import Job, Progress, Session
from fielddoc.gui.shell import Shell
from fielddoc.gui.viewer import Viewer
from fielddoc.gui.work_note import WorkNote
from fielddoc.i18n import N_, t_
from fielddoc.vault import records
from fielddoc.vault.attaching import (
    AttachedFile,
    file_name,
    file_of,
    files_of,
)
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

_THUMBNAIL_BYTES = 64 * 1024 * 1024
"""Larger images are opened when somebody asks for them, not for the list."""
_DETAILS_HEIGHT = 216
_VIEWER_WIDTH, _VIEWER_HEIGHT = 640, 400
_REFUSED_SHOWN = 6
_ADDING_STOPPED = N_("Adding files was stopped. Those that were added stay; add the others again.")
_COPYING_STOPPED = N_(
    "Copying files was stopped. Copies that were made stay where they are, unprotected."
)

Ready = Callable[[Callable[[], None]], None]
"""Makes sure that a record is in the vault, then calls what it was given."""


class FilesPanel(QWidget):
    """The files of one record; of a record that describes a file, that file."""

    wanted = Signal()
    """Something goes on here that should be seen now: files were dropped beside the panel."""
    _looked = Signal(str, object)

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.record = ""
        self.make_ready: Ready | None = None
        """Called before files are added: an editor saves a record here that is still a draft."""
        self.viewer: Viewer | None = None
        self.dialog: QFileDialog | None = None
        self.adding: Job | None = None
        self.copying: Job | None = None
        self._waiting: list[tuple[str, list[Source]]] = []
        self._looking: Job | None = None
        self._to_export: list[AttachedFile] = []
        self._folder = Path.home()
        self._area: QWidget = self
        self._build()
        self._paste_key = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self)
        self._paste_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._paste_key.activated.connect(self.paste)
        self._looked.connect(self._show_look, Qt.ConnectionType.QueuedConnection)
        session.record_changed.connect(self.refresh)
        self._show_files([])

    # --- what stands in it -----------------------------------------------------------------------

    def _build(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * style.GRID, 2 * style.GRID, 2 * style.GRID, 2 * style.GRID)
        rows.setSpacing(style.GRID)
        rows.addLayout(self._head())
        self.add_note = WorkNote()
        self.copy_note = WorkNote()
        self.result = Note()
        self.result.add_button(t_("Close"), self.result.hide)
        self.question = Note("triangle-alert")
        self.choose_button = self.question.add_button(t_("Choose where…"), self._choose_target)
        self.question.add_button(t_("Cancel"), self._cancel_export)
        for note in (self.add_note, self.copy_note, self.question, self.result):
            note.hide()
            rows.addWidget(note)
        self.model = FileModel()
        self.list = FileList(self.model)
        self.list.opened.connect(self.open_chosen)
        self.list.removed.connect(self.remove_chosen)
        self.list.selection_changed.connect(self._show_chosen)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(_Empty())
        rows.addWidget(self.pages, 1)
        self.details = FileDetails(is_narrow=False)
        self.details.setFixedHeight(style.scaled(_DETAILS_HEIGHT))
        self.details.hide()
        rows.addWidget(self.details)
        rows.addWidget(self._foot())
        self.drop_mark = DropMark(self)
        self.drops = DropArea(self)
        self.drops.over_changed.connect(self.drop_mark.show_over)
        self.drops.dropped.connect(self._dropped)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.heading = QLabel()
        style.set_role(self.heading, "heading")
        row.addWidget(self.heading)
        row.addStretch(1)
        self.add_button = QPushButton(t_("Add files…"))
        self.add_button.setIcon(style.icon("plus"))
        self.add_button.clicked.connect(self.choose_files)
        row.addWidget(self.add_button)
        self.paste_button = QPushButton(t_("Paste"))
        self.paste_button.setIcon(style.icon("copy"))
        self.paste_button.setToolTip(t_("Add the image or the files on the clipboard (Ctrl+V)"))
        self.paste_button.clicked.connect(self.paste)
        row.addWidget(self.paste_button)
        return row

    def _foot(self) -> QWidget:
        self.foot = QWidget()
        row = FlowLayout(self.foot)
        self.open_button = QPushButton(t_("Open"))
        self.open_button.setIcon(style.icon("eye"))
        self.open_button.clicked.connect(self.open_chosen)
        row.addWidget(self.open_button)
        self.export_button = QPushButton(t_("Export a copy…"))
        self.export_button.setIcon(style.icon("upload"))
        self.export_button.clicked.connect(self.export_chosen)
        row.addWidget(self.export_button)
        self.menu = QMenu(self)
        self.open_action = self._action(t_("Open"), "eye", self.open_chosen)
        self.export_action = self._action(t_("Export a copy…"), "upload", self.export_chosen)
        self.menu.addSeparator()
        self.describe_action = self._action(
            t_("Name and describe…"), "pencil", self.describe_chosen
        )
        self.details_action = self._action(t_("Show details"), "info", self._show_chosen)
        self.details_action.setCheckable(True)
        self.hash_action = self._action(t_("Copy the SHA-256"), "copy", self.copy_hash)
        self.menu.addSeparator()
        self.remove_action = self._action(t_("Move to the trash"), "trash-2", self.remove_chosen)
        self.more_button = QToolButton()
        self.more_button.setText(t_("More"))
        self.more_button.setIcon(style.icon("ellipsis"))
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.more_button.setMenu(self.menu)
        row.addWidget(self.more_button)
        return self.foot

    def _action(self, text: str, icon: str, step: Callable[[], None]) -> QAction:
        action = QAction(style.icon(icon), text, self)
        action.triggered.connect(step)
        self.menu.addAction(action)
        return action

    # --- what is shown ---------------------------------------------------------------------------

    def show_record(self, record: str) -> None:
        """Show the files that belong to a record."""
        if record == self.record:
            self.refresh()
            return
        self.record = record
        self._leave_viewer()
        self._cancel_export()
        self.result.hide()
        self._show_files([])
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Bring the list up to date."""
        if not self.record:
            return
        record = self.record

        def then(files: list[AttachedFile]) -> None:
            if record == self.record:
                self._show_files(files)

        self.session.ask(self, partial(_files, record), then)

    def _show_files(self, files: list[AttachedFile]) -> None:
        chosen = [file.record for file in self.list.chosen()]
        self.model.set_files(files)
        if not self.list.chosen() and chosen:
            self.list.choose(chosen)
        count = len(files)
        self.heading.setText(t_("Files ({count})").format(count=count) if count else t_("Files"))
        self.pages.setCurrentIndex(0 if files else 1)
        for button in (self.add_button, self.paste_button):
            button.setEnabled(bool(self.record))
        self.drops.is_taking = bool(self.record)
        self._show_chosen()
        self._look()

    @Slot()
    def _show_chosen(self) -> None:
        """Offer what can be done with the chosen files, and show what is known of one."""
        chosen = self.list.chosen()
        has_content = any(file.content for file in chosen)
        is_one = len(chosen) == 1
        self.foot.setVisible(bool(self.model.files))
        for button in (self.open_button, self.open_action, self.describe_action, self.hash_action):
            button.setEnabled(is_one)
        for button in (self.export_button, self.export_action):
            button.setEnabled(has_content)
        self.remove_action.setEnabled(bool(chosen))
        self.more_button.setEnabled(bool(chosen))
        is_detailed = self.details_action.isChecked() and is_one
        self.details.setVisible(is_detailed)
        if is_detailed:
            self.details.show_file(chosen[0])

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        if self.list.chosen():
            self.menu.popup(self.list.viewport().mapToGlobal(at))

    # --- thumbnails ------------------------------------------------------------------------------

    def _look(self) -> None:
        """Look into the files nobody looked into yet, in a long job, while the list is seen."""
        unseen = [
            file
            for file in self.model.files
            if file.content is not None and self.model.look(file) is None
        ]
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if not unseen or not self.isVisible():
            return
        words = t_("Looking at images")
        side = round(style.scaled(THUMBNAIL) * self.devicePixelRatioF())

        def work(vault: Vault, turn: Turn, progress: Progress) -> None:
            for place, file in enumerate(unseen):
                step = partial(_report, progress, words, place, len(unseen))
                step(0, 0)
                look = _look_at(vault, file, side, turn, step)
                if shiboken6.isValid(self):
                    self._looked.emit(file.sha256, look)

        def failed(error: BaseException) -> None:
            if not isinstance(error, CancelledError):
                self.shell.show_error(error)

        self._looking = self.session.start_job(self, work, _nothing, failed)

    @Slot(str, object)
    def _show_look(self, sha256: str, look: Look) -> None:
        self.model.set_look(sha256, look)

    # --- adding ----------------------------------------------------------------------------------

    def add_files(self, paths: Sequence[Path]) -> None:
        """Attach files to the record that is shown."""
        self._add([FromFile(path) for path in paths])

    def add_image(self, image: QImage, name: str) -> None:
        """Attach an image that lies in memory, as PNG."""
        self._add([FromImage(image, name)])

    @Slot()
    def choose_files(self) -> None:
        """Ask which files to add."""
        dialog = self._new_dialog(t_("Add files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, t_("Add"))
        dialog.filesSelected.connect(self._files_chosen)
        show_dialog(dialog)

    @Slot(list)
    def _files_chosen(self, names: list[str]) -> None:
        paths = [Path(name) for name in names]
        if paths:
            self._folder = paths[0].parent
        self.add_files(paths)

    @Slot()
    def paste(self) -> None:
        """Attach the files or the image on the clipboard."""
        sources = sources_of(QGuiApplication.clipboard().mimeData(), image_name(t_("Pasted image")))
        if not sources:
            self.shell.say(t_("There is no file and no image on the clipboard."))
            return
        self._add(sources)

    def _add(self, sources: list[Source]) -> None:
        if not self.record or not sources:
            return
        record = self.record
        if self.make_ready is None:
            self._start_adding(record, sources)
        else:
            self.make_ready(lambda: self._start_adding(record, sources))

    def _start_adding(self, record: str, sources: list[Source]) -> None:
        if record == self.record:
            self.wanted.emit()
        if self.adding is not None:
            self._waiting.append((record, sources))
            return
        self.result.hide()

        def work(vault: Vault, turn: Turn, progress: Progress) -> Added:
            return add_sources(vault, record, sources, turn, progress)

        self.adding = self.session.start_job(
            self, work, self._added, self._adding_failed, stopped=_ADDING_STOPPED
        )
        self.add_note.watch(self.adding, t_("Adding"))

    def _adding_failed(self, error: BaseException) -> None:
        self._adding_ended()
        self.shell.show_error(error)

    def _adding_ended(self) -> None:
        self._leave_note(self.add_note)
        self.adding = None
        if self._waiting:
            self._start_adding(*self._waiting.pop(0))

    def _added(self, added: Added) -> None:
        self._adding_ended()
        if added.records:
            self.shell.say(_added_words(added), partial(self._remove, tuple(added.records)))
            self.session.record_changed.emit(added.records[0] if len(added.records) == 1 else "")
        words = _refused_words(added)
        if words:
            self.result.show_text(words)
        if added.error is not None:
            self.shell.show_error(added.error)

    # --- dragging --------------------------------------------------------------------------------

    def set_area(self, area: QWidget) -> None:
        """Take files that are dropped or pasted anywhere in a widget around the panel."""
        self._area = area
        self._paste_key.setParent(area)
        self.drops.watch(area)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Look at what was not seen yet."""
        super().showEvent(event)
        self._look()

    @Slot(object)
    def _dropped(self, mime: QMimeData) -> None:
        sources = sources_of(mime, image_name(t_("Dropped image")))
        if not sources:
            self.shell.say(
                t_("Nothing of this could be added. Save it as a file first, then add the file.")
            )
            return
        self._add(sources)

    # --- viewing ---------------------------------------------------------------------------------

    @Slot()
    def open_chosen(self) -> None:
        """Show the chosen file."""
        chosen = self.list.chosen()
        if len(chosen) != 1:
            return
        if self.viewer is None:
            self.viewer = Viewer(self.session, self.shell)
            self.viewer.closed.connect(self._viewer_closed)
            self.viewer.export_wanted.connect(self._export_from_viewer)
        self.viewer.cover(self._room())
        self.viewer.show_files(self.model.files, self.model.files.index(chosen[0]))

    def _room(self) -> QWidget:
        """Return what the viewer fills: the area, or what is around it if that is too narrow.

        What is around all pages, the bar with Hide, Lock and Wipe, is never covered.
        """
        width, height = style.scaled(_VIEWER_WIDTH), style.scaled(_VIEWER_HEIGHT)
        room = self._area
        for room in _around(self._area):
            if room.width() >= width and room.height() >= height:
                break
        return room

    @Slot(str)
    def _viewer_closed(self, record: str) -> None:
        self.list.choose([record])
        self.list.setFocus()

    @Slot(str)
    def _export_from_viewer(self, record: str) -> None:
        self._leave_viewer()
        self.list.choose([record])
        self.wanted.emit()
        self.export_chosen()

    def _leave_viewer(self) -> None:
        if self.viewer is not None and self.viewer.isVisible():
            self.viewer.leave()

    # --- copying out -----------------------------------------------------------------------------

    @Slot()
    def export_chosen(self) -> None:
        """Warn, then ask where the copies are to lie."""
        self._to_export = [file for file in self.list.chosen() if file.content is not None]
        if not self._to_export or self.copying is not None:
            return
        self.result.hide()
        count = len(self._to_export)
        words = (
            t_("This copy leaves the vault unprotected. Whoever finds it can read it.")
            if count == 1
            else t_(
                "These {count} copies leave the vault unprotected. Whoever finds them can read"
                " them."
            ).format(count=count)
        )
        self.question.show_text(words)
        self.choose_button.setFocus()

    @Slot()
    def _cancel_export(self) -> None:
        self._to_export = []
        self._leave_note(self.question)

    @Slot()
    def _choose_target(self) -> None:
        dialog = self._new_dialog(t_("Export a copy"))
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, t_("Copy here"))
        if len(self._to_export) == 1:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
            # What is there is never overwritten, so there is nothing to ask.
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
            dialog.selectFile(file_name(self._to_export[0].name))
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._target_chosen)
        show_dialog(dialog)

    @Slot(str)
    def _target_chosen(self, name: str) -> None:
        files, self._to_export = self._to_export, []
        self._leave_note(self.question)
        if name and files:
            self.copy_to(files, Path(name))

    def copy_to(self, files: Sequence[AttachedFile], target: Path) -> None:
        """Copy one file to a new file, or several into a folder, in the clear."""
        self.result.hide()

        def work(vault: Vault, turn: Turn, progress: Progress) -> Copied:
            return copy_files(vault, files, target, turn, progress)

        self.copying = self.session.start_job(
            self, work, self._copied, self._copying_failed, stopped=_COPYING_STOPPED
        )
        self.copy_note.watch(self.copying, t_("Copying"))

    def _copying_failed(self, error: BaseException) -> None:
        self._leave_note(self.copy_note)
        self.copying = None
        self.shell.show_error(error)

    def _copied(self, copied: Copied) -> None:
        self._leave_note(self.copy_note)
        self.copying = None
        self._folder = copied.folder
        words = [copied.problem] if copied.problem else []
        if len(copied.targets) == 1:
            path = visible(str(copied.targets[0]))
            words.append(
                t_("The unprotected copy is here: {path}").format(path=left_to_right(str(path)))
            )
        elif copied.targets:
            folder = visible(str(copied.targets[0].parent))
            words.append(
                t_("{count} unprotected copies are in {folder}").format(
                    count=len(copied.targets), folder=folder
                )
            )
        if words:
            self.result.show_text("\n".join(words))
        if copied.error is not None:
            self.shell.show_error(copied.error)

    # --- describing and removing -----------------------------------------------------------------

    @Slot()
    def describe_chosen(self) -> None:
        """Go to the record that describes the chosen file."""
        chosen = self.list.chosen()
        if len(chosen) == 1:
            self.shell.open_record(chosen[0].record)

    @Slot()
    def copy_hash(self) -> None:
        """Put the SHA-256 of the chosen file on the clipboard."""
        chosen = self.list.chosen()
        if len(chosen) == 1:
            QGuiApplication.clipboard().setText(chosen[0].sha256)
            self.shell.say(t_("The SHA-256 is on the clipboard."))

    @Slot()
    def remove_chosen(self) -> None:
        """Move the records of the chosen files to the trash."""
        chosen = self.list.chosen()
        if not chosen:
            return
        words = t_("Moved to the trash: {name}").format(name=isolated(shown_name(chosen[0])))
        if len(chosen) > 1:
            words = t_("{count} files were moved to the trash.").format(count=len(chosen))
        others = {other for file in chosen for other in file.belongs_to} - {self.record}
        if others:
            words += " " + t_("They belonged to other records too.")
        self._remove(tuple(file.record for file in chosen), words)

    def _remove(self, identities: tuple[str, ...], words: str = "") -> None:
        def then(_: None) -> None:
            if words:
                self.shell.say(words, partial(self._restore, identities))
            self.session.record_changed.emit(identities[0] if len(identities) == 1 else "")

        self.session.ask(self, partial(_each, records.delete, identities), then)

    def _restore(self, identities: tuple[str, ...]) -> None:
        def then(_: None) -> None:
            self.session.record_changed.emit(identities[0] if len(identities) == 1 else "")

        self.session.ask(self, partial(_each, records.restore, identities), then)

    # --- parts -----------------------------------------------------------------------------------

    def _new_dialog(self, title: str) -> QFileDialog:
        """Return a file dialog that writes nothing down and asks the system for nothing."""
        dialog = QFileDialog(self, title, str(self._folder))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setOption(QFileDialog.Option.DontUseCustomDirectoryIcons)
        dialog.setHistory([])
        dialog.setSidebarUrls([QUrl.fromLocalFile(str(Path.home()))])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        hardening.forget_after(dialog)
        self.dialog = dialog
        return dialog

    def _leave_note(self, note: QWidget) -> None:
        """Hide a note without losing the keyboard's place."""
        had_focus = any(button.hasFocus() for button in note.findChildren(QPushButton))
        note.hide()
        if had_focus:
            (self.list if self.model.files else self.add_button).setFocus()


def _files(record: str, vault: Vault) -> list[AttachedFile]:
    """Return what is listed for a record: of one that describes a file, that file first."""
    own = file_of(vault, record)
    return [*([own] if own else []), *files_of(vault, record)]


def _nothing(_: None) -> None:
    return


def _report(progress: Progress, words: str, place: int, count: int, _done: int, _all: int) -> None:
    progress(words, place, count)


def _look_at(
    vault: Vault, file: AttachedFile, side: int, turn: Turn, step: Callable[[int, int], None]
) -> Look:
    if file.content is None or file.content.size_bytes > _THUMBNAIL_BYTES:
        return Look()
    try:
        return Look(images.thumbnail(images.read(vault, file, turn, step), side))
    except images.UnshownError:
        return Look()
    except VaultDamagedError:
        return Look(problem=t_("This file was damaged after it was added."))
    except AttachmentNotFoundError as error:
        return Look(problem=error.sentence())


def _each(step: Callable[[Vault, str], bool], identities: Sequence[str], vault: Vault) -> None:
    for identity in identities:
        step(vault, identity)


def _around(widget: QWidget) -> Iterator[QWidget]:
    """Yield a widget and those around it that may be covered, up to the page that it is on."""
    yield widget
    around = widget.parentWidget()
    while around is not None and not around.isWindow():
        if isinstance(around, QStackedWidget) and not _is_in_a_stack(around):
            return
        # These take every child of theirs for a part to be shown beside the others.
        if not isinstance(around, (QSplitter, QStackedWidget)):
            yield around
        around = around.parentWidget()


def _is_in_a_stack(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QStackedWidget):
        parent = parent.parentWidget()
    return parent is not None


def _added_words(added: Added) -> str:
    count = len(added.records)
    if count == 1:
        return t_("One file was added.")
    return t_("{count} files were added.").format(count=count)


def _refused_words(added: Added) -> str:
    """Return what must be told of files that were not added; empty if all were."""
    lines = [t_("{name} is there already.").format(name=isolated(name)) for name in added.known]
    lines += added.refused
    if len(lines) > _REFUSED_SHOWN:
        rest = len(lines) - _REFUSED_SHOWN
        lines = [*lines[:_REFUSED_SHOWN], t_("And {count} more.").format(count=rest)]
    if added.left and added.error is None:
        lines.append(t_("Stopped. {count} were not added.").format(count=added.left))
    return "\n".join(lines)


class _Empty(QWidget):
    """What stands there when a record has no files."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * style.GRID, 2 * style.GRID, 2 * style.GRID, 2 * style.GRID)
        column.addStretch(1)
        sign = QLabel()
        side = style.scaled(32)
        sign.setPixmap(style.icon("paperclip", style.colours_now().quiet).pixmap(side, side))
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(sign)
        words = plain_label("")
        words.setText(t_("No files yet."))
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
        how = plain_label("quiet")
        how.setText(t_("Drop photos or documents here, paste them, or choose them."))
        how.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(how)
        column.addStretch(2)
