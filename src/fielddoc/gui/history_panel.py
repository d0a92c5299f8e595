"""What changed in a record, when and by whom, and the way back to an earlier state."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from fielddoc.bundle.history_in_words import Step, steps_of
from fielddoc.gui import style
from fielddoc.gui.lines_delegate import LinesDelegate
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import language_of_system, t_
from fielddoc.vault import history

_PLACE = Qt.ItemDataRole.UserRole


class HistoryPanel(QWidget):
    """Lists the revisions of a record and restores an earlier state as a new revision."""

    restored = Signal(str)

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self._session = session
        self._shell = shell
        self._record = ""
        self.steps: list[Step] = []
        column = QVBoxLayout(self)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        column.addWidget(self.splitter, 1)
        self.list = QListWidget()
        self.list.setAccessibleName(t_("Versions, newest first"))
        self.list.setWordWrap(True)
        self.list.setItemDelegate(LinesDelegate(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.currentItemChanged.connect(self._show_step)
        self.splitter.addWidget(self.list)
        lower = QFrame()
        style.set_role(lower, "card")
        inner = QVBoxLayout(lower)
        inner.setContentsMargins(edge, edge, edge, edge)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table = QWidget()
        self.grid = QGridLayout(self.table)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(2 * style.GRID)
        self.grid.setColumnStretch(1, 1)
        self.grid.setColumnStretch(2, 1)
        scroll.setWidget(self.table)
        inner.addWidget(scroll, 1)
        row = QHBoxLayout()
        self.restore_button = QPushButton(t_("Make it so again"))
        self.restore_button.setIcon(style.icon("rotate-ccw"))
        self.restore_button.setToolTip(
            t_("Writes a new version with the values of this one. No version is lost.")
        )
        self.restore_button.clicked.connect(self.restore_step)
        row.addWidget(self.restore_button)
        row.addStretch(1)
        inner.addLayout(row)
        self.splitter.addWidget(lower)
        self.splitter.setSizes([240, 320])

    def show_record(self, record: str) -> None:
        """Show the history of this record."""
        self._record = record
        language = language_of_system()

        def show(steps: list[Step]) -> None:
            if record == self._record:
                self._show(steps)

        self._session.ask(self, lambda vault: steps_of(vault, record, language), show)

    def _show(self, steps: list[Step]) -> None:
        self.steps = steps
        self.list.clear()
        for place, step in enumerate(steps):
            now = t_("now") if place == 0 else ""
            # Each part keeps its own direction where the line runs from right to left.
            parts = [f"\u2068{part}\u2069" for part in (step.when, step.who, now) if part]
            first = "  ·  ".join(parts)
            item = QListWidgetItem(f"{first}\n{step.summary}")
            item.setData(_PLACE, place)
            self.list.addItem(item)
        if steps:
            self.list.setCurrentRow(0)

    @Slot()
    def _show_step(self) -> None:
        while self.grid.count():
            taken = self.grid.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.deleteLater()
        chosen = self.list.currentItem()
        if chosen is None:
            return
        place = int(chosen.data(_PLACE))
        self.restore_button.setEnabled(place > 0)
        for column, words in enumerate((t_("What"), t_("Before"), t_("After"))):
            head = QLabel(words)
            style.set_role(head, "small")
            self.grid.addWidget(head, 0, column)
        for row, change in enumerate(self.steps[place].changes, 1):
            for column, words in enumerate((change.label, change.before, change.after)):
                if not words:
                    continue
                label = QLabel(words)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setWordWrap(True)
                label.setAlignment(Qt.AlignmentFlag.AlignTop)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                if column == 0:
                    style.set_role(label, "quiet")
                self.grid.addWidget(label, row, column)
        self.grid.setRowStretch(self.grid.rowCount(), 1)

    @Slot()
    def restore_step(self) -> None:
        """Make the record what it was at the chosen version, with Undo."""
        place = self.list.currentRow()
        if not 0 <= place < len(self.steps):
            return
        record = self._record
        chosen, newest = self.steps[place].entry.revision, self.steps[0].entry.revision

        def go(revision: str, words: str, *, has_undo: bool) -> None:
            def back() -> None:
                go(newest, t_("Undone."), has_undo=False)

            def done(_: object) -> None:
                self._shell.say(words, back if has_undo else None)
                self.restored.emit(record)
                if record == self._record:
                    self.show_record(record)

            self._session.ask(self, lambda vault: history.restore_to(vault, record, revision), done)

        go(chosen, t_("The earlier version holds again."), has_undo=True)
