"""Fictional records, the same for the same seed: mostly Chinese, some English, Uyghur and Tibetan.

Nobody in them exists. Names are put together from short lists of characters and syllables that are
chosen for their shape; none of the Chinese ones is a usual surname. Texts are drawn character by
character with the uneven frequencies of real text, so that an index meets common and rare pairs.
"""

import itertools
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from fielddoc.domain.canonical import Json
from fielddoc.domain.vocabularies import vocabulary

SEED = 20240229

_SURNAMES = "汀岫砚霁澜苔笙棠岚蔚"
_GIVEN = "一二三四五六七八九十春夏秋冬山水石木月星云雨雪松竹梅兰菊青白"
_LATIN = ("ba", "ke", "ri", "to", "mu", "sel", "vo", "dan", "ji", "lor", "pe", "nya")
# fmt: off
_ENGLISH = (
    "the", "of", "to", "and", "a", "in", "was", "by", "that", "on", "for", "with", "at", "from",
    "they", "were", "taken", "officers", "house", "morning", "asked", "phone", "lawyer",
    "waited", "letter", "family", "office", "road", "signed", "nothing", "returned", "visit",
    "told", "second", "weeks", "evening", "notice", "village", "station", "call", "without",
    "court", "paper", "answer", "winter",
)
# fmt: on
_UYGHUR_SYLLABLES = ("ئا", "با", "تۇ", "قى", "لار", "مەن", "دىن", "شى", "نۇر", "گۈل", "يې", "كەل")
_TIBETAN_SYLLABLES = ("ཀ", "བོད", "ཤིས", "རི", "མོ", "ལྷ", "ནང", "དུ", "ཡིག", "སྒོ", "ཆུ", "ས")
# The commonest characters first: they are drawn about as often as in any text.
_HANZI = (
    "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
    "里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已"
    "老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问"
    "力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却"
    "代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期"
    "叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特"
    "觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快"
    "条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告"
    "江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早"
    "房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴切医"
)
_WEIGHTS = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(_HANZI))))
_PLACES = (
    "南坡镇",
    "石桥街",
    "河湾县",
    "北岭区",
    "白塔村",
    "东港路",
    "Lower Mill",
    "ئالتە كۆۋرۈك",
    "རི་མགོ",
)


@dataclass(frozen=True, slots=True)
class Fictional:
    """One record that is to be written."""

    id: str
    type: str
    values: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of what was made so far and can be linked to."""

    people: list[str]
    sources: list[str]


def fictional_records(count: int, seed: int = SEED) -> Iterator[Fictional]:
    """Yield `count` records; people and sources come early enough to be linked to."""
    chance = random.Random(seed)
    known = Known([], [])
    for number in range(count):
        kind = _FIRST[number] if number < len(_FIRST) else chance.choices(_TYPES, _TYPE_WEIGHTS)[0]
        identity = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        values = _MAKERS[kind](chance, known)
        if known.sources and kind != "source" and chance.random() < 0.3:
            values["sources"] = [chance.choice(known.sources)]
        if chance.random() < 0.2:
            values["confidentiality"] = _term(chance, "confidentiality")
        yield Fictional(identity, kind, values)
        if kind == "person":
            known.people.append(identity)
        elif kind == "source":
            known.sources.append(identity)


def chinese_text(chance: random.Random, characters: int) -> str:
    """Return Chinese-looking text without meaning, in sentences."""
    drawn = chance.choices(_HANZI, cum_weights=_WEIGHTS, k=characters)
    for place in range(11, characters, 17):
        drawn[place] = "，" if place % 3 else "。"
    return "".join(drawn) + "。"


def chinese_name(chance: random.Random) -> str:
    """Return a name of two or three characters that nobody bears."""
    return chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2))))


def frequent_characters(count: int) -> str:
    """Return the characters that stand most often in the texts."""
    return _HANZI[:count]


def _text(chance: random.Random, characters: int) -> str:
    match chance.choices(("zh", "en", "ug", "bo"), (80, 8, 6, 6))[0]:
        case "zh":
            return chinese_text(chance, characters)
        case "en":
            return " ".join(chance.choices(_ENGLISH, k=characters // 3)).capitalize() + "."
        case "ug":
            return " ".join(_word(chance, _UYGHUR_SYLLABLES, "") for _ in range(characters // 4))
        case _:
            return "་".join(chance.choices(_TIBETAN_SYLLABLES, k=characters // 2)) + "།"


def _word(chance: random.Random, syllables: tuple[str, ...], between: str) -> str:
    return between.join(chance.choices(syllables, k=chance.randint(2, 4)))


def _latin_name(chance: random.Random) -> str:
    return f"{_word(chance, _LATIN, '').title()} {_word(chance, _LATIN, '').title()}"


def _day(chance: random.Random) -> str:
    day = f"20{chance.randint(10, 24):02d}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    return day[: chance.choice((4, 7, 10, 10))]


def _term(chance: random.Random, name: str) -> str:
    return chance.choice(vocabulary(name).terms).code


def _linked(chance: random.Random, known: Known) -> str:
    return chance.choice(known.people)


def _source(chance: random.Random, _: Known) -> dict[str, Json]:
    return {
        "code_name": f"{chance.choice(_SURNAMES)}{chance.choice('ABCDEF')}-{chance.randint(1, 999)}",
        "kind": _term(chance, "source-kinds"),
        "reliability": _term(chance, "reliability"),
        "description": _text(chance, 40),
    }


def _person(chance: random.Random, _: Known) -> dict[str, Json]:
    names: list[Json] = [
        {"text": chinese_name(chance), "kind": "legal"},
        {"text": _latin_name(chance), "kind": "romanised"},
    ]
    other = chance.random()
    if other < 0.06:
        names.append({"text": _word(chance, _UYGHUR_SYLLABLES, "")})
    elif other < 0.12:
        names.append({"text": _word(chance, _TIBETAN_SYLLABLES, "་")})
    return {
        "names": names,
        "sex": _term(chance, "sex"),
        "birth_date": _day(chance)[:4],
        "human_rights_work": _text(chance, 60),
        "note": _text(chance, 40),
    }


def _incident(chance: random.Random, known: Known) -> dict[str, Json]:
    return {
        "title": _text(chance, 12),
        "kinds": [_term(chance, "risk-kinds")],
        "date": _day(chance),
        "place": chance.choice(_PLACES),
        "what_happened": _text(chance, 150),
        "persons": [{"person": _linked(chance, known), "role": _term(chance, "roles")}],
    }


def _risk(chance: random.Random, known: Known) -> dict[str, Json]:
    return {
        "title": _text(chance, 10),
        "kind": _term(chance, "risk-kinds"),
        "exposed": [_linked(chance, known)],
        "feared": _text(chance, 80),
        "likelihood": _term(chance, "likelihood"),
        "severity": _term(chance, "severity"),
        "since": _day(chance),
        "state": _term(chance, "risk-state"),
        "review_date": _day(chance),
    }


def _detention(chance: random.Random, known: Known) -> dict[str, Json]:
    person = _linked(chance, known)
    entries: list[Json] = [
        {
            "kind": _term(chance, "entry-kinds"),
            "persons": [person],
            "date": _day(chance),
            "place": chance.choice(_PLACES),
            "text": _text(chance, 50),
            **({"charges": [_term(chance, "charges")]} if chance.random() < 0.4 else {}),
        }
        for _ in range(chance.randint(1, 4))
    ]
    return {"title": _text(chance, 10), "persons": [person], "entries": entries}


def _action(chance: random.Random, known: Known) -> dict[str, Json]:
    return {
        "title": _text(chance, 12),
        "kind": _term(chance, "action-kinds"),
        "for_persons": [_linked(chance, known)],
        "addressed_to": _text(chance, 10),
        "sent_on": _day(chance),
        "reply_due": _day(chance),
        **({"reply_on": _day(chance)} if chance.random() < 0.5 else {}),
    }


_MAKERS = {
    "person": _person,
    "incident": _incident,
    "risk": _risk,
    "detention": _detention,
    "action": _action,
    "source": _source,
}
_TYPES = tuple(_MAKERS)
_TYPE_WEIGHTS = (30, 40, 10, 14, 5, 1)
_FIRST = ("person",) * 10 + ("source",) * 3
"""So that there is somebody to link to."""
