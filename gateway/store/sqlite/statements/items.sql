-- name: find_item
-- Where a version is kept, and the digest of its document.
SELECT sequence, digest FROM items WHERE code = :code AND version = :version;

-- name: add_item
-- Keep a new version.
INSERT INTO items (code, version, region, name, status, effective_from, effective_to, digest, quarantine)
VALUES (:code, :version, :region, :name, :status, :effective_from, :effective_to, :digest, :quarantine);

-- name: add_document
-- Keep the canonical document of a new version.
INSERT INTO item_documents (sequence, document) VALUES (:sequence, :document);

-- name: replace_item
-- Replace what a version says.
UPDATE items SET region = :region, name = :name, status = :status, effective_from = :effective_from,
    effective_to = :effective_to, digest = :digest, quarantine = :quarantine
WHERE sequence = :sequence;

-- name: replace_document
-- Replace the canonical document of a version.
UPDATE item_documents SET document = :document WHERE sequence = :sequence;

-- name: item_versions
-- Every version under a code, newest first; `last` closes the range of an implementation code's handling items.
SELECT code, region, name, status, version, effective_from, effective_to, document, digest, quarantine
FROM items JOIN item_documents USING (sequence)
WHERE code BETWEEN :code AND :last AND length(code) IN (length(:code), length(:last))
ORDER BY version DESC, code;

-- name: page_items
-- Item versions in order, from after one of them; good for a region that many items belong to.
SELECT code, region, name, status, version, effective_from, effective_to, document, digest, quarantine
FROM items CROSS JOIN item_documents USING (sequence)
WHERE (code, version) > (:code, :version) AND +region BETWEEN :region AND :last_region
ORDER BY code, version
LIMIT :limit;

-- name: page_items_of_region
-- The same, good for a region that few items belong to.
SELECT code, region, name, status, version, effective_from, effective_to, document, digest, quarantine
FROM items INDEXED BY items_of_region JOIN item_documents USING (sequence)
WHERE region BETWEEN :region AND :last_region AND (code, version) > (:code, :version)
ORDER BY code, version
LIMIT :limit;
