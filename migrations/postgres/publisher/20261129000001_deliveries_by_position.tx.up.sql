-- The delivery log is read from its end, in pages.
CREATE INDEX deliveries_by_position ON deliveries (position, channel);
