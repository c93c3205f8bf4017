-- What the publisher last set out to publish: the events in (after_position, up_to]. Written before anything is sent and kept
-- when it is done; it is open as long as up_to lies past the checkpoint.
CREATE TABLE plans (
    name           TEXT PRIMARY KEY,
    store_id       TEXT NOT NULL,
    after_position INTEGER NOT NULL,
    up_to          INTEGER NOT NULL,
    planned_at     TEXT NOT NULL
) STRICT;

--bun:split

-- One row per event and channel, written with the checkpoint that it belongs to.
CREATE TABLE deliveries (
    event_id   TEXT NOT NULL,
    channel    TEXT NOT NULL,
    entity     TEXT NOT NULL,
    position   INTEGER NOT NULL,
    names      TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    latency_ms REAL NOT NULL,
    trace_id   TEXT NOT NULL,
    at         TEXT NOT NULL,
    PRIMARY KEY (event_id, channel)
) STRICT;

--bun:split

CREATE INDEX deliveries_by_entity ON deliveries (entity, position);

--bun:split

CREATE INDEX deliveries_by_trace ON deliveries (trace_id) WHERE trace_id <> '';

--bun:split

CREATE INDEX deliveries_by_channel ON deliveries (channel, position);

--bun:split

CREATE INDEX deliveries_by_time ON deliveries (at);

--bun:split

-- Messages that the service refused for good, kept for inspection; a resync message took the place of each.
CREATE TABLE refused (
    event_id TEXT NOT NULL,
    channel  TEXT NOT NULL,
    part     INTEGER NOT NULL,
    name     TEXT NOT NULL,
    data     TEXT NOT NULL,
    status   INTEGER NOT NULL,
    code     INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (event_id, channel, part)
) STRICT;
