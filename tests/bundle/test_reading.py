"""Every way in which a bundle may be wrong has its own error, and none of them is an import."""

import base64
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from bundle.bundles import (
    PASSPHRASE,
    Forgery,
    card_of,
    complete,
    dump,
    files_of,
    forgery,
    introduce,
    person,
    plaintext,
    revision,
    sealed,
    selected,
    x25519_card,
)
from fielddoc.bundle import bag
from fielddoc.bundle.card import Card, write_card
from fielddoc.bundle.export import Selection, export_selected, for_cards
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.crypto.age import PassphraseRecipient, PostQuantumIdentity, X25519Identity
from fielddoc.crypto.stream import CHUNK_BYTES
from fielddoc.errors import (
    BundleChangedError,
    BundleCutShortError,
    BundleError,
    BundleTooNewError,
    FielddocError,
    MediumLostError,
    NotABundleError,
    NotAPlainFileError,
    NotForYouError,
    SignedForOthersError,
    UnknownSenderError,
)
from fielddoc.vault import attachments, contacts, identity, records
from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault

REFUSALS = (NotABundleError, BundleChangedError, BundleCutShortError, NotForYouError)
SEALED_CHUNK_BYTES = CHUNK_BYTES + 16


def refusal(vault: Vault, path: Path) -> type[FielddocError]:
    """Return the error that verifying and importing give; nothing may have been written."""
    before, files = dump(vault), files_of(vault)
    with pytest.raises(FielddocError) as verified:
        verify_bundle(vault, path)
    with pytest.raises(FielddocError) as imported:
        import_bundle(vault, path)
    assert type(verified.value) is type(imported.value)
    assert dump(vault) == before
    assert files_of(vault) == files
    for text in (imported.value.sentence("en"), imported.value.advice("en")):
        assert text
        assert "{" not in text
    return type(imported.value)


@pytest.fixture
def honest(alice: Vault, bob: Vault) -> Forgery:
    """A small bundle from Alice to Bob."""
    return forgery(alice, bob)


def put(folder: Path, data: bytes) -> Path:
    path = folder / "sent.age"
    path.write_bytes(data)
    return path


def test_the_honest_one_is_taken(honest: Forgery, bob: Vault, stick: Path) -> None:
    """So that every refusal below is for the reason that its test gives."""
    assert import_bundle(bob, put(stick, honest.age())).added == 1


# --- addressed to somebody else -------------------------------------------------------------------


def test_bundle_for_somebody_else_is_not_for_you(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    person(alice)

    assert refusal(carol, complete(alice, bob, stick)) is NotForYouError


def test_bundle_passed_on_is_signed_for_others(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    """Bob opens what Alice sent him and seals it anew for Carol, whom Alice knows too."""
    person(alice)
    inside = plaintext(complete(alice, bob, stick).read_bytes(), bob)

    passed_on = put(stick, sealed(inside, [card_of(carol).x25519]))

    assert refusal(carol, passed_on) is SignedForOthersError


def test_bundle_for_a_passphrase_passed_on_to_a_key_is_signed_for_others(
    alice: Vault, carol: Vault, stick: Path
) -> None:
    """It was made for whoever was told the passphrase; Carol was not."""
    made = forgery(alice, carol, info={"Fielddoc-Recipient": bag.PASSPHRASE})

    assert refusal(carol, put(stick, made.age())) is SignedForOthersError


def test_bundle_for_a_key_passed_on_under_a_passphrase_is_refused(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    words = PassphraseRecipient(b"some words")
    made = forgery(alice, bob, age_recipients=[words])
    path = put(stick, made.age())

    with pytest.raises(SignedForOthersError):
        verify_bundle(bob, path, passphrase="some words")


def test_recipient_more_in_the_header_than_in_the_signed_list_is_refused(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    """Bob would learn nothing of a third reader otherwise."""
    both = [card_of(bob).x25519, card_of(carol).x25519]
    made = forgery(alice, bob, age_recipients=both)

    assert refusal(bob, put(stick, made.age())) is BundleChangedError
    assert refusal(carol, put(stick, made.age())) is SignedForOthersError


def test_recipient_fewer_in_the_header_than_in_the_signed_list_is_refused(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    person(alice)
    chosen = Selection(records=tuple(row.id for row in records.listing(alice)))
    told = export_selected(alice, for_cards([card_of(bob), card_of(carol)]), stick, chosen)
    inside = plaintext(told.files[0].read_bytes(), bob)

    assert refusal(bob, put(stick, sealed(inside, [card_of(bob).x25519]))) is BundleChangedError


def test_changed_list_of_recipients_breaks_the_signature(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    theirs = card_of(carol)
    made = forgery(
        alice,
        bob,
        age_recipients=[theirs.x25519],
        unsigned_edit={
            bag.BAG_INFO: lambda data: data.replace(
                card_of(bob).code.encode(), theirs.code.encode()
            )
        },
    )

    assert refusal(carol, put(stick, made.age())) is BundleChangedError


def test_changed_list_with_a_new_tag_manifest_is_not_covered_by_the_signature(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    """The whole bag is made anew for Carol; only the signature is still Alice's."""
    signature = forgery(alice, bob).tags()[bag.SIGNATURE]
    made = forgery(alice, carol, unsigned_edit={bag.SIGNATURE: lambda _: signature})

    assert refusal(carol, put(stick, made.age())) is BundleChangedError


# --- made by somebody else ------------------------------------------------------------------------


def test_stranger_is_named_by_code(bob: Vault, stick: Path, tmp_path: Path) -> None:
    with make_vault(tmp_path / "stranger", PASSPHRASE, name="Alice") as stranger:
        made = forgery(stranger, bob)

    assert refusal(bob, put(stick, made.age())) is UnknownSenderError


def test_contact_that_was_removed_is_a_stranger(honest: Forgery, bob: Vault, stick: Path) -> None:
    contacts.remove(bob, "Alice")

    assert refusal(bob, put(stick, honest.age())) is UnknownSenderError


def test_contact_who_claims_to_be_another_is_a_stranger(
    alice: Vault, bob: Vault, carol: Vault, stick: Path
) -> None:
    made = forgery(carol, bob, info={"Fielddoc-Sender": card_of(alice).code})

    assert refusal(bob, put(stick, made.age())) is UnknownSenderError


def test_contact_who_signs_nothing_cannot_have_signed(
    honest: Forgery, alice: Vault, bob: Vault, stick: Path
) -> None:
    contacts.remove(bob, "Alice")
    card = Card(name="Alice", x25519=card_of(alice).x25519)
    contacts.add(bob, name="Alice", code=card.code, card=write_card(card, None))

    assert refusal(bob, put(stick, honest.age())) is UnknownSenderError


def test_signing_key_that_was_replaced_is_no_longer_known(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    old = complete(alice, bob, stick)
    identity.create(alice, "Alice, new keys")
    new = complete(alice, bob, stick)

    assert verify_bundle(bob, old).sender.name == "Alice"
    assert refusal(bob, new) is UnknownSenderError

    introduce(bob, alice)
    assert verify_bundle(bob, new).sender.name == "Alice, new keys"
    contacts.remove(bob, "Alice")
    assert refusal(bob, old) is UnknownSenderError


def test_own_bundle_signed_with_an_older_key_is_ones_own(alice: Vault, stick: Path) -> None:
    person(alice)
    old = complete(alice, alice, stick)
    identity.create(alice, "Alice, new keys")

    assert verify_bundle(alice, old).sender.is_self


def test_signature_made_for_a_card_is_refused(alice: Vault, bob: Vault, stick: Path) -> None:
    made = forgery(alice, bob, namespace="fielddoc-card-v1")

    assert refusal(bob, put(stick, made.age())) is BundleChangedError


# --- newer ----------------------------------------------------------------------------------------


def test_newer_bundle_is_told_apart(alice: Vault, bob: Vault, stick: Path) -> None:
    made = forgery(alice, bob, info={"Fielddoc-Bundle-Version": "2"})

    assert refusal(bob, put(stick, made.age())) is BundleTooNewError


def test_newer_bundle_may_name_and_sign_in_ways_that_nobody_knows_yet(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    made = forgery(
        alice,
        bob,
        info={"Fielddoc-Bundle-Version": "2", "Fielddoc-Bundle-Kind": "partial"},
        namespace="fielddoc-bundle-v2",
    )

    assert refusal(bob, put(stick, made.age())) is BundleTooNewError


def test_what_a_later_minor_version_adds_is_passed_over(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    made = forgery(alice, bob, info={"Fielddoc-Reply-Wanted": "yes"})
    made.payload += [("data/later.bin", os.urandom(1000)), ("data/translations/zh.txt", b"x")]

    imported = import_bundle(bob, put(stick, made.age()))

    assert imported.added == 1
    assert imported.report.attachments == 0
    assert files_of(bob) == set()


def test_file_of_a_later_minor_version_is_checked_all_the_same(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    made = forgery(alice, bob)
    made.listed = [*made.payload, ("data/later.bin", b"as it was signed")]
    made.payload = [*made.payload, ("data/later.bin", b"as it was sent!!")]

    assert refusal(bob, put(stick, made.age())) is BundleChangedError


# --- not a bundle ---------------------------------------------------------------------------------


def a_tar(name: str = "notes.txt") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = 5
        archive.addfile(member, io.BytesIO(b"hello"))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"Dear partner,\n", os.urandom(5000), a_tar(), b"PK\x03\x04", b"\n\n\n"],
    ids=["empty", "one byte", "a text", "random", "a tar", "a zip", "empty lines"],
)
def test_other_file_is_not_a_bundle(content: bytes, bob: Vault, stick: Path) -> None:
    assert refusal(bob, put(stick, content)) is NotABundleError


@pytest.mark.parametrize(
    "inside",
    [b"", b"hello", bytes(100_000), os.urandom(100_000), a_tar(), a_tar("0a1b2c3d/notes.txt")],
    ids=["nothing", "a text", "zeros", "random", "another tar", "a tar with such a folder"],
)
def test_other_content_for_the_same_key_is_not_a_bundle(
    inside: bytes, bob: Vault, stick: Path
) -> None:
    path = put(stick, sealed(inside, [card_of(bob).x25519]))

    assert refusal(bob, path) is NotABundleError


def test_folder_is_no_bundle_and_a_missing_file_is_called_missing(bob: Vault, stick: Path) -> None:
    (stick / "folder.age").mkdir()

    assert refusal(bob, stick) is NotABundleError
    assert refusal(bob, stick / "folder.age") is NotABundleError
    assert refusal(bob, stick / "missing.age") is NotAPlainFileError
    assert refusal(bob, stick / "missing" / "missing.age") is NotAPlainFileError


def test_pipe_is_not_a_bundle(bob: Vault, stick: Path) -> None:
    """Reading it would wait for ever."""
    os.mkfifo(stick / "pipe.age")

    assert refusal(bob, stick / "pipe.age") is NotABundleError


def test_file_that_vanishes_is_told_as_lost(
    honest: Forgery, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(stick, honest.age())

    def vanished(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "vanished")

    monkeypatch.setattr(Path, "open", vanished)
    with pytest.raises(MediumLostError):
        verify_bundle(bob, path)


# --- changed --------------------------------------------------------------------------------------


def refused_with(vault: Vault, path: Path, data: bytes) -> type[BundleError]:
    path.write_bytes(data)
    return refused(vault, path)


def refused(vault: Vault, path: Path) -> type[BundleError]:
    with pytest.raises(REFUSALS) as caught:
        import_bundle(vault, path)
    return type(caught.value)


def in_turn_changed(path: Path, places: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Change a byte of a file in place, yield where, and change it back: thousands of times."""
    with path.open("r+b", buffering=0) as file:
        for place, mask in places:
            byte = os.pread(file.fileno(), 1, place)
            os.pwrite(file.fileno(), bytes((byte[0] ^ mask,)), place)
            yield place
            os.pwrite(file.fileno(), byte, place)


def test_every_changed_byte_of_a_small_bundle_is_refused(
    honest: Forgery, bob: Vault, stick: Path
) -> None:
    whole = honest.age()
    payload = len(whole) - len(whole.partition(b"\n--- ")[2].partition(b"\n")[2])
    assert len(whole) < 12_000
    path = put(stick, whole)
    before = dump(bob)

    seen: set[type[BundleError]] = set()
    header = ((place, mask) for place in range(payload) for mask in (0x01, 0x20, 0x80))
    rest = ((place, 0x01) for place in range(payload, len(whole)))
    for place in in_turn_changed(path, (*header, *rest)):
        error = refused(bob, path)
        seen.add(error)
        assert place < payload or error is BundleChangedError

    assert path.read_bytes() == whole
    assert dump(bob) == before
    assert seen >= {NotABundleError, BundleChangedError, NotForYouError}


def test_every_changed_byte_in_a_post_quantum_header_is_refused(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    keys = card_of(bob).post_quantum
    assert keys is not None
    whole = forgery(alice, bob, age_recipients=[keys]).age()
    header = whole.index(b"\n--- ") + 60
    path = stick / "changed.age"

    for place in range(0, header, 7):
        changed = whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :]
        refused_with(bob, path, changed)


def test_changed_bytes_all_over_a_real_bundle_are_refused(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    who = person(alice)
    attachments.store(alice, [os.urandom(200_000)])
    path = complete(alice, bob, stick)
    whole = path.read_bytes()
    before = dump(bob)

    for place in (*range(3000, len(whole), 20_011), len(whole) - 1):
        changed = whole[:place] + bytes((whole[place] ^ 0x10,)) + whole[place + 1 :]
        assert refused_with(bob, path, changed) is BundleChangedError

    assert dump(bob) == before
    assert files_of(bob) == set()
    path.write_bytes(whole)
    assert who in import_bundle(bob, path).records


def test_chunks_in_another_order_are_refused(alice: Vault, bob: Vault, stick: Path) -> None:
    attachments.store(alice, [os.urandom(300_000)])
    person(alice)
    path = complete(alice, bob, stick)
    whole = path.read_bytes()
    start = whole.index(b"\n", whole.index(b"\n--- ") + 1) + 1 + 16
    head, chunks = whole[:start], list(in_chunks(whole[start:]))
    assert len(chunks) >= 5

    for order in ([0, 2, 1, 3, 4], [0, 1, 1, 2, 3], [0, 2, 3, 4], [1, 0, 2, 3, 4]):
        moved = head + b"".join(chunks[n] for n in order) + b"".join(chunks[5:])
        assert refused_with(bob, path, moved) in (BundleChangedError, BundleCutShortError)


def in_chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), SEALED_CHUNK_BYTES):
        yield data[start : start + SEALED_CHUNK_BYTES]


@pytest.mark.parametrize("more", [b"\0", b"\n", bytes(1000), b"x" * 70_000])
def test_bytes_after_the_end_are_refused(
    more: bytes, honest: Forgery, bob: Vault, stick: Path
) -> None:
    error = refused_with(bob, stick / "longer.age", honest.age() + more)

    assert error in (BundleChangedError, BundleCutShortError)


def test_two_bundles_in_one_file_are_refused(honest: Forgery, bob: Vault, stick: Path) -> None:
    refused_with(bob, stick / "twice.age", honest.age() * 2)


# --- cut short ------------------------------------------------------------------------------------


def test_small_bundle_that_is_cut_anywhere_is_refused(
    honest: Forgery, bob: Vault, stick: Path
) -> None:
    whole = honest.age()
    path = put(stick, whole)
    payload = len(whole) - len(whole.partition(b"\n--- ")[2].partition(b"\n")[2]) + 16

    for size in (*range(len(whole) - 1, payload, -3), *range(payload, 0, -1)):
        os.truncate(path, size)
        error = refused(bob, path)
        assert error in (BundleCutShortError, BundleChangedError)
        if size <= payload:
            assert error is BundleCutShortError


def test_bundle_that_is_cut_at_a_chunk_or_nearly_there_is_cut_short(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    attachments.store(alice, [os.urandom(400_000)])
    person(alice)
    path = complete(alice, bob, stick)
    whole = path.read_bytes()
    start = whole.index(b"\n", whole.index(b"\n--- ") + 1) + 1 + 16
    before = dump(bob)

    for border in range(start, len(whole), SEALED_CHUNK_BYTES):
        assert refused_with(bob, path, whole[:border]) is BundleCutShortError
        for size in (border - 1, border + 1, border + 16, border + 17):
            if start < size < len(whole):
                error = refused_with(bob, path, whole[:size])
                assert error in (BundleCutShortError, BundleChangedError)
    for size in (len(whole) // 3, len(whole) // 2, len(whole) - 1):
        assert refused_with(bob, path, whole[:size]) is BundleCutShortError

    assert dump(bob) == before
    assert files_of(bob) == set()


# --- armour ---------------------------------------------------------------------------------------


def armoured(data: bytes) -> bytes:
    text = base64.b64encode(data)
    rows = [text[at : at + 64] for at in range(0, len(text), 64)]
    begin, end = b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----END AGE ENCRYPTED FILE-----"
    return b"\n".join([begin, *rows, end, b""])


def test_armoured_bundle_is_taken(honest: Forgery, bob: Vault, stick: Path) -> None:
    assert import_bundle(bob, put(stick, armoured(honest.age()))).added == 1


def test_armoured_bundle_of_a_real_size_is_taken(alice: Vault, bob: Vault, stick: Path) -> None:
    attachments.store(alice, [os.urandom(3_000_000)])
    person(alice)
    path = complete(alice, bob, stick)
    path.write_bytes(armoured(path.read_bytes()))

    assert import_bundle(bob, path).attachments_added == 1


def test_changed_bytes_of_an_armoured_bundle_are_refused(
    honest: Forgery, bob: Vault, stick: Path
) -> None:
    whole = armoured(honest.age())
    path = put(stick, whole)
    end = whole.index(b"-----END")
    before = dump(bob)

    places = (*range(0, end, 5), *range(end - 70, len(whole) - 1))
    for place in in_turn_changed(path, ((place, 1) for place in places)):
        error = refused(bob, path)
        assert not 500 < place < end or error is BundleChangedError

    assert dump(bob) == before


def test_armoured_bundle_that_is_cut_anywhere_is_refused(
    honest: Forgery, bob: Vault, stick: Path
) -> None:
    whole = armoured(honest.age())
    path = put(stick, whole)

    for size in (*range(len(whole) - 2, 600, -11), *range(600, 0, -1)):
        os.truncate(path, size)
        assert refused(bob, path) is BundleCutShortError


# --- other ----------------------------------------------------------------------------------------


def test_file_name_means_nothing(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice)
    path = complete(alice, bob, stick)
    renamed = path.rename(stick / "holiday photo.jpg")

    assert import_bundle(bob, renamed).added == 1


def test_bundle_made_for_a_lone_x25519_key_is_not_for_you_either(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    """Nobody in the vault has this key, though its owner's name is Bob's."""
    made = forgery(alice, bob, age_recipients=[X25519Identity.generate().recipient()])
    assert refusal(bob, put(stick, made.age())) is NotForYouError
    made = forgery(alice, bob, age_recipients=[PostQuantumIdentity.generate().recipient()])
    assert refusal(bob, put(stick, made.age())) is NotForYouError


def test_bundle_for_ones_card_with_the_one_key_opens(alice: Vault, bob: Vault, stick: Path) -> None:
    """The card that Bob gave out for plain age has another code than his own card.

    His vault does not know that code as its own, so it must say why it refuses.
    """
    who = person(alice)
    chosen = Selection(records=(who,))
    told = export_selected(alice, for_cards([x25519_card(card_of(bob))]), stick, chosen)

    assert refusal(bob, told.files[0]) is SignedForOthersError


def test_damaged_card_in_ones_own_contacts_does_not_stop_the_others(
    honest: Forgery, bob: Vault, stick: Path
) -> None:
    with bob.database.transaction():
        bob.database.query("UPDATE contact SET card = ? WHERE name = 'Carol'", (b"{}",))

    assert verify_bundle(bob, put(stick, honest.age())).sender.name == "Alice"


def test_selected_bundle_is_refused_as_a_whole_too(alice: Vault, bob: Vault, stick: Path) -> None:
    path = selected(alice, bob, stick, person(alice))
    data = path.read_bytes()

    for place in (len(data) - 1, len(data) // 2):
        changed = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
        assert refused_with(bob, path, changed) is BundleChangedError


def test_revision_of_the_forger_is_what_it_says() -> None:
    """The builder of these tests writes revisions that the program reads."""
    assert revision().changes["title"] == "Invited to tea"
