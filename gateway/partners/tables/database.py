"""What a driver of a front-end database offers: sessions, each one transaction, and errors in our own words."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from gateway.core.errors import PartnerUnavailableError
from gateway.partners.tables.sql import Dialect, Statement

# Code: message, message in Chinese.
UNAVAILABLE: Final = {
    "front_end_unreachable": ("the front-end database cannot be reached", "无法连接前置库"),
    "front_end_denied": ("the front-end database does not let us in", "前置库拒绝访问"),
    "front_end_timeout": ("the front-end database did not answer in time", "前置库响应超时"),
    "front_end_locked": ("somebody else holds a lock in the front-end database", "前置库被其他事务锁定"),
    "front_end_full": ("the front-end database has no room left", "前置库存储空间不足"),
    "front_end_read_only": ("the front-end database takes no writing", "前置库为只读"),
    "front_end_failed": ("the front-end database failed", "前置库发生错误"),
    "front_end_table_missing": ("a table of the layout is missing", "前置库缺少数据表"),
    "front_end_column_missing": ("a column of the layout is missing", "前置库缺少字段"),
    "front_end_type_differs": ("a column has another type than the layout says", "前置库字段类型与配置不符"),
}


class Session(Protocol):
    """One transaction."""

    async def execute(self, statement: Statement) -> int:
        """Run a statement and return how many rows it changed."""
        ...

    async def fetch(self, statement: Statement) -> Sequence[Mapping[str, Any]]:
        """Run a query and return its rows as the driver reads them."""
        ...

    async def names(self, statement: Statement) -> tuple[str, ...]:
        """Return the names of a query's columns."""
        ...

    async def alone(self, batch: str) -> None:
        """Wait until nobody else writes the same batch."""
        ...


class Database(Protocol):
    """A front-end database that is connected to when it is needed."""

    dialect: Dialect

    def session(self, *, writing: bool = False) -> AbstractAsyncContextManager[Session]:
        """Begin a transaction; commit it when the context is left, or roll it back where that raises.

        Raises PartnerUnavailableError or InvalidDocumentError, whatever the driver raised.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


def unavailable(code: str) -> PartnerUnavailableError:
    """Return why a front-end database does not do what it will do another time; no value of a row is in it."""
    return PartnerUnavailableError(UNAVAILABLE[code][0], code=code)
