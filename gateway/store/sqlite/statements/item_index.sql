-- name: posting
-- Which items of a block have a term.
SELECT items FROM item_postings WHERE term = ? AND block = ?;

-- name: put_posting
-- Say which items of a block have a term.
INSERT OR REPLACE INTO item_postings (term, block, items) VALUES (?, ?, ?);

-- name: add_code
-- Have an item found by a code.
INSERT OR IGNORE INTO item_codes (code, sequence) VALUES (?, ?);

-- name: drop_code
-- Have an item not found by a code any more.
DELETE FROM item_codes WHERE code = ? AND sequence = ?;

-- name: coded
-- Items that a code or its beginning names.
SELECT sequence FROM item_codes WHERE code >= :code AND code < :last LIMIT :limit;

-- name: last_item
-- Where the last item is.
SELECT coalesce(max(sequence), 0) FROM items;

-- name: look
-- Items at these positions, in order.
SELECT sequence, kind, code, region, name, status, version, effective_from, effective_to, document, digest,
    quarantine, facets
FROM json_each(:positions) CROSS JOIN items ON items.sequence = value JOIN item_documents USING (sequence);

-- name: look_published
-- The same, of those that are published at an instant: of each code, the newest version that is in force then.
SELECT sequence, kind, code, region, name, status, version, effective_from, effective_to, document, digest,
    quarantine, facets
FROM json_each(:positions) CROSS JOIN items ON items.sequence = value JOIN item_documents USING (sequence)
WHERE status = 'in-use' AND coalesce(effective_from <= :at, 1) AND coalesce(:at < effective_to, 1)
    AND NOT EXISTS (
        SELECT 1 FROM items AS newer
        WHERE newer.kind = items.kind AND newer.code = items.code AND newer.version > items.version
            AND newer.status = 'in-use' AND coalesce(newer.effective_from <= :at, 1)
            AND coalesce(:at < newer.effective_to, 1)
    );
