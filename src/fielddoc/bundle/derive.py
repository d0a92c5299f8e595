"""Derived revisions: what a partner gets to know, and nothing of how it came about.

A derived revision holds the chosen fields of a record with their present values. It has no
history, no device and no time of typing; ids of records and items are random ones that only these
recipients know, kept so that the next bundle updates what they have (docs/bundle-format.md,
"Selected bundles").
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from fielddoc.domain.canonical import Json
from fielddoc.domain.merge import State
from fielddoc.domain.own_fields import VALUE
from fielddoc.domain.record_types import record_type
from fielddoc.domain.revision import (
    RECORD_PATH,
    Clock,
    Revision,
    is_record_id,
    new_id,
    write_revision,
)
from fielddoc.domain.schema import Field, Kind
from fielddoc.vault import transfers
from fielddoc.vault.vault import Vault

_MAXIMUM_EARLIER = 256


@dataclass(slots=True)
class Aliases:
    """The ids that one set of recipients knows; new ones are kept only once the bundle is out."""

    vault: Vault
    recipients: bytes
    one_off: bool = False
    """Whether to use none that are known and to keep none."""
    new: dict[str, str] = field(default_factory=dict)
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """Merged people to those whose record stands for them, so that links lead to what goes."""

    def of(self, original: str) -> str:
        """Return the alias of a record's or item's id."""
        if original in self.new:
            return self.new[original]
        raw = uuid.UUID(original).bytes
        known = None if self.one_off else transfers.alias(self.vault, self.recipients, raw)
        if known is not None:
            return str(uuid.UUID(bytes=known))
        self.new[original] = new_id()
        return self.new[original]

    def keep(self) -> None:
        """Keep the new aliases, in the running transaction."""
        if self.one_off:
            return
        for original, alias in self.new.items():
            transfers.keep_alias(
                self.vault, self.recipients, uuid.UUID(original).bytes, uuid.UUID(alias).bytes
            )


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived revision and what must be kept about it."""

    original: str
    revision: Revision
    earlier: tuple[str, ...]
    """Derived revisions of the same record that these recipients got before, newest last."""
    paths: tuple[str, ...]
    values: Mapping[str, Json]
    """What the recipients will see, for the readable page and the leak scan."""

    def keep(self, vault: Vault, recipients: bytes) -> None:
        """Remember this revision as the newest one, in the running transaction."""
        transfers.keep_derived(
            vault,
            recipients,
            uuid.UUID(self.original).bytes,
            (*self.earlier, self.revision.id)[-_MAXIMUM_EARLIER:],
            list(self.paths),
        )


def derive(
    state: State,
    aliases: Aliases,
    *,
    day_ms: int,
    left_out: Collection[str],
    hidden: Collection[str],
) -> Derived:
    """Return the derived revision of a record.

    Args:
        state: the record as it is shown.
        aliases: the ids that the recipients know.
        day_ms: midnight of the day on which the bundle is made; no finer time leaves.
        left_out: dotted field names (`person.address`, `detention.entries.text`).
        hidden: ids of records that are not even referred to, such as sources.
    """
    declared = record_type(state.type)
    fields = declared.fields if declared else ()
    changes: dict[str, Json] = {RECORD_PATH: True}
    values: dict[str, Json] = {}
    for part in fields:
        value = state.values.get(part.name)
        stays = part.tells_when_typed or _is_left_out(f"{state.type}.{part.name}", left_out)
        if value is None or stays:
            continue
        if part.kind in (Kind.ITEMS, Kind.OWN):
            items = _items(
                part,
                value,
                aliases,
                dotted=f"{state.type}.{part.name}",
                left_out=left_out,
                hidden=hidden,
            )
            if items:
                values[part.name] = [dict(item) for item in items]
            for place, item in enumerate(items):
                changes[f"{part.name}/{item['id']}"] = place
                for name, inner in item.items():
                    if name != "id":
                        changes[f"{part.name}/{item['id']}/{name}"] = inner
        elif (chosen := _chosen(part, value, aliases, hidden)) is not None:
            values[part.name] = changes[part.name] = chosen
    earlier: tuple[str, ...] = ()
    raw = uuid.UUID(state.record).bytes
    last = (
        None if aliases.one_off else transfers.last_derived(aliases.vault, aliases.recipients, raw)
    )
    if last is not None:
        earlier, paths = last
        # What they got before and what is gone or no longer chosen is taken back explicitly.
        changes.update({path: None for path in paths if path not in changes})
    revision = write_revision(
        record=aliases.of(state.record),
        type_=state.type,
        parents=earlier,
        changes=changes,
        clock=Clock(day_ms, 0),
        device="",
    )
    return Derived(state.record, revision, earlier, tuple(changes), values)


def _is_left_out(dotted: str, left_out: Collection[str]) -> bool:
    """Tell whether a field stays; the words of a date and its mark stay with the date."""
    date = dotted.removesuffix("_words").removesuffix("_inferred")
    return dotted in left_out or date in left_out


def _items(
    part: Field,
    value: Json,
    aliases: Aliases,
    *,
    dotted: str,
    left_out: Collection[str],
    hidden: Collection[str],
) -> list[dict[str, Json]]:
    result: list[dict[str, Json]] = []
    for item in value if isinstance(value, list) else []:
        if not isinstance(item, dict):
            continue
        chosen: dict[str, Json] = {"id": aliases.of(str(item["id"]))}
        for inner in part.fields if part.kind is Kind.ITEMS else _OWN_PARTS:
            kept = item.get(inner.name)
            if kept is None or _is_left_out(f"{dotted}.{inner.name}", left_out):
                continue
            translated = _chosen(inner, kept, aliases, hidden)
            if translated is not None:
                chosen[inner.name] = translated
        result.append(chosen)
    return result


# What stands in a field of one's own: never a link, so it leaves as it is.
_OWN_PARTS = (Field(name=VALUE, kind=Kind.LONG_TEXT, label=""),)


def _chosen(part: Field, value: Json, aliases: Aliases, hidden: Collection[str]) -> Json:
    """Return a value as it may leave: links by their alias, nothing sealed, nothing hidden."""
    match part.kind:
        case Kind.SEALED:
            return None
        case Kind.LINK:
            return _link(value, aliases, hidden)
        case Kind.LINKS:
            targets = value if isinstance(value, list) else []
            links = [_link(target, aliases, hidden) for target in targets]
            return list(dict.fromkeys(link for link in links if isinstance(link, str))) or None
        case _:
            return value


def _link(value: Json, aliases: Aliases, hidden: Collection[str]) -> Json:
    """Return the alias of a link; what is not an id is left out, since nobody knows what it is."""
    if not isinstance(value, str) or not is_record_id(value) or value in hidden:
        return None
    return aliases.of(aliases.stands_for.get(value, value))
