"""What auditors may ask: entries, proofs, tiles. Their reading of entries is itself an entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.audit.entry import EntryKind
from gateway.core.audit.merkle import HASH_BYTES, leaf_hash
from gateway.core.audit.tiles import (
    WIDTH,
    TileId,
    consistency_proof,
    inclusion_proof,
    tiles_for_consistency,
    tiles_for_inclusion,
)
from gateway.core.errors import NotFoundError, RetiredError
from gateway.core.model import Envelope, PartnerKind
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.entries import WriteEntries, party
from gateway.flow.inspect import AdmitReader
from gateway.flow.ports import Checkpoint, EntryFilter, Log, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedEntry:
    """One leaf and where it stands."""

    index: int
    leaf: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Inclusion:
    """Proof that a leaf stands at an index of the tree that a checkpoint signs; of a retired one, its hash does."""

    index: int
    leaf_hash: bytes
    leaf: bytes | None
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Growth:
    """Proof that the tree of one released checkpoint begins with that of an earlier one: nothing was rewritten."""

    earlier: Checkpoint
    later: Checkpoint
    proof: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchEntries:
    """Find entries for an auditor, who may see all, or for a partner, who sees its own."""

    admit: AdmitReader
    entries: WriteEntries
    store: Store

    async def __call__(
        self, envelope: Envelope, wanted: EntryFilter, *, before: int | None = None, limit: int = 100
    ) -> tuple[LoggedEntry, ...]:
        """Return the entries asked for, newest first, below `before`; the reading is logged before it is answered."""
        reader = (await self.admit(envelope, PartnerKind.AUDITOR)).sender
        await self.store.log([self.entries.administered(EntryKind.LOG_READ, party(reader))])
        found = await self.store.search(wanted, before=before, limit=limit)
        return tuple([LoggedEntry(index=index, leaf=await _leaf(self.store, index)) for index in found])


@dataclass(frozen=True, kw_only=True, slots=True)
class ProveEntry:
    """Prove what the log holds; proofs and tiles are open to everybody, for they name nobody."""

    log: Log
    checkpoint: MakeCheckpoint

    async def newest(self) -> Checkpoint:
        """Return the newest released checkpoint; makes the first one where none was released."""
        return await self._released(None, at_least=0)

    async def inclusion(self, index: int, size: int | None = None) -> Inclusion:
        """Return the proof that entry `index` is in the tree of a released checkpoint: of `size`, or the newest.

        Raises NotFoundError for an entry or a checkpoint that is not there, ProofError for one beyond the other.
        """
        released = await self._released(size, at_least=index + 1)
        tiles = await self.log.tiles(tiles_for_inclusion(index, released.size))
        proof = inclusion_proof(index, released.size, tiles)
        leaf = await self._kept(index)
        hashed = await self._leaf_hash(index) if leaf is None else leaf_hash(leaf)
        return Inclusion(index=index, leaf_hash=hashed, leaf=leaf, proof=proof, checkpoint=released)

    async def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `new` entries begins with that of `old`; NotFoundError beyond the log."""
        if new > (await self.log.head()).size:
            raise NotFoundError("the log has not grown to that size", code="tree_size_unknown")
        return consistency_proof(old, new, await self.log.tiles(tiles_for_consistency(old, new)))

    async def growth(self, earlier: int, later: int | None = None) -> Growth:
        """Return the proof between the released checkpoints over two sizes, the later one the newest if not named.

        Raises NotFoundError where one of them was not released, ProofError where the later one is the smaller.
        """
        begun = await self._released(earlier, at_least=earlier)
        grown = await self._released(later, at_least=earlier)
        proof = await self.consistency(begun.size, grown.size)
        return Growth(earlier=begun, later=grown, proof=proof)

    async def tile(self, tile: TileId) -> bytes:
        """Return the hashes of one tile, as wide as asked for; NotFoundError where it is not complete yet."""
        held: Mapping[TileId, bytes] = await self.log.tiles([tile])
        hashes = held.get(tile, b"")[: tile.width * 32]
        if len(hashes) < tile.width * 32:
            raise NotFoundError("the log has not grown to that tile", code="tile_unknown")
        return hashes

    async def _kept(self, index: int) -> bytes | None:
        try:
            return await _leaf(self.log, index)
        except RetiredError:
            return None

    async def _leaf_hash(self, index: int) -> bytes:
        """Return the hash of a retired entry as the tree has it."""
        at = index % WIDTH * HASH_BYTES
        return (await self.tile(TileId(0, index // WIDTH, index % WIDTH + 1)))[at:]

    async def _released(self, size: int | None, *, at_least: int) -> Checkpoint:
        """Return a released checkpoint, making one where the newest does not reach far enough."""
        released = await self.log.checkpoint(size)
        if size is None and (released is None or released.size < at_least):
            return await self.checkpoint()
        if released is None:
            raise NotFoundError("no checkpoint was released over that size", code="checkpoint_unknown")
        return released


async def _leaf(log: Log, index: int) -> bytes:
    leaves = await log.leaves(index, 1)
    if not leaves:
        raise NotFoundError("the log has no entry there", code="entry_unknown")
    return leaves[0]
