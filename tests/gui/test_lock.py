"""Locking ends the process that held the keys: what is left in memory, and where one is then.

The memory of every process that survives is read from outside, as an examiner with all rights
would; before the lock the same reading finds everything, so that finding nothing says something.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fielddoc.crypto import kdf
from fielddoc.crypto.kdf import derive
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.vault import attaching, compartment, identity, records
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.slot_table import key_of
from not_run import not_run
from real_window import RealWindow, real_window

PASSPHRASE = "lantern orchard river seven gravel"
WORDS = "Canary Zhwqexi was followed to the court"
CHINESE = "徐金丝雀被跟踪到法院门口"
_BLOCK = 4 * 2**20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: it reads /proc")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    with make_vault(tmp_path / "vault", PASSPHRASE, name="Mina") as vault:
        record = records.add(vault, "incident", {"title": "with a file"})
        attaching.attach_bytes(vault, record, "gate.txt", "text/plain", [b"x" * 100_000])
    return tmp_path


@pytest.fixture
def window(home: Path) -> Iterator[RealWindow]:
    with real_window(home) as window:
        window.do("window.show_unlock(Path(folder))", folder=str(home / "vault"))
        window.do("unlock(passphrase)", passphrase=PASSPHRASE)
        yield window


def begin_record(window: RealWindow) -> str:
    """Type into a new incident, and return its id while nothing has been saved by hand."""
    window.do("key('N', 'ctrl'); wait(50); type_text(words)", words=WORDS)
    return str(window.do("result = window.workspace().records.editor.record"))


# --- memory ---------------------------------------------------------------------------------------


def survivors(session: int) -> list[int]:
    """Return the processes that were started with the window, itself included."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                fields = (each / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(each.name))
    return found


def memory_of(process: int) -> Iterator[bytes]:
    """Yield everything that a process can read of its own memory, in pieces that overlap."""
    lines = Path(f"/proc/{process}/maps").read_text().splitlines()
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in lines:
            place, rights, *_ = line.split()
            if "r" not in rights or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            for at in range(start, end, _BLOCK):
                try:
                    yield os.pread(memory.fileno(), min(_BLOCK + 4096, end - at), at)
                except OSError:
                    break


def spellings(secrets: dict[str, str | bytes]) -> dict[str, bytes]:
    """Return each secret in every form in which Python, Qt or SQLCipher keep it."""
    found: dict[str, bytes] = {}
    for name, secret in secrets.items():
        if isinstance(secret, bytes):
            found[f"{name}, raw"] = secret
            found[f"{name}, hexadecimal"] = secret.hex().encode()
        else:
            for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
                found[f"{name}, {encoding}"] = secret.encode(encoding)
    return found


def found_in_memory(process: int, secrets: dict[str, str | bytes]) -> set[str]:
    sought = spellings(secrets)
    found: set[str] = set()
    try:
        for piece in memory_of(process):
            found |= {name for name, words in sought.items() if words in piece}
    except PermissionError as error:
        not_run(f"the memory of another process may be read by root only: {error}")
    return found


def keys_of(folder: Path) -> dict[str, str | bytes]:
    """Return the keys that an unlocked vault has in memory, or makes on the way."""
    with open_vault(folder, PASSPHRASE) as vault:
        own = identity.current(vault)
        half = vault.key_file.half
        ((file_key,),) = vault.database.query("SELECT key FROM attachment")
        assert isinstance(file_key, bytes)
        root = derive(passphrase_bytes(PASSPHRASE), half.public.salt, half.public.cost)
        return {
            "master key": bytes(vault.master.copy()),
            "root key": bytes(root),
            "key encryption key": bytes(key_of(half, passphrase_bytes(PASSPHRASE))),
            "key of a file": file_key,
            **{
                f"{purpose} key": bytes(vault.master.sub_key(purpose))
                for purpose in ("database", "state", "compartment", "rekey")
            },
            "signing key": bytes(own.signing_seed),
            "compartment": bytes(next(iter(compartment.keys(vault).values()))),
        }


def test_after_a_lock_no_process_has_a_key_a_passphrase_or_a_text_in_memory(home: Path) -> None:
    if os.getuid() != 0:
        not_run("the memory of another process may be read by root only")
    secrets = {**keys_of(home / "vault"), "passphrase": PASSPHRASE, "text": WORDS, "中文": CHINESE}
    with real_window(home) as window:
        window.do("window.show_unlock(Path(folder))", folder=str(home / "vault"))
        window.do("window.screens.currentWidget().passphrase.line.setFocus()")
        window.do("type_text(passphrase)", passphrase=PASSPHRASE)
        typed = found_in_memory(window.process.pid, secrets)
        window.do("key('Return'); until(window.workspace)")
        begin_record(window)
        window.do("key('Tab'); wait(20); type_text(words); wait(2500)", words=CHINESE)
        window.do("key('F', 'ctrl'); type_text('Zhwqexi'); wait(300)")

        before = found_in_memory(window.process.pid, secrets)
        window.lock()
        after = {each: found_in_memory(each, secrets) for each in survivors(window.process.pid)}

    kinds = {name.partition(",")[0] for name in typed | before}
    assert {"master key", "passphrase", "text", "中文"} <= kinds, typed | before
    assert after == {window.process.pid: set()}


# --- where one is then ----------------------------------------------------------------------------

HERE = """
from fielddoc.gui.record_editor import RecordEditor
page, place = window.workspace().here()
result = [page, place.get("record"), place.get("field"), focused().text()]
"""


def test_unlocking_goes_back_to_the_record_and_the_field_with_what_was_typed(
    window: RealWindow, home: Path
) -> None:
    record = begin_record(window)  # and nothing waits for the two seconds of the draft

    window.lock()

    assert window.do("result = window.session is None and window.workspace() is None")
    window.do("unlock(passphrase)", passphrase=PASSPHRASE)
    window.do("until(lambda: window.workspace().records.editor.record == record)", record=record)
    window.do("until(lambda: isinstance(focused(), QLineEdit) and focused().text() == words)", words=WORDS)  # fmt: skip
    assert window.do(HERE) == ["records", record, "title", WORDS]


def test_a_lock_replaces_the_process_and_gives_it_nothing_on_the_command_line(
    window: RealWindow, home: Path
) -> None:
    begin_record(window)
    process = Path(f"/proc/{window.process.pid}")
    before = (process / "stat").read_text().split()[21]  # when it was started

    window.lock()

    told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert str(home / "vault").encode() not in told
    assert window.process.poll() is None
    assert (process / "stat").read_text().split()[21] == before, "exec keeps the process's number"
    # What the wipe is armed with, and nothing else of the vault, is open again.
    opened = {str(each.resolve()) for each in (process / "fd").iterdir()}
    assert {f for f in opened if f.startswith(str(home))} == {str(home / "vault" / "vault.key")}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("window.idle_minutes = 1; window.last_input_s -= 61; window._check_idle()", "nobody typed"),
        ("window.system_lock.locked.emit('Locked because the lid was closed.')", "the lid was closed"),
        ("window.hide_and_lock()", ""),
    ],
    ids=["idle", "the system", "hide"],
)  # fmt: skip
def test_everything_that_locks_ends_in_the_same_fresh_lock_screen(
    window: RealWindow, code: str, words: str
) -> None:
    record = begin_record(window)
    window.tell(code)
    window.wait_for("locking")
    window.wait_for("lock screen")

    assert words in window.do("result = window.screens.currentWidget().why.text()")
    window.do("unlock(passphrase)", passphrase=PASSPHRASE)
    window.do("until(lambda: window.workspace().records.editor.record == record)", record=record)


# --- without a vault open ---------------------------------------------------------------------------

TRYING = """
screen = window.screens.currentWidget()
screen.passphrase.set_text(passphrase)
screen.unlock()
wait(60)
assert screen.is_trying, "it was too quick"
"""
WRONG = """
screen = window.screens.currentWidget()
screen.passphrase.set_text("not the passphrase at all")
screen.unlock()
until(lambda: screen.problem.text() and not screen.is_trying, "it was not refused")
"""
SAVING = """
window.show_salvage(Path(folder), passphrase)
screen = window.screens.currentWidget()
screen.begin()
wait(60)
assert screen.is_working, "it was too quick"
"""
CREATING = """
window.show_create()
create = window.screens.currentWidget()
create.place.parent_line.setText(str(Path(folder).parent))
create.place.name_line.setText("another")
create.go_on()
until(lambda: create.steps.current == 1, "the folder was not taken")
create.choice.use_own.setChecked(True)
create.choice.own.line.setFocus(); type_text(passphrase)
create.go_on()
create.again.line.line.setFocus(); type_text(passphrase)
assert window.lock_button.isEnabled()
"""
BY_SYSTEM = "window.system_lock.locked.emit('Locked because the lid was closed.')"
BY_IDLE = "window.idle_minutes = 1; window.last_input_s -= 61; window._check_idle()"


@pytest.fixture(scope="module")
def slow_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault whose key takes seconds to derive."""
    folder = tmp_path_factory.mktemp("slow") / "vault"
    make_vault(folder, PASSPHRASE, cost=kdf.Cost(32 * 1024, passes=64, lanes=1)).lock()
    return folder


@pytest.mark.parametrize("by", [BY_SYSTEM, BY_IDLE], ids=["the system", "idle"])
@pytest.mark.parametrize("state", [TRYING, WRONG, SAVING, CREATING], ids=["trying", "wrong", "saving", "creating"])  # fmt: skip
def test_whatever_screen_holds_a_passphrase_the_process_that_has_it_is_replaced(
    home: Path, slow_vault: Path, state: str, by: str
) -> None:
    if (state, by) == (SAVING, BY_IDLE):
        by = f"{by}; wait(1500); screen.stop(); until(lambda: not screen.is_working); {BY_IDLE}"
    with real_window(home) as window:
        folder = str(slow_vault if state in (TRYING, SAVING) else home / "vault")
        window.do("window.show_unlock(Path(folder)); wait(50)", folder=folder)
        window.do(state, folder=folder, passphrase=PASSPHRASE)
        window.tell(f"screen = window.screens.currentWidget(); {by}")
        window.wait_for("locking")
        window.wait_for("started")
        window.do("wait(100)")

        told = window.do("""
from PySide6.QtWidgets import QLabel
until(lambda: window.isVisible())
shown = window.screens.currentWidget()
edits = [edit.text() for edit in window.findChildren(QLineEdit)]
words = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
result = [type(shown).__name__, edits, " ".join(words), window.session is None]
""")
        name, edits, words, has_no_session = told
    assert name == {SAVING: "SalvageScreen", CREATING: "StartScreen"}.get(state, "UnlockScreen")
    assert not [text for text in edits if text]
    assert ("the lid was closed" if "lid" in by else "nobody typed") in words
    assert has_no_session


def test_the_lock_does_not_wait_for_a_dialog_or_for_long_work(window: RealWindow) -> None:
    record = begin_record(window)
    window.do("""
from fielddoc.gui.choose import choose_folder
choose_folder(window, "Where", print)
def work(vault, turn, tell_progress):
    import time
    while True:
        time.sleep(0.01)
        tell_progress("x", 0, 1)
window.session.start_job(window, work, print, print)
""")
    window.tell("window.lock()")
    window.wait_for("lock screen")

    window.do("unlock(passphrase)", passphrase=PASSPHRASE)
    window.do("until(lambda: window.workspace().records.editor.record == record)", record=record)


LONG_QUERY = """
def long(vault):
    return vault.database.value(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000)"
        " SELECT count(*) FROM n"
    )
window.session.ask(window, long, print, lambda error: None)
wait(100)
"""


def test_a_long_query_costs_no_typed_word(window: RealWindow) -> None:
    record = begin_record(window)
    window.do(LONG_QUERY)
    window.tell("window.lock()")
    window.wait_for("lock screen")

    window.do("unlock(passphrase)", passphrase=PASSPHRASE)
    window.do("until(lambda: window.workspace().records.editor.record == record)", record=record)
    assert WORDS in window.do("wait(300); result = window.workspace().records.editor.title.text()")
