-- name: epoch
-- Under which name this store counts changes.
SELECT epoch FROM feed;

-- name: rename_feed
-- Count changes under another name.
UPDATE feed SET epoch = left(replace(gen_random_uuid()::text, '-', ''), 16);

-- name: changes
-- Our own items behind a change number, in the order in which they last changed.
SELECT items.*, number AS change
FROM item_changes JOIN items USING (sequence)
WHERE number > :after::bigint
ORDER BY number
LIMIT :limit::bigint;

-- name: owners
-- Whose item versions are: NULL where they are our own.
SELECT code, version, owner
FROM items JOIN unnest(:code::text[], :version::bigint[]) AS wanted (code, version) USING (code, version)
    LEFT JOIN mirrored_items USING (sequence)
WHERE kind = 'service-item';

-- name: keep_publications
-- Note whose item versions are, and the owner's word about them.
INSERT INTO mirrored_items (sequence, owner, epoch, publication)
SELECT sequence, :owner::text, :epoch::text, publication
FROM items JOIN unnest(:code::text[], :version::bigint[], :publication::text[]) AS told (code, version, publication)
    USING (code, version)
WHERE kind = 'service-item'
ON CONFLICT (sequence) DO UPDATE SET epoch = excluded.epoch, publication = excluded.publication;

-- name: not_ours
-- Take a partner's items out of our own feed.
DELETE FROM item_changes WHERE sequence IN (
    SELECT sequence
    FROM items JOIN unnest(:code::text[], :version::bigint[]) AS theirs (code, version) USING (code, version)
    WHERE kind = 'service-item'
);

-- name: gone
-- What an owner offered in another epoch and has not offered in this one.
SELECT items.* FROM mirrored_items JOIN items USING (sequence) WHERE owner = :owner::text AND epoch <> :epoch::text;

-- name: forget_items
-- Forget item versions.
DELETE FROM items WHERE sequence = ANY(:sequences::bigint[]);

-- name: keep_mirror
-- Note how far a copy goes.
INSERT INTO mirrors (owner, epoch, cursor, copied_at)
VALUES (:owner::text, :epoch::text, :cursor::text, :copied_at::bigint)
ON CONFLICT (owner) DO UPDATE SET epoch = excluded.epoch, cursor = excluded.cursor, copied_at = excluded.copied_at;

-- name: mirrors
-- How far every copy goes.
SELECT owner, epoch, cursor, copied_at,
    (SELECT count(*) FROM mirrored_items WHERE mirrored_items.owner = mirrors.owner) AS items
FROM mirrors ORDER BY owner;
