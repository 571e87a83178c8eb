-- name: counts
-- How often what nodes keep in memory has been changed.
SELECT topic, count FROM changes;
