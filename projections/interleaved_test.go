package projections_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// These tests force what comes between what on PostgreSQL, where transactions run beside each other: one is held up in its middle,
// others begin and come to wait for it, and then it goes on. On SQLite there is one at a time.

// holdUp is a query hook that stops the first query with a text in it, until it is let go.
type holdUp struct {
	text    string
	once    sync.Once
	reached chan struct{}
	letGo   chan struct{}
}

// heldUp returns read models over the same database whose first query with the text waits until the hold-up is let go.
func heldUp(db *database.DB, text string) (*projections.Models, *holdUp) {
	h := &holdUp{text: text, reached: make(chan struct{}), letGo: make(chan struct{})}
	held := *db
	held.Write = db.Write.WithQueryHook(h)
	return models(&held), h
}

func (h *holdUp) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if strings.Contains(e.Query, h.text) {
		h.once.Do(func() {
			close(h.reached)
			<-h.letGo
		})
	}
	return ctx
}

func (*holdUp) AfterQuery(context.Context, *bun.QueryEvent) {}

// begin calls do on a goroutine; what it returns comes out of the channel.
func begin(do func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return done
}

// waiting polls until some transactions wait for others.
func waiting(tb testing.TB, db *database.DB, n int) {
	tb.Helper()
	until(tb, "transactions that wait for a lock", func() bool {
		var got int
		err := db.Read.NewRaw(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(tb.Context(), &got)
		if err != nil {
			tb.Fatal(err)
		}
		return got == n
	})
}

// interleaved returns a database in which transactions run beside each other; nil: this run's does not.
func interleaved(tb testing.TB) *database.DB {
	tb.Helper()
	if kind() != database.PostgreSQL {
		return nil
	}
	return openDB(tb)
}

// twoGenerations returns read models whose second generation of bookings is read, and what has not been folded yet.
func twoGenerations(t *testing.T, db *database.DB) (h *history, rest []eventstore.Recorded) {
	t.Helper()
	h = requested(t)
	l := newLog(h.events...)
	m := models(db)
	stop := run(t, m, l)
	reaches(t, m, h.position)
	if b := rebuild(t, m.Bookings, projections.Rebuild{}); !b.Swapped {
		t.Fatalf("%+v", b)
	}
	stop()
	known := len(h.events)
	h.confirm(first, nil)
	return h, h.events[known:]
}

// TestABuildDoesNotJoinWhatHasJustBegun: the live generation's first batch of all is committed while the new one waits to join it,
// and its checkpoint is none that the one who waits has ever seen.
func TestABuildDoesNotJoinWhatHasJustBegun(t *testing.T) {
	t.Parallel()
	db := interleaved(t)
	if db == nil {
		return
	}
	h := requested(t)
	built := h.position
	h.confirm(first, nil)
	m := models(db)
	generation, err := m.Bookings.Rebuild(t.Context(), projections.Rebuild{})
	if err != nil {
		t.Fatal(err)
	}
	slow, hold := heldUp(db, "COMMIT")
	folded := begin(func() error { return slow.Bookings.Handle(t.Context(), batch(h.events)) })
	<-hold.reached
	var joined bool
	join := begin(func() (err error) {
		joined, err = projections.Join(t.Context(), m.Bookings, generation, built, built)
		return err
	})
	waiting(t, db, 1)
	close(hold.letGo)
	if err := <-folded; err != nil {
		t.Fatal(err)
	}
	if err := <-join; err != nil || joined {
		t.Errorf("a generation at %d has joined one at %d (%v)", built, h.position, err)
	}
}

// TestARollbackWaitsForWhoFolds and then sees what he has folded: both generations are where they were together.
func TestARollbackWaitsForWhoFolds(t *testing.T) {
	t.Parallel()
	db := interleaved(t)
	if db == nil {
		return
	}
	h, rest := twoGenerations(t, db)
	slow, hold := heldUp(db, "COMMIT")
	folded := begin(func() error { return slow.Bookings.Handle(t.Context(), batch(rest)) })
	<-hold.reached
	m := models(db)
	rolled := begin(func() error {
		_, err := m.Bookings.Rollback(t.Context())
		return err
	})
	waiting(t, db, 1)
	close(hold.letGo)
	if err := <-folded; err != nil {
		t.Fatal(err)
	}
	if err := <-rolled; err != nil {
		t.Errorf("rollback: %v", err)
	}
	if s := status(t, m.Bookings); s.Generation != 1 || s.Position != h.position {
		t.Errorf("%+v", s)
	}
}

// TestABusyReadModelIsHealedInItsTurn: who heals never gets the lock without having waited for it, because the next batch always begins
// before that.
func TestABusyReadModelIsHealedInItsTurn(t *testing.T) {
	t.Parallel()
	db := interleaved(t)
	if db == nil {
		return
	}
	w := newWorld(t, db)
	h := requested(t)
	known := len(h.events)
	h.confirm(first, nil)
	w.write(h)
	all := w.log.All()
	project(t, w.m, all[:known])
	slow, hold := heldUp(db, "COMMIT")
	folded := begin(func() error { return slow.Bookings.Handle(t.Context(), batch(all[known:])) })
	<-hold.reached
	heard := &listener{}
	healing := *db
	healing.Write = db.Write.WithQueryHook(heard)
	healed := begin(func() error {
		_, err := models(&healing).Bookings.RebuildStream(t.Context(), w.log, domain.BookingStream(first))
		return err
	})
	waiting(t, db, 1)
	close(hold.letGo)
	for _, done := range []<-chan error{folded, healed} {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	locks := 0
	for _, q := range heard.queries {
		if strings.Contains(q, "FROM projections") && strings.HasSuffix(q, "FOR UPDATE") {
			locks++
		}
	}
	if locks != 1 {
		t.Errorf("it has waited for the lock %d times", locks)
	}
	for _, p := range []*projections.Projection{w.m.Timeline, w.m.Schedule, w.m.Leave, w.m.Branches, w.m.Customers} {
		if err := p.Handle(t.Context(), batch(all)); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "content", w.content(), w.fresh())
}

// TestNobodyFoldsIntoWhatHasFailed: who waited while a generation failed must not go on with what he knew before. Its tables may be gone by
// then.
func TestNobodyFoldsIntoWhatHasFailed(t *testing.T) {
	t.Parallel()
	db := interleaved(t)
	if db == nil {
		return
	}
	h := requested(t)
	m := models(db)
	project(t, m, h.events)
	generation, err := m.Bookings.Rebuild(t.Context(), projections.Rebuild{})
	if err != nil {
		t.Fatal(err)
	}
	// Nothing was built: it differs.
	if joined, err := projections.Join(t.Context(), m.Bookings, generation, h.position, h.position); err != nil || !joined {
		t.Fatal(joined, err)
	}
	built := h.position
	known := len(h.events)
	h.request("bkg_second1", rahul, koramangala, noon().AddDate(0, 0, 1), haircut, anita)
	slow, hold := heldUp(db, "COMMIT")
	concluded := begin(func() error { return projections.Conclude(t.Context(), slow.Bookings, generation) })
	<-hold.reached
	folded := begin(func() error { return m.Bookings.Handle(t.Context(), batch(h.events[known:])) })
	waiting(t, db, 1)
	close(hold.letGo)
	for what, done := range map[string]<-chan error{"conclude": concluded, "fold": folded} {
		if err := <-done; err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	var at eventstore.Position
	if err := db.Read.NewRaw("SELECT position FROM checkpoints WHERE name = 'bookings_v2_g2'").Scan(t.Context(), &at); err != nil || at != built {
		t.Errorf("what has failed at %d has come to %d (%v)", built, at, err)
	}
	if err := projections.Drop(t.Context(), m.Bookings, generation); err != nil {
		t.Error(err)
	}
	if s := status(t, m.Bookings); s.Generation != 1 || s.Position != h.position {
		t.Errorf("%+v", s)
	}
}
