"""One table converts both ways; what it does not know is never lost."""

from collections.abc import Callable

import orjson
import pytest

from gateway.core.conversion.adapter import Adapter, Conversion
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import adapter, with_event_variants

KIND = DocumentKind.APPLICATION
TYPES = 'values = [{ regional = "1", canonical = "person" }, { regional = "2", canonical = "company" }]'
TABLE_OF_ANY_ACTION = '{ canonical = "/action", regional = "/ACTION" }'
ROWS = """
  { canonical = "/applicant/name", regional = "/SQRMC" },
  { canonical = "/applicant/type", regional = "/SQRLX", codec = "code", table = "type" },
  { canonical = "/materials", regional = "/CLXX", codec = "array", rows = [
    { canonical = "/name", regional = "/CLMC" },
    { canonical = "/kind", regional = "/CLLX", codec = "code", table = "type" },
  ] },
"""


def convert(loaded: Adapter, document: object) -> Conversion:
    return loaded.to_canonical(KIND, orjson.dumps(document), "application/json")


def faults_of(call: Callable[..., object], *arguments: object) -> set[tuple[str, str]]:
    with pytest.raises(InvalidDocumentError) as caught:
        call(*arguments)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


def test_a_document_goes_there_and_back():
    loaded = adapter(ROWS, codes__type=TYPES)
    regional = {"SQRMC": "张三", "SQRLX": "2", "CLXX": [{"CLMC": "照片", "CLLX": "1"}]}

    conversion = convert(loaded, regional)

    assert conversion.document == {
        "applicant": {"name": "张三", "type": "company"},
        "materials": [{"name": "照片", "kind": "person"}],
    }
    assert loaded.to_regional(KIND, conversion.document).document == regional


def test_regional_fields_without_a_row_travel_by_pointer_and_come_back_out():
    loaded = adapter(ROWS, codes__type=TYPES)
    regional = {"SQRMC": "张三", "a/b~c": {"deep": [1, None]}, "CLXX": [{"CLMC": "x"}, {"CLMC": "y", "FS": 3}]}

    conversion = convert(loaded, regional)

    assert conversion.document["extensions"] == {"demo": {"/a~1b~0c": {"deep": [1, None]}, "/CLXX/1/FS": 3}}
    assert loaded.to_regional(KIND, conversion.document).document == regional


def test_an_unmapped_code_is_refused_in_both_directions():
    loaded = adapter(ROWS, codes__type=TYPES)

    assert faults_of(convert, loaded, {"SQRLX": "9"}) == {("/SQRLX", "code_unmapped")}
    assert faults_of(loaded.to_regional, KIND, {"applicant": {"type": "alien"}}) == {
        ("/applicant/type", "code_unmapped")
    }


def test_all_faults_are_told_at_once_with_array_indexes():
    loaded = adapter(ROWS, codes__type=TYPES)

    found = faults_of(convert, loaded, {"SQRMC": 1, "SQRLX": "9", "CLXX": [{"CLLX": "1"}, {"CLLX": "7"}, 5]})

    assert found == {
        ("/SQRMC", "type_wrong"),
        ("/SQRLX", "code_unmapped"),
        ("/CLXX/1/CLLX", "code_unmapped"),
        ("/CLXX/2", "type_wrong"),
    }


def test_canonical_fields_without_a_row_are_named_as_losses():
    loaded = adapter(ROWS, codes__type=TYPES)
    canonical = {"applicant": {"name": "张三", "phone": "1"}, "remark": "x", "extensions": {"other": {"/A": 1}}}

    conversion = loaded.to_regional(KIND, canonical)

    assert conversion.losses == ("/remark", "/applicant/phone")


def test_a_message_is_told_by_its_discriminator_and_an_unknown_one_is_refused():
    loaded = load_adapter(
        with_event_variants(
            {"accepted": '{ canonical = "/officer", regional = "/SLR" }', "refused": ""},
            """
[[documents.event.variants]]
name = "accepted"
regional = { "/SLZT" = "1" }
canonical = { "/type" = "accepted" }
[[documents.event.variants]]
name = "refused"
regional = { "/SLZT" = "2" }
canonical = { "/type" = "refused" }
""",
        )
    )

    conversion = loaded.canonical_of(DocumentKind.EVENT, {"SLZT": "1", "SLR": "李四"})

    assert conversion.variant == "accepted"
    assert conversion.document == {"type": "accepted", "officer": "李四"}
    assert loaded.to_regional(DocumentKind.EVENT, conversion.document).document == {"SLZT": "1", "SLR": "李四"}
    assert faults_of(loaded.canonical_of, DocumentKind.EVENT, {"SLZT": "3"}) == {("/SLZT", "variant_unknown")}
    assert faults_of(loaded.to_regional, DocumentKind.EVENT, {"type": "lapsed"}) == {("/type", "variant_unknown")}


def test_an_unknown_message_is_told_every_combination_that_would_have_been_known():
    entry = """[[documents.event.variants]]
name = "%s"
regional = { "/ACTION" = %s, "/STATUS" = "%s" }
canonical = { "/type" = "%s" }
"""
    several = ("notice", '"1"', "06"), ("supplemented", '"2"', "06"), ("refused", "[]", "07")
    collected = entry.replace('"/ACTION" = %s, ', "") % ("collected", "02", "collected")
    tables = dict.fromkeys(("notice", "supplemented", "collected"), "") | {"refused": TABLE_OF_ANY_ACTION}
    loaded = load_adapter(with_event_variants(tables, "".join(entry % (*one, one[0]) for one in several) + collected))

    with pytest.raises(InvalidDocumentError) as caught:
        loaded.canonical_of(DocumentKind.EVENT, {"STATUS": "06", "ACTION": "9"})

    assert {fault.pointer: fault.expected for fault in caught.value.faults} == {
        "/ACTION": "1 (/STATUS 06) | 2 (/STATUS 06) | any (/STATUS 07)",
        "/STATUS": "02 | 06 (/ACTION 1) | 06 (/ACTION 2) | 07 (/ACTION any)",
    }


@pytest.mark.parametrize("number", ["1.5", "12345678901234567890", "9007199254740992"])
def test_a_number_that_the_canonical_form_cannot_hold_exactly_is_refused_not_carried(number):
    loaded = adapter(ROWS, codes__type=TYPES)
    body = f'{{"SQRMC":"x","EXTRA":[{number}]}}'.encode()

    for spelling in (body, body.replace(b":", b" : ")):
        assert faults_of(loaded.to_canonical, KIND, spelling, "application/json") == {("/EXTRA", "number_unsafe")}
