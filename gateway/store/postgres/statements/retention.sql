-- name: housekeep_alone
-- Whether nobody else keeps house in this store; others are kept off to the end of the connection.
SELECT pg_try_advisory_lock(6075990739331350858) AS alone;

-- name: partitions
-- Every partition that ends somewhere, with its table and its end; a part of `taken_exchanges` has pages to look through.
SELECT parent.relname AS parent, part.relname AS part, pg_relation_size(part.oid) / current_setting('block_size')::bigint AS pages,
    (regexp_match(bound, 'FROM \(''?(-?[0-9]+|MINVALUE)'))[1] AS low, (regexp_match(bound, 'TO \(''(-?[0-9]+)'))[1]::bigint AS high
FROM pg_inherits
JOIN pg_class AS parent ON parent.oid = inhparent
JOIN pg_class AS part ON part.oid = inhrelid
CROSS JOIN LATERAL pg_get_expr(part.relpartbound, part.oid) AS bound
WHERE parent.relkind = 'p' AND parent.relnamespace = current_schema()::regnamespace
ORDER BY parent, high NULLS LAST;

-- name: hold_exchanges
-- Keep everybody off the exchanges to the end of the transaction.
LOCK TABLE ONLY taken_exchanges IN ACCESS EXCLUSIVE MODE;

-- name: hold_leaves
-- Keep everybody off the leaves to the end of the transaction.
LOCK TABLE ONLY leaves IN ACCESS EXCLUSIVE MODE;

-- name: hold_index
-- Keep everybody off what leaves are searched by to the end of the transaction.
LOCK TABLE ONLY entry_index IN ACCESS EXCLUSIVE MODE;

-- name: hold_salts
-- Keep everybody off the salts to the end of the transaction.
LOCK TABLE ONLY entry_salts IN ACCESS EXCLUSIVE MODE;

-- name: make_month
-- Make the partition of exchanges that begins here, for a month.
SELECT make_month(:low::bigint);

-- name: make_entries
-- Make the partition of one table of the log that begins here.
SELECT make_partition(:parent::text, (:low::bigint)::text, 'position', :low::bigint, :high::bigint);

-- name: month_after
-- When the month after a time begins.
SELECT month_after(:moment::bigint) AS begins;

-- name: size_then
-- The size of the log at a time, as far as checkpoints tell.
SELECT coalesce((SELECT size FROM checkpoints WHERE made_at < :moment::bigint ORDER BY size DESC LIMIT 1), 0) AS size;

-- name: drop_exchanges
-- Drop a partition of exchanges but for what is open.
SELECT drop_exchanges(:part::text);

-- name: drop_entries
-- Drop a partition of the log.
SELECT drop_entries(:part::text);

-- name: discard_exchanges
-- Delete what is old and not open from some pages of a partition.
SELECT discard_exchanges(:part::text, :before::bigint, :page::bigint, :pages::bigint);

-- name: discard_deliveries
-- Delete what is old and settled among the next deliveries; say how far that goes, and whether any of them is old.
WITH looked AS (
    SELECT sequence, created_at FROM deliveries WHERE sequence > :after::bigint ORDER BY sequence LIMIT :limit::bigint
), gone AS (
    DELETE FROM deliveries
    WHERE sequence IN (SELECT sequence FROM looked) AND state = 'settled' AND created_at < :before::bigint
    RETURNING 1
)
SELECT max(sequence) AS last, coalesce(bool_or(created_at < :before::bigint), false) AS old, (SELECT count(*) FROM gone) AS gone
FROM looked;

-- name: discard_leaves
-- Delete leaves.
DELETE FROM leaves WHERE position >= :low::bigint AND position < :high::bigint;

-- name: discard_index
-- Delete what leaves were searched by.
DELETE FROM entry_index WHERE position >= :low::bigint AND position < :high::bigint;

-- name: discard_salts
-- Delete what commitments were salted with.
DELETE FROM entry_salts WHERE position >= :low::bigint AND position < :high::bigint;

-- name: first_positions
-- Where each table of the log begins, after what was taken away.
SELECT (SELECT min(position) FROM leaves) AS leaves, (SELECT min(position) FROM entry_index) AS index,
    (SELECT min(position) FROM entry_salts) AS salts;

-- name: stock
-- What retiring would take away.
SELECT (SELECT count(*) FROM taken_exchanges WHERE received_at < :before::bigint AND id NOT IN (SELECT open_exchanges()))
        AS exchanges,
    (SELECT count(*) FROM deliveries WHERE state = 'settled' AND created_at < :before::bigint) AS deliveries,
    (SELECT count(*) FROM leaves WHERE position < :size::bigint) AS entries;

-- name: add_retirement
-- Record a retirement.
INSERT INTO retirements (kind, before, size, root, entry, retired_at)
VALUES (:kind::text, :before::bigint, :size::bigint, :root::bytea, :entry::text, :retired_at::bigint);

-- name: retirements
-- Every retirement, oldest first.
SELECT kind, before, size, root, entry, retired_at FROM retirements ORDER BY sequence;
