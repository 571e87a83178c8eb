"""The linter's rules: each says kept, broken and not judged where it should, and reads only what it names."""

import pytest

from gateway.core.catalogue.linting import Outcome, Severity
from gateway.core.catalogue.rulebook import RULES
from gateway.resources import shipped_schemas
from tests.core.catalogue.rules_page import PAGE, rules_page

SOON, LATER = {"promisedLimit": {"days": 0, "unit": "immediate"}}, {"promisedLimit": {"days": 5, "unit": "working-day"}}
PHONES = {"consultation": {"phone": "0577-88960000"}, "supervision": {"phone": "0577-88960001"}}
LICENCE, SERVICE = {"type": "01"}, {"type": "20"}


def result(**said):
    return {"results": [said]}


def limited(**said):
    return {"promisedLimit": said}


# For each rule: what keeps it, what breaks it and where, what it cannot judge.
CASES = {
    "WZ-01": (SOON | {"projectType": "1"}, SOON | {"projectType": "2"}, ["/projectType"], SOON),
    "WZ-02": (SOON | {"reviewType": "instant"}, SOON | {"reviewType": "review-then-approve"}, ["/reviewType"], SOON),
    "WZ-03": (LATER | {"projectType": "2"}, LATER | {"projectType": "1"}, ["/projectType"], {"projectType": "2"}),
    "WZ-04": (LATER | {"reviewType": "review-then-approve"}, LATER | {"reviewType": "instant"}, ["/reviewType"], LATER),
    "WZ-05": (
        result(name="食品经营许可证", type="certificate"),
        {"results": [{"name": "公告", "type": "other"}, {"name": "营业证", "type": "document"}]},
        ["/results/1/type"],
        result(name="食品经营许可证"),
    ),
    "WZ-06": (
        result(name="批准文", type="document"),
        result(name="批准文", type="reply"),
        ["/results/0/type"],
        result(name="批准文"),
    ),
    "WZ-07": (
        result(name="立项批复", type="reply"),
        result(name="立项批复", type="document"),
        ["/results/0/type"],
        {},
    ),
    "WZ-08": (
        {"onSiteVisits": 1, "onSiteReason": "须现场核验"},
        {"onSiteVisits": 1, "onSiteReason": "无"},
        ["/onSiteReason"],
        {"onSiteReason": "须现场核验"},
    ),
    "WZ-09": (
        {"onSiteVisits": 0, "onSiteReason": "无"},
        {"onSiteVisits": 0, "onSiteReason": "须现场核验"},
        ["/onSiteReason"],
        {"onSiteVisits": 0},
    ),
    "WZ-10": (
        {"onSiteVisits": 0, "online": False, "handlingForms": ["1", "4"]},
        {"onSiteVisits": 0, "online": False, "handlingForms": ["1"]},
        ["/handlingForms"],
        {"onSiteVisits": 0, "handlingForms": ["1"]},
    ),
    "WZ-11": (
        {"onlineDepth": ["handling", "result-feedback"], "onSiteVisits": 0},
        {"onlineDepth": ["certificate-feedback"], "onSiteVisits": 1},
        ["/onSiteVisits"],
        {"onlineDepth": ["certificate-feedback"]},
    ),
    "WZ-12": ({"charged": True, "fees": [{"basis": "发改价格"}]}, {"charged": True, "fees": [{}]}, ["/feeBasis"], {}),
    "WZ-13": (
        {"charged": True, "onlinePayment": False},
        {"charged": True},
        ["/onlinePayment"],
        {"onlinePayment": True},
    ),
    "WZ-14": ({"charged": True, "fees": [{"name": "工本费"}]}, {"charged": True, "fees": []}, ["/fees"], {"fees": []}),
    "WZ-15": (
        {"charged": False, "onlinePayment": False},
        {"charged": False, "onlinePayment": True},
        ["/onlinePayment"],
        {"charged": False},
    ),
    "WZ-16": (
        PHONES,
        {"consultation": {"phone": "0577-88960000"}, "supervision": {"text": "电话：0577 88960000"}},
        ["/consultation", "/supervision"],
        {"consultation": PHONES["consultation"]},
    ),
    "WZ-17": (
        PHONES,
        {"consultation": {"phone": "（0577）88960000"}, "supervision": {"phone": "88960001"}},
        ["/supervision"],
        {"consultation": {"text": "请到窗口咨询"}},
    ),
    "WZ-18": (
        {"serviceObjects": ["1"], "topics": {"person": ["户籍"]}},
        {"serviceObjects": ["1"], "topics": {"person": ["户籍"], "organisation": ["设立变更"]}},
        ["/topics/organisation"],
        {"serviceObjects": ["1"]},
    ),
    "WZ-19": (LICENCE | {"questions": [{"question": "需要多久？"}]}, LICENCE, ["/questions"], {"type": "00"}),
    "WZ-20": (
        LICENCE | {"flow": {"steps": [{"name": name} for name in ("受理", "审核", "审批", "办结", "送达")]}},
        LICENCE | {"flow": {"steps": [{"name": name} for name in ("受理", "审核", "审批", "办结")]}},
        ["/flow/steps"],
        LICENCE | {"flow": {"description": "受理→办结"}},
    ),
    "WZ-21": (
        result(name="许可证", sample="1.jpg"),
        {"results": [{"name": "许可证", "sample": "1.jpg"}, {"name": "批文"}]},
        ["/results/1/sample"],
        {},
    ),
    "GD-C01": (SERVICE | {"name": "企业备案"}, SERVICE, ["/name"], {"name": "企业备案"}),
    "GD-C02": (
        SERVICE | {"authority": {"name": "民政局"}},
        SERVICE | {"authority": {"code": "1"}},
        ["/authority/name"],
        {},
    ),
    "GD-C03": (SERVICE | {"conditions": "本市户籍"}, SERVICE | {"conditions": ""}, ["/conditions"], {}),
    "GD-C04": (SERVICE | {"materials": []}, SERVICE, ["/materials"], {"materials": []}),
    "GD-C05": (SERVICE | {"flow": {"steps": [{"name": "受理"}]}}, SERVICE | {"flow": {}}, ["/flow/description"], {}),
    "GD-C06": (SERVICE | LATER, SERVICE | limited(explanation="视情况"), ["/promisedLimit/days"], LATER),
    "GD-C07": (SERVICE | {"charged": False}, SERVICE | {"charged": True, "fees": [{}]}, ["/fees"], {"charged": False}),
    "GD-C08": (SERVICE | {"windows": [{}, {"address": "一楼"}]}, SERVICE | {"windows": [{}]}, ["/handlingPlace"], {}),
    "GD-C09": (SERVICE | PHONES, SERVICE | {"consultation": {}}, ["/consultation/phone"], PHONES),
    "GD-C10": (SERVICE | PHONES, SERVICE, ["/supervision/phone"], PHONES),
    "GD-C11": (
        SERVICE | {"onlineDepth": ["handling"]},
        SERVICE | {"onlineDepth": []},
        ["/onlineDepth"],
        {"type": "00"},
    ),
    "GD-C12": (SERVICE | {"handlingTime": "工作日"}, SERVICE, ["/handlingTime"], {}),
    "GD-C13": (SERVICE | {"deliveryMethods": ["courier"]}, SERVICE, ["/deliveryMethods"], {}),
    "GD-C14": (
        SERVICE | {"materials": [{"name": "身份证"}, {"name": "申请表", "blankForm": "1.doc"}]},
        SERVICE | {"materials": [{"name": "申请表"}]},
        ["/materials"],
        SERVICE,
    ),
    "GD-E01": (
        SERVICE | result(type="proof", sample="1.jpg"),
        SERVICE | result(type="proof"),
        ["/results"],
        SERVICE,
    ),
    "GD-E02": (SERVICE | {"scope": "none"}, SERVICE, ["/scope"], {"scope": "none"}),
    "GD-E03": (SERVICE | {"appointment": False}, SERVICE, ["/appointment"], {}),
    "GD-E04": (SERVICE | {"onlinePayment": True}, SERVICE | {"charged": True}, ["/onlinePayment"], {}),
    "GD-E05": (SERVICE | {"courier": True}, SERVICE, ["/courier"], {"courier": True}),
    "GD-E06": (SERVICE | {"intermediaryServices": []}, SERVICE, ["/intermediaryServices"], {}),
}

NOT_CONCERNED = {
    "WZ-01": LATER | {"projectType": "2"},
    "WZ-02": LATER,
    "WZ-03": SOON | {"projectType": "2"},
    "WZ-04": SOON,
    "WZ-05": result(name="批复", type="reply"),
    "WZ-06": {"results": []},
    "WZ-07": result(type="reply"),
    "WZ-08": {"onSiteVisits": 0},
    "WZ-09": {"onSiteVisits": 2, "onSiteReason": "须现场核验"},
    "WZ-10": {"online": True, "handlingForms": ["1"]},
    "WZ-11": {"onlineDepth": ["consultation"], "onSiteVisits": 3},
    "WZ-12": {"charged": False},
    "WZ-15": {"charged": True, "onlinePayment": True},
    "WZ-19": {"type": "07"},
    "WZ-20": {"type": "07", "flow": {"steps": []}},
    "WZ-21": result(type="none"),
    "GD-C01": {"type": "02"},
    "GD-C14": SERVICE | {"materials": []},
    "GD-E01": SERVICE | result(type="none"),
    "GD-E04": SERVICE | {"charged": False},
}

KEPT_TOO = {
    "WZ-01": limited(days=0) | {"projectType": "1"},
    "WZ-02": limited(unit="immediate") | {"reviewType": "instant"},
    "WZ-16": {"consultation": {"phone": "0577-88960000"}, "supervision": {"phone": "12345"}},
    "WZ-17": {"consultation": {"phone": "12345"}, "supervision": {"text": "88960001、400-820-0000"}},
    "WZ-18": {"serviceObjects": ["1", "2"], "topics": {"personLocal": ["户籍"], "organisation": ["设立变更"]}},
    "GD-C07": SERVICE | {"charged": True, "fees": [{}, {"amountFen": 1000}]},
}

BROKEN_TOO = {
    "WZ-03": (LATER | {"projectType": "9"}, ["/projectType"]),
    "WZ-08": ({"onSiteVisits": 2}, ["/onSiteReason"]),
    "WZ-18": ({"serviceObjects": ["2"], "topics": {"person": ["户籍"]}}, ["/topics/person", "/topics/organisation"]),
    "GD-C07": (SERVICE, ["/fees"]),
}


def judged(rule, document):
    judgement = RULES[rule].judge(document)
    return judgement.outcome, list(judgement.pointers)


def test_every_rule_has_its_cases():
    assert CASES.keys() == RULES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_an_item_that_keeps_the_rule_is_said_to_keep_it(rule):
    assert judged(rule, CASES[rule][0]) == (Outcome.KEPT, [])


@pytest.mark.parametrize("rule", CASES)
def test_an_item_that_breaks_the_rule_is_told_where(rule):
    _, broken, pointers, _ = CASES[rule]

    assert judged(rule, broken) == (Outcome.BROKEN, pointers)


@pytest.mark.parametrize("rule", CASES)
def test_an_item_without_a_field_that_the_rule_needs_is_not_judged(rule):
    assert judged(rule, CASES[rule][3]) == (Outcome.NOT_JUDGED, [])


@pytest.mark.parametrize(("rule", "document"), NOT_CONCERNED.items())
def test_a_rule_says_nothing_of_items_that_it_is_not_about(rule, document):
    assert judged(rule, document) == (Outcome.NOT_CONCERNED, [])


@pytest.mark.parametrize(("rule", "document"), KEPT_TOO.items())
def test_a_rule_can_be_kept_in_another_way(rule, document):
    assert judged(rule, document) == (Outcome.KEPT, [])


@pytest.mark.parametrize(("rule", "document", "pointers"), [(rule, *case) for rule, case in BROKEN_TOO.items()])
def test_a_rule_can_be_broken_in_another_way(rule, document, pointers):
    assert judged(rule, document) == (Outcome.BROKEN, pointers)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_reads_nothing_but_what_it_names(rule):
    documents = [*CASES[rule][:2], CASES[rule][3], NOT_CONCERNED.get(rule, {}), KEPT_TOO.get(rule, {})]

    judgements = [judged(rule, document) for document in documents]

    assert [judged(rule, only(document, RULES[rule].reads)) for document in documents] == judgements
    assert [judged(rule, everything_but(document, RULES[rule].reads)) for document in documents] == judgements


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_what_a_rule_reads_is_a_canonical_field(rule):
    assert [pointer for pointer in rule.reads if field(pointer) is None] == []


def test_the_page_of_rules_is_the_rules():
    assert PAGE.read_text("utf-8") == rules_page(), "run `python -m tests.core.catalogue.rules_page`"


def test_there_are_the_rules_that_were_promised():
    kinds = [rule.rpartition("-")[0] + rule[-3:].rstrip("0123456789") for rule in RULES]

    assert (kinds.count("WZ-"), kinds.count("GDC"), kinds.count("GDE")) == (21, 14, 6)
    assert {RULES[rule].severity for rule in RULES if rule.startswith("GD-C")} == {Severity.ERROR}
    assert {RULES[rule].severity for rule in RULES if rule.startswith("GD-E")} == {Severity.WARNING}


def only(document, pointers):
    """Return what of a document stands at the pointers; arrays keep their length."""
    paths = [pointer[1:].split("/") for pointer in pointers]
    return _only(document, paths)


def _only(value, paths):
    if [] in paths:
        return value
    if isinstance(value, list):
        inner = [path[1:] for path in paths if path[0] == "*"]
        return [_only(each, inner) for each in value]
    heads = {path[0] for path in paths}
    below = {head: [path[1:] for path in paths if path[0] == head] for head in heads}
    if not isinstance(value, dict):
        return value
    return {name: _only(each, below[name]) for name, each in value.items() if name in heads}


def everything_but(document, pointers):
    """Return the document with every other field filled with something strange."""
    read = {pointer.split("/")[1] for pointer in pointers}
    others = {name: "strange" for name in shipped_schemas()["service-item"]["properties"] if name not in read}
    return others | document


def field(pointer):
    """Return the schema of a canonical field, or None."""
    schemas = shipped_schemas()
    here = schemas["service-item"]
    for part in pointer[1:].split("/"):
        here = here["items"] if part == "*" else here.get("properties", {}).get(part)
        if here is None:
            return None
        if "$ref" in here and here["$ref"].startswith("defs#"):
            here = here | schemas["defs"]["$defs"][here["$ref"].rpartition("/")[2]]
    return here
