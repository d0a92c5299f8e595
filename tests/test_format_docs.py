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
import tarfile
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
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
from fielddoc.bundle import code as code_module
from fielddoc.bundle.card import Card, own_card, read_card, write_card
from fielddoc.bundle.code import grouped, read_code
from fielddoc.bundle.export import Selection, export_selected, for_cards
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.cli import demo_cases
from fielddoc.crypto import bech32, kdf, key_slots, shares, sshsig
from fielddoc.crypto.age import AgeWriter, PostQuantumIdentity, X25519Identity
from fielddoc.crypto.key_slots import SlotKind, key_encryption_key, open_slots
from fielddoc.crypto.keys import MasterKey
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.domain.canonical import Json
from fielddoc.domain.merge import merge
from fielddoc.domain.padme import padme
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.revision import read_revision
from fielddoc.domain.schema import walk
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import PassphraseRefusedError
from fielddoc.interchange.record_json import read_records
from fielddoc.interchange.record_types_page import CASE_KEYS, record_types_page
from fielddoc.vault import (
    attachments,
    compartment,
    contacts,
    database,
    identity,
    layout,
    log,
    purge,
    records,
    rekey,
)
from fielddoc.vault.attachments import Content
from fielddoc.vault.database import PRAGMAS, schema_statements
from fielddoc.vault.key_file import KeyFile, encode_half, read_state
from fielddoc.vault.key_file_layout import FILE_BYTES, WIPED_MARK
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
    """Return the cells of the first table below a heading or with this head, without its head."""
    at = document.index(f"\n{heading}\n") + (1 if heading.startswith("|") else len(heading))
    table = re.search(r"(?:^\|.*\n)+", document[at:], re.MULTILINE)
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
    step = 1 << (bits - bits.bit_length())
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


SUB_KEYS = ("database", "state", "compartment", "rekey")
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


# SLIP-0039, written from its text: the field of AES, the code of Bech32's kind, four rounds.
IDENTIFIER = 677 * 32 + 2
GENERATORS = (
    *(0xE0E040, 0x1C1C080, 0x3838100, 0x7070200, 0xE0E0009),
    *(0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x3F3F120),
)


def times(one: int, other: int) -> int:
    """Multiply in the field of 256 elements."""
    result = 0
    while other:
        result ^= one if other & 1 else 0
        one = one << 1 ^ (0x11B if one & 0x80 else 0)
        other >>= 1
    return result


def inverse(one: int) -> int:
    return next(other for other in range(1, 256) if times(one, other) == 1)


def interpolated(points: Mapping[int, bytes], at: int) -> bytes:
    """Return the value at `at` of the polynomials through the points."""
    result = bytes(16)
    for x, value in points.items():
        factor = 1
        for other in points.keys() - {x}:
            factor = times(factor, times(at ^ other, inverse(x ^ other)))
        result = bytes(a ^ times(factor, b) for a, b in zip(result, value, strict=True))
    return result


def disguised(secret: bytes, rounds: tuple[int, ...]) -> bytes:
    """Return the secret after SLIP-0039's rounds, for an empty passphrase and exponent 0."""
    left, right = secret[:8], secret[8:]
    for number in rounds:
        mask = hashlib.pbkdf2_hmac("sha256", bytes((number,)), right, 2500, 8)
        left, right = right, bytes(a ^ b for a, b in zip(left, mask, strict=True))
    return right + left


def check_words(data: list[int]) -> list[int]:
    state = 1
    for value in [*b"shamir_extendable", *data, 0, 0, 0]:
        top = state >> 20
        state = (state & 0xFFFFF) << 10 ^ value
        for bit, generator in enumerate(GENERATORS):
            state ^= generator if top >> bit & 1 else 0
    state ^= 1
    return [state >> 20 & 1023, state >> 10 & 1023, state & 1023]


def share_words(number: int, value: bytes) -> str:
    head = IDENTIFIER << 5 | 1 << 4
    place = number << 4 | 1  # group 0, 1 of 1 groups, this member, threshold 2
    data = [head >> 10, head & 1023, place >> 10, place & 1023]
    bits = int.from_bytes(value, "big")
    data += [bits >> 10 * left & 1023 for left in range(12, -1, -1)]
    return " ".join(shares.words()[index] for index in data + check_words(data))


def shares_example() -> Example:
    secret, random = expand("recovery secret", 16), expand("share digest", 12)
    sealed = disguised(secret, (0, 1, 2, 3))
    digest = hmac.digest(random, sealed, "sha256")[:4] + random
    points = {254: digest, 255: sealed}
    return {
        "identifier": IDENTIFIER,
        "secret": secret.hex(),
        "passphrase_bytes": secret.hex().encode().hex(),
        "shares": [share_words(n, interpolated(points, n)) for n in range(3)],
    }


def note_example() -> Example:
    body: Json = {
        "v": 1,
        "recovery": None,
        "slots": [
            {
                "number": SLOT,
                "kind": 1,
                "kept": 0,
                "secret": expand("kept secret", 64).hex(),
                "share_set": "",
            },
            {"number": 6, "kind": 3},
        ],
    }
    head = struct.pack(">Q", 2)
    key = bytes.fromhex(master_example()["rekey"])
    label = b"fielddoc/v1/rekey" + head
    row = head + sealed(key, expand("note nonce", 12), canonical(body), label)
    return {"body": canonical(body).decode(), "row": row.hex()}


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


DAMM = [
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
]


def card_code(signing: bytes, x25519: bytes, post_quantum: bytes = b"") -> str:
    """Return the 40 digits of a card, from the rule in words."""
    digest = hashlib.sha256(b"fielddoc-card-v1\0" + signing + x25519 + post_quantum).digest()
    digits = str(int.from_bytes(digest, "big") % 10**39).rjust(39, "0")
    check = "0"
    for digit in digits:
        check = DAMM[int(check)][int(digit)]
    return digits + check


def code_words(code: str) -> str:
    return " ".join(code[start : start + 4] for start in range(0, 40, 4))


def ssh_string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def signature(seed: bytes, message: bytes, namespace: str) -> bytes:
    """Return an armoured SSHSIG signature, from openssh's PROTOCOL.sshsig."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = ssh_string(b"ssh-ed25519") + ssh_string(private.public_key().public_bytes_raw())
    rest = ssh_string(namespace.encode()) + ssh_string(b"") + ssh_string(b"sha512")
    digest = ssh_string(hashlib.sha512(message).digest())
    blob = b"SSHSIG" + struct.pack(">I", 1) + ssh_string(public) + rest
    signed = ssh_string(b"ssh-ed25519") + ssh_string(private.sign(b"SSHSIG" + rest + digest))
    lines = textwrap.wrap(base64.b64encode(blob + ssh_string(signed)).decode(), 70)
    return "\n".join(
        ("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", "")
    ).encode()


def ed25519_public(name: str) -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(expand(name, 32))
    return private.public_key().public_bytes_raw()


def x25519_public(name: str) -> bytes:
    private = X25519PrivateKey.from_private_bytes(expand(name, 32))
    return private.public_key().public_bytes_raw()


def sender_card() -> bytes:
    """Return the sender's card without the line feed."""
    blob = ssh_string(b"ssh-ed25519") + ssh_string(ed25519_public("ed25519 seed"))
    members: dict[str, Json] = {
        "v": 1,
        "kind": "fielddoc-card",
        "name": "Heron",
        "x25519": bech32.encode("age", x25519_public("x25519 secret")),
        "signing": "ssh-ed25519 " + base64.b64encode(blob).decode(),
    }
    made = signature(expand("ed25519 seed", 32), canonical(members), "fielddoc-card-v1")
    return canonical({**members, "signature": made.decode()})


def plain_card() -> bytes:
    return canonical(
        {
            "v": 1,
            "kind": "fielddoc-card",
            "name": "Partner with any age",
            "x25519": bech32.encode("age", x25519_public("plain x25519 secret")),
        }
    )


def recipient_keys() -> identity.Identity:
    return identity.Identity(
        name="Recipient",
        signing_key=ed25519_public("recipient ed25519 seed"),
        signing_seed=expand("recipient ed25519 seed", 32),
        x25519_secret=expand("recipient x25519 secret", 32),
        post_quantum_seed=expand("recipient post-quantum seed", 32),
    )


def recipient_code() -> str:
    keys = recipient_keys()
    # ML-KEM keys from a seed are checked against other programs in test_age_interop.py.
    post_quantum = PostQuantumIdentity(keys.post_quantum_seed).recipient().public
    return card_code(keys.signing_key, x25519_public("recipient x25519 secret"), post_quantum)


PERSON = "2d7f0c1e-95ab-4c3d-8e6f-7a8b9c0d1e2f"
DETENTION = "b7a6c5d4-e3f2-4a1b-9c8d-7e6f5a4b3c2d"
NAME_ITEM = "9e8d7c6b-5a49-4837-a615-04f3e2d1c0b9"


def derived_lines() -> list[bytes]:
    first: Json = {
        "v": 1,
        "record": PERSON,
        "type": "person",
        "parents": [],
        "set": {
            ".": True,
            f"names/{NAME_ITEM}": 0,
            f"names/{NAME_ITEM}/kind": "characters",
            f"names/{NAME_ITEM}/text": "邓远山",
        },
        "clock": [1_795_392_000_000, 0],
        "derived": True,
        "salt": expand("derived salt 1", 16).hex(),
    }
    second: Json = {
        "v": 1,
        "record": DETENTION,
        "type": "detention",
        "parents": [],
        "set": {
            ".": True,
            "persons": [PERSON],
            f"entries/{ENTRY}": 0,
            f"entries/{ENTRY}/date": "2022-10-08~",
            f"entries/{ENTRY}/kind": "taken-away",
        },
        "clock": [1_795_392_000_000, 0],
        "derived": True,
        "salt": expand("derived salt 2", 16).hex(),
    }
    return [canonical(first), canonical(second)]


def bag_files() -> dict[str, bytes]:
    """Return the files of the example's bag in their order."""
    payload = b"".join(line + b"\n" for line in derived_lines())
    sender = card_code(ed25519_public("ed25519 seed"), x25519_public("x25519 secret"))
    info = f"""\
Bag-Software-Agent: fielddoc
Bagging-Date: 2026-11-23
Payload-Oxum: {len(payload)}.1
Fielddoc-Bundle-Version: 1
Fielddoc-Bundle-Id: {expand("bundle id", 16).hex()}
Fielddoc-Bundle-Kind: selected
Fielddoc-Sender: {sender}
Fielddoc-Recipient: {recipient_code()}
Fielddoc-Sequence: 1
Fielddoc-Previous: none
"""
    files = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": info.encode(),
        "manifest-sha256.txt": sum_line("data/records.jsonl", payload),
    }
    tags = b"".join(sum_line(name, data) for name, data in files.items())
    return {
        **files,
        "tagmanifest-sha256.txt": tags,
        "tagmanifest-sha256.txt.sig": signature(
            expand("ed25519 seed", 32), tags, "fielddoc-bundle-v1"
        ),
        "data/records.jsonl": payload,
    }


def sum_line(name: str, data: bytes) -> bytes:
    return f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode()


def tar_header(name: str, size: int) -> bytes:
    block = bytearray(512)
    block[0 : len(name)] = name.encode()
    block[100:148] = b"0000644\x000000000\x000000000\0" + b"%011o\0" % size + b"00000000000\0"
    block[148:157] = b"        0"
    block[257:265] = b"ustar\x0000"
    block[329:345] = b"0000000\x000000000\0"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def tar_of_example() -> bytes:
    folder = expand("bundle id", 16).hex()[:8]
    result = b""
    for name, data in bag_files().items():
        result += tar_header(f"{folder}/{name}", len(data)) + data + bytes(-len(data) % 512)
    return result.ljust(padme_size(len(result) + 1024), b"\0")


def tar_example() -> Example:
    made = tar_of_example()
    return {
        "folder": expand("bundle id", 16).hex()[:8],
        "bytes": len(made),
        "first_header_without_zeros_behind": made[:512].rstrip(b"\0").hex(),
        "sha256": hashlib.sha256(made).hexdigest(),
    }


# --- the vault's examples -------------------------------------------------------------------------


@cache
def keys_example() -> Example:
    """Compute it once: a derivation at the lowest real cost takes a third of a second."""
    return key_example()


def kek() -> bytes:
    return bytes.fromhex(keys_example()["key_encryption_key"])


def cell_of_example() -> tuple[Example, bytes]:
    entries = log_example()
    return cell_example(len(entries), bytes.fromhex(entries[-1]["head"]))


def key_file_of_example() -> tuple[Example, bytes]:
    return file_example(slot_example(kek())[1], cell_of_example()[1])


@pytest.fixture
def example_vault(tmp_path: Path) -> Iterator[Vault]:
    """A vault whose master key is that of the example."""
    with make_vault(tmp_path / "vault", TYPED) as vault:
        vault.master = MasterKey(bytearray(expand("master key", 32)))
        yield vault


def test_the_stand_in_for_random_bytes_is_what_the_example_says() -> None:
    assert example(VAULT_DOC, "expand")["erase pad"] == expand("erase pad", 40).hex()


def repeated(cell: str) -> str:
    """Return what a cell such as `"a" × 3` stands for."""
    text, _, count = cell.replace("`", "").partition(" × ")
    return cast("str", json.loads(text)) * int(count or 1)


@pytest.mark.parametrize("row", rows_below(VAULT_DOC, "| typed | bytes |"), ids=lambda row: row[0])
def test_passphrases_have_the_bytes_of_the_table(row: list[str]) -> None:
    typed, expected = row
    wanted, _, count = expected.replace("`", "").partition(" × ")

    assert passphrase_bytes(repeated(typed)).hex() == wanted * int(count or 1)


@pytest.mark.parametrize("row", rows_below(VAULT_DOC, "| refused | why |"), ids=lambda row: row[0])
def test_passphrases_of_the_table_are_refused(row: list[str]) -> None:
    with pytest.raises(PassphraseRefusedError):
        passphrase_bytes(repeated(row[0]))


def test_keys_follow_from_the_passphrase_as_the_example_says() -> None:
    given = example(VAULT_DOC, "keys")

    assert given == keys_example()
    typed = passphrase_bytes(given["passphrase_typed"])
    assert typed.hex() == given["passphrase_bytes"]
    root = kdf.derive(
        typed,
        bytes.fromhex(given["salt"]),
        kdf.Cost(given["memory_kib"], given["passes"], given["lanes"]),
    )
    assert root.hex() == given["root_key"]
    pad, parameter_bytes = expand("erase pad", 131_072), bytes.fromhex(given["bytes_0_to_95"])
    assert key_encryption_key(root, pad, parameter_bytes).hex() == given["key_encryption_key"]


def test_the_example_costs_what_a_real_vault_may_cost() -> None:
    """Its key file opens with the program as it ships, not only under these tests."""
    code = (
        "from fielddoc.crypto.kdf import Cost, check_cost;"
        f"check_cost(Cost({MEMORY_KIB}, {PASSES}, {LANES}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_sub_keys_follow_from_the_master_key_as_the_example_says() -> None:
    given = example(VAULT_DOC, "master")

    assert given == master_example()
    master = MasterKey(bytearray.fromhex(given["master_key"]))
    assert {p: master.sub_key(p).hex() for p in SUB_KEYS} == {p: given[p] for p in SUB_KEYS}
    text = bytes(database._key_text(master.sub_key("database")))
    assert text.decode() == given["key_as_sqlcipher_takes_it"]


def test_the_slot_of_the_example_opens() -> None:
    computed, slot = slot_example(kek())

    assert example(VAULT_DOC, "slot") == computed
    slots = [slot if n == SLOT else expand(f"slot {n}", 4096) for n in range(8)]
    opened = open_slots(bytearray(kek()), slots, half=HALF, parameters=parameters())
    assert [one.number for one in opened] == [SLOT]
    assert opened[0].payload.kind is SlotKind.OPEN
    assert opened[0].payload.master_key == bytearray(expand("master key", 32))


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (2, 1)])
def test_any_two_shares_of_the_example_give_the_secret(pair: tuple[int, int]) -> None:
    given = example(VAULT_DOC, "shares")

    assert given == shares_example()
    taken: list[shares.Share] = []
    for number in pair:
        share = shares.read_share(given["shares"][number])
        shares.check_fits(share, taken, 2)
        taken.append(share)
        assert (share.number, share.threshold, share.generation) == (number + 1, 2, 2)
        assert share.identifier == given["identifier"]
    secret = shares.combine(taken)
    assert secret.hex() == given["secret"]
    typed = passphrase_bytes(shares.secret_text(secret))
    assert typed.hex() == given["passphrase_bytes"]


def test_shares_that_are_made_here_are_read_by_the_second_implementation() -> None:
    secret = bytearray(expand("another secret", 16))
    made = shares.split(secret, shares.Sharing(3, 5), 40)
    places = {word: index for index, word in enumerate(shares.words())}

    points: dict[int, bytes] = {}
    for text in made[1:4]:
        data = [places[word] for word in text.split()]
        assert data[-3:] == check_words(data[:-3])
        head, place = data[0] << 10 | data[1], data[2] << 10 | data[3]
        assert (head >> 5 & 31, head & 31, place >> 8, place & 15) == (40 % 32, 16, 0, 2)
        value = 0
        for word in data[4:-3]:
            value = value << 10 | word
        points[place >> 4 & 15] = value.to_bytes(16, "big")
    sealed_secret, digest = (interpolated(points, at) for at in (255, 254))
    assert digest[:4] == hmac.digest(digest[4:], sealed_secret, "sha256")[:4]
    assert disguised(sealed_secret, (3, 2, 1, 0)) == secret


def test_the_row_new_keys_of_the_example_is_read(example_vault: Vault) -> None:
    given = example(VAULT_DOC, "note")

    assert given == note_example()
    filled, about = rekey._read_note(example_vault, bytes.fromhex(given["row"]))
    assert about is None
    assert [(one.number, one.payload.kind) for one in filled] == [
        (SLOT, SlotKind.OPEN),
        (6, SlotKind.WIPE),
    ]
    assert filled[0].kept is not None
    assert filled[0].kept.number == 0
    assert filled[0].kept.secret == expand("kept secret", 64)
    assert filled[0].kept.payload.master_key == bytearray(expand("master key", 32))
    assert given["body"] == canonical(json.loads(given["body"])).decode()


def test_every_error_that_a_share_can_give_is_described() -> None:
    section = VAULT_DOC.split("### Recovery shares\n", 1)[1].split("\n## ", 1)[0]
    codes = {error.code for error in vars(errors).values() if is_share_error(error)}

    assert set(re.findall(r"`(share\.[a-z-]+)`", section)) == codes


def is_share_error(error: object) -> bool:
    return isinstance(error, type) and issubclass(error, errors.ShareError) and bool(error.code)


def test_the_key_file_of_the_example_opens(tmp_path: Path) -> None:
    computed, file = key_file_of_example()

    assert example(VAULT_DOC, "file") == computed
    assert example(VAULT_DOC, "cell") == cell_of_example()[0]
    (tmp_path / "vault.key").write_bytes(file)
    key_file = KeyFile.open_to_read(tmp_path, schema=1)
    master = open_master(tmp_path, key_file, TYPED)
    state = read_state(key_file.half, master)
    key_file.close()
    assert master.copy() == expand("master key", 32)
    assert state is not None
    assert (state.generation, state.clean, state.record_count) == (GENERATION, True, 1)
    assert (state.log_count, state.log_head.hex()) == (3, log_example()[-1]["head"])
    assert encode_half(key_file.half) == file[: len(file) // 2]


def test_the_revisions_of_the_example_are_read_and_merged() -> None:
    lines = fenced(VAULT_DOC, "jsonl revisions").encode().splitlines()

    assert lines == revisions_example()
    read = [read_revision(line) for line in lines]
    ids = {"first": read[0].id, "second": read[1].id}
    assert example(VAULT_DOC, "revision-ids") == ids
    state = merge(reversed(read))
    assert example(VAULT_DOC, "merged") == MERGED
    assert {name: getattr(state, name) for name in MERGED} == {**MERGED, "conflicts": ()}
    assert state.heads == (ids["second"],)


def test_the_attachment_of_the_example_is_read(tmp_path: Path) -> None:
    given = example(VAULT_DOC, "attachment")

    assert given == attachment_example()
    number, _, name, key, size, digest, _ = given["row"]
    path = tmp_path / name
    path.write_bytes(bytes.fromhex(given["file"]))
    content = Content(number, digest, size)
    read = b"".join(attachments.read_sealed(path, bytes.fromhex(key), content))
    assert read.decode() == given["content"]
    assert padme(size) == given["padded_bytes"]


@pytest.mark.parametrize("size", [*range(600), 2**20 - 1, 2**20 + 1, 10**9, 3 * 10**12])
def test_the_padded_size_follows_from_the_words(size: int) -> None:
    assert padme(size) == padme_size(size)


def test_the_log_of_the_example_follows() -> None:
    entries = json.loads(fenced(VAULT_DOC, "json log"))

    assert entries == log_example()
    head = log.FIRST_HEAD
    for entry in entries:
        key, row = bytes.fromhex(entry["key"]), bytes.fromhex(entry["row"])
        head = log.next_head(head, entry["number"], entry["kind"], key, row)
        assert head.hex() == entry["head"]
    number, v, name, file_key, size, digest, state = example(VAULT_DOC, "attachment")["row"]
    columns = (number, v, name, bytes.fromhex(file_key), size, bytes.fromhex(digest), state)
    assert log.row_hash(columns).hex() == entries[2]["row"]
    assert attachments.row_key(number).hex() == entries[2]["key"]


def test_the_sealed_source_of_the_example_opens(example_vault: Vault) -> None:
    given = example(VAULT_DOC, "compartment")

    assert given == compartment_example()
    identifier, wrapped = bytes.fromhex(given["id"]), bytes.fromhex(given["wrapped"])
    example_vault.database.query("DELETE FROM compartment")
    example_vault.database.query(
        "INSERT INTO compartment VALUES (?, 1, ?, ?)", (identifier, given["parameters"], wrapped)
    )
    assert compartment.keys(example_vault) == {identifier: bytearray.fromhex(given["key"])}
    value = compartment.open_value(example_vault, given["record"], given["field"], given["value"])
    assert value == json.loads(given["plaintext"])


def test_the_mark_of_the_purged_record_follows(example_vault: Vault) -> None:
    given = example(VAULT_DOC, "purge")

    assert given == purge_example()
    example_vault.set_meta("purge salt", bytes.fromhex(given["purge_salt"]))
    assert purge.salted(example_vault.database, given["record"]).hex() == given["mark"]


# --- nothing of the vault's format is left out -----------------------------------------------------


def test_offsets_and_sizes_of_the_key_file_fit_together() -> None:
    for heading, size in (
        ("| offset in the half | bytes | what |", FILE_BYTES // 2),
        ("| offset | bytes | field | value |", 4096),
        ("| offset in the slot | bytes | what |", 4096),
        ("| offset in the state | bytes | field |", 4096 - 12 - 16),
    ):
        at = 0
        for offset, length, *_ in rows_below(VAULT_DOC, heading):
            assert int(offset.replace(",", "")) == at, heading
            count, _, each = length.replace(",", "").rpartition(" × ")
            at += int(each) * int(count or 1)
        assert at == size, heading


def test_the_wiped_mark_is_as_described() -> None:
    assert "`fielddoc wiped\\r\\n` 256 times: 4,096 bytes" in VAULT_DOC
    assert WIPED_MARK == b"fielddoc wiped\r\n" * 256


def test_the_pragmas_stand_in_their_order() -> None:
    table = rows_below(VAULT_DOC, "| pragma | value |")

    assert [(name.strip("`"), value.strip("`")) for name, value in table] == [*PRAGMAS]


def schema_columns() -> dict[str, list[tuple[str, str]]]:
    connection = dbapi2.connect(":memory:")
    for statement in schema_statements():
        connection.execute(statement)
    tables = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')"
        " AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    found = {
        name: connection.execute("SELECT name, type FROM pragma_table_info(?)", (name,)).fetchall()
        for (name,) in tables
    }
    connection.close()
    return found


def test_every_table_of_the_schema_has_its_columns_described() -> None:
    described = re.findall(r"^### `(\w+)`$", VAULT_DOC, re.MULTILINE)
    schema = schema_columns()

    assert sorted(described) == sorted(schema)
    for name, columns in schema.items():
        rows = rows_below(VAULT_DOC, f"### `{name}`")
        assert [(row[0].strip("`"), row[1]) for row in rows] == columns, name
        assert all(row[2] for row in rows), name


def first_cells(document: str, heading: str) -> list[str]:
    return [row[0].strip("`") for row in rows_below(document, heading)]


def test_the_names_in_the_folder_are_those_of_the_layout() -> None:
    named = first_cells(VAULT_DOC, "## Folder")

    assert [name.partition("`")[0] for name in named] == [
        layout.KEY_FILE,
        layout.LOCK_FILE,
        layout.DATABASE,
        layout.WAL,
        f"{layout.ATTACHMENTS}/",
        f"{layout.WAL}.aside-1",
        f"{layout.ROLLBACK_JOURNAL}.aside-1",
    ]
    assert all(f"`{name}`" in VAULT_DOC for name in layout.JOURNALS)


def test_bookkeeping_and_log_are_described_as_the_source_writes_them() -> None:
    source = "\n".join(path.read_text("utf-8") for path in sorted((SOURCE / "vault").glob("*.py")))

    kept = set(re.findall(r'\bmeta\("([a-z ]+)"\)|set_meta\("([a-z ]+)"', source))
    # One name for each of the actions that can be taken back; `journal.py` makes them.
    actions = {name for name in first_cells(VAULT_DOC, "| name | value |") if "`" in name}
    assert sorted(name.partition("`")[0] for name in actions) == ["action ", "setting action "]
    named = set(first_cells(VAULT_DOC, "| name | value |")) - actions
    assert {a or b for a, b in kept} == named
    logged = set(re.findall(r'log\.append\(\s*[\w.]+,\s*"(\w+)"', source))
    assert logged == set(first_cells(VAULT_DOC, "| kind | key | row hash |"))


def test_members_of_revisions_and_parts_of_slots_are_described() -> None:
    members = first_cells(VAULT_DOC, "| member | value |")
    used = {name for line in (*revisions_example(), *derived_lines()) for name in json.loads(line)}
    parts = first_cells(VAULT_DOC, "| type | value |")

    assert set(members) == used
    assert [int(part) for part in parts] == [*map(int, key_slots._Tag)]


def constants(path: Path) -> Iterator[str]:
    """Yield the texts and byte strings in a module, docstrings apart."""
    tree = ast.parse(path.read_bytes())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            value = node.value
            if isinstance(value, bytes):
                yield value.decode("latin-1")
            elif isinstance(value, str) and value not in docstrings:
                yield value


def test_every_label_that_keys_and_hashes_are_bound_to_is_described() -> None:
    labels = {
        found[0]
        for folder in ("vault", "crypto", "domain", "bundle")
        for path in (SOURCE / folder).glob("*.py")
        for text in constants(path)
        if (found := re.match(r"fielddoc/v1/\w+|fielddoc-[a-z]+(-v1)?|SSHSIG", text))
    }
    purposes = {
        purpose
        for path in (SOURCE / "vault").glob("*.py")
        for purpose in re.findall(r'sub_key\("(\w+)"\)', path.read_text("utf-8"))
    }

    assert purposes == set(SUB_KEYS)
    described = {row[0].strip("`") for row in rows_below(VAULT_DOC, "| label | what it is for |")}
    assert described == {x for x in labels if x.startswith("fielddoc/")} | {
        f"fielddoc/v1/{purpose}" for purpose in purposes
    }
    assert len(labels) > 8
    for label in labels:
        assert label in VAULT_DOC + BUNDLE_DOC, label


# What a number means is in the documents; that none is forgotten is seen from the modules.
WITH_CONSTANTS = (
    "bundle.bag",
    "bundle.card",
    "bundle.code",
    "bundle.medium",
    "bundle.receive",
    "bundle.tar",
    "crypto.age_header",
    "crypto.age_recipients",
    "crypto.kdf",
    "crypto.key_slots",
    "crypto.keys",
    "crypto.passphrase",
    "crypto.sshsig",
    "crypto.stream",
    "domain.canonical",
    "domain.merge",
    "domain.revision",
    "vault.attachments",
    "vault.compartment",
    "vault.database",
    "vault.key_file",
    "vault.layout",
    "vault.vault",
)
# They are not of the format, or are of age's own, which C2SP age.md describes.
ELSEWHERE = {
    "bundle.medium": {"SYNC_BYTES", "_READ_BYTES"},
    "crypto.age_header": {"_COLUMNS", "FILE_KEY_BYTES"},
    "crypto.age_recipients": {
        "_MLKEM768_PUBLIC_BYTES",
        "_MLKEM768_SEED_BYTES",
        "_ENCAPSULATED_BYTES",
        "_IDENTITY_PREFIX",
        "_PQ_IDENTITY_PREFIX",
    },
    "crypto.key_slots": {"PAYLOAD_BYTES"},
    "crypto.stream": {"_SEALED_CHUNK_BYTES"},
}


def ways_to_write(value: int) -> Iterator[str]:
    yield from (str(value), f"{value:,}", f"0x{value:x}")
    power = value.bit_length() - 1
    yield from {2**53: ("2^53",), 2**53 - 1: ("2^53 − 1",), 8**11: ("8^11",)}.get(value, ())
    if power % 10 == 0 and value == 2**power:
        yield f"{2 ** (power % 10)} {['KiB', 'MiB', 'GiB'][power // 10 - 1]}"


@pytest.mark.parametrize("name", WITH_CONSTANTS)
def test_every_constant_of_the_formats_is_described(name: str) -> None:
    module: ModuleType = importlib.import_module(f"fielddoc.{name}")
    assert module.__file__ is not None
    assigned = re.findall(
        r"^(_?[A-Z][A-Z0-9_]+)\b.*? = ", Path(module.__file__).read_text(), re.MULTILINE
    )
    document = VAULT_DOC + BUNDLE_DOC
    for constant in set(assigned) - ELSEWHERE.get(name, set()):
        value = getattr(module, constant)
        if isinstance(value, int) and value >= 16:
            texts = "|".join(re.escape(text) for text in ways_to_write(value))
            assert re.search(rf"(?<![\w,]){texts}(?![\w,]*\d)", document), (constant, value)
        elif isinstance(value, str) and re.fullmatch(r"[\w./-]+", value):
            assert value in document, (constant, value)


def test_every_error_code_in_the_documents_exists() -> None:
    known = {
        error.code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.FielddocError)
    }
    kinds = "|".join({code.partition(".")[0] for code in known if "." in code})
    named = set(re.findall(rf"`((?:{kinds})\.[a-z-]+)`", VAULT_DOC + BUNDLE_DOC))
    files = {"vault.key", "vault.lock", "card.json", "card.py"}

    assert len(named - files) > 20
    assert named - files <= known


@pytest.mark.parametrize("document", [VAULT_DOC, BUNDLE_DOC], ids=["vault", "bundle"])
def test_prose_has_one_sentence_a_line(document: str) -> None:
    prose = re.sub(r"^```.*?^```", "", document, flags=re.DOTALL | re.MULTILINE)
    crowded = [
        line
        for line in prose.splitlines()
        if not line.startswith(("|", "    ")) and re.search(r"[a-z0-9)`][.?!] +[A-Z`]", line[3:])
    ]

    assert crowded == []


# --- bundles --------------------------------------------------------------------------------------


def run(folder: Path, commands: str) -> str:
    """Run commands of a document as a person would, in `folder`; return what they print."""
    for program in ("age", "tar", "sha256sum", "ssh-keygen"):
        if re.search(rf"\b{program}\b", commands) and shutil.which(program) is None:
            not_run(f"the program {program} is not installed (packaging/system-packages.txt)")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    script = "set -e\n" + commands
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Vault]:
    """A vault with a person and a detention."""
    with make_vault(tmp_path / "sender", TYPED, name="Heron") as vault:
        who = records.add(vault, "person", {"names": [{"text": "邓远山"}]})
        entry: Json = {"kind": "taken-away", "persons": [who], "date": "2022-10-08~"}
        records.add(vault, "detention", {"persons": [who], "entries": [entry]})
        yield vault


def everything(vault: Vault) -> Selection:
    return Selection(records=tuple(row.id for row in reversed(records.listing(vault))))


def test_the_stock_commands_are_those_that_go_with_the_demo() -> None:
    text = (ROOT / "resources" / "examples" / "stock-tools.txt").read_text("utf-8")
    first = text.partition("For the other one")[0]
    commands = "".join(line + "\n" for line in first.splitlines() if line.startswith("  "))

    assert fenced(BUNDLE_DOC, "sh stock-tools") == textwrap.dedent(commands)


@pytest.fixture
def partner_folder(sender: Vault, tmp_path: Path) -> Path:
    """A partner's folder after a key was made, cards were exchanged and a bundle came."""
    folder = tmp_path / "partner"
    folder.mkdir()
    (folder / "card.py").write_text(fenced(BUNDLE_DOC, "python card.py"), "utf-8")
    (folder / "show.py").write_text(fenced(BUNDLE_DOC, "python show.py"), "utf-8")
    keys = identity.current(sender)
    (folder / "sender-card.json").write_bytes(write_card(own_card(keys), keys.signing_seed))
    if shutil.which("age-keygen") is None:
        not_run("the program age-keygen is not installed (Debian: age)")
    run(folder, fenced(BUNDLE_DOC, "sh make-key"))
    return folder


def card_made_by_hand(folder: Path) -> tuple[Card, str]:
    """Return the partner's card and the code that the script prints for it."""
    public = re.search(r"age1\w+", (folder / "partner.key").read_text("ascii"))
    assert public is not None
    printed = run(folder, fenced(BUNDLE_DOC, "sh make-card").replace("age1…", public[0]))
    return read_card((folder / "card.json").read_bytes()), printed.strip()


def test_a_partner_makes_a_card_and_its_code_with_plain_python(partner_folder: Path) -> None:
    card, printed = card_made_by_hand(partner_folder)

    assert printed == grouped(card.code)
    assert card.name == "Partner with any age"


def test_a_partner_computes_the_code_of_the_senders_card(
    sender: Vault, partner_folder: Path
) -> None:
    printed = run(partner_folder, fenced(BUNDLE_DOC, "sh code-of-a-card"))

    assert printed.strip() == grouped(own_card(identity.current(sender)).code)


def test_the_script_makes_a_card_with_a_post_quantum_key(tmp_path: Path) -> None:
    (tmp_path / "card.py").write_text(fenced(BUNDLE_DOC, "python card.py"), "utf-8")
    x25519, post_quantum = X25519Identity.generate(), PostQuantumIdentity.generate()
    keys = f"{x25519.recipient()} {post_quantum.recipient()}"

    run(tmp_path, f'python3 card.py make "雁 & co" {keys} > card.json')

    card = read_card((tmp_path / "card.json").read_bytes())
    assert (card.name, card.post_quantum) == ("雁 & co", post_quantum.recipient())
    assert run(tmp_path, "python3 card.py code < card.json").strip() == grouped(card.code)


def test_a_partner_opens_checks_and_reads_a_bundle_with_stock_tools(
    sender: Vault, partner_folder: Path
) -> None:
    card, _ = card_made_by_hand(partner_folder)
    written = export_selected(sender, for_cards([card]), partner_folder, everything(sender))
    written.files[0].rename(partner_folder / "partner.age")

    run(partner_folder, fenced(BUNDLE_DOC, "sh allowed-signers"))
    checked = run(partner_folder, fenced(BUNDLE_DOC, "sh stock-tools"))
    shown = run(partner_folder, fenced(BUNDLE_DOC, "sh show"))

    lines = checked.splitlines()
    assert 'Good "fielddoc-bundle-v1" signature for sender@fielddoc' in lines[-1]
    assert len(lines) == 3 + 3 + 1
    assert all(line.endswith(": OK") for line in lines[:-1])
    assert '= "邓远山"' in shown
    assert '/date = "2022-10-08~"' in shown
    info = (partner_folder / "opened" / "bag-info.txt").read_text("ascii")
    assert f"Fielddoc-Sender: {own_card(identity.current(sender)).code}\n" in info
    assert f"Fielddoc-Recipient: {card.code}\n" in info


def test_a_partner_joins_the_files_of_a_bundle_that_was_cut(
    sender: Vault, partner_folder: Path
) -> None:
    card, _ = card_made_by_hand(partner_folder)
    written = export_selected(
        sender, for_cards([card]), partner_folder, everything(sender), volume_bytes=10_000
    )
    for file in written.files:
        file.rename(partner_folder / f"partner.age{file.suffix}")
    (partner_folder / "opened").mkdir()

    run(partner_folder, fenced(BUNDLE_DOC, "sh volumes"))

    assert len(written.files) > 1
    run(partner_folder / "opened", "sha256sum -c tagmanifest-sha256.txt manifest-sha256.txt")


def test_the_senders_card_of_the_example_is_read() -> None:
    line = fenced(BUNDLE_DOC, "json sender-card").rstrip("\n").encode()
    card = read_card(line)
    code = card_code(ed25519_public("ed25519 seed"), x25519_public("x25519 secret"))

    assert line == sender_card()
    assert card.code == code
    assert f"Its code is `{code_words(code)}`." in BUNDLE_DOC
    assert line + b"\n" == write_card(card, expand("ed25519 seed", 32))


def test_the_plain_card_of_the_example_is_read() -> None:
    line = fenced(BUNDLE_DOC, "json plain-card").rstrip("\n").encode()
    code = card_code(bytes(32), x25519_public("plain x25519 secret"))

    assert line == plain_card()
    assert read_card(line).code == code
    assert f"The code of the card above is `{code_words(code)}`." in BUNDLE_DOC
    assert read_code(code_words(code)) == code


def test_the_recipients_card_of_the_example_follows() -> None:
    keys = recipient_keys()
    card = own_card(keys)
    made = write_card(card, keys.signing_seed)

    assert card.code == recipient_code()
    assert f"Its code is `{code_words(card.code)}`" in BUNDLE_DOC
    assert hashlib.sha256(made).hexdigest() in BUNDLE_DOC
    assert read_card(made) == card


def test_the_check_digits_follow_from_the_printed_table() -> None:
    printed = fenced(BUNDLE_DOC, "text damm").splitlines()

    assert [row.replace(" ", "") for row in printed] == DAMM
    assert ["".join(map(str, row)) for row in code_module._TABLE] == DAMM


def files_in_document() -> dict[str, bytes]:
    names = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")
    found = {name: fenced(BUNDLE_DOC, f"text {name}").encode() for name in names}
    found["tagmanifest-sha256.txt.sig"] = fenced(
        BUNDLE_DOC, "text tagmanifest-sha256.txt.sig"
    ).encode()
    found["data/records.jsonl"] = fenced(BUNDLE_DOC, "jsonl records").encode()
    return found


def test_the_bag_of_the_example_is_read() -> None:
    files = files_in_document()

    assert files == bag_files()
    info = bag.read_info(files["bag-info.txt"])
    assert bag.write_info(info) == files["bag-info.txt"]
    assert info.bundle == expand("bundle id", 16).hex()
    payload = files["data/records.jsonl"]
    assert (info.payload_bytes, info.payload_files) == (len(payload), 1)
    listed = bag.read_manifest(files["manifest-sha256.txt"])
    assert [file.sha256 for file in listed] == [hashlib.sha256(payload).hexdigest()]
    assert bag.write_tag_manifest(files) == files["tagmanifest-sha256.txt"]
    assert all(read_revision(line).derived for line in payload.splitlines())


def test_the_signature_of_the_example_holds() -> None:
    files = files_in_document()
    message, made = files["tagmanifest-sha256.txt"], files["tagmanifest-sha256.txt.sig"]

    assert sshsig.verify(made, message, "fielddoc-bundle-v1") == ed25519_public("ed25519 seed")
    assert sshsig.sign(expand("ed25519 seed", 32), message, "fielddoc-bundle-v1") == made
    blob = base64.b64decode(b"".join(made.splitlines()[1:-1]))
    signed = b"SSHSIG" + b"".join(
        ssh_string(part)
        for part in (b"fielddoc-bundle-v1", b"", b"sha512", hashlib.sha512(message).digest())
    )
    public = Ed25519PublicKey.from_public_bytes(ed25519_public("ed25519 seed"))
    public.verify(blob[-64:], signed)


def test_ssh_keygen_finds_the_signature_of_the_example_good(tmp_path: Path) -> None:
    for name, data in files_in_document().items():
        (tmp_path / name.replace("/", "-")).write_bytes(data)
    (tmp_path / "allowed_signers").write_text(fenced(BUNDLE_DOC, "text allowed_signers"))
    command = fenced(BUNDLE_DOC, "sh stock-tools").partition("ssh-keygen")[2]

    said = run(tmp_path, "ssh-keygen" + command.replace("../allowed", "allowed"))

    assert said.startswith('Good "fielddoc-bundle-v1" signature')


def test_the_tar_of_the_example_is_as_described() -> None:
    assert example(BUNDLE_DOC, "tar") == tar_example()
    for name, data in bag_files().items():
        full = f"{tar_example()['folder']}/{name}"
        assert tar_header(full, len(data)) == tar.header(full, len(data))
    with tarfile.open(fileobj=io.BytesIO(tar_of_example())) as opened:
        names = [member.name.partition("/")[2] for member in opened]
    assert names == [*bag_files()]
    at = 0
    for offset, length, *_ in rows_below(BUNDLE_DOC, "| offset | bytes | field | value |"):
        assert int(offset) == at
        at += int(length)
    assert at == 512


@pytest.fixture
def recipient(tmp_path: Path) -> Iterator[Vault]:
    """A vault that has the keys of the example's recipient and the sender's card."""
    keys = recipient_keys()
    with make_vault(tmp_path / "recipient", TYPED, name="Recipient") as vault:
        vault.database.query(
            "UPDATE identity SET signing_key = ?, signing_seed = ?, x25519_secret = ?,"
            " post_quantum_seed = ?",
            (keys.signing_key, keys.signing_seed, keys.x25519_secret, keys.post_quantum_seed),
        )
        yield vault


def encrypted(folder: Path, plain: bytes) -> Path:
    path = folder / "0a1b2c3d.age"
    with path.open("wb") as file:
        to = PostQuantumIdentity(recipient_keys().post_quantum_seed).recipient()
        writer = AgeWriter([to], file.write)
        writer.write(plain)
        writer.finish()
    return path


def test_the_bundle_of_the_example_is_verified_and_imported(
    recipient: Vault, tmp_path: Path
) -> None:
    path = encrypted(tmp_path, tar_of_example())
    card = sender_card() + b"\n"
    with pytest.raises(errors.UnknownSenderError):
        verify_bundle(recipient, path)
    contacts.add(recipient, name="Heron", code=read_card(card).code, card=card)

    report = verify_bundle(recipient, path)
    imported = import_bundle(recipient, path)

    assert (report.sender.name, report.records, report.bad) == ("Heron", 2, ())
    assert set(imported.records) == {PERSON, DETENTION}
    held = records.get(recipient, DETENTION).values
    assert held["persons"] == [PERSON]
    assert cast("list[Example]", held["entries"])[0]["date"] == "2022-10-08~"


def test_labels_stand_in_their_order_in_both_parts() -> None:
    for heading in ("| line | what it means |", "| label | value |"):
        rows = rows_below(BUNDLE_DOC, heading)
        assert [row[0].strip("`") for row in rows] == [*bag._LABELS]


def test_the_files_of_a_bag_are_described_in_their_order() -> None:
    assert first_cells(BUNDLE_DOC, "### Bag") == [*bag.TAG_FILES, "data/…"]
    payload = "Payload files, in the order in which fielddoc writes them:"
    assert first_cells(BUNDLE_DOC, payload) == [
        bag.RECORDS,
        bag.RECORD_SCHEMA,
        bag.READABLE,
        bag.COMPARTMENT_KEYS,
        f"{bag.ATTACHMENT_FOLDER}<SHA-256 of the file>",
    ]
    members = first_cells(BUNDLE_DOC, "### Cards")
    card = {*json.loads(sender_card()), "post_quantum"}
    assert set(members) == card


def test_every_error_that_reading_a_bundle_can_give_is_described() -> None:
    given = {
        name
        for module in ("reading", "receive", "source")
        for name in re.findall(
            r"\b(\w+Error)\b", (SOURCE / "bundle" / f"{module}.py").read_text("utf-8")
        )
    }
    codes = {
        error.code
        for name, error in vars(errors).items()
        if name in given and issubclass(error, errors.BundleError) and error.code
    }
    section = BUNDLE_DOC.split("### Refusing", 1)[1].split("### Worked example", 1)[0]

    assert set(re.findall(r"`(bundle\.[a-z-]+)`", section)) == codes


# --- record types ---------------------------------------------------------------------------------


def test_the_page_of_record_types_is_fresh() -> None:
    """Renew it with `python -m fielddoc.interchange.record_types_page > docs/record-types.md`."""
    assert record_types_page() == RECORDS_DOC


def test_the_page_is_what_the_command_prints() -> None:
    command = [sys.executable, "-m", "fielddoc.interchange.record_types_page"]
    printed = subprocess.run(command, capture_output=True, check=True).stdout

    assert printed.decode("utf-8") == RECORDS_DOC


EXAMPLES = re.findall(r"^```json\n(.*?)^```$", RECORDS_DOC, re.DOTALL | re.MULTILINE)


def test_the_page_has_three_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_are_read_added_and_come_back_without_a_problem(text: str, tmp_path: Path) -> None:
    given = read_records(text)
    with make_vault(tmp_path / "vault", TYPED) as vault:
        added = [records.add(vault, one.type, one.values, record=one.id) for one in given]
        back = [records.get(vault, one) for one in added]

    for one, record in zip(given, back, strict=True):
        assert record.problems == ()
        assert without_item_ids(dict(record.values)) == one.values


def without_item_ids(values: dict[str, Json]) -> dict[str, Json]:
    return {
        name: [
            {n: v for n, v in item.items() if n != "id"} if isinstance(item, dict) else item
            for item in value
        ]
        if isinstance(value, list)
        else value
        for name, value in values.items()
    }


def test_the_typed_date_of_the_example_becomes_edtf() -> None:
    incident = read_records(EXAMPLES[1])[0].values

    assert (incident["date"], incident["date_words"]) == ("2022-08~", "mid-August 2022")


def dotted_keys(value: Json, prefix: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from dotted_keys(part, prefix)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield prefix + name
            yield from dotted_keys(part, f"{prefix}{name}.")


def test_every_key_of_the_public_cases_has_its_field() -> None:
    cases = demo_cases.load()
    about_the_file = ("conventions", "expected")
    keys = set(dotted_keys({k: v for k, v in cases.items() if k not in about_the_file}))
    known = {
        f"{declared.name}.{dotted}"
        for declared in RECORD_TYPES
        for dotted, _ in walk(declared.fields)
    }

    named = [key for key, _, _ in CASE_KEYS]
    assert sorted(named) == sorted(keys)
    assert {name for _, names, _ in CASE_KEYS for name in names} <= known
    assert all(names or note for _, names, note in CASE_KEYS)
    rows = rows_below(RECORDS_DOC, "| key | recorded in |")
    assert [row[0].strip("`") for row in rows] == named
    assert all(f"`{name}`" in RECORDS_DOC for name in about_the_file)


def test_the_demo_records_facts_where_the_page_says() -> None:
    page = {key: names for key, names, _ in CASE_KEYS}

    for key, name in demo_cases._ENTRY_FIELDS.items():
        assert f"detention.entries.{name}" in page[f"facts.{key}"], key


def test_values_of_the_cases_are_found_in_the_fields_that_the_page_names(tmp_path: Path) -> None:
    """Each key's value stands in one of its fields, as it is, in part, or as a term's code."""
    cases = demo_cases.load()
    with make_vault(tmp_path / "vault", TYPED) as vault:
        done = demo_cases.record_cases(vault, cases)
        held: dict[str, set[str]] = {}
        for row in records.listing(vault):
            for path, value in leaves(dict(records.get(vault, row.id).values), row.type):
                held.setdefault(path, set()).add(value)

    said_by_the_type = {"collective event"}
    in_parts = ("persons.age", "facts.counts.number")
    for key, names, _ in CASE_KEYS:
        told = {done.persons.get(t, t) for path, t in leaves(cases, "") if path == f".{key}"}
        texts = {text for name in names for text in held.get(name, set())}
        words = texts | {word for name in names for word in words_of(name, texts)}
        for text in told - said_by_the_type if names else ():
            parts = any(word in text for word in words) if key in in_parts else False
            assert text in words or parts, (key, text)


def leaves(value: Json, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, path)
    elif value is not None:
        yield path, str(value)


def words_of(name: str, codes: set[str]) -> set[str]:
    type_name, _, dotted = name.partition(".")
    declared = next(each for each in RECORD_TYPES if each.name == type_name)
    field = dict(walk(declared.fields))[dotted]
    return (
        {vocabulary(field.vocabulary).label(code) for code in codes} if field.vocabulary else set()
    )
