"""A draft writes what the samples declare: their encoding, and the order of their columns and elements."""

import orjson
import pytest

from gateway.core.conversion.conformance import examples_in
from gateway.core.conversion.formats import read_document
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.suggest.canonical import fields_of
from gateway.core.conversion.suggest.evidence import Scorer
from gateway.core.conversion.suggest.proposing import THRESHOLD, propose
from gateway.core.conversion.suggest.samples import regional_fields
from gateway.core.conversion.suggest.suggestion import Knowledge, Suggestion, Wish, suggest
from gateway.core.errors import AdapterError, UnsupportedFormatError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_forms, shipped_labels, shipped_schemas

KNOWN = Knowledge(schemas=shipped_schemas(), forms=shipped_forms(), labels=shipped_labels(), dictionaries={})
KIND = DocumentKind.APPLICATION


def suggested(
    *bodies: bytes, name: str = "one.xml", kind: DocumentKind = KIND, schema: bytes | None = None
) -> Suggestion:
    files = {f"{number}-{name}": body for number, body in enumerate(bodies)}
    return suggest(files, KNOWN, Wish(name="new", kind=kind), schema)


def xml(encoding: str, codec: str, name: str = "登记") -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?><R><SXMC>{name}</SXMC><SQRMC>甲</SQRMC></R>'.encode(codec)


@pytest.mark.parametrize(
    ("bodies", "charset"),
    [
        ([xml("GBK", "gbk")], "gbk"),
        ([xml("gb2312", "gb2312")], "gbk"),
        ([xml("GB18030", "gb18030")], "gb18030"),
        ([xml("GBK", "gbk"), xml("GB18030", "gb18030", "㐀𠀀")], "gb18030"),
        ([xml("UTF-8", "utf-8")], "utf-8"),
        (["SXMC,SQRMC\n登记,甲\n".encode("gbk")], "gbk"),
        (["SXMC,SQRMC\n𠀀,甲\n".encode("gb18030")], "gb18030"),
        ([b"SXMC,SQRMC\na,b\n", "SXMC,SQRMC\n登记,甲\n".encode("gbk")], "gbk"),
    ],
)
def test_the_encoding_is_that_of_the_samples_and_the_examples_are_written_in_it(bodies, charset):
    found = suggested(*bodies, name="one.xml" if bodies[0].startswith(b"<") else "one.csv")

    wire = load_adapter(found.files).channels[KIND].document.wire
    assert wire.charset == charset
    for one in examples_in(found.files):
        one.regional.decode(charset)
        assert one.regional.startswith(b"<") is False or charset.upper().encode() in one.regional[:60].upper()
        assert read_document(one.regional, wire.media_type, wire)


def test_samples_of_encodings_that_no_one_reads_together_are_refused():
    with pytest.raises(UnsupportedFormatError):
        suggested("SXMC\n登记\n".encode("gbk"), "SXMC\n登记处\n".encode(), name="one.csv")


def test_the_columns_of_a_table_are_written_in_the_order_of_its_header():
    body = "SXMC,YWLSH,SQRMC,QT\n登记,1,甲,x\n".encode()
    found = suggested(body, name="one.csv")
    adapter = load_adapter(found.files)

    assert adapter.channels[KIND].document.wire.table.columns == ("SXMC", "YWLSH", "SQRMC", "QT")


def test_rows_stand_in_the_order_of_the_elements_also_where_a_later_sample_has_more():
    first = {"SQRMC": "甲", "CL": [{"CLMC": "a", "SQSL": 1}], "SXMC": "登记"}
    second = {"SQRMC": "甲", "SQRLXDH": "13912345678", "CL": [{"CLBM": "c", "CLMC": "b"}], "SXMC": "登记"}

    found = suggested(orjson.dumps(first), orjson.dumps(second), name="one.json")

    rows = load_adapter(found.files).channels[KIND].messages[KIND].variant.rows
    assert [row.regional[0][0] for row in rows] == ["SQRMC", "SQRLXDH", "CL", "SXMC"]
    inside = next(row.rows for row in rows if row.regional == (("CL",),))
    assert [row.regional[0][0] for row in inside or ()] == ["CLBM", "CLMC", "SQSL"]


SAMPLE = {"SXMC": "登记", "SQRMC": "欧阳锋"}


@pytest.mark.parametrize(
    "document",
    [
        SAMPLE,
        {},
        {"properties": "欧阳锋"},
        {"properties": {"a": "欧阳锋"}},
        {"type": "object", "SQRMC": "欧阳锋"},
        {"properties": {"a": {}}, "SQRMC": "欧阳锋"},
        {"title": "欧阳锋"},
    ],
)
def test_a_document_given_as_a_schema_is_refused_and_not_copied(document):
    with pytest.raises(AdapterError) as refused:
        suggested(orjson.dumps(SAMPLE), name="one.json", schema=orjson.dumps(document))

    assert refused.value.code == "schema_invalid"
    assert "欧阳锋" not in str(refused.value)


def test_a_schema_of_definitions_is_one():
    schema = {"$schema": "x", "$ref": "#/$defs/a", "$defs": {"a": {"properties": {"SXMC": {"title": "事项名称"}}}}}

    assert suggested(orjson.dumps(SAMPLE), name="one.json", schema=orjson.dumps(schema)).proposal.decided


def test_an_abbreviation_alone_decides_nothing_about_single_digits():
    fields = fields_of(shipped_schemas(), KIND)
    scorer = Scorer(fields, shipped_labels(), {"CLFS": {"/materials/*/copies": 1.0}})
    documents = [{"CLLB": [{"CLMC": "甲", "CLFS": "1"}, {"CLMC": "乙", "CLFS": "2"}]}]

    proposal = propose(regional_fields(documents), fields, scorer)

    offered = {one.canonical.path[-1]: one.score for one in proposal.undecided["CLLB", "*", "CLFS"]}
    assert offered.keys() == {"copies", "receipt"}
    assert max(offered.values()) < THRESHOLD
