"""What a record is linked with, read from its side, and adding a link in a role."""

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.record_types import record_type
from fielddoc.domain.relations import roles_of
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.gui import style
from fielddoc.gui.direction import isolated
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.link import TYPE_ICONS, LinkField
from fielddoc.gui.lines_delegate import LinesDelegate
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import N_, language_of_system, t_, translate
from fielddoc.vault import records, related
from fielddoc.vault import undo as undoing
from fielddoc.vault.related import ROLES, Related
from fielddoc.vault.vault import Vault

_RECORD = Qt.ItemDataRole.UserRole
_OTHER = Field(name="other", kind=Kind.LINK, label=N_("Which record"))


class RelatedPanel(QWidget):
    """Lists links in both directions; Enter or a double click opens the other record."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self._session = session
        self._shell = shell
        self._record = ""
        self.found: list[Related] = []
        column = QVBoxLayout(self)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        self.list = QListWidget()
        self.list.setAccessibleName(t_("Related records"))
        self.list.setWordWrap(True)
        self.list.setItemDelegate(LinesDelegate(self.list))
        self.list.itemActivated.connect(self._open)
        column.addWidget(self.list, 1)
        self.nothing = QLabel(t_("It is linked with nothing yet."))
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        style.set_role(self.nothing, "quiet")
        column.addWidget(self.nothing, 1)
        column.addWidget(self._adding())

    def _adding(self) -> QFrame:
        card = QFrame()
        style.set_role(card, "card")
        column = QVBoxLayout(card)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        head = QLabel(t_("Add a link"))
        style.set_role(head, "heading")
        column.addWidget(head)
        self.role = QComboBox()
        self.role.setAccessibleName(t_("This record"))
        row = QHBoxLayout()
        row.addWidget(QLabel(t_("This record")))
        row.addWidget(self.role, 1)
        column.addLayout(row)
        self.other = LinkField(_OTHER, FieldContext(self._session, self._shell))
        self.other.changed.connect(self._allow)
        column.addWidget(self.other)
        foot = QHBoxLayout()
        self.add_button = QPushButton(t_("Add the link"))
        self.add_button.setIcon(style.icon("link"))
        self.add_button.setEnabled(False)
        self.add_button.clicked.connect(self.add)
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        column.addLayout(foot)
        return card

    def show_record(self, record: str) -> None:
        """Show what this record is linked with."""
        if record != self._record:
            self.other.set_value(None)
            self._allow()
        self._record = record
        language = language_of_system()

        def show(told: tuple[str, list[Related]]) -> None:
            if record == self._record:
                self._offer_roles(told[0])
                self._show(told[1])

        def step(vault: Vault) -> tuple[str, list[Related]]:
            type_name = records.type_of(vault, record) or ""
            return type_name, related.related(vault, record, language)

        self._session.ask(self, step, show)

    def _offer_roles(self, type_name: str) -> None:
        """Offer the roles that a record of this type can have; the one that is chosen stays."""
        chosen, language = self.role.currentData(), language_of_system()
        self.role.clear()
        for code in roles_of(type_name):
            self.role.addItem(vocabulary(ROLES).label(code, language), code)
        self.role.setCurrentIndex(max(0, self.role.findData(chosen)))

    def _show(self, found: list[Related]) -> None:
        self.found = found
        self.list.clear()
        for one in found:
            declared = record_type(one.type)
            kind = translate(declared.label) if declared else t_("not in this vault")
            parts = [kind if kind.casefold() != one.reading.casefold() else ""]
            parts.append(t_("in the trash") if one.in_trash else "")
            second = "  ·  ".join(part for part in parts if part)
            item = QListWidgetItem(
                style.icon(TYPE_ICONS.get(one.type, "file")),
                t_("{name}: {value}").format(name=one.reading, value=isolated(visible(one.title)))
                + (f"\n{second}" if second else ""),
            )
            item.setData(_RECORD, one.record if one.type else "")
            self.list.addItem(item)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        if found:
            self.list.setCurrentRow(0)

    @Slot(QListWidgetItem)
    def _open(self, item: QListWidgetItem) -> None:
        record = str(item.data(_RECORD))
        if record:
            self._shell.open_record(record)

    def _chosen(self) -> str:
        value = self.other.value()
        return value if isinstance(value, str) and not self.other.line.isVisibleTo(self) else ""

    @Slot()
    def _allow(self) -> None:
        self.add_button.setEnabled(bool(self._chosen()))

    @Slot()
    def add(self) -> None:
        """Add the link, with Undo."""
        record, other, role = self._record, self._chosen(), str(self.role.currentData())
        if not record or not other:
            return

        def done(_: object) -> None:
            self.other.set_value(None)
            self._allow()
            self._shell.say(
                t_("Linked. The other record shows it too."), partial(self._undo, record)
            )
            self._session.record_changed.emit(record)
            self.show_record(record)

        self._session.ask(self, lambda vault: related.add_link(vault, record, role, other), done)

    def _undo(self, record: str) -> None:
        def done(_: object) -> None:
            self._session.record_changed.emit(record)
            self.show_record(self._record)

        self._session.ask(self, _undone, done)


def _undone(vault: Vault) -> object:
    return undoing.undo(vault)
