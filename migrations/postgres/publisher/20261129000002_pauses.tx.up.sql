-- Who is held back by an operator, until the row is gone.
CREATE TABLE pauses (
    name      TEXT COLLATE "C" PRIMARY KEY,
    paused_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    paused_by TEXT COLLATE "C" NOT NULL
);
