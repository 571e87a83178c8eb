"""The adapters in service follow the store, and what came with the program is recorded there."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from gateway.adapters.stored import StoredAdapters, load_packed
from gateway.core.audit.entry import EntryKind
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.versions import (
    AdapterVersion,
    Origin,
    Step,
    VersionChange,
    VersionState,
    pack_files,
)
from gateway.core.errors import AdapterError, CorruptedError, SettingsError, StoreUnavailableError
from gateway.core.model import DocumentKind
from gateway.flow.entries import WriteEntries
from gateway.flow.follow import FollowChanges
from gateway.flow.ports import Topic
from gateway.flow.shipped import RecordShipped
from gateway.store import open_store
from tests.api.world import US, FrozenClock, PlainChance
from tests.cli.workplace import LAYOUT
from tests.patience import until

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ENTRIES = WriteEntries(identity=US, clock=FrozenClock(), chance=PlainChance())


@dataclass(frozen=True, kw_only=True)
class Came:
    """An adapter as it came with a program."""

    adapter: Adapter
    packed: bytes


def came(version="1.0.0", **changed):
    manifest = LAYOUT["adapter.toml"].replace("1.0.0", version)
    files = {name: content.encode() for name, content in (LAYOUT | {"adapter.toml": manifest} | changed).items()}
    return Came(adapter=load_adapter(files), packed=pack_files(files))


@pytest.fixture
async def store(tmp_path):
    opened = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True)
    yield opened
    await opened.close()


async def record(store, *shipped):
    await RecordShipped(versions=store, entries=ENTRIES)(shipped)


async def states(store):
    return {each.version: each.state.value for each in await store.adapter_versions(layout="small")}


def version_of(shipped):
    return AdapterVersion(
        layout="small",
        version=shipped.adapter.version,
        digest=shipped.adapter.digest,
        origin=Origin.UPLOADED,
        state=VersionState.CHECKED,
        passed=True,
        put_at=NOW,
        put_by="operator",
    )


async def put(store, shipped, **changed):
    version = replace(version_of(shipped), **changed)
    entry = ENTRIES.administered(EntryKind.ADAPTER_UPLOADED)
    assert await store.put_version(version, shipped.packed, b"{}", entry)


async def activate(store, version, *, instead_of="1.0.0"):
    change = VersionChange(layout="small", version=version, step=Step.ACTIVATE, at=NOW, by="operator")
    for since in (VersionState.CHECKED, VersionState.RETIRED):
        if await store.move_version(
            change,
            since=since,
            instead_of=instead_of,
            report=b"",
            entry=ENTRIES.administered(EntryKind.ADAPTER_ACTIVATED),
        ):
            return
    raise AssertionError(await states(store))


async def following(store, *at_hand, load=load_packed):
    adapters = StoredAdapters(versions=store, load=load)
    await adapters.start(each.adapter for each in at_hand)
    return adapters


async def test_a_layout_that_is_new_serves_from_the_start_and_starting_again_changes_nothing(store):
    await record(store, came())
    size = (await store.head()).size

    await record(store, came())

    assert await states(store) == {"1.0.0": "active"}
    assert (await store.head()).size == size == 2


async def test_a_newer_version_waits_to_be_activated(store):
    await record(store, came())
    await record(store, came("1.1.0"))

    assert await states(store) == {"1.0.0": "active", "1.1.0": "checked"}


async def test_a_start_that_was_cut_short_is_made_up_for(store):
    await put(store, came(), origin=Origin.SHIPPED)  # kept, and then the power failed

    await record(store, came())

    assert await states(store) == {"1.0.0": "active"}


async def test_what_an_operator_retired_is_not_brought_back_by_a_start(store):
    await record(store, came())
    change = VersionChange(layout="small", version="1.0.0", step=Step.RETIRE, at=NOW, by="operator")
    entry = ENTRIES.administered(EntryKind.ADAPTER_RETIRED)
    await store.move_version(change, since=VersionState.ACTIVE, instead_of="1.0.0", report=b"", entry=entry)

    await record(store, came())

    assert await states(store) == {"1.0.0": "retired"}


async def test_the_same_version_with_other_files_stops_the_start(store):
    await record(store, came())

    with pytest.raises(SettingsError) as raised:
        await record(store, came(**{"more.txt": "x"}))

    assert raised.value.code == "adapter_altered"
    assert [each.pointer for each in raised.value.faults] == ["/adapters/small"]


async def test_what_is_at_hand_is_not_loaded_again(store):
    shipped = came()
    await record(store, shipped)

    adapters = await following(store, shipped, load=lambda _: pytest.fail("loaded"))

    assert adapters.named("small") is shipped.adapter
    assert adapters.named("nowhere") is None


async def test_a_change_is_followed_while_what_is_under_way_keeps_its_version(store):
    shipped, later = (
        came(),
        came("1.1.0", **{"service-item.mapping.toml": LAYOUT["service-item.mapping.toml"].replace("/AREA", "/PLACE")}),
    )
    await record(store, shipped)
    await put(store, later)
    adapters = await following(store, shipped)
    under_way = adapters.named("small")

    await activate(store, "1.1.0")
    assert adapters.named("small") is under_way
    await adapters.refresh()

    assert adapters.named("small").digest == later.adapter.digest
    old = under_way.canonical_of(DocumentKind.SERVICE_ITEM, {"AREA": "510000000000"}).document
    new = adapters.named("small").canonical_of(DocumentKind.SERVICE_ITEM, {"PLACE": "510000000000"}).document
    assert old["region"] == new["region"] == "510000000000"


async def test_going_back_loads_nothing(store):
    loaded = []

    def load(packed):
        loaded.append(packed)
        return load_packed(packed)

    await record(store, came())
    await put(store, came("1.1.0"))
    adapters = await following(store, came(), load=load)
    for version, before in (("1.1.0", "1.0.0"), ("1.0.0", "1.1.0"), ("1.1.0", "1.0.0")):
        await activate(store, version, instead_of=before)
        await adapters.refresh()

    assert (adapters.named("small").version, len(loaded)) == ("1.1.0", 1)


async def test_what_a_node_activates_every_other_follows_by_itself(store):
    await record(store, came())
    await put(store, came("1.1.0"))
    adapters = await following(store, came())
    following_changes = FollowChanges(changes=store, read={Topic.ADAPTERS: adapters.refresh})
    running = [asyncio.create_task(work) for work in following_changes.work()]

    await activate(store, "1.1.0")
    await until(lambda: adapters.named("small").version == "1.1.0")

    for task in running:
        task.cancel()


async def test_a_version_that_does_not_load_leaves_what_was_known_and_stops_a_start(store):
    def refuse(_):
        raise AdapterError("a rule that this program does not know")

    await record(store, came())
    await put(store, came("1.1.0"))
    adapters = await following(store, came(), load=refuse)
    await activate(store, "1.1.0")

    with pytest.raises(AdapterError):
        await adapters.refresh()
    assert adapters.named("small").version == "1.0.0"
    with pytest.raises(SettingsError) as raised:
        await following(store, came(), load=refuse)
    assert raised.value.code == "adapter_unloadable"


async def test_while_the_store_is_away_what_was_known_serves(store):
    class Away:
        async def changes_so_far(self):
            raise StoreUnavailableError("away")

    await record(store, came())
    adapters = await following(store, came())
    adapters.versions = Away()

    with pytest.raises(StoreUnavailableError):
        await adapters.refresh()

    assert adapters.named("small").version == "1.0.0"


@pytest.mark.parametrize("packed", [b"", b"no pack", came("9.0.0").packed])
async def test_files_that_are_not_those_put_there_stop_the_gateway(store, packed):
    shipped = came()
    await store.put_version(version_of(shipped), packed, b"{}", ENTRIES.administered(EntryKind.ADAPTER_UPLOADED))
    await activate(store, "1.0.0", instead_of="")

    with pytest.raises(CorruptedError) as raised:
        await following(store)

    assert raised.value.code == "adapter_damaged"
