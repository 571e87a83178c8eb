"""Reads sample files as whatever format they are in, and remembers how to write that format."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.core.conversion.conformance.fields import resolved
from gateway.core.conversion.formats import read_document
from gateway.core.conversion.formats.table_format import ROWS
from gateway.core.conversion.formats.wire import SOAP_1_1, SOAP_1_2, SoapStyle, TableStyle, Wire
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest.samples import SAMPLE_LIMIT, unsuitable
from gateway.core.errors import OversizedDocumentError, UnsupportedFormatError

BYTES_LIMIT: Final = 4 << 20  # of one sample
_ENDINGS: Final = {".json": "json", ".xml": "xml", ".csv": "csv", ".tsv": "tsv"}
ENDING_OF: Final = {"json": "json", "xml": "xml", "soap": "xml", "form": "txt", "csv": "csv", "tsv": "tsv"}
_READ_AS: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "soap": "application/xml",
    "form": "application/x-www-form-urlencoded",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
_DEPTH: Final = 12
_DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9_-]{1,20})[\"']")
_WIDER: Final = ("utf-8", "gbk", "gb18030")


@dataclass(frozen=True, kw_only=True, slots=True)
class Samples:
    """Sample documents of one kind, and the wire that they travel by."""

    wire: Wire
    documents: tuple[Any, ...]


def read_samples(
    files: Mapping[str, bytes], schema: Mapping[str, Any] | None = None, likely: frozenset[Path] = frozenset()
) -> Samples:
    """Read samples by name; all must be in one format.

    An element that repeats in one of them, is `likely` to, or is an array by the schema, is an array in all. Raises
    OversizedDocumentError, UnsupportedFormatError for samples of several formats, MalformedDocumentError.
    """
    if not files or len(files) > SAMPLE_LIMIT:
        raise unsuitable(
            "too_many_samples", "Too many samples, or none.", "样本过多或没有样本。", f"1 to {SAMPLE_LIMIT}"
        )
    if any(len(body) > BYTES_LIMIT for body in files.values()):
        raise OversizedDocumentError(f"a sample has at most {BYTES_LIMIT} bytes")
    wires = [_wire(name, body) for name, body in files.items()]
    wire = _together(wires, files.values()) if len(set(wires)) > 1 else wires[0]
    wire = _with_namespace(wire, files.values())
    read = [_read(body, wire) for body in files.values()]
    if wire.format in ("xml", "soap"):
        arrays = {path for document in read for path in _repeated(document, ())}
        arrays |= set(_declared(schema, schema, ())) if schema else likely
        wire = replace(wire, arrays=frozenset(arrays))
        read = [_read(body, wire) for body in files.values()]
    documents = tuple(_apart(read, wire))
    if wire.format in ("csv", "tsv"):
        wire = replace(wire, table=TableStyle(columns=tuple(dict.fromkeys(name for one in documents for name in one))))
    return Samples(wire=wire, documents=documents)


def _apart(read: Iterable[Any], wire: Wire) -> Iterator[Any]:
    """Yield each document: a row of a table, or an element of a JSON array of objects, is one of its own."""
    for count, document in enumerate(one for several in read for one in _several(several, wire)):
        if count == SAMPLE_LIMIT:
            return
        yield document


def _several(read: Any, wire: Wire) -> list[Any]:
    if wire.format in ("csv", "tsv"):
        return list(read[ROWS])
    return read if type(read) is list else [read]


def single_rows(wire: Wire) -> Wire:
    """Return the wire by which one row of a table is one document; any other wire as it is."""
    return replace(wire, table=replace(wire.table, single=True)) if wire.format in ("csv", "tsv") else wire


def _read(body: bytes, wire: Wire) -> Any:
    charset = "" if wire.format in ("xml", "soap") else f"; charset={wire.charset}"
    return read_document(body, _READ_AS[wire.format] + charset, wire)


def _wire(name: str, body: bytes) -> Wire:
    charset = _charset(body)
    text = body[:2000].decode(charset, errors="replace").lstrip("\ufeff \t\r\n")
    format_ = _ENDINGS.get(name[name.rfind(".") :].lower() if "." in name else "", "")
    if text[:1] in ("{", "["):
        format_ = "json"
    elif text[:1] == "<":
        format_ = "soap" if "Envelope" in text else "xml"
    elif not format_:
        format_ = "form" if "=" in text else "tsv" if "\t" in text.partition("\n")[0] else "csv"
    soap = SoapStyle(version=SOAP_1_2 if "2003/05/soap-envelope" in text else SOAP_1_1)
    return Wire(format=format_, charset=charset, soap=soap if format_ == "soap" else SoapStyle())


def _charset(body: bytes) -> str:
    """Return the encoding that the sample itself declares, or the narrowest that reads it.

    GBK stays GBK: only a character that it lacks asks for GB 18030. What is neither is told when read.
    """
    declared = _DECLARATION.match(body)
    said = declared[1].decode().lower() if declared else ""
    likely = {"gb2312": ("gbk",), "gbk": ("gbk",), "gb18030": ("gb18030",)}.get(said, ("utf-8", "gbk"))
    return next((one for one in likely if _decodes(body, one)), "gb18030")


def _decodes(body: bytes, charset: str) -> bool:
    try:
        body.decode(charset)
    except UnicodeError:
        return False
    return True


def _together(wires: Collection[Wire], bodies: Collection[bytes]) -> Wire:
    """Return the one wire of all samples: what one of them needs, GB 18030 above GBK above plain ASCII, all have."""
    formats = {replace(wire, charset="") for wire in wires}
    charset = max((wire.charset for wire in wires), key=_WIDER.index)
    if len(formats) > 1 or not all(_decodes(body, charset) for body in bodies):
        raise UnsupportedFormatError("the samples are in several formats or encodings: suggest from one at a time")
    return replace(formats.pop(), charset=charset)


def _with_namespace(wire: Wire, bodies: Collection[bytes]) -> Wire:
    """Return a SOAP wire with the namespace of its operation, whose names then stand bare."""
    if wire.format != "soap":
        return wire
    found = _read(next(iter(bodies)), wire)
    name = next((one for one in found if one.startswith("{")), "")
    namespace = name[1:].partition("}")[0]
    content = found.get(name)
    qualified = type(content) is dict and any(one.startswith(f"{{{namespace}}}") for one in content)
    return replace(wire, soap=replace(wire.soap, namespace=namespace, qualified=bool(namespace) and qualified))


def _repeated(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if type(value) is dict:
        for name, inner in value.items():
            yield from _repeated(inner, (*path, name))
    elif type(value) is list:
        yield path
        for inner in value:
            yield from _repeated(inner, path)


def _declared(schema: Any, root: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    bare = resolved(schema, {"": root})
    properties, items = bare.get("properties"), bare.get("items")
    if len(path) >= _DEPTH:
        return
    if isinstance(properties, Mapping):
        for name, inner in properties.items():
            yield from _declared(inner, root, (*path, str(name)))
    elif isinstance(items, Mapping):
        yield path
        yield from _declared(items, root, path)
