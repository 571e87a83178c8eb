"""Reaches the server of a store: how its connections are made, and what is said of a server that is not usable."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.store.postgres.hosts import PrimaryConnection, each_host, invalid_url, newest_primary
from gateway.store.postgres.schema import LEVEL
from gateway.store.postgres.session import Connection, Session, UnconfirmedError
from gateway.store.postgres.statements import prepared

_SQL = prepared("schema")
_CONFIRMED: Final = f"BEGIN READ WRITE; {_SQL['confirm'].sql}; COMMIT"
SCHEME: Final = "postgresql://"
_OLDEST: Final = 140_000  # version 14
_STATEMENTS_KEPT: Final = 512  # prepared, on each connection: more than there are
LONGEST_S: Final = 60.0  # what is administered or searched takes no longer
_UNDERWAY_S: Final = 1.0  # for the server's own word that something took too long
_MISTAKEN: Final = (
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidParameterValueError,
)
_SETTINGS: Final = {
    "application_name": f"tongban/{LEVEL}",
    "jit": "off",
    "client_min_messages": "warning",  # a commit that did not wait for the standby says so in a warning
    # A node that stands still in a transaction keeps its locks for less than `patience_s`: so nobody waits in vain.
    "idle_in_transaction_session_timeout": "4s",
    # One that dies without a word keeps its connections no longer than this.
    "tcp_user_timeout": "10s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
# What a lane says is always the same, and finds its rows by an index. So it is planned once a connection, and as well
# where tables were empty then, or nobody has counted what is in them.
_PLANNING: Final = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}


@dataclass(kw_only=True, slots=True)
class Server:
    """Where a store is kept, and how its connections are made; owned by one event loop.

    Where several hosts are named, whichever of them is the primary is the server, and one that was left behind by a
    promotion that this node knows of never is again.
    """

    url: str
    patience_s: float = 5.0  # how long a write waits for another node's, and a connection for the server
    answer_s: float = 10.0  # how long an exchange waits for the server; silence beyond it is a server that is gone
    newest: int = field(default=0, init=False)  # the highest timeline seen

    async def lane(self, answer_s: float) -> PrimaryConnection:
        """Return a connection as `connect`, on which no statement takes longer than `answer_s`, answered or not."""
        limit = milliseconds(answer_s)
        connection = await self.connect(answer_s + _UNDERWAY_S, statement_timeout=limit, **_PLANNING)
        connection.add_log_listener(_hear)
        return connection

    async def connect(self, silence_s: float = LONGEST_S, **settings: str) -> PrimaryConnection:
        """Return a new connection to the primary, whose commits are durable; silent for so long, it counts as gone.

        Raises SettingsError where there is no such database, or it is not for us, StoreUnavailableError where there is
        no primary.
        """
        options = self._options(silence_s, settings)
        connection = await newest_primary(self._primary(url, options) for url in each_host(self.url))
        if self.left_behind(connection):
            connection.terminate()
            raise StoreUnavailableError("the one primary that answers was left behind by a promotion")
        self.newest = connection.timeline
        return connection

    def left_behind(self, connection: Connection) -> bool:
        """Tell whether another server was promoted in place of the one that this connection is to."""
        primary: Any = connection  # what a pool lends has what a connection has
        return bool(primary.timeline < self.newest)

    async def pool(self, size: int) -> asyncpg.Pool:
        """Return connections that cannot write; none is made yet."""

        async def connect(*_: object, **__: object) -> PrimaryConnection:
            return await self._reader()

        return await asyncpg.create_pool(
            min_size=0,
            max_size=size,
            max_inactive_connection_lifetime=0,
            reset=_as_it_is,
            connect=connect,
            connection_class=PrimaryConnection,
        )

    async def _reader(self) -> PrimaryConnection:
        """Return a connection that sees nothing which the standby might not have, however the server came to be up."""
        reading = {"default_transaction_read_only": "on", "statement_timeout": milliseconds(LONGEST_S)}
        connection = await self.connect(LONGEST_S + _UNDERWAY_S, **reading)
        try:
            connection.add_log_listener(_hear)
            await connection.execute(_CONFIRMED, timeout=self.answer_s)
            connection.remove_log_listener(_hear)
        except BaseException:
            connection.terminate()
            raise
        if connection.warnings:
            connection.terminate()
            raise UnconfirmedError
        return connection

    async def _primary(self, url: str, options: dict[str, Any]) -> PrimaryConnection:
        """Return a connection to one of the hosts, if it is a primary."""
        try:
            async with asyncio.timeout(self.patience_s):
                connection = await _entered(url, options)
                try:
                    standing = await Session(connection).one(_SQL["standing"])
                except BaseException:
                    connection.terminate()
                    raise
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise unreachable(error, shown(url)) from error
        if standing["timeline"] is None:
            connection.terminate()
            raise StoreUnavailableError("the store's server is a standby")
        connection.timeline = standing["timeline"]
        return connection

    def _options(self, silence_s: float, settings: dict[str, str]) -> dict[str, Any]:
        return {
            "connection_class": PrimaryConnection,
            "target_session_attrs": "any",  # a standby says itself that it is one
            "timeout": self.patience_s,
            "command_timeout": silence_s,
            "statement_cache_size": _STATEMENTS_KEPT,
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 0,
            "server_settings": {**_SETTINGS, "lock_timeout": milliseconds(self.patience_s), **settings},
        }


async def require_usable(session: Session) -> None:
    """Raise SettingsError `store_unusable` for a server that is too old, or that keeps texts in another encoding."""
    found = await session.one(_SQL["server"])
    if found["version"] < _OLDEST:
        raise SettingsError("the server is too old: PostgreSQL 14 is needed", code="store_unusable")
    if found["encoding"] != "UTF8":
        raise SettingsError(f"the database keeps texts in {found['encoding']}, not UTF8", code="store_unusable")


def unreachable(error: BaseException, place: str = "") -> StoreUnavailableError:
    """Return what is said of a server that does not answer; for the operator, no partner is told."""
    at = f" at {place}" if place else ""
    return StoreUnavailableError(f"the store's server{at} cannot be reached: {type(error).__name__}")


def shown(url: str) -> str:
    """Return host, port and database of a URL: what may be shown of it, for a password may stand in all the rest."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] + parts.path


def milliseconds(seconds: float) -> str:
    """Return a time as the server is told it."""
    return f"{int(seconds * 1000)}ms"


async def _entered(url: str, options: dict[str, Any]) -> PrimaryConnection:
    try:
        connection: PrimaryConnection = await asyncpg.connect(url, **options)
    except (*_MISTAKEN, asyncpg.ClientConfigurationError, ValueError) as error:
        raise _mistaken(error, shown(url)) from error
    return connection


def _mistaken(error: Exception, place: str) -> SettingsError:
    """Return what is said of an address with which somebody has to do something first."""
    match error:
        case asyncpg.InvalidCatalogNameError():
            return SettingsError(
                f"there is no database {place}: create it, or put its name right", code="store_missing"
            )
        case asyncpg.InvalidAuthorizationSpecificationError() | asyncpg.InsufficientPrivilegeError():
            where = "its name, its password (in the address, PGPASSWORD or ~/.pgpass), the server's pg_hba.conf"
            return SettingsError(f"the database {place} does not let this user in: {where}", code="store_unusable")
        case asyncpg.UndefinedObjectError() | asyncpg.InvalidParameterValueError():
            return SettingsError(
                f"the server of {place} does not know what stands behind `?`", code="store_url_invalid"
            )
        case asyncpg.ClientConfigurationError() if "certificate" in str(error):
            where = "name it by `sslrootcert=`, or put it at ~/.postgresql/root.crt"
            return SettingsError(f"no root certificate to verify {place} with: {where}", code="store_unusable")
        case _:
            return invalid_url()


def _hear(connection: Any, message: asyncpg.PostgresLogMessage) -> None:
    if message.severity_en == "WARNING":
        connection.warnings += 1


async def _as_it_is(_: asyncpg.Connection) -> None:
    """Lend a connection again as it came back: nothing of ours changes one, and saying so would cost a round trip."""
