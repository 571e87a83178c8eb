"""Everything that must survive a crash, as one thing."""

from typing import Protocol

from gateway.flow.ports.adapters import AdapterVersions
from gateway.flow.ports.changes import Changes
from gateway.flow.ports.exchanges import Exchanges
from gateway.flow.ports.feed import Feed
from gateway.flow.ports.front_ends import Readings
from gateway.flow.ports.imports import Imports
from gateway.flow.ports.items import Items
from gateway.flow.ports.log import Log
from gateway.flow.ports.nodes import Nodes
from gateway.flow.ports.outbox import Outbox
from gateway.flow.ports.partners import Partners
from gateway.flow.ports.retention import Retention


class Store(
    Exchanges,
    Outbox,
    Nodes,
    Changes,
    Partners,
    Items,
    Imports,
    Feed,
    AdapterVersions,
    Readings,
    Log,
    Retention,
    Protocol,
):
    """Everything that must survive a crash."""

    async def close(self) -> None:
        """Finish what was begun and let go of the store."""
        ...
