"""Walks through the window as a person would, from first start to wiped vault.

From step to step of the export it goes by mouse, all else is done with keys.

    make gui-e2e                     pictures of each step go to build/gui-e2e
    make gui-e2e ARGS='--out DIR'    or to another folder
    make gui-e2e ARGS='--program X'  another program than that of .venv, such as a frozen one

A virtual screen, a window manager, the real program in a process of its own, an empty HOME. After
each part the vault is looked at from outside, with the terminal's commands. Exit status 0 when all
of it came true.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from e2e.screen import Screen, ScreenError, missing_programs  # noqa: E402
from fielddoc.gui.style import LIGHT  # noqa: E402

PASSPHRASE = "plum lantern gravel otter seven bridge"
PARTNER_PASSPHRASE = "another six invented words go here"
WINDOW = "Notes"
TITLE = "Followed from the court"
HOLD_S = 3.6
PICTURE = (ROOT / "docs" / "screenshots" / "en-light" / "start.png").read_bytes()
ACCENT = LIGHT.accent
BUTTON = (10, 24)
"""How wide and how high the colour of a filled button is at its edge, at least."""
_PATIENCE_S = 30.0


class WalkError(Exception):
    """Something did not come true."""


class Walk:
    """One walk with its folders and programs."""

    def __init__(self, program: list[str], home: Path, screen: Screen) -> None:
        self.program = program
        self.home = home
        self.screen = screen
        self.vault = home / "casework"
        self.stick = home / "stick"
        self.stick.mkdir()
        self.environment = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "LANGUAGE": "en",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }
        self.process: subprocess.Popen[bytes] | None = None

    # --- the program -----------------------------------------------------------------------------

    def start(self) -> None:
        """Open the window."""
        self.process = self.screen.start(self.program, self.environment)
        self.screen.wait_for_window(WINDOW)

    def terminal(self, *words: str, passphrase: str = PASSPHRASE) -> str:
        """Run a command and return what it prints."""
        secret = self.home / "passphrase.txt"
        secret.write_text(passphrase, encoding="utf-8")
        environment = {**os.environ, **self.environment, "FIELDDOC_PASSPHRASE_FILE": str(secret)}
        done = subprocess.run(
            [*self.program, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        secret.unlink()
        if done.returncode:
            raise WalkError(f"fielddoc {' '.join(words)}: {done.stderr}")
        return done.stdout

    def close(self) -> None:
        """Close the window as the window manager does, and wait for the end."""
        self.screen.close_window(WINDOW)
        self.wait_for_end()

    def wait_for_end(self) -> None:
        """Wait until the process is gone."""
        assert self.process is not None
        self.until(lambda: self.process is None or self.process.poll() is not None, "it goes on")

    def until(self, condition: Callable[[], bool], words: str) -> None:
        """Wait for something outside the window."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.1)
        raise WalkError(words)

    # --- the parts -------------------------------------------------------------------------------

    def create(self) -> None:
        """From the first page to a new vault, the wipe practised on the way."""
        screen = self.screen
        screen.shot("first-page")
        screen.key("space")
        screen.key("ctrl+a")
        screen.type(self.vault.name)
        screen.shot("where")
        screen.key("Return")
        screen.shot("six-words")
        screen.key("Down", "Tab")
        screen.type(PASSPHRASE)
        screen.shot("own-passphrase")
        screen.key("Return")
        screen.type(PASSPHRASE)
        screen.shot("again")
        screen.key("Return")
        time.sleep(2)  # the throw-away vault is being made
        screen.settle()
        screen.hold("space", 1.0)
        screen.settle()
        screen.shot("let-go-in-time")
        screen.hold("space", HOLD_S)
        time.sleep(2)
        screen.settle()
        screen.shot("practised")
        if list(self.home.glob(".fielddoc-practice-*")):
            raise WalkError("the throw-away vault is still there")
        screen.key("space")
        self.until((self.vault / "vault.key").exists, "no vault was made")
        time.sleep(2)
        screen.settle()
        screen.shot("empty-vault")

    def record(self) -> None:
        """Write an incident; it becomes a version without being asked to."""
        screen = self.screen
        screen.key("ctrl+n")
        screen.type(TITLE)
        screen.key("Tab", "Tab")
        screen.type("mid-August 2022")
        screen.shot("typing")
        screen.key("ctrl+s")
        screen.key("ctrl+f")
        screen.type("court")
        time.sleep(0.5)
        screen.settle()
        screen.shot("found")
        screen.key("Escape")

    def attach(self) -> None:
        """Attach a file to the incident by the dialog; the terminal shows it afterwards."""
        screen = self.screen
        picture = self.home / "street.png"
        picture.write_bytes(PICTURE)
        screen.key("ctrl+f")
        screen.type("court")
        time.sleep(0.5)
        screen.settle()
        screen.key("Down", "Return")
        screen.key("shift+Tab", "Right")
        screen.shot("no-files-yet")
        screen.key("Tab", "space")
        time.sleep(0.5)
        screen.type(str(picture))
        screen.shot("which-file")
        screen.key("Return")
        time.sleep(1)
        screen.settle()
        screen.shot("attached")
        screen.key("ctrl+f", "ctrl+a", "BackSpace", "Escape")

    def lock(self) -> None:
        """Lock in the middle of typing, and come back to it."""
        screen = self.screen
        assert self.process is not None
        screen.key("ctrl+n")
        screen.type("Unfinished sentence")
        before = self.process.pid
        screen.key("ctrl+l")
        screen.wait_for_window(WINDOW)
        screen.shot("locked")
        if self.process.poll() is not None or self.process.pid != before:
            raise WalkError("the lock ended the program")
        screen.type("wrong passphrase")
        screen.key("Return")
        time.sleep(4)
        screen.settle()
        screen.shot("wrong-passphrase")
        screen.type(PASSPHRASE)
        screen.key("Return")
        time.sleep(4)
        screen.settle()
        screen.shot("back-where-it-was")

    def partner(self) -> None:
        """Exchange cards with somebody at another vault."""
        partner = self.home / "partner"
        self.terminal("new", str(partner), "--name", "Bo", passphrase=PARTNER_PASSPHRASE)
        card = self.home / "bo.card"
        code = self.terminal(
            "identity", str(partner), "--card", str(card), passphrase=PARTNER_PASSPHRASE
        )
        digits = "".join(c for c in code if c.isdigit())[-40:]
        screen = self.screen
        screen.key("ctrl+2")
        screen.shot("partners")
        screen.key("space")
        time.sleep(0.5)
        screen.type(str(card))
        screen.key("Return")
        screen.type(digits)
        screen.shot("typed-digits")
        screen.key("Return")
        screen.settle()
        screen.shot("partner-added")

    def export(self) -> None:
        """Write a bundle for the partner onto a stick, which is a folder here."""
        screen = self.screen
        screen.key("ctrl+3")
        screen.shot("export-what")
        self._next()
        screen.key("space")
        screen.shot("export-for-whom")
        self._next()
        time.sleep(1)
        screen.settle()
        screen.shot("export-check")
        self._next()
        screen.type(str(self.stick))
        screen.shot("export-where")
        self._next()
        self.until(lambda: any(self.stick.glob("*.age")), "no bundle was written")
        time.sleep(1)
        screen.settle()
        screen.shot("export-result")
        (bundle,) = self.stick.glob("*.age")
        own = self.home / "plum.card"
        screen.key("ctrl+2")
        screen.shot("partners-again")
        self.close()
        code = self.terminal("identity", str(self.vault), "--card", str(own))
        digits = "".join(c for c in code if c.isdigit())[-40:]
        partner = str(self.home / "partner")
        words = ("contact", "add", partner, str(own), "--code", digits, "--name", "Plum")
        self.terminal(*words, passphrase=PARTNER_PASSPHRASE)
        self._look_at_the_attachment()
        self.terminal("import", partner, str(bundle), passphrase=PARTNER_PASSPHRASE)
        found = json.loads(self.terminal("list", partner, "--json", passphrase=PARTNER_PASSPHRASE))
        titles = [record["values"].get("title") for record in found]
        if TITLE not in titles:
            raise WalkError(f"the partner has {titles}")

    def import_(self) -> None:
        """Take a bundle that the partner made."""
        partner = self.home / "partner"
        record = self.home / "record.json"
        record.write_text(
            json.dumps({"type": "incident", "values": {"title": "Seen by Bo", "date": "2022-09"}}),
            encoding="utf-8",
        )
        self.terminal("add", str(partner), str(record), passphrase=PARTNER_PASSPHRASE)
        back = self.home / "back"
        self.terminal(
            "export", str(partner), "--to", "Plum", "--out", str(back),
            passphrase=PARTNER_PASSPHRASE,
        )  # fmt: skip
        (bundle,) = back.glob("*.age")
        screen = self.screen
        self.start()
        self._open()
        screen.key("ctrl+4")
        screen.key("space")
        time.sleep(0.5)
        screen.type(str(bundle))
        screen.key("Return")
        time.sleep(1)
        screen.settle()
        screen.shot("import-preview")
        screen.key("space")
        time.sleep(1)
        screen.settle()
        screen.shot("imported")
        screen.key("ctrl+1")
        screen.settle()
        screen.shot("records")
        screen.key("F1")
        screen.shot("help")

    def wipe(self) -> None:
        """Destroy the vault with the keys alone."""
        screen = self.screen
        screen.hold_chord(("ctrl", "shift"), "F12", 1.0)
        screen.settle()
        screen.shot("wipe-let-go")
        time.sleep(HOLD_S)  # what goes on although nobody holds it would have fired by then
        if not (self.vault / "vault.key").exists():
            raise WalkError("letting go in time wiped the vault")
        screen.hold_chord(("ctrl", "shift"), "F12", HOLD_S)
        self.wait_for_end()
        if self.vault.exists():
            raise WalkError(f"left behind: {sorted(p.name for p in self.vault.iterdir())}")
        screen.shot("wiped")

    def _look_at_the_attachment(self) -> None:
        """See in the terminal that the file belongs to the incident and is what was attached."""
        rows = json.loads(self.terminal("list", str(self.vault), "--json"))
        found = {row["type"]: row["id"] for row in rows if row["type"] == "attachment"}
        if not found:
            raise WalkError("nothing is attached")
        shown = json.loads(self.terminal("show", str(self.vault), found["attachment"], "--json"))
        values = shown["values"]
        if values.get("name") != "street.png":
            raise WalkError(f"attached as {values.get('name')}")
        if values.get("sha256") != hashlib.sha256(PICTURE).hexdigest():
            raise WalkError("what is attached is another file")

    def _next(self) -> None:
        """Click at the filled button, of which each step has one."""
        self.screen.click_at(ACCENT, least=BUTTON)

    def _open(self) -> None:
        """Open the vault from the first page."""
        screen = self.screen
        screen.key("Tab")
        screen.key("space")
        time.sleep(0.5)
        screen.type(str(self.vault))
        screen.key("Return")
        screen.type(PASSPHRASE)
        screen.key("Return")
        time.sleep(4)
        screen.settle()


def main() -> int:
    """Walk, and return the exit status."""
    parser = argparse.ArgumentParser(description="Walk through the window on a virtual screen.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "gui-e2e")
    parser.add_argument("--program", default=str(ROOT / ".venv" / "bin" / "fielddoc"))
    options = parser.parse_args()
    missing = missing_programs()
    if missing:
        print(f"not on this machine: {', '.join(missing)}", file=sys.stderr)
        return 1
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    home = Path(tempfile.mkdtemp(prefix="fielddoc-walk-"))
    try:
        with Screen(options.out) as screen:
            walk = Walk([options.program], home, screen)
            walk.start()
            for part in (
                walk.create,
                walk.record,
                walk.attach,
                walk.lock,
                walk.partner,
                walk.export,
                walk.import_,
                walk.wipe,
            ):
                try:
                    part()
                except (WalkError, ScreenError) as error:
                    screen.shot("failed")
                    status = None if walk.process is None else walk.process.poll()
                    ended = "" if status is None else f"; the program ended with {status}"
                    print(f"{part.__name__}: {error}{ended}", file=sys.stderr)
                    return 1
                print(f"{part.__name__}: done", flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"pictures: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
