-- name: find_version
-- What is kept of a version.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions
WHERE layout = :layout::text AND version = :version::text;

-- name: add_version
-- Keep a new version with its files and its report.
INSERT INTO adapter_versions (layout, version, digest, origin, state, passed, put_at, put_by, files, report)
VALUES (:layout::text, :version::text, :digest::text, :origin::text, :state::text, :passed::boolean, :put_at::bigint,
    :put_by::text, :files::bytea, :report::bytea);

-- name: active_version
-- Which version of a layout serves.
SELECT version FROM adapter_versions WHERE layout = :layout::text AND state = 'active';

-- name: retire_active
-- Take what serves out of service, so that another may take its place.
UPDATE adapter_versions SET state = 'retired' WHERE layout = :layout::text AND state = 'active';

-- name: set_state
-- Let a version enter a state.
UPDATE adapter_versions SET state = :state::text WHERE layout = :layout::text AND version = :version::text;

-- name: pass_check
-- A check that is held says so, and its report replaces the one before.
UPDATE adapter_versions SET state = :state::text, passed = true, report = :report::bytea
WHERE layout = :layout::text AND version = :version::text;

-- name: add_change
-- Write down what was done.
INSERT INTO adapter_changes (layout, version, step, at, by)
VALUES (:layout::text, :version::text, :step::text, :at::bigint, :by::text);

-- name: versions
-- Every version.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions ORDER BY layout, sequence;

-- name: versions_of_layout
-- The versions of one layout.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions
WHERE layout = :layout::text ORDER BY sequence;

-- name: active_versions
-- The versions in service.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions
WHERE state = 'active' AND (:layout::text = '' OR layout = :layout::text) ORDER BY layout;

-- name: changes_of_layout
-- The history of a layout.
SELECT layout, version, step, at, by FROM adapter_changes WHERE layout = :layout::text ORDER BY sequence;

-- name: changes_so_far
-- The last change of all.
SELECT coalesce(max(sequence), 0) AS number FROM adapter_changes;

-- name: files
-- The packed files of a version.
SELECT files FROM adapter_versions WHERE layout = :layout::text AND version = :version::text;

-- name: report
-- The report of a version.
SELECT report FROM adapter_versions WHERE layout = :layout::text AND version = :version::text;
