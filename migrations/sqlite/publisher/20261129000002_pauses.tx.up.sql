-- Who is held back by an operator, until the row is gone.
CREATE TABLE pauses (
    name      TEXT PRIMARY KEY,
    paused_at INTEGER NOT NULL, -- microseconds since 1970 UTC
    paused_by TEXT NOT NULL
) STRICT;
