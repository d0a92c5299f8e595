"""Risks in groups: by the people who are exposed, or by kind; what threatens most first."""

import datetime
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.partial_date import PartialDateError, describe, parse_edtf
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.gui import style
from fielddoc.gui.lines_delegate import LinesDelegate
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.i18n import language_of_system, t_
from fielddoc.vault import risks, titles
from fielddoc.vault.risks import Grouping, ListedRisk
from fielddoc.vault.vault import Vault

_RECORD = Qt.ItemDataRole.UserRole
_Row = tuple[str, list[tuple[str, tuple[str, ...]]]]
"""The heading of a group; id and columns of each risk."""


class RisksPage(QWidget):
    """A tree of groups and their risks; Enter or a double click opens a risk."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        column = QVBoxLayout(self)
        edge = 3 * style.GRID
        column.setContentsMargins(edge, 2 * style.GRID, edge, 2 * style.GRID)
        column.setSpacing(style.GRID)
        title = QLabel(t_("Risks at a glance"))
        style.set_role(title, "title")
        column.addWidget(title)
        row = QHBoxLayout()
        label = QLabel(t_("In groups by"))
        row.addWidget(label)
        self.grouping = QComboBox()
        self.grouping.setAccessibleName(t_("In groups by"))
        self.grouping.addItem(t_("person"), Grouping.PERSON)
        self.grouping.addItem(t_("kind"), Grouping.KIND)
        self.grouping.activated.connect(self.enter)
        row.addWidget(self.grouping)
        row.addStretch(1)
        self.due = QLabel()
        style.set_role(self.due, "warning")
        row.addWidget(self.due)
        column.addLayout(row)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(t_("Risks at a glance"))
        self.tree.setHeaderLabels(
            [t_("Risk"), t_("How likely"), t_("How severe"), t_("State"), t_("Look at it again on")]
        )
        self.tree.setItemDelegate(LinesDelegate(self.tree))
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.setAllColumnsShowFocus(True)
        self.tree.itemActivated.connect(self._open)
        column.addWidget(self.tree, 1)
        self.nothing = QLabel(
            t_("No risk is recorded yet. A risk is what is feared; it can become an incident.")
        )
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        style.set_role(self.nothing, "quiet")
        column.addWidget(self.nothing, 1)
        session.record_changed.connect(self._changed)
        self.setFocusProxy(self.grouping)

    def begin(self) -> None:
        """Put the focus where one begins."""
        (self.tree if self.tree.topLevelItemCount() else self.grouping).setFocus()

    @Slot()
    def enter(self) -> None:
        """Bring the overview up to date."""
        grouping = self.grouping.currentData()
        language = language_of_system()
        today = datetime.datetime.now().astimezone().date()
        step = partial(_rows, grouping=grouping, language=language, today=today)
        self.session.ask(self, step, self._show)

    @Slot()
    def _changed(self) -> None:
        if self.isVisible():
            self.enter()

    def _show(self, answer: tuple[list[_Row], int]) -> None:
        groups, due = answer
        self.tree.clear()
        for heading, rows in groups:
            group = QTreeWidgetItem(
                [t_("{heading} ({count})").format(heading=heading, count=len(rows))]
            )
            group.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.tree.addTopLevelItem(group)
            group.setFirstColumnSpanned(True)
            for record, columns in rows:
                item = QTreeWidgetItem(list(columns))
                item.setIcon(0, style.icon("shield-alert"))
                item.setData(0, _RECORD, record)
                group.addChild(item)
            group.setExpanded(True)
        self.tree.setVisible(bool(groups))
        self.nothing.setVisible(not groups)
        self.due.setText(t_("To be looked at again: {count}").format(count=due) if due else "")

    @Slot(QTreeWidgetItem, int)
    def _open(self, item: QTreeWidgetItem, _column: int) -> None:
        record = item.data(0, _RECORD)
        if record:
            self.shell.open_record(str(record))

    # --- Page ------------------------------------------------------------------------------------

    def save_now(self) -> None:
        """Keep nothing: nothing is typed here."""

    def leave(self) -> None:
        """Leave nothing behind."""

    def place(self) -> Place:
        """Return by what the risks are grouped."""
        return {"by": self.grouping.currentData().value}

    def restore(self, place: Place) -> None:
        """Group as before."""
        by = place.get("by")
        for number in range(self.grouping.count()):
            if self.grouping.itemData(number).value == by:
                self.grouping.setCurrentIndex(number)
                self.enter()


def _rows(
    vault: Vault, *, grouping: Grouping, language: str, today: datetime.date
) -> tuple[list[_Row], int]:
    groups = risks.overview(vault, grouping, today)
    rows = [
        (
            _heading(vault, grouping, group.key, language),
            [(risk.record, _columns(vault, risk, language)) for risk in group.risks],
        )
        for group in groups
    ]
    return rows, len(risks.reviews_due(vault, today))


def _heading(vault: Vault, grouping: Grouping, key: str, language: str) -> str:
    if grouping is Grouping.PERSON:
        return visible(titles.title(vault, key, language)) if key else t_("Nobody in particular")
    return visible(vocabulary("risk-kinds").label(key, language)) or t_("No kind given")


def _columns(vault: Vault, risk: ListedRisk, language: str) -> tuple[str, ...]:
    return (
        visible(titles.title(vault, risk.record, language)),
        visible(vocabulary("likelihood").label(risk.likelihood, language)),
        visible(vocabulary("severity").label(risk.severity, language)),
        visible(vocabulary("risk-state").label(risk.state or risks.OPEN, language)),
        _review(risk, language),
    )


def _review(risk: ListedRisk, language: str) -> str:
    try:
        words = describe(parse_edtf(risk.review), language)
    except PartialDateError:
        return visible(risk.review)
    return t_("{day}: now").format(day=words) if risk.is_review_due else words
