"""Generated words, and the warning for passphrases of one's own."""

import math
import re
from collections import Counter

import pytest

from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.domain import passphrase_words
from fielddoc.domain.passphrase_words import (
    LEAST_BITS,
    WordList,
    count_for,
    generated,
    in_characters,
    warning,
    words_of,
)

BOTH = pytest.mark.parametrize("which", list(WordList))


@BOTH
def test_what_is_generated_is_at_least_as_strong_as_six_words_of_the_english_list(
    which: WordList,
) -> None:
    words = words_of(which)

    assert len(set(words)) == len(words)
    bits = count_for(which) * math.log2(len(words))
    assert bits >= LEAST_BITS - 1e-9
    assert bits - math.log2(len(words)) < LEAST_BITS - 1e-9
    assert (count_for(WordList.ENGLISH), count_for(WordList.PINYIN)) == (6, 7)
    assert round(LEAST_BITS, 1) == 77.5


@BOTH
def test_generated_words_are_of_the_list_each_as_likely_as_the_next(which: WordList) -> None:
    drawn = Counter(word for _ in range(3000) for word in generated(which).split())
    words = words_of(which)

    assert drawn.keys() <= set(words)
    # Chi-square over all words; beyond six standard deviations lies one sample in 10^9.
    expected = drawn.total() / len(words)
    chi = sum((drawn[word] - expected) ** 2 / expected for word in words)
    assert abs(chi - (len(words) - 1)) < 6 * math.sqrt(2 * len(words))
    assert generated(which) != generated(which)


@BOTH
def test_generated_words_are_never_warned_of(which: WordList) -> None:
    for _ in range(300):
        passphrase = generated(which)
        assert warning(passphrase) == "", passphrase
        assert passphrase_bytes(passphrase) == passphrase.encode("ascii")


def test_chinese_words_are_typed_as_pinyin_without_tones() -> None:
    for word in words_of(WordList.PINYIN):
        assert re.fullmatch("[a-z]{5,10}", word)
        assert passphrase_words.syllables(word) in (2, 3), word
        characters = in_characters(word)
        assert re.fullmatch("[\u4e00-\u9fff]{2}", characters), word


def test_no_two_chinese_words_are_typed_alike_or_written_alike() -> None:
    words = words_of(WordList.PINYIN)

    assert len(words) == 4096
    assert len({in_characters(word) for word in words}) == 4096


def test_chinese_words_hold_nothing_of_politics_police_or_death() -> None:
    characters = "".join(in_characters(word) for word in words_of(WordList.PINYIN))

    for one in "党政军警战杀死尸狱囚刑毒枪炮奸淫娼妓嫖赌官共藏疆佛葬墓鬼":
        assert one not in characters, one
    for word in ("xizang", "xinjiang", "taiwan", "falun", "minzhu", "renquan", "ziyou", "liusi"):
        assert word not in words_of(WordList.PINYIN)


def test_words_are_told_in_characters_only_if_all_are_of_the_list() -> None:
    words = words_of(WordList.PINYIN)

    assert in_characters(f"{words[0]} {words[9]}").count(" ") == 1
    assert in_characters(f"{words[0]} lantern") == ""
    assert in_characters("correct horse battery staple") == ""


@pytest.mark.parametrize(
    ("passphrase", "about"),
    [
        ("19890604", "digits"),
        ("1 2 3 4 5 6 7 8 9 0 1 2", "digits"),
        ("aaaaaaaaaaaaaaaaaaaa", "same few"),
        ("abab abab abab abab abab", "same few"),
        ("call 13812345678 now please", "telephone"),
        ("my phone is 138 1234 5678", "telephone"),
        ("my phone is 138-1234-5678 today", "telephone"),
        ("mima 010-12345678 mima lala", "telephone"),
        ("shenfenzheng 110101199003074514 ok", "telephone"),
        ("qq 123456789 qq mail address here", "telephone"),
        ("xiaoming 19900307", "date"),
        ("xiaoming 900307 love", "date"),
        ("born on 1990-3-7", "date"),
        ("wo de shengri 1990.03.07", "date"),
        ("1990年3月7日 出生", "date"),
        ("meine geburt 7.3.1990", "date"),
        ("zhongguo renmin wansui 1949", "date"),
        ("zhongguo renmin wansui", "Pinyin"),
        ("woainizhongguo", "Pinyin"),
        ("wo ai bei jing tian an men", "Pinyin"),
        ("Bai Ri Yi Shan Jin", "Pinyin"),
        ("zhangwei", "Pinyin"),
        ("hunter2", "short"),
        ("correct horse", "short"),
        ("灯塔山河", "short"),
        ("correct horse stapl", "few words"),
    ],
)
def test_what_is_tried_early_is_warned_of(passphrase: str, about: str) -> None:
    assert about in warning(passphrase)


@pytest.mark.parametrize(
    "passphrase",
    [
        "",
        "plum lantern gravel otter seven bridge",
        "灯塔不吃石榴却会游泳",
        "an otter of 1990 once ate seven plums",
        "denglong qiaoliang shiliu maozi huoche yueliang shuiniu",
        "bo'g'da ۋە قىزىل ئالما بىلەن دەريا",
        "རི་བོང་ དམར་པོ་ མེ་ཏོག་ ཆུ་མིག་ ལྕགས་རི་ སྟག་ཚང་",
    ],
)
def test_what_is_not_known_to_be_bad_is_not_warned_of(passphrase: str) -> None:
    assert warning(passphrase) == ""


@pytest.mark.parametrize(
    ("letters", "count"),
    [
        ("zhongguo", 2),
        ("xian", 1),
        ("Tiananmen", 3),
        ("nver", 2),
        ("lantern", 0),
        ("", 0),
        ("v", 0),
    ],
)
def test_pinyin_is_told_by_its_syllables(letters: str, count: int) -> None:
    assert passphrase_words.syllables(letters) == count


def test_a_warning_never_hinders_and_any_text_is_taken() -> None:
    for text in (
        "a" * 100_000,
        "an" * 5000 + "x",
        "1" * 100_000,
        "zhong" * 20_000,
        "\x00\ud800",
        "1990-" * 5000,
    ):
        assert isinstance(warning(text), str)
