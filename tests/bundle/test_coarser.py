"""What leaves when less than everything may be known: coarser dates, and pseudonyms."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle.bundles import Values, opened, selected
from fielddoc.bundle import bag
from fielddoc.bundle.coarser import DatePrecision, coarser_date
from fielddoc.domain.partial_date import parse_edtf
from fielddoc.errors import LeakFoundError
from fielddoc.vault import records
from fielddoc.vault.vault import Vault

_DAYS = st.dates().map(lambda day: day.isoformat())
_DATES = st.one_of(
    _DAYS,
    _DAYS.map(lambda text: text[:7]),
    _DAYS.map(lambda text: text[:4]),
    st.builds("{}{}".format, _DAYS, st.sampled_from("~?%")),
    st.builds("{}-{}".format, _DAYS.map(lambda text: text[:4]), st.integers(21, 24)),
    st.builds("{}/{}".format, _DAYS, st.sampled_from(["", ".."])),
    st.tuples(_DAYS, _DAYS).map(sorted).map("/".join),
    st.sampled_from(["XXXX", "202X", "20XX", "2022-08-XX", "2022-XX"]),
)
_LONGEST = {DatePrecision.MONTH: 7, DatePrecision.YEAR: 4}


@given(_DATES, st.sampled_from(DatePrecision))
def test_a_coarser_date_holds_what_the_finer_one_did(edtf: str, precision: DatePrecision) -> None:
    fine, made = parse_edtf(edtf), coarser_date(edtf, precision)
    assert made is not None
    coarse = parse_edtf(made)
    assert coarse.earliest is None or (
        fine.earliest is not None and coarse.earliest <= fine.earliest
    )
    assert coarse.latest is None or (fine.latest is not None and coarse.latest >= fine.latest)
    assert coarser_date(made, precision) == made
    assert (coarse.approximate, coarse.uncertain) == (fine.approximate, fine.uncertain)


@given(_DATES, st.sampled_from([DatePrecision.MONTH, DatePrecision.YEAR]))
def test_no_day_is_left(edtf: str, precision: DatePrecision) -> None:
    made = coarser_date(edtf, precision)
    assert made is not None
    for end in made.split("/"):
        bare = end.rstrip("~?%").replace("..", "")
        assert (
            len(bare) <= _LONGEST[precision] or "X" in bare or bare[5:] in {"21", "22", "23", "24"}
        )


@pytest.mark.parametrize("text", ["", "the day after the flood", "15 August 2022", "2022-13"])
def test_what_is_no_date_has_no_coarser_one(text: str) -> None:
    assert coarser_date(text, DatePrecision.MONTH) is None


def received(path: Path, receiver: Vault) -> dict[str, Values]:
    """Return what a bundle's lines set, by type of record."""
    lines = opened(path, receiver)[bag.RECORDS].decode().splitlines()
    return {line["type"]: line["set"] for line in map(json.loads, lines)}


def test_days_stay_with_the_words_that_told_them(alice: Vault, bob: Vault, stick: Path) -> None:
    record = records.add(
        alice,
        "incident",
        {
            "title": "Followed",
            "date": "2022-08-15~",
            "date_words": "on the feast of the Assumption",
            "date_inferred": True,
            "known": "on the feast of the Assumption",
            "counts": [{"number": "3", "as_of": "2022-08-16"}],
        },
    )
    path = selected(alice, bob, stick, record, dates=DatePrecision.MONTH)
    whole = b"".join(opened(path, bob).values()).decode(errors="replace")
    found = received(path, bob)["incident"]
    assert found["date"] == "2022-08~"
    assert found["date_inferred"] is True
    assert "known" not in found
    assert "2022-08" in [value for name, value in found.items() if name.endswith("/as_of")]
    for told in ("2022-08-15", "2022-08-16", "15 August", "Assumption"):
        assert told not in whole


def person(vault: Vault) -> str:
    return records.add(
        vault,
        "person",
        {
            "names": [
                {"text": "徐秦", "kind": "characters"},
                {"text": "Plum 7", "kind": "pseudonym"},
            ],
            "address": "12 Lantern Lane",
            "contacts": ["plum@example.org"],
            "occupation": "Teacher",
        },
    )


def test_people_go_under_their_pseudonyms_alone(alice: Vault, bob: Vault, stick: Path) -> None:
    path = selected(alice, bob, stick, person(alice), pseudonyms=True)
    found = received(path, bob)["person"]
    whole = b"".join(opened(path, bob).values()).decode(errors="replace")
    assert [value for name, value in found.items() if name.endswith("/text")] == ["Plum 7"]
    assert found["occupation"] == "Teacher"
    for kept in ("徐秦", "Lantern Lane", "plum@example.org"):
        assert kept not in whole


def test_a_real_name_in_a_text_stops_what_goes_under_a_pseudonym(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice)
    told = records.add(
        alice, "incident", {"title": "Followed", "what_happened": "Then 徐秦 was followed."}
    )
    with pytest.raises(LeakFoundError) as caught:
        selected(alice, bob, stick, who, told, pseudonyms=True)
    assert "徐秦" in str(caught.value.fields["words"])
    assert list(stick.iterdir()) == []
    selected(alice, bob, stick, who, told)


def test_the_pseudonym_itself_is_no_leak(alice: Vault, bob: Vault, stick: Path) -> None:
    who = person(alice)
    told = records.add(alice, "incident", {"title": "Followed", "what_happened": "Plum 7 ran."})
    assert selected(alice, bob, stick, who, told, pseudonyms=True).exists()


def test_a_later_export_takes_a_finer_date_and_a_name_back(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice)
    selected(alice, bob, stick, who)
    path = selected(alice, bob, stick, who, pseudonyms=True)
    found = received(path, bob)["person"]
    assert found["address"] is None
