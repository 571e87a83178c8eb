-- name: mark
-- The mark of a store that is being copied, or was.
SELECT copy, moved, place, epoch, size, root, filling, after FROM copying;

-- name: set_mark
-- Mark a store, or note how far its copy has come.
INSERT INTO copying (id, copy, moved, place, epoch, size, root, filling, after, at)
VALUES (1, :copy, :moved, :place, :epoch, :size, :root, :filling, :after, :at)
ON CONFLICT DO UPDATE SET moved = excluded.moved, place = excluded.place, filling = excluded.filling,
    after = excluded.after, at = excluded.at;

-- name: drop_mark
-- Take a store into service.
DELETE FROM copying;

-- name: epoch
-- Under which name this store counts changes.
SELECT epoch FROM feed;

-- name: head
-- The size and root of the tree.
SELECT size, root FROM tree;

-- name: given
-- The highest number ever given in a table that remembers it.
SELECT seq FROM sqlite_sequence WHERE name = :name;

-- name: forget_given
-- Forget the highest number given.
DELETE FROM sqlite_sequence WHERE name = :name;

-- name: set_given
-- Have numbers go on above this one.
INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq);

-- name: remembers_given
-- Whether a table remembers the highest number given.
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = :name AND sql LIKE '%AUTOINCREMENT%';

-- name: copy_into
-- Write what is there at this moment into another, empty file.
VACUUM INTO ?;
