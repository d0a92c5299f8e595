"""A partner without fielddoc opens and checks a bundle with the commands that lie beside it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bundle.bundles import members, plaintext, sha256
from fielddoc.bundle import bag
from fielddoc.cli import demo_cases
from fielddoc.cli.main import main
from fielddoc.crypto.age import PostQuantumIdentity, X25519Identity
from fielddoc.domain.revision import read_revision
from fielddoc.resources import resource
from not_run import not_run

NODE_ORACLE = Path(__file__).parents[2] / "packaging" / "node-oracle"
TOOLS = ("bash", "age", "tar", "sha256sum", "ssh-keygen")
README = resource("examples", "stock-tools.txt").read_text(encoding="utf-8")


OTHER = "For the other one"


def commands(text: str = README.partition(OTHER)[0]) -> str:
    """Return the commands of the README, the indented lines, as they stand there."""
    return "\n".join(line for line in text.splitlines() if line.startswith("  ")) + "\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `fielddoc demo --out` leaves."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert main(["demo", "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def out(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "out"))


def needs(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            not_run(f"{tool} is not installed")


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def key_in(path: Path) -> str:
    (line,) = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return line


def test_demo_leaves_what_its_readme_speaks_of(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == {
        "partner.age", "partner.key", "partner-pq.age", "partner-pq.key", "allowed_signers",
        "README.txt",
    }  # fmt: skip
    assert (out / "README.txt").read_text("utf-8") == README
    assert 'namespaces="fielddoc-bundle-v1"' in (out / "allowed_signers").read_text()
    assert [line.split()[0] for line in commands().splitlines()] == [
        "mkdir", "age", "cd", "sha256sum", "ssh-keygen", "-n",
    ]  # fmt: skip
    assert key_in(out / "partner.key").startswith("AGE-SECRET-KEY-1")
    assert key_in(out / "partner-pq.key").startswith("AGE-SECRET-KEY-PQ-1")


def test_commands_of_the_readme_open_and_check_the_bundle(out: Path) -> None:
    needs(*TOOLS)

    done = run(out, commands())

    assert done.returncode == 0, done.stderr
    *files, verdict = done.stdout.splitlines()
    listed = {line.removesuffix(": OK") for line in files}
    assert all(line.endswith(": OK") for line in files)
    opened = out / "opened"
    present = {str(p.relative_to(opened)) for p in opened.rglob("*") if p.is_file()}
    assert listed == present - {bag.TAG_MANIFEST, bag.SIGNATURE}
    assert re.match('Good "fielddoc-bundle-v1" signature for sender@fielddoc with ED25519', verdict)
    assert done.stderr == ""


def test_what_was_opened_is_what_fielddoc_reads(out: Path) -> None:
    needs(*TOOLS)
    run(out, commands())
    key = X25519Identity.parse(key_in(out / "partner.key"))

    ours = members(plaintext((out / "partner.age").read_bytes(), key))

    opened = out / "opened"
    assert {
        str(path.relative_to(opened)): path.read_bytes()
        for path in opened.rglob("*")
        if path.is_file()
    } == ours
    for name, data in ours.items():
        if name.startswith(bag.ATTACHMENT_FOLDER):
            assert name.removeprefix(bag.ATTACHMENT_FOLDER) == sha256(data)
            assert data.startswith(b"\x89PNG")


def test_what_was_opened_has_the_cases_for_a_person_and_for_a_program(out: Path) -> None:
    needs(*TOOLS)
    run(out, commands())
    cases = demo_cases.load()

    page = (out / "opened" / bag.READABLE).read_text("utf-8")
    lines = (out / "opened" / bag.RECORDS).read_bytes().splitlines()

    for person in cases["persons"]:
        if person["name"] is not None:
            assert person["name"] in page
    assert "徐秦" in page
    found = [read_revision(line) for line in lines]
    assert all(one.derived for one in found)
    assert sum(one.type == "person" for one in found) == len(cases["persons"])
    schema = json.loads((out / "opened" / bag.RECORD_SCHEMA).read_bytes())
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_post_quantum_bundle_opens_with_another_program(out: Path, tmp_path: Path) -> None:
    if not (NODE_ORACLE / "node_modules" / "age-encryption").is_dir():
        not_run("npm's age-encryption is not installed (npm ci in packaging/node-oracle)")
    needs("node", *TOOLS)
    key = key_in(out / "partner-pq.key")

    opened = run(
        out,
        f"node '{NODE_ORACLE / 'age.mjs'}' decrypt {key} < partner-pq.age > plain.tar\n"
        # The README's commands, with the other program in the place of age.
        + commands().replace("age -d -i partner.key partner.age", "cat plain.tar"),
    )

    assert opened.returncode == 0, opened.stderr
    assert 'Good "fielddoc-bundle-v1" signature' in opened.stdout
    theirs = (out / "plain.tar").read_bytes()
    identity = PostQuantumIdentity.parse(key)
    assert theirs == plaintext((out / "partner-pq.age").read_bytes(), identity)
    assert len(members(theirs)) == len(
        members(plaintext((out / "partner.age").read_bytes(), x25519_of(out)))
    )


def x25519_of(out: Path) -> X25519Identity:
    return X25519Identity.parse(key_in(out / "partner.key"))


def test_two_bundles_for_two_partners_have_no_id_in_common(out: Path) -> None:
    plain = [
        plaintext((out / "partner.age").read_bytes(), x25519_of(out)),
        plaintext(
            (out / "partner-pq.age").read_bytes(),
            PostQuantumIdentity.parse(key_in(out / "partner-pq.key")),
        ),
    ]
    ids = [
        {read_revision(line).record for line in members(data)[bag.RECORDS].splitlines()}
        for data in plain
    ]

    assert ids[0]
    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize("name", [bag.RECORDS, bag.READABLE, bag.BAG_INFO, bag.MANIFEST])
def test_file_that_was_changed_is_noticed_by_sha256sum(name: str, out: Path) -> None:
    needs(*TOOLS)
    run(out, commands())
    path = out / "opened" / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))

    check = next(line for line in commands().splitlines() if "sha256sum" in line)
    done = run(out / "opened", check)

    assert done.returncode != 0
    assert f"{name}: FAILED" in done.stdout


def test_tag_manifest_that_was_changed_is_noticed_by_ssh_keygen(out: Path) -> None:
    needs(*TOOLS)
    run(out, commands())
    path = out / "opened" / bag.TAG_MANIFEST
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))

    verify = commands()[commands().index("  ssh-keygen") :]
    done = run(out / "opened", verify)

    assert done.returncode != 0
    assert "Good" not in done.stdout


def test_signature_of_somebody_else_is_noticed_by_ssh_keygen(out: Path) -> None:
    needs(*TOOLS)
    run(out, "ssh-keygen -q -t ed25519 -N '' -f other")
    other = (out / "other.pub").read_text().rsplit(" ", 1)[0]
    (out / "allowed_signers").write_text(
        f'sender@fielddoc namespaces="fielddoc-bundle-v1" {other}\n'
    )

    done = run(out, commands())

    assert done.returncode != 0
    assert "Good" not in done.stdout


def test_changed_bundle_is_noticed_by_age(out: Path) -> None:
    needs(*TOOLS)
    path = out / "partner.age"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)

    assert run(out, commands()).returncode != 0


def test_demo_does_not_overwrite_what_it_left(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in out.iterdir()}

    assert main(["demo", "--out", str(out)]) == 1

    assert {path: path.read_bytes() for path in out.iterdir()} == before
    assert capsys.readouterr().out == ""


def test_commands_of_the_readme_open_the_post_quantum_bundle(out: Path) -> None:
    """With the other program in the place of an age of 1.3 or later, which Debian 12 has not."""
    if not (NODE_ORACLE / "node_modules" / "age-encryption").is_dir():
        not_run("npm's age-encryption is not installed (npm ci in packaging/node-oracle)")
    needs("node", *TOOLS)
    key = "$(grep -v '^#' partner-pq.key)"
    other = f"node '{NODE_ORACLE / 'age.mjs'}' decrypt \"{key}\" < partner-pq.age"
    wanted = commands(README.partition(OTHER)[2])
    assert "age -d -i partner-pq.key partner-pq.age" in wanted

    done = run(out, wanted.replace("age -d -i partner-pq.key partner-pq.age", other))

    assert done.returncode == 0, done.stderr
    assert (out / "opened-pq" / bag.MANIFEST).is_file()
