"""What the police's household-move service must never do: tell its secret, mix two cases, lose the number."""

import re
from datetime import UTC, datetime

import pytest

from gateway.api.codes import meanings
from gateway.core.catalogue.collaboration import numbered
from gateway.core.conversion.conformance import examples_in
from gateway.core.conversion.pointer import find, tokens
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import Delivery, DocumentKind
from gateway.core.transports.answers import Meaning, judge
from gateway.core.transports.request import request_of
from gateway.core.transports.spec import StaticKey
from gateway.resources import data_folder, read_adapter_folder, shipped_adapters

ADAPTER = shipped_adapters()["police"]
FILES = read_adapter_folder(data_folder("adapters") / "police")
EXAMPLES = {one.name: one for one in examples_in(FILES)}
HTTP = ADAPTER.manifest.http
assert HTTP is not None
ANSWER = HTTP.answer
NUMBER = tokens("/submit/xmlStr/PACKAGE/PACKAGEHEAD/YWXTBH")


def _canonical(name, body=None):
    example = EXAMPLES[name]
    return ADAPTER.to_canonical(example.kind, body or example.regional, example.media_type).document


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_registration_code_never_enters_a_canonical_document(name):
    assert b"EXAMPLE-REGISTRATION-CODE" in EXAMPLES[name].regional or name == "household-changed"
    assert "EXAMPLE-REGISTRATION-CODE" not in str(_canonical(name))
    assert "/submit/zcm" not in str(_canonical(name))


@pytest.mark.parametrize("name", ["spouse-joins", "moved-out", "not-moved-out", "materials"])
def test_the_number_of_the_gateway_stands_in_the_head_whatever_stood_there(name):
    kind = EXAMPLES[name].kind

    written = ADAPTER.to_regional(kind, numbered(kind, _canonical(name), "610900-0J6HB-7H6NWF"))

    assert find(written.document, NUMBER) == "610900-0J6HB-7H6NWF"


@pytest.mark.parametrize(
    ("name", "kind", "result"),
    [
        ("materials", "supplemented", None),
        ("no-settlement", "withdrawn", None),
        ("moved-out", "decided", "granted"),
        ("not-moved-out", "decided", "denied"),
        ("household-changed", "delivered", None),
    ],
)
def test_each_record_of_the_service_is_one_event(name, kind, result):
    document = _canonical(name)

    assert (document["type"], document.get("decision", {}).get("result")) == (kind, result)


@pytest.mark.parametrize("result", ["completed", "certificate-issued", "granted-tolerantly"])
def test_a_decision_that_the_service_has_no_record_for_is_refused_and_not_taken_for_a_move(result):
    decided = _canonical("moved-out") | {"decision": {"result": result}}

    with pytest.raises(InvalidDocumentError):
        ADAPTER.to_regional(DocumentKind.EVENT, decided)


def test_a_package_of_two_records_is_refused_because_each_is_about_another_case():
    body = EXAMPLES["moved-out"].regional.decode()
    record = re.search("<RECORD.*</RECORD>", body)
    assert record

    with pytest.raises(InvalidDocumentError) as caught:
        _canonical("moved-out", body.replace(record[0], record[0] * 2).encode())

    assert "/submit/xmlStr/PACKAGE/DATA/RECORD" in {fault.pointer for fault in caught.value.faults}


@pytest.mark.parametrize("code", ["", "9", "QCSQ"])
def test_a_record_of_a_kind_that_is_not_known_is_refused(code):
    body = EXAMPLES["moved-out"].regional.replace(b"QCFK", code.encode())

    with pytest.raises(InvalidDocumentError):
        _canonical("moved-out", body)


def test_only_a_person_with_a_resident_number_moves_a_household():
    application = _canonical("spouse-joins")
    company = application["applicant"] | {"type": "2", "idType": "unified-social-credit-code"}

    with pytest.raises(InvalidDocumentError):
        ADAPTER.to_regional(DocumentKind.APPLICATION, application | {"applicant": company})


def _answer(head: str, *records: str) -> bytes:
    package = f"<PACKAGE><PACKAGEHEAD><FHDM>{head}</FHDM></PACKAGEHEAD><DATA>"
    package += "".join(f'<RECORD no="1"><FHDM>{code}</FHDM><FHXX>错误</FHXX></RECORD>' for code in records)
    inner = f"<ns:submitResponse><return><![CDATA[{package}</DATA></PACKAGE>]]></return></ns:submitResponse>"
    names = 'xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns="urn:police:household-move"'
    return f"<e:Envelope {names}><e:Body>{inner}</e:Body></e:Envelope>".encode()


@pytest.mark.parametrize(
    ("head", "records", "codes"),
    [
        ("-50", (), ["registration_refused"]),
        ("0", ("-901",), ["number_unknown"]),
        ("0", ("-902", "-903", "-905"), ["entry_permit_wrong", "applicant_missing", "destination_missing"]),
        ("0", ("0", "-904"), ["answer_code_unmapped"]),
    ],
)
def test_every_error_of_an_answer_is_told_at_once_and_an_unknown_one_is_no_success(head, records, codes):
    judged = judge(ANSWER, 200, "utf-8", _answer(head, *records))

    assert judged.meaning is Meaning.REFUSED
    assert [fault.code for fault in judged.faults] == codes


def test_an_answer_without_an_error_settles():
    assert judge(ANSWER, 200, "utf-8", _answer("0", "0")).meaning is Meaning.ACCEPTED


def test_the_errors_are_words_that_the_gateway_explains():
    assert set(ANSWER.codes) == {"-50", "-901", "-902", "-903", "-905"}
    assert set(ANSWER.codes.values()) <= set(meanings())


def test_the_registration_code_goes_out_in_its_own_parameter_and_nowhere_else():
    document = _canonical("moved-out")
    written = ADAPTER.to_regional(DocumentKind.EVENT, document)
    delivery = Delivery(
        id="1",
        exchange="2",
        kind="event.decided",
        destination="system.police",
        subject="420300-1B7XD-9T73YR",
        media_type=written.media_type,
        body=written.body,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert HTTP is not None
    assert isinstance(HTTP.authentication, StaticKey)

    request = request_of(HTTP, ADAPTER, delivery, "https://police.example", [(HTTP.authentication.at, "OUR-CODE")])

    assert b"OUR-CODE" not in written.body
    assert request.body.count(b"OUR-CODE") == 1
    assert ADAPTER.to_canonical(DocumentKind.EVENT, request.body, request.media_type).document == document
