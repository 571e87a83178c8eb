-- expand: nodes are told what others change of what they keep in memory, on the channel `tongban` (LISTEN, NOTIFY).
-- Triggers, so that no way of changing a partner, what serves or who rests can forget to say so.
CREATE FUNCTION tell_nodes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tongban', TG_ARGV[0]);
    RETURN NULL;
END $$;

-- step: who is registered
CREATE TRIGGER partners_told AFTER INSERT OR UPDATE OR DELETE ON partners
    FOR EACH STATEMENT EXECUTE FUNCTION tell_nodes('partners');

-- step: which adapters serve
CREATE TRIGGER adapter_changes_told AFTER INSERT ON adapter_changes
    FOR EACH STATEMENT EXECUTE FUNCTION tell_nodes('adapters');

-- step: who rests; for each row, since a conclusion that finds nobody resting has nothing to tell
CREATE TRIGGER backoffs_told AFTER INSERT OR UPDATE OR DELETE ON backoffs
    FOR EACH ROW EXECUTE FUNCTION tell_nodes('outbox');

-- step: what an operator sends on its way again
CREATE TRIGGER revived_told AFTER UPDATE OF state ON deliveries
    FOR EACH ROW WHEN (OLD.state = 'dead' AND NEW.state = 'due') EXECUTE FUNCTION tell_nodes('outbox');
