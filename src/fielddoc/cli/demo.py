"""The main job from end to end, on the cases of a public report, with a proof for each step."""

import argparse
import shutil
import struct
import tempfile  # noqa: TID251 - the demo's cases are public; its vaults lie in a throw-away folder
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fielddoc.bundle import bag
from fielddoc.bundle.card import Card, own_card, read_card, write_card
from fielddoc.bundle.code import read_code
from fielddoc.bundle.export import (
    Selection,
    attachments_of,
    export_complete,
    export_selected,
    for_cards,
)
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.cli import demo_cases
from fielddoc.cli.terminal import padded, say, say_json
from fielddoc.crypto import sshsig
from fielddoc.crypto.age import PostQuantumIdentity, X25519Identity
from fielddoc.domain import legal_clock
from fielddoc.domain.canonical import Json
from fielddoc.domain.clock_reading import Reading
from fielddoc.domain.jurisdictions import clocks
from fielddoc.domain.partial_date import parse_edtf
from fielddoc.errors import BundleError, FileExistsAlreadyError, VaultError
from fielddoc.i18n import N_, translate
from fielddoc.resources import resource
from fielddoc.vault import attachments, contacts, identity, records
from fielddoc.vault.files import explaining
from fielddoc.vault.layout import KEY_FILE
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.panic import ArmedWipe
from fielddoc.vault.vault import Vault

_SENDER = "demo six words one two three"
_PARTNER = "demo partner words four five six"
_PRINCIPAL = "sender@fielddoc"
_OUT_FILES = (
    "partner.age",
    "partner.key",
    "partner-pq.age",
    "partner-pq.key",
    "allowed_signers",
    "README.txt",
)


class DemoFailedError(Exception):
    """A step did not prove what it should: a bug of ours."""


@dataclass(slots=True)
class _Steps:
    """Tells each step with its time and proof."""

    as_json: bool
    told: list[Json]

    def run(self, name: str, step: Callable[[], str]) -> None:
        start = time.perf_counter()
        proof = step()
        seconds = time.perf_counter() - start
        self.told.append({"step": name, "ms": round(1000 * seconds), "proof": proof})
        if not self.as_json:
            say(f"{len(self.told):2}  {padded(translate(name), 34)} {seconds:7.3f} s  {proof}")


def demo(options: argparse.Namespace) -> None:
    """Run the whole job in a throw-away folder; with --out keep two bundles and their keys."""
    out = Path(options.out) if options.out else None
    if out is not None:
        with explaining(options.out):
            out.mkdir(parents=True, exist_ok=True)
            for name in _OUT_FILES:
                if (out / name).exists():
                    raise FileExistsAlreadyError(name=str(out / name))
    steps = _Steps(options.json, [])
    with _throw_away_folder() as folder:
        _run(folder, out, steps)
    if options.json:
        say_json(steps.told)


@contextmanager
def _throw_away_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fielddoc-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, out: Path | None, steps: _Steps) -> None:
    job = _Job(folder)
    steps.run(N_("vault made"), job.make)
    steps.run(N_("cards exchanged, code typed"), job.exchange_cards)
    steps.run(N_("cases recorded"), job.record)
    steps.run(N_("photo attached"), job.attach)
    steps.run(N_("search"), job.search)
    steps.run(N_("bundle written and read back"), job.export)
    steps.run(N_("partner verifies it"), job.verify)
    steps.run(N_("partner imports it"), job.import_)
    steps.run(N_("tampered copies"), job.tamper)
    steps.run(N_("legal clocks"), job.read_clocks)
    if out is not None:
        steps.run(N_("bundles for stock tools"), lambda: job.write_for_stock_tools(out))
    steps.run(N_("vault wiped"), job.wipe)


def _proof(template: str, **fields: str | int) -> str:
    return translate(template).format(**fields)


def _expect(condition: object, what: str) -> None:
    if not condition:
        raise DemoFailedError(what)


def _opening(folder: Path, passphrase: str) -> str:
    """Return the code of the error that opening gives, or `opened`."""
    try:
        open_vault(folder, passphrase).lock()
    except VaultError as error:
        return error.code
    return "opened"


class _Job:
    """The vaults and what is known of them from step to step."""

    def __init__(self, folder: Path) -> None:
        self.cases = demo_cases.load()
        self.folder = folder / "vault"
        self.partner_folder = folder / "partner"
        self.stick = folder / "stick"
        self.stick.mkdir()

    def make(self) -> str:
        self.vault: Vault = make_vault(self.folder, _SENDER, name="Sender")
        cost = self.vault.key_file.half.public.cost
        self.vault.lock()
        refused = _opening(self.folder, "not the passphrase")
        self.vault = open_vault(self.folder, _SENDER)
        _expect(refused == "vault.wrong-passphrase", "a wrong passphrase opened the vault")
        return _proof(
            N_(
                "Argon2id {mebibytes} MiB, {passes} passes; locked, opened again; a wrong"
                " passphrase was refused"
            ),
            mebibytes=cost.memory_kib // 1024,
            passes=cost.passes,
        )

    def exchange_cards(self) -> str:
        self.partner = make_vault(self.partner_folder, _PARTNER, name="Partner")
        for here, there in ((self.vault, self.partner), (self.partner, self.vault)):
            keys = identity.current(there)
            card_file = write_card(own_card(keys), keys.signing_seed)
            card = read_card(card_file)
            typed = read_code(own_card(keys).code)
            _expect(card.code == typed, "a code does not belong to its card")
            contacts.add(here, name=card.name, code=typed, card=card_file)
        return _proof(N_("two cards, 40 digits each"))

    def record(self) -> str:
        self.done = demo_cases.record_cases(self.vault, self.cases)
        back = demo_cases.rebuilt(self.vault, self.done)
        differing = demo_cases.differing_parts(back, self.cases)
        _expect(not differing, f"came back changed: {differing}")
        return _proof(
            N_(
                "{persons} people, {relations} relations, {facts} facts, {risks} risks; read back"
                " unchanged"
            ),
            **{part: len(self.cases[part]) for part in ("persons", "relations", "facts", "risks")},
        )

    def attach(self) -> str:
        photo = _generated_photo()
        self.content = attachments.store(self.vault, [photo])
        records.add(
            self.vault,
            "attachment",
            {
                "name": "generated.png",
                "media_type": "image/png",
                "size_bytes": self.content.size_bytes,
                "sha256": self.content.sha256,
                "belongs_to": [self.done.persons["xu-qin"]],
            },
        )
        same = b"".join(attachments.read(self.vault, self.content)) == photo
        _expect(same, "the photo came back changed")
        return _proof(
            N_("{size} bytes, SHA-256 {digest}…, read back equal"),
            size=len(photo),
            digest=self.content.sha256[:16],
        )

    def search(self) -> str:
        wanted = {"徐秦": "xu-qin", "徐": "xu-qin", "Yuhuan": "li-yuhan", "Jiayi": "ding-jiaxi"}
        for text, name in wanted.items():
            found = [row.id for row in records.listing(self.vault, type_name="person", text=text)]
            _expect(found == [self.done.persons[name]], f"search for {text}")
        return _proof(
            N_("{words} each find the right person and nobody else"), words=", ".join(wanted)
        )

    def export(self) -> str:
        card = read_card(contacts.get(self.vault, "Partner").card)
        written = export_complete(self.vault, for_cards([card]), self.stick)
        self.bundle = written.files[0]
        return _proof(
            N_("{size} bytes, {records} records, {kind}"),
            size=written.size_bytes,
            records=written.records,
            kind=translate(N_("post-quantum")) if written.is_post_quantum else "X25519",
        )

    def verify(self) -> str:
        report = verify_bundle(self.partner, self.bundle)
        _expect(report.sender.name == "Sender" and not report.bad, "verify")
        _expect(not records.listing(self.partner), "verifying wrote something")
        return _proof(
            N_("signed by {name}, {records} records, not changed; nothing written"),
            name=report.sender.name,
            records=report.records,
        )

    def import_(self) -> str:
        imported = import_bundle(self.partner, self.bundle)
        again = import_bundle(self.partner, self.bundle)
        _expect(imported.added > 0 and again.added == 0, "importing twice changed something")
        for row in records.listing(self.vault):
            ours, theirs = records.get(self.vault, row.id), records.get(self.partner, row.id)
            _expect(ours.values == theirs.values, "a record differs")
        back = demo_cases.rebuilt(self.partner, self.done)
        _expect(not demo_cases.differing_parts(back, self.cases), "the cases differ")
        photo = attachments.find(self.partner, self.content.sha256)
        _expect(photo and sum(map(len, attachments.read(self.partner, photo))), "photo")
        return _proof(
            N_("{records} records equal, photo equal; a second import adds nothing"),
            records=len(imported.records),
        )

    def tamper(self) -> str:
        data = self.bundle.read_bytes()
        refused: list[str] = []
        copy = self.stick / "tampered.age"
        for place in (len(data) // 3, len(data) - 1):
            copy.write_bytes(data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :])
            refused.append(self._refusal(copy))
        copy.write_bytes(data[: len(data) // 2])
        refused.append(self._refusal(copy))
        copy.unlink()
        wanted = ["bundle.changed", "bundle.changed", "bundle.cut-short"]
        _expect(refused == wanted, f"tampered copies: {refused}")
        return _proof(N_("two with one bit flipped and one cut short: all refused"))

    def _refusal(self, path: Path) -> str:
        try:
            import_bundle(self.partner, path)
        except BundleError as error:
            return error.code
        return "accepted"

    def read_clocks(self) -> str:
        as_of = self.cases["source"]["as_of"]
        arrest = self._clock("arrest", "ji-xiaolong", as_of)
        trial = self._clock("first-instance", "li-yuhan", as_of)
        _expect(arrest.least_days == arrest.greatest_days == 23, "taking to arrest")
        _expect([x.days for x in arrest.certainly_passed] == [10, 14], "limits of arrest")
        _expect(arrest.within is not None and arrest.within.days == 37, "extension of arrest")
        _expect(trial.least_days == trial.greatest_days == 511, "trial without verdict")
        _expect(not trial.is_ended and len(trial.certainly_passed) == 3, "limits of trial")
        return _proof(
            N_(
                "{arrest} days from taking to arrest: beyond 14, within 37 only under art. 91(2);"
                " {trial} days from trial to {day} without a verdict"
            ),
            arrest=arrest.least_days,
            trial=trial.least_days,
            day=as_of,
        )

    def _clock(self, name: str, person: str, as_of: str) -> Reading:
        clock = next(clock for clock in clocks() if clock.id == name)
        who = self.done.persons[person]
        for record in records.linking_to(self.vault, who):
            values = records.get(self.vault, record).values
            entries = values.get("entries")
            if isinstance(entries, list):
                mine = [
                    entry
                    for entry in entries
                    if isinstance(entry, dict) and who in cast("list[Json]", entry["persons"])
                ]
                reading = legal_clock.read(clock, mine, parse_edtf(as_of))
                if reading is not None:
                    return reading
        raise DemoFailedError(f"no entries start the clock {name}")

    def write_for_stock_tools(self, out: Path) -> str:
        chosen = [row.id for row in reversed(records.listing(self.vault))]
        selection = Selection(
            records=tuple(chosen + attachments_of(self.vault, chosen)), with_attachments=True
        )
        x25519, post_quantum = X25519Identity.generate(), PostQuantumIdentity.generate()
        plain = Card(name="Partner with any age", x25519=x25519.recipient())
        modern = Card(
            name="Partner with age 1.3",
            x25519=X25519Identity.generate().recipient(),
            post_quantum=post_quantum.recipient(),
        )
        for stem, card, key in (
            ("partner", plain, x25519.secret_text()),
            ("partner-pq", modern, post_quantum.secret_text()),
        ):
            written = export_selected(self.vault, for_cards([card]), out, selection)
            written.files[0].rename(out / f"{stem}.age")
            recipient = card.post_quantum or card.x25519
            text = f"# public key: {recipient}\n{key}\n"
            (out / f"{stem}.key").write_text(text, encoding="ascii")
        signing = identity.current(self.vault).signing_key
        line = sshsig.allowed_signers_line(_PRINCIPAL, signing, [bag.NAMESPACE])
        (out / "allowed_signers").write_text(line.rstrip("\n") + "\n", encoding="ascii")
        readme = resource("examples", "stock-tools.txt").read_text(encoding="utf-8")
        (out / "README.txt").write_text(readme, encoding="utf-8")
        return _proof(N_("{files} in {folder}"), files=", ".join(_OUT_FILES), folder=str(out))

    def wipe(self) -> str:
        """Wipe the vault, and try the passphrase on a copy of its files with the key as it is then.

        The folder being gone would prove less: files can be brought back.
        """
        self.partner.lock()
        self.vault.lock()
        copy = self.folder.with_name("brought back")
        _copy(self.folder, copy)
        _expect(_opening(copy, _SENDER) == "opened", "the copy does not open before the wipe")
        armed = ArmedWipe(self.folder)
        try:
            killed = armed.kill_key()
            (copy / KEY_FILE).write_bytes((self.folder / KEY_FILE).read_bytes())
            armed.remove_rest()
        finally:
            armed.close()
        _expect(not self.folder.exists(), "files are left")
        _expect(_opening(self.folder, _SENDER) == "vault.not-found", "the vault opened after it")
        _expect(_opening(copy, _SENDER) == "vault.wiped", "the passphrase opened its files")
        return _proof(
            N_("key dead after {ms} ms; no passphrase opens it"), ms=f"{1000 * killed.seconds:.1f}"
        )


def _copy(folder: Path, target: Path) -> None:
    """Copy a vault; by hand, for `shutil` lets the system send files, as if to a network."""
    for path in [folder, *sorted(folder.rglob("*"))]:
        there = target / path.relative_to(folder)
        if path.is_dir():
            there.mkdir()
        else:
            there.write_bytes(path.read_bytes())


def _generated_photo() -> bytes:
    """Return a small PNG (RFC 2083) of a gradient, so that no photo of anybody is shipped."""
    width, height = 320, 200
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in (x * 255 // width, y, 128))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
