"""How a document travels: its format, its encoding, and what its format needs to be told."""

from dataclasses import dataclass, field
from typing import Final

SOAP_1_1: Final = "1.1"
SOAP_1_2: Final = "1.2"
FORMATS: Final = ("json", "xml", "soap", "form", "csv", "tsv")
_MEDIA_TYPES: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "form": "application/x-www-form-urlencoded",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}

Names = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SoapStyle:
    """How envelopes are written; both versions are always read."""

    version: str = SOAP_1_1
    namespace: str = ""  # names in it stand bare in the document
    qualified: bool = False  # whether what the operation holds is written in the namespace too
    understood: frozenset[str] = frozenset()  # header blocks that may be marked mustUnderstand


@dataclass(frozen=True, kw_only=True, slots=True)
class TableStyle:
    """How rows of CSV and TSV become a document."""

    columns: Names = ()  # the order of writing; needed where there is no header
    header: bool = True
    single: bool = False  # the document is the only row, not {"rows": [...]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """Places of a document where a text is itself a document."""

    at: tuple[Names, ...]
    format: str  # "json" or "xml"
    cdata: bool = False  # written as a CDATA section, where XML is around it
    declaration: bool = False  # written with an XML declaration


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """How a document travels: its format, its encoding, and which elements repeat."""

    format: str
    charset: str
    arrays: frozenset[Names] = frozenset()  # element names from the root, without indexes
    soap: SoapStyle = field(default=SoapStyle())
    table: TableStyle = field(default=TableStyle())
    payload: Payload | None = None

    @property
    def media_type(self) -> str:
        """Return the media type that documents are sent with; SOAP states its encoding always (RFC 7303)."""
        if self.format == "soap":
            return ("text/xml" if self.soap.version == SOAP_1_1 else "application/soap+xml") + self._parameter
        return _MEDIA_TYPES[self.format] + (self._parameter if self.charset != "utf-8" else "")

    @property
    def essence(self) -> str:
        """Return the media type of a document without its encoding, which it then states itself, or the layout does."""
        return "application/xml" if self.format == "soap" else _MEDIA_TYPES[self.format]

    @property
    def _parameter(self) -> str:
        return f"; charset={self.charset}"


class CharacterData(str):
    """A text that is written as a CDATA section; to whoever reads it, it is the same text."""

    __slots__ = ()
