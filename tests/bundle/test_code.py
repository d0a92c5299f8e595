"""The 40 digits of a card."""

import contextlib
import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fielddoc.bundle.code import DIGITS, card_code, grouped, read_code
from fielddoc.errors import CodeMistypedError

KEYS = st.binary(min_size=32, max_size=32)
POST_QUANTUM_KEYS = st.binary(min_size=1216, max_size=1216)
CODE = card_code(signing=bytes(range(32)), x25519=bytes(range(32, 64)), post_quantum=None)


def independent_code(signing: bytes | None, x25519: bytes, post_quantum: bytes | None) -> str:
    """The same code from the words of the specification, with another way to the check digit."""
    hashed = hashlib.sha256()
    hashed.update(b"fielddoc-card-v1" + b"\x00")
    hashed.update(signing if signing is not None else b"\x00" * 32)
    hashed.update(x25519)
    if post_quantum is not None:
        hashed.update(post_quantum)
    number = str(int(hashed.hexdigest(), 16))[-39:].zfill(39)
    # Damm's table from its printed form; the check digit is the one that leads back to 0.
    rows = [
        "0317598642",
        "7092154863",
        "4206871359",
        "1750983426",
        "6123045978",
        "3674209581",
        "5869720134",
        "8945362017",
        "9438617205",
        "2581436790",
    ]
    interim = "0"
    for digit in number:
        interim = rows[int(interim)][int(digit)]
    check = next(d for d in "0123456789" if rows[int(interim)][int(d)] == "0")
    return number + check


@given(st.none() | KEYS, KEYS, st.none() | POST_QUANTUM_KEYS)
def test_code_is_the_one_that_the_specification_gives(
    signing: bytes | None, x25519: bytes, post_quantum: bytes | None
) -> None:
    code = card_code(signing=signing, x25519=x25519, post_quantum=post_quantum)

    assert code == independent_code(signing, x25519, post_quantum)
    assert len(code) == DIGITS
    assert read_code(code) == code


def test_check_digit_is_that_of_the_printed_example() -> None:
    # Damm's own example: 572 has the check digit 4; leading zeros change nothing.
    assert read_code("5724".zfill(40)) == "5724".zfill(40)


def test_every_single_wrong_digit_is_noticed() -> None:
    for place in range(DIGITS):
        for digit in set("0123456789") - {CODE[place]}:
            with pytest.raises(CodeMistypedError):
                read_code(CODE[:place] + digit + CODE[place + 1 :])


@given(KEYS)
@example(bytes(range(32)))
def test_every_swap_of_neighbours_is_noticed(key: bytes) -> None:
    code = card_code(signing=None, x25519=key, post_quantum=None)

    for place in range(DIGITS - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(CodeMistypedError):
                read_code(swapped)


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        grouped(CODE),
        f"  {grouped(CODE)}\n",
        grouped(CODE).replace(" ", "-"),
        grouped(CODE).replace(" ", " – "),
        grouped(CODE).replace(" ", "\u3000"),
        grouped(CODE).replace(" ", "\n"),
        grouped(CODE).replace(" ", "."),
        " ".join(CODE),
        CODE.translate({48 + n: 0xFF10 + n for n in range(10)}),
        CODE.translate({48 + n: 0x0660 + n for n in range(10)}),
        CODE.translate({48 + n: 0x0F20 + n for n in range(10)}),
    ],
    ids=[
        "plain", "groups", "blanks around", "dashes", "long dashes", "wide blanks", "lines", "dots",
        "every digit apart", "full width", "Arabic-Indic", "Tibetan",
    ],
)  # fmt: skip
def test_code_is_taken_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        CODE[:-1],
        CODE + "0",
        CODE[:-1] + "O",
        CODE + "x",
        CODE.replace(CODE[5], "²", 1),
        "四" * 40,
    ],
    ids=[
        "nothing",
        "too few",
        "too many",
        "letter O",
        "a letter more",
        "superscript",
        "characters",
    ],
)
def test_what_is_not_a_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeMistypedError):
        read_code(typed)


@given(st.text(max_size=60))
def test_no_text_gives_another_error(typed: str) -> None:
    with contextlib.suppress(CodeMistypedError):
        assert len(read_code(typed)) == DIGITS


def test_grouping_gives_ten_groups_of_four() -> None:
    assert [len(group) for group in grouped(CODE).split(" ")] == [4] * 10


@given(KEYS, KEYS, POST_QUANTUM_KEYS)
def test_cards_with_other_kinds_of_keys_have_other_codes(
    signing: bytes, x25519: bytes, post_quantum: bytes
) -> None:
    codes = {
        card_code(signing=s, x25519=x25519, post_quantum=p)
        for s in (None, signing)
        for p in (None, post_quantum)
    }

    assert len(codes) == (4 if any(signing) else 2)
