"""Where a person types: one line, or text that grows with what stands in it.

Undo is the form's, not the single field's, so that one Ctrl+Z after another walks back through
everything that was done; these fields therefore leave the keys for it alone.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QToolButton

from fielddoc.gui import style

TYPED = Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
"""Asks the input method neither to learn nor to look up what is typed."""

_LONGEST_LINE = 1_000_000
_LEAST_LINES, _MOST_LINES = 3, 18


class TextLine(QLineEdit):
    """One line; what an input method has not committed yet does not count as typed."""

    typed = Signal()
    """The text was changed by the person; `show_text` does not emit it."""

    def __init__(self) -> None:
        super().__init__()
        self.setInputMethodHints(TYPED)
        self.setMaxLength(_LONGEST_LINE)
        self._is_shown_only = False
        self.textChanged.connect(self._changed)

    def show_text(self, text: str) -> None:
        """Put a text there that the person did not type."""
        self._is_shown_only = True
        self.setText(text)
        self.setCursorPosition(0)
        self._is_shown_only = False

    def typed_text(self) -> str:
        """Return what stands there, as typed."""
        return storable(self.text())

    def _changed(self) -> None:
        if not self._is_shown_only:
            self.typed.emit()

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the form."""
        if _is_for_the_form(event):
            event.ignore()
            return False
        return super().event(event)


class LongText(QPlainTextEdit):
    """Text of any length, as tall as what stands in it, within bounds."""

    typed = Signal()
    """The text was changed by the person; `show_text` does not emit it."""

    def __init__(self) -> None:
        super().__init__()
        self.setInputMethodHints(TYPED | Qt.InputMethodHint.ImhMultiLine)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._known = ""
        self.textChanged.connect(self._changed)

    def show_text(self, text: str) -> None:
        """Put a text there that the person did not type, with the cursor where it differs."""
        before, after = self.typed_text(), text.replace("\r\n", "\n").replace("\r", "\n")
        self._known = after
        self.setPlainText(text)
        self._known = self.typed_text()
        if before:
            cursor = self.textCursor()
            cursor.setPosition(min(_end_of_difference(before, self._known), len(self._known)))
            self.setTextCursor(cursor)
        self._grow()

    def typed_text(self) -> str:
        """Return what stands there, as typed; `toPlainText` would turn some blanks into others."""
        raw = self.document().toRawText()
        return storable(raw.replace("\u2029", "\n").replace("\u2028", "\n"))

    def _changed(self) -> None:
        # The document also changes when an input method shows what it might commit.
        text = self.typed_text()
        if text != self._known:
            self._known = text
            self._grow()
            self.typed.emit()

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the form."""
        if _is_for_the_form(event):
            event.ignore()
            return False
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Be as tall as the text is in the new width."""
        super().resizeEvent(event)
        self._grow()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Be as tall as the text is."""
        super().showEvent(event)
        self._grow()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Be as tall as the text is in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._grow()

    def _grow(self) -> None:
        line = self.fontMetrics().lineSpacing()
        most = _MOST_LINES * line
        height = 0.0
        block = self.document().begin()
        # Line by line, because those of Tibetan are taller.
        while block.isValid() and height <= most:
            height += self.blockBoundingRect(block).height()
            block = block.next()
        around = 2 * (self.document().documentMargin() + self.frameWidth()) + style.GRID
        wanted = round(min(max(height, _LEAST_LINES * line), most) + around)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if height > most else policy.ScrollBarAlwaysOff
        )
        if wanted != self.height():
            self.setFixedHeight(wanted)


def remove_button(name: str) -> QToolButton:
    """Return the small button beside a line or chip that takes it away."""
    button = QToolButton()
    button.setIcon(style.icon("x", style.colours_now().quiet))
    button.setAccessibleName(name)
    button.setToolTip(name)
    style.set_role(button, "plain")
    return button


def storable(text: str) -> str:
    """Return `text` with halves of characters replaced, which no JSON can carry."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _is_for_the_form(event: QEvent) -> bool:
    return (
        event.type() is QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and (
            event.matches(QKeySequence.StandardKey.Undo)
            or event.matches(QKeySequence.StandardKey.Redo)
        )
    )


def _end_of_difference(before: str, after: str) -> int:
    """Return where in `after` the part ends that `before` does not have."""
    common = 0
    for one, other in zip(reversed(before), reversed(after), strict=False):
        if one != other:
            break
        common += 1
    return len(after) - common
