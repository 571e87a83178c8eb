"""Opens the file of a store: the one that is there, or a new one where that is asked for by name."""

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.store.copying.ends import require_in_service
from gateway.store.named import statements
from gateway.store.private import sync_folder
from gateway.store.sqlite.marks import mark
from gateway.store.sqlite.schema import apply_migrations, check_schema, is_new, known_migrations, refuse_foreign

_SQL = statements(Path(__file__).parent / "statements" / "copying.sql")
_SCHEME = "sqlite:///"
_OLDEST_SQLITE = (3, 38)  # STRICT tables, RETURNING


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreFile:
    """Where a store is kept, and how its connections are made."""

    path: Path
    patience_s: float = 5.0  # how long to wait for another process that writes to the same file
    factory: type[sqlite3.Connection] = sqlite3.Connection  # tests pass one that fails

    def writer(self, *, create: bool) -> sqlite3.Connection:
        """Return the connection that writes, to a file with exactly the schema of this program.

        Raises SettingsError where there is no file and none is to be created, as `check_schema`, and for a store
        that is not in service: `store_moved`, `store_unfinished`.
        """
        connection = self._ready(create=create)
        try:
            require_in_service(mark(connection))
        except BaseException:
            connection.close()
            raise
        return connection

    def alone(self, *, create: bool) -> sqlite3.Connection:
        """Return a connection as `writer` does, while no other process has the file open, and none can open it.

        Whether the store is in service is the caller's to judge. Raises StoreUnavailableError where somebody has it.
        """
        return self._ready(create=create, alone=True)

    def reader(self) -> sqlite3.Connection:
        """Return a connection that cannot write."""
        connection = self._connect("ro")
        connection.execute("PRAGMA query_only = ON")
        return connection

    def write_copy(self, file: Path) -> Path:
        """Write what the file holds at this moment beside `file`, and return where; what was erased is not in it.

        The copy is for its owner only. Writers go on meanwhile. SettingsError `backup_exists` where `file` is there.
        """
        self._require(create=False)
        if file.exists():
            raise SettingsError(f"{file} is there already: name a new file", code="backup_exists")
        partial = file.with_name(f"{file.name}.partial")
        os.close(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
        connection = self._connect("ro")
        try:
            connection.execute(_SQL["copy_into"], (str(partial),))
        except sqlite3.DatabaseError as error:
            raise _unusable(error) from error
        finally:
            connection.close()
        return partial

    def migrate(self) -> tuple[str, ...]:
        """Bring the file to the schema of this program; return the names of the migrations applied now."""
        connection = self._open(create=False)
        try:
            return apply_migrations(connection, known_migrations())
        finally:
            connection.close()

    def _ready(self, *, create: bool, alone: bool = False) -> sqlite3.Connection:
        """Return the connection that writes, once the file has the schema of this program."""
        connection = self._open(create=create, alone=alone)
        try:
            if create and is_new(connection):
                apply_migrations(connection, known_migrations())
            check_schema(connection, known_migrations())
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self, *, create: bool, alone: bool = False) -> sqlite3.Connection:
        self._require(create=create)
        if create:
            self._begin()
        connection = self._connect("rw")
        try:
            if alone:
                # Taken by the first reading, and kept: a connection in WAL mode shares this lock as long as it lives.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Before anything is changed: the path may be that of somebody else's database.
            refuse_foreign(connection)
            _prepare(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise _unusable(error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin(self) -> None:
        """Make the file, for its owner only; what SQLite puts beside it (-wal, -shm) gets the same mode."""
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"file:{quote(str(self.path.absolute()))}?mode={mode}"
        try:
            connection = sqlite3.connect(
                uri, uri=True, timeout=self.patience_s, isolation_level=None, factory=self.factory
            )
        except sqlite3.OperationalError as error:
            raise _unusable(error) from error
        connection.row_factory = sqlite3.Row
        return connection

    def _require(self, *, create: bool) -> None:
        # An empty store looks like a gateway that never exchanged anything: nobody may begin one by a slip of the pen.
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise SettingsError(f"SQLite {sqlite3.sqlite_version} is too old: 3.38 is needed", code="sqlite_too_old")
        if not (self.path.is_file() or create):
            raise SettingsError(
                f"there is no store at {self.path}: `tongban migrate --create` begins one", code="store_missing"
            )
        if not self.path.parent.is_dir():
            raise SettingsError(f"there is no folder {self.path.parent} to create a store in", code="store_missing")


def file_of(url: str) -> Path:
    """Return the path that `sqlite:///relative` or `sqlite:////absolute` names.

    Raises SettingsError `store_url_invalid` for another scheme, for options, and for memory, which forgets.
    """
    path = unquote(url.removeprefix(_SCHEME))
    if not url.startswith(_SCHEME) or not path or path.startswith(":") or "?" in url or "#" in url:
        raise SettingsError(
            "a store is `sqlite:///` and the path of a file, or `postgresql://` and where a database is",
            code="store_url_invalid",
        )
    return Path(path)


def publish(partial: Path, file: Path) -> None:
    """Put a whole file where it belongs, durably; it is there then, or nothing is."""
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.rename(file)
    sync_folder(file.parent)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file: what is retired gives its room back
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise SettingsError("the store's file system does not carry a write-ahead log", code="store_unusable")
    connection.execute("PRAGMA synchronous = FULL")  # a commit is durable when it returns: receipts depend on it
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -16384")  # KiB


def _unusable(error: sqlite3.Error) -> SettingsError | StoreUnavailableError:
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreUnavailableError(f"another process holds the store: {error}")
    return SettingsError(f"the store cannot be opened: {error}", code="store_unusable")
