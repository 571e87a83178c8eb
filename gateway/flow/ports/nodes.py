"""One of the nodes over a store: what it claimed and the duties it took are its own under a lease."""

from collections.abc import Collection
from typing import Protocol


class Nodes(Protocol):
    """Whoever opened the store, as one of those that work with it.

    Leases are measured by the store's clock, so that those of the nodes may differ. Where only one process at a time
    relays (SQLite), a new one is the end of those before it: what they held is due at once.
    """

    async def attend(self, held: Collection[int], *, lease_s: float) -> bool:
        """Have a lease from now on, and put back to due what no node holds; return whether our lease never ended.

        Held is what a node claimed whose lease stands; of what we claimed, only what is in `held`, numbers of claims.
        Where our lease had ended, and at the first call, nothing that was claimed before is ours.
        """
        ...

    async def take_duty(self, duty: str) -> bool:
        """Return whether a duty that one node at a time has is ours; one that nobody has becomes ours.

        It stays ours as long as our lease goes on. Without a lease, nothing is.
        """
        ...

    async def leave(self) -> None:
        """End our lease: our duties are free, and what we claimed is due again."""
        ...
