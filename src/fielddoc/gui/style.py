"""The one place for colours, spacing, type and icons.

Every colour pair that carries text has a contrast of at least 4.5:1 in both palettes, and every
edge of what one types in or ticks at least 3:1; tests/gui/test_style.py computes it (WCAG 2.2,
1.4.3 and 1.4.11). Red means wiping or damage and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QByteArray, QDir, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
    QTransform,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from fielddoc.gui.direction import is_mirrored
from fielddoc.resources import resource

GRID = 8
"""Everything stands on multiples of this, in device-independent pixels."""

SMALL, BODY, HEADING, TITLE = 12, 14, 18, 24
"""The four sizes of type, in pixels at 100 %."""

ALARM = 64
"""Of the one line that must be seen from across a room: what was not destroyed."""

TEXT_SCALES = (100, 125, 150)
"""Sizes of text to choose from, in per cent."""

FONT_FAMILIES = (
    "Noto Sans",
    "Segoe UI",
    "DejaVu Sans",
    "Microsoft YaHei UI",
    "PingFang SC",
    "Noto Sans CJK SC",
    "fielddoc Sans SC",
    "Noto Serif Tibetan",
    "Noto Naskh Arabic",
)
"""Tried in this order for each character; those that a machine lacks are passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The colours of one palette, by what they are for."""

    window: str
    surface: str
    """Of cards, lists and fields: what one reads and writes in."""
    raised: str
    """Of bars and of what the pointer is over."""
    text: str
    quiet: str
    """Of text that says less: help, times, counts."""
    line: str
    """Between things; carries no meaning of its own."""
    edge: str
    """Around what one types in or ticks."""
    accent: str
    on_accent: str
    selection: str
    mark: str
    """Behind a word that was sought, under `text`."""
    danger: str
    on_danger: str
    good: str
    warning: str


LIGHT = Colours(
    window="#f3f4f2",
    surface="#ffffff",
    raised="#e8ebe8",
    text="#1a1f1d",
    quiet="#55605b",
    line="#c9cfcb",
    edge="#7b8681",
    accent="#1d5c75",
    on_accent="#ffffff",
    selection="#d3e5ec",
    mark="#f7e3a1",
    danger="#a8201a",
    on_danger="#ffffff",
    good="#1f6b3a",
    warning="#7a4b00",
)
DARK = Colours(
    window="#15191b",
    surface="#1d2225",
    raised="#283034",
    text="#e8ecea",
    quiet="#a9b4b0",
    line="#3b4549",
    edge="#727e84",
    accent="#86bfd6",
    on_accent="#0d1b21",
    selection="#28434f",
    mark="#4d4018",
    danger="#ff8f86",
    on_danger="#2b0502",
    good="#86d19d",
    warning="#f0c074",
)


def apply(application: QApplication, *, dark: bool, text_percent: int = 100) -> None:
    """Give the application its palette, fonts and sizes; may be called again to change them."""
    colours = DARK if dark else LIGHT
    application.setStyle("Fusion")
    application.setPalette(_palette(colours))
    load_fonts()
    font = QFont()
    font.setFamilies(list(FONT_FAMILIES))
    font.setPixelSize(scaled(BODY, text_percent))
    application.setFont(font)
    application.setProperty("fielddoc_dark", dark)
    application.setProperty("fielddoc_text_percent", text_percent)
    # By a search path, so that no character of the folder can trouble the style sheet.
    QDir.setSearchPaths(_CONTROLS, [str(resource("controls"))])
    application.setStyleSheet(_sheet(colours, text_percent))


def read_from(application: QApplication, direction: Qt.LayoutDirection) -> None:
    """Let the window be read from the left or from the right, its style sheet too."""
    if application.layoutDirection() is direction:
        return
    application.setLayoutDirection(direction)
    if application.styleSheet():
        dark = application.property("fielddoc_dark") is True
        apply(application, dark=dark, text_percent=text_percent_now())


def colours_now() -> Colours:
    """Return the colours that the application shows, for what is painted by hand."""
    application = QApplication.instance()
    is_dark = application is not None and application.property("fielddoc_dark") is True
    return DARK if is_dark else LIGHT


def text_percent_now() -> int:
    """Return the size of text that the application shows, in per cent."""
    application = QApplication.instance()
    value = application.property("fielddoc_text_percent") if application else None
    return value if isinstance(value, int) else 100


def scaled(pixels: int, percent: int | None = None) -> int:
    """Return a length that grows with the text."""
    return round(pixels * (text_percent_now() if percent is None else percent) / 100)


def system_is_dark(application: QApplication) -> bool:
    """Tell whether the system asks for dark windows, where it says so."""
    return application.styleHints().colorScheme() is Qt.ColorScheme.Dark


@cache
def load_fonts() -> tuple[str, ...]:
    """Add the fonts that the program brings, once, and return their families."""
    families: list[str] = []
    for path in sorted(resource("fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(number)
    return tuple(families)


def icon(name: str, colour: str | None = None) -> QIcon:
    """Return an icon of resources/icons in the colour of text, or another.

    Icons stand beside words, never instead of them, so they carry no text of their own.
    """
    return _icon(name, colour or colours_now().text, is_turned=name in _TURNED and is_mirrored())


_TURNED = {"external-link", "list", "redo-2", "send", "undo-2"} | {"circle-question-mark"}
"""Icons that point the other way where one reads from the right."""


def prepare_icons() -> Iterator[None]:
    """Render every icon in the colours that it is shown in most, one at each step.

    For a time in which the window has nothing to do, so that a page that shows many need not wait.
    """
    for path in sorted(resource("icons").glob("*.svg")):
        for colour in (colours_now().text, colours_now().quiet):
            icon(path.stem, colour)
            yield


@cache
def _icon(name: str, colour: str, *, is_turned: bool) -> QIcon:
    data = resource("icons", f"{name}.svg").read_bytes()
    paint = QColor(colour).name().encode()
    renderer = QSvgRenderer(QByteArray(data.replace(b"currentColor", paint)))
    result = QIcon()
    for size in (16, 20, 24, 32, 48):
        pixmap = QPixmap(QSize(size, size))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        result.addPixmap(pixmap.transformed(QTransform.fromScale(-1, 1)) if is_turned else pixmap)
    return result


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget one of the looks of the style sheet.

    Args:
        widget: a label, button or frame.
        role: of labels `title`, `heading`, `quiet`, `small`, `error`, `warning`, `good`, `alarm`,
            `step-now`, `share-word`, `check-word`; of labels and lines `code`, which are digits to
            compare; of buttons `primary` (one a screen), `plain`, `danger`; of frames `card`,
            `bar`, `note`.
    """
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def set_flush(button: QPushButton) -> None:
    """Let the words of a plain button begin where the column begins in which it stands."""
    button.setProperty("flush", True)  # noqa: FBT003 - Qt's signature
    set_role(button, "plain")


def _end() -> str:
    """Return the side of the window at which a line ends; a style sheet does not know it."""
    return "left" if is_mirrored() else "right"


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for place, colour in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.surface),
        (role.AlternateBase, colours.raised),
        (role.Text, colours.text),
        (role.PlaceholderText, colours.quiet),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.Highlight, colours.selection),
        (role.HighlightedText, colours.text),
        (role.Link, colours.accent),
        (role.LinkVisited, colours.accent),
        (role.Accent, colours.accent),
        (role.Light, colours.surface),
        (role.Midlight, colours.raised),
        (role.Mid, colours.line),
        (role.Dark, colours.line),
        (role.Shadow, colours.line),
    ):
        palette.setColor(place, QColor(colour))
    for place in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, place, QColor(colours.quiet))
    return palette


def _sheet(c: Colours, percent: int) -> str:
    return "\n".join(
        part(c, percent) for part in (_text, _buttons, _entries, _ticks, _lists, _bars, _surfaces)
    )


def _text(c: Colours, percent: int) -> str:
    small, body, heading, title, alarm = (
        scaled(size, percent) for size in (SMALL, BODY, HEADING, TITLE, ALARM)
    )
    return f"""
QWidget {{ font-size: {body}px; }}
QLabel[role="title"] {{ font-size: {title}px; font-weight: 700; }}
QLabel[role="heading"] {{ font-size: {heading}px; font-weight: 700; }}
QLabel[role="quiet"] {{ color: {c.quiet}; }}
QLabel[role="small"] {{ font-size: {small}px; color: {c.quiet}; }}
QLabel[role="step-now"] {{ color: {c.accent}; font-weight: 700; }}
QLabel[role="error"] {{ color: {c.danger}; }}
QLabel[role="warning"] {{ color: {c.warning}; }}
QLabel[role="good"] {{ color: {c.good}; }}
QLabel[role="alarm"] {{ font-size: {alarm}px; font-weight: 700; color: {c.danger}; }}
QLabel[role="share-word"], QLabel[role="check-word"] {{ font-size: {heading}px; }}
QLabel[role="check-word"] {{ color: {c.accent}; font-weight: 700; }}
QLabel[role="code"] {{ font-family: monospace; font-size: {heading}px; }}
QLineEdit[role="code"] {{ font-family: monospace; }}
"""


def _buttons(c: Colours, percent: int) -> str:
    arrow = _picture(c, "chevron-down")
    side = scaled(12, percent)
    end = _end()
    return f"""
QPushButton, QToolButton {{
    background: {c.raised}; color: {c.text}; border: 1px solid {c.line};
    border-radius: 4px; padding: 6px {2 * GRID}px;
}}
QToolButton {{ padding: 5px {GRID}px 4px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {c.edge}; }}
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked {{
    background: {c.selection};
}}
QPushButton:checked, QToolButton:checked {{ border-color: {c.accent}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {c.accent}; padding: 5px {2 * GRID - 1}px; }}
QToolButton:focus {{ padding: 4px {GRID - 1}px 3px; }}
QPushButton:disabled, QToolButton:disabled {{
    background: transparent; color: {c.quiet}; border-color: {c.line};
}}
QPushButton[role="primary"] {{
    background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 700;
}}
QPushButton[role="primary"]:hover {{ border-color: {c.text}; }}
QPushButton[role="primary"]:disabled {{
    background: {c.raised}; color: {c.quiet}; border-color: {c.line};
}}
QPushButton[role="primary"]:focus {{ border: 2px solid {c.text}; }}
QPushButton[role="plain"], QToolButton[role="plain"] {{
    background: transparent; border-color: transparent; color: {c.accent};
}}
QPushButton[role="plain"]:hover, QToolButton[role="plain"]:hover {{ background: {c.raised}; }}
QFrame[role="bar"] QPushButton[role="plain"]:hover, QFrame[role="bar"] QToolButton[role="plain"]:hover,
QFrame[role="note"] QPushButton[role="plain"]:hover {{ background: {c.selection}; }}
QPushButton[role="plain"]:disabled, QToolButton[role="plain"]:disabled {{ color: {c.quiet}; }}
QPushButton[role="plain"]:focus, QToolButton[role="plain"]:focus {{ border: 2px solid {c.accent}; }}
QPushButton[flush="true"] {{ padding: 6px 0; }}
QPushButton[flush="true"]:focus {{ padding: 5px 0; }}
QPushButton[role="danger"] {{
    background: transparent; color: {c.danger}; border: 1px solid {c.danger};
}}
QPushButton[role="danger"]:focus {{ border: 2px solid {c.danger}; }}
QPushButton[role="danger"]:disabled {{ color: {c.quiet}; border-color: {c.line}; }}
QFrame[role="bar"] QPushButton, QFrame[role="bar"] QToolButton {{ background: transparent; }}
QFrame[role="bar"] QToolButton:checked, QFrame[role="bar"] QToolButton:pressed,
QFrame[role="bar"] QPushButton:checked, QFrame[role="bar"] QPushButton:pressed {{
    background: {c.selection};
}}
QFrame[role="note"] QPushButton {{ border-color: {c.edge}; }}
QFrame[role="note"] QPushButton[role="plain"] {{ border-color: transparent; }}
QPushButton::menu-indicator {{
    image: url("{arrow}"); width: {side}px; height: {side}px;
    subcontrol-origin: padding; subcontrol-position: center right; right: {GRID}px;
}}
QToolButton[popupMode="1"] {{ padding-{end}: {side + 2 * GRID}px; }}
QToolButton[popupMode="2"] {{ padding-{end}: {side + 2 * GRID}px; }}
QToolButton::menu-indicator {{
    image: url("{arrow}"); width: {side}px; height: {side}px;
    subcontrol-origin: padding; subcontrol-position: center right; right: {GRID // 2}px;
}}
QToolButton::menu-button {{ border: none; width: {side + GRID}px; }}
QToolButton::menu-arrow {{ image: url("{arrow}"); width: {side}px; height: {side}px; }}
"""


def _entries(c: Colours, percent: int) -> str:
    down, up = _picture(c, "chevron-down"), _picture(c, "chevron-up")
    side = scaled(12, percent)
    button = side + 2 * GRID
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox {{
    background: {c.surface}; color: {c.text}; border: 1px solid {c.edge}; border-radius: 4px;
    padding: 6px {GRID}px; selection-background-color: {c.selection}; selection-color: {c.text};
    placeholder-text-color: {c.quiet};
}}
QPlainTextEdit, QTextEdit {{ padding: 2px 4px; }}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{
    border: 2px solid {c.accent}; padding: 5px {GRID - 1}px;
}}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {c.accent}; padding: 1px 3px; }}
QLineEdit[hit="true"] {{ background: {c.mark}; }}
QLineEdit:read-only, QPlainTextEdit:read-only {{ background: transparent; border-color: {c.line}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QComboBox:disabled,
QAbstractSpinBox:disabled {{ background: {c.raised}; color: {c.quiet}; border-color: {c.line}; }}
QComboBox QLineEdit, QAbstractSpinBox QLineEdit, QAbstractItemView QLineEdit {{
    border: none; padding: 0; background: transparent;
}}
QAbstractItemView QLineEdit {{ background: {c.surface}; }}
QTextBrowser {{ border-color: transparent; }}
QComboBox::drop-down {{
    border: none; width: {button}px; subcontrol-origin: padding; subcontrol-position: center right;
}}
QComboBox::down-arrow {{ image: url("{down}"); width: {side}px; height: {side}px; }}
QComboBox QAbstractItemView {{ border: 1px solid {c.edge}; border-radius: 0; padding: 0; }}
QComboBox QAbstractItemView::item {{ padding: 6px {GRID}px; }}
QAbstractSpinBox {{ padding-{_end()}: {button}px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    border: none; width: {button}px; subcontrol-origin: border;
}}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
QAbstractSpinBox::up-arrow {{ image: url("{up}"); width: {side}px; height: {side}px; }}
QAbstractSpinBox::down-arrow, QDateTimeEdit::down-arrow {{
    image: url("{down}"); width: {side}px; height: {side}px;
}}
"""


def _ticks(c: Colours, percent: int) -> str:
    side = scaled(16, percent)
    dot = (
        "qradialgradient(cx:0.5, cy:0.5, radius:0.5, fx:0.5, fy:0.5,"
        " stop:0 {dot}, stop:0.42 {dot}, stop:0.5 {around}, stop:1 {around})"
    )
    chosen = dot.format(dot=c.on_accent, around=c.accent)
    chosen_disabled = dot.format(dot=c.surface, around=c.quiet)
    boxes = "QCheckBox::indicator{0}, QAbstractItemView::indicator{0}, QGroupBox::indicator{0}"
    every = boxes.format("")
    return f"""
QCheckBox, QRadioButton {{ spacing: {GRID}px; padding: 3px; border: 2px solid transparent; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {c.accent}; border-radius: 4px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.quiet}; }}
{every}, QRadioButton::indicator {{
    width: {side}px; height: {side}px; border: 1px solid {c.edge}; background: {c.surface};
}}
{every} {{ border-radius: 3px; }}
QRadioButton::indicator {{ border-radius: {side // 2 + 1}px; }}
{boxes.format(":hover")}, QRadioButton::indicator:hover {{ border-color: {c.text}; }}
{boxes.format(":checked")} {{
    background: {c.accent}; border-color: {c.accent}; image: url("{_picture(c, "check")}");
}}
{boxes.format(":indeterminate")} {{
    background: {c.accent}; border-color: {c.accent}; image: url("{_picture(c, "minus")}");
}}
QRadioButton::indicator:checked {{ background: {chosen}; border-color: {c.accent}; }}
{boxes.format(":disabled")}, QRadioButton::indicator:disabled {{
    background: {c.raised}; border-color: {c.line};
}}
{boxes.format(":checked:disabled")}, {boxes.format(":indeterminate:disabled")} {{
    background: {c.quiet}; border-color: {c.quiet};
}}
QRadioButton::indicator:checked:disabled {{
    background: {chosen_disabled}; border-color: {c.quiet};
}}
"""


def _lists(c: Colours, percent: int) -> str:
    small = scaled(SMALL, percent)
    arrow = scaled(12, percent)
    return f"""
QListView, QTableView, QTreeView {{
    background: {c.surface}; alternate-background-color: {c.raised}; color: {c.text};
    border: 2px solid {c.surface}; border-radius: 4px; outline: none; gridline-color: {c.line};
    selection-background-color: {c.selection}; selection-color: {c.text};
}}
QListView:focus, QTableView:focus, QTreeView:focus {{ border-color: {c.accent}; }}
QListView::item, QTreeView::item {{ padding: 4px; }}
QTableView::item {{ padding: 0 4px; }}
QListView::item:hover, QTreeView::item:hover {{ background: {c.raised}; color: {c.text}; }}
QListView::item:selected, QTableView::item:selected, QTreeView::item:selected {{
    background: {c.selection}; color: {c.text};
}}
QFrame[role="bar"] QListView {{ background: transparent; border-color: transparent; }}
QFrame[role="bar"] QListView:focus {{ border-color: {c.accent}; }}
QFrame[role="bar"] QListView::item {{ border-radius: 4px; }}
QFrame[role="bar"] QListView::item:hover {{ background: {c.window}; }}
QFrame[role="bar"] QListView::item:selected {{ background: {c.selection}; }}
QHeaderView {{ background: {c.surface}; border: none; }}
QHeaderView::section {{
    background: {c.surface}; color: {c.quiet}; border: none; border-bottom: 1px solid {c.line};
    padding: 6px {GRID}px; font-size: {small}px; font-weight: 400;
}}
QHeaderView::section:hover {{ color: {c.text}; }}
QHeaderView::down-arrow {{
    image: url("{_picture(c, "chevron-down")}"); width: {arrow}px; height: {arrow}px;
}}
QHeaderView::up-arrow {{
    image: url("{_picture(c, "chevron-up")}"); width: {arrow}px; height: {arrow}px;
}}
QTableCornerButton::section {{ background: {c.surface}; border: none; }}
QMenu {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.edge}; padding: 4px; }}
QMenu::item {{ padding: 6px {3 * GRID}px; border-radius: 4px; background: transparent; }}
QMenu::item:selected {{ background: {c.selection}; }}
QMenu::item:disabled {{ color: {c.quiet}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px {GRID}px; }}
"""


def _bars(c: Colours, percent: int) -> str:
    wide = scaled(12, percent)
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: {wide}px; }}
QScrollBar:horizontal {{ height: {wide}px; }}
QScrollBar::handle {{ background: {c.edge}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:vertical {{ min-height: {4 * GRID}px; }}
QScrollBar::handle:horizontal {{ min-width: {4 * GRID}px; }}
QScrollBar::handle:hover, QScrollBar::handle:pressed {{ background: {c.quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QProgressBar {{
    background: {c.line}; border: none; border-radius: 4px; min-height: {GRID}px;
    max-height: {GRID}px; color: transparent;
}}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}
QSlider {{ min-height: {2 * GRID}px; }}
QSlider::groove:horizontal {{ background: {c.edge}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; height: 4px; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {c.surface}; border: 2px solid {c.accent}; border-radius: 8px;
    width: 12px; margin: -6px 0;
}}
QSlider::handle:horizontal:focus {{ background: {c.accent}; }}
QSplitter::handle {{ background: {c.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
"""


def _surfaces(c: Colours, percent: int) -> str:
    heading = scaled(HEADING, percent)
    return f"""
QFrame[role="card"] {{ background: {c.surface}; border: none; border-radius: {GRID}px; }}
QFrame[role="bar"] {{ background: {c.raised}; border: none; }}
QFrame[role="note"] {{ background: {c.raised}; border: none; border-radius: {GRID}px; }}
QGroupBox {{
    border: none; border-radius: {GRID}px; margin-top: {heading + 2 * GRID}px; padding: 0;
    font-weight: 700;
}}
QGroupBox::title {{ subcontrol-origin: margin; subcontrol-position: top left; padding: {GRID}px 0; }}
QTabWidget::pane {{ border: none; }}
QTabBar {{ border: none; }}
QTabBar::tab {{
    background: transparent; color: {c.quiet}; padding: {GRID}px {2 * GRID}px; border: none;
    border-bottom: 2px solid transparent;
}}
QTabBar::tab:hover {{ color: {c.text}; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom: 2px solid {c.accent}; }}
QTabBar::tab:focus {{ color: {c.accent}; border: 2px solid {c.accent}; border-radius: 4px; }}
QToolTip {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.edge}; padding: 4px; }}
"""


_CONTROLS = "controls"


def _picture(colours: Colours, name: str) -> str:
    """Return the address of a small picture that a style sheet can show, in the palette's colour.

    A style sheet can colour no picture, so each is there twice; see resources/controls.
    """
    return f"{_CONTROLS}:{'light' if colours is LIGHT else 'dark'}/{name}.svg"
