"""A vault as somebody might have it after some months; everybody and everything in it is invented.

Used where screens are looked at: pictures for the documentation, the walk over all accessible
names, the search for clipped words.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from fielddoc.bundle.card import own_card, write_card
from fielddoc.bundle.export import Selection, export_selected, for_cards
from fielddoc.vault import attachments, contacts, identity, records, settings
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import Vault

PASSPHRASE = "plum lantern gravel otter seven bridge"
SOURCES_PASSPHRASE = "window barley copper eight salt ferry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """Where the vault lies, and ids of records to show."""

    folder: Path
    person: str
    incident: str
    detention: str
    risk: str
    source: str
    partner_card: Path


def make(folder: Path, preferences: Mapping[str, str] | None = None) -> Showcase:
    """Make the vault in `folder/notes`, and a partner's card beside it.

    `preferences` are settings that the vault has from the beginning.
    """
    card = folder / "bo.card"
    with make_vault(folder / "partner", PASSPHRASE, name="Bo") as partner:
        keys = identity.current(partner)
        card.write_bytes(write_card(own_card(keys), keys.signing_seed))
        code = own_card(keys).code
    with make_vault(folder / "notes", PASSPHRASE, name="Plum") as vault:
        with vault.database.transaction():
            made = _fill(vault)
            for setting, value in (preferences or {}).items():
                settings.put(vault, setting, value)
        contacts.add(vault, name="Bo", code=code, card=card.read_bytes())
        for name, blocks in _files():
            _attach(vault, made["incident"], name, blocks)
        records.delete(vault, made["trashed"])
    shutil.copytree(folder / "notes", folder / "notes-copy")
    return Showcase(
        folder=folder / "notes",
        person=made["person"],
        incident=made["incident"],
        detention=made["detention"],
        risk=made["risk"],
        source=made["source"],
        partner_card=card,
    )


def bundle_for(folder: Path) -> Path:
    """Let the partner write a bundle for the vault, and return its file."""
    with open_vault(folder / "notes-copy", PASSPHRASE) as vault:
        keys = identity.current(vault)
        card, file = own_card(keys), write_card(own_card(keys), keys.signing_seed)
    target = folder / "from-bo"
    target.mkdir(exist_ok=True)
    with open_vault(folder / "partner", PASSPHRASE) as partner:
        if not contacts.listing(partner):
            contacts.add(partner, name="Plum", code=card.code, card=file)
        person = records.add(partner, "person", {"names": [{"text": "裴砚秋"}]})
        record = records.add(
            partner,
            "incident",
            {
                "title": "Asked about her at the school",
                "date": "2022-09",
                "persons": [{"person": person, "role": "victim"}],
            },
        )
        written = export_selected(
            partner, for_cards([card]), target, Selection(records=(person, record))
        )
    return written.files[0]


def _fill(vault: Vault) -> dict[str, str]:
    source = records.add(
        vault,
        "source",
        {
            "code_name": "A-3",
            "kind": "person",
            "reliability": "credible",
            "identity": {"name": "Hé Mìngrán", "contact": "by her sister"},
        },
    )
    person = records.add(
        vault,
        "person",
        {
            "names": [
                {"text": "邓望舒", "kind": "characters"},
                {"text": "Deng Wangshu", "kind": "romanised"},
            ],
            "birth_date": "1979",
            "occupation": "Lawyer",
            "human_rights_work": "Defended people who were evicted in the river districts.",
            "consents": [
                {"purpose": "act", "answer": "yes", "asked_on": "2022-11-02"},
                {"purpose": "public-report", "answer": "no", "asked_on": "2022-11-02"},
            ],
            "sources": [source],
        },
    )
    brother = records.add(
        vault,
        "person",
        {
            "names": [{"text": "邓望南"}, {"text": "Deng Wangnan", "kind": "romanised"}],
            "relations": [{"kind": "sibling", "person": person}],
        },
    )
    for name, other in (
        ("热娜古丽", "رەناگۈل"),
        ("བསྟན་འཛིན་ཆོས་སྒྲོན", "Tenzin Choedron"),
        ("何静安", "Ho Ching-on"),
        ("梁若水", "Liang Ruoshui"),
    ):
        records.add(vault, "person", {"names": [{"text": name}, {"text": other}]})
    incident = records.add(
        vault,
        "incident",
        {
            "title": "Invited to tea before the hearing",
            "kinds": ["tea", "warning"],
            "date": "2022-08~",
            "known": "2022-09-03",
            "place": "A teahouse by the north gate",
            "what_happened": "Two men who gave no names asked who else had signed the letter. "
            "They knew where her brother works.",
            "persons": [
                {"person": person, "role": "victim"},
                {"described_as": "two men in plain clothes", "role": "alleged-perpetrator"},
            ],
            "status": "corroborated",
            "sources": [source],
        },
    )
    for title, date, kind in (
        ("Followed from the court to the station", "2022-07-19", "followed"),
        ("Licence not renewed", "2022-06", "licence"),
        ("Landlord told to end the lease", "2022-22", "eviction"),
        ("住所外有人长期看守", "2022-05-04", "surveillance"),
        ("صۇراققا چاقىرىلدى", "2022-04-11", "tea"),
    ):
        records.add(
            vault,
            "incident",
            {
                "title": title,
                "kinds": [kind],
                "date": date,
                "persons": [{"person": person, "role": "victim"}],
            },
        )
    detention = records.add(
        vault,
        "detention",
        {
            "persons": [person],
            "status": "held",
            "status_as_of": "2024-03-15",
            "entries": [
                {
                    "kind": "taken-away",
                    "date": "2022-09-14",
                    "known": "2022-09-15",
                    "place": "Outside the court",
                    "authority": "Men in plain clothes",
                    "told_by": "her brother",
                    "sources": [source],
                    "reliability": "credible",
                },
                {
                    "kind": "criminal-detention",
                    "date": "2022-09-15",
                    "charges": ["picking-quarrels"],
                    "facility": "Municipal No. 2 Detention Centre",
                    "as_reported": "因涉嫌寻衅滋事罪被刑事拘留",
                },
                {"kind": "family-not-notified", "as_of": "2022-09-20"},
                {
                    "kind": "formal-arrest",
                    "date": "2022-10-21",
                    "charges": ["inciting-subversion"],
                },
                {"kind": "lawyer-prevented", "date": "2022-11", "text": "Told to come later."},
                {"kind": "health", "date": "2023-01~", "conditions": ["lost weight"]},
                {"kind": "health", "date": "2023-01", "text": "In good health, says the centre.",
                 "reliability": "doubtful", "standing": "disputed"},
                {"kind": "indictment", "date": "2023-03-30"},
                {"kind": "trial", "date": "2023-08-08", "court": "Intermediate Court"},
                {"kind": "no-verdict", "as_of": "2024-03-15"},
            ],
        },
    )  # fmt: skip
    risk = records.add(
        vault,
        "risk",
        {
            "kind": "exit-ban",
            "exposed": [brother],
            "feared": "That he is stopped at the border when he visits his daughter.",
            "from_whom": "Exit and entry police",
            "likelihood": "likely",
            "severity": "serious",
            "review_date": "2024-05-01",
            "state": "open",
        },
    )
    records.add(
        vault,
        "action",
        {
            "kind": "complaint",
            "for_persons": [person],
            "about": [detention],
            "sent_on": "2022-12-01",
            "receipt_number": "RR 000 000 000 CN",
        },
    )
    trashed = records.add(vault, "incident", {"title": "Written twice by mistake"})
    return {
        "source": source,
        "person": person,
        "incident": incident,
        "detention": detention,
        "risk": risk,
        "trashed": trashed,
    }


def _files() -> Iterator[tuple[str, bytes]]:
    yield "north-gate.png", picture(QColor("#35607a"), QColor("#d9c7a3"))
    yield "letter.png", picture(QColor("#6b6f4e"), QColor("#e9e4d4"))
    yield "notice.txt", "通知\n".encode() * 40


def picture(sky: QColor, ground: QColor) -> bytes:
    """Return a PNG of an invented landscape."""
    image = QImage(960, 640, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fade = QLinearGradient(QPointF(0, 0), QPointF(0, 640))
    fade.setColorAt(0, sky)
    fade.setColorAt(1, ground)
    painter.fillRect(image.rect(), fade)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(sky.darker(180))
    painter.drawPolygon([QPointF(0, 640), QPointF(300, 260), QPointF(620, 640)])
    painter.setBrush(sky.darker(140))
    painter.drawPolygon([QPointF(360, 640), QPointF(700, 330), QPointF(960, 640)])
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


def _attach(vault: Vault, record: str, name: str, data: bytes) -> None:
    stored = attachments.store(vault, [data])
    records.add(
        vault,
        "attachment",
        {
            "name": name,
            "media_type": "image/png" if name.endswith(".png") else "text/plain",
            "size_bytes": stored.size_bytes,
            "sha256": stored.sha256,
            "added_on": "2022-09-03",
            "belongs_to": [record],
        },
    )
