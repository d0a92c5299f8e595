"""Keeping a search under a name, and forgetting it again."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from fielddoc.gui import style
from fielddoc.gui.fields.lines import TextLine
from fielddoc.gui.search_bar import SearchBar
from fielddoc.gui.session import Session
from fielddoc.i18n import t_
from fielddoc.vault import searches
from fielddoc.vault.finding import Order
from fielddoc.vault.searches import SavedSearch
from fielddoc.vault.vault import Vault


class KeepSearch(QWidget):
    """Below the search while something is sought: save it under a name, or forget it."""

    changed = Signal(object)
    """The saved searches, in their order."""

    def __init__(self, session: Session, bar: SearchBar, order: Callable[[], Order]) -> None:
        super().__init__()
        self._session, self._bar, self._order = session, bar, order
        self._saved: Sequence[SavedSearch] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * style.GRID, 0, style.GRID, 0)
        self.save_button = QPushButton(t_("Save this search"))
        self.save_button.setIcon(style.icon("star"))
        style.set_flush(self.save_button)
        self.save_button.clicked.connect(self._ask_name)
        self.forget_button = QPushButton(t_("Forget this search"))
        style.set_flush(self.forget_button)
        self.forget_button.clicked.connect(self._forget)
        self.name = TextLine()
        self.name.setAccessibleName(t_("Name of the search"))
        self.name.setPlaceholderText(t_("Name of the search"))
        self.name.setMaxLength(searches.MAXIMUM_NAME_CHARACTERS)
        self.name.returnPressed.connect(self._save)
        self.keep_button = QPushButton(t_("Save"))
        self.keep_button.setAccessibleName(t_("Save the search under this name"))
        self.keep_button.clicked.connect(self._save)
        for part in (self.name, self.keep_button, self.save_button, self.forget_button):
            row.addWidget(part)
        row.addStretch(1)
        self.show_for("")

    def load(self) -> None:
        """Bring the saved searches."""
        self._session.ask(self, searches.saved, self._show)

    def show_for(self, text: str) -> None:
        """Offer what can be done with the search that is typed."""
        is_saved = any(one.text.strip() == text.strip() for one in self._saved)
        self.setVisible(bool(text.strip()))
        self.name.hide()
        self.keep_button.hide()
        self.save_button.setVisible(not is_saved)
        self.forget_button.setVisible(is_saved)

    @Slot()
    def _ask_name(self) -> None:
        self.save_button.hide()
        self.name.show()
        self.keep_button.show()
        self.name.show_text("")
        self.name.setFocus()

    @Slot()
    def _save(self) -> None:
        name, text, order = self.name.typed_text(), self._bar.text(), self._order()
        if not name.strip():
            self.name.setFocus()
            return

        def step(vault: Vault) -> Sequence[SavedSearch]:
            searches.save(vault, SavedSearch(name, text, order))
            return searches.saved(vault)

        self._session.ask(self, step, self._show)
        self._bar.line.setFocus()

    @Slot()
    def _forget(self) -> None:
        text = self._bar.text().strip()
        names = [one.name for one in self._saved if one.text.strip() == text]

        def step(vault: Vault) -> Sequence[SavedSearch]:
            for name in names:
                searches.remove(vault, name)
            return searches.saved(vault)

        self._session.ask(self, step, self._show)
        self._bar.line.setFocus()

    def _show(self, found: Sequence[SavedSearch]) -> None:
        self._saved = found
        self.show_for(self._bar.text())
        self.changed.emit(found)
