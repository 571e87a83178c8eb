"""Where Zhejiang's columns and words do not mean what they seem to: each known trap by name."""

import orjson
import pytest

from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters

ADAPTER = shipped_adapters()["zhejiang"]
ITEM = {"QL_NAME": "事项", "QL_KIND": "20", "AREA_CODE": "330382", "QL_INNER_CODE": "17"}
APPLICATION = {
    "applyname": "林晓雯",
    "applytype": "自然人",
    "applycardtype": "居民身份证",
    "applycardnumber": "330382199003070027",
    "servicename": "人防工程竣工验收许可",
    "ql_inner_code": "17",
    "apply_time": "2014-08-19 09:10:00",
    "handle_areacode": "330382",
    "accept_areacode": "310000",
    "cross_mode": "全程网办",
}
SECRET = "713905"


def _item(**columns):
    return ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, ITEM | columns)


def _application(**columns):
    return ADAPTER.canonical_of(DocumentKind.APPLICATION, APPLICATION | columns)


def _event(state, **columns):
    return ADAPTER.canonical_of(
        DocumentKind.EVENT, {"handlestate": state, "handle_time": "2026-03-02 09:30:00"} | columns
    )


def _refusal(call, *arguments, **named):
    with pytest.raises(InvalidDocumentError) as caught:
        call(*arguments, **named)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


@pytest.mark.parametrize(("digit", "project_type"), [("1", "2"), ("2", "1"), ("3", "9"), ("4", "9"), ("5", "9")])
def test_bjtype_2_is_instant_and_not_promised(digit, project_type):
    conversion = _item(BJTYPE=digit)

    assert conversion.document["projectType"] == project_type
    # 联办, 初审 and 转报 are all "other" to the standard; what would come back as 联办 is told.
    assert conversion.losses == (("/BJTYPE",) if digit in "45" else ())


@pytest.mark.parametrize(("word", "project_type"), [("承诺件", "2"), ("即办件", "1")])
def test_servicetype_says_in_words_what_bjtype_says_in_digits(word, project_type):
    assert _application(servicetype=word).document["projectType"] == project_type


@pytest.mark.parametrize("wrong", ["2", "承诺", "即办", "上报件"])
def test_a_servicetype_that_is_no_word_of_the_list_is_refused(wrong):
    assert _refusal(_application, servicetype=wrong) == {("/servicetype", "code_unmapped")}


@pytest.mark.parametrize(("digit", "status"), [("1", "in-use"), ("2", "suspended"), ("3", "cancelled")])
def test_ql_state_has_three_values_and_no_draft(digit, status):
    assert _item(QL_STATE=digit).document["status"] == status
    assert _refusal(_item, QL_STATE="4") == {("/QL_STATE", "code_unmapped")}

    draft = _item().document | {"status": "draft"}
    assert _refusal(ADAPTER.to_regional, DocumentKind.SERVICE_ITEM, draft) == {("/status", "code_unmapped")}


@pytest.mark.parametrize(("digit", "necessity"), [("1", "required"), ("2", "optional"), ("3", "tolerated")])
def test_necessity_2_is_not_required_and_3_may_follow_later(digit, necessity):
    materials = orjson.dumps([{"MATERIAL_NAME": "身份证", "NECESSITY": digit}]).decode()

    assert _item(MATERIAL_INFO=materials).document["materials"] == [{"name": "身份证", "necessity": necessity}]


def test_necessity_0_does_not_exist_and_is_refused_at_the_column_that_holds_the_table():
    materials = orjson.dumps([{"MATERIAL_NAME": "身份证", "NECESSITY": "0"}]).decode()

    assert _refusal(_item, MATERIAL_INFO=materials) == {("/MATERIAL_INFO", "code_unmapped")}


@pytest.mark.parametrize("text", ["材料见附件", '{"MATERIAL_NAME":"身份证"}', '[{"MATERIAL_NAME":1.5}]'])
def test_a_material_column_that_holds_no_table_is_refused(text):
    assert {pointer for pointer, _ in _refusal(_item, MATERIAL_INFO=text)} == {"/MATERIAL_INFO"}


def test_what_no_row_knows_inside_the_material_column_comes_home_inside_it():
    materials = orjson.dumps([{"MATERIAL_NAME": "甲"}, {"MATERIAL_NAME": "乙", "LOCAL_KIND": "自有"}]).decode()

    canonical = _item(MATERIAL_INFO=materials).document

    assert canonical["extensions"] == {"zhejiang": {"/MATERIAL_INFO/1/LOCAL_KIND": "自有"}}
    assert ADAPTER.to_regional(DocumentKind.SERVICE_ITEM, canonical).document["MATERIAL_INFO"] == materials


def test_service_objects_are_joined_with_a_caret_and_read_with_other_separators_too():
    canonical = _item(XINGZHENXDRXZ="1^2,6").document

    assert canonical["serviceObjects"] == ["1", "2", "6"]
    assert ADAPTER.to_regional(DocumentKind.SERVICE_ITEM, canonical).document["XINGZHENXDRXZ"] == "1^2^6"


@pytest.mark.parametrize("time", ["1408410600000", "2014-08-19 09:10:00", "20140819091000", "2014/08/19 09:10:00"])
def test_a_time_of_13_digits_is_milliseconds(time):
    assert _application(apply_time=time).document["appliedAt"] == "2014-08-19T09:10:00+08:00"


def test_a_query_password_goes_no_further():
    conversion = _application(projpwd=SECRET)

    assert SECRET not in conversion.body.decode()
    assert conversion.losses == ("/projpwd",)


def test_a_query_password_from_elsewhere_is_not_handed_in():
    canonical = _application().document
    canonical["caseNumbers"] = {"collecting": "17", "queryPassword": SECRET}
    accepted = {
        "type": "accepted",
        "occurredAt": "2026-03-02T09:30:00+08:00",
        "acceptance": {"queryPassword": SECRET},
    }

    application = ADAPTER.to_regional(DocumentKind.APPLICATION, canonical)
    event = ADAPTER.to_regional(DocumentKind.EVENT, accepted)

    assert SECRET not in (application.body + event.body).decode()
    assert (application.losses, event.losses) == (("/caseNumbers/queryPassword",), ("/acceptance/queryPassword",))


def test_accept_time_is_when_an_acceptance_occurred_and_when_an_application_was_taken_in():
    event = ADAPTER.canonical_of(DocumentKind.EVENT, {"handlestate": "受理", "accept_time": "2014-08-19 09:12:00"})
    application = _application(accept_time="2014-08-19 09:12:00")

    assert event.document == {"type": "accepted", "occurredAt": "2014-08-19T09:12:00+08:00"}
    assert application.document["collectedAt"] == "2014-08-19T09:12:00+08:00"
    assert ADAPTER.to_regional(DocumentKind.EVENT, event.document).document["accept_time"] == "2014-08-19 09:12:00"


@pytest.mark.parametrize("state", ["已办", "12", "办理中", ""])
def test_a_state_that_is_no_word_of_the_list_is_refused_and_not_taken_for_in_hand(state):
    assert {code for _, code in _refusal(_event, state)} <= {"variant_unknown", "format_schema", "required_missing"}
    assert _event("在办", step_step="审核").document["review"] == {"step": "review"}


def test_the_short_word_for_an_identity_card_is_understood_and_comes_back_as_the_long_one():
    conversion = _application(applycardtype="身份证")

    assert conversion.document["applicant"]["idType"] == "resident-id"
    assert conversion.losses == ("/applycardtype",)
    written = ADAPTER.to_regional(DocumentKind.APPLICATION, conversion.document).document
    assert written["applycardtype"] == "居民身份证"
