-- name: epoch
-- Under which name this store counts changes.
SELECT epoch FROM feed;

-- name: rename_feed
-- Count changes under another name.
UPDATE feed SET epoch = lower(hex(randomblob(8)));

-- name: changes
-- Our own items behind a change number, in the order in which they last changed.
SELECT kind, code, region, name, status, version, effective_from, effective_to, document, digest, quarantine, facets,
    number AS change
FROM item_changes JOIN items USING (sequence) JOIN item_documents USING (sequence)
WHERE number > :after
ORDER BY number
LIMIT :limit;

-- name: owner
-- Whose an item version is: NULL where it is our own.
SELECT sequence, owner FROM items LEFT JOIN mirrored_items USING (sequence)
WHERE kind = 'service-item' AND code = :code AND version = :version;

-- name: keep_publication
-- Note whose an item version is, and the owner's word about it.
INSERT INTO mirrored_items (sequence, owner, epoch, publication)
SELECT sequence, :owner, :epoch, :publication FROM items WHERE kind = 'service-item' AND code = :code AND version = :version
ON CONFLICT DO UPDATE SET epoch = excluded.epoch, publication = excluded.publication;

-- name: not_ours
-- Take a partner's item out of our own feed.
DELETE FROM item_changes WHERE sequence = (SELECT sequence FROM items WHERE kind = 'service-item' AND code = :code AND version = :version);

-- name: gone
-- What an owner offered in another epoch and has not offered in this one.
SELECT sequence FROM mirrored_items WHERE owner = :owner AND epoch <> :epoch;

-- name: remembered_item
-- An item version that is about to be forgotten.
SELECT * FROM items JOIN item_documents USING (sequence) WHERE sequence = :sequence;

-- name: forget_document
-- Forget the document of an item version.
DELETE FROM item_documents WHERE sequence = :sequence;

-- name: forget_item
-- Forget an item version.
DELETE FROM items WHERE sequence = :sequence;

-- name: keep_mirror
-- Note how far a copy goes.
INSERT INTO mirrors (owner, epoch, cursor, copied_at) VALUES (:owner, :epoch, :cursor, :copied_at)
ON CONFLICT DO UPDATE SET epoch = excluded.epoch, cursor = excluded.cursor, copied_at = excluded.copied_at;

-- name: mirrors
-- How far every copy goes.
SELECT owner, epoch, cursor, copied_at, (SELECT count(*) FROM mirrored_items WHERE owner = mirrors.owner) AS items
FROM mirrors ORDER BY owner;
