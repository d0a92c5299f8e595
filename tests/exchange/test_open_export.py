"""What leaves unprotected is chosen and shown, lies where it was asked for, and keeps its sources."""

import builtins
import csv
import io
import os
import re
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from exchange.test_round_trip import exported, imported
from fielddoc.cli.demo_cases import load, record_cases
from fielddoc.domain.canonical import Json
from fielddoc.errors import (
    CancelledError,
    ConsentRefusedError,
    FileExistsAlreadyError,
    InsideTheVaultError,
    LeakFoundError,
    NothingToExportError,
)
from fielddoc.exchange.open_export import (
    Flavour,
    OpenFormat,
    OpenSelection,
    export_open,
    preview_open,
)
from fielddoc.interchange import uwazi
from fielddoc.interchange.flat import OPEN_TYPES
from fielddoc.vault import records
from fielddoc.vault.attaching import attach_bytes
from fielddoc.vault.vault import Vault

KINDS = [*OpenFormat]
IDENTITY: dict[str, Json] = {"name": "王密", "contact": "+86 555 0100"}


def write(
    vault: Vault, folder: Path, kind: OpenFormat = OpenFormat.CSV, **more: Any
) -> tuple[Path, ...]:
    progress = more.pop("progress", lambda _done, _total: None)
    flavour = more.pop("flavour", Flavour.MACHINES)
    return export_open(
        vault,
        folder,
        kind,
        OpenSelection(**more),
        flavour=flavour,
        language="en",
        progress=progress,
    ).files


def everything_in(folder: Path) -> str:
    """Return all text in a folder, in archives too."""
    found: list[str] = []
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                found += [
                    archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
                ]
        found.append(data.decode("utf-8", "replace"))
    return "\n".join(found)


@pytest.mark.parametrize("kind", KINDS)
def test_who_a_source_is_never_leaves_unless_the_source_is_named(
    kind: OpenFormat, own: Vault, tmp_path: Path
) -> None:
    source = records.add(own, "source", {"code_name": "梅", "kind": "person", "identity": IDENTITY})
    other = records.add(
        own, "source", {"code_name": "竹", "kind": "person", "identity": {"name": "另密"}}
    )
    incident = records.add(own, "incident", {"title": "a", "sources": [source]})

    write(own, tmp_path / "plain", kind)
    write(own, tmp_path / "sources", kind, with_sources=True)
    write(own, tmp_path / "by id", kind, records=(incident, source))
    write(own, tmp_path / "named", kind, records=(incident,), identities=frozenset({source}))

    assert source not in everything_in(tmp_path / "plain")
    for folder in ("plain", "sources", "by id"):
        assert "王密" not in everything_in(tmp_path / folder)
    assert "梅" in everything_in(tmp_path / "sources")
    named = everything_in(tmp_path / "named")
    assert "王密" in named
    assert "另密" not in named
    assert other not in named


def test_what_is_secret_stays_unless_it_is_named(own: Vault, tmp_path: Path) -> None:
    secret = records.add(own, "incident", {"title": "绝密事", "confidentiality": "secret"})
    entries: list[Json] = [
        {"kind": "trial", "text": "绝密条", "confidentiality": "secret"},
        {"kind": "trial", "text": "公开条"},
    ]
    detention = records.add(own, "detention", {"title": "d", "entries": entries})

    preview = preview_open(own, OpenSelection(), language="en")
    write(own, tmp_path / "all")
    write(own, tmp_path / "named", records=(secret, detention))

    assert (preview.records, preview.kept_back) == (1, 2)
    assert "绝密" not in everything_in(tmp_path / "all")
    assert "公开条" in everything_in(tmp_path / "all")
    named = everything_in(tmp_path / "named")
    assert "绝密事" in named
    assert "绝密条" in named
    shown = preview_open(own, OpenSelection(records=(secret, detention)), language="en")
    assert shown.confidential == (("secret", 2),)


def test_a_secret_file_stays_with_a_record_that_is_named(own: Vault, tmp_path: Path) -> None:
    what = records.add(own, "incident", {"title": "事"})
    for name, level in (("open.txt", {}), ("us.txt", {"confidentiality": "secret"})):
        attach_bytes(own, what, name, "text/plain", [name.encode()], values=level)
    (secret,) = [
        row.id
        for row in records.listing(own, type_name="attachment")
        if records.get(own, row.id).values["name"] == "us.txt"
    ]
    along = OpenSelection(records=(what,), with_attachments=True)

    write(own, tmp_path / "along", records=(what,), with_attachments=True)
    write(own, tmp_path / "named", records=(what, secret), with_attachments=True)

    assert "open.txt" in everything_in(tmp_path / "along")
    assert "us.txt" not in everything_in(tmp_path / "along")
    assert "us.txt" in everything_in(tmp_path / "named")
    assert preview_open(own, along, language="en").kept_back == 1


def test_names_that_are_too_short_to_be_sought_are_told(own: Vault) -> None:
    for name in ("Li", "徐", "Wang Yu"):
        records.add(own, "person", {"names": [{"text": name}]})
    what = records.add(own, "incident", {"title": "Li and 徐"})

    preview = preview_open(own, OpenSelection(records=(what,)), language="en")

    assert preview.not_sought == ("Li", "徐")
    assert preview.leaks == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_recorded_no_stops_it_and_leaves_nothing(
    kind: OpenFormat, own: Vault, tmp_path: Path
) -> None:
    consent: Json = {"purpose": "partners", "answer": "no"}
    records.add(own, "person", {"names": [{"text": "徐秦"}], "consents": [consent]})

    assert preview_open(own, OpenSelection(), language="en").refusals == ("徐秦",)
    with pytest.raises(ConsentRefusedError):
        write(own, tmp_path / "out", kind)
    assert not (tmp_path / "out").exists()

    assert write(own, tmp_path / "out", kind, despite_consent=True)


def test_words_that_were_to_stay_stop_it(own: Vault, tmp_path: Path) -> None:
    records.add(own, "person", {"names": [{"text": "徐秦"}], "address": "镇江某路八号"})
    records.add(own, "incident", {"title": "x", "what_happened": "在镇江某路八号"})
    left_out = frozenset({"person.address"})

    assert preview_open(own, OpenSelection(left_out=left_out), language="en").leaks
    with pytest.raises(LeakFoundError):
        write(own, tmp_path / "out", left_out=left_out)
    assert write(own, tmp_path / "out", left_out=left_out, allow_leaks=True)


def test_a_field_that_is_left_out_stays_with_the_words_of_its_date(
    own: Vault, tmp_path: Path
) -> None:
    values: dict[str, Json] = {
        "title": "a",
        "date": "2022-08",
        "date_words": "密语",
        "date_inferred": True,
        "place": "镇江",
        "counts": [{"number": "5", "what": "人"}],
    }
    records.add(own, "incident", values)

    write(own, tmp_path / "out", OpenFormat.JSONL,
          left_out=frozenset({"incident.date", "incident.counts.what"}))  # fmt: skip

    text = (tmp_path / "out" / "records.jsonl").read_text("utf-8")
    assert "2022-08" not in text
    assert "密语" not in text
    assert "date_inferred" not in text
    assert '"number":"5"' in text
    assert "人" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_is_written_but_in_the_chosen_folder(
    kind: OpenFormat, own: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_cases(own, load())
    out = tmp_path / "out"
    really, really_open = os.open, builtins.open

    def watched(path: Any, *args: Any, **more: Any) -> int:
        assert Path(path).parent == out or Path(path) == out, path
        return really(path, *args, **more)

    def watched_open(path: Any, *args: Any, **more: Any) -> Any:
        assert isinstance(path, int) or Path(path).suffix in (".toml", ".mo"), path
        return really_open(path, *args, **more)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a temporary file")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", watched)
        patch.setattr(builtins, "open", watched_open)
        patch.setattr(tempfile, "_mkstemp_inner", refuse)
        written = write(own, out, kind, with_sources=True)

    assert {*out.iterdir()} == {*written}
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_anywhere_it_leaves_nothing(kind: OpenFormat, own: Vault, tmp_path: Path) -> None:
    for number in range(30):
        records.add(own, "incident", {"title": f"{number}"})

    def stop(done: int, _total: int) -> None:
        if done >= 20:
            raise CancelledError

    with pytest.raises(CancelledError):
        write(own, tmp_path / "out", kind, progress=stop)

    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_overwritten(kind: OpenFormat, own: Vault, tmp_path: Path) -> None:
    records.add(own, "incident", {"title": "a"})
    written = write(own, tmp_path / "out", kind)
    before = {path: path.read_bytes() for path in written}

    with pytest.raises(FileExistsAlreadyError):
        write(own, tmp_path / "out", kind)

    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_it_may_not_lie_in_the_vault_and_nothing_is_not_exported(
    own: Vault, tmp_path: Path
) -> None:
    with pytest.raises(NothingToExportError):
        write(own, tmp_path / "out")
    records.add(own, "incident", {"title": "a"})
    with pytest.raises(InsideTheVaultError):
        write(own, own.folder / "out")
    assert not (own.folder / "out").exists()


def test_csv_says_in_its_name_what_it_is_for_and_is_safe_or_exact(
    own: Vault, tmp_path: Path
) -> None:
    records.add(own, "incident", {"title": "=1+1", "place": "'x"})

    (safe,) = write(own, tmp_path / "s", flavour=Flavour.SPREADSHEETS)
    (exact,) = write(own, tmp_path / "m", flavour=Flavour.MACHINES)

    assert safe.name == "incident for spreadsheets.csv"
    assert exact.name == "incident for machines.csv"
    assert safe.read_bytes().startswith(b"\xef\xbb\xbf")
    assert ",'=1+1," in safe.read_text("utf-8")
    assert ",''x," in safe.read_text("utf-8")
    assert not exact.read_bytes().startswith(b"\xef\xbb\xbf")
    assert ",=1+1," in exact.read_text("utf-8")


def test_xlsx_has_typed_cells_and_labels_for_people(own: Vault, tmp_path: Path) -> None:
    person = records.add(own, "person", {"names": [{"text": "徐秦"}]})
    records.add(
        own,
        "incident",
        {
            "title": "=1",
            "date": "2022-08~",
            "date_inferred": True,
            "kinds": ["beating"],
            "counts": [{"number": "12.5"}],
            "persons": [{"person": person, "role": "victim"}],
        },
    )

    (path,) = write(own, tmp_path / "out", OpenFormat.XLSX)

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path)
    head, row = book["incident"].iter_rows()
    cells = {str(name.value): cell for name, cell in zip(head, row, strict=False)}
    assert (cells["title"].value, cells["title"].data_type) == ("=1", "s")
    assert cells["date"].value == "2022-08~"
    assert cells["date_earliest"].is_date
    assert str(cells["date_latest"].value) == "2022-08-31 00:00:00"
    assert cells["date_inferred"].value is True
    assert cells["kinds_label"].value == "beatings"
    count = [cell.value for cell in [*book["incident.counts"].iter_rows()][1]]
    assert 12.5 in count
    persons = [cell.value for cell in [*book["incident.persons"].iter_rows()][1]]
    assert "徐秦" in persons


def test_files_go_along_only_if_asked_and_are_the_same_bytes(own: Vault, tmp_path: Path) -> None:
    import hashlib

    incident = records.add(own, "incident", {"title": "a"})
    content = b"\xff\xd8\xff what a camera wrote" * 1000
    attach_bytes(own, incident, "../evil\x1b.jpg", "image/jpeg", [content])
    name = hashlib.sha256(content).hexdigest() + ".jpg"

    for kind in KINDS:
        write(own, tmp_path / f"{kind.value} plain", kind, records=(incident,))
        write(own, tmp_path / kind.value, kind, records=(incident,), with_attachments=True)

        assert name not in everything_in(tmp_path / f"{kind.value} plain")
        if kind is OpenFormat.UWAZI:
            (path,) = (tmp_path / kind.value).glob("* attachment.zip")
            with zipfile.ZipFile(path) as archive:
                assert sorted(archive.namelist()) == [name, "import.csv"]
                assert archive.read(name) == content
        else:
            assert (tmp_path / kind.value / name).read_bytes() == content


# --- Uwazi's own rules ----------------------------------------------------------------------------


def old_property_name(label: str) -> str:
    """The name that older collections make of a label."""
    return re.sub(r"[^a-z0-9]", "_", label.strip().lower())


def new_property_name(label: str) -> str:
    """The name that collections with `newNameGeneration` make of a label."""
    return re.sub(r"[#|\\/*?\"<>=\s:.\[\]%]|-+", "_", label.strip().lower())


NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")
UWAZI_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@pytest.fixture
def uwazi_rows(own: Vault, tmp_path: Path) -> dict[str, list[dict[str, str]]]:
    """What Uwazi sees: for each template the rows of its import.csv by column."""
    record_cases(own, load())
    photographed = records.add(own, "incident", {"title": "a photograph of a notice"})
    attach_bytes(own, photographed, "notice.jpg", "image/jpeg", [b"\xff\xd8\xff a notice"])
    more = {"with_sources": True, "with_attachments": True}
    exported(own, tmp_path / "out", OpenFormat.UWAZI, Flavour.MACHINES, **more)
    seen: dict[str, list[dict[str, str]]] = {}
    for path in sorted((tmp_path / "out").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            assert "import.csv" in archive.namelist()
            text = archive.read("import.csv").decode("utf-8")
        seen[path.stem[3:]] = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    return seen


def test_names_of_properties_stay_apart_under_both_of_uwazis_rules() -> None:
    for template in uwazi.templates():
        names = [column.name for column in template.columns]
        for rule in (old_property_name, new_property_name):
            made = [rule(name) for name in names]
            assert len({*made}) == len(made), template.label
            assert all(name.strip("_") for name in made)
            kept = {"id", "file", "date_added", "language", "template"}
            assert not kept & {*made}
        assert all(name.isascii() for name in names)
        assert names.count("Title") == 1
        assert not any(re.search(r"__[a-z]{2}$", name) for name in names)


def test_what_uwazi_reads_follows_its_rules(uwazi_rows: dict[str, list[dict[str, str]]]) -> None:
    order = [*uwazi_rows]
    titles = {name: [row["Title"] for row in rows] for name, rows in uwazi_rows.items()}
    assert "detention.entries" in order
    filled: Counter[uwazi.Property] = Counter()
    for template in uwazi.templates():
        rows = uwazi_rows.get(template.table.name, [])
        own_titles = titles.get(template.table.name, [])
        assert len({*own_titles}) == len(own_titles)
        for row in rows:
            title = row["Title"]
            assert title
            assert title == title.strip()
            assert "|" not in title
            for column in template.columns:
                cell = row[column.name]
                filled[column.property] += bool(cell)
                match column.property:
                    case uwazi.Property.DATE:
                        assert not cell or UWAZI_DATE.fullmatch(cell)
                    case uwazi.Property.NUMERIC:
                        assert not cell or NUMBER.fullmatch(cell)
                    case uwazi.Property.SELECT:
                        assert "|" not in cell
                        assert "::" not in cell
                    case uwazi.Property.MULTISELECT:
                        assert all(
                            part and part == part.strip() for part in cell.split("|") if cell
                        )
                        assert "::" not in cell
                    case uwazi.Property.FILES:
                        assert not cell or re.fullmatch(r"[0-9a-f]{64}[.]jpg", cell)
                    case uwazi.Property.RELATIONSHIP if cell:
                        # Uwazi makes an entity of every title that it does not find.
                        for part in cell.split("|"):
                            assert titles[column.target].count(part) == 1
                        assert order.index(column.target) <= order.index(template.table.name)
                    case _:
                        pass
    assert {kind for kind in uwazi.Property if filled[kind] == 0} == set(), "a rule saw nothing"


def test_partial_dates_are_given_to_uwazi_as_whole_days_with_the_edtf_text_beside(
    uwazi_rows: dict[str, list[dict[str, str]]],
) -> None:
    entries = uwazi_rows["detention.entries"]
    spring = next(row for row in entries if row["When it happened EDTF"] == "2022-21")

    assert spring["When it happened earliest"] == "2022-03-01"
    assert spring["When it happened latest"] == "2022-05-31"
    assert all(
        bool(row["When it happened earliest"]) <= bool(row["When it happened EDTF"])
        for row in entries
    )


def test_the_page_for_uwazi_names_every_template_and_property() -> None:
    page = uwazi.instructions()

    for template in uwazi.templates():
        assert template.label in page
        for column in template.columns[1:]:
            assert column.name in page
    assert {t.table.declared.name for t in uwazi.templates()} == {t.name for t in OPEN_TYPES}


@pytest.mark.parametrize("kind", KINDS)
def test_values_of_own_fields_leave_with_what_declares_them(
    kind: OpenFormat, own: Vault, other: Vault, tmp_path: Path
) -> None:
    values: dict[str, Json] = {"applies_to": ["incident"], "kind": "text", "label": "村"}
    field, unused = (records.add(own, "custom-field", values) for _ in range(2))
    incident = records.add(
        own, "incident", {"title": "a", "custom": [{"id": field, "value": "某村"}]}
    )

    write(own, tmp_path / "out", kind)
    done = imported(other, tmp_path / "out")

    assert {row.record for row in done.plan.rows} == {field, incident}
    for record in (field, incident):
        assert records.state_of(other, record).values == records.state_of(own, record).values
    assert records.type_of(other, unused) is None
