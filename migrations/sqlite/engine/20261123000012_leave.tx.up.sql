-- The read model of the leaves. Instants are nanoseconds since 1970 UTC.
CREATE TABLE leaves_v1 (
    leave_id     TEXT PRIMARY KEY,
    staff_id     TEXT NOT NULL,
    status       TEXT NOT NULL,
    start_at     INTEGER NOT NULL,
    from_date    TEXT NOT NULL,
    to_date      TEXT NOT NULL,
    ref          TEXT NOT NULL, -- JSON: whose it is, when, and where
    reason       TEXT,          -- JSON, sealed
    requested_at INTEGER NOT NULL,
    decided      TEXT,          -- JSON: who approved or rejected it
    undone       TEXT,          -- JSON: who withdrew or revoked it
    revision     INTEGER NOT NULL,
    position     INTEGER NOT NULL
) STRICT;

CREATE INDEX leaves_v1_staff ON leaves_v1 (staff_id, start_at, leave_id);
CREATE INDEX leaves_v1_status ON leaves_v1 (status, start_at, leave_id);

-- The branches that a leave concerns.
CREATE TABLE leave_places_v1 (
    branch_id TEXT NOT NULL,
    status    TEXT NOT NULL,    -- the leave's, like its start
    start_at  INTEGER NOT NULL,
    leave_id  TEXT NOT NULL,
    PRIMARY KEY (branch_id, status, start_at, leave_id)
) STRICT, WITHOUT ROWID;

-- The UTC days of members that a leave blocks.
CREATE TABLE leave_blocks_v1 (
    staff_id TEXT NOT NULL,
    day      TEXT NOT NULL,
    leave_id TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at   INTEGER NOT NULL,
    PRIMARY KEY (staff_id, day, leave_id)
) STRICT, WITHOUT ROWID;

-- Claims that stand on a day and overlap a leave that blocks it. One across 00:00 UTC is there for each of its days.
CREATE TABLE leave_conflicts_v1 (
    leave_id   TEXT NOT NULL,
    claim_id   TEXT NOT NULL,
    day        TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    segment_id TEXT NOT NULL,
    staff_id   TEXT NOT NULL,
    branch_id  TEXT NOT NULL,
    start_at   INTEGER NOT NULL,
    end_at     INTEGER NOT NULL,
    PRIMARY KEY (leave_id, claim_id, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX leave_conflicts_v1_claim ON leave_conflicts_v1 (claim_id);
