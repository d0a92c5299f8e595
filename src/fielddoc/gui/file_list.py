"""The list of a record's files: a thumbnail or an icon, the name, and what else one must know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from fielddoc.domain.visible import visible
from fielddoc.domain.words import day_in_words
from fielddoc.errors import AttachmentNotFoundError
from fielddoc.gui import style
from fielddoc.gui.direction import isolated
from fielddoc.gui.painted_text import line_height, paint_line
from fielddoc.i18n import size_words, t_
from fielddoc.vault.attaching import AttachedFile

THUMBNAIL = 56
_SHOWN_HASH = 8

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Look:
    """What was found when a file was looked into."""

    image: QImage | None = None
    problem: str = ""
    """A sentence, where the file is not what it should be."""


class FileModel(QAbstractListModel):
    """The files of one record and what is known of how they look."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[AttachedFile] = []
        self._looks: dict[str, Look] = {}

    def set_files(self, files: Sequence[AttachedFile]) -> None:
        """Show other files; looks of contents that are still there are kept."""
        if [file.record for file in files] == [file.record for file in self.files]:
            self.files = list(files)
            if files:
                self.dataChanged.emit(self.index(0), self.index(len(files) - 1))
            return
        self.beginResetModel()
        self.files = list(files)
        kept = {file.sha256 for file in files}
        self._looks = {sha256: look for sha256, look in self._looks.items() if sha256 in kept}
        self.endResetModel()

    def set_look(self, sha256: str, look: Look) -> None:
        """Show how a content looks; of what is listed no more, nothing is kept."""
        for row, file in enumerate(self.files):
            if file.sha256 == sha256:
                self._looks[sha256] = look
                self.dataChanged.emit(self.index(row), self.index(row))

    def look(self, file: AttachedFile) -> Look | None:
        """Return how a file looks, or None if nobody looked yet."""
        return self._looks.get(file.sha256)

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Return how many files there are."""
        return 0 if parent.isValid() else len(self.files)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the name of a file, or all of its row as one sentence."""
        if not 0 <= index.row() < len(self.files):
            return None
        file = self.files[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_name(file)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            lines = (shown_name(file), facts(file), self.last_line(file))
            return ". ".join(line for line in lines if line)
        return None

    def last_line(self, file: AttachedFile) -> str:
        """Return what is wrong with a file, else the first line of its description."""
        problem = self.problem(file)
        return problem or visible(file.description.strip().partition("\n")[0])

    def problem(self, file: AttachedFile) -> str:
        """Return what is wrong with a file, or nothing."""
        if file.content is None:
            return AttachmentNotFoundError().sentence()
        look = self.look(file)
        return look.problem if look else ""


def shown_name(file: AttachedFile) -> str:
    """Return the name of a file as it is shown on one line."""
    return visible(file.name) or t_("(no name)")


def facts(file: AttachedFile) -> str:
    """Return size, day and the beginning of the hash on one line."""
    parts = []
    if file.size_bytes is not None:
        parts.append(size_words(file.size_bytes))
    if file.added_on:
        parts.append(t_("added {date}").format(date=visible(day_in_words(file.added_on))))
    if file.sha256:
        parts.append(visible(file.sha256[:_SHOWN_HASH]))
    return "  ·  ".join(isolated(part) for part in parts)


class FileDelegate(QStyledItemDelegate):
    """Paints a row; mirrored where the language runs from right to left."""

    def __init__(self, model: FileModel) -> None:
        super().__init__()
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: ARG002, N802 - Qt's name
        """Return the height that a thumbnail, or three lines of text in any script, need."""
        lines = 3 * line_height(option.font)
        return QSize(style.scaled(200), max(style.scaled(THUMBNAIL), lines) + 2 * style.GRID)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> None:
        """Paint one file."""
        file = self._model.files[index.row()]
        colours = style.colours_now()
        painter.save()
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(colours.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(colours.raised))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        whole = option.rect.adjusted(style.GRID, style.GRID, -style.GRID, -style.GRID)
        side = style.scaled(THUMBNAIL)
        box = QRect(whole.left(), whole.center().y() - side // 2, side, side)
        self._paint_box(painter, QStyle.visualRect(option.direction, whole, box), file)
        text = whole.adjusted(side + 2 * style.GRID, 0, 0, 0)
        self._paint_text(painter, option, QStyle.visualRect(option.direction, whole, text), file)
        painter.restore()

    def _paint_box(self, painter: QPainter, box: QRect, file: AttachedFile) -> None:
        look = self._model.look(file)
        if look is None or look.image is None:
            icon = "triangle-alert" if self._model.problem(file) else _icon_of(file)
            middle = QRect(box)
            side = style.scaled(24)
            middle.setSize(QSize(side, side))
            middle.moveCenter(box.center())
            painter.fillRect(box, QColor(style.colours_now().raised))
            style.icon(icon, style.colours_now().quiet).paint(painter, middle)
            return
        size = look.image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(box.topLeft(), size)
        target.moveCenter(box.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if look.image.hasAlphaChannel():
            painter.fillRect(target, Qt.GlobalColor.white)
        painter.drawImage(target, look.image)

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, room: QRect, file: AttachedFile
    ) -> None:
        colours = style.colours_now()
        last = self._model.last_line(file)
        is_problem = bool(self._model.problem(file))
        lines = [
            (shown_name(file), colours.text, Qt.TextElideMode.ElideMiddle),
            (facts(file), colours.quiet, Qt.TextElideMode.ElideRight),
        ]
        if last:
            colour = colours.danger if is_problem else colours.text
            lines.append((last, colour, Qt.TextElideMode.ElideRight))
        height = line_height(option.font)
        line = QRect(room.left(), 0, room.width(), height)
        line.moveTop(room.center().y() - height * len(lines) // 2)
        painter.setFont(option.font)
        for text, colour, elide in lines:
            painter.setPen(QColor(colour))
            paint_line(painter, line, text, option.direction, elide)
            line.translate(0, height)


def _icon_of(file: AttachedFile) -> str:
    if file.media_type.startswith("image/"):
        return "image"
    return "file-text" if file.media_type.startswith(("text/", "application/pdf")) else "file"


class FileList(QListView):
    """The list itself: Enter opens, Delete removes."""

    opened = Signal()
    removed = Signal()
    selection_changed = Signal()

    def __init__(self, model: FileModel) -> None:
        super().__init__()
        self.files = model
        self.setModel(model)
        self.delegate = FileDelegate(model)
        self.setItemDelegate(self.delegate)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(t_("Files"))
        self.selectionModel().selectionChanged.connect(self._tell)
        model.modelReset.connect(self._tell)

    def chosen(self) -> list[AttachedFile]:
        """Return the selected files, in the order of the list."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.files.files[row] for row in rows]

    def choose(self, records: Iterable[str]) -> None:
        """Select the files of these records; the first becomes the current one."""
        wanted = set(records)
        self.selectionModel().clear()
        for row, file in enumerate(self.files.files):
            if file.record in wanted:
                index = self.files.index(row)
                if not self.currentIndex().isValid():
                    flag = QItemSelectionModel.SelectionFlag.NoUpdate
                    self.selectionModel().setCurrentIndex(index, flag)
                    self.scrollTo(index)
                self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open with Enter, remove with Delete."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.opened.emit()
            case Qt.Key.Key_Delete:
                self.removed.emit()
            case _:
                super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Open the file that was clicked."""
        super().mouseDoubleClickEvent(event)
        is_left = event.button() is Qt.MouseButton.LeftButton
        if is_left and self.indexAt(event.position().toPoint()).isValid():
            self.opened.emit()

    def _tell(self) -> None:
        self.selection_changed.emit()
