"""Every verb of the store port, each one job in the lane that suits it."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar, cast

from gateway.core.audit.entry import IndexRow
from gateway.core.audit.tiles import TileId
from gateway.core.catalogue.search import ItemFilter
from gateway.core.conversion.versions import AdapterVersion, VersionChange, VersionState
from gateway.core.errors import RejectedError
from gateway.core.model import (
    Application,
    Backoff,
    Delivery,
    DeliveryState,
    DocumentKind,
    Exchange,
    Partner,
    PartnerStatus,
    ServiceItem,
)
from gateway.flow.ports import (
    Backlog,
    Checkpoint,
    EntryFilter,
    FeedPage,
    ImportChunk,
    ImportJob,
    ImportProgress,
    Intake,
    ItemChange,
    ItemCounts,
    ItemPage,
    LineFault,
    Mirror,
    MirroredItem,
    Nonce,
    Position,
    Rejection,
    Retirement,
    SaltedEntry,
    Stock,
    Taken,
    Topic,
    TreeHead,
    Verdict,
)
from gateway.store.lane import Lane
from gateway.store.node import Node
from gateway.store.postgres import (
    adapters,
    catalogue,
    exchanges,
    feed,
    imports,
    item_index,
    log,
    nodes,
    outbox,
    partners,
    retention,
    search,
    tables,
)
from gateway.store.postgres.listener import Listener
from gateway.store.postgres.readers import Readers
from gateway.store.postgres.retention import Housekeeper
from gateway.store.postgres.session import Job, Session

_T = TypeVar("_T")


class PostgreSQLStore:
    """What must survive a crash, in one PostgreSQL database that any number of nodes share.

    What is written together on one node is committed together. Exchanges and what is administered (the catalogue,
    adapters) travel in lanes of their own: a long import keeps no receipt waiting, and of what is administered one
    transaction runs at a time, on whichever node. Nothing about the store is believed from memory.
    """

    def __init__(
        self,
        *,
        exchanging: Lane[Job],
        administering: Lane[Job],
        readers: Readers,
        listener: Listener,
        housekeeper: Housekeeper,
    ) -> None:
        self._exchanging = exchanging
        self._administering = administering
        self._readers = readers
        self._node = Node()
        self._listener = listener
        self._housekeeper = housekeeper

    async def receive(
        self, nonce: Nonce, intakes: Sequence[Intake], entries: Sequence[SaltedEntry] = ()
    ) -> tuple[Taken | RejectedError, ...]:
        """Take intakes in order, each on its own merits, and append `entries`; one transaction for all."""
        return await self._exchange(lambda s: exchanges.receive(s, nonce, intakes, entries))

    async def log(self, entries: Sequence[SaltedEntry], nonce: Nonce | None = None) -> None:
        """Append entries, and remember a nonce where one is given."""
        await self._exchange(lambda s: exchanges.record(s, nonce, entries))

    async def taken(self, exchange: str) -> Exchange | None:
        """Return an exchange taken before."""
        return await self._readers.read(lambda s: exchanges.taken(s, exchange))

    async def application(self, number: str) -> Application | None:
        """Return where an application stands."""
        return await self._readers.read(lambda s: exchanges.application(s, number))

    async def history(self, number: str) -> tuple[Exchange, ...]:
        """Return the exchanges of one application in the order they were taken, without their bodies."""
        return await self._readers.read(lambda s: exchanges.history(s, number))

    async def forget_nonces(self, now: datetime) -> int:
        """Drop the nonces that no token can carry any more; return how many."""
        return await self._exchange(lambda s: exchanges.forget_nonces(s, now))

    async def backlogs(self, now: datetime) -> tuple[Backlog, ...]:
        """Return every destination that has something due by now, with its back-off."""
        return await self._readers.read(lambda s: outbox.backlogs(s, now))

    async def claim(self, destination: str, *, number: int, limit: int, now: datetime) -> tuple[Delivery, ...]:
        """Put up to `limit` deliveries due by now in flight, at most one of each application, and return them."""
        holder = (self._node, number)
        return await self._exchange(lambda s: outbox.claim(s, holder, destination, limit, now))

    async def conclude(self, verdicts: Sequence[Verdict], backoff: Backoff) -> None:
        """Record what became of claimed deliveries and how the destination now stands, in one transaction."""
        await self._exchange(lambda s: outbox.conclude(s, self._node, verdicts, backoff))

    async def hasten(self, now: datetime) -> int:
        """Make due by now what is put off for longer than anything ever is; return how many."""
        return await self._exchange(lambda s: outbox.hasten(s, now))

    async def revive(self, delivery: str, entry: SaltedEntry) -> bool:
        """Make a dead delivery due again; False where it is not dead."""
        return await self._exchange(lambda s: outbox.revive(s, delivery, entry))

    async def deliveries(
        self, *, state: DeliveryState | None = None, subject: str = "", after: str = "", limit: int = 100
    ) -> tuple[Delivery, ...]:
        """Return deliveries in order of id, from after `after`, without their bodies."""
        return await self._readers.read(lambda s: outbox.deliveries(s, state, subject, after, limit))

    async def attend(self, held: Collection[int], *, lease_s: float) -> bool:
        """Have a lease from now on, and put back to due what no node holds; return whether our lease never ended."""
        went_on = await self._exchange(lambda s: nodes.attend(s, self._node, held, lease_s))
        self._node.known = True
        return went_on

    async def take_duty(self, duty: str) -> bool:
        """Return whether a duty that one node at a time has is ours; one that nobody has becomes ours."""
        return await self._exchange(lambda s: nodes.take_duty(s, self._node, duty))

    async def leave(self) -> None:
        """End our lease: our duties are free, and what we claimed is due again."""
        await self._exchange(lambda s: nodes.leave(s, self._node))

    async def changed(self) -> frozenset[Topic]:
        """Wait until something has changed since the last call, and return what; for one caller at a time."""
        return await self._listener.changed()

    async def put_partner(self, partner: Partner, entry: SaltedEntry) -> None:
        """Register a partner, or replace what is registered under its id."""
        await self._exchange(lambda s: partners.put_partner(s, partner, entry))

    async def set_status(self, partner: str, status: PartnerStatus, entry: SaltedEntry) -> bool:
        """Suspend or resume a partner; False where it is not registered."""
        return await self._exchange(lambda s: partners.set_status(s, partner, status, entry))

    async def partners(self) -> tuple[Partner, ...]:
        """Return everybody registered, in order of id."""
        return await self._readers.read(partners.partners)

    async def put_items(self, items: Sequence[ServiceItem], entry: SaltedEntry | None = None) -> ItemCounts:
        """Keep item versions; the same code, version and digest again changes nothing."""
        return await self._administer(lambda s: catalogue.put_items(s, items, entry))

    async def item_versions(self, code: str) -> tuple[ServiceItem, ...]:
        """Return every version of a service item under an implementation or handling-item code, newest first."""
        return await self._readers.read(lambda s: catalogue.item_versions(s, code))

    async def base_item_versions(self, code: str) -> tuple[ServiceItem, ...]:
        """Return every version of the base item with this code, newest first."""
        return await self._readers.read(lambda s: catalogue.base_item_versions(s, code))

    async def item_revisions(self, kind: DocumentKind, code: str, version: int) -> tuple[bytes, ...]:
        """Return the documents that a version had before they were replaced under the same number, oldest first."""
        return await self._readers.read(lambda s: catalogue.revisions(s, kind, code, version))

    async def find_items(self, wanted: ItemFilter, *, after: int = 0, limit: int = 100) -> ItemPage:
        """Return items asked for in the order in which they first came, from behind position `after`."""
        return await self._readers.read(lambda s: item_index.find_items(s, wanted, after, limit), steadily=True)

    async def begin_import(self, job: ImportJob, entry: SaltedEntry, *, restart: bool = False) -> ImportProgress:
        """Take up the import of this job that was cut off, or begin one; `restart` never takes one up."""
        return await self._administer(lambda s: imports.begin_import(s, job, entry, restart=restart))

    async def known_sources(self, kind: DocumentKind, sources: Sequence[bytes]) -> frozenset[bytes]:
        """Return those sources that are known to make an item as it is kept."""
        return await self._readers.read(lambda s: imports.known_sources(s, kind, sources))

    async def keep_chunk(self, number: int, chunk: ImportChunk) -> ImportProgress:
        """Keep what changed, note what was seen and what was left out, and how far the import goes; all or nothing."""
        return await self._administer(lambda s: imports.keep_chunk(s, number, chunk))

    async def end_absent(self, number: int, *, region: str, last_day: date) -> ImportProgress:
        """End some of the items of a region prefix and the import's layout that it has not seen."""
        return await self._administer(lambda s: imports.end_absent(s, number, region, last_day))

    async def import_faults(self, number: int, *, after: int = 0, limit: int = 1_000) -> tuple[LineFault, ...]:
        """Return what was left out, in order of line; until the import is finished."""
        return await self._readers.read(lambda s: imports.import_faults(s, number, after, limit))

    async def import_changes(self, number: int, *, after: int = 0, limit: int = 1_000) -> tuple[ItemChange, ...]:
        """Return what an import did to each item, in order of position, from behind `after`."""
        return await self._readers.read(lambda s: imports.import_changes(s, number, after, limit))

    async def finish_import(self, number: int, entry: SaltedEntry) -> None:
        """Note that an import is finished and told; it cannot be taken up again."""
        await self._administer(lambda s: imports.finish_import(s, number, entry))

    async def put_version(self, version: AdapterVersion, files: bytes, report: bytes, entry: SaltedEntry) -> bool:
        """Keep a version with its packed files and its report; False where it is there already."""
        return await self._administer(lambda s: adapters.put_version(s, version, files, report, entry))

    async def move_version(
        self, change: VersionChange, *, since: VersionState, instead_of: str, report: bytes, entry: SaltedEntry
    ) -> bool:
        """Take one step with a version, if it is still in the state `since` and `instead_of` still serves."""
        move = adapters.Move(change=change, since=since, instead_of=instead_of, report=report, entry=entry)
        return await self._administer(lambda s: adapters.move_version(s, move))

    async def adapter_versions(self, *, layout: str = "", active: bool = False) -> tuple[AdapterVersion, ...]:
        """Return versions in order of layout and of coming; only those in service where `active`."""
        return await self._readers.read(lambda s: adapters.adapter_versions(s, layout, active=active))

    async def version_changes(self, layout: str) -> tuple[VersionChange, ...]:
        """Return the history of a layout, oldest first."""
        return await self._readers.read(lambda s: adapters.version_changes(s, layout))

    async def changes_so_far(self) -> int:
        """Return a number that grows with every change of what serves."""
        return await self._readers.read(adapters.changes_so_far)

    async def version_files(self, layout: str, version: str) -> bytes | None:
        """Return the packed files of a version."""
        return await self._readers.read(lambda s: adapters.version_content(s, layout, version, "files"))

    async def version_report(self, layout: str, version: str) -> bytes | None:
        """Return the report of a version as it was kept."""
        return await self._readers.read(lambda s: adapters.version_content(s, layout, version, "report"))

    async def head(self) -> TreeHead:
        """Return the size and root of the tree."""
        return await self._readers.read(log.head)

    async def leaves(self, start: int, count: int) -> tuple[bytes, ...]:
        """Return leaf bytes in order, fewer where the log ends."""
        return await self._readers.read(lambda s: log.leaves(s, start, count))

    async def search(self, wanted: EntryFilter, *, before: int | None = None, limit: int = 100) -> tuple[int, ...]:
        """Return the indexes of entries asked for, newest first, below `before`."""
        return await self._readers.read(lambda s: search.search(s, wanted, before, limit), steadily=True)

    async def index_of(self, entry: str) -> int | None:
        """Return where the entry with this id stands."""
        return await self._readers.read(lambda s: log.index_of(s, entry))

    async def tiles(self, wanted: Iterable[TileId]) -> Mapping[TileId, bytes]:
        """Return the hashes of tiles, each at least as wide as asked for."""
        named = tuple(wanted)
        return await self._readers.read(lambda s: log.tiles(s, named))

    async def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        """Return the checkpoint over a size, or the newest."""
        return await self._readers.read(lambda s: log.checkpoint(s, size))

    async def checkpoints(self, *, after: int = -1, limit: int = 1_000) -> tuple[Checkpoint, ...]:
        """Return the checkpoints over sizes above `after`, smallest first."""
        return await self._readers.read(lambda s: log.checkpoints(s, after, limit))

    async def index_rows(self, start: int, count: int) -> tuple[IndexRow, ...]:
        """Return the derived index of entries, in order, as it is stored: for checking it against the leaves."""
        return await self._readers.read(lambda s: log.index_rows(s, start, count))

    async def keep_checkpoint(self, checkpoint: Checkpoint) -> Checkpoint:
        """Make a checkpoint durable before anybody sees it; return the one kept."""
        return await self._exchange(lambda s: log.keep_checkpoint(s, checkpoint))

    async def feed(self, after: int, *, limit: int, size: int) -> FeedPage:
        """Return up to `limit` items changed after a change number, of about `size` bytes together; at least one."""
        return await self._readers.read(lambda s: feed.feed(s, after, limit, size), steadily=True)

    async def restart_feed(self, entry: SaltedEntry) -> None:
        """Count changes under another name from here on."""
        await self._administer(lambda s: feed.restart(s, entry))

    async def mirrors(self) -> tuple[Mirror, ...]:
        """Return how far every copy goes, in order of owner."""
        return await self._readers.read(feed.mirrors)

    async def keep_mirrored(
        self, mirror: Mirror, items: Sequence[MirroredItem], entry: SaltedEntry, *, complete: bool
    ) -> ItemCounts:
        """Keep a page of a partner's items and how far it goes, in one transaction."""
        return await self._administer(lambda s: feed.keep_mirrored(s, mirror, items, entry, complete=complete))

    async def table_position(self, partner: str, table: str) -> Position | None:
        """Return how far a table of a front-end database was read."""
        return await self._readers.read(lambda s: tables.position(s, partner, table))

    async def advance_table(self, partner: str, table: str, position: Position) -> None:
        """Remember how far a table was read."""
        await self._exchange(lambda s: tables.advance(s, partner, table, position))

    async def keep_rejection(self, rejection: Rejection, entry: SaltedEntry) -> bool:
        """Keep a rejection beside the delivery it speaks of; False, and no entry, where it is known already."""
        return await self._exchange(lambda s: tables.keep_rejection(s, rejection, entry))

    async def retired_size(self) -> int:
        """Return how many entries, from the first on, were retired."""
        return await self._readers.read(log.retired_size)

    async def retire(self, retirement: Retirement, entry: SaltedEntry) -> None:
        """Record a retirement and its entry, in one transaction."""
        await self._exchange(lambda s: retention.retire(s, retirement, entry))

    async def retirements(self) -> tuple[Retirement, ...]:
        """Return every retirement, oldest first."""
        return await self._readers.read(retention.retirements)

    async def make_room(self, now: datetime) -> None:
        """Prepare for what will be kept in the time to come."""
        await self._housekeeper.make_room(now)

    async def stock(self, before: datetime, size: int) -> Stock:
        """Count what retiring everything received before a time, and all entries below a size, would take away."""
        return await self._housekeeper.stock(before, size)

    async def discard(self) -> None:
        """Take away what was retired and is still there, a bounded part at a time."""
        await self._housekeeper.discard()

    async def close(self) -> None:
        """Finish what was begun and let go of the store."""
        self._listener.close()
        await self._readers.close()
        await self._administering.close()
        await self._exchanging.close()

    async def _exchange(self, job: Callable[[Session], Awaitable[_T]]) -> _T:
        return cast("_T", await self._exchanging.done(job))

    async def _administer(self, job: Callable[[Session], Awaitable[_T]]) -> _T:
        return cast("_T", await self._administering.done(job))
