"""The 40 digits by which a card is recognised, the same in every language.

39 digits of a hash over the card's public keys and a Damm check digit, which catches every single
wrong digit and every swap of neighbours (Damm, "Total anti-symmetrische Quasigruppen", 2004).
"""

import hashlib

from fielddoc.errors import CodeMistypedError

DIGITS = 40
_LABEL = b"fielddoc-card-v1\0"
NO_SIGNING_KEY = bytes(32)

# The quasigroup of order 10 in Damm's thesis.
_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def card_code(*, signing: bytes | None, x25519: bytes, post_quantum: bytes | None) -> str:
    """Return the 40 digits of a card.

    SHA-256 of the label, the Ed25519 key (32 zero bytes if there is none), the X25519 key and the
    post-quantum key (nothing if there is none), as a big-endian number modulo 10^39.
    """
    data = _LABEL + (signing or NO_SIGNING_KEY) + x25519 + (post_quantum or b"")
    number = int.from_bytes(hashlib.sha256(data).digest(), "big") % 10**39
    digits = f"{number:039d}"
    return digits + str(_damm(digits))


def grouped(code: str) -> str:
    """Return a code in ten groups of four digits."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str:
    """Return the 40 digits that a person typed, whatever stands between the groups.

    Digits of any script and width are taken.

    Raises:
        CodeMistypedError: there are not 40 digits, or the check digit does not fit.
    """
    digits = "".join(str(int(c)) for c in typed if c.isdecimal())
    strange = [c for c in typed if not (c.isdecimal() or c.isspace() or c in "-–—.,·")]
    if len(digits) != DIGITS or strange or _damm(digits) != 0:
        raise CodeMistypedError
    return digits


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return interim
