"""Fields of text: one line, many lines, a list of lines; and numbers, which are typed as text."""

import re
import unicodedata

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fielddoc.domain.canonical import MAXIMUM_INTEGER, Json
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.words import as_text
from fielddoc.gui import style
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.gui.fields.lines import LongText, TextLine, remove_button
from fielddoc.i18n import t_, translate

_DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_NUMBER_WIDTH = 160


class TextField(FieldWidget):
    """TEXT, NUMBER and INTEGER: one line. What is no number stays as it was typed."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._kind = field.kind
        self._given: Json = None
        self._given_text = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self.line = TextLine()
        self.line.setAccessibleName(translate(field.label))
        if field.kind is not Kind.TEXT:
            self.line.setMaximumWidth(style.scaled(_NUMBER_WIDTH))
        self.line.typed.connect(self.changed)
        self.problem = problem_label()
        column.addWidget(self.line)
        column.addWidget(self.problem)
        self.setFocusProxy(self.line)

    def value(self) -> Json:
        """Return the text or number, or None if the line is empty."""
        text = self.line.typed_text()
        if text == self._given_text:
            return self._given
        if self._kind is Kind.TEXT:
            return text or None
        return _number(text, self._kind)

    def set_value(self, value: Json) -> None:
        """Show a text or number; anything else is shown as JSON and kept."""
        self._given = value
        self.line.show_text(as_text(value))
        self._given_text = self.line.typed_text()

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the text be read and copied only."""
        self.line.setReadOnly(is_read_only)


class LongTextField(FieldWidget):
    """LONG_TEXT: grows with what is typed."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._given: Json = None
        self._given_text = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self.text = LongText()
        self.text.setAccessibleName(translate(field.label))
        self.text.typed.connect(self.changed)
        self.problem = problem_label()
        column.addWidget(self.text)
        column.addWidget(self.problem)
        self.setFocusProxy(self.text)

    def value(self) -> Json:
        """Return the text, or None if there is none."""
        text = self.text.typed_text()
        return self._given if text == self._given_text else text or None

    def set_value(self, value: Json) -> None:
        """Show a text; anything else is shown as JSON and kept."""
        self._given = value
        self.text.show_text(as_text(value))
        self._given_text = self.text.typed_text()

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the text be read and copied only."""
        self.text.setReadOnly(is_read_only)


class TextsField(FieldWidget):
    """TEXTS: one line each, with one more to type in; Enter goes on to the next."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._label = translate(field.label)
        self._given: Json = None
        self._is_changed = False
        self._lines: list[_OneOfTexts] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(style.GRID // 2)
        column.addLayout(self._rows)
        self.problem = problem_label()
        column.addWidget(self.problem)
        self.add_button = QPushButton(t_("Add a line"))
        self.add_button.setIcon(style.icon("plus", style.colours_now().accent))
        self.add_button.setAccessibleName(t_("Add a line: {field}").format(field=self._label))
        style.set_role(self.add_button, "plain")
        self.add_button.clicked.connect(self._add_and_go)
        foot = QHBoxLayout()
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        column.addLayout(foot)
        self._add(None)

    def value(self) -> Json:
        """Return the lines that hold something, or None."""
        if not self._is_changed:
            return self._given
        return [text for line in self._lines if (text := line.value()) is not None] or None

    def set_value(self, value: Json) -> None:
        """Show a list of texts; what is no list is shown as one line and kept."""
        self._given = value
        self._is_changed = False
        parts: list[Json] = list(value) if isinstance(value, list) else [value]
        parts = parts or [None]
        for line in self._lines[len(parts) :]:
            self._take_away(line)
        for line, part in zip(self._lines, parts, strict=False):
            line.set_value(part)
        for part in parts[len(self._lines) :]:
            self._add(part)

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    def focus_part(self, path: str) -> None:
        """Put the focus into the line of this number, the first without one."""
        number = int(path) if path.isdecimal() else 1
        self._lines[min(max(number, 1), len(self._lines)) - 1].line.setFocus()

    def focused_part(self) -> str:
        """Return the number of the line that has the focus."""
        numbers = (n for n, line in enumerate(self._lines, 1) if line.line.hasFocus())
        return str(next(numbers, ""))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the lines be read and copied only."""
        for line in self._lines:
            line.set_read_only(is_read_only=is_read_only)
        self.add_button.setEnabled(not is_read_only)

    def _add(self, value: Json) -> "_OneOfTexts":
        row = _OneOfTexts(self._label)
        row.set_value(value)
        row.line.typed.connect(self._changed)
        row.line.returnPressed.connect(self._add_and_go)
        row.removed.clicked.connect(self._remove)
        self._lines.append(row)
        self._rows.addWidget(row)
        self.setFocusProxy(self._lines[0].line)
        return row

    def _changed(self) -> None:
        self._is_changed = True
        self.changed.emit()

    def _add_and_go(self) -> None:
        empty = (line for line in self._lines if line.value() is None)
        (next(empty, None) or self._add(None)).line.setFocus()

    def _remove(self) -> None:
        for number, line in enumerate(self._lines):
            if line.removed is not self.sender():
                continue
            had_text = line.value() is not None
            if len(self._lines) == 1:
                line.set_value(None)
            else:
                self._take_away(line)
            self._lines[max(0, number - 1)].line.setFocus()
            if had_text:
                self._changed()
            return

    def _take_away(self, line: "_OneOfTexts") -> None:
        self._lines.remove(line)
        self._rows.removeWidget(line)
        line.hide()
        line.deleteLater()
        if self._lines:
            self.setFocusProxy(self._lines[0].line)


class _OneOfTexts(QWidget):
    def __init__(self, label: str) -> None:
        super().__init__()
        self._given: Json = None
        self._given_text = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.GRID // 2)
        self.line = TextLine()
        self.line.setAccessibleName(label)
        self.removed = remove_button(t_("Remove this line"))
        row.addWidget(self.line, 1)
        row.addWidget(self.removed)

    def value(self) -> Json:
        text = self.line.typed_text()
        return self._given if text == self._given_text else text or None

    def set_value(self, value: Json) -> None:
        self._given = value
        self.line.show_text(as_text(value))
        self._given_text = self.line.typed_text()

    def set_read_only(self, *, is_read_only: bool) -> None:
        self.line.setReadOnly(is_read_only)
        self.removed.setEnabled(not is_read_only)


def _number(text: str, kind: Kind) -> Json:
    """Return the number that was typed, in full-width digits too, or the text if it is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if kind is Kind.INTEGER and re.fullmatch("-?[0-9]{1,16}", plain):
        number = int(plain)
        return number if abs(number) <= MAXIMUM_INTEGER else text
    if kind is Kind.NUMBER and _DECIMAL.fullmatch(plain):
        return plain
    return text or None
