import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fielddoc.crypto.passphrase import MAXIMUM_BYTES, passphrase_bytes
from fielddoc.errors import PassphraseRefusedError


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("café", "cafe\u0301"),
        ("Ångström", "Å\u006egström"),
        ("Ångström", "\u212bngström"),
        ("ＡＢＣ１２３", "ABC123"),
        ("ﬁnch", "finch"),
        ("한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
        ("  灯 塔  ", "灯 塔"),
        ("\u3000灯\u3000\u3000塔\u3000", "灯 塔"),
        ("one\u00a0two\u2003three", "one two three"),
        ("one two\n", "one two"),
        ("one\t\r\ntwo", "one two"),
        ("one\u0085two\u2028three", "one two three"),
        ("བོད་ཡིག", "བོད་ཡིག"),
        ("دۆلەت", "دۆلەت"),
        ("🕯️ key", "🕯️  key"),
    ],
)
def test_the_same_words_give_the_same_bytes(typed: str, same: str) -> None:
    assert passphrase_bytes(typed) == passphrase_bytes(same)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  Six  words ", "536978 20 776f726473"),
        ("灯\u3000塔", "e781af 20 e5a194"),
        ("ﬁ", "6669"),
        ("e\u0301", "c3a9"),
    ],
)
def test_the_bytes_are_normalised_utf8(typed: str, expected: str) -> None:
    assert passphrase_bytes(typed).hex() == expected.replace(" ", "")


@pytest.mark.parametrize(
    ("one", "other"), [("Lantern", "lantern"), ("ab", "a b"), ("straße", "strasse"), ("後", "后")]
)
def test_words_that_differ_give_other_bytes(one: str, other: str) -> None:
    assert passphrase_bytes(one) != passphrase_bytes(other)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u3000\u00a0\n",
        "a\x00b",
        "a\x07b",
        "a\x7fb",
        "a\u0090b",
        "a\u0378b",  # unassigned
        "a\U0003fffeb",  # never assigned
        "a\ud800b",
        "\udcff",
        "a" * (MAXIMUM_BYTES + 1),
        "灯" * 342,
    ],
    ids=repr,
)
def test_what_cannot_be_typed_again_is_refused(typed: str) -> None:
    with pytest.raises(PassphraseRefusedError):
        passphrase_bytes(typed)


@pytest.mark.parametrize("separator", ["\x1c", "\x1d", "\x1e", "\x1f"], ids=repr)
def test_information_separators_are_controls_and_no_white_space(separator: str) -> None:
    """Unicode's White_Space has none of them, though Python's `split` takes them for blanks."""
    with pytest.raises(PassphraseRefusedError):
        passphrase_bytes(f"one{separator}two")


def test_the_longest_passphrase_is_taken() -> None:
    assert len(passphrase_bytes("a" * MAXIMUM_BYTES)) == MAXIMUM_BYTES
    assert len(passphrase_bytes("灯" * 341)) == 1023


def test_length_counts_after_blanks_are_taken_off() -> None:
    assert passphrase_bytes(" " * 5000 + "a" + " " * 5000) == b"a"


@given(st.text(max_size=40))
def test_bytes_of_any_text_are_stable_under_normalising_again(typed: str) -> None:
    try:
        result = passphrase_bytes(typed)
    except PassphraseRefusedError:
        assume(False)
        raise
    text = result.decode("utf-8")

    assert passphrase_bytes(text) == result
    assert passphrase_bytes(f" \u3000{unicodedata.normalize('NFD', typed)}\n") == result
    assert text == text.strip()
    assert "  " not in text
