"""Casework from the terminal: people, links, risks, replies, own fields, templates, undo."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Terminal
from fielddoc.vault import records


def added(terminal: Terminal, vault: str, type_name: str, **values: Any) -> str:
    given = json.dumps({"type": type_name, "values": values}, ensure_ascii=False)
    ran = terminal("add", vault, "-", stdin=given)
    assert ran.status == 0, ran.err
    return ran.out.split()[0]


def shown(terminal: Terminal, vault: str, record: str) -> Any:
    return terminal("show", vault, record, "--json").json


def test_undo_says_what_it_took_back_and_ends_when_nothing_is_left(
    terminal: Terminal, vault: str
) -> None:
    incident = added(terminal, vault, "incident", title="A search", date="2022")
    assert terminal("delete", vault, incident).status == 0

    ran = terminal("undo", vault)
    assert "Taken back: moved to the trash." in ran.out
    assert f"{incident}  A search" in ran.out
    assert terminal("undo", vault, "--json").json == {"undone": "add", "records": [incident]}
    assert shown(terminal, vault, incident)["deleted"] is True
    assert terminal("undo", vault, "--json").error["code"] == "undo.nothing"


def test_deleting_several_records_is_one_action(terminal: Terminal, vault: str) -> None:
    ids = [added(terminal, vault, "incident", title=str(n), date="2022") for n in range(3)]
    terminal("delete", vault, *ids)

    assert set(terminal("undo", vault, "--json").json["records"]) == set(ids)
    assert len(terminal("list", vault, "--json").json) == 3


def test_an_earlier_version_is_named_by_its_beginning(terminal: Terminal, vault: str) -> None:
    incident = added(terminal, vault, "incident", title="First", date="2022")
    change = {"id": incident, "type": "incident", "values": {"title": "Second"}}
    terminal("add", vault, "-", stdin=json.dumps(change))
    first = terminal("history", vault, incident, "--json").json[0]["revision"]

    assert terminal("revert", vault, incident, "no such").status == 2
    assert "holds again" in terminal("revert", vault, incident, first[:12]).out
    assert shown(terminal, vault, incident)["values"]["title"] == "First"
    assert "Nothing to change" in terminal("revert", vault, incident, first[:12]).out


def test_people_are_found_suggested_merged_and_separated(terminal: Terminal, vault: str) -> None:
    one = added(terminal, vault, "person", names=[{"text": "Li Yuhan"}], sex="female")
    two = added(terminal, vault, "person", names=[{"text": "Li Yuhuan"}], sex="unknown")

    near = terminal("list", vault, "--search", "Li Yuhuen")
    assert near.out == ""
    assert "Spelled nearly so:" in near.err
    assert two in near.err
    (pair,) = terminal("duplicates", vault, "--json").json
    assert pair == {"first": one, "second": two, "why": "near-name"}
    assert "differ by one letter" in terminal("duplicates", vault).out
    wrong = terminal("merge", vault, one, two, "--take", "occupation")
    assert (wrong.status, "they differ in: sex" in wrong.err) == (2, True)
    ran = terminal("merge", vault, one, two)
    assert "Where they differ, the kept value holds: Sex" in ran.err
    assert [row["id"] for row in terminal("list", vault, "--json").json] == [one]
    assert "Nobody seems" in terminal("duplicates", vault).err
    assert terminal("separate", vault, two).status == 0
    assert len(terminal("list", vault, "--json").json) == 2
    assert terminal("duplicates", vault, "--distinct", one, two, "--json").json == []
    assert terminal("merge", vault, one, two, "--take", "sex", "--json").json["differing"] == []
    assert shown(terminal, vault, one)["values"]["sex"] == "unknown"


def test_links_are_read_from_both_ends(terminal: Terminal, vault: str) -> None:
    lawyer = added(terminal, vault, "person", names=[{"text": "Li Yuhan"}])
    client = added(terminal, vault, "person", names=[{"text": "Wang Yu"}])

    assert "linked with nothing" in terminal("related", vault, lawyer).err
    assert terminal("link", vault, lawyer, "represents", client, "--note", "2015").status == 0

    assert "is lawyer of: Wang Yu" in terminal("related", vault, lawyer).out
    assert "is represented by: Li Yuhan" in terminal("related", vault, client).out
    (end,) = terminal("related", vault, client, "--json").json
    assert (end["record"], end["stated_there"]) == (lawyer, True)
    assert terminal("link", vault, lawyer, "no-such-role", client).status == 2
    assert terminal("link", vault, lawyer, "related", lawyer).status == 1


def test_risks_are_grouped_and_one_happens(terminal: Terminal, vault: str) -> None:
    person = added(terminal, vault, "person", names=[{"text": "Wang Yu"}])
    risk = added(
        terminal,
        vault,
        "risk",
        title="May be taken",
        kind="detention",
        exposed=[person],
        likelihood="likely",
        review_date="2024-03",
    )

    by_person = terminal("risks", vault, "--on", "2024-03-02").out
    assert by_person.splitlines()[0] == "Wang Yu"
    assert "likely, to be looked at again" in by_person
    assert terminal("risks", vault, "--by", "kind", "--json").json[0]["key"] == "detention"
    assert terminal("risks", vault, "--on", "2024-03").status == 2
    incident = terminal("happened", vault, risk, "--date", "14 March 2024").out.strip()
    assert shown(terminal, vault, incident)["values"]["date"] == "2024-03-14"
    assert "has happened" in terminal("risks", vault).out
    assert terminal("happened", vault, risk).status == 1


def test_late_replies_come_first_and_undated_ones_are_named(terminal: Terminal, vault: str) -> None:
    late = added(terminal, vault, "action", kind="petition", reply_due="2024-02-01")
    due = added(terminal, vault, "action", kind="complaint", reply_due="2024-05-01")
    undated = added(terminal, vault, "action", kind="information-request")
    complaint = added(terminal, vault, "action", kind="complaint", received_on="2024-01-10")

    ran = terminal("replies", vault, "--on", "2024-03-01")
    assert [line.split()[0] for line in ran.out.splitlines()] == [late, due]
    assert "the reply is late, by 29 days" in ran.out
    assert undated in ran.err
    # The law names no number of days for it, so that no date is asked for.
    counted, _, told = ran.err.partition(complaint)
    assert "say not by when: 1." in counted
    assert "The law names no number of days" in told
    assert "articles 49, 117" in told
    found = terminal("replies", vault, "--on", "2024-03-01", "--late", "--json").json
    assert [(one["record"], one["lateness"], one["days"]) for one in found] == [
        (late, "certainly-late", 29)
    ]


def test_an_action_that_waits_is_listed_though_its_outcome_says_so(
    terminal: Terminal, vault: str
) -> None:
    petition = added(
        terminal, vault, "action", kind="petition", sent_on="2024-01-08", outcome="awaited"
    )
    letter = added(terminal, vault, "action", kind="lawyer-request", outcome="awaited")
    complaint = added(terminal, vault, "action", kind="complaint", outcome="acknowledged")
    added(terminal, vault, "action", kind="petition", sent_on="2024-01-08", outcome="refused")
    added(terminal, vault, "action", kind="complaint", outcome="refused")

    ran = terminal("replies", vault, "--on", "2024-03-01")

    assert "No reply is awaited" not in ran.err
    assert "say not by when: 1." in ran.err
    assert "no law gives a time for: 1." in ran.err
    assert ran.err.count("The law names no number of days") == 1
    found = terminal("replies", vault, "--on", "2024-03-01", "--json").json
    assert [(one["record"], one["due"], one["lateness"]) for one in found] == [
        (petition, None, "undated"),
        (complaint, None, "no-figure"),
        (letter, None, "no-limit"),
    ]
    assert terminal("replies", vault, "--late").err.strip() == "No reply is late."
    assert terminal("replies", vault, "--late", "--json").json == []


def test_that_no_reply_is_awaited_is_said_when_all_have_come(
    terminal: Terminal, vault: str
) -> None:
    added(terminal, vault, "action", kind="complaint", outcome="refused")

    assert terminal("replies", vault).err.strip() == "No reply is awaited."


def test_consent_shows_every_purpose(terminal: Terminal, vault: str) -> None:
    person = added(
        terminal,
        vault,
        "person",
        names=[{"text": "Wang Yu"}],
        consents=[{"purpose": "media", "answer": "no", "asked_on": "2024-01"}],
    )
    incident = added(terminal, vault, "incident", title="A", date="2022")

    out = terminal("consent", vault).out
    assert "the name may be given to the media: no (2024-01)" in out
    assert "others may act for the person: not asked" in out
    answers = terminal("consent", vault, person, "--json").json[0]["consent"]
    assert answers["media"] == {"answer": "no", "asked_on": "2024-01"}
    assert terminal("consent", vault, incident).status == 1


def test_own_fields_are_declared_filled_in_shown_and_listed(terminal: Terminal, vault: str) -> None:
    assert "No field of your own" in terminal("fields", vault).err
    words = ("--label", "Side", "--type", "incident", "--kind", "choice")
    assert terminal("fields", vault, *words).status == 2
    ran = terminal("fields", vault, *words, "--choice", "north", "--choice", "south", "--json")
    (own,) = ran.json
    incident = added(
        terminal,
        vault,
        "incident",
        title="A",
        date="2022",
        custom=[{"id": own["id"], "value": "north"}],
    )

    assert "  Side: north" in terminal("show", vault, incident).out
    assert "Side  (Incident; one of the choices)" in terminal("fields", vault).out
    assert [row["id"] for row in terminal("list", vault, "--json").json] == [incident]


def test_a_value_that_is_none_of_the_choices_is_still_to_do(terminal: Terminal, vault: str) -> None:
    words = ("--label", "Side", "--type", "incident", "--kind", "choice", "--choice", "north")
    (own,) = terminal("fields", vault, *words, "--json").json
    given = {
        "type": "incident",
        "values": {"title": "A", "date": "2022", "custom": [{"id": own["id"], "value": "west"}]},
    }

    ran = terminal("add", vault, "-", stdin=json.dumps(given))

    assert f"custom.{own['id']}: This is none of the choices of this field." in ran.err


def test_templates_and_copies_begin_new_records(terminal: Terminal, vault: str) -> None:
    incident = added(terminal, vault, "incident", title="Tea", date="2022")

    assert "Kept as the template Tea." in terminal("template", "keep", vault, incident, "Tea").out
    assert terminal("template", "list", vault, "--json").json == [
        {"name": "Tea", "type": "incident"}
    ]
    made = terminal("template", "use", vault, "Tea").out.strip()
    copied = terminal("copy", vault, incident).out.strip()
    assert len({incident, made, copied}) == 3
    assert {shown(terminal, vault, one)["values"]["title"] for one in (made, copied)} == {"Tea"}
    assert terminal("template", "remove", vault, "Tea").status == 0
    assert terminal("template", "use", vault, "Tea").status == 1
    assert "There is no template." in terminal("template", "list", vault).err


def test_what_is_old_in_the_trash_is_offered_and_purged_only_when_told(
    terminal: Terminal, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = added(terminal, vault, "incident", title="A", date="2022")
    terminal("delete", vault, incident)
    assert "30 days" not in terminal("list", vault, "--trash").err
    assert terminal("purge", vault, "--old", "--json").json == {"count": 0}

    now = records.now_ms()
    monkeypatch.setattr(records, "now_ms", lambda: now + 31 * 24 * 60 * 60 * 1000)
    assert "In the trash for 30 days or more: 1." in terminal("list", vault, "--trash").err
    assert terminal("purge", vault).status == 2
    assert terminal("purge", vault, "--old", incident).status == 2
    assert terminal("purge", vault, "--old", "--json").json == {"count": 1}
    assert terminal("list", vault, "--trash", "--json").json == []


def test_every_action_of_the_terminal_can_be_undone_in_turn(terminal: Terminal, vault: str) -> None:
    person = added(terminal, vault, "person", names=[{"text": "A"}])
    before = shown(terminal, vault, person)
    change = {"id": person, "type": "person", "values": {"occupation": "lawyer"}}
    terminal("add", vault, "-", stdin=json.dumps(change))
    other = added(terminal, vault, "person", names=[{"text": "B"}])
    terminal("merge", vault, person, other)
    terminal("link", vault, person, "related", other)
    terminal("delete", vault, person)
    terminal("restore", vault, person)

    kinds = [terminal("undo", vault, "--json").json["undone"] for _ in range(6)]

    assert kinds == ["restore", "delete", "link", "merge", "add", "change"]
    assert shown(terminal, vault, person) == before


def test_an_action_to_an_authority_shows_what_those_have_agreed_to_for_whom_it_is(
    terminal: Terminal, vault: str
) -> None:
    no: Any = [{"purpose": "government", "answer": "no"}]
    silent = added(terminal, vault, "person", names=[{"text": "Li Yuhan"}])
    kept = added(terminal, vault, "person", names=[{"text": "Wang Yu"}], consents=no)
    merged = added(terminal, vault, "person", names=[{"text": "Wang Yuu"}])
    assert terminal("merge", vault, kept, merged).status == 0
    people = [silent, kept, merged]
    petition = added(terminal, vault, "action", kind="petition", for_persons=people)
    to_them = added(
        terminal, vault, "action", kind="other", for_persons=people, addressed_to="the court"
    )
    visit = added(terminal, vault, "action", kind="family-visit", for_persons=people)

    for action in (petition, to_them):
        lines = terminal("show", vault, action).out.splitlines()
        assert lines[1].startswith("What the people have agreed to")
        assert lines[2].startswith("  Wang Yu")
        assert "no: the name may be given to a government; not asked: " in lines[2]
        assert lines[3].startswith("  Li Yuhan: not asked: others may act for the person, ")
        assert not lines[4].startswith("  Wang")
    assert "have agreed" not in terminal("show", vault, visit).out


def test_undo_takes_a_template_or_a_search_back_before_an_older_record(
    terminal: Terminal, vault: str
) -> None:
    person = added(terminal, vault, "person", names=[{"text": "A"}])
    terminal("template", "keep", vault, person, "Lawyer")
    terminal("searches", vault, "--save", "Tea", "--search", "tea")
    terminal("template", "remove", vault, "Lawyer")

    assert terminal("undo", vault).out == "Taken back: template forgotten.\n"
    assert terminal("template", "list", vault, "--json").json[0]["name"] == "Lawyer"
    said = [terminal("undo", vault, "--json").json for _ in range(3)]
    assert said == [
        {"undone": "search-saved", "records": []},
        {"undone": "template-kept", "records": []},
        {"undone": "add", "records": [person]},
    ]
    assert terminal("searches", vault, "--json").json == []
    assert terminal("template", "list", vault, "--json").json == []


def test_adding_new_records_beside_known_ones_is_adding(terminal: Terminal, vault: str) -> None:
    person = added(terminal, vault, "person", names=[{"text": "A"}])
    given = [
        {"id": person, "type": "person", "values": {"occupation": "lawyer"}},
        {"type": "person", "values": {"names": [{"text": "B"}]}},
    ]
    terminal("add", vault, "-", stdin=json.dumps(given))

    assert terminal("undo", vault, "--json").json["undone"] == "add"


def test_importing_a_bundle_says_that_undo_does_not_take_it_back(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    person = added(terminal, vault, "person", names=[{"text": "Wang Yu"}])
    made = terminal("export", vault, person, "--to", "Partner", "--out", "stick", "--json")
    assert made.status == 0, made.err
    (bundle,) = Path("stick").iterdir()
    theirs = ("--passphrase-file", str(partner_file))

    first = terminal("import", "p", str(bundle), *theirs)
    again = terminal("import", "p", str(bundle), *theirs)

    assert "`undo` does not take a bundle back" in first.err
    assert "does not take a bundle back" not in again.err


# --- consent and confidentiality when something leaves -------------------------------------------


def test_people_who_were_never_asked_are_named_beside_the_bundle(
    terminal: Terminal, vault: str, partner: str
) -> None:
    added(terminal, vault, "person", names=[{"text": "Wang Yu"}])
    agreed: Any = [{"purpose": "partners", "answer": "yes"}]
    added(terminal, vault, "person", names=[{"text": "Li Yuhan"}], consents=agreed)

    ran = terminal("export", vault, "--to", "Partner", "--out", "out")

    assert ran.status == 0
    assert "it is not known that they agree" in ran.err
    assert "Wang Yu" in ran.err
    assert "Li Yuhan" not in ran.err


def test_who_said_no_and_is_only_linked_is_named_beside_the_bundle(
    terminal: Terminal, vault: str, partner: str
) -> None:
    no: Any = [{"purpose": "partners", "answer": "no"}]
    refusing = added(terminal, vault, "person", names=[{"text": "Wang Yu"}], consents=no)
    silent = added(terminal, vault, "person", names=[{"text": "Li Yuhan"}])
    what = added(terminal, vault, "risk", kind="tea", exposed=[refusing, silent])

    ran = terminal("export", vault, what, "--to", "Partner", "--out", "out")
    without = terminal(
        *("export", vault, what, "--to", "Partner", "--out", "out"), "--leave-out", "risk.exposed"
    )

    assert (ran.status, without.status) == (0, 0), ran.err + without.err
    assert "own record stays: Wang Yu\n" in ran.err
    assert "Li Yuhan" not in ran.err
    assert "own record stays" not in without.err


def test_an_unprotected_export_names_purpose_by_purpose_who_has_not_agreed(
    terminal: Terminal, vault: str
) -> None:
    def answers(**given: str) -> Any:
        codes = {code.replace("_", "-"): answer for code, answer in given.items()}
        return [{"purpose": code, "answer": answer} for code, answer in codes.items()]

    for name, given in (
        ("Wang Yu", answers(public_report="no", media="yes", government="yes")),
        ("Li Yuhan", answers(public_report="yes", media="yes")),
        ("Xu Qin", answers(public_report="unknown", media="yes", government="yes")),
    ):
        added(terminal, vault, "person", names=[{"text": name}], consents=given)
    for number in range(8):
        added(terminal, vault, "person", names=[{"text": f"Person {number}"}])
    export = ("export-open", vault, "--format", "jsonl", "--out", "open")

    looked = terminal(*export, "--dry-run")
    found = terminal(*export, "--dry-run", "--json").json["not_agreed"]
    written = terminal(*export, "--yes")

    (report, media, government) = [
        line for line in looked.err.splitlines() if line.startswith("Consent, ")
    ]
    assert report.startswith("Consent, “the name may stand in public reports”: no (Wang Yu); ")
    assert "unclear (Xu Qin); not asked (" in report
    assert report.endswith(", 2 more)")
    assert "Li Yuhan" not in report + media
    assert "media" in media
    assert "government" in government
    assert "Li Yuhan" in government
    assert found["public-report"]["no"] == ["Wang Yu"]
    assert found["public-report"]["unknown"] == ["Xu Qin"]
    assert len(found["media"]["not-asked"]) == 8
    assert "Li Yuhan" in found["government"]["not-asked"]
    assert written.status == 0
    assert "Consent, " in written.err


def test_an_unprotected_export_names_who_said_no_and_is_only_linked(
    terminal: Terminal, vault: str
) -> None:
    no: Any = [{"purpose": "media", "answer": "no"}]
    refusing = added(terminal, vault, "person", names=[{"text": "Wang Yu"}], consents=no)
    kept = added(terminal, vault, "person", names=[{"text": "Li Yuhan"}], consents=no)
    merged = added(terminal, vault, "person", names=[{"text": "Li Yuhuan"}])
    assert terminal("merge", vault, kept, merged).status == 0
    entry: Any = {"kind": "held", "persons": [merged]}
    secret: Any = {"kind": "held", "persons": [refusing], "confidentiality": "secret"}
    what = added(terminal, vault, "detention", title="a", entries=[entry, secret])
    incident = added(terminal, vault, "incident", title="b", persons=[{"person": refusing}])
    export = ("export-open", vault, "--format", "csv", "--out", "open", "--dry-run")

    assert terminal(*export, "--json").json["linked_refusals"] == []
    assert "own record stays: Wang Yu\n" in terminal(*export, incident).err
    found = terminal(*export, "--json", incident, refusing).json["linked_refusals"]
    assert found == []
    names = terminal(*export, "--json", what).json["linked_refusals"]
    assert names == ["Li Yuhan · Li Yuhuan", "Wang Yu"]


def test_a_refusal_that_was_taken_back_later_holds_nothing_up(
    terminal: Terminal, vault: str, partner: str
) -> None:
    no: Any = {"purpose": "partners", "answer": "no", "asked_on": "2023"}
    yes: Any = {"purpose": "partners", "answer": "yes", "asked_on": "2024"}
    person = added(terminal, vault, "person", names=[{"text": "Wang Yu"}], consents=[no])
    refused = terminal("export", vault, "--to", "Partner", "--out", "out", "--json")
    assert refused.error["code"] == "export.consent"
    change: Any = {"id": person, "type": "person", "values": {"consents": [no, yes]}}
    terminal("add", vault, "-", stdin=json.dumps(change))

    assert terminal("export", vault, "--to", "Partner", "--out", "out").status == 0


def test_what_is_marked_secret_stays_unless_it_is_named(
    terminal: Terminal, vault: str, partner: str, partner_file: Any
) -> None:
    detention = added(
        terminal,
        vault,
        "detention",
        title="A case",
        entries=[
            {"kind": "taken-away", "date": "2022-01", "text": "told openly"},
            {"kind": "trial", "date": "2022-02", "text": "only between us"}
            | {"confidentiality": "secret"},
        ],
    )
    added(terminal, vault, "incident", title="Hidden", date="2022", confidentiality="secret")
    theirs = ("--passphrase-file", str(partner_file))

    def got(*words: str) -> str:
        ran = terminal("export", vault, *words, "--to", "Partner", "--out", "out", "--json")
        assert ran.status == 0, ran.err
        assert terminal("import", partner, ran.json[0]["files"][0], *theirs).status == 0
        return terminal("list", partner, "--json", *theirs).out

    ran = terminal("export", vault, "--to", "Partner", "--out", "out")
    assert "Marked secret, and therefore left out: 2." in ran.err
    everything = got()
    assert "told openly" in everything
    assert "only between us" not in everything
    assert "Hidden" not in everything
    assert "only between us" not in got(detention)
    assert "only between us" in got(detention, "--with-secret")


def test_a_link_to_a_merged_person_leads_to_the_one_who_stands_for_them(
    terminal: Terminal, vault: str, partner: str, partner_file: Any
) -> None:
    kept = added(terminal, vault, "person", names=[{"text": "Li Yuhan"}])
    other = added(terminal, vault, "person", names=[{"text": "Li Yuhuan"}])
    added(terminal, vault, "detention", title="A case", persons=[other])
    terminal("merge", vault, kept, other)
    theirs = ("--passphrase-file", str(partner_file))

    ran = terminal("export", vault, "--to", "Partner", "--out", "out", "--json")
    terminal("import", partner, ran.json[0]["files"][0], *theirs)

    records_there = terminal("list", partner, "--json", *theirs).json
    (person,) = [one for one in records_there if one["type"] == "person"]
    (case,) = [one for one in records_there if one["type"] == "detention"]
    assert case["values"]["persons"] == [person["id"]]
    assert {name["text"] for name in person["values"]["names"]} == {"Li Yuhan", "Li Yuhuan"}


def test_an_own_field_travels_with_its_value_and_a_newer_declaration_wins(
    terminal: Terminal, vault: str, partner: str, partner_file: Any
) -> None:
    theirs = ("--passphrase-file", str(partner_file))
    (own,) = terminal("fields", vault, "--label", "Village", "--type", "incident", "--json").json
    incident = added(
        terminal,
        vault,
        "incident",
        title="A",
        date="2022",
        custom=[{"id": own["id"], "value": "Plum Hollow"}],
    )
    added(terminal, vault, "custom-field", label="Unused", kind="text", applies_to=["risk"])

    def sent(record: str) -> None:
        ran = terminal("export", vault, record, "--to", "Partner", "--out", "out", "--json")
        assert ran.status == 0, ran.err
        assert terminal("import", partner, ran.json[0]["files"][0], *theirs).status == 0

    sent(incident)

    (there,) = terminal("fields", partner, "--json", *theirs).json
    assert (there["label"], there["applies_to"]) == ("Village", ["incident"])
    (record,) = terminal("list", partner, "--json", *theirs).json
    assert record["values"]["custom"] == [{"id": there["id"], "value": "Plum Hollow"}]
    assert "  Village: Plum Hollow" in terminal("show", partner, record["id"], *theirs).out
    assert terminal("list", partner, "--search", "hollow", "--json", *theirs).json == [
        record
        | {
            "matches": terminal("list", partner, "--search", "hollow", "--json", *theirs).json[0][
                "matches"
            ]
        }
    ]
    change = {"id": own["id"], "type": "custom-field", "values": {"label": "Village or town"}}
    terminal("add", vault, "-", stdin=json.dumps(change))
    sent(incident)
    (there,) = terminal("fields", partner, "--json", *theirs).json
    assert there["label"] == "Village or town"


def test_the_history_tells_each_change_and_the_partner_who_brought_it(
    terminal: Terminal, vault: str, partner: str, partner_file: Any
) -> None:
    theirs = ("--passphrase-file", str(partner_file))
    incident = added(terminal, vault, "incident", title="A", date="2022")

    def sent() -> None:
        ran = terminal("export", vault, incident, "--to", "Partner", "--out", "out", "--json")
        assert terminal("import", partner, ran.json[0]["files"][0], *theirs).status == 0

    sent()
    change = {"id": incident, "type": "incident", "values": {"title": "B", "date": "2022-08"}}
    terminal("add", vault, "-", stdin=json.dumps(change))
    sent()

    here = terminal("history", vault, incident).out.splitlines()
    assert here[-3].endswith("  here")
    assert here[-2:] == [
        "    When it happened: some time in 2022 → some time in August 2022",
        "    Title: A → B",
    ]
    (there,) = terminal("list", partner, "--json", *theirs).json
    shown_there = terminal("history", partner, there["id"], *theirs).out
    assert "  Sender\n" in shown_there
    assert "    Title: A → B\n" in shown_there
    found = terminal("history", partner, there["id"], "--json", *theirs).json
    assert [(one["foreign"], one["brought_by"]) for one in found] == [(True, "Sender")] * 2
    assert set(found[0]) == {
        *("revision", "written_at", "device", "foreign", "brought_by", "changes")
    }
    assert terminal("history", vault, incident, "--json").json[0]["brought_by"] is None

    assert terminal("contact", "remove", partner, "Sender", *theirs).status == 0
    assert "  an unknown sender\n" in terminal("history", partner, there["id"], *theirs).out
    found = terminal("history", partner, there["id"], "--json", *theirs).json
    assert [(one["foreign"], one["brought_by"]) for one in found] == [(True, None)] * 2


# --- sources' identities -------------------------------------------------------------------------


def test_sources_have_a_passphrase_of_their_own_in_the_terminal(
    terminal: Terminal, vault: str, tmp_path: Any
) -> None:
    own, new = tmp_path / "own", tmp_path / "new"
    own.write_text("seven quite different words for sources", encoding="utf-8")
    new.write_text("other seven words for them", encoding="utf-8")
    source = added(terminal, vault, "source", kind="person", identity={"name": "Real Name"})
    opened = ("--sources-passphrase-file", str(own))

    assert "no passphrase of their own" in terminal("sources", "status", vault).out
    ran = terminal("sources", "set", vault, "--new-sources-passphrase-file", str(own))
    assert "If this passphrase is lost, so are the identities." in ran.err
    assert "Real Name" not in terminal("show", vault, source).out
    assert "Real Name" in terminal("show", vault, source, *opened).out
    assert "are closed" in terminal("sources", "status", vault).out
    given = json.dumps({"type": "source", "values": {"kind": "person", "identity": {"name": "B"}}})
    assert terminal("add", vault, "-", "--json", stdin=given).error["code"] == "compartment.closed"
    assert terminal("add", vault, "-", *opened, stdin=given).status == 0
    change = ("--new-sources-passphrase-file", str(new))
    assert (
        terminal("sources", "set", vault, *change, "--json").error["code"] == "compartment.closed"
    )
    assert terminal("sources", "set", vault, *change, *opened).status == 0
    wrong = terminal("show", vault, source, *opened, "--json")
    assert wrong.error["code"] == "compartment.wrong-passphrase"
    assert terminal("check", vault).status == 0
    opened = ("--sources-passphrase-file", str(new))
    assert terminal("sources", "remove", vault, *opened, "--json").json == {"passphrase": False}
    assert "Real Name" in terminal("show", vault, source).out
