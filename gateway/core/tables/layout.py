"""What an adapter says about the front-end database its partner exchanges through: tables, columns, values, as data.

The system columns are those that every national exchange table has. Names are checked when the manifest is read:
they are the only words of an adapter that ever stand in SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.model import DocumentKind


class ColumnType(StrEnum):
    """What a column is declared as, where it is not text."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemColumns:
    """The columns that every table has; "" for one that this database lacks."""

    row: str = "ROWGUID"  # 记录唯一标识, the key of every table
    operation: str = "CD_OPERATION"  # 同步类型: I, U or D
    time: str = "CD_TIME"  # 同步时间
    batch: str = "CD_BATCH"  # 批次号
    source: str = "DATASOURCE"  # 数据来源
    sign: str = "SYNC_SIGN"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """How rows of ours are written."""

    source: str  # our data source code: whose rows these are
    operation: str = "I"
    sign: str = ""  # what the sync sign says of a row that nobody took yet; "" for nothing
    number: str = ""  # column of main rows for the collaboration number
    exchange: str = ""  # column of every row for the exchange id
    origin: str = ""  # column that keeps the row id a document brought with it
    ledger: str = ""  # table of ours in their database that remembers batches, where they take rows away
    tables: Mapping[str, str] = field(default_factory=dict)  # table named in a document: table of the database

    def table(self, named: str) -> str:
        """Return the table of the database that rows of a document's table go to."""
        return self.tables.get(named, named)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A column of theirs that says of each row whether it was taken."""

    column: str
    waiting: tuple[str, ...]  # its values for a row nobody took; "" stands for NULL too
    taken: str
    refused: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One table that is read, in order of time and row id, and how what was read is remembered."""

    table: str
    mark: Mark | None = None  # None: by a position kept in our own store
    lag_s: int = 5  # without a mark: how old a row must be, so that none with an earlier time still appears
    ours: str = ""  # a column, and the value that makes a row ours: such rows are not read …
    theirs: str = ""  # … or, in this column, the only value that is
    value: str = ""  # of either
    blank: str = ""  # a column that must be empty: these rows, and …
    filled: str = ""  # … those where it is not, are read as different documents

    @property
    def name(self) -> str:
        """What the position in these rows is remembered under."""
        return f"{self.table} with {self.filled}" if self.filled else self.table


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """A table whose rows are documents for us."""

    reading: Reading
    document: DocumentKind
    named: str  # what the document calls the table
    number: str = ""  # column of the collaboration number, which an event fills and an application leaves empty
    operations: tuple[str, ...] = ("I", "U")  # what may be done; a row once taken cannot be taken back


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejections:
    """The tables in which either side says which rows it could not take (DN_AUDIT_ABNORMAL), and their columns."""

    read: Reading | None = None
    write: str = ""
    error: str = "ERRTYPE"
    table: str = "TABLENAME"
    row: str = "TABLEROWGUID"
    batch: str = "TABLECDBATCH"
    source: str = "TABLECDSOURCE"
    time: str = "TABLECDTIME"
    updated: str = "TABLEUPDATETIME"
    remark: str = "REMARK"
    errors: Mapping[str, str] = field(default_factory=dict)  # their ERRTYPE: the code of our fault
    refusal: str = "9"  # the ERRTYPE of a row that we refuse


@dataclass(frozen=True, kw_only=True, slots=True)
class TablesLayout:
    """A front-end database, as one layout uses it."""

    outgoing: Outgoing
    system: SystemColumns = field(default_factory=SystemColumns)
    incoming: tuple[Incoming, ...] = ()
    rejections: Rejections = field(default_factory=Rejections)
    naming: str = "TABLE"  # the field of a document that names its table
    link: Mapping[str, str] = field(default_factory=dict)  # column of a child row: column of the row it belongs to
    types: Mapping[str, ColumnType] = field(default_factory=dict)  # of columns that are not text
    folded: bool = False  # whether the database spells every name in small letters
    credential: str = ""  # name of the one kept for a partner, `user:password`; "" where the driver finds its own
    interval_ms: int = 1000  # between two looks
    rows: int = 100  # taken from one table at one look
    timeout_s: int = 10  # for one statement, and for the lock before it

    @property
    def credentials(self) -> tuple[str, ...]:
        """The names of the secrets it needs."""
        return (self.credential,) if self.credential else ()

    def type_of(self, column: str) -> ColumnType:
        """Return what a column is declared as."""
        return self.types.get(column, ColumnType.TEXT)
