"""What stands there once a vault is unlocked: the navigation, and the page that it chooses."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.visible import visible
from fielddoc.gui import style
from fielddoc.gui.direction import indented
from fielddoc.gui.pages.agenda import AgendaPage
from fielddoc.gui.pages.duplicates import DuplicatesPage
from fielddoc.gui.pages.export import ExportPage
from fielddoc.gui.pages.export_open import ExportOpenPage
from fielddoc.gui.pages.help import HelpPage
from fielddoc.gui.pages.import_ import ImportPage
from fielddoc.gui.pages.import_photos import ImportPhotosPage
from fielddoc.gui.pages.import_table import ImportTablePage
from fielddoc.gui.pages.partners import PartnersPage
from fielddoc.gui.pages.records import ALL, TRASH, RecordsPage
from fielddoc.gui.pages.risks import RisksPage
from fielddoc.gui.pages.settings import SettingsPage
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Page, Place, Shell
from fielddoc.gui.typed import typed_of
from fielddoc.gui.undo_button import UndoButton
from fielddoc.i18n import N_, t_, translate
from fielddoc.vault.searches import SavedSearch

_NAME = Qt.ItemDataRole.UserRole
_WIDTH = 208
_SEARCH = "search:"

_ICONS = {
    ALL: "layers",
    "person": "user",
    "incident": "circle-alert",
    "risk": "shield-alert",
    "detention": "lock-keyhole",
    "source": "message-square",
    "action": "send",
    "attachment": "paperclip",
    TRASH: "trash-2",
    "agenda": "calendar",
    "partners": "users",
    "risks": "shield-check",
    "duplicates": "user-plus",
    "export": "upload",
    "import": "download",
    "settings": "settings",
    "help": "circle-help",
}
_KINDS = (ALL, *(declared.name for declared in RECORD_TYPES), TRASH)
_PAGES = (
    ("agenda", N_("Agenda")),
    ("partners", N_("Partners")),
    ("risks", N_("Risks at a glance")),
    ("duplicates", N_("People recorded twice")),
    ("export", N_("Export")),
    ("import", N_("Import")),
    ("settings", N_("Settings")),
    ("help", N_("Help")),
)


# Pages that are reached from another one, which stays marked in the navigation.
_BELOW = {"import-table": "import", "import-photos": "import", "export-open": "export"}

Counts = dict[tuple[str, bool], int]
"""How many records there are of each type, outside and inside the trash."""


class Workspace(QWidget):
    """The navigation at the side and the chosen page."""

    salvage_chosen = Signal()
    """The person wants to lock, and to save what is intact of a damaged vault."""
    preferences_chosen = Signal(object)
    page_shown = Signal(str)

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.navigation = QListWidget()
        self.navigation.setAccessibleName(t_("Where to"))
        self.navigation.setFixedWidth(style.scaled(_WIDTH))
        self.navigation.setIconSize(QSize(style.scaled(16), style.scaled(16)))
        self.navigation.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side = QFrame()
        style.set_role(side, "bar")
        inner = QVBoxLayout(side)
        inner.setContentsMargins(style.GRID, style.GRID, style.GRID, style.GRID)
        inner.addWidget(self.navigation)
        self.undo = UndoButton(session, shell)
        self.undo.before = self.leave
        # Below the icons of the list, and only as wide as its words.
        foot = indented(self.undo, style.GRID - 1)
        foot.setStretch(1, 0)
        foot.addStretch(1)
        inner.addLayout(foot)
        row.addWidget(side)
        self.pages = QStackedWidget()
        row.addWidget(self.pages, 1)
        self.records = RecordsPage(session, shell)
        # Each of the others is made when one goes there: making all of them at once would let the
        # window stand still for a tenth of a second after unlocking.
        self._page_of: dict[str, Page] = {"records": self.records}
        self._makers: dict[str, Callable[[], Page]] = {
            "agenda": lambda: AgendaPage(session, shell),
            "partners": lambda: PartnersPage(session, shell),
            "risks": lambda: RisksPage(session, shell),
            "duplicates": lambda: DuplicatesPage(session, shell),
            "export": lambda: ExportPage(session, shell),
            "import": lambda: ImportPage(session, shell),
            "import-table": lambda: ImportTablePage(session, shell),
            "import-photos": lambda: ImportPhotosPage(session, shell),
            "export-open": lambda: ExportOpenPage(session, shell),
            "settings": self._make_settings,
            "help": HelpPage,
        }
        self.pages.addWidget(self.records)
        self._fill_navigation()
        self.navigation.currentItemChanged.connect(self._chosen)
        self._searches: Sequence[SavedSearch] = ()
        self._current = "records"
        self.navigation.setCurrentRow(0)
        self.records.counted.connect(self._show_counts)
        self.records.keeping.changed.connect(self._show_searches)
        self.records.keeping.load()

    def page(self, name: str) -> Page | None:
        """Return a page, made if it is not there yet; None if there is none of this name."""
        maker = self._makers.get(name)
        if name not in self._page_of and maker is not None:
            made = maker()
            assert isinstance(made, QWidget)
            self.pages.addWidget(made)
            self._page_of[name] = made
        return self._page_of.get(name)

    @property
    def settings(self) -> SettingsPage:
        """The page of settings."""
        made = self.page("settings")
        assert isinstance(made, SettingsPage)
        return made

    def _make_settings(self) -> Page:
        made = SettingsPage(self.session, self.shell)
        made.chosen.connect(self.preferences_chosen)
        made.salvage_chosen.connect(self.salvage_chosen)
        return made

    # --- going there -----------------------------------------------------------------------------

    def go(self, name: str, place: Place | None = None) -> None:
        """Show a page: `records`, `agenda`, `partners`, `export`, `import`, `settings` or `help`."""
        page = self.page(name)
        if page is None:
            return
        self._show(name)
        if place is not None:
            page.restore(place)
        self._mark(_BELOW.get(name, name) if name != "records" else self.records.kind)
        if place is None:
            page.begin()

    def here(self) -> tuple[str, Place]:
        """Return the page that is shown and where on it the person is."""
        return self._current, self._page_of[self._current].place()

    def save_now(self) -> None:
        """Hand everything typed to the vault's thread now."""
        for page in self._page_of.values():
            page.save_now()
        typed_of(self.session).hand_over()

    def forget_saved(self) -> None:
        """Call nothing saved any more: the vault is not where it was."""
        self.records.forget_saved()

    def leave(self) -> None:
        """Make a revision of what was typed; this workspace goes."""
        self._page_of[self._current].leave()

    @Slot()
    def _chosen(self) -> None:
        item = self.navigation.currentItem()
        if item is None:
            return
        name = str(item.data(_NAME))
        if name.startswith(_SEARCH):
            search = self._searches[int(name.removeprefix(_SEARCH))]
            self.records.show_kind(ALL)
            self.records.show_search(search.text, search.order)
            self._show("records")
        elif name in _KINDS:
            self.records.show_kind(name)
            self._show("records")
        else:
            self._show(name)

    def _show(self, name: str) -> None:
        if name != self._current:
            self._page_of[self._current].leave()
        self._current = name
        page = self.page(name)
        assert page is not None
        assert isinstance(page, QWidget)
        self.pages.setCurrentWidget(page)
        page.enter()
        self.page_shown.emit(name)

    def _mark(self, name: str) -> None:
        """Mark where one is in the navigation, without going there again."""
        blocked = self.navigation.blockSignals(True)  # noqa: FBT003 - Qt's signature
        for row in range(self.navigation.count()):
            item = self.navigation.item(row)
            if item.data(_NAME) == name:
                self.navigation.setCurrentItem(item)
        self.navigation.blockSignals(blocked)

    # --- the navigation --------------------------------------------------------------------------

    def _fill_navigation(self) -> None:
        for kind in _KINDS:
            self._add_item(kind, _label_of(kind))
        gap = QListWidgetItem()
        gap.setFlags(Qt.ItemFlag.NoItemFlags)
        gap.setSizeHint(QSize(0, 2 * style.GRID))
        self.navigation.addItem(gap)
        for name, label in _PAGES:
            self._add_item(name, translate(label))

    def _add_item(self, name: str, label: str) -> None:
        self.navigation.addItem(_item(_ICONS[name], label, name))

    @Slot(object)
    def _show_counts(self, counted: Counts) -> None:
        living = {name: count for (name, deleted), count in counted.items() if not deleted}
        trash = sum(count for (_, deleted), count in counted.items() if deleted)
        counts = {**living, ALL: sum(living.values()), TRASH: trash}
        for row in range(self.navigation.count()):
            item = self.navigation.item(row)
            name = item.data(_NAME)
            if name in _KINDS:
                item.setText(f"{_label_of(str(name))}  {counts.get(str(name), 0):,}")

    @Slot(object)
    def _show_searches(self, saved: Sequence[SavedSearch]) -> None:
        """List the saved searches below the trash."""
        self._searches = saved
        blocked = self.navigation.blockSignals(True)  # noqa: FBT003 - Qt's signature
        for row in reversed(range(self.navigation.count())):
            if str(self.navigation.item(row).data(_NAME)).startswith(_SEARCH):
                self.navigation.takeItem(row)
        for number, one in enumerate(saved):
            item = _item("star", visible(one.name), f"{_SEARCH}{number}")
            item.setToolTip(visible(one.text))
            self.navigation.insertItem(len(_KINDS) + number, item)
        self.navigation.blockSignals(blocked)


def _item(icon: str, label: str, name: str) -> QListWidgetItem:
    item = QListWidgetItem(style.icon(icon), label)
    item.setData(_NAME, name)
    item.setSizeHint(QSize(0, style.scaled(32)))
    return item


def _label_of(kind: str) -> str:
    if kind == ALL:
        return t_("All records")
    if kind == TRASH:
        return t_("Trash")
    return next(translate(declared.plural) for declared in RECORD_TYPES if declared.name == kind)
