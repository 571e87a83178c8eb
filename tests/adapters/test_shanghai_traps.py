"""Where Shanghai's fields do not mean what they seem to, one caller's swapped pair among them: each trap by name."""

import orjson
import pytest

from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters, shipped_forms

ADAPTER = shipped_adapters()["shanghai"]
COMPANY, CREDIT_CODE = "上海启明贸易有限公司", "91310115MA1FL5A17T"
PERSON, RESIDENT_ID = "顾晓萍", "310101199003070029"
APPLICATION = {
    "applyNo": "CSJ002600000000018",
    "itemCode": "312003564000",
    "taskHandleItem": "11310000MB2F30661Y231200356400001",
    "taskCode": "11310000MB2F30661Y2312003564000",
    "itemName": "异地就医登记备案",
    "targetType": "企业",
    "targetName": COMPANY,
    "targetNo": CREDIT_CODE,
    "targetLicenseType": "营业执照",
    "opTime": "2026-03-02 09:30:00",
    "districtCode": "SH00SH",
    "acceptDistrictCode": "340100000000",
    "crossMode": "全程网办",
}


def _application(**fields):
    return ADAPTER.canonical_of(DocumentKind.APPLICATION, APPLICATION | fields)


def _home(canonical):
    return ADAPTER.to_regional(DocumentKind.APPLICATION, canonical).document


def _event(state, **fields):
    document = {"method": "saveApplyProgress", "handleState": state, "opTime": "2026-03-02 09:30:00"} | fields
    return ADAPTER.canonical_of(DocumentKind.EVENT, document)


def _refusal(call, *arguments, **named):
    with pytest.raises(InvalidDocumentError) as caught:
        call(*arguments, **named)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


@pytest.mark.parametrize(("name", "number"), [(COMPANY, CREDIT_CODE), (PERSON, RESIDENT_ID)])
def test_the_caller_that_swaps_name_and_number_is_understood_and_answered_in_order(name, number):
    straight = _application(targetName=name, targetNo=number)
    swapped = _application(targetName=number, targetNo=name)

    assert swapped.document == straight.document
    assert (swapped.document["applicant"]["name"], swapped.document["applicant"]["idNumber"]) == (name, number)
    assert shipped_forms()[DocumentKind.APPLICATION].faults(swapped.document) == ()
    assert (_home(swapped.document)["targetName"], _home(swapped.document)["targetNo"]) == (name, number)


@pytest.mark.parametrize(
    ("name", "number"), [(CREDIT_CODE, RESIDENT_ID), (COMPANY, PERSON), ("E12345678", PERSON), (CREDIT_CODE, "17")]
)
def test_a_pair_that_leaves_a_doubt_stays_as_it_was_sent(name, number):
    applicant = _application(targetName=name, targetNo=number).document["applicant"]

    assert (applicant["name"], applicant["idNumber"]) == (name, number)


@pytest.mark.parametrize(
    ("written", "region"), [("SH00SH", "310000000000"), ("310115000000", "310115000000"), ("310115", "310115000000")]
)
def test_the_division_in_letters_is_the_city_and_any_other_has_digits(written, region):
    canonical = _application(districtCode=written).document

    assert canonical["handlingRegion"] == region
    assert _home(canonical)["districtCode"] == ("SH00SH" if region == "310000000000" else region)


@pytest.mark.parametrize("letters", ["SH00XX", "sh00sh", "SHGASH", "00"])
def test_letters_of_a_division_that_nobody_knows_are_refused(letters):
    assert _refusal(_application, districtCode=letters) == {("/districtCode", "region_unreadable")}


def test_a_department_may_be_said_in_letters_or_by_a_pseudo_code():
    for code in ("SHGASH", "310000999000CL0000"):
        canonical = _application(departCode=code, departName="上海市公安局").document
        assert canonical["authority"] == {"code": code, "name": "上海市公安局"}


@pytest.mark.parametrize(("word", "kind"), [("个人", "1"), ("企业", "2")])
def test_the_kind_of_target_is_a_word(word, kind):
    assert _application(targetType=word).document["applicant"]["type"] == kind


@pytest.mark.parametrize("wrong", ["1", "0", "自然人", "公司"])
def test_a_kind_of_target_that_is_no_word_of_the_list_is_refused(wrong):
    assert _refusal(_application, targetType=wrong) == {("/targetType", "code_unmapped")}


def test_licence_and_mobile_are_those_of_the_user_and_not_of_the_company():
    user = {"username": PERSON, "licenseType": "身份证", "licenseNo": RESIDENT_ID, "mobile": "13900000001"}

    canonical = _application(userId="U17", **user).document

    assert canonical["contact"] == {
        "name": PERSON,
        "idType": "resident-id",
        "idNumber": RESIDENT_ID,
        "phone": "13900000001",
    }
    assert canonical["applicant"]["idType"] == "business-licence"
    assert "phone" not in canonical["applicant"]


def test_the_long_word_for_an_identity_card_is_understood_and_comes_back_as_the_short_one():
    conversion = _application(licenseType="居民身份证")

    assert conversion.losses == ("/licenseType",)
    assert _home(conversion.document)["licenseType"] == "身份证"


def test_the_form_is_an_array_in_a_text_and_the_same_text_again():
    info = '[{"name":"ydjz","title":"异地居住地","value":"合肥市"}]'

    canonical = _application(info=info).document

    assert canonical["form"] == orjson.loads(info)
    assert _home(canonical)["info"] == info


@pytest.mark.parametrize("info", ["{}", "合肥市", '[{"name":1}]', "["])
def test_a_form_that_is_no_array_of_fields_is_refused_at_its_text(info):
    assert {pointer for pointer, _ in _refusal(_application, info=info)} == {"/info"}


@pytest.mark.parametrize("time", ["1772415000000", 1772415000000, "2026-03-02 09:30:00", "2026/03/02 09:30:00"])
def test_an_operation_time_of_13_digits_is_milliseconds(time):
    assert _application(opTime=time).document["appliedAt"] == "2026-03-02T09:30:00+08:00"


def test_materials_uploaded_later_are_a_supplement_and_what_has_no_place_comes_home():
    stuff = {
        "stuffId": "S1",
        "stuffCode": "MATERIAL22D091016",
        "stuffName": "居住证明",
        "stuffStatus": "1",
        "file": "a.pdf",
    }
    upload = {"method": "uploadApplyStuffs", "applyNo": "17", "opTime": "2026-03-02 09:30:00", "stuffs": [stuff, stuff]}

    canonical = ADAPTER.canonical_of(DocumentKind.EVENT, upload).document

    assert canonical["type"] == "supplemented"
    assert canonical["supplement"]["materials"] == [{"material": "居住证明", "materialCode": "MATERIAL22D091016"}] * 2
    assert ADAPTER.to_regional(DocumentKind.EVENT, canonical).document == upload


@pytest.mark.parametrize("state", ["已办", "通过", "补正", ""])
def test_a_state_that_is_no_word_of_the_list_is_refused_and_not_defaulted(state):
    assert _refusal(_event, state) <= {("/handleState", "variant_unknown"), ("/method", "variant_unknown")}
    assert _event("审批中").document["type"] == "reviewed"
