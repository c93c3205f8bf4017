-- What the publisher last set out to publish: the events in (after_position, up_to]. Written before anything is sent and kept
-- when it is done; it is open as long as up_to lies past the checkpoint.
CREATE TABLE plans (
    name           TEXT COLLATE "C" PRIMARY KEY,
    store_id       TEXT COLLATE "C" NOT NULL,
    after_position BIGINT NOT NULL,
    up_to          BIGINT NOT NULL,
    planned_at     TEXT COLLATE "C" NOT NULL
);

--bun:split

-- One row per event and channel, written with the checkpoint that it belongs to.
CREATE TABLE deliveries (
    event_id   TEXT COLLATE "C" NOT NULL,
    channel    TEXT COLLATE "C" NOT NULL,
    entity     TEXT COLLATE "C" NOT NULL,
    position   BIGINT NOT NULL,
    names      TEXT COLLATE "C" NOT NULL,
    attempts   BIGINT NOT NULL,
    outcome    TEXT COLLATE "C" NOT NULL,
    latency_ms DOUBLE PRECISION NOT NULL,
    trace_id   TEXT COLLATE "C" NOT NULL,
    at         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (event_id, channel)
);

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
    event_id TEXT COLLATE "C" NOT NULL,
    channel  TEXT COLLATE "C" NOT NULL,
    part     BIGINT NOT NULL,
    name     TEXT COLLATE "C" NOT NULL,
    data     TEXT COLLATE "C" NOT NULL,
    status   BIGINT NOT NULL,
    code     BIGINT NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    at       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (event_id, channel, part)
);
