-- name: backlogs
-- Every destination that has something to send by now, with its back-off: a step for each, however much waits behind.
WITH RECURSIVE waiting (destination) AS (
    (
        SELECT destination FROM deliveries
        WHERE head AND state = 'due'
        ORDER BY destination, due_at, sequence
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT later.destination FROM deliveries AS later
        WHERE later.head AND later.state = 'due' AND later.destination > waiting.destination
        ORDER BY later.destination, later.due_at, later.sequence
        LIMIT 1
    )
    FROM waiting
    WHERE waiting.destination IS NOT NULL
)
SELECT destination, coalesce(failures, 0) AS failures, retry_at
FROM waiting
CROSS JOIN LATERAL (
    SELECT FROM deliveries
    WHERE deliveries.destination = waiting.destination AND head AND state = 'due' AND due_at <= :now::bigint
    ORDER BY due_at, sequence
    LIMIT 1
) AS first
LEFT JOIN backoffs USING (destination)
ORDER BY destination;

-- name: hasten
-- Make due what is put off for longer than anything ever is.
WITH RECURSIVE waiting (destination) AS (
    (
        SELECT destination FROM deliveries
        WHERE head AND state = 'due'
        ORDER BY destination, due_at, sequence
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT later.destination FROM deliveries AS later
        WHERE later.head AND later.state = 'due' AND later.destination > waiting.destination
        ORDER BY later.destination, later.due_at, later.sequence
        LIMIT 1
    )
    FROM waiting
    WHERE waiting.destination IS NOT NULL
)
UPDATE deliveries SET due_at = :now::bigint
WHERE sequence IN (
    SELECT late.sequence
    FROM waiting
    CROSS JOIN LATERAL (
        SELECT deliveries.sequence FROM deliveries
        WHERE deliveries.destination = waiting.destination AND head AND state = 'due' AND due_at > :latest::bigint
        ORDER BY due_at, sequence
        OFFSET 0
    ) AS late
);

-- name: claim
-- Put the heads of lines that have been due the longest in flight, passing over those that another node is claiming,
-- unless their destination rests.
UPDATE deliveries SET state = 'in_flight', claimed_at = :now::bigint, node = :node::text, claim = :number::bigint
WHERE sequence IN (
    SELECT sequence FROM deliveries
    WHERE destination = :destination::text AND head AND state = 'due' AND due_at <= :now::bigint
        AND NOT EXISTS (
            SELECT 1 FROM backoffs
            WHERE destination = :destination::text AND retry_at > :now::bigint AND retry_at <= :latest::bigint
        )
    ORDER BY due_at, sequence
    LIMIT :limit::bigint
    FOR UPDATE SKIP LOCKED
)
RETURNING sequence, id, exchange, kind, destination, subject, media_type, created_at, state, attempts, code, claim,
    body;

-- name: lock_lines
-- Keep others from adding to the lines of these deliveries, or from taking out of them.
SELECT number FROM applications
WHERE number IN (SELECT subject FROM deliveries WHERE id = ANY(:ids::text[]))
ORDER BY number
FOR UPDATE;

-- name: conclude
-- Record what became of deliveries in flight under these claims; a receipt settles one whoever holds it by now. Say
-- which is the next in each line that goes on. (`coalesce`: they are found by id, not by going through all heads.)
UPDATE deliveries
SET state = verdict.state, head = verdict.state <> 'settled', claimed_at = NULL, node = NULL, claim = NULL,
    attempts = deliveries.attempts + 1, due_at = coalesce(verdict.retry_at, deliveries.due_at), receipt = verdict.receipt, code = verdict.code,
    faults = verdict.faults
FROM unnest(:id::text[], :claim::bigint[], :state::text[], :receipt::text[], :code::text[], :retry_at::bigint[],
    :faults::text[]) AS verdict (id, claim, state, receipt, code, retry_at, faults)
WHERE deliveries.id = verdict.id AND coalesce(deliveries.head, false) AND (
    verdict.state = 'settled'
    OR (deliveries.state = 'in_flight' AND deliveries.node = :node::text AND deliveries.claim = verdict.claim)
)
RETURNING deliveries.id, CASE verdict.state WHEN 'settled' THEN (
    SELECT behind.sequence FROM deliveries AS behind
    WHERE behind.destination = deliveries.destination AND behind.subject = deliveries.subject AND NOT behind.head
        AND behind.state = 'due'
    ORDER BY behind.sequence
    LIMIT 1
) END AS next;

-- name: promote
-- Let these, each the next in its line, become heads.
UPDATE deliveries SET head = true WHERE sequence = ANY(:next::bigint[]);

-- name: put_backoff
-- Keep how a destination stands.
INSERT INTO backoffs (destination, failures, retry_at)
VALUES (:destination::text, :failures::integer, :retry_at::bigint)
ON CONFLICT (destination) DO UPDATE SET failures = excluded.failures, retry_at = excluded.retry_at;

-- name: clear_backoff
-- Forget that a destination failed.
DELETE FROM backoffs WHERE destination = :destination::text;

-- name: revive
-- Make a dead delivery due again.
UPDATE deliveries SET state = 'due' WHERE id = :id::text AND state = 'dead';

-- name: deliveries
-- Deliveries in order of id, in one state or any.
SELECT id, exchange, kind, destination, subject, media_type, ''::bytea AS body, created_at, state, attempts, code,
    faults, coalesce((
        SELECT json_agg(json_build_object('code', r.code, 'faults', r.faults::json) ORDER BY r.row) FROM rejections AS r
        WHERE r.partner = destination AND r.exchange = deliveries.exchange AND r.exchange <> ''
    ), '[]')::text AS rejections
FROM deliveries
WHERE id > :after::text AND (:state::text = '' OR state = :state::text)
ORDER BY id
LIMIT :limit::bigint;

-- name: due_deliveries
-- The same for those that are due, however many are settled.
SELECT id, exchange, kind, destination, subject, media_type, ''::bytea AS body, created_at, state, attempts, code,
    faults, coalesce((
        SELECT json_agg(json_build_object('code', r.code, 'faults', r.faults::json) ORDER BY r.row) FROM rejections AS r
        WHERE r.partner = destination AND r.exchange = deliveries.exchange AND r.exchange <> ''
    ), '[]')::text AS rejections
FROM deliveries
WHERE state = 'due' AND id > :after::text
ORDER BY id
LIMIT :limit::bigint;

-- name: deliveries_in_hand
-- The same for those in flight or dead, however many are settled.
SELECT id, exchange, kind, destination, subject, media_type, ''::bytea AS body, created_at, state, attempts, code,
    faults, coalesce((
        SELECT json_agg(json_build_object('code', r.code, 'faults', r.faults::json) ORDER BY r.row) FROM rejections AS r
        WHERE r.partner = destination AND r.exchange = deliveries.exchange AND r.exchange <> ''
    ), '[]')::text AS rejections
FROM deliveries
WHERE id > :after::text AND state = :state::text AND state IN ('in_flight', 'dead')
ORDER BY id
LIMIT :limit::bigint;

-- name: deliveries_of_subject
-- The same for one application.
SELECT id, exchange, kind, destination, subject, media_type, ''::bytea AS body, created_at, state, attempts, code,
    faults, coalesce((
        SELECT json_agg(json_build_object('code', r.code, 'faults', r.faults::json) ORDER BY r.row) FROM rejections AS r
        WHERE r.partner = destination AND r.exchange = deliveries.exchange AND r.exchange <> ''
    ), '[]')::text AS rejections
FROM deliveries
WHERE subject = :subject::text AND id > :after::text AND (:state::text = '' OR state = :state::text)
ORDER BY id
LIMIT :limit::bigint;
