"""The catalogues: complete, fresh, true to their placeholders and to one word for one thing."""

import argparse
import ast
import importlib.util
import re
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import polib
import pytest

from fielddoc import errors
from fielddoc.cli.main import parser
from fielddoc.cli.parser import ERROR_SENTENCES, HELP_WORDS, WrongWordsError
from fielddoc.exchange.words import record_and_file_count
from fielddoc.i18n import (
    LANGUAGES,
    in_a_row,
    language_of_system,
    listed,
    size_words,
    translate,
)

ROOT = Path(__file__).resolve().parent.parent
TRANSLATED = LANGUAGES[1:]
HAN = "\u4e00-\u9fff"


def _script() -> ModuleType:
    path = ROOT / "packaging" / "catalogue.py"
    spec = importlib.util.spec_from_file_location("catalogue", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = _script()
MARKED: dict[str, list[str]] = script.marked()
CATALOGUES: dict[str, polib.POFile] = {
    language: polib.pofile(str(script.po_file(language))) for language in TRANSLATED
}
CHINESE: dict[str, str] = {entry.msgid: entry.msgstr for entry in CATALOGUES["zh_CN"]}
ERRORS = list(script.all_errors())


def placeholders(text: str) -> list[str]:
    return sorted(
        f"{name}!{how}:{spec}" for _, name, spec, how in string.Formatter().parse(text) if name
    )


def english_in(text: str) -> list[str]:
    """Return what reads like an English sentence, once commands to be typed are taken out."""
    text = re.sub(r"\bfielddoc( [a-z]+)*( [A-Z]+)*", "", text)
    return re.findall(r"[A-Za-z']+(?: [a-z']+){2,}", text)


# --- fresh and whole ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_exactly_the_marked_sentences_all_translated(language: str) -> None:
    catalogue = CATALOGUES[language]

    assert [entry.msgid for entry in catalogue] == list(MARKED), "run `make catalogue`"
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_bringing_the_catalogue_up_to_date_would_change_nothing(language: str) -> None:
    path: Path = script.po_file(language)

    again = script.merged(polib.pofile(str(path)), MARKED)

    assert f"{again}" == path.read_text("utf-8"), "run `make catalogue`"
    assert again.to_binary() == path.with_suffix(".mo").read_bytes(), "run `make catalogue`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_and_line_ends_of_its_sentence(language: str) -> None:
    for entry in CATALOGUES[language]:
        assert placeholders(entry.msgstr) == placeholders(entry.msgid), entry.msgid
        assert entry.msgstr.count("\n") == entry.msgid.count("\n"), entry.msgid


def test_a_translation_of_help_has_no_percent_sign_which_argparse_would_expand() -> None:
    for text in [*_words_of(parser()), *HELP_WORDS]:
        assert "%" not in text
        assert "%" not in CHINESE[text]


def test_nothing_is_marked_that_is_not_one_literal_text(tmp_path: Path) -> None:
    for bad in ('N_(f"{x} y")', 'N_("a" + b)', 'N_("")', 'translate("unmarked")'):
        (tmp_path / "bad.py").write_text(bad, encoding="utf-8")
        with pytest.raises(script.MarkError):
            script.marked(tmp_path)


def test_parts_of_a_literal_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text('translate(N_("one" " two"\n " three"))', encoding="utf-8")

    assert list(script.marked(tmp_path)) == ["one two three"]


def test_merging_keeps_translations_adds_new_sentences_and_drops_old_ones() -> None:
    old = polib.POFile()
    old.header = "glossary"
    old.append(polib.POEntry(msgid="kept", msgstr="留下", tcomment="why"))
    old.append(polib.POEntry(msgid="gone", msgstr="去掉"))

    new = script.merged(old, {"new": ["src/a.py"], "kept": ["src/b.py"]})

    assert [(entry.msgid, entry.msgstr) for entry in new] == [("new", ""), ("kept", "留下")]
    assert new[1].tcomment == "why"
    assert new.header == "glossary"


# --- what people see is marked --------------------------------------------------------------------


def _words_of(top: argparse.ArgumentParser) -> Iterator[str]:
    """Yield every text that the help of a parser and of its commands shows."""
    yield from (text for text in (top.description, top.epilog) if text)
    for group in top._action_groups:
        yield from (text for text in (group.title, group.description) if text)
    for action in top._actions:
        if action.help:
            yield action.help
        if isinstance(action, argparse._SubParsersAction):
            yield from (choice.help for choice in action._choices_actions if choice.help)
            for part in action.choices.values():
                yield from _words_of(part)


def test_every_word_of_help_is_marked() -> None:
    shown = set(_words_of(parser()))

    assert shown - set(MARKED) == set()
    assert set(HELP_WORDS) - shown == set(), "argparse no longer says these"


def test_no_command_prints_a_text_that_is_not_marked() -> None:
    unmarked = [
        f"{path.name}:{node.lineno}"
        for path in sorted((ROOT / "src" / "fielddoc" / "cli").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("say", "note", "note_failure", "print", "progress")
        for argument in node.args
        if _literal_words(argument)
    ]

    assert unmarked == []


def _literal_words(node: ast.expr) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant)]
    return any(
        isinstance(text, str) and re.search(r"(?<![\w-])[A-Za-z]{2}", text) for text in texts
    )


# --- errors ---------------------------------------------------------------------------------------


def test_every_error_has_a_code_of_its_own_and_both_sentences() -> None:
    raised = [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, errors.FielddocError)
    ]
    bases = {base for found in raised for base in found.__bases__} | {errors.FielddocError}

    assert set(raised) - bases == set(ERRORS)
    codes = [error.code for error in ERRORS]
    assert len(codes) == len(set(codes))
    for error in ERRORS:
        assert re.fullmatch(r"[a-z]+([.-][a-z]+)*", error.code), error
        assert error.message in MARKED, error
        assert error.hint in MARKED, error


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error.code))
def test_an_error_speaks_chinese_in_both_sentences(error: type[errors.FielddocError]) -> None:
    for sentence in (error.message, error.hint):
        translated = translate(sentence, "zh_CN")
        assert translated != sentence
        assert re.search(f"[{HAN}]", translated)
        assert english_in(translated) == []


def test_a_reason_is_translated_and_filled_like_the_sentence_around_it() -> None:
    error = errors.InputRefusedError(reason="there is no record type '{name}'", name="{odd}")

    assert error.sentence("en") == "This input cannot be taken: there is no record type '{odd}'"
    assert error.sentence("zh_CN") == "这份输入无法收下：没有“{odd}”这种记录"


def test_the_page_of_errors_is_fresh() -> None:
    written = (ROOT / "docs" / "errors.md").read_text("utf-8")

    assert written == script.errors_page(), "run `make catalogue`"


# --- 简体中文 -------------------------------------------------------------------------------------

ONE_WORD_FOR_ONE_THING = {
    r"\bvaults?\b(?!\.key)": "保险库",
    r"\bpassphrases?\b": "口令",
    r"\bbundles?\b": "加密包",
    r"\bcards?\b": "名片",
    r"\bcodes?\b(?! name)": "核对码",
    r"\bcode name\b": "代号",
    r"\bcontacts?\b(?! card)": "合作伙伴",
    r"\bpartners?\b": "合作伙伴",
    r"\bsender\b": "发件人",
    r"\brecipients\b": "收件人",
    r"\bkey file\b": "密钥文件",
    r"\bkey slot\b": "密钥槽",
    r"\btrash\b": "回收站",
    r"\bpurged?\b": "彻底清除",
    r"\b(wiped?|destroy|destroyed)\b(?! the disk)": "销毁",
    r"\brevisions?\b": "修订",
    r"\bconflict\b": "冲突",
    r"\bincidents?\b": "事件",
    r"\brisks?\b": "风险",
    r"\bdetentions?\b": "拘押",
    r"\bsources\b": "消息来源",
    r"\bstick\b": "U盘",
    r"\bverif(y|ied|ies|ying)\b": "核验",
}
# Words with which other programs have misled people, or that would be a second word for one thing.
NEVER = ("密码", "联系人", "验证码", "包括", "包含", "数据包", "擦除", "您")
# Sentences in which the English word means something else, or another English word is translated.
EXEMPT = {
    (
        "sources",
        "How many, of what, and who says so. Different sources may give different numbers.",
    ),
    ("destroy", "Remove write protection and wipe again, or destroy the disk or stick itself."),
}


@pytest.mark.parametrize("english", ONE_WORD_FOR_ONE_THING)
def test_one_thing_has_one_chinese_word(english: str) -> None:
    wanted = ONE_WORD_FOR_ONE_THING[english]
    found = [
        (match[0].lower(), msgid, msgstr)
        for msgid, msgstr in CHINESE.items()
        if (match := re.search(english, msgid, flags=re.IGNORECASE)) and wanted not in msgstr
    ]

    # VAULT and --passphrase-file stand for themselves.
    real = [
        one
        for one in found
        if (one[0], one[1]) not in EXEMPT
        and not re.search(rf"--[a-z-]*{one[0]}|fielddoc [a-z ]*{one[0]}", one[1], re.IGNORECASE)
    ]
    assert real == []


@pytest.mark.parametrize("word", NEVER)
def test_words_that_mislead_never_stand(word: str) -> None:
    assert [text for text in CHINESE.values() if word in text] == []


def test_no_english_sentence_is_left() -> None:
    assert [text for text in CHINESE.values() if english_in(text)] == []


def test_chinese_has_its_own_punctuation_and_no_blank_beside_latin_letters() -> None:
    for text in CHINESE.values():
        prose = re.sub(r"(?m)^  fielddoc.*$|^  echo.*$", "", text)
        assert not re.search(rf"[{HAN}] +[\w{{]|[\w}}] +[{HAN}]", prose, re.ASCII), text
        assert not re.search(rf"[{HAN}}}][,;:!?()]|[{HAN}}}][.](?!age)|[,;:!?()][{HAN}]", prose), (
            text
        )


def test_what_begins_or_ends_a_sentence_is_there_in_both_languages() -> None:
    for english, chinese in CHINESE.items():
        if not english.endswith(
            ("--help. Nothing was done.", "fielddoc contact add. Nothing was taken.")
        ):
            assert (
                not english.endswith(".")
                or chinese.endswith(("。", "！"))
                or re.search(r"：[-\w./ ]+$|：\d+年\d+月\d+日$|：\d+月\d+日$", chinese)
            ), chinese
        assert english.startswith("  ") == chinese.startswith("  ")


@pytest.mark.parametrize(
    ("language", "names", "whole", "small", "large"),
    [
        ("en", "A, B", "One. Two.", "280 bytes", "36.3 kB"),
        ("zh_CN", "A、B", "One.Two.", "280字节", "36.3 kB"),
    ],
)
def test_lists_sentences_and_sizes_are_written_as_each_language_does(
    language: str, names: str, whole: str, small: str, large: str
) -> None:
    assert listed(["A", "B"], language) == names
    stop = "." if language == "en" else "。"
    assert in_a_row(["One.", "", "Two."], language) == whole
    assert in_a_row(["One", "", "Two."], language) == whole.replace(".", stop, 1)
    assert in_a_row(["One"], language) == "One"
    assert in_a_row([], language) == ""
    assert size_words(280, language) == small
    assert size_words(37_171, language) == large
    assert size_words(1, "en") == "1 byte"
    assert size_words(5 * 1024**3, language) == "5.0 GB"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ((18, 3, 37_171), "18条记录，3个文件（36.3 kB）。"),
        ((1, 1, 0), "1条记录，1个文件。"),
        ((2, 0, 0), "2条记录，没有文件。"),
    ],
)
def test_counts_have_their_measure_words(
    monkeypatch: pytest.MonkeyPatch, count: tuple[int, int, int], words: str
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")

    assert record_and_file_count(*count) == words


# --- the language of the system -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, "en"),
        ({"LANG": ""}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.GB18030"}, "zh_CN"),
        ({"LANG": "zh_CN@pinyin"}, "zh_CN"),
        ({"LANG": "zh"}, "zh_CN"),
        ({"LANG": "zh_Hans"}, "zh_CN"),
        ({"LANG": "zh-Hans-CN"}, "zh_CN"),
        ({"LANG": "zh_SG"}, "zh_CN"),
        # Until 繁體 is complete, 简体 is nearer than English.
        ({"LANG": "zh_TW.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_Hant_HK"}, "zh_CN"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANGUAGE": "zh_CN:en", "LANG": "en_US.UTF-8"}, "zh_CN"),
        ({"LANGUAGE": "de:zh_CN:en", "LANG": "de_DE.UTF-8"}, "zh_CN"),
        ({"LANGUAGE": "bo:ug", "LANG": "zh_CN.UTF-8"}, "zh_CN"),
    ],
)
def test_the_language_follows_the_system(
    environment: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert language_of_system() == wanted


def test_an_unknown_language_and_an_unknown_sentence_stay_english() -> None:
    assert translate("Settled.", "de") == "Settled."
    assert translate("not in any catalogue", "zh_CN") == "not in any catalogue"
    assert translate("", "zh_CN") == ""


def test_argparse_still_says_what_we_translate() -> None:
    """Provoke each of argparse's sentences: if a Python words one in another way, we see it here."""
    words = [
        ["list"],
        ["settle", "v", "i", "p"],
        ["frobnicate"],
        ["settle", "v", "i", "p", "--take", "one"],
        ["list", "v", "--search"],
        ["export", "v", "--out", "d", "--to"],
        ["list", "v", "--trash=yes"],
        ["settle", "v", "i", "p", "--take", "1", "--value", "1"],
        ["export", "v", "--out", "d", "--p", "f"],
        ["list", "v", "--frobnicate"],
    ]
    said = []
    for line in words:
        with pytest.raises(WrongWordsError) as wrong:
            parser().parse_args(line)
        said.append(wrong.value.what.splitlines()[0])

    patterns = [re.sub(r"\\{\w+\\}", ".+", re.escape(sentence)) for sentence in ERROR_SENTENCES]
    assert [one for one in said if not any(re.fullmatch(p, one) for p in patterns)] == []
    assert [p for p in patterns if not any(re.fullmatch(p, one) for one in said)] == []
