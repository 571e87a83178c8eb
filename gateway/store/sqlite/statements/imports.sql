-- name: open_import
-- The import of a job that was begun and not finished.
SELECT number FROM imports WHERE job = :job AND finished = 0 ORDER BY number DESC LIMIT 1;

-- name: abandon
-- Give up what was begun of a job.
UPDATE imports SET finished = 1 WHERE job = :job AND finished = 0;

-- name: begin
-- Begin an import.
INSERT INTO imports (job, kind, layout, position, line, added, changed, unchanged, ended, quarantined, faulty, finished)
VALUES (:job, :kind, :layout, 0, 0, 0, 0, 0, 0, 0, 0, 0)
RETURNING number;

-- name: import
-- How far an import has come.
SELECT number, position, line, added, changed, unchanged, ended, quarantined, faulty FROM imports
WHERE number = :number;

-- name: kind_and_layout
-- What an import is of.
SELECT kind, layout FROM imports WHERE number = :number;

-- name: advance
-- Note how far an import has come, and what it did on the way.
UPDATE imports SET position = max(position, :position), line = max(line, :line), added = added + :added,
    changed = changed + :changed, unchanged = unchanged + :unchanged, ended = ended + :ended,
    quarantined = quarantined + :quarantined, faulty = faulty + :faulty
WHERE number = :number;

-- name: with_source
-- The item that a source is known to make.
SELECT sequence, quarantine <> '[]' AS quarantined FROM items WHERE kind = :kind AND source = :source;

-- name: sighting
-- In which line an import has met an item.
SELECT line FROM item_sightings WHERE sequence = :sequence AND import = :import;

-- name: sight
-- Note what an import did to an item.
INSERT OR REPLACE INTO item_sightings (sequence, import, line, change, pointers)
VALUES (:sequence, :import, :line, :change, :pointers);

-- name: add_fault
-- Note a document that was left out.
INSERT INTO import_faults (import, line, position, length, code, faults)
VALUES (:import, :line, :position, :length, :code, :faults);

-- name: faults
-- Documents that were left out, in order.
SELECT line, position, length, code, faults FROM import_faults WHERE import = :import AND line > :after
ORDER BY line LIMIT :limit;

-- name: changes
-- What an import did to each item.
SELECT sequence AS position, code, version, change, line, pointers FROM item_sightings JOIN items USING (sequence)
WHERE import = :import AND sequence > :after
ORDER BY sequence LIMIT :limit;

-- name: absent
-- Items in use that an import has not met, and that have not ended already.
SELECT * FROM items JOIN item_documents USING (sequence)
WHERE kind = :kind AND layout = :layout AND region BETWEEN :region AND :last_region AND status = 'in-use'
    AND coalesce(effective_to > :ended_at, 1)
    AND NOT EXISTS (SELECT 1 FROM item_sightings WHERE sequence = items.sequence AND import = :import)
ORDER BY sequence LIMIT :limit;

-- name: finish
-- Note that an import is finished.
UPDATE imports SET finished = 1 WHERE number = :number;

-- name: forget_faults
-- Forget what was left out, once it has been told.
DELETE FROM import_faults WHERE import = :number;
