"""The payload files of a bundle: what stands in each, its size and its hash.

Everything is told twice, once to be hashed and once to be written, and must come out the same; so
nothing has to be kept in the clear in between, and memory stays small however much is exported.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from fielddoc.bundle import bag
from fielddoc.bundle.derive import Derived
from fielddoc.bundle.readable import ReadableRecord, page
from fielddoc.domain.canonical import Json, encode
from fielddoc.domain.record_types import OWN_FIELD, record_type
from fielddoc.domain.schema import Kind
from fielddoc.errors import RecordNotFoundError, VaultChangedMeanwhileError
from fielddoc.interchange.json_schema import revision_schema
from fielddoc.vault import attachments, compartment, compartment_passphrase, records
from fielddoc.vault.attachments import Content
from fielddoc.vault.turns import Turn, directly, for_each
from fielddoc.vault.vault import Vault

_REVISIONS_AT_ONCE = 256
_RECORDS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class PayloadSource:
    """A payload file that is about to be written."""

    name: str
    size: int
    sha256: str
    blocks: Callable[[], Iterator[bytes]]
    is_checked: bool = False
    """Whether `blocks` itself makes sure of size and hash, so that nobody need hash it again."""


def complete_payload(vault: Vault, language: str, *, turn: Turn = directly) -> list[PayloadSource]:
    """Return the payload of a complete bundle: all revisions, compartment keys, attachments.

    What is saved from now on is left out, so that both tellings are the same.
    """
    until = turn(lambda: records.last_revision(vault))
    shown = turn(lambda: _shown(vault))
    keys = turn(lambda: _compartment_keys(vault))

    def lines() -> Iterator[bytes]:
        last = 0
        while some := turn(partial(_bodies, vault, last, until)):
            last = some[-1][0]
            yield b"".join(body + b"\n" for _, body in some)

    def readable() -> Iterator[ReadableRecord]:
        rest = iter(shown)
        while some := tuple(itertools.islice(rest, _RECORDS_AT_ONCE)):
            yield from for_each(turn, some, lambda record: _readable(vault, record, until))

    sources = [
        _measured(bag.RECORDS, lines),
        _schema(),
        _measured(bag.READABLE, lambda: page(readable, language)),
        _measured(bag.COMPARTMENT_KEYS, lambda: iter([keys])),
    ]
    return sources + turn(lambda: _attachments(vault, attachments.contents(vault)))


def _shown(vault: Vault) -> list[str]:
    """Return the ids of the records on the readable page, with what declares their own fields."""
    rows = records.listing(vault, type_name=OWN_FIELD.name) + records.listing(vault)
    return [row.id for row in reversed(rows)]


def _bodies(vault: Vault, after: int, until: int) -> list[tuple[int, bytes]]:
    """Return number and bytes of the next few revisions."""
    rows = vault.database.query(
        "SELECT number, body FROM revision WHERE number > ? AND number <= ?"
        " ORDER BY number LIMIT ?",
        (after, until, _REVISIONS_AT_ONCE),
    )
    return cast("list[tuple[int, bytes]]", rows)


def selected_payload(
    vault: Vault,
    derived: Sequence[Derived],
    contents: Iterable[Content],
    language: str,
    *,
    turn: Turn = directly,
) -> list[PayloadSource]:
    """Return the payload of a selected bundle: derived revisions, and chosen attachments."""

    def lines() -> Iterator[bytes]:
        for part in derived:
            yield part.revision.body + b"\n"

    def readable() -> Iterator[ReadableRecord]:
        for part in derived:
            yield ReadableRecord(part.revision.record, part.revision.type, part.values)

    sources = [
        _measured(bag.RECORDS, lines),
        _schema(),
        _measured(bag.READABLE, lambda: page(readable, language)),
    ]
    return sources + turn(lambda: _attachments(vault, contents))


def _measured(name: str, blocks: Callable[[], Iterator[bytes]]) -> PayloadSource:
    digest = hashlib.sha256()
    size = 0
    for block in blocks():
        digest.update(block)
        size += len(block)
    return PayloadSource(name, size, digest.hexdigest(), blocks)


def _schema() -> PayloadSource:
    text = json.dumps(revision_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    data = text.encode()
    return _measured(bag.RECORD_SCHEMA, lambda: iter([data]))


def _attachments(vault: Vault, contents: Iterable[Content]) -> list[PayloadSource]:
    sources: list[PayloadSource] = []
    for content in sorted(contents, key=lambda content: content.sha256):
        path, key = attachments.name_and_key(vault, content)

        def blocks(
            path: Path = path, key: bytes = key, content: Content = content
        ) -> Iterator[bytes]:
            return attachments.read_sealed(path, key, content)

        name = bag.ATTACHMENT_FOLDER + content.sha256
        sources.append(
            PayloadSource(name, content.size_bytes, content.sha256, blocks, is_checked=True)
        )
    return sources


def _readable(vault: Vault, record: str, until: int) -> ReadableRecord:
    try:
        state = records.state_of(vault, record, until=until)
    except RecordNotFoundError as error:  # it was there when the bundle was planned
        raise VaultChangedMeanwhileError from error
    declared = record_type(state.type)
    sealed = {f.name for f in declared.fields if f.kind is Kind.SEALED} if declared else set()
    values = {name: value for name, value in state.values.items() if name not in sealed}
    return ReadableRecord(record, state.type, values)


def _compartment_keys(vault: Vault) -> bytes:
    """Return one line a compartment: its id and key, for one's own other machine.

    The key of a compartment with a passphrase of its own never leaves unwrapped: it goes as that
    passphrase wraps it.
    """
    lines: list[bytes] = []
    for identity, parameters, wrapped in compartment_passphrase.wrapped_keys(vault):
        members: dict[str, Json] = {
            "v": 1,
            "compartment": identity.hex(),
            "parameters": parameters,
            "wrapped": wrapped.hex(),
        }
        lines.append(encode(members) + b"\n")
    for identity, key in sorted(compartment.wrapped_by_master(vault).items()):
        line: dict[str, Json] = {"v": 1, "compartment": identity.hex(), "key": bytes(key).hex()}
        lines.append(encode(line) + b"\n")
    return b"".join(lines)
