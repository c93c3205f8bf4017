-- Where each consumer of the log stands. store_id names the one event store that this database belongs to;
-- event_id is the event at event_position, the last that the consumer has handled: it tells whether the log is still the same.
CREATE TABLE checkpoints (
    name           TEXT PRIMARY KEY,
    store_id       TEXT NOT NULL,
    position       INTEGER NOT NULL,
    event_id       TEXT,
    event_position INTEGER
) STRICT;
