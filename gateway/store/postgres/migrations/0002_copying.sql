-- expand: a mark in a store that is being copied, or was. At most one row, and none in a store that is in service. A
-- gateway opens none that has one, and what is open already cannot let the log grow: two stores that continue one log
-- would fork it.
CREATE TABLE copying (
    id integer PRIMARY KEY CHECK (id = 1),
    copy text NOT NULL,  -- names the copy, at both ends
    moved boolean NOT NULL,  -- true: this was copied away; false: this is a copy without an end yet
    place text NOT NULL,  -- of the other end
    epoch text NOT NULL,  -- what the store copied was known by: its feed's epoch, and the head of its log
    size bigint NOT NULL,
    root bytea NOT NULL,
    filling text NOT NULL,  -- the table that an unfinished copy has come to, and the key of its last row here
    after text NOT NULL,
    at bigint NOT NULL
);

CREATE FUNCTION refuse_growth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM copying) THEN
        RAISE EXCEPTION 'store_moved' USING ERRCODE = 'TB001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tree_at_rest BEFORE UPDATE ON tree FOR EACH ROW EXECUTE FUNCTION refuse_growth();
