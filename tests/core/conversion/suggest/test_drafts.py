"""A draft loads as it is, says what it does not know, and shows nobody's data."""

import orjson
import pytest

from gateway.core.conversion.conformance import check, examples_in
from gateway.core.conversion.formats import write_document
from gateway.core.conversion.formats.wire import SoapStyle, TableStyle, Wire
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.suggest.samples import FIELD_LIMIT
from gateway.core.conversion.suggest.suggestion import Knowledge, Suggestion, Wish, suggest
from gateway.core.errors import (
    AdapterError,
    InvalidDocumentError,
    MalformedDocumentError,
    OversizedDocumentError,
    UnsupportedFormatError,
)
from gateway.core.model import DocumentKind
from gateway.resources import shipped_code_lists, shipped_forms, shipped_labels, shipped_schemas

KNOWN = Knowledge(schemas=shipped_schemas(), forms=shipped_forms(), labels=shipped_labels(), dictionaries={})
KIND = DocumentKind.APPLICATION
WISH = Wish(name="new", kind=KIND)
KEEPING = Wish(name="new", kind=KIND, keep_samples=True)
SAMPLE = {
    "YWLSH": "X-2026-1",
    "SXMC": "户口迁移",
    "SXBM": "11420300011400000X3420131001000",
    "SQRLX": "自然人",
    "SQRMC": "欧阳锋",
    "SQRZJLX": "1",
    "SQRZJHM": "11010519491231002X",
    "SQRLXDH": "13912345678",
    "SQSJ": "2026-03-01 10:00:00",
    "SFXSSC": "是",
    "CL": [{"CLMC": "身份证", "CLFS": "2"}, {"CLMC": "户口簿", "CLFS": "1"}],
}


def draft(sample: object = SAMPLE, wish: Wish = WISH, *, schema: object = None) -> Suggestion:
    body = sample if isinstance(sample, bytes) else orjson.dumps(sample)
    return suggest({"one.json": body}, KNOWN, wish, None if schema is None else orjson.dumps(schema))


def test_a_draft_loads_and_the_check_says_what_is_left():
    files = draft().files
    adapter = load_adapter(files, shipped_code_lists())

    report = check(adapter, examples_in(files), forms=shipped_forms())

    assert adapter.name == "new"
    assert not report.passed
    (verdict,) = report.verdicts
    assert {fault.code for fault in verdict.faults} >= {"code_unmapped", "required_missing", "example_incomplete"}
    assert verdict.rows_behind("/SQRZJLX")[0].startswith("application.mapping.toml#/rows/")


def test_a_code_is_mapped_only_where_its_name_is_known():
    files = draft().files

    codes = load_adapter(files).manifest.codes
    assert list(codes["applicant-type"].read) == ["自然人"]
    assert codes["id-type"].read == {}


def test_a_schema_that_explains_its_codes_is_believed_and_its_digits_are_not():
    properties = {"SQRZJLX": {"title": "证件类型", "description": "1 居民身份证 2 护照"}, "SQRLX": {"enum": ["1", "2"]}}
    files = draft(SAMPLE | {"SQRLX": "1"}, schema={"properties": properties}).files
    codes = load_adapter(files).manifest.codes

    assert codes["id-type"].read["1"] == "resident-id"
    assert codes["applicant-type"].read == {}


def test_values_are_replaced_by_others_of_their_shape_unless_they_are_to_be_kept():
    shown = orjson.loads(draft().files["examples/application/sample-1.regional.json"])
    kept = orjson.loads(draft(wish=KEEPING).files["examples/application/sample-1.regional.json"])

    assert kept == SAMPLE
    assert (shown["SQRLX"], shown["SFXSSC"], shown["SQSJ"]) == ("自然人", "是", "2026-03-01 10:00:00")
    assert shown["SQRZJHM"] != SAMPLE["SQRZJHM"]
    assert len(shown["SQRZJHM"]) == 18
    assert not {"欧阳锋", "13912345678", "11010519491231002X"} & set(map(str, shown.values()))
    assert shown.keys() == SAMPLE.keys()


def test_nothing_but_the_examples_holds_what_stood_in_the_samples():
    files = draft(SAMPLE | {"SQRLX": "欧阳", "BZXX": "联系欧阳锋"}, KEEPING).files

    told = b"".join(body for name, body in files.items() if not name.startswith("examples/"))

    assert not any(one in told.decode() for one in ("欧阳", "13912345678", "1949"))


def test_what_a_draft_needs_and_does_not_have_is_named():
    found = draft()

    assert ("mode",) in {one.path for one in found.proposal.unfilled}
    assert '# { canonical = "/mode", codec = "constant"' in found.files["application.mapping.toml"].decode()


def test_a_document_that_needs_nothing_more_is_converted_at_once():
    item = {
        "TASKNAME": "登记",
        "TASKCODE": "11420300011400000X3420131001000",
        "TASKTYPE": "行政许可",
        "AREACODE": "420300",
    }

    found = draft(item, Wish(name="new"))

    assert found.kind is DocumentKind.SERVICE_ITEM
    assert (found.trial.converted, found.trial.reasons, found.kept) == (1, (), True)
    assert check(load_adapter(found.files), examples_in(found.files), forms=shipped_forms()).passed


@pytest.mark.parametrize(
    "wire",
    [
        Wire(format="json", charset="gb18030"),
        Wire(format="xml", charset="gbk"),
        Wire(format="soap", charset="utf-8", soap=SoapStyle(namespace="urn:x", qualified=True)),
        Wire(format="form", charset="utf-8"),
        Wire(format="csv", charset="utf-8", table=TableStyle(single=True)),
        Wire(format="tsv", charset="utf-8", table=TableStyle(single=True)),
    ],
    ids=lambda wire: wire.format,
)
def test_samples_are_read_in_every_format_and_written_back_in_it(wire):
    flat = {name: value for name, value in SAMPLE.items() if name != "CL"}
    body = write_document({"SQ": flat} if wire.format in ("xml", "soap") else flat, wire)
    name = f"one.{wire.format if wire.format in ('csv', 'tsv') else 'dat'}"

    found = suggest({name: body}, KNOWN, Wish(name="new", kind=KIND))

    adapter = load_adapter(found.files)
    (example,) = examples_in(found.files)
    assert adapter.channels[KIND].document.wire.format == wire.format
    assert adapter.read(KIND, example.regional, adapter.channels[KIND].document.wire.media_type)
    assert {one.canonical.path for one in found.proposal.decided} >= {("applicant", "name"), ("appliedAt",)}


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(
    ("sample", "error", "code"),
    [
        (b"", MalformedDocumentError, "empty_document"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xff", MalformedDocumentError, "encoding_wrong"),
        (b"{", MalformedDocumentError, "json_truncated"),
        (nested(33), MalformedDocumentError, "too_deep"),
        (b"[1, 2]", MalformedDocumentError, "json_not_object"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', MalformedDocumentError, "xml_dtd_forbidden"),
        (orjson.dumps({f"f{n}": 1 for n in range(FIELD_LIMIT + 1)}), InvalidDocumentError, "too_many_fields"),
        (b'{"a":"' + b"x" * (5 << 20) + b'"}', OversizedDocumentError, "document_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_sample_is_refused_with_a_code(sample, error, code):
    with pytest.raises(error) as refused:
        draft(sample)

    assert refused.value.code == code


def test_samples_of_two_formats_and_too_many_samples_are_refused():
    with pytest.raises(UnsupportedFormatError):
        suggest({"a": b"{}", "b": b"<a/>"}, KNOWN, Wish(name="new"))
    with pytest.raises(InvalidDocumentError) as refused:
        suggest({str(number): b"{}" for number in range(101)}, KNOWN, Wish(name="new"))
    assert refused.value.code == "too_many_samples"


@pytest.mark.parametrize("schema", ["no object", {"type": 7}, {"$ref": "https://elsewhere.example/x"}])
def test_a_schema_that_is_none_is_refused(schema):
    with pytest.raises(AdapterError) as refused:
        draft(schema=schema)

    assert refused.value.code == "schema_invalid"


def test_hostile_names_stay_names():
    names = [
        '"]\nrows = []',
        "a\x00b\x7f",
        "#",
        "-",
        "0",
        "~/",
        "x" * 300,
        "",
        "\u2028姓名'''",
        'SQRMC" }, { canonical',
    ]

    found = draft(dict.fromkeys(names, "值") | {"SXMC": "登记"})

    rows = load_adapter(found.files).channels[KIND].messages[KIND].variant.rows
    assert [row.canonical for row in rows] == [(("item", "name"),)]


def test_a_deep_schema_and_one_that_refers_to_itself_end_somewhere():
    loop = {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"properties": {"a": {"$ref": "#/$defs/a"}}}}}

    assert draft({"SXMC": "登记"}, schema=loop).proposal.decided


@pytest.mark.parametrize("name", ['a" }, { canonical = "/mode', "a\\", "a\x7fb\x1f", "a\nb", "a'''\u2028"])
def test_a_hostile_name_of_a_field_that_is_recognised_stays_a_name(name):
    found = draft({name: "登记处"}, schema={"properties": {name: {"title": "事项名称"}}})

    (row,) = load_adapter(found.files).channels[KIND].messages[KIND].variant.rows
    assert (row.canonical, row.regional) == ((("item", "name"),), ((name,),))
