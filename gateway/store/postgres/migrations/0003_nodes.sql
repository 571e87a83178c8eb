-- expand: who has claimed what, under a lease by the server's clock, and who has which duty.
-- A delivery in flight names its node and the claim under which that node took it; one of an older program, which may
-- still run beside this one, names none.

-- The one clock of all leases: microseconds since 1970-01-01 UTC, at this moment and not at the transaction's beginning.
CREATE FUNCTION tongban_clock() RETURNS bigint LANGUAGE sql VOLATILE
    AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

CREATE TABLE nodes (
    id text COLLATE "C" PRIMARY KEY,
    lease_until bigint NOT NULL
) WITH (fillfactor = 50);

-- What one node at a time does. A duty whose node has no lease is anybody's.
CREATE TABLE duties (
    name text COLLATE "C" PRIMARY KEY,
    node text COLLATE "C" NOT NULL
);

ALTER TABLE deliveries ADD COLUMN node text COLLATE "C", ADD COLUMN claim bigint;
