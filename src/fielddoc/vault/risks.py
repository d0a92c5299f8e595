"""Risks: an overview by person and by kind, and a risk that became an incident."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import PartialDateError, parse_edtf
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import InputRefusedError
from fielddoc.i18n import N_
from fielddoc.vault import merged, records
from fielddoc.vault.journal import ActionKind, acting
from fielddoc.vault.reading_states import states_of_type
from fielddoc.vault.vault import Vault

OPEN, HAPPENED = "open", "has-happened"
_VICTIM = "victim"


class Grouping(Enum):
    """What the overview is made by."""

    PERSON = "person"
    KIND = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRisk:
    """One risk in an overview."""

    record: str
    kind: str
    title: str
    exposed: tuple[str, ...]
    likelihood: str
    severity: str
    state: str
    incident: str
    review: str
    """EDTF of the day on which to look at it again; empty if none is set."""
    is_review_due: bool

    @property
    def is_open(self) -> bool:
        """Whether it still threatens."""
        return self.state in ("", OPEN)


@dataclass(frozen=True, slots=True)
class RiskGroup:
    """The risks of one person, or of one kind."""

    key: str
    """Id of a person or code of a kind; empty for risks that name nobody or no kind."""
    risks: tuple[ListedRisk, ...]


def overview(vault: Vault, grouping: Grouping, on: datetime.date) -> list[RiskGroup]:
    """Return all risks in groups, what threatens most first; people who were merged are one.

    A risk to several people stands with each of them.
    """
    groups: dict[str, list[ListedRisk]] = defaultdict(list)
    for record, values in states_of_type(vault, "risk"):
        risk = _listed(vault, record, values, on)
        for key in _keys(risk, grouping):
            groups[key].append(risk)
    found = [RiskGroup(key, tuple(sorted(risks, key=_urgency))) for key, risks in groups.items()]
    return sorted(found, key=lambda group: (not group.key, _urgency(group.risks[0])))


def _keys(risk: ListedRisk, grouping: Grouping) -> Iterable[str]:
    match grouping:
        case Grouping.PERSON:
            return dict.fromkeys(risk.exposed) or ("",)
        case Grouping.KIND:
            return (risk.kind,)
        case _:
            assert_never(grouping)


def reviews_due(vault: Vault, on: datetime.date) -> list[ListedRisk]:
    """Return the open risks that were to be looked at again by a day."""
    risks = (_listed(vault, r, values, on) for r, values in states_of_type(vault, "risk"))
    return sorted((risk for risk in risks if risk.is_review_due), key=lambda risk: risk.review)


def turn_into_incident(vault: Vault, risk: str, values: Mapping[str, Json] | None = None) -> str:
    """Write the incident that a risk became, link both, and return the incident's id.

    Args:
        vault: the vault.
        risk: id of the risk.
        values: fields of the incident, such as its date; the rest is taken from the risk.

    Raises:
        RecordNotFoundError: there is none of this id.
        InputRefusedError: it is no risk, or it became an incident already.
    """
    state = records.state_of(vault, risk)
    if state.type != "risk":
        raise InputRefusedError(reason=N_("the record {name} is no risk"), name=risk)
    known = state.values.get("incident")
    if isinstance(known, str) and records.type_of(vault, known) is not None:
        raise InputRefusedError(reason=N_("this risk became the incident {name}"), name=known)
    with acting(vault, ActionKind.HAPPENED):
        incident = records.add(vault, "incident", {**_incident_of(state.values), **(values or {})})
        records.revise(vault, risk, {"state": HAPPENED, "incident": incident})
    vault.written()
    return incident


def _incident_of(values: Mapping[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    kind, title = values.get("kind"), values.get("title")
    if isinstance(kind, str):
        found["kinds"] = [kind]
    if isinstance(title, str):
        found["title"] = title
    exposed = values.get("exposed")
    people = [one for one in exposed if isinstance(one, str)] if isinstance(exposed, list) else []
    if people:
        found["persons"] = [{"person": person, "role": _VICTIM} for person in people]
    for name in ("sources", "confidentiality"):
        if values.get(name) is not None:
            found[name] = values[name]
    return found


def _listed(vault: Vault, record: str, values: Mapping[str, Json], on: datetime.date) -> ListedRisk:
    exposed = values.get("exposed")
    people = [one for one in exposed if isinstance(one, str)] if isinstance(exposed, list) else []
    state, review = _text(values, "state"), _text(values, "review_date")
    is_open = state in ("", OPEN)
    return ListedRisk(
        record=record,
        kind=_text(values, "kind"),
        title=_text(values, "title"),
        exposed=tuple(_standing_for(vault, person) for person in people),
        likelihood=_text(values, "likelihood"),
        severity=_text(values, "severity"),
        state=state,
        incident=_text(values, "incident"),
        review=review,
        is_review_due=is_open and _has_begun(review, on),
    )


def _standing_for(vault: Vault, person: str) -> str:
    known = records.type_of(vault, person) == "person"
    return merged.standing_for(vault.database, person) if known else person


def _urgency(risk: ListedRisk) -> tuple[int, int, int, str]:
    """Return what sorts open before closed, then severe, then likely risks to the front."""
    return (
        0 if risk.is_open else 1,
        -_rank("severity", risk.severity),
        -_rank("likelihood", risk.likelihood),
        risk.record,
    )


def _rank(name: str, code: str) -> int:
    """Return how far up its list a term stands; what is unknown or not said stands in between."""
    codes = [term.code for term in vocabulary(name).terms if term.code != "unknown"]
    return 2 * codes.index(code) if code in codes else len(codes) - 1


def _has_begun(edtf: str, on: datetime.date) -> bool:
    try:
        date = parse_edtf(edtf)
    except PartialDateError:
        return False
    return date.earliest is not None and date.earliest <= on


def _text(values: Mapping[str, Json], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
