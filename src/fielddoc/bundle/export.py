"""Writing a bundle: plan, write, read back, and only then remember that it went out."""

import datetime
import hashlib
import secrets
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from fielddoc.bundle import bag, leaks, tar
from fielddoc.bundle.bag import BagInfo, BundleKind, PayloadFile
from fielddoc.bundle.card import Card, own_card
from fielddoc.bundle.coarser import DatePrecision, coarser
from fielddoc.bundle.derive import Aliases, Derived, derive
from fielddoc.bundle.medium import MediumWriter, Progress
from fielddoc.bundle.payload import PayloadSource, complete_payload, selected_payload
from fielddoc.crypto import sshsig
from fielddoc.crypto.age import AgeWriter, PassphraseRecipient, Recipient
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.crypto.stream import sealed_size
from fielddoc.domain.canonical import Json
from fielddoc.domain.confidentiality import is_secret, secret_items, without_secret_items
from fielddoc.domain.consent import Answer, answer_to
from fielddoc.domain.merge import State
from fielddoc.domain.padme import padme
from fielddoc.domain.record_types import OWN_FIELD, OWN_FIELDS, record_type
from fielddoc.domain.schema import Kind, walk
from fielddoc.errors import (
    ConsentRefusedError,
    LeakFoundError,
    NothingToExportError,
    VaultChangedMeanwhileError,
)
from fielddoc.vault import attachments, identity, merged, records, transfers
from fielddoc.vault.attachments import Content
from fielddoc.vault.standing import MERGED
from fielddoc.vault.turns import Turn, directly, for_each
from fielddoc.vault.vault import Vault

_A_DAY_MS = 24 * 60 * 60 * 1000
_CONSENT_TO_ACT = "act"
_CONSENT_TO_SHARE = "partners"
_HEADER_ROOM_BYTES = 4096


def ignore_progress(_what: str, _done: int, _total: int) -> None:
    """Take progress and do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who can open a bundle: cards, or whoever knows a passphrase."""

    recipients: tuple[Recipient, ...]
    codes: tuple[str, ...]
    """Sorted codes of the cards, or the one word `passphrase`."""
    is_post_quantum: bool

    @property
    def key(self) -> bytes:
        """What stands for this set of recipients in the vault's bookkeeping."""
        return hashlib.sha256("\n".join(self.codes).encode("ascii")).digest()


def for_cards(cards: Sequence[Card]) -> Audience:
    """Return the audience of these cards.

    Post-quantum keys are used when every card has one, else X25519 keys; never both kinds in one
    file, which would be as weak as the weaker one.
    """
    codes = tuple(sorted({card.code for card in cards}))
    post_quantum = [card.post_quantum for card in cards if card.post_quantum is not None]
    if len(post_quantum) == len(cards):
        return Audience(recipients=tuple(post_quantum), codes=codes, is_post_quantum=True)
    x25519 = tuple(card.x25519 for card in cards)
    return Audience(recipients=x25519, codes=codes, is_post_quantum=False)


def for_passphrase(passphrase: str) -> Audience:
    """Return the audience of whoever knows a passphrase; it stands alone in its file.

    Raises:
        PassphraseRefusedError.
    """
    recipient = PassphraseRecipient(passphrase_bytes(passphrase))
    return Audience(recipients=(recipient,), codes=(bag.PASSPHRASE,), is_post_quantum=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of the vault goes into a selected bundle."""

    records: tuple[str, ...]
    left_out: frozenset[str] = frozenset()
    """Dotted names of fields that stay: `person.address`."""
    dates: DatePrecision = DatePrecision.DAY
    """How exact dates may leave."""
    pseudonyms: bool = False
    """Whether people go under their pseudonyms, and without anything else that points at them."""
    with_attachments: bool = False
    """Whether files that belong to the chosen records go too."""
    one_off: bool = False
    """Whether ids are used that this partner never sees again."""
    despite_consent: bool = False
    allow_leaks: bool = False
    with_secret: bool = False
    """Whether entries and other items that are marked secret go with their record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A bundle that was written and read back."""

    files: tuple[Path, ...]
    size_bytes: int
    records: int
    attachments: int
    sequence: int
    kind: BundleKind
    is_post_quantum: bool
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    kind: BundleKind
    payload: list[PayloadSource]
    record_count: int
    keep: Callable[[], None]


def export_complete(
    vault: Vault,
    audience: Audience,
    folder: Path,
    *,
    language: str = "en",
    progress: Progress = ignore_progress,
    volume_bytes: int | None = None,
    turn: Turn = directly,
) -> Written:
    """Write the whole vault as a bundle, for one's own other machine or as a backup.

    Raises:
        NothingToExportError, SpaceShortError, ReadBackDiffersError, DiskFullError,
        NoPermissionError, VaultDamagedError, VaultChangedMeanwhileError: no bundle is left behind.
    """
    count = turn(lambda: vault.database.value("SELECT count(DISTINCT record) FROM revision"))
    if not isinstance(count, int) or count == 0:
        raise NothingToExportError
    payload = complete_payload(vault, language, turn=turn)
    plan = _Plan(BundleKind.COMPLETE, payload, count, lambda: None)
    return _write(
        vault, plan, audience, folder, progress=progress, volume_bytes=volume_bytes, turn=turn
    )


def export_selected(
    vault: Vault,
    audience: Audience,
    folder: Path,
    selection: Selection,
    *,
    language: str = "en",
    progress: Progress = ignore_progress,
    volume_bytes: int | None = None,
    turn: Turn = directly,
) -> Written:
    """Write chosen records as a bundle for a partner.

    Raises:
        RecordNotFoundError: an id names nothing.
        NothingToExportError, ConsentRefusedError, LeakFoundError, SpaceShortError,
        ReadBackDiffersError, DiskFullError, NoPermissionError, VaultDamagedError,
        VaultChangedMeanwhileError: no bundle is left behind.
    """
    states = chosen_states(vault, selection, turn=turn)
    if not selection.despite_consent:
        refused = len(consent_refusals(states))
        if refused:
            raise ConsentRefusedError(count=refused)
    aliases = Aliases(vault, audience.key, selection.one_off)
    derived = derived_of(vault, states, aliases, selection, turn=turn)
    if not selection.allow_leaks:
        found = leaks_in(vault, states, derived, selection, turn=turn)
        if found:
            raise LeakFoundError(count=len(found), words=", ".join(sorted(found)))
    contents = turn(lambda: contents_of(vault, states))
    payload = selected_payload(vault, derived, contents, language, turn=turn)

    def keep() -> None:
        aliases.keep()
        if not selection.one_off:
            for part in derived:
                part.keep(vault, audience.key)

    plan = _Plan(BundleKind.SELECTED, payload, len(derived), keep)
    return _write(
        vault, plan, audience, folder, progress=progress, volume_bytes=volume_bytes, turn=turn
    )


def chosen_states(vault: Vault, selection: Selection, *, turn: Turn = directly) -> list[State]:
    """Return the records that a selection takes, with their attachments if it wants them.

    An attachment that is marked secret comes along with nothing: it must be named itself.

    Raises:
        NothingToExportError, RecordNotFoundError.
    """
    wanted = list(dict.fromkeys(selection.records))
    if not wanted:
        raise NothingToExportError
    states = for_each(turn, wanted, lambda record: records.state_of(vault, record))
    added = [s for s in _coming_along(vault, selection, turn) if not is_secret(s.values)]
    chosen = states + added
    if not selection.with_secret:
        chosen = [without_secret_items(state) for state in chosen]
    declarations = turn(lambda: _declarations_for(vault, chosen, selection.left_out))
    return chosen + [state for state in declarations if state.record not in set(wanted)]


def _coming_along(vault: Vault, selection: Selection, turn: Turn) -> list[State]:
    """Return the attachments that belong to chosen records and were not chosen themselves."""
    if not selection.with_attachments:
        return []
    wanted = dict.fromkeys(selection.records)
    more = for_each(turn, wanted, lambda record: attachments_of(vault, [record]))
    extra = sorted({one for some in more for one in some} - set(wanted))
    states = for_each(turn, extra, lambda record: records.state_of(vault, record))
    return [state for state in states if not state.deleted]


def held_back(vault: Vault, selection: Selection, *, turn: Turn = directly) -> int:
    """Return how many entries and attachments stay because they are marked secret."""
    wanted = dict.fromkeys(selection.records)
    states = for_each(turn, wanted, lambda record: records.state_of(vault, record))
    added = _coming_along(vault, selection, turn)
    secret = [state for state in added if is_secret(state.values)]
    if selection.with_secret:
        return len(secret)
    going = states + [state for state in added if state not in secret]
    return len(secret) + sum(map(secret_items, going))


def all_but_secret(
    vault: Vault, *, with_attachments: bool, turn: Turn = directly
) -> tuple[str, ...]:
    """Return ids of all records that go where none is named: no sources, and nothing secret."""
    return tuple(
        record
        for record, is_hidden in _where_none_is_named(vault, turn, with_attachments).items()
        if not is_hidden
    )


def held_back_of_all(vault: Vault, selection: Selection, *, turn: Turn = directly) -> int:
    """Return how much is secret and stays where no record was named; see `all_but_secret`."""
    staying = sum(_where_none_is_named(vault, turn, selection.with_attachments).values())
    return staying + held_back(vault, replace(selection, with_attachments=False), turn=turn)


def _where_none_is_named(
    vault: Vault,
    turn: Turn,
    with_attachments: bool,  # noqa: FBT001 - as the selection says
) -> dict[str, bool]:
    """Return what would go where no record is named, and of each whether it is secret and stays."""
    hidden = ("source",) if with_attachments else ("source", "attachment")
    rows = turn(lambda: records.listing(vault))
    wanted = [row.id for row in reversed(rows) if row.type not in hidden]
    secret = for_each(turn, wanted, lambda record: is_secret_record(vault, record))
    return dict(zip(wanted, secret, strict=True))


def is_secret_record(vault: Vault, record: str) -> bool:
    """Tell whether a record as a whole is marked secret."""
    found = records.projected(vault, record)
    return found is not None and is_secret(found[1])


def goes_to_others(vault: Vault, audience: Audience) -> bool:
    """Tell whether anybody but oneself and whoever knows a passphrase can open the bundle.

    A complete bundle asks nobody's consent and leaves nothing out, so before it goes to somebody
    else the person must say that this is meant.
    """
    own = own_card(identity.current(vault)).code
    return any(code not in (own, bag.PASSPHRASE) for code in audience.codes)


def _declarations_for(
    vault: Vault, chosen: Sequence[State], left_out: Collection[str]
) -> list[State]:
    """Return the declarations of the fields of one's own that chosen records have filled in."""
    used: dict[str, None] = {}
    for state in chosen:
        items = state.values.get(OWN_FIELDS.name)
        if f"{state.type}.{OWN_FIELDS.name}" in left_out or not isinstance(items, list):
            continue
        used.update(dict.fromkeys(str(item["id"]) for item in items if isinstance(item, dict)))
    known = [one for one in used if records.type_of(vault, one) == OWN_FIELD.name]
    states = [records.state_of(vault, record) for record in known]
    return [state for state in states if not state.deleted]


def derived_of(
    vault: Vault,
    states: Sequence[State],
    aliases: Aliases,
    selection: Selection,
    *,
    turn: Turn = directly,
) -> list[Derived]:
    """Return what the recipients will get of these records."""
    chosen = {state.record for state in states}
    hidden = set(turn(lambda: _all_of(vault, "source"))) - chosen
    aliases.stands_for = turn(lambda: _standing(vault, chosen))
    day_ms = records.now_ms() // _A_DAY_MS * _A_DAY_MS
    return for_each(
        turn,
        states,
        lambda state: derive(
            _leaving(state, selection),
            aliases,
            day_ms=day_ms,
            left_out=selection.left_out,
            hidden=hidden,
        ),
    )


def _leaving(state: State, selection: Selection) -> State:
    return coarser(state, dates=selection.dates, pseudonyms=selection.pseudonyms)


def attachments_of(vault: Vault, chosen: Iterable[str]) -> list[str]:
    """Return ids of attachment records that belong to the chosen records."""
    linked = {other for record in chosen for other in records.linking_to(vault, record)}
    return sorted(i for i in linked if records.type_of(vault, i) == "attachment")


def contents_of(vault: Vault, states: Iterable[State]) -> list[Content]:
    """Return the contents that the chosen attachment records describe."""
    values = [state.values.get("sha256") for state in states if state.type == "attachment"]
    hashes = {text for text in values if isinstance(text, str) and bag.is_sha256(text)}
    found = (attachments.find(vault, text) for text in hashes)
    return [content for content in found if content is not None]


def _all_of(vault: Vault, type_name: str) -> list[str]:
    """Return the ids of all records of a type, those in the trash and merged people too."""
    rows = vault.database.query(
        "SELECT id FROM record WHERE type = ? ORDER BY number", (type_name,)
    )
    return [str(uuid.UUID(bytes=row[0])) for row in rows if isinstance(row[0], bytes)]


def _standing(vault: Vault, chosen: Collection[str]) -> dict[str, str]:
    """Return for each merged person that is not chosen the one whose record stands for it."""
    rows = vault.database.query("SELECT id FROM record WHERE deleted = ?", (MERGED,))
    ids = [str(uuid.UUID(bytes=row[0])) for row in rows if isinstance(row[0], bytes)]
    return {one: merged.standing_for(vault.database, one) for one in ids if one not in chosen}


def consent_refusals(states: Iterable[State]) -> list[str]:
    """Return ids of chosen people who said no to being acted for or shared with partners."""
    return [state.record for state in states if Answer.NO in _answers(state)]


def not_asked(states: Iterable[State]) -> list[str]:
    """Return ids of chosen people of whom it is not known that they agree to be shared."""
    return [
        state.record
        for state in states
        if state.type == "person"
        and Answer.NO not in _answers(state)
        and answer_to(state.values, _CONSENT_TO_SHARE) is not Answer.YES
    ]


def _answers(state: State) -> tuple[Answer, ...]:
    """Return what holds for being acted for and for being shared; nothing for other records."""
    if state.type != "person":
        return ()
    return tuple(
        answer_to(state.values, purpose) for purpose in (_CONSENT_TO_ACT, _CONSENT_TO_SHARE)
    )


class Leaving(Protocol):
    """What is to leave of a record."""

    @property
    def values(self) -> Mapping[str, Json]:
        """Field name to what whoever gets it will see."""
        ...


def leaks_in(
    vault: Vault,
    states: Sequence[State],
    derived: Sequence[Leaving],
    selection: Selection,
    *,
    turn: Turn = directly,
) -> set[str]:
    """Return words that were to stay and stand in what is to leave."""
    leaving = {text for part in derived for text in leaks.texts(dict(part.values))}
    index = leaks.words_to_keep(_staying_words(vault, states, selection, turn))
    return {word for text in leaving for word in leaks.found_in(text, index)}


def not_sought(
    vault: Vault, states: Sequence[State], selection: Selection, *, turn: Turn = directly
) -> set[str]:
    """Return recorded words that are to stay and are too short for `leaks_in` to seek."""
    return leaks.too_short(_staying_words(vault, states, selection, turn))


def _staying_words(
    vault: Vault, states: Sequence[State], selection: Selection, turn: Turn
) -> set[str]:
    """Return what points at a person or is sealed, and does not itself leave with a record."""
    chosen = {state.record for state in states}
    people = [one for one in turn(lambda: _all_of(vault, "person")) if one not in chosen]
    sources = turn(lambda: _all_of(vault, "source"))
    staying: list[str] = []
    for texts in for_each(
        turn, people, lambda record: _identifying(records.state_of(vault, record), None)
    ):
        staying += texts
    for texts in for_each(turn, sources, lambda record: _sealed_texts(vault, record)):
        staying += texts
    leaving_of_their_own: set[str] = set()
    for state in states:
        every = set(_identifying(state, None))
        stays = set(_identifying(state, selection.left_out))
        goes = set(_identifying(_leaving(state, selection), None)) - stays
        staying += every - goes
        leaving_of_their_own |= goes
    return set(staying) - leaving_of_their_own


def _sealed_texts(vault: Vault, record: str) -> list[str]:
    """Return what is sealed in a record; it leaves with no selected bundle, chosen or not."""
    found = records.get(vault, record)
    declared = record_type(found.type)
    sealed = [part for part in (declared.fields if declared else ()) if part.kind is Kind.SEALED]
    return [text for part in sealed for text in leaks.texts(found.values.get(part.name))]


def _identifying(state: State, left_out: Collection[str] | None) -> list[str]:
    """Return texts that point at a person: all of them, or those of fields that are left out."""
    declared = record_type(state.type)
    found: list[str] = []
    for dotted, part in walk(declared.fields if declared else ()):
        full = f"{state.type}.{dotted}"
        stays = left_out is None or full in left_out or full.rpartition(".")[0] in left_out
        if not (part.identifies and stays):
            continue
        first, _, inner = dotted.partition(".")
        value = state.values.get(first)
        if inner:
            items = value if isinstance(value, list) else []
            parts: list[Json] = [i.get(inner) for i in items if isinstance(i, dict)]
            found += [text for part_value in parts for text in leaks.texts(part_value)]
        else:
            found += leaks.texts(value)
    return found


def _write(
    vault: Vault,
    plan: _Plan,
    audience: Audience,
    folder: Path,
    *,
    progress: Progress,
    volume_bytes: int | None,
    turn: Turn,
) -> Written:
    bundle = secrets.token_bytes(16)
    last = turn(lambda: transfers.last_sent(vault, audience.key))
    own = turn(lambda: identity.current(vault))
    info = BagInfo(
        bundle=bundle.hex(),
        kind=plan.kind,
        sender=own_card(own).code,
        recipients=audience.codes,
        sequence=last.sequence + 1 if last else 1,
        previous=last.manifest.hex() if last else bag.NO_PREVIOUS,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        payload_bytes=sum(source.size for source in plan.payload),
        payload_files=len(plan.payload),
    )
    files = [PayloadFile(source.name, source.sha256) for source in plan.payload]
    tags = {
        bag.BAGIT: bag.BAGIT_BYTES,
        bag.BAG_INFO: bag.write_info(info),
        bag.MANIFEST: bag.write_manifest(files),
    }
    tags[bag.TAG_MANIFEST] = bag.write_tag_manifest(tags)
    manifest = hashlib.sha256(tags[bag.TAG_MANIFEST]).digest()
    tags[bag.SIGNATURE] = sshsig.sign(own.signing_seed, tags[bag.TAG_MANIFEST], bag.NAMESPACE)
    base = bundle.hex()[:8]
    sizes = [len(data) for data in tags.values()] + [source.size for source in plan.payload]
    used = sum(tar.BLOCK_BYTES + size + tar.padding(size) for size in sizes) + len(tar.END)
    total = sealed_size(padme(used)) + _HEADER_ROOM_BYTES * len(audience.recipients)
    # The file's name is no part of the id, so that a name seen on a stick cannot be matched with
    # an id seen in a vault.
    name = f"{secrets.token_hex(4)}.age"
    with MediumWriter(folder, name, total, progress, volume_bytes) as medium:
        age = AgeWriter(audience.recipients, medium.write)
        for tag_name, data in tags.items():
            age.write(tar.header(f"{base}/{tag_name}", len(data)) + data + _zeros(len(data)))
        for source in plan.payload:
            _write_source(age, base, source)
        _write_end(age, used)
        age.finish()
        written = medium.finish()
    transfer = transfers.Transfer(
        bundle=bundle, kind=plan.kind.value, sequence=info.sequence, manifest=manifest
    )

    def note() -> None:
        with vault.database.transaction():
            plan.keep()
            transfers.note_sent(vault, audience.key, transfer)
        vault.written()

    turn(note)
    return Written(
        files=written,
        size_bytes=sum(path.stat().st_size for path in written),
        records=plan.record_count,
        attachments=sum(s.name.startswith(bag.ATTACHMENT_FOLDER) for s in plan.payload),
        sequence=info.sequence,
        kind=plan.kind,
        is_post_quantum=audience.is_post_quantum,
        codes=audience.codes,
    )


def _zeros(size: int) -> bytes:
    return bytes(tar.padding(size))


def _write_source(age: AgeWriter, base: str, source: PayloadSource) -> None:
    """Write one payload file, hashed again as it streams; a difference ends the export."""
    age.write(tar.header(f"{base}/{source.name}", source.size))
    digest = hashlib.sha256()
    size = 0
    for block in source.blocks():
        if not source.is_checked:
            digest.update(block)
        size += len(block)
        age.write(block)
    if size != source.size or not (source.is_checked or digest.hexdigest() == source.sha256):
        raise VaultChangedMeanwhileError
    age.write(_zeros(size))


def _write_end(age: AgeWriter, used: int) -> None:
    """Write tar's end mark and zeros up to the Padmé size, which any tar passes over."""
    left = padme(used) - used + len(tar.END)
    block = bytes(min(left, 64 * 1024))
    while left:
        age.write(block[:left])
        left -= min(left, len(block))
