"""Risks, actions, links, templates, own fields and the trash, as a vault keeps them."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from fielddoc.domain.canonical import Json
from fielddoc.domain.reply_due import WITH_REPLY, Lateness
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import InputRefusedError, RecordNotFoundError
from fielddoc.vault import (
    drafts,
    merging,
    overdue,
    own_fields,
    records,
    related,
    risks,
    settings,
    templates,
    trash,
)
from fielddoc.vault.opening import open_vault
from fielddoc.vault.risks import Grouping
from fielddoc.vault.undo import undo
from fielddoc.vault.vault import Vault
from vault.conftest import PERSON
from vault.folders import PASSPHRASE

TODAY = datetime.date(2024, 3, 15)
A_DAY_MS = 24 * 60 * 60 * 1000


def values(vault: Vault, record: str) -> dict[str, Any]:
    return dict(records.get(vault, record).values)


# --- risks ---------------------------------------------------------------------------------------

RISK: dict[str, Json] = {
    "kind": "detention",
    "title": "May be taken before the anniversary",
    "exposed": [PERSON],
    "exposure": "Signs open letters in her own name",
    "likelihood": "likely",
    "severity": "serious",
    "measures_taken": "A lawyer is named",
    "measures_planned": "A second telephone",
    "review_date": "2024-03",
    "reviews": [{"date": "2024-01-10", "by": "B", "found": "No change"}],
    "confidentiality": "restricted",
}


def test_a_risk_holds_likelihood_severity_exposure_measures_and_reviews(vault: Vault) -> None:
    risk = records.add(vault, "risk", RISK)

    found = records.get(vault, risk)

    assert found.problems == ()
    found_values: Any = dict(found.values)
    del found_values["reviews"][0]["id"]
    assert found_values == RISK


def test_a_risk_turns_into_an_incident_and_the_link_is_seen_from_both(vault: Vault) -> None:
    source = records.add(vault, "source", {"kind": "person", "code_name": "Plum"})
    risk = records.add(vault, "risk", {**RISK, "sources": [source]})

    incident = risks.turn_into_incident(vault, risk, {"date": "2024-03-14"})

    assert values(vault, risk)["state"] == "has-happened"
    assert values(vault, risk)["incident"] == incident
    made = values(vault, incident)
    assert made["kinds"] == ["detention"]
    assert made["date"] == "2024-03-14"
    assert [(p["person"], p["role"]) for p in made["persons"]] == [(PERSON, "victim")]
    assert (made["sources"], made["confidentiality"]) == ([source], "restricted")
    assert (risk, "was feared before as") in {
        (one.record, one.reading) for one in related.related(vault, incident, "en")
    }
    with pytest.raises(InputRefusedError):
        risks.turn_into_incident(vault, risk)
    with pytest.raises(InputRefusedError):
        risks.turn_into_incident(vault, incident)


def test_undo_takes_the_incident_and_the_link_back_together(vault: Vault) -> None:
    risk = records.add(vault, "risk", RISK)
    incident = risks.turn_into_incident(vault, risk)

    undo(vault)

    assert records.get(vault, incident).deleted
    assert "incident" not in values(vault, risk)
    assert "state" not in values(vault, risk)


def test_the_overview_groups_by_person_worst_first_and_by_kind(vault: Vault) -> None:
    other = records.add(vault, "person", {"names": [{"text": "Li Yuhan"}]})
    mild = records.add(
        vault, "risk", {"kind": "followed", "exposed": [PERSON, other], "severity": "minor"}
    )
    grave = records.add(
        vault, "risk", {"kind": "detention", "exposed": [other], "severity": "life-threatening"}
    )
    closed = records.add(
        vault, "risk", {"kind": "detention", "exposed": [PERSON], "state": "closed"}
    )
    nobody = records.add(vault, "risk", {"kind": "followed"})

    by_person = risks.overview(vault, Grouping.PERSON, TODAY)
    by_kind = risks.overview(vault, Grouping.KIND, TODAY)

    shown = [(group.key, [risk.record for risk in group.risks]) for group in by_person]
    assert shown == [(other, [grave, mild]), (PERSON, [mild, closed]), ("", [nobody])]
    assert {group.key: {r.record for r in group.risks} for group in by_kind} == {
        "detention": {grave, closed},
        "followed": {mild, nobody},
    }


def test_merged_people_have_their_risks_in_one_group(vault: Vault) -> None:
    other = records.add(vault, "person", {"names": [{"text": "Xu Qin"}]})
    records.add(vault, "risk", {"kind": "followed", "exposed": [PERSON]})
    records.add(vault, "risk", {"kind": "followed", "exposed": [other]})

    merging.merge_people(vault, PERSON, other)

    (group,) = risks.overview(vault, Grouping.PERSON, TODAY)
    assert (group.key, len(group.risks)) == (PERSON, 2)


def test_a_risk_is_due_for_review_from_the_first_day_that_its_date_may_mean(vault: Vault) -> None:
    risk = records.add(vault, "risk", RISK)
    records.add(vault, "risk", {**RISK, "state": "closed"})

    def due(day: datetime.date) -> list[str]:
        return [one.record for one in risks.reviews_due(vault, day)]

    assert due(datetime.date(2024, 2, 29)) == []
    assert due(datetime.date(2024, 3, 1)) == [risk]


# --- actions -------------------------------------------------------------------------------------

REQUEST: dict[str, Json] = {
    "kind": "information-request",
    "for_persons": [PERSON],
    "addressed_to": "A police bureau",
    "sent_on": "2024-01-20",
    "channel": "post",
    "receipt_number": "EE 123",
    "received_on": "2024-01-22",
    "reply_due": "2024-02-26",
    "reply_due_basis": "Rules on open government information, art. 33",
    "effect": "Letters arrive again",
}


def test_each_kind_that_gets_a_reply_by_law_is_a_term_of_the_list() -> None:
    assert all(code in vocabulary("action-kinds") for code in WITH_REPLY)


def test_an_action_holds_its_receipt_its_reply_and_its_effect(vault: Vault) -> None:
    action = records.add(vault, "action", REQUEST)
    receipt = records.add(vault, "attachment", {"name": "r.jpg", "sha256": "0" * 64})
    records.revise(
        vault,
        action,
        {
            "receipts": [receipt],
            "reply": "Not held",
            "reply_on": "2024-02-20",
            "outcome": "refused",
        },
    )

    assert records.get(vault, action).problems == ()
    assert (action, "receipt of") in {
        (one.record, one.reading) for one in related.related(vault, receipt, "en")
    }


@pytest.mark.parametrize(
    ("due", "day", "expected"),
    [
        ("2024-02-26", "2024-02-26", Lateness.DUE),
        ("2024-02-26", "2024-02-27", Lateness.CERTAINLY_LATE),
        ("2024-02", "2024-02-01", Lateness.DUE),
        ("2024-02", "2024-02-02", Lateness.POSSIBLY_LATE),
        ("2024-02", "2024-02-29", Lateness.POSSIBLY_LATE),
        ("2024-02", "2024-03-01", Lateness.CERTAINLY_LATE),
    ],
)
def test_a_reply_is_late_as_far_as_the_date_is_known(
    vault: Vault, due: str, day: str, expected: Lateness
) -> None:
    action = records.add(vault, "action", {**REQUEST, "reply_due": due})
    on = datetime.date.fromisoformat(day)

    (found,) = overdue.awaited_replies(vault, on)

    assert (found.record, found.due.lateness) == (action, expected)
    late = [one.record for one in overdue.overdue_actions(vault, on)]
    assert late == ([] if expected is Lateness.DUE else [action])


@pytest.mark.parametrize(
    "came",
    [
        {"reply_on": "2024-03-01"},
        {"reply": "Refused"},
        {"outcome": "refused"},
    ],
)
def test_a_reply_that_came_is_awaited_no_more(vault: Vault, came: dict[str, Json]) -> None:
    records.add(vault, "action", {**REQUEST, **came})

    assert overdue.overdue_actions(vault, TODAY) == []


@pytest.mark.parametrize("outcome", ["awaited", "no-reply", "acknowledged", "accepted"])
def test_a_receipt_is_no_reply_yet(vault: Vault, outcome: str) -> None:
    assert outcome in vocabulary("reply-outcomes")
    records.add(vault, "action", {**REQUEST, "outcome": outcome})

    assert len(overdue.overdue_actions(vault, TODAY)) == 1


def test_a_reply_that_came_later_was_awaited_before(vault: Vault) -> None:
    records.add(vault, "action", {**REQUEST, "reply_on": "2024-03-10"})

    assert len(overdue.overdue_actions(vault, datetime.date(2024, 3, 9))) == 1
    assert overdue.overdue_actions(vault, datetime.date(2024, 3, 10)) == []


def test_the_longest_overdue_comes_first_and_what_says_no_day_is_named(vault: Vault) -> None:
    newer = records.add(vault, "action", {**REQUEST, "reply_due": "2024-03-01"})
    older = records.add(vault, "action", {**REQUEST, "reply_due": "2024-02-01"})
    undated = records.add(vault, "action", {"kind": "petition"})
    records.add(vault, "action", {"kind": "courage"})

    assert [one.record for one in overdue.overdue_actions(vault, TODAY)] == [older, newer]
    assert overdue.without_due_date(vault) == [undated]


# --- links ---------------------------------------------------------------------------------------


def test_any_two_records_are_linked_in_a_role_that_both_ends_read(vault: Vault) -> None:
    lawyer = records.add(vault, "person", {"names": [{"text": "Li Yuhan"}]})
    action = records.add(vault, "action", REQUEST)

    related.add_link(vault, lawyer, "represents", PERSON, note="since 2015")
    related.add_link(vault, action, "led-to", lawyer)

    here = [(one.record, one.reading) for one in related.related(vault, lawyer, "en")]
    assert here == [(PERSON, "is lawyer of"), (action, "followed from")]
    assert (lawyer, "is represented by") in {
        (one.record, one.reading) for one in related.related(vault, PERSON, "en")
    }
    assert [o.reading for o in related.related(vault, PERSON, "zh_CN")].count("由其代理") == 1


def test_a_relation_between_people_reads_from_both_sides(vault: Vault) -> None:
    lawyer = records.add(
        vault,
        "person",
        {
            "names": [{"text": "Li Yuhan"}],
            "relations": [{"kind": "lawyer", "person": PERSON}],
        },
    )

    assert [o.reading for o in related.related(vault, lawyer, "en")] == ["lawyer of"]
    assert [o.reading for o in related.related(vault, PERSON, "en")] == ["represented by"]


def test_an_incident_has_many_victims_and_each_of_them_shows_it(vault: Vault) -> None:
    people = [records.add(vault, "person", {"names": [{"text": f"Person {n}"}]}) for n in range(40)]
    incident = records.add(
        vault,
        "incident",
        {
            "title": "A raid",
            "date": "2022-11-27",
            "persons": [{"person": one, "role": "victim"} for one in people],
        },
    )

    assert records.get(vault, incident).problems == ()
    for one in people:
        (seen,) = related.related(vault, one, "en")
        assert (seen.record, seen.reading) == (incident, "victim in")
        assert seen.title == "A raid, Person 0, Person 1, Person 2, 37 more"


def test_a_collective_event_has_counts_that_each_carry_a_source(vault: Vault) -> None:
    press = records.add(vault, "source", {"kind": "media", "title": "A newspaper"})
    group = records.add(vault, "source", {"kind": "organisation", "code_name": "A group"})
    event = records.add(
        vault,
        "incident",
        {
            "title": "Protests in many places",
            "date": "2022-11",
            "counts": [
                {"what": "held", "qualifier": "at-least", "number": "50", "sources": [press]},
                {"what": "held", "qualifier": "at-least", "number": "42", "sources": [group]},
            ],
        },
    )

    assert records.get(vault, event).problems == ()
    for source in (press, group):
        assert (event, "source of") in {
            (one.record, one.reading) for one in related.related(vault, source, "en")
        }


def test_a_link_is_refused_that_leads_nowhere_or_has_no_known_role(vault: Vault) -> None:
    other = records.add(vault, "action", REQUEST)
    with pytest.raises(RecordNotFoundError):
        related.add_link(vault, PERSON, "related", "11111111-0000-4000-8000-000000000000")
    with pytest.raises(InputRefusedError):
        related.add_link(vault, PERSON, "friend of a friend", other)
    with pytest.raises(InputRefusedError):
        related.add_link(vault, PERSON, "related", PERSON)


def test_every_link_of_every_type_has_a_reverse_reading() -> None:
    from fielddoc.domain.record_types import RECORD_TYPES
    from fielddoc.domain.schema import Kind, walk

    for declared in RECORD_TYPES:
        items = {f.name for f in declared.fields if f.kind is Kind.ITEMS}
        with_role = {
            f"{f.name}.{inner.name}"
            for f in declared.fields
            if f.name in items and any(part.kind is Kind.TERM for part in f.fields)
            for inner in f.fields
            if inner.kind is Kind.LINK
        }
        for dotted, field in walk(declared.fields):
            if field.kind in (Kind.LINK, Kind.LINKS):
                assert field.reverse or dotted in with_role, f"{declared.name}.{dotted}"


# --- own fields ----------------------------------------------------------------------------------


def declared(vault: Vault, **more: Json) -> str:
    given: dict[str, Json] = {"label": "Village", "kind": "text", "applies_to": ["incident"]}
    return records.add(vault, "custom-field", {**given, **more})


def test_an_own_field_is_filled_in_searched_and_checked(vault: Vault) -> None:
    village = declared(vault)
    count = declared(vault, label="Houses", kind="number")
    which = declared(vault, label="Side", kind="choice", vocabulary=["north", "south"])

    incident = records.add(
        vault,
        "incident",
        {
            "title": "A raid",
            "date": "2022",
            "custom": [
                {"id": village, "value": "Osmanthus Hollow"},
                {"id": count, "value": "some"},
                {"id": which, "value": "west"},
            ],
        },
    )

    found = records.get(vault, incident)
    assert {(p.path, p.fault.name) for p in found.problems} == {
        (f"custom.{count}", "NOT_A_NUMBER"),
        (f"custom.{which}", "NOT_A_CHOICE"),
    }
    assert [row.id for row in records.listing(vault, text="osmanthus")] == [incident]
    records.revise(
        vault,
        incident,
        {"custom": [{"id": count, "value": "12"}, {"id": which, "value": "south"}]},
    )
    assert records.get(vault, incident).problems == ()
    assert records.listing(vault, text="osmanthus") == []


@pytest.mark.parametrize("kind", [term.code for term in vocabulary("own-field-kinds").terms])
def test_every_kind_of_own_field_checks_its_value(vault: Vault, kind: str) -> None:
    right: dict[str, Json] = {"number": "12", "date": "2022-08", "flag": True, "choice": "a"}
    own = declared(vault, kind=kind, vocabulary=["a"])

    def problems(value: Json) -> int:
        incident = records.add(
            vault,
            "incident",
            {"title": "A", "date": "2022", "custom": [{"id": own, "value": value}]},
        )
        return len(records.get(vault, incident).problems)

    assert problems(right.get(kind, "words")) == 0
    assert problems(["no value of any kind"]) == 1


def test_two_devices_that_fill_in_own_fields_do_not_disturb_each_other(vault: Vault) -> None:
    from vault.test_undo import brought

    village, side = declared(vault), declared(vault, label="Side")
    incident = records.add(vault, "incident", {"title": "A", "date": "2022"})
    records.revise(vault, incident, {"custom": [{"id": village, "value": "here"}]})
    brought(
        vault,
        incident,
        {f"custom/{side}": 0, f"custom/{side}/value": "there"},
        seen=1,
        ms=1,
    )

    found = records.get(vault, incident)
    assert found.conflicts == ()
    assert {item["id"]: item["value"] for item in values(vault, incident)["custom"]} == {
        village: "here",
        side: "there",
    }


def test_declarations_are_not_listed_among_records_but_by_their_type(vault: Vault) -> None:
    own = declared(vault)

    assert own not in {row.id for row in records.listing(vault)}
    assert [row.id for row in records.listing(vault, type_name="custom-field")] == [own]
    assert [one.id for one in own_fields.declared_in(vault)] == [own]
    records.delete(vault, own)
    assert own_fields.declared_in(vault) == ()
    assert own in {row.id for row in records.listing(vault, trash=True)}


def test_a_declaration_that_is_not_filled_in_declares_nothing(vault: Vault) -> None:
    declared(vault, label=" ")
    declared(vault, kind="picture")
    declared(vault, applies_to=["no such type"])

    assert own_fields.declared_in(vault) == ()


# --- templates -----------------------------------------------------------------------------------


def test_a_new_record_from_one_has_its_values_and_items_of_its_own(vault: Vault) -> None:
    risk = records.add(vault, "risk", {**RISK, "state": "has-happened", "incident": PERSON})

    made = templates.new_from(vault, risk)

    copied = values(vault, made)
    assert copied["title"] == RISK["title"]
    assert copied["reviews"][0]["id"] != values(vault, risk)["reviews"][0]["id"]
    assert "incident" not in copied


def test_a_template_survives_the_record_and_a_lock(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        risk = records.add(vault, "risk", RISK)
        templates.keep_template(vault, " Before  an anniversary ", risk)
        records.delete(vault, risk)

    with open_vault(vault_folder, PASSPHRASE) as again:
        (kept,) = templates.templates(again, "risk")
        assert kept.name == "Before an anniversary"
        assert templates.templates(again, "person") == []
        made = templates.new_from_template(again, kept.name)
        assert values(again, made)["exposure"] == RISK["exposure"]
        templates.remove_template(again, kept.name)
        assert templates.templates(again) == []
        with pytest.raises(InputRefusedError):
            templates.new_from_template(again, kept.name)


def test_nothing_sealed_comes_into_a_template_or_a_copy(vault: Vault) -> None:
    source = records.add(vault, "source", {"kind": "person", "identity": {"name": "Somebody Real"}})

    kept = templates.keep_template(vault, "a source", source)

    assert "identity" not in kept.values
    assert "identity" not in values(vault, templates.new_from(vault, source))
    assert "Somebody" not in "".join(settings.everything(vault).values())


# --- trash ---------------------------------------------------------------------------------------


def test_a_record_is_offered_for_purging_after_thirty_days_and_never_goes_by_itself(
    vault_folder: Path,
) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        records.delete(vault, PERSON)
        (one,) = trash.trashed(vault)
        deleted = one.deleted_ms

        assert one.record == PERSON
        assert one.days_left(deleted) == 30
        assert trash.overdue(vault, deleted + 30 * A_DAY_MS - 1) == []
        assert trash.overdue(vault, deleted + 30 * A_DAY_MS) == [one]
    with open_vault(vault_folder, PASSPHRASE) as again:
        assert [row.id for row in records.listing(again, trash=True)] == [PERSON]


def test_a_record_that_was_taken_out_and_deleted_again_starts_anew(vault: Vault) -> None:
    records.delete(vault, PERSON)
    first = trash.trashed(vault)[0].deleted_ms
    records.restore(vault, PERSON)
    assert trash.trashed(vault) == []
    records.delete(vault, PERSON)

    assert trash.trashed(vault)[0].deleted_ms >= first


# --- drafts --------------------------------------------------------------------------------------


def test_a_draft_is_kept_sealed_on_the_disk_and_survives_a_lock(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        drafts.save(vault, PERSON, "person", {"note": "typed in a hurry"})

    files = [path.read_bytes() for path in vault_folder.rglob("*") if path.is_file()]
    assert files
    assert not any(b"typed in a hurry" in data for data in files)
    with open_vault(vault_folder, PASSPHRASE) as again:
        kept = drafts.get(again, PERSON)
        assert kept is not None
        assert kept.values == {"note": "typed in a hurry"}
