-- name: find_items
-- Where versions are kept, and what is known of what they say.
SELECT kind, code, version, sequence, digest, source
FROM items JOIN unnest(:kind::text[], :code::text[], :version::bigint[]) AS wanted (kind, code, version)
    USING (kind, code, version);

-- name: add_items
-- Keep new versions in their order.
INSERT INTO items (kind, code, version, region, name, status, effective_from, effective_to, layout, digest, quarantine,
    facets, source, document)
SELECT kind, code, version, region, name, status, effective_from, effective_to, layout, digest, quarantine, facets,
    source, document
FROM unnest(:kind::text[], :code::text[], :version::bigint[], :region::text[], :name::text[], :status::text[],
    :effective_from::bigint[], :effective_to::bigint[], :layout::text[], :digest::text[], :quarantine::text[],
    :facets::text[], :source::bytea[], :document::bytea[])
    WITH ORDINALITY AS new (kind, code, version, region, name, status, effective_from, effective_to, layout, digest,
        quarantine, facets, source, document, place)
ORDER BY place
RETURNING kind, code, version, sequence;

-- name: items_at
-- Versions in full.
SELECT * FROM items WHERE sequence = ANY(:sequences::bigint[]);

-- name: replace_item
-- Replace what one version says, and keep what it said.
WITH before AS (
    INSERT INTO item_revisions (sequence, digest, document)
    SELECT sequence, digest, document FROM items WHERE sequence = :sequence::bigint
)
UPDATE items SET region = :region::text, name = :name::text, status = :status::text,
    effective_from = :effective_from::bigint, effective_to = :effective_to::bigint, layout = :layout::text,
    digest = :digest::text, quarantine = :quarantine::text, facets = :facets::text, source = :source::bytea,
    document = :document::bytea
WHERE sequence = :sequence::bigint;

-- name: name_sources
-- Say what versions were last converted from.
UPDATE items SET source = named.source, layout = named.layout
FROM unnest(:sequence::bigint[], :source::bytea[], :layout::text[]) AS named (sequence, source, layout)
WHERE items.sequence = named.sequence;

-- name: revisions
-- What a version said before, oldest first.
SELECT item_revisions.document FROM items JOIN item_revisions USING (sequence)
WHERE kind = :kind::text AND code = :code::text AND version = :version::bigint
ORDER BY revision;

-- name: item_versions
-- Every version under a code, newest first; `last` closes the range of an implementation code's handling items.
SELECT * FROM items
WHERE kind = 'service-item' AND code BETWEEN :code::text AND :last::text
    AND length(code) IN (length(:code::text), length(:last::text))
ORDER BY version DESC, code;

-- name: base_item_versions
-- Every version of a base item, newest first.
SELECT * FROM items WHERE kind = 'base-item' AND code = :code::text ORDER BY version DESC;
