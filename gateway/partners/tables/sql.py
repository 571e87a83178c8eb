"""Every statement against a region's tables: made of checked names and of nothing else; values are always bound."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.tables.layout import ColumnType, Mark, Reading, TablesLayout
from gateway.core.tables.names import is_name
from gateway.core.tables.rowsets import RowSet, Scalar, TableRow

BEGIN: Final = "BEGIN"
BEGIN_WRITING: Final = "BEGIN IMMEDIATE"  # SQLite: wait for the lock here, not half-way
COMMIT: Final = "COMMIT"
ROLLBACK: Final = "ROLLBACK"
ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"  # PostgreSQL: until this transaction ends
_ADD: Final = (
    "INSERT INTO {table} ({columns}) SELECT {values} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {key} = {id})"
)
_NOTE: Final = "INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING"
_WAITING: Final = "SELECT * FROM {table} WHERE {conditions} ORDER BY {time}, {key} LIMIT {limit}"
_BELOW: Final = "SELECT * FROM {table} WHERE {conditions} ORDER BY {key} LIMIT {limit}"
_MARK: Final = "UPDATE {table} SET {column} = {value} WHERE {same} AND {still} AND {waiting}"
_NAMES: Final = "SELECT * FROM {table} WHERE 1 = 0"
_CREATE: Final = "CREATE TABLE {table} (\n{columns}\n)"
_INDEX: Final = "CREATE INDEX {index} ON {table} ({columns})"
LEDGER: Final = ("CD_BATCH", "EXCHANGE", "WRITTEN")


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How one kind of database writes what the statements have in common."""

    name: str
    holder: Callable[[int], str]  # of the nth value, from 1
    types: Mapping[ColumnType, str]  # as columns are declared
    casts: bool  # whether a bound text must be told which type to become

    def value(self, number: int, kind: ColumnType) -> str:
        """Return a bound value as the type of its column."""
        holder = self.holder(number)
        return f"CAST(CAST({holder} AS text) AS {self.types[kind]})" if self.casts else holder


SQLITE: Final = Dialect(
    name="sqlite",
    holder=lambda _: "?",
    types={
        ColumnType.TEXT: "TEXT",
        ColumnType.INTEGER: "INTEGER",
        ColumnType.DECIMAL: "NUMERIC",
        ColumnType.DATE: "TEXT",
        ColumnType.TIMESTAMP: "TEXT",
    },
    casts=False,
)
POSTGRESQL: Final = Dialect(
    name="postgresql",
    holder=lambda number: f"${number}",
    types={
        ColumnType.TEXT: "text",
        ColumnType.INTEGER: "bigint",
        ColumnType.DECIMAL: "numeric",
        ColumnType.DATE: "date",
        ColumnType.TIMESTAMP: "timestamp",
    },
    casts=True,
)
DIALECTS: Final = {dialect.name: dialect for dialect in (SQLITE, POSTGRESQL)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A statement and the values to bind."""

    text: str
    values: tuple[Scalar, ...] = ()


class _Binding:
    """Collects the values of one statement."""

    def __init__(self, sql: "Statements") -> None:
        self._sql = sql
        self.values: list[Scalar] = []

    def __call__(self, column: str, value: Scalar) -> str:
        self.values.append(value)
        return self._sql.dialect.value(len(self.values), self._sql.layout.type_of(column))


@dataclass(frozen=True, kw_only=True, slots=True)
class Statements:
    """The statements of one layout in one dialect."""

    dialect: Dialect
    layout: TablesLayout

    def add(self, row: TableRow) -> Statement:
        """Write a row unless its id is there."""
        bind, key = _Binding(self), self.layout.system.row
        text = _ADD.format(
            table=self.quoted(row.table),
            columns=", ".join(map(self.quoted, row.columns)),
            values=", ".join([bind(name, value) for name, value in row.columns.items()]),
            key=self.quoted(key),
            id=bind(key, row.id),
        )
        return Statement(text=text, values=tuple(bind.values))

    def note(self, rows: RowSet) -> Statement:
        """Write a batch into the ledger unless it is there."""
        bind = _Binding(self)
        noted = dict(zip(LEDGER, (rows.batch, rows.exchange, rows.at), strict=True))
        text = _NOTE.format(
            table=self.quoted(self.layout.outgoing.ledger),
            columns=", ".join(map(self.quoted, noted)),
            values=", ".join([bind("", value) for value in noted.values()]),
        )
        return Statement(text=text, values=tuple(bind.values))

    def waiting(self, reading: Reading, after: tuple[str, str] | None, until: str) -> Statement:
        """Read the next rows of a table in order of time and id."""
        bind, system = _Binding(self), self.layout.system
        text = _WAITING.format(
            table=self.quoted(reading.table),
            conditions=" AND ".join(self._wanted(bind, reading, after, until)) or "1 = 1",
            time=self.quoted(system.time),
            key=self.quoted(system.row),
            limit=int(self.layout.rows),
        )
        return Statement(text=text, values=tuple(bind.values))

    def below(self, table: str, link: Mapping[str, Scalar], limit: int) -> Statement:
        """Read the rows of a child table that carry these values."""
        bind = _Binding(self)
        text = _BELOW.format(
            table=self.quoted(table),
            conditions=" AND ".join([f"{self.quoted(name)} = {bind(name, value)}" for name, value in link.items()]),
            key=self.quoted(self.layout.system.row),
            limit=int(limit),
        )
        return Statement(text=text, values=tuple(bind.values))

    def mark(self, table: str, mark: Mark, at: tuple[str, str], value: str) -> Statement:
        """Say of a row that is still as it was read what became of it."""
        bind = _Binding(self)
        text = _MARK.format(
            table=self.quoted(table),
            column=self.quoted(mark.column),
            value=bind(mark.column, value),
            same=self._same(bind, at[1]),
            still=self._at(bind, at[0]),
            waiting=self._is_waiting(bind, mark),
        )
        return Statement(text=text, values=tuple(bind.values))

    def names(self, table: str) -> Statement:
        """Ask what columns a table has, and no row."""
        return Statement(text=_NAMES.format(table=self.quoted(table)))

    def create(self, table: str, columns: Mapping[str, ColumnType], key: str) -> str:
        """Make a table, its key first."""
        lines = [
            f"  {self.quoted(name)} {self.dialect.types[kind]}{' NOT NULL PRIMARY KEY' if name == key else ''}"
            for name, kind in columns.items()
        ]
        return _CREATE.format(table=self.quoted(table), columns=",\n".join(lines))

    def index(self, table: str, columns: Sequence[str]) -> str:
        """Make the index that reading a table leans on."""
        named = self.quoted("_".join((table, "BY", *columns))[:63])
        return _INDEX.format(index=named, table=self.quoted(table), columns=", ".join(map(self.quoted, columns)))

    def quoted(self, name: str) -> str:
        """Return a name as it stands in a statement; ValueError for one that was not checked."""
        if not is_name(name):
            raise ValueError("not the name of a table or column")
        return f'"{name.lower() if self.layout.folded else name}"'

    def _wanted(self, bind: _Binding, reading: Reading, after: tuple[str, str] | None, until: str) -> Iterator[str]:
        time, key = self.layout.system.time, self.layout.system.row
        if reading.mark:
            yield self._is_waiting(bind, reading.mark)
        else:
            if after:
                position = ", ".join([bind(time, after[0]), bind(key, after[1])])
                yield f"({self.quoted(time)}, {self.quoted(key)}) > ({position})"
            yield f"{self.quoted(time)} <= {bind(time, until)}"
        if reading.blank:
            yield f"({self.quoted(reading.blank)} IS NULL OR {self.quoted(reading.blank)} = '')"
        if reading.filled:
            yield f"{self.quoted(reading.filled)} <> ''"
        if reading.ours:
            column = self.quoted(reading.ours)
            yield f"({column} IS NULL OR {column} <> {bind(reading.ours, reading.value)})"
        if reading.theirs:
            column = self.quoted(reading.theirs)
            yield f"({column} IS NULL OR {column} IN ('', {bind(reading.theirs, reading.value)}))"

    def _same(self, bind: _Binding, row: str) -> str:
        column = self.quoted(self.layout.system.row)
        return f"{column} = {bind(self.layout.system.row, row)}" if row else f"({column} IS NULL OR {column} = '')"

    def _at(self, bind: _Binding, time: str) -> str:
        column = self.quoted(self.layout.system.time)
        return f"{column} = {bind(self.layout.system.time, time)}" if time else f"{column} IS NULL"

    def _is_waiting(self, bind: _Binding, mark: Mark) -> str:
        """Say that nobody took a row; a blank mark may be NULL, and an integer column holds no blank."""
        column = self.quoted(mark.column)
        told = [
            f"{column} = {bind(mark.column, value)}" for value in mark.waiting if self._can_hold(mark.column, value)
        ]
        return f"({' OR '.join([*told, *([f'{column} IS NULL'] if '' in mark.waiting else [])])})"

    def _can_hold(self, column: str, value: str) -> bool:
        return value != "" or self.layout.type_of(column) is ColumnType.TEXT


def script(statements: Iterable[str]) -> str:
    """Return statements as a file that an operator gives to the database."""
    return "".join(f"{statement};\n\n" for statement in statements).rstrip("\n") + "\n"
