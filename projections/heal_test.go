package projections_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// TestWhatIsRememberedOfHealedRowsIsVoid: the runner has learnt a wrong row before it was healed.
func TestWhatIsRememberedOfHealedRowsIsVoid(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		w := newWorld(t, db)
		h := requested(t)
		before := len(h.events)
		h.confirm(first, nil)
		confirmed := len(h.events)
		h.cancel(first)
		w.write(&history{events: h.events[:before]})
		w.fold()
		w.exec("UPDATE bookings_v2_g1 SET customer_id = ? WHERE booking_id = ?", rahul, first)
		w.m = models(db) // as after a restart: the row is read anew
		w.write(&history{events: h.events[before:confirmed]})
		w.fold()
		if _, err := w.m.Bookings.RebuildStream(t.Context(), w.log, domain.BookingStream(first)); err != nil {
			t.Fatal(err)
		}
		w.write(&history{events: h.events[confirmed:]})
		w.fold()
		same(t, "content", w.content(), w.fresh())
	})
}

// TestEveryGenerationThatIsKeptUpToDateIsHealed heals the one that is read and the one before, at once.
func TestEveryGenerationThatIsKeptUpToDateIsHealed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		w := newWorld(t, db)
		w.write(lively(t))
		w.run()
		p := w.m.Bookings
		w.caughtUp(p)
		before := w.content()["bookings"]
		if _, err := p.Rebuild(t.Context(), projections.Rebuild{By: "this test"}); err != nil {
			t.Fatal(err)
		}
		w.await("generation 2 is read", func() bool { return w.status(p).Generation == 2 })
		for _, table := range []string{"bookings_v2_g1", "booking_notes_v2_g2"} {
			w.exec("DELETE FROM "+table+" WHERE booking_id = ?", first)
		}
		done, err := p.RebuildStream(t.Context(), w.log, domain.BookingStream(first))
		if err != nil || len(done.Generations) != 2 || done.Resumed || done.Replaced != 2 || done.Events != 7 || done.Position == 0 {
			t.Errorf("%+v, %v", done, err)
		}
		same(t, "content of generation 2", w.content()["bookings"], before)
		if _, err := p.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "content of generation 1", w.content()["bookings"], before)
	})
}

// halted lets the bookings halt at a confirmation, for its card is gone, and an operator pass over it.
func halted(t *testing.T, w *world) (rest []eventstore.Recorded) {
	t.Helper()
	h := requested(t)
	before := len(h.events)
	h.confirm(first, nil)
	h.request("bkg_other01", rahul, koramangala, noon().AddDate(0, 0, 3), haircut, anita)
	after := len(h.events)
	h.cancel(first)
	p := w.m.Bookings
	w.write(&history{events: h.events[:before]})
	w.run()
	w.caughtUp(p)
	w.exec("DELETE FROM bookings_v2_g1 WHERE booking_id = ?", first)
	if err := p.Pause(t.Context(), "this test"); err != nil {
		t.Fatal(err)
	}
	// It must read the row again.
	w.exec("UPDATE generations SET rewritten = rewritten + 1")
	w.write(&history{events: h.events[before:after]})
	if err := p.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.await("it halts", func() bool { return w.status(p).Halt != nil })
	if _, err := p.Skip(t.Context(), 0, "this test"); err != nil {
		t.Fatal(err)
	}
	w.caughtUp(p)
	return h.events[after:]
}

func TestAStreamThatWasSetAsideIsFollowedAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		w := newWorld(t, db)
		p := w.m.Bookings
		rest := halted(t, w)
		stream := domain.BookingStream(first)
		// What is there of a stream that is set aside is what there was before: here, nothing, which is wrong.
		report, err := p.Audit(t.Context(), w.log, projections.AuditOptions{})
		if err != nil || len(report.Drifted) != 1 || report.Drifted[0].Stream != stream {
			t.Errorf("%+v, %v", report, err)
		}
		done, err := p.RebuildStream(t.Context(), w.log, stream)
		if err != nil || !done.Resumed || done.Events != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		same(t, "content", w.content()["bookings"], w.fresh()["bookings"])
		if skipped := w.status(p).Skipped; len(skipped) > 0 {
			t.Errorf("still set aside: %+v", skipped)
		}
		w.write(&history{events: rest})
		w.caughtUp(p)
		same(t, "content after more events", w.content()["bookings"], w.fresh()["bookings"])
	})
}

// strange is a log in which this program does not understand one event.
type strange struct {
	*memstore.Store
	event eventstore.Recorded
}

func (s strange) Read(ctx context.Context, stream string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for e, err := range s.Store.Read(ctx, stream, from) {
			if err == nil && e.Position == s.event.Position {
				yield(eventstore.Recorded{}, &eventstore.DecodeError{
					Stream: e.Stream, Revision: e.Revision, Position: e.Position, Type: e.Event.EventType(), Err: errors.New("strange"),
				})
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// TestAnEventThatCannotBeAppliedIsRefused says so and leaves everything as it was.
func TestAnEventThatCannotBeAppliedIsRefused(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		w := newWorld(t, db)
		p := w.m.Bookings
		halted(t, w)
		for _, p := range w.m.All() {
			w.caughtUp(p)
		}
		before, was := w.content(), w.dump(shapes()...)
		var confirmed eventstore.Recorded
		for _, e := range w.log.All() {
			if e.Event.EventType() == "booking.confirmed" {
				confirmed = e
			}
		}
		_, err := p.RebuildStream(t.Context(), strange{w.log, confirmed}, domain.BookingStream(first))
		refusal, ok := errors.AsType[*domain.Refusal](err)
		if !ok || refusal.Kind != domain.Conflict || !strings.Contains(refusal.Message, "strange") {
			t.Errorf("%v", err)
		}
		same(t, "content", w.content(), before)
		if found := damage(was, w.dump(shapes()...)); len(found) > 0 || len(w.status(p).Skipped) != 1 {
			t.Errorf("changed: %q, %+v", found, w.status(p).Skipped)
		}
		// An audit heals what it can, and says what it cannot.
		report, err := p.Audit(t.Context(), strange{w.log, confirmed}, projections.AuditOptions{Heal: true})
		if err != nil || len(report.Healed) > 0 || len(report.Refused) != 1 || report.Refused[0].Stream != domain.BookingStream(first) {
			t.Errorf("%+v, %v", report, err)
		}
		same(t, "content after an audit", w.content(), before)
	})
}

// TestAnEventThatHasNotComeYetIsTriedOut: a stream is set aside at an event to which the read model has still to come.
func TestAnEventThatHasNotComeYetIsTriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openDB(t))
	h := requested(t)
	w.write(h)
	w.fold()
	next := len(h.events)
	h.confirm(first, nil)
	w.write(&history{events: h.events[next:]})
	all := w.log.All()
	at := all[next].Position
	stream := domain.BookingStream(first)
	aside := func() {
		w.exec("INSERT INTO projection_skips VALUES ('bookings', ?, ?, ?, '', 'booking.confirmed', 'strange', 0, 'this test')",
			projections.BookingsVersion, stream, int64(at))
	}
	aside()
	if all[next].Stream != stream {
		t.Fatalf("%s comes next", all[next].Stream)
	}
	_, err := w.m.Bookings.RebuildStream(t.Context(), strange{w.log, all[next]}, stream)
	if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Kind != domain.Conflict {
		t.Errorf("%v", err)
	}
	if skipped := w.status(w.m.Bookings).Skipped; len(skipped) != 1 {
		t.Errorf("%+v", skipped)
	}
	done, err := w.m.Bookings.RebuildStream(t.Context(), w.log, stream)
	if err != nil || !done.Resumed || done.Events != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	project(t, w.m, all)
	same(t, "content", w.content(), w.fresh())
	// While a generation is built that passes over the stream, it stays aside.
	aside()
	if _, err := w.m.Bookings.Rebuild(t.Context(), projections.Rebuild{By: "this test"}); err != nil {
		t.Fatal(err)
	}
	_, err = w.m.Bookings.RebuildStream(t.Context(), w.log, stream)
	if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || !strings.Contains(refusal.Message, "being built") {
		t.Errorf("%v", err)
	}
}

func TestStreamsThatCannotBeRebuilt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openDB(t))
	w.write(lively(t))
	w.fold()
	before := w.content()
	for stream, p := range map[string]*projections.Projection{
		"booking-bkg_nobody1":             w.m.Bookings,
		"leave-" + sick:                   w.m.Timeline,
		"booking-":                        w.m.Schedule,
		"engine-identity":                 w.m.Schedule,
		"staffday-stf_nobody":             w.m.Leave,
		"customer-" + priya + "_20260616": w.m.Customers,
		"":                                w.m.Branches,
	} {
		_, err := p.RebuildStream(t.Context(), w.log, stream)
		if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Kind != domain.NotFound {
			t.Errorf("%q in %s: %v", stream, p.Name(), err)
		}
	}
	same(t, "content", w.content(), before)
	bare := projections.New(projections.Config{DB: openDB(t), StoreID: "another"})
	if _, err := bare.Bookings.RebuildStream(t.Context(), memstore.New(), "booking-"+first); err == nil {
		t.Error("there is nothing to rebuild")
	}
}

// TestHealingWhileARunnerFolds heals streams again and again while events arrive: none is lost and none comes twice.
func TestHealingWhileARunnerFolds(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		healWhileFolding(t, newWorld(t, db), func(w *world) projections.StreamReader { return w.log }, true)
	})
}

// behind is a log that says it is at its end and is not: it leaves out the last event of each stream.
type behind struct{ *memstore.Store }

func (s behind) Read(ctx context.Context, stream string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		var held *eventstore.Recorded
		for e, err := range s.Store.Read(ctx, stream, from) {
			if held != nil && !yield(*held, err) {
				return
			}
			held = &e
		}
	}
}

// TestLostEventsAreNoticed is the test of the test: with a log that hides events the rows are not what they should be.
func TestLostEventsAreNoticed(t *testing.T) {
	t.Parallel()
	healWhileFolding(t, newWorld(t, openDB(t)), func(w *world) projections.StreamReader { return behind{w.log} }, false)
}

func healWhileFolding(t *testing.T, w *world, log func(*world) projections.StreamReader, well bool) {
	t.Helper()
	stop := w.run()
	events := rapid.Custom(func(r *rapid.T) []eventstore.Recorded {
		return randomHistory(t, r, 40).events
	}).Example(11)
	healed, moved := 0, map[eventstore.Position]bool{}
	for i, e := range events {
		w.write(&history{events: []eventstore.Recorded{e}})
		// The stream that has just changed, and one that has long been folded.
		for _, stream := range []string{e.Stream, events[i/2].Stream} {
			for _, p := range w.m.All() {
				if !strings.HasPrefix(stream, "staffday-") && !w.uses(p, stream) || p == w.m.Bookings && i%2 > 0 {
					continue
				}
				done, err := p.RebuildStream(t.Context(), log(w), stream)
				if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
					if refusal.Kind != domain.NotFound && well {
						t.Fatal(err)
					}
					continue // it has not come there yet, or does not use it
				}
				if err != nil {
					t.Fatal(err)
				}
				healed++
				moved[done.Position] = true
			}
		}
	}
	for _, p := range w.m.All() {
		if well {
			w.caughtUp(p)
		}
	}
	stop()
	is, want := w.content(), w.fresh()
	equal := true
	for name, hash := range want {
		equal = equal && is[name] == hash
	}
	if equal != well {
		t.Errorf("the rows are as a fresh fold of the log has them: %t", equal)
	}
	if healed < len(events) || len(moved) < len(events)/4 {
		t.Errorf("%d streams were healed at %d positions", healed, len(moved))
	}
}

func (w *world) uses(p *projections.Projection, stream string) bool {
	return slices.Contains(w.streams(p), stream)
}
