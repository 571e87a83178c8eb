-- name: stock
-- What retiring would take away.
SELECT (SELECT count(*) FROM taken_exchanges AS old
        WHERE received_at < :before AND id NOT IN (SELECT exchange FROM deliveries WHERE state IN ('in_flight', 'dead'))
            AND id NOT IN (SELECT exchange FROM deliveries WHERE state = 'due')) AS exchanges,
    (SELECT count(*) FROM deliveries WHERE state = 'settled' AND created_at < :before) AS deliveries,
    (SELECT count(*) FROM leaves WHERE position < :size) AS entries;

-- name: add_retirement
-- Record a retirement.
INSERT INTO retirements (kind, before, size, root, entry, retired_at)
VALUES (:kind, :before, :size, :root, :entry, :retired_at);

-- name: retirements
-- Every retirement, oldest first.
SELECT kind, before, size, root, entry, retired_at FROM retirements ORDER BY sequence;

-- name: next_exchanges
-- The next exchanges in the order of taking.
SELECT sequence, id, subject, received_at FROM taken_exchanges WHERE sequence > :after ORDER BY sequence LIMIT :limit;

-- name: deliveries_of
-- What carried an exchange.
SELECT sequence, state FROM deliveries INDEXED BY deliveries_of_subject WHERE subject = :subject AND exchange = :id;

-- name: discard_delivery_body
-- Delete the bytes that were sent.
DELETE FROM delivery_bodies WHERE sequence = :sequence;

-- name: discard_delivery
-- Delete a delivery.
DELETE FROM deliveries WHERE sequence = :sequence;

-- name: discard_exchange_body
-- Delete the bytes of an exchange.
DELETE FROM exchange_bodies WHERE sequence = :sequence;

-- name: discard_exchange
-- Delete an exchange; that its id was used is remembered elsewhere.
DELETE FROM taken_exchanges WHERE sequence = :sequence;

-- name: first_positions
-- Where each table of the log begins, after what was taken away.
SELECT min(coalesce((SELECT min(position) FROM leaves), :size), coalesce((SELECT min(position) FROM entry_index), :size),
    coalesce((SELECT min(position) FROM entry_salts), :size));

-- name: discard_leaves
-- Delete leaves.
DELETE FROM leaves WHERE position < :high;

-- name: discard_index
-- Delete what leaves were searched by.
DELETE FROM entry_index WHERE position < :high;

-- name: discard_salts
-- Delete what commitments were salted with.
DELETE FROM entry_salts WHERE position < :high;
