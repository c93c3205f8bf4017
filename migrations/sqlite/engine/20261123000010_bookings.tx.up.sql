-- The read model of the bookings. Like all read models it can be rebuilt from the log. Names end in the version of the
-- projection that owns the table. Instants are nanoseconds since 1970 UTC; NULL is never.
CREATE TABLE bookings_v1 (
    booking_id           TEXT PRIMARY KEY,
    number               TEXT NOT NULL,
    service_type         TEXT NOT NULL,
    customer_id          TEXT NOT NULL, -- empty for a guest
    guest_name           TEXT,          -- JSON, sealed
    guest_phone          TEXT,          -- JSON, sealed
    branch_id            TEXT NOT NULL,
    time_zone            TEXT NOT NULL,
    status               TEXT NOT NULL,
    is_walk_in           INTEGER NOT NULL,
    segments             TEXT NOT NULL, -- JSON
    start_at             INTEGER NOT NULL,
    end_at               INTEGER NOT NULL,
    local_date           TEXT NOT NULL,
    local_start          TEXT NOT NULL,
    total_minor          INTEGER NOT NULL,
    currency             TEXT NOT NULL,
    policy               TEXT NOT NULL, -- JSON, as at the request
    needs_staff          INTEGER NOT NULL,
    requires_manager     INTEGER NOT NULL,
    pending_since        INTEGER,
    outcome_at           INTEGER,
    customer_reschedules INTEGER NOT NULL,
    desk_reschedules     INTEGER NOT NULL,
    cancelled_by         TEXT NOT NULL,
    late                 INTEGER NOT NULL,
    reason_code          TEXT NOT NULL,
    reason               TEXT NOT NULL,
    payment_method       TEXT NOT NULL,
    paid_minor           INTEGER NOT NULL,
    revision             INTEGER NOT NULL, -- of the last event that is not a fence: what users see
    stream_revision      INTEGER NOT NULL, -- of the last event
    position             INTEGER NOT NULL,
    requested_at         INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL
) STRICT;

-- Lists are ordered by start and id. Local dates are looked for by the start; the type of service parts a list into halves at
-- best, and has no index.
CREATE INDEX bookings_v1_customer ON bookings_v1 (customer_id, start_at, booking_id);
CREATE INDEX bookings_v1_branch ON bookings_v1 (branch_id, start_at, booking_id);
CREATE INDEX bookings_v1_branch_status ON bookings_v1 (branch_id, status, start_at, booking_id);
CREATE INDEX bookings_v1_status ON bookings_v1 (status, start_at, booking_id);
CREATE INDEX bookings_v1_start ON bookings_v1 (start_at, booking_id);
-- Those few that somebody must look after.
CREATE INDEX bookings_v1_needs_staff ON bookings_v1 (start_at, booking_id) WHERE needs_staff;

-- Who is named by a segment of a booking.
CREATE TABLE booking_staff_v1 (
    staff_id   TEXT NOT NULL,
    start_at   INTEGER NOT NULL, -- the booking's, so that lists come out in order
    booking_id TEXT NOT NULL,
    PRIMARY KEY (staff_id, start_at, booking_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX booking_staff_v1_booking ON booking_staff_v1 (booking_id);

CREATE TABLE booking_notes_v1 (
    booking_id  TEXT NOT NULL,
    note_id     TEXT NOT NULL,
    visibility  TEXT NOT NULL,
    body        TEXT, -- JSON, sealed; NULL once redacted
    author_id   TEXT NOT NULL,
    author_role TEXT NOT NULL,
    at          INTEGER NOT NULL,
    redacted    INTEGER NOT NULL,
    revision    INTEGER NOT NULL, -- the booking's, at the event that brought it
    PRIMARY KEY (booking_id, note_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE booking_timeline_v1 (
    booking_id   TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    type         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    actor_id     TEXT NOT NULL,
    actor_role   TEXT NOT NULL,
    on_behalf_of TEXT NOT NULL,
    from_status  TEXT NOT NULL,
    to_status    TEXT NOT NULL,
    reason_code  TEXT NOT NULL,
    reason       TEXT NOT NULL,
    details      TEXT NOT NULL, -- JSON
    PRIMARY KEY (booking_id, revision)
) STRICT, WITHOUT ROWID;
