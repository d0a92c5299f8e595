"""The words in which record types are declared: kinds of fields, fields, record types."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a field holds. Closed: every reader matches on all members."""

    TEXT = "text"
    """One line of text, exactly as typed."""
    LONG_TEXT = "long text"
    """Text of any length, exactly as typed."""
    TEXTS = "list of texts"
    """A list of short texts, for example the conditions that a doctor named."""
    DATE = "date"
    """A partial date as EDTF text; see `fielddoc.domain.partial_date`."""
    FLAG = "true or false"
    """A JSON boolean."""
    NUMBER = "number"
    """A decimal number as text, so that no digit is lost."""
    INTEGER = "integer"
    """A JSON integer up to 2^53-1."""
    TERM = "term"
    """The code of one term of a vocabulary."""
    TERMS = "list of terms"
    """A list of codes of a vocabulary."""
    LINK = "link"
    """The id of one record."""
    LINKS = "list of links"
    """A list of record ids."""
    ITEMS = "items"
    """Parts with an id of their own that merge one by one."""
    SEALED = "sealed"
    """Fields that identify a source, sealed together under the compartment key."""
    OWN = "own fields"
    """Items whose ids are those of `custom-field` records, which declare what each value is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record type or of an item."""

    name: str
    kind: Kind
    label: str
    help: str = ""
    vocabulary: str = ""
    """For TERM and TERMS: the vocabulary's name."""
    targets: tuple[str, ...] = ()
    """For LINK and LINKS: the record types that may stand there; empty for any."""
    fields: tuple["Field", ...] = ()
    """For ITEMS and SEALED: the fields inside."""
    identifies: bool = False
    """Whether the value points at a person: names, numbers, addresses. The leak scan reads it."""
    needed: bool = False
    """Whether a record without it is shown as incomplete. It can always be saved."""
    choices: tuple[str, ...] = ()
    """For TEXT: the only texts that it may hold; empty for any."""
    reverse: str = ""
    """For LINK and LINKS: how the link reads from the record that it points to ("held in")."""
    tells_when_typed: bool = False
    """Whether the value says on which day somebody worked here, so that it leaves for no partner."""
    is_set_elsewhere: bool = False
    """Whether a command of its own sets it, so that no form shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """One kind of record: its stable name, its label for people, its fields in form order."""

    name: str
    label: str
    plural: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Return the field of this name, or None for one that this version does not know."""
        return next((field for field in self.fields if field.name == name), None)


def walk(fields: tuple[Field, ...], prefix: str = "") -> Iterator[tuple[str, Field]]:
    """Yield every field with its dotted name (`entries.date`), parents before their parts."""
    for field in fields:
        yield prefix + field.name, field
        yield from walk(field.fields, f"{prefix}{field.name}.")
