-- name: known_entries
-- Those of these entries that are in the log already, with their leaves.
SELECT id, leaf FROM entry_index JOIN leaves USING (position) WHERE id = ANY(:ids::text[]);

-- name: lock_head
-- The size and root of the tree, and nobody else's tree grows until the end of this transaction.
SELECT size, root FROM tree FOR UPDATE;

-- name: grow
-- Put leaves behind the head with what auditors search them by, their salts and the tiles over them;
-- let the tree grow, if it still has the size that it grew from.
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
    INSERT INTO salts (entry, salt) SELECT * FROM unnest(:salted::text[], :salt::bytea[])
), tiled AS (
    INSERT INTO tiles (level, number, hashes)
    SELECT * FROM unnest(:tile_level::integer[], :tile_number::bigint[], :tile_hashes::bytea[])
    ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes
)
UPDATE tree SET size = :size::bigint, root = :root::bytea WHERE size = :old::bigint;

-- name: tiles
-- The hashes of tiles, each as wide as it is by now.
SELECT level, number, hashes
FROM tiles JOIN unnest(:levels::integer[], :numbers::bigint[]) AS wanted (level, number) USING (level, number);
