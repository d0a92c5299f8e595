"""The records: a list that is searched as one types, and the record that is chosen beside it."""

import operator
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar, cast

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.query import Query, typed_name
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.titles import title_of
from fielddoc.domain.visible import visible
from fielddoc.domain.words import day_in_words
from fielddoc.errors import CancelledError
from fielddoc.gui import style
from fielddoc.gui.fields.flow_layout import FlowLayout
from fielddoc.gui.hold_button import HoldButton
from fielddoc.gui.long_list import LongList
from fielddoc.gui.note import Note
from fielddoc.gui.painted_text import in_lines
from fielddoc.gui.record_editor import RecordEditor
from fielddoc.gui.record_list import ICONS, RECORD, RecordDelegate, RecordListModel
from fielddoc.gui.saved_searches import KeepSearch
from fielddoc.gui.search_bar import SearchBar
from fielddoc.gui.session import Session
from fielddoc.gui.shell import Place, Shell
from fielddoc.i18n import language_of_system, t_, translate
from fielddoc.vault import drafts, duplicates, purge, records, templates, trash
from fielddoc.vault.finding import Listing, Order, Wanted, bring_more, find, first_of
from fielddoc.vault.records import ListedRecord
from fielddoc.vault.templates import Template
from fielddoc.vault.vault import Vault

ALL, TRASH = "all", "trash"
FIRST_HITS = 512
_SLICE = 20_000
_PAUSE_MS = 200
_PURGE_HOLD_MS = 1500
_LIST_WIDTH, _EDITOR_WIDTH = 300, 420
_DRAFTS_SHOWN = 4
_PAIR = 2
_LITTLE = 3
"""With so few records found, other spellings of a name are offered."""
T = TypeVar("T")
_NewDraft = tuple[str, str, int, str]
"""Id, type, time of saving (Unix, ms) and title of a record that was typed and never saved."""


class RecordsPage(QWidget):
    """The list pane and the editor."""

    counted = Signal(object)
    """How many records there are of each type, outside and inside the trash."""

    def __init__(self, session: Session, shell: Shell) -> None:
        super().__init__()
        self.session = session
        self.shell = shell
        self.kind = ALL
        self._generation = 0
        self.is_listing = False
        """Whether the list does not show yet what is wanted."""
        self._listing: Listing | None = None
        self._shown: Wanted | None = None
        self._counts: dict[tuple[str, bool], int] | None = None
        self._is_count_old = True
        self._wanted_record: str | None = None
        self._old_numbers: list[int] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        row.addWidget(self.splitter)
        self.splitter.addWidget(self._list_pane())
        self.detail = QStackedWidget()
        self.detail.setMinimumWidth(_EDITOR_WIDTH)
        self.empty = EmptyState()
        self.empty.new_chosen.connect(self.new_record)
        self.detail.addWidget(self.empty)
        self._editor: RecordEditor | None = None
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([360, 640])
        self._full = QTimer(self)
        self._full.setSingleShot(True)
        self._full.setInterval(_PAUSE_MS)
        self._full.timeout.connect(self._list_all)
        session.record_changed.connect(self._changed)
        self._show_kind_words()

    def begin(self) -> None:
        """Put the focus where one begins."""
        (self.list if self.list.isVisible() else self.new_button).setFocus()

    @property
    def editor(self) -> RecordEditor:
        """The editor, made when it is first needed: the list is there sooner without it."""
        if self._editor is None:
            self._editor = RecordEditor(self.session, self.shell)
            self._editor.closed.connect(self._editor_closed)
            self._editor.created.connect(self._created)
            self.detail.addWidget(self._editor)
        return self._editor

    @property
    def _open_record(self) -> str | None:
        return None if self._editor is None else self._editor.record

    def _is_editing(self) -> bool:
        return self._editor is not None and self.detail.currentWidget() is self._editor

    def _commit(self) -> None:
        if self._editor is not None:
            self._editor.commit()

    def forget_saved(self) -> None:
        """Call nothing saved any more: the vault is not where it was."""
        if self._editor is not None:
            self._editor.forget_saved()

    # --- what stands in it -----------------------------------------------------------------------

    def _list_pane(self) -> QWidget:
        pane = self.list_pane = QWidget()
        pane.setMinimumWidth(_LIST_WIDTH)
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, style.GRID, 0, 0)
        column.setSpacing(style.GRID)
        column.addWidget(self._make_top())
        line = QHBoxLayout()
        line.setContentsMargins(2 * style.GRID, 0, style.GRID, 0)
        self.count = QLabel()
        style.set_role(self.count, "small")
        line.addWidget(self.count, 1)
        self.conflicts = QToolButton()
        self.conflicts.setCheckable(True)
        self.conflicts.setVisible(False)
        self.conflicts.toggled.connect(self.refresh)
        line.addWidget(self.conflicts)
        self.order = QComboBox()
        self.order.setAccessibleName(t_("Order"))
        self.order.addItem(t_("Newest first"), Order.NEWEST.value)
        self.order.addItem(t_("Best first"), Order.BEST.value)
        self.order.setToolTip(t_("Best first: with the words in the name or title"))
        self.order.currentIndexChanged.connect(self.refresh)
        self.order.setVisible(False)
        line.addWidget(self.order)
        self.keeping = KeepSearch(self.session, self.bar, self.chosen_order)
        column.addLayout(line)
        column.addWidget(self.keeping)
        self.drafts = QFrame()
        style.set_role(self.drafts, "note")
        self.drafts_column = QVBoxLayout(self.drafts)
        self.drafts.setVisible(False)
        column.addWidget(self.drafts)
        self.near = QFrame()
        style.set_role(self.near, "note")
        self.near_column = QVBoxLayout(self.near)
        self.near.setVisible(False)
        column.addWidget(self.near)
        column.addWidget(self._make_list(), 1)
        self.old = Note("trash-2")
        self.old.add_button(t_("Choose them"), self._choose_old)
        self.old.hide()
        column.addWidget(self.old)
        self.nothing = QLabel()
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        style.set_role(self.nothing, "quiet")
        self.nothing.setContentsMargins(2 * style.GRID, 0, 2 * style.GRID, 0)
        self.nothing.setVisible(False)
        column.addWidget(self.nothing, 1)
        self.clear_search = QPushButton(t_("Clear the search"))
        self.clear_search.clicked.connect(self.search.clear)
        self.clear_search.setVisible(False)
        under = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        column.addWidget(self.clear_search, 1, under)
        column.addWidget(self._make_chosen_bar())
        return pane

    def _make_top(self) -> SearchBar:
        self.bar = SearchBar(self.session)
        self.search = self.bar.line
        self.search.installEventFilter(self)
        self.bar.changed.connect(self._search)
        self.new_button = QPushButton()
        style.set_role(self.new_button, "primary")
        self.new_button.setIcon(style.icon("plus", style.colours_now().on_accent))
        self.new_button.clicked.connect(self._new)
        self.bar.below.addWidget(self.new_button)
        return self.bar

    def _make_list(self) -> LongList:
        self.model = RecordListModel(self.session)
        self.list = LongList()
        self.list.setAccessibleName(t_("Records"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(RecordDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.list.selectionModel().selectionChanged.connect(self._selection_changed)
        self.list.activated.connect(self._focus_editor)
        self.list.installEventFilter(self)
        self.model.dataChanged.connect(self._brought)
        return self.list

    def _make_chosen_bar(self) -> QFrame:
        """Return the bar for the chosen records; in the trash it can also remove for good."""
        self.chosen_bar = QFrame()
        style.set_role(self.chosen_bar, "bar")
        column = QVBoxLayout(self.chosen_bar)
        column.setContentsMargins(style.GRID, 4, style.GRID, 4)
        row = FlowLayout()
        column.addLayout(row)
        self.to_trash = QPushButton(t_("Move to trash"))
        self.to_trash.setIcon(style.icon("trash-2"))
        self.to_trash.clicked.connect(self.delete_chosen)
        self.to_export = QPushButton(t_("Export"))
        self.to_export.setIcon(style.icon("upload"))
        self.to_export.clicked.connect(self._export_chosen)
        self.to_compare = QPushButton(t_("Compare these two…"))
        self.to_compare.setIcon(style.icon("user-plus"))
        self.to_compare.setToolTip(t_("Side by side, to merge them if they are one person"))
        self.to_compare.clicked.connect(self._compare_chosen)
        self.restore_button = QPushButton(t_("Restore"))
        self.restore_button.setIcon(style.icon("rotate-ccw"))
        self.restore_button.clicked.connect(self.restore_chosen)
        self.purge_button = HoldButton(t_("Hold to remove for good"), hold_ms=_PURGE_HOLD_MS)
        self.purge_button.setToolTip(t_("There is no way back, and no import brings it again."))
        self.purge_button.held.connect(self.purge_chosen)
        in_trash = (self.restore_button, self.purge_button)
        for button in (self.to_trash, self.to_export, self.to_compare, *in_trash):
            row.addWidget(button)
        self.chosen_bar.setVisible(False)
        return self.chosen_bar

    # --- which records ---------------------------------------------------------------------------

    def show_kind(self, kind: str) -> None:
        """Show records of one type, all, or those in the trash."""
        if kind == self.kind:
            return
        self._commit()
        self.kind = kind
        self._wanted_record = None
        self.list.clearSelection()
        self.detail.setCurrentWidget(self.empty)
        self._show_kind_words()
        self.refresh()

    def _show_kind_words(self) -> None:
        declared = record_type(self.kind)
        words = t_("New")
        if declared is not None:
            words = t_("New: {kind}").format(kind=translate(declared.label))
        self.new_button.setText(words)
        self.new_button.setAccessibleName(words)
        self.new_button.setVisible(self.kind not in (TRASH, "attachment"))
        self.empty.show_kind(self.kind)

    def chosen_order(self) -> Order:
        """Return in which order the list is wanted."""
        return Order(str(self.order.currentData()))

    def show_search(self, text: str, order: Order) -> None:
        """Search for something in an order, as a saved search does."""
        self.order.setCurrentIndex(self.order.findData(order.value))
        self.bar.show_text(text)

    @Slot()
    def refresh(self) -> None:
        """List anew, keeping the chosen record."""
        self._list()

    @Slot()
    def _search(self) -> None:
        self.order.setVisible(bool(self.bar.query.words))
        self.keeping.show_for(self.bar.text())
        if self._is_editing():
            self.editor.show_hits(self.bar.query)
        self._list()

    def _wanted(self) -> Wanted:
        return Wanted(
            self.bar.query,
            type_name=None if self.kind in (ALL, TRASH) else self.kind,
            trash=self.kind == TRASH,
            only_conflicts=self.conflicts.isChecked(),
            order=self.chosen_order(),
            with_those_of_people=True,
        )

    def _list(self) -> None:
        """List in two phases: the first hits at once, the others after a pause in typing."""
        self._generation += 1
        generation = self._generation
        wanted = self._wanted()
        self.is_listing = True
        self._full.stop()

        def step(vault: Vault) -> Listing | None:
            return self._while_wanted(
                vault, generation, lambda: first_of(vault, wanted, limit=FIRST_HITS)
            )

        def show(listing: Listing | None) -> None:
            if listing is not None and generation == self._generation:
                self._listing = listing
                self.is_listing = False
                self._show(listing, wanted)
                self._full.start()

        self.session.ask(self, step, show)

    def _while_wanted(self, vault: Vault, generation: int, step: Callable[[], T]) -> T | None:
        """Do a step of listing on the vault's thread, or nothing once another list is wanted."""

        def is_stale() -> bool:
            return generation != self._generation

        if is_stale():
            return None
        try:
            with vault.database.stoppable(is_stale):
                return step()
        except CancelledError:
            return None

    @Slot()
    def _list_all(self) -> None:
        """Bring the rest in slices, so that saving and searching go on between two of them."""
        generation, wanted = self._generation, self._wanted()
        listing = self._listing
        if listing is None:
            return
        # The list that is shown must not change under the window, so the rest grows a copy.
        whole = Listing(array("q", listing.numbers), list(listing.groups), listing.place)

        def step(vault: Vault) -> Listing | None:
            def more() -> Listing:
                if whole.place is not None:
                    bring_more(vault, wanted, whole, limit=_SLICE)
                return whole

            return self._while_wanted(vault, generation, more)

        def go_on(brought: Listing | None) -> None:
            if brought is None or generation != self._generation:
                return
            if brought.place is not None:
                self.session.ask(self, step, go_on)
                return
            self._listing = brought
            self._show_numbers(brought.numbers, brought.groups, wanted.query)
            self._show_count()
            self._find_wanted_record()
            self._look_for_near_names(brought, wanted)

        if whole.place is not None:
            self.session.ask(self, step, go_on)
        else:
            self._look_for_near_names(whole, wanted)
        if self._is_count_old:
            # After the first hits, because a million records are counted in a tenth of a second.
            self._is_count_old = False
            self.session.ask(self, records.counts, self.show_counts)

    def _look_for_near_names(self, listing: Listing, wanted: Wanted) -> None:
        """Where little was found, look for people who are spelled nearly as what was sought."""
        generation, text = self._generation, " ".join(wanted.query.words)
        if not text or self.kind not in (ALL, "person") or len(listing.numbers) > _LITTLE:
            self._show_near_names([])
            return

        def step(vault: Vault) -> list[str] | None:
            return self._while_wanted(
                vault, generation, lambda: duplicates.near_spellings(vault, text)
            )

        def show(names: list[str] | None) -> None:
            if names is not None and generation == self._generation:
                self._show_near_names(names)

        self.session.ask(self, step, show)

    def _show_near_names(self, names: Sequence[str]) -> None:
        """Offer other spellings; each is a button that searches for it."""
        _empty(self.near_column)
        if names:
            words = QLabel(t_("Spelled nearly so:"))
            style.set_role(words, "small")
            self.near_column.addWidget(words)
        for name in names:
            button = QPushButton(visible(name).replace("&", "&&"))
            button.setAccessibleName(t_("Search for {name}").format(name=visible(name)))
            style.set_role(button, "plain")
            button.clicked.connect(partial(_without_state, self._search_for, name))
            self.near_column.addWidget(button)
        self.near.setVisible(bool(names))

    def _search_for(self, name: str) -> None:
        self.search.setFocus()
        self.bar.show_text(typed_name(name))

    def show_counts(self, counts: dict[tuple[str, bool], int]) -> None:
        """Know how many records there are of each type, outside and inside the trash."""
        self._counts = counts
        self.counted.emit(counts)
        self._show_count()
        is_vault_empty = self.kind == ALL and self._total() == 0
        self.empty.show_empty(is_vault_empty=is_vault_empty)

    def _total(self) -> int | None:
        """Return how many records could be listed, or None while that is not known."""
        if self._counts is None:
            return None
        is_trash = self.kind == TRASH
        type_name = None if self.kind in (ALL, TRASH) else self.kind
        return sum(
            count
            for (name, deleted), count in self._counts.items()
            if deleted == is_trash and type_name in (None, name)
        )

    def _look_aside(self) -> None:
        """Look for drafts of unsaved records and for conflicts, which a search need not do."""
        self._list_drafts()
        self.session.ask(self, _old, self._show_old)
        self.session.ask(self, _numbers_in_conflict, self._show_conflicts)

    def _show_old(self, numbers: list[int]) -> None:
        """Offer what has been in the trash for long; nothing goes by itself."""
        self._old_numbers = numbers
        words = t_("In the trash for 30 days or more: {count}. They stay until you remove them.")
        if self.kind == TRASH and numbers:
            self.old.show_text(words.format(count=len(numbers)))
        else:
            self.old.hide()

    def _choose_old(self) -> None:
        self.list.clearSelection()
        self._choose_numbers(self._old_numbers, None)

    def _show_conflicts(self, found: "array[int]") -> None:
        self.conflicts.setVisible(bool(found) or self.conflicts.isChecked())
        self.conflicts.setText(t_("In conflict: {count}").format(count=len(found)))

    def _show(self, listing: Listing, wanted: Wanted) -> None:
        """Show the first hits. Of the same list as before, the rest stays until it is brought."""
        numbers, groups = listing.numbers, listing.groups
        if wanted == self._shown and listing.place is not None and len(groups) == 1:
            shown = self.model.numbers()
            below = bisect_right(shown, -numbers[-1], key=operator.neg)
            numbers = numbers + shown[below:]
        if wanted != self._shown:
            self._show_near_names([])
        self._shown = wanted
        self._show_numbers(numbers, groups, wanted.query)
        self._show_count()
        is_empty = not len(numbers)
        self.list.setVisible(not is_empty)
        self.nothing.setVisible(is_empty)
        searched = bool(self.search.text().strip())
        self.clear_search.setVisible(is_empty and searched)
        self.nothing.setText(_words_for_nothing(self.kind, searched=searched))
        # In the middle, or just above the button that stands under it.
        place = Qt.AlignmentFlag.AlignBottom if searched else Qt.AlignmentFlag.AlignVCenter
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | place)
        self._find_wanted_record()

    def _show_numbers(self, numbers: "array[int]", groups: Sequence[int], query: Query) -> None:
        before = self.model.numbers()
        if query == self.model.query and numbers[: len(before)] == before and len(before):
            self.model.extend(numbers, groups)
            self.model.refresh()
            return
        chosen = self._chosen_numbers()
        current = self.list.currentIndex().row()
        number = before[current] if 0 <= current < len(before) else None
        scrolled = self.list.verticalScrollBar().value()
        blocked = self.list.selectionModel().blockSignals(True)  # noqa: FBT003
        self.model.set_numbers(numbers, groups, query)
        self._choose_numbers(chosen, number)
        self.list.selectionModel().blockSignals(blocked)
        self.list.verticalScrollBar().setValue(scrolled)

    def _find_wanted_record(self) -> None:
        if self._wanted_record is not None:
            self._choose_record(self._wanted_record)

    def _show_count(self) -> None:
        listing, total = self._listing, self._total()
        if listing is None:
            return
        shown = len(listing.numbers)
        if listing.place is not None:
            words = t_("best {shown:,} …") if self._is_best() else t_("newest {shown:,} …")
            self.count.setText(words.format(shown=shown))
        elif shown == 1 and total in (None, 1):
            self.count.setText(t_("1 record"))
        elif total is None or shown == total:
            self.count.setText(t_("{total:,} records").format(total=shown))
        else:
            words = t_("{shown:,} of {total:,} records")
            self.count.setText(words.format(shown=shown, total=total))
        if self.kind == TRASH:
            self.count.setText(f"{t_('Trash')}  ·  {self.count.text()}")

    def _is_best(self) -> bool:
        return bool(self.bar.query.words) and self.chosen_order() is Order.BEST

    def _list_drafts(self) -> None:
        self.session.ask(self, _new_drafts, self._show_drafts)

    def _show_drafts(self, found: Sequence[_NewDraft]) -> None:
        """Offer what was typed for records that were never saved."""
        _empty(self.drafts_column)
        here = [draft for draft in found if draft[0] != self._open_record]
        for record, type_name, saved_ms, _ in here[:_DRAFTS_SHOWN]:
            declared = record_type(type_name)
            time = datetime.fromtimestamp(saved_ms / 1000).astimezone().strftime("%H:%M")
            words = t_("Go on: {kind}, not saved yet, {time}").format(
                kind=translate(declared.label) if declared else type_name, time=time
            )
            button = QPushButton(words)
            button.setIcon(style.icon("pencil"))
            style.set_role(button, "plain")
            self._fit(button)
            button.clicked.connect(partial(self._open, record))
            self.drafts_column.addWidget(button)
        if len(here) > _DRAFTS_SHOWN:
            self.drafts_column.addWidget(self._more_drafts(here))
        self.drafts.setVisible(bool(here) and self.kind != TRASH)

    def _fit(self, button: QPushButton) -> None:
        """Break the words of a button that is wider than the list."""
        button.ensurePolished()
        words, metrics = button.text(), button.fontMetrics()
        margins = self.drafts_column.contentsMargins()
        around = button.sizeHint().width() - metrics.horizontalAdvance(words)
        room = self.list_pane.width() - margins.left() - margins.right() - around
        button.setText(in_lines(words, button.font(), room))
        button.setAccessibleName(words)

    def _more_drafts(self, found: Sequence[_NewDraft]) -> QPushButton:
        """Return a button with a menu of all of them, each with its title and day."""
        button = QPushButton(t_("All that is not saved yet: {count}").format(count=len(found)))
        style.set_role(button, "plain")
        self._fit(button)
        menu = QMenu(button)
        for record, type_name, saved_ms, title in found:
            declared = record_type(type_name)
            kind = translate(declared.label) if declared else visible(type_name)
            day = datetime.fromtimestamp(saved_ms / 1000).astimezone().date().isoformat()
            words = "  ·  ".join(
                part for part in (visible(title), kind, visible(day_in_words(day))) if part
            )
            action = menu.addAction(style.icon(_icon_of(type_name)), words.replace("&", "&&"))
            action.triggered.connect(partial(_without_state, self._open, record))
        button.setMenu(menu)
        return button

    # --- which is chosen -------------------------------------------------------------------------

    def _chosen_numbers(self) -> list[int]:
        numbers = self.model.numbers()
        rows = [index.row() for index in self.list.selectionModel().selectedIndexes()]
        return [numbers[row] for row in rows if row < len(numbers)]

    def chosen(self) -> list[ListedRecord]:
        """Return the chosen records, in the order of the list."""
        indexes = sorted(self.list.selectionModel().selectedIndexes(), key=lambda i: i.row())
        found = (index.data(RECORD) for index in indexes)
        return [record for record in found if isinstance(record, ListedRecord)]

    def _choose_numbers(self, chosen: Sequence[int], current: int | None) -> None:
        selection = self.list.selectionModel()
        for number in chosen[:FIRST_HITS]:
            row = self.model.row_of(number)
            if row >= 0:
                selection.select(self.model.index(row), QItemSelectionModel.SelectionFlag.Select)
        if current is not None and (row := self.model.row_of(current)) >= 0:
            selection.setCurrentIndex(
                self.model.index(row), QItemSelectionModel.SelectionFlag.NoUpdate
            )

    def _choose_record(self, record: str) -> None:
        """Mark a record in the list once it is known where it stands."""

        def mark(number: int | None) -> None:
            row = -1 if number is None else self.model.row_of(number)
            if row < 0 or self._wanted_record != record:
                return
            self._wanted_record = None
            blocked = self.list.selectionModel().blockSignals(True)  # noqa: FBT003
            self.list.setCurrentIndex(self.model.index(row))
            self.list.scrollTo(self.model.index(row))
            self.list.selectionModel().blockSignals(blocked)
            self._selection_changed()

        self.session.ask(self, lambda vault: records.number_of(vault, record), mark)

    @Slot()
    def _current_changed(self) -> None:
        record = self.list.currentIndex().data(RECORD)
        if isinstance(record, ListedRecord) and record.id != self._open_record:
            self._show_in_editor(record.id)

    @Slot()
    def _brought(self) -> None:
        """Open the chosen record when its row has only now come, or offer to compare two."""
        self.to_compare.setVisible(self._is_pair_of_people())
        if self.detail.currentWidget() is self.empty and len(self._chosen_numbers()) == 1:
            self._current_changed()

    @Slot()
    def _selection_changed(self) -> None:
        chosen = self.list.selectionModel().selectedIndexes()
        count = len(chosen)
        if count == 1 and chosen[0] == self.list.currentIndex():
            # The first row is current as soon as the list has the focus, and not yet opened.
            self._current_changed()
        is_trash = self.kind == TRASH
        self.chosen_bar.setVisible(count > 1 or (is_trash and count > 0))
        self.to_trash.setVisible(not is_trash)
        self.to_export.setVisible(not is_trash)
        self.to_compare.setVisible(self._is_pair_of_people())
        self.restore_button.setVisible(is_trash)
        self.purge_button.setVisible(is_trash)

    def _is_pair_of_people(self) -> bool:
        """Whether exactly two people are marked, which may be one person."""
        if self.kind == TRASH or len(self.list.selectionModel().selectedIndexes()) != _PAIR:
            return False
        chosen = self.chosen()
        return len(chosen) == _PAIR and all(record.type == "person" for record in chosen)

    def _show_in_editor(self, record: str) -> None:
        self._commit()
        self.editor.show_hits(self.bar.query)
        self.editor.open_record(record)
        self.detail.setCurrentWidget(self.editor)

    def _open(self, record: str) -> None:
        self._wanted_record = record
        self._show_in_editor(record)
        self._choose_record(record)
        self._list_drafts()

    @Slot()
    def _focus_editor(self) -> None:
        if self._is_editing():
            self.editor.begin()

    @Slot()
    def _editor_closed(self) -> None:
        self.list.clearSelection()
        self.list.setCurrentIndex(self.model.index(-1))
        self.detail.setCurrentWidget(self.empty)
        self.list.setFocus()

    @Slot(str)
    def _created(self, record: str) -> None:
        self._wanted_record = record

    @Slot(str)
    def _changed(self, _: str) -> None:
        self._is_count_old = True
        self.refresh()
        self._look_aside()

    # --- doing something -------------------------------------------------------------------------

    @Slot()
    def _new(self) -> None:
        kind = None if self.kind == ALL else self.kind
        self.session.ask(self, lambda vault: templates.templates(vault, kind), self._offer_new)

    def _offer_new(self, kept: Sequence[Template]) -> None:
        """Begin at once where there is nothing to choose; else show kinds and templates."""
        if self.kind != ALL and not kept:
            self.new_record(self.kind)
            return
        menu = QMenu(self)
        for declared in RECORD_TYPES:
            if declared.name != "attachment" and self.kind in (ALL, declared.name):
                action = menu.addAction(
                    style.icon(_icon_of(declared.name)), translate(declared.label)
                )
                action.triggered.connect(partial(self.new_record, declared.name))
        if kept:
            menu.addSeparator()
        for one in kept:
            words = t_("Template: {name}").format(name=visible(one.name))
            action = menu.addAction(style.icon(_icon_of(one.type)), words)
            action.triggered.connect(partial(self._new_from, one))
        if kept:
            forget = menu.addMenu(style.icon("trash-2"), t_("Forget a template"))
            for one in kept:
                action = forget.addAction(style.icon(_icon_of(one.type)), visible(one.name))
                action.triggered.connect(partial(self._forget_template, one))
        menu.popup(self.new_button.mapToGlobal(QPoint(0, self.new_button.height())))

    @Slot(str)
    def new_record(self, type_name: str) -> None:
        """Show an empty form for a new record."""
        self._commit()
        self.list.clearSelection()
        self.editor.new_record(type_name)
        self.detail.setCurrentWidget(self.editor)
        self.editor.begin()

    @Slot()
    def delete_chosen(self) -> None:
        """Move the chosen records to the trash, with Undo."""
        ids = [record.id for record in self.chosen()]
        if not ids or self.kind == TRASH:
            return
        self._commit()
        self._all(ids, records.delete, t_("Moved to the trash: {count}."), undo=records.restore)
        if self._open_record in ids:
            self._editor_closed()

    @Slot()
    def restore_chosen(self) -> None:
        """Take the chosen records out of the trash, with Undo."""
        ids = [record.id for record in self.chosen()]
        self._all(ids, records.restore, t_("Restored: {count}."), undo=records.delete)
        self._editor_closed()

    @Slot()
    def purge_chosen(self) -> None:
        """Remove the chosen records for good."""
        ids = [record.id for record in self.chosen() if record.deleted]

        self._all(ids, purge.purge_with_content, t_("Removed for good: {count}."))
        self._editor_closed()

    def _all(
        self,
        ids: Sequence[str],
        step: Callable[[Vault, str], bool],
        words: str,
        *,
        undo: Callable[[Vault, str], bool] | None = None,
    ) -> None:
        """Do a step for each record, one at a time, so that others get their turn between."""

        def back() -> None:
            assert undo is not None
            self._all(ids, undo, t_("Undone: {count}."))

        def done(_: object) -> None:
            self.shell.say(words.format(count=len(ids)), back if undo else None)
            self.session.record_changed.emit("")

        for record in ids[:-1]:
            self.session.ask(self, partial(_apply, step, record))
        if ids:
            self.session.ask(self, partial(_apply, step, ids[-1]), done)

    @Slot()
    def _export_chosen(self) -> None:
        chosen = cast("Place", {"records": [record.id for record in self.chosen()]})
        self.shell.go("export", chosen)

    @Slot()
    def _compare_chosen(self) -> None:
        if self._is_pair_of_people():
            first, second = self.chosen()
            self._commit()
            self.shell.go("duplicates", {"first": first.id, "second": second.id})

    @Slot(QPoint)
    def _menu(self, place: QPoint) -> None:
        if not self.chosen():
            return
        menu = QMenu(self)
        if self.kind == TRASH:
            menu.addAction(style.icon("rotate-ccw"), t_("Restore"), self.restore_chosen)
        else:
            menu.addAction(style.icon("upload"), t_("Export"), self._export_chosen)
            if self._is_pair_of_people():
                words = t_("Compare these two…")
                menu.addAction(style.icon("user-plus"), words, self._compare_chosen)
            menu.addAction(style.icon("trash-2"), t_("Move to trash"), self.delete_chosen)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _new_from(self, one: Template, *_: object) -> None:
        self.new_record(one.type)
        self.editor.new_record(one.type, one.values)

    def _forget_template(self, one: Template, *_: object) -> None:
        """Forget a template, with Undo."""

        def back() -> None:
            self.session.ask(self, lambda vault: templates.put_back(vault, one))

        def done(_: object) -> None:
            words = t_("The template {name} is forgotten.")
            self.shell.say(words.format(name=visible(one.name)), back)

        self.session.ask(self, lambda vault: templates.remove_template(vault, one.name), done)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let the arrows in the search field move in the list, and Del move to the trash."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = event.key()
        if watched is self.search:
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.model.rowCount():
                row = self.list.currentIndex().row() + (1 if key == Qt.Key.Key_Down else -1)
                row = min(max(row, 0), self.model.rowCount() - 1)
                self.list.setCurrentIndex(self.model.index(row))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.list.currentIndex().row() < 0 and self.model.rowCount():
                    self.list.setCurrentIndex(self.model.index(0))
                self._focus_editor()
                return True
            if key == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        if watched is self.list and key == Qt.Key.Key_Delete:
            self.delete_chosen()
            return True
        return super().eventFilter(watched, event)

    # --- Page ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """List anew."""
        self._is_count_old = True
        self.refresh()
        self._look_aside()

    def save_now(self) -> None:
        """Keep what is typed as a draft."""
        if self._editor is not None:
            self._editor.save_now()

    def leave(self) -> None:
        """Make a revision of what was typed."""
        self._commit()

    def place(self) -> Place:
        """Return the kind, the record and where in it; never what was searched for."""
        is_open = self._is_editing()
        return {"kind": self.kind, **(self.editor.place() if is_open else {})}

    def restore(self, place: Place) -> None:
        """Go to a kind and a record."""
        kind = place.get("kind")
        if isinstance(kind, str) and (kind in (ALL, TRASH) or record_type(kind)):
            self.show_kind(kind)
        record = place.get("record")
        if kind is None and record is not None and self.kind == TRASH:
            self.show_kind(ALL)
        if isinstance(record, str) and is_record_id(record):
            self._commit()
            self.editor.restore(place)
            self.detail.setCurrentWidget(self.editor)
            self._wanted_record = record
            self._choose_record(record)

    def focus_search(self) -> None:
        """Put the focus into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Start where one would type first."""
        super().showEvent(event)
        if self.focusWidget() is None:
            self.list.setFocus()


class EmptyState(QWidget):
    """What stands where a record would, when none is chosen."""

    new_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.addStretch(2)
        self.words = QLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        style.set_role(self.words, "quiet")
        column.addWidget(self.words)
        self.button = QPushButton(t_("New incident"))
        self.button.clicked.connect(lambda: self.new_chosen.emit("incident"))
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._kind = ALL
        self.show_empty(is_vault_empty=False)

    def show_kind(self, kind: str) -> None:
        """Know which kind is listed beside."""
        self._kind = kind
        self.show_empty(is_vault_empty=False)

    def show_empty(self, *, is_vault_empty: bool) -> None:
        """Say what can be done here."""
        self.button.setVisible(is_vault_empty)
        if is_vault_empty:
            self.words.setText(
                t_("No records yet. Write down what happened; everything can be left open.")
            )
        elif self._kind == TRASH:
            self.words.setText(t_("Choose a record to read it, to restore it or to remove it."))
        else:
            self.words.setText(t_("Choose a record, or write a new one."))


def _numbers_in_conflict(vault: Vault) -> "array[int]":
    return find(vault, Wanted(Query(), only_conflicts=True))


def _apply(step: Callable[[Vault, str], bool], record: str, vault: Vault) -> bool:
    return step(vault, record)


def _old(vault: Vault) -> list[int]:
    """Return the row numbers of what has been in the trash for thirty days."""
    found = trash.overdue(vault, records.now_ms())
    numbers = (records.number_of(vault, one.record) for one in found)
    return [number for number in numbers if number is not None]


def _new_drafts(vault: Vault) -> list[_NewDraft]:
    """Return the drafts of records that have no revision yet."""
    language = language_of_system()
    found: list[_NewDraft] = []
    for record, type_name, saved_ms in drafts.listing(vault):
        draft = drafts.get(vault, record)
        if draft is not None and records.type_of(vault, record) is None:
            title = title_of(type_name, draft.values, language)
            found.append((record, type_name, saved_ms, title))
    return found


def _without_state(step: Callable[[str], None], text: str, *_: object) -> None:
    """Take a step with a record or a name, without the state that Qt's signals add."""
    step(text)


def _empty(column: QVBoxLayout) -> None:
    while column.count():
        item = column.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.deleteLater()


def _words_for_nothing(kind: str, *, searched: bool) -> str:
    if searched:
        return t_("No record holds all these words.")
    if kind == TRASH:
        return t_("The trash is empty.")
    return t_("There is nothing here yet.")


def _icon_of(type_name: str) -> str:
    return ICONS.get(type_name, "file-text")
