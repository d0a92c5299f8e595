"""The closed lists hold all that the field needs: how many terms, which words of law, which numbers.

The tables are taken from the statutes, from the report whose risks, actions and kinds of fact the
lists follow, and from the HURIDOCS micro-thesauri, of which numbers alone are in here.
"""

import re

import pytest

from fielddoc.domain.record_types import ENTRIES
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.resources import resource

NAMES = sorted(path.stem for path in resource("vocabularies").glob("*.toml"))

# Code, and the words of law or of the field that its simplified and its traditional label hold.
STAGES = """
tea 喝茶 喝茶
warning 训诫 訓誡
summons 传唤 傳喚
compelled-appearance 拘传 拘傳
search 搜查 搜查
seizure 扣押 扣押
administrative-detention 行政拘留 行政拘留
judicial-detention 司法拘留 司法拘留
criminal-detention 刑事拘留 刑事拘留
residential-surveillance 监视居住 監視居住
rsdl 指定居所监视居住 指定居所監視居住
bail 取保候审 取保候審
formal-arrest 逮捕 逮捕
investigation-detention 侦查羁押 偵查羈押
sent-for-prosecution 移送审查起诉 移送審查起訴
supplementary-investigation 退回补充侦查 退回補充偵查
indictment 提起公诉 提起公訴
not-prosecuted 不起诉 不起訴
pre-trial-conference 庭前会议 庭前會議
trial 开庭审理 開庭審理
recusal-requested 申请回避 申請迴避
exclusion-requested 申请排除非法证据 申請排除非法證據
verdict 宣判 宣判
appeal 上诉 上訴
retrial-petition 申诉、再审 申訴、再審
prison 服刑 服刑
commutation 减刑 減刑
parole 假释 假釋
medical-parole 保外就医、暂予监外执行 保外就醫、暫予監外執行
deprivation-of-political-rights 剥夺政治权利 剝奪政治權利
release 释放 釋放
retention 留置 留置
protective-custody 管护 管護
compelled-attendance 强制到案 強制到案
house-arrest 软禁 軟禁
forced-travel 被旅游 被旅遊
black-jail 黑监狱 黑監獄
legal-education 法制学习班 法制學習班
vocational-training 职业技能教育培训中心 職業技能教育培訓中心
psychiatric-commitment 强制医疗、被精神病 強制醫療、被精神病
interception 截访、遣返 截訪、遣返
disappearance 失踪 失蹤
exit-ban 限制出境 限制出境
passport-withheld 护照 護照
licence-measure 律师执业证 律師執業證
eviction 逼迁 逼遷
community-correction 社区矫正 社區矯正
death-in-custody 羁押期间死亡 羈押期間死亡
"""
PEOPLE = """
victim 受害人 受害人
relative 亲属 親屬
family-lawyer 家属委托律师 家屬委託律師
government-lawyer 官派律师 官派律師
legal-aid-lawyer 法律援助律师 法律援助律師
case-officer 办案人 辦案人
prosecutor 公诉人 公訴人
presiding-judge 审判长 審判長
guard 管教 管教
cellmate 同监室人员 同監室人員
"""
PLACES = """
police-station 派出所 派出所
detention-centre 看守所 看守所
lock-up 拘留所 拘留所
prison 监狱 監獄
designated-location 指定居所 指定居所
retention-centre 留置场所 留置場所
drug-detoxification-centre 强制隔离戒毒所 強制隔離戒毒所
psychiatric-hospital 精神病院 精神病院
ankang-hospital 安康医院 安康醫院
hotel 宾馆 賓館
training-centre 培训中心 培訓中心
"""
AGENCIES = """
public-security-bureau 公安局 公安局
domestic-security 国保 國保
state-security 国家安全局 國家安全局
cyberspace-administration 网信办 網信辦
cyber-police 网警 網警
procuratorate 检察院 檢察院
court 法院 法院
justice-bureau 司法局 司法局
subdistrict-office 街道办 街道辦
residents-committee 居民委员会 居民委員會
petitions-bureau 信访局 信訪局
political-legal-commission 政法委 政法委
supervision-commission 监察委 監察委
employer 单位 單位
school 学校 學校
"""
ACTIONS = """
sharing-information public-attention case-report exposing-misconduct street-protest legal-support
collective-action coordination demands connecting-helpers training family-visit public-interest-work
all-redress persisting courage information-request administrative-review administrative-lawsuit
complaint election lawyer-request medical-parole-request attending-trial firewall
international-mechanism petition letters
"""


@pytest.mark.parametrize(
    ("name", "table", "count"),
    [
        ("entry-kinds", STAGES, 45),
        ("roles", PEOPLE, 10),
        ("facilities", PLACES, 11),
        ("agencies", AGENCIES, 15),
    ],
    ids=["stages", "people", "places", "agencies"],
)
def test_every_stage_person_place_and_agency_has_its_words_in_both_scripts(
    name: str, table: str, count: int
) -> None:
    rows = [line.split() for line in table.split("\n") if line]
    assert len({code for code, _, _ in rows}) == len(rows) >= count
    for code, simplified, traditional in rows:
        assert code in vocabulary(name)
        assert simplified in vocabulary(name).label(code, "zh_CN"), code
        assert traditional in vocabulary(name).label(code, "zh_TW"), code


def test_every_action_is_there() -> None:
    codes = ACTIONS.split()

    assert {*codes, "other"} == {term.code for term in vocabulary("action-kinds").terms}
    assert len(codes) == 28


# What kinds of fact a report tells of a detention, and how each is entered: a kind of entry, and
# the field of the entry that holds what is particular to it.
FACTS = {
    "taken away by police": ("taken-away", "agency_kind"),
    "formal arrest": ("formal-arrest", "charges"),
    "detention centre named, or its city only, or unknown": ("held", "facility"),
    "trial held": ("trial", "date"),
    "no verdict as of": ("no-verdict", "as_of"),
    "conviction and sentence": ("sentence", "sentence"),
    "case transferred to a court": ("transferred-to-court", "court"),
    "charges with verbatim quotes": ("charge", "as_reported"),
    "motive of retaliation": ("motive", "text"),
    "conditions of health, onset and when known": ("health", "known"),
    "medical care denied": ("medical-care-denied", "text"),
    "conditions of detention": ("conditions", "text"),
    "torture": ("torture", "text"),
    "hunger strike": ("hunger-strike", "date"),
    "visit of a lawyer": ("lawyer-visit", "date"),
    "lawyer prevented": ("lawyer-prevented", "legal_basis"),
    "secrecy pledge": ("secrecy-pledge", "persons"),
    "lawyer dismissed, another forced": ("lawyer-dismissed", "text"),
    "lawyer may not share details": ("lawyer-silenced", "text"),
    "exclusion of evidence or recusal refused": ("exclusion-refused", "text"),
    "evidence used": ("evidence-used", "text"),
    "family kept from the trial": ("family-kept-out", "text"),
    "family not notified": ("family-not-notified", "as_of"),
    "family denied visits": ("family-denied-visits", "text"),
    "letters": ("letters", "text"),
    "statements of the detainee": ("statement", "as_reported"),
    "opinion of a UN body": ("un-opinion", "authority"),
    "disappearance, proof of life demanded": ("proof-of-life-demanded", "date"),
    "harm to relatives": ("harm-to-family", "text"),
    "video recorded beforehand": ("statement", "known"),
    "collective event": ("collective-event", "text"),
    "an earlier detention": ("earlier-detention", "related"),
    "duration as told": ("duration", "date_words"),
    "absence of news": ("no-news", "checked"),
    "refusal to plead guilty": ("refused-to-plead", "text"),
    "the person's work": ("human-rights-work", "text"),
    "relation to other defenders": ("relation-to-others", "related"),
}


@pytest.mark.parametrize("fact", FACTS)
def test_every_kind_of_fact_is_an_entry_with_date_source_and_state_of_knowledge(fact: str) -> None:
    code, own_field = FACTS[fact]
    fields = {field.name for field in ENTRIES.fields}

    assert len(FACTS) == 37
    assert code in vocabulary("entry-kinds")
    assert {own_field, "date", "known", "as_of", "sources", "reliability"} <= fields


# What a person in custody, or the person's lawyer, is made to say or sign.
COERCED_ACTS = """
secrecy-pledge 保密承诺书 保密承諾書
written-guarantee 保证书 保證書
written-repentance 悔过书 悔過書
televised-confession 电视认罪 電視認罪
plea-for-leniency 认罪认罚 認罪認罰
lawyer-dismissed 解聘 解聘
"""


@pytest.mark.parametrize("line", COERCED_ACTS.split("\n")[1:-1])
def test_every_coerced_act_is_an_entry_in_both_scripts(line: str) -> None:
    code, simplified, traditional = line.split()

    assert simplified in vocabulary("entry-kinds").label(code, "zh_CN")
    assert traditional in vocabulary("entry-kinds").label(code, "zh_TW")


# The articles of the Criminal Law under which defenders are charged, and how many crimes each has.
ARTICLES = {
    "102": 1, "103(1)": 1, "103(2)": 1, "105(1)": 1, "105(2)": 1, "106": 1, "107": 1, "109": 1,
    "110": 1, "111": 1, "120": 1, "120-3": 1, "120-5": 1, "120-6": 1, "176": 1, "201": 1, "225": 1,
    "246": 2, "249": 1, "253-1": 1, "266": 1, "274": 1, "276": 1, "277(1)": 1, "277(5)": 1,
    "278": 1, "282": 1, "282(2)": 1, "285(3)": 1, "286-1": 1, "287-1": 1, "290(1)": 1, "290(2)": 1,
    "290(3)": 1, "290(4)": 1, "291": 2, "291-1(2)": 1, "293": 1, "296": 1, "299-1": 1, "300": 1,
    "306": 1, "307-1": 1, "309": 1, "312": 1, "318": 1, "322": 1, "363": 1, "398": 1,
}  # fmt: skip
OTHER_LAWS = {
    "Public Security Penalties Law (2012)": ("23", "25", "26", "29", "42", "47", "50", "54"),
    "Hong Kong National Security Law (2020)": ("20 and 21", "22 and 23", "24 to 28", "29 and 30"),
}  # fmt: skip


def test_every_article_has_its_charges_and_every_charge_its_article() -> None:
    found: dict[str, int] = {}
    others: dict[str, list[str]] = {}
    for term in vocabulary("charges").terms:
        if term.code == "other":
            continue
        match = re.match(r"(.+?) art\. ([0-9()-]+(?: (?:and|to) [0-9]+)?)", term.note)
        assert match, term.code
        if match[1] == "Criminal Law":
            found[match[2]] = found.get(match[2], 0) + 1
        else:
            others.setdefault(match[1], []).append(match[2])

    assert found == ARTICLES
    assert sum(found.values()) >= 40
    assert {law: tuple(articles) for law, articles in others.items()} == OTHER_LAWS


# --- the crosswalk -------------------------------------------------------------------------------

# Each risk of the report with the number of the nearest act; five have none.
RISKS = {
    "harassment": "MT04 020103",
    "beating": "MT04 020101",
    "detention": "MT04 030102",
    "medical-denial": "MT04 36010204",
    "surveillance": "MT04 02010303",
    "followed": "MT04 02010304",
    "licence": None,
    "warning": "MT04 0201030101",
    "tea": None,
    "employer": None,
    "exit-ban": "MT04 050106",
    "secret-trial": "MT04 350115",
    "torture": "MT04 02011111",
    "disappearance": "MT04 030103",
    "reporting": None,
    "eviction": "MT04 050103",
    "smear": "MT04 140101",
}
NUMBERS = {
    "entry-kinds": {
        "search": "MT04 040101",
        "house-arrest": "MT04 030105",
        "exit-ban": "MT04 050106",
        "eviction": "MT04 050103",
        "formal-arrest": "MT04 030101",
        "criminal-detention": "MT04 030102",
        "disappearance": "MT04 030103",
        "torture": "MT04 02011111",
        "medical-care-denied": "MT04 36010204",
        "death-in-custody": "MT04 01010601",
        "lawyer-prevented": "MT04 350113",
    },
    "roles": {
        "alleged-perpetrator": "MT18 0106",
        "ordered": "MT18 0102",
        "government-lawyer": "MT31 51",
    },
    "facilities": {
        "detention-centre": "MT05 0201",
        "psychiatric-hospital": "MT05 0204",
        "black-jail": "MT05 0206",
        "home": "MT05 0207",
    },
    "agencies": {
        "public-security-bureau": "MT24 010104",
        "detention-centre": "MT24 010105",
        "state-security": "MT24 010106",
        "court": "MT24 0103",
        "employer": "MT24 110301",
    },
    "action-kinds": {
        "legal-support": "MT20 0102",
        "public-attention": "MT20 0104",
    },
    "source-connections": {
        "victim": "MT19 0101",
        "witness": "MT19 0102",
        "relative": "MT19 020101",
        "colleague": "MT19 020102",
        "journalist": "MT19 0301",
        "lawyer": "MT19 0401",
    },
    "source-kinds": {},
    "reliability": {
        "confirmed": "MT42 01",
        "unknown": "MT42 99",
    },
    "incident-status": {
        "verified": "MT41 0101",
    },
    "reply-outcomes": {
        "granted": "MT27 01",
        "no-reply": "MT27 06",
    },
}
# Lists of which the table names every term that has a number: a wrong number is worse than none.
WHOLE = (
    "action-kinds",
    "source-connections",
    "source-kinds",
    "reliability",
    "incident-status",
    "reply-outcomes",
    "roles",
)


def test_the_seventeen_risks_have_the_numbers_of_the_acts_that_are_nearest() -> None:
    assert {term.code: term.huridocs for term in vocabulary("risk-kinds").terms} == RISKS
    assert len(RISKS) == 17


@pytest.mark.parametrize("name", NUMBERS)
def test_terms_have_the_numbers_of_their_lists(name: str) -> None:
    terms = vocabulary(name)

    assert {code: (term := terms.term(code)) and term.huridocs for code in NUMBERS[name]} == (
        NUMBERS[name]
    )


@pytest.mark.parametrize("name", WHOLE)
def test_a_term_for_which_no_number_fits_has_none(name: str) -> None:
    numbers = {term.code: term.huridocs for term in vocabulary(name).terms if term.huridocs}

    assert numbers == NUMBERS[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_term_has_a_code_and_its_words_in_three_scripts(name: str) -> None:
    for term in vocabulary(name).terms:
        texts = (term.code, term.en, term.zh_hans, term.zh_hant)
        assert all(text == text.strip() != "" for text in texts), term.code
        assert all(re.search("[\u4e00-\u9fff]", text) for text in texts[2:]), term.code
