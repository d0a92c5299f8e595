"""The bag inside a bundle: BagIt 1.0 (RFC 8493) in a fixed order, with a fixed list of names.

docs/bundle-format.md is the specification. Tag files are small and are made and read whole;
payload files stream.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fielddoc.domain.canonical import MAXIMUM_INTEGER

BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = "tagmanifest-sha256.txt.sig"
TAG_FILES = (BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST, SIGNATURE)
RECORDS = "data/records.jsonl"
RECORD_SCHEMA = "data/record.schema.json"
READABLE = "data/readable/index.html"
COMPARTMENT_KEYS = "data/compartment-keys.jsonl"
ATTACHMENT_FOLDER = "data/attachments/"

NAMESPACE = "fielddoc-bundle-v1"
VERSION = 1
PASSPHRASE = "passphrase"  # noqa: S105 - stands in the list of recipients for "who knows it"
NO_PREVIOUS = "none"

MAXIMUM_TAG_BYTES = 32 * 1024 * 1024
MAXIMUM_FILES = 250_000

_LABELS = (
    "Bag-Software-Agent",
    "Bagging-Date",
    "Payload-Oxum",
    "Fielddoc-Bundle-Version",
    "Fielddoc-Bundle-Id",
    "Fielddoc-Bundle-Kind",
    "Fielddoc-Sender",
    "Fielddoc-Recipient",
    "Fielddoc-Sequence",
    "Fielddoc-Previous",
)
BAGIT_BYTES = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LINE = re.compile("([A-Za-z0-9-]{1,80}): ([ -~]*)\n")
_BASE = re.compile("[0-9a-f]{8}")
_HASH = re.compile("[0-9a-f]{64}")
_ATTACHMENT = re.compile("data/attachments/[0-9a-f]{64}")
# A later minor version may add files; this one checks their hash and passes over them.
_OTHER = re.compile(r"data/(?:[a-z0-9-]{1,20}/)?[a-z0-9-]{1,20}(?:\.[a-z0-9]{1,10}){0,3}")
_CODE = re.compile("[0-9]{40}")
_BUNDLE_ID = re.compile("[0-9a-f]{32}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BagFormError(ValueError):
    """A tag file is not of the right form."""


class BagTooNewError(BagFormError):
    """The bundle format's version is newer."""


class BundleKind(StrEnum):
    """What a bundle carries."""

    COMPLETE = "complete"
    """The vault's own revisions, for one's own other machine or as a backup."""
    SELECTED = "selected"
    """Derived revisions with chosen fields and present values only, for a partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BagInfo:
    """What the signed bag-info.txt says."""

    bundle: str
    """32 hexadecimal digits."""
    kind: BundleKind
    sender: str
    """The 40-digit code of the sender's card."""
    recipients: tuple[str, ...]
    """Codes, or the one word `passphrase`."""
    sequence: int
    """Which bundle this is for exactly these recipients, from 1."""
    previous: str
    """SHA-256 of the previous one's tag manifest, or `none`."""
    date: str
    """The day on which it was made, ISO 8601."""
    payload_bytes: int
    payload_files: int


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """A file of the manifest."""

    name: str
    sha256: str


def is_base(text: str) -> bool:
    """Tell whether `text` may name the folder that all files of a bag lie in."""
    return _BASE.fullmatch(text) is not None


def is_sha256(text: str) -> bool:
    """Tell whether `text` is a SHA-256 as this format writes it."""
    return _HASH.fullmatch(text) is not None


def is_payload_name(name: str) -> bool:
    """Tell whether a payload file may have this name."""
    if name.startswith(ATTACHMENT_FOLDER):
        return _ATTACHMENT.fullmatch(name) is not None
    return _OTHER.fullmatch(name) is not None


def write_info(info: BagInfo) -> bytes:
    """Return bag-info.txt."""
    lines = [
        ("Bag-Software-Agent", "fielddoc"),
        ("Bagging-Date", info.date),
        ("Payload-Oxum", f"{info.payload_bytes}.{info.payload_files}"),
        ("Fielddoc-Bundle-Version", str(VERSION)),
        ("Fielddoc-Bundle-Id", info.bundle),
        ("Fielddoc-Bundle-Kind", info.kind.value),
        ("Fielddoc-Sender", info.sender),
        *(("Fielddoc-Recipient", code) for code in info.recipients),
        ("Fielddoc-Sequence", str(info.sequence)),
        ("Fielddoc-Previous", info.previous),
    ]
    return "".join(f"{label}: {value}\n" for label, value in lines).encode("ascii")


def read_info(data: bytes) -> BagInfo:
    """Parse bag-info.txt, strictly: without labels of a newer version it is as `write_info` writes.

    Raises:
        BagTooNewError: the version is newer.
        BagFormError: anything else is not as it must be.
    """
    values: dict[str, list[str]] = {}
    lines = _lines(data)
    for label, value in lines:
        values.setdefault(label, []).append(value)
    try:
        version = int(values["Fielddoc-Bundle-Version"][0])
        if version > VERSION:
            raise BagTooNewError(BAG_INFO)
        oxum_bytes, _, oxum_files = values["Payload-Oxum"][0].partition(".")
        info = BagInfo(
            bundle=values["Fielddoc-Bundle-Id"][0],
            kind=BundleKind(values["Fielddoc-Bundle-Kind"][0]),
            sender=values["Fielddoc-Sender"][0],
            recipients=tuple(values["Fielddoc-Recipient"]),
            sequence=int(values["Fielddoc-Sequence"][0]),
            previous=values["Fielddoc-Previous"][0],
            date=values["Bagging-Date"][0],
            payload_bytes=int(oxum_bytes),
            payload_files=int(oxum_files),
        )
    except BagFormError:
        raise
    except (KeyError, ValueError) as error:
        raise BagFormError(BAG_INFO) from error
    known = [(label, value) for label, value in lines if label in _LABELS]
    if known != _lines(write_info(info)) or not _is_sound(info):
        raise BagFormError(BAG_INFO)
    return info


def _lines(data: bytes) -> list[tuple[str, str]]:
    """Return the labels and values of bag-info.txt; none of them is folded."""
    lines = data.decode("latin-1").splitlines(keepends=True)
    found = [match.groups() for line in lines if (match := _LINE.fullmatch(line))]
    if len(found) != len(lines):
        raise BagFormError(BAG_INFO)
    return [(label, value) for label, value in found]


def _is_sound(info: BagInfo) -> bool:
    codes = all(_CODE.fullmatch(code) for code in info.recipients)
    return bool(
        (codes or info.recipients == (PASSPHRASE,))
        and info.recipients == tuple(sorted(set(info.recipients)))
        and _CODE.fullmatch(info.sender)
        and _BUNDLE_ID.fullmatch(info.bundle)
        and _DAY.fullmatch(info.date)
        and 1 <= info.sequence <= MAXIMUM_INTEGER
        and (info.previous == NO_PREVIOUS or _HASH.fullmatch(info.previous))
        and info.payload_bytes >= 0
        and 1 <= info.payload_files <= MAXIMUM_FILES
    )


def write_manifest(files: Iterable[PayloadFile]) -> bytes:
    """Return manifest-sha256.txt, in the order in which the files follow."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files).encode("ascii")


def read_manifest(data: bytes) -> tuple[PayloadFile, ...]:
    """Parse manifest-sha256.txt, strictly: only names that a bundle may hold, none twice.

    Raises:
        BagFormError: otherwise.
    """
    try:
        lines = data.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        raise BagFormError(MANIFEST) from error
    files: list[PayloadFile] = []
    for line in lines:
        sha256, separator, name = line.partition("  ")
        if not separator or not _HASH.fullmatch(sha256) or not is_payload_name(name):
            raise BagFormError(MANIFEST)
        if name.startswith(ATTACHMENT_FOLDER) and name.removeprefix(ATTACHMENT_FOLDER) != sha256:
            raise BagFormError(MANIFEST)
        files.append(PayloadFile(name, sha256))
    names = {file.name for file in files}
    if len(names) != len(files) or RECORDS not in names or write_manifest(files) != data:
        raise BagFormError(MANIFEST)
    return tuple(files)


def write_tag_manifest(tag_files: Mapping[str, bytes]) -> bytes:
    """Return tagmanifest-sha256.txt over bagit.txt, bag-info.txt and the manifest."""
    lines = (
        f"{hashlib.sha256(tag_files[name]).hexdigest()}  {name}\n"
        for name in (BAGIT, BAG_INFO, MANIFEST)
    )
    return "".join(lines).encode("ascii")
