"""The same digit means other things elsewhere: what the national layout takes it for, and what it refuses."""

import json
import tomllib
from typing import Any

import pytest

from gateway.core.casework.lifecycle import EventType
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import data_folder, shipped_adapters, shipped_code_lists, shipped_forms

ADAPTERS = shipped_adapters()
ADAPTER = ADAPTERS["national"]
FORM = shipped_forms()[DocumentKind.EVENT]
FOLDER = data_folder("adapters") / "national"


def _example(kind, name):
    return json.loads((FOLDER / "examples" / kind / f"{name}.regional.json").read_text())


def _canonical_example(kind, name):
    return json.loads((FOLDER / "examples" / kind / f"{name}.canonical.json").read_text())


def _event(name, **columns):
    return ADAPTER.canonical_of(DocumentKind.EVENT, _example("event", name) | columns).document


def _refusal(kind, document):
    with pytest.raises(InvalidDocumentError) as refused:
        ADAPTER.canonical_of(kind, document)
    return {(fault.pointer, fault.code) for fault in refused.value.faults}


@pytest.mark.parametrize(("digit", "meaning"), [("1", "即办件"), ("2", "承诺件")])
def test_a_project_type_of_1_is_instant_and_2_is_promised_unlike_in_shandong(digit, meaning):
    code_list = json.loads((data_folder("schemas") / "codes" / "project-type.json").read_text())
    titles = {value["code"]: value["titleZh"] for value in code_list["values"]}

    canonical = _event("accepted", PROJECTTYPE=digit)

    assert titles[canonical["acceptance"]["projectType"]] == meaning


def test_a_satisfaction_of_1_is_the_best_and_stays_1_both_ways():
    canonical = _event("rated", SATISFACTION="1")

    assert canonical["rating"]["satisfaction"] == "1"
    assert ADAPTER.to_regional(DocumentKind.EVENT, canonical).document["SATISFACTION"] == "1"


@pytest.mark.parametrize("digit", ["6", "0", "1", "5"])
def test_a_result_of_one_digit_is_refused_because_6_alone_has_three_meanings(digit):
    assert _refusal(DocumentKind.EVENT, _example("event", "decided") | {"RESULTTYPE": digit}) == {
        ("/RESULTTYPE", "code_unmapped")
    }


def test_a_certificate_issued_is_never_taken_for_not_accepted():
    results = {code: _event("decided", RESULTTYPE=code)["decision"]["result"] for code in ("05", "10")}

    assert results == {"05": "not-accepted", "10": "certificate-issued"}


def test_a_necessity_of_2_is_refused_because_it_means_optional_in_one_region_and_tolerated_in_another():
    application = _example("application", "company-online")
    application["UP_PRO_MATERIAL"][0]["ISNEED"] = "2"

    assert _refusal(DocumentKind.APPLICATION, application) == {("/UP_PRO_MATERIAL/0/ISNEED", "code_unmapped")}


@pytest.mark.parametrize(("digit", "canonical"), [("1", "required"), ("0", "optional"), ("3", "tolerated")])
def test_a_necessity_of_0_is_optional_unlike_at_the_vendor_where_it_is_required(digit, canonical):
    application = _example("application", "company-online")
    application["UP_PRO_MATERIAL"][0]["ISNEED"] = digit

    converted = ADAPTER.canonical_of(DocumentKind.APPLICATION, application).document

    assert converted["materials"][0]["necessity"] == canonical


def test_a_scope_of_4_is_cross_county_and_not_designated_places():
    item = _example("service-item", "registration-for-care-elsewhere") | {"HANDLEAREA": "4"}

    assert ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, item).document["scope"] == "cross-county"


def test_a_person_is_1_and_0_is_refused_unlike_in_guangdong():
    application = _example("application", "person-through-a-window")

    assert _canonical_example("application", "person-through-a-window")["applicant"]["type"] == "1"
    assert _refusal(DocumentKind.APPLICATION, application | {"APPLYERTYPE": "0"}) == {("/APPLYERTYPE", "code_unmapped")}


def test_a_legal_person_of_unknown_kind_is_written_and_the_loss_is_named():
    canonical = _canonical_example("application", "company-online")
    canonical["applicant"]["type"] = "legal"

    back = ADAPTER.to_regional(DocumentKind.APPLICATION, canonical)

    assert back.document["APPLYERTYPE"] == "6"
    assert back.losses == ("/applicant/type",)


def test_a_local_item_type_is_read_as_an_extension_and_the_loss_is_named():
    item = _example("service-item", "registration-for-care-elsewhere") | {"TASKTYPE": "13"}

    conversion = ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, item)

    assert conversion.document["type"] == "11"
    assert conversion.losses == ("/TASKTYPE",)


def test_a_table_and_a_type_that_contradict_each_other_are_refused():
    item = _example("service-item", "registration-for-care-elsewhere") | {"TASKTYPE": "02"}

    assert ("/TABLE", "variant_unknown") in _refusal(DocumentKind.SERVICE_ITEM, item)


@pytest.mark.parametrize("event", list(EventType))
def test_every_event_can_be_said_with_nothing_but_what_the_canonical_form_requires(event):
    least = {"type": event.value, "occurredAt": "2026-11-20T10:05:00+08:00", **_LEAST.get(event, {})}

    back = ADAPTER.to_regional(DocumentKind.EVENT, least)
    again = ADAPTER.to_canonical(DocumentKind.EVENT, back.body, back.media_type)

    assert FORM.faults(least) == ()
    assert back.losses == ()
    assert again.document == least


_LEAST: dict[str, dict[str, Any]] = {
    "notice": {"notice": {"items": [{"reason": "未签名"}]}},
    "supplemented": {"supplement": {"complete": True}},
    "refused": {"refusal": {"reason": "不属于本机关职权范围"}},
    "reviewed": {"review": {"stepName": "审核"}},
    "special_procedure_started": {"specialProcedure": {"name": "听证"}},
    "special_procedure_ended": {"specialProcedure": {"name": "听证"}},
    "decided": {"decision": {"result": "granted"}},
    "certificate_issued": {"certificate": {"name": "排污许可证"}},
    "delivered": {"delivery": {"method": "window"}},
    "rated": {"rating": {"satisfaction": "5"}},
    "rectified": {"rectification": {"result": "rectified"}},
}


def test_what_has_no_column_comes_back_out_of_the_extension_field():
    canonical = _canonical_example("application", "person-through-a-window")
    canonical["custody"] = [{"carrier": "中国邮政速递", "trackingNumber": "1234567890123", "contents": ["申请表"]}]
    canonical["materials"][1]["receivedAt"] = "2026-11-20T09:33:00+08:00"

    back = ADAPTER.to_regional(DocumentKind.APPLICATION, canonical)
    again = ADAPTER.to_canonical(DocumentKind.APPLICATION, back.body, back.media_type)

    assert back.losses == ()
    assert again.document == canonical


@pytest.mark.parametrize("layout", list(ADAPTERS))
def test_whatever_another_layout_sends_can_be_handed_over_in_this_one(layout):
    adapter = ADAPTERS[layout]
    folder = data_folder("adapters") / layout / "examples"

    for kind in {DocumentKind.APPLICATION, DocumentKind.EVENT} & set(adapter.kinds):
        for path in sorted((folder / kind).glob("*.canonical.json")):
            canonical = json.loads(path.read_text())
            handed_over = ADAPTER.to_regional(kind, canonical)
            again = ADAPTER.to_canonical(kind, handed_over.body, handed_over.media_type).document
            if not handed_over.losses:
                assert {**again, "extensions": None} == {**canonical, "extensions": None}, path.name


def test_no_code_table_answers_for_a_digit_that_it_does_not_list():
    for path in sorted((FOLDER / "codes").glob("*.toml")):
        table = tomllib.loads(path.read_text())
        listed = {value["regional"] for value in table["values"]}
        assert set(ADAPTER.manifest.codes[path.stem].read) <= listed


def test_every_canonical_code_of_every_list_can_be_said():
    lists = shipped_code_lists()

    for table in ADAPTER.manifest.codes.values():
        assert set(lists[table.code_list]) <= set(table.write), table.name
