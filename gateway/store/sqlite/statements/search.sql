-- name: from_all
-- Entries from the newest down. A search is one `from_…`, the conditions asked for, and `newest_first`.
SELECT position FROM entry_index NOT INDEXED WHERE position < :before

-- name: from_exchange
-- Entries by the index that leaves the fewest to look at: here, those of an exchange.
SELECT position FROM entry_index INDEXED BY entries_by_exchange WHERE position < :before

-- name: from_number
-- Those of an application.
SELECT position FROM entry_index INDEXED BY entries_by_number WHERE position < :before

-- name: from_item_code
-- Those about a service item.
SELECT position FROM entry_index INDEXED BY entries_by_item_code WHERE position < :before

-- name: from_source
-- Those a partner sent.
SELECT position FROM entry_index INDEXED BY entries_by_source WHERE position < :before

-- name: from_destination
-- Those a partner was sent.
SELECT position FROM entry_index INDEXED BY entries_by_destination WHERE position < :before

-- name: from_time
-- Those of a stretch of time.
SELECT position FROM entry_index INDEXED BY entries_by_time WHERE position < :before

-- name: from_kind
-- Those of a kind.
SELECT position FROM entry_index INDEXED BY entries_by_kind WHERE position < :before

-- name: from_outcome
-- Those that ended alike.
SELECT position FROM entry_index INDEXED BY entries_by_outcome WHERE position < :before

-- name: exchange
-- The condition on the exchange.
AND exchange = :exchange

-- name: number
-- The condition on the application.
AND number = :number

-- name: item_code
-- The condition on the service item.
AND item_code = :item_code

-- name: source
-- The condition on who sent.
AND source = :partner

-- name: destination
-- The condition on who was sent to.
AND destination = :partner

-- name: kind
-- The condition on the kind.
AND kind = :kind

-- name: outcome
-- The condition on the outcome.
AND outcome = :outcome

-- name: since
-- The condition on the earliest time, itself included.
AND recorded_ms >= :since

-- name: until
-- The condition on the latest time, itself excluded.
AND recorded_ms < :until

-- name: newest_first
-- The end of every search.
ORDER BY position DESC LIMIT :limit
