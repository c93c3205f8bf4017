-- The claims that stand on the staff's days, as the claim keeper has seen them up to its checkpoint: one row per claim and
-- UTC day. A row with due_at is not settled and is looked at from then on; instants are microseconds since 1970 UTC.
CREATE TABLE claim_keeper_claims (
    claim_id   TEXT COLLATE "C" NOT NULL,
    day        TEXT COLLATE "C" NOT NULL,
    booking_id TEXT COLLATE "C" NOT NULL,
    segment_id TEXT COLLATE "C" NOT NULL,
    staff_id   TEXT COLLATE "C" NOT NULL,
    start_at   BIGINT NOT NULL,
    end_at     BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('placed', 'named', 'dropped', 'fenced')),
    due_at     BIGINT,
    PRIMARY KEY (claim_id, day)
);

--bun:split

CREATE INDEX claim_keeper_claims_booking ON claim_keeper_claims (booking_id);

--bun:split

CREATE INDEX claim_keeper_claims_due ON claim_keeper_claims (due_at) WHERE due_at IS NOT NULL;

--bun:split

-- What each keeper has to look at and when: one row per subject (a leave, a booking, a customer). seq rises with every reason to
-- look, so that a subject which came up again while it was looked at is not forgotten.
CREATE TABLE keeper_agenda (
    keeper  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    due_at  BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    PRIMARY KEY (keeper, subject)
);

--bun:split

CREATE INDEX keeper_agenda_due ON keeper_agenda (keeper, due_at);

--bun:split

-- How customers' bookings ended, as the standing keeper has seen it: one row per booking that counts.
CREATE TABLE standing_outcomes (
    booking_id  TEXT COLLATE "C" PRIMARY KEY,
    customer_id TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL
);

--bun:split

CREATE INDEX standing_outcomes_customer ON standing_outcomes (customer_id);
