-- Names for display. They come from outside, not from the log: no rebuild touches them.
CREATE TABLE directory (
    id           TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    updated_at   INTEGER NOT NULL -- microseconds since 1970 UTC
) STRICT, WITHOUT ROWID;
