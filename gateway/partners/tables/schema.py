"""The tables that a layout expects to find in a front-end database, for the operator who makes them there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from gateway.core.conversion.manifest import Manifest
from gateway.core.tables.layout import ColumnType, Incoming, Reading, TablesLayout
from gateway.core.tables.shapes import Columns, Shape, shapes
from gateway.partners.tables.sql import LEDGER, Dialect, Statements


def expected_tables(manifest: Manifest, layout: TablesLayout, dialect: Dialect) -> Iterator[str]:
    """Yield the statements that make every table, and every index that reading leans on."""
    statements = Statements(dialect=dialect, layout=layout)
    tables = _tables(manifest, layout)
    for name in sorted(tables):
        yield statements.create(name, tables[name], layout.system.row)
    if layout.outgoing.ledger:
        yield statements.create(layout.outgoing.ledger, dict.fromkeys(LEDGER, ColumnType.TEXT), LEDGER[0])
    for table, columns in sorted(_indexes(manifest, layout)):
        yield statements.index(table, columns)


def _tables(manifest: Manifest, layout: TablesLayout) -> Mapping[str, Columns]:
    found: defaultdict[str, Columns] = defaultdict(lambda: _system(layout))
    outgoing = layout.outgoing
    for (kind, named), shape in shapes(manifest, layout).items():
        _put(found[outgoing.table(named)], layout, (outgoing.number, outgoing.exchange, outgoing.origin))
        found[outgoing.table(named)] |= shape.columns
        for child, columns in shape.children.items():
            _put(found[outgoing.table(child)], layout, (*layout.link, outgoing.exchange, outgoing.origin))
            found[outgoing.table(child)] |= columns
        for incoming in layout.incoming:
            if (incoming.document, incoming.named) == (kind, named):
                _incoming(found, layout, incoming, shape)
    _rejections(found, layout)
    return found


def _incoming(found: Mapping[str, Columns], layout: TablesLayout, incoming: Incoming, shape: Shape) -> None:
    mark = incoming.reading.mark
    main = found[incoming.reading.table]
    _put(main, layout, (incoming.number, mark.column if mark else "", *layout.link.values()))
    main |= shape.columns
    for child, columns in shape.children.items():
        _put(found[child], layout, layout.link)
        found[child].update(columns)


def _rejections(found: Mapping[str, Columns], layout: TablesLayout) -> None:
    told = layout.rejections
    named = (told.error, told.table, told.row, told.batch, told.source, told.time, told.updated, told.remark)
    for table in {told.read.table if told.read else "", told.write} - {""}:
        _put(found[table], layout, named)
    if told.read and told.read.mark:
        _put(found[told.read.table], layout, (told.read.mark.column,))


def _system(layout: TablesLayout) -> Columns:
    system, columns = layout.system, Columns()
    _put(columns, layout, (system.row, system.operation, system.time, system.batch, system.source, system.sign))
    return columns


def _put(columns: Columns, layout: TablesLayout, names: Mapping[str, str] | tuple[str, ...]) -> None:
    for name in names:
        if name:
            columns.setdefault(name, layout.type_of(name))


def _indexes(manifest: Manifest, layout: TablesLayout) -> set[tuple[str, tuple[str, ...]]]:
    readings = [one.reading for one in layout.incoming]
    readings += [layout.rejections.read] if layout.rejections.read else []
    found = {(each.table, _order(layout, each)) for each in readings}
    wanted = {(one.document, one.named) for one in layout.incoming}
    for key, shape in shapes(manifest, layout).items():
        if key in wanted and layout.link:
            found |= {(child, tuple(layout.link)) for child in shape.children}
    return found


def _order(layout: TablesLayout, reading: Reading) -> tuple[str, ...]:
    order = (layout.system.time, layout.system.row)
    return (reading.mark.column, *order) if reading.mark else order
