"""Where Guangdong's codes do not mean what they mean elsewhere: each known trap by name."""

import pytest

from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters

ADAPTER = shipped_adapters()["guangdong"]
FINISH = {"DXLX": "4", "SBLSH": "17", "BJSJ": "20260302T093000"}
NOT_OTHER = ["certificate-issued", "denied", "granted", "not-accepted", "returned", "withdrawn", "forwarded"]


def _event(columns):
    return ADAPTER.canonical_of(DocumentKind.EVENT, {"GDBS": columns}).document


def _decision(result):
    canonical = {"type": "decided", "occurredAt": "2026-03-02T09:30:00+08:00", "decision": {"result": result}}
    return ADAPTER.to_regional(DocumentKind.EVENT, canonical)


def _refusal(call, argument):
    with pytest.raises(InvalidDocumentError) as caught:
        call(argument)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


def test_finish_code_6_means_other_in_gdbs_and_neither_a_grant_nor_a_refusal():
    assert _event(FINISH | {"BJJGDM": "6"})["decision"] == {"result": "completed"}


@pytest.mark.parametrize("result", NOT_OTHER)
def test_finish_code_6_is_never_written_for_anything_but_other(result):
    assert _decision(result).document["GDBS"]["BJJGDM"] != "6"
    assert _decision("completed").document["GDBS"]["BJJGDM"] == "6"


def test_finish_code_6_means_other_in_gdbs_and_is_refused_as_a_refusal_to_accept():
    acceptance = {"DXLX": "2", "SBLSH": "17", "SLSJ": "20260302T093000", "BJJGDM": "6"}

    assert ("/GDBS/SLZTDM", "variant_unknown") in _refusal(_event, acceptance)


@pytest.mark.parametrize("code", ["11", "99", "A", "06"])
def test_an_unmapped_finish_code_is_refused_not_defaulted(code):
    """Seen in the wild: everything but 6 was taken for 不予受理, certificates issued (0) included."""
    assert ("/GDBS/BJJGDM", "variant_unknown") in _refusal(_event, FINISH | {"BJJGDM": code})


def test_finish_code_0_is_a_certificate_and_not_a_refusal():
    canonical = _event(FINISH | {"BJJGDM": "0", "ZJGZMC": "排污许可证", "ZJBH": "17"})

    assert (canonical["type"], canonical["decision"]["result"]) == ("decided", "certificate-issued")


@pytest.mark.parametrize(("code", "event"), [("1", "returned"), ("2", "voided"), ("5", "lapsed")])
def test_a_returned_voided_or_lapsed_case_is_not_a_decision(code, event):
    canonical = _event(FINISH | {"BJJGDM": code, "ZFHTHYY": "理由"})

    assert (canonical["type"], canonical["opinion"]) == (event, "理由")
    assert "decision" not in canonical


def test_a_grant_goes_out_as_a_certificate_and_that_is_told():
    conversion = _decision("granted")

    assert conversion.document["GDBS"]["BJJGDM"] == "0"
    assert conversion.losses == ("/decision/result",)


def test_an_amount_in_ten_thousand_yuan_is_refused_and_not_read_as_yuan():
    assert _refusal(_event, FINISH | {"BJJGDM": "6", "SFJE": "1.20", "JEDWDM": "2"}) == {
        ("/GDBS/JEDWDM", "code_unmapped")
    }


@pytest.mark.parametrize(("letter", "kind"), [("A", "1"), ("B", "2")])
def test_an_extension_of_the_limit_is_a_and_anything_else_b(letter, kind):
    canonical = _event({"DXLX": "5", "TBCXKSRQ": "20260302", "TBCXZL": letter})

    assert canonical["specialProcedure"] == {"kind": kind}
    assert canonical["occurredAt"] == "2026-03-02T00:00:00+08:00"


@pytest.mark.parametrize(("digit", "step"), [("1", "handling"), ("2", "review"), ("3", "approval")])
def test_steps_are_undertaking_review_and_approval(digit, step):
    assert _event({"DXLX": "3", "SPSJ": "20260302T093000", "SPHJDM": digit})["review"] == {"step": step}


@pytest.mark.parametrize(("digit", "kind"), [("0", "original"), ("1", "copy"), ("2", "original-and-copy")])
def test_material_type_0_is_the_original(digit, kind):
    item = {"TASK_NAME": "事项", "TASK_TYPE": "20", "AREA_CODE": "440118"}
    document = item | {"MATERIAL": [{"MATERIAL_NAME": "身份证", "MATERIAL_TYPE": digit, "IS_NEED": "0"}]}

    (material,) = ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, document).document["materials"]

    assert (material["type"], material["necessity"]) == (kind, "required")


@pytest.mark.parametrize(("user", "kind"), [("0", "1"), ("1", "legal")])
def test_applicant_type_0_is_a_natural_person_and_1_a_legal_one(user, kind):
    document = {
        "DXLX": "0", "SXMC": "事项", "SQRLX": user, "SQRMC": "陈小满", "SQRZJLX": "10", "SQRZJHM": "17",
        "SBSJ": "20260302T093000", "XZQHDM": "370811", "GXDXZQHDM": "440118", "KSTBMS": "2",
    }  # fmt: skip

    applicant = ADAPTER.canonical_of(DocumentKind.APPLICATION, {"GDBS": document}).document["applicant"]

    assert (applicant["type"], applicant["idType"]) == (kind, "resident-id")


def test_an_event_sent_as_an_application_is_refused():
    document = {"GDBS": FINISH | {"SXMC": "事项"}}

    faults = _refusal(lambda sent: ADAPTER.canonical_of(DocumentKind.APPLICATION, sent), document)

    assert ("/GDBS/DXLX", "constant_differs") in faults


def test_a_local_item_type_keeps_its_own_digits():
    item = {"TASK_NAME": "事项", "TASK_TYPE": "22", "AREA_CODE": "440118"}

    conversion = ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, item)

    assert (conversion.document["type"], conversion.document["localType"]) == ("21", {"code": "22"})
    assert conversion.losses == ("/TASK_TYPE",)
