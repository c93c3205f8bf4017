-- Who runs each consumer of the log. A term is one ownership; it only ever rises. A checkpoint notes the term that wrote it last.
ALTER TABLE checkpoints ADD COLUMN term INTEGER NOT NULL DEFAULT 0;

--bun:split

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    store_id   TEXT NOT NULL,
    owner      TEXT NOT NULL,    -- empty: nobody
    term       INTEGER NOT NULL,
    taken_at   INTEGER NOT NULL, -- microseconds since 1970 UTC
    expires_at INTEGER           -- microseconds since 1970 UTC; NULL: the owner alone may use this database
) STRICT;
