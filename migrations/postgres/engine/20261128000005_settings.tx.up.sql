-- What all engines on this database must agree on, made once by the first of them.
CREATE TABLE settings (
    name    TEXT COLLATE "C" PRIMARY KEY,
    value   BYTEA NOT NULL,
    made_at BIGINT NOT NULL -- microseconds since 1970 UTC
);
