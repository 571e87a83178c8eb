"""The report an operator reads before activating an adapter says what passes, what differs and what is left out."""

import json
from pathlib import Path

import orjson
import pytest

from gateway.core.conversion.conformance import Report, canonical_fields, check, differences, examples_in
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import InvalidDocumentError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import files

KIND = DocumentKind.APPLICATION
TYPES = """list = "kind"
values = [{ regional = "1", canonical = "person" }, { regional = "2", canonical = "company" }]
refused = [{ canonical = "other", reason = "unknown there" }]"""
ROWS = """
  { canonical = "/name", regional = "/SQRMC" },
  { canonical = "/kind", regional = "/SQRLX", codec = "code", table = "kind" },
  { canonical = "/never", regional = "/NEVER" },
  { regional = "/SIGN", codec = "ignore", reason = "made anew" },
"""
FORM = Form.compile({"type": "object", "required": ["name"]}, {})


def report(regional: object, canonical: object) -> Report:
    found = files(ROWS, codes__kind=TYPES) | {
        "examples/application/one.regional.json": orjson.dumps(regional),
        "examples/application/one.canonical.json": orjson.dumps(canonical),
    }
    lists = {"kind": {"person", "company", "other"}}
    return check(
        load_adapter(found, lists),
        examples_in(found),
        forms={KIND: FORM},
        fields={KIND: {"/name", "/kind", "/never", "/phone"}},
        code_lists=lists,
    )


def test_a_good_example_passes_and_declared_spelling_is_told():
    found = report({"SQRMC": " 张三", "SQRLX": "1", "SIGN": "x"}, {"name": "张三", "kind": "person"})

    assert found.passed
    assert found.verdicts[0].normalised == ("/SQRMC", "/SIGN")
    assert found.verdicts[0].losses_to_canonical == ("/SIGN",)


def test_differences_refusals_and_broken_forms_fail():
    different = report({"SQRMC": "张三"}, {"name": "李四"}).verdicts[0]
    refused = report({"SQRMC": "张三", "SQRLX": "7"}, {"name": "张三"}).verdicts[0]
    incomplete = report({"SQRLX": "1"}, {"kind": "person"}).verdicts[0]

    assert (different.canonical_differs, different.passed) == (("/name",), False)
    assert [fault.code for fault in refused.faults] == ["code_unmapped"]
    assert [fault.pointer for fault in incomplete.faults] == ["/name"]


def test_what_the_tables_leave_out_is_listed():
    found = report({"SQRMC": "张三", "EXTRA": 1}, {"name": "张三", "extensions": {"demo": {"/EXTRA": 1}}})
    coverage = found.coverage[0]

    assert found.passed
    assert coverage.never_filled == ("/phone",)
    assert coverage.never_read == ("/EXTRA",)
    assert [(str(one), one.path) for one in coverage.unexercised] == [
        ("application.mapping.toml#/rows/1", "/kind"),
        ("application.mapping.toml#/rows/2", "/never"),
    ]
    assert [(str(one), one.path) for one in coverage.lossy_to_canonical] == [
        ("application.mapping.toml#/rows/3", "/SIGN")
    ]
    assert found.partnerless == {"kind": ("other",)}


def test_a_message_without_an_example_fails_the_adapter():
    loaded = load_adapter(files(ROWS, codes__kind=TYPES))

    found = check(loaded, ())

    assert found.unexemplified == ("application: application",)
    assert not found.passed


def test_the_fields_of_the_canonical_forms_are_found():
    folder = Path(__file__).parents[3] / "schemas/canonical/v1"
    schemas = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}

    fields = canonical_fields(schemas, KIND)

    assert {"/applicant/name", "/materials/*/name", "/collection/authority/region"} <= fields
    assert not any(at.startswith("/extensions") for at in fields)


def test_provenance_names_the_source_of_every_field():
    rows = """{ canonical = "/name", regional = ["/A", "/B"], codec = "first-of" },
      { canonical = "/list", regional = "/L", codec = "array", rows = [{ canonical = "/x", regional = "/X" }] }"""
    loaded = load_adapter(files(rows))
    document = loaded.canonical_of(KIND, {"B": "1", "L": [{"X": "1"}, {"X": "2"}], "E/F": 3}).document

    origins = loaded.provenance(KIND, document)

    assert [(one.canonical, one.regional, one.row, one.codec) for one in origins] == [
        ("/name", ("/A", "/B"), "/rows/0", "first-of"),
        ("/list/0/x", ("/L/0/X",), "/rows/1/rows/0", "text"),
        ("/list/1/x", ("/L/1/X",), "/rows/1/rows/0", "text"),
        ("/extensions/demo/~1E~01F", ("/E~1F",), "", "extension"),
    ]


def test_a_result_that_breaks_the_region_s_schema_is_blamed_on_the_canonical_field():
    schema = '{"required":["A"],"properties":{"L":{"items":{"properties":{"X":{"maxLength":1}}}}}}'
    rows = """{ canonical = "/name", regional = "/A" },
      { canonical = "/list", regional = "/L", codec = "array", rows = [{ canonical = "/x", regional = "/X" }] }"""
    found = files(rows) | {"schema.json": schema.encode()}
    found["adapter.toml"] += b'schema = "schema.json"\n'
    loaded = load_adapter(found)

    def refusal() -> set[tuple[str, str]]:
        try:
            loaded.to_regional(KIND, {"list": [{"x": "1"}, {"x": "long"}]})
        except InvalidDocumentError as error:
            return {(fault.pointer, fault.code) for fault in error.faults}
        return set()

    assert refusal() == {("/name", "required_missing"), ("/list/1/x", "too_long")}


def test_a_row_that_says_it_is_lossy_covers_what_it_loses_inside_an_array_of_one():
    rows = """{ canonical = "/a", regional = "/ItemInfo/0/NAME" },
      { canonical = "/b/0/x", regional = "/ItemInfo/0/KIND", lossy = true, codec = "code", table = "kind" }"""
    types = 'values = [{ regional = "1", canonical = "x" }, { regional = "2", canonical = "x", '
    types += 'only = "to-canonical", lossy = true }]'
    found = files(rows, codes__kind=types) | {
        "examples/application/one.regional.json": b'{"ItemInfo":[{"NAME":"x","KIND":"2"}]}',
        "examples/application/one.canonical.json": b'{"a":"x","b":[{"x":"x"}]}',
    }

    told = check(load_adapter(found), examples_in(found), fields={KIND: {"/b/*/x"}})

    assert told.verdicts[0].normalised == ("/ItemInfo/0/KIND",)
    assert told.passed
    assert told.coverage[0].unexercised == ()
    assert told.coverage[0].never_filled == ()


@pytest.mark.parametrize("empty", [[], [{}], {}, [{"NAME": " ", "MORE": [None]}], ""])
def test_an_empty_container_says_as_little_as_an_absent_one(empty):
    assert list(differences({"a": "x", "condition": empty}, {"a": "x"})) == []
    assert list(differences({"a": "x"}, {"a": "x", "condition": empty})) == []


@pytest.mark.parametrize("full", [[0], [{"NAME": "x"}], {"a": False}, [["x"]]])
def test_a_container_that_says_something_differs_from_an_absent_one(full):
    assert list(differences({"condition": full}, {})) == ["/condition"]
