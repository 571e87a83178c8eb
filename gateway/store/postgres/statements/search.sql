-- name: from_all
-- Entries from the newest down. A search is this, the conditions asked for, and `newest_first`.
SELECT position FROM entry_index WHERE position < :before::bigint

-- name: exchange
-- The condition on the exchange.
AND exchange = :exchange::text

-- name: number
-- The condition on the application.
AND number = :number::text

-- name: item_code
-- The condition on the service item.
AND item_code = :item_code::text

-- name: source
-- The condition on who sent.
AND source = :partner::text

-- name: destination
-- The condition on who was sent to.
AND destination = :partner::text

-- name: kind
-- The condition on the kind.
AND kind = :kind::text

-- name: outcome
-- The condition on the outcome.
AND outcome = :outcome::text

-- name: since
-- The condition on the earliest time, itself included.
AND recorded_ms >= :since::bigint

-- name: until
-- The condition on the latest time, itself excluded.
AND recorded_ms < :until::bigint

-- name: newest_first
-- The end of every search.
ORDER BY position DESC LIMIT :limit::bigint
