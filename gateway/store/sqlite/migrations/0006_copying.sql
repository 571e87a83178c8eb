-- A store that is being copied, or was: at most one row, and no row in a store that is in service. A gateway opens none
-- that has one, and what is open already cannot let the log grow: two stores that continue one log would fork it.
CREATE TABLE copying (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    copy TEXT NOT NULL,  -- names the copy, at both ends
    moved INTEGER NOT NULL CHECK (moved IN (0, 1)),  -- 1: this was copied away; 0: this is a copy without an end yet
    place TEXT NOT NULL,  -- of the other end
    epoch TEXT NOT NULL,  -- what the store copied was known by: its feed's epoch, and the head of its log
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    filling TEXT NOT NULL,  -- the table that an unfinished copy has come to, and the key of its last row here
    after TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER tree_at_rest BEFORE UPDATE ON tree WHEN EXISTS (SELECT 1 FROM copying) BEGIN
    SELECT RAISE(ABORT, 'store_moved');
END;
