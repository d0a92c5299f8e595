"""From what stands in a link's column to the record that is meant: an id, a name, or a row's key."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field
from fielddoc.domain.titles import title_of
from fielddoc.exchange.mappings import SavedMapping
from fielddoc.exchange.stable_ids import stable_id
from fielddoc.i18n import N_
from fielddoc.interchange.mapping import Note, RowRefusedError, folded
from fielddoc.vault import records
from fielddoc.vault.purge import is_purged
from fielddoc.vault.turns import Turn, for_each
from fielddoc.vault.vault import Vault


class Resolver:
    """Knows the records of the vault by name, and those that the same import brings."""

    def __init__(
        self, vault: Vault, saved: SavedMapping, others: Sequence[SavedMapping], turn: Turn
    ) -> None:
        self._vault = vault
        self._saved = saved
        self._others = [*others, saved]
        self._turn = turn
        self._by_name: dict[str, dict[str, set[str]]] = {}
        self._coming: dict[str, str] = {}
        self.people: dict[str, str] = {}
        """Ids to names of the people that have to be made."""

    def expect(self, record: str, type_name: str, values: Mapping[str, Json]) -> None:
        """Know a record that the same import brings."""
        self._coming[record] = type_name
        for name in names_of(type_name, values):
            self._names(type_name)[folded(name)].add(record)

    def resolve(self, part: Field, text: str) -> str:
        """Return the id of the record that `text` means in a link of this field.

        Raises:
            RowRefusedError: there is none, or there are several.
        """
        targets = part.targets or tuple(declared.name for declared in RECORD_TYPES)
        if is_record_id(text):
            return text
        found: set[str] = set()
        for type_name in targets:
            found |= self._names(type_name).get(folded(text), set())
        for other in self._others:
            if other.mapping.type in targets and other.mapping.key:
                identity = stable_id(other.secret, other.mapping.type, text)
                if identity in self._coming or self._is_here(identity):
                    found.add(identity)
        if len(found) > 1:
            words = N_("several records are called {name}; write the id of the right one")
            raise RowRefusedError(Note(words, (("name", text),)))
        if found:
            return found.pop()
        if "person" in targets and self._saved.mapping.make_people:
            return self._make_person(text)
        words = N_("no record is called {name}; import it first, or write its id")
        raise RowRefusedError(Note(words, (("name", text),)))

    def _make_person(self, name: str) -> str:
        identity = stable_id(self._saved.secret, "person by name", folded(name))
        if self._turn(lambda: is_purged(self._vault.database, identity)):
            words = N_("{name} was removed from this vault for good")
            raise RowRefusedError(Note(words, (("name", name),)))
        if not self._is_here(identity):
            self.people[identity] = name
        return identity

    def _is_here(self, identity: str) -> bool:
        return self._turn(lambda: records.type_of(self._vault, identity)) is not None

    def _names(self, type_name: str) -> dict[str, set[str]]:
        known = self._by_name.get(type_name)
        if known is None:
            known = self._by_name[type_name] = defaultdict(set)
            vault = self._vault
            ids = [
                row.id for row in self._turn(lambda: records.listing(vault, type_name=type_name))
            ]
            states = for_each(self._turn, ids, lambda record: records.projected(vault, record))
            for identity, state in zip(ids, states, strict=True):
                for name in names_of(type_name, state[1]) if state else ():
                    known[folded(name)].add(identity)
        return known


def names_of(type_name: str, values: Mapping[str, Json]) -> list[str]:
    """Return the names by which a record may be meant: each name of a person, else its title."""
    names = values.get("names")
    if type_name == "person" and isinstance(names, list):
        texts = [item.get("text") for item in names if isinstance(item, dict)]
        return [text for text in texts if isinstance(text, str) and text.strip()]
    own = {name: values[name] for name in ("title", "code_name", "name") if name in values}
    title = title_of(type_name, own)
    return [title] if title.strip() else []
