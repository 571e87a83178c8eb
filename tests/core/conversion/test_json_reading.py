"""JSON is read strictly: every way to be wrong has its code, and nothing read is rounded or dropped."""

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.conversion.formats import read_document
from gateway.core.conversion.formats.json_format import read_json, too_deep, write_json
from gateway.core.conversion.formats.wire import Wire
from gateway.core.errors import MalformedDocumentError, UnsupportedFormatError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_document"),
        (b'{"a":1', "json_truncated"),
        (b'{"a":"x', "json_truncated"),
        (b'{"a" 1}', "json_syntax"),
        (b"{'a':1}", "json_syntax"),
        (b'{"a":01}', "json_syntax"),
        (b'{"a":NaN}', "json_syntax"),
        (b'{"a":1}{}', "json_syntax"),
        (b'{"a":1e999}', "json_number"),
        (b'{"a":1.0e-99999999999}', "json_number"),
        (b'{"a":' + b"9" * 40 + b"}", "json_number"),
        (b'{"a":1,"a":2}', "json_duplicate_key"),
        (b'{"x":[{"a":1,"b":2,"a":1}]}', "json_duplicate_key"),
        (b'{"a":1,"\\u0061":2}', "json_duplicate_key"),
        (b'{"a":"\\ud800"}', "json_surrogate"),
        (b'{"a":"\xff"}', "encoding_wrong"),
        (b'{"a":"\xed\xa0\x80"}', "encoding_wrong"),
        (b"\xef\xbb\xbf{}", "bom_forbidden"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b"[" * 5000 + b"]" * 5000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
    ],
)
def test_each_way_to_be_malformed_has_its_code_and_repeats_nothing(body, code):
    with pytest.raises(MalformedDocumentError) as caught:
        read_json(body)

    assert caught.value.code == code
    assert [fault.code for fault in caught.value.faults] == [code]


@given(JSON, st.booleans(), st.booleans())
def test_any_document_reads_the_same_however_it_is_spaced_or_escaped(document, spaced, escaped):
    body = json.dumps(document, ensure_ascii=escaped, indent=1 if spaced else None).encode()
    too_long = any(len(digits) > 30 for digits in body.decode().replace("-", " ").split() if digits.isdecimal())

    if not too_long and not too_deep(document):
        try:
            assert read_json(body) == document
        except MalformedDocumentError as error:
            assert error.code == "json_number"  # noqa: PT017 - an integer too long to keep


def test_numbers_are_exact():
    assert read_json(b'{"a": 12.10, "b": 123456789012345678901}') == {"a": Decimal("12.10"), "b": 123456789012345678901}
    assert read_json(b'{"a":12.1}') == {"a": 12.1}


def test_32_levels_are_read_and_33_are_not():
    assert read_json(b"[" * 32 + b"]" * 32)
    assert not too_deep(orjson.loads(b"[" * 32 + b"]" * 32))


@pytest.mark.parametrize("charset", ["gbk", "gb2312", "gb18030"])
def test_chinese_encodings_are_read_and_written(charset):
    wire = Wire(format="json", charset="gbk")
    body = '{"名":"张三"}'.encode("gbk")

    assert read_document(body, f"application/json; charset={charset}", wire) == {"名": "张三"}
    assert write_json({"名": "张三"}, "gbk") == body


def test_a_character_that_the_encoding_lacks_is_escaped():
    body = write_json({"名": "𠮷"}, "gbk")

    assert read_json(body, "gbk") == {"名": "𠮷"}


def test_the_media_type_decides_what_is_read():
    wire = Wire(format="json", charset="utf-8")

    assert read_document(b"{}", "application/vnd.x+json", wire) == {}
    unread = (
        "application/xml",
        "image/png",
        "application/json; charset=utf-16",
        "application/json; a=\udcff",
        "json",
        "",
    )
    for declared in unread:
        with pytest.raises(UnsupportedFormatError):
            read_document(b"{}", declared, wire)
    with pytest.raises(MalformedDocumentError) as caught:
        read_document('{"名":1}'.encode("gbk")[:-3] + b"\xff", "application/json; charset=gbk", wire)
    assert caught.value.code == "encoding_wrong"


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"a": 2**70}, {"a": {1}}])
def test_what_json_cannot_carry_is_not_written(value):
    with pytest.raises(ValueError, match="not a JSON value"):
        write_json(value)
