"""A list is cut into the very bytes of its documents, from its beginning or from wherever an import was cut off."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.core.conversion.formats.wire import TableStyle, Wire
from gateway.flow import records
from gateway.flow.records import DOCUMENT_BYTES, records_of

JSON = Wire(format="json", charset="utf-8")
XML = Wire(format="xml", charset="utf-8")
CSV = Wire(format="csv", charset="utf-8", table=TableStyle(single=True))

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='ab"\\[]{},\n 公', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='a"\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def cut(content: bytes, wire: Wire = JSON, position: int = 0, line: int = 0):
    reader = records_of(BytesIO(content), wire)
    assert reader is not None
    return list(reader.read(position, line))


@given(values=st.lists(VALUES, max_size=6), piece=st.integers(1, 9), indent=st.sampled_from([None, 1]))
def test_an_array_is_cut_into_its_elements_wherever_the_pieces_of_the_file_end(values, piece, indent):
    content = json.dumps(values, indent=indent, ensure_ascii=False).encode()

    before, records._PIECE = records._PIECE, piece  # type: ignore[misc]  # the size of a piece is the point
    try:
        found = list(records.Elements(file=BytesIO(content)).read(0, 0))
    finally:
        records._PIECE = before  # type: ignore[misc]

    assert [json.loads(each.body) for each in found] == values
    assert [each.line for each in found] == list(range(1, len(values) + 1))
    assert all(content[each.position :][: each.length] == each.body for each in found)


@pytest.mark.parametrize(
    ("content", "wire"),
    [
        (b'{"a":1}\n\n{"a":2}\r\n{"a":3}', JSON),
        (b' [ {"a":1},\n{"a":2} , {"a":[3,"]"]}\n]\n', JSON),
        (b'a,b\r\n1,"x\r\n,y"\r\n\r\n2,"say ""a"""\r\n3,z', CSV),
        (b'<?xml version="1.0"?>\n<l xmlns="u"><a/> <!-- <a> --><b x=">"><a>1</a></b>\n<a>3</a></l>\n', XML),
    ],
    ids=["lines", "array", "table", "xml"],
)
def test_what_is_behind_a_document_is_the_same_whether_read_at_once_or_taken_up_again(content, wire):
    whole = cut(content, wire)
    assert len(whole) == 3

    for number, each in enumerate(whole):
        assert cut(content, wire, each.position + each.length, each.line) == whole[number + 1 :]


@pytest.mark.parametrize(
    ("content", "wire", "written"),
    [
        (b'{"a":1}\n{"a":2}', JSON, b'{"a":1}\n{"a":2}\n'),
        (b'[{"a" : 1},\n {"a":2}]', JSON, b'[\n{"a" : 1},\n{"a":2}\n]\n'),
        (b'a,b\r\n1,"x\n"\r\n2,y', CSV, b'a,b\r\n1,"x\n"\r\n2,y\r\n'),
        (
            b'<?xml version="1.0"?><l n="2"> <a/><a>2</a> </l>',
            XML,
            b'<?xml version="1.0"?><l n="2">\n<a/>\n<a>2</a>\n</l>\n',
        ),
    ],
    ids=["lines", "array", "table", "xml"],
)
def test_pieces_of_a_file_make_a_file_of_the_same_kind(content, wire, written):
    reader = records_of(BytesIO(content), wire)
    assert reader is not None

    pieces = (content[each.position :][: each.length] for each in list(reader.read(0, 0)))

    assert b"".join(reader.write(pieces)) == written


def test_one_document_laid_out_over_several_lines_is_one_document():
    content = json.dumps({"name": "异地就医备案", "parts": [{"a": 1}]}, indent=2, ensure_ascii=False).encode() + b"\n"

    (found,) = cut(content)

    assert (found.line, found.position, found.length, found.body) == (1, 0, len(content), content)
    assert cut(content, position=found.length, line=1) == []


@pytest.mark.parametrize("content", [b"[]", b"[ \n]", b"\xef\xbb\xbf[]\n"])
def test_an_empty_array_has_no_documents(content):
    assert cut(content) == []


def test_what_follows_a_torn_array_is_one_document_more():
    assert [each.body for each in cut(b'[{"a":1},{"b":')] == [b'{"a":1}', b'{"b":']


def test_of_a_document_that_is_too_long_only_the_beginning_is_held():
    much = b"x" * (3 * DOCUMENT_BYTES)
    for content, wire, last in (
        (much + b"\n{}", JSON, b"{}"),
        (b'["' + much + b'",{}]', JSON, b"{}"),
        (b"<l><a>" + much + b"</a><b/></l>", XML, b"<b/>"),
    ):
        long, short = cut(content, wire)

        assert len(long.body) == DOCUMENT_BYTES + 1
        assert long.length > 3 * DOCUMENT_BYTES
        assert short.body == last


NAMES = st.sampled_from(["a", "甲", "a-b"])
TEXTS = st.text(alphabet="ab<>&\"'/]!-? 公丂", max_size=8)


def elements():
    """Draw elements with marks wherever XML allows them, in attributes, sections and comments too."""

    def built(name, attribute, text, inner, wrap):
        element = etree.Element(name, {"x": attribute} if attribute else {})
        element.text = etree.CDATA(text.replace("]]>", "")) if wrap and text and not inner else text or None
        for each in inner:
            element.append(each)
        if wrap:
            element.append(etree.Comment("<a> '" + text.replace("-", "")))
        return element

    def layer(inner):
        return st.builds(built, NAMES, TEXTS, TEXTS, inner, st.booleans())

    return st.recursive(layer(st.just([])), lambda inner: layer(st.lists(inner, max_size=3)), max_leaves=6)


@given(
    children=st.lists(elements(), max_size=5), piece=st.integers(1, 9), charset=st.sampled_from(["utf-8", "gb18030"])
)
def test_an_xml_file_is_cut_into_the_elements_of_its_root_wherever_its_pieces_end(children, piece, charset):
    root = etree.Element("list")
    root.extend(children)
    content = etree.tostring(root, encoding=charset, xml_declaration=True)

    before, records._PIECE = records._PIECE, piece  # type: ignore[misc]  # the size of a piece is the point
    try:
        found = list(records.Children(file=BytesIO(content)).read(0, 0))
    finally:
        records._PIECE = before  # type: ignore[misc]

    read = [etree.tostring(etree.fromstring(each.body, etree.XMLParser(strip_cdata=False))) for each in found]
    assert read == [etree.tostring(one) for one in children]
    assert [each.line for each in found] == list(range(1, len(children) + 1))
    assert all(each.body.endswith(content[each.position :][: each.length]) for each in found)


def test_an_element_takes_along_what_is_declared_around_it_and_keeps_its_own():
    content = b"<?xml version='1.0' encoding='gbk'?><l xmlns:p='u' xmlns=\"v\"><p:a/><p:b xmlns:p='w'>1</p:b></l>"

    first, second = cut(content, XML)

    assert first.body == b"<?xml version='1.0' encoding='gbk'?><p:a xmlns:p='u' xmlns=\"v\"/>"
    assert second.body == b"<?xml version='1.0' encoding='gbk'?><p:b xmlns=\"v\" xmlns:p='w'>1</p:b>"


@pytest.mark.parametrize(
    ("content", "bodies"),
    [
        (b"<l/>", []),
        (b"<l> <!-- <a/> --> <?b <c/> ?> </l>", []),
        (b"<l><a>1</a><b>2<c></b", [b"<a>1</a>", b"<b>2<c></b"]),
        (b"<l><a/>lost<b/></l>", [b"<a/>", b"lost", b"<b/>"]),
        (b"<l><a/>lost</l>", [b"<a/>", b"lost</l>"]),
        (b"\xef\xbb\xbf<l><a/></l>", [b"<a/>"]),
        (b"no marks at all", []),
    ],
)
def test_of_an_xml_file_whatever_somebody_wrote_is_a_document(content, bodies):
    assert [each.body for each in cut(content, XML)] == bodies


@pytest.mark.parametrize("wire", [Wire(format="soap", charset="utf-8"), Wire(format="csv", charset="utf-8")])
def test_a_format_with_one_document_a_file_is_no_list(wire):
    assert records_of(BytesIO(b"<a/>"), wire) is None
