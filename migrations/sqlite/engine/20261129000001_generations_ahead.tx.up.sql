-- A build at full speed writes what has come to its end before all that was folded with it, and without a checkpoint. These columns say
-- how far ahead of the checkpoint rows may be, and what was folded on the way there.
ALTER TABLE generations ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0; -- a position of the log

--bun:split

ALTER TABLE generations ADD COLUMN ahead_events INTEGER NOT NULL DEFAULT 0;

--bun:split

ALTER TABLE generations ADD COLUMN ahead_us INTEGER NOT NULL DEFAULT 0;
