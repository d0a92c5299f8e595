"""Text of the statutes that the legal clocks cite, if it lies beside the checkout.

It is not part of the project. `FIELDDOC_LAW_DIR` names its folder; else `../shared/data/law`.
"""

import os
import re
from functools import cache
from pathlib import Path

from not_run import not_run

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("FIELDDOC_LAW_DIR", ROOT.parent / "shared" / "data" / "law"))

_DIGITS = "零一二三四五六七八九"
_ARTICLE = re.compile(
    r"^第([零一二三四五六七八九十百]+)条(?:之([一二三四五六七八九十]+))?", re.MULTILINE
)


def numeral(number: int) -> str:
    """Write a number up to 999 as statutes do: 十二, 三十七, 一百零五, 二百一十."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones or not number else "")


@cache
def statute(name: str) -> str:
    """Return the text of a statute; the test is not run where it is missing."""
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        not_run("statutes are neither in ../shared/data/law nor named by FIELDDOC_LAW_DIR")
    return path.read_text(encoding="utf-8")


def article(text: str, number: int, insertion: int = 0) -> str:
    """Return the text of one article, or nothing if there is no such article."""
    wanted = numeral(number), numeral(insertion) if insertion else None
    found = list(_ARTICLE.finditer(text))
    for here, after in zip(found, [*found[1:], None], strict=True):
        if (here[1], here[2]) == wanted:
            return text[here.start() : after.start() if after else len(text)]
    return ""
