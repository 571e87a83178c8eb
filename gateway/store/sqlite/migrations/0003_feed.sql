-- The change feed: which of our own items changed, in which order; and the copies of what partners publish.

-- One row an item, at its last change: a reader that comes late reads each item once. The numbers only grow.
CREATE TABLE item_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE REFERENCES items ON DELETE CASCADE
) STRICT;

-- Numbers of another store mean nothing here, so a restored or replaced one counts under another name.
CREATE TABLE feed (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL
) STRICT;

INSERT INTO feed VALUES (1, lower(hex(randomblob(8))));
INSERT INTO item_changes (sequence) SELECT sequence FROM items ORDER BY sequence;

-- Whose item it is, where it is not our own.
CREATE TABLE mirrored_items (
    sequence INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    owner TEXT NOT NULL,
    epoch TEXT NOT NULL,
    publication TEXT NOT NULL
) STRICT;

CREATE INDEX mirrored_items_of_owner ON mirrored_items (owner, epoch);

-- Triggers, so that no way of changing an item can forget to say so.
CREATE TRIGGER item_added AFTER INSERT ON items BEGIN
    INSERT INTO item_changes (sequence) VALUES (NEW.sequence);
END;

CREATE TRIGGER item_changed AFTER UPDATE ON items WHEN NEW.digest <> OLD.digest BEGIN
    DELETE FROM mirrored_items WHERE sequence = NEW.sequence;  -- ours from now on; a copy says so again
    DELETE FROM item_changes WHERE sequence = NEW.sequence;
    INSERT INTO item_changes (sequence) VALUES (NEW.sequence);
END;

CREATE TABLE mirrors (
    owner TEXT PRIMARY KEY,
    epoch TEXT NOT NULL,
    cursor TEXT NOT NULL,
    copied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether the items a gateway publishes are copied here.
ALTER TABLE partners ADD COLUMN mirrored INTEGER NOT NULL DEFAULT 0;
