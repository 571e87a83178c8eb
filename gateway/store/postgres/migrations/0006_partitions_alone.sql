-- Exchanges stand in partitions by the month in which they were received, and all salts beside the log.
-- It takes away the table `exchanges` and the table `salts`, which nodes of the release before the last write to.

-- step: nobody needs reminding any more
DROP TRIGGER exchange_remembered ON exchanges;
DROP FUNCTION remember_exchange();

-- step: the old exchanges have an end, a day ahead at least
CREATE FUNCTION month_after(moment bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (extract(epoch FROM date_trunc('month', to_timestamp(moment / 1000000.0) AT TIME ZONE 'UTC')
        + interval '1 month') * 1000000)::bigint
$$;

CREATE FUNCTION make_month(low bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    PERFORM make_partition('taken_exchanges', to_char(to_timestamp(low / 1000000.0) AT TIME ZONE 'UTC', 'YYYY_MM'),
        'received_at', low, month_after(low));
END $$;

CREATE TABLE tongban_edge AS SELECT month_after(greatest(
    (extract(epoch FROM now() + interval '1 day') * 1000000)::bigint,
    (SELECT max(received_at) FROM exchanges)
)) AS edge;

DO $$ BEGIN
    EXECUTE format('ALTER TABLE exchanges ADD CONSTRAINT exchanges_end CHECK (received_at < %s) NOT VALID', (SELECT edge FROM tongban_edge));
END $$;

-- step by itself: all of them are before it
ALTER TABLE exchanges VALIDATE CONSTRAINT exchanges_end;

-- step: they become the first partition
ALTER TABLE taken_exchanges DETACH PARTITION exchanges;
ALTER TABLE exchanges RENAME TO taken_exchanges_0;
ALTER TABLE taken_exchanges_0 DROP CONSTRAINT exchanges_id_key;
ALTER TABLE taken_exchanges_0 DROP CONSTRAINT exchanges_pkey;
DO $$ BEGIN
    EXECUTE format('ALTER TABLE taken_exchanges ATTACH PARTITION taken_exchanges_0 FOR VALUES FROM (MINVALUE) TO (%s)',
        (SELECT edge FROM tongban_edge));
END $$;
CREATE TABLE taken_exchanges_rest PARTITION OF taken_exchanges DEFAULT;
SELECT make_month(edge) FROM tongban_edge;
DROP TABLE tongban_edge;

-- step by itself: salts stand where their entries do
DO $$
DECLARE
    at bigint := 0;
    last bigint := (SELECT size FROM tree);
BEGIN
    WHILE at < last LOOP
        INSERT INTO entry_salts
        SELECT position, salt FROM entry_index JOIN salts ON entry = id WHERE position >= at AND position < at + 10000
        ON CONFLICT DO NOTHING;
        COMMIT;
        at := at + 10000;
    END LOOP;
END $$;

-- step: and nowhere else
DROP TABLE salts;

-- step: the ids of old entries need no second index
ALTER TABLE entry_index_0 DROP CONSTRAINT entry_index_id_key;
