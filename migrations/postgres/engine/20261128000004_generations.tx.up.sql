-- The read models in their generations. Tables of a generation are made by the projections themselves and end in
-- _v<version>_g<generation>.
CREATE TABLE projections (
    name             TEXT COLLATE "C" NOT NULL,
    version          BIGINT NOT NULL,
    live             BIGINT,          -- the generation that is read; NULL while the first one is built
    previous         BIGINT,          -- the one before, which is kept up to date for a rollback
    last             BIGINT NOT NULL, -- the highest generation that there was
    paused_at        BIGINT,          -- microseconds since 1970 UTC, like all times here
    paused_by        TEXT COLLATE "C" NOT NULL DEFAULT '',
    halted_at        BIGINT,
    halted_position  BIGINT,          -- of the event that cannot be applied
    halted_event     TEXT COLLATE "C" NOT NULL DEFAULT '', -- its id, or empty
    halted_type      TEXT COLLATE "C" NOT NULL DEFAULT '',
    halted_stream    TEXT COLLATE "C" NOT NULL DEFAULT '',
    halted_revision  BIGINT,
    halted_reason    TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (name, version)
);

--bun:split

CREATE TABLE generations (
    name         TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    generation   BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('building', 'joined', 'live', 'previous', 'failed', 'dropped')),
    requested_at BIGINT NOT NULL,
    requested_by TEXT COLLATE "C" NOT NULL,
    budget_us    BIGINT NOT NULL, -- by how many microseconds it may slow commands down; 0: at full speed
    forced       BIGINT NOT NULL, -- goes live even where it differs from the one before
    events       BIGINT NOT NULL, -- folded while it was built
    busy_us      BIGINT NOT NULL, -- how long that took
    finished_at  BIGINT,          -- when it went live, or failed
    verified     BIGINT NOT NULL, -- compared and found equal
    hash         TEXT COLLATE "C" NOT NULL, -- of its rows when it went live
    error        TEXT COLLATE "C" NOT NULL, -- why it failed
    rewritten    BIGINT NOT NULL, -- rises when rows change without the checkpoint: what is remembered of them is void
    dropped      BIGINT NOT NULL, -- its tables are gone
    replaced     BIGINT,          -- the generation that was read before it
    PRIMARY KEY (name, version, generation)
);

--bun:split

-- Events that an operator has let a read model pass over. From position on, the stream is set aside, until it is rebuilt.
CREATE TABLE projection_skips (
    name       TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    stream     TEXT COLLATE "C" NOT NULL,
    position   BIGINT NOT NULL,
    event_id   TEXT COLLATE "C" NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL, -- why it could not be applied
    skipped_at BIGINT NOT NULL,
    skipped_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name, version, stream)
);
