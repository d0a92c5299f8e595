"""`list` with its filters and `searches`, as somebody types them."""

import json
import sys

import pytest

from cli.conftest import Terminal

PERSON = "6f1d2c3b-4a59-4e68-9b77-8c86d5a4b3f2"


@pytest.fixture
def vault(terminal: Terminal) -> str:
    """A vault with a person, her detention, an incident and an overdue risk."""
    assert terminal("new", "v").status == 0
    detention = {
        "persons": [PERSON],
        "entries": [
            {"kind": "summons", "date": "2022-09-03", "place": "南坡镇"},
            {"kind": "formal-arrest", "date": "2022-11", "charges": ["picking-quarrels"]},
        ],
    }
    given = [
        {"id": PERSON, "type": "person", "values": {"names": [{"text": "邓远山"}]}},
        {"type": "detention", "values": detention},
        {
            "type": "incident",
            "values": {"title": "Tea", "date": "2022-08", "what_happened": "They asked 鄧遠山."},
        },
        {"type": "risk", "values": {"kind": "torture", "state": "open", "review_date": "2022-01"}},
    ]
    assert terminal("add", "v", "-", stdin=json.dumps(given)).status == 0
    return "v"


def types(terminal: Terminal, *words: str) -> list[str]:
    ran = terminal("list", "v", "--json", *words)
    assert ran.status == 0, ran.err
    return [row["type"] for row in ran.json]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--search", "charge:寻衅滋事 date:2022-09..2022-11"), ["detention"]),
        (("--search", "罪名:寻衅滋事 日期:2022-09..2022-11"), ["detention"]),
        (("--charge", "寻衅滋事", "--date", "2022-09..2022-11"), ["detention"]),
        (("--charge", "subversion"), []),
        (("--person", "远山"), ["detention", "person"]),
        (("--person", "远山", "--type", "person"), ["person"]),
        (("--search", "远山"), ["incident", "person"]),
        (("--search", "远山", "--sort", "best"), ["person", "incident"]),
        (("--search", "远山 -type:person"), ["incident"]),
        (("--place", "南坡"), ["detention"]),
        (("--stage", "传唤"), ["detention"]),
        (("--stage", "summons,taken-away"), ["detention"]),
        (("--kind", "torture"), ["risk"]),
        (("--date", "2022-08-15"), ["incident"]),
        (("--within", "2022-08-15"), []),
        (("--within", "2022-08"), ["incident"]),
        (("--overdue",), ["risk"]),
        (("--status", "open"), ["risk"]),
        (("--limit", "2"), ["risk", "incident"]),
    ],
)
def test_filters_narrow_the_list(
    terminal: Terminal, vault: str, words: tuple[str, ...], found: list[str]
) -> None:
    assert types(terminal, *words) == found


@pytest.mark.parametrize(
    "words",
    [
        ("--search", "status:awaited"),
        ("--search", "outcome:awaited"),
        ("--search", "状态:等待答复"),
        ("--search", "结果:等待答复"),
        ("--status", "awaited"),
    ],
)
def test_actions_are_found_by_their_outcome(
    terminal: Terminal, vault: str, words: tuple[str, ...]
) -> None:
    given = [
        {"type": "action", "values": {"kind": "petition", "outcome": outcome}}
        for outcome in ("awaited", "refused")
    ]
    assert terminal("add", vault, "-", stdin=json.dumps(given)).status == 0

    (found,) = terminal("list", vault, *words, "--json").json

    assert found["values"]["outcome"] == "awaited"
    assert types(terminal, "--search", "state:open") == ["risk"]


def test_a_word_that_is_no_term_is_answered_with_the_terms(terminal: Terminal, vault: str) -> None:
    ran = terminal("list", vault, "--search", "status:waitin")

    assert "No term of this field is called “waitin”. Its terms are: alleged, " in ran.err
    assert "awaited" in ran.err
    assert "Filter" not in ran.err
    assert "severe" not in ran.err
    types_ = terminal("list", vault, "--search", "type:folk").err
    assert "person" in types_
    refused = terminal("list", vault, "--status", "waitin")
    assert (refused.status, "awaited" in refused.err) == (1, True)


def test_json_says_where_the_words_stand(terminal: Terminal, vault: str) -> None:
    rows = terminal("list", vault, "--search", "远山", "--json").json

    incident, person = rows
    item = person["values"]["names"][0]["id"]
    assert person["matches"] == [{"path": f"names/{item}/text", "start": 1, "end": 3}]
    (match,) = incident["matches"]
    assert incident["values"]["what_happened"][match["start"] : match["end"]] == "遠山"
    assert "matches" not in terminal("list", vault, "--json").json[0]


def test_an_excerpt_stands_below_a_hit(terminal: Terminal, vault: str) -> None:
    out = terminal("list", vault, "--search", "asked").out

    assert "What happened: They asked 鄧遠山." in out
    assert "\x1b" not in out


def test_hits_are_bold_on_a_terminal(
    terminal: Terminal, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout.__class__, "isatty", lambda _: True)

    out = terminal("list", vault, "--search", "tea").out

    assert "\x1b[1mTea\x1b[0m" in out


def test_what_is_not_understood_is_said_and_searched_as_text(
    terminal: Terminal, vault: str
) -> None:
    ran = terminal("list", vault, "--search", "colour:red")

    assert ran.status == 0
    assert "colour" in ran.err
    assert "plain text" in ran.err


@pytest.mark.parametrize(
    "words", [("--date", "someday"), ("--charge", "nothing-like-it"), ("--place", " ")]
)
def test_a_filter_that_is_not_understood_is_refused(
    terminal: Terminal, vault: str, words: tuple[str, str]
) -> None:
    ran = terminal("list", vault, *words, "--json")

    assert (ran.status, ran.error["code"]) == (1, "search.refused")


def test_a_saved_search_is_listed_used_changed_and_removed(terminal: Terminal, vault: str) -> None:
    first = ("searches", vault, "--save", "Autumn", "--search", "date:2022-09..2022-11")
    assert terminal(*first).status == 0
    assert types(terminal, "--saved", "Autumn") == ["detention"]
    assert types(terminal, "--saved", "Autumn", "--search", "nothing") == []
    ran = terminal("searches", vault, "--save", " Autumn ", "--search", "远山", "--sort", "best")
    assert "Autumn: 远山" in ran.out
    assert types(terminal, "--saved", "Autumn") == ["person", "incident"]
    assert types(terminal, "--saved", "Autumn", "--sort", "newest") == ["incident", "person"]
    assert terminal("searches", vault, "--json").json == [
        {"name": "Autumn", "search": "远山", "sort": "best"}
    ]
    assert terminal("searches", vault, "--remove", "Autumn").status == 0
    assert terminal("searches", vault, "--json").json == []
    assert terminal("list", vault, "--saved", "Autumn", "--json").error["code"] == "search.refused"


@pytest.mark.parametrize(
    "words",
    [("--save", "x"), ("--save", " ", "--search", "y"), ("--save", "x" * 81, "--search", "y"),
     ("--remove", "x")],
)  # fmt: skip
def test_a_search_that_cannot_be_saved_or_removed_is_refused(
    terminal: Terminal, vault: str, words: tuple[str, ...]
) -> None:
    ran = terminal("searches", vault, *words, "--json")

    assert (ran.status, ran.error["code"]) == (1, "search.refused")
    assert terminal("searches", vault, "--json").json == []
