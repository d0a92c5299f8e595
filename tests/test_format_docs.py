"""The format documents are exact: examples are decoded, and nothing of the formats is left out.

The functions from `expand` to `card_code` are a second implementation, written from the documents
alone over other libraries. Each worked example is computed by them and by fielddoc.
"""

import ast
import base64
import hashlib
import hmac
import importlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from sqlcipher3 import dbapi2

from fielddoc import errors
from fielddoc.bundle import bag, tar
from fielddoc.bundle.card import Card, own_card, read_card, write_card
from fielddoc.bundle.code import grouped, read_code
from fielddoc.bundle.export import Selection, export_selected, for_cards, for_passphrase
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.cli import demo_cases
from fielddoc.crypto import bech32, sshsig
from fielddoc.crypto.age import AgeWriter, PostQuantumIdentity, X25519Identity
from fielddoc.crypto.key_slots import SlotKind, key_encryption_key, open_slots
from fielddoc.crypto.keys import MasterKey, SealBrokenError, open_seal
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.crypto.stream import open_stream
from fielddoc.domain.canonical import Json
from fielddoc.domain.merge import merge
from fielddoc.domain.padme import padme
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.revision import read_revision
from fielddoc.domain.schema import walk
from fielddoc.errors import PassphraseRefusedError
from fielddoc.interchange.record_json import read_records
from fielddoc.interchange.record_types_page import CASE_KEYS, record_types_page
from fielddoc.vault import attachments, compartment, contacts, identity, log, purge, records
from fielddoc.vault.attachments import Content
from fielddoc.vault.database import PRAGMAS, schema_statements
from fielddoc.vault.key_file import FILE_BYTES, WIPED_MARK, KeyFile, read_state
from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault, open_master
from not_run import not_run

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "fielddoc"
VAULT_DOC = (ROOT / "docs" / "vault-format.md").read_text("utf-8")
BUNDLE_DOC = (ROOT / "docs" / "bundle-format.md").read_text("utf-8")
RECORDS_DOC = (ROOT / "docs" / "record-types.md").read_text("utf-8")

Example = dict[str, Any]


def fenced(document: str, info: str) -> str:
    """Return the content of the one fenced block with this info string."""
    blocks = re.findall(rf"^```{re.escape(info)}\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1, f"{len(blocks)} blocks {info!r}"
    return cast("str", blocks[0])


def example(document: str, name: str) -> Example:
    """Return a worked example written as JSON."""
    return cast("Example", json.loads(fenced(document, f"json {name}")))


def rows_below(document: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without the table's head."""
    section = document.split(f"\n{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table is not None
    lines = table[0].splitlines()[2:]
    cells = (re.split(r"(?<!\\)\|", line)[1:-1] for line in lines)
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in cells]


# --- a second implementation ----------------------------------------------------------------------


def expand(name: str, size: int) -> bytes:
    """Return the example's stand-in for random bytes."""
    result = b""
    counter = 0
    while len(result) < size:
        label = b"fielddoc example\0" + name.encode()
        result += hashlib.sha256(label + struct.pack(">I", counter)).digest()
        counter += 1
    return result[:size]


def hkdf(key: bytes, info: bytes, salt: bytes = b"", size: int = 32) -> bytes:
    """Return HKDF-SHA256 as RFC 5869 writes it."""
    secret = hmac.digest(salt or bytes(32), key, "sha256")
    result, block = b"", b""
    for number in range(1, -(-size // 32) + 1):
        block = hmac.digest(secret, block + info + bytes((number,)), "sha256")
        result += block
    return result[:size]


def sealed(key: bytes, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
    """Return nonce, ciphertext and tag."""
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, associated)


def canonical(value: Json) -> bytes:
    """Return canonical JSON; enough for names in ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def padme_size(size: int) -> int:
    """Return the padded size, from the rule in words."""
    if size < 2:
        return size
    bits = size.bit_length() - 1
    step = 2 ** (bits - bits.bit_length())
    return (size + step - 1) // step * step


TYPED = "  six ＰＬＡＩＮ words\u3000灯塔 cafe\u0301 "
TYPED_BYTES = "six PLAIN words 灯塔 café".encode()
MEMORY_KIB, PASSES, LANES = 131_072, 3, 1


def parameters() -> bytes:
    head = b"fielddoc vault\r\n" + struct.pack(">HHIQHH", 1, 0, 0, 1, 1, 0)
    cost = struct.pack(">III", MEMORY_KIB, PASSES, LANES)
    return head + cost + expand("salt", 32) + expand("vault id", 16)


def key_example() -> Example:
    pad = hashlib.sha256(expand("erase pad", 131_072)).digest()
    root = hash_secret_raw(
        TYPED_BYTES, expand("salt", 32), PASSES, MEMORY_KIB, LANES, 32, Type.ID, 19
    )
    kek = hkdf(root, b"fielddoc/v1/kek" + parameters(), salt=pad)
    return {
        "passphrase_typed": TYPED,
        "passphrase_bytes": TYPED_BYTES.hex(),
        "memory_kib": MEMORY_KIB,
        "passes": PASSES,
        "lanes": LANES,
        "salt": expand("salt", 32).hex(),
        "root_key": root.hex(),
        "sha256_of_erase_pad": pad.hex(),
        "bytes_0_to_95": parameters().hex(),
        "key_encryption_key": kek.hex(),
    }


def master_example() -> Example:
    master = expand("master key", 32)
    sub_keys = {p: hkdf(master, b"fielddoc/v1/" + p.encode()).hex() for p in SUB_KEYS}
    return {
        "master_key": master.hex(),
        **sub_keys,
        "key_as_sqlcipher_takes_it": f"x'{sub_keys['database']}'",
    }


SUB_KEYS = ("database", "state", "compartment")
HALF, SLOT = 0, 5


def slot_payload() -> bytes:
    return b"\0\1\0\1\1" + b"\0\2\0\x20" + expand("master key", 32)


def slot_example(kek: bytes) -> tuple[Example, bytes]:
    place = bytes((HALF, SLOT))
    both = hkdf(kek, b"fielddoc/v1/slot" + place, size=64)
    associated = b"fielddoc/v1/slot" + parameters() + place
    plain = slot_payload().ljust(4036, b"\0")
    slot = sealed(both[:32], expand("slot nonce", 12), plain, associated) + both[32:]
    assert len(slot) == 4096
    return {
        "half": HALF,
        "slot": SLOT,
        "slot_key": both[:32].hex(),
        "commitment": both[32:].hex(),
        "nonce": expand("slot nonce", 12).hex(),
        "payload_before_zeros": slot_payload().hex(),
        "first_64_bytes": slot[:64].hex(),
        "last_64_bytes": slot[-64:].hex(),
        "sha256": hashlib.sha256(slot).hexdigest(),
    }, slot


GENERATION = 7


def cell_example(log_count: int, log_head: bytes) -> tuple[Example, bytes]:
    number = GENERATION % 2
    plain = struct.pack(">QBQ32sQ", GENERATION, 1, log_count, log_head, 1)
    associated = b"fielddoc/v1/state" + parameters() + bytes((HALF, number))
    key = bytes.fromhex(master_example()["state"])
    cell = sealed(key, expand("cell nonce", 12), plain.ljust(4068, b"\0"), associated)
    assert len(cell) == 4096
    return {
        "cell": number,
        "generation": GENERATION,
        "clean": 1,
        "log_entries": log_count,
        "log_head": log_head.hex(),
        "records": 1,
        "nonce": expand("cell nonce", 12).hex(),
        "plaintext_before_zeros": plain.hex(),
        "first_96_bytes": cell[:96].hex(),
        "sha256": hashlib.sha256(cell).hexdigest(),
    }, cell


def file_example(slot: bytes, cell: bytes) -> tuple[Example, bytes]:
    block = bytearray(4096)
    block[:96] = parameters()
    block[96:100] = struct.pack(">I", 1)
    pad = expand("erase pad", 131_072)
    checksum = hashlib.sha256(bytes(block[:128] + block[160:]) + pad).digest()
    block[128:160] = checksum
    slots = [slot if n == SLOT else expand(f"slot {n}", 4096) for n in range(8)]
    cells = [expand("cell 0", 4096), cell]
    half = bytes(block) + pad + b"".join(slots) + b"".join(cells)
    file = half + expand("other half", 176_128)
    return {
        "checksum": checksum.hex(),
        "bytes_96_to_160": bytes(block[96:160]).hex(),
        "sha256_of_half_0": hashlib.sha256(half).hexdigest(),
        "bytes": len(file),
        "sha256": hashlib.sha256(file).hexdigest(),
    }, file


RECORD = "6c2f8a90-3b1d-4e57-8f64-0a9b8c7d6e5f"
ENTRY = "d1e2f3a4-b5c6-4d7e-8f90-a1b2c3d4e5f6"


def revisions_example() -> list[bytes]:
    device = expand("device", 16).hex()
    first: Json = {
        "v": 1,
        "record": RECORD,
        "type": "detention",
        "parents": [],
        "set": {
            ".": True,
            "title": "邓远山",
            f"entries/{ENTRY}": 0,
            f"entries/{ENTRY}/kind": "taken-away",
            f"entries/{ENTRY}/date": "2022-10-09",
        },
        "clock": [1_666_000_000_000, 0],
        "device": device,
        "salt": expand("revision salt 1", 16).hex(),
    }
    parent = hashlib.sha256(canonical(first)).hexdigest()
    second: Json = {
        "v": 1,
        "record": RECORD,
        "type": "detention",
        "parents": [parent],
        "set": {f"entries/{ENTRY}/date": "2022-10-08~", "title": None},
        "clock": [1_666_000_000_000, 1],
        "device": device,
        "salt": expand("revision salt 2", 16).hex(),
    }
    return [canonical(first), canonical(second)]


MERGED: Example = {
    "type": "detention",
    "values": {"entries": [{"id": ENTRY, "kind": "taken-away", "date": "2022-10-08~"}]},
    "deleted": False,
    "conflicts": [],
}

CONTENT = "what was seen, word for word: 灯塔\n".encode()


def attachment_example() -> Example:
    padded = CONTENT.ljust(padme_size(len(CONTENT)), b"\0")
    key = expand("attachment key", 32)
    file = ChaCha20Poly1305(key).encrypt(bytes(11) + b"\1", padded, None)
    digest = hashlib.sha256(CONTENT).hexdigest()
    name = expand("attachment name", 16).hex()
    return {
        "content": CONTENT.decode(),
        "padded_bytes": len(padded),
        "row": [1, 1, name, key.hex(), len(CONTENT), digest, "present"],
        "file": file.hex(),
    }


def log_example() -> list[Example]:
    ids = [hashlib.sha256(body).digest() for body in revisions_example()]
    row = hashlib.sha256(canonical(attachment_example()["row"])).digest()
    entries = [("revision", i, i) for i in ids] + [("attachment", struct.pack(">Q", 1), row)]
    head = bytes(32)
    result: list[Example] = []
    for number, (kind, key, value) in enumerate(entries, 1):
        parts = (kind.encode(), key, value, head)
        data = b"".join(struct.pack(">I", len(part)) + part for part in parts)
        head = hashlib.sha256(b"fielddoc-log-v1\0" + struct.pack(">Q", number) + data).digest()
        result.append(
            {
                "number": number,
                "kind": kind,
                "key": key.hex(),
                "row": value.hex(),
                "head": head.hex(),
            }
        )
    return result


def compartment_example() -> Example:
    identity, key = expand("compartment id", 16), expand("compartment key", 32)
    wrapping = bytes.fromhex(master_example()["compartment"])
    nonce = expand("wrapping nonce", 12)
    plain = canonical({"name": "邓秋水", "contact": "by letter only"})
    padded = (struct.pack(">I", len(plain)) + plain).ljust(256, b"\0")
    place = b"fielddoc/v1/sealed" + identity + f"{RECORD}/identity".encode()
    value = sealed(key, expand("sealing nonce", 12), padded, place)
    return {
        "id": identity.hex(),
        "key": key.hex(),
        "parameters": '{"kind":"master","v":1}',
        "wrapped": sealed(wrapping, nonce, key, b"fielddoc/v1/compartment" + identity).hex(),
        "record": RECORD,
        "field": "identity",
        "plaintext": plain.decode(),
        "value": {"compartment": identity.hex(), "sealed": base64.b64encode(value).decode()},
    }


def purge_example() -> Example:
    salt, record = expand("purge salt", 32), bytes.fromhex(RECORD.replace("-", ""))
    mark = hashlib.sha256(b"fielddoc-purged-v1\0" + salt + record).hexdigest()
    return {"purge_salt": salt.hex(), "record": RECORD, "mark": mark}


DAMM = (
    "0317598642 7092154863 4206871359 1750983426 6123045978"
    " 3674209581 5869720134 8945362017 9438617205 2581436790"
).split()


def card_code(signing: bytes, x25519: bytes, post_quantum: bytes = b"") -> str:
    """Return the 40 digits of a card, from the rule in words."""
    digest = hashlib.sha256(b"fielddoc-card-v1\0" + signing + x25519 + post_quantum).digest()
    digits = str(int.from_bytes(digest, "big") % 10**39).rjust(39, "0")
    check = "0"
    for digit in digits:
        check = DAMM[int(check)][int(digit)]
    return digits + check
