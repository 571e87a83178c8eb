"""Reads how the documents of one kind travel: format, encoding, and the entries that belong to the format."""

from collections.abc import Iterable
from typing import Final

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.formats.table_format import COLUMN_LIMIT
from gateway.core.conversion.formats.wire import FORMATS, SOAP_1_1, SOAP_1_2, Payload, SoapStyle, TableStyle, Wire
from gateway.core.conversion.options import Options
from gateway.core.conversion.rows import Path, Row

_CHARSETS: Final = ("utf-8", "gbk", "gb18030")
_TABLES: Final = ("csv", "tsv")


def read_wire(options: Options, tables: Iterable[tuple[Row, ...]]) -> Wire:
    """Read one document's wire; entries of another format than its own are a complaint."""
    format_ = options.choice("format", FORMATS, "json")
    return Wire(
        format=format_,
        charset=options.choice("charset", _CHARSETS, "utf-8"),
        arrays=frozenset(path for rows in tables for path in _arrays(rows, ())),
        soap=_soap(options.nested("soap")) if format_ == "soap" and options.has("soap") else SoapStyle(),
        table=_table(options.nested(format_)) if format_ in _TABLES and options.has(format_) else TableStyle(),
        payload=_payload(options.nested("payload"), format_) if options.has("payload") else None,
    )


def _soap(options: Options) -> SoapStyle:
    style = SoapStyle(
        version=options.choice("version", (SOAP_1_1, SOAP_1_2), SOAP_1_1),
        namespace=options.text("namespace", ""),
        qualified=options.flag("qualified"),
        understood=frozenset(options.texts("understood", ())),
    )
    if style.qualified and not style.namespace:
        options.complain("option_missing", "namespace", "the namespace that names are qualified with")
    options.finish()
    return style


def _table(options: Options) -> TableStyle:
    style = TableStyle(
        columns=options.texts("columns", (), limit=COLUMN_LIMIT),
        header=options.flag("header", default=True),
        single=options.flag("single"),
    )
    if len(set(style.columns)) != len(style.columns) or not all(map(str.strip, style.columns)):
        options.complain("option_invalid", "columns", "names, each once")
    if not style.header and not style.columns:
        options.complain("option_missing", "columns", "the columns, since no header names them")
    options.finish()
    return style


def _payload(options: Options, around: str) -> Payload:
    if around in _TABLES:
        options.complain("option_invalid", None, "a format in which one text stands at one place")
    places: list[Path] = []
    for at in options.texts("at"):
        try:
            places.append(pointers.tokens(at))
        except ValueError:
            options.complain("path_invalid", "at", "a JSON Pointer")
    payload = Payload(
        at=tuple(places),
        format=options.choice("format", ("json", "xml")),
        cdata=options.flag("cdata"),
        declaration=options.flag("declaration"),
    )
    options.finish()
    return payload


def _arrays(rows: tuple[Row, ...], above: Path) -> list[Path]:
    """Return the paths of all regional arrays, without indexes."""
    found: list[Path] = []
    for row in rows:
        for path in row.regional:
            names = (*above, *path)
            found += [
                tuple(one for one in names[:index] if one != "0") for index, one in enumerate(names) if one == "0"
            ]
            if row.name == "array" or (row.name == "list" and row.codec is not None and row.codec.arrays):
                found.append(tuple(one for one in names if one != "0"))
            if row.name == "array" and row.rows:
                found += _arrays(row.rows, names)
    return found
