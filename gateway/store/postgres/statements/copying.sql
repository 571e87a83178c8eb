-- name: mark
-- The mark of a store that is being copied, or was.
SELECT copy, moved, place, epoch, size, root, filling, after FROM copying;

-- name: set_mark
-- Mark a store, or note how far its copy has come.
INSERT INTO copying (id, copy, moved, place, epoch, size, root, filling, after, at)
VALUES (1, :copy::text, :moved::boolean, :place::text, :epoch::text, :size::bigint, :root::bytea, :filling::text,
    :after::text, :at::bigint)
ON CONFLICT (id) DO UPDATE SET moved = excluded.moved, place = excluded.place, filling = excluded.filling,
    after = excluded.after, at = excluded.at;

-- name: drop_mark
-- Take a store into service.
DELETE FROM copying;

-- name: epoch
-- Under which name this store counts changes.
SELECT epoch FROM feed;

-- name: head
-- The size and root of the tree.
SELECT size, root FROM tree;

-- name: alone
-- Whether nobody else copies this store; others are kept off as long as the connection lives.
SELECT pg_try_advisory_lock(6075990739331350857) AS alone;

-- name: others
-- How many gateways and commands are connected to the database.
SELECT count(*) AS others FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'tongban%';

-- name: hold_log
-- Let nobody's log grow until the end of the transaction.
LOCK TABLE tree IN EXCLUSIVE MODE;

-- name: given
-- The highest number ever given in a table; NULL where none was.
SELECT pg_sequence_last_value(pg_get_serial_sequence(:name::text, :key::text)::regclass) AS given;

-- name: set_given
-- Have numbers go on above this one, or begin with 1 where it is 0.
SELECT setval(pg_get_serial_sequence(:name::text, :key::text)::regclass, greatest(:given::bigint, 1), :given::bigint > 0);
