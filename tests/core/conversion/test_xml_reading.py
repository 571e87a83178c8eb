"""XML becomes the same kind of document as JSON, and nothing in it reaches outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.conversion.formats import read_document, write_document
from gateway.core.conversion.formats.wire import Wire
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import MalformedDocumentError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import MANIFEST, files

WIRE = Wire(format="xml", charset="utf-8", arrays=frozenset({("SQ", "CL")}))
XML = "application/xml"


def read(text: str, charset: str = "utf-8") -> object:
    return read_document(text.encode(charset), XML, WIRE)


def test_elements_attributes_text_and_repetition_become_a_document():
    text = '<SQ id="7"><MC>张三</MC><CL>a</CL><X><Y/></X><X>2</X><Z n="1">t</Z></SQ>'

    assert read(text) == {
        "SQ": {"@id": "7", "MC": "张三", "CL": ["a"], "X": [{"Y": ""}, "2"], "Z": {"@n": "1", "#text": "t"}}
    }


def test_the_declared_encoding_is_honoured():
    text = '<?xml version="1.0" encoding="GBK"?><SQ><MC>张三</MC></SQ>'

    assert read(text, "gbk") == {"SQ": {"MC": "张三"}}
    assert write_document({"SQ": {"MC": "张三"}}, Wire(format="xml", charset="gbk")) == (
        "<?xml version='1.0' encoding='GBK'?>\n<SQ><MC>张三</MC></SQ>".encode("gbk")
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_document"),
        (b"   ", "empty_document"),
        (b"<SQ><A>", "xml_truncated"),
        (b"<SQ><A>x</A", "xml_truncated"),
        (b"<SQ></A>", "xml_syntax"),
        (b"plain>", "xml_syntax"),
        (b"\xef\xbb\xbf<SQ/>", "bom_forbidden"),
        (b"<SQ>\xff</SQ>", "encoding_wrong"),
        (b"<SQ>a<B/>c</SQ>", "xml_mixed_content"),
        (b"<SQ><B/>c</SQ>", "xml_mixed_content"),
        (b'<!DOCTYPE SQ [<!ENTITY x "y">]><SQ>&x;</SQ>', "xml_dtd_forbidden"),
        (b'<!DOCTYPE SQ SYSTEM "file:///etc/passwd"><SQ/>', "xml_dtd_forbidden"),
        (b'<?xml version="1.0" encoding="GBK"?><SQ>\xff\xff</SQ>', "encoding_wrong"),
        (b"<a>" * 40 + b"</a>" * 40, "too_deep"),
        (b"<a>" * 5000 + b"</a>" * 5000, "too_deep"),
        (b"<SQ>&undefined;</SQ>", "xml_syntax"),
    ],
)
def test_each_way_to_be_malformed_has_its_code(body, code):
    with pytest.raises(MalformedDocumentError) as caught:
        read_document(body, XML, WIRE)

    assert caught.value.code == code


def test_the_media_type_and_the_declaration_must_agree():
    body = b'<?xml version="1.0" encoding="GBK"?><SQ/>'

    with pytest.raises(MalformedDocumentError):
        read_document(body, "application/xml; charset=utf-8", WIRE)


@given(st.binary(max_size=200) | st.text(alphabet='<>&;/"= SQaé张', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    try:
        found = read_document(body, XML, WIRE)
    except MalformedDocumentError as error:
        found = error.faults

    assert found


@pytest.mark.parametrize("document", [{"A": "\x00"}, {"A": {"b c": "x"}}, {"A": [1], "B": 2}, {"A": {"B": [[1]]}}])
def test_what_xml_cannot_carry_is_not_written(document):
    with pytest.raises(ValueError, match=r"XML|one root|[Ii]nvalid"):
        write_document(document, WIRE)


def test_a_table_carries_xml_there_and_back_with_one_element_arrays():
    rows = """
      { canonical = "/applicant/name", regional = "/SQ/MC" },
      { canonical = "/item/version", regional = "/SQ/@bb", codec = "integer", wire = "text" },
      { canonical = "/materials", regional = "/SQ/QD/CL", codec = "array", rows = [
        { canonical = "/name", regional = "/MC" },
      ] },
    """
    manifest = MANIFEST + 'format = "xml"\ncharset = "gbk"\n'
    adapter = load_adapter(files(rows, manifest=manifest))
    body = '<SQ bb="3"><MC>张三</MC><QD><CL><MC>照片</MC><FS>2</FS></CL></QD></SQ>'.encode("gbk")

    forth = adapter.to_canonical(DocumentKind.APPLICATION, body, XML)
    back = adapter.to_regional(DocumentKind.APPLICATION, forth.document)

    assert forth.document == {
        "applicant": {"name": "张三"},
        "item": {"version": 3},
        "materials": [{"name": "照片"}],
        "extensions": {"demo": {"/SQ/QD/CL/0/FS": "2"}},
    }
    assert adapter.read(DocumentKind.APPLICATION, back.body, back.media_type) == adapter.read(
        DocumentKind.APPLICATION, body, XML
    )
