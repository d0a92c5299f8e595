"""A vault with something of everything: all types, several edits, trash, a sealed source."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from bundle.bundles import attach, items, person
from fielddoc.vault import purge, records
from fielddoc.vault.vault import Vault

PHOTO = b"what the camera saw " * 5000
LONG_AGO_MS = 1_262_304_000_123  # 1 January 2010, on a computer whose clock was put back


@contextmanager
def clock_at(first_ms: int) -> Iterator[None]:
    """Let the computer's clock start at a time; it goes on by seven milliseconds at each look."""
    now = iter(range(first_ms, first_ms + 10**9, 7))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: next(now) * 1_000_000)
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Rich:
    """Ids of the records."""

    chosen: str
    """A person who was edited often."""
    relative: str
    source: str
    incident: str
    risk: str
    detention: str
    action: str
    photo: str
    trashed: str
    purged: str

    def living(self) -> tuple[str, ...]:
        return (
            self.chosen, self.relative, self.source, self.incident, self.risk, self.detention,
            self.action, self.photo,
        )  # fmt: skip


def fill(vault: Vault) -> Rich:
    """Write the records, long ago."""
    with clock_at(LONG_AGO_MS):
        return _fill(vault)


def _fill(vault: Vault) -> Rich:
    source = records.add(
        vault,
        "source",
        {
            "code_name": "Heron-code-name",
            "kind": "witness",
            "identity": {"name": "Sourcename Sealed", "contact": "+86 555 0199"},
            "note": "source-note-words",
        },
    )
    relative = person(vault, "Relativename Unchosen", address="relative-address-words")
    chosen = records.add(
        vault,
        "person",
        {
            "names": [{"text": "earlier-name-words"}, {"text": "Pseudonym Kept"}],
            "address": "earlier-address-words",
            "occupation": "earlier-occupation-words",
            "health": "health-words-left-out",
            "contacts": ["telephone-555-0123"],
            "identity_papers": [{"kind": "passport", "number": "G-5550-111-222"}],
            "relations": [{"kind": "wife", "person": relative, "sources": [source]}],
            "consents": [{"purpose": "act", "answer": "yes", "note": "consent-note-words"}],
            "sources": [source],
            "note": "note-taken-back-words",
        },
    )
    first, second = items(vault, chosen, "names")
    records.revise(vault, chosen, {"names": [first | {"text": "秦徐-characters"}, second]})
    records.revise(vault, chosen, {"address": "later-address-words", "note": None})
    records.revise(vault, chosen, {"occupation": "occupation-words-kept"})
    incident = records.add(
        vault,
        "incident",
        {
            "title": "incident-title-kept",
            "date": "2022-08",
            "date_words": "mid-August-words",
            "what_happened": "what-happened-kept",
            "persons": [
                {"person": chosen, "role": "victim"},
                {"person": relative, "role": "witness", "note": "role-note-left-out"},
            ],
            "counts": [{"what": "doors", "qualifier": "exactly", "number": "3"}],
            "sources": [source],
        },
    )
    detention = records.add(
        vault,
        "detention",
        {
            "title": "detention-title-kept",
            "persons": [chosen],
            "entries": [
                {"kind": "taken-away", "date": "2022-08-31", "persons": [chosen],
                 "text": "entry-text-left-out", "place": "entry-place-kept", "sources": [source]},
                {"kind": "health", "text": "entry-of-a-deleted-item"},
                {"kind": "trial", "date": "2022-11-07", "place": "second-place-kept"},
            ],
        },
    )  # fmt: skip
    entries = items(vault, detention, "entries")
    records.revise(vault, detention, {"entries": [entries[0], entries[2]]})
    risk = records.add(
        vault, "risk", {"kind": "detention", "exposed": [chosen], "feared": "feared-words-unchosen"}
    )
    action = records.add(
        vault,
        "action",
        {"kind": "letter", "title": "action-title-unchosen", "about": [incident, detention]},
    )
    photo = attach(vault, PHOTO, belongs_to=[chosen], name="photo-name-unchosen.jpg")
    trashed = person(vault, "Trashedname Words")
    records.delete(vault, trashed)
    purged = person(vault, "Purgedname Words")
    purge.purge(vault, purged)
    return Rich(
        chosen=chosen, relative=relative, source=source, incident=incident, risk=risk,
        detention=detention, action=action, photo=photo, trashed=trashed, purged=purged,
    )  # fmt: skip
