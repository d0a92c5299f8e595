"""What an export would write and what an import would bring, without doing either."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fielddoc.bundle.consents import refused_in_links_of_bundle
from fielddoc.bundle.derive import Aliases
from fielddoc.bundle.export import (
    Audience,
    Selection,
    chosen_states,
    consent_refusals,
    contents_of,
    derived_of,
    goes_to_others,
    held_back,
    leaks_in,
    not_asked,
    not_sought,
)
from fielddoc.bundle.receive import Report, verify_bundle
from fielddoc.domain.merge import merge
from fielddoc.domain.revision import Revision
from fielddoc.domain.titles import title_of
from fielddoc.vault import attachments, compartment_passphrase, records, titles
from fielddoc.vault.purge import is_purged
from fielddoc.vault.turns import Turn, directly, for_each
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPreview:
    """What would leave, and what speaks against it."""

    records: int
    attachments: int
    attachment_bytes: int
    refusals: tuple[str, ...]
    """Titles of people who said no to being acted for or shared with partners."""
    leaks: tuple[str, ...]
    """Words that were to stay and stand in what would leave."""
    not_asked: tuple[str, ...] = ()
    """Titles of people of whom it is not known that they agree to be shared with partners."""
    linked_refusals: tuple[str, ...] = ()
    """Titles of people who said no and do not leave themselves, but are linked from what leaves."""
    held_back: int = 0
    """Entries and attachments that stay, because they are marked secret."""
    not_sought: tuple[str, ...] = ()
    """Recorded words that are to stay and are too short to be sought."""
    goes_to_others: bool = False
    """Whether the whole vault would go to somebody else; nothing is asked or kept back then."""
    are_sources_closed: bool = False
    """Whether the identities of sources could not be looked at, so that none of them is sought."""


def preview_export(
    vault: Vault, audience: Audience, selection: Selection, *, language: str, turn: Turn = directly
) -> ExportPreview:
    """Return what `export_selected` would write; nothing is written and no alias is kept.

    Raises:
        NothingToExportError, RecordNotFoundError.
    """
    states = chosen_states(vault, selection, turn=turn)
    aliases = Aliases(vault, audience.key, one_off=True)
    derived = derived_of(vault, states, aliases, selection, turn=turn)
    found = leaks_in(vault, states, derived, selection, turn=turn)
    contents = turn(lambda: contents_of(vault, states))
    refused = for_each(
        turn, consent_refusals(states), lambda record: titles.title(vault, record, language)
    )
    return ExportPreview(
        records=len(states),
        attachments=len(contents),
        attachment_bytes=sum(content.size_bytes for content in contents),
        refusals=tuple(refused),
        leaks=tuple(sorted(found)),
        not_asked=tuple(
            for_each(turn, not_asked(states), lambda record: titles.title(vault, record, language))
        ),
        linked_refusals=tuple(
            for_each(
                turn,
                refused_in_links_of_bundle(vault, states, selection, turn=turn),
                lambda record: titles.title(vault, record, language),
            )
        ),
        not_sought=tuple(sorted(not_sought(vault, states, selection, turn=turn))),
        held_back=held_back(vault, selection, turn=turn),
        are_sources_closed=turn(lambda: not compartment_passphrase.state_of(vault).is_open),
    )


def complete_size(vault: Vault, audiences: Sequence[Audience]) -> ExportPreview:
    """Return how much a complete bundle would hold, and whether somebody else would get it."""
    contents = attachments.contents(vault)
    counted = vault.database.value("SELECT count(DISTINCT record) FROM revision")
    return ExportPreview(
        records=counted if isinstance(counted, int) else 0,
        attachments=len(contents),
        attachment_bytes=sum(content.size_bytes for content in contents),
        refusals=(),
        leaks=(),
        goes_to_others=any(goes_to_others(vault, audience) for audience in audiences),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingRecord:
    """A record that an import would bring or change."""

    title: str
    type: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """A verified bundle, and what it would change here."""

    report: Report
    coming: tuple[ComingRecord, ...]
    known: int
    """Records of which nothing is new."""
    purged: int
    """Records that were purged here and will not come back."""


def preview_import(
    vault: Vault,
    path: Path,
    *,
    language: str,
    passphrase: str | None = None,
    progress: Callable[[int, int], None],
    turn: Turn = directly,
) -> ImportPreview:
    """Verify a bundle to its last byte and return what importing it would do; writes nothing.

    Raises:
        BundleError: see `fielddoc.bundle.reading.read_bundle`.
    """
    seen = _Seen()
    report = verify_bundle(
        vault, path, passphrase=passphrase, progress=progress, turn=turn, revisions=seen.take
    )
    grouped = seen.by_record()
    found = for_each(turn, grouped.items(), lambda item: _judged(vault, item[0], item[1], language))
    return ImportPreview(
        report=report,
        coming=tuple(one for one in found if isinstance(one, ComingRecord)),
        known=sum(one is _KNOWN for one in found),
        purged=sum(one is _PURGED for one in found),
    )


_KNOWN, _PURGED = "known", "purged"


def _judged(
    vault: Vault, record: str, revisions: list[Revision], language: str
) -> ComingRecord | str:
    if is_purged(vault.database, record):
        return _PURGED
    fresh = [r for r in revisions if not records.has_revision(vault, r.id)]
    if not fresh:
        return _KNOWN
    is_new = records.type_of(vault, record) is None
    state = merge(revisions)
    title = title_of(state.type, state.values, language)
    if not title and not is_new:
        title = titles.title(vault, record, language)
    return ComingRecord(title=title, type=state.type, is_new=is_new)


@dataclass(slots=True)
class _Seen:
    revisions: list[Revision] = field(default_factory=list)

    def take(self, revisions: list[Revision]) -> None:
        self.revisions = revisions

    def by_record(self) -> dict[str, list[Revision]]:
        grouped: dict[str, list[Revision]] = {}
        for revision in self.revisions:
            grouped.setdefault(revision.record, []).append(revision)
        return grouped
