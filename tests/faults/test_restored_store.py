"""An operator's word on a restored store counts once, whatever happens at the commit that takes it down."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from gateway.core.audit import checkpoint as note
from gateway.core.audit.entry import EntryKind
from gateway.core.errors import StoreUnavailableError
from gateway.flow.ports import Checkpoint, EntryFilter
from gateway.flow.verify import verify_stored_log
from gateway.store import open_store
from gateway.store.signed import SignedFile
from tests.api.world import LOG_PUBLIC, LOG_SIGNER
from tests.faults.lives import POINTS
from tests.faults.points import RAISING, Strike, Variant
from tests.faults.restoring import accept
from tests.simulator import CLOCK
from tests.store.samples import an_entry

LOST = 7


async def test_a_restored_store_is_accepted_once_whatever_happens_at_that_commit(url, tmp_path):
    store = await open_store(url, create=True)
    await store.log([an_entry() for _ in range(5)])
    for number, variant in enumerate(Variant, 1):
        await lose(store, tmp_path)
        epoch = (await store.feed(0, limit=1, size=1)).epoch

        await struck(url, tmp_path, Strike(verb="restart_feed", variant=variant))
        accepted = await accept(url, tmp_path)

        assert accepted is not None
        assert accepted.lost == LOST
        assert (await store.feed(0, limit=1, size=1)).epoch != epoch
        assert len(await store.search(EntryFilter(kind=EntryKind.STORE_RESTORED))) == number
        assert (await verify_stored_log(store, LOG_PUBLIC)).passed
    await store.close()


async def lose(store, keys: Path) -> None:
    """Remember beside the keys that more was signed than the store has: what was restored is older."""
    head = await store.head()
    later = note.Checkpoint(origin=LOG_PUBLIC.name, size=head.size + LOST, root=head.root)
    signed = note.sign_checkpoint(later, LOG_PUBLIC, LOG_SIGNER.sign).decode()
    await SignedFile(keys).keep(Checkpoint(size=later.size, root=later.root, note=signed, made_at=CLOCK.now()))


async def struck(url: str, keys: Path, strike: Strike) -> None:
    """Let an operator's program fail at its word to the store, or be killed there."""
    if strike.variant in RAISING:
        with pytest.raises(StoreUnavailableError):
            await accept(url, keys, strike)
        return
    named = ("-m", "tests.faults.restoring", url, str(keys))
    process = await asyncio.create_subprocess_exec(sys.executable, *named, env={**os.environ, POINTS: str(strike)})
    assert await process.wait() == -signal.SIGKILL
