"""What one side of an exchange has in writing, read from its store whether the gateway runs or not.

Nothing of it trusts a running gateway: the store is read, and beneath it the salts.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import asyncpg

from gateway.core.audit.entry import Entry, EntryKind, read_entry
from gateway.core.audit.note import LogKey, log_key_of
from gateway.core.errors import CorruptedError
from gateway.core.model import Application, Delivery, DeliveryState, Exchange
from gateway.flow.audit import ProveEntry
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.ports import Store
from gateway.store import open_store
from gateway.store.keyring import KeyPurpose, Keyring
from gateway.store.signed import SignedFile
from gateway.store.sqlite.file import file_of
from tests.patience import PATIENCE_S
from tests.processes import GatewayProcess
from tests.simulator import CLOCK

_PAGE, _LOOK_S = 1000, 0.05
Logged = dict[str, list[tuple[int, Entry]]]  # entries of one kind and where they stand, by exchange


@dataclass(frozen=True, kw_only=True)
class Side:
    """One gateway, as far as the checks reach it."""

    id: str
    url: str  # of its store
    store: Store
    log_key: LogKey
    prove: ProveEntry


@dataclass(frozen=True, kw_only=True)
class Books:
    """Everything that one side has in writing."""

    exchanges: Mapping[str, Exchange]
    histories: Mapping[str, tuple[Exchange, ...]]
    applications: Mapping[str, Application]
    deliveries: tuple[Delivery, ...]
    entries: tuple[Entry, ...]
    salts: Mapping[str, bytes]

    @cached_property
    def received(self) -> Logged:
        return self._logged(EntryKind.EXCHANGE_RECEIVED)

    @cached_property
    def settled(self) -> Logged:
        return self._logged(EntryKind.DELIVERY_SETTLED)

    def _logged(self, kind: EntryKind) -> Logged:
        found: Logged = {}
        for index, entry in enumerate(self.entries):
            if entry.kind is kind:
                found.setdefault(entry.exchange, []).append((index, entry))
        return found


@asynccontextmanager
async def opened_side(identity: str, url: str, keys_folder: Path) -> AsyncIterator[Side]:
    """Open the store of a gateway beside it, or when it has stopped."""
    store = await open_store(url)
    try:
        signer = Keyring(keys_folder).ensure(purpose=KeyPurpose.LOG)
        key = log_key_of(identity, signer.public_key)
        checkpoint = MakeCheckpoint(key=key, sign=signer.sign, log=store, clock=CLOCK, signed=SignedFile(keys_folder))
        prove = ProveEntry(log=store, checkpoint=checkpoint)
        yield Side(id=identity, url=url, store=store, log_key=key, prove=prove)
    finally:
        await store.close()


@asynccontextmanager
async def opened_sides(*processes: GatewayProcess) -> AsyncIterator[list[Side]]:
    """Open the stores of gateways, running or not; of several nodes, one is enough."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(opened_side(each.identity.id, each.store, each.keys_folder))
            for each in processes
        ]


async def until_resting(sides: Sequence[Side]) -> None:
    """Wait until nothing is due, in flight or dead on any side; fail with what is left where that takes too long."""
    left: list[Delivery] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while left := [each for side in sides for each in await _unsettled(side.store)]:  # noqa: ASYNC110 - another process does the work
                await asyncio.sleep(_LOOK_S)
    assert not left, [(each.destination, each.exchange, each.state, each.code, each.attempts) for each in left]


async def _unsettled(store: Store) -> list[Delivery]:
    waiting = [state for state in DeliveryState if state is not DeliveryState.SETTLED]
    return [each for state in waiting for each in await store.deliveries(state=state)]


async def read_books(side: Side, numbers: set[str]) -> Books:
    """Return the books of a side: of applications with these numbers, and of all that its deliveries and log name."""
    deliveries: list[Delivery] = []
    while page := await side.store.deliveries(after=deliveries[-1].id if deliveries else "", limit=_PAGE):
        deliveries += page
    leaves: list[bytes] = []
    while more := await side.store.leaves(len(leaves), _PAGE):
        leaves += more
    entries = tuple(_entries(leaves))
    known = numbers | {each.subject for each in deliveries} | {each.number for each in entries if each.number}
    histories = {number: history for number in sorted(known) if (history := await side.store.history(number))}
    applications = [await side.store.application(number) for number in histories]
    exchanges = [await side.store.taken(each.id) for history in histories.values() for each in history]
    return Books(
        exchanges={each.id: each for each in exchanges if each is not None},
        histories=histories,
        applications={each.number: each for each in applications if each is not None},
        deliveries=tuple(deliveries),
        entries=entries,
        salts=await salts_of(side.url),
    )


def _entries(leaves: Sequence[bytes]) -> Iterator[Entry]:
    for leaf in leaves:
        try:
            yield read_entry(leaf)
        except CorruptedError:
            continue  # the check of the log names it


async def salts_of(url: str) -> dict[str, bytes]:
    """Return the salts beside a log, read beneath the store: no port hands them out."""
    query = "SELECT id AS entry, salt FROM entry_salts JOIN entry_index USING (position)"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(file_of(url))) as beneath:
            return dict(beneath.execute(query).fetchall())
    connection = await asyncpg.connect(url)
    try:
        return {row["entry"]: row["salt"] for row in await connection.fetch(query)}
    finally:
        await connection.close()
