"""The bag's tag files: what a stock tool accepts, and what the strict reader takes."""

import contextlib
import logging
from pathlib import Path
from typing import Any

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle.bundles import attach, complete, opened, person, plaintext, selected, sha256
from fielddoc.bundle import bag
from fielddoc.bundle.bag import (
    BagFormError,
    BagInfo,
    BagTooNewError,
    BundleKind,
    PayloadFile,
    is_payload_name,
    read_info,
    read_manifest,
    write_info,
    write_manifest,
)
from fielddoc.vault.vault import Vault

CODE_A, CODE_B = "1" * 40, "2" * 40
INFO = BagInfo(
    bundle="0123456789abcdef" * 2,
    kind=BundleKind.SELECTED,
    sender=CODE_A,
    recipients=(CODE_A, CODE_B),
    sequence=3,
    previous="ab" * 32,
    date="2026-11-23",
    payload_bytes=12345,
    payload_files=2,
)
WRITTEN = write_info(INFO)
PHOTO = "cd" * 32
FILES = (
    PayloadFile(bag.RECORDS, "ab" * 32),
    PayloadFile(bag.ATTACHMENT_FOLDER + PHOTO, PHOTO),
)
MANIFEST = write_manifest(FILES)


# --- whole bags -----------------------------------------------------------------------------------


def unpacked(path: Path, receiver: Vault, folder: Path) -> Path:
    for name, data in opened(path, receiver).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("kind", list(BundleKind))
def test_bagit_validates_what_was_unpacked(
    kind: BundleKind, alice: Vault, bob: Vault, stick: Path, tmp_path: Path
) -> None:
    who = person(alice)
    attach(alice, b"a photograph" * 9000, belongs_to=[who])
    if kind is BundleKind.COMPLETE:
        path = complete(alice, bob, stick)
    else:
        path = selected(alice, bob, stick, who, with_attachments=True)

    found: Any = bagit.Bag(str(unpacked(path, bob, tmp_path / "bag")))

    found.validate()
    assert found.version_info == (1, 0)
    assert found.info["Fielddoc-Bundle-Kind"] == kind.value
    assert found.has_oxum()
    # The signature is no tag file that the tag manifest could name: it signs the tag manifest.
    assert set(found.entries) - set(found.payload_entries()) == {
        bag.BAGIT,
        bag.BAG_INFO,
        bag.MANIFEST,
    }


def test_bagit_notices_a_change(alice: Vault, bob: Vault, stick: Path, tmp_path: Path) -> None:
    folder = unpacked(complete_of_one(alice, bob, stick), bob, tmp_path / "bag")
    records = folder / bag.RECORDS
    records.write_bytes(records.read_bytes().replace("徐".encode(), "徕".encode()))
    logging.getLogger("bagit").setLevel(logging.CRITICAL)

    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(folder)).validate()


def complete_of_one(alice: Vault, bob: Vault, stick: Path) -> Path:
    person(alice)
    return complete(alice, bob, stick)


def test_files_stand_in_their_fixed_order_in_one_folder(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    for place in range(3):
        attach(alice, bytes((place,)) * 100)
    path = complete(alice, bob, stick)

    names = list(opened(path, bob))

    assert names[:8] == [
        *bag.TAG_FILES,
        bag.RECORDS,
        bag.RECORD_SCHEMA,
        bag.READABLE,
    ]
    assert names[8] == bag.COMPARTMENT_KEYS
    assert names[9:] == sorted(names[9:])
    assert all(name.startswith(bag.ATTACHMENT_FOLDER) for name in names[9:])
    folder = plaintext(path.read_bytes(), bob)[:9]
    assert bag.is_base(folder[:8].decode())
    assert folder[8:] == b"/"
    assert folder[:8].decode() != path.name[:8]


def test_selected_bundle_has_no_compartment_keys(alice: Vault, bob: Vault, stick: Path) -> None:
    path = selected(alice, bob, stick, person(alice))

    assert list(opened(path, bob)) == [
        *bag.TAG_FILES,
        bag.RECORDS,
        bag.RECORD_SCHEMA,
        bag.READABLE,
    ]


def test_manifest_and_oxum_are_those_of_the_files(alice: Vault, bob: Vault, stick: Path) -> None:
    attach(alice, b"seen")
    files = opened(complete(alice, bob, stick), bob)
    payload = {name: data for name, data in files.items() if name.startswith("data/")}

    manifest = read_manifest(files[bag.MANIFEST])
    info = read_info(files[bag.BAG_INFO])

    assert [(f.name, f.sha256) for f in manifest] == [(n, sha256(d)) for n, d in payload.items()]
    assert (info.payload_bytes, info.payload_files) == (
        sum(map(len, payload.values())),
        len(payload),
    )


# --- bag-info.txt ---------------------------------------------------------------------------------


@pytest.mark.parametrize("recipients", [(CODE_A,), (CODE_A, CODE_B), (bag.PASSPHRASE,)])
@pytest.mark.parametrize("kind", list(BundleKind))
@pytest.mark.parametrize("previous", ["none", "ab" * 32])
def test_info_comes_back(recipients: tuple[str, ...], kind: BundleKind, previous: str) -> None:
    info = BagInfo(
        bundle=INFO.bundle, kind=kind, sender=CODE_B, recipients=recipients, sequence=1,
        previous=previous, date="2026-01-01", payload_bytes=0, payload_files=1,
    )  # fmt: skip

    assert read_info(write_info(info)) == info


def test_info_of_a_newer_version_is_told_apart() -> None:
    for version in ("2", "17"):
        newer = WRITTEN.replace(b"Version: 1", b"Version: " + version.encode())
        with pytest.raises(BagTooNewError):
            read_info(newer)


@pytest.mark.parametrize(
    "line",
    [
        b"Fielddoc-Reply-Wanted: yes\n",
        b"Contact-Name: \n",
        b"Fielddoc-Expires: a: b: c\n",
    ],
)
@pytest.mark.parametrize("place", [0, 3, 11])
def test_labels_of_a_later_minor_version_are_passed_over(line: bytes, place: int) -> None:
    lines = WRITTEN.splitlines(keepends=True)

    assert read_info(b"".join([*lines[:place], line, *lines[place:]])) == INFO


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"no label\n",
        b"No-Colon\n",
        b"Colon-Alone:\n",
        b" Folded: value\n",
        b": value\n",
        b"Hidden: a\x00b\n",
        b"Hidden: a\x1bb\n",
        b"Hidden: a\x0bFielddoc-Sequence: 9\n",
        b"Hidden: a\rFielddoc-Sequence: 9\n",
        b"Hidden: \xe5\xbe\x90\n",
        b"L" * 81 + b": value\n",
    ],
)
def test_line_that_is_no_label_and_value_is_refused(line: bytes) -> None:
    for spoilt in (WRITTEN + line, line + WRITTEN):
        with pytest.raises(BagFormError):
            read_info(spoilt)


def test_missing_label_is_refused() -> None:
    lines = WRITTEN.splitlines(keepends=True)
    for place in range(len(lines)):
        if b"Recipient" not in lines[place]:
            with pytest.raises(BagFormError):
                read_info(b"".join(lines[:place] + lines[place + 1 :]))


def test_label_twice_is_refused() -> None:
    lines = WRITTEN.splitlines(keepends=True)
    for line in lines:
        for place in range(len(lines) + 1):
            with pytest.raises(BagFormError):
                read_info(b"".join([*lines[:place], line, *lines[place:]]))


def test_labels_in_another_order_are_refused() -> None:
    lines = WRITTEN.splitlines(keepends=True)
    for place in range(len(lines) - 1):
        swapped = [*lines]
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
        with pytest.raises(BagFormError):
            read_info(b"".join(swapped))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"fielddoc\n", b"somebody\n"),
        (b"2026-11-23", b"23.11.2026"),
        (b"2026-11-23", b"2026-11-23T10:00"),
        (b"12345.2", b"12345"),
        (b"12345.2", b"12345.2.2"),
        (b"12345.2", b"012345.2"),
        (b"12345.2", b"12_345.2"),
        (b"12345.2", b"+12345.2"),
        (b"12345.2", b"-1.2"),
        (b"12345.2", b"12345.250001"),
        (b"12345.2", b"1e5.2"),
        (b"12345.2", b"9" * 5000 + b".2"),
        (b"Version: 1", b"Version: 0"),
        (b"Version: 1", b"Version: -1"),
        (b"Version: 1", b"Version: 01"),
        (b"Version: 1", b"Version: 1.0"),
        (b"Version: 1", b"Version: one"),
        (b"Version: 1", b"Version: " + b"9" * 5000),
        (b"Id: 0123", b"Id: 0123ff"),
        (b"Id: 0123456789abcdef", b"Id: 0123456789ABCDEF"),
        (b"selected", b"everything"),
        (b"Sender: 1111", b"Sender: 111"),
        (b"Recipient: 1111", b"Recipient: 111"),
        (b"Sequence: 3", b"Sequence: 0"),
        (b"Sequence: 3", b"Sequence: -3"),
        (b"Sequence: 3", b"Sequence: 9007199254740992"),
        (b"Sequence: 3", b"Sequence: " + b"9" * 4000),
        (b"Previous: ab", b"Previous: "),
        (b"Previous: ab", b"Previous: AB"),
        (b": ", b":"),
        (b": ", b":  "),
        (b"\n", b"\r\n"),
        (b"\n", b"\r"),
        (b"\n", b"\n\x0b"),
        (b"\n", b" \n"),
        (b"fielddoc", "fielddóc".encode()),
    ],
    ids=lambda part: repr(part)[:32],
)
def test_info_in_another_form_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(BagFormError) as caught:
        read_info(WRITTEN.replace(old, new, 1) if old != b"\n" else WRITTEN.replace(old, new))
    assert type(caught.value) is BagFormError


@pytest.mark.parametrize(
    "recipients",
    [
        (),
        (CODE_B, CODE_A),
        (CODE_A, CODE_A),
        (CODE_A, bag.PASSPHRASE),
        (bag.PASSPHRASE, bag.PASSPHRASE),
        ("nobody",),
        ("",),
    ],
)
def test_recipients_are_sorted_codes_or_the_one_word(recipients: tuple[str, ...]) -> None:
    lines = WRITTEN.splitlines(keepends=True)
    listed = [f"Fielddoc-Recipient: {code}\n".encode() for code in recipients]

    with pytest.raises(BagFormError):
        read_info(b"".join([*lines[:7], *listed, *lines[9:]]))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_info_gives_another_error(data: bytes) -> None:
    for spoilt in (data, WRITTEN[:100] + data, data + WRITTEN):
        with contextlib.suppress(BagFormError):
            read_info(spoilt)


# --- manifest-sha256.txt --------------------------------------------------------------------------


def test_manifest_comes_back() -> None:
    assert read_manifest(MANIFEST) == FILES


@pytest.mark.parametrize(
    "name",
    [
        "data/notes.txt",
        "data/readable/style.css",
        "data/translations/records-zh-hans.jsonl.part.txt",
        "data/thumbnails/0123456789",
    ],
)
def test_file_of_a_later_minor_version_may_stand_in_the_manifest(name: str) -> None:
    assert is_payload_name(name)
    assert read_manifest(write_manifest([*FILES, PayloadFile(name, "00" * 32)]))[-1].name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "records.jsonl",
        "data",
        "data/",
        "data/.",
        "data/..",
        "data/../records.jsonl",
        "data/../../etc/passwd",
        "/data/records.jsonl",
        "/etc/passwd",
        "data//records.jsonl",
        "data/a/b/c.txt",
        "data/.hidden",
        "data/a/.hidden",
        "data/CON.txt",
        "data/Records.jsonl",
        "data/rec ords.jsonl",
        "data/records.jsonl ",
        "data/records.jsonl\r",
        "data\\records.jsonl",
        "data/a\\b",
        "c:/data/records.jsonl",
        "data/c:x",
        "data/%2e%2e",
        "data/a\0b",
        "data/徐.txt",
        "data/a.",
        "data/" + "a" * 21,
        "data/a.b.c.d.e",
        "data/attachments/",
        "data/attachments/photo.jpg",
        "data/attachments/" + "g" * 64,
        "data/attachments/" + "AB" * 32,
        "data/attachments/" + "ab" * 31,
        "data/attachments/" + "ab" * 32 + ".jpg",
        "data/attachments/../" + "ab" * 32,
        "fetch.txt",
        "bagit.txt",
    ],
)
def test_name_that_no_bundle_may_hold_is_refused(name: str) -> None:
    assert not is_payload_name(name)
    try:
        listed = write_manifest([*FILES, PayloadFile(name, "00" * 32)])
    except UnicodeEncodeError:
        listed = MANIFEST + f"{'00' * 32}  {name}\n".encode()

    with pytest.raises(BagFormError):
        read_manifest(listed)


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"\n",
        MANIFEST[:-1],
        MANIFEST + b"\n",
        b"\n" + MANIFEST,
        MANIFEST.replace(b"\n", b"\r\n"),
        MANIFEST.replace(b"\n", b"\x0b", 1),
        MANIFEST.replace(b"  ", b" "),
        MANIFEST.replace(b"  ", b" *"),
        MANIFEST.replace(b"  ", b"   "),
        MANIFEST.replace(b"  ", b"\t"),
        MANIFEST.replace(b"ab", b"AB"),
        MANIFEST.replace(b"ab" * 32, b"ab" * 31),
        MANIFEST.replace(b"ab" * 32, b"zz" * 32),
        MANIFEST + MANIFEST,
        MANIFEST + f"{'00' * 32}  {bag.RECORDS}\n".encode(),
        write_manifest(FILES[1:]),
        write_manifest([FILES[0], PayloadFile(FILES[1].name, "00" * 32)]),
        b"\xef\xbb\xbf" + MANIFEST,
        MANIFEST.decode().encode("utf-16"),
        b"# comment\n" + MANIFEST,
    ],
    ids=[
        "empty", "an empty line", "no last line end", "empty line after", "empty line before",
        "CR LF", "a vertical tab for a line end", "one blank", "binary mark", "three blanks", "tab",
        "capital digits", "short hash", "no hash", "everything twice", "records twice",
        "without records", "attachment named otherwise than its hash", "byte order mark",
        "UTF-16", "comment",
    ],
)  # fmt: skip
def test_manifest_in_another_form_is_refused(spoilt: bytes) -> None:
    with pytest.raises(BagFormError):
        read_manifest(spoilt)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_manifest_gives_another_error(data: bytes) -> None:
    for spoilt in (data, MANIFEST + data, data + MANIFEST):
        with contextlib.suppress(BagFormError):
            read_manifest(spoilt)


@pytest.mark.parametrize("name", ["0a1b2c3d", "00000000"])
def test_base_is_eight_hexadecimal_digits(name: str) -> None:
    assert bag.is_base(name)


@pytest.mark.parametrize("name", ["", "..", "0a1b2c3", "0a1b2c3d4", "0A1B2C3D", "0a1b2c3d\n", "/"])
def test_other_base_is_refused(name: str) -> None:
    assert not bag.is_base(name)
