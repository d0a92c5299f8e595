"""A field for a passphrase: hidden or shown, with hints about what the keyboard does to it."""

from PySide6.QtCore import QEvent, QLocale, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from fielddoc.gui import style
from fielddoc.i18n import t_

_WITH_INPUT_METHOD = (
    QLocale.Language.Chinese,
    QLocale.Language.Japanese,
    QLocale.Language.Korean,
    QLocale.Language.Tibetan,
)


class PassphraseEdit(QWidget):
    """One line with its label, an eye to show it, and a hint below when something may go wrong."""

    submitted = Signal()
    """Enter was pressed, and not to commit a candidate of an input method."""
    changed = Signal()

    def __init__(self, label: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        name = QLabel(label)
        column.addWidget(name)
        row = QHBoxLayout()
        row.setSpacing(style.GRID)
        self.line = QLineEdit()
        self.line.setAccessibleName(label)
        self.line.setMaxLength(1024)
        name.setBuddy(self.line)
        self.line.returnPressed.connect(self.submitted)
        self.line.textChanged.connect(self._changed)
        self.line.installEventFilter(self)
        row.addWidget(self.line, 1)
        self.eye = QToolButton()
        self.eye.setText(t_("Show"))
        self.eye.setIcon(style.icon("eye"))
        self.eye.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._show)
        row.addWidget(self.eye)
        column.addLayout(row)
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        style.set_role(self.hint, "warning")
        self.hint.hide()
        column.addWidget(self.hint)
        self.setFocusProxy(self.line)
        self._may_caps_lock = False
        self._show(is_shown=False)

    def text(self) -> str:
        """Return what stands there, as typed."""
        return self.line.text()

    def set_text(self, text: str) -> None:
        """Put a passphrase there."""
        self.line.setText(text)

    def clear(self) -> None:
        """Empty the field and what it could undo."""
        self.line.clear()
        self.line.setModified(False)

    def select_all(self) -> None:
        """Select what stands there, so that typing replaces it."""
        self.line.selectAll()

    @Slot(bool)
    def _show(self, is_shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        mode = QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password
        self.line.setEchoMode(mode)
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | (Qt.InputMethodHint.ImhNone if is_shown else Qt.InputMethodHint.ImhHiddenText)
        )
        self.eye.setText(t_("Hide it") if is_shown else t_("Show"))
        self.eye.setIcon(style.icon("eye-off" if is_shown else "eye"))
        self._tell_hint()

    @Slot()
    def _changed(self) -> None:
        self._tell_hint()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Guess Caps Lock from what a letter key gives, since Qt cannot ask for it."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            typed = event.text()
            has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.key() == Qt.Key.Key_CapsLock:
                self._may_caps_lock = not self._may_caps_lock
            elif len(typed) == 1 and typed.isascii() and typed.isalpha():
                self._may_caps_lock = typed.isupper() != has_shift
            self._tell_hint()
        if event.type() is QEvent.Type.FocusIn:
            self._tell_hint()
        return super().eventFilter(watched, event)

    def _tell_hint(self) -> None:
        words = ""
        language = QGuiApplication.inputMethod().locale().language()
        has_input_method = language in _WITH_INPUT_METHOD
        if self._may_caps_lock:
            words = t_("Caps Lock is on.")
        elif has_input_method and self.line.echoMode() is QLineEdit.EchoMode.Password:
            words = t_(
                "The keyboard is set to a language with an input method. While the passphrase is"
                " hidden only Latin letters can be typed; show it to type Chinese."
            )
        self.hint.setText(words)
        self.hint.setVisible(bool(words))
