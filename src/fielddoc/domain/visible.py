"""Foreign text on one line, so that nothing in it can hide, move or colour what stands around it."""

import unicodedata

# Kept as they are: a Tibetan or Uyghur word may need them inside.
_JOINERS = "‌‍"


def visible(text: str) -> str:
    """Return `text` with control, format and line-breaking characters written out as `⟦U+202E⟧`.

    A file name that is turned round to look like another, or a name that holds a terminal's
    escape, is shown as what it is.
    """
    return "".join(
        character if _is_plain(character) else f"⟦U+{ord(character):04X}⟧" for character in text
    )


def _is_plain(character: str) -> bool:
    hidden = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return character in _JOINERS or unicodedata.category(character) not in hidden
