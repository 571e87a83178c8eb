"""Shows that a store holds together: the tree is that of its leaves, and each delivery is in one state."""

from gateway.core.audit.entry import index_of, read_entry
from gateway.core.audit.merkle import HASH_BYTES, leaf_hash
from gateway.core.audit.tiles import WIDTH, Edge, TileId, append
from gateway.flow.ports import Store

PAGE = 1000


async def assert_sound(store: Store) -> None:
    """Recompute everything that follows from something else, and compare."""
    retired = await store.retired_size()
    leaves: list[bytes] = []
    while page := await store.leaves(retired + len(leaves), PAGE):
        leaves.extend(page)
    built = append(Edge(), await _hashes(store, retired) + [leaf_hash(leaf) for leaf in leaves])
    head = await store.head()
    assert (head.size, head.root) == (built.size, built.root)
    assert await store.tiles([tile.id for tile in built.tiles]) == {tile.id: tile.hashes for tile in built.tiles}
    for position, leaf in enumerate(leaves, retired):
        assert await store.index_of(index_of(read_entry(leaf)).id) == position


async def _hashes(store: Store, count: int) -> list[bytes]:
    """Return the leaf hashes of entries that were retired: whole tiles of them."""
    tiles = [TileId(0, number) for number in range(count // WIDTH)]
    held = await store.tiles(tiles)
    return [held[tile][at : at + HASH_BYTES] for tile in tiles for at in range(0, WIDTH * HASH_BYTES, HASH_BYTES)]
