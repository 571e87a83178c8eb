"""Forms, CSV and TSV become documents of texts, and each way to be wrong has its code."""

import pytest

from gateway.core.conversion.formats import read_document, write_document
from gateway.core.conversion.formats.table_format import documents
from gateway.core.conversion.formats.wire import Payload, TableStyle, Wire
from gateway.core.errors import MalformedDocumentError, UnsupportedFormatError

FORM = Wire(format="form", charset="gbk", arrays=frozenset({("CL",)}))
CSV = Wire(format="csv", charset="utf-8")
ROW = Wire(format="csv", charset="utf-8", table=TableStyle(single=True))
BARE = Wire(format="tsv", charset="gbk", table=TableStyle(columns=("A", "B"), header=False, single=True))


def read(body: bytes, wire: Wire) -> object:
    return read_document(body, wire.media_type, wire)


def test_a_form_is_read_in_the_encoding_of_its_layout_and_written_in_it():
    document = {"name": "张 三", "CL": ["a&b"], "X": ["1", "2"], "E": ""}

    written = write_document(document, FORM)

    assert written == b"name=%D5%C5+%C8%FD&CL=a%26b&X=1&X=2&E="
    assert read(written, FORM) == document
    assert read_document("name=张".encode(), "application/x-www-form-urlencoded; charset=utf-8", FORM) == {"name": "张"}


def test_one_field_of_a_form_may_hold_json():
    wire = Wire(format="form", charset="utf-8", payload=Payload(at=(("data",),), format="json"))
    document = {"appId": "7", "data": {"applyNo": "1", "list": [{"a": None}]}}

    assert read(write_document(document, wire), wire) == document


def test_a_whole_document_may_stand_in_a_json_text():
    wire = Wire(format="json", charset="utf-8", payload=Payload(at=((),), format="json"))

    assert write_document({"a": "张"}, wire) == '"{\\"a\\":\\"张\\"}"'.encode()
    assert read(b'"{\\"a\\":1}"', wire) == {"a": 1}


def test_rows_stand_under_their_header():
    body = '\ufeffTASKCODE,TASKNAME\r\n1,"户口, ""迁移""\n申请"\r\n\r\n2,\r\n'.encode()

    rows = [{"TASKCODE": "1", "TASKNAME": '户口, "迁移"\n申请'}, {"TASKCODE": "2", "TASKNAME": ""}]
    assert read(body, CSV) == {"rows": rows}
    assert write_document({"rows": rows}, CSV) == body.replace(b"\r\n\r\n", b"\r\n").removeprefix(b"\xef\xbb\xbf")


def test_a_row_may_be_the_document_with_a_header_or_without_one():
    assert read(b"A,B\n1,2\n", ROW) == {"A": "1", "B": "2"}
    assert read("1\t张\n".encode("gbk"), BARE) == {"A": "1", "B": "张"}
    assert write_document({"B": 2}, BARE) == b"\t2\r\n"


def test_a_long_table_is_read_row_by_row_under_its_header():
    lines = [b"A,B\n", b'1,"x\n', b'y"\n', b"\n", b"2,z\n", b'3,"never closed\n', b"4,5\n"]

    found = list(documents(lines, ROW, most=1000))

    assert found == [b'A,B\n1,"x\ny"\n', b"A,B\n2,z\n", b'A,B\n3,"never closed\n4,5\n']
    assert [read(one, ROW) for one in found[:2]] == [{"A": "1", "B": "x\ny"}, {"A": "2", "B": "z"}]
    assert list(documents([b"1\t2\n"], BARE, most=1000)) == [b"1\t2\n"]
    assert list(documents(lines, ROW, most=3))[3] == b'A,B\n3,"never closed\n'


@pytest.mark.parametrize(
    ("body", "wire", "code"),
    [
        (b"", FORM, "empty_document"),
        (b"a=%zz", FORM, "form_syntax"),
        (b"a=%1", FORM, "form_syntax"),
        (b"justtext", FORM, "form_syntax"),
        (b"=1", FORM, "form_syntax"),
        (b"a=%ff%ff", FORM, "encoding_wrong"),
        (b"a=1&" * 3000, FORM, "form_too_many"),
        (b"", CSV, "empty_document"),
        (b" \r\n", CSV, "empty_document"),
        (b'A,B\n1,"2', CSV, "table_syntax"),
        (b'A,B\n1,"2"x', CSV, "table_syntax"),
        (b"A\n" + b"x" * 200_000, CSV, "table_syntax"),
        (b"A,A\n1,2", CSV, "table_header"),
        (b"A,\n1,2", CSV, "table_header"),
        (b",".join(b"%d" % n for n in range(600)), CSV, "table_header"),
        (b"A,B\n1\n", CSV, "table_ragged"),
        (b"A,B\n1,2,3\n", CSV, "table_ragged"),
        (b"A,B\n", ROW, "table_not_single"),
        (b"A,B\n1,2\n3,4\n", ROW, "table_not_single"),
        (b"A,B\n\xff,2\n", CSV, "encoding_wrong"),
    ],
)
def test_each_way_to_be_malformed_has_its_code(body, wire, code):
    with pytest.raises(MalformedDocumentError) as caught:
        read(body, wire)

    assert {caught.value.code, *(fault.code for fault in caught.value.faults)} == {code}


def test_every_row_of_another_length_is_named():
    with pytest.raises(MalformedDocumentError) as caught:
        read(b"A,B\n1\n2,2\n3,3,3\n", CSV)

    assert [fault.pointer for fault in caught.value.faults] == ["/rows/0", "/rows/2"]


@pytest.mark.parametrize(
    ("document", "wire"),
    [
        ({"a": {"b": "c"}}, FORM),
        ({"a": [["b"]]}, FORM),
        ({}, FORM),
        ({"": "x"}, FORM),
        ({"a": "\U00020bb7"}, FORM),
        ({"rows": [{"a": ["b"]}]}, CSV),
        ({"rows": [{"": "b"}]}, CSV),
        ({"rows": []}, CSV),
        ({"rows": "x"}, CSV),
        ({"rows": [{"a": "1"}], "more": "1"}, CSV),
        ({"rows": [{"a": "x" * 200_000}]}, CSV),
        ({"A": "1", "C": "2"}, BARE),
        ({"A": "\U00020bb7"}, BARE),
    ],
)
def test_what_a_format_cannot_carry_is_not_written(document, wire):
    with pytest.raises(ValueError, match=r"."):
        write_document(document, wire)


def test_each_format_reads_its_own_media_types_only():
    assert read_document(b"A\n1\n", "application/csv", CSV) == {"rows": [{"A": "1"}]}
    for declared in ("application/json", "text/tab-separated-values", "multipart/form-data", "application/csvx"):
        with pytest.raises(UnsupportedFormatError):
            read_document(b"A\n1\n", declared, CSV)
