"""The front-end databases of this process, by partner: opened when first asked for, closed with the process."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from gateway.core.errors import PartnerUnavailableError, SettingsError
from gateway.core.model import Partner
from gateway.core.tables.layout import TablesLayout
from gateway.flow.ports import Credentials, FrontEnd
from gateway.partners.tables.database import Database, unavailable
from gateway.partners.tables.front_end import DatabaseFrontEnd
from gateway.partners.tables.postgres import PostgresDatabase
from gateway.partners.tables.sql import Statements
from gateway.partners.tables.sqlite import SQLiteDatabase

SCHEMES: Final = ("sqlite", "postgresql")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Opened:
    """A front-end database, and what it was opened with: when that changes, it is opened anew."""

    endpoint: str
    layout: TablesLayout
    login: tuple[str, str] | None
    database: Database
    front_end: DatabaseFrontEnd


@dataclass(kw_only=True, slots=True)
class DatabaseFrontEnds:
    """Front-end databases by partner; the event loop owns them."""

    credentials: Credentials
    _opened: dict[str, _Opened] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        """Begin with none."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all of them."""
        opened, self._opened = self._opened, {}
        for each in opened.values():
            await each.database.close()

    async def of(self, partner: Partner, layout: TablesLayout) -> FrontEnd:
        """Return the one of a partner; raises PartnerUnavailableError where it cannot even be addressed."""
        login = await self._login(partner, layout)
        known = self._opened.get(partner.id)
        if known and (known.endpoint, known.layout, known.login) == (partner.endpoint, layout, login):
            return known.front_end
        database = _database(partner.endpoint, login, layout.timeout_s)
        statements = Statements(dialect=database.dialect, layout=layout)
        front_end = DatabaseFrontEnd(database=database, statements=statements)
        self._opened[partner.id] = _Opened(
            endpoint=partner.endpoint, layout=layout, login=login, database=database, front_end=front_end
        )
        if known:
            await known.database.close()
        return front_end

    async def _login(self, partner: Partner, layout: TablesLayout) -> tuple[str, str] | None:
        """Return who we are there; None leaves it to the driver (PGUSER, PGPASSFILE)."""
        if not layout.credential:
            return None
        try:
            user, _, password = (await self.credentials.secret(partner.id, layout.credential)).partition(":")
        except SettingsError as error:
            raise PartnerUnavailableError("there is no login for the front-end database", code=error.code) from None
        return user, password


def _database(endpoint: str, login: tuple[str, str] | None, timeout_s: float) -> Database:
    parts = urlsplit(endpoint)
    if parts.scheme == "sqlite":
        return SQLiteDatabase(Path(unquote(parts.path[1:])), timeout_s=timeout_s)
    if parts.scheme == "postgresql":
        return PostgresDatabase(endpoint, login=login, timeout_s=timeout_s)
    raise unavailable("front_end_unreachable")
