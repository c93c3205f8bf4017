-- The read model of the members' time. Instants are nanoseconds since 1970 UTC.
CREATE TABLE schedule_slots_v1 (
    booking_id  TEXT NOT NULL,
    segment_id  TEXT NOT NULL,
    staff_id    TEXT NOT NULL,
    start_at    INTEGER NOT NULL,
    end_at      INTEGER NOT NULL,
    branch_id   TEXT NOT NULL,
    kind        TEXT NOT NULL,
    local_dates TEXT NOT NULL, -- JSON: the branch-local dates that it touches
    first_date  TEXT NOT NULL,
    last_date   TEXT NOT NULL,
    PRIMARY KEY (booking_id, segment_id, staff_id, start_at)
) STRICT, WITHOUT ROWID;

-- Slots are short: what touches a time is found by when it begins.
CREATE INDEX schedule_slots_v1_branch ON schedule_slots_v1 (branch_id, start_at);
CREATE INDEX schedule_slots_v1_staff ON schedule_slots_v1 (staff_id, start_at, end_at);
CREATE INDEX schedule_slots_v1_start ON schedule_slots_v1 (start_at);

-- What the slots of a booking have in common.
CREATE TABLE schedule_bookings_v1 (
    booking_id      TEXT PRIMARY KEY,
    status          TEXT NOT NULL,
    revision        INTEGER NOT NULL, -- of the last event that is not a fence
    stream_revision INTEGER NOT NULL  -- of the last event
) STRICT, WITHOUT ROWID;

-- Approved leaves. One stands until it is revoked.
CREATE TABLE schedule_blocks_v1 (
    leave_id TEXT PRIMARY KEY,
    staff_id TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at   INTEGER NOT NULL,
    places   TEXT NOT NULL, -- JSON: branches, with the branch-local dates that it touches there
    days     TEXT NOT NULL, -- JSON: the UTC days that are blocked
    standing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_blocks_v1_staff ON schedule_blocks_v1 (staff_id, start_at);
CREATE INDEX schedule_blocks_v1_start ON schedule_blocks_v1 (start_at);
