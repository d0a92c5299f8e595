"""A line to choose with: as one types, a list below shows what is meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit

from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.fields.lines import TextLine

_MOST_ROWS_SEEN = 10
_AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of the list."""

    key: str
    """Given back when it is chosen."""
    words: str
    """Shown; may be of a record, so it is made visible first."""
    icon: str = ""
    explanation: str = ""
    """Shown when the pointer rests on it."""


class PickLine(TextLine):
    """Emits `asked` with what was typed; whoever answers with `show_choices` gets `chosen`."""

    asked = Signal(str)
    chosen = Signal(object)
    """The `Choice`."""
    left = Signal()
    """The focus went elsewhere."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._model = _Choices(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(_MOST_ROWS_SEEN)
        self._popup().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        # Not `setCompleter`: it would write each row that one passes into the line.
        self._completer.setWidget(self)
        self._completer.activated[QModelIndex].connect(self._take)  # type: ignore[index]
        self._open = self.addAction(
            style.icon("chevron-down", style.colours_now().quiet),
            QLineEdit.ActionPosition.TrailingPosition,
        )
        self._open.setToolTip(name)
        self._open.triggered.connect(self.ask_for_all)
        self._is_waiting = False
        self.textEdited.connect(self._ask)

    def _popup(self) -> QAbstractItemView:
        popup = self._completer.popup()
        assert popup is not None
        return popup

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What the list shows now, empty while it is closed."""
        return tuple(self._model.choices) if self._popup().isVisible() else ()

    def show_choices(self, choices: Sequence[Choice], marked: str | None = None) -> None:
        """Show the list, unless the person has gone elsewhere since it was asked for.

        Args:
            choices: the rows.
            marked: key of the row that Enter takes; the first if it is None.
        """
        if not self._is_waiting or not self.hasFocus() or self.isReadOnly():
            return
        self._model.show(choices)
        popup = self._popup()
        if not choices:
            popup.hide()
            return
        self._completer.complete()
        keys = [choice.key for choice in choices]
        row = keys.index(marked) if marked in keys else 0
        popup.setCurrentIndex(self._completer.completionModel().index(row, 0))

    def close_choices(self) -> None:
        """Hide the list; an answer that still comes is not shown."""
        self._is_waiting = False
        self._popup().hide()

    def ask_for_all(self) -> None:
        """Ask for what may be chosen, whatever stands in the line."""
        if self.isReadOnly():
            return
        self.setFocus()
        self._is_waiting = True
        self.asked.emit("")

    def ask_for(self, text: str) -> None:
        """Ask for what matches `text`, as if it had been typed."""
        self._is_waiting = True
        self.asked.emit(text)

    def take_current(self) -> bool:
        """Choose the marked row; return whether there is one."""
        popup = self._popup()
        if not popup.isVisible() or not popup.currentIndex().isValid():
            return False
        self._take(popup.currentIndex())
        return True

    def _ask(self, text: str) -> None:
        if not text.strip():
            self.close_choices()
            return
        self._is_waiting = True
        self.asked.emit(text)

    def _take(self, index: QModelIndex) -> None:
        choice = self._model.choices[index.row()]
        self.close_choices()
        self.chosen.emit(choice)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open, walk through and take from the list with the keys; Esc closes it."""
        popup = self._popup()
        key = event.key()
        if not popup.isVisible():
            if key in (Qt.Key.Key_Down, Qt.Key.Key_F4):
                self.ask_for_all()
                return
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take_current()
            return
        elif key == Qt.Key.Key_Escape:
            self.close_choices()
            return
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            row = (popup.currentIndex().row() + step) % max(1, self._model.rowCount())
            popup.setCurrentIndex(self._completer.completionModel().index(row, 0))
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show what may be chosen where nothing is typed yet."""
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.text():
            self.ask_for_all()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Close the list when the focus goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.close_choices()
            self.left.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Hide the arrow where nothing can be chosen."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ReadOnlyChange:
            self._open.setVisible(not self.isReadOnly())


class ChipLine(PickLine):
    """A line that makes chips: Enter finishes one, Backspace in the empty line takes one back."""

    finished = Signal()
    backspaced = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Tell of Enter where no list is open, and of Backspace where nothing is typed."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.choices:
            self.finished.emit()
            return
        if event.key() == Qt.Key.Key_Backspace and not self.text() and not event.isAutoRepeat():
            self.backspaced.emit()
            return
        super().keyPressEvent(event)


class _Choices(QAbstractListModel):
    def __init__(self, parent: PickLine) -> None:
        super().__init__(parent)
        self.choices: Sequence[Choice] = ()

    def show(self, choices: Sequence[Choice]) -> None:
        self.beginResetModel()
        self.choices = choices
        self.endResetModel()

    def rowCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        choice = self.choices[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return visible(choice.words)
            case Qt.ItemDataRole.DecorationRole if choice.icon:
                return style.icon(choice.icon)
            case Qt.ItemDataRole.ToolTipRole if choice.explanation:
                return choice.explanation
            case _:
                return None
