import base64
import uuid
from pathlib import Path
from typing import Any, cast

import pytest

from fielddoc.domain.canonical import decode
from fielddoc.vault import compartment, drafts, records
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault
from vault.folders import PASSPHRASE, all_bytes, dump, raw_connection

NAME = "王小明wangxiaoming"
IDENTITY: dict[str, Any] = {
    "name": NAME,
    "contact": "+86 123 456",
    "details": "cousin of the driver",
}


def source(vault: Vault, identity: Any = None) -> str:
    values: dict[str, Any] = {
        "code_name": "Heron",
        "kind": "person",
        "identity": identity or IDENTITY,
    }
    return records.add(vault, "source", values)


def test_a_sealed_identity_comes_back(vault: Vault) -> None:
    record = source(vault)

    assert records.get(vault, record).values["identity"] == IDENTITY
    assert not [p for p in records.get(vault, record).problems if p.path.startswith("identity")]


def test_a_sealed_identity_is_not_found(vault: Vault) -> None:
    record = source(vault)

    for words in ("王", "小明", "wangxiaoming", "cousin", "123 456", "driver"):
        assert not records.listing(vault, text=words)
    assert [row.id for row in records.listing(vault, text="Heron")] == [record]
    records.rebuild_projections(vault)
    assert not records.listing(vault, text="wangxiaoming")


def test_no_table_holds_a_sealed_identity_in_the_clear(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        record = source(opened)
        records.revise(opened, record, {"identity": {**IDENTITY, "details": "moved"}})
        drafts.save(opened, record, "source", {"identity": IDENTITY, "code_name": "Heron"})
        drafts.save(opened, str(uuid.uuid4()), "source", {"identity": IDENTITY})
        key = opened.master.sub_key("database")
    connection = raw_connection(vault_folder, key)
    everything = all_bytes(dump(connection))
    connection.close()

    for words in (NAME, "王小明", "wangxiaoming", "cousin", "123 456"):
        assert words.encode() not in everything
    for shift in range(3):
        assert base64.b64encode(b"x" * shift + NAME.encode())[4:-4] not in everything
    assert b"Heron" in everything


def test_the_projection_holds_nothing_sealed(vault: Vault) -> None:
    record = source(vault)

    (state,) = vault.database.query(
        "SELECT state FROM record WHERE id = ?", (uuid.UUID(record).bytes,)
    )
    assert set(cast("dict[str, Any]", decode(cast("bytes", state[0])))) == {"code_name", "kind"}


def sealed_value(vault: Vault, record: str) -> Any:
    return records.revisions_of(vault, record)[-1].changes["identity"]


def test_a_sealed_identity_does_not_open_in_another_place(vault: Vault) -> None:
    first, second = source(vault), source(vault, {"name": "another"})
    moved = sealed_value(vault, first)

    assert compartment.open_value(vault, second, "identity", moved) is None
    assert compartment.open_value(vault, first, "other", moved) is None
    assert compartment.open_value(vault, first, "identity", moved) == IDENTITY
    records.revise(vault, second, {"identity": moved})
    assert records.get(vault, second).values["identity"] == moved


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {},
        {"compartment": "00" * 16, "sealed": ""},
        {"compartment": "no hex", "sealed": "AAAA"},
        {"compartment": "00" * 16, "sealed": "no base64!"},
        {"compartment": 1, "sealed": 2},
    ],
    ids=repr,
)
def test_what_is_no_sealed_value_does_not_open(vault: Vault, value: Any) -> None:
    assert compartment.open_value(vault, str(uuid.uuid4()), "identity", value) is None


def test_the_length_of_a_name_does_not_show(vault: Vault) -> None:
    lengths = {
        len(sealed_value(vault, source(vault, {"name": "x" * size}))["sealed"])
        for size in range(1, 200, 20)
    }

    assert len(lengths) == 1


def test_the_same_identity_sealed_twice_looks_different(vault: Vault) -> None:
    assert sealed_value(vault, source(vault)) != sealed_value(vault, source(vault))


def test_saving_the_same_identity_again_writes_nothing(vault: Vault) -> None:
    record = source(vault)

    assert not records.revise(vault, record, {"identity": dict(IDENTITY)})
    assert records.revise(vault, record, {"identity": {**IDENTITY, "name": "other"}})
    assert records.revise(vault, record, {"identity": None})
    assert "identity" not in records.get(vault, record).values


@pytest.mark.parametrize(
    "wrong",
    [
        NAME,
        [NAME],
        {"name": NAME, "sealed": "x"},
        {"name": NAME, "compartment": "x", "sealed": "y"},
    ],
    ids=["text", "list", "a part named sealed", "parts named as in a sealed value"],
)
def test_an_identity_of_a_wrong_form_is_sealed_too(vault: Vault, wrong: Any) -> None:
    """A wrong value is kept; a name typed into the wrong place must not become readable by it."""
    record = source(vault, wrong)
    drafts.save(vault, record, "source", {"identity": wrong})

    everything = all_bytes(dump(vault.database._connection))
    assert b"wangxiaoming" not in everything
    draft = drafts.get(vault, record)
    assert draft is not None
    assert draft.values["identity"] == wrong
    records.revise(vault, record, {"note": "x"})
    assert records.get(vault, record).values["identity"] == wrong


def test_a_draft_is_sealed_and_comes_back(vault: Vault) -> None:
    record = str(uuid.uuid4())
    drafts.save(vault, record, "source", {"identity": IDENTITY, "code_name": "Heron"})

    draft = drafts.get(vault, record)

    assert draft is not None
    assert draft.values == {"identity": IDENTITY, "code_name": "Heron"}


def test_compartment_keys_are_wrapped_by_the_master_key(vault: Vault) -> None:
    (key,) = compartment.keys(vault).values()

    assert bytes(key) not in all_bytes(dump(vault.database._connection))
    assert len(key) == 32


def test_a_compartment_of_somebody_else_opens_what_they_sealed(
    vault: Vault, other_folder: Path
) -> None:
    from vault.folders import OTHER_PASSPHRASE

    with open_vault(other_folder, OTHER_PASSPHRASE) as other:
        record = source(other)
        sealed = sealed_value(other, record)
        ((identity, key),) = compartment.keys(other).items()
    assert compartment.open_value(vault, record, "identity", sealed) is None

    compartment.keep(vault, identity, key, current=False)

    assert compartment.open_value(vault, record, "identity", sealed) == IDENTITY
    assert bytes(key) == bytes(32)
