"""Where the columns and digits of the Epoint system do not mean what they seem to: each known trap by name."""

import pytest

from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters

ADAPTER = shipped_adapters()["epoint"]
TASK = {"item_id": "11320381MB1720381X4320117002011", "taskname": "事项", "shenpilb": "20", "areacode": "320381"}


def _item(extension=None, **parts):
    task = TASK | {name: value for name, value in parts.items() if not name.startswith("Audit")}
    arrays = {name: value for name, value in parts.items() if name.startswith("Audit")}
    document = {"AuditTask": task, "AuditTaskExtension": extension or {}} | arrays
    return ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, document)


def _event(status, **columns):
    project = {"flowsn": "17", "status": status, "operatedate": "2026-03-02 09:30:00"} | columns
    return ADAPTER.canonical_of(DocumentKind.EVENT, {"AuditProject": project})


def _refusal(call, *arguments, **named):
    with pytest.raises(InvalidDocumentError) as caught:
        call(*arguments, **named)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("digit", "necessity"), [("0", "required"), ("1", "optional"), ("2", "tolerated"), ("3", "exempt")]
)
def test_necessity_0_is_required_and_1_is_not(digit, necessity):
    (material,) = _item(AuditTaskMaterial=[{"materialname": "身份证", "necessity": digit}]).document["materials"]

    assert material["necessity"] == necessity


def test_materials_and_their_sources_count_from_0():
    columns = {"materialname": "身份证", "materialtype": "0", "file_source": "0"}

    (material,) = _item(AuditTaskMaterial=[columns]).document["materials"]

    assert (material["type"], material["source"]) == ("original", "applicant")
    assert _refusal(_item, AuditTaskMaterial=[columns | {"file_source": "10"}]) == {
        ("/AuditTaskMaterial/0/file_source", "code_unmapped")
    }


@pytest.mark.parametrize(("digit", "project_type"), [("1", "1"), ("2", "2"), ("9", "9")])
def test_type_is_the_class_of_case_with_the_standards_digits_and_not_the_type_of_item(digit, project_type):
    canonical = _item(type=digit).document

    assert (canonical["projectType"], canonical["type"]) == (project_type, "20")


@pytest.mark.parametrize("wrong", ["3", "0", "01", "承诺件"])
def test_an_unknown_type_is_refused_and_not_taken_for_promised(wrong):
    assert _refusal(_item, type=wrong) == {("/AuditTask/type", "code_unmapped")}


def test_applyertype_is_a_list_in_which_10_is_legal_and_20_natural():
    canonical = _item(applyertype="10;20").document

    assert canonical["serviceObjects"] == ["2", "1"]
    written = ADAPTER.to_regional(DocumentKind.SERVICE_ITEM, canonical).document
    assert written["AuditTask"]["applyertype"] == "10;20"


@pytest.mark.parametrize(
    ("digit", "scope"), [("1", "cross-city"), ("2", "cross-county"), ("4", "designated"), ("6", "cross-province")]
)
def test_tongbanfanwei_1_is_the_province_and_not_the_country(digit, scope):
    assert _item({"tongbanfanwei": digit}).document["scope"] == scope


def test_tongbanfanwei_3_has_no_partner_and_is_refused():
    assert _refusal(_item, {"tongbanfanwei": "3"}) == {("/AuditTaskExtension/tongbanfanwei", "code_unmapped")}


def test_online_depth_is_a_list_and_visits_are_a_number():
    canonical = _item({"wangbanshendu": "3;4^5", "dao_xc_num": "0"}).document

    assert canonical["onlineDepth"] == ["pre-review", "acceptance", "handling"]
    assert canonical["onSiteVisits"] == 0


@pytest.mark.parametrize(
    ("digit", "meaning"), [("0", "certificate-issued"), ("1", "denied"), ("6", "not-accepted"), ("7", "granted")]
)
def test_banjieresult_6_is_not_accepted_and_1_is_a_denial_here(digit, meaning):
    canonical = _event("10", operatetype="10", banjieresult=digit).document

    assert canonical["decision"] == {"result": meaning}


def test_banjieresult_6_means_three_things_in_three_layouts():
    decided = {"type": "decided", "occurredAt": "2026-03-02T09:30:00+08:00"}
    written = {
        result: {
            name: shipped_adapters()[name]
            .to_regional(DocumentKind.EVENT, decided | {"decision": {"result": result}})
            .body.decode(errors="replace")
            for name in ("epoint", "shandong", "guangdong")
        }
        for result in ("not-accepted", "granted", "completed")
    }

    assert '"banjieresult":"6"' in written["not-accepted"]["epoint"].replace(" ", "")
    assert '"BANJIERESULT":"6"' in written["granted"]["shandong"].replace(" ", "")
    assert "<BJJGDM>6</BJJGDM>" in written["completed"]["guangdong"]
    sixes = [(result, name) for result, said in written.items() for name, text in said.items() if _says_six(text)]
    assert sorted(sixes) == [("completed", "guangdong"), ("granted", "shandong"), ("not-accepted", "epoint")]


def _says_six(text):
    return any(six in text.replace(" ", "") for six in ('result":"6"', 'RESULT":"6"', "<BJJGDM>6<"))


@pytest.mark.parametrize("code", ["13", "06", "60", "A"])
def test_an_unmapped_banjieresult_is_refused_not_defaulted(code):
    expected = {("/AuditProject/banjieresult", "code_unmapped")}

    assert _refusal(_event, "10", operatetype="10", banjieresult=code) == expected


@pytest.mark.parametrize(
    ("status", "event"), [("02", "collected"), ("07", "refused"), ("09", "voided"), ("11", "special_procedure_started")]
)
def test_a_status_that_says_all_needs_no_operatetype(status, event):
    assert _event(status).document["type"] == event


@pytest.mark.parametrize(
    ("status", "action"), [("06", ""), ("10", ""), ("10", "70"), ("14", ""), ("5", ""), ("12", "")]
)
def test_a_status_that_does_not_tell_the_event_is_refused_and_not_defaulted(status, action):
    pointers = {pointer for pointer, _ in _refusal(_event, status, operatetype=action)}

    assert "/AuditProject/status" in pointers


@pytest.mark.parametrize("written", [1772415000000, "1772415000000", "2026-03-02 09:30:00", "20260302093000"])
def test_an_acceptance_occurred_when_it_was_accepted_and_13_digits_are_milliseconds(written):
    conversion = ADAPTER.canonical_of(DocumentKind.EVENT, {"AuditProject": {"status": "05", "acceptuserdate": written}})

    assert conversion.document == {"type": "accepted", "occurredAt": "2026-03-02T09:30:00+08:00"}
    home = ADAPTER.to_regional(DocumentKind.EVENT, conversion.document).document["AuditProject"]
    assert home == {"status": "05", "acceptuserdate": "2026-03-02 09:30:00"}


def test_time_spent_has_no_canonical_place_and_comes_home():
    canonical = _event("02", spendtime="12").document

    assert canonical["extensions"] == {"epoint": {"/AuditProject/spendtime": "12"}}
    assert ADAPTER.to_regional(DocumentKind.EVENT, canonical).document["AuditProject"]["spendtime"] == "12"
