"""Who can open a bundle, and by which kind of key."""

from pathlib import Path

import pytest

from bundle.bundles import (
    PASSPHRASE,
    card_of,
    info_of,
    introduce,
    is_open,
    person,
    plaintext,
    x25519_card,
)
from fielddoc.bundle import bag
from fielddoc.bundle.card import Card, read_card, write_card
from fielddoc.bundle.code import grouped
from fielddoc.bundle.export import (
    Audience,
    Selection,
    Written,
    export_selected,
    for_cards,
    for_passphrase,
)
from fielddoc.bundle.reading import needs_passphrase
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.cli.main import main
from fielddoc.crypto.age import X25519Identity, read_header
from fielddoc.errors import (
    BundlePassphraseWrongError,
    NotForYouError,
    PassphraseRefusedError,
    UnknownSenderError,
)
from fielddoc.vault import contacts, identity, records
from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault

WORDS = "six plain words for the bundle"


def send(sender: Vault, audience: Audience, folder: Path) -> Written:
    chosen = tuple(row.id for row in records.listing(sender)) or (person(sender),)
    return export_selected(sender, audience, folder, Selection(records=chosen))


def stanzas(path: Path) -> list[str]:
    with path.open("rb") as file:
        return [stanza.type for stanza in read_header(file).stanzas]


def test_post_quantum_card_gets_a_post_quantum_stanza_only(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    told = send(alice, for_cards([card_of(bob)]), stick)

    assert stanzas(told.files[0]) == ["mlkem768x25519"]
    assert told.is_post_quantum


def test_card_with_one_key_gets_an_x25519_stanza_only(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    told = send(alice, for_cards([x25519_card(card_of(bob))]), stick)

    assert stanzas(told.files[0]) == ["X25519"]
    assert not told.is_post_quantum


def test_two_kinds_are_never_mixed_in_one_file(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    both = send(alice, for_cards([card_of(bob), card_of(carol)]), stick)
    one_old = send(alice, for_cards([card_of(bob), x25519_card(card_of(carol))]), stick)

    assert stanzas(both.files[0]) == ["mlkem768x25519"] * 2
    assert stanzas(one_old.files[0]) == ["X25519"] * 2
    assert not one_old.is_post_quantum


def test_each_of_several_recipients_opens_the_one_file(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    told = send(alice, for_cards([card_of(carol), card_of(bob)]), stick)

    assert told.codes == tuple(sorted((card_of(bob).code, card_of(carol).code)))
    for vault in (bob, carol):
        report = verify_bundle(vault, told.files[0])
        assert report.info.recipients == told.codes


def test_order_of_recipients_makes_no_other_audience(bob: Vault, carol: Vault) -> None:
    cards = [card_of(bob), card_of(carol)]

    assert for_cards(cards).key == for_cards(cards[::-1]).key
    assert for_cards(cards).key != for_cards(cards[:1]).key
    assert for_cards([*cards, cards[0]]).codes == for_cards(cards).codes


def test_sender_cannot_open_what_was_not_made_for_them(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    (path,) = send(alice, for_cards([card_of(bob)]), stick).files

    with pytest.raises(NotForYouError):
        verify_bundle(alice, path)


def test_sender_opens_what_was_made_for_themselves_too(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    (path,) = send(alice, for_cards([card_of(alice)]), stick).files

    assert verify_bundle(alice, path).sender.is_self
    with pytest.raises(NotForYouError):
        verify_bundle(bob, path)


def test_older_keys_of_ones_own_open_what_was_made_for_them(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    (path,) = send(alice, for_cards([card_of(bob)]), stick).files

    identity.create(bob, "Bob, new keys")

    assert verify_bundle(bob, path).sender.name == "Alice"


# --- plain age ------------------------------------------------------------------------------------


def test_partner_with_plain_age_opens_a_bundle_with_the_one_key(alice: Vault, stick: Path) -> None:
    key = X25519Identity.generate()
    card = read_card(write_card(Card(name="Dana", x25519=key.recipient()), None))
    contacts.add(alice, name="Dana", code=card.code, card=write_card(card, None))

    (path,) = send(alice, for_cards([read_card(contacts.get(alice, "Dana").card)]), stick).files

    assert stanzas(path) == ["X25519"]
    assert b"bagit.txt" in plaintext(path.read_bytes(), key)


# --- passphrases ----------------------------------------------------------------------------------


def test_passphrase_bundle_stands_alone_and_opens_with_its_passphrase_only(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    told = send(alice, for_passphrase(WORDS), stick)
    (path,) = told.files

    assert stanzas(path) == ["scrypt"]
    assert told.codes == (bag.PASSPHRASE,)
    assert not told.is_post_quantum
    assert needs_passphrase(path)
    # Typed in another way, but the same words.
    report = verify_bundle(bob, path, passphrase=f"  {WORDS.replace(' ', '   ')}\n")
    assert report.info.recipients == (bag.PASSPHRASE,)
    with pytest.raises(BundlePassphraseWrongError):
        verify_bundle(bob, path, passphrase="other words")
    with pytest.raises(BundlePassphraseWrongError):
        verify_bundle(bob, path)
    with pytest.raises(PassphraseRefusedError):
        verify_bundle(bob, path, passphrase="")
    assert import_bundle(bob, path, passphrase=WORDS).added == 1


def test_passphrase_bundle_of_a_stranger_is_refused(
    bob: Vault, stick: Path, tmp_path: Path
) -> None:
    with make_vault(tmp_path / "stranger", PASSPHRASE, name="Mallory") as stranger:
        (path,) = send(stranger, for_passphrase(WORDS), stick).files
        code = card_of(stranger).code

    with pytest.raises(UnknownSenderError) as caught:
        verify_bundle(bob, path, passphrase=WORDS)
    assert caught.value.fields["name"] == grouped(code)


def test_bundle_for_keys_needs_no_passphrase(alice: Vault, bob: Vault, stick: Path) -> None:
    (path,) = send(alice, for_cards([card_of(bob)]), stick).files

    assert not needs_passphrase(path)
    with pytest.raises(NotForYouError):
        verify_bundle(bob, path, passphrase=WORDS)


@pytest.mark.parametrize("content", [b"", b"text", bytes(100), b"age-encryption.org/v1\n-> x"])
def test_what_is_no_bundle_needs_no_passphrase(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.age"
    path.write_bytes(content)

    assert not needs_passphrase(path)


@pytest.mark.parametrize("words", ["", "  ", "bell\a", "x" * 2000])
def test_passphrase_that_nobody_could_type_is_refused(words: str) -> None:
    with pytest.raises(PassphraseRefusedError):
        for_passphrase(words)


# --- the command ----------------------------------------------------------------------------------


def run(vault: Vault, tmp_path: Path, *words: str) -> int:
    """Lock a vault and run a command on its folder."""
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    if is_open(vault):
        vault.lock()
    command, *rest = words
    return main([command, str(vault.folder), *rest, "--passphrase-file", str(secret)])


def test_command_writes_one_file_a_contact_and_none_for_the_sender(
    alice: Vault, bob: Vault, carol: Vault, stick: Path, tmp_path: Path,
) -> None:  # fmt: skip
    who = person(alice)
    words = ("export", "--to", "Bob", "Carol", "Bob", "--out", str(stick), who)

    assert run(alice, tmp_path, *words) == 0

    files = sorted(stick.iterdir())
    assert len(files) == 2
    opened = {vault: [p for p in files if opens(vault, p)] for vault in (bob, carol)}
    assert sorted(opened[bob] + opened[carol]) == files
    for vault, (path,) in opened.items():
        assert info_of(path, vault).recipients == (card_of(vault).code,)


def opens(vault: Vault, path: Path) -> bool:
    try:
        verify_bundle(vault, path)
    except NotForYouError:
        return False
    return True


def test_command_writes_for_the_sender_when_it_is_told_to(
    alice: Vault, alices_other: Vault, bob: Vault, stick: Path, tmp_path: Path
) -> None:
    who = person(alice)

    assert run(alice, tmp_path, "export", "--to", "Bob", "--to-self", "--out", str(stick), who) == 0

    opened = [path for path in stick.iterdir() if opens(alices_other, path)]
    assert len(opened) == 1
    assert len([path for path in stick.iterdir() if opens(bob, path)]) == 1


def test_contact_is_known_by_a_card_whose_code_was_kept(alice: Vault, bob: Vault) -> None:
    kept = contacts.get(alice, "Bob")

    assert read_card(kept.card).code == kept.code == card_of(bob).code
    assert write_card(card_of(bob), identity.current(bob).signing_seed) == kept.card
    contacts.remove(alice, "Bob")
    introduce(alice, bob)
    assert contacts.get(alice, "Bob").card == kept.card
