"""Fields of a person's own in a form: one widget each, in a part of their own."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from fielddoc.domain.canonical import Json
from fielddoc.domain.own_fields import VALUE
from fielddoc.domain.schema import Field
from fielddoc.domain.validation import Problem
from fielddoc.gui import style
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.gui.fields.form import FieldsForm
from fielddoc.i18n import translate


class OwnFieldsField(FieldWidget):
    """OWN: a form of the declared fields; values that nobody declared here are kept."""

    def __init__(self, field: Field, context: FieldContext) -> None:
        super().__init__()
        self._given: Json = None
        self._is_changed = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame = QFrame()
        style.set_role(frame, "card")
        outer.addWidget(frame)
        column = QVBoxLayout(frame)
        column.setContentsMargins(2 * style.GRID, 2 * style.GRID, 2 * style.GRID, 2 * style.GRID)
        column.setSpacing(style.GRID)
        words = QLabel(translate(field.help))
        words.setWordWrap(True)
        style.set_role(words, "small")
        column.addWidget(words)
        self.form = FieldsForm(field.fields, context)
        self.form.changed.connect(self._changed)
        column.addWidget(self.form)
        self.problem = problem_label()
        column.addWidget(self.problem)
        self.setFocusProxy(self.form)

    def value(self) -> Json:
        """Return the items: those that were there in their order, then new ones."""
        if not self._is_changed:
            return self._given
        values = self.form.values()
        items: list[Json] = []
        for item in self._items():
            identity = str(item.get("id"))
            if identity in values:
                items.append({**item, VALUE: values.pop(identity)})
        items += [{"id": identity, VALUE: value} for identity, value in values.items()]
        return items or None

    def set_value(self, value: Json) -> None:
        """Show the values of the declared fields."""
        self._given = value
        self._is_changed = False
        self.form.set_values({str(item.get("id")): item.get(VALUE) for item in self._items()})

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong with the whole."""
        show_sentence(self.problem, sentence)

    def show_part_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong with each field."""
        self.show_problem("")
        self.form.show_problems(problems)

    def focus_part(self, path: str) -> None:
        """Put the focus into one of the fields."""
        self.form.focus_field(path)

    def focused_part(self) -> str:
        """Return the field that has the focus."""
        return self.form.focused_path()

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the fields be read only."""
        self.form.set_read_only(is_read_only=is_read_only)

    def _items(self) -> list[dict[str, Json]]:
        items = self._given if isinstance(self._given, list) else []
        return [item for item in items if isinstance(item, dict)]

    def _changed(self) -> None:
        self._is_changed = True
        self.changed.emit()
