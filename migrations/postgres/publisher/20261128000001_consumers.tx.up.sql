-- Where each consumer of the log stands. store_id names the one event store that this database belongs to; event_id is the event at
-- event_position, the last that the consumer has handled: it tells whether the log is still the same. term is the ownership that
-- wrote the row last.
CREATE TABLE checkpoints (
    name           TEXT COLLATE "C" PRIMARY KEY,
    store_id       TEXT COLLATE "C" NOT NULL,
    position       BIGINT NOT NULL,
    event_id       TEXT COLLATE "C",
    event_position BIGINT,
    term           BIGINT NOT NULL DEFAULT 0
);

--bun:split

-- Who runs each consumer of the log. A term is one ownership; it only ever rises.
CREATE TABLE leases (
    name       TEXT COLLATE "C" PRIMARY KEY,
    store_id   TEXT COLLATE "C" NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL, -- empty: nobody
    term       BIGINT NOT NULL,
    taken_at   BIGINT NOT NULL,           -- microseconds since 1970 UTC
    expires_at BIGINT                     -- microseconds since 1970 UTC; NULL: the owner alone may use this database
);
