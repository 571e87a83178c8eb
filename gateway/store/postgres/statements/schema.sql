-- name: server
-- What kind of server this is, and how a text is kept in it.
SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding;

-- name: make_durable
-- Have commits wait for the disk, where somebody has told the server that they need not.
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';

-- name: belongings
-- How many tables there are; none means that nothing was ever kept here. And whether it was us who kept it.
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')) AS tables,
    to_regclass('tongban_migrations') IS NOT NULL AS ours;

-- name: applied
-- The migrations that made the database what it is, in order.
SELECT number, name, checksum FROM tongban_migrations ORDER BY number;

-- name: record
-- Remember that a migration was applied, in its own transaction.
INSERT INTO tongban_migrations (number, name, checksum, applied_at)
VALUES (:number::integer, :name::text, :checksum::text, :applied_at::bigint);

-- name: migrate_alone
-- Wait until nobody else migrates this database, and keep others waiting to the end of the transaction.
SELECT pg_advisory_xact_lock(6075990739331350855);

-- name: administer_alone
-- Wait until nobody else changes what is administered, and keep others waiting to the end of the transaction.
SELECT pg_advisory_xact_lock(6075990739331350856);
