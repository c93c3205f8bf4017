-- What all engines on this database must agree on, made once by the first of them.
CREATE TABLE settings (
    name    TEXT PRIMARY KEY,
    value   BLOB NOT NULL,
    made_at INTEGER NOT NULL -- microseconds since 1970 UTC
) STRICT;
