package projections_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/projections"
)

// away is a log that can be away.
type away struct {
	*memstore.Store
	is atomic.Bool
}

func (s *away) Head(ctx context.Context) (eventstore.Position, error) {
	if s.is.Load() {
		return 0, eventstore.ErrUnavailable
	}
	return s.Store.Head(ctx)
}

// TestWhatIsOwnedIsAuditedInTurn lets virtual hours pass over a drift.
func TestWhatIsOwnedIsAuditedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, openKind(t, database.SQLite))
		w.write(lively(t))
		log := &away{Store: w.log}
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		var reports []projections.AuditReport
		add := func(r projections.AuditReport) {
			mu.Lock()
			defer mu.Unlock()
			reports = append(reports, r)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.m.AuditLoop(ctx, log, 20*time.Second, 100, add)
		}()
		rounds := func(n int) (got []projections.AuditReport) {
			time.Sleep(time.Duration(n) * 20 * time.Second) // virtual
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			got, reports = reports, nil
			return got
		}
		time.Sleep(time.Second) // rounds end between two ticks
		if got := rounds(3); len(got) > 0 {
			t.Fatalf("nothing is owned, but audited: %+v", got)
		}
		stop := w.run()
		for _, p := range w.m.All() {
			<-p.Settled()
		}
		got := rounds(2)
		var names []string
		for _, r := range got {
			names = append(names, r.Projection)
			if !r.Clean() || r.Audited == 0 {
				t.Errorf("%+v", r)
			}
		}
		all := "bookings timeline schedule leave branches customers"
		if strings.Join(names, " ") != all+" "+all {
			t.Errorf("audited %q", names)
		}
		w.exec("UPDATE leaves_v2_g1 SET status = 'rejected' WHERE leave_id = ?", sick)
		// It is reported each time, because nothing heals it.
		for range 2 {
			for _, r := range rounds(1) {
				if drifted := len(r.Drifted); (drifted > 0) != (r.Projection == "leave") || len(r.Healed) > 0 {
					t.Errorf("%+v", r)
				}
			}
		}
		log.is.Store(true)
		for _, r := range rounds(1) {
			if r.Clean() || !strings.Contains(r.Error, eventstore.ErrUnavailable.Error()) || r.Projection == "" {
				t.Errorf("%+v", r)
			}
		}
		stop()
		if got := rounds(2); len(got) > 0 {
			t.Errorf("nothing is owned any more, but audited: %+v", got)
		}
		cancel()
		<-done
	})
}
