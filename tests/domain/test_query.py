import datetime
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.facets import Days, TermFacet, TextFacet, vocabularies_of
from fielddoc.domain.folding import folded
from fielddoc.domain.query import (
    OTHER_NAMES,
    Condition,
    Fault,
    FieldName,
    InText,
    LinkedTo,
    OfTerm,
    OnDays,
    Overdue,
    WithinDays,
    Words,
    field_names,
    parse,
    plain,
    typed_name,
)

TODAY = datetime.date(2022, 11, 15)


def conditions(text: str) -> list[tuple[Condition, bool]]:
    return [(clause.condition, clause.is_negated) for clause in parse(text, TODAY).clauses]


def only(text: str) -> Condition:
    ((condition, is_negated),) = conditions(text)
    assert not is_negated
    return condition


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("徐秦 tea", ["徐秦", "tea"]),
        ('"north gate" x', ["north gate", "x"]),
        ("“north gate”", ["north gate"]),
        ('"open end', ["open end"]),
        ('ab"c d"e', ["ab", "c d", "e"]),
        ("Ｔea\u3000劉", ["tea", "刘"]),
        ("2022-08", ["2022-08"]),
        ("12:30", ["12:30"]),
        ("a,b", ["a,b"]),
        ('"-tea"', ["-tea"]),
        ("a - b", ["a", "-", "b"]),
        ('"charge:x"', ["charge:x"]),
        ('"" x', ["x"]),
        ("", []),
        ("\u200b \x00", []),
        (":x", [":x"]),
        ("c++:x y", ["c++:x", "y"]),
    ],
)
def test_words_are_read_as_they_always_were(text: str, words: list[str]) -> None:
    query = parse(text, TODAY)

    assert [clause.condition for clause in query.clauses] == [Words(word) for word in words]
    assert not query.problems


# The crime, and the ground of administrative detention whose words hold the same.
QUARRELS = ("picking-quarrels", "admin-picking-quarrels")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("charge:寻衅滋事", OfTerm(TermFacet.CHARGE, QUARRELS)),
        ("罪名：尋釁滋事", OfTerm(TermFacet.CHARGE, QUARRELS)),
        ("CHARGE:picking-quarrels", OfTerm(TermFacet.CHARGE, ("picking-quarrels",))),
        ("charge:subversion", OfTerm(TermFacet.CHARGE, ("subversion",))),
        ("type:people", OfTerm(TermFacet.TYPE, ("person",))),
        ("类型:拘押,事件", OfTerm(TermFacet.TYPE, ("detention", "incident"))),
        ("stage:传唤", OfTerm(TermFacet.STAGE, ("summons",))),
        ("place:南坡镇", InText(TextFacet.PLACE, ("南坡镇",))),
        ('place:"Stone Bridge",石桥', InText(TextFacet.PLACE, ("stone bridge", "石桥"))),
        ("name:Xu", InText(TextFacet.NAME, ("xu",))),
        ("person:徐秦", LinkedTo("person", ("徐秦",))),
        ("来源:A-3", LinkedTo("source", ("a-3",))),
        ("date:2022-09..2022-11", OnDays((Days(date(2022, 9, 1), date(2022, 11, 30)),))),
        ("日期:2022年8月", OnDays((Days(date(2022, 8, 1), date(2022, 8, 31)),))),
        ("date:2022..", OnDays((Days(date(2022, 1, 1), None),))),
        ("date:..2022", OnDays((Days(None, date(2022, 12, 31)),))),
        ("date:2022-08/2022-10", OnDays((Days(date(2022, 8, 1), date(2022, 10, 31)),))),
        ('date:"since August 2022"', OnDays((Days(date(2022, 8, 1), None),))),
        ("date:today", OnDays((Days(TODAY, TODAY),))),
        ("within:2022", WithinDays((Days(date(2022, 1, 1), date(2022, 12, 31)),))),
        ("确在:2022", WithinDays((Days(date(2022, 1, 1), date(2022, 12, 31)),))),
        ("overdue:yes", Overdue(TODAY, is_overdue=True)),
        ("逾期:否", Overdue(TODAY, is_overdue=False)),
        ("confidentiality:secret", OfTerm(TermFacet.CONFIDENTIALITY, ("secret",))),
    ],
)
def test_a_field_is_read_in_english_and_chinese(text: str, condition: Condition) -> None:
    assert only(text) == condition
    assert not parse(text, TODAY).problems


def test_a_part_of_a_term_means_every_term_that_holds_it() -> None:
    condition = only("charge:颠覆")

    assert isinstance(condition, OfTerm)
    assert set(condition.codes) == {"subversion", "inciting-subversion", "hk-subversion"}


def test_a_hyphen_before_a_condition_negates_it() -> None:
    assert conditions("-tea -type:source") == [
        (Words("tea"), True),
        (OfTerm(TermFacet.TYPE, ("source",)), True),
    ]
    assert conditions("-") == [(Words("-"), False)]


@pytest.mark.parametrize(
    ("text", "fault", "taken"),
    [
        ("colour:red", Fault.UNKNOWN_FIELD, [Words("colour:red")]),
        ("颜色:红", Fault.UNKNOWN_FIELD, [Words("颜色:红")]),
        ("date:someday", Fault.NOT_A_DATE, [Words("date:someday")]),
        ("date:2023..2022", Fault.NOT_A_DATE, [Words("date:2023..2022")]),
        ("date:..", Fault.NOT_A_DATE, [Words("date:..")]),
        ("date:unknown", Fault.NOT_A_DATE, [Words("date:unknown")]),
        ("overdue:maybe", Fault.NOT_YES_OR_NO, [Words("overdue:maybe")]),
        (
            "charge:nothing-like-it",
            Fault.NOT_A_TERM,
            [OfTerm(TermFacet.CHARGE, ("nothing-like-it",))],
        ),
        ("charge:", Fault.NO_VALUE, []),
        ('charge:"" x', Fault.NO_VALUE, [Words("x")]),
    ],
)
def test_what_is_not_understood_is_said_and_searched_as_text(
    text: str, fault: Fault, taken: list[Condition]
) -> None:
    query = parse(text, TODAY)

    assert [clause.condition for clause in query.clauses] == taken
    (problem,) = query.problems
    assert problem.fault is fault
    assert problem.text in text[problem.start : problem.end]
    for language in ("en", "zh_CN"):
        assert problem.text in problem.sentence(language)
        assert "{" not in problem.sentence(language) + problem.advice(language)


def test_a_problem_stands_where_it_was_typed() -> None:
    (problem,) = parse("tea date:2022,soon", TODAY).problems

    assert (problem.text, problem.start, problem.end) == ("soon", 14, 18)


def test_only_words_that_are_sought_are_marked() -> None:
    query = parse('tea -coffee place:东,西 person:"Xu Q" type:risk date:2022 tea', TODAY)

    assert query.words == ("tea", "东", "西", "xu q")


def test_plain_words_have_no_fields_and_leave_nothing_out() -> None:
    assert [c.condition for c in plain("-a charge:x").clauses] == [Words("-a"), Words("charge:x")]


def test_every_field_has_a_chinese_name_and_no_name_means_two_fields() -> None:
    names = [folded(n) for field in FieldName for n in (field.value, *OTHER_NAMES[field])]

    assert len(names) == len(set(names))
    assert all(any(not name.isascii() for name in OTHER_NAMES[field]) for field in FieldName)
    assert "charge" in field_names("en")
    assert "罪名" in field_names("zh_CN")


def test_every_facet_of_terms_has_a_vocabulary() -> None:
    assert all(vocabularies_of(facet) for facet in TermFacet if facet is not TermFacet.TYPE)


@given(st.text(st.one_of(st.sampled_from('-:：,，"“” .a徐2date罪名overdue'), st.characters())))
def test_any_text_at_all_is_a_query_whose_parts_lie_in_it(text: str) -> None:
    query = parse(text, TODAY)

    places = [(clause.start, clause.end) for clause in query.clauses]
    places += [(problem.start, problem.end) for problem in query.problems]
    assert all(0 <= start <= end <= len(text) for start, end in places)
    starts = [clause.start for clause in query.clauses]
    assert starts == sorted(set(starts))
    assert [clause.end for clause in query.clauses] == sorted({c.end for c in query.clauses})
    for clause in query.clauses:
        match clause.condition:
            case Words(words):
                assert words
                assert folded(words) == words
            case _:
                pass


@given(st.lists(st.sampled_from(["徐秦", "north gate", "a:b", "x,y", "-z"]), max_size=4))
def test_quoted_values_come_back_as_they_were(values: list[str]) -> None:
    text = " ".join(f'"{value}"' for value in values)

    assert parse(text, TODAY).words == tuple(dict.fromkeys(values))


@pytest.mark.parametrize(
    "name", ["Li Example", "徐 秦", "Wang: Quan", "-Li", 'Li "X" Yu', "a, & b"]
)
def test_a_name_is_searched_for_as_words_whatever_stands_in_it(name: str) -> None:
    query = parse(typed_name(name), TODAY)

    assert all(isinstance(each.condition, Words) for each in query.clauses)
    assert not any(each.is_negated for each in query.clauses)
    assert " ".join(query.words) == name.replace('"', "").lower()
