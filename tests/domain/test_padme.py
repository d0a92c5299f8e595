"""Padmé sizes, against the bound and the definition of the paper."""

import math

from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.padme import is_padme, padme


def _as_in_the_paper(size: int) -> int:
    """The algorithm as PURBs section 4 prints it."""
    exponent = math.floor(math.log2(size))
    bits = math.floor(math.log2(exponent)) + 1
    low = exponent - bits
    mask = (1 << low) - 1
    return (size + mask) & ~mask


@given(st.integers(2, 2**45))
def test_sizes_are_those_of_the_paper(size: int) -> None:
    assert padme(size) == _as_in_the_paper(size)


@given(st.integers(0, 2**50))
def test_padding_never_shrinks_is_stable_and_adds_at_most_twelve_percent(size: int) -> None:
    padded = padme(size)

    assert size <= padded <= size * 1.12 + 1
    assert padme(padded) == padded
    assert is_padme(padded)


def test_padded_bundles_are_whole_blocks_of_tar() -> None:
    for size in range(8192, 200_000, 512):
        assert padme(size) % 512 == 0
