"""Records as the legal clocks and the agenda look at them."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fielddoc.domain.agenda import Case
from fielddoc.domain.canonical import Json
from fielddoc.domain.chronology import Told, as_known_on
from fielddoc.domain.claims import date_of
from fielddoc.domain.partial_date import PartialDate
from fielddoc.domain.revision import is_record_id
from fielddoc.vault import records
from fielddoc.vault.vault import Vault

AGENDA_TYPES = ("detention", "action", "risk")


def source_dates(vault: Vault, values: Mapping[str, Json]) -> dict[str, PartialDate]:
    """Return the state of knowledge of every source that a detention or its entries name."""
    named = set(_links(values.get("sources")))
    for entry in entries_of(values):
        named |= set(_links(entry.get("sources")))
    found: dict[str, PartialDate] = {}
    for source in sorted(named):
        known = records.projected(vault, source) if is_record_id(source) else None
        date = date_of(known[1].get("as_of")) if known is not None else None
        if date is not None:
            found[source] = date
    return found


def entries_of(values: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return the entries of a chronology, without what is no entry."""
    entries = values.get("entries")
    return (
        [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )


def told_on(
    vault: Vault, values: Mapping[str, Json], day: datetime.date | None
) -> tuple[Told, Sequence[PartialDate]]:
    """Return the chronology of a detention as it could be told on a day, and its sources' dates.

    Args:
        vault: the vault.
        values: of the detention.
        day: the day, or None for everything that is known now.
    """
    entries, dates = entries_of(values), source_dates(vault, values)
    if day is None:
        numbers = tuple(range(len(entries)))
        whole = Told(entries=tuple(entries), numbers=numbers, perhaps=frozenset(), hidden=0)
        return whole, tuple(dates.values())
    return as_known_on(entries, day, dates), tuple(dates.values())


def agenda_ids(vault: Vault) -> list[str]:
    """Return the ids of the records that the agenda looks at."""
    return [row.id for name in AGENDA_TYPES for row in records.listing(vault, type_name=name)]


def cases(
    vault: Vault, ids: Iterable[str], on: datetime.date, *, today: datetime.date
) -> Iterator[Case]:
    """Yield records as the agenda of a day looks at them; one of the past as it was known then."""
    for identity in ids:
        found = records.projected(vault, identity)
        if found is None:
            continue
        type_name, values = found
        if type_name != "detention":
            yield Case(record=identity, type=type_name, values=values)
            continue
        told, dates = told_on(vault, values, on if on < today else None)
        yield Case(
            record=identity,
            type=type_name,
            values=values,
            entries=told.entries,
            source_dates=dates,
        )


def _links(value: Json) -> list[str]:
    return [link for link in value if isinstance(link, str)] if isinstance(value, list) else []
