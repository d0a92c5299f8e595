"""From what a person types to the bytes that a key is derived from.

The same words typed on another keyboard, with another input method or pasted from a note give the
same bytes: Unicode NFKC, outer white space off, inner runs of white space one blank, case kept,
UTF-8. docs/vault-format.md has test vectors.
"""

import re
import unicodedata

from fielddoc.errors import PassphraseRefusedError

MAXIMUM_BYTES = 1024
# Unicode's property White_Space. Python's `split` takes the controls U+001C to U+001F for it too.
_BLANKS = re.compile(
    "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+"
)


def passphrase_bytes(typed: str) -> bytearray:
    """Return the bytes of a passphrase; the caller zeroes them.

    Raises:
        PassphraseRefusedError: it is empty, longer than 1,024 bytes, or holds a control, an
            unassigned code point or a lone surrogate.
    """
    text = _BLANKS.sub(" ", unicodedata.normalize("NFKC", typed)).strip(" ")
    if not text or any(unicodedata.category(character) in ("Cc", "Cn", "Cs") for character in text):
        raise PassphraseRefusedError
    result = bytearray(text, "utf-8")
    if len(result) > MAXIMUM_BYTES:
        raise PassphraseRefusedError
    return result
