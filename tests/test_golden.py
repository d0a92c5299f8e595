"""What was written once opens for ever: vaults and bundles of every version of the formats."""

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fielddoc.bundle.bag import RECORDS, BundleKind
from fielddoc.bundle.card import own_card
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.crypto.age import AgeReader, parse_identity
from fielddoc.vault import attachments, identity, records
from fielddoc.vault.check import check
from fielddoc.vault.opening import open_vault

DATA = Path(__file__).parent / "data"
GOLDEN = sorted(path for path in DATA.glob("golden-*") if path.is_dir())


@pytest.fixture(params=GOLDEN, ids=lambda folder: folder.name)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the golden files of one version."""
    source: Path = request.param
    copy = shutil.copytree(source, tmp_path / "golden")
    # A checkout keeps no empty folders and no empty files that somebody may think needless.
    for vault in ("sender", "partner"):
        (copy / vault / "attachments").mkdir(exist_ok=True)
    return copy


@pytest.fixture
def expected(golden: Path) -> Any:
    return json.loads((golden / "expected.json").read_text("utf-8"))


def test_golden_files_are_those_that_were_written_byte_for_byte() -> None:
    """`tests/data/golden.sha256` lists them; a line that is there is never changed."""
    listed = {}
    for line in (DATA / "golden.sha256").read_text("ascii").splitlines():
        digest, name = line.split("  ")
        listed[name] = digest
    found = {
        path.relative_to(DATA).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in GOLDEN
        for path in folder.rglob("*")
        if path.is_file()
    }

    assert [folder.name for folder in GOLDEN] == ["golden-0", "golden-1"]
    assert found == listed


def test_a_golden_vault_opens_and_holds_what_was_recorded(golden: Path, expected: Any) -> None:
    with open_vault(golden / "sender", expected["passphrases"]["sender"]) as vault:
        for wanted in expected["records"]:
            found = records.get(vault, wanted["id"])
            assert (found.type, dict(found.values)) == (wanted["type"], wanted["values"])
        assert [row.id for row in records.listing(vault, trash=True)] == expected["trash"]
        assert own_card(identity.current(vault)).code == expected["codes"]["sender"]
        assert check(vault).is_sound


def test_search_finds_what_is_in_a_golden_vault(golden: Path, expected: Any) -> None:
    with open_vault(golden / "sender", expected["passphrases"]["sender"]) as vault:
        for text in ("虚", "虚构人", "དཔྱད", "تەتقى", "ouren"):
            assert len(records.listing(vault, text=text)) == 1, text
        assert records.listing(vault, text="Fictional Name") == []


def test_a_golden_complete_bundle_gives_every_record_and_file(golden: Path, expected: Any) -> None:
    with open_vault(golden / "partner", expected["passphrases"]["partner"]) as vault:
        imported = import_bundle(vault, golden / "complete.age")

        assert imported.report.info.kind is BundleKind.COMPLETE
        assert imported.report.sender.name == "Sender"
        for wanted in expected["records"]:
            assert dict(records.get(vault, wanted["id"]).values) == wanted["values"]
        (attachment,) = (r for r in expected["records"] if r["type"] == "attachment")
        content = attachments.find(vault, attachment["values"]["sha256"])
        assert content is not None
        assert b"".join(attachments.read(vault, content)) == bytes(range(256)) * 300


def test_a_golden_selected_bundle_gives_the_chosen_fields(golden: Path, expected: Any) -> None:
    with open_vault(golden / "partner", expected["passphrases"]["partner"]) as vault:
        import_bundle(vault, golden / "selected.age")

        (person,) = records.listing(vault, type_name="person")
        values = records.get(vault, person.id).values
        assert "address" not in values
        assert values["human_rights_work"] == "བརྟག་དཔྱད། · تەتقىقات · research"
        (detention,) = records.listing(vault, type_name="detention")
        entries = records.get(vault, detention.id).values["entries"]
        assert isinstance(entries, list)
        assert len(entries) == 3


def test_a_golden_passphrase_bundle_opens_with_its_passphrase(golden: Path, expected: Any) -> None:
    with open_vault(golden / "partner", expected["passphrases"]["partner"]) as vault:
        report = verify_bundle(
            vault, golden / "passphrase.age", passphrase=expected["bundle_passphrase"]
        )

        assert (report.records, report.attachments, report.bad) == (6, 1, ())


def test_a_golden_bundle_for_plain_age_opens_with_its_key(golden: Path) -> None:
    key = parse_identity((golden / "x25519.key").read_text("ascii").strip())

    with (golden / "x25519.age").open("rb") as file:
        plain = b"".join(AgeReader([key], file).chunks())

    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        names = [member.name.partition("/")[2] for member in tar]
    assert RECORDS in names
