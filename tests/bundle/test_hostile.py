"""Bundles of a contact who means harm: the seal holds, the signature holds, the content does not.

Everything here is refused or listed with one of the errors that a person can read.
"""

import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundle.bundles import (
    A_PERSON,
    Forgery,
    all_ids,
    card_of,
    complete,
    content,
    dump,
    files_of,
    forgery,
    in_tar,
    lines,
    person,
    revision,
    sha256,
    values,
)
from fielddoc.bundle import bag, receive, tar
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.crypto.age import AgeWriter
from fielddoc.crypto.stream import CHUNK_BYTES
from fielddoc.domain.canonical import Json, encode
from fielddoc.domain.padme import padme
from fielddoc.domain.revision import Revision
from fielddoc.errors import BundleChangedError, BundleError, BundleTooNewError, NotABundleError
from fielddoc.vault import compartment, records
from fielddoc.vault.check import check
from fielddoc.vault.purge import purge
from fielddoc.vault.vault import Vault
from strategies import json_values

ITEM = "33333333-3333-4333-8333-333333333333"
ATTACHED = b"what was attached"
ATTACHMENT = (bag.ATTACHMENT_FOLDER + sha256(ATTACHED), ATTACHED)


@pytest.fixture
def forged(alice: Vault, bob: Vault) -> Forgery:
    """A bundle from Alice to Bob with a record and an attachment, honest so far."""
    made = forgery(alice, bob)
    made.payload.append(ATTACHMENT)
    return made


def put(folder: Path, data: bytes) -> Path:
    path = folder / "sent.age"
    path.write_bytes(data)
    return path


def refused(vault: Vault, path: Path) -> type[BundleError]:
    """Return the error of an import that leaves everything as it was."""
    before, files = dump(vault), files_of(vault)
    with pytest.raises(BundleError) as caught:
        import_bundle(vault, path)
    assert dump(vault) == before
    assert files_of(vault) == files
    return type(caught.value)


def test_the_honest_one_is_taken(forged: Forgery, bob: Vault, stick: Path) -> None:
    imported = import_bundle(bob, put(stick, forged.age()))

    assert (imported.added, imported.attachments_added) == (1, 1)
    assert content(bob, sha256(ATTACHED)) == ATTACHED


# --- files ----------------------------------------------------------------------------------------


Parts = Callable[[Forgery, list[bytes]], list[bytes]]
EXTRA = in_tar("0a1b2c3d/data/extra.txt", b"extra")


def renamed(number: int, name: str) -> Parts:
    """Put another name into the header of the numbered file; its checksum is right."""

    def edited(made: Forgery, parts: list[bytes]) -> list[bytes]:
        _, size = tar.read_header(parts[number][: tar.BLOCK_BYTES])
        header = tar.header(name, size)
        return [*parts[:number], header + parts[number][tar.BLOCK_BYTES :], *parts[number + 1 :]]

    return edited


RECORDS_AT = len(bag.TAG_FILES)
ARRANGEMENTS: dict[str, Parts] = {
    "extra file at the end": lambda _, parts: [*parts, EXTRA],
    "extra file before the records": lambda _, p: [*p[:RECORDS_AT], EXTRA, *p[RECORDS_AT:]],
    "extra file before all": lambda _, parts: [EXTRA, *parts],
    "fetch.txt": lambda _, p: [*p[:3], in_tar("0a1b2c3d/fetch.txt", b"x"), *p[3:]],
    "missing attachment": lambda _, parts: parts[:-1],
    "missing records": lambda _, p: [*p[:RECORDS_AT], *p[RECORDS_AT + 1 :]],
    "missing signature": lambda _, p: [*p[: RECORDS_AT - 1], *p[RECORDS_AT:]],
    "missing manifest": lambda _, p: [*p[:2], *p[3:]],
    "missing bagit.txt": lambda _, p: p[1:],
    "records twice": lambda _, p: [*p[: RECORDS_AT + 1], *p[RECORDS_AT:]],
    "bag-info.txt twice": lambda _, p: [*p[:2], *p[1:]],
    "payload in another order": lambda _, p: [*p[:RECORDS_AT], *reversed(p[RECORDS_AT:])],
    "tag files in another order": lambda _, p: [p[1], p[0], *p[2:]],
    "signature after the payload": lambda _, p: [*p[:4], *p[5:], p[4]],
    "nothing but tag files": lambda _, p: p[:RECORDS_AT],
    "records in another folder": renamed(RECORDS_AT, "0a1b2c3e/data/records.jsonl"),
    "records in no folder": renamed(RECORDS_AT, "data/records.jsonl"),
    "path upwards": renamed(RECORDS_AT, "0a1b2c3d/../../etc/passwd"),
    "absolute path": renamed(RECORDS_AT, "/etc/passwd"),
    "backslashes": renamed(RECORDS_AT, "0a1b2c3d\\data\\records.jsonl"),
    "attachment named by a path": renamed(-1, "0a1b2c3d/data/attachments/../../x"),
    "header spoilt": lambda _, p: [*p[:-1], b"\1" + p[-1][1:]],
    "symbolic link": lambda _, p: [*p[:-1], p[-1][:156] + b"2" + p[-1][157:]],
    "end in the middle": lambda _, p: [*p[:RECORDS_AT], tar.END, *p[RECORDS_AT:]],
}  # fmt: skip


@pytest.mark.parametrize("arrangement", ARRANGEMENTS, ids=str)
def test_bag_arranged_otherwise_is_refused(
    arrangement: str, forged: Forgery, bob: Vault, stick: Path
) -> None:
    parts = ARRANGEMENTS[arrangement](forged, forged.parts())

    error = refused(bob, put(stick, forged.age(forged.plain(parts))))

    assert error in (BundleChangedError, NotABundleError)
    first_is_right = parts[0] == forged.parts()[0]
    assert (error is BundleChangedError) is first_is_right


@pytest.mark.parametrize("base", ["..", ".", "", "0A1B2C3D", "0a1b2c3", "data", "c:", "-rf"])
def test_bag_in_a_folder_of_another_name_is_refused(
    base: str, alice: Vault, bob: Vault, stick: Path
) -> None:
    assert refused(bob, put(stick, forgery(alice, bob, base=base).age())) is NotABundleError


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "data/../../outside.txt",
        "/outside.txt",
        "outside.txt",
        "data/attachments/photo.jpg",
        "data/attachments/" + "0" * 64,
        "data/a\\b.txt",
        "data/.bashrc",
        "data/records.jsonl",
    ],
)
def test_signed_name_that_no_bundle_may_hold_is_refused(
    name: str, forged: Forgery, bob: Vault, stick: Path, tmp_path: Path
) -> None:
    forged.payload.append((name, b"x"))
    everything = set(tmp_path.parent.rglob("outside*"))

    assert refused(bob, put(stick, forged.age())) is BundleChangedError
    assert set(tmp_path.parent.rglob("outside*")) == everything


def test_attachment_that_is_not_what_its_name_says_is_refused(
    forged: Forgery, bob: Vault, stick: Path
) -> None:
    """The manifest is right about the name; the content in the tar is another one."""
    forged.listed = [*forged.payload]
    forged.payload[-1] = (ATTACHMENT[0], b"what was attached, changed")

    assert refused(bob, put(stick, forged.age())) is BundleChangedError


def test_records_that_are_not_what_was_signed_are_refused(
    forged: Forgery, bob: Vault, stick: Path
) -> None:
    forged.listed = [*forged.payload]
    forged.payload[0] = (bag.RECORDS, lines(revision()))

    assert refused(bob, put(stick, forged.age())) is BundleChangedError


# --- tag files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "edited"),
    [
        (bag.BAGIT, lambda data: data.replace(b"1.0", b"0.97")),
        (bag.BAGIT, lambda data: data + b"\n"),
        (bag.BAGIT, lambda _: b""),
        (bag.BAG_INFO, lambda _: b""),
        (bag.BAG_INFO, lambda data: data + b"\xff"),
        (bag.BAG_INFO, lambda _: os.urandom(1000)),
        (bag.MANIFEST, lambda _: b""),
        (bag.MANIFEST, lambda _: os.urandom(1000)),
        (bag.MANIFEST, lambda data: data * 2),
        (bag.MANIFEST, lambda data: b"".join(reversed(data.splitlines(keepends=True)))),
        (bag.TAG_MANIFEST, lambda _: b""),
        (bag.TAG_MANIFEST, lambda data: data[:-1]),
        (bag.TAG_MANIFEST, lambda data: data + data),
        (bag.TAG_MANIFEST, lambda data: data + b"0" * 64 + b"  fetch.txt\n"),
        (bag.TAG_MANIFEST, lambda data: data.upper()),
    ],
    ids=range(15),
)
def test_tag_file_in_another_form_is_refused_though_it_is_signed(
    name: str, edited: Callable[[bytes], bytes], forged: Forgery, bob: Vault, stick: Path
) -> None:
    forged.edit[name] = edited

    assert refused(bob, put(stick, forged.age())) is BundleChangedError


@pytest.mark.parametrize(
    "edited",
    [
        lambda _: b"",
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda _: os.urandom(300),
        lambda _: b"\xff" * 300,
        lambda data: data.replace(b"\n", b"\r\n"),
    ],
    ids=["empty", "cut", "longer", "random", "not ASCII", "CR LF"],
)
def test_signature_in_another_form_is_refused(
    edited: Callable[[bytes], bytes], forged: Forgery, bob: Vault, stick: Path
) -> None:
    forged.unsigned_edit[bag.SIGNATURE] = edited

    assert refused(bob, put(stick, forged.age())) is BundleChangedError


@pytest.mark.parametrize(
    "info",
    [
        {"Payload-Oxum": "1.2"},
        {"Payload-Oxum": "0.0"},
        {"Payload-Oxum": "-1.2"},
        {"Payload-Oxum": "999999999999.2"},
        {"Payload-Oxum": "1.250001"},
        {"Fielddoc-Sequence": "0"},
        {"Fielddoc-Sequence": str(2**53)},
        {"Fielddoc-Sequence": str(2**63)},
        {"Fielddoc-Sequence": "9" * 4000},
        {"Fielddoc-Previous": "../../etc"},
        {"Fielddoc-Bundle-Id": "../" * 10 + "ab"},
        {"Fielddoc-Bundle-Kind": "both"},
        {"Bagging-Date": "soon"},
    ],
    ids=lambda info: str(info)[:48],
)
def test_signed_description_that_cannot_be_is_refused(
    info: dict[str, str], forged: Forgery, bob: Vault, stick: Path
) -> None:
    forged.info.update(info)

    assert refused(bob, put(stick, forged.age())) is BundleChangedError


def test_greatest_sequence_is_taken(forged: Forgery, bob: Vault, stick: Path) -> None:
    forged.info["Fielddoc-Sequence"] = str(2**53 - 1)

    assert import_bundle(bob, put(stick, forged.age())).report.info.sequence == 2**53 - 1


@pytest.mark.parametrize("number", range(len(bag.TAG_FILES)))
def test_tag_file_of_a_boundless_size_is_refused_before_it_is_read(
    number: int, forged: Forgery, bob: Vault, stick: Path
) -> None:
    for size in (bag.MAXIMUM_TAG_BYTES + 1, 2**40, 2**53 - 1):
        parts = forged.parts()
        name, _ = tar.read_header(parts[number][: tar.BLOCK_BYTES])
        plain = b"".join(parts[:number]) + tar.header(name, size)
        path = put(stick, forged.age(plain.ljust(padme(len(plain)), b"\0")))

        assert refused(bob, path) is BundleChangedError


def test_tag_file_larger_than_any_is_refused_though_all_of_it_is_there_and_signed(
    forged: Forgery, bob: Vault, stick: Path
) -> None:
    line = b"Fielddoc-Later: " + b"x" * 1000 + b"\n"
    many = bag.MAXIMUM_TAG_BYTES // len(line) + 1
    forged.edit[bag.BAG_INFO] = lambda data: data + line * many

    assert refused(bob, put(stick, forged.age())) is BundleChangedError

    forged.edit[bag.BAG_INFO] = lambda data: data + line * (many // 64)
    assert import_bundle(bob, put(stick, forged.age())).added == 1


def test_size_that_is_more_than_what_follows_is_refused(
    forged: Forgery, bob: Vault, stick: Path
) -> None:
    for number in range(len(forged.parts())):
        for size in (100_000, 2**40, 2**53 - 1):
            parts = forged.parts()
            name, _ = tar.read_header(parts[number][: tar.BLOCK_BYTES])
            parts[number] = tar.header(name, size) + parts[number][tar.BLOCK_BYTES :]

            path = put(stick, forged.age(forged.plain(parts)))

            assert refused(bob, path) is BundleChangedError


def test_manifest_of_very_many_files_is_refused(alice: Vault, bob: Vault, stick: Path) -> None:
    made = forgery(alice, bob)
    made.listed = [*made.payload, *((f"data/{n}.txt", b"x") for n in range(300_000))]

    assert refused(bob, put(stick, made.age())) is BundleChangedError


# --- the end of the tar ---------------------------------------------------------------------------


def test_padding_that_is_not_zero_is_refused(forged: Forgery, bob: Vault, stick: Path) -> None:
    parts = forged.parts()
    for number, part in enumerate(parts):
        _, size = tar.read_header(part[: tar.BLOCK_BYTES])
        if tar.padding(size):
            hidden = [*parts[:number], part[:-1] + b"h", *parts[number + 1 :]]
            path = put(stick, forged.age(forged.plain(hidden)))
            assert refused(bob, path) is BundleChangedError


def test_anything_in_the_zeros_at_the_end_is_refused(
    forged: Forgery, bob: Vault, stick: Path
) -> None:
    plain = forged.plain()
    end = len(b"".join(forged.parts()))
    for place in (end, end + 511, end + 512, end + 1023, len(plain) - 1):
        hidden = bytearray(plain)
        hidden[place] = 1
        assert refused(bob, put(stick, forged.age(bytes(hidden)))) is BundleChangedError


def test_second_archive_behind_the_first_is_refused(
    forged: Forgery, bob: Vault, stick: Path
) -> None:
    twice = forged.plain() + forged.plain()

    path = put(stick, forged.age(twice.ljust(padme(len(twice)), b"\0")))

    assert refused(bob, path) is BundleChangedError


@pytest.mark.parametrize("tail", [b"", bytes(512), bytes(1023)])
def test_end_that_is_too_short_is_refused(
    tail: bytes, forged: Forgery, bob: Vault, stick: Path
) -> None:
    forged.tail, forged.unpadded = tail, True

    assert refused(bob, put(stick, forged.age())) is BundleChangedError


def test_size_that_says_more_than_it_must_is_refused(
    forged: Forgery, bob: Vault, stick: Path
) -> None:
    forged.unpadded = True
    whole = forged.plain()
    sizes = [size for size in range(len(whole), len(whole) + 600) if padme(size) != size]
    for size in (sizes[0], sizes[300], sizes[-1]):
        path = put(stick, forged.age(whole.ljust(size, b"\0")))
        assert refused(bob, path) is BundleChangedError


# --- records.jsonl --------------------------------------------------------------------------------


def spoilt(**members: Json) -> bytes:
    """Return a revision with members set otherwise, in canonical form."""
    good: dict[str, Json] = {
        "v": 1, "record": A_PERSON, "type": "incident", "parents": [], "set": {"title": "x"},
        "clock": [1_600_000_000_000, 0], "device": "d" * 32, "salt": "5" * 32,
    }  # fmt: skip
    return encode({name: value for name, value in (good | members).items() if value is not None})


def nested(depth: int) -> Json:
    value: Json = "x"
    for _ in range(depth):
        value = [value]
    return value


BAD_LINES: dict[str, bytes] = {
    "empty": b"",
    "a blank": b" ",
    "carriage return": spoilt() + b"\r",
    "text": b"Dear partner",
    "random": bytes(range(128, 256)),
    "null": b"null",
    "a list": b"[]",
    "a number": b"1",
    "no members": b"{}",
    "not canonical": spoilt().replace(b":", b": ", 1),
    "a key twice": b'{"clock":[1,0],"clock":[2,0]}',
    "a fraction": spoilt().replace(b"1600000000000", b"1600000000000.5"),
    "not a number": spoilt().replace(b"1600000000000", b"NaN"),
    "endless number": spoilt().replace(b"1600000000000", b"9" * 5000),
    "too great a number": spoilt().replace(b"1600000000000", str(2**53).encode()),
    "lone surrogate": spoilt().replace(b'"x"', b'"\\ud800"'),
    "not UTF-8": spoilt().replace(b'"x"', b'"\xff"'),
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep and open": b'{"a":' * 50_000,
    "deeper than allowed": spoilt().replace(b'"x"', b"[" * 20 + b"]" * 20),
    "field too deep": spoilt(set={"title": nested(14)}).replace(b'"x"', b'["x"]'),
    "part too deep to be put together": spoilt(set={f"persons/{ITEM}/note": nested(14)}),
    "a version that is none": spoilt(v=0),
    "true for a version": spoilt(v=True),
    "no version": spoilt(v=None),
    "no record": spoilt(record=None),
    "record by a path": spoilt(record="../../etc/passwd"),
    "record in capitals": spoilt(record=A_PERSON.replace("1", "A")),
    "no type": spoilt(type=None),
    "a type of blanks": spoilt(type=" "),
    "no set": spoilt(set=None),
    "empty set": spoilt(set={}),
    "set is a list": spoilt(set=["title"]),
    "path upwards": spoilt(set={"../title": "x"}),
    "path too deep": spoilt(set={f"entries/{ITEM}/text/more": "x"}),
    "item that is no id": spoilt(set={"entries/1/text": "x"}),
    "record neither there nor gone": spoilt(set={".": False}),
    "parents are text": spoilt(parents="none"),
    "parents not sorted": spoilt(parents=["b" * 64, "a" * 64]),
    "parent twice": spoilt(parents=["a" * 64, "a" * 64]),
    "too many parents": spoilt(parents=[f"{n:064x}" for n in range(1025)]),
    "clock is a text": spoilt(clock="now"),
    "clock is negative": spoilt(clock=[-1, 0]),
    "clock has three parts": spoilt(clock=[1, 2, 3]),
    "clock is true": spoilt(clock=[True, 0]),
    "device of another form": spoilt(device="d"),
    "no device": spoilt(device=None),
    "device and derived": spoilt(derived=True),
    "derived is false": spoilt(derived=False, device=None),
    "no salt": spoilt(salt=None),
}


def test_bad_line_is_listed_by_its_number_and_good_ones_are_kept(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    for bad, line in BAD_LINES.items():
        good = [revision(), revision(), revision()]
        path = put(stick, forgery(alice, bob, good[0], good[1], line, good[2]).age())

        imported = import_bundle(bob, path)

        found = [(one.line, one.is_newer) for one in imported.report.bad]
        assert found == [(3, False)], bad
        assert imported.added == imported.report.records == 3, bad
        assert set(imported.records) == {one.record for one in good}, bad
    assert len(all_ids(bob)) == 3 * len(BAD_LINES)


def test_bad_lines_are_told_by_verifying_too(alice: Vault, bob: Vault, stick: Path) -> None:
    path = put(stick, forgery(alice, bob, revision(), *BAD_LINES.values()).age())
    before = dump(bob)

    report = verify_bundle(bob, path)

    assert [one.line for one in report.bad] == list(range(2, 2 + len(BAD_LINES)))
    assert all(one.reason for one in report.bad)
    assert dump(bob) == before
    assert import_bundle(bob, path).report.bad == report.bad


def test_lines_of_a_newer_version_are_told_apart_from_bad_ones(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    made = forgery(alice, bob, spoilt(v=2, set=None), revision(), b"x", spoilt(v=17))

    imported = import_bundle(bob, put(stick, made.age()))

    assert [(one.line, one.is_newer) for one in imported.report.bad] == [
        (1, True),
        (3, False),
        (4, True),
    ]
    assert imported.added == 1


def test_last_line_without_its_end_is_read(alice: Vault, bob: Vault, stick: Path) -> None:
    made = forgery(alice, bob)
    made.payload = [(bag.RECORDS, lines(revision(), revision())[:-1])]

    assert import_bundle(bob, put(stick, made.age())).added == 2


def test_bundle_without_any_record_adds_nothing(alice: Vault, bob: Vault, stick: Path) -> None:
    made = forgery(alice, bob)
    made.payload = [(bag.RECORDS, b"")]

    imported = import_bundle(bob, put(stick, made.age()))

    assert (imported.added, imported.report.records, imported.report.bad) == (0, 0, ())


def test_record_as_deep_as_allowed_is_taken_and_goes_on(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    deep = revision(
        {".": True, "title": nested(14), f"persons/{ITEM}/note": nested(13)}, record=A_PERSON
    )
    import_bundle(bob, put(stick, forgery(alice, bob, deep).age()))

    records.revise(bob, A_PERSON, {"place": "here"})
    onward = complete(bob, carol, stick)

    assert import_bundle(carol, onward).added == 2
    assert values(carol, A_PERSON)["title"] == nested(14)


def test_million_tiny_lines_take_neither_memory_nor_minutes(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    path = put(stick, forgery(alice, bob, b"\n" * 1_000_000).age())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert refused(bob, path) is BundleChangedError

    taken_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert taken_kib < 64 * 1024


@pytest.mark.parametrize("is_newer", [False, True])
def test_more_bad_lines_than_anybody_reads_end_the_import(
    is_newer: bool, alice: Vault, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, error = (spoilt(v=2), BundleTooNewError) if is_newer else (b"{}", BundleChangedError)
    monkeypatch.setattr(receive, "MAXIMUM_BAD", 20)
    few = put(stick, forgery(alice, bob, revision(), *[line] * 20).age())
    assert len(import_bundle(bob, few).report.bad) == 20

    many = put(stick, forgery(alice, bob, revision(), *[line] * 21).age())

    assert refused(bob, many) is error


def test_line_that_never_ends_is_refused_before_it_fills_the_memory(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    size = 24 * 1024 * 1024
    made = forgery(alice, bob)
    made.payload = [(bag.RECORDS, b"")]
    made.listed = [(bag.RECORDS, b"x" * size)]
    tags = made.parts()[: len(bag.TAG_FILES)]
    path = stick / "sent.age"
    with path.open("wb") as file:
        writer = AgeWriter([card_of(bob).x25519], file.write)
        writer.write(b"".join(tags) + tar.header(f"{made.base}/{bag.RECORDS}", size))
        for _ in range(size // CHUNK_BYTES):
            writer.write(b"x" * CHUNK_BYTES)
        writer.finish()

    assert refused(bob, path) is BundleChangedError


ODD_CHANGES = st.dictionaries(
    st.sampled_from(
        [".", "title", "date", "sha256", "names", "entries", "identity", "sources", "custom"]
        + [f"{name}/{ITEM}" for name in ("names", "entries", "persons", "custom")]
        + [f"{name}/{ITEM}/{part}" for name in ("names", "entries") for part in ("text", "kind")]
    ),
    json_values(6),
    min_size=1,
    max_size=4,
).map(lambda changes: changes | ({".": True} if "." in changes else {}))
ODD_REVISIONS = st.builds(
    revision,
    ODD_CHANGES,
    type_=st.sampled_from(["person", "source", "detention", "attachment", "later-type"]),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings().max_examples // 5,
)
@given(odd=st.lists(ODD_REVISIONS, min_size=1, max_size=8))
def test_values_of_any_kind_are_taken_shown_searched_and_sent_on(
    odd: list[Revision], alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    """What another version or a partner wrote is kept, however odd, and stops nothing later."""
    imported = import_bundle(bob, put(stick, forgery(alice, bob, *odd).age()))

    assert imported.added == len(odd)
    for one in odd:
        records.get(bob, one.record)
        if one.type != "later-type":
            records.revise(bob, one.record, {"note": "seen"})
    records.listing(bob, text="徐秦")
    onward = complete(bob, carol, stick)
    assert {one.record for one in odd} <= set(import_bundle(carol, onward).records)
    onward.unlink()


# --- what a contact may not do to ones own ---------------------------------------------------------


def test_contact_cannot_replace_or_remove_ones_own_values(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(bob, "徐秦", occupation="lawyer")
    heads = records.state_of(bob, who).heads
    attack = revision(
        {".": None, "occupation": "criminal"},
        record=who, type_="person", ms=2**53 - 1, parents=heads,
    )  # fmt: skip

    import_bundle(bob, put(stick, forgery(alice, bob, attack).age()))

    found = records.get(bob, who)
    assert not found.deleted
    assert found.values["occupation"] == "lawyer"
    assert {conflict.path for conflict in found.conflicts} == {".", "occupation"}


def test_clock_far_in_the_future_does_not_carry_ones_own_with_it(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    before = bob.meta("clock")
    ahead = revision(ms=2**53 - 1)

    import_bundle(bob, put(stick, forgery(alice, bob, ahead).age()))
    person(bob)

    assert bob.meta("clock") != before
    clock = bob.meta("clock")
    assert isinstance(clock, bytes)
    assert int(clock.split(b" ")[0]) < 2**43


@pytest.mark.parametrize(
    "keys",
    [
        b"",
        b"\n\n",
        b"x",
        b"[" * 200_000,
        b'{"a":' * 50_000,
        b"null\n5\n[]\n{}\n",
        b'{"compartment":5,"key":5,"v":1}\n',
        b'{"compartment":"zz","key":"zz","v":1}\n',
        b'{"compartment":"' + b"ab" * 15 + b'","key":"' + b"ab" * 32 + b'","v":1}\n',
        b'{"compartment":"' + b"ab" * 16 + b'","key":"' + b"ab" * 31 + b'","v":1}\n',
        b'{"compartment":"' + b"9" * 5000 + b'"}\n',
        bytes(range(256)),
    ],
    ids=range(12),
)
def test_compartment_keys_that_are_none_are_passed_over(
    keys: bytes, alice: Vault, bob: Vault, stick: Path
) -> None:
    made = forgery(alice, bob)
    made.payload.append((bag.COMPARTMENT_KEYS, keys))
    before = compartment.keys(bob)

    assert import_bundle(bob, put(stick, made.age())).added == 1
    assert compartment.keys(bob) == before


def key_line(identity: bytes, key: bytes) -> bytes:
    return encode({"v": 1, "compartment": identity.hex(), "key": key.hex()}) + b"\n"


def test_contact_cannot_replace_a_compartment_key(alice: Vault, bob: Vault, stick: Path) -> None:
    ((own, key),) = compartment.keys(bob).items()
    made = forgery(alice, bob)
    made.payload.append((bag.COMPARTMENT_KEYS, key_line(own, b"\x07" * 32)))

    import_bundle(bob, put(stick, made.age()))

    assert compartment.keys(bob) == {own: key}


def test_compartment_keys_in_a_selected_bundle_are_not_taken(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    made = forgery(alice, bob, info={"Fielddoc-Bundle-Kind": "selected"})
    made.payload.append((bag.COMPARTMENT_KEYS, key_line(b"\x05" * 16, b"\x07" * 32)))
    before = compartment.keys(bob)

    import_bundle(bob, put(stick, made.age()))

    assert compartment.keys(bob) == before


def test_boundless_compartment_keys_are_refused(
    forged: Forgery, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bag, "MAXIMUM_TAG_BYTES", 10_000)
    forged.payload.append((bag.COMPARTMENT_KEYS, b"\n" * 10_001))

    assert refused(bob, put(stick, forged.age())) is BundleChangedError


def test_purged_record_does_not_come_back_as_another_partners(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(bob)
    purge(bob, who)
    attack = revision({".": True, "title": "back"}, record=who)

    imported = import_bundle(bob, put(stick, forgery(alice, bob, attack).age()))

    assert (imported.added, imported.purged) == (0, 1)
    assert all_ids(bob) == set()


def test_vault_is_sound_after_everything_that_it_took(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    odd: list[dict[str, Any]] = [
        {".": True, "names": 5, f"names/{ITEM}/text": {"a": [1]}},
        {"date": ["2022"], "entries": "none", f"entries/{ITEM}": "first"},
        {"title": "\0\u202e\ufffe" * 50},
        {"sha256": "徐" * 64, "belongs_to": {"id": 5}},
    ]
    types = ("person", "detention", "incident", "attachment")
    made = [revision(changes, type_=t) for changes, t in zip(odd, types, strict=True)]

    imported = import_bundle(bob, put(stick, forgery(alice, bob, *made).age()))

    assert imported.added == 4
    assert check(bob).is_sound
