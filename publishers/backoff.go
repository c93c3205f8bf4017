package publishers

import "time"

const (
	firstBackoff = 250 * time.Millisecond
	maxBackoff   = 15 * time.Second
	// authPause is how long everything rests when the key is not accepted: long enough not to look like an attack, short
	// enough that a mended key shows soon.
	authPause = maxBackoff
)

// backoff returns how long to wait after the given number of failed attempts (from 1): full jitter over an exponentially
// growing span, so that lanes which failed together do not return together, and never less than the service asked for.
func backoff(failures int, retryAfter time.Duration, jitter float64) time.Duration {
	span := maxBackoff
	if shift := failures - 1; shift < 6 { // 250 ms × 2^6 is past the cap
		span = min(maxBackoff, firstBackoff<<shift)
	}
	return max(retryAfter, time.Duration(jitter*float64(span)))
}
