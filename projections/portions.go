package projections

import (
	"iter"
	"slices"

	"github.com/royalglow/booking/internal/subscription"
)

// A transaction costs as much as a hundred events, and the more of a row's changes fall into one, the fewer are written. But
// where the database is a file, whoever else wants to write waits until it ends: about a millisecond for thirty events.
const (
	eventsInABatch       = 8000 // of a read model that is behind
	eventsBesideCommands = 500  // in one transaction while somebody works with the engine
)

// portions parts a batch into what one transaction is to fold.
func (p *Projection) portions(b subscription.Batch) iter.Seq[subscription.Batch] {
	most := eventsInABatch
	if p.run.commanded() {
		most = eventsBesideCommands
	}
	if len(b.Events) <= most {
		return func(yield func(subscription.Batch) bool) { yield(b) }
	}
	return func(yield func(subscription.Batch) bool) {
		left := len(b.Events)
		for events := range slices.Chunk(b.Events, most) {
			left -= len(events)
			part := subscription.Batch{Events: events, Position: events[len(events)-1].Position}
			if left == 0 {
				part.Position = b.Position
			}
			if !yield(part) {
				return
			}
		}
	}
}

// commanded reports whether commands are being handled.
func (r *running) commanded() bool {
	r.mu.Lock()
	latency := r.latency
	r.mu.Unlock()
	if latency == nil {
		return false
	}
	_, is := latency()
	return is
}
