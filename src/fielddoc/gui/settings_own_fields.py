"""Declaring fields of one's own, and taking them away again."""

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.canonical import Json
from fielddoc.domain.own_fields import OwnField, OwnKind
from fielddoc.domain.record_types import OWN_FIELD, RECORD_TYPES, record_type
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.gui import style
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.fields.lines import TYPED
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import language_of_system, t_, translate
from fielddoc.vault import own_fields, records


class OwnFieldsCard(QFrame):
    """The declared fields with a button each, and a small form for a new one."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        style.set_role(self, "card")
        self._session = session
        self._shell = shell
        column = QVBoxLayout(self)
        edge = 2 * style.GRID
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(style.GRID)
        head = QLabel(t_("Fields of your own"))
        style.set_role(head, "heading")
        column.addWidget(head)
        words = QLabel(t_("They stand in the forms that you choose, and travel with bundles."))
        words.setWordWrap(True)
        style.set_role(words, "small")
        column.addWidget(words)
        self.rows = QVBoxLayout()
        column.addLayout(self.rows)
        self.label = QLineEdit()
        self.label.setPlaceholderText(t_("Label of a new field"))
        self.label.setAccessibleName(t_("Label of a new field"))
        self.label.setInputMethodHints(TYPED)
        self.label.textChanged.connect(self._allow)
        column.addWidget(self.label)
        row = QHBoxLayout()
        self.kind = QComboBox()
        self.kind.setAccessibleName(t_("What it holds"))
        language = language_of_system()
        for term in vocabulary("own-field-kinds").terms:
            self.kind.addItem(term.label(language), term.code)
        self.kind.currentIndexChanged.connect(self._allow)
        row.addWidget(QLabel(t_("What it holds")))
        row.addWidget(self.kind, 1)
        column.addLayout(row)
        self.choices = QLineEdit()
        self.choices.setPlaceholderText(t_("The choices, apart by commas"))
        self.choices.setAccessibleName(t_("The choices, apart by commas"))
        self.choices.setInputMethodHints(TYPED)
        self.choices.textChanged.connect(self._allow)
        column.addWidget(self.choices)
        column.addWidget(QLabel(t_("Where it stands")))
        flow = FlowLayout(spacing=style.GRID)
        self.types: dict[str, QCheckBox] = {}
        for declared in RECORD_TYPES:
            box = QCheckBox(translate(declared.label))
            box.toggled.connect(self._allow)
            self.types[declared.name] = box
            flow.addWidget(box)
        column.addLayout(flow)
        foot = QHBoxLayout()
        self.add_button = QPushButton(t_("Add the field"))
        self.add_button.setIcon(style.icon("plus"))
        self.add_button.clicked.connect(self.add)
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        column.addLayout(foot)
        self._allow()

    def refresh(self) -> None:
        """Show the fields that are declared now."""
        self._session.ask(self, own_fields.declared_in, self._show)

    def _show(self, found: tuple[OwnField, ...]) -> None:
        while self.rows.count():
            item = self.rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for one in found:
            self.rows.addWidget(self._row(one))

    def _row(self, one: OwnField) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        places = [translate(known.label) for name in one.applies_to if (known := record_type(name))]
        kind = vocabulary("own-field-kinds").label(one.kind.value, language_of_system())
        words = QLabel(f"{visible(one.label)}  ·  {', '.join(places)}  ·  {kind}")
        words.setWordWrap(True)
        row.addWidget(words, 1)
        remove = QPushButton(t_("Remove"))
        remove.setIcon(style.icon("trash-2"))
        remove.setAccessibleName(t_("Remove the field {label}").format(label=visible(one.label)))
        style.set_role(remove, "plain")
        remove.clicked.connect(partial(self._remove, one.id))
        row.addWidget(remove)
        return line

    def _chosen_types(self) -> list[Json]:
        return [name for name, box in self.types.items() if box.isChecked()]

    def _chosen_choices(self) -> list[Json]:
        typed = self.choices.text().replace("，", ",").replace("、", ",").split(",")
        return [part.strip() for part in typed if part.strip()]

    @Slot()
    def _allow(self) -> None:
        is_choice = self.kind.currentData() == OwnKind.CHOICE.value
        self.choices.setVisible(is_choice)
        is_whole = bool(self.label.text().strip()) and bool(self._chosen_types())
        self.add_button.setEnabled(is_whole and (not is_choice or bool(self._chosen_choices())))

    @Slot()
    def add(self) -> None:
        """Declare the field."""
        values: dict[str, Json] = {
            "label": self.label.text().strip(),
            "kind": str(self.kind.currentData()),
            "applies_to": self._chosen_types(),
        }
        if self.kind.currentData() == OwnKind.CHOICE.value:
            values["vocabulary"] = self._chosen_choices()

        def done(_: object) -> None:
            self.label.clear()
            self.choices.clear()
            self._told(t_("The field stands in the forms now."))

        self._session.ask(self, lambda vault: records.add(vault, OWN_FIELD.name, values), done)

    def _remove(self, record: str, *_: object) -> None:
        """Move a declaration to the trash; what was filled in stays with its records."""

        def back() -> None:
            self._session.ask(
                self, lambda vault: records.restore(vault, record), lambda _: self._told("")
            )

        def done(_: object) -> None:
            self._told("")
            self._shell.say(t_("Moved to the trash. What was filled in stays."), back)

        self._session.ask(self, lambda vault: records.delete(vault, record), done)

    def _told(self, words: str) -> None:
        if words:
            self._shell.say(words)
        self.refresh()
        self._session.record_changed.emit("")
