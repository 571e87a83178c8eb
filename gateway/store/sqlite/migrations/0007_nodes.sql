-- Nodes: who has claimed what, under a lease by this machine's clock, and who has which duty.
-- A delivery in flight names its node and the claim under which that node took it; one of an older program names none.

CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What one node at a time does. A duty whose node has no lease is anybody's.
CREATE TABLE duties (
    name TEXT PRIMARY KEY,
    node TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE deliveries ADD COLUMN node TEXT;
ALTER TABLE deliveries ADD COLUMN claim INTEGER;
