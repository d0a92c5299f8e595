"""Which bundle follows which, told for each set of recipients apart."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bundle.bundles import (
    card_of,
    complete,
    info_of,
    introduce,
    opened,
    person,
    plaintext,
    selected,
    x25519_card,
)
from fielddoc.bundle import bag
from fielddoc.bundle.card import Card
from fielddoc.bundle.export import Selection, export_complete, export_selected, for_cards
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.vault import identity, records
from fielddoc.vault.vault import Vault


def tag_manifest_hash(path: Path, receiver: Vault) -> str:
    return hashlib.sha256(opened(path, receiver)[bag.TAG_MANIFEST]).hexdigest()


def send(sender: Vault, cards: Sequence[Card], folder: Path) -> Path:
    return export_complete(sender, for_cards(cards), folder).files[0]


def test_second_bundle_names_the_first(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice)
    paths = [complete(alice, bob, stick) for _ in range(3)]

    infos = [info_of(path, bob) for path in paths]

    assert [info.sequence for info in infos] == [1, 2, 3]
    assert infos[0].previous == bag.NO_PREVIOUS
    assert infos[1].previous == tag_manifest_hash(paths[0], bob)
    assert infos[2].previous == tag_manifest_hash(paths[1], bob)
    assert len({info.bundle for info in infos}) == 3


def test_both_kinds_of_bundle_stand_in_one_sequence(alice: Vault, bob: Vault, stick: Path) -> None:
    who = person(alice)
    paths = [
        complete(alice, bob, stick),
        selected(alice, bob, stick, who),
        selected(alice, bob, stick, who, one_off=True),
    ]

    assert [info_of(path, bob).sequence for path in paths] == [1, 2, 3]


def test_missing_previous_bundle_is_noticed_until_it_comes(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    first, second, third = (complete(alice, bob, stick) for _ in range(3))

    assert not verify_bundle(bob, first).is_previous_missing
    assert import_bundle(bob, second).report.is_previous_missing
    assert not verify_bundle(bob, third).is_previous_missing
    assert verify_bundle(bob, second).is_previous_missing
    import_bundle(bob, first)
    assert not verify_bundle(bob, second).is_previous_missing


def test_verifying_alone_does_not_count_as_having_come(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    first, second = complete(alice, bob, stick), complete(alice, bob, stick)

    verify_bundle(bob, first)

    assert not verify_bundle(bob, first).is_known
    assert verify_bundle(bob, second).is_previous_missing


def test_own_bundles_are_not_missed(alice: Vault, stick: Path) -> None:
    """Whoever makes a backup now and then does not import each."""
    person(alice)
    complete(alice, alice, stick)

    assert not verify_bundle(alice, complete(alice, alice, stick)).is_previous_missing


def test_each_set_of_recipients_has_its_own_sequence(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    person(alice)
    bobs, carols = card_of(bob), card_of(carol)
    for cards in ([bobs], [bobs], [carols], [bobs, carols], [carols, bobs]):
        path = send(alice, cards, stick)
        reader = bob if bobs in cards else carol
        seen = info_of(path, reader)
        told = (len(cards), bobs in cards, seen.sequence)
        if told in ((1, True, 1), (1, False, 1), (2, True, 1)):
            assert seen.previous == bag.NO_PREVIOUS
        else:
            assert told in ((1, True, 2), (2, True, 2))
            assert seen.previous != bag.NO_PREVIOUS


def test_other_keys_of_the_same_person_are_another_set(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    complete(alice, bob, stick)
    identity.create(bob, "Bob, new keys")

    assert info_of(complete(alice, bob, stick), bob).sequence == 1


def test_own_sequence_goes_on_after_new_signing_keys(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice)
    complete(alice, bob, stick)
    identity.create(alice, "Alice, new keys")
    introduce(bob, alice)

    second = complete(alice, bob, stick)

    assert info_of(second, bob).sequence == 2
    assert verify_bundle(bob, second).is_previous_missing


def test_recipient_of_one_bundle_does_not_learn_of_other_recipients(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    who = person(alice)
    for_carol = selected(alice, carol, stick, who)
    send(alice, [card_of(carol)], stick)

    plain = plaintext(selected(alice, bob, stick, who).read_bytes(), bob)

    theirs = card_of(carol)
    assert theirs.post_quantum is not None
    for mark in (
        theirs.code, str(theirs.x25519), "Carol", "Bob", "Alice",
        info_of(for_carol, carol).bundle, tag_manifest_hash(for_carol, carol),
    ):  # fmt: skip
        assert mark.encode() not in plain
    assert theirs.x25519.public not in plain
    assert plain.count(b"Fielddoc-Recipient: ") == 1
    assert plain.count(card_of(bob).code.encode()) == 1


def test_recipients_of_one_file_know_each_other_by_code_and_not_by_name(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    who = person(alice)
    chosen = Selection(records=(who,))
    told = export_selected(alice, for_cards([card_of(bob), card_of(carol)]), stick, chosen)

    plain = plaintext(told.files[0].read_bytes(), carol)

    assert card_of(bob).code.encode() in plain
    assert b"Bob" not in plain


def test_one_key_and_two_keys_of_a_card_are_two_codes(bob: Vault) -> None:
    assert x25519_card(card_of(bob)).code != card_of(bob).code


def test_bookkeeping_of_what_was_sent_keeps_no_name_and_no_code(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    complete(alice, bob, stick)

    rows = alice.database.query("SELECT * FROM sent")

    assert len(rows) == 1
    assert card_of(bob).code not in str(rows)
    assert "Bob" not in str(rows)


def test_same_bundle_under_another_file_is_known(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice)
    path = complete(alice, bob, stick)
    import_bundle(bob, path)

    copy = stick / "copy.age"
    copy.write_bytes(path.read_bytes())

    assert verify_bundle(bob, copy).is_known
    assert len(bob.database.query("SELECT * FROM received")) == 1
    assert len(records.listing(bob)) == 1
