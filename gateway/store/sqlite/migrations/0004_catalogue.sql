-- The catalogue: base items beside service items, what items are found by, and imports that can be taken up again.
-- What is derived from documents (facets, codes, postings) is filled in by gateway/store/sqlite/catalogue.py.

-- `effective_to` was the beginning of the last day; it is the end of it: the canonical form says "up to and including".
CREATE TABLE new_items (
    sequence INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    effective_from INTEGER,
    effective_to INTEGER,
    layout TEXT NOT NULL,  -- it was imported in; '' for one that was not
    digest TEXT NOT NULL,
    quarantine TEXT NOT NULL,
    facets TEXT NOT NULL,
    source BLOB,  -- what it was converted from, and by what; NULL where converting that again may tell more
    UNIQUE (kind, code, version)
) STRICT;

INSERT INTO new_items
SELECT sequence, 'service-item', code, version, region, name, status, effective_from,
    effective_to + 86400000000, '', digest, quarantine, '{}', NULL
FROM items;

CREATE TABLE new_item_documents (
    sequence INTEGER PRIMARY KEY REFERENCES new_items,
    document BLOB NOT NULL
) STRICT;

INSERT INTO new_item_documents SELECT sequence, document FROM item_documents;

-- What refers to items is made anew around the new table: dropping the old one would take the rows along.
CREATE TABLE new_item_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE REFERENCES new_items ON DELETE CASCADE
) STRICT;

INSERT INTO new_item_changes SELECT number, sequence FROM item_changes;
DELETE FROM sqlite_sequence WHERE name = 'new_item_changes';
INSERT INTO sqlite_sequence SELECT 'new_item_changes', seq FROM sqlite_sequence WHERE name = 'item_changes';

CREATE TABLE new_mirrored_items (
    sequence INTEGER PRIMARY KEY REFERENCES new_items ON DELETE CASCADE,
    owner TEXT NOT NULL,
    epoch TEXT NOT NULL,
    publication TEXT NOT NULL
) STRICT;

INSERT INTO new_mirrored_items SELECT sequence, owner, epoch, publication FROM mirrored_items;

DROP TABLE mirrored_items;
DROP TABLE item_changes;
DROP TABLE item_documents;
DROP TABLE items;
ALTER TABLE new_items RENAME TO items;
ALTER TABLE new_item_documents RENAME TO item_documents;
ALTER TABLE new_item_changes RENAME TO item_changes;
ALTER TABLE new_mirrored_items RENAME TO mirrored_items;

CREATE INDEX mirrored_items_of_owner ON mirrored_items (owner, epoch);

-- Base items are not published by anybody here: the feed is of service items.
CREATE TRIGGER item_added AFTER INSERT ON items WHEN NEW.kind = 'service-item' BEGIN
    INSERT INTO item_changes (sequence) VALUES (NEW.sequence);
END;

CREATE TRIGGER item_changed AFTER UPDATE ON items WHEN NEW.digest <> OLD.digest AND NEW.kind = 'service-item' BEGIN
    DELETE FROM mirrored_items WHERE sequence = NEW.sequence;  -- ours from now on; a copy says so again
    DELETE FROM item_changes WHERE sequence = NEW.sequence;
    INSERT INTO item_changes (sequence) VALUES (NEW.sequence);
END;

CREATE INDEX items_by_source ON items (source) WHERE source IS NOT NULL;

-- What a version said before a later list changed it under the same number.
CREATE TABLE item_revisions (
    revision INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    digest TEXT NOT NULL,
    document BLOB NOT NULL
) STRICT;

CREATE INDEX item_revisions_of ON item_revisions (sequence);

-- Every code an item goes by, but those that another one of it begins with.
CREATE TABLE item_codes (
    code TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (code, sequence)
) STRICT, WITHOUT ROWID;

-- Which of 65,536 items have a term: gateway/store/postings.py.
CREATE TABLE item_postings (
    term TEXT NOT NULL,
    block INTEGER NOT NULL,
    items BLOB NOT NULL,
    PRIMARY KEY (term, block)
) STRICT, WITHOUT ROWID;

-- How far an import has come; what it did to each item stands in the items' sightings.
CREATE TABLE imports (
    number INTEGER PRIMARY KEY,
    job TEXT NOT NULL,
    kind TEXT NOT NULL,
    layout TEXT NOT NULL,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    faulty INTEGER NOT NULL,
    finished INTEGER NOT NULL CHECK (finished IN (0, 1))
) STRICT;

CREATE INDEX imports_open ON imports (job) WHERE finished = 0;

-- What the last import that met an item did to it.
CREATE TABLE item_sightings (
    sequence INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    import INTEGER NOT NULL REFERENCES imports,
    line INTEGER NOT NULL,  -- 0 where it was met by its absence
    change TEXT NOT NULL CHECK (change IN ('added', 'changed', 'unchanged', 'ended')),
    pointers TEXT NOT NULL
) STRICT;

-- Lines left out, until the import is finished and has told them.
CREATE TABLE import_faults (
    import INTEGER NOT NULL REFERENCES imports,
    line INTEGER NOT NULL,
    position INTEGER NOT NULL,
    length INTEGER NOT NULL,
    code TEXT NOT NULL,
    faults TEXT NOT NULL,
    PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;
