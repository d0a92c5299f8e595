from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fielddoc.domain.folding import folded
from fielddoc.domain.query import Query, Words, plain
from fielddoc.vault import records, search
from fielddoc.vault.finding import Wanted, find
from fielddoc.vault.vault import Vault

ALPHABETS = (
    "徐秦劉刘東东國国镇江鎮北京余許许一丁丂",
    "བོད་ཡིག་གི་རྒྱལ་ཁབ། ༄༅",
    "ئۇيغۇر تىلى دۆلەت ۋە ",
    "abcXYZ éÉèß ﬁ ĳ Å 0123",
    "👩‍👩‍👧🕯️🇹🇼😀",
    " .,;:!?-_()[]{}<>/\\'*^+~&|«»。，、；「」",
    '"“”＂',
    "\u3000\u00a0\t\n\u200b\u200d\u00ad\ufeff",
    "ΣςİıⅣ①㎏½",
)
characters = st.one_of(
    *(st.sampled_from(alphabet) for alphabet in ALPHABETS), st.characters(codec="utf-8")
)
texts = st.text(characters, max_size=16)


@pytest.fixture
def index(vault: Vault) -> Iterator[Vault]:
    """A vault whose index is empty and is put back afterwards."""
    vault.database.query("BEGIN")
    vault.database.query("INSERT INTO search (search) VALUES ('delete-all')")
    yield vault
    vault.database.query("ROLLBACK")


def put(index: Vault, *documents: str) -> None:
    index.database.query("INSERT INTO search (search) VALUES ('delete-all')")
    for number, text in enumerate(documents, 1):
        search.add(index.database, number, search.Indexed("incident", {"title": text}))


def hits(index: Vault, query: str) -> set[int]:
    asked = plain(query)
    return set(find(index, Wanted(asked))) if asked.clauses else set()


def words_of(query: Query) -> tuple[str, ...]:
    return tuple(c.condition.text for c in query.clauses if isinstance(c.condition, Words))


def expected(query: str, *documents: str) -> set[int]:
    """The oracle: every normalised term is somewhere in the normalised text."""
    wanted = words_of(plain(query))
    return {
        number
        for number, text in enumerate(documents, 1)
        if wanted and all(term in folded(text) for term in wanted)
    }


@settings(
    max_examples=250,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(texts, min_size=1, max_size=6), st.data())
@example(["徐秦被带走", "秦徐"], None)
def test_search_finds_every_substring_and_nothing_else(
    index: Vault, documents: list[str], data: Any
) -> None:
    put(index, *documents)
    queries = ["徐秦", "徐", "秦被", '"徐秦'] if data is None else []
    for _ in range(4 if data else 0):
        text = data.draw(st.sampled_from(documents))
        start = data.draw(st.integers(0, len(text)))
        piece = text[start : data.draw(st.integers(start, len(text)))]
        queries.append(piece)
        queries.append(f'"{piece}" {data.draw(texts)}'[: data.draw(st.integers(1, 30))])
        queries.append(data.draw(texts))

    for query in queries:
        assert hits(index, query) == expected(query, *documents), query


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("徐", {1, 2}),
        ("徐秦", {1}),
        ("秦", {1, 2}),
        ("秦徐", {2}),
        ("刘", {3}),
        ("劉曉東", {3}),
        ("刘晓东", {3}),
        ("tea Garden", {4}),
        ('"tea garden"', set()),
        ('"the tea"', {4}),
        ("“the tea”", {4}),
        ("TEA", {4}),
        ("ＴＥＡ", {4}),
        ("e", {4}),
        ("é", {5}),
        ("e\u0301", {5}),
        ("ea g", {4}),
        ("བོད", {6}),
        ("ཡིག", {6}),
        ("ོ", {6}),
        ("ئۇيغۇر", {7}),
        ("غۇ", {7}),
        ("🕯", {8}),
        ("", set()),
        ("   ", set()),
        ('""', set()),
        ('"', set()),
        ("OR", set()),
        ("NOT tea", set()),
        ("tea*", set()),
        ("title:tea", set()),
        ("^tea", set()),
        ("(tea)", set()),
        ("'; DROP TABLE record; --", set()),
    ],
)
def test_examples_of_searches(index: Vault, query: str, found: set[int]) -> None:
    put(
        index,
        "徐秦被带走",
        "秦徐氏",
        "劉曉東",
        "At the tea, in the garden",
        "café",
        "བོད་ཡིག་",
        "ئۇيغۇر تىلى",
        "🕯️",
    )

    assert hits(index, query) == found


def test_a_quoted_term_keeps_its_blanks() -> None:
    assert words_of(plain('one "two  three" “four\u3000five” ＂six＂ "open end')) == (
        "one",
        "two three",
        "four five",
        "six",
        "open end",
    )


@pytest.mark.parametrize("length", [1, 2, 3, 500, 4000])
def test_a_term_of_any_length_is_found(index: Vault, length: int) -> None:
    text = "".join(chr(0x4E00 + n % 3000) for n in range(length))
    put(index, "x" + text + "y", text[:-1])

    assert 1 in hits(index, text)
    assert 2 not in hits(index, text)


@pytest.mark.parametrize("size", [0, 1, 49_999, 50_000, 50_001, 100_000, 120_000])
def test_a_text_of_any_length_gives_every_pair_once_and_in_order(size: int) -> None:
    """Long ones are joined piece by piece."""
    text = "".join(chr(0x4E00 + place % 20_011) for place in range(size))

    found = search.tokens(text)

    each = [search.tokens(text[place : place + 2]).split(" ")[0] for place in range(size)]
    assert found == " ".join(each)


def test_what_stands_anywhere_in_a_very_long_text_is_found(index: Vault) -> None:
    for place in (49_992, 49_996, 50_000):
        put(index, "证言。" * 16_000 + "。" * (place - 48_000) + "zqneedle" + "证言。" * 20_000)
        assert hits(index, "zqneedle") == {1}


def test_very_many_terms_are_no_damage(vault: Vault) -> None:
    words = [f"w{number}" for number in range(2000)]
    record = records.add(vault, "incident", {"title": " ".join(words)})

    assert [row.id for row in records.listing(vault, text=" ".join(words))] == [record]
    assert not records.listing(vault, text=" ".join([*words, "w2000x"]))


def test_any_query_at_all_is_answered(vault: Vault) -> None:
    for query in ("\0", "a\0b", "\ud800", "\u200b", "a\x1fb", "\U0010ffff", "*" * 1000):
        assert records.listing(vault, text=query) == []


def test_no_term_matches_across_two_values(vault: Vault) -> None:
    record = records.add(
        vault,
        "person",
        {"names": [{"text": "ab"}, {"text": "cd"}], "address": "ef", "organisations": ["gh", "ij"]},
    )

    for query in ("bc", '"b c"', "de", "hi", "abcd", '"ab cd"'):
        assert not records.listing(vault, text=query)
    for query in ("ab", "cd", "ef", "gh", "ij", "ab cd gh ij"):
        assert [row.id for row in records.listing(vault, text=query)] == [record]


def test_edits_and_deletions_take_old_hits_away(vault: Vault) -> None:
    record = records.add(vault, "incident", {"title": "first words", "place": "stays"})

    records.revise(vault, record, {"title": "second words"})
    assert not records.listing(vault, text="first")
    assert records.listing(vault, text="second")
    records.revise(vault, record, {"title": None})
    assert not records.listing(vault, text="words")
    assert records.listing(vault, text="stays")


def test_terms_are_found_by_code_and_by_label_in_each_language(vault: Vault) -> None:
    from fielddoc.domain.vocabularies import vocabulary

    term = vocabulary("risk-kinds").terms[0]
    record = records.add(vault, "incident", {"kinds": [term.code]})

    for words in (term.code, term.en, term.zh_hans):
        assert record in [row.id for row in records.listing(vault, text=f'"{words}"')]


def test_ids_of_records_and_items_are_not_found(vault: Vault) -> None:
    record = records.add(
        vault, "risk", {"exposed": ["11111111-1111-4111-8111-111111111111"], "title": "x"}
    )

    assert not records.listing(vault, text="11111111")
    assert not records.listing(vault, text=record[:8])


def test_results_come_newest_first_and_no_more_than_asked(vault: Vault) -> None:
    made = [records.add(vault, "incident", {"title": f"same {n}"}) for n in range(5)]

    found = [row.id for row in records.listing(vault, text="same", limit=3)]

    assert found == made[::-1][:3]


def test_search_keeps_to_the_type(vault: Vault) -> None:
    records.add(vault, "incident", {"title": "徐秦 invited"})

    assert {row.type for row in records.listing(vault, text="徐秦")} == {"incident", "person"}
    assert {row.type for row in records.listing(vault, text="徐秦", type_name="person")} == {
        "person"
    }


@given(texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = folded(text)

    assert folded(once) == once
    assert once == once.strip()
