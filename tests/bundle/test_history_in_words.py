"""The history tells each change before and after in the words of the form, and who brought it."""

from pathlib import Path

from bundle.bundles import all_ids, complete, items, person, selected
from fielddoc.bundle.history_in_words import steps_of
from fielddoc.bundle.receive import import_bundle
from fielddoc.domain.canonical import Json
from fielddoc.vault import contacts, records
from fielddoc.vault.vault import Vault


def told(vault: Vault, record: str) -> list[list[tuple[str, str, str]]]:
    """Return label, before and after of each change of each version, oldest first."""
    steps = steps_of(vault, record, "en")[::-1]
    return [[(one.label, one.before, one.after) for one in step.changes] for step in steps]


def test_each_version_says_what_it_changed_from_what(alice: Vault) -> None:
    record = records.add(
        alice, "detention", {"status": "held", "entries": [{"kind": "taken-away"}]}
    )
    (entry,) = items(alice, record, "entries")
    dated: Json = {**entry, "date": "2022-08"}
    records.revise(alice, record, {"status": "released", "entries": [dated]})
    records.revise(alice, record, {"entries": []})
    records.delete(alice, record)
    records.restore(alice, record)

    _, second, third, fourth, fifth = told(alice, record)

    assert ("Present status", "held", "released") in second
    assert ("Chronology (taken away): When it happened", "", "some time in August 2022") in second
    assert third == [("Chronology", "", "removed")]
    assert fourth == [("Record", "", "moved to the trash")]
    assert fifth == [("Record", "", "there")]


def test_of_a_long_text_the_part_is_shown_in_which_it_differs(alice: Vault) -> None:
    before = "It began quietly. " * 40
    record = records.add(alice, "incident", {"title": "a", "note": before + "He stayed."})
    records.revise(alice, record, {"note": before + "She left."})

    _, ((label, old, new),) = told(alice, record)

    assert label == "Note"
    assert old.startswith("…")
    assert (old.endswith("He stayed."), new.endswith("She left.")) == (True, True)
    assert len(old) < 120


def test_a_change_of_an_own_field_stands_under_its_label(alice: Vault) -> None:
    declared: dict[str, Json] = {"label": "Village", "kind": "text", "applies_to": ["incident"]}
    own = records.add(alice, "custom-field", declared)
    record = records.add(alice, "incident", {"custom": [{"id": own, "value": "Shi"}]})
    records.revise(alice, record, {"custom": [{"id": own, "value": "Zhuang"}]})

    assert told(alice, record)[1] == [("Village", "Shi", "Zhuang")]


def test_the_partner_is_named_whose_bundle_brought_a_version(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    brought: dict[str, str] = {}
    for sender, name in ((alice, "Li Example"), (carol, "Wu Example")):
        chosen = person(sender, name)
        before = all_ids(bob)
        import_bundle(bob, selected(sender, bob, stick, chosen))
        (brought[name],) = all_ids(bob) - before
    for record in brought.values():
        records.revise(bob, record, {"occupation": "lawyer"})

    def who(name: str) -> list[tuple[str | None, str]]:
        return [(step.brought_by, step.who) for step in steps_of(bob, brought[name], "en")]

    assert who("Li Example") == [(None, "here"), ("Alice", "Alice")]
    assert who("Wu Example") == [(None, "here"), ("Carol", "Carol")]

    contacts.remove(bob, "Carol")

    assert who("Wu Example") == [(None, "here"), (None, "an unknown sender")]
    assert who("Li Example") == [(None, "here"), ("Alice", "Alice")]


def test_versions_of_one_day_stand_in_the_order_in_which_the_partner_wrote_them(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    record = records.add(alice, "incident", {"title": "0"})
    for number in range(1, 7):
        import_bundle(bob, selected(alice, bob, stick, record))
        records.revise(alice, record, {"title": str(number)})
    (there,) = all_ids(bob)

    changes = [change for version in told(bob, there) for change in version]

    assert changes == [("Title", "", "0")] + [
        ("Title", str(number), str(number + 1)) for number in range(5)
    ]


def test_another_copy_of_the_vault_is_no_partner(
    alice: Vault, alices_other: Vault, stick: Path
) -> None:
    record = person(alice)
    import_bundle(alices_other, complete(alice, alices_other, stick))

    (step,) = steps_of(alices_other, record, "en")

    assert (step.brought_by, step.entry.signer) == (None, None)
