-- name: renew
-- Let a lease that stands go on from now.
UPDATE nodes SET lease_until = tongban_clock() + :lease::bigint
WHERE id = :node::text AND lease_until > tongban_clock();

-- name: put_back
-- Put what is in flight and nobody holds back to due. A claim of an older program names no node: it had 120 seconds.
UPDATE deliveries SET state = 'due', claimed_at = NULL, node = NULL, claim = NULL
WHERE sequence IN (
    SELECT sequence FROM deliveries
    WHERE state = 'in_flight' AND state IN ('in_flight', 'dead') AND CASE
        WHEN node IS NULL THEN claimed_at < tongban_clock() - 120000000
        WHEN node = :node::text AND claim <> ALL (:held::bigint[]) THEN true
        ELSE node NOT IN (SELECT id FROM nodes WHERE lease_until > tongban_clock())
    END
    FOR UPDATE SKIP LOCKED
);

-- name: forget_ended
-- Forget the nodes whose leases have ended, passing over those that another node is forgetting.
DELETE FROM nodes
WHERE id IN (SELECT id FROM nodes WHERE lease_until <= tongban_clock() FOR UPDATE SKIP LOCKED);

-- name: join
-- Begin a lease.
INSERT INTO nodes (id, lease_until) VALUES (:node::text, tongban_clock() + :lease::bigint)
ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until;

-- name: drop_duties
-- Free the duties of a node.
DELETE FROM duties WHERE node = :node::text;

-- name: leave
-- End a lease.
DELETE FROM nodes WHERE id = :node::text;

-- name: has_duty
-- Whether a duty is a node's whose lease stands.
SELECT EXISTS (
    SELECT 1 FROM duties JOIN nodes ON nodes.id = duties.node
    WHERE duties.name = :duty::text AND nodes.id = :node::text AND lease_until > tongban_clock()
) AS ours;

-- name: take_duty
-- Give a duty to a node whose lease stands, unless it is that of another whose lease stands.
INSERT INTO duties (name, node)
SELECT :duty::text, id FROM nodes WHERE id = :node::text AND lease_until > tongban_clock()
ON CONFLICT (name) DO UPDATE SET node = excluded.node
WHERE duties.node NOT IN (SELECT id FROM nodes WHERE lease_until > tongban_clock());
