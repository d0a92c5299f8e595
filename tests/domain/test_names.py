import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.folding import folded
from fielddoc.domain.names import MOST_READINGS, are_near, keys, pinyin, searchable, spellings


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("徐秦", "xu qin"),
        ("徐秦", "xuqin"),
        ("李昱函", "li yuhan"),
        ("李昱函", "liyuhan"),
        ("黃雪琴", "huang xueqin"),  # traditional
        ("单伟", "shan wei"),  # a family name that is read otherwise than the word
        ("单伟", "dan wei"),
        ("吕秀莲", "lü xiulian"),
        ("吕秀莲", "lv xiulian"),
        ("吕秀莲", "lyu xiulian"),
        ("欧阳修文", "ouyang xiuwen"),
    ],
)
def test_a_name_in_characters_is_found_by_its_pinyin(name: str, typed: str) -> None:
    assert typed in searchable(name)


@pytest.mark.parametrize(
    "text", ["", "Xu Qin", "徐 Qin", "他被警察从家中带走了", "བཀྲ་ཤིས", "ئەخمەت"]
)
def test_what_is_no_name_in_characters_has_no_pinyin(text: str) -> None:
    assert pinyin(text) == ()
    assert searchable(text) == ()


def test_a_name_of_many_readings_has_a_bound() -> None:
    assert len(pinyin("单单单单单单")) == MOST_READINGS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Li Yuhan", "Li Yuhuan"),
        ("Ding Jiaxi", "Ding Jiayi"),
        ("Li Yuhan", "Yuhan Li"),
        ("李昱函", "Li Yuhan"),
        ("李昱函", "李玉涵"),
        ("黃雪琴", "黄雪琴"),
        ("Müller José", "Muller Jose"),
        ("Ding Jiaxi", "Ding Jaixi"),
    ],
)
def test_spellings_of_one_name_are_near_and_share_a_key(one: str, other: str) -> None:
    pairs = [(a, b) for a in spellings(one) for b in spellings(other) if are_near(a, b)]

    assert pairs
    assert all(keys(a) & keys(b) for a, b in pairs)


@pytest.mark.parametrize(
    ("one", "other"), [("Li Na", "Li Ma"), ("Wang Wei", "Wang Weiping"), ("Xu Qin", "Qin Xu Li")]
)
def test_other_names_are_not_near(one: str, other: str) -> None:
    assert not any(are_near(a, b) for a in spellings(one) for b in spellings(other))


def distance(one: str, other: str) -> int:
    """Edit distance with swaps of neighbours, by the book (optimal string alignment)."""
    rows = [[n + m if not n * m else 0 for m in range(len(other) + 1)] for n in range(len(one) + 1)]
    for n, a in enumerate(one, 1):
        for m, b in enumerate(other, 1):
            rows[n][m] = min(rows[n - 1][m] + 1, rows[n][m - 1] + 1, rows[n - 1][m - 1] + (a != b))
            if n > 1 and m > 1 and a == other[m - 2] and b == one[n - 2]:
                rows[n][m] = min(rows[n][m], rows[n - 2][m - 2] + 1)
    return rows[-1][-1]


LETTERS = st.text("abc", min_size=6, max_size=9)


@given(LETTERS, LETTERS)
def test_near_means_a_distance_of_at_most_one(one: str, other: str) -> None:
    assert are_near(one, other) == (distance(one, other) <= 1)


@given(LETTERS, st.integers(0, 8), st.sampled_from(["drop", "add", "change", "swap"]))
def test_one_slip_of_the_pen_is_near_and_shares_a_key(word: str, at: int, slip: str) -> None:
    at %= len(word) - 1
    other = {
        "drop": word[:at] + word[at + 1 :],
        "add": word[:at] + "z" + word[at:],
        "change": word[:at] + "z" + word[at + 1 :],
        "swap": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    }[slip]
    if len(other) < 6:
        return
    assert are_near(word, other)
    assert keys(word) & keys(other)


@given(st.text(max_size=20))
def test_any_text_is_taken(text: str) -> None:
    for spelling in spellings(text):
        assert spelling == "".join(spelling.split())
        assert keys(spelling)
    assert all(folded(form) == form for form in searchable(text))
