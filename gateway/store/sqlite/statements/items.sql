-- name: find_item
-- Where a version is kept, and the digest of its document.
SELECT sequence, digest, source FROM items WHERE kind = :kind AND code = :code AND version = :version;

-- name: add_item
-- Keep a new version.
INSERT INTO items (kind, code, version, region, name, status, effective_from, effective_to, layout, digest, quarantine,
    facets, source)
VALUES (:kind, :code, :version, :region, :name, :status, :effective_from, :effective_to, :layout, :digest, :quarantine,
    :facets, :source);

-- name: add_document
-- Keep the canonical document of a new version.
INSERT INTO item_documents (sequence, document) VALUES (:sequence, :document);

-- name: add_revision
-- Keep what a version says, before it is replaced.
INSERT INTO item_revisions (sequence, digest, document)
SELECT sequence, digest, document FROM items JOIN item_documents USING (sequence)
WHERE sequence = :sequence;

-- name: replace_item
-- Replace what a version says.
UPDATE items SET region = :region, name = :name, status = :status, effective_from = :effective_from,
    effective_to = :effective_to, layout = :layout, digest = :digest, quarantine = :quarantine,
    facets = :facets, source = :source
WHERE sequence = :sequence;

-- name: replace_document
-- Replace the canonical document of a version.
UPDATE item_documents SET document = :document WHERE sequence = :sequence;

-- name: name_source
-- Say what a version was last converted from.
UPDATE items SET source = :source, layout = :layout WHERE sequence = :sequence;

-- name: set_facets
-- Say what a version is found by.
UPDATE items SET facets = :facets WHERE sequence = :sequence;

-- name: item_at
-- One version.
SELECT * FROM items JOIN item_documents USING (sequence) WHERE sequence = :sequence;

-- name: all_items
-- Every version in the order in which they came.
SELECT * FROM items JOIN item_documents USING (sequence) WHERE sequence > :after ORDER BY sequence LIMIT :limit;

-- name: revisions
-- What a version said before, oldest first.
SELECT item_revisions.document FROM items JOIN item_revisions USING (sequence)
WHERE kind = :kind AND code = :code AND version = :version
ORDER BY revision;

-- name: item_versions
-- Every version under a code, newest first; `last` closes the range of an implementation code's handling items.
SELECT kind, code, region, name, status, version, effective_from, effective_to, document, digest,
    quarantine, facets
FROM items JOIN item_documents USING (sequence)
WHERE kind = 'service-item' AND code BETWEEN :code AND :last AND length(code) IN (length(:code), length(:last))
ORDER BY version DESC, code;

-- name: base_item_versions
-- Every version of a base item, newest first.
SELECT kind, code, region, name, status, version, effective_from, effective_to, document, digest,
    quarantine, facets
FROM items JOIN item_documents USING (sequence)
WHERE kind = 'base-item' AND code = :code
ORDER BY version DESC;
