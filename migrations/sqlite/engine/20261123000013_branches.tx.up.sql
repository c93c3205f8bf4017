-- The read model of the salons and of who works there. Instants are nanoseconds since 1970 UTC.
CREATE TABLE branches_v1 (
    branch_id TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency  TEXT NOT NULL,
    policy    TEXT NOT NULL, -- JSON
    hours     TEXT NOT NULL, -- JSON
    opened_at INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    position  INTEGER NOT NULL
) STRICT;

CREATE TABLE branch_services_v1 (
    branch_id  TEXT NOT NULL,
    service_id TEXT NOT NULL,
    terms      TEXT NOT NULL,    -- JSON
    revision   INTEGER NOT NULL, -- the branch's, at the event that set these terms
    PRIMARY KEY (branch_id, service_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE branch_closures_v1 (
    branch_id  TEXT NOT NULL,
    closure_id TEXT NOT NULL,
    to_date    TEXT NOT NULL,
    start_at   INTEGER NOT NULL,
    end_at     INTEGER NOT NULL,
    closure    TEXT NOT NULL,    -- JSON
    revision   INTEGER NOT NULL, -- the branch's, at the event that declared it
    PRIMARY KEY (branch_id, closure_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE branch_staff_v1 (
    branch_id TEXT NOT NULL,
    staff_id  TEXT NOT NULL,
    skills    TEXT NOT NULL, -- JSON; an empty list means every service
    shifts    TEXT NOT NULL, -- JSON
    time_zone TEXT NOT NULL, -- of the shifts
    revision  INTEGER NOT NULL, -- the member's, at the last event for this branch
    PRIMARY KEY (branch_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX branch_staff_v1_staff ON branch_staff_v1 (staff_id);

CREATE TABLE staff_v1 (
    staff_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
