"""What `tongban store accept-restore` does, with fault points around the store: a program of one operator's word.

FAULT_POINTS="restart_feed:killed_after:1" python -m tests.faults.restoring STORE_URL KEYS_FOLDER
"""

import asyncio
import os
import sys
from pathlib import Path

from gateway.core.model import Identity
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.entries import WriteEntries
from gateway.flow.restore import Accepted, AcceptRestore
from gateway.store.signed import SignedFile
from tests.api.world import LOG_PUBLIC, LOG_SIGNER
from tests.faults.lives import POINTS
from tests.faults.points import FaultPoints, Strike
from tests.simulator import CHANCE, CLOCK

US = Identity(id="us", region="420300000000", url="https://us.example")
ENTRIES = WriteEntries(identity=US, clock=CLOCK, chance=CHANCE)


async def accept(url: str, keys: Path, *strikes: Strike) -> Accepted | None:
    """Accept that a store is older than what was signed."""
    points = FaultPoints()
    points.arm(*strikes)
    store, signed = await points.open_store(url), SignedFile(keys)
    try:
        checkpoint = MakeCheckpoint(key=LOG_PUBLIC, sign=LOG_SIGNER.sign, log=store, clock=CLOCK, signed=signed)
        return await AcceptRestore(store=store, entries=ENTRIES, signed=signed, checkpoint=checkpoint)()
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(accept(sys.argv[1], Path(sys.argv[2]), *map(Strike.read, os.environ[POINTS].split())))
