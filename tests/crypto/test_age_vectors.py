"""The public test vectors of age (C2SP/CCTV), each with its exact outcome.

They lie in the folder that FIELDDOC_CCTV_DIR names, else in `../shared/data/cctv-age`.
"""

import base64
import hashlib
import io
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fielddoc.crypto.age import (
    AgeError,
    AgeReader,
    ArmorError,
    HeaderError,
    HeaderMacError,
    Identity,
    NoMatchError,
    PassphraseIdentity,
    PayloadError,
    parse_identity,
    read_header,
)
from fielddoc.crypto.age_header import derive_key
from fielddoc.crypto.stream import StreamWriter
from not_run import not_run

FOLDER = Path(
    os.environ.get("FIELDDOC_CCTV_DIR", Path(__file__).parents[3] / "shared" / "data" / "cctv-age")
)
OUTCOMES: dict[str, type[AgeError]] = {
    "armor failure": ArmorError,
    "header failure": HeaderError,
    "no match": NoMatchError,
    "HMAC failure": HeaderMacError,
    "payload failure": PayloadError,
}
FIELDS = {
    "expect", "payload", "file key", "identity", "passphrase", "armored", "comment", "compressed",
}  # fmt: skip
VECTOR_COUNT = 143


@dataclass(frozen=True)
class Vector:
    fields: tuple[tuple[str, str], ...]
    content: bytes

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]

    @property
    def expected(self) -> str:
        return self.values("expect")[0]

    def identities(self) -> list[Identity]:
        return [
            *(parse_identity(text) for text in self.values("identity")),
            *(PassphraseIdentity(text.encode()) for text in self.values("passphrase")),
        ]


def load(path: Path) -> Vector:
    head, _, content = path.read_bytes().partition(b"\n\n")
    fields = tuple(
        (name, value)
        for name, _, value in (line.partition(": ") for line in head.decode().split("\n"))
    )
    assert {name for name, _ in fields} <= FIELDS
    vector = Vector(fields, content)
    return Vector(fields, zlib.decompress(content)) if vector.values("compressed") else vector


VECTORS = {
    path.name: load(path) for path in sorted(FOLDER.glob("*")) if path.is_file() and not path.suffix
}


def those(applies: Callable[[Vector], bool] = lambda _: True) -> list[str]:
    """Return the names of the vectors that a test is about; one that is none if there are none."""
    return [name for name, vector in VECTORS.items() if applies(vector)] or ["missing"]


@pytest.fixture
def vector(request: pytest.FixtureRequest) -> Vector:
    if not VECTORS:
        not_run("the age test vectors are missing; set FIELDDOC_CCTV_DIR")
    return VECTORS[request.param]


def outcome(vector: Vector) -> tuple[type[AgeError] | None, bytes]:
    """Return how reading ends, and all plaintext given out until then."""
    released = bytearray()
    try:
        reader = AgeReader(vector.identities(), io.BytesIO(vector.content))
        for chunk in reader.chunks():
            released += chunk
    except AgeError as error:
        return type(error), bytes(released)
    return None, bytes(released)


def test_the_suite_is_complete() -> None:
    if not VECTORS:
        not_run("the age test vectors are missing; set FIELDDOC_CCTV_DIR")

    assert len(VECTORS) == VECTOR_COUNT


@pytest.mark.parametrize("vector", those(), indirect=True)
def test_a_vector_ends_as_it_says(vector: Vector) -> None:
    error, released = outcome(vector)

    if vector.expected == "success":
        assert error is None
    else:
        assert error is not None
        assert issubclass(error, OUTCOMES[vector.expected])
    # Where the file says nothing of a payload, nothing may come out.
    payload_hash = (*vector.values("payload"), hashlib.sha256(b"").hexdigest())[0]
    assert hashlib.sha256(released).hexdigest() == payload_hash


def is_binary_with_a_valid_header(vector: Vector) -> bool:
    return not vector.values("armored") and vector.expected != "header failure"


@pytest.mark.parametrize("vector", those(is_binary_with_a_valid_header), indirect=True)
def test_a_header_that_parses_encodes_to_the_same_bytes(vector: Vector) -> None:
    source = io.BytesIO(vector.content)

    header = read_header(source)

    assert header.encode() == vector.content[: source.tell()]


def is_valid(vector: Vector) -> bool:
    return vector.expected == "success"


@pytest.mark.parametrize("vector", those(is_valid), indirect=True)
def test_a_payload_sealed_again_is_the_same_bytes(vector: Vector) -> None:
    file_key = bytes.fromhex(vector.values("file key")[0])
    source = io.BytesIO(vector.content)
    if vector.values("armored"):
        source = io.BytesIO(base64.b64decode(b"".join(vector.content.strip().splitlines()[1:-1])))
    read_header(source)
    nonce, payload = source.read(16), source.read()
    _, content = outcome(vector)

    sealed = io.BytesIO()
    writer = StreamWriter(derive_key(file_key, salt=nonce, info=b"payload"), sealed.write)
    writer.write(content)
    writer.finish()

    assert sealed.getvalue() == payload


@pytest.mark.parametrize("vector", those(is_valid), indirect=True)
def test_a_valid_vector_that_lost_its_end_is_refused(vector: Vector) -> None:
    content = vector.content.rstrip()

    for lost_bytes in (1, 16, 17):
        error, _ = outcome(Vector(vector.fields, content[:-lost_bytes]))
        assert error is not None
