import itertools
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fielddoc.domain.folding import Span, _letters, folded, spans

ALPHABETS = (
    "徐秦劉刘東东國国镇鎮余许許一㐀𠀀",
    "བོད་ཡིག་གི་ ༄༅ཱིྀ",
    "ئۇيغۇر تىلى ۋە ﷲ",
    "abcXYZ éÉèß ﬁ ĳ Å İıſ e\u0301o\u0323\u0301",
    "가각ᄀ\u1161\u11a8 क्षি গো",
    " \u3000\u00a0\t\n\u200b\u200d\u00ad\ufeff\u0345\u1fb3ᾳΐ",
    "ΣςⅣ①㎏½",
)
texts = st.text(
    st.one_of(*(st.sampled_from(a) for a in ALPHABETS), st.characters(codec="utf-8")), max_size=24
)


@given(texts)
@example("ᾳ\u0323x")
@example("İ\u0307")
def test_the_letters_are_those_of_the_folded_text(text: str) -> None:
    letters = _letters(text)

    assert "".join(letter for letter, _ in letters) == folded(text)
    assert all(0 <= span.start < span.end <= len(text) for _, span in letters)
    starts = [span.start for _, span in letters]
    assert starts == sorted(starts)


@given(texts, st.data())
def test_what_search_finds_is_marked_and_nothing_else(text: str, data: st.DataObject) -> None:
    seen = folded(text)
    start = data.draw(st.integers(0, len(seen)))
    piece = seen[start : data.draw(st.integers(start, len(seen)))]
    word = folded(data.draw(st.one_of(st.just(piece), texts)))
    found = spans(text, [word])

    assert bool(found) == bool(word and word in seen)
    for span in found:
        assert word in folded(text[span.start : span.end])
    # Apart and in order; between two there is something that is not marked.
    assert all(a.end < b.start for a, b in itertools.pairwise(found))
    rest = text
    for span in reversed(found):
        rest = f"{rest[: span.start]}\x00{rest[span.end :]}"
    if len(word) == 1 and word != " " and "\x00" not in text:
        assert word not in folded(rest)


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("劉曉東被带走", ["刘晓东"], ["劉曉東"]),
        ("At the TEA, tea", ["tea"], ["TEA", "tea"]),
        ("ｔｅａ", ["tea"], ["ｔｅａ"]),
        ("cafe\u0301s", ["é"], ["e\u0301"]),
        ("ofﬁce", ["f"], ["fﬁ"]),
        ("Straße", ["ss"], ["ß"]),
        ("one \t two", ["one two"], ["one \t two"]),
        ("བོད་ཡིག", ["ཡིག"], ["ཡིག"]),
        ("ئۇيغۇر", ["غۇ"], ["غۇ"]),
        ("aaaa", ["aa"], ["aaaa"]),
        ("abc", ["ab", "bc"], ["abc"]),
        ("abc", ["", "x"], []),
    ],
)
def test_examples_of_marks(text: str, words: list[str], marked: list[str]) -> None:
    assert [text[span.start : span.end] for span in spans(text, words)] == marked


def test_marks_are_places_in_the_text_as_typed() -> None:
    assert spans("ﬁ 徐秦", ["徐秦"]) == (Span(2, 4),)


def test_a_piece_that_folds_with_what_follows_is_kept_together() -> None:
    assert unicodedata.combining("\u0301")
    assert spans("xe\u0301y", ["y"]) == (Span(3, 4),)
