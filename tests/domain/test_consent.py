from typing import Any

import pytest

from fielddoc.domain.consent import Answer, answer_to, consent_words, consents_of
from fielddoc.domain.vocabularies import vocabulary


def given(*answers: tuple[str, str]) -> dict[str, Any]:
    return {
        "consents": [
            {"purpose": "media", "answer": answer, "asked_on": day} for answer, day in answers
        ]
    }


def test_every_purpose_has_an_answer_and_silence_is_not_asked() -> None:
    found = consents_of({})

    assert [one.purpose for one in found] == [t.code for t in vocabulary("consent-purposes").terms]
    assert {one.answer for one in found} == {Answer.NOT_ASKED}


@pytest.mark.parametrize(
    ("answers", "holding"),
    [
        ([("no", "2023"), ("yes", "2024-01")], Answer.YES),  # asked again, agreed
        ([("yes", "2023"), ("no", "2024-01")], Answer.NO),
        ([("yes", "2024-01-05"), ("no", "2024-01-05")], Answer.NO),
        ([("yes", "2024-01"), ("no", "2024")], Answer.NO),  # which was last cannot be told
        ([("yes", "2024-01"), ("no", "")], Answer.NO),
        ([("unknown", "2024-01"), ("yes", "2023")], Answer.UNKNOWN),
        ([("unknown", ""), ("yes", "")], Answer.UNKNOWN),
        ([("perhaps", "2024")], Answer.UNKNOWN),
    ],
)
def test_the_answer_asked_last_holds_and_in_doubt_the_careful_one(
    answers: list[tuple[str, str]], holding: Answer
) -> None:
    assert answer_to(given(*answers), "media") is holding
    assert answer_to(given(*reversed(answers)), "media") is holding


def test_answers_are_put_into_words() -> None:
    lines = consent_words(given(("yes", "2024-01")), "en")

    assert "the name may be given to the media: yes (2024-01)" in lines
    assert "others may act for the person: not asked" in lines


@pytest.mark.parametrize("consents", [None, "yes", [1], [{"purpose": 3}]])
def test_what_is_no_list_of_consents_allows_nothing(consents: Any) -> None:
    assert answer_to({"consents": consents}, "media") is Answer.NOT_ASKED
