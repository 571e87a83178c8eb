"""A document as the rows of one exchange, and a row with the rows that hang on it as a document.

What is written follows from the exchange alone: id, collaboration number, instant and document. Writing it again
makes the very same rows, and so does anybody who checks the log's commitment to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from gateway.core.canonical import canonical_json
from gateway.core.conversion.pointer import escape
from gateway.core.errors import Fault, InvalidDocumentError
from gateway.core.tables.ids import batch_of, row_id
from gateway.core.tables.layout import Incoming, SystemColumns, TablesLayout
from gateway.core.tables.names import is_name

Scalar = str | int

CHINA: Final = timezone(timedelta(hours=8))
_SAFE: Final = 2**53
_WORDS: Final = {
    "table_unnamed": ("The document does not name its table.", "文档未指明所属数据表。"),
    "column_name_invalid": ("This is no name of a column.", "字段名不能作为列名。"),
    "value_not_a_column": ("A column holds a text or a number.", "该值不能存入一列。"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """One row to be written, and where in the document it came from."""

    table: str  # of the database
    id: str
    columns: Mapping[str, Any]  # texts and integers
    pointer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowSet:
    """Everything that one exchange writes, in one transaction."""

    batch: str
    exchange: str
    at: str  # 同步时间
    rows: tuple[TableRow, ...]

    def written(self) -> bytes:
        """Return the rows as canonical JSON: what the log commits to."""
        return canonical_json([{"table": row.table, "columns": dict(row.columns)} for row in self.rows])


def china_time(moment: datetime) -> str:
    """Return an instant the way exchange tables write it: Beijing time, to the second."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def rows_of(layout: TablesLayout, document: Any, *, exchange: str, number: str, at: datetime) -> RowSet:
    """Return the rows of a document; raises InvalidDocumentError with every field that no column can hold."""
    named = document.get(layout.naming) if type(document) is dict else None
    if not (isinstance(named, str) and is_name(named)):
        raise _invalid([_fault("", "table_unnamed", layout.naming)])
    envelope = _envelope(layout, exchange, at)
    below = {name: value for name, value in document.items() if type(value) is list and is_name(name)}
    own = {name: value for name, value in document.items() if name not in below and name != layout.naming}
    main = _row(layout, _Place(named, 0, ""), own, envelope)
    if layout.outgoing.number:
        main = _with(main, {layout.outgoing.number: number})
    rows, faults = [main], [*_row_faults(main)]
    for name, index, element in ((name, *each) for name, value in below.items() for each in enumerate(value)):
        place = _Place(name, index, f"/{name}/{index}")
        if type(element) is not dict:
            faults.append(_fault(place.pointer, "value_not_a_column", "a row"))
            continue
        rows.append(_with(_row(layout, place, element, envelope), _linked(layout, main)))
        faults += _row_faults(rows[-1])
    if faults:
        raise _invalid(faults)
    return RowSet(batch=batch_of(exchange), exchange=exchange, at=china_time(at), rows=tuple(rows))


def document_of(
    layout: TablesLayout,
    incoming: Incoming,
    row: Mapping[str, Scalar],
    children: Mapping[str, Sequence[Mapping[str, Scalar]]],
) -> dict[str, Any]:
    """Return the document that a row and its child rows are.

    What only says how rows travel is left out: marks, exchange ids, and of a child row also the columns by which it
    belongs to its parent and those that every row has, but for its id.
    """
    outgoing, mark = layout.outgoing, incoming.reading.mark
    travel = {outgoing.exchange, outgoing.origin, mark.column if mark else ""}
    system = layout.system
    envelope = travel | {system.operation, system.time, system.batch, system.source, system.sign, *layout.link}
    document: dict[str, Any] = {layout.naming: incoming.named}
    document |= {name: value for name, value in row.items() if name not in travel}
    for name, elements in children.items():
        if elements:
            document[name] = [{key: value for key, value in one.items() if key not in envelope} for one in elements]
    return document


def document_bytes(document: Mapping[str, Any]) -> bytes:
    """Return a document read from rows as the canonical JSON that is signed for, kept and committed to."""
    return canonical_json(document)


class _Place(NamedTuple):
    """Where a row stands in its document."""

    named: str
    position: int
    pointer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Envelope:
    """What every row of one exchange says of how it travels."""

    exchange: str
    columns: Mapping[str, Scalar]


def _envelope(layout: TablesLayout, exchange: str, at: datetime) -> _Envelope:
    system, outgoing = layout.system, layout.outgoing
    values = {
        system.operation: outgoing.operation,
        system.time: china_time(at),
        system.batch: batch_of(exchange),
        system.source: outgoing.source,
        system.sign: outgoing.sign,
        outgoing.exchange: exchange,
    }
    return _Envelope(exchange=exchange, columns={name: value for name, value in values.items() if name and value})


def _row(layout: TablesLayout, place: _Place, fields: Mapping[str, Any], envelope: _Envelope) -> TableRow:
    """Return a row of our own: what the document says in the system columns is about its sender's row."""
    table, key = layout.outgoing.table(place.named), layout.system.row
    replaced = {getattr(layout.system, name) for name in SystemColumns.__dataclass_fields__}
    columns = {name: _stored(value) for name, value in fields.items() if value is not None and name not in replaced}
    brought = fields.get(key)
    if layout.outgoing.origin and isinstance(brought, str):
        columns[layout.outgoing.origin] = brought
    guid = row_id(envelope.exchange, table, place.position)
    columns |= {key: guid, **envelope.columns}
    return TableRow(table=table, id=guid, columns=columns, pointer=place.pointer)


def _with(row: TableRow, more: Mapping[str, Scalar]) -> TableRow:
    return TableRow(table=row.table, id=row.id, columns={**row.columns, **more}, pointer=row.pointer)


def _linked(layout: TablesLayout, main: TableRow) -> dict[str, Scalar]:
    return {mine: main.columns[theirs] for mine, theirs in layout.link.items() if theirs in main.columns}


def _stored(value: object) -> Any:
    """Return a JSON value as a column takes it: numbers that not every reader reads exactly become text."""
    if type(value) is bool:
        return int(value)
    if type(value) is int and -_SAFE < value < _SAFE:
        return value
    return value if isinstance(value, str | dict | list) else str(value)


def _row_faults(row: TableRow) -> Iterator[Fault]:
    for name, value in row.columns.items():
        if not is_name(name):
            yield _fault(f"{row.pointer}/{escape(name)}", "column_name_invalid", "letters, digits and _")
        elif not isinstance(value, str | int):
            yield _fault(f"{row.pointer}/{escape(name)}", "value_not_a_column", "a text or a number")


def _fault(pointer: str, code: str, expected: str) -> Fault:
    message, message_zh = _WORDS[code]
    return Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected)


def _invalid(faults: list[Fault]) -> InvalidDocumentError:
    return InvalidDocumentError("the document does not fit into rows", code=faults[0].code, faults=tuple(faults))
