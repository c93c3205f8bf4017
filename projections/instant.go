package projections

import (
	"math"
	"time"
)

// instant is a time as the tables hold it: nanoseconds since 1970 UTC. Integers compare and index alike in every database.
// Nothing is rounded, so that what an event frees is found by the time at which it was taken. They reach from 1678 to 2262;
// what lies beyond is taken for the end of that. Zero is never, and NULL in the tables.
type instant int64

func toInstant(t time.Time) instant {
	switch {
	case t.IsZero():
		return 0
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return instant(t.UnixNano())
}

func (i instant) time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}
