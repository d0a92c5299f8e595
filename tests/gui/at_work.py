"""What the window shows while something goes on, held still so that it can be looked at."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from fielddoc.domain.canonical import Json
from fielddoc.gui import unlock_screen
from fielddoc.gui.fields.term import TermField
from fielddoc.gui.pages.export import RESULT, ExportPage
from fielddoc.gui.pages.import_ import ImportPage
from fielddoc.gui.session import Job, Session
from fielddoc.gui.typed import UNWRITTEN
from fielddoc.gui.unlock_screen import UnlockScreen
from fielddoc.gui.window import Window
from fielddoc.gui.workspace import Workspace
from fielddoc.vault import records
from fielddoc.vault.vault import Vault
from gui.showcase import Showcase
from gui.waiting import until, wait
from vault.test_records import foreign, received

_LONGEST_S = 60.0
_BETWEEN_REPORTS_S = 0.1
"""Longer than what a job waits before it tells again how far it is."""
_MEBIBYTE = 1 << 20


@contextmanager
def held(
    session: Session, begin: Callable[[], object], *, asks_first: bool = False
) -> Iterator[None]:
    """Begin a job and hold it where it has told that something is done, as if after ten seconds.

    Args:
        session: of the vault.
        begin: starts the job.
        asks_first: `begin` asks the vault something before the job starts.
    """
    may_begin, may_go_on, is_held = threading.Event(), threading.Event(), threading.Event()

    def hold(_what: str, done: int, _total: int) -> None:
        if done:
            is_held.set()
            may_go_on.wait(_LONGEST_S)
        else:
            time.sleep(_BETWEEN_REPORTS_S)

    def watch(job: Job) -> None:
        job.started_s -= 10
        # Whoever began the job connects to it first, so that what it tells is shown as well.
        QTimer.singleShot(0, partial(connect, job))

    def connect(job: Job) -> None:
        job.progressed.connect(hold, Qt.ConnectionType.DirectConnection)
        may_begin.set()

    session.job_started.connect(watch)
    if asks_first:
        begin()
    # The job comes no further than to the vault before it is watched.
    session.ask(session, lambda _: may_begin.wait(_LONGEST_S))
    try:
        if not asks_first:
            begin()
        until(is_held.is_set, "nothing was told of the job")
        wait()
        yield
    finally:
        session.job_started.disconnect(watch)
        may_begin.set()
        may_go_on.set()
    until(lambda: not session.jobs, "the job did not end")


@contextmanager
def key_is_derived() -> Iterator[None]:
    """Let whatever passphrase is tried meanwhile take as long as this goes on."""
    may_go_on = threading.Event()
    opening = unlock_screen._open

    def slowly(
        folder: Path,
        typed: str,
        on_wipe: Callable[[], None],
        progress: Callable[[int, int], None],
    ) -> Vault:
        may_go_on.wait(_LONGEST_S)
        return opening(folder, typed, on_wipe, progress)

    unlock_screen._open = slowly
    try:
        yield
    finally:
        unlock_screen._open = opening
        may_go_on.set()


def locked_for_a_reason(window: Window, show: Showcase) -> Iterator[str]:
    """Show the lock screen as it comes after a lock that nobody asked for."""
    before = window.resume
    idle = "Locked because nobody typed or moved the pointer for a while."
    window.resume = replace(before, reason=f"{idle}\n{UNWRITTEN}")
    window.show_unlock(show.folder)
    wait()
    yield "locked-with-a-reason"
    window.resume = before


def unlocking(window: Window, show: Showcase) -> Iterator[str]:
    """Show the lock screen while the key is derived from a passphrase."""
    window.show_unlock(show.folder)
    unlock = window.screens.currentWidget()
    assert isinstance(unlock, UnlockScreen)
    with key_is_derived():
        unlock.passphrase.set_text("not this one")
        unlock.unlock()
        wait(300)
        assert unlock.waiting.isVisible()
        yield "locked-waiting"
    until(unlock.problem.text, "the wrong passphrase was not refused")


def exporting(window: Window, workspace: Workspace, page: ExportPage) -> Iterator[str]:
    """Write a bundle, and try to close the window meanwhile; the place is chosen already."""
    with held(workspace.session, page.go_on):
        yield "export-4-writing"
        window.close()
        until(window.banner.isVisible, "the window did not say what is not finished")
        yield "close-refused"
        window.banner.hide()
    until(lambda: page.step == RESULT, "nothing was written")


def verifying(workspace: Workspace, page: ImportPage, bundle: Path) -> Iterator[str]:
    """Look through a bundle."""
    with held(workspace.session, lambda: page.open(bundle), asks_first=True):
        yield "import-verifying"
    until(lambda: page.preview, "the bundle was not verified")


def attaching(workspace: Workspace, folder: Path) -> Iterator[str]:
    """Attach files to the record that is shown."""
    editor = workspace.records.editor
    paths = [folder / name for name in ("VID_0001.mp4", "VID_0002.mp4")]
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]) * 4 * _MEBIBYTE)
    with held(workspace.session, lambda: editor.files.add_files(paths)):
        yield "files-being-attached"
    until(lambda: editor.files.adding is None, "the files were not attached")


def conflicting(window: Window, workspace: Workspace) -> Iterator[str]:
    """Show a record of which two people wrote different things at the same time."""
    found: list[str] = []

    def add(vault: Vault) -> str:
        risk = records.add(vault, "risk", {"title": "Watched at the gate"})
        (base,) = records.revisions_of(vault, risk)
        records.revise(vault, risk, {"severity": "minor"})
        theirs: dict[str, Json] = {"severity": "very-serious"}
        received(vault, foreign(risk, theirs, parents=(base.id,), ms=base.clock.ms + 1))
        return risk

    workspace.session.ask(window, add, found.append)
    until(lambda: found, "no conflict was made")
    editor = workspace.records.editor
    window.open_record(found[0])
    until(lambda: editor.record == found[0] and editor.form is not None, "not shown")
    wait(400)
    yield "record-in-conflict"


def choosing(workspace: Workspace) -> Iterator[str]:
    """Show a list of choices and a menu open over the risk that is shown."""
    editor = workspace.records.editor
    assert editor.form is not None
    field = editor.form.widget_of("likelihood")
    assert isinstance(field, TermField)
    editor.form_area.ensureWidgetVisible(field)
    field.line.ask_for_all()
    until(lambda: field.line.choices, "nothing to choose from was shown")
    yield "list-open"
    field.line.close_choices()
    menu = editor.more_button.menu()
    menu.popup(editor.more_button.mapToGlobal(editor.more_button.rect().bottomLeft()))
    until(menu.isVisible, "the menu did not open")
    yield "menu-open"
    menu.close()
