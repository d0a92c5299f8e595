"""The leak scan and the consent gate: what ends an export before anything is written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle.bundles import attach, dump, person, selected, values
from fielddoc.bundle import leaks
from fielddoc.domain.canonical import Json
from fielddoc.errors import ConsentRefusedError, LeakFoundError
from fielddoc.vault import records
from fielddoc.vault.vault import Vault


def incident(vault: Vault, text: str) -> str:
    return records.add(vault, "incident", {"title": "An incident", "what_happened": text})


def leak(sender: Vault, receiver: Vault, folder: Path, *chosen: str, **options: object) -> str:
    """Return the words that the export was refused for; nothing is written then."""
    before, files = dump(sender), list(folder.iterdir())
    with pytest.raises(LeakFoundError) as caught:
        selected(sender, receiver, folder, *chosen, **options)
    assert dump(sender) == before
    assert list(folder.iterdir()) == files
    return str(caught.value.fields["words"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("徐秦", "六月二十七日徐秦的家人说"),
        ("徐秦", "（徐秦）"),
        ("秦永敏", "她与秦永敏一同被带走"),
        ("趙素利", "赵素利失踪了三年"),
        ("赵素利", "趙素利失蹤了三年"),
        ("Xu Qin", "then Xu Qin was taken"),
        ("Xu Qin", "THEN XU QIN WAS TAKEN"),
        ("Xu Qin", "then xu   qin was taken"),
        ("Xu Qin", "then Xu\nQin was taken"),
        ("Xu Qin", "then Ｘｕ　Ｑｉｎ was taken"),
        ("ＸＵ ＱＩＮ", "then Xu Qin was taken"),
        ("Xu Qin", "Xu Qin"),
        ("Xu Qin", "(Xu Qin)"),
        ("Xu Qin", "Xu Qin's lawyer"),
        ("Xu Qin", "见到Xu Qin了"),
        ("Anna", "Anna, her sister"),
        ("Straße", "in der STRASSE"),
        ("བསོད་ནམས", "ཁོང་བསོད་ནམས་རེད"),
        ("ئالىم", "دوستۇم ئالىم كەلدى"),
    ],
)
def test_name_that_stays_is_found_in_free_text(
    name: str, text: str, alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice, name)

    assert leak(alice, bob, stick, incident(alice, text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Anna", "Susanna came"),
        ("Anna", "Annabel came"),
        ("Anna", "annals of the court"),
        ("Rose", "prosecution"),
        ("1234", "number 512345"),
        ("Wu", "Wu Street is short"),
        ("徐", "徐徐地走"),
        ("徐秦", "徐先生和秦女士"),
        ("Xu Qin", "Xu and Qin"),
        ("", "nothing"),
        (" ", "nothing at all"),
    ],
)
def test_no_alarm_is_given_for_what_is_not_the_name(
    name: str, text: str, alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice, name)

    assert selected(alice, bob, stick, incident(alice, text)).exists()


def test_every_kind_of_field_that_points_at_a_person_is_sought(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    stays: dict[str, Json] = {
        "names": [{"text": "Firstname Lastname"}, {"text": "Aliasname"}],
        "identity_papers": [{"kind": "passport", "number": "G5550111"}],
        "address": "Lane 5, River Road",
        "contacts": ["555-0123", "aliasname@example.org"],
    }
    records.add(alice, "person", stays)

    for words in (
        "Firstname Lastname", "Aliasname", "G5550111", "Lane 5, River Road", "555-0123",
        "aliasname@example.org",
    ):  # fmt: skip
        found = leak(alice, bob, stick, incident(alice, f"It was {words}."))
        assert words.casefold() in found
    assert leak(alice, bob, stick, incident(alice, "Aliasname, 555-0123")).count(",") == 1


def test_every_text_that_leaves_is_scanned(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice, "Stayname")
    held = {
        "entries": [{"kind": "health", "text": "Stayname", "conditions": ["one"]}],
    }
    listed = {"entries": [{"kind": "health", "conditions": ["one", "as Stayname said"]}]}
    for type_, values_ in (
        ("detention", held),
        ("detention", listed),
        ("incident", {"title": "t", "persons": [{"described_as": "like Stayname"}]}),
        ("incident", {"title": "t", "counts": [{"what": "w", "reported_by": "Stayname"}]}),
        ("action", {"kind": "letter", "addressed_to": "Stayname"}),
        ("person", {"names": [{"text": "Other"}], "note": "wife of Stayname"}),
    ):
        record = records.add(alice, type_, values_)  # type: ignore[arg-type]
        assert leak(alice, bob, stick, record) == "stayname"


def test_field_that_is_left_out_is_not_scanned_but_its_words_are_sought(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice, "徐秦", address="河路五号", note="住在河路五号")

    assert leak(alice, bob, stick, who, left_out=frozenset({"person.address"})) == "河路五号"
    both = frozenset({"person.address", "person.note"})
    assert selected(alice, bob, stick, who, left_out=both).exists()


def test_name_that_is_left_out_is_found_in_another_chosen_record(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice, "徐秦")
    what = incident(alice, "徐秦被带走")

    for left_out in ("person.names", "person.names.text"):
        assert leak(alice, bob, stick, who, what, left_out=frozenset({left_out})) == "徐秦"
    assert selected(alice, bob, stick, who, what).exists()


def test_name_that_goes_with_a_chosen_person_is_no_leak(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice, "徐秦")
    namesake = person(alice, "徐秦")

    assert selected(alice, bob, stick, namesake, incident(alice, "徐秦被带走")).exists()


def test_name_of_a_person_in_the_trash_is_found(alice: Vault, bob: Vault, stick: Path) -> None:
    records.delete(alice, person(alice, "徐秦"))

    assert leak(alice, bob, stick, incident(alice, "徐秦被带走")) == "徐秦"


@pytest.mark.parametrize("named", [False, True])
def test_sealed_name_of_a_source_is_found(
    named: bool, alice: Vault, bob: Vault, stick: Path
) -> None:
    """It never leaves, not even with a source that was chosen; so it must not stand in a text."""
    source = records.add(
        alice,
        "source",
        {"kind": "witness", "code_name": "Heron", "identity": {"name": "Sourcename Sealed"}},
    )
    what = incident(alice, "We know it from Sourcename Sealed.")

    assert leak(alice, bob, stick, what, *[source][:named]) == "sourcename sealed"


def test_earlier_name_that_nobody_shows_any_more_is_not_sought(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice, "Formername")
    records.revise(alice, who, {"names": [{"text": "Presentname"}]})

    assert selected(alice, bob, stick, incident(alice, "Formername was here")).exists()
    assert leak(alice, bob, stick, incident(alice, "Presentname was here"))


def test_name_of_an_attached_file_is_scanned(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice, "徐秦")
    what = incident(alice, "nothing")
    attach(alice, b"x", name="徐秦.jpg", belongs_to=[what])

    assert leak(alice, bob, stick, what, with_attachments=True) == "徐秦"
    assert selected(alice, bob, stick, what).exists()


def test_leaks_that_were_shown_can_be_allowed(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice, "徐秦")

    assert selected(alice, bob, stick, incident(alice, "徐秦被带走"), allow_leaks=True).exists()


def test_error_counts_and_names_the_words(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice, "徐秦")
    person(alice, "Anna")

    with pytest.raises(LeakFoundError) as caught:
        selected(alice, bob, stick, incident(alice, "Anna saw 徐秦; 徐秦 saw Anna"))

    assert caught.value.fields == {"count": 2, "words": "anna, 徐秦"}


@given(
    st.lists(st.text("abcxy 徐秦é", max_size=6), max_size=6), st.text("abcxy 徐秦é", max_size=30)
)
def test_scan_finds_exactly_what_a_slow_one_finds(words: list[str], text: str) -> None:
    found = leaks.found_in(text, leaks.words_to_keep(words))

    plain = " ".join(text.split())
    expected = set()
    for word in {" ".join(word.split()) for word in words}:
        if len(word) < (4 if word.isascii() else 2):
            continue
        for start in range(len(plain)):
            before, after = plain[:start][-1:], plain[start + len(word) :][:1]
            joined = any(c.isascii() and c.isalnum() for c in (before, after) if c)
            if plain[start:].startswith(word) and not (word.isascii() and joined):
                expected.add(word)
    assert found == expected


# --- consent --------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["act", "partners"])
def test_person_who_said_no_is_not_exported(
    purpose: str, alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice, consents=[{"purpose": purpose, "answer": "no"}])

    with pytest.raises(ConsentRefusedError) as caught:
        selected(alice, bob, stick, who, person(alice, "Anna"))

    assert caught.value.fields == {"count": 1}
    assert not list(stick.iterdir())


def test_no_counts_even_when_the_answer_itself_is_left_out(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice, consents=[{"purpose": "act", "answer": "no"}])

    with pytest.raises(ConsentRefusedError):
        selected(alice, bob, stick, who, left_out=frozenset({"person.consents"}))


def test_one_no_among_other_answers_counts(alice: Vault, bob: Vault, stick: Path) -> None:
    who = person(
        alice,
        consents=[{"purpose": "act", "answer": "yes"}, {"purpose": "partners", "answer": "no"}],
    )

    with pytest.raises(ConsentRefusedError):
        selected(alice, bob, stick, who)


@pytest.mark.parametrize(
    "consent",
    [
        {"purpose": "act", "answer": "yes"},
        {"purpose": "act", "answer": "unknown"},
        {"purpose": "media", "answer": "no"},
        {"purpose": "government", "answer": "no"},
        {"purpose": "public-report", "answer": "no"},
    ],
)
def test_other_answers_do_not_stop_an_export(
    consent: dict[str, str], alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice, consents=[dict(consent)])

    assert selected(alice, bob, stick, who).exists()


def test_consent_can_be_overruled(alice: Vault, bob: Vault, stick: Path) -> None:
    who = person(alice, consents=[{"purpose": "act", "answer": "no"}])

    assert selected(alice, bob, stick, who, despite_consent=True).exists()
    assert values(alice, who)["consents"]
