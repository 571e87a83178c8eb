-- name: add_delivery
-- Keep a delivery; it heads its line where nothing of the same application waits for the same destination.
INSERT INTO deliveries (id, exchange, kind, destination, subject, media_type, created_at, due_at, state, head, attempts,
    code)
VALUES (:id, :exchange, :kind, :destination, :subject, :media_type, :created_at, :created_at, 'due',
    NOT EXISTS (SELECT 1 FROM deliveries WHERE destination = :destination AND subject = :subject AND head = 1),
    0, '');

-- name: add_delivery_body
-- Keep the bytes that will be sent.
INSERT INTO delivery_bodies (sequence, body) VALUES (:sequence, :body);

-- name: backlogs
-- Every destination that has something to send by now, with its back-off: a step for each, however much waits behind.
WITH RECURSIVE waiting (destination) AS (
    SELECT min(destination) FROM deliveries WHERE state = 'due'
    UNION ALL
    SELECT (SELECT min(destination) FROM deliveries WHERE state = 'due' AND destination > waiting.destination)
    FROM waiting
    WHERE destination IS NOT NULL
)
SELECT destination, coalesce(failures, 0) AS failures, retry_at
FROM waiting
LEFT JOIN backoffs USING (destination)
WHERE EXISTS (
    SELECT 1 FROM deliveries
    WHERE destination = waiting.destination AND head = 1 AND state = 'due' AND due_at <= :now
);

-- name: hasten
-- Make due what is put off for longer than anything ever is.
UPDATE deliveries SET due_at = :now
WHERE sequence IN (
    WITH RECURSIVE waiting (destination) AS (
        SELECT min(destination) FROM deliveries WHERE state = 'due'
        UNION ALL
        SELECT (SELECT min(destination) FROM deliveries WHERE state = 'due' AND destination > waiting.destination)
        FROM waiting
        WHERE destination IS NOT NULL
    )
    SELECT sequence
    FROM waiting CROSS JOIN deliveries AS late
    WHERE late.destination = waiting.destination AND late.head = 1 AND late.state = 'due' AND late.due_at > :latest
);

-- name: claim
-- Put the heads of lines that have been due the longest in flight, unless their destination rests.
UPDATE deliveries SET state = 'in_flight', claimed_at = :now, node = :node, claim = :number
WHERE sequence IN (
    SELECT sequence FROM deliveries
    WHERE destination = :destination AND head = 1 AND state = 'due' AND due_at <= :now
        AND NOT EXISTS (
            SELECT 1 FROM backoffs WHERE destination = :destination AND retry_at > :now AND retry_at <= :latest
        )
    ORDER BY due_at, sequence
    LIMIT :limit
)
RETURNING sequence, id, exchange, kind, destination, subject, media_type, created_at, state, attempts, code, claim,
    (SELECT body FROM delivery_bodies WHERE sequence = deliveries.sequence) AS body;

-- name: conclude
-- Record what became of a delivery in flight under this claim; a receipt settles it whoever holds it by now.
UPDATE deliveries
SET state = :state, head = :state <> 'settled', claimed_at = NULL, node = NULL, claim = NULL, attempts = attempts + 1,
    due_at = coalesce(:retry_at, due_at), receipt = :receipt, code = :code, faults = :faults
WHERE id = :id AND head = 1
    AND (:state = 'settled' OR (state = 'in_flight' AND node = :node AND claim = :claim))
RETURNING destination, subject;

-- name: promote
-- Let the next in a line become its head.
UPDATE deliveries SET head = 1
WHERE sequence = (
    SELECT sequence FROM deliveries
    WHERE destination = :destination AND subject = :subject AND head = 0 AND state = 'due'
    ORDER BY sequence
    LIMIT 1
);

-- name: put_backoff
-- Keep how a destination stands.
INSERT INTO backoffs (destination, failures, retry_at) VALUES (:destination, :failures, :retry_at)
ON CONFLICT DO UPDATE SET failures = excluded.failures, retry_at = excluded.retry_at;

-- name: clear_backoff
-- Forget that a destination failed.
DELETE FROM backoffs WHERE destination = :destination;

-- name: revive
-- Make a dead delivery due again.
UPDATE deliveries SET state = 'due' WHERE id = :id AND state = 'dead';

-- name: deliveries
-- Deliveries in order of id, in one state or any.
SELECT id, exchange, kind, destination, subject, media_type, x'' AS body, created_at, state, attempts, code, faults,
    (SELECT json_group_array(json_object('code', r.code, 'faults', json(r.faults))) FROM rejections AS r
        WHERE r.partner = deliveries.destination AND r.exchange = deliveries.exchange AND r.exchange <> '') AS rejections
FROM deliveries
WHERE id > :after AND (:state = '' OR state = :state)
ORDER BY id
LIMIT :limit;

-- name: due_deliveries
-- The same for those that are due, however many are settled.
SELECT id, exchange, kind, destination, subject, media_type, x'' AS body, created_at, state, attempts, code, faults,
    (SELECT json_group_array(json_object('code', r.code, 'faults', json(r.faults))) FROM rejections AS r
        WHERE r.partner = deliveries.destination AND r.exchange = deliveries.exchange AND r.exchange <> '') AS rejections
FROM deliveries INDEXED BY deliveries_due
WHERE state = 'due' AND id > :after
ORDER BY id
LIMIT :limit;

-- name: deliveries_in_hand
-- The same for those in flight or dead, however many are settled.
SELECT id, exchange, kind, destination, subject, media_type, x'' AS body, created_at, state, attempts, code, faults,
    (SELECT json_group_array(json_object('code', r.code, 'faults', json(r.faults))) FROM rejections AS r
        WHERE r.partner = deliveries.destination AND r.exchange = deliveries.exchange AND r.exchange <> '') AS rejections
FROM deliveries INDEXED BY deliveries_in_hand
WHERE id > :after AND state = :state AND state IN ('in_flight', 'dead')
ORDER BY id
LIMIT :limit;

-- name: deliveries_of_subject
-- The same for one application.
SELECT id, exchange, kind, destination, subject, media_type, x'' AS body, created_at, state, attempts, code, faults,
    (SELECT json_group_array(json_object('code', r.code, 'faults', json(r.faults))) FROM rejections AS r
        WHERE r.partner = deliveries.destination AND r.exchange = deliveries.exchange AND r.exchange <> '') AS rejections
FROM deliveries INDEXED BY deliveries_of_subject
WHERE subject = :subject AND id > :after AND (:state = '' OR state = :state)
ORDER BY id
LIMIT :limit;
