"""Shows that a store holds together: the tree is that of its leaves, and each delivery is in one state."""

from gateway.core.audit.entry import index_of, read_entry
from gateway.core.audit.merkle import leaf_hash
from gateway.core.audit.tiles import Edge, append
from gateway.flow.ports import Store

PAGE = 1000


async def assert_sound(store: Store) -> None:
    """Recompute everything that follows from something else, and compare."""
    leaves: list[bytes] = []
    while page := await store.leaves(len(leaves), PAGE):
        leaves.extend(page)
    built = append(Edge(), [leaf_hash(leaf) for leaf in leaves])
    head = await store.head()
    assert (head.size, head.root) == (built.size, built.root)
    assert await store.tiles([tile.id for tile in built.tiles]) == {tile.id: tile.hashes for tile in built.tiles}
    for position, leaf in enumerate(leaves):
        assert await store.index_of(index_of(read_entry(leaf)).id) == position
