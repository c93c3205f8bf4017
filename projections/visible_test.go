package projections_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/nodelog"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// eventsPerSecond is at what rate BenchmarkVisible appends.
const eventsPerSecond = 200

// BenchmarkVisible measures how long after an append is acknowledged its rows can be read, with all read models running over one
// SQLite file on disk, which has the rows of a long log already. Both clocks are this process's.
func BenchmarkVisible(b *testing.B) {
	log := nodelog.New(b, nodelog.Size()/10)
	m := unhurried(durable(b, database.SQLite))
	if err := m.Install(b.Context()); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	done := make(chan error, 1)
	go func() {
		done <- m.Run(ctx, projections.Running{Source: subscription.FromStore(log.Store), Owner: "benchmark", Exclusive: true})
	}()
	for _, p := range m.All() {
		if err := p.AtLeast(ctx, log.Head, nothing); err != nil {
			b.Fatal(err)
		}
	}
	_, h := busy(b)
	events := slices.DeleteFunc(h.events, func(e eventstore.Recorded) bool {
		_, booking := e.Event.(domain.BookingEvent)
		return !booking
	})
	for b.Loop() {
		var p50, p99 []time.Duration
		for round := range rounds {
			share := len(events) / rounds
			waited := visible(ctx, b, log.Store, m, events[round*share:(round+1)*share])
			p50, p99 = append(p50, waited[len(waited)/2]), append(p99, waited[len(waited)*99/100])
		}
		b.ReportMetric(float64(median(p50).Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(median(p99).Microseconds())/1000, "p99-ms")
		b.ReportMetric(0, "ns/op")
	}
	stop()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

// visible appends events at the rate and returns, sorted, how long the bookings took to show each.
func visible(
	ctx context.Context, b *testing.B, store *eventstore.Store, m *projections.Models, events []eventstore.Recorded,
) []time.Duration {
	b.Helper()
	waited := make([]time.Duration, len(events))
	var readers sync.WaitGroup
	tick := time.NewTicker(time.Second / eventsPerSecond)
	defer tick.Stop()
	for i, e := range events {
		<-tick.C
		at, err := store.Append(ctx, eventstore.Append{
			Stream: e.Stream, Expected: e.Revision - 1, Events: []domain.Event{e.Event}, Metadata: e.Metadata,
		})
		if err != nil {
			b.Fatal(err)
		}
		committed := time.Now()
		readers.Go(func() {
			if err := m.Bookings.AtLeast(ctx, at.Position, nothing); err != nil {
				b.Error(err)
			}
			waited[i] = time.Since(committed)
		})
	}
	readers.Wait()
	slices.Sort(waited)
	return waited
}
