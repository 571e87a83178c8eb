"""Reaches the server of a store: how its connections are made, and what is said of a server that is not usable."""

from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.store.postgres.failures import is_away
from gateway.store.postgres.schema import LEVEL
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared

_SQL = prepared("schema")
SCHEME: Final = "postgresql://"
_OLDEST: Final = 140_000  # version 14
_STATEMENTS_KEPT: Final = 512  # prepared, on each connection: more than there are
_ANSWER_S: Final = 60.0  # no statement of ours takes longer; whoever is silent for so long is gone
# A node that dies without a word keeps its locks no longer than this.
_SILENCE: Final = "15s"
_WRONG: Final = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where a store is kept, and how its connections are made."""

    url: str
    patience_s: float = 5.0  # how long a write waits for another node's, and a connection for the server

    async def writer(self) -> asyncpg.Connection:
        """Return a connection whose commits are durable; raises SettingsError and StoreUnavailableError."""
        connection = await self.connect()
        try:
            await Session(connection).rows(_SQL["make_durable"])
        except BaseException as error:
            connection.terminate()
            if is_away(error):
                raise unreachable(error) from error
            raise
        return connection

    async def connect(self) -> asyncpg.Connection:
        """Return a new connection; raises SettingsError where there is no such database or it is not for us."""
        try:
            return await asyncpg.connect(**self.options())
        except asyncpg.InvalidCatalogNameError as error:
            raise SettingsError("there is no such database: create it on purpose", code="store_missing") from error
        except _WRONG as error:
            raise SettingsError("the database does not let this user in", code="store_unusable") from error
        except (asyncpg.ClientConfigurationError, ValueError) as error:
            raise invalid_url() from error
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise unreachable(error) from error

    async def pool(self, size: int) -> asyncpg.Pool:
        """Return connections that cannot write, of which each transaction sees one state; none is made yet."""
        return await asyncpg.create_pool(
            min_size=0,
            max_size=size,
            reset=_as_it_is,
            **self.options(default_transaction_read_only="on", default_transaction_isolation="repeatable read"),
        )

    def options(self, **settings: str) -> dict[str, Any]:
        """Return what a connection is made with."""
        patience = f"{int(self.patience_s * 1000)}ms"
        set_to = {"lock_timeout": patience, "idle_in_transaction_session_timeout": _SILENCE, "jit": "off"}
        return {
            "dsn": self.url,
            "timeout": self.patience_s,
            "command_timeout": _ANSWER_S,
            "statement_cache_size": _STATEMENTS_KEPT,
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 0,
            "server_settings": {"application_name": f"tongban/{LEVEL}", **set_to, **settings},
        }


async def require_usable(session: Session) -> None:
    """Raise SettingsError `store_unusable` for a server that is too old, or that keeps texts in another encoding."""
    found = await session.one(_SQL["server"])
    if found["version"] < _OLDEST:
        raise SettingsError("the server is too old: PostgreSQL 14 is needed", code="store_unusable")
    if found["encoding"] != "UTF8":
        raise SettingsError(f"the database keeps texts in {found['encoding']}, not UTF8", code="store_unusable")


def invalid_url() -> SettingsError:
    """Return what is said of an address that names no database; it is not repeated, for it may hold a password."""
    return SettingsError(
        "a store is `sqlite:///` and the path of a file, or `postgresql://` and where a database is",
        code="store_url_invalid",
    )


def unreachable(error: BaseException) -> StoreUnavailableError:
    """Return what is said of a server that does not answer."""
    return StoreUnavailableError(f"the store's server cannot be reached: {type(error).__name__}")


async def _as_it_is(_: asyncpg.Connection) -> None:
    """Lend a connection again as it came back: nothing of ours changes one, and saying so would cost a round trip."""
