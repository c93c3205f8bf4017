package subscription_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/nodelog"
	"github.com/royalglow/booking/internal/subscription"
)

// drainRounds is how often everything is measured. The reported figures are medians.
const drainRounds = 5

// BenchmarkDrain reads a log of 100,000 booking events (a million with BOOKING_SOAK=1) from an embedded node on disk: with the
// bare client, which decodes nothing (raw); through the supervised client, which decodes (decode); and through a Runner whose
// handler does nothing (runner). The ratios are to raw in the same round.
func BenchmarkDrain(b *testing.B) {
	l := nodelog.New(b, nodelog.Size())
	for range b.N {
		rounds := make([]drained, drainRounds)
		for i := range rounds {
			rounds[i] = drained{raw: l.Raw(b), decode: decodeAll(b, l), runner: runAll(b, l)}
		}
		report := func(unit string, of func(drained) float64) {
			figures := make([]float64, len(rounds))
			for i, r := range rounds {
				figures[i] = of(r)
			}
			slices.Sort(figures)
			b.ReportMetric(figures[len(figures)/2], unit)
		}
		report("raw/s", func(r drained) float64 { return r.raw })
		report("decode/s", func(r drained) float64 { return r.decode })
		report("runner/s", func(r drained) float64 { return r.runner })
		report("decode-ratio", func(r drained) float64 { return r.decode / r.raw })
		report("runner-ratio", func(r drained) float64 { return r.runner / r.raw })
	}
	b.ReportMetric(0, "ns/op")
}

// drained is events a second.
type drained struct{ raw, decode, runner float64 }

// decodeAll receives the log from the store.
func decodeAll(b *testing.B, l *nodelog.Log) float64 {
	b.Helper()
	began := time.Now()
	sub, err := l.Store.Subscribe(b.Context(), 0)
	if err != nil {
		b.Fatal(err)
	}
	defer sub.Close() //nolint:errcheck // it never fails
	for got := 0; got < l.Events; {
		m, err := sub.Recv()
		if err != nil {
			b.Fatal(err)
		}
		if m.Event != nil {
			got++
		}
	}
	return float64(l.Events) / time.Since(began).Seconds()
}

// runAll runs a consumer until it has handled the log.
func runAll(b *testing.B, l *nodelog.Log) float64 {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	counter := &counter{want: l.Events, done: cancel}
	r := &subscription.Runner{Source: subscription.FromStore(l.Store), Handler: counter}
	began := time.Now()
	if err := r.Run(ctx); err != nil {
		b.Fatal(err)
	}
	if s := r.Status(); counter.got != l.Events {
		b.Fatalf("handled %d of %d events: %v", counter.got, l.Events, s.Err)
	}
	return float64(l.Events) / time.Since(began).Seconds()
}

// counter is a handler that does nothing else, and says when it has had enough.
type counter struct {
	got, want int
	done      func()
}

// Name returns "counter".
func (c *counter) Name() string { return "counter" }

// Checkpoint returns the beginning.
func (c *counter) Checkpoint(context.Context) (eventstore.Position, error) { return 0, nil }

// Handle counts.
func (c *counter) Handle(_ context.Context, batch subscription.Batch) error {
	if c.got += len(batch.Events); c.got >= c.want {
		c.done()
	}
	return nil
}
