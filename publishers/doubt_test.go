package publishers_test

import (
	"errors"
	"net/http"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

// TestACommitInDoubtIsLookedUp: messages were put off, but whether that was committed is not known. It was: what comes next finds them, and
// goes on behind them.
func TestACommitInDoubtIsLookedUp(t *testing.T) {
	t.Parallel()
	where := databasetest.Place(t, database.PostgreSQL)
	cut, behind := databasetest.BeforeServer(t, where, databasetest.CutOptions{After: `INSERT INTO "queued"`})
	db := databasetest.Reopen(t, behind, migrations.Publisher)
	b := newBenchOn(t, ablylocal.LimitsStandard, db)
	s := newStory(t)
	s.request("bkg_000000", start, asha)
	first := len(s.log)
	s.confirm("bkg_000000", nil)
	slow := publishers.Messages(s.log[0], directory)[0].Channel
	wire := newNetwork(nil)
	var healed atomic.Bool
	refuse := refuseChannel(slow, http.StatusTooManyRequests, func(int) {})
	wire.reply = func(n int, body []spec) *reply {
		if healed.Load() {
			return nil
		}
		return refuse(n, body)
	}
	cfg := b.config()
	cfg.Transport, cfg.Jitter = wire, func() float64 { return 0.999 }
	p := open(t, cfg)
	batch := func(from, to int) subscription.Batch {
		return subscription.Batch{Events: s.log[from:to], Position: s.log[to-1].Position, Live: true}
	}
	over := make(chan error, 1)
	go func() { over <- p.Run(t.Context()) }()
	cut.Arm()
	if err := p.Handle(t.Context(), batch(0, first)); !errors.Is(err, database.ErrInDoubt) || cut.Cuts() != 1 {
		t.Errorf("handled with %v, after %d cuts", err, cut.Cuts())
	}
	select {
	case err := <-over:
		if !errors.Is(err, database.ErrInDoubt) {
			t.Errorf("run: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it goes on with what it believes to be in the queues")
	}
	stop := beside(t.Context(), p)
	healed.Store(true)
	for _, b := range []subscription.Batch{batch(0, first), batch(first, len(s.log))} {
		if err := p.Handle(t.Context(), b); err != nil {
			t.Errorf("handled again: %v", err)
		}
	}
	drained(t.Context(), p)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
		t.Errorf("channels show\n%v\nwant\n%v", got, want)
	}
}
