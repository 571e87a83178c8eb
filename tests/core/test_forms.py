"""A form tells every fault at once, names the place, and never says the value."""

import copy
import json
from typing import Any

import pytest

from gateway.core.errors import AdapterError
from gateway.core.forms import FAULT_LIMIT, Form, canonical_forms
from gateway.core.model import DocumentKind
from gateway.resources import data_folder

FORMS = canonical_forms(
    {path.name: json.loads(path.read_text()) for path in data_folder("schemas").glob("canonical/v1/*.json")}
)
APPLICATION: dict[str, Any] = {
    "item": {"implementationCode": "11440100007482575H3440118009000", "name": "不动产抵押登记"},
    "collectingRegion": "420300000000",
    "handlingRegion": "610900000000",
    "mode": "proxy",
    "applicant": {"type": "1", "name": "王小明", "idType": "resident-id", "idNumber": "11010519491231002X"},
    "appliedAt": "2026-01-05T09:00:00+08:00",
    "materials": [{"name": "居民身份证", "copies": 1}],
    "extensions": {"guangdong": {"/SBJTWD": "一楼大厅"}},
}
EVENT = {"type": "collected", "occurredAt": "2026-01-05T09:00:00Z"}
BASE_ITEM = {"name": "不动产抵押登记", "type": "07", "baseCode": "000115010000"}
CERTIFICATE = {"name": "居民身份证", "number": "11010519491231002X"}
ITEM = {"name": "学生资助政策咨询", "region": "511602000000", "type": "20", "localImplementationCode": "512C-511602"}


def told(form: Form, document: object) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in form.faults(document)}


def form(**schema: Any) -> Form:
    return Form.compile(schema, {})


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (DocumentKind.BASE_ITEM, BASE_ITEM),
        (DocumentKind.SERVICE_ITEM, ITEM),
        (DocumentKind.APPLICATION, APPLICATION),
        (DocumentKind.EVENT, EVENT),
        (DocumentKind.CERTIFICATE, CERTIFICATE),
        (DocumentKind.RATING, {"satisfaction": "1"}),
    ],
)
def test_the_smallest_useful_document_of_each_kind_has_no_faults(kind, document):
    assert FORMS[kind].faults(document) == ()


def test_all_faults_are_told_at_once_each_with_its_pointer():
    document = copy.deepcopy(APPLICATION)
    del document["mode"]
    document["item"] = {"name": ""}
    document["appliedAt"] = "2026-02-30T00:00:00Z"
    document["materials"][0]["copies"] = 1.5
    document["a/b~c"] = 1

    assert told(FORMS[DocumentKind.APPLICATION], document) == {
        ("/mode", "required_missing"),
        ("/item/name", "too_short"),
        ("/item", "alternative_missing"),
        ("/appliedAt", "format_wrong"),
        ("/materials/0/copies", "type_wrong"),
        ("/a~1b~0c", "property_unknown"),
    }


def test_no_fault_repeats_a_value():
    secret = "SECRET-4420"
    document = dict.fromkeys(FORMS_PROPERTIES, secret) | {"applicant": {"idType": secret, "phone": [secret]}}

    faults = FORMS[DocumentKind.APPLICATION].faults(document)

    assert len(faults) > 20
    assert secret not in repr(faults)


FORMS_PROPERTIES = json.loads((data_folder("schemas") / "canonical/v1/application.schema.json").read_text())[
    "properties"
]


def test_every_fault_speaks_english_and_chinese():
    faults = FORMS[DocumentKind.APPLICATION].faults(dict.fromkeys(FORMS_PROPERTIES, 1))

    assert all(fault.message.isascii() and not fault.message_zh.isascii() for fault in faults)


@pytest.mark.parametrize(
    ("schema", "document", "code", "expected", "got"),
    [
        ({"type": ["string", "null"]}, 1, "type_wrong", "null, string", "integer"),
        ({"type": "string"}, None, "type_wrong", "string", "null"),
        ({"type": "string"}, 1.5, "type_wrong", "string", "number"),
        ({"type": "integer"}, True, "type_wrong", "integer", "boolean"),
        ({"enum": ["a", "b"]}, "c", "code_unknown", "a, b", None),
        ({"const": "a"}, "c", "value_wrong", "a", None),
        ({"maxLength": 2}, "abc", "too_long", "2", "3"),
        ({"minLength": 2}, "\U00020bb7", "too_short", "2", "1"),
        ({"pattern": "^[0-9]+$"}, "１２３", "format_wrong", "^[0-9]+$", None),
        ({"format": "date"}, "2025-02-29", "format_wrong", "date", None),
        ({"maximum": 5}, 6, "too_large", "5", None),
        ({"exclusiveMaximum": 5}, 5, "too_large", "5", None),
        ({"minimum": 5}, 4, "too_small", "5", None),
        ({"exclusiveMinimum": 5}, 5, "too_small", "5", None),
        ({"maxItems": 1}, [1, 2], "too_many", "1", "2"),
        ({"minItems": 1}, [], "too_few", "1", "0"),
        ({"maxProperties": 0}, {"a": 1}, "too_many", "0", "1"),
        ({"minProperties": 1}, {}, "too_few", "1", "0"),
        ({"uniqueItems": True}, [1, 1], "duplicate", "", None),
        (
            {"anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]},
            {},
            "alternative_missing",
            "/a or /b and /c",
            None,
        ),
        ({"oneOf": [{"required": ["a"]}]}, {}, "alternative_missing", "/a", None),
        ({"properties": {"a": False}}, {"a": 1}, "not_allowed", "", None),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "property_unknown", "", None),
        ({"not": {}}, 1, "form_wrong", "", None),
    ],
)
def test_each_keyword_has_a_stable_code_and_says_what_is_expected(schema, document, code, expected, got):
    (fault,) = form(**schema).faults(document)

    assert (fault.code, fault.expected, fault.got) == (code, expected, got)


@pytest.mark.parametrize("document", [{"x": 1}, {"x": 1, "y": 2}])
def test_each_property_that_the_form_does_not_know_is_a_fault_of_its_own(document):
    closed = form(properties={}, additionalProperties=False)
    evaluated = form(unevaluatedProperties=False)

    expected = {("/" + name, "property_unknown") for name in document}

    assert told(closed, document) == told(evaluated, document) == expected


def test_an_object_that_may_hold_nothing_is_a_fault_as_a_whole():
    nothing = form(properties={"a": {"additionalProperties": False}})

    assert told(nothing, {"a": {"x": 1, "y": 2}}) == {("/a", "property_unknown")}


def test_two_rules_that_object_to_one_place_for_one_reason_are_one_fault():
    both = form(pattern="^[0-9]{4}-", format="date")

    assert [fault.code for fault in both.faults("soon")] == ["format_wrong"]


def test_no_more_faults_are_told_than_the_limit_and_the_last_says_so():
    faults = form(properties={}, additionalProperties=False).faults(dict.fromkeys(map(str, range(2 * FAULT_LIMIT)), 1))

    assert len(faults) == FAULT_LIMIT
    assert faults[-1].code == "faults_truncated"
    assert {fault.code for fault in faults[:-1]} == {"property_unknown"}


@pytest.mark.parametrize(
    ("levels", "code"), [(255, "type_wrong"), (256, "nested_too_deep"), (100_000, "nested_too_deep")]
)
def test_a_document_nested_too_deeply_is_a_fault_and_not_a_crash(levels, code):
    document: object = "x"
    for _ in range(levels):
        document = [document]

    assert [fault.code for fault in form(properties={"a": {"type": "string"}}).faults({"a": document})] == [code]


def test_what_is_no_json_value_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="bytes"):
        form(type="string").faults(b"x")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"pattern": "("},
        {"pattern": "(?=look)ahead"},
        {"pattern": "(a)\\1"},
        {"pattern": "a{1000}{1000}"},
        {"$ref": "https://elsewhere.example/schema"},
        {"$ref": "file:///etc/hostname"},
        {"$ref": "#/$defs/missing"},
    ],
)
def test_a_schema_that_is_wrong_refers_elsewhere_or_could_backtrack_is_refused(schema):
    with pytest.raises(AdapterError) as caught:
        Form.compile(schema, {})

    assert caught.value.code == "schema_invalid"
    assert caught.value.faults[0].code == "schema_invalid"


def test_a_hostile_text_against_a_hostile_pattern_ends():
    hostile = form(pattern="^(a+)+$")

    assert [fault.code for fault in hostile.faults("a" * 100_000 + "!")] == ["format_wrong"]


def test_references_are_found_in_the_registry():
    registry = {"https://region.example/defs": {"$defs": {"code": {"enum": ["1"]}}}}
    found = Form.compile({"$id": "https://region.example/form", "$ref": "defs#/$defs/code"}, registry)

    assert found.id == "https://region.example/form"
    assert told(found, "2") == {("", "code_unknown")}


NEEDS = {
    "notice": ("notice", {"items": [{"material": "身份证"}]}),
    "supplemented": ("supplement", {}),
    "refused": ("refusal", {"reason": "不属于本机关职权范围"}),
    "reviewed": ("review", {}),
    "special_procedure_started": ("specialProcedure", {}),
    "special_procedure_ended": ("specialProcedure", {}),
    "decided": ("decision", {"result": "granted"}),
    "certificate_issued": ("certificate", {"name": "不动产登记证明"}),
    "delivered": ("delivery", {}),
    "rated": ("rating", {"satisfaction": "1"}),
    "rectified": ("rectification", {"result": "rectified"}),
}
MAY: dict[str, tuple[str, dict[str, Any]]] = {"collected": ("collection", {}), "accepted": ("acceptance", {})}


@pytest.mark.parametrize("kind", NEEDS)
def test_an_event_of_a_type_that_has_an_object_needs_it(kind):
    name, part = NEEDS[kind]

    assert told(FORMS[DocumentKind.EVENT], EVENT | {"type": kind}) == {("/" + name, "required_missing")}
    assert told(FORMS[DocumentKind.EVENT], EVENT | {"type": kind, name: part}) == set()


@pytest.mark.parametrize("kind", MAY)
def test_an_event_that_may_tell_more_can_leave_it_out(kind):
    name, part = MAY[kind]

    assert told(FORMS[DocumentKind.EVENT], EVENT | {"type": kind, name: part}) == set()
    assert told(FORMS[DocumentKind.EVENT], EVENT | {"type": kind}) == set()


@pytest.mark.parametrize(("name", "part"), [*NEEDS.values(), *MAY.values()])
def test_an_event_of_another_type_must_not_carry_the_object(name, part):
    assert told(FORMS[DocumentKind.EVENT], EVENT | {"type": "closed", name: part}) == {("/type", "code_unknown")}


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T09:00:00",
        "2026-01-05 09:00:00+08:00",
        "2026-01-05t09:00:00z",
        "2016-12-31T23:59:60Z",
        "2026-02-30T09:00:00Z",
        "２０２６-01-05T09:00:00Z",
        "2026-01-05T09:00:00Z\n",
        "20260105T090000Z",
    ],
)
def test_a_time_without_offset_or_in_another_form_is_refused(text):
    assert told(FORMS[DocumentKind.EVENT], EVENT | {"occurredAt": text}) == {("/occurredAt", "format_wrong")}
