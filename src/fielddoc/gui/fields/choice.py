"""A field with choices of a person's own: one of them, or nothing."""

from PySide6.QtWidgets import QComboBox, QVBoxLayout

from fielddoc.domain.canonical import Json
from fielddoc.domain.schema import Field
from fielddoc.domain.words import as_text
from fielddoc.gui import style
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.i18n import t_, translate


class ChoiceField(FieldWidget):
    """TEXT with choices: a box to choose from; another text that stands there is kept and shown."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._given: Json = None
        self._choices = field.choices
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self.box = QComboBox()
        self.box.setAccessibleName(translate(field.label))
        self.box.activated.connect(self._chosen)
        self.problem = problem_label()
        column.addWidget(self.box)
        column.addWidget(self.problem)
        self.setFocusProxy(self.box)
        self.set_value(None)

    def value(self) -> Json:
        """Return the chosen text, or what was given, or None."""
        return self._given

    def set_value(self, value: Json) -> None:
        """Show this text, also if it is none of the choices."""
        self._given = value
        self.box.clear()
        self.box.addItem(t_("(nothing)"), None)
        for choice in self._choices:
            self.box.addItem(choice, choice)
        if value is not None and value not in self._choices:
            self.box.addItem(as_text(value), value)
        self.box.setCurrentIndex(max(0, self.box.findData(value)))

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    def _chosen(self) -> None:
        chosen = self.box.currentData()
        if chosen != self._given:
            self._given = chosen
            self.changed.emit()
