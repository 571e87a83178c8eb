-- name: open_import
-- The import of a job that was begun and not finished.
SELECT number FROM imports WHERE job = :job::text AND NOT finished ORDER BY number DESC LIMIT 1;

-- name: abandon
-- Give up what was begun of a job.
UPDATE imports SET finished = true WHERE job = :job::text AND NOT finished;

-- name: begin
-- Begin an import.
INSERT INTO imports (job, kind, layout) VALUES (:job::text, :kind::text, :layout::text) RETURNING number;

-- name: import
-- How far an import has come.
SELECT number, position, line, added, changed, unchanged, ended, quarantined, faulty FROM imports
WHERE number = :number::bigint;

-- name: kind_and_layout
-- What an import is of.
SELECT kind, layout FROM imports WHERE number = :number::bigint;

-- name: advance
-- Note how far an import has come, and what it did on the way.
UPDATE imports SET position = greatest(position, :position::bigint), line = greatest(line, :line::bigint),
    added = added + :added::bigint, changed = changed + :changed::bigint, unchanged = unchanged + :unchanged::bigint,
    ended = ended + :ended::bigint, quarantined = quarantined + :quarantined::bigint, faulty = faulty + :faulty::bigint
WHERE number = :number::bigint;

-- name: known_sources
-- Those of these sources that are known to make an item.
SELECT DISTINCT source FROM items WHERE kind = :kind::text AND source = ANY(:sources::bytea[]);

-- name: with_sources
-- The items that sources are known to make, and in which line this import has met each.
SELECT kind, code, version, sequence, digest, source, quarantine <> '[]' AS quarantined, line
FROM items LEFT JOIN (SELECT sequence, line FROM item_sightings WHERE import = :import::bigint) AS met USING (sequence)
WHERE kind = :kind::text AND source = ANY(:sources::bytea[]);

-- name: sightings
-- In which lines an import has met items.
SELECT sequence, line FROM item_sightings WHERE sequence = ANY(:sequences::bigint[]) AND import = :import::bigint;

-- name: sight
-- Note what an import did to items.
INSERT INTO item_sightings (sequence, import, line, change, pointers)
SELECT sequence, :import::bigint, line, change, pointers
FROM unnest(:sequence::bigint[], :line::bigint[], :change::text[], :pointers::text[])
    AS seen (sequence, line, change, pointers)
ON CONFLICT (sequence) DO UPDATE SET import = excluded.import, line = excluded.line, change = excluded.change,
    pointers = excluded.pointers;

-- name: add_faults
-- Note documents that were left out.
INSERT INTO import_faults (import, line, position, length, code, faults)
SELECT * FROM unnest(:import::bigint[], :line::bigint[], :position::bigint[], :length::bigint[], :code::text[],
    :faults::text[]);

-- name: faults
-- Documents that were left out, in order.
SELECT line, position, length, code, faults FROM import_faults
WHERE import = :import::bigint AND line > :after::bigint
ORDER BY line LIMIT :limit::bigint;

-- name: changes
-- What an import did to each item.
SELECT sequence AS position, code, version, change, line, pointers FROM item_sightings JOIN items USING (sequence)
WHERE import = :import::bigint AND sequence > :after::bigint
ORDER BY sequence LIMIT :limit::bigint;

-- name: absent
-- Items in use that an import has not met, and that have not ended already.
SELECT * FROM items
WHERE kind = :kind::text AND layout = :layout::text AND region BETWEEN :region::text AND :last_region::text
    AND status = 'in-use' AND coalesce(effective_to > :ended_at::bigint, true)
    AND NOT EXISTS (
        SELECT 1 FROM item_sightings WHERE item_sightings.sequence = items.sequence AND import = :import::bigint
    )
ORDER BY sequence LIMIT :limit::bigint;

-- name: finish
-- Note that an import is finished.
UPDATE imports SET finished = true WHERE number = :number::bigint;

-- name: forget_faults
-- Forget what was left out, once it has been told.
DELETE FROM import_faults WHERE import = :number::bigint;
