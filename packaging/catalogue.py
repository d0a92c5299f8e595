"""Brings the catalogues and docs/errors.md up to date with the sentences in the source.

    make catalogue

Reads every literal in `N_("…")` and `t_("…")` under src/fielddoc, in the order of the source. In each
resources/locale/<language>/LC_MESSAGES/fielddoc.po the sentences that are new stand untranslated
afterwards, those that went are gone, all others keep their translation; fielddoc.mo beside it is
what the program reads. Both are committed. Comments of translators are kept.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

from fielddoc import errors
from fielddoc.i18n import LANGUAGES, translate

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LOCALE = ROOT / "resources" / "locale"
ERRORS_PAGE = ROOT / "docs" / "errors.md"
LINE_WIDTH = 99


class MarkError(Exception):
    """A mark that holds something else than one literal text."""


def marked(source: Path = SOURCE) -> dict[str, list[str]]:
    """Return each marked sentence with the files in which it stands, in the order of the source."""
    found: dict[str, list[str]] = {}
    for path in sorted(source.rglob("*.py")):
        place = path.relative_to(source.parent).as_posix()
        for sentence in _marked_in(ast.parse(path.read_bytes()), place):
            places = found.setdefault(sentence, [])
            if place not in places:
                places.append(place)
    return found


def _marked_in(tree: ast.Module, place: str) -> Iterator[str]:
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("N_", "t_", "translate")
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        first = call.args[0] if call.args else None
        is_literal = isinstance(first, ast.Constant | ast.JoinedStr)
        if isinstance(call.func, ast.Name) and call.func.id == "translate":
            if is_literal:
                raise MarkError(f"{place}:{call.lineno}: translate() of a text without N_()")
        elif len(call.args) != 1 or call.keywords or not isinstance(first, ast.Constant):
            raise MarkError(f"{place}:{call.lineno}: N_() and t_() take one literal text")
        elif not isinstance(first.value, str) or not first.value:
            raise MarkError(f"{place}:{call.lineno}: N_() or t_() of no text")
        else:
            yield first.value


def po_file(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return LOCALE / language / "LC_MESSAGES" / "fielddoc.po"


def merged(old: polib.POFile, sentences: dict[str, list[str]]) -> polib.POFile:
    """Return `old` with exactly these sentences; translations and comments are kept."""
    known = {entry.msgid: entry for entry in old if not entry.obsolete}
    new = polib.POFile(wrapwidth=LINE_WIDTH)
    new.header = old.header
    new.metadata = old.metadata
    for sentence, places in sentences.items():
        before = known.get(sentence)
        new.append(
            polib.POEntry(
                msgid=sentence,
                msgstr=before.msgstr if before else "",
                tcomment=before.tcomment if before else "",
                flags=[flag for flag in before.flags if flag == "fuzzy"] if before else [],
                occurrences=[(place, "") for place in places],
            )
        )
    return new


def errors_page() -> str:
    """Return docs/errors.md: each error with its sentence and its advice in every language."""
    lines = [
        "# Errors",
        "",
        "Made from `src/fielddoc/errors.py` and the catalogues by `make catalogue`; do not edit.",
        "",
        "A command that fails prints `error:` and `hint:` on stderr and ends with status 1, or 2"
        " when",
        "its words do not go together. With `--json` it prints",
        '`{"error": {"code", "message", "hint", "details"}}` instead. The codes stay the same in',
        "every version and language; the sentences may be improved. Words in braces are filled in.",
    ]
    for error in all_errors():
        lines += ["", f"## {error.code}", ""]
        for language in LANGUAGES:
            lines.append(f"- {translate(error.message, language)}")
            lines.append(f"  {translate(error.hint, language)}")
    return "\n".join(lines) + "\n"


def all_errors(
    base: type[errors.FielddocError] = errors.FielddocError,
) -> Iterator[type[errors.FielddocError]]:
    """Yield every error that can be raised, in the order of the source."""
    for error in base.__subclasses__():
        if error.code:
            yield error
        yield from all_errors(error)


def main() -> int:
    """Write the catalogues and the page; say what is still to be translated."""
    sentences = marked()
    missing = 0
    for language in LANGUAGES[1:]:
        path = po_file(language)
        catalogue = merged(polib.pofile(str(path)), sentences)
        catalogue.save(str(path))
        catalogue.save_as_mofile(str(path.with_suffix(".mo")))
        untranslated = [entry.msgid for entry in catalogue if not entry.translated()]
        missing += len(untranslated)
        sys.stdout.write(f"{language}: {len(catalogue)} sentences\n")
        for sentence in untranslated:
            sys.stdout.write(f"  to translate: {sentence!r}\n")
    ERRORS_PAGE.write_text(errors_page(), encoding="utf-8")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
