"""A folder of photos: choose it, see what they say of themselves, take them in bit for bit."""

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QPushButton

from fielddoc.domain.record_types import record_type
from fielddoc.domain.visible import visible
from fielddoc.exchange.photos import Found, Photo, Taken, look_through, take_in
from fielddoc.exchange.plan import Fate
from fielddoc.exchange.words import says
from fielddoc.gui import style
from fielddoc.gui.choose import choose_folder
from fielddoc.gui.direction import isolated, left_to_right
from fielddoc.gui.pages.exchange_page import (
    ExchangePage,
    beside,
    card,
    choose_button,
    labelled,
    lead_with,
    list_of_lines,
    plain_words,
)
from fielddoc.gui.session import Progress, Session
from fielddoc.gui.shell import Shell
from fielddoc.i18n import N_, in_a_row, language_of_system, t_, translate
from fielddoc.vault import records, titles
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

_SHOWN = 2000
_CHOICES = 50
_PAUSE_MS = 250
_STOPPED = N_(
    "Taking in photos was stopped. Those that were taken stay; import again to go on from there."
)


class ImportPhotosPage(ExchangePage):
    """One folder at a time; nothing is written before the person has seen what would be."""

    def __init__(self, session: Session, shell: Shell) -> None:
        lead = t_(
            "The photos in a folder and its subfolders. Each is kept bit for bit; what it says of"
            " itself is shown first, and is kept as inferred, for a camera may be wrong."
        )
        super().__init__(session, shell, t_("A folder of photos"), lead, "import")
        self.folder: Path | None = None
        self.found: Found | None = None
        self.choose_button = choose_button(t_("Choose a folder…"))
        self.choose_button.clicked.connect(self._choose)
        self.path_words = plain_words("")
        self.path_words.hide()
        beside(self.column, self.choose_button, self.path_words)
        owner, column = card()
        self.search = QLineEdit()
        labelled(column, t_("Find the record that they belong to"), self.search)
        self.record = QComboBox()
        labelled(column, t_("They belong to"), self.record)
        self.column.addWidget(owner)
        self.owner = owner
        self.column.addWidget(self._photos_card())
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._find)
        self.search.textChanged.connect(self._pause.start)
        self.record.currentIndexChanged.connect(self._record_chosen)
        self.finish_layout()
        self._show_records([])
        self.preview.hide()
        self.setFocusProxy(self.choose_button)

    def _photos_card(self) -> QFrame:
        self.preview, column = card()
        self.counts = plain_words("")
        style.set_role(self.counts, "heading")
        column.addWidget(self.counts)
        self.photos = list_of_lines(t_("Photos, and what they say of themselves"))
        column.addWidget(self.photos)
        self.import_button = QPushButton(t_("Import"))
        style.set_role(self.import_button, "primary")
        self.import_button.clicked.connect(self.take)
        self.show_button = QPushButton(t_("Show the records"))
        self.show_button.clicked.connect(lambda: self.shell.go("records", {"kind": "attachment"}))
        beside(column, self.import_button, self.show_button)
        return self.preview

    def set_working(self, working: bool) -> None:  # noqa: FBT001 - a state
        """Lock everything while a job runs."""
        super().set_working(working)
        for box in (self.choose_button, self.owner, self.preview):
            box.setEnabled(not working)

    # --- the record ------------------------------------------------------------------------------

    def enter(self) -> None:
        """Offer the newest records."""
        self._find()

    @Slot()
    def _find(self) -> None:
        text, language = self.search.text(), language_of_system()

        def step(vault: Vault) -> list[tuple[str, str]]:
            rows = records.listing(vault, text=text, limit=_CHOICES)
            named: list[tuple[str, str]] = []
            for row in titles.fill(vault, rows, language):
                declared = record_type(row.type)
                if declared is not None and row.type not in ("attachment", "source"):
                    named.append((row.id, f"{visible(row.title)}  ·  {translate(declared.label)}"))
            return named

        self.session.ask(self, step, self._show_records)

    def _show_records(self, found: list[tuple[str, str]]) -> None:
        chosen = self.record.currentData()
        words = self.record.currentText()
        self.record.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.record.clear()
        self.record.addItem(t_("No record yet"), "")
        for identity, text in found:
            self.record.addItem(text, identity)
        if chosen:
            if self.record.findData(chosen) < 0:
                self.record.addItem(words, chosen)
            self.record.setCurrentIndex(self.record.findData(chosen))
        self.record.blockSignals(False)  # noqa: FBT003

    @Slot()
    def _record_chosen(self) -> None:
        if self.folder is not None and self.found is not None:
            self.open(self.folder)  # what is known already depends on the record

    # --- looking and taking ----------------------------------------------------------------------

    @Slot()
    def _choose(self) -> None:
        choose_folder(self, t_("A folder of photos"), self.open)

    def open(self, folder: Path) -> None:
        """Look through a folder."""
        if self.job is not None:
            return
        self.folder, self.found = folder, None
        self.preview.hide()
        self.path_words.setText(visible(folder.name))
        self.path_words.show()
        record = str(self.record.currentData() or "") or None
        words = t_("Looking through")

        def work(vault: Vault, turn: Turn, tell: Progress) -> Found:
            return look_through(
                vault,
                folder,
                record,
                progress=lambda done, total: tell(words, done, total),
                turn=turn,
            )

        self.start(work, self._show_found, words, in_bytes=True)

    def _show_found(self, found: Found) -> None:
        self.found = found
        lead_with(self.choose_button, is_first=False)
        self._show_photos(found.photos)
        for name in found.others[:_SHOWN]:
            self.photos.addItem(
                t_("{name} is not a photo and was passed over.").format(name=left_to_right(name))
            )
        new = any(photo.fate is Fate.NEW for photo in found.photos)
        self.import_button.setVisible(new)
        self.show_button.setVisible(not new)
        self.preview.show()
        (self.import_button if new else self.show_button).setFocus()

    def _show_photos(self, photos: tuple[Photo, ...]) -> None:
        count = {fate: sum(photo.fate is fate for photo in photos) for fate in Fate}
        words = t_("New: {new}. Known already: {same}. Not taken: {refused}.")
        self.counts.setText(
            words.format(
                new=f"{count[Fate.NEW]:,}",
                same=f"{count[Fate.SAME]:,}",
                refused=f"{count[Fate.REFUSED]:,}",
            )
        )
        self.photos.clear()
        for photo in photos[:_SHOWN]:
            lines = [f"{left_to_right(photo.name)}  ·  {isolated(photo.fate.word())}", *says(photo)]
            lines += [f"SHA-256 {photo.sha256}", photo.reason]
            self.photos.addItem("\n".join(line for line in lines if line))

    @Slot()
    def take(self) -> None:
        """Take in what was shown."""
        found = self.found
        if found is None:
            return
        record = str(self.record.currentData() or "") or None
        language, words = language_of_system(), t_("Importing")

        def work(vault: Vault, turn: Turn, tell: Progress) -> Taken:
            return take_in(
                vault,
                found.photos,
                record,
                language=language,
                progress=lambda done, total: tell(words, done, total),
                turn=turn,
            )

        self.start(work, self._taken, words, in_bytes=True, stopped=_STOPPED)

    def _taken(self, taken: Taken) -> None:
        self.found = None
        self._show_photos(taken.photos)
        if taken.left:
            words = t_("Stopped: {count} photos are left. Import again to go on from there.")
            self.counts.setText(words.format(count=f"{taken.left:,}"))
        else:
            self.counts.setText(in_a_row((t_("Imported."), self.counts.text())))
        self.say(taken.error)
        self.import_button.hide()
        self.show_button.show()
        self.show_button.setFocus()
        self.session.record_changed.emit("")
