"""The states in which the wipe must work, each brought about in the real window.

Used by the tests, which look at what happens and in which order, and by `make bench`, which looks at
how long it takes.
"""

import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from fielddoc.bundle.card import own_card, write_card
from fielddoc.bundle.export import export_complete, for_cards
from fielddoc.crypto import kdf
from fielddoc.vault import attachments, contacts, identity, records
from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault
from real_window import RealWindow

PASSPHRASE = "plum lantern gravel otter seven bridge"
_SMALL_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Vaults that are copied for each run, and a bundle to import."""

    usual: Path
    slow: Path
    """Its key takes seconds to derive."""
    bundle: Path


def prepare(folder: Path, *, content_bytes: int, slow: kdf.Cost) -> Prepared:
    """Make the vaults; they hold an attachment of so many bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with make_vault(folder / "partner", PASSPHRASE, name="Bo", cost=kdf.FLOOR) as partner:
        with make_vault(folder / "usual", PASSPHRASE, name="Plum", cost=kdf.FLOOR) as vault:
            for here, there in ((vault, partner), (partner, vault)):
                keys = identity.current(there)
                own = own_card(keys)
                file = write_card(own, keys.signing_seed)
                contacts.add(here, name=own.name, code=own.code, card=file)
            for number in range(200):
                records.add(vault, "incident", {"title": f"Followed, day {number}"})
            attach(vault, content_bytes)
            card = own_card(identity.current(vault))
        attach(partner, content_bytes)
        (bundle,) = export_complete(partner, for_cards([card]), folder).files
    make_vault(folder / "slow", PASSPHRASE, cost=slow).lock()
    return Prepared(usual=folder / "usual", slow=folder / "slow", bundle=bundle)


def attach(vault: Vault, size_bytes: int) -> None:
    blocks = (secrets.token_bytes(min(2**20, size_bytes)) for _ in range(max(1, size_bytes >> 20)))
    content = attachments.store(vault, blocks)
    records.add(vault, "attachment", {"name": "film", "sha256": content.sha256})


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state: what is told to the window, and what the vault is like."""

    name: str
    words: str
    code: str
    holds: str = "True"
    """What is true in the window once it is in this state."""
    is_slow: bool = False
    files: int = 0
    """Further files among the attachments."""
    is_full: bool = False
    """The vault lies on a disk without any room."""
    is_held: bool = False
    """Another process has the vault's files open."""


_SHOW = """
window.show_unlock(Path(folder))
assert window.panic.is_armed
wait(30)
"""
_OPEN = _SHOW + "unlock(passphrase)\n"
_DIALOG = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox
box = QMessageBox(window)
box.setText("Sure?")
QTimer.singleShot(20, box.exec)  # a loop of its own, as the worst dialogs have it
"""
_QUERY = """
def long(vault):
    return vault.database.value(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000)"
        " SELECT count(*) FROM n"
    )
window.session.ask(window, long)
wait(50)
"""
_DERIVE = """
screen = window.screens.currentWidget()
screen.passphrase.set_text(passphrase)
screen.unlock()
wait(60)
assert screen.session is not None and window.workspace() is None, "it was too quick"
"""
_EXPORT = """
from fielddoc.bundle.card import read_card
from fielddoc.bundle.export import export_complete, for_cards
from fielddoc.vault import contacts
def work(vault, turn, tell_progress):
    card = turn(lambda: read_card(contacts.listing(vault)[0].card))
    for number in range(1000):
        target = Path(stick, str(number))
        target.mkdir()
        export_complete(vault, for_cards([card]), target, turn=turn,
            progress=lambda *step: tell_progress("x", 1, 2))
window.session.start_job(window, work, print)
until(lambda: list(Path(stick).glob("*/*")), "nothing is written")
"""
_IMPORT = """
from fielddoc.bundle.receive import import_bundle
seen = []
def work(vault, turn, tell_progress):
    while True:
        import_bundle(vault, Path(bundle), turn=turn, progress=lambda *step: seen.append(1))
window.session.start_job(window, work, print)
until(lambda: seen, "nothing is read")
"""

STATES = (
    State(name="locked", words="on the lock screen", code=_SHOW),
    State(name="idle", words="idle", code=_OPEN),
    State(
        name="dialog",
        words="a modal dialog open",
        code=_OPEN + _DIALOG,
        holds="QApplication.activeModalWidget() is not None",
    ),
    State(name="query", words="in a long query", code=_OPEN + _QUERY),
    State(name="argon2", words="while Argon2 runs", code=_SHOW + _DERIVE, is_slow=True),
    State(name="export", words="exporting", code=_OPEN + _EXPORT),
    State(name="import", words="importing", code=_OPEN + _IMPORT),
    State(name="files", words="with many attachments", code=_OPEN, files=5000),
    State(name="full", words="on a full disk", code=_OPEN, is_full=True),
    State(name="held", words="with its files held by another process", code=_OPEN, is_held=True),
)

FIRE = """
import time
armed = window.panic._armed
kill, fire = armed.kill_key, window.panic.fire
def timed_fire():
    tell({"event": "fired", "at": time.monotonic()})
    fire()
def timed_kill():
    begin = time.monotonic()
    killed = kill()
    tell({"event": "key dead", "at": begin + killed.seconds})
    return killed
armed.kill_key, window.panic.fire = timed_kill, timed_fire
window.wipe_button.hold_ms = 1
widget = QApplication.activeModalWidget() or QApplication.focusWidget() or window
chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
QTest.keyPress(widget, Qt.Key.Key_F12, chord)
"""
"""Holds the keys as a person does; the chord is seen wherever the focus is."""


def lay_out(prepared: Prepared, state: State, target: Path, *, files: int | None = None) -> Path:
    """Copy the vault that a state needs and return its folder; large files are linked, not copied."""
    model = prepared.slow if state.is_slow else prepared.usual
    shutil.copytree(model, target, copy_function=_linked_if_attachment)
    count = state.files if files is None else min(files, state.files)
    noise = secrets.token_bytes(_SMALL_BYTES)
    for _ in range(count):
        (target / "attachments" / secrets.token_hex(16)).write_bytes(noise)
    return target


def _linked_if_attachment(source: str, target: str) -> str:
    if Path(source).parent.name == "attachments" and Path(source).stat().st_size > _SMALL_BYTES:
        try:
            os.link(source, target)
        except OSError:
            return shutil.copy2(source, target)
        return target
    return shutil.copy2(source, target)


def bring_to(window: RealWindow, state: State, *, vault: Path, stick: Path, bundle: Path) -> None:
    """Bring a window into a state."""
    window.do(
        state.code, folder=str(vault), passphrase=PASSPHRASE, stick=str(stick), bundle=str(bundle)
    )
    while not window.do(f"result = {state.holds}"):
        time.sleep(0.01)


def fill(folder: Path) -> None:
    """Write to a disk until there is no room for another byte."""
    for size in (2**20, 4096, 1):
        with (folder / f"fill-{size}").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\xff" * size)
            except OSError:
                pass
