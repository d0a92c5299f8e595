"""What must be seen of a person before anything else: consent, and whether they were merged."""

from collections.abc import Mapping
from dataclasses import dataclass

from fielddoc.domain.canonical import Json
from fielddoc.domain.consent import consent_line
from fielddoc.domain.visible import visible
from fielddoc.i18n import t_
from fielddoc.vault import merged, merging, records, titles
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class PersonNotes:
    """What the vault's thread brings about a person."""

    consent: str
    """One line of what holds for each purpose."""
    stands_for: tuple[tuple[str, str, bool], ...]
    """Merged records: id, their own names, and whether they have something that is not here."""
    stands_behind: tuple[str, str] | None
    """Id and title of the person that this one was merged into."""


def person_notes(vault: Vault, record: str, language: str) -> PersonNotes | None:
    """Return what is to be shown above a person's form; None for records of other types."""
    found = records.projected(vault, record)
    if found is None or found[0] != "person":
        return None
    standing = merged.standing_for(vault.database, record)
    behind = []
    for other in merged.merged_into(vault.database, record):
        values = records.projected(vault, other)
        if standing == record and values is not None:
            names = titles.own_title(values[0], values[1], language)
            behind.append((other, names, merging.missing_from(vault, record, other)))
    return PersonNotes(
        consent=_consent_line(found[1], language),
        stands_for=tuple(behind),
        stands_behind=None
        if standing == record
        else (standing, titles.title(vault, standing, language)),
    )


def _consent_line(values: Mapping[str, Json], language: str) -> str:
    words = t_("{name}: {value}")
    return words.format(name=t_("Consent"), value=visible(consent_line(values, language)))
