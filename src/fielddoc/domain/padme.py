"""Padmé: sizes rounded up so that they tell little, at most 12 % more bytes.

Nikitin, Barman, Lueks, Underwood, Hubaux and Ford, "Reducing Metadata Leakage from Encrypted
Files and Communication with PURBs", 2019, section 4.
"""


def padme(size: int) -> int:
    """Return the padded size of a content of `size` bytes; it never shrinks and is stable."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    step = 1 << free_bits
    return -(-size // step) * step


def is_padme(size: int) -> bool:
    """Tell whether a content could have been padded to exactly `size`."""
    return padme(size) == size
