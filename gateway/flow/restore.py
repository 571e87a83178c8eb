"""Go on with a store that was restored from a backup: say in the log what is lost, and never sign a size twice.

Between the end of the restored log and the size that was signed last, others may hold checkpoints. The places of the
entries that are lost are therefore filled, each by an entry that says so: the next checkpoint is over a greater size
than any before, and where the history that others have seen breaks off stands in the log itself.
"""

from dataclasses import dataclass
from typing import Final

from gateway.core.audit.entry import EntryKind, read_entry
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Checkpoint, EntryFilter, LastSigned, Store, TreeHead

_CHUNK: Final = 1_000  # entries in one transaction


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """What was accepted: `lost` entries behind the first `size`, and the checkpoint over all that replaces them."""

    size: int
    lost: int
    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptRestore:
    """Take a restored store into service, on an operator's word; no gateway of this id may run meanwhile."""

    store: Store
    entries: WriteEntries
    signed: LastSigned
    checkpoint: MakeCheckpoint

    async def __call__(self) -> Accepted | None:
        """Return what was accepted, once a checkpoint speaks for it; None where the store is not behind.

        Cut off, it goes on when it is done again. Raises CorruptedError `checkpoint_forked` for a log that is not
        shorter than what was signed, but another: no word of an operator makes that good.
        """
        last, head = await self.signed.read(), await self.store.head()
        if last is None:
            return None
        begun = await self._begun(last)
        if begun is None and head.size >= last.size:
            await self.checkpoint.continued()
            return None
        if begun is None:
            begun = head.size
            await self.store.restart_feed(self.entries.restored(size=head.size, signed=last.size))
        await self._fill(last.size)
        made = await self.checkpoint.over(await self.store.head())
        await self.signed.keep(made)  # greater than the last: from here on the store is an ordinary one
        return Accepted(size=begun, lost=last.size - begun, checkpoint=made)

    async def _begun(self, last: TreeHead) -> int | None:
        """Return from which size this very loss was begun to be accepted, if it was."""
        for index in await self.store.search(EntryFilter(kind=EntryKind.STORE_RESTORED), limit=1):
            (leaf,) = await self.store.leaves(index, 1)
            entry = read_entry(leaf)
            if entry.log_signed == last.size:
                return entry.log_size
        return None

    async def _fill(self, signed: int) -> None:
        while (lacking := signed + 1 - (await self.store.head()).size) > 0:
            # A crash in here leaves a log that is still too short, or not signed yet.
            lost = [self.entries.administered(EntryKind.ENTRY_LOST) for _ in range(min(lacking, _CHUNK))]
            await self.store.log(lost)
