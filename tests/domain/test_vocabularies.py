import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from domain.statutes import article, statute
from fielddoc.domain.record_types import OWN_FIELD, RECORD_TYPES
from fielddoc.domain.schema import walk
from fielddoc.domain.vocabularies import VocabularyError, parse_vocabulary, vocabulary
from fielddoc.resources import resource
from not_run import not_run

NAMES = sorted(path.stem for path in resource("vocabularies").glob("*.toml"))

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(
    os.environ.get("FIELDDOC_CASES", ROOT.parent / "shared" / "data" / "cases" / "cases.json")
)

TEA = """
[[term]]
code = "tea"
en = "Tea"
zh-hans = "喝茶"
zh-hant = "喝茶"
"""


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    """Return the published cases that every list must be able to hold."""
    if not CASES.is_file():
        not_run("cases.json is neither beside the checkout nor named by FIELDDOC_CASES")
    loaded: dict[str, Any] = json.loads(CASES.read_text(encoding="utf-8"))
    return loaded


# --- the lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_unique_inside_a_vocabulary(name: str) -> None:
    for language in ("en", "zh_CN", "zh_TW"):
        labels = [term.label(language).casefold() for term in vocabulary(name).terms]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_and_label_finds_its_own_code(name: str) -> None:
    for term in vocabulary(name).terms:
        for text in (term.code, term.en, term.zh_hans, term.zh_hant):
            assert vocabulary(name).code_of(text) == term.code


@pytest.mark.parametrize("name", NAMES)
def test_each_text_keeps_to_its_script(name: str) -> None:
    for term in vocabulary(name).terms:
        assert term.en.isascii()
        assert not any(character.isascii() and character.isalpha() for character in term.zh_hans)
        assert not any(character.isascii() and character.isalpha() for character in term.zh_hant)


def test_simplified_and_traditional_characters_are_not_mixed() -> None:
    # The two texts of a term correspond character by character, so each place where they differ
    # names a pair; what is simplified in one term must not stand in the traditional text of another.
    texts = [
        pair
        for name in NAMES
        for term in vocabulary(name).terms
        for pair in (
            (term.zh_hans, term.zh_hant),
            (term.reverse_zh_hans or "", term.reverse_zh_hant or ""),
        )
    ]
    assert all(len(simplified) == len(traditional) for simplified, traditional in texts)
    pairs = {
        (one, other)
        for simplified, traditional in texts
        for one, other in zip(simplified, traditional, strict=True)
        if one != other
    }
    # These are right in both scripts, depending on the word: 關注 but 註銷, 駁回 but 迴避,
    # 系統 but 聯繫, 颠覆 but 答覆.
    simplified_only = {one for one, _ in pairs} - {"注", "回", "系"}
    traditional_only = {other for _, other in pairs} - {"覆"}

    assert len(pairs) > 150
    for simplified, traditional in texts:
        assert not traditional_only & set(simplified), simplified
        assert not simplified_only & set(traditional), traditional


@pytest.mark.parametrize(
    ("name", "code", "simplified", "traditional"),
    [
        ("charges", "inciting-subversion", "煽动颠覆国家政权罪", "煽動顛覆國家政權罪"),
        ("charges", "picking-quarrels", "寻衅滋事罪", "尋釁滋事罪"),
        ("charges", "leaking-state-secrets", "故意泄露国家秘密罪", "故意洩露國家秘密罪"),
        ("entry-kinds", "criminal-detention", "刑事拘留", "刑事拘留"),
        ("entry-kinds", "rsdl", "指定居所监视居住", "指定居所監視居住"),
        ("entry-kinds", "bail", "取保候审", "取保候審"),
        ("entry-kinds", "sent-for-prosecution", "移送审查起诉", "移送審查起訴"),
        ("entry-kinds", "indictment", "提起公诉", "提起公訴"),
        ("risk-kinds", "disappearance", "强迫失踪", "強迫失蹤"),
        ("action-kinds", "administrative-review", "行政复议", "行政複議"),
        ("agencies", "procuratorate", "检察院", "檢察院"),
        ("agencies", "detention-centre", "看守所", "看守所"),
    ],
)
def test_terms_of_law_are_the_exact_ones(
    name: str, code: str, simplified: str, traditional: str
) -> None:
    assert vocabulary(name).label(code, "zh_CN") == simplified
    assert vocabulary(name).label(code, "zh-Hant") == traditional


LAWS_OF_CHARGES = (
    "Criminal Law art. ",
    "Public Security Penalties Law (2012) art. ",
    "Hong Kong National Security Law (2020) art. ",
)


def test_every_charge_names_its_law_and_article() -> None:
    for term in vocabulary("charges").terms:
        assert term.code == "other" or term.note.startswith(LAWS_OF_CHARGES), term.code


def test_every_vocabulary_has_a_field() -> None:
    used = {
        field.vocabulary
        for declared in (*RECORD_TYPES, OWN_FIELD)
        for _, field in walk(declared.fields)
        if field.vocabulary
    }

    assert used == set(NAMES)


FROZEN = json.loads(
    (Path(__file__).parent.parent / "data" / "codes-1.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_codes_that_records_hold_stay(name: str) -> None:
    assert set(FROZEN[name]) <= {term.code for term in vocabulary(name).terms}


def test_the_articles_of_charges_exist_in_the_criminal_law() -> None:
    text = statute("criminal-law")
    for term in vocabulary("charges").terms:
        if match := re.match(r"Criminal Law art\. ([0-9]+)(?:-([0-9]+))?", term.note):
            number, insertion = int(match[1]), int(match[2] or 0)
            assert article(text, number, insertion), term.code


def test_every_relation_can_be_read_from_its_other_end() -> None:
    relations = vocabulary("relation-kinds").terms

    assert all(
        term.reverse_en and term.reverse_zh_hans and term.reverse_zh_hant for term in relations
    )
    lawyer = vocabulary("relation-kinds").term("lawyer")
    assert lawyer is not None
    assert lawyer.reverse_label("en") == "represented by"
    assert lawyer.reverse_label("zh_CN") == "由……代理"


# --- the published cases -------------------------------------------------------------------------


def _english(name: str) -> set[str]:
    return {term.en for term in vocabulary(name).terms}


def test_every_risk_of_the_cases_is_listed_in_its_words(cases: dict[str, Any]) -> None:
    assert _english("risk-kinds") == set(cases["risks"])


def test_every_kind_of_fact_of_the_cases_is_listed(cases: dict[str, Any]) -> None:
    assert {fact["kind"] for fact in cases["facts"]} <= _english("entry-kinds")


def test_every_charge_of_the_cases_is_listed(cases: dict[str, Any]) -> None:
    charges = {charge for fact in cases["facts"] for charge in fact.get("charges", ())}

    assert charges <= _english("charges")


def test_every_relation_of_the_cases_is_listed(cases: dict[str, Any]) -> None:
    assert {relation["kind"] for relation in cases["relations"]} <= _english("relation-kinds")


def test_the_source_and_the_reliability_of_the_cases_are_listed(cases: dict[str, Any]) -> None:
    reliability = {fact["reliability"] for fact in cases["facts"] if "reliability" in fact}

    assert cases["source"]["kind"] in _english("source-kinds")
    assert reliability <= _english("reliability")
    assert vocabulary("reliability").code_of("sources indicate") == "sources-indicate"


# --- the loader ----------------------------------------------------------------------------------


def test_a_code_of_a_newer_version_stands_for_itself() -> None:
    assert vocabulary("sex").label("not-yet-known", "zh_CN") == "not-yet-known"
    assert vocabulary("sex").term("not-yet-known") is None
    assert "not-yet-known" not in vocabulary("sex")


def test_text_is_found_whatever_its_case_width_and_blanks() -> None:
    assert vocabulary("entry-kinds").code_of("  Formal  ARREST ") == "formal-arrest"
    assert vocabulary("entry-kinds").code_of("ｂａｉｌ") == "bail"
    assert vocabulary("entry-kinds").code_of("something else") is None


def test_a_vocabulary_without_a_file_is_missing() -> None:
    with pytest.raises(FileNotFoundError):
        vocabulary("no-such-list")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "term = 3",
        "[[term",
        TEA + 'colour = "green"',
        "title = 'x'\n" + TEA,
        TEA + TEA,
        TEA.replace('"tea"', '"Tea time"'),
        TEA.replace('"Tea"', '" "'),
        TEA.replace('"Tea"', "7"),
        TEA.replace('zh-hans = "喝茶"', ""),
        TEA.replace("zh-hans", "zh_hans"),
        TEA + 'huridocs = "020103"',
        TEA + 'reverse-en = "tea with"',
    ],
)
def test_a_faulty_file_is_refused(text: str) -> None:
    assert parse_vocabulary("good", TEA).code_of("tea") == "tea"

    with pytest.raises(VocabularyError):
        parse_vocabulary("faulty", text)
