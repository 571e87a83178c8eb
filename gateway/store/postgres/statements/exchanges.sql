-- name: use_nonce
-- Remember a token id; changes nothing where it was used before.
INSERT INTO nonces (sender, jti, expires_at) VALUES (:sender::text, :jti::text, :expires_at::bigint)
ON CONFLICT DO NOTHING;

-- name: forget_nonces
-- Drop the token ids that no token can carry any more.
DELETE FROM nonces WHERE expires_at < :now::bigint;

-- name: lock_before_taking
-- Use up a nonce, and lock the applications that are spoken of; say in which state they are.
WITH used AS (
    INSERT INTO nonces (sender, jti, expires_at) VALUES (:sender::text, :jti::text, :expires_at::bigint)
    ON CONFLICT DO NOTHING
    RETURNING 1
), standing AS MATERIALIZED (
    SELECT number, state FROM applications WHERE number = ANY(:numbers::text[]) ORDER BY number FOR UPDATE
)
SELECT EXISTS (SELECT 1 FROM used) AS fresh,
    (SELECT coalesce(json_object_agg(number, state), '{}') FROM standing)::text AS states;

-- name: known_exchanges
-- Which exchanges were taken before, and when; asked after the locks are held, or it would be what was true before.
SELECT asked AS id, received_at FROM unnest(:ids::text[]) AS asked JOIN exchange_ids ON id = uuid_send(asked::uuid);

-- name: first_takings
-- What exchanges were when they were first taken; those that were retired are not there.
SELECT id, sender, digest, receipt, subject FROM taken_exchanges
WHERE id = ANY(:ids::text[]) AND received_at = ANY(:times::bigint[]);

-- name: take
-- Keep exchanges in their order, applications that they begin or move, and deliveries at the ends of their lines; say how many
-- exchanges were not there. A delivery heads its line where nothing of its application waits for its destination.
WITH taken AS (
    INSERT INTO exchange_ids (id, received_at)
    SELECT uuid_send(id::uuid), received_at FROM unnest(:id::text[], :received_at::bigint[]) AS new (id, received_at)
    ORDER BY id  -- nodes that take the same ones wait for each other in one order
    ON CONFLICT DO NOTHING
    RETURNING 1
), kept AS (
    INSERT INTO taken_exchanges (id, kind, sender, receiver, subject, digest, media_type, token, receipt, received_at, body)
    SELECT id, kind, sender, receiver, subject, digest, media_type, token, receipt, received_at, body
    FROM unnest(:id::text[], :kind::text[], :sender::text[], :receiver::text[], :subject::text[], :digest::text[],
        :media_type::text[], :token::text[], :receipt::text[], :received_at::bigint[], :body::bytea[])
        WITH ORDINALITY AS new (id, kind, sender, receiver, subject, digest, media_type, token, receipt, received_at,
            body, place)
    ORDER BY place
), begun AS (
    INSERT INTO applications (number, exchange, source, target, item_code, item_name, collecting_region,
        handling_region, mode, state, created_at, updated_at)
    SELECT * FROM unnest(:a_number::text[], :a_exchange::text[], :a_source::text[], :a_target::text[],
        :a_item_code::text[], :a_item_name::text[], :a_collecting_region::text[], :a_handling_region::text[],
        :a_mode::text[], :a_state::text[], :a_created_at::bigint[], :a_updated_at::bigint[])
), moved AS (
    UPDATE applications SET state = entered.state, updated_at = entered.at
    FROM unnest(:m_number::text[], :m_state::text[], :m_at::bigint[]) AS entered (number, state, at)
    WHERE applications.number = entered.number
), delivered AS (
    INSERT INTO deliveries (id, exchange, kind, destination, subject, media_type, created_at, due_at, state, head,
        attempts, code, body)
    SELECT id, exchange, kind, destination, subject, media_type, created_at, created_at, 'due',
        row_number() OVER (PARTITION BY destination, subject ORDER BY place) = 1 AND (
            SELECT waiting.head FROM deliveries AS waiting
            WHERE waiting.destination = new.destination AND waiting.subject = new.subject AND waiting.head
        ) IS NULL,
        0, '', body
    FROM unnest(:d_id::text[], :d_exchange::text[], :d_kind::text[], :d_destination::text[], :d_subject::text[],
        :d_media_type::text[], :d_created_at::bigint[], :d_body::bytea[])
        WITH ORDINALITY AS new (id, exchange, kind, destination, subject, media_type, created_at, body, place)
    ORDER BY place
)
SELECT count(*) AS taken FROM taken;

-- name: exchange
-- One exchange with its body, empty where that was erased.
SELECT id, kind, sender, receiver, subject, digest, coalesce(body, '') AS body, media_type, token, receipt, received_at
FROM taken_exchanges
WHERE received_at = (SELECT received_at FROM exchange_ids WHERE id = uuid_send(:id::text::uuid)) AND id = :id::text;

-- name: history
-- The exchanges of one application in the order they were taken, without their bodies.
SELECT id, kind, sender, receiver, subject, digest, ''::bytea AS body, media_type, token, receipt, received_at
FROM taken_exchanges
WHERE subject = :number::text
ORDER BY sequence;

-- name: application
-- Where an application stands.
SELECT number, exchange, source, target, item_code, item_name, collecting_region, handling_region, mode, state,
    created_at, updated_at
FROM applications
WHERE number = :number::text;
