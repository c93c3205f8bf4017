-- The read model of the customers' standing. Instants are nanoseconds since 1970 UTC; NULL is never.
CREATE TABLE customers_v1 (
    customer_id    TEXT PRIMARY KEY,
    needs_approval INTEGER NOT NULL,
    required_at    INTEGER,
    required_for   TEXT NOT NULL, -- the booking, or empty
    cleared        TEXT,          -- JSON
    erased_at      INTEGER,
    revision       INTEGER NOT NULL,
    position       INTEGER NOT NULL
) STRICT;

-- The bookings that count for something.
CREATE TABLE customer_counts_v1 (
    customer_id TEXT NOT NULL,
    kind        TEXT NOT NULL, -- no_show or late_cancellation
    booking_id  TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (customer_id, kind, booking_id)
) STRICT, WITHOUT ROWID;
