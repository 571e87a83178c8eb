-- name: add_index_row
-- Keep what auditors search an entry by, behind the last leaf; changes nothing where the entry is there already.
INSERT INTO entry_index (position, id, kind, outcome, code, exchange, number, source, destination, item_code,
    recorded_ms)
VALUES (max((SELECT size FROM tree), (SELECT coalesce(max(position) + 1, 0) FROM leaves)), ?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''),
    nullif(?, ''), nullif(?, ''), nullif(?, ''), ?)
ON CONFLICT (id) DO NOTHING;

-- name: add_leaf
-- Put the leaf there; the tree takes it in before the transaction ends.
INSERT INTO leaves (position, leaf) VALUES (:position, :leaf);

-- name: leaf_of
-- The leaf of an entry.
SELECT leaf FROM leaves JOIN entry_index USING (position) WHERE id = :id;

-- name: add_salt
-- Keep the salt of an entry's commitments where it can be erased.
INSERT INTO entry_salts (position, salt) VALUES (:position, :salt);

-- name: head
-- The size and root of the tree.
SELECT size, root FROM tree;

-- name: advance_head
-- Let the tree grow, if it still has the size that it grew from.
UPDATE tree SET size = :size, root = :root WHERE size = :old;

-- name: leaves
-- Leaf bytes in order.
SELECT position, leaf FROM leaves WHERE position >= :start ORDER BY position LIMIT :count;

-- name: tile
-- The hashes of one tile, as wide as it is by now.
SELECT hashes FROM tiles WHERE level = :level AND number = :number;

-- name: put_tile
-- Keep a tile, new or grown wider.
INSERT INTO tiles (level, number, hashes) VALUES (:level, :number, :hashes)
ON CONFLICT DO UPDATE SET hashes = excluded.hashes;

-- name: position_of
-- Where an entry stands.
SELECT position FROM entry_index WHERE id = :id;

-- name: index_rows
-- The derived index as it is stored, in order.
SELECT position, id, kind, outcome, coalesce(code, ''), coalesce(exchange, ''), coalesce(number, ''), coalesce(source, ''),
    coalesce(destination, ''), coalesce(item_code, ''), recorded_ms
FROM entry_index
WHERE position >= :start
ORDER BY position
LIMIT :count;

-- name: checkpoint
-- The checkpoint over one size.
SELECT size, root, note, made_at FROM checkpoints WHERE size = :size;

-- name: newest_checkpoint
-- The checkpoint over the greatest size.
SELECT size, root, note, made_at FROM checkpoints ORDER BY size DESC LIMIT 1;

-- name: checkpoints
-- The checkpoints over greater sizes, smallest first.
SELECT size, root, note, made_at FROM checkpoints WHERE size > :after ORDER BY size LIMIT :limit;

-- name: add_checkpoint
-- Keep a checkpoint.
INSERT INTO checkpoints (size, root, note, made_at) VALUES (:size, :root, :note, :made_at);

-- name: retired_size
-- Below which position the entries were retired.
SELECT coalesce(max(size), 0) FROM retirements WHERE kind = 'entries';
