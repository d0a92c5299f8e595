"""Fields that hold terms of a vocabulary: one, or several."""

import unicodedata

from PySide6.QtWidgets import QVBoxLayout

from fielddoc.domain.canonical import Json
from fielddoc.domain.schema import Field
from fielddoc.domain.vocabularies import Term, Vocabulary, vocabulary
from fielddoc.domain.words import as_text
from fielddoc.gui import style
from fielddoc.gui.fields.chips import Chip
from fielddoc.gui.fields.field_widget import FieldWidget, problem_label, show_sentence
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.fields.pick_line import ChipLine, Choice, PickLine
from fielddoc.i18n import language_of_system, t_, translate


class TermField(FieldWidget):
    """TERM: shows the words, holds the code. What is no term stays as it was typed."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._vocabulary = vocabulary(field.vocabulary)
        self._given: Json = None
        self._given_text = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self.line = PickLine(translate(field.label))
        self.line.setPlaceholderText(t_("Choose or type"))
        self.line.asked.connect(self._find)
        self.line.chosen.connect(self._choose)
        self.line.left.connect(self._say_in_full)
        self.line.typed.connect(self.changed)
        self.problem = problem_label()
        column.addWidget(self.line)
        column.addWidget(self.problem)
        self.setFocusProxy(self.line)

    def value(self) -> Json:
        """Return the code, or what was typed if it is no term, or None."""
        text = self.line.typed_text()
        if text == self._given_text:
            return self._given
        return _code(self._vocabulary, text)

    def set_value(self, value: Json) -> None:
        """Show a code in words; one that this version does not know is shown as it is."""
        self._given = value
        self.line.show_text(_words(self._vocabulary, value))
        self._given_text = self.line.typed_text()

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be read only."""
        self.line.setReadOnly(is_read_only)

    def _find(self, text: str) -> None:
        value = self.value()
        marked = value if isinstance(value, str) and not text else None
        self.line.show_choices(found(self._vocabulary, text), marked)

    def _choose(self, choice: Choice) -> None:
        before = self.value()
        self.set_value(choice.key)
        self.line.setCursorPosition(len(self.line.text()))
        if before != choice.key:
            self.changed.emit()

    def _say_in_full(self) -> None:
        """Show a term that was typed by its code or another script in the person's words."""
        value = self.value()
        if isinstance(value, str) and value in self._vocabulary:
            self.set_value(value)


class TermsField(FieldWidget):
    """TERMS: a chip for each, and a line to choose more with."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._vocabulary = vocabulary(field.vocabulary)
        self._given: Json = None
        self._is_changed = False
        self._values: list[Json] = []
        self._chips: list[Chip] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID // 2)
        self._flow = FlowLayout(spacing=style.GRID // 2)
        column.addLayout(self._flow)
        self.line = ChipLine(translate(field.label))
        self.line.setPlaceholderText(t_("Choose or type; several are possible"))
        self.line.asked.connect(self._find)
        self.line.chosen.connect(self._choose)
        self.line.finished.connect(self._take_typed)
        self.line.left.connect(self._take_typed)
        self.line.backspaced.connect(self._remove_last)
        self.line.typed.connect(self._changed)
        column.addWidget(self.line)
        self.problem = problem_label()
        column.addWidget(self.problem)
        self.setFocusProxy(self.line)

    def value(self) -> Json:
        """Return the codes, with what is typed and not chosen yet last; None if there are none."""
        if not self._is_changed:
            return self._given
        typed = _code(self._vocabulary, self.line.typed_text())
        more = [typed] if typed is not None and typed not in self._values else []
        return [*self._values, *more] or None

    def set_value(self, value: Json) -> None:
        """Show these codes in words; what is no list is shown as one chip and kept."""
        self._given = value
        self._is_changed = False
        self.line.show_text("")
        self._show(list(value) if isinstance(value, list) else [] if value is None else [value])

    def show_problem(self, sentence: str) -> None:
        """Show in words what is wrong."""
        show_sentence(self.problem, sentence)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the terms be read only."""
        self.line.setVisible(not is_read_only)
        for chip in self._chips:
            chip.set_read_only(is_read_only=is_read_only)

    def _show(self, values: list[Json]) -> None:
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._values, self._chips = [], []
        for value in values:
            self._add_chip(value)

    def _add_chip(self, value: Json) -> None:
        chip = Chip(_words(self._vocabulary, value))
        chip.removed.connect(self._removed)
        self._values.append(value)
        self._chips.append(chip)
        self._flow.addWidget(chip)
        self.updateGeometry()

    def _changed(self) -> None:
        self._is_changed = True
        self.changed.emit()

    def _find(self, text: str) -> None:
        choices = found(self._vocabulary, text)
        self.line.show_choices([c for c in choices if c.key not in self._values])

    def _choose(self, choice: Choice) -> None:
        self.line.show_text("")
        if choice.key not in self._values:
            self._add_chip(choice.key)
        self._changed()

    def _take_typed(self) -> None:
        """Make a chip of what was typed, be it a term or not."""
        typed = _code(self._vocabulary, self.line.typed_text())
        if typed is None:
            return
        self.line.close_choices()
        self.line.show_text("")
        if typed not in self._values:
            self._add_chip(typed)
        self._changed()

    def _removed(self) -> None:
        chip = self.sender()
        if chip in self._chips:
            self._remove(self._chips.index(chip))

    def _remove_last(self) -> None:
        if self._chips:
            self._remove(len(self._chips) - 1)

    def _remove(self, place: int) -> None:
        self._values.pop(place)
        chip = self._chips.pop(place)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self.line.setFocus()
        self._changed()


def found(terms: Vocabulary, text: str) -> list[Choice]:
    """Return the terms whose code or words, in any script, hold `text`; all if it is empty.

    Those that begin with it come first, else the order of the vocabulary stays.
    """
    wanted = _folded(text)
    hits = [(term, _place(term, wanted)) for term in terms.terms]
    kept = sorted(((place, n) for n, (_, place) in enumerate(hits) if place >= 0))
    language = language_of_system()
    return [
        Choice(hits[n][0].code, hits[n][0].label(language), explanation=hits[n][0].note)
        for _, n in kept
    ]


def _place(term: Term, wanted: str) -> int:
    """Return 0 if a word of the term begins with `wanted`, 1 if it stands within, else -1."""
    words = [_folded(word) for word in (term.en, term.zh_hans, term.zh_hant, term.code)]
    if any(word.startswith(wanted) for word in words):
        return 0
    return 1 if any(wanted in word for word in words) else -1


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _code(terms: Vocabulary, text: str) -> str | None:
    """Return the code of a term that was typed in full, what was typed if it is none, or None."""
    typed = text.strip()
    return (terms.code_of(typed) or typed) if typed else None


def _words(terms: Vocabulary, value: Json) -> str:
    return terms.label(value, language_of_system()) if isinstance(value, str) else as_text(value)
