package projections_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// TestAStormOfOperators lets instances come and go, operators do whatever they can at any moment, and readers read, while events arrive:
// nothing fails but what is refused, no revision falls, and in the end every generation holds what the log says.
func TestAStormOfOperators(t *testing.T) {
	t.Parallel()
	seconds := 3
	if os.Getenv("BOOKING_SOAK") == "1" {
		seconds = 120
	}
	_, h := busy(t)
	w := newWorld(t, openDB(t))
	w.write(&history{events: h.events[:400]})
	w.fold()
	over, end := context.WithTimeout(t.Context(), time.Duration(seconds)*time.Second)
	defer end()
	s := &storm{world: w, over: over, seed: rand.Uint64()}
	t.Logf("seed %d", s.seed)
	for n := range 2 {
		s.work.Go(func() { s.instance(n) })
	}
	for n := range 3 {
		s.work.Go(func() { s.operate(n) })
	}
	stop := make(chan struct{})
	var reads atomic.Int64
	s.work.Go(func() { watch(t, w.m, stop, &reads, 0) })
	s.work.Go(func() {
		for rest := h.events[400:]; len(rest) > 0 && over.Err() == nil; rest = rest[min(5, len(rest)):] {
			w.write(&history{events: rest[:min(5, len(rest))]}) //nolint:contextcheck // what is begun is finished
			waitFor(over, 10*time.Millisecond)
		}
	})
	<-over.Done()
	close(stop)
	s.work.Wait()
	w.run()
	for _, p := range w.m.All() {
		if err := p.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, "what is being built is read, or has failed", func() bool { return w.status(p).Rebuild == nil })
		w.caughtUp(p)
	}
	want := w.fresh()
	same(t, "content", w.content(), want)
	back := 0
	for _, p := range w.m.All() {
		if _, err := p.Rollback(t.Context()); err == nil {
			back++
		}
	}
	same(t, "content after a rollback", w.content(), want)
	t.Logf("%d done, %d refused, %d reads, %d generations to go back to", s.done.Load(), s.refused.Load(), reads.Load(), back)
	if s.done.Load() == 0 || s.refused.Load() == 0 || reads.Load() == 0 {
		t.Error("this proves nothing")
	}
}

type storm struct {
	*world
	over          context.Context //nolint:containedctx // it bounds what all of its goroutines do
	seed          uint64
	work          sync.WaitGroup
	done, refused atomic.Int64
}

// instance runs the read models again and again for a short while.
func (s *storm) instance(n int) {
	r := rand.New(rand.NewPCG(s.seed, uint64(n)))
	for s.over.Err() == nil {
		ctx, cancel := context.WithTimeout(s.over, time.Duration(200+r.IntN(1200))*time.Millisecond)
		err := models(s.db).Run(ctx, projections.Running{
			Source: subscription.FromStore(s.log), Owner: fmt.Sprint("instance ", n), TTL: 500 * time.Millisecond, Retain: time.Second,
		})
		cancel()
		if err != nil {
			s.t.Errorf("run: %v", err)
		}
	}
}

// operate does one thing after the other.
func (s *storm) operate(n int) {
	r := rand.New(rand.NewPCG(s.seed, uint64(100+n)))
	for s.over.Err() == nil {
		all := models(s.db).All()
		p := all[r.IntN(len(all))]
		ctx := s.t.Context()
		name, err := "", error(nil)
		switch r.IntN(9) {
		case 0, 1, 2:
			name = "rebuild"
			_, err = p.Rebuild(ctx, projections.Rebuild{By: "storm", Budget: time.Duration(r.IntN(2)) * time.Second})
		case 3:
			name = "cancel"
			_, err = p.Cancel(ctx, "storm")
		case 4:
			name = "rollback"
			_, err = p.Rollback(ctx)
		case 5:
			name, err = "pause", p.Pause(ctx, "storm")
		case 6:
			name, err = "resume", p.Resume(ctx)
		case 7:
			name = "rebuild of a stream"
			_, err = p.RebuildStream(ctx, s.log, s.someStream(r))
		case 8:
			name = "audit"
			var report projections.AuditReport
			report, err = p.Audit(ctx, s.log, projections.AuditOptions{Sample: 10})
			if err == nil && !report.Clean() {
				s.t.Errorf("%s: %+v", p.Name(), report)
			}
		}
		switch _, refused := errors.AsType[*domain.Refusal](err); {
		case refused:
			s.refused.Add(1)
		case err != nil:
			s.t.Errorf("%s of %s: %v", name, p.Name(), err)
		default:
			s.done.Add(1)
		}
		waitFor(s.over, time.Duration(r.IntN(60))*time.Millisecond)
	}
}

func (s *storm) someStream(r *rand.Rand) string {
	all := s.log.All()
	return all[r.IntN(len(all))].Stream
}

func waitFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
