-- name: put_partner
-- Register a partner, or replace what is registered under its id.
INSERT INTO partners (id, kind, name, regions, endpoint, adapter, keys, status, mirrored)
VALUES (:id::text, :kind::text, :name::text, :regions::text, :endpoint::text, :adapter::text, :keys::text,
    :status::text, :mirrored::boolean)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, regions = excluded.regions,
    endpoint = excluded.endpoint, adapter = excluded.adapter, keys = excluded.keys, status = excluded.status,
    mirrored = excluded.mirrored;

-- name: set_status
-- Suspend or resume a partner.
UPDATE partners SET status = :status::text WHERE id = :id::text;

-- name: partners
-- Everybody registered.
SELECT id, kind, name, regions, endpoint, adapter, keys, status, mirrored FROM partners ORDER BY id;
