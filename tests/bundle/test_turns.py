"""Long work on a thread of its own, while another thread owns the vault.

The driver refuses a database to every thread but the one that opened it, so a step that were not
handed over would fail here.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bundle.bundles import attach, card_of, person
from bundle.rich import Rich
from fielddoc.bundle.export import Selection, export_complete, export_selected, for_cards
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.errors import CancelledError, VaultChangedMeanwhileError
from fielddoc.vault import attachments, drafts, purge, records
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault

T = TypeVar("T")


def beside(job: Callable[[Turn], T], between: Callable[[int], object] = lambda _: None) -> T:
    """Run `job` on another thread, and its steps in this one, which owns the vault.

    `between` is called before each step with its number: what the owner does meanwhile.
    """
    asked: queue.Queue[tuple[Callable[[], Any], Future[Any]] | None] = queue.Queue()
    result: Future[T] = Future()

    def turn(step: Callable[[], Any], /) -> Any:
        answer: Future[Any] = Future()
        asked.put((step, answer))
        return answer.result()

    def run() -> None:
        try:
            result.set_result(job(turn))
        except BaseException as error:  # noqa: BLE001 - it is handed on
            result.set_exception(error)
        asked.put(None)

    thread = threading.Thread(target=run)
    thread.start()
    number = 0
    while (step := asked.get()) is not None:
        between(number)
        number += 1
        try:
            step[1].set_result(step[0]())
        except BaseException as error:  # noqa: BLE001 - it is handed on
            step[1].set_exception(error)
    thread.join()
    return result.result()


def noise() -> Iterator[bytes]:
    for number in range(40):
        yield bytes([number]) * 65_536


def attachment_rows(vault: Vault) -> int:
    count = vault.database.value("SELECT count(*) FROM attachment")
    assert isinstance(count, int)
    return count


def test_file_is_attached_from_another_thread(alice: Vault) -> None:
    content = beside(lambda turn: attachments.store(alice, noise(), turn=turn))
    assert b"".join(attachments.read(alice, content)) == b"".join(noise())


def test_attaching_that_is_cancelled_on_another_thread_leaves_nothing(alice: Vault) -> None:
    def stop(done: int) -> None:
        if done > 1_000_000:
            raise CancelledError

    with pytest.raises(CancelledError):
        beside(lambda turn: attachments.store(alice, noise(), stop, turn=turn))
    assert attachment_rows(alice) == 0
    assert list(alice.attachments_folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["complete", "selected"])
def test_bundle_is_written_verified_and_imported_from_another_thread(
    alice: Vault, bob: Vault, rich: Rich, stick: Path, kind: str
) -> None:
    audience = for_cards([card_of(alice) if kind == "complete" else card_of(bob)])
    receiver = alice if kind == "complete" else bob
    selection = Selection(
        records=rich.living(), with_attachments=True, despite_consent=True, allow_leaks=True
    )
    if kind == "complete":
        written = beside(lambda turn: export_complete(alice, audience, stick, turn=turn))
    else:
        written = beside(lambda turn: export_selected(alice, audience, stick, selection, turn=turn))
    (path,) = written.files
    report = beside(lambda turn: verify_bundle(receiver, path, turn=turn))
    assert report.records == written.records
    imported = beside(lambda turn: import_bundle(receiver, path, turn=turn))
    assert imported.report.bad == ()
    if kind == "selected":
        assert len(imported.records) == written.records
        assert attachments.contents(bob)


def test_records_saved_while_a_complete_bundle_is_written_wait_for_the_next(
    alice: Vault, rich: Rich, stick: Path
) -> None:
    before = alice.database.value("SELECT count(*) FROM revision")

    def save(number: int) -> None:
        records.revise(alice, rich.incident, {"title": f"changed {number}"})
        drafts.save(alice, rich.chosen, "person", {"note": f"typed {number}"})

    audience = for_cards([card_of(alice)])
    written = beside(
        lambda turn: export_complete(alice, audience, stick, turn=turn),
        between=lambda number: save(number) if number > 1 else None,
    )
    report = verify_bundle(alice, written.files[0])
    assert report.bad == ()
    imported = import_bundle(alice, written.files[0])
    assert (imported.added, imported.known) == (0, before)
    draft = drafts.get(alice, rich.chosen)
    assert draft is not None
    assert draft.values["note"].startswith("typed ")  # type: ignore[union-attr]


def test_purging_while_a_complete_bundle_is_written_gives_it_up(
    alice: Vault, rich: Rich, stick: Path
) -> None:
    counted = stick.with_name("counted")
    counted.mkdir()
    last: list[int] = []
    audience = for_cards([card_of(alice)])
    beside(
        lambda turn: export_complete(alice, audience, counted, turn=turn),
        between=last.append,
    )
    purged: list[str] = []

    def purge_late(number: int) -> None:
        # After the payload was hashed and before it is written: about in the middle.
        if number == len(last) - 4 and not purged:
            purge.purge(alice, rich.risk)
            purged.append(rich.risk)

    with pytest.raises(VaultChangedMeanwhileError):
        beside(lambda turn: export_complete(alice, audience, stick, turn=turn), between=purge_late)
    assert purged
    assert list(stick.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_import_that_is_cancelled_on_another_thread_adds_nothing(
    alice: Vault, bob: Vault, stick: Path, share: float
) -> None:
    attach(alice, b"".join(noise()), belongs_to=[person(alice)])
    everything = tuple(row.id for row in records.listing(alice))
    selection = Selection(records=everything, with_attachments=True)
    written = export_selected(alice, for_cards([card_of(bob)]), stick, selection)

    def stop(done: int, total: int) -> None:
        if done >= share * total:
            raise CancelledError

    with pytest.raises(CancelledError):
        beside(lambda turn: import_bundle(bob, written.files[0], progress=stop, turn=turn))
    assert records.listing(bob) == []
    assert attachment_rows(bob) == 0
    assert list(bob.attachments_folder.iterdir()) == []


def test_export_that_is_cancelled_on_another_thread_leaves_no_file(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    attach(alice, b"".join(noise()), belongs_to=[person(alice)])

    def stop(_what: str, done: int, total: int) -> None:
        if done > total // 2:
            raise CancelledError

    audience = for_cards([card_of(bob)])
    with pytest.raises(CancelledError):
        beside(lambda turn: export_complete(alice, audience, stick, progress=stop, turn=turn))
    assert list(stick.iterdir()) == []
