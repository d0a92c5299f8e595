import itertools
import signal
import uuid
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fielddoc.domain.revision import RECORD_PATH, Clock, Revision, read_revision, write_revision
from fielddoc.errors import InputRefusedError, RecordNotFoundError, VaultDamagedError
from fielddoc.vault import attachments, drafts, log, purge, records, transfers
from fielddoc.vault.check import check
from fielddoc.vault.opening import open_vault
from fielddoc.vault.records import Taken
from fielddoc.vault.vault import Vault
from vault.conftest import PERSON
from vault.folders import PASSPHRASE, all_bytes, dump, raw_connection
from vault.processes import run, start

THEIRS = "f" * 32
UNKNOWN = "99999999-9999-4999-8999-999999999999"


def values(vault: Vault, record: str) -> dict[str, Any]:
    return cast("dict[str, Any]", dict(records.get(vault, record).values))


def foreign(
    record: str,
    changes: dict[str, Any],
    *,
    parents: tuple[str, ...] = (),
    ms: int = 1_700_000_000_000,
    device: str = THEIRS,
    type_: str = "incident",
) -> Revision:
    """A revision as another device writes it."""
    return write_revision(
        record=record,
        type_=type_,
        parents=parents,
        changes=changes,
        clock=Clock(ms, 0),
        device=device,
    )


def received(vault: Vault, *revisions: Revision, signer: bytes = b"s" * 32) -> Taken:
    """Take revisions in as from one bundle of a partner."""
    with vault.database.transaction():
        manifest = uuid.uuid4().bytes * 2
        bundle = transfers.Transfer(
            bundle=b"b" * 16, kind="complete", sequence=1, manifest=manifest
        )
        number = transfers.note_received(vault, bundle, signer=signer, previous=bytes(32))
        return records.receive(vault, revisions, received=number)


# --- writing --------------------------------------------------------------------------------------


def test_a_record_comes_back_as_it_was_typed(vault: Vault) -> None:
    typed: dict[str, Any] = {
        "title": "  Two  spaces, ＦＵＬＬ width, e\u0301 ",
        "date": "2022-08~",
        "place": "镇江",
        "persons": [{"person": PERSON, "role": "victim"}, {"described_as": "two men"}],
    }

    record = records.add(vault, "incident", typed)
    found = values(vault, record)

    assert [item.pop("id") for item in found["persons"]]
    assert found == typed
    assert records.get(vault, record).type == "incident"


def test_a_record_may_bring_its_own_id(vault: Vault) -> None:
    assert records.add(vault, "incident", {"title": "x"}, record=UNKNOWN) == UNKNOWN
    assert values(vault, UNKNOWN) == {"title": "x"}


def test_adding_a_known_id_loses_nothing(vault: Vault) -> None:
    before = records.revisions_of(vault, PERSON)

    records.add(vault, "person", {"occupation": "teacher"}, record=PERSON)

    assert records.revisions_of(vault, PERSON)[: len(before)] == before
    assert values(vault, PERSON)["names"][0]["text"] == "徐秦"
    assert values(vault, PERSON)["occupation"] == "teacher"


@pytest.mark.parametrize(
    "identity",
    ["nonsense", "", "{" + UNKNOWN + "}", UNKNOWN[:-1], "A" * 8 + UNKNOWN[8:], "../../x"],
)
def test_an_id_that_is_none_is_refused(vault: Vault, identity: str) -> None:
    before = len(records.listing(vault))

    with pytest.raises(InputRefusedError):
        records.add(vault, "incident", {"title": "x"}, record=identity)

    assert len(records.listing(vault)) == before


@pytest.mark.parametrize(
    ("type_name", "given_values"),
    [
        ("unknown", {"title": "x"}),
        ("incident", {"no such field": "x"}),
        ("incident", {"titel": "x"}),
        ("incident", {".": True}),
        ("incident", {"persons": "not a list"}),
        ("incident", {"persons": [{"no_such_part": 1}]}),
        ("incident", {"persons": [{"id": "1"}]}),
        ("incident", {"title": 1.5}),
        ("incident", {"title": "\ud800"}),
        ("incident", {"title": 2**53}),
    ],
    ids=repr,
)
def test_what_cannot_be_kept_is_refused_whole(
    vault: Vault, type_name: str, given_values: dict[str, Any]
) -> None:
    before = all_bytes(dump(vault.database._connection))

    with pytest.raises(InputRefusedError):
        records.add(vault, type_name, given_values)

    assert all_bytes(dump(vault.database._connection)) == before


def test_an_incomplete_record_is_saved_with_its_problems(vault: Vault) -> None:
    record = records.add(vault, "incident", {})

    found = records.get(vault, record)
    assert found.values == {}
    assert {problem.path for problem in found.problems} >= {"title"}


def test_wrong_values_are_kept_with_their_problems(vault: Vault) -> None:
    wrong: dict[str, Any] = {
        "title": 7,
        "date": "sometime",
        "kinds": "no list",
        "place": ["a", "b"],
    }

    record = records.add(vault, "incident", wrong)

    found = records.get(vault, record)
    assert found.values == wrong
    assert {problem.path.split("/")[0] for problem in found.problems} >= set(wrong)


def test_revising_changes_only_what_is_given(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "a", "place": "b"})

    assert records.revise(vault, record, {"title": "c"})
    assert values(vault, record) == {"title": "c", "place": "b"}
    assert records.revise(vault, record, {"place": None})
    assert values(vault, record) == {"title": "c"}


def test_revising_with_the_same_values_writes_nothing(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "a", "persons": [{"role": "witness"}]})
    before = len(records.revisions_of(vault, record))

    assert not records.revise(vault, record, values(vault, record))

    assert len(records.revisions_of(vault, record)) == before


def test_items_keep_their_ids(vault: Vault) -> None:
    record = records.add(vault, "person", {"names": [{"text": "a"}, {"text": "b"}]})
    first, second = values(vault, record)["names"]

    records.revise(vault, record, {"names": [{**second, "text": "B"}, {"text": "c"}]})

    changed, new = values(vault, record)["names"]
    assert changed == {"id": second["id"], "text": "B"}
    assert new["id"] not in (first["id"], second["id"])


def test_deleting_is_undone_by_restoring(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "gone"})

    assert records.delete(vault, record)
    assert not records.delete(vault, record)
    assert record not in [row.id for row in records.listing(vault)]
    assert [row.id for row in records.listing(vault, trash=True)] == [record]
    assert records.listing(vault, text="gone") == []
    assert [row.id for row in records.listing(vault, text="gone", trash=True)] == [record]
    assert records.restore(vault, record)
    assert not records.restore(vault, record)
    assert values(vault, record) == {"title": "gone"}
    assert records.listing(vault, trash=True) == []


def test_history_stands_in_the_order_of_writing(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "0"})
    for number in range(1, 6):
        records.revise(vault, record, {"title": str(number)})
    records.delete(vault, record)
    records.restore(vault, record)

    history = records.revisions_of(vault, record)

    assert [each.changes.get("title") for each in history[:6]] == list("012345")
    assert [each.changes.get(RECORD_PATH) for each in history[6:]] == [None, True]
    for before, after in itertools.pairwise(history):
        assert after.parents == (before.id,)
        assert after.clock > before.clock
    assert {each.device for each in history} == {vault.device}


def test_the_clock_never_goes_back(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    record = records.add(vault, "incident", {"title": "now"})
    for years in (-50, 50, -50):
        monkeypatch.setattr(
            records, "now_ms", lambda y=years: 1_700_000_000_000 + y * 31_536_000_000
        )
        records.revise(vault, record, {"title": f"{years} {uuid.uuid4()}"})

    clocks = [each.clock for each in records.revisions_of(vault, record)]
    assert clocks == sorted(clocks)
    assert str(values(vault, record)["title"]).startswith("-50")


@pytest.mark.parametrize("identity", [UNKNOWN, "nonsense", "", "../../etc"])
def test_an_unknown_record_is_told(vault: Vault, identity: str) -> None:
    for attempt in (
        lambda: records.get(vault, identity),
        lambda: records.revise(vault, identity, {"title": "x"}),
        lambda: records.delete(vault, identity),
        lambda: records.restore(vault, identity),
        lambda: records.settle(vault, identity, "title", "x"),
        lambda: purge.purge(vault, identity),
    ):
        with pytest.raises(RecordNotFoundError):
            attempt()


DIE = """
opened = open_vault(folder, passphrase)
record = records.add(opened, "incident", {"title": "one"})
records.revise(opened, record, {"title": "two"})
gone = records.add(opened, "incident", {"title": "gone"})
records.delete(opened, gone)
say(record, gone)
kill()
"""


def test_what_was_acknowledged_survives_a_kill(vault_folder: Path) -> None:
    result = run(DIE, vault_folder, PASSPHRASE)
    assert result.returncode == -signal.SIGKILL
    record, gone = result.stdout.split()

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert values(opened, record) == {"title": "two"}
        assert records.get(opened, gone).deleted
        assert records.listing(opened, text="two")


def test_a_revision_that_is_not_what_was_written_is_told(vault: Vault) -> None:
    body = records.revisions_of(vault, PERSON)[0].body
    changed = body.replace("徐秦".encode(), "徐泰".encode())
    vault.database.query("UPDATE revision SET body = ? WHERE body = ?", (changed, body))

    with pytest.raises(VaultDamagedError):
        records.get(vault, PERSON)


# --- receiving ------------------------------------------------------------------------------------


def test_a_received_record_is_there(vault: Vault) -> None:
    taken = received(vault, foreign(UNKNOWN, {RECORD_PATH: True, "title": "theirs"}))

    assert (taken.added, taken.known, taken.purged, taken.records) == (1, 0, 0, {UNKNOWN})
    assert values(vault, UNKNOWN) == {"title": "theirs"}
    assert [row.id for row in records.listing(vault, text="theirs")] == [UNKNOWN]


def test_receiving_twice_changes_nothing(vault: Vault) -> None:
    revision = foreign(UNKNOWN, {RECORD_PATH: True, "title": "theirs"})
    received(vault, revision)

    taken = received(vault, revision, revision)

    assert (taken.added, taken.known) == (0, 2)
    assert len(records.revisions_of(vault, UNKNOWN)) == 1


def test_concurrent_writing_is_a_conflict_until_settled(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "base"})
    (base,) = records.revisions_of(vault, record)
    records.revise(vault, record, {"title": "mine"})

    received(vault, foreign(record, {"title": "theirs"}, parents=(base.id,), ms=base.clock.ms + 1))

    found = records.get(vault, record)
    assert [conflict.path for conflict in found.conflicts] == ["title"]
    assert records.listing(vault, text="mine")[0].conflicts == 1
    with pytest.raises(InputRefusedError):
        records.settle(vault, record, "place", "nowhere")
    assert records.settle(vault, record, "title", "agreed")
    assert not records.get(vault, record).conflicts
    assert values(vault, record)["title"] == "agreed"
    assert records.listing(vault, text="agreed")[0].conflicts == 0
    assert not records.listing(vault, text="mine")


def test_what_another_signer_wrote_over_ones_own_value_is_shown(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "mine"})
    (base,) = records.revisions_of(vault, record)
    revision = foreign(record, {"title": "theirs"}, parents=(base.id,), ms=base.clock.ms + 1)

    received(vault, revision)

    assert records.foreign_revisions(vault, record) == {revision.id}
    assert [conflict.path for conflict in records.get(vault, record).conflicts] == ["title"]


def test_ones_own_revisions_stay_ones_own_when_sent_back(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "mine"})

    taken = received(vault, *records.revisions_of(vault, record))

    assert (taken.added, taken.known) == (0, 1)
    assert not records.foreign_revisions(vault, record)


def test_two_who_each_add_an_item_have_no_conflict(vault: Vault) -> None:
    record = records.add(vault, "detention", {"entries": [{"text": "base"}]})
    (base,) = records.revisions_of(vault, record)
    records.revise(
        vault, record, {"entries": [*values(vault, record)["entries"], {"text": "mine"}]}
    )

    received(
        vault,
        foreign(
            record,
            {f"entries/{UNKNOWN}": 1, f"entries/{UNKNOWN}/text": "theirs"},
            parents=(base.id,),
            type_="detention",
        ),
    )

    found = records.get(vault, record)
    assert {entry["text"] for entry in cast("Any", found.values["entries"])} == {
        "base",
        "mine",
        "theirs",
    }
    assert not found.conflicts


def test_a_foreign_clock_far_ahead_does_not_carry_ones_own_away(vault: Vault) -> None:
    far = 4_000_000_000_000
    received(vault, foreign(UNKNOWN, {RECORD_PATH: True, "title": "x"}, ms=far))

    record = records.add(vault, "incident", {"title": "own"})

    assert records.revisions_of(vault, record)[0].clock.ms < far


def test_types_and_fields_of_a_newer_version_are_kept_and_found(vault: Vault) -> None:
    received(
        vault,
        foreign(UNKNOWN, {RECORD_PATH: True, "hearing": "future words"}, type_="hearing"),
    )

    assert values(vault, UNKNOWN) == {"hearing": "future words"}
    assert [row.type for row in records.listing(vault, text="future words")] == ["hearing"]
    with pytest.raises(InputRefusedError):
        records.revise(vault, UNKNOWN, {"hearing": "x"})


def test_missing_parents_are_allowed(vault: Vault) -> None:
    received(vault, foreign(UNKNOWN, {RECORD_PATH: True, "title": "x"}, parents=("a" * 64,)))

    assert values(vault, UNKNOWN) == {"title": "x"}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(6)))
def test_any_order_of_receiving_gives_one_result(vault: Vault, order: list[int]) -> None:
    record = str(uuid.uuid4())
    base = foreign(record, {RECORD_PATH: True, "title": "0"}, ms=1000)
    many = [base]
    for number in range(1, 6):
        parents = (many[number // 2].id,)
        many.append(
            foreign(
                record, {"title": str(number)}, parents=parents, ms=1000 + number, device="e" * 32
            )
        )

    for number in order:
        received(vault, many[number])

    state = records.state_of(vault, record)
    assert state.values == {"title": "5"}
    assert len(records.revisions_of(vault, record)) == 6


def test_a_failure_in_the_middle_of_receiving_leaves_nothing(vault: Vault) -> None:
    before = all_bytes(dump(vault.database._connection))

    def cut_off() -> Any:
        yield foreign(UNKNOWN, {RECORD_PATH: True, "title": "x"})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), vault.database.transaction():
        records.receive(vault, cut_off(), received=1)

    assert all_bytes(dump(vault.database._connection)) == before


# --- projections ----------------------------------------------------------------------------------


def test_links_are_found_from_both_ends(vault: Vault) -> None:
    incident = records.add(vault, "incident", {"persons": [{"person": PERSON, "role": "victim"}]})
    risk = records.add(vault, "risk", {"exposed": [PERSON, UNKNOWN]})

    assert set(records.linking_to(vault, PERSON)) == {incident, risk}
    assert records.linking_to(vault, UNKNOWN) == [risk]
    records.revise(vault, risk, {"exposed": []})
    assert records.linking_to(vault, PERSON) == [incident]


def test_a_list_row_shows_title_and_span(vault: Vault) -> None:
    record = records.add(
        vault,
        "detention",
        {"title": "of 徐秦", "entries": [{"date": "2022-08"}, {"date": "2021~"}, {"date": "?"}]},
    )

    row = next(row for row in records.listing(vault, type_name="detention") if row.id == record)
    assert (row.title, row.earliest, row.latest) == ("of 徐秦", "2021-01-01", "2022-08-31")


def test_projections_can_be_made_anew(vault: Vault) -> None:
    for number in range(20):
        record = records.add(vault, "incident", {"title": f"title {number}"})
        records.revise(vault, record, {"title": f"changed {number}"})
    records.delete(vault, records.listing(vault)[3].id)
    received(vault, foreign(UNKNOWN, {RECORD_PATH: True, "title": "theirs"}))
    tables = ("record", "link")
    before = {t: vault.database.query(f"SELECT * FROM {t}") for t in tables}
    listed = records.listing(vault)
    found = {text: records.listing(vault, text=text) for text in ("changed", "title", "徐", "the")}

    assert records.rebuild_projections(vault) == len(before["record"])

    def columns(rows: Any) -> Any:
        return sorted(row[1:] for row in rows)

    assert columns(vault.database.query("SELECT * FROM record")) == columns(before["record"])
    assert vault.database.query("SELECT * FROM link") == before["link"]
    assert records.listing(vault) == listed
    assert {text: records.listing(vault, text=text) for text in found} == found


def test_an_index_of_other_rules_is_made_anew_on_opening(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        opened.database.query("INSERT INTO search (search) VALUES ('delete-all')")
        opened.set_meta("search version", b"older")
        assert not records.listing(opened, text="徐秦")

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert [row.id for row in records.listing(opened, text="徐秦")] == [PERSON]


# --- purging --------------------------------------------------------------------------------------

CANARY = "金丝雀canarybird"


def purged_with_traces(vault: Vault) -> str:
    """Add a record, change it, draft it, send it; then purge it. Return its id."""
    record = records.add(vault, "person", {"names": [{"text": CANARY}], "note": CANARY * 500})
    records.revise(vault, record, {"note": CANARY + " 2", "address": CANARY})
    received(vault, foreign(record, {"note": CANARY + " theirs"}, type_="person"))
    drafts.save(vault, record, "person", {"note": CANARY + " draft"})
    item = values(vault, record)["names"][0]["id"]
    for number, identity in enumerate((record, item)):
        transfers.keep_alias(vault, b"r" * 32, uuid.UUID(identity).bytes, bytes([number]) * 16)
    records.add(vault, "incident", {"title": "stays", "persons": [{"role": "victim"}]})
    purge.purge(vault, record)
    return record


def test_a_purged_record_is_gone(vault: Vault) -> None:
    record = purged_with_traces(vault)

    with pytest.raises(RecordNotFoundError):
        records.get(vault, record)
    assert drafts.get(vault, record) is None
    for text in ("金", "canary", "canarybird 2", "theirs"):
        assert not records.listing(vault, text=text)
        assert not records.listing(vault, text=text, trash=True)
    assert records.listing(vault, text="stays")
    assert not vault.database.query("SELECT * FROM alias")
    assert check(vault).is_sound
    assert purge.is_purged(vault.database, record)


def test_purging_leaves_no_trace_in_the_decrypted_database(vault_folder: Path) -> None:
    opened = open_vault(vault_folder, PASSPHRASE)
    record = purged_with_traces(opened)
    revisions = [CANARY.encode(), b"canarybird", "金丝雀".encode()]
    key = opened.master.sub_key("database")
    assert (vault_folder / "records.db-wal").stat().st_size == 0
    opened.lock()

    connection = raw_connection(vault_folder, key)
    everything = all_bytes(dump(connection))
    pages = decrypted_pages(connection, vault_folder.parent / "plain.db")
    connection.close()
    for data in (everything, pages):
        assert not [word for word in revisions if word in data]
        assert uuid.UUID(record).bytes not in data
        assert record.encode() not in data
    assert b"stays" in everything


def decrypted_pages(connection: Any, target: Path) -> bytes:
    """Return every page, free ones included, of the database in the clear."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"ATTACH DATABASE '{target}' AS plain KEY ''")
    connection.execute("SELECT sqlcipher_export('plain')").fetchall()
    connection.execute("DETACH DATABASE plain")
    return target.read_bytes()


def test_purging_leaves_no_tokens_in_the_search_index(vault_folder: Path) -> None:
    """A token is two characters in base 36: whoever has the key could read words from them."""
    from fielddoc.domain.folding import folded
    from fielddoc.vault.search import tokens

    opened = open_vault(vault_folder, PASSPHRASE)
    purged_with_traces(opened)

    data = b"".join(
        cast("bytes", row[0]) for row in opened.database.query("SELECT block FROM search_data")
    )
    left = [token for token in tokens(folded("金丝雀")).split() if token.encode()[1:] in data]
    opened.lock()

    assert not left


def test_a_purged_record_does_not_come_back(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "gone"})
    revisions = records.revisions_of(vault, record)
    purge.purge(vault, record)

    taken = received(vault, *revisions, foreign(record, {RECORD_PATH: True, "title": "again"}))

    assert (taken.added, taken.purged) == (0, 2)
    with pytest.raises(RecordNotFoundError):
        records.get(vault, record)
    with pytest.raises(InputRefusedError):
        records.add(vault, "incident", {"title": "again"}, record=record)


def test_the_mark_of_a_purged_record_does_not_confirm_a_guess(
    vault_folder: Path, other_folder: Path
) -> None:
    from vault.folders import OTHER_PASSPHRASE

    marks = []
    for folder, passphrase in ((vault_folder, PASSPHRASE), (other_folder, OTHER_PASSPHRASE)):
        with open_vault(folder, passphrase) as opened:
            records.add(opened, "incident", {"title": "x"}, record=UNKNOWN)
            purge.purge(opened, UNKNOWN)
            marks += [row[0] for row in opened.database.query("SELECT id FROM purged")]

    assert len(set(marks)) == 2


def test_a_purge_survives_a_kill(vault_folder: Path) -> None:
    code = (
        "from fielddoc.vault import purge\n"
        "opened = open_vault(folder, passphrase)\n"
        "purge.purge(opened, sys.argv[3])\n"
        "say('purged'); kill()"
    )

    assert run(code, vault_folder, PASSPHRASE, PERSON).stdout == "purged\n"

    with open_vault(vault_folder, PASSPHRASE) as opened:
        with pytest.raises(RecordNotFoundError):
            records.get(opened, PERSON)
        assert check(opened).is_sound


def described(vault: Vault, content: attachments.Content) -> str:
    return records.add(vault, "attachment", {"name": "photo", "sha256": content.sha256})


def test_the_content_of_a_purged_attachment_goes_with_it(vault: Vault) -> None:
    content = attachments.store(vault, [b"only one record describes me"])
    record = described(vault, content)

    alone = purge.purge(vault, record)

    assert alone == content.sha256
    with vault.database.transaction():
        assert attachments.mark_going(vault, alone) == []  # it is marked already
    assert attachments.clean_up(vault) == 1
    assert attachments.find(vault, content.sha256) is None
    assert len([*vault.attachments_folder.iterdir()]) == 1
    assert check(vault).is_sound


def test_content_that_another_record_describes_stays(vault: Vault) -> None:
    content = attachments.store(vault, [b"two records describe me"])
    first, second = described(vault, content), described(vault, content)

    assert purge.purge(vault, first) is None
    assert b"".join(attachments.read(vault, content)) == b"two records describe me"
    assert purge.purge(vault, second) == content.sha256


def test_content_of_a_purged_attachment_goes_even_after_a_kill(vault_folder: Path) -> None:
    """The content is marked for removal in the same transaction that purges its record."""
    code = (
        "from fielddoc.vault import purge\n"
        "opened = open_vault(folder, passphrase)\n"
        "content = attachments.store(opened, [b'to be purged'])\n"
        "values = {'name': 'photo', 'sha256': content.sha256}\n"
        "record = records.add(opened, 'attachment', values)\n"
        "purge.purge(opened, record)\n"
        "say(content.sha256); kill()"
    )
    sha256 = run(code, vault_folder, PASSPHRASE).stdout.strip()

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert len([*opened.attachments_folder.iterdir()]) == 1
        assert attachments.find(opened, sha256) is None
        assert not opened.database.query("SELECT 1 FROM attachment WHERE state <> 'present'")
        assert check(opened).is_sound


# --- drafts ---------------------------------------------------------------------------------------


def test_a_draft_is_replaced_and_removed_by_saving(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "saved"})
    for words in ("typ", "typing", "typing more"):
        drafts.save(vault, record, "incident", {"title": words})

    draft = drafts.get(vault, record)
    assert draft is not None
    assert (draft.type, draft.values) == ("incident", {"title": "typing more"})
    assert values(vault, record) == {"title": "saved"}
    assert not records.listing(vault, text="typing")
    records.revise(vault, record, {"title": "typing more"})
    assert drafts.get(vault, record) is None


def test_a_draft_of_a_record_that_is_not_yet_there(vault: Vault) -> None:
    drafts.save(vault, UNKNOWN, "incident", {"title": "new"})
    assert drafts.get(vault, UNKNOWN) is not None

    drafts.discard(vault, UNKNOWN)

    assert drafts.get(vault, UNKNOWN) is None


def test_a_draft_survives_a_kill(vault_folder: Path) -> None:
    code = (
        "opened = open_vault(folder, passphrase)\n"
        "drafts.save(opened, sys.argv[3], 'person', {'note': 'half a sent'})\n"
        "say('kept'); kill()"
    )
    worker = start(code, vault_folder, PASSPHRASE, PERSON)
    assert worker.communicate()[0] == "kept\n"

    with open_vault(vault_folder, PASSPHRASE) as opened:
        draft = drafts.get(opened, PERSON)
        assert draft is not None
        assert draft.values == {"note": "half a sent"}


def test_a_revision_is_one_more_entry_of_the_log(vault: Vault) -> None:
    before = log.position(vault.database).count

    record = records.add(vault, "incident", {"title": "x"})

    assert log.position(vault.database).count == before + 1
    (revision,) = records.revisions_of(vault, record)
    assert read_revision(revision.body) == revision
