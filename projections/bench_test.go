package projections_test

import (
	"testing"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// BenchmarkFold folds a chain's year into each read model, in the batches of a subscription that catches up; the figure is
// events of the whole log in a second.
func BenchmarkFold(b *testing.B) {
	const size = 500
	_, h := busy(b)
	for _, name := range []string{"bookings", "timeline", "schedule", "leave", "branches", "customers"} {
		b.Run(name, func(b *testing.B) {
			folded := 0
			for b.Loop() {
				b.StopTimer()
				db := openDB(b)
				if db.Kind() == database.SQLite { // the PostgreSQL of tests does not wait for the disk
					if _, err := db.Write.ExecContext(b.Context(), "PRAGMA synchronous = FULL"); err != nil {
						b.Fatal(err)
					}
				}
				for _, p := range models(db).Handlers() {
					if p.Name() != name {
						continue
					}
					b.StartTimer()
					for events := h.events; len(events) > 0; {
						var some []eventstore.Recorded
						some, events = events[:min(size, len(events))], events[min(size, len(events)):]
						if err := p.Handle(b.Context(), batch(some)); err != nil {
							b.Fatal(err)
						}
					}
					folded += len(h.events)
				}
			}
			b.ReportMetric(float64(folded)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
