-- The claims that stand on the staff's days, as the claim keeper has seen them up to its checkpoint: one row per claim and
-- UTC day. A row with due_at is not settled and is looked at from then on; instants are microseconds since 1970 UTC.
CREATE TABLE claim_keeper_claims (
    claim_id   TEXT NOT NULL,
    day        TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    segment_id TEXT NOT NULL,
    staff_id   TEXT NOT NULL,
    start_at   INTEGER NOT NULL,
    end_at     INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('placed', 'named', 'dropped', 'fenced')),
    due_at     INTEGER,
    PRIMARY KEY (claim_id, day)
) STRICT;

--bun:split

CREATE INDEX claim_keeper_claims_booking ON claim_keeper_claims (booking_id);

--bun:split

CREATE INDEX claim_keeper_claims_due ON claim_keeper_claims (due_at) WHERE due_at IS NOT NULL;
