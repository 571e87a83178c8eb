"""A system in a region that exchanges by table: its rows count once, whatever becomes of the gateway that reads them.

The layout marks no row, so how far a table was read is the gateway's to remember.
"""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from gateway.core.audit.entry import EntryKind
from gateway.core.conversion.versions import AdapterVersion, Origin, Step, VersionChange, VersionState, pack_files
from gateway.core.model import Partner, PartnerKind
from gateway.flow.ports import EntryFilter, Store
from gateway.store import open_store
from tests.front_ends import NAME, QUICK, RegionalDatabase, layout_files, tables_adapter
from tests.gateways import LONG_AGO, application
from tests.processes import GatewayProcess, entry, introduce

UNMARKED = QUICK.replace(
    'mark = { column = "SYNC_SIGN", waiting = ["0", ""], taken = "1", refused = "2" }', "lag_s = 0"
)
_LOOK_S, _WRITE_S = 0.1, 0.5


@dataclass(kw_only=True)
class Clerk:
    """The region's side of a front-end database, and what was written there."""

    gateway: GatewayProcess
    county: str  # the division that the system stands for
    region: RegionalDatabase
    applications: list[str] = field(default_factory=list)  # ids of rows
    rejections: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The system, as a partner."""
        return f"system.{self.county}"

    @property
    def written(self) -> tuple[int, int]:
        """How many applications and rejections were written."""
        return len(self.applications), len(self.rejections)

    async def begin(self) -> None:
        """Build the tables, and make the system and its layout known to the gateway."""
        adapter = tables_adapter(UNMARKED)
        await self.region.build(adapter)
        partner = Partner(
            id=self.id,
            kind=PartnerKind.SYSTEM,
            name=self.id,
            regions=(self.county,),
            endpoint=self.region.url,
            adapter=NAME,
            keys=(),
        )
        await introduce(self.gateway, partner)
        store = await open_store(self.gateway.store)
        version = AdapterVersion(
            layout=NAME,
            version=adapter.version,
            digest=adapter.digest,
            origin=Origin.UPLOADED,
            state=VersionState.CHECKED,
            passed=True,
            put_at=LONG_AGO,
            put_by="operator",
        )
        change = VersionChange(layout=NAME, version=adapter.version, step=Step.ACTIVATE, at=LONG_AGO, by="operator")
        said = entry(EntryKind.PARTNER_REGISTERED, self.gateway.identity, partner)
        await store.put_version(version, pack_files(layout_files(UNMARKED)), b"{}", said)
        said = entry(EntryKind.PARTNER_REGISTERED, self.gateway.identity, partner)
        await store.move_version(change, since=VersionState.CHECKED, instead_of="", report=b"", entry=said)
        await store.close()

    async def write(self) -> None:
        """Write an application and a rejection of rows that nobody knows, no faster than they are read."""
        if not self.applications:
            await self.begin()
        document = orjson.loads(application(1_000 + len(self.applications), collecting=self.county))
        self.applications.append(await self.region.write_document(document))
        unknown = {"ERRTYPE": "1", "TABLECDBATCH": "7" * 32, "REMARK": "?"}
        self.rejections.append(await self.region.write("DN_AUDIT_ABNORMAL", unknown))
        await asyncio.sleep(_WRITE_S)

    async def until_read(self) -> None:
        """Wait until the gateway has dealt with every row."""
        store = await open_store(self.gateway.store)
        while not await self._read(store, "UP_PRO_ACCEPT", self.applications):  # noqa: ASYNC110 - another process reads
            await asyncio.sleep(_LOOK_S)
        while not await self._read(store, "DN_AUDIT_ABNORMAL", self.rejections):  # noqa: ASYNC110 - the same
            await asyncio.sleep(_LOOK_S)
        await store.close()

    async def logged(self) -> tuple[int, int]:
        """Return how many applications and rejections the gateway has taken from it, as its log says."""
        store = await open_store(self.gateway.store)
        kinds = (EntryKind.EXCHANGE_RECEIVED, EntryKind.REJECTION_UNMATCHED)
        taken, rejected = [
            len(await store.search(EntryFilter(kind=kind, partner=self.id), limit=10_000)) for kind in kinds
        ]
        await store.close()
        return taken, rejected

    async def _read(self, store: Store, table: str, rows: list[str]) -> bool:
        position = await store.table_position(self.id, table)
        return position is not None and position.row == rows[-1]


def a_clerk(gateway: GatewayProcess, county: str, folder: Path) -> Clerk:
    """Return the clerk of a county, with a database of its own, without a table yet."""
    file = folder / f"{county}.db"
    with closing(sqlite3.connect(file)):
        file.touch()
    return Clerk(gateway=gateway, county=county, region=RegionalDatabase(url=f"sqlite:///{file}", dialect="sqlite"))
