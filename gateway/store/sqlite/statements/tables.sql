-- name: position
-- How far a table was read.
SELECT at, row FROM table_positions WHERE partner = :partner AND name = :name;

-- name: advance
-- Remember how far a table was read.
INSERT INTO table_positions (partner, name, at, row) VALUES (:partner, :name, :at, :row)
ON CONFLICT DO UPDATE SET at = excluded.at, row = excluded.row;

-- name: keep_rejection
-- Keep a rejection; changes nothing where it is there already.
INSERT INTO rejections (partner, row, exchange, code, faults, found_at)
VALUES (:partner, :row, :exchange, :code, :faults, :found_at)
ON CONFLICT DO NOTHING;
