"""Which tables and columns a layout's documents have, read off its mapping tables: nobody writes them down twice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from gateway.core.conversion.manifest import Manifest, Variant
from gateway.core.conversion.rows import Row
from gateway.core.model import DocumentKind
from gateway.core.tables.layout import ColumnType, SystemColumns, TablesLayout

EXCHANGED = (DocumentKind.APPLICATION, DocumentKind.EVENT)

Columns = dict[str, ColumnType]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One table that documents name, and the tables of the rows that hang on its rows."""

    columns: Columns = field(default_factory=dict)
    children: dict[str, Columns] = field(default_factory=dict)

    def add(self, layout: TablesLayout, rows: Iterable[Row]) -> None:
        """Take in what one mapping table says of this table."""
        for row in rows:
            for path in row.regional:
                if len(path) != 1 or path[0] == layout.naming:
                    continue
                if row.name == "array":
                    inner = self.children.setdefault(path[0], {})
                    inner.update(_columns(layout, row.rows or ()))
                else:
                    self.columns[path[0]] = _type(layout, path[0], row)


Shapes = Mapping[tuple[DocumentKind, str], Shape]


def typed(manifest: Manifest) -> Manifest:
    """Return the manifest with the types of the columns that its mapping tables fill, where it does not say them.

    One name has one type in all tables; where two tables would differ, it is text.
    """
    layout = manifest.tables
    if layout is None:
        return manifest
    found: Columns = {}
    for shape in shapes(manifest, layout).values():
        for columns in (shape.columns, *shape.children.values()):
            for name, kind in columns.items():
                found[name] = kind if found.get(name, kind) is kind else ColumnType.TEXT
    return replace(manifest, tables=replace(layout, types={**found, **layout.types}))


def known_columns(manifest: Manifest, layout: TablesLayout) -> frozenset[str]:
    """Return every column that the layout writes without a document bringing it from elsewhere."""
    outgoing = layout.outgoing
    found = {getattr(layout.system, name) for name in SystemColumns.__dataclass_fields__}
    found |= {outgoing.number, outgoing.exchange, outgoing.origin, *layout.link}
    for shape in shapes(manifest, layout).values():
        found |= shape.columns.keys()
        found.update(*shape.children.values())
    return frozenset(found - {""})


def shapes(manifest: Manifest, layout: TablesLayout) -> Shapes:
    """Return the shape of every table that an application or event of this layout can name."""
    found: dict[tuple[DocumentKind, str], Shape] = {}
    for kind in EXCHANGED:
        document = manifest.documents.get(kind)
        for variant in document.variants if document else ():
            for named in _named(variant, layout.naming):
                found.setdefault((kind, named), Shape()).add(layout, variant.rows)
    return found


def _named(variant: Variant, naming: str) -> Iterator[str]:
    """Yield the tables that a message may name."""
    told = [value for one in variant.regional if one.at == (naming,) for value in one.values]
    told += [row.value for row in variant.rows if row.name == "constant" and row.regional == ((naming,),)]
    yield from dict.fromkeys(value for value in told if isinstance(value, str))


def _columns(layout: TablesLayout, rows: Iterable[Row]) -> Columns:
    return {
        path[0]: _type(layout, path[0], row)
        for row in rows
        for path in row.regional
        if len(path) == 1 and row.name != "array"
    }


def _type(layout: TablesLayout, column: str, row: Row) -> ColumnType:
    if column in layout.types:
        return layout.types[column]
    return ColumnType.INTEGER if row.name == "integer" else ColumnType.TEXT
