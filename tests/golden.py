"""Makes the golden files of a format. Run once for each version of it, and never again.

    .venv/bin/python tests/golden.py tests/data/golden-1

Everything in them is fictional. The passphrases stand in the folder, because the files are there to
be opened. Later versions of the format get folders of their own; those that are there stay as they
are, byte for byte.
"""

import json
import shutil
import sys
from pathlib import Path

from fielddoc.bundle.card import Card, own_card, write_card
from fielddoc.bundle.export import (
    Selection,
    export_complete,
    export_selected,
    for_cards,
    for_passphrase,
)
from fielddoc.crypto.age import X25519Identity
from fielddoc.crypto.kdf import FLOOR
from fielddoc.domain.canonical import Json
from fielddoc.vault import attachments, contacts, identity, records
from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault

PASSPHRASES = {"sender": "gold leaf over fictional paper 一", "partner": "silver leaf far abroad"}
BUNDLE_PASSPHRASE = "copper leaf for whoever knows"


def make(folder: Path) -> None:
    """Write two vaults, three bundles and what they must give into `folder`."""
    folder.mkdir(parents=True)
    sender = make_vault(folder / "sender", PASSPHRASES["sender"], name="Sender", cost=FLOOR)
    partner = make_vault(folder / "partner", PASSPHRASES["partner"], name="Partner", cost=FLOOR)
    with sender, partner:
        for here, there in ((sender, partner), (partner, sender)):
            keys = identity.current(there)
            card = own_card(keys)
            contacts.add(
                here, name=card.name, code=card.code, card=write_card(card, keys.signing_seed)
            )
        ids = _record(sender)
        selection = Selection(
            records=tuple(ids), left_out=frozenset({"person.address"}), with_attachments=True
        )
        audiences = {
            "selected.age": for_cards([own_card(identity.current(partner))]),
            "passphrase.age": for_passphrase(BUNDLE_PASSPHRASE),
        }
        for name, audience in audiences.items():
            written = export_selected(sender, audience, folder, selection)
            written.files[0].rename(folder / name)
        plain = X25519Identity.generate()
        x25519_only = for_cards([Card(name="Plain age", x25519=plain.recipient())])
        export_selected(sender, x25519_only, folder, selection).files[0].rename(
            folder / "x25519.age"
        )
        (folder / "x25519.key").write_text(plain.secret_text() + "\n", encoding="ascii")
        everything = for_cards([own_card(identity.current(partner))])
        export_complete(sender, everything, folder).files[0].rename(folder / "complete.age")
        expected: dict[str, Json] = {
            "passphrases": dict(PASSPHRASES),
            "bundle_passphrase": BUNDLE_PASSPHRASE,
            "codes": {
                name: own_card(identity.current(vault)).code
                for name, vault in (("sender", sender), ("partner", partner))
            },
            "records": [_expected(sender, record) for record in ids],
            "trash": [row.id for row in records.listing(sender, trash=True)],
        }
    text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "expected.json").write_text(text + "\n", encoding="utf-8")


def _expected(vault: Vault, record: str) -> Json:
    found = records.get(vault, record)
    return {"id": found.id, "type": found.type, "values": dict(found.values)}


def _record(vault: Vault) -> list[str]:
    source = records.add(
        vault,
        "source",
        {
            "kind": "person",
            "code_name": "Heron",
            "identity": {"name": "Fictional Name", "contact": "fictional@example.org"},
        },
    )
    names: list[Json] = [
        {"text": "虚构人", "kind": "characters"},
        {"text": "Xu Gouren", "kind": "romanised"},
    ]
    person = records.add(
        vault,
        "person",
        {"names": names, "address": "1 Fictional Lane", "sources": [source], "sex": "female"},
    )
    records.revise(vault, person, {"human_rights_work": "བརྟག་དཔྱད། · تەتقىقات · research"})
    detention = records.add(
        vault,
        "detention",
        {
            "persons": [person],
            "status": "held",
            "entries": [
                {"kind": "taken-away", "date": "2021-11-05", "authority": "police"},
                {
                    "kind": "trial",
                    "date": "2022-21",
                    "date_inferred": True,
                    "date_words": "in spring",
                    "charges": ["picking-quarrels"],
                },
                {"kind": "no-verdict", "as_of": "2023-03~", "known": "/2023-04-01"},
            ],
        },
    )
    incident = records.add(
        vault,
        "incident",
        {
            "title": "A fictional gathering",
            "date": "2022-11/2022-12",
            "kinds": ["surveillance"],
            "counts": [{"what": "people", "qualifier": "more-than", "number": "350"}],
        },
    )
    risk = records.add(vault, "risk", {"kind": "tea", "exposed": [person], "state": "open"})
    content = attachments.store(vault, [bytes(range(256)) * 300])
    attachment = records.add(
        vault,
        "attachment",
        {
            "name": "fictional.bin",
            "media_type": "application/octet-stream",
            "size_bytes": content.size_bytes,
            "sha256": content.sha256,
            "belongs_to": [incident],
        },
    )
    gone = records.add(vault, "action", {"kind": "other", "title": "in the trash"})
    records.delete(vault, gone)
    return [source, person, detention, incident, risk, attachment]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    try:
        make(target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
