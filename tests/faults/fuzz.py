"""Feeds broken files to everything that reads a file from outside: `make fuzz`.

    make fuzz                              an hour of the processor for each reader
    make fuzz ARGS='--minutes 1'           a minute for each
    make fuzz ARGS='--only bundle --seed 7'

What a reader may raise is what its documentation says; whatever else it raises is a fault, and is
printed with the bytes that caused it. Inputs that end in a new place of the program are kept and
changed further, so that one comes deeper than by chance alone.

Exit status: 0 when nothing but declared errors was raised, 1 otherwise.
"""

import argparse
import io
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from fielddoc.bundle import tar  # noqa: E402
from fielddoc.bundle.bag import BagFormError, read_info, read_manifest  # noqa: E402
from fielddoc.bundle.card import own_card, read_card, write_card  # noqa: E402
from fielddoc.bundle.receive import verify_bundle  # noqa: E402
from fielddoc.bundle.tar import TarFormError  # noqa: E402
from fielddoc.crypto import age, age_recipients  # noqa: E402
from fielddoc.crypto.age import AgeReader, AgeWriter  # noqa: E402
from fielddoc.crypto.age_header import AgeError  # noqa: E402
from fielddoc.domain.revision import RevisionFormError, read_revision  # noqa: E402
from fielddoc.errors import FielddocError  # noqa: E402
from fielddoc.interchange.csv_text import read_csv  # noqa: E402
from fielddoc.interchange.jsonl import read_jsonl  # noqa: E402
from fielddoc.interchange.photo_metadata import read_metadata  # noqa: E402
from fielddoc.interchange.xlsx_read import read_xlsx  # noqa: E402
from fielddoc.vault import attachments, identity, key_file, records  # noqa: E402
from fielddoc.vault.opening import make_vault  # noqa: E402
from fielddoc.vault.vault import Vault  # noqa: E402

PASSPHRASE = "six words that no disk has ever held"
KEPT = 2000
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Target:
    """One reader, what it may raise, and whole inputs to begin with."""

    read: Callable[[bytes], object]
    declared: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]


@dataclass(slots=True)
class Told:
    """What came of one reader."""

    runs: int = 0
    taken: int = 0
    places: int = 0
    faults: int = 0


def changed(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Return `data` after one to eight changes, some of them with pieces of `other`."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        place = chance.randrange(len(made) + 1)
        length = chance.choice((1, 1, 2, 4, 8, 16, 64, 512))
        match chance.randrange(9):
            case 0 if made:
                made[min(place, len(made) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                made[place : place + length] = chance.randbytes(length)
            case 2:
                del made[place : place + length]
            case 3:
                made[place:place] = made[place : place + length]
            case 4:
                start = chance.randrange(len(other) + 1)
                made[place : place + length] = other[start : start + length]
            case 5:
                made[place : place + length] = chance.choice(PIECES)
            case 6:
                del made[place:]
            case 7:
                made[place:place] = chance.choice(PIECES) * chance.choice((1, 3, 1000))
            case _:
                made += chance.randbytes(length)
    return bytes(made)


PIECES = (
    b"\0", b"\xff", b"\xff\xff\xff\xff", b"\0\0\0\0\0\0\0\0", b"\x7f\xff\xff\xff", b"\n", b"\r\n",
    b"[", b"{", b'"', b"\\u0000", b"\\ud800", b"-1", b"1e999", b"NaN", b"9007199254740993", b",",
    b"../", b"/", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"%s", b"=1+1", b"<!ENTITY a>",
    b"age-encryption.org/v1", b"-> X25519 ", b"---", b"PK\x03\x04", b"Exif\0\0", b"II*\0", b"MM\0*",
)  # fmt: skip


def fuzz(target: Target, seed: int, until: Callable[[int], bool]) -> Told:
    """Feed one reader until `until`, asked with the number of runs, says that it is enough."""
    chance = random.Random(seed)
    told = Told()
    corpus = list(target.seeds)
    places: set[object] = set()
    for whole in target.seeds:
        target.read(whole)  # what is whole must be taken, or nothing would be learnt
    while not until(told.runs):
        data = changed(chance, chance.choice(corpus), chance.choice(corpus))
        told.runs += 1
        try:
            target.read(data)
        except target.declared as error:
            place: object = (type(error), _place(error))
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            place = (type(error), _place(error))
            told.faults += 1
            if place not in places and told.faults <= SHOWN:
                traceback.print_exception(error)
                print(f"with {len(data)} bytes: {data[:600]!r}", file=sys.stderr)
        else:
            told.taken += 1
            place = None
        if place not in places:
            places.add(place)
            if len(corpus) < KEPT and len(data) < 4 * max(map(len, target.seeds)):
                corpus.append(data)
    told.places = len(places)
    return told


def _place(error: BaseException) -> tuple[tuple[str, int], ...]:
    """Return the lines of the program at which an error was raised and passed on."""
    found: list[tuple[str, int]] = []
    each: BaseException | None = error
    while each is not None:
        found += [(f.filename, f.lineno or 0) for f in traceback.extract_tb(each.__traceback__)]
        each = each.__cause__
    return tuple(found)


# --- what is fed ----------------------------------------------------------------------------------


def targets(folder: Path, stack: ExitStack) -> Mapping[str, Target]:
    """Return all readers by name, with seeds that this program wrote just now."""
    vault = stack.enter_context(make_vault(folder / "vault", PASSPHRASE, name="Mina"))
    records.add(vault, "incident", {"title": "家中被搜查", "date": "2022-08", "place": "上海"})
    keys = identity.current(vault)
    card = write_card(own_card(keys), keys.signing_seed)
    golden = ROOT / "tests" / "data" / "golden-1"
    plain = _plaintext(vault, golden)
    tags = dict(_tar_files(plain))
    return {
        "vault.key": Target(
            lambda data: key_file.parse(data, schema=1),
            (FielddocError,),
            ((folder / "vault" / "vault.key").read_bytes(),),
        ),
        "attachment": _attachment(vault),
        "age": Target(lambda data: age.read_header(io.BytesIO(data)), (AgeError,), _age(golden)),
        "bundle": _bundle(vault, folder, plain),
        "bag": Target(
            lambda data: (read_info if data.startswith(b"Bag") else read_manifest)(data),
            (BagFormError,),
            tuple(
                data
                for name, data in tags.items()
                if name.endswith(("bag-info.txt", "manifest-sha256.txt"))
                and "tagmanifest" not in name
            ),
        ),
        "revision": Target(
            read_revision,
            (RevisionFormError,),
            tuple(
                line
                for name, data in tags.items()
                if name.endswith(".jsonl")
                for line in data.splitlines()[:40]
            ),
        ),
        "card": Target(read_card, (FielddocError,), (card,)),
        "csv": Target(
            read_csv,
            (FielddocError,),
            ('id,title,"what, happened"\r\n1,家,"a\r\nb"\r\n'.encode(), b"a;b\n1;2\n"),
        ),
        "xlsx": Target(read_xlsx, (FielddocError,), (_workbook(),)),
        "jsonl": Target(
            lambda data: list(read_jsonl(data.splitlines(keepends=True), "records.jsonl")),
            (FielddocError,),
            (b'{"id":"6c2f8a90-3b1d-4e57-8f64-0a9b8c7d6e5f","type":"incident","title":"t"}\n',),
        ),
        "photo": Target(
            lambda data: read_metadata(lambda at, size: data[at : at + size], len(data)),
            (),
            _photos(),
        ),
        "remembered place": _remembered(folder),
    }


def _plaintext(vault: Vault, golden: Path) -> bytes:
    """Return the tar in a golden bundle, padded as bundles are."""
    line = (golden / "x25519.key").read_text("utf-8").splitlines()[-1]
    known = age_recipients.parse_identity(line)
    with (golden / "x25519.age").open("rb") as file:
        return b"".join(AgeReader([known], file).chunks())


def _tar_files(plain: bytes) -> Iterator[tuple[str, bytes]]:
    place = 0
    while plain[place : place + 1] not in (b"", b"\0"):
        name, size = tar.read_header(plain[place : place + tar.BLOCK_BYTES])
        start = place + tar.BLOCK_BYTES
        yield name, plain[start : start + size]
        place = start + size + tar.padding(size)


def _age(golden: Path) -> tuple[bytes, ...]:
    return tuple((golden / f"{name}.age").read_bytes() for name in ("x25519", "passphrase"))


def _bundle(vault: Vault, folder: Path, plain: bytes) -> Target:
    """Broken tars, encrypted as bundles are, so that what reads the inside gets them."""
    own = own_card(identity.current(vault))
    path = folder / "fuzzed.age"

    def read(data: bytes) -> None:
        written = io.BytesIO()
        writer = AgeWriter([own.x25519], written.write)
        writer.write(data)
        writer.finish()
        path.write_bytes(written.getvalue())
        try:
            verify_bundle(vault, path)
        except FielddocError:
            if data is plain:
                return  # a stranger's: whole, and refused for that alone
            raise

    return Target(read, (FielddocError, TarFormError), (plain,))


def _attachment(vault: Vault) -> Target:
    content = attachments.store(vault, [os.urandom(150_000)])
    path, key = attachments.name_and_key(vault, content)

    def read(data: bytes) -> None:
        path.write_bytes(data)
        for _ in attachments.read_sealed(path, key, content):
            pass

    return Target(read, (FielddocError,), (path.read_bytes(),))


def _workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["id", "title", "date"])
    book.active.append(["1", "家中被搜查", 44800])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _photos() -> tuple[bytes, ...]:
    from interchange.test_photo_metadata import heic, jpeg, png, webp, whole

    return tuple(form(whole()) for form in (jpeg, png, webp, heic))


def _remembered(folder: Path) -> Target:
    from fielddoc.gui import remembered

    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    remembered.write(remembered.Remembered(folder=str(folder), language="zh_CN"))
    path = remembered.path()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        remembered.read()

    return Target(read, (), (path.read_bytes(),))


def _until(seconds: float) -> Callable[[int], bool]:
    """Return what says when so much time of the processor is used up, however busy the machine is."""
    end = time.process_time() + seconds
    return lambda _: time.process_time() > end


def main() -> int:
    """Feed the readers that are asked for and print a line about each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60, help="for each reader")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", nargs="+", help="these readers")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    faults = 0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for name, target in targets(Path(folder), stack).items():
            if options.only and name not in options.only:
                continue
            told = fuzz(target, options.seed, _until(60 * options.minutes))
            faults += told.faults
            print(
                f"{name}: {told.runs:,} inputs, {told.taken:,} taken, refused in"
                f" {told.places:,} ways, {told.faults} faults",
                flush=True,
            )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
