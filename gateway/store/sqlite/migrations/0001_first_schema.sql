-- The first schema.
-- Times are integer microseconds since 1970-01-01 UTC: what comes back equals what went in, and compares as it sorts.
-- Bodies stand beside their rows: states change without copying documents, and erasing one is a DELETE.

PRAGMA application_id = 0x544F4E47;  -- "TONG"

CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

-- What was received, in the order of taking.
CREATE TABLE exchanges (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    sender TEXT NOT NULL,
    receiver TEXT NOT NULL,
    subject TEXT NOT NULL,
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    token TEXT NOT NULL,
    receipt TEXT NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;

CREATE INDEX exchanges_of_subject ON exchanges (subject, sequence);

CREATE TABLE exchange_bodies (
    sequence INTEGER PRIMARY KEY REFERENCES exchanges,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE applications (
    number TEXT PRIMARY KEY,
    exchange TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    item_code TEXT NOT NULL,
    item_name TEXT NOT NULL,
    collecting_region TEXT NOT NULL,
    handling_region TEXT NOT NULL,
    mode TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE nonces (
    sender TEXT NOT NULL,
    jti TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (sender, jti)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonces_by_expiry ON nonces (expires_at);

-- What still has to reach somebody. The deliveries of one application to one destination are a line;
-- the oldest that is not settled is its head, and only a head is ever in flight or dead. So the order within
-- an application is a rule of this table, and a claim reads one short index whatever waits behind.
CREATE TABLE deliveries (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    exchange TEXT NOT NULL REFERENCES exchanges (id),
    kind TEXT NOT NULL,
    destination TEXT NOT NULL,
    subject TEXT NOT NULL,
    media_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    claimed_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('due', 'in_flight', 'settled', 'dead')),
    head INTEGER NOT NULL CHECK (head IN (0, 1)),
    attempts INTEGER NOT NULL,
    code TEXT NOT NULL,
    receipt TEXT NOT NULL DEFAULT '',
    faults TEXT NOT NULL DEFAULT '[]',
    CHECK (state = 'due' OR head = (state <> 'settled')),
    CHECK ((state = 'in_flight') = (claimed_at IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX deliveries_heads ON deliveries (destination, subject) WHERE head = 1;
CREATE INDEX deliveries_behind ON deliveries (destination, subject, sequence) WHERE head = 0 AND state = 'due';
CREATE INDEX deliveries_due ON deliveries (destination, head, due_at, sequence, state) WHERE state = 'due';
CREATE INDEX deliveries_in_hand ON deliveries (state, id) WHERE state IN ('in_flight', 'dead');
CREATE INDEX deliveries_of_subject ON deliveries (subject, id);

CREATE TABLE delivery_bodies (
    sequence INTEGER PRIMARY KEY REFERENCES deliveries,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE backoffs (
    destination TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    retry_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE partners (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    regions TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    adapter TEXT NOT NULL,
    keys TEXT NOT NULL,
    status TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    sequence INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    effective_from INTEGER,
    effective_to INTEGER,
    digest TEXT NOT NULL,
    quarantine TEXT NOT NULL,
    UNIQUE (code, version)
) STRICT;

CREATE INDEX items_of_region ON items (region, code, version);

CREATE TABLE item_documents (
    sequence INTEGER PRIMARY KEY REFERENCES items,
    document BLOB NOT NULL
) STRICT;

-- The audit log. `leaves` is the truth; the tree's tiles and head follow from it, and so does the auditors' index.
CREATE TABLE leaves (
    position INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL
) STRICT;

CREATE TABLE tiles (
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT;

CREATE TABLE tree (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL
) STRICT;

-- The root of an empty tree is SHA-256 of nothing (RFC 6962, section 2.1).
INSERT INTO tree VALUES (1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- What an entry says nothing about is NULL here, and so takes no room in an index.
CREATE TABLE entry_index (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    exchange TEXT,
    number TEXT,
    source TEXT,
    destination TEXT,
    item_code TEXT,
    recorded_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX entries_by_kind ON entry_index (kind);
CREATE INDEX entries_by_outcome ON entry_index (outcome);
CREATE INDEX entries_by_exchange ON entry_index (exchange) WHERE exchange IS NOT NULL;
CREATE INDEX entries_by_number ON entry_index (number) WHERE number IS NOT NULL;
-- Those that many entries share carry what they are narrowed by, so that a search passes over the rest unread.
CREATE INDEX entries_by_source ON entry_index (source, position, recorded_ms, outcome, kind) WHERE source IS NOT NULL;
CREATE INDEX entries_by_destination ON entry_index (destination, position, recorded_ms, outcome, kind)
    WHERE destination IS NOT NULL;
CREATE INDEX entries_by_item_code ON entry_index (item_code, position, recorded_ms, outcome, kind) WHERE item_code IS NOT NULL;
CREATE INDEX entries_by_time ON entry_index (recorded_ms);

-- Without its salt, a commitment in a leaf says nothing about what was committed to.
CREATE TABLE salts (
    entry TEXT PRIMARY KEY,
    salt BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
