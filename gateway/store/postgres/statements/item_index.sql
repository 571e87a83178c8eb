-- name: postings
-- Which items of a block have these terms.
SELECT term, items FROM item_postings WHERE block = :block::bigint AND term = ANY(:terms::text[]);

-- name: put_postings
-- Say which items of a block have these terms.
INSERT INTO item_postings (term, block, items)
SELECT term, :block::bigint, items FROM unnest(:terms::text[], :items::bytea[]) AS new (term, items)
ON CONFLICT (term, block) DO UPDATE SET items = excluded.items;

-- name: add_codes
-- Have items found by codes.
INSERT INTO item_codes (code, sequence) SELECT * FROM unnest(:codes::text[], :sequences::bigint[])
ON CONFLICT DO NOTHING;

-- name: drop_codes
-- Have items not found by codes any more.
DELETE FROM item_codes USING unnest(:codes::text[], :sequences::bigint[]) AS gone (code, sequence)
WHERE item_codes.code = gone.code AND item_codes.sequence = gone.sequence;

-- name: coded
-- Items that a code or its beginning names.
SELECT sequence FROM item_codes WHERE code >= :code::text AND code < :last::text LIMIT :limit::bigint;

-- name: last_item
-- Where the last item is.
SELECT coalesce(max(sequence), 0) AS last FROM items;

-- name: look
-- Items at these positions, in order.
SELECT * FROM items WHERE sequence = ANY(:positions::bigint[]) ORDER BY sequence;

-- name: look_published
-- The same, of those that are published at an instant: of each code, the newest version that is in force then.
SELECT * FROM items
WHERE sequence = ANY(:positions::bigint[]) AND status = 'in-use' AND coalesce(effective_from <= :at::bigint, true)
    AND coalesce(:at::bigint < effective_to, true)
    AND NOT EXISTS (
        SELECT 1 FROM items AS newer
        WHERE newer.kind = items.kind AND newer.code = items.code AND newer.version > items.version
            AND newer.status = 'in-use' AND coalesce(newer.effective_from <= :at::bigint, true)
            AND coalesce(:at::bigint < newer.effective_to, true)
    )
ORDER BY sequence;
