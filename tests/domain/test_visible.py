"""Foreign text on one line."""

import pytest

from fielddoc.domain.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("徐秦 Xu Qin", "徐秦 Xu Qin"),
        ("بىر ئىسىم", "بىر ئىسىم"),
        ("བོད་ཡིག", "བོད་ཡིག"),
        ("ن\u200cد", "ن\u200cد"),
        ("photo\u202egpj.exe", "photo⟦U+202E⟧gpj.exe"),
        ("a\x1b[2Jb", "a⟦U+001B⟧[2Jb"),
        ("two\nlines\ttab", "two⟦U+000A⟧lines⟦U+0009⟧tab"),
        ("zero\u200bwidth\ufeff", "zero⟦U+200B⟧width⟦U+FEFF⟧"),
        ("\u2028\u2029\x85", "⟦U+2028⟧⟦U+2029⟧⟦U+0085⟧"),
        ("\ud800", "⟦U+D800⟧"),
    ],
)
def test_what_hides_or_moves_is_written_out_and_scripts_stay_whole(text: str, shown: str) -> None:
    assert visible(text) == shown
