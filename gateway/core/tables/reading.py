"""Reads `[transport] kind = "tables"` of an adapter's manifest; what is wrong becomes complaints."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.core.conversion.options import Options
from gateway.core.model import DocumentKind
from gateway.core.tables.layout import (
    ColumnType,
    Incoming,
    Mark,
    Outgoing,
    Reading,
    Rejections,
    SystemColumns,
    TablesLayout,
)
from gateway.core.tables.names import is_name

_INCOMING_LIMIT: Final = 40
_KINDS: Final = (DocumentKind.APPLICATION, DocumentKind.EVENT)
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_CREDENTIAL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
_A_NAME: Final = "letters, digits and _, beginning with a letter, at most 63"


def read_tables(options: Options) -> TablesLayout:
    """Read a front-end database's layout; the caller has taken `kind`, and finishes."""
    system = _system(options)
    outgoing = _outgoing(options.nested("outgoing"))
    entries = options.elements("incoming", limit=_INCOMING_LIMIT)
    incoming = _told_apart(tuple(_incoming(entry, system, outgoing) for entry in entries))
    if len({(one.reading.table, one.document) for one in incoming}) != len(incoming):
        options.complain("option_invalid", "incoming", "each table once for each kind of document")
    link = _names(options, "link")
    return TablesLayout(
        system=system,
        outgoing=outgoing,
        incoming=incoming,
        rejections=_rejections(options, system, outgoing),
        naming=_name(options, "naming", "TABLE"),
        link=link,
        types=_types(options),
        folded=options.flag("folded"),
        credential=_credential(options),
        interval_ms=options.integer("interval_ms", 1000, low=50, high=3_600_000),
        rows=options.integer("rows", 100, low=1, high=1000),
        timeout_s=options.integer("timeout_s", 10, low=1, high=30),
    )


def _system(options: Options) -> SystemColumns:
    if not options.has("system"):
        return SystemColumns()
    named = options.nested("system")
    usual = SystemColumns()
    found = SystemColumns(
        row=_name(named, "row", usual.row),
        operation=_name(named, "operation", usual.operation, optional=True),
        time=_name(named, "time", usual.time),
        batch=_name(named, "batch", usual.batch),
        source=_name(named, "source", usual.source),
        sign=_name(named, "sign", usual.sign, optional=True),
    )
    named.finish()
    return found


def _outgoing(options: Options) -> Outgoing:
    found = Outgoing(
        source=options.text("source", limit=32),
        operation=options.text("operation", "I", limit=8),
        sign=options.text("sign", "", limit=8),
        number=_name(options, "number", "", optional=True),
        exchange=_name(options, "exchange", "", optional=True),
        origin=_name(options, "origin", "", optional=True),
        ledger=_name(options, "ledger", "", optional=True),
        tables=_names(options, "tables"),
    )
    options.finish()
    return found


def _incoming(options: Options, system: SystemColumns, outgoing: Outgoing) -> Incoming:
    table = _name(options, "table")
    kind = options.choice("document", _KINDS)
    number = _name(options, "number", "", optional=True)
    if kind == DocumentKind.EVENT and not number:
        options.complain("option_missing", "number", "the column of the collaboration number")
    found = Incoming(
        reading=_reading(options, table, ours=(system.source, outgoing.source)),
        document=DocumentKind(kind or DocumentKind.EVENT),
        named=_name(options, "named", table),
        number=number,
        operations=options.texts("operations", ("I", "U")),
    )
    options.finish()
    return found


def _told_apart(incoming: tuple[Incoming, ...]) -> tuple[Incoming, ...]:
    """Part the tables that hold applications and events: a row that names no application begins one."""
    applications = {one.reading.table for one in incoming if one.document is DocumentKind.APPLICATION and one.number}
    return tuple(_one_side(one) if one.reading.table in applications else one for one in incoming)


def _one_side(incoming: Incoming) -> Incoming:
    if incoming.document is DocumentKind.APPLICATION:
        return replace(incoming, reading=replace(incoming.reading, blank=incoming.number))
    return replace(incoming, reading=replace(incoming.reading, filled=incoming.number))


def _reading(options: Options, table: str, *, ours: tuple[str, str] = ("", ""), theirs: str = "") -> Reading:
    return Reading(
        table=table,
        mark=_mark(options.nested("mark")) if options.has("mark") else None,
        lag_s=options.integer("lag_s", 5, low=0, high=3600),
        ours=ours[0],
        theirs=theirs,
        value=ours[1],
    )


def _mark(options: Options) -> Mark:
    found = Mark(
        column=_name(options, "column"),
        waiting=options.texts("waiting"),
        taken=options.text("taken", limit=16),
        refused=options.text("refused", limit=16),
    )
    if {found.taken, found.refused} & {*found.waiting}:
        options.complain("option_invalid", "waiting", "other values than for rows taken or refused")
    options.finish()
    return found


def _rejections(options: Options, system: SystemColumns, outgoing: Outgoing) -> Rejections:
    if not options.has("rejections"):
        return Rejections()
    told, usual = options.nested("rejections"), Rejections()
    columns = {
        name: _name(told, name, getattr(usual, name), optional=name in {"source", "time", "updated"})
        for name in ("error", "table", "row", "batch", "source", "time", "updated", "remark")
    }
    read = None
    if told.has("read"):
        inner = told.nested("read")
        read = _reading(inner, _name(inner, "table"), ours=(system.source, outgoing.source), theirs=columns["source"])
        inner.finish()
    found = Rejections(
        read=read,
        write=_name(told, "write", "", optional=True),
        errors=_codes(told.nested("errors")) if told.has("errors") else {},
        refusal=told.text("refusal", usual.refusal, limit=32),
        **columns,
    )
    told.finish()
    return found


def _codes(options: Options) -> Mapping[str, str]:
    found = {name: options.text(name, limit=64) for name in options.names()}
    for name, code in found.items():
        if not _CODE.fullmatch(code):
            options.complain("name_invalid", name, "a code in snake_case")
    return found


def _credential(options: Options) -> str:
    name = options.text("credential", "", limit=64)
    if name and not _CREDENTIAL.fullmatch(name):
        options.complain("name_invalid", "credential", "letters, digits, _ and -")
    return name


def _types(options: Options) -> Mapping[str, ColumnType]:
    if not options.has("types"):
        return {}
    types = options.nested("types")
    found = {}
    for name in types.names():
        if not is_name(name):
            types.complain("name_invalid", name, _A_NAME)
        kind = types.choice(name, tuple(ColumnType))
        found[name] = ColumnType(kind or ColumnType.TEXT)
    return found


def _names(options: Options, name: str) -> Mapping[str, str]:
    if not options.has(name):
        return {}
    table = options.nested(name)
    for one in table.names():
        if not is_name(one):
            table.complain("name_invalid", one, _A_NAME)
    return {one: _name(table, one) for one in table.names()}


def _name(options: Options, name: str, default: str | None = None, *, optional: bool = False) -> str:
    """Take the name of a table or column; "" only where it may be left out."""
    text = options.text(name, default, limit=63)
    if not is_name(text) and not (optional and text == "") and (default is not None or options.has(name)):
        options.complain("name_invalid", name, _A_NAME)
    return text
