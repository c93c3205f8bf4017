-- The keys of sealed texts. To delete one is to delete its text, in every copy of the log; so they are kept here alone. subject is
-- whom the text is about: a customer, a member of staff, or the booking of a guest.
CREATE TABLE keys (
    key_id     TEXT PRIMARY KEY,
    subject    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    secret     BLOB NOT NULL, -- 32 bytes, AES-256
    created_at BIGINT NOT NULL -- microseconds since 1970 UTC
);

--bun:split

CREATE INDEX keys_subject ON keys (subject);

--bun:split

-- What was deleted of whom, and when: the answer to "did you really".
CREATE TABLE erasures (
    subject   TEXT PRIMARY KEY,
    erased_at BIGINT NOT NULL,
    notes     BIGINT NOT NULL,
    contacts  BIGINT NOT NULL,
    names     BIGINT NOT NULL,
    calendars BIGINT NOT NULL
);
