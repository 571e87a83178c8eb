-- Exchanging by table: how far each table of a region's front-end database was read, and what a region rejected of the
-- rows that had been written there. A rejection counts once, by the id of the row that says it.

CREATE TABLE table_positions (
    partner TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    row TEXT NOT NULL,
    PRIMARY KEY (partner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejections (
    partner TEXT NOT NULL,
    row TEXT NOT NULL,
    exchange TEXT NOT NULL,
    code TEXT NOT NULL,
    faults TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (partner, row)
) STRICT, WITHOUT ROWID;

CREATE INDEX rejections_of_exchange ON rejections (partner, exchange) WHERE exchange <> '';
