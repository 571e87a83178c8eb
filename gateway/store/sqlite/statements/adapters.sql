-- name: find_version
-- What is kept of a version.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions
WHERE layout = :layout AND version = :version;

-- name: add_version
-- Keep a new version.
INSERT INTO adapter_versions (layout, version, digest, origin, state, passed, put_at, put_by)
VALUES (:layout, :version, :digest, :origin, :state, :passed, :put_at, :put_by);

-- name: add_content
-- Keep the files and the report of a new version.
INSERT INTO adapter_contents (sequence, files, report) VALUES (:sequence, :files, :report);

-- name: active_version
-- Which version of a layout serves.
SELECT version FROM adapter_versions WHERE layout = :layout AND state = 'active';

-- name: retire_active
-- Take what serves out of service, so that another may take its place.
UPDATE adapter_versions SET state = 'retired' WHERE layout = :layout AND state = 'active';

-- name: set_state
-- Let a version enter a state.
UPDATE adapter_versions SET state = :state WHERE layout = :layout AND version = :version;

-- name: pass_check
-- A check that is held says so.
UPDATE adapter_versions SET state = :state, passed = 1 WHERE layout = :layout AND version = :version;

-- name: replace_report
-- Keep the report of a later check.
UPDATE adapter_contents SET report = :report
WHERE sequence = (SELECT sequence FROM adapter_versions WHERE layout = :layout AND version = :version);

-- name: add_change
-- Write down what was done.
INSERT INTO adapter_changes (layout, version, step, at, by) VALUES (:layout, :version, :step, :at, :by);

-- name: versions
-- Every version.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions ORDER BY layout, sequence;

-- name: versions_of_layout
-- The versions of one layout.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions
WHERE layout = :layout ORDER BY sequence;

-- name: active_versions
-- The versions in service.
SELECT layout, version, digest, origin, state, passed, put_at, put_by FROM adapter_versions
WHERE state = 'active' AND (:layout = '' OR layout = :layout) ORDER BY layout;

-- name: changes_of_layout
-- The history of a layout.
SELECT layout, version, step, at, by FROM adapter_changes WHERE layout = :layout ORDER BY sequence;

-- name: changes_so_far
-- The last change of all.
SELECT coalesce(max(sequence), 0) FROM adapter_changes;

-- name: files
-- The packed files of a version.
SELECT files FROM adapter_versions JOIN adapter_contents USING (sequence)
WHERE layout = :layout AND version = :version;

-- name: report
-- The report of a version.
SELECT report FROM adapter_versions JOIN adapter_contents USING (sequence)
WHERE layout = :layout AND version = :version;
