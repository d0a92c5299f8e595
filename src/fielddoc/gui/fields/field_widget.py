"""What every field widget is: a value in, a value out, and its problem in words below."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from fielddoc.domain.canonical import Json
from fielddoc.domain.validation import Problem
from fielddoc.gui import style


class FieldWidget(QWidget):
    """A field of a form. What it is given and cannot show, it gives back unchanged."""

    changed = Signal()
    """The person changed the value. `set_value` does not emit it."""

    def value(self) -> Json:
        """Return what stands here, or None if nothing does."""
        raise NotImplementedError

    def set_value(self, value: Json) -> None:
        """Show this value; None empties the field."""
        raise NotImplementedError

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong with the value; an empty sentence shows nothing."""
        raise NotImplementedError

    def show_part_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong with parts; their paths begin behind this field's own name."""
        self.show_problem(problems[0].sentence() if problems else "")

    def focus_part(self, path: str) -> None:  # noqa: ARG002 - fields with parts use it
        """Put the focus into the part at `path`, or into the field if it is empty."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def focused_part(self) -> str:
        """Return the path of the part that has the focus, empty if the field has no parts."""
        return ""

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the value be read but not changed."""
        self.setEnabled(not is_read_only)

    @property
    def is_complete_in_itself(self) -> bool:
        """Whether the field shows its own label."""
        return False


def problem_label() -> QLabel:
    """Return the line below a field that says what is wrong; hidden while nothing is."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    style.set_role(label, "warning")
    label.hide()
    return label


def show_sentence(label: QLabel, sentence: str) -> None:
    """Show a sentence, or hide the label if it is empty."""
    label.setText(sentence)
    label.setVisible(bool(sentence))
