"""Every screen of the window, one after the other, on the showcase vault."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QPoint

from fielddoc.crypto.shares import Sharing
from fielddoc.domain.canonical import Json
from fielddoc.errors import DiskFullError, NotDestroyedError
from fielddoc.gui.create_screen import CreateScreen
from fielddoc.gui.fields.chronology import ChronologyField
from fielddoc.gui.files_panel import FilesPanel
from fielddoc.gui.pages.agenda import AgendaPage
from fielddoc.gui.pages.duplicates import DuplicatesPage
from fielddoc.gui.pages.export import CHECK, WHERE, WHOM, ExportPage
from fielddoc.gui.pages.export_open import ExportOpenPage
from fielddoc.gui.pages.help import HelpPage
from fielddoc.gui.pages.import_ import ImportPage
from fielddoc.gui.pages.import_photos import ImportPhotosPage
from fielddoc.gui.pages.import_table import ImportTablePage
from fielddoc.gui.pages.partners import PartnersPage
from fielddoc.gui.pages.settings import SettingsPage
from fielddoc.gui.preferences import Preferences
from fielddoc.gui.recover_screen import RecoverScreen
from fielddoc.gui.salvage_screen import SalvageScreen
from fielddoc.gui.start_screen import StartScreen
from fielddoc.gui.unlock_screen import UnlockScreen
from fielddoc.gui.window import Window
from fielddoc.gui.workspace import Workspace
from fielddoc.i18n import in_a_row, language_of_system
from fielddoc.vault import drafts, records
from fielddoc.vault.opening import open_vault
from fielddoc.vault.rekey import rekey
from fielddoc.vault.vault import Vault
from gui import at_work, showcase
from gui.showcase import Showcase
from gui.waiting import at_rest, until, wait
from interchange.test_photo_metadata import jpeg, whole


def _day(english: str, chinese: str) -> str:
    """Return a day as somebody would type it in the language of the window."""
    return chinese if language_of_system().startswith("zh") else english


def screens(window: Window, folder: Path, preferences: Preferences | None = None) -> Iterator[str]:
    """Go through all screens; the name of each is given while it is shown.

    Args:
        window: shown, with nothing in it yet.
        folder: an empty one, for vaults.
        preferences: what the vault's owner chose.
    """
    show = showcase.make(folder, preferences.settings() if preferences else None)
    window.show_start()
    wait()
    yield "start"
    start = window.screens.currentWidget()
    assert isinstance(start, StartScreen)
    start.open_folder(folder)
    wait()
    yield "start-no-vault-there"
    yield from _create(window, folder)
    window.show_unlock(show.folder)
    unlock = window.screens.currentWidget()
    assert isinstance(unlock, UnlockScreen)
    wait()
    yield "locked"
    yield from _help_before_unlocking(window)
    unlock.passphrase.set_text("not this one")
    unlock.unlock()
    until(unlock.problem.text, "the wrong passphrase was not refused")
    yield "locked-wrong-passphrase"
    yield from _shares(window, show)
    yield from _recovering(window, show, folder)
    yield from _salvage(window, show, folder)
    yield from at_work.locked_for_a_reason(window, show)
    yield from at_work.unlocking(window, show)
    window.show_unlock(show.folder)
    unlock = window.screens.currentWidget()
    assert isinstance(unlock, UnlockScreen)
    unlock.passphrase.set_text(showcase.PASSPHRASE)
    unlock.unlock()
    until(window.workspace, "the vault was not unlocked")
    workspace = window.workspace()
    assert workspace is not None
    yield from _records(window, workspace, show, folder)
    yield from _agenda(workspace)
    yield from _partners(workspace, show)
    yield from _export(window, workspace, show, folder)
    yield from _import(workspace, folder)
    workspace.go("risks")
    at_rest(window)
    yield "risks"
    twin: dict[str, Json] = {
        "names": [{"text": "Deng Wangshi", "kind": "romanised"}],
        "birth_date": "1978",
        "occupation": "Lawyer in the river districts",
    }
    workspace.session.ask(window, lambda vault: records.add(vault, "person", twin))
    workspace.go("duplicates")
    page = workspace.pages.currentWidget()
    assert isinstance(page, DuplicatesPage)
    until(lambda: page.shown, "nobody was suggested")
    wait(200)
    yield "duplicates"
    suggested = len(page.pairs)
    page.mark_distinct()
    until(lambda: len(page.pairs) < suggested, "they are suggested again")
    wait(200)
    yield "duplicates-two-people"
    workspace.go("settings")
    wait(150)
    yield "settings"
    yield from _new_keys(workspace)
    yield from _help(workspace)
    yield from _settings(workspace)
    yield from at_work.conflicting(window, workspace)
    full = DiskFullError()
    window.banner.show_text(full.sentence(), full.advice_in_window())
    wait()
    yield "error"
    window.banner.hide()
    gone = NotDestroyedError()
    window._show_not_destroyed(in_a_row((gone.sentence(), gone.advice_in_window())))
    wait()
    yield "not-destroyed"


def _help_before_unlocking(window: Window) -> Iterator[str]:
    window._help()
    wait()
    yield "locked-help"
    window._leave_help()
    wait()


def _help(workspace: Workspace) -> Iterator[str]:
    workspace.go("help", {"topic": "wipe"})
    wait()
    yield "help"
    page = workspace.pages.currentWidget()
    assert isinstance(page, HelpPage)
    page.search.setText(_day("passphrase", "口令"))
    wait()
    yield "help-search"
    page.search.setText("nobody wrote this")
    wait()
    yield "help-search-nothing"
    workspace.go("help", {"topic": "shortcuts"})
    wait()
    yield "shortcuts"


def _settings(workspace: Workspace) -> Iterator[str]:
    """Go through what the cards of the settings show when they are used."""
    page = workspace.settings
    workspace.go("settings")
    page.area.ensureWidgetVisible(page.own_fields, 0, 400)
    wait(200)
    yield "settings-own-fields"
    page.own_fields.label.setText("Case number of the office")
    page.own_fields.types["person"].setChecked(True)
    page.own_fields.add()
    until(page.own_fields.rows.count, "the field was not declared")
    page.area.ensureWidgetVisible(page.own_fields, 0, 400)
    wait(200)
    yield "settings-own-field-declared"
    sources = page.sources
    sources.new.set_text(showcase.SOURCES_PASSPHRASE)
    sources.again.set_text("not the same")
    sources.set_new()
    page.area.ensureWidgetVisible(sources, 0, 40)
    wait(100)
    yield "settings-sources-refused"
    sources.again.set_text(showcase.SOURCES_PASSPHRASE)
    sources.set_new()
    until(lambda: sources.state.has_passphrase, "who sources are has no passphrase")
    wait(100)
    yield "settings-sources-open"
    sources.close_now()
    until(lambda: not sources.state.is_open, "who sources are is not closed")
    wait(100)
    yield "settings-sources-closed"
    page.old.set_text("not this one")
    page.new.set_text("seven quite different words for this vault")
    page.again.set_text("seven quite different words for this vault")
    page.change_passphrase()
    until(page.change_button.isEnabled, "the passphrase was not looked at")
    page.area.ensureWidgetVisible(page.change_button, 0, 40)
    wait(100)
    yield "settings-passphrase-refused"
    page.check()
    until(page.report.isVisible, "nothing was checked")
    page.area.ensureWidgetVisible(page.report, 0, 40)
    wait(100)
    yield "settings-checked"
    page.begin_practice()
    until(page.practice.button.isEnabled, "nothing to practise on")
    page.area.ensureWidgetVisible(page.practice, 0, 40)
    wait(100)
    yield "settings-practice"
    page.practice.remove()


def _recovering(window: Window, show: Showcase, folder: Path) -> Iterator[str]:
    """Open a copy of the vault with shares, up to the new passphrase."""
    shared = folder / "shared"
    shutil.copytree(show.folder, shared)
    with open_vault(shared, showcase.PASSPHRASE) as vault:
        shares = rekey(
            vault,
            showcase.PASSPHRASE,
            cost=vault.key_file.half.public.cost,
            sharing=Sharing(2, 3),
        )
    window.show_unlock(shared)
    window.show_recover()
    screen = window.screens.currentWidget()
    assert isinstance(screen, RecoverScreen)
    screen.entry.line.setText(shares[0])
    screen.entry.take()
    wait()
    yield "locked-share-taken"
    screen.entry.line.setText(shares[2])
    screen.entry.take()
    until(screen.new_keys.isVisible, "the shares did not open the vault")
    wait(100)
    yield "recovered"


def _salvage(window: Window, show: Showcase, folder: Path) -> Iterator[str]:
    """Go through what is shown of a vault that is damaged: one file, and the first page."""
    damaged = folder / "damaged"
    shutil.copytree(show.folder, damaged)
    for path in (max((damaged / "attachments").iterdir()), damaged / "records.db"):
        with path.open("r+b") as file:
            file.seek(2000)
            file.write(b"damage")
    window.show_unlock(damaged)
    unlock = window.screens.currentWidget()
    assert isinstance(unlock, UnlockScreen)
    unlock.passphrase.set_text(showcase.PASSPHRASE)
    unlock.unlock()
    until(unlock.problem.text, "the damage was not told")
    yield "locked-damaged"
    unlock.salvage_button.click()
    salvage = window.screens.currentWidget()
    assert isinstance(salvage, SalvageScreen)
    wait()
    yield "salvage"
    salvage.begin()
    until(salvage.open_button.isVisible, "nothing was saved")
    yield "salvaged"


def _create(window: Window, folder: Path) -> Iterator[str]:
    window.show_create()
    create = window.screens.currentWidget()
    assert isinstance(create, CreateScreen)
    create.place.parent_line.setText(str(folder))
    create.place.name_line.setText("notes")
    create.go_on()
    wait()
    yield "create-1-refused"
    create.place.name_line.setText("new")
    wait()
    yield "create-1-where"
    create.go_on()
    wait()
    yield "create-2-passphrase"
    create.choice.use_own.setChecked(True)
    create.choice.own.set_text("zhongguo 1949")
    wait()
    yield "create-2-own-passphrase"
    create.choice.use_words.setChecked(True)
    create.chosen.wiping.wanted.setChecked(True)
    wait()
    yield "create-2-wipe-passphrase"
    create.chosen.wiping.wanted.setChecked(False)
    create.go_on()
    create.again.line.set_text(create.choice.passphrase())
    wait()
    yield "create-3-again"
    create.go_on()
    until(create.practice.button.isEnabled, "nothing to practise on")
    yield "create-4-practice"
    waiting = create.practice.result.text()
    create.practice.button.held.emit()
    until(lambda: create.practice.result.text() != waiting, "no wipe")
    create.practice.button.finished.emit()
    wait()
    yield "create-4-practised"


def _shares(window: Window, show: Showcase) -> Iterator[str]:
    window.show_recover()
    screen = window.screens.currentWidget()
    assert isinstance(screen, RecoverScreen)
    wait()
    yield "locked-shares"
    screen.entry.line.setText("acid biology acadmic acid closet")
    screen.entry.take()
    wait()
    yield "locked-shares-mistake"


def _new_keys(workspace: Workspace) -> Iterator[str]:
    page = workspace.pages.currentWidget()
    assert isinstance(page, SettingsPage)
    page.begin_new_keys()
    form = page.new_keys
    form.wiping.wanted.setChecked(True)
    form.choice.word_list.setCurrentIndex(1)
    form.choice.word_list.activated.emit(1)
    wait(100)
    page.area.ensureWidgetVisible(form.make_button, 0, 40)
    wait(100)
    yield "settings-new-keys"
    form.wiping.clear()
    form.present.set_text(showcase.PASSPHRASE)
    form.keep.setChecked(True)
    form.with_shares.setChecked(True)
    form.make()
    until(lambda: form.sheet.shares, "no new keys were made")
    wait(100)
    page.area.ensureWidgetVisible(form.sheet, 0, 40)
    wait(100)
    yield "settings-share"
    shares = list(form.sheet.shares)
    for _ in shares:
        form.sheet.go_on()
    form.sheet.entry.line.setText(shares[0])
    form.sheet.entry.take()
    wait(100)
    yield "settings-share-typed"
    form.sheet.entry.line.setText(shares[2])
    form.sheet.entry.take()
    until(form.sheet.close_button.isVisible, "the shares were not proven")
    yield "settings-shares-proven"
    form.sheet.closed.emit()
    wait(100)
    page.area.verticalScrollBar().setValue(0)


def _records(window: Window, workspace: Workspace, show: Showcase, folder: Path) -> Iterator[str]:
    page = workspace.records
    until(lambda: page.model.record_at(0), "no rows came")
    wait(300)
    yield "records"
    yield from _chosen_records(workspace)
    editor = page.editor
    for name, record in (
        ("person", show.person),
        ("incident", show.incident),
        ("detention", show.detention),
        ("risk", show.risk),
        ("source", show.source),
    ):
        window.open_record(record)
        until(
            lambda record=record: editor.record == record and editor.form is not None,  # type: ignore[misc]
            name,
        )
        at_rest(window)
        yield f"record-{name}"
        if name == "risk":
            yield from at_work.choosing(workspace)
    editor.template_action.trigger()
    until(editor.template_name.isVisible, "no name was asked for")
    editor.template_name.wanted.emit(editor.title.text())
    wait(200)
    editor.template_action.trigger()
    until(editor.template_name.question.isVisible, "the name was not taken")
    wait(100)
    yield "record-template-name-taken"
    window.open_record(show.detention)
    at_rest(window)
    editor.form_area.verticalScrollBar().setValue(340)
    wait(100)
    yield "timeline"
    field = editor.form_area.findChild(ChronologyField)
    assert isinstance(field, ChronologyField)
    field.looking_back.line.setText(_day("20 September 2022", "2022年9月20日"))
    at_rest(window)
    yield "timeline-looking-back"
    field.looking_back.line.clear()
    field.clocks.more.setChecked(True)
    at_rest(window)
    form = editor.form_area.widget()
    assert form is not None
    editor.form_area.verticalScrollBar().setValue(field.clocks.mapTo(form, QPoint(0, 0)).y())
    wait()
    yield "legal-clocks"
    field.clocks.more.setChecked(False)
    window.open_record(show.incident)
    wait(300)
    editor.tabs.setCurrentWidget(editor.files)
    wait(600)
    yield "files"
    yield from _files(editor.files)
    yield from at_work.attaching(workspace, folder)
    editor.tabs.setCurrentWidget(editor.history)
    wait(300)
    yield "history"
    editor.tabs.setCurrentWidget(editor.related)
    at_rest(window)
    yield "related"
    editor.tabs.setCurrentIndex(0)
    page.search.setText("court")
    wait(500)
    yield "search"
    page.keeping.save_button.click()
    wait()
    yield "search-saving"
    page.search.setText("charge:颠覆,subversion date:2015..2024 -type:person colour:red")
    page.bar.filter_button.setChecked(True)
    wait(500)
    yield "search-filters"
    page.bar.filter_button.setChecked(False)
    page.search.setText("nobody wrote this")
    wait(500)
    yield "search-nothing"
    page.search.clear()
    page.new_record("incident")
    wait(200)
    yield "new-incident"
    page.editor.close_record()
    page.new_record("person")
    wait(200)
    yield "new-person"
    page.editor.close_record()
    workspace.go("records", {"kind": "trash"})
    at_rest(window)
    yield "trash"
    page.list.setCurrentIndex(page.model.index(0))
    until(lambda: page.chosen() and editor.form is not None, "nothing in the trash was shown")
    wait(300)
    yield "trash-chosen"
    workspace.go("records", {"kind": "all"})
    wait(300)


def _chosen_records(workspace: Workspace) -> Iterator[str]:
    """Go through what the list shows beside its rows: what several can do, and what was typed."""
    page = workspace.records
    page.list.selectAll()
    wait()
    yield "records-chosen"
    page.list.clearSelection()
    workspace.go("records", {"kind": "person"})
    until(lambda: not page.is_listing and page.model.record_at(1), "no people came")
    page.list.setCurrentIndex(page.model.index(0))
    until(lambda: page.editor.form is not None, "the first one was not opened")
    wait(300)
    page.list.selectionModel().select(page.model.index(1), QItemSelectionModel.SelectionFlag.Select)
    until(page.to_compare.isVisible, "two people cannot be compared")
    wait()
    yield "records-two-people"
    page.editor.close_record()
    workspace.go("records", {"kind": "all"})
    until(lambda: not page.is_listing and page.model.record_at(0), "no rows came")
    wait(300)
    typed: dict[str, Json] = {"title": "Asked at the gate"}
    unsaved = [str(uuid.UUID(int=number)) for number in range(1, 6)]

    def keep(vault: Vault) -> None:
        for record in unsaved:
            drafts.save(vault, record, "incident", typed)

    def discard(vault: Vault) -> None:
        for record in unsaved:
            drafts.discard(vault, record)

    workspace.session.ask(page, keep)
    page.enter()
    until(page.drafts.isVisible, "what was typed was not offered")
    wait(200)
    yield "records-not-saved"
    workspace.session.ask(page, discard)
    page.enter()
    until(page.drafts.isHidden, "what was discarded was offered")


def _files(files: FilesPanel) -> Iterator[str]:
    """Go through what can be done with a file."""
    picture, text = (
        next(file for file in files.model.files if file.name.endswith(end))
        for end in (".png", ".txt")
    )
    files.list.choose([picture.record])
    files.details_action.trigger()
    wait(100)
    yield "file-details"
    files.details_action.trigger()
    files.export_chosen()
    wait(100)
    yield "file-copy-warning"
    files._cancel_export()
    for name, file in (("viewer", picture), ("viewer-not-shown", text)):
        files.list.choose([file.record])
        files.open_chosen()
        viewer = files.viewer
        assert viewer is not None
        wait(500)
        yield name
        viewer.details_button.setChecked(True)
        wait(100)
        yield f"{name}-details"
        viewer.details_button.setChecked(False)
        viewer.leave()


def _agenda(workspace: Workspace) -> Iterator[str]:
    workspace.go("agenda")
    page = workspace.pages.currentWidget()
    assert isinstance(page, AgendaPage)
    until(lambda: page.lines is not None, "no agenda came")
    yield "agenda-today"
    page.day.setText(_day("12 October 2022", "2022年10月12日"))
    until(lambda: page.lines, "nothing was due on that day")
    section = page.list.topLevelItem(0)
    assert section is not None
    first = section.child(0)
    assert first is not None
    page.list.setCurrentItem(first)
    wait(100)
    yield "agenda"
    page.day.setText("colour")
    until(page.problem.isVisible, "what is no day was taken")
    yield "agenda-no-day"
    page.day.clear()


def _partners(workspace: Workspace, show: Showcase) -> Iterator[str]:
    workspace.go("partners")
    page = workspace.pages.currentWidget()
    assert isinstance(page, PartnersPage)
    until(lambda: page.picture.sizeHint().width(), "no picture")
    wait(200)
    yield "partners"
    page.adding.read(show.partner_card)
    until(lambda: page.adding.card, "the card was not read")
    page.adding.code.setText("1234 5678 9012")
    wait(100)
    yield "partners-adding"
    page.adding.code.setText("1" * 40)
    wait(100)
    yield "partners-mistyped"
    page.adding.clear()
    page.adding.read(show.folder)
    until(page.adding.problem.text, "a folder was taken for a card")
    page.larger_button.setChecked(True)
    wait(200)
    yield "partners-larger"
    page.larger_button.setChecked(False)
    page.adding.clear()


def _export(window: Window, workspace: Workspace, show: Showcase, folder: Path) -> Iterator[str]:
    workspace.go("export")
    page = workspace.pages.currentWidget()
    assert isinstance(page, ExportPage)
    wait(200)
    page.what.with_attachments.setChecked(True)
    yield "export-1-what"
    workspace.go("export", {"records": [show.person, show.incident]})
    wait(200)
    yield "export-1-marked"
    page.what.selected.setChecked(True)
    page.what.fields.button.setChecked(True)
    wait(100)
    yield "export-1-fields"
    page.what.fields.button.setChecked(False)
    page.go_on()
    until(lambda: page.step == WHOM and page.whom.boxes, "nobody to export to")
    next(iter(page.whom.boxes.values())).setChecked(True)
    wait()
    yield "export-2-for-whom"
    page.go_on()
    until(lambda: page.step == CHECK, "nothing was checked")
    yield "export-3-check"
    page.check.despite_consent.setChecked(True)
    page.check.despite_leaks.setChecked(True)
    page.go_on()
    until(lambda: page.step == WHERE, "no place asked for")
    stick = folder / "stick"
    stick.mkdir()
    page.where.line.setText(str(stick))
    wait()
    yield "export-4-where"
    yield from at_work.exporting(window, workspace, page)
    yield "export-5-result"
    workspace.go("export-open")
    opened = workspace.pages.currentWidget()
    assert isinstance(opened, ExportOpenPage)
    until(opened.sources.count, "no sources were offered")
    opened.look()
    wait()
    yield "export-open-no-folder"
    opened.with_identities.setChecked(True)
    out = folder / "open"
    out.mkdir()
    opened.line.setText(str(out))
    wait()
    yield "export-open-1-what"
    opened.with_identities.setChecked(False)
    opened.look()
    until(lambda: not opened.check.isHidden(), "nothing was shown")
    yield "export-open-2-check"
    for box in (opened.despite_consent, opened.allow_leaks, opened.knows):
        box.setChecked(True)
    opened.write()
    until(lambda: not opened.result.isHidden(), "nothing was written")
    yield "export-open-3-result"


def _import(workspace: Workspace, folder: Path) -> Iterator[str]:
    workspace.go("import")
    page = workspace.pages.currentWidget()
    assert isinstance(page, ImportPage)
    wait()
    yield "import"
    (bundle,) = (folder / "stick").glob("*.age")
    page.open(bundle)
    until(page.problem.text, "a bundle for somebody else was taken")
    yield "import-not-for-you"
    yield from at_work.verifying(workspace, page, showcase.bundle_for(folder))
    wait(100)
    yield "import-preview"
    page.take()
    until(lambda: not page.result.isHidden(), "nothing was imported")
    at_rest(workspace)  # the counts at the side follow once the list has come
    yield "import-result"
    yield from _import_table(workspace, folder)
    yield from _import_photos(workspace, folder)


def _import_table(workspace: Workspace, folder: Path) -> Iterator[str]:
    workspace.go("import-table")
    page = workspace.pages.currentWidget()
    assert isinstance(page, ImportTablePage)
    wait()
    yield "import-table"
    broken = folder / "broken.csv"
    broken.write_bytes(b'a,"b\n')
    page.open(broken)
    until(page.problem.text, "a broken table was read")
    yield "import-table-broken"
    sheet = folder / "people.csv"
    text = "编号,姓名,别名,出生日期,职业\n1,李例,Li Li,1970年5月,律师\n2,王例,,1981,\n,无编号,,,\n"
    sheet.write_bytes(text.encode("gb18030"))
    page.open(sheet)
    until(lambda: not page.encoding_box.isHidden(), "the encoding was not asked for")
    yield "import-table-encoding"
    page.read()
    until(lambda: not page.columns.isHidden(), "the columns were not shown")
    page.choices["别名"].setCurrentIndex(page.choices["别名"].findData("names.text"))
    wait()
    yield "import-table-columns"
    page.look()
    until(lambda: not page.preview.isHidden(), "the rows were not shown")
    yield "import-table-preview"
    page.take()
    until(lambda: not page.show_button.isHidden(), "nothing was imported")
    at_rest(workspace)
    yield "import-table-result"


def _import_photos(workspace: Workspace, folder: Path) -> Iterator[str]:
    workspace.go("import-photos")
    page = workspace.pages.currentWidget()
    assert isinstance(page, ImportPhotosPage)
    camera = folder / "camera"
    camera.mkdir()
    wait()
    yield "import-photos"
    page.open(camera)
    until(page.problem.text, "photos were found in an empty folder")
    yield "import-photos-nothing"
    (camera / "IMG_0001.jpg").write_bytes(jpeg(whole()))
    (camera / "notes.txt").write_text("not a photo", "utf-8")
    page.open(camera)
    until(lambda: page.found, "the photos were not shown")
    wait()
    yield "import-photos-preview"
    page.take()
    until(lambda: not page.show_button.isHidden(), "nothing was imported")
    at_rest(workspace)
    yield "import-photos-result"
