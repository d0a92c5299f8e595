"""A date as far as it is known, together with whether it was inferred and the words it came in."""

import datetime
import re
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import (
    PartialDate,
    PartialDateError,
    Precision,
    Reason,
    describe,
    parse_edtf,
    parse_typed,
)
from fielddoc.domain.schema import Field
from fielddoc.domain.words import as_text
from fielddoc.gui import style
from fielddoc.gui.fields.field_widget import FieldWidget, show_sentence
from fielddoc.gui.fields.flag import FlagField
from fielddoc.gui.fields.fold_button import FoldButton
from fielddoc.gui.fields.lines import TextLine
from fielddoc.gui.fields.text import TextField
from fielddoc.i18n import N_, in_a_row, language_of_system, t_, translate

UNKNOWN = "XXXX"
_EXACT, _ABOUT, _MONTH, _YEAR, _NOT_KNOWN, _OTHER = range(6)
_CHOICES = (
    N_("exact day"),
    N_("about"),
    N_("month only"),
    N_("year only"),
    N_("not known"),
    N_("as typed"),
)
# Words with which somebody says "about" themselves. Where they are missing and the date is still
# approximate, something finer was typed ("mid-August", 年底) that EDTF has no sign for.
_SAID_ABOUT = re.compile(
    r"[~%]|\b(?:about|around|circa|approx\w*|roughly|ca?)\b|约|約|大概|左右|前后|前後|上下"
)
_TO_TYPE = {
    _EXACT: N_("Type the day too, for example 15 August 2022."),
    _ABOUT: N_("Type a date first, for example August 2022."),
    _MONTH: N_("Type the month too, for example August 2022."),
    _YEAR: N_("Type the year, for example 2022."),
}


class PartialDateField(FieldWidget):
    """DATE and its companions: typed in plain words, read back in words, kept as EDTF.

    What cannot be understood is kept as it was typed.
    """

    def __init__(
        self, field: Field, inferred: Field | None = None, words: Field | None = None
    ) -> None:
        super().__init__()
        self.field = field
        self._given: Json = None
        self._given_text = ""
        self._value: Json = None
        self._problem = ""
        label = translate(field.label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        row = QHBoxLayout()
        row.setSpacing(style.GRID // 2)
        self.line = TextLine()
        self.line.setAccessibleName(label)
        self.line.setPlaceholderText(t_("Such as August 2022"))
        self.line.typed.connect(self._typed)
        self.line.editingFinished.connect(self._finished)
        row.addWidget(self.line, 1)
        self.choice = QuietCombo()
        self.choice.addItems([translate(words) for words in _CHOICES])
        self.choice.setAccessibleName(t_("How exact: {field}").format(field=label))
        self.choice.activated.connect(self._rewrite)
        row.addWidget(self.choice)
        column.addLayout(row)
        self.reading = QLabel()
        self.reading.setWordWrap(True)
        self.reading.setTextFormat(Qt.TextFormat.PlainText)
        style.set_role(self.reading, "small")
        below = QHBoxLayout()
        below.setSpacing(style.GRID)
        below.addWidget(self.reading, 1)
        column.addLayout(below)
        self.inferred = FlagField(inferred) if inferred else None
        self.words = TextField(words) if words else None
        self.more = FoldButton(t_("More"))
        self.more.setAccessibleName(t_("More about this date: {field}").format(field=label))
        self.more.toggled.connect(self._show_more)
        # At the end of the line, also while there is nothing to read back.
        below.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        self._folded = _folded(self.inferred, self.words, words)
        column.addWidget(self._folded)
        for part in (self.inferred, self.words):
            if part is not None:
                part.changed.connect(self.changed)
        self.more.setVisible(self.inferred is not None or self.words is not None)
        self._show_more()
        self._read_back(is_calm=True)
        self.setFocusProxy(self.line)

    # --- the values ------------------------------------------------------------------------------

    def value(self) -> Json:
        """Return the date as EDTF, or as it was typed if it is not understood, or None."""
        return self._value

    def set_value(self, value: Json) -> None:
        """Show a date in words; what is no date is shown as it is."""
        self._given = self._value = value
        parsed = _parsed(value)
        self.line.show_text(_typable(parsed) if parsed else as_text(value))
        self._given_text = self.line.typed_text()
        self._read_back(is_calm=False)

    def values(self) -> dict[str, Json]:
        """Return the date and its companions by their names, None for what holds nothing."""
        result: dict[str, Json] = {self.field.name: self._value}
        if self.inferred is not None:
            result[f"{self.field.name}_inferred"] = self.inferred.value()
        if self.words is not None:
            words = self.words.value()
            lost = self._finer_words() if words is None else None
            result[f"{self.field.name}_words"] = words if lost is None else lost
        return result

    def set_values(self, values: Mapping[str, Json]) -> None:
        """Show the date and its companions."""
        self.set_value(values.get(self.field.name))
        if self.inferred is not None:
            self.inferred.set_value(values.get(f"{self.field.name}_inferred"))
        if self.words is not None:
            self.words.set_value(values.get(f"{self.field.name}_words"))
        if self._has_more():
            self.more.setChecked(True)

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong, unless reading back says it better."""
        self._problem = sentence
        self._read_back(is_calm=self.line.hasFocus())

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the date be read only."""
        self.line.setReadOnly(is_read_only)
        self.choice.setEnabled(not is_read_only)
        if self.words is not None:
            self.words.set_read_only(is_read_only=is_read_only)
        if self.inferred is not None:
            self.inferred.set_read_only(is_read_only=is_read_only)

    # --- typing ----------------------------------------------------------------------------------

    def _typed(self) -> None:
        text = self.line.typed_text()
        if text == self._given_text:
            self._value = self._given
        elif not text.strip():
            self._value = None
        else:
            parsed = _understood(text)
            self._value = parsed.edtf if isinstance(parsed, PartialDate) else text
        self._problem = ""
        self._read_back(is_calm=True)
        self.changed.emit()

    def _finished(self) -> None:
        """Keep finer words beside the date, and say plainly what was not understood."""
        finer = self._finer_words()
        if finer is not None and self.words is not None and self.words.value() is None:
            self.words.set_value(finer)
            self.more.setChecked(True)
            self.changed.emit()
        self._read_back(is_calm=False)

    def _finer_words(self) -> str | None:
        """Return what was typed if the date that it became says less."""
        text = self.line.typed_text().strip()
        parsed = _parsed(self._value)
        if text == self._given_text or parsed is None or not parsed.approximate:
            return None
        return None if _SAID_ABOUT.search(text.lower()) else text

    def _read_back(self, *, is_calm: bool) -> None:
        """Say below what was understood, or what was not and why.

        Args:
            is_calm: in a quiet colour, because somebody may still be typing.
        """
        words, role = "", "small"
        precision = _OTHER
        parsed = _parsed(self._value)
        if parsed is not None:
            precision = _precision_of(parsed)
            words = t_("Understood as: {words} ({edtf})").format(
                words=describe(parsed, language_of_system()), edtf=parsed.edtf
            )
            if self._problem:
                words, role = f"{words}\n{self._problem}", "warning"
        elif self._value is not None:
            words = _why_not(self._value)
            role = "small" if is_calm else "warning"
        elif self._problem:
            words, role = self._problem, "warning"
        if self.choice.currentIndex() != precision:
            self.choice.setCurrentIndex(precision)
        if self.reading.property("role") != role:
            style.set_role(self.reading, role)
        show_sentence(self.reading, words)

    def _rewrite(self, choice: int) -> None:
        """Rewrite what is typed as far as that can be done without inventing anything."""
        text = self.line.typed_text().strip()
        parsed = _parsed(self._value)
        if choice == _NOT_KNOWN:
            if parsed is None and text and self.words is not None and not self.words.value():
                self.words.set_value(text)
            self._write(UNKNOWN)
            if self.words is not None:
                self.more.setChecked(True)
                self.words.setFocus()
            return
        wanted = _changed_to(parsed, choice) if parsed is not None else None
        if wanted is not None:
            self._write(wanted)
            return
        if parsed is not None and parsed.precision is Precision.UNKNOWN:
            self.line.clear()
        self._read_back(is_calm=True)
        if choice != _OTHER:
            show_sentence(self.reading, translate(_TO_TYPE[choice]))
        self.line.setFocus()
        self.line.end(False)  # noqa: FBT003 - Qt's signature

    def _write(self, edtf: str) -> None:
        parsed = parse_edtf(edtf)
        before = self._value
        self.line.show_text(_typable(parsed))
        self._value = edtf
        self._given, self._given_text = edtf, self.line.typed_text()
        self._problem = ""
        self._read_back(is_calm=False)
        if before != edtf:
            self.changed.emit()

    # --- more ------------------------------------------------------------------------------------

    def _has_more(self) -> bool:
        parts = (self.inferred, self.words)
        return any(part is not None and part.value() is not None for part in parts)

    def _show_more(self) -> None:
        self._folded.setVisible(self.more.isChecked())


class QuietCombo(QComboBox):
    """A choice that a turn of the wheel on the way through a form does not change."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the page."""
        event.ignore()


def _folded(inferred: FlagField | None, words: TextField | None, field: Field | None) -> QWidget:
    folded = QWidget()
    column = QVBoxLayout(folded)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(style.GRID // 2)
    if words is not None and field is not None:
        label = QLabel(translate(field.label))
        label.setBuddy(words.line)
        words.line.setPlaceholderText(translate(field.help))
        column.addWidget(label)
        column.addWidget(words)
    if inferred is not None:
        column.addWidget(inferred)
    return folded


def _parsed(value: Json) -> PartialDate | None:
    try:
        return parse_edtf(value) if isinstance(value, str) else None
    except PartialDateError:
        return None


def _understood(text: str) -> PartialDate | PartialDateError:
    try:
        return parse_typed(text, _today())
    except PartialDateError as error:
        return error


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).astimezone().date()


def _why_not(value: Json) -> str:
    """Return why a value is no date, with an example of what would be one."""
    error = _understood(value) if isinstance(value, str) else PartialDateError(Reason.FORM)
    if not isinstance(error, PartialDateError):  # it would be one if it were typed now: "today"
        error = PartialDateError(Reason.FORM)
    parts = [error.sentence()]
    if error.reason not in (Reason.FORM, Reason.YEAR):
        parts.append(t_("For example: 15 August 2022."))
    parts.append(t_("It is kept as you typed it."))
    return in_a_row(parts)


def _typable(parsed: PartialDate) -> str:
    """Return the shortest words that mean exactly this date when they are typed, else its EDTF."""
    words = describe(parsed, language_of_system())
    short = words.removeprefix("some time in ").removesuffix("间")
    for candidate in (short, words):
        again = _understood(candidate)
        if isinstance(again, PartialDate) and again.edtf == parsed.edtf:
            return candidate
    return parsed.edtf


def _precision_of(parsed: PartialDate) -> int:
    if parsed.precision is Precision.UNKNOWN:
        return _NOT_KNOWN
    if parsed.precision is Precision.INTERVAL or parsed.uncertain:
        return _OTHER
    if parsed.approximate:
        return _ABOUT
    exact = {Precision.DAY: _EXACT, Precision.MONTH: _MONTH, Precision.YEAR: _YEAR}
    return exact.get(parsed.precision, _OTHER)


def _changed_to(parsed: PartialDate, choice: int) -> str | None:
    """Return the date made as exact as chosen, or None if that would invent what nobody told."""
    bare = parsed.edtf.rstrip("~?%")
    if parsed.precision in (Precision.INTERVAL, Precision.UNKNOWN):
        return None
    has_day = parsed.precision is Precision.DAY
    has_month = has_day or parsed.precision is Precision.MONTH
    wanted = {
        _EXACT: bare if has_day else None,
        _ABOUT: f"{bare}~",
        _MONTH: bare[:7] if has_month else None,
        _YEAR: bare[:4] if "X" not in bare[:4] else None,
    }
    return wanted.get(choice)
