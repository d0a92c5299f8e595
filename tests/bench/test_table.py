"""The page of figures: each subject as it was last measured."""

from dataclasses import replace

from bench.table import Row, renewed, section

ROW = Row(
    key="save",
    what="save a record",
    ours="p95 3 ms",
    peer="–",
    ratio="–",
    limit="–",
    budget="p95 ≤ 5 ms",
    is_met=True,
)
ORDER = ("age", "records", "wipe")


def test_a_renewed_subject_leaves_the_others_as_they_were() -> None:
    first = {name: section([ROW], {}, f"- {name}, Monday") for name in ("age", "records")}
    page = renewed("", first, ORDER)
    again = renewed(page, {"records": section([ROW], {}, "- records, Tuesday")}, ORDER)
    assert "age, Monday" in again
    assert "records, Tuesday" in again
    assert "records, Monday" not in again
    assert again.index("## age") < again.index("## records")
    assert renewed(again, {}, ORDER) == again


def test_what_is_measured_no_more_is_dropped() -> None:
    page = renewed("", {"age": section([ROW], {}, "- Monday")}, ORDER)
    assert "## age" not in renewed(page, {}, ("records",))


def test_a_missed_budget_names_the_decision_that_accepts_it() -> None:
    missed = replace(ROW, ours="p95 9 ms", is_met=False)
    assert "decisions/0004" in section([missed], {"save": "0004-memory-security.md"}, "")
    assert "| NO |" in section([missed], {}, "")
