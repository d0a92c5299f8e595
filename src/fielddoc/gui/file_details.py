"""What is known of an attached file, as text: size, hash, and what an image says of itself."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.visible import visible
from fielddoc.domain.words import day_in_words
from fielddoc.gui import style
from fielddoc.gui.direction import lead
from fielddoc.gui.images import Picture
from fielddoc.i18n import listed, size_words, t_
from fielddoc.vault.attaching import AttachedFile


class FileDetails(QFrame):
    """Everything that is known of a file, with its whole hash to copy."""

    def __init__(self, *, is_narrow: bool) -> None:
        super().__init__()
        style.set_role(self, "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(t_("Details"))
        outer.addWidget(scroll)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(2 * style.GRID, 2 * style.GRID, 2 * style.GRID, 2 * style.GRID)
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setHorizontalSpacing(2 * style.GRID)
        if is_narrow:
            self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
            self._form.setVerticalSpacing(2)
        self._is_narrow = is_narrow
        column.addLayout(self._form)
        column.addStretch(1)
        scroll.setWidget(inside)
        self._sha256 = ""
        self._facts: list[tuple[str, str]] = []

    def show_file(self, file: AttachedFile, picture: Picture | None = None) -> None:
        """Show what the record says, and what the image says of itself."""
        self._sha256 = file.sha256
        while self._form.rowCount():
            self._form.removeRow(0)
        self._facts = [
            (t_("File name"), visible(file.name)),
            (t_("Size"), exact_size(file)),
            ("SHA-256", hash_lines(file)),
            (t_("Added on"), visible(day_in_words(file.added_on))),
            *(_picture_facts(picture) if picture else ()),
            (t_("Description"), file.description),
        ]
        for name, value in self._facts:
            if value:
                self._form.addRow(self._label(name), self._value(value))
            if value and name == "SHA-256":
                self._form.addRow("", self._button())

    def text(self) -> str:
        """Return what is shown, a line for each name and its value."""
        return "\n".join(
            t_("{name}: {value}").format(name=name, value=value)
            for name, value in self._facts
            if value
        )

    def _button(self) -> QWidget:
        button = QPushButton(t_("Copy the SHA-256"))
        button.setIcon(style.icon("copy"))
        button.clicked.connect(self._copy)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, style.GRID)
        row.addWidget(button)
        row.addStretch(1)
        return holder

    def _label(self, name: str) -> QLabel:
        label = QLabel(name)
        style.set_role(label, "small")
        return label

    def _value(self, value: str) -> QLabel:
        label = plain_label("")
        label.setText(value)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if self._is_narrow:
            label.setContentsMargins(0, 0, 0, style.GRID)
        return label

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._sha256)


def picture_notes(picture: Picture) -> list[str]:
    """Return what one must know so as not to be misled by what is shown."""
    notes = []
    if picture.is_cut_short:
        notes.append(t_("The end of this image is missing: it was cut short before it was added."))
    if picture.levels[0].width() < picture.width:
        percent = round(100 * picture.levels[0].width() / picture.width)
        notes.append(
            t_("This image is very large: it is shown with {percent}% of its lines.").format(
                percent=percent
            )
        )
    if picture.has_more:
        notes.append(t_("This is a moving image: its first picture is shown."))
    return notes


def _picture_facts(picture: Picture) -> list[tuple[str, str]]:
    """Return what an image says of itself: foreign text, shown as such."""
    size = t_("{width} × {height} pixels").format(width=picture.width, height=picture.height)
    facts = [(t_("Image"), listed((picture.kind.value.decode().upper(), size)))]
    if picture.texts:
        written = "\n".join(f"{visible(key)}: {visible(text)}" for key, text in picture.texts)
        facts.append((t_("Written in the image file"), written))
    return facts


def exact_size(file: AttachedFile) -> str:
    """Return the size of a file in words, with every byte of it."""
    size = file.size_bytes
    if size is None:
        return ""
    short = size_words(size)
    if size < 1024:
        return short
    return t_("{short} ({bytes} bytes)").format(short=short, bytes=f"{size:,}")


def hash_lines(file: AttachedFile) -> str:
    """Return the SHA-256 in lines that fit beside an image."""
    sha256 = visible(file.sha256)
    return "\n".join(sha256[start : start + 32] for start in range(0, len(sha256), 32))


class ElidedLabel(QLabel):
    """One line of foreign text, shortened in the middle to the room that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = ""

    def set_text(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self.setAccessibleName(text)
        self._elide()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for a few letters only."""
        return QSize(style.scaled(8 * style.GRID), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shorten anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        middle = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._whole, middle, self.width()))


def plain_label(role: str) -> QLabel:
    """Return a label for foreign text, with one of the roles of `style.set_role` or none."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    lead(label)
    if role:
        style.set_role(label, role)
    return label
