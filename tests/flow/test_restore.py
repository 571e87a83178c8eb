"""A store that is older than what was signed is written to by nobody, until an operator says so; then openly."""

import shutil

import pytest

from gateway.core.audit.entry import EntryKind, read_entry
from gateway.core.errors import CorruptedError
from gateway.core.model import Identity
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.continuity import RequireContinued
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import EntryFilter
from gateway.flow.restore import AcceptRestore
from gateway.flow.verify import verify_stored_log
from gateway.store import open_store
from tests.api.world import LOG_PUBLIC, LOG_SIGNER, Signed
from tests.simulator import CHANCE, CLOCK
from tests.store.proof import assert_sound
from tests.store.samples import an_entry, an_item

ENTRIES = WriteEntries(
    identity=Identity(id="us", region="420300000000", url="https://us.example"), clock=CLOCK, chance=CHANCE
)


class Place:
    """A store in a file, of which backups are taken, and what was signed of it."""

    def __init__(self, folder):
        self.folder = folder
        self.signed = Signed()

    async def open(self):
        self.store = await open_store(f"sqlite:///{self.folder}/a.sqlite", create=True)
        self.checkpoint = MakeCheckpoint(
            key=LOG_PUBLIC, sign=LOG_SIGNER.sign, log=self.store, clock=CLOCK, signed=self.signed
        )
        self.continued = RequireContinued(log=self.store, signed=self.signed)
        self.accept = AcceptRestore(store=self.store, entries=ENTRIES, signed=self.signed, checkpoint=self.checkpoint)

    async def back_up(self):
        await self.store.close()
        shutil.copy(self.folder / "a.sqlite", self.folder / "backup.sqlite")
        await self.open()

    async def restore(self):
        await self.store.close()
        shutil.copy(self.folder / "backup.sqlite", self.folder / "a.sqlite")
        await self.open()

    async def log(self, count=1):
        await self.store.log([an_entry() for _ in range(count)])


@pytest.fixture
async def place(tmp_path):
    made = Place(tmp_path)
    await made.open()
    yield made
    await made.store.close()


@pytest.fixture
async def restored(place):
    """A store of 5 entries, of which 12 were signed."""
    await place.log(5)
    await place.store.put_items([an_item()])
    await place.checkpoint()
    await place.back_up()
    await place.log(7)
    await place.checkpoint()
    await place.restore()
    return place


async def test_a_log_that_goes_on_from_what_was_signed_is_gone_on_with(place):
    for _ in range(3):
        await place.log(200)
        assert await place.continued() == await place.store.head()
        await place.checkpoint()


async def test_a_restored_store_is_neither_used_nor_signed(restored):
    for step in (restored.continued, restored.checkpoint):
        with pytest.raises(CorruptedError) as refused:
            await step()
        assert refused.value.code == "log_behind"


async def test_a_restored_store_that_grew_past_what_was_signed_is_another_log(restored):
    await restored.log(20)

    for step in (restored.continued, restored.checkpoint, restored.accept):
        with pytest.raises(CorruptedError) as refused:
            await step()
        assert refused.value.code == "checkpoint_forked"


async def test_an_operator_goes_on_with_it_and_the_log_says_from_where_and_what_is_lost(restored):
    epoch = (await restored.store.feed(0, limit=1, size=1)).epoch

    accepted = await restored.accept()

    assert accepted is not None
    assert (accepted.size, accepted.lost) == (5, 7)
    (told,) = await restored.store.search(EntryFilter(kind=EntryKind.STORE_RESTORED))
    entry = read_entry((await restored.store.leaves(told, 1))[0])
    assert (told, entry.log_size, entry.log_signed) == (5, 5, 12)
    assert len(await restored.store.search(EntryFilter(kind=EntryKind.ENTRY_LOST))) == 7
    assert (await restored.store.feed(0, limit=1, size=1)).epoch != epoch


async def test_no_size_is_signed_twice_and_the_log_holds_from_then_on(restored):
    seen = restored.signed.last
    accepted = await restored.accept()
    assert accepted is not None
    assert accepted.checkpoint.size == seen.size + 1

    await restored.log(3)
    await restored.checkpoint()

    sizes = [each.size for each in await restored.store.checkpoints()]
    assert sizes == [5, 13, 16]
    assert (await verify_stored_log(restored.store, LOG_PUBLIC)).passed
    assert await restored.accept() is None
    await assert_sound(restored.store)


async def test_an_acceptance_that_was_cut_off_is_gone_on_with_and_told_once(restored):
    await restored.store.restart_feed(ENTRIES.restored(size=5, signed=12))
    await restored.store.log([ENTRIES.administered(EntryKind.ENTRY_LOST)] * 1)

    accepted = await restored.accept()

    assert accepted is not None
    assert (accepted.size, accepted.lost, accepted.checkpoint.size) == (5, 7, 13)
    assert len(await restored.store.search(EntryFilter(kind=EntryKind.STORE_RESTORED))) == 1


async def test_an_acceptance_that_was_cut_off_before_it_was_signed_is_signed(restored):
    signed = restored.signed.last
    await restored.accept()
    restored.signed.last = signed  # the last step was not taken

    accepted = await restored.accept()

    assert accepted is not None
    assert accepted.checkpoint.size == 13
    await restored.continued()


async def test_where_nothing_was_lost_nothing_is_accepted(place):
    assert await place.accept() is None
    await place.log(3)
    await place.checkpoint()

    assert await place.accept() is None
    assert (await place.store.head()).size == 3


async def test_nothing_signed_is_shown_before_it_is_remembered(place):
    class Unwritable(Signed):
        async def keep(self, _):
            raise OSError("the folder is gone")

    await place.log()
    checkpoint = MakeCheckpoint(key=LOG_PUBLIC, sign=LOG_SIGNER.sign, log=place.store, clock=CLOCK, signed=Unwritable())

    with pytest.raises(OSError, match="gone"):
        await checkpoint()
