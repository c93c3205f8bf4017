-- Messages that wait for their channel: those that were not acknowledged in time, and all that came after them. In order of position
-- and part. Messages that go out together have the same base; one without has not been put with others yet.
CREATE TABLE queued (
    channel    TEXT COLLATE "C" NOT NULL,
    position   BIGINT NOT NULL,
    part       BIGINT NOT NULL,
    base       TEXT COLLATE "C" NOT NULL,
    sent_at    BIGINT NOT NULL, -- microseconds since 1970 UTC, of the first attempt; 0: none yet
    attempts   BIGINT NOT NULL,
    event_id   TEXT COLLATE "C" NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    template   TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    entity     TEXT COLLATE "C" NOT NULL,
    data       TEXT COLLATE "C" NOT NULL,
    headers    TEXT COLLATE "C" NOT NULL,
    resync     BIGINT NOT NULL, -- 1: stands for a message that was refused
    created_at BIGINT NOT NULL, -- microseconds since 1970 UTC, of the event
    trace_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (channel, position, part)
);

--bun:split

-- Channels whose messages wait for an operator.
CREATE TABLE parked (
    channel   TEXT COLLATE "C" PRIMARY KEY,
    parked_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    why       TEXT COLLATE "C" NOT NULL,    -- "refused" or "attempts"
    status    BIGINT NOT NULL,
    code      BIGINT NOT NULL,
    reason    TEXT COLLATE "C" NOT NULL
);

--bun:split

-- Ranges of the log whose messages an operator wants sent again.
CREATE TABLE replays (
    id            TEXT COLLATE "C" PRIMARY KEY,
    from_position BIGINT NOT NULL, -- the first event's
    to_position   BIGINT NOT NULL, -- the last event's
    channel       TEXT COLLATE "C" NOT NULL,    -- empty: all
    requested_at  BIGINT NOT NULL, -- microseconds since 1970 UTC
    requested_by  TEXT COLLATE "C" NOT NULL,
    reached       BIGINT NOT NULL, -- up to where it is done
    messages      BIGINT NOT NULL, -- acknowledged so far
    refused       BIGINT NOT NULL,
    finished_at   BIGINT           -- microseconds since 1970 UTC
);
