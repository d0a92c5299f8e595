"""Keys as text: what is written can be read, and a typing mistake is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.crypto.bech32 import Bech32Error, decode, encode

PREFIXES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).map(str.lower)


@given(PREFIXES, st.binary(max_size=2000))
def test_what_is_encoded_decodes_to_the_same(prefix: str, data: bytes) -> None:
    text = encode(prefix, data)

    assert decode(text) == (prefix, data)
    assert decode(text.upper()) == (prefix, data)


@pytest.mark.parametrize(
    ("text", "prefix", "data_bytes"),
    [
        ("A12UEL5L", "a", 0),
        ("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
         "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio", 0),
        ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", 20),
        ("?1ezyfcl", "?", 0),
    ],
)  # fmt: skip
def test_valid_texts_of_bip_173_are_read(text: str, prefix: str, data_bytes: int) -> None:
    assert decode(text)[0] == prefix
    assert len(decode(text)[1]) == data_bytes


@pytest.mark.parametrize(
    "text",
    [
        "\x201nwldj5", "\x7f1axkwrx", "\x801eym55h", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v",
        "li1dgmt3", "de1lg7wt\xff", "A1G7SGD8", "10a06t8", "1qzzfhee",
        "A12uEL5L", "", "1", "a1", "a12uel5ł",
    ],
)  # fmt: skip
def test_invalid_texts_of_bip_173_and_mixed_case_are_refused(text: str) -> None:
    with pytest.raises(Bech32Error):
        decode(text)


def test_padding_that_is_not_zero_is_refused() -> None:
    # Thirty-two zero bytes leave four spare bits; here the last of them is set.
    text = encode("age", bytes(32))
    forged = next(
        candidate
        for candidate in _with_valid_checksum(text[: -len("q") - 6] + "p")
        if candidate != text
    )

    with pytest.raises(Bech32Error, match="padding"):
        decode(forged)


@given(st.binary(min_size=32, max_size=32), st.data())
def test_one_wrong_character_is_noticed(data: bytes, draw: st.DataObject) -> None:
    text = encode("age", data)
    place = draw.draw(st.integers(0, len(text) - 1))
    wrong = draw.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l1").filter(
        lambda character: character != text[place]
    ))  # fmt: skip

    with pytest.raises(Bech32Error):
        decode(text[:place] + wrong + text[place + 1 :])


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        prefix, data = decode(text)
    except Bech32Error:
        return
    assert encode(prefix, data) == text.lower()


def _with_valid_checksum(body: str) -> list[str]:
    """Return `body` with its right checksum, found character by character."""
    from fielddoc.crypto.bech32 import _CHARACTERS, _expanded, _polymod

    prefix, _, encoded = body.rpartition("1")
    values = _expanded(prefix) + [_CHARACTERS.index(character) for character in encoded]
    checksum = _polymod(values + [0] * 6) ^ 1
    return [body + "".join(_CHARACTERS[checksum >> 5 * place & 31] for place in range(5, -1, -1))]
