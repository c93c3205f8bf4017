package esdbnode_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

// filled starts a node with a log of so many events of 400 bytes that begins on disk.
func filled(b *testing.B, total int) *testNode {
	b.Helper()
	n := startNode(b, esdbnode.Config{TailBytes: 1})
	body := `{"x":"` + strings.Repeat("y", 390) + `"}`
	for range total / 1000 {
		batch := make([]esdb.EventData, 1000)
		for i := range batch {
			batch[i] = event("benched", body)
		}
		n.append(b, "s", esdb.Any{}, batch...)
	}
	return n
}

// BenchmarkCatchUp reads a log of 20,000 events from disk, by reading and by
// subscribing, and reports events a second.
func BenchmarkCatchUp(b *testing.B) {
	const total = 20_000
	n := filled(b, total)
	rate := func(b *testing.B) {
		b.Helper()
		b.ReportMetric(float64(b.N)*total/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if got := n.readAll(b, esdb.ReadAllOptions{}, math.MaxUint64); len(got) != total {
				b.Fatal(len(got))
			}
		}
		rate(b)
	})
	b.Run("subscribe", func(b *testing.B) {
		for b.Loop() {
			sub := n.subscribeAll(b, esdb.SubscribeToAllOptions{From: esdb.Start{}})
			var got seen
			got.until(b, sub, hasEvents(total))
			_ = sub.Close()
		}
		rate(b)
	})
	b.Run("stream of 20", func(b *testing.B) {
		n.append(b, "short", esdb.Any{}, events(20)...)
		for b.Loop() {
			if got, err := n.read(b, "short", esdb.ReadStreamOptions{}, math.MaxUint64); len(got) < 20 || err != nil {
				b.Fatal(len(got), err)
			}
		}
	})
}

// BenchmarkDelivery reports how long after the start and after the acknowledgement of
// an append a live subscriber has the event.
func BenchmarkDelivery(b *testing.B) {
	n := startNode(b, esdbnode.Config{})
	sub := n.subscribeAll(b, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	var got seen
	got.until(b, sub, isCaughtUp)
	arrived := make(chan time.Time, 1)
	go func() {
		for m := sub.Recv(); m.SubscriptionDropped == nil; m = sub.Recv() {
			arrived <- time.Now()
		}
		close(arrived)
	}()
	var whole, after []time.Duration
	for b.Loop() {
		start := time.Now()
		n.append(b, "s", esdb.Any{}, events(1)...)
		done := time.Now()
		at := <-arrived
		whole, after = append(whole, at.Sub(start)), append(after, at.Sub(done))
	}
	_ = sub.Close()
	for range arrived { // the receiver has ended when this does
	}
	slices.Sort(whole)
	slices.Sort(after)
	b.ReportMetric(float64(whole[len(whole)/2].Microseconds()), "append-to-event-p50-µs")
	b.ReportMetric(float64(after[len(after)/2].Microseconds()), "ack-to-event-p50-µs")
	b.ReportMetric(float64(after[len(after)*99/100].Microseconds()), "ack-to-event-p99-µs")
}
