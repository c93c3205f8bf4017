-- What is not in the log, because it can be deleted. Names for display come from outside: no rebuild touches them.
CREATE TABLE directory (
    id           TEXT COLLATE "C" PRIMARY KEY,
    display_name TEXT COLLATE "C" NOT NULL,
    updated_at   BIGINT NOT NULL -- microseconds since 1970 UTC
);

--bun:split

-- The keys of sealed texts. To delete one is to delete its text, in every copy of the log; so they are kept here alone. subject is
-- whom the text is about: a customer, a member of staff, or the booking of a guest.
CREATE TABLE keys (
    key_id     TEXT COLLATE "C" PRIMARY KEY,
    subject    TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    secret     BYTEA NOT NULL, -- 32 bytes, AES-256
    created_at BIGINT NOT NULL -- microseconds since 1970 UTC
);

--bun:split

CREATE INDEX keys_subject ON keys (subject);

--bun:split

-- What was deleted of whom, and when: the answer to "did you really".
CREATE TABLE erasures (
    subject   TEXT COLLATE "C" PRIMARY KEY,
    erased_at BIGINT NOT NULL,
    notes     BIGINT NOT NULL,
    contacts  BIGINT NOT NULL,
    names     BIGINT NOT NULL,
    calendars BIGINT NOT NULL
);

--bun:split

-- Secret links to calendars. Only a digest of the secret is kept: who reads this table can read no calendar.
CREATE TABLE calendars (
    digest     TEXT COLLATE "C" PRIMARY KEY, -- SHA-256, hexadecimal
    owner      TEXT COLLATE "C" NOT NULL,    -- usr_… or stf_…
    created_at BIGINT NOT NULL               -- microseconds since 1970 UTC
);

--bun:split

CREATE UNIQUE INDEX calendars_owner ON calendars (owner);
