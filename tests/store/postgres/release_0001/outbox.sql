-- name: claim
-- Put the heads of lines that have been due the longest in flight, passing over those that another node is claiming.
UPDATE deliveries SET state = 'in_flight', claimed_at = :now::bigint
WHERE sequence IN (
    SELECT sequence FROM deliveries
    WHERE destination = :destination::text AND head AND state = 'due' AND due_at <= :now::bigint
    ORDER BY due_at, sequence
    LIMIT :limit::bigint
    FOR UPDATE SKIP LOCKED
)
RETURNING sequence, id, exchange, kind, destination, subject, media_type, created_at, state, attempts, code, body;

-- name: lock_lines
-- Keep others from adding to the lines of these deliveries, or from taking out of them.
SELECT number FROM applications
WHERE number IN (SELECT subject FROM deliveries WHERE id = ANY(:ids::text[]))
ORDER BY number
FOR UPDATE;

-- name: conclude
-- Record what became of deliveries in flight, of one that is not, nothing; say which lines go on.
UPDATE deliveries
SET state = verdict.state, head = verdict.state <> 'settled', claimed_at = NULL, attempts = deliveries.attempts + 1,
    due_at = coalesce(verdict.retry_at, deliveries.due_at), receipt = verdict.receipt, code = verdict.code,
    faults = verdict.faults
FROM unnest(:id::text[], :state::text[], :receipt::text[], :code::text[], :retry_at::bigint[], :faults::text[])
    AS verdict (id, state, receipt, code, retry_at, faults)
WHERE deliveries.id = verdict.id AND deliveries.state = 'in_flight'
RETURNING deliveries.id, verdict.state = 'settled' AND EXISTS (
    SELECT 1 FROM deliveries AS behind
    WHERE behind.destination = deliveries.destination AND behind.subject = deliveries.subject AND NOT behind.head
        AND behind.state = 'due'
) AS goes_on;

-- name: promote
-- Let the next in each of the lines of these deliveries become its head.
UPDATE deliveries SET head = true
WHERE sequence IN (
    SELECT min(behind.sequence)
    FROM deliveries AS settled JOIN deliveries AS behind USING (destination, subject)
    WHERE settled.id = ANY(:ids::text[]) AND NOT behind.head AND behind.state = 'due'
    GROUP BY destination, subject
);

-- name: clear_backoff
-- Forget that a destination failed.
DELETE FROM backoffs WHERE destination = :destination::text;
