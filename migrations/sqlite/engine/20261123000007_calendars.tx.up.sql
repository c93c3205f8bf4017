-- Secret links to calendars. Only a digest of the secret is kept: who reads this table can read no calendar.
CREATE TABLE calendars (
    digest     TEXT PRIMARY KEY, -- SHA-256, hexadecimal
    owner      TEXT NOT NULL,    -- usr_… or stf_…
    created_at BIGINT NOT NULL   -- microseconds since 1970 UTC
);

--bun:split

CREATE UNIQUE INDEX calendars_owner ON calendars (owner);
