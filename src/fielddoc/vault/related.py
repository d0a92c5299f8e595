"""What a record is linked with, in both directions, and adding such a link."""

from dataclasses import dataclass

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import LINKS, record_type
from fielddoc.domain.relations import Link, links_of
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import InputRefusedError, RecordNotFoundError
from fielddoc.i18n import N_
from fielddoc.vault import merged, records, titles
from fielddoc.vault.journal import ActionKind, acting
from fielddoc.vault.vault import Vault

ROLES = "link-roles"


@dataclass(frozen=True, slots=True)
class Related:
    """A record at the other end of a link."""

    record: str
    type: str
    """Empty if the record is not in this vault."""
    title: str
    reading: str
    """How it stands to the record that was asked about: "is represented by"."""
    path: str
    item: str
    is_stated_there: bool
    """Whether the other record states the link."""
    in_trash: bool


def related(vault: Vault, record: str, language: str) -> list[Related]:
    """Return what a record is linked with: what it states first, then what others state of it.

    What is stated of a person who was merged into this one is stated of this one.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    found: list[Related] = []
    own = _links(vault, record)
    if own is None:
        raise RecordNotFoundError(name=record)
    found += [_related(vault, link.target, link, language, is_stated_there=False) for link in own]
    for one in _standing_behind(vault, record):
        for other in records.linking_to(vault, one):
            if other == record:
                continue
            found += [
                _related(vault, other, link, language, is_stated_there=True)
                for link in _links(vault, other) or []
                if link.target == one and link.path != merged.FIELD
            ]
    return found


def add_link(vault: Vault, record: str, role: str, other: str, *, note: str = "") -> None:
    """Link a record to any other one in a role of the vocabulary `link-roles`.

    Raises:
        RecordNotFoundError: one of them is not here.
        InputRefusedError: the role is not known, or both are the same record.
    """
    for each in (record, other):
        if records.type_of(vault, each) is None:
            raise RecordNotFoundError(name=each)
    code = vocabulary(ROLES).code_of(role)
    if code is None:
        known = ", ".join(term.code for term in vocabulary(ROLES).terms)
        raise InputRefusedError(
            reason=N_("there is no role '{name}'; there are {known}"), name=role, known=known
        )
    if record == other:
        raise InputRefusedError(reason=N_("both ids are of the same record"))
    present = records.state_of(vault, record).values.get(LINKS.name)
    item: dict[str, Json] = {"role": code, "record": other}
    if note:
        item["note"] = note
    with acting(vault, ActionKind.LINK):
        records.revise(
            vault, record, {LINKS.name: [*(present if isinstance(present, list) else []), item]}
        )
    vault.written()


def _standing_behind(vault: Vault, record: str) -> list[str]:
    """Return a record and, if it stands for merged people, theirs."""
    if records.type_of(vault, record) != "person":
        return [record]
    group = merged.group_of(vault.database, record)
    behind = [r for r in group if merged.standing_for(vault.database, r) == record]
    return [record, *sorted(set(behind) - {record})]


def _links(vault: Vault, record: str) -> list[Link] | None:
    found = records.projected(vault, record)
    declared = record_type(found[0]) if found else None
    if found is None:
        return None
    return list(links_of(declared, found[1])) if declared else []


def _related(
    vault: Vault, other: str, link: Link, language: str, *, is_stated_there: bool
) -> Related:
    type_name = records.type_of(vault, other)
    return Related(
        record=other,
        type=type_name or "",
        title=titles.title_if_here(vault, other, language),
        reading=link.reverse_reading(language) if is_stated_there else link.reading(language),
        path=link.path,
        item=link.item,
        is_stated_there=is_stated_there,
        in_trash=type_name is not None and records.is_in_trash(vault, other),
    )
