"""Which media types and encodings are read, and how their bytes become text."""

from dataclasses import dataclass
from typing import Final

from gateway.core.errors import Fault, MalformedDocumentError, UnsupportedFormatError

# GB 18030 contains GBK, which contains GB 2312; regions use the three names for the same bytes.
_CODECS: Final = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030"}
_WIDEST: Final = "gb18030"

MALFORMED: Final[dict[str, tuple[str, str]]] = {
    "encoding_wrong": ("The bytes are not in the declared encoding.", "内容与声明的编码不符。"),
    "bom_forbidden": ("The document starts with a byte order mark.", "文档以字节顺序标记开头。"),
    "empty_document": ("The document is empty.", "文档为空。"),
    "too_deep": ("The document is nested too deeply.", "文档嵌套过深。"),
    "json_syntax": ("The document is not valid JSON.", "文档不是有效的 JSON。"),
    "json_truncated": ("The JSON document ends too early.", "JSON 文档不完整。"),
    "json_surrogate": ("The JSON document holds half a character.", "JSON 文档含有不完整的字符。"),
    "json_duplicate_key": ("An object of the JSON document names a key twice.", "JSON 文档中的对象含有重复的键。"),
    "json_number": ("A number of the JSON document is out of range.", "JSON 文档中的数字超出范围。"),
    "json_not_object": ("The document is not an object.", "文档不是对象。"),
    "xml_syntax": ("The document is not well-formed XML.", "文档不是格式良好的 XML。"),
    "xml_truncated": ("The XML document ends too early.", "XML 文档不完整。"),
    "xml_dtd_forbidden": ("The XML document declares a document type or entities.", "XML 文档含有 DTD 或实体声明。"),
    "xml_mixed_content": ("An XML element holds both text and elements.", "XML 元素同时含有文本与子元素。"),
    "xml_too_many": ("The XML document has too many elements or attributes.", "XML 文档的元素或属性过多。"),
    "xml_name_too_long": ("A name of the XML document is too long.", "XML 文档中的名称过长。"),
    "soap_envelope": ("The document is not a SOAP envelope with one element.", "文档不是含单个元素的 SOAP 信封。"),
    "soap_fault": ("The SOAP envelope holds a fault, not a document.", "SOAP 信封中是错误信息，而非业务文档。"),
    "soap_not_understood": (
        "A SOAP header that must be understood is unknown here.",
        "存在必须理解但本适配器不认识的 SOAP 头。",
    ),
    "form_syntax": ("The document is not a form of names and values.", "文档不是有效的表单。"),
    "form_too_many": ("The form has too many fields.", "表单字段过多。"),
    "table_syntax": ("The rows are not quoted as RFC 4180 says.", "表格引号或分隔不符合 RFC 4180。"),
    "table_header": ("The columns of the table are not named once each.", "表头列名缺失、重复或过多。"),
    "table_ragged": ("A row has more or fewer fields than the table has columns.", "该行字段数与表头不符。"),
    "table_not_single": ("The table must have exactly one row.", "表格必须恰好有一行。"),
    "payload_not_text": ("The value must be a text that holds a document.", "该值必须是包含文档的文本。"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaType:
    """A media type as far as this gateway reads it."""

    format: str  # json, xml (SOAP too), form, csv or tsv
    charset: str  # a codec's name; "" where the media type does not say


_ESSENCES: Final = {
    "application/x-www-form-urlencoded": "form",
    "text/csv": "csv",
    "application/csv": "csv",
    "text/tab-separated-values": "tsv",
}


def media_type(text: str) -> MediaType:
    """Read a Content-Type; raises UnsupportedFormatError for what no format here reads, or no store could keep."""
    essence, *parameters = [part.strip().lower() for part in text.split(";")]
    kind, _, subtype = essence.partition("/")
    found = _ESSENCES.get(essence, subtype.rpartition("+")[2])
    known = kind in ("application", "text") and found in ("json", "xml", *_ESSENCES.values())
    if not (known and text.isascii()):  # RFC 9110, 5.6: other bytes of a header arrive as halves of characters
        raise UnsupportedFormatError("no format reads this media type")
    charset = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            charset = codec_name(value.strip().strip('"'))
    return MediaType(format=found, charset=charset)


def codec_name(charset: str) -> str:
    """Return the codec of an encoding's name; raises UnsupportedFormatError for any other."""
    if charset not in _CODECS:
        raise UnsupportedFormatError("no format reads this encoding", code="charset_unsupported")
    return _CODECS[charset]


def one_family(charset: str, other: str) -> str:
    """Return the codec that reads what both names may mean, or "" where they contradict each other; "" says nothing."""
    if not (charset and other) or charset == other:
        return charset or other
    return _WIDEST if {charset, other} == {"gbk", _WIDEST} else ""


def malformed(code: str, expected: str = "", pointer: str = "") -> MalformedDocumentError:
    """Make the error for a document that cannot be read; it says nothing of what was in it."""
    english, chinese = MALFORMED[code]
    fault = Fault(pointer=pointer, code=code, message=english, message_zh=chinese, expected=expected)
    return MalformedDocumentError(english, code=code, faults=(fault,))


def as_text(body: bytes, charset: str) -> str:
    """Decode strictly; raises MalformedDocumentError for bytes of another encoding."""
    try:
        return body.decode(charset)
    except UnicodeError:
        raise malformed("encoding_wrong", charset) from None


def as_utf8(body: bytes, charset: str) -> bytes:
    """Return the same text in UTF-8, checking it strictly where it was in another encoding."""
    if charset in ("", "utf-8"):
        return body
    return as_text(body, charset).encode()
