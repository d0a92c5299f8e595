"""The image viewer: it fills the editor, shows what is decrypted in memory, and keeps nothing."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.visible import visible
from fielddoc.errors import AttachmentNotFoundError, CancelledError, VaultDamagedError
from fielddoc.gui import images, style, tab_order
from fielddoc.gui.file_details import (
    ElidedLabel,
    FileDetails,
    exact_size,
    hash_lines,
    picture_notes,
    plain_label,
)
from fielddoc.gui.image_canvas import ImageCanvas
from fielddoc.gui.images import Picture, UnshownError
from fielddoc.gui.session import Job, Progress, Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import in_a_row, t_, translate
from fielddoc.vault.attaching import AttachedFile
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

_MOVE = 80
_DETAILS_WIDTH = 320


class Viewer(QFrame):
    """Shows the files of a record one after the other, over the widget that it was given."""

    closed = Signal(str)
    """The id of the attachment's record that was shown last."""
    export_wanted = Signal(str)

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self._files: list[AttachedFile] = []
        self._index = 0
        self._job: Job | None = None
        self._number = 0
        """Of the file that is being opened: what comes back for an earlier one is thrown away."""
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build()
        self._steps: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_Escape: self.leave,
            Qt.Key.Key_PageUp: self.show_previous,
            Qt.Key.Key_PageDown: self.show_next,
            Qt.Key.Key_Home: self.show_first,
            Qt.Key.Key_End: self.show_last,
            Qt.Key.Key_Plus: self.canvas.zoom_in,
            Qt.Key.Key_Equal: self.canvas.zoom_in,
            Qt.Key.Key_Minus: self.canvas.zoom_out,
            Qt.Key.Key_0: self.canvas.fit,
            Qt.Key.Key_1: self.canvas.show_pixels,
        }

    # --- what stands in it -----------------------------------------------------------------------

    def _build(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._top())
        self.note = plain_label("")
        self.note.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        rows.addWidget(self.note)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self.canvas = ImageCanvas()
        self.canvas.zoomed.connect(self._tell_zoom)
        self.message = Message()
        self.message.export_button.clicked.connect(self._export)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.canvas)
        self.pages.addWidget(self.message)
        middle.addWidget(self.pages, 1)
        self.details = FileDetails(is_narrow=True)
        self.details.setFixedWidth(style.scaled(_DETAILS_WIDTH))
        self.details.hide()
        middle.addWidget(self.details)
        rows.addLayout(middle, 1)
        rows.addWidget(self._bottom())
        for button in self.findChildren(QAbstractButton):
            button.installEventFilter(self)

    def _top(self) -> QFrame:
        bar, row = _bar()
        self.back_button = QPushButton(t_("Back"))
        self.back_button.setIcon(style.icon("x"))
        self.back_button.setToolTip(t_("Back to the list (Esc)"))
        self.back_button.clicked.connect(self.leave)
        row.addWidget(self.back_button)
        row.addSpacing(style.GRID)
        self.title = ElidedLabel()
        row.addWidget(self.title, 1)
        self.count = QLabel()
        style.set_role(self.count, "quiet")
        row.addWidget(self.count)
        row.addSpacing(style.GRID)
        self.details_button = QPushButton(t_("Details"))
        self.details_button.setIcon(style.icon("info"))
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._show_details)
        row.addWidget(self.details_button)
        self.export_button = QPushButton(t_("Export a copy…"))
        self.export_button.setIcon(style.icon("upload"))
        self.export_button.clicked.connect(self._export)
        row.addWidget(self.export_button)
        return bar

    def _bottom(self) -> QFrame:
        bar, row = _bar()
        before, after = "chevron-left", "chevron-right"
        if self.isRightToLeft():
            before, after = after, before
        self.previous_button = self._button(t_("Previous"), before, self.show_previous)
        self.next_button = self._button(t_("Next"), after, self.show_next)
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        row.addStretch(1)
        self.zoom_out_button = self._button("−", "", self.canvas.zoom_out)
        self.zoom_out_button.setAccessibleName(t_("Smaller"))
        self.zoom_out_button.setToolTip(t_("Smaller (− or the wheel)"))
        self.zoom = QLabel()
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom.setMinimumWidth(self.zoom.fontMetrics().horizontalAdvance("1600%") + style.GRID)
        self.zoom_in_button = self._button("+", "", self.canvas.zoom_in)
        self.zoom_in_button.setAccessibleName(t_("Larger"))
        self.zoom_in_button.setToolTip(t_("Larger (+ or the wheel)"))
        self.fit_button = self._button(t_("Whole image"), "maximize", self.canvas.fit)
        self.fit_button.setToolTip(t_("Whole image (0)"))
        self.pixels_button = self._button(t_("Actual size"), "scan", self.canvas.show_pixels)
        self.pixels_button.setToolTip(t_("One pixel of the image on one of the screen (1)"))
        for widget in (
            self.zoom_out_button,
            self.zoom,
            self.zoom_in_button,
            self.fit_button,
            self.pixels_button,
        ):
            row.addWidget(widget)
        return bar

    def _button(self, text: str, icon: str, step: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        if icon:
            button.setIcon(style.icon(icon))
        button.clicked.connect(step)
        return button

    # --- coming and going ------------------------------------------------------------------------

    def cover(self, widget: QWidget) -> None:
        """Fill a widget and follow its size."""
        before = self.parentWidget()
        if before is not None:
            before.removeEventFilter(self)
        self.setParent(widget)
        widget.installEventFilter(self)
        self.setGeometry(widget.rect())
        self.show()
        self.raise_()
        self.canvas.setFocus()

    def show_files(self, files: Sequence[AttachedFile], index: int) -> None:
        """Show one of some files; the arrow keys go to the others."""
        self._files = list(files)
        self._show(index)

    @Slot()
    def leave(self) -> None:
        """Throw the image away and give the place back."""
        shown = self._files[self._index].record if self._files else ""
        self.hide()
        self.closed.emit(shown)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Keep no image that nobody looks at."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._drop()
            self._files = []
            self.hide()  # so that it does not come back empty when its page is shown again

    @Slot()
    def show_previous(self) -> None:
        """Show the file before."""
        self._show(self._index - 1)

    @Slot()
    def show_next(self) -> None:
        """Show the file after."""
        self._show(self._index + 1)

    @Slot()
    def show_first(self) -> None:
        """Show the first file."""
        self._show(0)

    @Slot()
    def show_last(self) -> None:
        """Show the last file."""
        self._show(len(self._files) - 1)

    def _show(self, index: int) -> None:
        if not 0 <= index < len(self._files):
            return
        self._drop()
        self._index = index
        file = self._files[index]
        count = len(self._files)
        name = visible(file.name) or t_("(no name)")
        self.title.set_text(name)
        self.setAccessibleName(name)
        self.count.setText(t_("{number} of {count}").format(number=index + 1, count=count))
        self._enable(self.previous_button, is_enabled=index > 0)
        self._enable(self.next_button, is_enabled=index + 1 < count)
        self.details.show_file(file)
        if file.content is None:
            self._refused(AttachmentNotFoundError())
            return
        self._say(t_("Opening…"), file, may_export=False)
        self._load(file)

    def _enable(self, button: QPushButton, *, is_enabled: bool) -> None:
        if not is_enabled and button.hasFocus():
            self.canvas.setFocus()
        button.setEnabled(is_enabled)

    def _drop(self) -> None:
        """Stop what is being opened and forget what is shown."""
        self._number += 1
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.canvas.clear()
        self.note.hide()
        self._enable_zoom(is_enabled=False)

    # --- opening ---------------------------------------------------------------------------------

    def _load(self, file: AttachedFile) -> None:
        words, number = t_("Opening"), self._number

        def work(vault: Vault, turn: Turn, progress: Progress) -> Picture:
            data = images.read(vault, file, turn, lambda done, all_: progress(words, done, all_))
            return images.picture(data)

        def then(picture: Picture) -> None:
            if number == self._number:
                self._show_picture(picture)

        def failed(error: BaseException) -> None:
            if number == self._number:
                self._refused(error)

        self._job = self.session.start_job(self, work, then, failed)

    def _show_picture(self, picture: Picture) -> None:
        self._job = None
        file = self._files[self._index]
        self.canvas.show_picture(picture, visible(file.name))
        self.details.show_file(file, picture)
        notes = picture_notes(picture)
        self.note.setText(in_a_row(notes))
        self.note.setVisible(bool(notes))
        self.pages.setCurrentWidget(self.canvas)
        self._enable_zoom(is_enabled=True)
        self.export_button.setEnabled(True)

    def _refused(self, error: BaseException) -> None:
        self._job = None
        file = self._files[self._index]
        match error:
            case CancelledError():
                return
            case UnshownError():
                self._say(translate(error.why.value), file, may_export=True)
            case VaultDamagedError():
                words = t_("This file was damaged after it was added. Nothing of it is shown.")
                advice = t_(
                    "Use another copy of the vault, or add the file again if you still have it."
                )
                self._say(words, file, may_export=False, advice=advice, is_damage=True)
            case AttachmentNotFoundError():
                self._say(error.sentence(), file, may_export=False, advice=error.advice_in_window())
            case _:
                self._say(t_("This file could not be opened."), file, may_export=False)
                self.shell.show_error(error)

    def _say(
        self,
        words: str,
        file: AttachedFile,
        *,
        may_export: bool,
        advice: str = "",
        is_damage: bool = False,
    ) -> None:
        if may_export:
            advice = t_("To open it with another program, export a copy.")
        self.message.show_text(words, file, advice, may_export=may_export, is_damage=is_damage)
        self.pages.setCurrentWidget(self.message)
        self._enable(self.export_button, is_enabled=may_export)

    @Slot()
    def _export(self) -> None:
        self.export_wanted.emit(self._files[self._index].record)

    @Slot(bool)
    def _show_details(self, is_shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.details.setVisible(is_shown)

    # --- zoom ------------------------------------------------------------------------------------

    @Slot()
    def _tell_zoom(self) -> None:
        self.zoom.setText(f"{self.canvas.percent()}%" if self.canvas.is_filled else "")

    def _enable_zoom(self, *, is_enabled: bool) -> None:
        for button in (
            self.zoom_out_button,
            self.zoom_in_button,
            self.fit_button,
            self.pixels_button,
        ):
            self._enable(button, is_enabled=is_enabled)
        self._tell_zoom()

    # --- keys ------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Claim our keys before a shortcut of the page below gets them."""
        is_claim = event.type() is QEvent.Type.ShortcutOverride
        if is_claim and isinstance(event, QKeyEvent) and self._step_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the size of what is covered, and take our keys from the buttons."""
        covered = self.parentWidget()
        if covered is not None and watched is covered:
            if event.type() is QEvent.Type.Resize:
                self.setGeometry(covered.rect())
            return False
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key_pressed(event)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go to another file, zoom, move or leave."""
        if not self._key_pressed(event):
            super().keyPressEvent(event)

    def _key_pressed(self, event: QKeyEvent) -> bool:
        step = self._step_of(event)
        if step is None:
            return False
        step()
        return True

    def _step_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        if event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier
            | Qt.KeyboardModifier.AltModifier
            | Qt.KeyboardModifier.MetaModifier
        ):
            return None
        key = Qt.Key(event.key())
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_mirrored = self.isRightToLeft()
        match key:
            case Qt.Key.Key_Left if has_shift:
                return lambda: self.canvas.move_by(_MOVE, 0)
            case Qt.Key.Key_Right if has_shift:
                return lambda: self.canvas.move_by(-_MOVE, 0)
            case Qt.Key.Key_Left:
                return self.show_next if is_mirrored else self.show_previous
            case Qt.Key.Key_Right:
                return self.show_previous if is_mirrored else self.show_next
            case Qt.Key.Key_Up:
                return lambda: self.canvas.move_by(0, _MOVE)
            case Qt.Key.Key_Down:
                return lambda: self.canvas.move_by(0, -_MOVE)
            case _:
                return self._steps.get(key)

    def focusNextPrevChild(self, is_next: bool) -> bool:  # noqa: N802, FBT001 - Qt's name
        """Keep the Tab key among what is seen: the page below is covered."""
        # Not by Qt's chain: asking for the next in it from Python makes the one the other's owner,
        # and with the first label that goes, half the window would be dead for Python.
        tab_order.step(self, self.focusWidget(), is_forward=is_next)
        return True


class Message(QFrame):
    """What is said in place of an image, with what is known of the file."""

    def __init__(self) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(4 * style.GRID, 2 * style.GRID, 4 * style.GRID, 2 * style.GRID)
        outer.addStretch(1)
        self.words = plain_label("heading")
        self.advice = plain_label("")
        self.facts = plain_label("quiet")
        for label in (self.words, self.advice, self.facts):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            outer.addWidget(label)
        self.export_button = QPushButton(t_("Export a copy…"))
        self.export_button.setIcon(style.icon("upload"))
        outer.addSpacing(style.GRID)
        outer.addWidget(self.export_button, 0, Qt.AlignmentFlag.AlignCenter)
        outer.addStretch(2)

    def show_text(
        self, words: str, file: AttachedFile, advice: str, *, may_export: bool, is_damage: bool
    ) -> None:
        """Say it."""
        self.words.setText(words)
        style.set_role(self.words, "error" if is_damage else "heading")
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.facts.setText("\n".join(part for part in (exact_size(file), hash_lines(file)) if part))
        self.export_button.setVisible(may_export)
        self.setAccessibleName(f"{words} {advice}")


def _bar() -> tuple[QFrame, QHBoxLayout]:
    bar = QFrame()
    style.set_role(bar, "bar")
    row = QHBoxLayout(bar)
    row.setContentsMargins(style.GRID, style.GRID, style.GRID, style.GRID)
    row.setSpacing(style.GRID)
    return bar, row
