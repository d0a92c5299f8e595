"""Other programs open our age files, and we open theirs."""

import io
import os
import pty
import subprocess
from pathlib import Path

import pyrage
import pytest

from fielddoc.crypto.age import (
    AgeReader,
    AgeWriter,
    Identity,
    PassphraseIdentity,
    PassphraseRecipient,
    PostQuantumIdentity,
    Recipient,
    X25519Identity,
)
from fielddoc.crypto.stream import CHUNK_BYTES
from not_run import not_run

CONTENTS = [b"", b"what was seen and heard", bytes(CHUNK_BYTES), os.urandom(3 * CHUNK_BYTES + 7)]
IDS = ["empty", "short", "one full chunk", "several chunks"]
PASSPHRASE = "six plain words for a test"
NODE_ORACLE = Path(__file__).parents[2] / "packaging" / "node-oracle"


def write(content: bytes, recipient: Recipient) -> bytes:
    file = io.BytesIO()
    writer = AgeWriter([recipient], file.write)
    writer.write(content)
    writer.finish()
    return file.getvalue()


def read(file: bytes, identity: Identity) -> bytes:
    return b"".join(AgeReader([identity], io.BytesIO(file)).chunks())


def age(*arguments: str | Path, stdin: bytes) -> bytes:
    try:
        result = subprocess.run(
            ["age", *arguments], input=stdin, capture_output=True, check=False, timeout=60
        )
    except FileNotFoundError:
        not_run("the age program is not installed (Debian: age)")
    assert result.returncode == 0, result.stderr
    return result.stdout


def age_with_passphrase(*arguments: str | Path) -> None:
    """Run age and type the passphrase; it reads it from its controlling terminal only."""
    try:
        pid, terminal = pty.fork()
    except OSError as error:
        not_run(f"there is no pseudo-terminal: {error}")
    if pid == 0:
        try:
            os.execvp("age", ["age", *map(str, arguments)])  # never returns on success
        finally:
            os._exit(127)
    shown = b""
    try:
        while block := os.read(terminal, 1024):
            shown += block
            if shown.rstrip().endswith(b":"):
                os.write(terminal, PASSPHRASE.encode() + b"\n")
                shown = b""
    except OSError:
        pass  # That is how Linux says that the other side of the terminal is closed.
    finally:
        os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status == 127:
        not_run("the age program is not installed (Debian: age)")
    assert status == 0, shown


def node(mode: str, key: str, stdin: bytes) -> bytes:
    if not (NODE_ORACLE / "node_modules" / "age-encryption").is_dir():
        not_run("npm's age-encryption is not installed (npm ci in packaging/node-oracle)")
    try:
        result = subprocess.run(
            ["node", NODE_ORACLE / "age.mjs", mode, key],
            input=stdin, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
    except FileNotFoundError:
        not_run("Node is not installed")
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("content", CONTENTS, ids=IDS)
def test_pyrage_opens_our_file_and_we_open_its(content: bytes) -> None:
    identity = X25519Identity.generate()
    theirs = pyrage.x25519.Identity.from_str(identity.secret_text())
    recipient = pyrage.x25519.Recipient.from_str(str(identity.recipient()))

    assert pyrage.decrypt(write(content, identity.recipient()), [theirs]) == content
    assert read(pyrage.encrypt(content, [recipient]), identity) == content
    assert read(pyrage.encrypt(content, [recipient], armored=True), identity) == content


def test_pyrage_and_we_name_keys_alike() -> None:
    theirs = pyrage.x25519.Identity.generate()

    ours = X25519Identity.parse(str(theirs))

    assert str(ours.recipient()) == str(theirs.to_public())
    assert ours.secret_text() == str(theirs)


def test_pyrage_opens_our_passphrase_file_and_we_open_its() -> None:
    content = b"what was seen and heard"
    ours = write(content, PassphraseRecipient(PASSPHRASE.encode()))

    assert pyrage.passphrase.decrypt(ours, PASSPHRASE) == content
    theirs = pyrage.passphrase.encrypt(content, PASSPHRASE)
    assert read(theirs, PassphraseIdentity(PASSPHRASE.encode())) == content


@pytest.mark.parametrize("content", CONTENTS, ids=IDS)
def test_the_age_program_opens_our_file_and_we_open_its(content: bytes, tmp_path: Path) -> None:
    identity = X25519Identity.generate()
    key = tmp_path / "key.txt"
    key.write_text(identity.secret_text() + "\n")
    recipient = str(identity.recipient())

    assert age("-d", "-i", key, stdin=write(content, identity.recipient())) == content
    assert read(age("-r", recipient, stdin=content), identity) == content
    assert read(age("-a", "-r", recipient, stdin=content), identity) == content


def test_the_age_program_opens_our_passphrase_file(tmp_path: Path) -> None:
    content = b"what was seen and heard"
    sealed, opened = tmp_path / "sealed.age", tmp_path / "opened"
    sealed.write_bytes(write(content, PassphraseRecipient(PASSPHRASE.encode())))

    age_with_passphrase("-d", "-o", opened, sealed)

    assert opened.read_bytes() == content


def test_we_open_the_passphrase_file_of_the_age_program(tmp_path: Path) -> None:
    content = b"what was seen and heard"
    plain, sealed = tmp_path / "plain", tmp_path / "sealed.age"
    plain.write_bytes(content)

    age_with_passphrase("-p", "-o", sealed, plain)

    assert read(sealed.read_bytes(), PassphraseIdentity(PASSPHRASE.encode())) == content


@pytest.mark.parametrize("content", CONTENTS, ids=IDS)
def test_age_encryption_for_node_opens_our_post_quantum_file_and_we_open_its(
    content: bytes,
) -> None:
    identity = PostQuantumIdentity.generate()
    ours = write(content, identity.recipient())

    assert node("decrypt", identity.secret_text(), ours) == content
    assert read(node("encrypt", str(identity.recipient()), content), identity) == content
