package projections

import "time"

// micros is an instant as the tables hold it: microseconds since 1970 UTC. Integers compare and index alike in every
// database, and they reach further than any booking.
type micros int64

func toMicros(t time.Time) micros { return micros(t.UnixMicro()) }

func (m micros) time() time.Time { return time.UnixMicro(int64(m)).UTC() }
