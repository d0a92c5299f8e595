"""Who in what would leave has not agreed, and who is linked from it and said no.

Neither stops an export; what does is in `fielddoc.bundle.export.consent_refusals`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from fielddoc.bundle.coarser import coarser
from fielddoc.bundle.export import Selection
from fielddoc.domain.canonical import Json
from fielddoc.domain.consent import Answer, answer_to
from fielddoc.domain.merge import State
from fielddoc.domain.record_types import record_type
from fielddoc.domain.relations import links_of
from fielddoc.vault import merged, records
from fielddoc.vault.turns import Turn, directly, for_each
from fielddoc.vault.vault import Vault

IN_PUBLIC = ("public-report", "media", "government")
"""Purposes that files without protection may come to serve, whoever they were written for."""
WITH_PARTNERS = ("act", "partners")
"""Purposes that a bundle serves."""


@dataclass(frozen=True, slots=True)
class NotAgreed:
    """Who has not agreed to one purpose; nobody is in two of the lists."""

    purpose: str
    refused: tuple[str, ...]
    unclear: tuple[str, ...]
    not_asked: tuple[str, ...]


def not_agreed(
    people: Collection[tuple[str, Mapping[str, Json]]], purposes: Iterable[str]
) -> tuple[NotAgreed, ...]:
    """Return who has not agreed, for each purpose to which somebody has not.

    Args:
        people: the title and the values of each.
        purposes: codes of the list of purposes.
    """
    found: list[NotAgreed] = []
    for purpose in purposes:
        titles: dict[Answer, list[str]] = {answer: [] for answer in Answer}
        for title, values in people:
            titles[answer_to(values, purpose)].append(title)
        if len(titles[Answer.YES]) < len(people):
            found.append(
                NotAgreed(
                    purpose,
                    refused=tuple(titles[Answer.NO]),
                    unclear=tuple(titles[Answer.UNKNOWN]),
                    not_asked=tuple(titles[Answer.NOT_ASKED]),
                )
            )
    return tuple(found)


def refused_in_links(
    vault: Vault,
    leaving: Iterable[tuple[str, Mapping[str, Json]]],
    chosen: Collection[str],
    *,
    purposes: Collection[str],
    turn: Turn = directly,
) -> list[str]:
    """Return ids of people who said no and are linked from what leaves, but do not leave.

    Args:
        vault: the vault.
        leaving: type and values of each record, as they leave.
        chosen: ids of the records that leave.
        purposes: to one of which they said no.
        turn: what runs each step.
    """
    linked: dict[str, None] = {}
    for type_name, values in leaving:
        declared = record_type(type_name)
        if declared is not None:
            linked |= dict.fromkeys(link.target for link in links_of(declared, values))
    others = [one for one in linked if one not in chosen]
    found = for_each(turn, others, partial(_refusing, vault, purposes))
    # Of people who were merged, the record that stands for them is known by its title.
    return [one for one in dict.fromkeys(found) if one is not None and one not in chosen]


def refused_in_links_of_bundle(
    vault: Vault, states: Iterable[State], selection: Selection, *, turn: Turn = directly
) -> list[str]:
    """Return ids of people as `refused_in_links` does, for the states that a bundle takes."""
    going = [
        coarser(state, dates=selection.dates, pseudonyms=selection.pseudonyms) for state in states
    ]
    return refused_in_links(
        vault,
        [(state.type, _without(state, selection.left_out)) for state in going],
        {state.record for state in going},
        purposes=WITH_PARTNERS,
        turn=turn,
    )


def _refusing(vault: Vault, purposes: Collection[str], record: str) -> str | None:
    """Return who stands for a linked person, if that person said no; None for all else."""
    if records.type_of(vault, record) != "person":
        return None
    standing = merged.standing_for(vault.database, record)
    found = records.projected(vault, standing)
    if found is None:
        return None
    is_no = any(answer_to(found[1], purpose) is Answer.NO for purpose in purposes)
    return standing if is_no else None


def _without(state: State, left_out: Collection[str]) -> dict[str, Json]:
    """Return values without the fields, and the parts of items, that stay."""
    kept: dict[str, Json] = {}
    for name, value in state.values.items():
        dotted = f"{state.type}.{name}"
        if dotted in left_out:
            continue
        kept[name] = (
            [_part(item, dotted, left_out) for item in value] if isinstance(value, list) else value
        )
    return kept


def _part(item: Json, dotted: str, left_out: Collection[str]) -> Json:
    if not isinstance(item, dict):
        return item
    return {name: value for name, value in item.items() if f"{dotted}.{name}" not in left_out}
