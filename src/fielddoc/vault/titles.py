"""Titles of records in the vault, as lists and links show them."""

from collections.abc import Iterable
from dataclasses import replace

from fielddoc.domain.canonical import Json
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.titles import NO_TITLE, people_of, title_of
from fielddoc.i18n import N_, listed, translate
from fielddoc.vault import merged, records
from fielddoc.vault.records import ListedRecord
from fielddoc.vault.vault import Vault

_MOST_NAMES = 3
"""People that a title names; an incident may have hundreds."""


def title(vault: Vault, record: str, language: str) -> str:
    """Return the words by which a person knows a record: its own, its people's, or its kind.

    The text is as it was typed; what shows it on one line passes it through `visible`.
    """
    found = records.projected(vault, record)
    if found is None:
        return translate(NO_TITLE, language)
    type_name, values = _standing_for(vault, record, found)
    names: list[str] = []
    if type_name != "person":
        for person in people_of(values):
            known = records.projected(vault, person) if is_record_id(person) else None
            if known is not None:
                names.append(title_of(*_standing_for(vault, person, known), language))
    if len(names) > _MOST_NAMES:
        more = translate(N_("{count} more"), language)
        names[_MOST_NAMES:] = [more.format(count=len(names) - _MOST_NAMES)]
    parts = [title_of(type_name, values, language), *names]
    return listed((part for part in parts if part), language) or translate(NO_TITLE, language)


def _standing_for(
    vault: Vault, record: str, found: tuple[str, dict[str, Json]]
) -> tuple[str, dict[str, Json]]:
    """Return type and values of the person that a merged one is known by, else what was found."""
    if found[1].get(merged.FIELD) is None:
        return found
    return records.projected(vault, merged.standing_for(vault.database, record)) or found


def own_title(type_name: str, values: dict[str, Json], language: str) -> str:
    """Return the words of a record's own, also of a person who was merged into another."""
    return title_of(type_name, values, language) or translate(NO_TITLE, language)


def title_if_here(vault: Vault, record: str, language: str) -> str:
    """Return the title of a record, or nothing if the id is none or the record is not here."""
    known = is_record_id(record) and records.type_of(vault, record) is not None
    return title(vault, record, language) if known else ""


def fill(vault: Vault, rows: Iterable[ListedRecord], language: str) -> list[ListedRecord]:
    """Return the rows with a title each, also those that have none of their own."""
    return [
        row if row.title.strip() else replace(row, title=title(vault, row.id, language))
        for row in rows
    ]
