-- How often what nodes keep in memory was changed, by whatever process. Of who rests, this file's one node knows itself.
CREATE TABLE changes (
    topic TEXT PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO changes VALUES ('partners', 0), ('adapters', 0);

-- Triggers, so that no way of changing a partner or what serves can forget to say so.
CREATE TRIGGER partner_added AFTER INSERT ON partners BEGIN
    UPDATE changes SET count = count + 1 WHERE topic = 'partners';
END;

CREATE TRIGGER partner_changed AFTER UPDATE ON partners BEGIN
    UPDATE changes SET count = count + 1 WHERE topic = 'partners';
END;

CREATE TRIGGER partner_dropped AFTER DELETE ON partners BEGIN
    UPDATE changes SET count = count + 1 WHERE topic = 'partners';
END;

CREATE TRIGGER adapter_step_taken AFTER INSERT ON adapter_changes BEGIN
    UPDATE changes SET count = count + 1 WHERE topic = 'adapters';
END;
