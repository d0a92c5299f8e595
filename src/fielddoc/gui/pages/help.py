"""Help that lies in the program: topics as pages, and the list of shortcuts."""

import sys

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QKeySequence, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from fielddoc.gui import style
from fielddoc.gui.lines_delegate import LinesDelegate
from fielddoc.gui.shell import Place
from fielddoc.gui.shortcuts import SHORTCUTS
from fielddoc.i18n import language_of_system, t_, translate
from fielddoc.resources import resource

TOPICS = (
    "first-steps",
    "records",
    "casework",
    "dates",
    "search",
    "partners",
    "export",
    "import",
    "passphrase",
    "wipe",
    "limits",
    "trouble",
)
SHORTCUTS_TOPIC = "shortcuts"
_WIDTH = 220

TOPIC_OF_PAGE = {
    "records": "records",
    "agenda": "records",
    "partners": "partners",
    "risks": "casework",
    "duplicates": "casework",
    "export": "export",
    "import": "import",
    "settings": "passphrase",
}


class HelpPage(QWidget):
    """Topics at the side, the page of the chosen one beside; nothing is fetched from anywhere."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        edge = 2 * style.GRID
        row.setContentsMargins(edge, edge, edge, edge)
        row.setSpacing(edge)
        side = QVBoxLayout()
        self.search = QLineEdit()
        self.search.setPlaceholderText(t_("Search the help"))
        self.search.setAccessibleName(t_("Search the help"))
        self.search.setFixedWidth(style.scaled(_WIDTH))
        self.search.textChanged.connect(self._search)
        side.addWidget(self.search)
        self.nothing = QLabel(t_("No page of the help holds all these words."))
        self.nothing.setWordWrap(True)
        self.nothing.setFixedWidth(style.scaled(_WIDTH))
        style.set_role(self.nothing, "quiet")
        self.nothing.hide()
        side.addWidget(self.nothing)
        self.list = QListWidget()
        self.list.setAccessibleName(t_("Topics"))
        self.list.setWordWrap(True)
        self.list.setItemDelegate(LinesDelegate(self.list))
        self.list.setFixedWidth(style.scaled(_WIDTH))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.list.currentRowChanged.connect(self._show_row)
        side.addWidget(self.list, 1)
        row.addLayout(side)
        self.page = QTextBrowser()
        self.page.setAccessibleName(t_("Help"))
        self.page.setOpenLinks(False)
        self.page.setOpenExternalLinks(False)
        self.page.anchorClicked.connect(self._follow)
        self.page.document().setDocumentMargin(edge)
        row.addWidget(self.page, 1)
        language = language_of_system()
        self._texts = {name: text_of(name, language) for name in TOPICS}
        self._texts[SHORTCUTS_TOPIC] = _shortcuts()
        self._shown: list[str] = []
        self._search()

    def begin(self) -> None:
        """Put the focus where one begins."""
        self.list.setFocus()

    def show_topic(self, name: str) -> None:
        """Show a topic."""
        if name not in self._texts:
            return
        if name not in self._shown:
            self.search.clear()
        self.list.setCurrentRow(self._shown.index(name))

    @Slot()
    def _search(self) -> None:
        """List the topics that hold all words."""
        words = self.search.text().casefold().split()
        current = self._current()
        self._shown = [
            name
            for name, text in self._texts.items()
            if all(word in text.casefold() for word in words)
        ]
        self.list.clear()
        self.list.addItems([_title(self._texts[name]) for name in self._shown])
        self.nothing.setHidden(bool(self._shown))
        if self._shown:
            self.list.setCurrentRow(self._shown.index(current) if current in self._shown else 0)

    def _current(self) -> str:
        row = self.list.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else ""

    @Slot(int)
    def _show_row(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            self.page.setMarkdown(self._texts[self._shown[row]])
            _set_apart(self.page.document())

    @Slot(QUrl)
    def _follow(self, address: QUrl) -> None:
        """Go to another topic; nothing else can be linked to."""
        self.show_topic(address.toString().removesuffix(".md"))

    def enter(self) -> None:
        """Show what stands here."""

    def save_now(self) -> None:
        """Keep nothing: nothing typed here is a record."""

    def leave(self) -> None:
        """Keep what stands here."""

    def place(self) -> Place:
        """Return the topic."""
        return {"topic": self._current()}

    def restore(self, place: Place) -> None:
        """Show the topic that is named."""
        topic = place.get("topic")
        if isinstance(topic, str):
            self.show_topic(topic)


def _set_apart(document: QTextDocument) -> None:
    """Put room between the paragraphs, which Qt sets one right below the other."""
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        form = block.blockFormat()
        is_inside_list = block.textList() is not None and block.next().textList() is not None
        if cursor.currentTable() is None and not is_inside_list:
            form.setBottomMargin(style.scaled(style.GRID))
            cursor.setBlockFormat(form)
        block = block.next()


def text_of(name: str, language: str) -> str:
    """Return a topic in a language, or in English where there is none."""
    path = resource("help", language, f"{name}.md")
    if not path.is_file():
        path = resource("help", "en", f"{name}.md")
    return path.read_text(encoding="utf-8")


def _title(text: str) -> str:
    return text.lstrip().split("\n", 1)[0].removeprefix("#").strip()


def _shortcuts() -> str:
    lines = [f"# {t_('Shortcuts')}", "", f"| {t_('Keys')} | {t_('What they do')} |", "|---|---|"]
    for shortcut in SHORTCUTS:
        keys = t_("Esc twice")
        if shortcut.keys != "Esc Esc":
            # The keys are called as they are on the keyboard; Macs have signs for them.
            is_mac = sys.platform == "darwin"
            form = QKeySequence.SequenceFormat
            keys = QKeySequence(shortcut.keys).toString(
                form.NativeText if is_mac else form.PortableText
            )
            keys = keys.replace("Return", "Enter")
        lines.append(f"| {keys} | {translate(shortcut.words)} |")
    return "\n".join(lines) + "\n"
