"""Who a source is: fields that are sealed apart from everything else."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from fielddoc.domain.canonical import Json
from fielddoc.domain.schema import Field
from fielddoc.domain.validation import Problem
from fielddoc.gui import style
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.gui.fields.form import FieldsForm
from fielddoc.i18n import t_, translate
from fielddoc.vault import compartment_passphrase
from fielddoc.vault.compartment import is_sealed
from fielddoc.vault.compartment_passphrase import CompartmentState


class SealedField(FieldWidget):
    """SEALED: a form in a frame of its own, which says what is special about it."""

    def __init__(self, field: Field, context: FieldContext) -> None:
        super().__init__()
        self._given: Json = None
        self._is_kept = False
        self._is_changed = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame = QFrame()
        style.set_role(frame, "note")
        outer.addWidget(frame)
        column = QVBoxLayout(frame)
        column.setContentsMargins(2 * style.GRID, 2 * style.GRID, 2 * style.GRID, 2 * style.GRID)
        column.setSpacing(style.GRID)
        head = QHBoxLayout()
        head.setSpacing(style.GRID)
        picture = QLabel()
        side = style.scaled(16)
        picture.setPixmap(style.icon("lock-keyhole").pixmap(QSize(side, side)))
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        what = QLabel(translate(field.help))
        what.setWordWrap(True)
        head.addWidget(what, 1)
        column.addLayout(head)
        self.unopened = QLabel(
            t_("What is sealed here cannot be opened with this vault. It is kept as it is.")
        )
        self.unopened.setWordWrap(True)
        column.addWidget(self.unopened)
        self.to_settings = QPushButton(t_("Open them in the settings"))
        self.to_settings.clicked.connect(self._go_to_settings)
        row = QHBoxLayout()
        row.addWidget(self.to_settings)
        row.addStretch(1)
        column.addLayout(row)
        self._is_closed = False
        self._context = context
        self.form = FieldsForm(field.fields, context)
        self.form.changed.connect(self._changed)
        column.addWidget(self.form)
        self.problem = problem_label()
        column.addWidget(self.problem)
        self.unopened.hide()
        self.to_settings.hide()
        self.setFocusProxy(self.form)

    def value(self) -> Json:
        """Return what is to be sealed, or what could not be opened, or None."""
        if self._is_kept or not self._is_changed:
            return self._given
        return self.form.values() or None

    def set_value(self, value: Json) -> None:
        """Show what was opened; what is sealed still is kept and said to be."""
        self._given = value
        self._is_changed = False
        self._is_kept = value is not None and (not isinstance(value, dict) or is_sealed(value))
        self._show_state()
        self._context.session.ask(self, compartment_passphrase.state_of, self._know)
        self.form.set_values(value if isinstance(value, dict) and not self._is_kept else {})

    @Slot()
    def _go_to_settings(self) -> None:
        self._context.shell.go("settings", {"card": "sources"})

    def _know(self, state: CompartmentState) -> None:
        self._is_closed = not state.is_open
        self._show_state()

    def _show_state(self) -> None:
        """Show what was opened, or that nothing can be read or written while it is closed."""
        is_shut = self._is_kept or self._is_closed
        self.unopened.setText(
            t_("Who sources are is closed. Open it with its own passphrase to read or write it.")
            if self._is_closed
            else t_("What is sealed here cannot be opened with this vault. It is kept as it is.")
        )
        self.unopened.setVisible(is_shut)
        self.to_settings.setVisible(self._is_closed)
        self.form.setVisible(not is_shut)

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong with the whole."""
        show_sentence(self.problem, sentence)

    def show_part_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong with the fields inside."""
        self.form.show_problems(problems)

    def focus_part(self, path: str) -> None:
        """Put the focus into a field inside."""
        self.form.focus_field(path)

    def focused_part(self) -> str:
        """Return the path of the field inside that has the focus."""
        return self.form.focused_path()

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the fields be read only."""
        self.form.set_read_only(is_read_only=is_read_only)

    def _changed(self) -> None:
        self._is_changed = True
        self.changed.emit()
