-- The read models. Everything here can be rebuilt from the log. Instants are microseconds since 1970 UTC.
-- Names end in the version of the projection that owns the table.

CREATE TABLE bookings_v1 (
    booking_id      TEXT PRIMARY KEY,
    customer_id     TEXT NOT NULL,
    branch_id       TEXT NOT NULL,
    time_zone       TEXT NOT NULL,
    status          TEXT NOT NULL,
    segments        TEXT NOT NULL, -- JSON
    start_at        INTEGER NOT NULL,
    end_at          INTEGER NOT NULL,
    local_date      TEXT NOT NULL,
    local_start     TEXT NOT NULL,
    total_minor     INTEGER NOT NULL,
    currency        TEXT NOT NULL,
    revision        INTEGER NOT NULL, -- of the last event that is not a fence: what users see
    stream_revision INTEGER NOT NULL, -- of the last event
    position        INTEGER NOT NULL,
    requested_at    INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    cancelled_by    TEXT NOT NULL,
    reason_code     TEXT NOT NULL,
    reason          TEXT NOT NULL,
    late            INTEGER NOT NULL
) STRICT;

CREATE INDEX bookings_v1_customer ON bookings_v1 (customer_id, start_at, booking_id);
CREATE INDEX bookings_v1_branch ON bookings_v1 (branch_id, start_at, booking_id);
CREATE INDEX bookings_v1_branch_status ON bookings_v1 (branch_id, status, start_at, booking_id);
CREATE INDEX bookings_v1_status ON bookings_v1 (status, start_at, booking_id);
CREATE INDEX bookings_v1_start ON bookings_v1 (start_at, booking_id);

-- Who is named by a segment of a booking.
CREATE TABLE booking_staff_v1 (
    staff_id   TEXT NOT NULL,
    start_at   INTEGER NOT NULL, -- the booking's, so that lists come out in order
    booking_id TEXT NOT NULL,
    PRIMARY KEY (staff_id, start_at, booking_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX booking_staff_v1_booking ON booking_staff_v1 (booking_id);

CREATE TABLE booking_timeline_v1 (
    booking_id        TEXT NOT NULL,
    revision          INTEGER NOT NULL,
    position          INTEGER NOT NULL,
    type              TEXT NOT NULL,
    at                INTEGER NOT NULL,
    actor_id          TEXT NOT NULL,
    actor_role        TEXT NOT NULL,
    on_behalf_of      TEXT NOT NULL,
    from_status       TEXT NOT NULL,
    to_status         TEXT NOT NULL,
    reason_code       TEXT NOT NULL,
    reason            TEXT NOT NULL,
    segment_id        TEXT NOT NULL,
    staff_id          TEXT NOT NULL,
    previous_staff_id TEXT NOT NULL,
    PRIMARY KEY (booking_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule_slots_v1 (
    booking_id  TEXT NOT NULL,
    segment_id  TEXT NOT NULL,
    staff_id    TEXT NOT NULL,
    branch_id   TEXT NOT NULL,
    kind        TEXT NOT NULL,
    start_at    INTEGER NOT NULL,
    end_at      INTEGER NOT NULL,
    local_dates TEXT NOT NULL, -- JSON
    revision    INTEGER NOT NULL, -- the booking's, at the event that last changed the slot
    position    INTEGER NOT NULL,
    PRIMARY KEY (booking_id, segment_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_slots_v1_staff ON schedule_slots_v1 (staff_id, start_at, end_at);

-- One row for each branch-local date that a slot touches.
CREATE TABLE schedule_dates_v1 (
    branch_id  TEXT NOT NULL,
    local_date TEXT NOT NULL,
    staff_id   TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    segment_id TEXT NOT NULL,
    PRIMARY KEY (branch_id, local_date, staff_id, booking_id, segment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_dates_v1_slot ON schedule_dates_v1 (booking_id, segment_id, staff_id);
CREATE INDEX schedule_dates_v1_staff ON schedule_dates_v1 (staff_id, local_date);
CREATE INDEX schedule_dates_v1_date ON schedule_dates_v1 (local_date);

CREATE TABLE branches_v1 (
    branch_id TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency  TEXT NOT NULL,
    policy    TEXT NOT NULL, -- JSON
    opened_at INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    position  INTEGER NOT NULL
) STRICT;

CREATE TABLE branch_services_v1 (
    branch_id        TEXT NOT NULL,
    service_id       TEXT NOT NULL,
    name             TEXT NOT NULL,
    duration_minutes INTEGER NOT NULL,
    price_minor      INTEGER NOT NULL,
    revision         INTEGER NOT NULL, -- the branch's, at the event that set these terms
    PRIMARY KEY (branch_id, service_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE branch_staff_v1 (
    branch_id TEXT NOT NULL,
    staff_id  TEXT NOT NULL,
    skills    TEXT NOT NULL, -- JSON; an empty list means every service
    revision  INTEGER NOT NULL, -- the member's
    PRIMARY KEY (branch_id, staff_id)
) STRICT, WITHOUT ROWID;
