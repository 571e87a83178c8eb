-- name: position
-- How far a table was read.
SELECT at, "row" FROM table_positions WHERE partner = :partner::text AND name = :name::text;

-- name: advance
-- Remember how far a table was read.
INSERT INTO table_positions (partner, name, at, "row") VALUES (:partner::text, :name::text, :at::text, :row::text)
ON CONFLICT (partner, name) DO UPDATE SET at = excluded.at, "row" = excluded.row;

-- name: keep_rejection
-- Keep a rejection; changes nothing where it is there already.
INSERT INTO rejections (partner, "row", exchange, code, faults, found_at)
VALUES (:partner::text, :row::text, :exchange::text, :code::text, :faults::text, :found_at::bigint)
ON CONFLICT DO NOTHING;
