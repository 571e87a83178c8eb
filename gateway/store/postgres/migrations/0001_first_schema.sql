-- The first schema; its words are those of the SQLite store's.
-- Times are integer microseconds since 1970-01-01 UTC: what comes back equals what went in, and compares as it sorts.
-- What is compared, sorted or ranged over is COLLATE "C", so that every database puts it in one order: that of Unicode.

CREATE TABLE tongban_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at bigint NOT NULL
);

-- What was received, in the order of taking: within an application, which is locked meanwhile; not from one to another.
-- Erasing a body leaves NULL.
CREATE TABLE exchanges (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    kind text NOT NULL,
    sender text NOT NULL,
    receiver text NOT NULL,
    subject text COLLATE "C" NOT NULL,
    digest text NOT NULL,
    media_type text NOT NULL,
    token text NOT NULL,
    receipt text NOT NULL,
    received_at bigint NOT NULL,
    body bytea
);

CREATE INDEX exchanges_of_subject ON exchanges (subject, sequence);

-- The row of an application is its lock: whoever adds to a line of its deliveries, or takes from one, holds it.
CREATE TABLE applications (
    number text COLLATE "C" PRIMARY KEY,
    exchange text NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    item_code text NOT NULL,
    item_name text NOT NULL,
    collecting_region text NOT NULL,
    handling_region text NOT NULL,
    mode text NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE nonces (
    sender text COLLATE "C" NOT NULL,
    jti text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (sender, jti)
);

CREATE INDEX nonces_by_expiry ON nonces (expires_at);

-- What still has to reach somebody. The deliveries of one application to one destination are a line;
-- the oldest that is not settled is its head, and only a head is ever in flight or dead. So the order within
-- an application is a rule of this table, and a claim reads one short index whatever waits behind.
CREATE TABLE deliveries (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    exchange text COLLATE "C" NOT NULL REFERENCES exchanges (id),
    kind text NOT NULL,
    destination text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    media_type text NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL,
    claimed_at bigint,
    state text NOT NULL CHECK (state IN ('due', 'in_flight', 'settled', 'dead')),
    head boolean NOT NULL,
    attempts integer NOT NULL,
    code text NOT NULL,
    receipt text NOT NULL DEFAULT '',
    faults text NOT NULL DEFAULT '[]',
    body bytea NOT NULL,
    CHECK (state = 'due' OR head = (state <> 'settled')),
    CHECK ((state = 'in_flight') = (claimed_at IS NOT NULL))
) WITH (fillfactor = 80, toast_tuple_target = 128);  -- states change without copying bodies

CREATE UNIQUE INDEX deliveries_heads ON deliveries (destination, subject) WHERE head;
CREATE INDEX deliveries_behind ON deliveries (destination, subject, sequence) WHERE NOT head AND state = 'due';
CREATE INDEX deliveries_ready ON deliveries (destination, due_at, sequence) WHERE head AND state = 'due';
CREATE INDEX deliveries_due ON deliveries (destination, due_at) WHERE state = 'due';
CREATE INDEX deliveries_due_by_id ON deliveries (id) WHERE state = 'due';
CREATE INDEX deliveries_in_hand ON deliveries (state, id) WHERE state IN ('in_flight', 'dead');
CREATE INDEX deliveries_of_subject ON deliveries (subject, id);

CREATE TABLE backoffs (
    destination text COLLATE "C" PRIMARY KEY,
    failures integer NOT NULL,
    retry_at bigint
);

CREATE TABLE partners (
    id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    regions text NOT NULL,
    endpoint text NOT NULL,
    adapter text NOT NULL,
    keys text NOT NULL,
    status text NOT NULL,
    mirrored boolean NOT NULL
);

-- The audit log. `leaves` is the truth; the tree's tiles and head follow from it, and so does the auditors' index.
CREATE TABLE leaves (
    position bigint PRIMARY KEY,
    leaf bytea NOT NULL
);

CREATE TABLE tiles (
    level integer NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, number)
) WITH (fillfactor = 50);

-- Incompressible, and rewritten with every batch.
ALTER TABLE tiles ALTER hashes SET STORAGE EXTERNAL;

-- Whoever lets the tree grow holds this row until the commit: it is the sequencer of all nodes.
CREATE TABLE tree (
    id integer PRIMARY KEY CHECK (id = 1),
    size bigint NOT NULL,
    root bytea NOT NULL
) WITH (fillfactor = 10);

-- The root of an empty tree is SHA-256 of nothing (RFC 6962, section 2.1).
INSERT INTO tree VALUES (1, 0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- What an entry says nothing about is NULL here, and so takes no room in an index.
CREATE TABLE entry_index (
    position bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    code text,
    exchange text COLLATE "C",
    number text COLLATE "C",
    source text COLLATE "C",
    destination text COLLATE "C",
    item_code text COLLATE "C",
    recorded_ms bigint NOT NULL
);

-- Each in the order of a search, so that a page is read and nothing sorted.
CREATE INDEX entries_by_kind ON entry_index (kind, position);
CREATE INDEX entries_by_outcome ON entry_index (outcome, position);
CREATE INDEX entries_by_exchange ON entry_index (exchange, position) WHERE exchange IS NOT NULL;
CREATE INDEX entries_by_number ON entry_index (number, position) WHERE number IS NOT NULL;
CREATE INDEX entries_by_source ON entry_index (source, position) WHERE source IS NOT NULL;
CREATE INDEX entries_by_destination ON entry_index (destination, position) WHERE destination IS NOT NULL;
CREATE INDEX entries_by_item_code ON entry_index (item_code, position) WHERE item_code IS NOT NULL;
CREATE INDEX entries_by_time ON entry_index (recorded_ms);

-- Without its salt, a commitment in a leaf says nothing about what was committed to.
CREATE TABLE salts (
    entry text COLLATE "C" PRIMARY KEY,
    salt bytea NOT NULL
);

CREATE TABLE checkpoints (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    note text NOT NULL,
    made_at bigint NOT NULL
);

-- Every version of every adapter that was ever put here. What it says never changes, only whether it serves.
CREATE TABLE adapter_versions (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layout text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    digest text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('shipped', 'uploaded')),
    state text NOT NULL CHECK (state IN ('draft', 'checked', 'active', 'retired')),
    passed boolean NOT NULL,
    put_at bigint NOT NULL,
    put_by text NOT NULL,
    files bytea NOT NULL,  -- kept for ever: with them anybody can run an old conversion again
    report bytea NOT NULL,
    UNIQUE (layout, version),
    CHECK (passed OR state IN ('draft', 'retired'))
);

-- A layout is converted by one version at a time, whoever else activates another at this moment.
CREATE UNIQUE INDEX adapter_versions_active ON adapter_versions (layout) WHERE state = 'active';

-- What was done with versions, in order; nothing is ever changed here.
CREATE TABLE adapter_changes (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layout text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    step text NOT NULL CHECK (step IN ('check', 'activate', 'roll_back', 'retire')),
    at bigint NOT NULL,
    by text NOT NULL,
    FOREIGN KEY (layout, version) REFERENCES adapter_versions (layout, version)
);

CREATE INDEX adapter_changes_of_layout ON adapter_changes (layout, sequence);

-- The catalogue: base items beside service items, and what both are found by. One transaction at a time changes it, so
-- numbers are seen in the order in which they were given.
CREATE TABLE items (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    region text COLLATE "C" NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    effective_from bigint,
    effective_to bigint,
    layout text NOT NULL,  -- it was imported in; '' for one that was not
    digest text NOT NULL,
    quarantine text NOT NULL,
    facets text NOT NULL,
    source bytea,  -- what it was converted from, and by what; NULL where converting that again may tell more
    document bytea NOT NULL,
    UNIQUE (kind, code, version)
);

CREATE INDEX items_by_source ON items (source) WHERE source IS NOT NULL;
CREATE INDEX items_of_layout ON items (layout, region, sequence) WHERE status = 'in-use';

-- What a version said before a later list changed it under the same number.
CREATE TABLE item_revisions (
    revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sequence bigint NOT NULL REFERENCES items ON DELETE CASCADE,
    digest text NOT NULL,
    document bytea NOT NULL
);

CREATE INDEX item_revisions_of ON item_revisions (sequence);

-- Every code an item goes by, but those that another one of it begins with.
CREATE TABLE item_codes (
    code text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (code, sequence)
);

-- Which of 65,536 items have a term: gateway/store/postings.py.
CREATE TABLE item_postings (
    term text COLLATE "C" NOT NULL,
    block bigint NOT NULL,
    items bytea NOT NULL,
    PRIMARY KEY (term, block)
);

-- The change feed. One row an item, at its last change: a reader that comes late reads each item once.
CREATE TABLE item_changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sequence bigint NOT NULL UNIQUE REFERENCES items ON DELETE CASCADE
);

-- Numbers of another store mean nothing here, so a restored or replaced one counts under another name.
CREATE TABLE feed (
    id integer PRIMARY KEY CHECK (id = 1),
    epoch text NOT NULL
);

INSERT INTO feed VALUES (1, left(replace(gen_random_uuid()::text, '-', ''), 16));

-- Whose item it is, where it is not our own.
CREATE TABLE mirrored_items (
    sequence bigint PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    owner text COLLATE "C" NOT NULL,
    epoch text NOT NULL,
    publication text NOT NULL
);

CREATE INDEX mirrored_items_of_owner ON mirrored_items (owner, epoch);

CREATE TABLE mirrors (
    owner text COLLATE "C" PRIMARY KEY,
    epoch text NOT NULL,
    cursor text NOT NULL,
    copied_at bigint
);

-- Triggers, so that no way of changing an item can forget to say so. Base items are not published by anybody here.
CREATE FUNCTION tell_item_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO item_changes (sequence) VALUES (NEW.sequence);
    RETURN NULL;
END $$;

CREATE FUNCTION tell_item_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM mirrored_items WHERE sequence = NEW.sequence;  -- ours from now on; a copy says so again
    DELETE FROM item_changes WHERE sequence = NEW.sequence;
    INSERT INTO item_changes (sequence) VALUES (NEW.sequence);
    RETURN NULL;
END $$;

CREATE TRIGGER item_added AFTER INSERT ON items
    FOR EACH ROW WHEN (NEW.kind = 'service-item') EXECUTE FUNCTION tell_item_added();

CREATE TRIGGER item_changed AFTER UPDATE ON items
    FOR EACH ROW WHEN (NEW.digest <> OLD.digest AND NEW.kind = 'service-item') EXECUTE FUNCTION tell_item_changed();

-- How far an import has come; what it did to each item stands in the items' sightings.
CREATE TABLE imports (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    layout text NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    line bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    ended bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0,
    faulty bigint NOT NULL DEFAULT 0,
    finished boolean NOT NULL DEFAULT false
);

CREATE INDEX imports_open ON imports (job) WHERE NOT finished;

-- What the last import that met an item did to it.
CREATE TABLE item_sightings (
    sequence bigint PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    import bigint NOT NULL REFERENCES imports,
    line bigint NOT NULL,  -- 0 where it was met by its absence
    change text NOT NULL CHECK (change IN ('added', 'changed', 'unchanged', 'ended')),
    pointers text NOT NULL
);

CREATE INDEX item_sightings_of_import ON item_sightings (import, sequence);

-- Lines left out, until the import is finished and has told them.
CREATE TABLE import_faults (
    import bigint NOT NULL REFERENCES imports,
    line bigint NOT NULL,
    position bigint NOT NULL,
    length bigint NOT NULL,
    code text NOT NULL,
    faults text NOT NULL,
    PRIMARY KEY (import, line)
);

-- Exchanging by table: how far each table of a region's front-end database was read, and what a region rejected of the
-- rows that had been written there. A rejection counts once, by the id of the row that says it.
CREATE TABLE table_positions (
    partner text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    at text NOT NULL,
    "row" text NOT NULL,
    PRIMARY KEY (partner, name)
);

CREATE TABLE rejections (
    partner text COLLATE "C" NOT NULL,
    "row" text COLLATE "C" NOT NULL,
    exchange text COLLATE "C" NOT NULL,
    code text NOT NULL,
    faults text NOT NULL,
    found_at bigint NOT NULL,
    PRIMARY KEY (partner, "row")
);

CREATE INDEX rejections_of_exchange ON rejections (partner, exchange) WHERE exchange <> '';
