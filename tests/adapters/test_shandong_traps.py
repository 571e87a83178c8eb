"""Where Shandong's codes and columns do not mean what they seem to: each known trap by name."""

import orjson
import pytest

from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters

ADAPTER = shipped_adapters()["shandong"]
ITEM = {"NAME": "事项", "CODE": "11370800MB285591843370117002011", "ITEM_TYPE": "20", "AREA_CODE": "370811"}
EVENT = {"OPERATEDATE": "2026-03-02 09:30:00", "FLOWSN": "17"}


def _item(**columns):
    document = {"ItemInfo": [ITEM | {name: value for name, value in columns.items() if name.isupper()}]}
    document |= {name: value for name, value in columns.items() if not name.isupper()}
    return ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, document)


def _event(status, action="", **parts):
    info = EVENT | {"STATUS": status} | ({"ACTION": action} if action else {})
    return ADAPTER.canonical_of(DocumentKind.EVENT, {"EventInfo": [info], **parts}).document


def _refusal(call, *arguments, **named):
    with pytest.raises(InvalidDocumentError) as caught:
        call(*arguments, **named)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


@pytest.mark.parametrize(("assort", "project_type"), [("1", "2"), ("2", "1"), ("3", "9"), ("4", "9")])
def test_assort_2_is_instant_and_not_promised(assort, project_type):
    conversion = _item(ASSORT=assort)

    assert conversion.document["projectType"] == project_type
    # 上报 and 联办 are both "other" to the standard; 联办 would come back as 上报, and that is told.
    assert conversion.losses == (("/ItemInfo/0/ASSORT",) if assort == "4" else ())


def test_an_unknown_assort_is_refused_and_not_taken_for_promised():
    assert _refusal(_item, ASSORT="5") == {("/ItemInfo/0/ASSORT", "code_unmapped")}


@pytest.mark.parametrize(
    ("digit", "scope"), [("0", "none"), ("1", "national"), ("2", "cross-province"), ("3", "cross-city")]
)
def test_cross_scope_1_is_the_country_and_not_the_province(digit, scope):
    assert _item(CROSS_SCOPE=digit).document["scope"] == scope


@pytest.mark.parametrize(("must", "necessity"), [("0", "optional"), ("1", "required"), ("2", "tolerated")])
def test_must_2_may_follow_later(must, necessity):
    (material,) = _item(material=[{"NAME": "身份证", "MUST": must}]).document["materials"]

    assert material["necessity"] == necessity


def test_consult_email_holds_the_telephone_of_supervision():
    canonical = _item(CONSULT_PHONE="0537-1", CONSULT_EMAIL="0537-2").document

    assert canonical["consultation"] == {"phone": "0537-1"}
    assert canonical["supervision"] == {"phone": "0537-2"}


@pytest.mark.parametrize(("digit", "online"), [("0", False), ("2", True), ("3", True)])
def test_is_online_2_and_3_are_both_online_and_only_2_loses_something(digit, online):
    conversion = _item(IS_ONLINE=digit)

    assert conversion.document["online"] is online
    assert conversion.losses == (("/ItemInfo/0/IS_ONLINE",) if digit == "2" else ())


def test_is_online_1_does_not_exist_and_is_refused():
    assert {pointer for pointer, _ in _refusal(_item, IS_ONLINE="1")} == {"/ItemInfo/0/IS_ONLINE"}


def test_several_conditions_are_lines_of_one_text_and_several_again():
    conditions = [{"NAME": "材料齐全"}, {"NAME": "符合法定形式"}]
    canonical = _item(condition=conditions).document

    home = ADAPTER.to_regional(DocumentKind.SERVICE_ITEM, canonical)

    assert canonical["conditions"] == "材料齐全\n符合法定形式"
    assert "extensions" not in canonical
    assert orjson.loads(home.body)["condition"] == conditions


@pytest.mark.parametrize(("stars", "satisfaction"), [("5", "1"), ("4", "2"), ("3", "3"), ("2", "4"), ("1", "5")])
def test_five_stars_are_the_best_and_one_is_the_worst(stars, satisfaction):
    canonical = _event("10", "4", rating=[{"STARS": stars}])

    assert canonical["rating"]["satisfaction"] == satisfaction
    assert orjson.loads(ADAPTER.to_regional(DocumentKind.EVENT, canonical).body)["rating"] == [{"STARS": stars}]


def test_six_stars_are_refused():
    assert _refusal(_event, "10", "4", rating=[{"STARS": "6"}]) == {("/rating/0/STARS", "code_unmapped")}


@pytest.mark.parametrize(("result", "meaning"), [("0", "certificate-issued"), ("6", "granted"), ("7", "denied")])
def test_banjieresult_6_is_a_grant_here(result, meaning):
    assert _event("10", "1", result=[{"BANJIERESULT": result}])["decision"]["result"] == meaning


@pytest.mark.parametrize(("status", "event"), [("02", "collected"), ("05", "accepted"), ("07", "refused")])
def test_a_status_that_says_all_needs_no_action(status, event):
    assert _event(status)["type"] == event


@pytest.mark.parametrize(("status", "action"), [("06", ""), ("10", ""), ("10", "7"), ("14", ""), ("7", "")])
def test_a_status_that_does_not_tell_the_event_is_refused_and_not_defaulted(status, action):
    assert "/EventInfo/0/STATUS" in {pointer for pointer, _ in _refusal(_event, status, action)}


@pytest.mark.parametrize("kept", ["household-register", "unified-social-credit-code"])
def test_a_document_type_that_the_list_lacks_goes_out_as_another_one_and_that_is_told(kept):
    canonical = {
        "item": {"implementationCode": ITEM["CODE"], "name": "事项"},
        "collectingRegion": "440118000000",
        "handlingRegion": "370811000000",
        "mode": "proxy",
        "applicant": {"type": "1", "name": "陈小满", "idType": kept, "idNumber": "17"},
        "appliedAt": "2026-03-02T09:30:00+08:00",
    }

    conversion = ADAPTER.to_regional(DocumentKind.APPLICATION, canonical)

    assert conversion.losses == ("/applicant/idType",)
    assert conversion.document["applicant"][0]["CERTTYPE"] in ("49", "79")
