"""Everything that the program says can be read on a machine without any font of its own."""

from pathlib import Path

import polib
import pytest
from PySide6.QtGui import QRawFont
from PySide6.QtWidgets import QApplication

from fielddoc.domain.vocabularies import vocabulary
from fielddoc.gui import style
from fielddoc.resources import resource

UYGHUR = "ئائەبپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىي"
TIBETAN = "ཀཁགངཅཆཇཉཏཐདནཔཕབམཙཚཛཝཞཟའཡརལཤསཧཨ་།༼༽ིེོུྐྲླྱ"
RARE_IN_NAMES = "昇犇喆堃淼翀骉旻玥珺琎垚甯靳邬笪闫昝妲郄"


@pytest.fixture
def fonts(qapp: QApplication) -> list[QRawFont]:
    paths = sorted(resource("fonts").glob("*.[ot]tf"))
    assert len(style.load_fonts()) == len(paths) == 3
    return [QRawFont(str(path), 16) for path in paths]


def missing(fonts: list[QRawFont], text: str) -> set[str]:
    return {
        character
        for character in set(text)
        if ord(character) > 0x7F and not any(f.supportsCharacter(ord(character)) for f in fonts)
    }


# Marks and signs that the Latin font of every system has.
SIGNS = set("·…−–—’“”‘×≥≤→←✓°§↑↓•™©é○●±")


def test_every_word_of_the_catalogues_can_be_shown(fonts: list[QRawFont]) -> None:
    for path in sorted(Path(str(resource("locale"))).rglob("*.po")):
        said = "".join(entry.msgstr for entry in polib.pofile(str(path)))
        assert missing(fonts, said) - SIGNS == set(), path


def test_every_term_can_be_shown(fonts: list[QRawFont]) -> None:
    for path in sorted(resource("vocabularies").glob("*.toml")):
        terms = vocabulary(path.stem).terms
        said = "".join(term.label("zh_CN") + term.label("zh_TW") for term in terms)
        assert missing(fonts, said) - SIGNS == set(), path.stem


@pytest.mark.parametrize("text", [UYGHUR, TIBETAN, RARE_IN_NAMES])
def test_what_people_type_can_be_shown(fonts: list[QRawFont], text: str) -> None:
    assert missing(fonts, text) == set()


def test_a_tibetan_stack_is_built_by_the_font(qapp: QApplication, fonts: list[QRawFont]) -> None:
    """Subjoined letters combine only where the font kept its tables."""
    tibetan = next(font for font in fonts if "Tibetan" in font.familyName())
    assert tibetan.fontTable("GSUB").size() > 1000
    assert tibetan.fontTable("GPOS").size() > 100
