"""What goes wrong with a database, as the store port promises to say it."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from gateway.core.errors import (
    CorruptedError,
    GatewayError,
    InvalidDocumentError,
    SettingsError,
    StoreUnavailableError,
)
from gateway.store.postgres.session import RacedError, UnconfirmedError

# Nothing more can be asked of the connection now, or of the server: the whole batch is told at once.
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, starting up, query cancelled
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.PostgresSystemError,  # its disk does not answer as it should
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby that was a primary before
    asyncpg.InternalClientError,
    UnconfirmedError,
)
# Two nodes met; whoever tries again, alone, finds what the other did.
_RACED = (
    RacedError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
)
_OWN = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)

_MOVED = "TB001"  # what the trigger `tree_at_rest` raises


def is_away(error: BaseException | None) -> bool:
    """Tell whether the store cannot be reached now, so that trying again at once would help nobody."""
    return isinstance(error, _AWAY) or (isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError))


def is_raced(error: BaseException | None) -> bool:
    """Tell whether the same job, done again by itself, may succeed."""
    return isinstance(error, _RACED)


def as_promised(error: BaseException | None) -> Exception:
    """Return the error that the port promises for one of PostgreSQL; any other is the job's, or a mistake of ours."""
    promised: Exception
    if isinstance(error, asyncpg.DataCorruptedError | asyncpg.IndexCorruptedError):
        promised = CorruptedError("the store's database is damaged", code="store_damaged")
    elif isinstance(error, asyncpg.CharacterNotInRepertoireError):
        promised = InvalidDocumentError("a text holds U+0000, which this store cannot keep", code="text_not_storable")
    elif isinstance(error, asyncpg.PostgresError) and error.sqlstate == _MOVED:
        promised = StoreUnavailableError("the store was moved while it was open", code="store_moved")
    elif is_away(error) or (isinstance(error, RacedError | asyncpg.PostgresError) and not isinstance(error, _OWN)):
        promised = StoreUnavailableError(f"the store did not answer: {type(error).__name__}")
    else:
        return error if isinstance(error, Exception) else RuntimeError("a job failed without saying why")
    promised.__cause__ = error
    return promised


@contextmanager
def promised() -> Iterator[None]:
    """Say what the server refuses as the port promises."""
    try:
        yield
    except GatewayError:
        raise
    except asyncpg.InsufficientPrivilegeError as error:
        raise SettingsError("the database does not let this user do what is needed", code="store_unusable") from error
    except Exception as error:  # whatever it is, the port has a word for it
        raise as_promised(error) from error
