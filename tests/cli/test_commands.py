"""Every command as a person or a script uses it."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import PASSPHRASE, Terminal
from fielddoc import errors
from fielddoc.cli.main import parser
from fielddoc.vault.key_file_layout import FILE_BYTES
from vault.folders import digest, unchangeable
from vault.processes import start

INCIDENT = {
    "type": "incident",
    "values": {
        "title": "家中被搜查",
        "date": "2022-08",
        "place": "上海",
        "what_happened": "搜查两小时",
    },
}
PERSON = {"type": "person", "values": {"names": [{"text": "徐秦", "kind": "characters"}]}}


def _added(terminal: Terminal, vault: str, *given: Any) -> list[str]:
    ran = terminal("add", vault, "-", stdin=json.dumps(list(given), ensure_ascii=False))
    assert ran.status == 0, ran.err
    return ran.out.split()


def test_what_was_added_comes_back_as_the_same_json_with_an_id(
    terminal: Terminal, vault: str
) -> None:
    (identity,) = _added(terminal, vault, INCIDENT)

    shown = terminal("show", vault, identity, "--json").json

    assert shown == {"id": identity, **INCIDENT}
    assert terminal("list", vault, "--json").json == [shown]


def test_shown_json_can_be_added_again_and_changes_nothing(terminal: Terminal, vault: str) -> None:
    (identity,) = _added(terminal, vault, PERSON)
    shown = terminal("show", vault, identity, "--json").out

    assert terminal("add", vault, "-", stdin=shown).status == 0

    assert len(terminal("history", vault, identity, "--json").json) == 1


def test_add_of_a_known_id_appends_a_revision_and_items_keep_their_ids(
    terminal: Terminal, vault: str
) -> None:
    (identity,) = _added(terminal, vault, PERSON)
    shown = terminal("show", vault, identity, "--json").json
    shown["values"]["names"].append({"text": "Xu Qin", "kind": "romanised"})

    assert _added(terminal, vault, shown) == [identity]

    names = terminal("show", vault, identity, "--json").json["values"]["names"]
    assert [name["text"] for name in names] == ["徐秦", "Xu Qin"]
    assert names[0]["id"] == shown["values"]["names"][0]["id"]
    assert len(terminal("history", vault, identity, "--json").json) == 2


def test_an_item_left_out_of_its_list_is_removed_and_null_clears_a_field(
    terminal: Terminal, vault: str
) -> None:
    given = {"names": [{"text": "徐秦"}], "sex": "female"}
    (identity,) = _added(terminal, vault, {"type": "person", "values": given})

    _added(
        terminal, vault, {"id": identity, "type": "person", "values": {"names": [], "sex": None}}
    )

    assert terminal("show", vault, identity, "--json").json["values"] == {}


def test_appending_keeps_the_items_that_are_there(terminal: Terminal, vault: str) -> None:
    (identity,) = _added(terminal, vault, PERSON)
    more = {"id": identity, "type": "person", "values": {"names": [{"text": "Xu Qin"}]}}

    assert terminal("add", vault, "-", "--append", stdin=json.dumps(more)).status == 0

    names = terminal("show", vault, identity, "--json").json["values"]["names"]
    assert [name["text"] for name in names] == ["徐秦", "Xu Qin"]


def test_show_speaks_in_the_words_of_the_form(terminal: Terminal, vault: str) -> None:
    (person,) = _added(terminal, vault, PERSON)
    entry = {"kind": "trial", "date": "2022-08~", "charges": ["picking-quarrels"]}
    given = {"type": "detention", "values": {"persons": [person], "entries": [entry]}}
    (detention,) = _added(terminal, vault, given)

    out = terminal("show", vault, detention).out

    assert f"Who is or was held: 徐秦 ({person})" in out
    assert "  - What: trial" in out
    assert "When it happened: about August 2022 (2022-08~)" in out
    assert "Charges: picking quarrels and provoking trouble" in out


def test_names_of_parts_cannot_command_the_terminal(terminal: Terminal, vault: str) -> None:
    given = {"type": "incident", "values": {"title": "x", "place": {"\x1b[31mEVIL": "\x1b[2J"}}}
    (identity,) = _added(terminal, vault, given)

    assert "\x1b" not in terminal("show", vault, identity).out


def test_an_unprotected_copy_is_for_its_owner_alone(terminal: Terminal, vault: str) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    Path("a").write_bytes(b"a")
    attachment = terminal("attach", vault, incident, "a").out.strip()

    terminal("extract", vault, attachment, "--out", "copy")

    assert Path("copy").stat().st_mode & 0o777 == 0o600


def test_a_plainly_typed_date_becomes_edtf_and_the_words_stay_beside_it(
    terminal: Terminal, vault: str
) -> None:
    given = {"type": "incident", "values": {"title": "x", "date": "2022年8月中旬"}}

    (identity,) = _added(terminal, vault, given)

    values = terminal("show", vault, identity, "--json").json["values"]
    assert (values["date"], values["date_words"]) == ("2022-08~", "2022年8月中旬")


def test_a_wrong_value_is_kept_and_its_problem_shown(terminal: Terminal, vault: str) -> None:
    given = {"type": "incident", "values": {"date": "someday soon"}}

    ran = terminal("add", vault, "-", stdin=json.dumps(given))

    assert ran.status == 0
    assert "date: This date could not be understood." in ran.err
    shown = terminal("show", vault, ran.out.strip(), "--json").json
    assert shown["values"]["date"] == "someday soon"
    assert {p["path"]: p["fault"] for p in shown["problems"]} == {
        "title": "missing",
        "date": "not-a-date",
    }


def test_either_all_records_of_an_input_are_added_or_none(terminal: Terminal, vault: str) -> None:
    bad = {"type": "incident", "values": {"titel": "typing mistake"}}

    ran = terminal("add", vault, "-", stdin=json.dumps([INCIDENT, bad]))

    assert ran.status == 1
    assert "titel" in ran.err
    assert terminal("list", vault, "--json").json == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "input.not-json"),
        ("", "input.not-json"),
        ("[1]", "input.refused"),
        ('{"type": "incident"}', "input.refused"),
        ('{"type": "incident", "values": {}, "title": 1}', "input.refused"),
        ('{"type": "nothing", "values": {}}', "input.refused"),
        ('{"type": "risk", "values": {"note": 1.5}}', "input.refused"),
        ('{"type": "risk", "values": {"note": "a", "note": "b"}}', "input.refused"),
        ('{"type": "risk", "id": "../x", "values": {}}', "input.refused"),
        ('{"type": "risk", "values": {"note": "\\ud800"}}', "input.refused"),
        ("[" * 100_000, "input.refused"),
    ],
)
def test_input_that_cannot_be_taken_is_refused_with_its_own_code(
    terminal: Terminal, vault: str, text: str, code: str
) -> None:
    ran = terminal("add", vault, "-", "--json", stdin=text)

    assert (ran.status, ran.error["code"]) == (1, code)
    assert ran.error["message"]
    assert ran.error["hint"]


def test_an_id_of_another_type_is_not_changed(terminal: Terminal, vault: str) -> None:
    (identity,) = _added(terminal, vault, INCIDENT)

    ran = terminal(
        "add", vault, "-", stdin=json.dumps({"id": identity, "type": "risk", "values": {}})
    )

    assert ran.status == 1
    assert terminal("show", vault, identity, "--json").json["type"] == "incident"


@pytest.mark.parametrize("text", ["徐", "徐秦", "秦", "XU q", '"u Q"'])
def test_search_finds_any_part_of_a_name_and_only_that(
    terminal: Terminal, vault: str, text: str
) -> None:
    both = [{"text": "徐秦"}, {"text": "Xu Qin"}]
    wanted, _ = _added(terminal, vault, {"type": "person", "values": {"names": both}}, {**INCIDENT})

    assert [row["id"] for row in terminal("list", vault, "--search", text, "--json").json] == [
        wanted
    ]


def test_a_file_is_attached_and_comes_out_unchanged(terminal: Terminal, vault: str) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    Path("photo.jpg").write_bytes(bytes(range(256)) * 1000)

    attachment = terminal("attach", vault, incident, "photo.jpg").out.strip()

    assert terminal("extract", vault, attachment, "--out", "copy.jpg").status == 0
    assert Path("copy.jpg").read_bytes() == Path("photo.jpg").read_bytes()
    shown = terminal("show", vault, attachment, "--json").json["values"]
    assert (shown["name"], shown["belongs_to"]) == ("photo.jpg", [incident])


def test_extract_overwrites_nothing(terminal: Terminal, vault: str) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    Path("a").write_bytes(b"a")
    attachment = terminal("attach", vault, incident, "a").out.strip()
    Path("kept").write_bytes(b"kept")

    ran = terminal("extract", vault, attachment, "--out", "kept", "--json")

    assert (ran.status, ran.error["code"]) == (1, "file.exists")
    assert Path("kept").read_bytes() == b"kept"


def test_a_missing_file_is_named_and_none_is_attached(terminal: Terminal, vault: str) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    Path("a").write_bytes(b"a")

    ran = terminal("attach", vault, incident, "a", "not-there", "--json")

    assert (ran.status, ran.error["code"]) == (1, "file.not-found")
    assert len(terminal("list", vault, "--json").json) == 1


def test_the_trash_takes_and_gives_back_and_purging_is_for_good(
    terminal: Terminal, vault: str
) -> None:
    (identity,) = _added(terminal, vault, INCIDENT)

    terminal("delete", vault, identity)
    assert terminal("list", vault, "--json").json == []
    assert [r["id"] for r in terminal("list", vault, "--trash", "--json").json] == [identity]
    terminal("restore", vault, identity)
    assert [r["id"] for r in terminal("list", vault, "--json").json] == [identity]
    terminal("purge", vault, identity)

    assert terminal("list", vault, "--trash", "--json").json == []
    assert terminal("show", vault, identity, "--json").error["code"] == "record.not-found"
    again = {"id": identity, **INCIDENT}
    ran = terminal("add", vault, "-", "--json", stdin=json.dumps(again))
    assert ran.error["code"] == "input.refused"


def test_purging_an_attachment_removes_its_file(terminal: Terminal, vault: str) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    Path("a").write_bytes(b"a")
    attachment = terminal("attach", vault, incident, "a").out.strip()
    assert len(list(Path(vault, "attachments").iterdir())) == 1

    terminal("purge", vault, attachment)

    assert list(Path(vault, "attachments").iterdir()) == []
    assert terminal("check", vault, "--json").json["sound"] is True


def test_nothing_is_deleted_if_one_of_the_ids_is_wrong(terminal: Terminal, vault: str) -> None:
    (identity,) = _added(terminal, vault, INCIDENT)

    ran = terminal("delete", vault, identity, "nonsense", "--json")

    assert (ran.status, ran.error["code"]) == (1, "record.not-found")
    assert len(terminal("list", vault, "--json").json) == 1


def _exported(terminal: Terminal, vault: str, *words: str) -> Path:
    ran = terminal("export", vault, "--out", "stick", "--json", *words)
    assert ran.status == 0, ran.err
    return Path(ran.json[0]["files"][0])


def test_a_partner_verifies_and_imports_what_was_exported(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    theirs = ("--passphrase-file", str(partner_file), "--json")
    bundle = str(_exported(terminal, vault, "--to", "Partner", incident))

    report = terminal("verify", partner, bundle, *theirs).json
    assert (report["sender"]["name"], report["records"], report["bad"]) == ("Sender", 1, [])
    assert terminal("list", partner, *theirs).json == []
    assert terminal("import", partner, bundle, *theirs).json["added"] == 1
    assert terminal("import", partner, bundle, *theirs).json["added"] == 0

    (imported,) = terminal("list", partner, *theirs).json
    assert imported["values"] == INCIDENT["values"]
    assert imported["id"] != incident


def test_a_second_export_updates_the_partners_record(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    theirs = ("--passphrase-file", str(partner_file), "--json")
    terminal(
        "import", partner, str(_exported(terminal, vault, "--to", "Partner", incident)), *theirs
    )
    _added(terminal, vault, {"id": incident, "type": "incident", "values": {"place": "北京"}})

    terminal(
        "import", partner, str(_exported(terminal, vault, "--to", "Partner", incident)), *theirs
    )

    (only,) = terminal("list", partner, *theirs).json
    assert only["values"]["place"] == "北京"
    assert "conflicts" not in only


def test_export_without_ids_takes_everything_but_sources(
    terminal: Terminal, vault: str, partner: str
) -> None:
    _added(terminal, vault, INCIDENT, PERSON, {"type": "source", "values": {"kind": "person"}})

    ran = terminal("export", vault, "--to", "Partner", "--out", "stick", "--json")

    assert ran.json[0]["records"] == 2


def test_an_option_that_is_repeated_counts_each_time(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    values = {"names": [{"text": "Fictional"}], "address": "here", "health": "ill", "sex": "female"}
    (person,) = _added(terminal, vault, {"type": "person", "values": values})
    words = ("--leave-out", "person.address", "--leave-out", "person.health", "--to", "Partner")
    theirs = ("--passphrase-file", str(partner_file), "--json")

    terminal("import", partner, str(_exported(terminal, vault, *words, person)), *theirs)

    (received,) = terminal("list", partner, *theirs).json
    assert set(received["values"]) == {"names", "sex"}


def test_the_words_of_a_date_stay_with_a_date_that_is_left_out(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    values = {"title": "x", "date": "mid-August 2022", "date_inferred": True}
    (incident,) = _added(terminal, vault, {"type": "incident", "values": values})
    theirs = ("--passphrase-file", str(partner_file), "--json")
    words = ("--to", "Partner", "--leave-out", "incident.date")

    terminal("import", partner, str(_exported(terminal, vault, *words, incident)), *theirs)

    (received,) = terminal("list", partner, *theirs).json
    assert received["values"] == {"title": "x"}


def test_an_attachment_without_a_right_hash_can_be_purged(terminal: Terminal, vault: str) -> None:
    given = {"type": "attachment", "values": {"name": "x", "sha256": "not a hash"}}
    (identity,) = _added(terminal, vault, given)

    assert terminal("purge", vault, identity).status == 0


def test_ids_may_stand_after_the_options(terminal: Terminal, vault: str, partner: str) -> None:
    first, _ = _added(terminal, vault, INCIDENT, PERSON)

    ran = terminal("export", vault, "--to", "Partner", "--out", "stick", "--json", first)

    assert (ran.status, ran.json[0]["records"]) == (0, 1)


def test_a_bundle_for_a_passphrase_opens_with_it_alone(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    _added(terminal, vault, INCIDENT)
    Path("secret").write_text("words for this one bundle", encoding="utf-8")
    bundle = str(
        _exported(terminal, vault, "--passphrase-recipient", "--bundle-passphrase-file", "secret")
    )
    theirs = ("--passphrase-file", str(partner_file), "--json")

    right = terminal("verify", partner, bundle, "--bundle-passphrase-file", "secret", *theirs)
    wrong = terminal(
        "verify", partner, bundle, "--bundle-passphrase-file", str(partner_file), *theirs
    )

    assert (right.status, right.json["recipients"]) == (0, ["passphrase"])
    assert (wrong.status, wrong.error["code"]) == (1, "bundle.wrong-passphrase")


def test_a_complete_bundle_for_oneself_restores_everything(terminal: Terminal, vault: str) -> None:
    source = {"type": "source", "values": {"kind": "person", "identity": {"name": "Fictional"}}}
    ids = _added(terminal, vault, INCIDENT, source)
    bundle = str(_exported(terminal, vault, "--complete", "--to-self"))
    terminal("purge", vault, ids[0])

    report = terminal("verify", vault, bundle, "--json").json

    assert (report["kind"], report["records"]) == ("complete", 2)
    imported = terminal("import", vault, bundle, "--json").json
    assert (imported["added"], imported["purged"]) == (0, 1)


@pytest.mark.parametrize(
    "words",
    [
        ("export", "v", "--out", "stick"),
        ("export", "v", "--to-self", "--out", "stick", "--complete", "some-id"),
        ("export", "v", "--to-self", "--out", "stick", "--leave-out", "person.adress"),
        ("export", "v", "--to-self", "--out", "stick", "--everything-leaves"),
        *(
            ("export", "v", "--to-self", "--out", "stick", "--complete", *more)
            for more in (
                ("--leave-out", "person.address"),
                ("--pseudonyms",),
                ("--dates", "year"),
                ("--dates", "day"),
                ("--one-off",),
                ("--with-attachments",),
                ("--with-secret",),
                ("--despite-consent",),
                ("--allow-leaks",),
            )
        ),
    ],
)
def test_words_that_do_not_go_together_are_wrong_usage(
    terminal: Terminal, vault: str, words: tuple[str, ...]
) -> None:
    ran = terminal(*words)

    assert ran.status == 2
    assert "hint: See the command's --help." in ran.err
    assert not list(Path().rglob("*.age"))


def test_a_complete_bundle_for_somebody_else_must_be_meant(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    no = {"purpose": "partners", "answer": "no"}
    _added(
        terminal,
        vault,
        {"type": "person", "values": {"names": [{"text": "Wang Yu"}], "consents": [no]}},
        {"type": "incident", "values": {"title": "Hidden", "confidentiality": "secret"}},
    )
    words = ("export", vault, "--complete", "--to", "Partner", "--out", "out")
    alone = ("--passphrase-recipient", "--bundle-passphrase-file", str(partner_file))

    refused = terminal(*words)
    machines = terminal(*words, "--json")
    among_others = terminal(*words, "--to-self", *alone)

    assert [ran.status for ran in (refused, machines, among_others)] == [1, 1, 1]
    for what in ("history", "trash", "secret", "said no", "sources", "--everything-leaves"):
        assert what in refused.err
    assert machines.error["code"] == "export.everything-leaves"
    assert not list(Path().rglob("*.age*"))
    meant = terminal(*words, "--everything-leaves", "--json")
    assert meant.json[0]["kind"] == "complete"
    for mine in (("--to-self",), alone):
        assert terminal("export", vault, "--complete", *mine, "--out", "out").status == 0


def test_names_too_short_to_be_sought_are_told_beside_the_bundle(
    terminal: Terminal, vault: str, partner: str
) -> None:
    people = [
        {"type": "person", "values": {"names": [{"text": name}]}} for name in ("Li", "Wang Yu")
    ]
    (what, *_) = _added(terminal, vault, INCIDENT, *people)

    ran = terminal("export", vault, "--to", "Partner", "--out", "out", what)

    assert ran.status == 0
    assert "Too short to be looked for in what leaves, so look yourself: Li\n" in ran.err


def test_a_contact_is_added_only_by_the_code_of_the_card(
    terminal: Terminal, vault: str, partner_file: Path
) -> None:
    theirs = ("--passphrase-file", str(partner_file))
    terminal("new", "p", "--name", "Partner", *theirs)
    terminal("identity", "p", "--card", "partner.card", *theirs)
    right = terminal("identity", "p", "--json", *theirs).json["code"]
    other = terminal("identity", vault, "--json").json["code"]

    def code_of(typed: str) -> object:
        ran = terminal("contact", "add", vault, "partner.card", "--code", typed, "--json")
        return ran.json["name"] if ran.status == 0 else ran.error["code"]

    assert code_of(right[:-1]) == "contact.code-mistyped"
    assert code_of(right[:-1] + str((int(right[-1]) + 1) % 10)) == "contact.code-mistyped"
    assert code_of(other) == "contact.code-wrong"
    assert terminal("contact", "list", vault, "--json").json == []
    assert code_of(right) == "Partner"
    assert code_of(right) == "contact.exists"
    assert terminal("contact", "remove", vault, "Partner").status == 0
    assert (
        terminal("contact", "remove", vault, "Partner", "--json").error["code"]
        == "contact.not-found"
    )


def test_conflicts_are_listed_and_settled(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    (incident,) = _added(terminal, vault, INCIDENT)
    theirs = ("--passphrase-file", str(partner_file), "--json")
    terminal(
        "import", partner, str(_exported(terminal, vault, "--to", "Partner", incident)), *theirs
    )
    (known,) = terminal("list", partner, *theirs).json
    change = {"id": known["id"], "type": "incident", "values": {"place": "广州"}}
    terminal("add", partner, "-", *theirs, stdin=json.dumps(change))
    _added(terminal, vault, {"id": incident, "type": "incident", "values": {"place": "北京"}})
    terminal(
        "import", partner, str(_exported(terminal, vault, "--to", "Partner", incident)), *theirs
    )

    (found,) = terminal("conflicts", partner, *theirs).json
    (conflict,) = found["conflicts"]
    assert (conflict["path"], conflict["shown"]) == ("place", "广州")
    assert [(r["value"], r["foreign"]) for r in conflict["rivals"]] == [("北京", True)]

    settled = terminal("settle", partner, known["id"], "place", "--take", "1", *theirs).json

    assert settled["values"]["place"] == "北京"
    assert "conflicts" not in settled
    assert terminal("settle", partner, known["id"], "place", "--take", "0", *theirs).status == 1


def test_the_passphrase_is_changed_and_the_old_one_opens_nothing(
    terminal: Terminal, vault: str, partner_file: Path
) -> None:
    _added(terminal, vault, INCIDENT)

    assert terminal("passphrase", vault, "--new-passphrase-file", str(partner_file)).status == 0

    assert terminal("list", vault, "--json").error["code"] == "vault.wrong-passphrase"
    with_new = terminal("list", vault, "--json", "--passphrase-file", str(partner_file))
    assert len(with_new.json) == 1


def _no_terminal(*_: object, **__: object) -> int:
    raise OSError


def test_without_terminal_or_file_the_missing_passphrase_is_said(
    terminal: Terminal, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIELDDOC_PASSPHRASE_FILE")
    monkeypatch.setattr("os.open", _no_terminal)

    ran = terminal("list", vault, "--json")

    assert (ran.status, ran.error["code"]) == (1, "passphrase.missing")


def test_salvage_saves_a_vault_into_a_new_one(terminal: Terminal, vault: str) -> None:
    source = {"type": "source", "values": {"kind": "person", "identity": {"name": "Fictional"}}}
    ids = _added(terminal, vault, INCIDENT, PERSON, source)
    Path("a").write_bytes(b"content")
    terminal("attach", vault, ids[0], "a")
    before = terminal("list", vault, "--json").json

    ran = terminal("salvage", vault, "saved", "--json")

    assert ran.json == {
        "records": 4,
        "revisions": 4,
        "attachments": 1,
        "lost_revisions": 0,
        "lost_attachments": [],
        "lost": [],
        "lost_files": [],
        "lost_rows": 0,
        "lost_log_entries": 0,
        "damaged_pages": 0,
    }
    assert terminal("list", "saved", "--json").json == before
    assert terminal("check", "saved", "--json").json["sound"] is True
    assert sorted(p.name for p in Path("saved").iterdir()) == sorted(
        p.name for p in Path(vault).iterdir()
    )


def test_salvage_can_look_only(terminal: Terminal, vault: str) -> None:
    _added(terminal, vault, INCIDENT, PERSON)
    before = sorted(Path().rglob("*"))

    ran = terminal("salvage", vault, "--look")

    assert ran.status == 0, ran.err
    assert "Intact: records 2, revisions 2, attachments 0." in ran.out
    assert "Nothing was written." in ran.out
    looked = terminal("salvage", vault, "--look", "--json").json
    assert sorted(Path().rglob("*")) == before
    assert terminal("salvage", vault, "saved", "--json").json == looked
    for words in ((), ("--look", "other")):
        refused = terminal("salvage", vault, *words, "--json")
        assert refused.error["code"] == "usage"
    assert not Path("other").exists()


def test_salvage_says_what_opens_the_new_vault(terminal: Terminal, vault: str) -> None:
    ran = terminal("salvage", vault, "saved")

    assert "neither recovery shares nor a wipe passphrase" in " ".join(ran.out.split())


def test_salvage_of_a_damaged_database_saves_what_is_intact_and_counts_the_lost(
    terminal: Terminal, vault: str
) -> None:
    long = "被告知不得离开住所。" * 2000
    _added(
        terminal,
        vault,
        *({**INCIDENT, "values": {"title": str(n), "what_happened": long}} for n in range(20)),
    )
    database = Path(vault, "records.db")
    data = bytearray(database.read_bytes())
    for page in range(200, len(data) // 4096, 97):  # far behind the pages of the schema
        data[page * 4096 + 2000] ^= 1
    database.write_bytes(data)

    assert terminal("check", vault, "--json").status == 1
    ran = terminal("salvage", vault, "saved", "--json")

    assert ran.status == 0, ran.err
    saved, lost = ran.json["revisions"], ran.json["lost_revisions"]
    assert (saved + lost, saved > 0, lost > 0) == (20, True, True)
    assert ran.json["damaged_pages"] > 0
    titles = {n["title"] for n in ran.json["lost"]}
    assert len(titles) == lost
    for record in terminal("list", "saved", "--json").json:
        assert record["values"]["what_happened"] == long
        assert record["values"]["title"] not in titles


def test_wipe_asks_nothing_of_the_passphrase_and_leaves_nothing(
    terminal: Terminal, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _added(terminal, vault, INCIDENT)
    monkeypatch.delenv("FIELDDOC_PASSPHRASE_FILE")

    ran = terminal("wipe", vault, "--yes", "--json")

    assert (ran.status, ran.json["files_left"], ran.json["was_open_elsewhere"]) == (0, 0, False)
    assert not Path(vault).exists()


def test_wipe_of_a_vault_that_is_open_elsewhere_is_done_and_says_so(
    terminal: Terminal, vault: str
) -> None:
    folder = Path(vault).absolute()
    holder = start(
        "opened = open_vault(folder, passphrase); say('open'); input()", folder, PASSPHRASE
    )
    assert holder.stdout
    assert holder.stdout.readline() == "open\n"

    ran = terminal("wipe", vault, "--yes")

    holder.communicate("\n", timeout=30)
    assert ran.status == 0
    assert "Destroyed." in ran.out
    assert "Another fielddoc had the vault open. End it: what it shows is still there." in ran.out
    assert not folder.exists()


def test_wipe_that_the_medium_refuses_ends_with_one_and_says_not_destroyed(
    terminal: Terminal, vault: str
) -> None:
    before = digest(Path(vault))

    with unchangeable(Path(vault, "vault.key")):
        for_machines = terminal("wipe", vault, "--yes", "--json")
        ran = terminal("wipe", vault, "--yes")

    assert (for_machines.status, for_machines.error["code"]) == (1, "wipe.not-destroyed")
    assert (ran.status, ran.out) == (1, "")
    assert ran.said.startswith("NOT DESTROYED.")
    assert "hint: Remove write protection and wipe again" in ran.err
    assert digest(Path(vault)) == before
    assert terminal("list", vault).status == 0


def test_wipe_without_yes_and_without_a_terminal_touches_nothing(
    terminal: Terminal, vault: str
) -> None:
    ran = terminal("wipe", vault, "--json")

    assert (ran.status, ran.error["code"]) == (2, "usage")
    assert Path(vault, "vault.key").stat().st_size == FILE_BYTES


def test_wipe_of_a_folder_without_a_key_file_touches_nothing(terminal: Terminal) -> None:
    Path("papers").mkdir()
    Path("papers", "records.db").write_bytes(b"somebody's own file")

    ran = terminal("wipe", "papers", "--yes", "--json")

    assert (ran.status, ran.error["code"]) == (1, "wipe.refused")
    assert Path("papers", "records.db").read_bytes() == b"somebody's own file"


def test_hidden_characters_of_a_name_are_shown_and_not_obeyed(
    terminal: Terminal, vault: str
) -> None:
    _added(terminal, vault, {"type": "incident", "values": {"title": "a\x1b[31m\u202egpj.exe"}})

    out = terminal("list", vault).out

    assert "\x1b" not in out
    assert "⟦U+001B⟧[31m⟦U+202E⟧gpj.exe" in out


def test_a_bug_is_reported_without_any_content(
    terminal: Terminal, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("徐秦 in a message of an exception")

    monkeypatch.setattr("fielddoc.vault.records.rows", broken)

    ran = terminal("list", vault)

    assert ran.status == 1
    assert "RuntimeError" in ran.err
    assert "finding_commands" in ran.err
    assert "徐秦" not in ran.err


def test_a_new_card_ties_nothing_to_the_one_before(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    theirs = ("--passphrase-file", str(partner_file))
    assert terminal("add", vault, "-", stdin='{"type": "incident", "values": {}}').status == 0
    before = terminal("identity", vault, "--json").json
    ran = terminal("identity", vault, "--new-card", "--name", "Plum", "--card", "new.card")
    assert "unknown sender" in ran.out
    after = terminal("identity", vault, "--json").json
    assert after["code"] != before["code"]
    assert after["name"] == "Plum"
    assert terminal("export", vault, "--to", "Partner", "--out", ".").status == 0
    (bundle,) = Path().glob("*.age")

    ran = terminal("import", partner, str(bundle), "--json", *theirs)
    assert ran.status == 1
    assert ran.error["code"] == errors.UnknownSenderError.code

    words = ("contact", "add", partner, "new.card", "--code", after["code"], *theirs)
    assert terminal(*words).status == 0
    assert terminal("import", partner, str(bundle), *theirs).status == 0
    assert terminal("check", vault).status == 0


def test_machines_read_every_failure_as_json(
    terminal: Terminal, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (("nonsense", "--json"), ("list", "--json"), ("list", vault, "--x", "--json")):
        ran = terminal(*words)
        assert ran.status == 2
        assert ran.error["code"] == "usage"
        assert ran.error["message"]

    for raised, code in ((RuntimeError("徐秦"), "bug"), (KeyboardInterrupt(), "stopped")):

        def broken(*_: object, raised: BaseException = raised, **__: object) -> None:
            raise raised

        monkeypatch.setattr("fielddoc.vault.records.rows", broken)
        ran = terminal("list", vault, "--json")
        assert ran.status == 1
        assert ran.error["code"] == code
        assert "徐秦" not in ran.err


@pytest.mark.parametrize(
    "words", [(), ("nonsense",), ("list",), ("contact",), ("settle", "v", "id", "path")]
)
def test_wrong_usage_says_what_is_wrong_and_where_help_is(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    ran = terminal(*words)

    assert ran.status == 2
    assert ran.err.startswith("error: ")
    assert "hint: fielddoc" in ran.err
    assert ran.out == ""


def test_every_command_has_help(terminal: Terminal) -> None:
    (group,) = [
        a for a in parser()._actions if hasattr(a, "choices") and isinstance(a.choices, dict)
    ]

    for name in group.choices or ():
        ran = terminal(name, "--help")
        assert ran.status == 0
        assert len(ran.out.splitlines()) > 3


# --- where a vault lies ---------------------------------------------------------------------------


def test_new_and_check_warn_of_a_folder_that_is_copied_to_a_server(terminal: Terminal) -> None:
    made = terminal("new", "Dropbox")

    assert made.status == 0
    assert "warning: This folder seems to be copied to a server." in made.err
    assert "hint: Every copy is one that no wipe reaches." in made.err
    checked = terminal("check", "Dropbox")
    assert checked.status == 0
    assert "The vault is sound." in checked.out
    assert "warning: This folder seems to be copied to a server." in checked.err
    told = terminal("check", "Dropbox", "--json").json
    assert told["sound"] is True
    assert "place.synced" in [warning["code"] for warning in told["warnings"]]
    again = terminal("new", "OneDrive", "--json")
    assert "place.synced" in [warning["code"] for warning in again.json["warnings"]]
    assert "warning" not in again.err


def test_the_warning_comes_before_the_passphrase_is_asked_for(terminal: Terminal) -> None:
    refused = terminal("new", "Dropbox", "--passphrase-file", "none")

    assert refused.status == 1
    assert refused.err.index("warning:") < refused.err.index("error:")
