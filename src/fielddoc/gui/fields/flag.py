"""The field that is true or false."""

from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from fielddoc.domain.canonical import Json
from fielddoc.domain.schema import Field
from fielddoc.gui import style
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.i18n import translate


class FlagField(FieldWidget):
    """FLAG: a box to tick, with its label beside it. What nobody ticked holds nothing."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._given: Json = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self.box = QCheckBox(translate(field.label))
        self.box.setToolTip(translate(field.help))
        self.box.setAccessibleDescription(translate(field.help))
        self.box.clicked.connect(self.changed)
        self.problem = problem_label()
        column.addWidget(self.box)
        column.addWidget(self.problem)
        self.setFocusProxy(self.box)

    def value(self) -> Json:
        """Return True, or what was given if the box still says the same, or None."""
        if self.box.isChecked() == (self._given is True):
            return self._given
        return True if self.box.isChecked() else None

    def set_value(self, value: Json) -> None:
        """Tick the box for True and for nothing else."""
        self._given = value
        self.box.setChecked(value is True)

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    @property
    def is_complete_in_itself(self) -> bool:
        """Answer yes: the label stands beside the box."""
        return True
