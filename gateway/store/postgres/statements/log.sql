-- name: known_entries
-- Those of these entries that have just been put into the log, and where; what is older nobody logs again. Each is looked for
-- by its id: together, or with both ends of the range in one form, they would be looked for by reading the range.
SELECT asked.id, known.position
FROM unnest(:ids::text[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT position FROM entry_index
    WHERE entry_index.id = asked.id AND position >= :since::bigint AND position - :until::bigint < 0
    OFFSET 0
) AS known;

-- name: leaves_at
-- Leaves by position.
SELECT position, leaf FROM leaves WHERE position = ANY(:positions::bigint[]);

-- name: lock_head
-- The size and root of the tree, and nobody else's tree grows until the end of this transaction.
SELECT size, root FROM tree FOR UPDATE;

-- name: grow
-- Put leaves behind the head with what auditors search them by, their salts and the tiles over them;
-- let the tree grow, if it still has the size that it grew from and nobody has put one of these entries into it since.
WITH kept AS (
    INSERT INTO leaves (position, leaf)
    SELECT :old::bigint + place - 1, leaf FROM unnest(:leaf::bytea[]) WITH ORDINALITY AS new (leaf, place)
), indexed AS (
    INSERT INTO entry_index (position, id, kind, outcome, code, exchange, number, source, destination, item_code,
        recorded_ms)
    SELECT :old::bigint + place - 1, id, kind, outcome, nullif(code, ''), nullif(exchange, ''), nullif(number, ''),
        nullif(source, ''), nullif(destination, ''), nullif(item_code, ''), recorded_ms
    FROM unnest(:id::text[], :kind::text[], :outcome::text[], :code::text[], :exchange::text[], :number::text[],
        :source::text[], :destination::text[], :item_code::text[], :recorded_ms::bigint[])
        WITH ORDINALITY AS new (id, kind, outcome, code, exchange, number, source, destination, item_code, recorded_ms,
            place)
), salted AS (
    INSERT INTO entry_salts (position, salt)
    SELECT :old::bigint + place - 1, salt FROM unnest(:salt::bytea[]) WITH ORDINALITY AS new (salt, place)
    WHERE salt <> ''::bytea
), tiled AS (
    INSERT INTO tiles (level, number, hashes)
    SELECT * FROM unnest(:tile_level::integer[], :tile_number::bigint[], :tile_hashes::bytea[])
    ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes
)
UPDATE tree SET size = :size::bigint, root = :root::bytea
WHERE size = :old::bigint
    AND NOT EXISTS (
        SELECT 1
        FROM unnest(:id::text[]) AS asked (id)
        CROSS JOIN LATERAL (
            SELECT 1 FROM entry_index
            WHERE entry_index.id = asked.id AND position >= :since::bigint AND position - :old::bigint < 0
            OFFSET 0
        ) AS known
    );

-- name: head
-- The size and root of the tree.
SELECT size, root FROM tree;

-- name: leaves
-- Leaf bytes in order.
SELECT position, leaf FROM leaves WHERE position >= :start::bigint AND position < :end::bigint ORDER BY position;

-- name: tiles
-- The hashes of tiles, each as wide as it is by now.
SELECT level, number, hashes
FROM tiles JOIN unnest(:levels::integer[], :numbers::bigint[]) AS wanted (level, number) USING (level, number);

-- name: position_of
-- Where an entry stands.
SELECT position FROM entry_index WHERE id = :id::text;

-- name: index_rows
-- The derived index as it is stored, in order.
SELECT position, id, kind, outcome, coalesce(code, '') AS code, coalesce(exchange, '') AS exchange,
    coalesce(number, '') AS number, coalesce(source, '') AS source, coalesce(destination, '') AS destination,
    coalesce(item_code, '') AS item_code, recorded_ms
FROM entry_index
WHERE position >= :start::bigint AND position < :end::bigint
ORDER BY position;

-- name: checkpoint
-- The checkpoint over one size.
SELECT size, root, note, made_at FROM checkpoints WHERE size = :size::bigint;

-- name: newest_checkpoint
-- The checkpoint over the greatest size.
SELECT size, root, note, made_at FROM checkpoints ORDER BY size DESC LIMIT 1;

-- name: checkpoints
-- The checkpoints over greater sizes, smallest first.
SELECT size, root, note, made_at FROM checkpoints WHERE size > :after::bigint ORDER BY size LIMIT :limit::bigint;

-- name: add_checkpoint
-- Keep a checkpoint; changes nothing where there is one over this size.
INSERT INTO checkpoints (size, root, note, made_at) VALUES (:size::bigint, :root::bytea, :note::text, :made_at::bigint)
ON CONFLICT DO NOTHING;

-- name: retired_size
-- Below which position the entries were retired.
SELECT coalesce(max(size), 0) AS size FROM retirements WHERE kind = 'entries';
