-- expand: exchanges and the log stand in partitions, and what is old in the first of each.
-- Nodes of the release before read and write `leaves` and `entry_index` as before, and what takes their place is a
-- partitioned table of that name. `exchanges` they go on to know by its name: it is the only partition of
-- `taken_exchanges` until the next migration, so that both kinds of node see all there is, and an id is used once.

-- step: what is remembered for ever, and how partitions are made
-- Which exchange ids were ever used, and when: what is retired is forgotten but for this, and never taken anew.
CREATE TABLE exchange_ids (
    id bytea PRIMARY KEY,  -- the 16 bytes of the UUID
    received_at bigint NOT NULL
);

-- Without its salt, a commitment in a leaf says nothing about what was committed to.
CREATE TABLE entry_salts (
    position bigint PRIMARY KEY,
    salt bytea NOT NULL
) PARTITION BY RANGE (position);

CREATE TABLE entry_salts_rest PARTITION OF entry_salts DEFAULT;

-- What was retired: everything that was received before a time, or all entries below a size of the log.
CREATE TABLE retirements (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('exchanges', 'entries')),
    before bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    entry text NOT NULL,
    retired_at bigint NOT NULL
);

-- What lies outside of all partitions is in the one called `_rest`; what a new one should hold is moved out of it.
CREATE FUNCTION make_partition(parent text, label text, key text, low bigint, high bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := parent || '_' || label;
    rest text := parent || '_rest';
BEGIN
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', rest);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING STORAGE)', part, parent);
    EXECUTE format('WITH late AS (DELETE FROM %I WHERE %I >= %s AND %I < %s RETURNING *) INSERT INTO %I SELECT * FROM late',
        rest, key, low, key, high, part);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, low, high);
END $$;

-- Exchanges that are not done with: what carries them waits, is on its way, or died.
CREATE FUNCTION open_exchanges() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT exchange FROM deliveries WHERE state = 'due'
    UNION SELECT exchange FROM deliveries WHERE state IN ('in_flight', 'dead')
$$;

-- A whole partition goes at once; open exchanges of it stay behind, outside of all partitions.
CREATE FUNCTION drop_exchanges(part text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('ALTER TABLE taken_exchanges DETACH PARTITION %I', part);
    EXECUTE format('INSERT INTO taken_exchanges_rest SELECT old.* FROM open_exchanges() AS id JOIN %I AS old USING (id)', part);
    EXECUTE format('DROP TABLE %I', part);
END $$;

CREATE FUNCTION drop_entries(part text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('DROP TABLE %I', part);
END $$;

-- Of a partition that goes on beyond a time, what lies on some of its pages goes.
CREATE FUNCTION discard_exchanges(part text, before bigint, page bigint, pages bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('DELETE FROM %I WHERE received_at < %s AND ctid >= ''(%s,0)'' AND ctid < ''(%s,0)''
        AND id NOT IN (SELECT open_exchanges())', part, before, page, page + pages);
END $$;

-- Where the old part of the log ends: far enough ahead that it is not reached while this goes on.
CREATE TABLE tongban_edge AS SELECT ((size >> 20) + 2) << 20 AS edge FROM tree;

-- step: exchanges of all nodes are remembered
CREATE FUNCTION remember_exchange() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO exchange_ids VALUES (uuid_send(NEW.id::uuid), NEW.received_at) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER exchange_remembered AFTER INSERT ON exchanges FOR EACH ROW EXECUTE FUNCTION remember_exchange();

-- step by itself: and those that are there already
DO $$
DECLARE
    at bigint := 0;
    last bigint := (SELECT coalesce(max(sequence), 0) FROM exchanges);
BEGIN
    WHILE at < last LOOP
        INSERT INTO exchange_ids SELECT uuid_send(id::uuid), received_at FROM exchanges
        WHERE sequence > at AND sequence <= at + 10000
        ON CONFLICT DO NOTHING;
        COMMIT;
        at := at + 10000;
    END LOOP;
END $$;

-- step by itself: an index that is not unique, for one that is cannot be a partition's
DROP INDEX CONCURRENTLY IF EXISTS exchanges_by_id
-- then
CREATE INDEX CONCURRENTLY exchanges_by_id ON exchanges (id);

-- step: the table of exchanges becomes the partition that holds all
CREATE SEQUENCE exchange_sequence;
ALTER TABLE exchanges ALTER sequence DROP IDENTITY;
ALTER TABLE exchanges ALTER sequence SET DEFAULT nextval('exchange_sequence');
SELECT setval('exchange_sequence', (SELECT coalesce(max(sequence), 0) + 1 FROM exchanges), false);
ALTER TABLE deliveries DROP CONSTRAINT deliveries_exchange_fkey;  -- it cannot lead to a partitioned table

CREATE TABLE taken_exchanges (
    sequence bigint NOT NULL DEFAULT nextval('exchange_sequence'),
    id text COLLATE "C" NOT NULL,
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
) PARTITION BY RANGE (received_at);

ALTER SEQUENCE exchange_sequence OWNED BY taken_exchanges.sequence;

CREATE INDEX taken_exchanges_by_id ON taken_exchanges (id);
CREATE INDEX taken_exchanges_of_subject ON taken_exchanges (subject, sequence);
ALTER TABLE taken_exchanges ATTACH PARTITION exchanges DEFAULT;

-- step: the leaves have an end
DO $$ BEGIN
    EXECUTE format('ALTER TABLE leaves ADD CONSTRAINT leaves_end CHECK (position < %s) NOT VALID', (SELECT edge FROM tongban_edge));
END $$;

-- step by itself: all of them are before it
ALTER TABLE leaves VALIDATE CONSTRAINT leaves_end;

-- step: they become the first partition of the leaves
ALTER TABLE leaves RENAME TO leaves_0;
ALTER INDEX leaves_pkey RENAME TO leaves_0_pkey;

CREATE TABLE leaves (
    position bigint PRIMARY KEY,
    leaf bytea NOT NULL
) PARTITION BY RANGE (position);

DO $$ BEGIN
    EXECUTE format('ALTER TABLE leaves ATTACH PARTITION leaves_0 FOR VALUES FROM (MINVALUE) TO (%s)', (SELECT edge FROM tongban_edge));
END $$;
CREATE TABLE leaves_rest PARTITION OF leaves DEFAULT;

-- step by itself: an index that is not unique, for one that is cannot be a partition's
DROP INDEX CONCURRENTLY IF EXISTS entries_by_id
-- then
CREATE INDEX CONCURRENTLY entries_by_id ON entry_index (id);

-- step: the index of entries has an end
DO $$ BEGIN
    EXECUTE format('ALTER TABLE entry_index ADD CONSTRAINT entry_index_end CHECK (position < %s) NOT VALID', (SELECT edge FROM tongban_edge));
END $$;

-- step by itself: all of it is before it
ALTER TABLE entry_index VALIDATE CONSTRAINT entry_index_end;

-- step: it becomes the first partition of the index
ALTER TABLE entry_index RENAME TO entry_index_0;
ALTER INDEX entry_index_pkey RENAME TO entry_index_0_pkey;
ALTER INDEX entries_by_id RENAME TO entry_index_0_id;
ALTER INDEX entries_by_kind RENAME TO entry_index_0_kind;
ALTER INDEX entries_by_outcome RENAME TO entry_index_0_outcome;
ALTER INDEX entries_by_exchange RENAME TO entry_index_0_exchange;
ALTER INDEX entries_by_number RENAME TO entry_index_0_number;
ALTER INDEX entries_by_source RENAME TO entry_index_0_source;
ALTER INDEX entries_by_destination RENAME TO entry_index_0_destination;
ALTER INDEX entries_by_item_code RENAME TO entry_index_0_item_code;
ALTER INDEX entries_by_time RENAME TO entry_index_0_time;

CREATE TABLE entry_index (
    position bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    code text,
    exchange text COLLATE "C",
    number text COLLATE "C",
    source text COLLATE "C",
    destination text COLLATE "C",
    item_code text COLLATE "C",
    recorded_ms bigint NOT NULL
) PARTITION BY RANGE (position);

CREATE INDEX entries_by_id ON entry_index (id);
CREATE INDEX entries_by_kind ON entry_index (kind, position);
CREATE INDEX entries_by_outcome ON entry_index (outcome, position);
CREATE INDEX entries_by_exchange ON entry_index (exchange, position) WHERE exchange IS NOT NULL;
CREATE INDEX entries_by_number ON entry_index (number, position) WHERE number IS NOT NULL;
CREATE INDEX entries_by_source ON entry_index (source, position) WHERE source IS NOT NULL;
CREATE INDEX entries_by_destination ON entry_index (destination, position) WHERE destination IS NOT NULL;
CREATE INDEX entries_by_item_code ON entry_index (item_code, position) WHERE item_code IS NOT NULL;
CREATE INDEX entries_by_time ON entry_index (recorded_ms);

DO $$ BEGIN
    EXECUTE format('ALTER TABLE entry_index ATTACH PARTITION entry_index_0 FOR VALUES FROM (MINVALUE) TO (%s)', (SELECT edge FROM tongban_edge));
END $$;
CREATE TABLE entry_index_rest PARTITION OF entry_index DEFAULT;

-- step: what comes behind the old part of the log
DO $$
DECLARE
    edge bigint := (SELECT edge FROM tongban_edge);
    parent text;
BEGIN
    PERFORM make_partition('entry_salts', '0', 'position', 0, edge);
    FOREACH parent IN ARRAY ARRAY['leaves', 'entry_index', 'entry_salts'] LOOP
        PERFORM make_partition(parent, edge::text, 'position', edge, edge + (1 << 20));
    END LOOP;
END $$;
DROP TABLE tongban_edge;
