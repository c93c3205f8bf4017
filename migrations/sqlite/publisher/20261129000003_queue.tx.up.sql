-- Messages that wait for their channel: those that were not acknowledged in time, and all that came after them. In order of position
-- and part. Messages that go out together have the same base; one without has not been put with others yet.
CREATE TABLE queued (
    channel    TEXT NOT NULL,
    position   INTEGER NOT NULL,
    part       INTEGER NOT NULL,
    base       TEXT NOT NULL,
    sent_at    INTEGER NOT NULL, -- microseconds since 1970 UTC, of the first attempt; 0: none yet
    attempts   INTEGER NOT NULL,
    event_id   TEXT NOT NULL,
    event_type TEXT NOT NULL,
    template   TEXT NOT NULL,
    name       TEXT NOT NULL,
    entity     TEXT NOT NULL,
    data       TEXT NOT NULL,
    headers    TEXT NOT NULL,
    resync     INTEGER NOT NULL, -- 1: stands for a message that was refused
    created_at INTEGER NOT NULL, -- microseconds since 1970 UTC, of the event
    trace_id   TEXT NOT NULL,
    PRIMARY KEY (channel, position, part)
) STRICT, WITHOUT ROWID;

--bun:split

-- Channels whose messages wait for an operator.
CREATE TABLE parked (
    channel   TEXT PRIMARY KEY,
    parked_at INTEGER NOT NULL, -- microseconds since 1970 UTC
    why       TEXT NOT NULL,    -- "refused" or "attempts"
    status    INTEGER NOT NULL,
    code      INTEGER NOT NULL,
    reason    TEXT NOT NULL
) STRICT;

--bun:split

-- Ranges of the log whose messages an operator wants sent again.
CREATE TABLE replays (
    id            TEXT PRIMARY KEY,
    from_position INTEGER NOT NULL, -- the first event's
    to_position   INTEGER NOT NULL, -- the last event's
    channel       TEXT NOT NULL,    -- empty: all
    requested_at  INTEGER NOT NULL, -- microseconds since 1970 UTC
    requested_by  TEXT NOT NULL,
    reached       INTEGER NOT NULL, -- up to where it is done
    messages      INTEGER NOT NULL, -- acknowledged so far
    refused       INTEGER NOT NULL,
    finished_at   INTEGER           -- microseconds since 1970 UTC
) STRICT;
