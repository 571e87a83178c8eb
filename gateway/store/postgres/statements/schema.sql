-- name: server
-- What kind of server this is, and how a text is kept in it.
SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding;

-- name: standing
-- The timeline that the server writes, which a standby has none of; and from here on commits wait for the disk, and for
-- the standby's where there is one, even where the server was told that they need not.
SELECT
    CASE WHEN NOT pg_is_in_recovery()
        THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END AS timeline,
    set_config('synchronous_commit', CASE
        WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN 'on'
        ELSE current_setting('synchronous_commit') END, false) AS durability;

-- name: confirm
-- Have the commit of a transaction that wrote nothing wait for the standby, so that what it saw is there too.
SELECT pg_logical_emit_message(true, 'tongban', '') WHERE current_setting('synchronous_standby_names') <> '';

-- name: belongings
-- How many tables there are; none means that nothing was ever kept here. Whether it was us who kept it, and what of it.
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')) AS tables,
    to_regclass('tongban_beginning') IS NOT NULL AS beginning, to_regclass('tongban_migrations') IS NOT NULL AS ours,
    to_regclass('tongban_expansions') IS NOT NULL AS stepping;

-- name: begin
-- Say that a store is being made here, and cannot be used yet.
CREATE TABLE IF NOT EXISTS tongban_beginning ();

-- name: begun
-- Say that it is made.
DROP TABLE IF EXISTS tongban_beginning;

-- name: applied
-- The migrations that a program must know to serve from the database, in order; programs before expansions read only these.
SELECT number, name, checksum, false AS expands FROM tongban_migrations ORDER BY number;

-- name: expansions
-- Those since the last that took something away, in order.
SELECT number, name, checksum, true AS expands FROM tongban_expansions ORDER BY number;

-- name: begin_expanding
-- Where expansions are remembered: apart, so that programs that never heard of them start beside them.
CREATE TABLE IF NOT EXISTS tongban_expansions (LIKE tongban_migrations INCLUDING ALL);

-- name: begin_stepping
-- Which steps of a migration are done.
CREATE TABLE IF NOT EXISTS tongban_steps (number integer, step integer, PRIMARY KEY (number, step));

-- name: is_done
-- Whether a step was done before.
SELECT EXISTS (SELECT 1 FROM tongban_steps WHERE number = :number::integer AND step = :step::integer) AS done;

-- name: note_step
-- Remember that a step was done.
INSERT INTO tongban_steps (number, step) VALUES (:number::integer, :step::integer) ON CONFLICT DO NOTHING;

-- name: record_expansion
-- Remember that a migration that only adds was applied.
INSERT INTO tongban_expansions (number, name, checksum, applied_at)
VALUES (:number::integer, :name::text, :checksum::text, :applied_at::bigint);

-- name: settle_expansions
-- Let programs that do not know the expansions so far serve no more.
WITH settled AS (DELETE FROM tongban_expansions RETURNING number, name, checksum, applied_at)
INSERT INTO tongban_migrations (number, name, checksum, applied_at)
SELECT number, name, checksum, applied_at FROM settled ORDER BY number;

-- name: record
-- Remember that a migration was applied, in its own transaction.
INSERT INTO tongban_migrations (number, name, checksum, applied_at)
VALUES (:number::integer, :name::text, :checksum::text, :applied_at::bigint);

-- name: migrate_alone
-- Be the only one who migrates this database; at once or not at all.
SELECT pg_try_advisory_lock(6075990739331350855) AS alone;

-- name: let_others_migrate
-- Let others migrate it.
SELECT pg_advisory_unlock(6075990739331350855);

-- name: hurry
-- Wait for no lock longer than others may wait for us, and let one transaction take its time.
SELECT set_config('lock_timeout', '150ms', true), set_config('statement_timeout', '0', true);

-- name: take_time
-- Wait as long as it takes: for an index that is built beside everybody, nobody waits.
SELECT set_config('lock_timeout', '0', false);

-- name: older_nodes
-- How many connections there are of programs that do not know a migration: each says which is the last that it knows.
SELECT count(*) AS nodes FROM pg_stat_activity
WHERE datname = current_database() AND application_name ~ '^tongban(/[0-9]+)?$'
    AND coalesce(substring(application_name FROM '/([0-9]+)$')::integer, 1) < :level::integer;

-- name: administer_alone
-- Wait until nobody else changes what is administered, and keep others waiting to the end of the transaction.
SELECT pg_advisory_xact_lock(6075990739331350856);
