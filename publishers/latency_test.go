package publishers_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// BenchmarkOneEvent is the idle path: one event that arrives alone, planned, sent, acknowledged and committed. It reports the
// median beside the mean, because the median is what a page feels.
func BenchmarkOneEvent(b *testing.B) {
	bn := newBenchWith(b, ablylocal.LimitsOff)
	s := newStory(b)
	for i := 0; len(s.log) < b.N; i++ {
		// Dates apart, so that no channel meets its rate limit.
		s.request(fmt.Sprintf("bkg_%06d", i), start.AddDate(0, 0, i%300), asha)
	}
	cfg := bn.config()
	cfg.Limits = publishers.Limits{PerChannel: 1e6, Requests: 1e6}
	p := open(b, cfg)
	if _, err := p.Checkpoint(b.Context()); err != nil {
		b.Fatal(err)
	}
	stop := beside(b.Context(), p)
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		began := time.Now()
		batch := subscription.Batch{Events: s.log[i : i+1], Position: s.log[i].Position, Live: true}
		if err := p.Handle(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	b.StopTimer()
	if err := stop(); err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
}

// BenchmarkBacklog is catching up: many events at once, in messages a second.
func BenchmarkBacklog(b *testing.B) {
	s := newStory(b)
	for i := range 500 {
		id := fmt.Sprintf("bkg_%06d", i)
		s.request(id, start.AddDate(0, 0, i%100), asha)
		s.confirm(id, nil)
	}
	messages := 0
	for b.Loop() { // run it with a small -benchtime: each round has a database and an endpoint of its own
		bn := newBenchWith(b, ablylocal.LimitsOff)
		cfg := bn.config()
		cfg.Limits = publishers.Limits{PerChannel: 1e6, Requests: 1e6}
		p := open(b, cfg)
		if err := handle(b.Context(), p, s.log, 500); err != nil {
			b.Fatal(err)
		}
		messages += int(p.Status().Acknowledged)
	}
	b.ReportMetric(float64(messages)/b.Elapsed().Seconds(), "messages/s")
}
