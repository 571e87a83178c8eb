"""Reads an adapter's manifest: what it is called, which documents it carries, and which table each message has."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.codecs.codes import CodeTable, read_code_table
from gateway.core.conversion.contradictions import check_rows, disjoint
from gateway.core.conversion.formats.wire import Wire
from gateway.core.conversion.options import Complaints, Options
from gateway.core.conversion.rows import Condition, Path, Row, RowReader
from gateway.core.conversion.toml_reading import UnreadableTOMLError, read_toml
from gateway.core.conversion.wires import read_wire
from gateway.core.model import DocumentKind
from gateway.core.tables.layout import TablesLayout
from gateway.core.tables.reading import read_tables
from gateway.core.transports.reading import read_http
from gateway.core.transports.spec import HttpSpec

MANIFEST: Final = "adapter.toml"
_VARIANT_LIMIT: Final = 64
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_VERSION: Final = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z.-]{1,32})?", re.ASCII)
_REGION: Final = re.compile(r"[0-9]{12}", re.ASCII)
_TOML_LIMIT: Final = 1 << 20


_BothSides = tuple[tuple[Condition, ...], tuple[Condition, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """One message shape of a document kind, told apart by values on either side."""

    name: str
    table: str
    schema: str  # file, "" for none
    rows: tuple[Row, ...]
    regional: tuple[Condition, ...]
    canonical: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """How one document kind travels in this layout."""

    kind: DocumentKind
    wire: Wire
    variants: tuple[Variant, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """An adapter as read and checked, not yet compiled."""

    name: str
    version: str
    title: str
    title_zh: str
    regions: tuple[str, ...]
    documents: Mapping[DocumentKind, Document]
    codes: Mapping[str, CodeTable]
    http: HttpSpec | None = None  # for a system that signs no receipts
    tables: TablesLayout | None = None  # of the front-end database, for a layout that travels by table


class ManifestReader:
    """Reads one adapter's files; everything wrong with them becomes a complaint."""

    def __init__(
        self, files: Mapping[str, bytes], complaints: Complaints, code_lists: Mapping[str, Collection[str]] | None
    ) -> None:
        self._files = files
        self._complaints = complaints
        self._tables: dict[str, tuple[Row, ...]] = {}  # read once each, however many variants share one
        self._checked: set[tuple[str, tuple[Path, ...]]] = set()
        self._codes = {
            name.removeprefix("codes/").removesuffix(".toml"): read_code_table(
                self.toml(name), name=name.removeprefix("codes/").removesuffix(".toml"), code_lists=code_lists
            )
            for name in sorted(files)
            if name.startswith("codes/") and name.endswith(".toml")
        }

    def manifest(self) -> Manifest:
        """Read the manifest and everything it names."""
        top = self.toml(MANIFEST)
        name, version = top.text("name"), top.text("version")
        if not _NAME.fullmatch(name):
            top.complain("name_invalid", "name", "lower-case letters, digits and hyphens")
        if not _VERSION.fullmatch(version):
            top.complain("option_invalid", "version", "a semantic version such as 1.0.0")
        regions = top.texts("regions", ())
        if not all(map(_REGION.fullmatch, regions)):
            top.complain("option_invalid", "regions", "12-digit division codes")
        documents = top.nested("documents")
        http, tables = self._transport(top.nested("transport")) if top.has("transport") else (None, None)
        manifest = Manifest(
            name=name,
            version=version,
            title=top.text("title"),
            title_zh=top.text("titleZh"),
            regions=regions,
            documents={kind: self._document(documents, kind) for kind in DocumentKind if documents.has(kind)},
            codes=self._codes,
            http=http,
            tables=tables,
        )
        for optional in ("description", "source"):
            top.text(optional, "", limit=4000)
        if not documents.names():
            documents.complain("option_missing", None, " | ".join(DocumentKind))
        documents.finish()
        top.finish()
        return manifest

    def _transport(self, transport: Options) -> tuple[HttpSpec | None, TablesLayout | None]:
        kind = transport.choice("kind", ("http", "tables"))
        http = read_http(transport) if kind == "http" else None
        tables = read_tables(transport) if kind == "tables" else None
        if kind:
            transport.finish()
        return http, tables

    def toml(self, name: str) -> Options:
        """Open one TOML file of the adapter; an unreadable one is empty, and a complaint."""
        content: dict[str, Any] = {}
        body = self._files.get(name)
        if body is None:
            self._complaints.add(name, "", "file_missing")
        elif len(body) > _TOML_LIMIT:
            self._complaints.add(name, "", "too_large", f"at most {_TOML_LIMIT} bytes")
        else:
            try:
                content = read_toml(body)
            except UnreadableTOMLError as error:
                self._complaints.add(name, "", error.code, error.expected)
        return Options(content, file=name, pointer="", complaints=self._complaints)

    def _document(self, documents: Options, kind: DocumentKind) -> Document:
        options = documents.nested(kind)
        shared = options.text("schema", "")
        if options.has("variants"):
            entries = options.elements("variants", limit=_VARIANT_LIMIT)
            variants = tuple(self._variant(entry, shared) for entry in entries)
        else:
            rows = self._rows(options.text("table", f"{kind}.mapping.toml"), options)
            variants = (Variant(name=kind, table=rows[0], schema=shared, rows=rows[1], regional=(), canonical=()),)
        document = Document(
            kind=kind,
            wire=read_wire(options, [variant.rows for variant in variants]),
            variants=variants,
        )
        options.finish()
        _check_variants(document, options)
        return document

    def _variant(self, entry: Options, schema: str) -> Variant:
        name = entry.text("name", limit=64)
        if not _NAME.fullmatch(name):
            entry.complain("name_invalid", "name", "lower-case letters, digits and hyphens")
        conditions = _conditions(entry, "regional"), _conditions(entry, "canonical")
        table, rows = self._rows(entry.text("table", f"{name}.mapping.toml"), entry, conditions)
        variant = Variant(
            name=name,
            table=table,
            schema=entry.text("schema", schema),
            rows=rows,
            regional=conditions[0],
            canonical=conditions[1],
        )
        entry.finish()
        return variant

    def _rows(self, name: str, entry: Options, conditions: _BothSides = ((), ())) -> tuple[str, tuple[Row, ...]]:
        if name not in self._tables:
            self._tables[name] = self._table(name)
        tellers = _tellers(self._tables[name], entry, conditions)
        rows = (*tellers, *self._tables[name])
        added = name, tuple(path for row in tellers for path in (*row.regional, *row.canonical))
        if added not in self._checked:
            self._checked.add(added)
            check_rows(rows, file=name, complaints=self._complaints)
        return name, rows

    def _table(self, name: str) -> tuple[Row, ...]:
        table = self.toml(name)
        rows = RowReader(tables=self._codes).rows(table)
        for optional in ("title", "titleZh", "source", "description"):
            table.text(optional, "", limit=4000)
        table.finish()
        return rows


def _tellers(rows: tuple[Row, ...], entry: Options, conditions: _BothSides) -> list[Row]:
    """Make the rows that write what tells a variant from the others, where its table does not."""
    found: list[Row] = []
    for side, wanted in zip(("regional", "canonical"), conditions, strict=True):
        written = {path for row in rows for path in getattr(row, side)}
        for condition in wanted:
            if condition.at in written:
                continue
            if len(condition.values) != 1:
                entry.complain("option_missing", side, f"a row that fills {pointers.join(condition.at)}")
                continue
            at = (condition.at,)
            regional, canonical = (at, ()) if side == "regional" else ((), at)
            found.append(_constant(condition, regional=regional, canonical=canonical))
    return found


def _constant(condition: Condition, *, regional: tuple[Path, ...], canonical: tuple[Path, ...]) -> Row:
    value = condition.values[0]
    return Row(number=-1, place="", name="constant", canonical=canonical, regional=regional, value=value)


def _conditions(entry: Options, side: str) -> tuple[Condition, ...]:
    """Read the values that tell a variant from the others: pointer = value, or a list of values, or [] for any."""
    options = entry.nested(side)
    found: list[Condition] = []
    for name in options.names():
        try:
            at: Path = pointers.tokens(name)
        except ValueError:
            at = ()
        if not at:
            options.complain("path_invalid", name, "a JSON Pointer")
        present = options.raw(name) == []
        found.append(Condition(at=at, values=() if present else options.scalars(name)))
    if not found:
        entry.complain("option_missing", side, "what tells this variant from the others")
    return tuple(found)


def _check_variants(document: Document, options: Options) -> None:
    """Complain about variants that could claim the same document."""
    for index, one in enumerate(document.variants):
        for other in document.variants[index + 1 :]:
            for mine, theirs in ((one.regional, other.regional), (one.canonical, other.canonical)):
                if not _told_apart(mine, theirs):
                    options.complain(
                        "variants_overlap", "variants", f"{one.name} and {other.name} told apart by a value"
                    )


def _told_apart(mine: tuple[Condition, ...], theirs: tuple[Condition, ...]) -> bool:
    values = {condition.at: condition.values for condition in theirs}
    return any(condition.at in values and disjoint(condition.values, values[condition.at]) for condition in mine)
