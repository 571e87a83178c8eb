"""An application in the right form is still refused for wrong check digits, times and missing materials."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.casework.rules import application_faults

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SOUND: dict[str, Any] = {
    "item": {"implementationCode": "11440100007482575H3440118009000", "name": "不动产抵押登记"},
    "collectingRegion": "420300000000",
    "handlingRegion": "610900000000",
    "mode": "proxy",
    "applicant": {"type": "1", "name": "王小明", "idType": "resident-id", "idNumber": "11010519491231002X"},
    "appliedAt": "2026-01-05T09:00:00+08:00",
}
WRONG_ID = {"idType": "resident-id", "idNumber": "110105194912310021"}
WRONG_COMPANY = {"idType": "unified-social-credit-code", "idNumber": "114401000074825751"}


def told(**changes: Any) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in application_faults(SOUND | changes, NOW)]


def test_a_sound_application_has_no_faults():
    assert told() == []


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"applicant": WRONG_ID}, "/applicant/idNumber", "resident_id_check_wrong"),
        ({"applicant": WRONG_COMPANY}, "/applicant/idNumber", "credit_code_check_wrong"),
        ({"applicant": WRONG_ID | {"idNumber": "110105491231002"}}, "/applicant/idNumber", "resident_id_old"),
        ({"applicant": WRONG_ID | {"idNumber": "?"}}, "/applicant/idNumber", "resident_id_malformed"),
        (
            {"applicant": SOUND["applicant"] | {"legalRepresentative": WRONG_ID}},
            "/applicant/legalRepresentative/idNumber",
            "resident_id_check_wrong",
        ),
        ({"coApplicants": [{"name": "甲"}, WRONG_ID]}, "/coApplicants/1/idNumber", "resident_id_check_wrong"),
        ({"contact": WRONG_ID}, "/contact/idNumber", "resident_id_check_wrong"),
        ({"agent": WRONG_ID}, "/agent/idNumber", "resident_id_check_wrong"),
        ({"appliedAt": "2026-01-06T09:00:01+08:00"}, "/appliedAt", "applied_in_future"),
        ({"materials": [{}, {"necessity": "required", "received": False}]}, "/materials/1", "material_missing"),
        ({"materials": [{"necessity": "required", "copies": 0}]}, "/materials/0", "material_missing"),
    ],
)
def test_each_broken_rule_is_told_at_its_place(changes, pointer, code):
    assert told(**changes) == [(pointer, code)]


def test_all_faults_are_told_at_once():
    changes = {
        "applicant": WRONG_ID,
        "appliedAt": "2027-01-05T09:00:00Z",
        "materials": [{"necessity": "required", "copies": 0}],
    }

    assert [pointer for pointer, _ in told(**changes)] == ["/applicant/idNumber", "/appliedAt", "/materials/0"]


@pytest.mark.parametrize(
    "changes",
    [
        {"applicant": {"idType": "passport", "idNumber": "E12345678"}},
        {"applicant": {"idType": "business-licence", "idNumber": "420300000000001"}},
        {"contact": {"name": "李四", "idType": "resident-id"}},
        {"applicant": {"idType": "resident-id", "idNumber": "990105194912310023"}},
        {"applicant": {"idType": "resident-id", "idNumber": "bWFkZSB1cCBjaXBoZXJ0ZXh0"}},
        {"materials": [{"necessity": "required"}]},
        {"appliedAt": "2026-01-06T09:00:00+08:00"},
        {"appliedAt": "1999-01-01T00:00:00Z"},
        {"materials": [{"necessity": "required", "copies": 1}]},
        {"materials": [{"necessity": "required", "received": False, "digest": "sha-256=:…:"}]},
        {"materials": [{"necessity": "required", "copies": 0, "certificateIdentifier": "1.2.156.3005.2.…"}]},
        {"materials": [{"necessity": "required", "received": False, "tolerated": True}]},
        {"materials": [{"necessity": "optional", "received": False}, {"necessity": "tolerated"}]},
    ],
)
def test_what_is_unusual_but_right_is_let_through(changes):
    assert told(**changes) == []


def test_no_fault_repeats_a_number():
    faults = application_faults(SOUND | {"applicant": WRONG_ID, "agent": WRONG_COMPANY}, NOW)

    assert len(faults) == 2
    assert not any(person["idNumber"] in repr(faults) for person in (WRONG_ID, WRONG_COMPANY))
