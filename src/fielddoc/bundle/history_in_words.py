"""The history of a record in words: what each version changed, when, and who brought it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fielddoc.bundle.card import read_card
from fielddoc.domain.canonical import Json
from fielddoc.domain.revision import RECORD_PATH
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.visible import visible
from fielddoc.domain.words import change_in_words, day_in_words, in_words, moment_in_words
from fielddoc.errors import CardRefusedError
from fielddoc.i18n import listed, t_, translate
from fielddoc.vault import contacts, history, records, titles
from fielddoc.vault.history import HistoryEntry
from fielddoc.vault.own_fields import full_type
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    field: str
    """The field's own label, for a summary."""
    label: str
    """Says whose it is too, where it stands in an item."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One revision in words."""

    entry: HistoryEntry
    brought_by: str | None
    """The name of the partner whose bundle brought it; None if nobody, or nobody known, did."""
    when: str
    who: str
    changes: tuple[Change, ...]

    @property
    def summary(self) -> str:
        """Return the labels of what was changed."""
        return listed(dict.fromkeys(change.field for change in self.changes))


def steps_of(vault: Vault, record: str, language: str) -> list[Step]:
    """Return the revisions of a record in words, newest first.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    declared = full_type(vault, records.type_of(vault, record) or "")
    partners = partners_by_key(vault)
    values: dict[str, Json] = {}
    linked: dict[str, str] = {}
    steps: list[Step] = []
    for entry in history.history(vault, record):
        for value in entry.changes.values():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and text not in linked:
                    linked[text] = titles.title_if_here(vault, text, language)
        known = {identity: title for identity, title in linked.items() if title}
        changes = _changes(declared, entry, values, known)
        values.update(entry.changes)
        partner = partners.get(entry.signer) if entry.signer else None
        who = _who(entry, partner)
        steps.append(Step(entry, partner, _when(entry.written_at), who, tuple(changes)))
    return steps[::-1]


def partners_by_key(vault: Vault) -> dict[bytes, str]:
    """Return the names of the partners who sign, by the keys of their cards."""
    found: dict[bytes, str] = {}
    for contact in contacts.listing(vault):
        try:
            card = read_card(contact.card)
        except CardRefusedError:
            continue
        if card.signing is not None:
            found[card.signing] = contact.name
    return found


def _who(entry: HistoryEntry, partner: str | None) -> str:
    if entry.signer is not None:
        return visible(partner) if partner is not None else t_("an unknown sender")
    return t_("another copy of this vault") if entry.is_brought else t_("here")


def _when(written_at: str) -> str:
    if "T" not in written_at:
        return visible(day_in_words(written_at))
    moment = datetime.strptime(written_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return moment_in_words(moment)


def _changes(
    declared: RecordType | None,
    entry: HistoryEntry,
    before: Mapping[str, Json],
    linked: Mapping[str, str],
) -> list[Change]:
    found: list[Change] = []
    for path, value in entry.changes.items():
        if path == RECORD_PATH:
            words = t_("Record")
            after = t_("moved to the trash") if value is None else t_("there")
            # A partner's bundle says anew each time that the record is there: that is no change.
            if value is None or before.get(path, True) is None:
                found.append(Change(words, words, "", after))
            continue
        if path.count("/") == 1:  # an item was added, moved or removed
            if value is None:
                words = _label(declared, path)
                found.append(Change(words, words, "", t_("removed")))
            continue
        field = _field(declared, path)
        earlier = before.get(path)
        whose = _whose(declared, path, {**before, **entry.changes}, linked)
        old, new = change_in_words(field, earlier, value, linked)
        found.append(
            Change(
                _label(declared, path.partition("/")[0]),
                _label(declared, path, whose),
                "" if earlier is None else old,
                new,
            )
        )
    return found


def _field(declared: RecordType | None, path: str) -> Field | None:
    parts = path.split("/")
    field = declared.field(parts[0]) if declared else None
    if field is None or len(parts) < 3:
        return field
    name = parts[1] if field.kind is Kind.OWN else parts[2]
    return next((inner for inner in field.fields if inner.name == name), None)


def _whose(
    declared: RecordType | None, path: str, values: Mapping[str, Json], linked: Mapping[str, str]
) -> str:
    """Return by what one knows the item in which a field stands, unless that is the field itself."""
    name, _, rest = path.partition("/")
    item, _, inner_name = rest.partition("/")
    field = declared.field(name) if declared else None
    if field is None or not inner_name or field.kind is not Kind.ITEMS:
        return ""
    first = next((one for one in field.fields if one.kind in _NAMING), None)
    value = values.get(f"{name}/{item}/{first.name}") if first is not None else None
    if first is None or first.name == inner_name or value in (None, "", []):
        return ""
    return in_words(first, value, linked)


_NAMING = (Kind.LINK, Kind.LINKS, Kind.TEXT, Kind.TERM)


def _label(declared: RecordType | None, path: str, whose: str = "") -> str:
    parts = path.split("/")
    field = declared.field(parts[0]) if declared else None
    if field is None:
        return visible(parts[0])
    inner = _field(declared, path) if len(parts) == 3 else None
    if inner is None or inner is field:
        return translate(field.label)
    if field.kind is Kind.OWN:
        return visible(inner.label)
    name = translate(field.label)
    if whose:
        name = t_("{heading} ({count})").format(heading=name, count=whose)
    return t_("{name}: {value}").format(name=name, value=translate(inner.label))
