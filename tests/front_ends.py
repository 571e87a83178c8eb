"""Front-end databases for tests: the national layout exchanging by table, as docs/exchange-tables.md has it."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from gateway.core.cloudevent import CloudEvent
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.loading import load_adapter
from gateway.core.model import DocumentKind, PartnerKind
from gateway.core.tables.layout import TablesLayout
from gateway.core.tables.rowsets import CHINA
from gateway.partners.tables.schema import expected_tables
from gateway.partners.tables.sql import DIALECTS
from gateway.resources import data_folder, read_adapter_folder, shipped_code_lists
from tests.gateways import ANKANG, SHIYAN, Border, application, event, opened_gateway, publish, register
from tests.patience import PATIENCE_S, until
from tests.simulator import CHANCE, CLOCK, PartnerSimulator

DOCS = Path(__file__).parents[1] / "docs" / "exchange-tables.md"
SAMPLE = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0]
QUICK = SAMPLE.replace('kind = "tables"', 'kind = "tables"\ninterval_ms = 50\ntimeout_s = 30')
NAME = "national-tables"


def layout_files(transport: str = QUICK) -> dict[str, bytes]:
    """Return the files of the national layout, exchanging by table."""
    files = dict(read_adapter_folder(data_folder("adapters") / "national"))
    manifest = files["adapter.toml"].decode().replace('name = "national"', f'name = "{NAME}"')
    return files | {"adapter.toml": (manifest + "\n" + transport).encode()}


def write_layouts(folder: Path, transport: str = QUICK) -> Path:
    """Write the layout beside the national one, as an operator's folder of adapters."""
    national = read_adapter_folder(data_folder("adapters") / "national")
    for name, files in (("national", national), (NAME, layout_files(transport))):
        for path, body in files.items():
            place = folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)
    return folder


def tables_adapter(transport: str = QUICK) -> Adapter:
    """Return the layout, loaded."""
    return load_adapter(layout_files(transport), shipped_code_lists())


def tables_layout(transport: str = QUICK) -> TablesLayout:
    """Return how it exchanges."""
    layout = tables_adapter(transport).manifest.tables
    assert layout is not None
    return layout


@dataclass(kw_only=True)
class RegionalDatabase:
    """A front-end database as its region works on it: with plain SQL, beside the gateway."""

    url: str
    dialect: str
    rows_written: int = field(default=0)

    async def run(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Run a statement with `?` for values and return its rows."""
        if self.dialect == "sqlite":
            # In a thread of its own: waiting for the gateway's lock must not stop the gateway, which shares this loop.
            return await asyncio.to_thread(self._run_sqlite, statement, values)
        for number in range(1, len(values) + 1):
            statement = statement.replace("?", f"${number}", 1)
        connection = await asyncpg.connect(self.url)
        try:
            return [dict(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    def _run_sqlite(self, statement: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=PATIENCE_S)) as file, file:
            file.row_factory = sqlite3.Row
            return [dict(row) for row in file.execute(statement, values).fetchall()]

    async def build(self, adapter: Adapter) -> None:
        """Make the tables that the layout expects."""
        assert adapter.manifest.tables is not None
        for statement in expected_tables(adapter.manifest, adapter.manifest.tables, DIALECTS[self.dialect]):
            await self.run(statement)

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Return the rows of a table, NULLs left out."""
        conditions = " AND ".join(f'"{name}" = ?' for name in where) or "1 = 1"
        found = await self.run(f'SELECT * FROM "{table}" WHERE {conditions} ORDER BY "ROWGUID"', *where.values())
        return [{name: value for name, value in row.items() if value is not None} for row in found]

    async def write(self, table: str, row: dict[str, Any], **changes: Any) -> str:
        """Write a row as the region does, its system columns filled; return its id."""
        self.rows_written += 1
        guid = f"{self.rows_written:032d}"
        at = datetime(2026, 11, 20, 9, 0, tzinfo=CHINA) + timedelta(seconds=self.rows_written)
        system = {
            "ROWGUID": guid,
            "CD_OPERATION": "I",
            "CD_TIME": at.replace(tzinfo=None) if self.dialect == "postgresql" else f"{at:%Y-%m-%d %H:%M:%S}",
            "CD_BATCH": "20261120",
            "DATASOURCE": "610",
            "SYNC_SIGN": "0",
        }
        values = {name: value for name, value in row.items() if not isinstance(value, list) and name != "TABLE"}
        values = {**values, **system, **changes}
        values = {name: value for name, value in values.items() if value is not None}
        columns = ", ".join(f'"{name}"' for name in values)
        holders = ", ".join("?" for _ in values)
        await self.run(f'INSERT INTO "{table}" ({columns}) VALUES ({holders})', *values.values())
        return str(values.get("ROWGUID", ""))

    async def write_document(self, document: dict[str, Any], **changes: Any) -> str:
        """Write a document as the region does, the rows of its child tables too; return the id of its main row."""
        guid = await self.write(document["TABLE"], document, **changes)
        main = (await self.rows(document["TABLE"], ROWGUID=guid))[0]
        for name, elements in document.items():
            for element in elements if isinstance(elements, list) else []:
                linked = {"PROJECTNO": main.get("PROJECTNO"), "CD_BATCH": main["CD_BATCH"]}
                await self.write(name, element, **linked)
        return guid


@pytest.fixture(params=["sqlite", "postgresql"])
async def region(request, tmp_path) -> RegionalDatabase:
    """A front-end database with the tables of the sample layout, in either dialect."""
    if request.param == "sqlite":
        path = tmp_path / "front-end.db"
        with closing(sqlite3.connect(path)):
            path.touch()
        url = f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        url = await server.new_database()
    database = RegionalDatabase(url=url, dialect=request.param)
    await database.build(tables_adapter())
    return database


@dataclass(frozen=True, kw_only=True)
class FrontBorder(Border):
    """One gateway whose own system exchanges by table, and a partner gateway on the other side."""

    region: RegionalDatabase

    async def until(self, condition: Callable[[], Awaitable[Any]]) -> Any:
        """Wait for something that happens in the region's database or in the store; return it."""
        return await until(condition)


@asynccontextmanager
async def front_border(
    folder: Path, region: RegionalDatabase, *, collecting: bool = False, transport: str = QUICK
) -> AsyncIterator[FrontBorder]:
    """Run a gateway between a system that exchanges by table and a partner gateway.

    It stands for Shiyan where it collects, else for Ankang, and the partner gateway for the other one.
    """
    here, beyond = (SHIYAN, ANKANG) if collecting else (ANKANG, SHIYAN)
    partner = PartnerSimulator(id="gateway.beyond", kind=PartnerKind.GATEWAY, region=beyond, seed=3)
    system = PartnerSimulator(id="system.tables", kind=PartnerKind.SYSTEM, region=here, adapter=NAME, seed=2)
    system.endpoint = region.url
    await partner.listen()
    layouts = write_layouts(folder / "layouts", transport)
    try:
        async with opened_gateway(folder, "here", here, adapters=str(layouts)) as gateway:
            await publish(gateway, ANKANG)
            await register(gateway, system.partner(keys=()), partner.partner())
            yield FrontBorder(gateway=gateway, system=system, partner=partner, region=region)
    finally:
        await partner.hang_up()


def relayed_application(number: str = "420300-00000-00001J", *, exchange: str = "", case: int = 0) -> bytes:
    """Return an application as a partner gateway relays it."""
    adapter = tables_adapter()
    document = adapter.to_canonical(DocumentKind.APPLICATION, application(case), "application/json").document
    return CloudEvent(
        id=exchange or CHANCE.uuid7(),
        source="gateway.beyond",
        kind="application.submitted",
        subject=number,
        time=CLOCK.now().isoformat(timespec="milliseconds"),
        data=document,
    ).write()


def said(kind: str, number: str) -> dict[str, Any]:
    """Return what an office reports of an application, as rows to be written."""
    document: dict[str, Any] = orjson.loads(event(kind))
    return document | {"COLLABORATIONNO": number}
