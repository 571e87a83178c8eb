-- name: use_nonce
-- Remember a token id; changes nothing where it was used before.
INSERT INTO nonces (sender, jti, expires_at) VALUES (:sender, :jti, :expires_at) ON CONFLICT DO NOTHING;

-- name: forget_nonces
-- Drop the token ids that no token can carry any more.
DELETE FROM nonces WHERE expires_at < :now;

-- name: first_taking
-- What an exchange was when it was first taken.
SELECT sender, digest, receipt, subject FROM taken_exchanges WHERE id = :id;

-- name: remember_exchange
-- Remember an exchange id for ever; changes nothing where it is remembered.
INSERT INTO exchange_ids (id, received_at) VALUES (:id, :received_at) ON CONFLICT DO NOTHING;

-- name: exchanges_unremembered
-- Every exchange that was taken before ids were remembered.
SELECT id, received_at FROM taken_exchanges;

-- name: is_remembered
-- Whether an exchange id was ever used.
SELECT EXISTS (SELECT 1 FROM exchange_ids WHERE id = :id);

-- name: add_exchange
-- Keep an exchange; its sequence is the order of taking.
INSERT INTO taken_exchanges (id, kind, sender, receiver, subject, digest, media_type, token, receipt, received_at)
VALUES (:id, :kind, :sender, :receiver, :subject, :digest, :media_type, :token, :receipt, :received_at);

-- name: add_exchange_body
-- Keep the bytes of an exchange as received.
INSERT INTO exchange_bodies (sequence, body) VALUES (:sequence, :body);

-- name: exchange
-- One exchange with its body, empty where that was erased.
SELECT id, kind, sender, receiver, subject, digest, coalesce(body, x'') AS body, media_type, token, receipt, received_at
FROM taken_exchanges LEFT JOIN exchange_bodies USING (sequence)
WHERE id = :id;

-- name: history
-- The exchanges of one application in the order they were taken, without their bodies.
SELECT id, kind, sender, receiver, subject, digest, x'' AS body, media_type, token, receipt, received_at
FROM taken_exchanges
WHERE subject = :number
ORDER BY sequence;

-- name: application
-- Where an application stands.
SELECT number, exchange, source, target, item_code, item_name, collecting_region, handling_region, mode, state,
    created_at, updated_at
FROM applications
WHERE number = :number;

-- name: state_of
-- The state an application is in.
SELECT state FROM applications WHERE number = :number;

-- name: add_application
-- Keep a new application.
INSERT INTO applications (number, exchange, source, target, item_code, item_name, collecting_region, handling_region,
    mode, state, created_at, updated_at)
VALUES (:number, :exchange, :source, :target, :item_code, :item_name, :collecting_region, :handling_region,
    :mode, :state, :created_at, :updated_at);

-- name: move_application
-- Let an application enter a state.
UPDATE applications SET state = :state, updated_at = :updated_at WHERE number = :number;
