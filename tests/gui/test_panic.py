"""The wipe from the real window, in every state that it must work in: what happens, in which order.

How long it takes is measured by `make bench ARGS='--only panic'`.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fielddoc.crypto import kdf
from fielddoc.errors import NotDestroyedError, VaultNotFoundError, VaultWipedError
from fielddoc.vault.key_file_layout import FILE_BYTES
from fielddoc.vault.opening import open_vault
from fielddoc.vault.wipe import wipe
from not_run import not_run
from panic_states import (
    FIRE,
    PASSPHRASE,
    STATES,
    Prepared,
    State,
    bring_to,
    fill,
    lay_out,
    prepare,
)
from real_window import RealWindow, real_window
from vault.processes import strace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: it needs strace")

FILES = 30  # the thousands of `make bench` would show nothing else here
CALLS = (
    "write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,unlink,unlinkat,rmdir,openat,creat,rename,"
    "renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,truncate,ftruncate,fallocate,"
    "exit_group"
)
_CHANGING = re.compile(
    r"^(p?writev?(64|2)?|f?truncate|fallocate|rename|link|symlink|mkdir|creat|unlink|rmdir)"
)
_TO_TEST = re.compile(r"^write\(\d+<pipe:")  # the hand inside tells the test how far it is
_OPENED_TO_WRITE = re.compile(r"^openat.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    slow = kdf.Cost(memory_kib=32 * 1024, passes=64, lanes=1)
    return prepare(tmp_path_factory.mktemp("prepared"), content_bytes=2**21, slow=slow)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("tmp", "stick"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A disk of its own that can be filled."""
    image, place = home / "image", home / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(16 * 2**20)
    made = subprocess.run(["mkfs.ext4", "-q", str(image)], capture_output=True, check=False)
    ways = (["-o", "loop", str(image)], ["-t", "tmpfs", "-o", "size=16m", "none"])
    for way in ways if made.returncode == 0 else ways[1:]:
        done = subprocess.run(["mount", *way, str(place)], capture_output=True, check=False)
        if done.returncode == 0:
            break
    else:
        not_run("a disk of its own needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_the_key_dies_first_then_the_rest_goes_and_the_process_ends(
    state: State, home: Path, prepared: Prepared, request: pytest.FixtureRequest
) -> None:
    place = request.getfixturevalue("small_disk") if state.is_full else home
    vault = lay_out(prepared, state, place / "vault", files=FILES)
    if state.is_full:
        fill(place)
    trace = home / "trace"
    tracing = (strace(), "-f", "-y", "--seccomp-bpf", "-s", "64", "-e", f"trace={CALLS}")
    with ExitStack() as stack:
        window = stack.enter_context(real_window(home, before=(*tracing, "-o", str(trace))))
        bring_to(window, state, vault=vault, stick=home / "stick", bundle=prepared.bundle)
        if state.is_held:
            for path in [p for p in vault.rglob("*") if p.is_file()]:
                stack.enter_context(path.open("r+b"))
        window.tell(FIRE)
        window.wait_for("key dead")
        assert window.ended() == 0
    assert not vault.exists()
    is_working = state.name == "import"
    assert_ordered(trace.read_text(errors="replace"), vault, is_working=is_working)


def assert_ordered(trace: str, vault: Path, *, is_working: bool) -> None:
    """Make sure that nothing of the vault went before its key was dead and synced."""
    lines = trace.splitlines()
    begin = next(n for n, line in enumerate(lines) if '"event": "fired"' in line.replace("\\", ""))
    calls = [re.sub(r"^\d+ +", "", line) for line in lines[begin + 1 :]]
    key = f"<{vault / 'vault.key'}>"
    write = next(n for n, c in enumerate(calls) if c.startswith("pwrite64") and key in c)
    assert "fielddoc wiped" in calls[write]
    assert f", {FILE_BYTES}, 0" in calls[write]
    assert_first(lines[begin + 1 :], write, vault, is_working=is_working)
    # A call that another thread interrupts ends in a line of its own, so the first sync is enough.
    synced = next(
        n for n, c in enumerate(calls) if n > write and c.startswith("fsync") and key in c
    )
    # What an import still tidies up behind the wipe is not there any more, and fails.
    removed = [
        n
        for n, c in enumerate(calls)
        if c.startswith("unlink") and f"{vault}/" in c and " = -1 " not in c
    ]
    assert len(removed) >= 3
    assert min(removed) > synced
    assert "vault.key" in calls[max(removed)]
    assert not [c for n, c in enumerate(calls) if n in removed[:-1] and "vault.key" in c]
    ended = next(n for n, c in enumerate(calls) if c.startswith("exit_group"))
    assert calls[ended].startswith("exit_group(0")
    assert ended > max(removed)


def assert_first(lines: list[str], write: int, vault: Path, *, is_working: bool) -> None:
    """Make sure that since the keys were held nothing was changed before the key file.

    Args:
        lines: the trace, from then on.
        write: which of them writes the key file.
        vault: its folder.
        is_working: whether an import fills the vault at that moment, which goes on beside the wipe.
    """
    thread = lines[write].split()[0]
    before = [line.split(maxsplit=1) for line in lines[:write]]
    changing = [
        (who, call)
        for who, call in before
        if _OPENED_TO_WRITE.match(call) or (_CHANGING.match(call) and not _TO_TEST.match(call))
    ]
    assert not [call for who, call in changing if who == thread]
    in_vault = [call for _, call in changing if str(vault) in call]
    assert is_working or in_vault == []


# --- what must not happen -------------------------------------------------------------------------


def opened(window: RealWindow, vault: Path) -> None:
    window.do("window.show_unlock(Path(folder))", folder=str(vault))
    window.do("unlock(passphrase)", passphrase=PASSPHRASE)


def test_letting_go_in_time_destroys_nothing(home: Path, prepared: Prepared) -> None:
    """The keys are let go after a third of the hold; more than twice the hold later all is there."""
    vault = lay_out(prepared, STATES[1], home / "vault")
    with real_window(home) as window:
        opened(window, vault)
        before = (vault / "vault.key").read_bytes()
        said = window.do("""
chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
assert window.wipe_button.hold_ms == 3000
window.wipe_button.hold_ms = 300
QTest.keyPress(focused(), Qt.Key.Key_F12, chord); wait(100)
assert window.wipe_button.is_held
QTest.keyRelease(focused(), Qt.Key.Key_F12, chord); wait(700)
result = window.foot.message.text()
""")
        assert "Let go in time" in said
        assert (vault / "vault.key").read_bytes() == before
        window.do("window.close()")
        assert window.ended() == 0
    open_vault(vault, PASSPHRASE).lock()


def test_a_wipe_from_elsewhere_ends_the_window(home: Path, prepared: Prepared) -> None:
    vault = lay_out(prepared, STATES[1], home / "vault")
    with real_window(home) as window:
        opened(window, vault)

        done = wipe(vault)

        assert done.was_open_elsewhere
        assert window.ended() == 0
    with pytest.raises((VaultNotFoundError, VaultWipedError)):
        open_vault(vault, PASSPHRASE)


# --- media that refuse ----------------------------------------------------------------------------

NOT_DESTROYED = """
from PySide6.QtWidgets import QLabel
until(lambda: [l for l in window.findChildren(QLabel) if l.text() == "NOT DESTROYED"], "not said")
(label,) = [l for l in window.findChildren(QLabel) if l.text() == "NOT DESTROYED"]
advice = [l.text() for l in window.screens.currentWidget().findChildren(QLabel)]
result = [label.font().pixelSize(), label.isVisible(), window.isVisible(), " ".join(advice)]
"""


def assert_says_not_destroyed(window: RealWindow) -> None:
    size, is_label_seen, is_window_seen, words = window.do(NOT_DESTROYED)
    assert size >= 60
    assert is_label_seen
    assert is_window_seen
    assert NotDestroyedError().advice_in_window() in words


@pytest.fixture
def read_only(home: Path, prepared: Prepared) -> Iterator[Path]:
    """A vault on a medium that is write-protected."""
    lay_out(prepared, STATES[0], home / "writable")
    place = home / "medium"
    place.mkdir()
    for command in (
        ["mount", "--bind", str(home / "writable"), str(place)],
        ["mount", "-o", "remount,bind,ro", str(place)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)
            not_run(f"a read-only mount needs root: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_read_only_medium_the_window_says_not_destroyed_and_stays(
    home: Path, read_only: Path
) -> None:
    before = (read_only / "vault.key").read_bytes()
    with real_window(home) as window:
        window.do("window.show_unlock(Path(folder)); wait(30)", folder=str(read_only))
        window.do("window.wipe_button.held.emit()")
        assert_says_not_destroyed(window)
        assert (read_only / "vault.key").read_bytes() == before
        assert window.process.poll() is None

        # The protection is taken away, and the keys are held again.
        subprocess.run(["mount", "-o", "remount,bind,rw", str(read_only)], check=True)
        window.tell("window.wipe_button.held.emit()")
        assert window.ended() == 0
    assert not (read_only / "vault.key").exists()


REFUSE = """
import errno
from fielddoc.vault import panic
write_all = panic.write_all
def refuse(*given):
    raise OSError(errno.EIO, "x")
panic.write_all = refuse
"""


def test_an_open_vault_that_cannot_be_destroyed_keeps_what_is_typed_and_can_be_wiped_again(
    home: Path, prepared: Prepared
) -> None:
    vault = lay_out(prepared, STATES[1], home / "vault")
    with real_window(home) as window:
        opened(window, vault)
        window.do(REFUSE + "key('N', 'ctrl'); wait(50); type_text('Typed just before')")
        window.do("window.wipe_button.held.emit()")
        assert_says_not_destroyed(window)

        window.tell("window.lock()")
        window.wait_for("lock screen")
        window.do("unlock(passphrase)", passphrase=PASSPHRASE)
        found = window.do("""
found = []
drafts = lambda vault: list(vault.database.rows("SELECT record FROM draft"))
window.session.ask(window, drafts, found.extend)
until(lambda: found, "the draft is gone")
result = len(found)
""")
        assert found == 1
        window.tell("window.wipe_button.held.emit()")
        assert window.ended() == 0
    assert not vault.exists()
