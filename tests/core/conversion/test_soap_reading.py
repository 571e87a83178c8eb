"""SOAP envelopes of both versions become the document in their Body, with the Header beside it."""

import pytest

from gateway.core.conversion.formats import read_document, write_document
from gateway.core.conversion.formats.soap_format import NAMESPACES, open_soap
from gateway.core.conversion.formats.wire import Payload, SoapStyle, Wire
from gateway.core.errors import MalformedDocumentError

OURS = "http://service.example/"
WIRE = Wire(format="soap", charset="utf-8", soap=SoapStyle(namespace=OURS, understood=frozenset({"auth"})))
PAYLOAD = Payload(at=(("submit", "xmlStr"),), format="xml")
ARRAYS = frozenset({("submit", "xmlStr", "PACKAGE", "RECORD")})
WRAPPED = Wire(format="soap", charset="utf-8", arrays=ARRAYS, soap=SoapStyle(namespace=OURS), payload=PAYLOAD)
both_versions = pytest.mark.parametrize("namespace", NAMESPACES.values(), ids=NAMESPACES)


def envelope(body: str, header: str = "", namespace: str = NAMESPACES["1.1"]) -> bytes:
    before = f"<s:Header>{header}</s:Header>" if header else ""
    return (
        f'<s:Envelope xmlns:s="{namespace}" xmlns:n="{OURS}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{before}<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def read(body: bytes, wire: Wire = WIRE) -> object:
    return read_document(body, "text/xml", wire)


@both_versions
def test_the_operation_is_the_document_and_the_header_stands_beside_it(namespace):
    header = '<n:auth s:mustUnderstand="1"><key>k</key></n:auth>'
    body = envelope('<n:submit><no xsi:type="xsd:string">1</no><n:name>张三</n:name></n:submit>', header, namespace)

    assert read(body) == {"Header": {"auth": {"key": "k"}}, "submit": {"no": "1", "name": "张三"}}


def test_names_of_other_namespaces_keep_them():
    body = envelope('<n:submit><o:no xmlns:o="urn:other">1</o:no></n:submit>')

    assert read(body) == {"submit": {"{urn:other}no": "1"}}


@pytest.mark.parametrize(
    "inside",
    [
        "<![CDATA[<PACKAGE><RECORD><NO>1</NO></RECORD></PACKAGE>]]>",
        "&lt;PACKAGE&gt;&lt;RECORD&gt;&lt;NO&gt;1&lt;/NO&gt;&lt;/RECORD&gt;&lt;/PACKAGE&gt;",
        '<![CDATA[<?xml version="1.0" encoding="GBK"?><PACKAGE><RECORD><NO>1</NO></RECORD></PACKAGE>]]>',
    ],
    ids=["cdata", "escaped", "declared-otherwise"],
)
def test_an_xml_document_inside_a_parameter_is_read_as_part_of_the_document(inside):
    body = envelope(f"<n:submit><code>7</code><xmlStr>{inside}</xmlStr></n:submit>")

    assert read(body, WRAPPED) == {"submit": {"code": "7", "xmlStr": {"PACKAGE": {"RECORD": [{"NO": "1"}]}}}}


@pytest.mark.parametrize(("cdata", "declaration"), [(True, True), (False, False)])
def test_an_inner_document_is_written_as_the_layout_says(cdata, declaration):
    payload = Payload(at=PAYLOAD.at, format="xml", cdata=cdata, declaration=declaration)
    wire = Wire(format="soap", charset="gbk", arrays=ARRAYS, soap=SoapStyle(namespace=OURS), payload=payload)
    document = {"submit": {"xmlStr": {"PACKAGE": {"RECORD": [{"NO": "张三 & <>"}]}}}}

    written = write_document(document, wire)

    assert (b"<![CDATA[" in written) is cdata
    assert (b'<?xml version="1.0" encoding="GBK"?>' in written) is (declaration and cdata)
    assert read(written, wire) == document


def test_a_section_s_own_end_inside_an_inner_document_does_not_end_it():
    payload = Payload(at=PAYLOAD.at, format="xml", cdata=True)
    wire = Wire(format="soap", charset="utf-8", payload=payload)
    document = {"submit": {"xmlStr": {"A": "]]>"}}}

    assert read(write_document(document, wire), wire) == document


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("&lt;A&gt;", "xml_truncated"),
        ("&lt;!DOCTYPE A [&lt;!ENTITY x 'y'>]>&lt;A>&amp;x;&lt;/A>", "xml_dtd_forbidden"),
        ("<A/>", "payload_not_text"),
        ("&lt;a&gt;" * 40 + "&lt;/a&gt;" * 40, "too_deep"),
    ],
)
def test_what_is_wrong_inside_a_parameter_points_at_it(inside, code):
    with pytest.raises(MalformedDocumentError) as caught:
        read(
            envelope(f"<n:submit><xmlStr>{inside}<!-- --></xmlStr><z>1</z></n:submit>".replace("<A/>", "<A>1</A>")),
            WRAPPED,
        )

    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [("/submit/xmlStr", code)]


def test_a_fault_is_no_document_and_reads_the_same_in_both_versions():
    old = (
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>忙</faultstring>"
        "<detail><code>-50</code></detail></s:Fault>"
    )
    new = (
        "<s:Fault><s:Code><s:Value>s:Server</s:Value></s:Code>"
        '<s:Reason><s:Text xml:lang="zh">忙</s:Text><s:Text xml:lang="en">busy</s:Text></s:Reason>'
        "<s:Detail><code>-50</code></s:Detail></s:Fault>"
    )
    said = {"Fault": {"code": "Server", "reason": "忙", "detail": {"code": "-50"}}}

    assert open_soap(envelope(old), "", WIRE) == said
    assert open_soap(envelope(new, namespace=NAMESPACES["1.2"]), "", WIRE) == said
    with pytest.raises(MalformedDocumentError) as caught:
        read(envelope(old))
    assert caught.value.code == "soap_fault"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<submit/>", "soap_envelope"),
        (envelope(""), "soap_envelope"),
        (envelope("<a/><b/>"), "soap_envelope"),
        (envelope("<n:Header/>"), "soap_envelope"),
        (envelope("<a/>", namespace="urn:soap"), "soap_envelope"),
        (envelope("<a/>").replace(b"</s:Envelope>", b"<s:Other/></s:Envelope>"), "soap_envelope"),
        (envelope("<a/>").replace(b"</s:Envelope>", b"<s:Body/></s:Envelope>"), "soap_envelope"),
        (envelope("<a/>", '<o:security xmlns:o="urn:o" s:mustUnderstand="true"/>'), "soap_not_understood"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + envelope("<a>&a;</a>"), "xml_dtd_forbidden"),
    ],
)
def test_each_way_to_be_no_message_has_its_code(body, code):
    with pytest.raises(MalformedDocumentError) as caught:
        read(body)

    assert caught.value.code == code


@pytest.mark.parametrize("qualified", [True, False])
def test_names_are_written_in_the_namespace_as_far_as_the_layout_says(qualified):
    style = SoapStyle(version="1.2", namespace=OURS, qualified=qualified)
    wire = Wire(format="soap", charset="utf-8", soap=style)
    document = {"Header": {"auth": {"key": "k"}}, "submit": {"list": ["1", {"@id": "2", "a": "b"}]}}

    written = write_document(document, wire)

    assert (b"<ns:submit><ns:list>1</ns:list>" in written) is qualified
    assert (b"<ns:submit><list>1</list>" in written) is not qualified
    assert read_document(written, wire.media_type, wire) == document
    assert wire.media_type == "application/soap+xml; charset=utf-8"


@pytest.mark.parametrize("document", [{}, {"a": "1", "b": "2"}, {"Header": {"x": "1"}}, {"Header": "x", "a": "1"}])
def test_what_no_envelope_can_carry_is_not_written(document):
    with pytest.raises(ValueError, match="one element in the Body"):
        write_document(document, WIRE)
