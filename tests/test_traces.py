"""A whole working day, in the window and in the terminal, and then the search for what it left.

Everything that is typed, attached, exported and imported holds words that stand nowhere else. After
the day, and a crash in the middle of it, none of them may stand anywhere in HOME, in temporary
folders, settings or caches, whatever the encoding; and the system calls of the day show that only
the vault and the chosen folders were written, and that nothing but local sockets was opened.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from e2e.screen import Screen, missing_programs
from fielddoc.bundle.card import own_card, write_card
from fielddoc.bundle.export import Selection, export_selected, for_cards
from fielddoc.vault import attachments, compartment, contacts, drafts, identity, records
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault
from not_run import not_run
from real_window import RealWindow, real_window
from test_docs import PROGRAM
from vault.processes import strace

PASSPHRASE = "zqlantern orchard river seven gravel"
CANARIES = {
    "passphrase": PASSPHRASE,
    "title": "Zqcanary followed from the court",
    "chinese": "金丝雀徐被带走",
    "name": "Zqmina Canaryevna",
    "source": "Zqsource the clerk",
    "search": "zqsearched for nothing",
    "file": "zqpicture of the gate",
    "content": "Zqcontent of an attached file",
    "partner": "Zqpartner Bo",
    "imported": "Zqimported from afar",
    "copied": "Zqcopied to the clipboard",
    "unsaved": "Zqunsaved at the crash",
}
CALLS = (
    "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,"
    "symlink,symlinkat,unlink,unlinkat,rmdir,truncate,network"
)
INPUT_METHODS = re.compile(
    r"/\.?(config|cache|local/share)?/?\.?(ibus|fcitx|rime|sogou|sunpinyin|libpinyin|uim|mozc|xim)"
)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: it needs strace")


@dataclass
class Day:
    """What the day was done in, and what was seen of it."""

    home: Path
    trace: Path
    lines: list[str] = field(default_factory=list)
    began_s: float = field(default_factory=lambda: time.time() - 1)

    @property
    def errors(self) -> Path:
        """What was written to the standard error."""
        return self.home / "errors"

    @property
    def vault(self) -> Path:
        return self.home / "vault"

    @property
    def stick(self) -> Path:
        """Where bundles are exported to."""
        return self.home / "stick"

    @property
    def opened(self) -> Path:
        """Where an export in an open format goes, which is readable because it was asked for."""
        return self.home / "opened"

    @property
    def given(self) -> Path:
        """What somebody else put there: files to attach, a card, a bundle."""
        return self.home / "given"


def prepare(folder: Path) -> Day:
    """Lay out an empty HOME with what a day begins with."""
    day = Day(home=folder / "home", trace=folder / "trace")
    for each in (
        day.home / "tmp",
        day.stick,
        day.opened,
        day.given,
        day.home / ".config" / "ibus" / "bus",
    ):
        each.mkdir(parents=True)
    (day.home / ".config" / "fcitx5").mkdir()
    (day.given / f"{CANARIES['file']}.txt").write_text(CANARIES["content"], encoding="utf-8")
    with make_vault(day.given / "partner", "another six words entirely", name="x") as partner:
        keys = identity.current(partner)
        (day.given / "card").write_bytes(write_card(own_card(keys), keys.signing_seed))
        (day.given / "code").write_text(own_card(keys).code)
    return day


def bundle_from_partner(day: Day) -> Path:
    """Have the partner write a bundle for the vault, which is locked now."""
    with open_vault(day.vault, PASSPHRASE) as vault:
        own = identity.current(vault)
        card, file = own_card(own), write_card(own_card(own), own.signing_seed)
    with open_vault(day.given / "partner", "another six words entirely") as partner:
        contacts.add(partner, name="y", code=card.code, card=file)
        record = records.add(partner, "incident", {"title": CANARIES["imported"]})
        chosen = Selection(records=(record,))
        return export_selected(partner, for_cards([card]), day.given, chosen).files[0]


# --- the window -----------------------------------------------------------------------------------

CREATE = """
window.show_create()
create = window.screens.currentWidget()
create.place.parent_line.setText(home)
create.place.name_line.setFocus(); create.place.name_line.selectAll(); type_text("vault")
create.go_on()
until(lambda: create.steps.current == 1, "the folder was not taken")
create.choice.use_own.setChecked(True)
create.choice.own.line.setFocus(); type_text(passphrase)
create.go_on()
create.again.line.line.setFocus(); type_text(passphrase)
create.go_on()
until(create.practice.button.isEnabled)
create.practice.button.held.emit()
until(lambda: " ms" in create.practice.result.text())
create.go_on()
until(window.workspace, "no vault was made")
"""

TYPE = """
workspace = window.workspace()
page, editor = workspace.records, workspace.records.editor
key("N", "ctrl"); wait(50)
type_text(title); key("Tab"); wait(20)
key("S", "ctrl"); wait(200)
until(lambda: page.model.record_at(0), "not saved")
page.new_record("incident"); wait(100)
type_text(chinese); wait(2300)
key("S", "ctrl"); wait(200)
page.new_record("source"); wait(100)
editor.form.focus_field("identity.name"); wait(20)
type_text(source); key("S", "ctrl"); wait(300)
result = editor.form.values()
assert source in str(result["identity"]), result
page.new_record("incident"); wait(100)
type_text(name); key("S", "ctrl"); wait(300)
result = editor.record
"""

SEARCH = """
key("F", "ctrl"); type_text(search); wait(400)
window.workspace().records.search.clear(); wait(300)
"""

ATTACH = """
from fielddoc.vault import attaching
window.open_record(record)
editor = window.workspace().records.editor
until(lambda: editor.record == record)
editor.tabs.setCurrentWidget(editor.files); wait(100)
editor.files.add_files([Path(file), Path(picture)])
until(lambda: editor.files.model.rowCount() == 2, "the files were not attached")
until(lambda: editor.files.adding is None, "the files are still being attached")
names = [file.name for file in editor.files.model.files]
editor.files.list.choose([editor.files.model.files[names.index("gate.png")].record])
editor.files.open_chosen()
viewer = editor.files.viewer
until(lambda: viewer.isVisible() and viewer.canvas.is_filled, "the picture was not shown")
wait(300)
key("Escape")
until(lambda: not viewer.isVisible(), "the picture is still shown")
wait(300)
"""

COPY = """
line = QLineEdit(words, window)
line.resize(300, 30); line.show(); line.setFocus(); wait(50)
from PySide6.QtCore import QPoint
left = Qt.MouseButton.LeftButton  # selecting with the mouse fills the primary selection
QTest.mousePress(line, left, pos=QPoint(2, 15)); QTest.mouseMove(line, QPoint(200, 15))
QTest.mouseRelease(line, left, pos=QPoint(200, 15)); wait(100)
line.selectAll(); line.copy(); wait(50)
copied = clipboard.mimeData()
result = [sorted(copied.formats()) if copied else [], clipboard.supportsSelection(),
    sorted(clipboard.mimeData(clipboard.Mode.Selection).formats())
    if clipboard.supportsSelection() and clipboard.mimeData(clipboard.Mode.Selection) else []]
line.deleteLater()
"""

PARTNER = """
window.go("partners"); wait(100)
page = window.workspace().pages.currentWidget()
page.adding.read(Path(card))
until(lambda: page.adding.card, "the card was not read")
page.adding.code.setText(code)
page.adding.name.setText(name)
page.adding.add(); wait(300)
"""

EXPORT = """
window.go("export"); wait(200)
page = window.workspace().pages.currentWidget()
from fielddoc.gui.pages.export import CHECK, RESULT, WHERE, WHOM
page.what.with_attachments.setChecked(True)
page.go_on()
until(lambda: page.step == WHOM and page.whom.boxes, "nobody to export to")
next(iter(page.whom.boxes.values())).setChecked(True)
page.go_on()
until(lambda: page.step == CHECK, "nothing was checked")
page.check.despite_consent.setChecked(True)
page.check.despite_leaks.setChecked(True)
page.go_on()
until(lambda: page.step == WHERE, "no place asked for")
page.where.line.setText(stick)
page.go_on()
until(lambda: page.step == RESULT, "nothing was written")
"""

IMPORT = """
window.go("import"); wait(100)
page = window.workspace().pages.currentWidget()
page.open(Path(bundle))
until(lambda: page.preview or page.problem.text(), "the bundle was not verified")
assert page.preview, page.problem.text()
page.take()
until(lambda: not page.result.isHidden(), "nothing was imported")
"""

DIALOGS = """
from fielddoc.gui.choose import choose_file, choose_folder, choose_new_file
for ask in (choose_file, choose_folder):
    dialog = ask(window, "x", print); wait(100); dialog.setDirectory(given); wait(100)
    dialog.accept(); wait(50); dialog.reject(); wait(50)
window.go("settings"); wait(200); window.go("help"); wait(100)
"""

FAIL = """
import threading
def fail(*_):
    raise ValueError(words)
window.foot.say("x", fail)
window.foot.undo.click()
thread = threading.Thread(target=fail); thread.start(); thread.join()
"""

CRASH = """
key("N", "ctrl"); wait(50); type_text(words); wait(2300); os.abort()
"""


def in_window(day: Day, window: RealWindow) -> None:
    """Make a vault and work in it; ends with a crash."""
    given = {"home": str(day.home), "passphrase": PASSPHRASE, "given": str(day.given)}
    window.do(CREATE, **given)
    record = window.do(TYPE, **{k: CANARIES[k] for k in ("title", "chinese", "source", "name")})
    window.do(SEARCH, search=CANARIES["search"])
    picture = day.given / "gate.png"
    window.do(
        "from PySide6.QtGui import QImage\n"
        "image = QImage(40, 30, QImage.Format.Format_RGB32); image.fill(0xff8800)\n"
        "image.setText('Comment', words); assert image.save(picture)",
        picture=str(picture), words=CANARIES["content"],
    )  # fmt: skip
    file = str(day.given / f"{CANARIES['file']}.txt")
    window.do(ATTACH, record=record, file=file, picture=str(picture))
    copied, has_selection, selected = window.do(COPY, words=CANARIES["copied"])
    if has_selection:  # on a real screen, where the clipboard has an owner
        assert "x-kde-passwordManagerHint" in copied
        assert "x-kde-passwordManagerHint" in selected
    code = (day.given / "code").read_text()
    window.do(PARTNER, card=str(day.given / "card"), code=code, name=CANARIES["partner"])
    window.do(EXPORT, stick=str(day.stick))
    window.do(DIALOGS, given=str(day.given))
    window.lock()
    bundle = bundle_from_partner(day)
    window.do("unlock(passphrase)", passphrase=PASSPHRASE)
    window.do(IMPORT, bundle=str(bundle))
    window.do(FAIL, words=CANARIES["title"])
    window.tell(CRASH, words=CANARIES["unsaved"])
    assert window.ended() != 0


@pytest.fixture(scope="module")
def window_day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A day in the window on a virtual screen, under strace."""
    tracer = tracing()
    missing = missing_programs()
    if missing:
        not_run(f"no virtual screen: {', '.join(missing)} not installed")
    day = prepare(tmp_path_factory.mktemp("window-day"))
    with ExitStack() as stack:
        screen = stack.enter_context(Screen(day.trace.parent))
        window = stack.enter_context(
            real_window(
                day.home,
                platform="xcb",
                before=(*tracer, "-o", str(day.trace)),
                environment={"DISPLAY": screen.display},
                errors=stack.enter_context(day.errors.open("wb")),
            )
        )
        in_window(day, window)
    day.lines = day.trace.read_text(errors="replace").splitlines()
    return day


def tracing() -> tuple[str, ...]:
    if os.getuid() != 0:
        not_run("strace reads paths of a process that protects its memory only as root")
    return (strace(), "-f", "--seccomp-bpf", "-s", "4096", "-e", f"trace={CALLS}")


# --- the terminal ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def terminal_day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """The same day by commands, one of which crashes."""
    tracer = tracing()
    day = prepare(tmp_path_factory.mktemp("terminal-day"))
    program = day.trace.parent / "program.py"
    program.write_text(PROGRAM.replace("sys.exit(main", _PROTECTED + "sys.exit(main"), "utf-8")
    vault, given = str(day.vault), day.given

    def run(*words: str, stdin: str = "", crashes: bool = False) -> str:
        read, write = os.pipe()
        os.write(write, PASSPHRASE.encode())
        os.close(write)
        part = day.trace.with_suffix(".part")
        done = subprocess.run(
            [*tracer, "-o", str(part), sys.executable, str(program), *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=(read,),
            cwd=day.home,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(day.home),
                "TMPDIR": str(day.home / "tmp"),
                "LANG": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1",
                "FIELDDOC_PASSPHRASE_FILE": f"/dev/fd/{read}",
                **({"CRASH": "1"} if crashes else {}),
            },
        )
        os.close(read)
        day.lines += part.read_text(errors="replace").splitlines()
        assert (done.returncode != 0) == crashes, (words, done.stderr)
        return done.stdout

    run("new", vault, "--name", "Mina", "--passphrase-file", "/dev/stdin", stdin=PASSPHRASE)
    quoted = '{"type": "incident", "values": {"title": "%s", "what_happened": "%s %s"}}'
    record = quoted % (CANARIES["title"], CANARIES["chinese"], CANARIES["name"])
    run("add", vault, "-", stdin=record)
    run("list", vault, "--search", CANARIES["search"])
    number = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", run("list", vault, "--json"))
    assert number is not None
    run("attach", vault, number[0], str(given / f"{CANARIES['file']}.txt"))
    run("show", vault, number[0])
    run("history", vault, number[0])
    code = (given / "code").read_text()
    name = ("--name", CANARIES["partner"])
    run("contact", "add", vault, str(given / "card"), "--code", code, *name)
    run("export", vault, "--to", CANARIES["partner"], "--out", str(day.stick))
    for form in ("jsonl", "csv", "xlsx"):
        out = day.opened / form
        out.mkdir()
        despite = ("--despite-consent", "--allow-leaks", "--yes")
        run(
            "export-open",
            vault,
            "--format",
            form,
            "--out",
            str(out),
            "--with-attachments",
            *despite,
        )
    run("import", vault, str(bundle_from_partner(day)))
    run("check", vault)
    run("list", vault, crashes=True)
    return day


# Ends as a bug in a library would, with the vault open.
_PROTECTED = """
import os
from fielddoc.hardening import protect_memory
protect_memory()
if os.environ.get("CRASH"):
    from fielddoc.vault.vault import Vault
    Vault.lock = lambda _: os.abort()
"""


# --- what is left ---------------------------------------------------------------------------------


def forms(text: str) -> Iterator[bytes]:
    """Yield a text in every form in which programs write text down."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        data = text.encode(encoding)
        yield data
        yield data.hex().encode()
        yield data.hex().upper().encode()
        for shift in range(3):  # where in a longer text it begins decides how base64 looks
            coded = base64.b64encode(b"\0" * shift + data)
            yield coded[4 if shift else 0 : -4]
    yield text.encode("unicode-escape")
    yield text.encode("gb18030")


NEEDLES = {name: [*forms(text)] for name, text in CANARIES.items()}


def found_in(data: bytes) -> set[str]:
    lowered = data.lower()
    return {
        name
        for name, needles in NEEDLES.items()
        if any(needle in data or needle.lower() in lowered for needle in needles)
    }


def left_in(day: Day) -> dict[str, set[str]]:
    """Return each file of HOME in which, or in whose name, a canary stands."""
    left: dict[str, set[str]] = {}
    for path in day.home.rglob("*"):
        if {day.given, day.opened} & set(path.parents):
            continue  # somebody else put it there, or somebody asked for it
        found = found_in(str(path.relative_to(day.home)).encode())
        if path.is_file():
            found |= found_in(path.read_bytes())
        if found:
            left[str(path.relative_to(day.home))] = found
    return left | left_in_shared_memory(day)


def left_in_shared_memory(day: Day) -> dict[str, set[str]]:
    """Return the files in memory, which outlive every program, that came during the day."""
    left: dict[str, set[str]] = {}
    shared = Path("/dev/shm")
    for path in shared.rglob("*") if shared.is_dir() else ():
        with suppress(OSError):  # of a test beside this one, and gone
            if path.is_file() and path.stat().st_mtime >= day.began_s:
                found = found_in(str(path).encode() + path.read_bytes())
                if found:
                    left[str(path)] = found
    return left


def test_what_lies_in_shared_memory_is_searched(tmp_path: Path) -> None:
    if not os.access("/dev/shm", os.W_OK):
        not_run("there is no /dev/shm")
    day = Day(home=tmp_path, trace=tmp_path / "trace")
    with tempfile.NamedTemporaryFile(prefix="fielddoc-", dir="/dev/shm") as file:
        file.write(CANARIES["title"].encode())
        file.flush()
        assert left_in_shared_memory(day) == {file.name: {"title"}}


def test_the_search_finds_a_canary_in_every_form() -> None:
    for text in CANARIES.values():
        for form in forms(text):
            assert found_in(b"x" * 7 + form + b"y" * 7)
    assert found_in(base64.b64encode(b"in the middle of " + CANARIES["title"].encode() + b" it is"))
    assert not found_in(b"nothing of the kind" * 100)


@pytest.mark.parametrize("kind", ["window_day", "terminal_day"])
def test_after_a_working_day_no_word_of_it_is_left_outside_the_vault(
    kind: str, request: pytest.FixtureRequest
) -> None:
    day: Day = request.getfixturevalue(kind)
    assert list(day.stick.iterdir()), "nothing was exported"
    if kind == "terminal_day":
        readable = [found_in(p.read_bytes()) for p in day.opened.rglob("*.jsonl")]
        assert {"title"} <= set().union(*readable), "nothing was exported in an open format"
    left = left_in(day)
    by_input_methods = {
        name: found for name, found in left.items() if INPUT_METHODS.search("/" + name)
    }
    assert by_input_methods == {}
    assert left == {}


@pytest.mark.parametrize("kind", ["window_day", "terminal_day"])
def test_the_day_is_in_the_vault_the_crash_included(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    day: Day = request.getfixturevalue(kind)
    shutil.copytree(day.vault, tmp_path / "copy")
    with open_vault(tmp_path / "copy", PASSPHRASE) as vault:
        for name in ("title", "chinese", "name", "imported"):
            assert records.listing(vault, text=CANARIES[name]), name
        assert CANARIES["partner"] in [contact.name for contact in contacts.listing(vault)]
        assert {content.sha256 for content in attachments.contents(vault)} == attached_on(day)
        if kind == "window_day":
            assert CANARIES["unsaved"] in drafts_of(vault)
            assert CANARIES["source"] in sources_of(vault)
            assert not records.listing(vault, text=CANARIES["source"]), "a source is never found"


def attached_on(day: Day) -> set[str]:
    """Return the SHA-256 of what was given to attach; in the terminal there was no picture."""
    names = (f"{CANARIES['file']}.txt", "gate.png")
    files = [day.given / name for name in names if (day.given / name).exists()]
    return {hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def drafts_of(vault: Vault) -> str:
    """Return everything that was typed and not saved."""
    kept = [drafts.get(vault, record) for record, *_ in drafts.listing(vault)]
    return repr([draft.values for draft in kept if draft is not None])


def sources_of(vault: Vault) -> str:
    """Return who and what the sources are, after making sure that it is kept sealed."""
    sources = [row.id for row in records.listing(vault, type_name="source")]
    kept = [records.state_of(vault, record).values for record in sources]
    assert any(compartment.is_sealed(value) for values in kept for value in values.values())
    assert CANARIES["source"] not in repr(kept)
    return repr([records.get(vault, record).values for record in sources])


# --- what was called ------------------------------------------------------------------------------

_CALL = re.compile(r"^(?:\[pid +)?\d+\]? +(\w+)\((.*)$")
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NO_FILES = ("/dev/null", "/dev/tty", "/dev/urandom", "/dev/shm/", "/proc/self/", "/memfd:")


def calls(day: Day) -> Iterator[tuple[str, str]]:
    for line in day.lines:
        found = _CALL.match(line)
        if found:
            yield found[1], found[2]


def test_the_trace_is_one_of_the_whole_day(window_day: Day, terminal_day: Day) -> None:
    for day in (window_day, terminal_day):
        assert sum("records.db" in text for _, text in calls(day)) > 2
        assert sum(".age" in text for _, text in calls(day)) > 1


@pytest.mark.parametrize("kind", ["window_day", "terminal_day"])
def test_nothing_is_written_but_the_vault_and_the_chosen_folder(
    kind: str, request: pytest.FixtureRequest
) -> None:
    day: Day = request.getfixturevalue(kind)
    allowed = (str(day.vault), str(day.stick), str(day.opened), *_NO_FILES)
    practice = re.compile(re.escape(str(day.home)) + r"/\.fielddoc-practice-[0-9a-f]{8}(/|$)")
    test_own = str(day.given / "gate.png")
    strange = set()
    for name, text in calls(day):
        if name.startswith("open") and not _WRITING.search(text):
            continue
        if not name.startswith(("open", "creat", "mk", "rename", "link", "symlink", "unlink")):
            continue
        if re.search(r"= -1 E", text):
            continue  # nothing came of it
        for path in _QUOTED.findall(text):
            absolute = path if path.startswith("/") else str(day.home / path)
            if not (
                absolute.startswith(allowed) or practice.match(absolute) or absolute == test_own
            ):
                strange.add(f"{name} {path}")
    assert strange == set()


@pytest.mark.parametrize("kind", ["window_day", "terminal_day"])
def test_no_socket_is_opened_but_local_ones(kind: str, request: pytest.FixtureRequest) -> None:
    day: Day = request.getfixturevalue(kind)
    families = {
        text.partition(",")[0] for name, text in calls(day) if name in ("socket", "socketpair")
    }
    assert families <= {"AF_UNIX"}
    assert not [text for name, text in calls(day) if name == "connect" and "AF_INET" in text]
    if kind == "window_day":
        assert families == {"AF_UNIX"}, "the screen itself is reached by a local socket"
