"""What people have agreed to, where it matters: for whom an action is addressed to somebody."""

from collections.abc import Mapping

from fielddoc.domain.canonical import Json
from fielddoc.domain.consent import Answer, consent_line, consents_of
from fielddoc.domain.revision import is_record_id
from fielddoc.i18n import N_, translate
from fielddoc.vault import merged, records, titles
from fielddoc.vault.vault import Vault

HEADING = N_("What the people have agreed to for whom this is done:")
"""Above the lines of `consents_for`."""

_TO_AUTHORITIES = frozenset(
    {
        "administrative-lawsuit",
        "administrative-review",
        "complaint",
        "demands",
        "information-request",
        "international-mechanism",
        "lawyer-request",
        "medical-parole-request",
        "petition",
    }
)
"""Kinds of action that go to an authority or to a UN body, also while no addressee is noted."""


def people_spoken_for(type_name: str, values: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the ids of the people for whom an action is addressed to somebody; none for others."""
    addressee = values.get("addressed_to")
    is_addressed = values.get("kind") in _TO_AUTHORITIES or (
        isinstance(addressee, str) and bool(addressee.strip())
    )
    people = values.get("for_persons")
    if type_name != "action" or not is_addressed or not isinstance(people, list):
        return ()
    return tuple(one for one in people if isinstance(one, str) and is_record_id(one))


def consents_for(
    vault: Vault, type_name: str, values: Mapping[str, Json], language: str
) -> list[str]:
    """Return a line for each person for whom an action is addressed; those who said no come first.

    The text is as it was typed; what shows it on one line passes it through `visible`.
    """
    refusing: list[str] = []
    others: list[str] = []
    people = people_spoken_for(type_name, values)
    for person in dict.fromkeys(merged.standing_for(vault.database, one) for one in people):
        found = records.projected(vault, person)
        if found is None or found[0] != "person":
            continue
        line = translate(N_("{name}: {value}"), language).format(
            name=titles.title(vault, person, language), value=consent_line(found[1], language)
        )
        is_no = any(one.answer is Answer.NO for one in consents_of(found[1]))
        (refusing if is_no else others).append(line)
    return refusing + others
