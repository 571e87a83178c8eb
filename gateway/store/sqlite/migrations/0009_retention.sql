-- What is old can be retired: exchanges but for their ids, entries but for their hashes.
-- Exchange ids that were ever used, and when, are remembered for ever, so that what is retired is never taken anew. They
-- are put in by Python, which knows the 16 bytes of a UUID.

ALTER TABLE exchanges RENAME TO taken_exchanges;

CREATE TABLE exchange_ids (
    id BLOB PRIMARY KEY,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Without its salt, a commitment in a leaf says nothing about what was committed to.
CREATE TABLE entry_salts (
    position INTEGER PRIMARY KEY,
    salt BLOB NOT NULL
) STRICT;

INSERT INTO entry_salts SELECT position, salt FROM salts JOIN entry_index ON entry = id;

DROP TABLE salts;

-- What was retired: everything that was received before a time, or all entries below a size of the log.
CREATE TABLE retirements (
    sequence INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('exchanges', 'entries')),
    before INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    entry TEXT NOT NULL,
    retired_at INTEGER NOT NULL
) STRICT;
