-- name: renew
-- Let a lease that stands go on from now.
UPDATE nodes SET lease_until = CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) + :lease
WHERE id = :node AND lease_until > CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER);

-- name: succeed
-- End the leases of all others.
DELETE FROM nodes WHERE id <> :node;

-- name: put_back
-- Put what is in flight and nobody holds back to due.
UPDATE deliveries SET state = 'due', claimed_at = NULL, node = NULL, claim = NULL
WHERE state = 'in_flight' AND state IN ('in_flight', 'dead') AND (
    coalesce(node, '') NOT IN (
        SELECT id FROM nodes WHERE lease_until > CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
    )
    OR (node = :node AND claim NOT IN (SELECT value FROM json_each(:held)))
);

-- name: forget_ended
-- Forget the nodes whose leases have ended.
DELETE FROM nodes WHERE lease_until <= CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER);

-- name: join
-- Begin a lease.
INSERT INTO nodes (id, lease_until)
VALUES (:node, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) + :lease);

-- name: drop_duties
-- Free the duties of a node.
DELETE FROM duties WHERE node = :node;

-- name: leave
-- End a lease.
DELETE FROM nodes WHERE id = :node;

-- name: has_duty
-- Whether a duty is a node's whose lease stands.
SELECT 1 FROM duties JOIN nodes ON nodes.id = duties.node
WHERE duties.name = :duty AND nodes.id = :node
    AND lease_until > CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER);

-- name: take_duty
-- Give a duty to a node whose lease stands, unless it is that of another whose lease stands.
INSERT INTO duties (name, node)
SELECT :duty, id FROM nodes
WHERE id = :node AND lease_until > CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
ON CONFLICT (name) DO UPDATE SET node = excluded.node
WHERE duties.node NOT IN (
    SELECT id FROM nodes WHERE lease_until > CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
);
