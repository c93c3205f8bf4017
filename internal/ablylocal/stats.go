package ablylocal

import "sync/atomic"

// Stats counts what happened since the Server was made.
type Stats struct {
	Requests    int64 // HTTP requests, upgrades included
	Accepted    int64 // messages accepted and not seen before
	Duplicates  int64 // messages that repeated an accepted id base
	Refused     int64 // requests and publishes answered with an error
	RateLimited int64 // of those, by a limit
	Delivered   int64 // messages handed to connections
	Dropped     int64 // messages withheld by a connection's outbound limit
	Connections int64 // WebSocket connections open now
	Connected   int64 // WebSocket connections ever opened
	Overflowed  int64 // connections cut because they did not read
	Revoked     int64 // connections ended because their token was revoked
}

// counters is the live form of Stats.
type counters struct {
	requests, accepted, duplicates, refused, rateLimited           atomic.Int64
	delivered, dropped, connections, connected, overflows, revoked atomic.Int64
}

// Stats reads the counters; each is exact, together they are not a snapshot.
func (s *Server) Stats() Stats {
	return Stats{
		Requests:    s.counts.requests.Load(),
		Accepted:    s.counts.accepted.Load(),
		Duplicates:  s.counts.duplicates.Load(),
		Refused:     s.counts.refused.Load(),
		RateLimited: s.counts.rateLimited.Load(),
		Delivered:   s.counts.delivered.Load(),
		Dropped:     s.counts.dropped.Load(),
		Connections: s.counts.connections.Load(),
		Connected:   s.counts.connected.Load(),
		Overflowed:  s.counts.overflows.Load(),
		Revoked:     s.counts.revoked.Load(),
	}
}

// countRefusal counts an error on its way out, wherever it leaves.
func (s *Server) countRefusal(err *ErrorInfo) {
	s.counts.refused.Add(1)
	if err.StatusCode == statusTooMany {
		s.counts.rateLimited.Add(1)
	}
}

const statusTooMany = 429
