-- Where each consumer of the log stands. store_id names the one event store that this database belongs to.
CREATE TABLE checkpoints (
    name     TEXT PRIMARY KEY,
    store_id TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT;
