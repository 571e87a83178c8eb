"""Retiring is on purpose, on the log, only of what was signed and is past every retry, and archived first on demand."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from structlog.testing import capture_logs

from gateway.core.audit.entry import EntryKind, read_entry, root_digest
from gateway.core.audit.merkle import leaf_hash, root_of
from gateway.core.audit.paths import decode_bundle
from gateway.core.audit.tiles import root_at, tiles_for_root
from gateway.core.errors import ConflictError
from gateway.core.model import Identity
from gateway.flow.entries import WriteEntries
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Checkpoint, EntryFilter, Retired, Retirement
from gateway.flow.retire import LEAST, KeepHouse, RetireOld
from gateway.settings import _LEAST_DAYS
from gateway.store import open_store
from gateway.store.archive import FolderArchive
from tests.simulator import CHANCE
from tests.store.samples import a_nonce, a_submission, an_entry

NOW = datetime(2027, 6, 10, 12, tzinfo=UTC)
BEGUN = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is set."""

    at: datetime = NOW

    def now(self):
        return self.at


@pytest.fixture
async def store(tmp_path):
    """A store with a thousand entries, one every hour from the beginning of the year, of which 900 are signed."""
    opened = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True)
    await opened.log([an_entry(recorded_at=BEGUN + timedelta(hours=hour)) for hour in range(900)])
    head = await opened.head()
    await opened.keep_checkpoint(Checkpoint(size=head.size, root=head.root, note="a note\n", made_at=NOW))
    await opened.log([an_entry(recorded_at=BEGUN + timedelta(hours=hour)) for hour in range(900, 1000)])
    yield opened
    await opened.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def retire(store, clock):
    identity = Identity(id="gateway.hubei", region="420000000000", url="https://hubei.example")
    entries = WriteEntries(identity=identity, clock=clock, chance=CHANCE)
    return RetireOld(store=store, entries=entries, clock=clock)


@pytest.fixture
def house(store, retire, clock):
    lease = KeepLease(nodes=store)
    return KeepHouse(store=store, retire=retire, lease=lease, clock=clock, exchanges_days=60, entries_days=120)


async def told(store, kind):
    """Return what the log says of retirements, oldest first."""
    found = await store.search(EntryFilter(kind=kind))
    return [read_entry((await store.leaves(index, 1))[0]) for index in found[::-1]]


@pytest.mark.parametrize(
    ("hours", "size"), [(0, 0), (255, 0), (256, 256), (700, 512), (800, 768), (950, 768), (5000, 768)]
)
async def test_entries_go_in_whole_bundles_of_what_is_older_and_signed(retire, hours, size):
    assert await retire.size_before(BEGUN + timedelta(hours=hours)) == size


async def test_a_retirement_says_on_the_log_what_went_and_with_which_root(retire, store):
    before = BEGUN + timedelta(hours=600)
    root = root_at(512, await store.tiles(tiles_for_root(512)))

    await retire.log(before)

    (entry,) = await told(store, "entries_retired")
    (kept,) = await store.retirements()
    assert (entry.retired_size, entry.retired_root, entry.archive_digest) == (512, root_digest(root), "")
    assert (entry.retired_before, entry.role) == ("2027-01-26T00:00:00Z", "operator")
    assert (kept.kind, kept.size, kept.root, kept.entry) == (Retired.ENTRIES, 512, root, entry.id)
    assert await store.retired_size() == 512


async def test_what_was_retired_before_is_not_retired_again(retire, store):
    await retire.log(BEGUN + timedelta(hours=600))
    await retire.log(BEGUN + timedelta(hours=600))
    await retire.log(BEGUN + timedelta(hours=300))

    assert len(await store.retirements()) == 1


async def test_nothing_goes_that_may_still_be_asked_for(retire, store):
    assert timedelta(days=_LEAST_DAYS) == LEAST
    for verb in (retire.log, retire.exchanges):
        with pytest.raises(ConflictError) as refused:
            await verb(NOW - LEAST + timedelta(seconds=1))
        assert refused.value.code == "retirement_too_recent"
    assert await store.retirements() == ()


async def test_what_goes_is_archived_first_in_bundles_that_have_the_root_that_the_log_says(retire, store, tmp_path):
    archive = FolderArchive(folder=tmp_path / "archive")
    await retire.log(BEGUN + timedelta(hours=300), archive=archive)
    await retire.log(BEGUN + timedelta(hours=600), archive=archive)

    bundles = [(tmp_path / "archive" / "tile" / "entries" / f"00{index}").read_bytes() for index in (0, 1)]
    leaves = [leaf for bundle in bundles for leaf in decode_bundle(bundle)]
    first, second = await told(store, "entries_retired")
    assert second.retired_root == root_digest(root_of(map(leaf_hash, leaves)))
    assert [read_entry(leaf).recorded_at for leaf in leaves] == [BEGUN + timedelta(hours=hour) for hour in range(512)]
    for entry, bundle in ((first, bundles[0]), (second, bundles[1])):
        assert entry.archive_digest == root_digest(sha256(bundle).digest())
    hashes = (tmp_path / "archive" / "tile" / "0" / "001").read_bytes()
    assert hashes == b"".join(map(leaf_hash, leaves[256:]))
    assert (tmp_path / "archive" / "checkpoint-900").read_text() == "a note\n"
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "archive").rglob("*") if file.is_file()} == {0o600}


async def test_an_archive_of_another_log_is_not_mixed_with_this_one_and_then_nothing_goes(retire, store, tmp_path):
    other = tmp_path / "tile" / "entries" / "001"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"another")

    with pytest.raises(ConflictError) as refused:
        await retire.log(BEGUN + timedelta(hours=600), archive=FolderArchive(folder=tmp_path))

    assert refused.value.code == "archive_unfit"
    assert await store.retired_size() == 0
    assert other.read_bytes() == b"another"


async def test_the_house_is_kept_by_whole_months_and_only_where_something_is_new(house, store, clock):
    await store.receive(a_nonce(), [a_submission(received_at=BEGUN + timedelta(days=each)) for each in (1, 100, 125)])

    await house()
    await house()

    assert [(each.kind, each.before) for each in await store.retirements()] == [
        (Retired.EXCHANGES, datetime(2027, 4, 1, tzinfo=UTC)),
        (Retired.ENTRIES, datetime(2027, 2, 1, tzinfo=UTC)),
    ]
    assert (await store.stock(NOW, 0)).exchanges == 2
    assert [entry.role for entry in await told(store, "exchanges_retired")] == ["retention"]
    clock.at = NOW + timedelta(days=31)
    await house()
    assert (await store.stock(NOW, 0)).exchanges == 1


async def test_a_house_without_limits_keeps_everything(house, store):
    house.exchanges_days = house.entries_days = 0

    await house()

    assert await store.retirements() == ()


async def test_a_house_ends_what_somebody_began_to_take_away(house, store, retire):
    size, root = 256, root_at(256, await store.tiles(tiles_for_root(256)))
    house.exchanges_days = house.entries_days = 0
    done = retire.entries.retired(
        EntryKind.ENTRIES_RETIRED,
        before="2027-01-26T00:00:00Z",
        size=size,
        root=root_digest(root),
        archived="",
        role="",
    )
    begun = Retirement(kind=Retired.ENTRIES, before=BEGUN, size=size, root=root, entry=done.entry.id, retired_at=NOW)
    await store.retire(begun, done)
    assert (await store.stock(NOW, size)).entries == size

    await house()

    assert (await store.stock(NOW, size)).entries == 0


async def test_a_house_says_that_something_was_retired_only_where_something_was(house, store, clock):
    house.exchanges_days = 0
    clock.at = BEGUN + timedelta(days=120)  # the oldest entry is as old as one may be

    with capture_logs() as lines:
        await house()

    assert (lines, await store.retirements()) == ([], ())


async def test_a_house_goes_on_where_an_operator_retires_at_the_same_moment(store, clock, retire):
    class OvertakenStore:
        """A store in which more is retired as soon as somebody has asked how much is."""

        def __getattr__(self, name):
            return getattr(store, name)

        async def retired_size(self):
            size = await store.retired_size()
            await retire.log(BEGUN + timedelta(hours=700))
            return size

    overtaken = replace(retire, store=OvertakenStore())
    lease = KeepLease(nodes=store, lease_s=600)
    await lease()
    house = KeepHouse(store=store, retire=overtaken, lease=lease, clock=clock, entries_days=120)

    with capture_logs() as lines:
        keeping = asyncio.create_task(house.run())
        while True:
            if lines or keeping.done():
                break
            await asyncio.sleep(0)

    assert [(line["event"], line["code"]) for line in lines] == [("house_not_kept", "entry_retired")]
    assert not keeping.done()
    keeping.cancel()
