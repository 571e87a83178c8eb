"""What is written is read again as it was, in every format and encoding, and any bytes are read or refused, soon."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.formats import read_document, write_document
from gateway.core.conversion.formats.soap_format import NAMESPACES
from gateway.core.conversion.formats.wire import Payload, SoapStyle, TableStyle, Wire
from gateway.core.errors import RejectedError

CHARSETS = ("utf-8", "gbk", "gb18030")
NAMESPACE = "http://service.example/"

# What XML and every encoding here can hold: no control characters, no half characters, and nothing beyond GBK.
TEXT = st.text(
    st.sampled_from("abcXYZ019 ,;\"'&<>=+%\t\n张三户口迁移，。Ａ]")
    | st.characters(codec="gbk", exclude_categories=["Cc"]),
    max_size=12,
)
SAID = TEXT.filter(lambda text: bool(text.strip()))
NAME = st.text(st.sampled_from("abXYZ_张名"), min_size=1, max_size=3)
ATTRIBUTES = st.dictionaries(NAME.map("@{}".format), TEXT, max_size=2)
ATTRIBUTED = st.builds(lambda name, value, text: {name: value, "#text": text}, NAME.map("@{}".format), TEXT, SAID)


def _element(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3)
    children = st.dictionaries(NAME, inner | several, min_size=1, max_size=3)
    return st.builds(lambda one, other: {**one, **other}, ATTRIBUTES, children) | ATTRIBUTED


ELEMENT = st.recursive(TEXT, _element, max_leaves=8)
ROOTED = st.builds(lambda name, content: {name: content}, NAME, ELEMENT)
JSON = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers(0, 10**9) | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=3,
)
FORM = st.dictionaries(TEXT.filter(bool), TEXT | st.lists(TEXT, min_size=2, max_size=3), min_size=1, max_size=4)
COLUMNS = st.lists(SAID.filter(lambda name: "\n" not in name[:1]), min_size=1, max_size=4, unique=True)
ROWS = COLUMNS.flatmap(
    lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, TEXT)), min_size=1, max_size=3)
)
SOAP = st.builds(
    lambda header, body: ({"Header": header} if header else {}) | body,
    st.dictionaries(NAME, ELEMENT, max_size=2),
    ROOTED,
)

FORMATS: dict[str, tuple[st.SearchStrategy[Any], dict[str, Any]]] = {
    "json": (JSON, {}),
    "xml": (ROOTED, {}),
    "soap": (SOAP, {}),
    "soap-1.2-qualified": (SOAP, {"soap": SoapStyle(version="1.2", namespace=NAMESPACE, qualified=True)}),
    "soap-in-a-namespace": (SOAP, {"soap": SoapStyle(namespace=NAMESPACE)}),
    "soap-around-xml": (
        st.builds(lambda inner: {"do": {"xml": inner, "key": "1"}}, ROOTED),
        {"payload": Payload(at=(("do", "xml"),), format="xml", cdata=True, declaration=True)},
    ),
    "json-around-xml": (
        st.builds(lambda inner: {"xml": inner}, ROOTED),
        {"payload": Payload(at=(("xml",),), format="xml")},
    ),
    "form": (FORM, {}),
    "form-around-json": (
        st.builds(lambda inner: {"data": inner, "id": "1"}, JSON),
        {"payload": Payload(at=(("data",),), format="json")},
    ),
    "csv": (st.builds(lambda rows: {"rows": rows}, ROWS), {}),
    "tsv": (st.builds(lambda rows: {"rows": rows}, ROWS), {}),
    "csv-of-one-row": (ROWS.map(lambda rows: rows[0]), {"table": TableStyle(single=True)}),
}


def wire_of(name: str, charset: str) -> Wire:
    return Wire(format=name.partition("-")[0], charset=charset, **FORMATS[name][1])


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_again_as_it_was(name, charset):
    wire = wire_of(name, charset)

    @settings(max_examples=40, deadline=None)
    @given(FORMATS[name][0])
    def law(document):
        assert read_document(write_document(document, wire), wire.media_type, wire) == document

    law()


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None)
@given(body=st.binary(max_size=200) | st.text(alphabet='<>&;/"=, \t\n%+{}[]Saé张', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(name, body):
    wire = wire_of(name, "utf-8")

    try:
        read_document(body, wire.media_type, wire)
    except RejectedError as error:
        assert error.faults  # noqa: PT017 - one of two good ends


def _soap(inside: str, header: str = "") -> str:
    return (
        f'<s:Envelope xmlns:s="{NAMESPACES["1.1"]}"><s:Header>{header}</s:Header><s:Body>{inside}</s:Body></s:Envelope>'
    )


HOSTILE = {
    "billion laughs": '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
    "quadratic entity": '<!DOCTYPE a [<!ENTITY b "' + "x" * 100_000 + '">]><a>' + "&b;" * 100_000 + "</a>",
    "external entity": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/x"> %b;]><a/>',
    "external type": '<!DOCTYPE a PUBLIC "x" "http://127.0.0.1:9/x"><a/>',
    "inclusion": '<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="file:///etc/passwd"/><i:x/></a>',
    "attributes": "<a " + " ".join(f'a{number}=""' for number in range(90_000)) + "/>",
    "attributes in namespaces": "<a " + " ".join(f'xmlns:a{n}="u{n}" a{n}:x=""' for n in range(25_000)) + "/>",
    "namespaces": "<a " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(50_000)) + "/>",
    "one long namespace": f'<a xmlns="{"u" * 500_000}">' + "<b/>" * 90_000 + "</a>",
    "elements": "<a>" + "<b/>" * 250_000 + "</a>",
    "names": "<a>" + "".join(f"<b{number}/>" for number in range(90_000)) + "</a>",
    "depth": "<a>" * 200_000,
    "closed depth": "<a>" * 30_000 + "</a>" * 30_000,
    "white space before": " " * 1_000_000 + "<a>",
    "white space within": "<a>" + " " * 1_000_000 + "<b>",
    "declaration": "<?xml " + "x" * 1_000_000,
    "comments": "<a>" + "x<!---->" * 110_000 + "<b>",
    "instructions": "<a>" + "x<?a?>" * 150_000 + "</a>",
    "sections": "<a>" + "<![CDATA[x]]>" * 75_000 + "<b>",
    "text": "<a>" + "x" * 1_000_000,
    "references": "<a>" + "&#x10FFFF;" * 100_000 + "<b>",
    "percent signs": "a=" + "%" * 1_000_000,
    "ampersands": "&" * 1_000_000,
    "fields": "a=&" * 300_000,
    "one field many times": "a=1&" * 250_000,
    "quotation marks": "A,B\n" + '"' * 999_999,
    "commas": "," * 1_000_000,
    "lines": "\n" * 1_000_000 + "A,B\n1",
    "columns": "A,B\n" + "1\n" * 400_000,
    "brackets": "[" * 1_000_000,
}


@pytest.mark.timeout(60)  # what this guards against takes minutes: two megabytes, and work that grows as their square
@pytest.mark.parametrize("format_name", ["json", "xml", "soap", "form", "csv", "tsv"])
@pytest.mark.parametrize("hostility", HOSTILE)
def test_hostile_bytes_are_refused_soon_with_a_code(hostility, format_name):
    body = HOSTILE[hostility]
    if format_name == "soap" and body.startswith("<") and not body.startswith(("<!", "<?")):
        body = _soap("<a>" + body + "</a>", body)
    wire = Wire(format=format_name, charset="utf-8")

    try:
        read_document(body.encode(), wire.media_type, wire)
    except RejectedError as error:
        assert error.faults  # noqa: PT017 - one of two good ends


@pytest.mark.parametrize(
    ("hostility", "code"),
    [
        ("billion laughs", "xml_dtd_forbidden"),
        ("external entity", "xml_dtd_forbidden"),
        ("parameter entity", "xml_dtd_forbidden"),
        ("attributes", "xml_too_many"),
        ("attributes in namespaces", "xml_too_many"),
        ("one long namespace", "xml_name_too_long"),
        ("elements", "xml_too_many"),
        ("closed depth", "too_deep"),
    ],
)
def test_each_xml_attack_has_its_code(hostility, code):
    with pytest.raises(RejectedError) as caught:
        read_document(HOSTILE[hostility].encode(), "text/xml", Wire(format="xml", charset="utf-8"))

    assert caught.value.code == code
