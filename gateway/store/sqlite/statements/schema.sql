-- name: count_tables
-- How many tables the file has; none means that nothing was ever kept in it.
SELECT count(*) FROM sqlite_schema;

-- name: applied
-- The migrations that made the file what it is, in order.
SELECT number, name, checksum FROM migrations ORDER BY number;

-- name: record
-- Remember that a migration was applied, in its own transaction.
INSERT INTO migrations (number, name, checksum, applied_at) VALUES (:number, :name, :checksum, :applied_at);
