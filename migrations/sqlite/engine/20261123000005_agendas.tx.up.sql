-- What each keeper has to look at and when: one row per subject (a leave, a booking, a customer). seq rises with every reason to
-- look, so that a subject which came up again while it was looked at is not forgotten. Instants are microseconds since 1970 UTC.
CREATE TABLE keeper_agenda (
    keeper  TEXT NOT NULL,
    subject TEXT NOT NULL,
    due_at  BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    PRIMARY KEY (keeper, subject)
);

--bun:split

CREATE INDEX keeper_agenda_due ON keeper_agenda (keeper, due_at);

--bun:split

-- How customers' bookings ended, as the standing keeper has seen it: one row per booking that counts.
CREATE TABLE standing_outcomes (
    booking_id  TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    kind        TEXT NOT NULL,
    at          BIGINT NOT NULL
);

--bun:split

CREATE INDEX standing_outcomes_customer ON standing_outcomes (customer_id);
