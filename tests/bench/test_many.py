"""The big vaults of the benchmark are what they would be if each record had been saved by itself."""

import multiprocessing
from pathlib import Path

from bench import many, vaults
from bench.generate import fictional_records
from fielddoc.domain.canonical import Json
from fielddoc.vault import records
from fielddoc.vault.check import check
from fielddoc.vault.vault import Vault
from not_run import not_run

COUNT = 60


def without_ids(value: Json) -> Json:
    """Drop the ids of parts, which chance gives."""
    if isinstance(value, list):
        return [without_ids(part) for part in value]
    if isinstance(value, dict):
        return {name: without_ids(part) for name, part in value.items() if name != "id"}
    return value


def shown(vault: Vault) -> dict[str, Json]:
    return {
        row.id: without_ids(dict(records.get(vault, row.id).values))
        for row in records.listing(vault)
    }


def test_a_vault_written_in_bulk_equals_one_written_record_by_record(tmp_path: Path) -> None:
    given = list(fictional_records(COUNT))
    try:
        multiprocessing.get_context("spawn").Lock()
    except OSError as error:
        not_run(f"processes cannot share memory here: {error}")
    many.build(tmp_path / "bulk", iter(given), COUNT)
    with vaults.made(tmp_path / "single", "Sender") as single:
        for one in given:
            records.add(single, one.type, one.values, record=one.id)
        expected = shown(single)
        found = {text: records.listing(single, text=text) for text in ("的", "20", "a")}
    with vaults.opened(tmp_path / "bulk") as bulk:
        assert shown(bulk) == expected
        assert len(expected) == COUNT
        for text, rows in found.items():
            bulk_rows = records.listing(bulk, text=text)
            assert {row.id for row in bulk_rows} == {row.id for row in rows}, text
        assert check(bulk).is_sound
