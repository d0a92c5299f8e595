"""What changed in a record, when and by whom, and the way back to an earlier state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

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

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import record_type
from fielddoc.domain.revision import RECORD_PATH
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.fields.words import day_in_words, in_words, moment_in_words
from fielddoc.gui.lines_delegate import LinesDelegate
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import language_of_system, listed, t_, translate
from fielddoc.vault import history, records, titles
from fielddoc.vault.history import HistoryEntry
from fielddoc.vault.vault import Vault

_PLACE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    field: str
    """The field's own label, for a summary."""
    label: str
    """Says whose it is too, where it stands in an item."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One revision in words."""

    revision: str
    when: str
    who: str
    changes: tuple[Change, ...]

    @property
    def summary(self) -> str:
        """Return the labels of what was changed."""
        return listed(dict.fromkeys(change.field for change in self.changes))


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
        chosen, newest = self.steps[place].revision, self.steps[0].revision

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


def steps_of(vault: Vault, record: str, language: str) -> list[Step]:
    """Return the revisions of a record in words, newest first."""
    declared = record_type(records.type_of(vault, record) or "")
    values: dict[str, Json] = {}
    linked: dict[str, str] = {}
    steps: list[Step] = []
    for entry in history.history(vault, record):
        for value in entry.changes.values():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and text not in linked:
                    linked[text] = titles.title_if_here(vault, text, language)
        known = {identity: title for identity, title in linked.items() if title}
        changes = _changes(declared, entry, values, known)
        values.update(entry.changes)
        who = t_("another sender") if entry.is_foreign else _who(entry)
        steps.append(Step(entry.revision, _when(entry.written_at), who, tuple(changes)))
    return steps[::-1]


def _who(entry: HistoryEntry) -> str:
    return t_("another copy of this vault") if entry.is_brought else t_("here")


def _when(written_at: str) -> str:
    if "T" not in written_at:
        return visible(day_in_words(written_at))
    moment = datetime.strptime(written_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return moment_in_words(moment)


def _changes(
    declared: RecordType | None,
    entry: HistoryEntry,
    before: Mapping[str, Json],
    linked: Mapping[str, str],
) -> list[Change]:
    found: list[Change] = []
    for path, value in entry.changes.items():
        if path == RECORD_PATH:
            words = t_("Record")
            after = t_("moved to the trash") if value is None else t_("there")
            if path in before or value is None:
                found.append(Change(words, words, "", after))
            continue
        if path.count("/") == 1:  # an item was added, moved or removed
            if value is None:
                words = _label(declared, path)
                found.append(Change(words, words, "", t_("removed")))
            continue
        field = _field(declared, path)
        earlier = before.get(path)
        whose = _whose(declared, path, {**before, **entry.changes}, linked)
        found.append(
            Change(
                _label(declared, path.partition("/")[0]),
                _label(declared, path, whose),
                "" if earlier is None else in_words(field, earlier, linked),
                in_words(field, value, linked),
            )
        )
    return found


def _field(declared: RecordType | None, path: str) -> Field | None:
    parts = path.split("/")
    field = declared.field(parts[0]) if declared else None
    if field is None or len(parts) < 3:
        return field
    return next((inner for inner in field.fields if inner.name == parts[2]), None)


def _whose(
    declared: RecordType | None, path: str, values: Mapping[str, Json], linked: Mapping[str, str]
) -> str:
    """Return by what one knows the item in which a field stands, unless that is the field itself."""
    name, _, rest = path.partition("/")
    item, _, inner_name = rest.partition("/")
    field = declared.field(name) if declared else None
    if field is None or not inner_name or not field.fields:
        return ""
    first = next((one for one in field.fields if one.kind in _NAMING), None)
    value = values.get(f"{name}/{item}/{first.name}") if first is not None else None
    if first is None or first.name == inner_name or value in (None, "", []):
        return ""
    return in_words(first, value, linked)


_NAMING = (Kind.LINK, Kind.LINKS, Kind.TEXT, Kind.TERM)


def _label(declared: RecordType | None, path: str, whose: str = "") -> str:
    parts = path.split("/")
    field = declared.field(parts[0]) if declared else None
    if field is None:
        return visible(parts[0])
    inner = _field(declared, path) if len(parts) == 3 else None
    if inner is None or inner is field:
        return translate(field.label)
    name = translate(field.label)
    if whose:
        name = t_("{heading} ({count})").format(heading=name, count=whose)
    return t_("{name}: {value}").format(name=name, value=translate(inner.label))
