"""A process that stands still while it holds the tree, until somebody lets it go on, and says what became of it."""

import asyncio
import os
import signal
import sys
from typing import Any

from gateway.core.audit.tiles import Edge
from gateway.core.errors import StoreUnavailableError
from gateway.flow.ports import SaltedEntry, TreeHead
from gateway.store import open_store
from gateway.store.postgres.log import Sequencer
from gateway.store.postgres.session import Session
from tests.store.samples import an_entry


class Stopping(Sequencer):
    """Stands still between taking the tree and growing it."""

    async def _edge_at(self, session: Session, stored: TreeHead) -> Edge:
        os.kill(os.getpid(), signal.SIGSTOP)
        return await super()._edge_at(session, stored)


async def main(url: str, entry: SaltedEntry) -> None:
    store: Any = await open_store(url)
    writer = store._exchanging._work.__self__
    seal, writer._seal = writer._seal, Stopping().seal
    try:
        await store.log([entry])
        print("logged", flush=True)
    except StoreUnavailableError:
        print("unavailable", flush=True)
    writer._seal = seal
    await store.log([entry])
    print("logged", flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], an_entry(id=sys.argv[2])))
