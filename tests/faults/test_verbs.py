"""Which verbs of the store port commit something, proved by stores that nobody can write to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta

import asyncpg

from gateway.core.audit.entry import EntryKind
from gateway.core.audit.tiles import TileId
from gateway.core.catalogue.search import ItemFilter
from gateway.core.conversion.versions import VersionState
from gateway.core.errors import StoreUnavailableError
from gateway.core.model import DocumentKind, PartnerStatus
from gateway.flow.ports import (
    Checkpoint,
    EntryFilter,
    ImportChunk,
    ImportJob,
    Mirror,
    Position,
    Rejection,
    Retired,
    Retirement,
    Store,
)
from gateway.store import open_store
from tests.faults.points import VERBS, WRITING
from tests.store.samples import (
    NOW,
    a_change,
    a_claim,
    a_nonce,
    a_partner,
    a_submission,
    a_version,
    an_entry,
    an_item,
    settled,
    well,
)
from tests.store.sqlite.weather import Weather

Call = Callable[[Store], Awaitable[object]]
YEARS = timedelta(days=3_000)
NOTHING_TO_DO = {"sqlite": {"make_room"}, "postgresql": set[str]()}  # a file grows by itself


async def test_a_verb_that_is_said_to_read_needs_no_commit_and_one_that_is_said_to_write_cannot_go_without(url):
    store = await open_store(url, create=True)
    calls = await prepared(store)
    await store.close()
    assert set(calls) | {"close"} == set(VERBS), "say here how the verb is called"

    async with shut(url) as store:
        refused = {verb for verb, call in calls.items() if await is_refused(call(store))}
        await store.close()  # what only lets go of the store needs no commit either

    assert refused == WRITING - NOTHING_TO_DO[url.partition(":")[0]]
    store = await open_store(url)
    for verb in sorted(refused):
        await calls[verb](store)  # so it was for nothing else that it was refused
    await store.close()


@asynccontextmanager
async def shut(url: str) -> AsyncIterator[Store]:
    """Open a store of which the database itself refuses whatever would write to it."""
    if url.startswith("sqlite"):
        yield await open_store(url, factory=Weather(read_only=True).factory())
        return
    await set_read_only(url, "on")
    yield await open_store(url)
    await set_read_only(url, "off")


async def set_read_only(url: str, value: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET default_transaction_read_only = off")
    name = await connection.fetchval("SELECT quote_ident(current_database())")
    await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")
    await connection.close()


async def is_refused(answer: Awaitable[object]) -> bool:
    try:
        await answer
    except StoreUnavailableError:
        return True
    return False


async def prepared(store: Store) -> dict[str, Call]:
    """Put something into a store, and return a call of each verb that finds something to do there."""
    taken, item = a_submission("ankang"), an_item()
    job, other = (ImportJob(id=name, kind=DocumentKind.SERVICE_ITEM, layout="x") for name in "ab")
    number = taken.exchange.subject
    await store.receive(a_nonce(), [taken])
    await store.put_items([item])
    await store.put_partner(a_partner(), an_entry())
    await store.put_version(a_version(), b"files", b"{}", an_entry())
    begun = (await store.begin_import(job, an_entry())).number
    await store.attend((), lease_s=60)
    (claimed,) = await store.claim("ankang", number=a_claim(), limit=1, now=NOW)
    for kind in Retired:
        await store.retire(a_retirement(kind), an_entry())
    head = await store.head()
    return {
        **reading(number, taken.exchange.id, item.code, begun),
        "advance_table": lambda s: s.advance_table("ankang", "T", Position(at="2026-11-20", row="1")),
        "attend": lambda s: s.attend((), lease_s=60),
        "begin_import": lambda s: s.begin_import(other, an_entry()),
        "claim": lambda s: s.claim("ankang", number=a_claim(), limit=1, now=NOW),
        "conclude": lambda s: s.conclude([settled(claimed)], well()),
        "discard": lambda s: s.discard(),
        "end_absent": lambda s: s.end_absent(begun, region="42", last_day=date(2026, 11, 20)),
        "finish_import": lambda s: s.finish_import(begun, an_entry()),
        "forget_nonces": lambda s: s.forget_nonces(NOW),
        "hasten": lambda s: s.hasten(NOW),
        "keep_checkpoint": lambda s: s.keep_checkpoint(
            Checkpoint(size=head.size, root=head.root, note="signed", made_at=NOW)
        ),
        "keep_chunk": lambda s: s.keep_chunk(begun, ImportChunk(position=1, line=1, items=(), faults=())),
        "keep_mirrored": lambda s: s.keep_mirrored(
            Mirror(owner="ankang", epoch="e", cursor="1", copied_at=NOW), (), an_entry(), complete=True
        ),
        "keep_rejection": lambda s: s.keep_rejection(
            Rejection(partner="ankang", row="1", exchange="", code="x", faults=(), found_at=NOW), an_entry()
        ),
        "leave": lambda s: s.leave(),
        "log": lambda s: s.log([an_entry()]),
        "make_room": lambda s: s.make_room(NOW + YEARS),
        "move_version": lambda s: s.move_version(
            a_change(), since=VersionState.CHECKED, instead_of="", report=b"", entry=an_entry()
        ),
        "put_items": lambda s: s.put_items([an_item()]),
        "put_partner": lambda s: s.put_partner(a_partner(), an_entry()),
        "put_version": lambda s: s.put_version(a_version("2.0.0"), b"files", b"{}", an_entry()),
        "receive": lambda s: s.receive(a_nonce(), [a_submission("ankang")]),
        "restart_feed": lambda s: s.restart_feed(an_entry(kind=EntryKind.STORE_RESTORED, log_size=0, log_signed=7)),
        "retire": lambda s: s.retire(a_retirement(Retired.EXCHANGES), an_entry()),
        "revive": lambda s: s.revive(claimed.id, an_entry()),
        "set_status": lambda s: s.set_status("ankang", PartnerStatus.SUSPENDED, an_entry()),
        "take_duty": lambda s: s.take_duty("house"),
    }


def reading(number: str, exchange: str, code: str, begun: int) -> dict[str, Call]:
    """Return a call of each verb that only asks, for what is there."""
    kind = DocumentKind.SERVICE_ITEM
    return {
        "adapter_versions": lambda s: s.adapter_versions(),
        "application": lambda s: s.application(number),
        "backlogs": lambda s: s.backlogs(NOW),
        "base_item_versions": lambda s: s.base_item_versions(code),
        "changed": lambda s: s.changed(),
        "changes_so_far": lambda s: s.changes_so_far(),
        "checkpoint": lambda s: s.checkpoint(),
        "checkpoints": lambda s: s.checkpoints(),
        "deliveries": lambda s: s.deliveries(),
        "feed": lambda s: s.feed(0, limit=10, size=1_000),
        "find_items": lambda s: s.find_items(ItemFilter()),
        "head": lambda s: s.head(),
        "history": lambda s: s.history(number),
        "import_changes": lambda s: s.import_changes(begun),
        "import_faults": lambda s: s.import_faults(begun),
        "index_of": lambda s: s.index_of(exchange),
        "index_rows": lambda s: s.index_rows(0, 1),
        "item_revisions": lambda s: s.item_revisions(kind, code, 1),
        "item_versions": lambda s: s.item_versions(code),
        "known_sources": lambda s: s.known_sources(kind, [b"x"]),
        "leaves": lambda s: s.leaves(0, 1),
        "mirrors": lambda s: s.mirrors(),
        "partners": lambda s: s.partners(),
        "retired_size": lambda s: s.retired_size(),
        "retirements": lambda s: s.retirements(),
        "search": lambda s: s.search(EntryFilter()),
        "stock": lambda s: s.stock(NOW, 0),
        "table_position": lambda s: s.table_position("ankang", "T"),
        "taken": lambda s: s.taken(exchange),
        "tiles": lambda s: s.tiles([TileId(0, 0)]),
        "version_changes": lambda s: s.version_changes("henan"),
        "version_files": lambda s: s.version_files("henan", "1.0.0"),
        "version_report": lambda s: s.version_report("henan", "1.0.0"),
    }


def a_retirement(kind: Retired) -> Retirement:
    """Return one that takes nothing away."""
    return Retirement(kind=kind, before=NOW - YEARS, size=0, root=b"r" * 32, entry="an entry", retired_at=NOW)
