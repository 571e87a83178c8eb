-- Every version of every adapter that was ever put here. What it says never changes, only whether it serves.

CREATE TABLE adapter_versions (
    sequence INTEGER PRIMARY KEY,
    layout TEXT NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('shipped', 'uploaded')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'checked', 'active', 'retired')),
    passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
    put_at INTEGER NOT NULL,
    put_by TEXT NOT NULL,
    UNIQUE (layout, version),
    CHECK (passed = 1 OR state IN ('draft', 'retired'))
) STRICT;

-- A layout is converted by one version at a time, whoever else activates another at this moment.
CREATE UNIQUE INDEX adapter_versions_active ON adapter_versions (layout) WHERE state = 'active';

-- The files are kept for ever: with them anybody can run an old conversion again.
CREATE TABLE adapter_contents (
    sequence INTEGER PRIMARY KEY REFERENCES adapter_versions,
    files BLOB NOT NULL,
    report BLOB NOT NULL
) STRICT;

-- What was done with versions, in order; nothing is ever changed here.
CREATE TABLE adapter_changes (
    sequence INTEGER PRIMARY KEY,
    layout TEXT NOT NULL,
    version TEXT NOT NULL,
    step TEXT NOT NULL CHECK (step IN ('check', 'activate', 'roll_back', 'retire')),
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    FOREIGN KEY (layout, version) REFERENCES adapter_versions (layout, version)
) STRICT;

CREATE INDEX adapter_changes_of_layout ON adapter_changes (layout, sequence);
