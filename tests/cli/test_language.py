"""The terminal in 简体中文: sentences, help, and columns that line up."""

import json
import re
from pathlib import Path

import pytest

from cli.conftest import Ran, Terminal
from fielddoc.cli.terminal import cells, padded, wrapped

ENGLISH = r"[A-Za-z']+(?: [a-z']+){2,}"

COMMANDS = [
    "demo", "new", "identity", "add", "list", "show", "attach", "extract", "history", "delete",
    "restore", "purge", "conflicts", "settle", "contact", "export", "verify", "import", "check",
    "salvage", "passphrase", "wipe",
]  # fmt: skip


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")


def _without_commands(text: str) -> str:
    return re.sub(r"fielddoc .*|echo .*|\[[^\]]*\]|\{[^}]*\}|（可选：.*", "", text)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS), ("contact", "add")])
def test_all_help_is_chinese(terminal: Terminal, words: tuple[str, ...]) -> None:
    ran = terminal(*words, "--help")

    assert ran.status == 0
    assert ran.out.startswith("用法：fielddoc")
    assert "显示这份帮助并退出" in ran.out
    assert re.findall(ENGLISH, _without_commands(ran.out)) == []
    for line in ran.out.splitlines():
        # argparse itself lays out usage and choices, by the number of characters.
        assert cells(line) <= 80 or line.startswith(("用法：", "  echo ", " " * 17 + "[--"))


def test_help_in_english_is_as_argparse_writes_it(terminal: Terminal) -> None:
    out = terminal("contact", "add", "--help").out

    assert out.startswith("usage: fielddoc contact add [-h]")
    assert "\n\nadd a partner by card and code\n\npositional arguments:\n  VAULT " in out
    assert "\n\noptions:\n  -h, --help            show this help message and exit\n" in out


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("list",), "错误：缺少必需的参数：VAULT"),
        (("frobnicate",), "错误：参数COMMAND：没有'frobnicate'这一项（可选："),
        (("list", "v", "--search"), "错误：参数--search：后面要有一个值"),
        (("list", "v", "--frob"), "错误：无法识别的参数：--frob"),
        (("settle", "v", "i", "p"), "错误：以下参数必须给出一个：--take --value"),
        (("settle", "v", "i", "p", "--take", "x"), "错误：参数--take：'x'不是整数"),
    ],
)
def test_wrong_use_is_told_in_chinese(
    terminal: Terminal, words: tuple[str, ...], sentence: str
) -> None:
    ran = terminal(*words)

    assert ran.status == 2
    first, second = ran.err.splitlines()
    assert first.startswith(sentence)
    assert second.startswith("提示：fielddoc")


@pytest.mark.usefixtures("chinese")
def test_failures_are_told_in_chinese(terminal: Terminal, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase at all", encoding="utf-8")
    assert "你的名片的核对码：" in terminal("new", "v").out

    def told(*words: str, stdin: str = "") -> list[str]:
        ran = terminal(*words, stdin=stdin)
        assert ran.status in (1, 2)
        assert re.findall(ENGLISH, _without_commands(ran.err)) == []
        return ran.err.splitlines()

    assert told("list", "v", "--passphrase-file", str(wrong)) == [
        "错误：这个口令打不开保险库。",
        "提示：请检查大写锁定键和输入法，然后再试。没有改动任何东西。",
    ]
    assert told("list", "nowhere")[0] == "错误：这个文件夹里没有保险库。"
    refused = [line for line in told("new", "v") if not line.startswith(("警告", "提示"))]
    assert refused == ["错误：这个文件夹不是空的。"]
    assert told("add", "v", "-", stdin="{")[0] == "错误：输入的不是有效的JSON（第1行，第2列）。"
    assert told("add", "v", "-", stdin='{"type": "incident", "values": {"titel": 1}}')[
        0
    ].startswith("错误：这份输入无法收下：incident没有“titel”这个字段；它有：title")
    assert told("export", "v", "--out", "o")[0] == (
        "错误：命令的写法不对：请指明谁可以打开：--to NAME、--passphrase-recipient或--to-self"
    )
    assert told("export", "v", "--to", "Bo", "--out", "o")[0] == "错误：没有名叫Bo的合作伙伴。"
    assert told("wipe", "nowhere", "--yes")[0].startswith("错误：")


@pytest.mark.usefixtures("chinese")
def test_errors_for_machines_keep_their_code(terminal: Terminal) -> None:
    error = terminal("list", "nowhere", "--json").error

    assert error["code"] == "vault.not-found"
    assert error["message"] == "这个文件夹里没有保险库。"


def _listed(terminal: Terminal, vault: str) -> Ran:
    given = [
        {"type": "person", "values": {"names": [{"text": "甲乙"}]}},
        {"type": "incident", "values": {"title": "丙丁", "date": "2022-08"}},
        {"type": "attachment", "values": {"name": "戊己"}},
        {"type": "risk", "values": {"kind": "detention"}},
    ]
    assert terminal("add", vault, "-", stdin=json.dumps(given)).status == 0
    return terminal("list", vault)


def test_columns_line_up_in_chinese(
    terminal: Terminal, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")

    lines = _listed(terminal, vault).out.splitlines()

    titles = ("甲乙", "丙丁", "戊己", "拘押")
    starts = {
        cells(line[: line.rindex(title)]) for line in lines for title in titles if title in line
    }
    assert len(lines) == 4
    assert {line.split()[1] for line in lines} == {"人员", "事件", "附件", "风险"}
    assert len(starts) == 1


def test_columns_line_up_in_english(terminal: Terminal, vault: str) -> None:
    lines = _listed(terminal, vault).out.splitlines()

    assert {line[38:50] for line in lines} == {
        "Person      ", "Incident    ", "Attachment  ", "Risk        ",
    }  # fmt: skip
    assert any(line.endswith("  detention") for line in lines)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("徐秦", 4),
        ("：", 2),
        ("e\u0301", 1),
        ("2022…", 5),
        ("한글", 4),
        ("བོད", 2),
    ],
)
def test_a_text_has_the_width_that_a_terminal_gives_it(text: str, width: int) -> None:
    assert cells(text) == width
    assert cells(padded(text, 10)) == 10
    assert padded(text, 0) == text


@pytest.mark.parametrize("width", range(8, 41))
def test_wrapped_lines_keep_every_character_and_begin_with_no_closing_mark(width: int) -> None:
    text = "从这个文件读取保险库的口令，不再询问；供/dev/fd/3之类的管道使用（见“帮助”），或mixed text。"

    lines = wrapped(text, width)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cells(line) <= max(width, 14) for line in lines)
    assert not any(line[0] in "，。；：、！？）”" for line in lines)
    assert not any(line[-1] in "（“" for line in lines)
