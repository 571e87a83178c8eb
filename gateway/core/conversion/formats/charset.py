"""Which media types and encodings are read, and how their bytes become text."""

from dataclasses import dataclass
from typing import Final

from gateway.core.errors import Fault, MalformedDocumentError, UnsupportedFormatError

# GB 18030 contains GBK, which contains GB 2312; regions use the three names for the same bytes.
_CODECS: Final = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030"}

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
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaType:
    """A media type as far as this gateway reads it."""

    format: str  # "json" or "xml"
    charset: str  # a codec's name; "" where the media type does not say


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """How a document travels: its format, its encoding, and which XML elements repeat."""

    format: str
    charset: str
    arrays: frozenset[tuple[str, ...]] = frozenset()  # element names from the root, without indexes

    @property
    def media_type(self) -> str:
        """Return the media type that documents are sent with."""
        return f"application/{self.format}" + (f"; charset={self.charset}" if self.charset != "utf-8" else "")


def media_type(text: str) -> MediaType:
    """Read a Content-Type; raises UnsupportedFormatError for what no format here reads."""
    essence, *parameters = [part.strip().lower() for part in text.split(";")]
    kind, _, subtype = essence.partition("/")
    suffix = subtype.rpartition("+")[2]
    if kind not in ("application", "text") or suffix not in ("json", "xml"):
        raise UnsupportedFormatError("no format reads this media type")
    charset = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            charset = codec_name(value.strip().strip('"'))
    return MediaType(format=suffix, charset=charset)


def codec_name(charset: str) -> str:
    """Return the codec of an encoding's name; raises UnsupportedFormatError for any other."""
    if charset not in _CODECS:
        raise UnsupportedFormatError("no format reads this encoding", code="charset_unsupported")
    return _CODECS[charset]


def malformed(code: str, expected: str = "") -> MalformedDocumentError:
    """Make the error for a document that cannot be read; it says nothing of what was in it."""
    english, chinese = MALFORMED[code]
    fault = Fault(pointer="", code=code, message=english, message_zh=chinese, expected=expected)
    return MalformedDocumentError(english, code=code, faults=(fault,))


def as_utf8(body: bytes, charset: str) -> bytes:
    """Return the same text in UTF-8, checking it strictly where it was in another encoding."""
    if charset in ("", "utf-8"):
        return body
    try:
        return body.decode(charset).encode()
    except UnicodeError:
        raise malformed("encoding_wrong", charset) from None
