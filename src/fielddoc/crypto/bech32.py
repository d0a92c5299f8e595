"""Bech32, the text form of age's keys (BIP 173 without its limit of 90 characters).

A text is `prefix 1 data checksum`; the 32 data characters leave out those that are easily mistaken
for each other, and the checksum finds up to four wrong characters in a short text. It protects from
typing mistakes, not from an adversary.
"""

_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {character: value for value, character in enumerate(_CHARACTERS)}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)  # BIP 173, "Checksum"
_CHECKSUM_CHARACTERS = 6


class Bech32Error(Exception):
    """The text is not Bech32, or has a typing mistake."""


def encode(prefix: str, data: bytes | bytearray) -> str:
    """Return `data` as lower-case Bech32."""
    values = _regroup(data, 8, 5)
    checksum = _polymod(_expanded(prefix) + values + [0] * _CHECKSUM_CHARACTERS) ^ 1
    values += [checksum >> 5 * place & 31 for place in reversed(range(_CHECKSUM_CHARACTERS))]
    return prefix + "1" + "".join(_CHARACTERS[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """Return the lower-case prefix and the data of a text in all lower or all upper case.

    Raises:
        Bech32Error: Mixed case, foreign characters, a wrong checksum, or padding that is not zero.
    """
    if not text.isascii() or text not in (text.lower(), text.upper()):
        raise Bech32Error("the text mixes cases or has foreign characters")
    prefix, separator, encoded = text.lower().rpartition("1")
    if not (prefix and separator and all("!" <= character <= "~" for character in prefix)):
        raise Bech32Error("the text has no prefix")
    try:
        values = [_VALUES[character] for character in encoded]
    except KeyError:
        raise Bech32Error("the text has foreign characters") from None
    if len(values) < _CHECKSUM_CHARACTERS or _polymod(_expanded(prefix) + values) != 1:
        raise Bech32Error("the checksum is wrong")
    data = bytes(_regroup(values[:-_CHECKSUM_CHARACTERS], 5, 8))
    # Decoding drops spare bits. They must be zero and fewer than five, or two texts would stand
    # for the same data.
    if encode(prefix, data) != text.lower():
        raise Bech32Error("the padding is wrong")
    return prefix, data


def _expanded(prefix: str) -> list[int]:
    """Return the prefix as the checksum sees it (BIP 173, "Checksum")."""
    codes = prefix.encode("ascii")
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            if top >> place & 1:
                checksum ^= generator
    return checksum


def _regroup(values: bytes | bytearray | list[int], from_bits: int, to_bits: int) -> list[int]:
    """Cut a run of `from_bits` numbers into `to_bits` numbers.

    Towards smaller groups the last one is filled up with zeros; towards larger ones an incomplete
    group is dropped.
    """
    regrouped = []
    held, held_bits = 0, 0
    for value in values:
        held = (held << from_bits | value) & 0xFFF  # never more than 7 + 5 or 4 + 8 bits are held
        held_bits += from_bits
        while held_bits >= to_bits:
            held_bits -= to_bits
            regrouped.append(held >> held_bits & (1 << to_bits) - 1)
    if held_bits and to_bits < from_bits:
        regrouped.append(held << to_bits - held_bits & (1 << to_bits) - 1)
    return regrouped
