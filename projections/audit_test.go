package projections_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// TestAnAuditFindsWhatIsWrongAndNothingElse damages rows of random histories in several ways at once, and lets the audit heal what
// it finds.
func TestAnAuditFindsWhatIsWrongAndNothingElse(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		w := newWorld(t, db)
		struck, rounds := 0, 0
		rapid.Check(t, func(r *rapid.T) {
			if rounds++; rounds > 15 {
				return // a round audits each read model three times over
			}
			w.restart()
			w.write(randomHistory(t, r, 40))
			w.fold()
			before, was := w.content(), w.dump(shapes()...)
			if found := told(w.audit(false)); len(found) > 0 {
				r.Fatalf("nothing is wrong, but: %q", found)
			}
			done := map[string]bool{}
			for range below(6).Draw(r, "damages") + 1 {
				s := shapes()[below(len(shapes())).Draw(r, "table")]
				if w.corrupt(r, s, below(damages).Draw(r, "how"), done) {
					struck++
				}
			}
			w.healAs(r, before, damage(was, w.dump(shapes()...)))
		})
		if struck == 0 {
			t.Error("nothing was ever damaged: the test proves nothing")
		}
	})
}

// healAs audits and heals, and holds against it what is to be found and what the content was.
func (w *world) healAs(r failer, before map[string]string, want []string) {
	w.t.Helper()
	reports := w.audit(true)
	if found := told(reports); !slices.Equal(found, want) {
		r.Fatalf("found %q\n want %q", found, want)
	}
	for _, report := range reports {
		if len(report.Refused) > 0 {
			r.Fatalf("refused: %+v", report.Refused)
		}
	}
	same(r, "content after healing", w.content(), before)
	if found := told(w.audit(false)); len(found) > 0 {
		r.Fatalf("all is healed, but: %q", found)
	}
}

// lively is a history that has left rows in every table.
func lively(t *testing.T) *history {
	t.Helper()
	h := asked(t)
	h.request(first, priya, koramangala, noon().AddDate(0, 0, 1), haircut, bina)
	h.fence(first)
	h.confirm(first, nil)
	h.move(first, noon().AddDate(0, 0, 1).Add(2*time.Hour))
	h.note(first, "nt_first1", domain.VisibleInternal, reception)
	h.note(first, "nt_first2", domain.VisibleCustomer, reception)
	h.redact(first, "nt_first2")
	h.walkIn("bkg_guest01", kiritimati, noon().AddDate(0, 0, 2), massage, chitra)
	h.approve(sick)
	h.markOff("lv_off00001", anita, koramangala, "2026-06-16", 600, 720) // on the same day
	h.declare(koramangala, "cls_first1", "2026-06-16", "2026-06-16")
	h.account(rahul, outcomes(domain.OutcomeNoShow, domain.OutcomeLateCancel))
	return h
}

// TestEveryColumnOfEveryTableIsAudited damages one thing at a time: each column that has something in it, and rows.
func TestEveryColumnOfEveryTableIsAudited(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		w := newWorld(t, db)
		w.write(lively(t))
		w.fold()
		for _, p := range w.m.All() {
			before, _, err := p.Content(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			o := projections.AuditOptions{Sample: 60, Streams: w.streams(p), Seed: 7, Heal: true}
			for _, table := range before.Tables {
				s := shapeOf(table.Name)
				row, was := w.rows(s)[0], w.dump(s)
				w.each(s, row, func(what string) {
					want := damage(was, w.dump(s))
					if len(want) == 0 {
						t.Fatalf("%s, %s: nothing was damaged", s.table, what)
					}
					report, err := p.Audit(t.Context(), w.log, o)
					if err != nil {
						t.Fatal(err)
					}
					if found := told([]projections.AuditReport{report}); !slices.Equal(found, want) || len(report.Healed) == 0 {
						t.Errorf("%s, %s: found %q\nwant %q", s.table, what, found, want)
					}
					after, _, err := p.Content(t.Context())
					if err != nil || after.Hash != before.Hash {
						t.Errorf("%s, %s: it is not healed: %v", s.table, what, err)
					}
				})
			}
		}
	})
}

func shapeOf(table string) shape {
	all := shapes()
	return all[slices.IndexFunc(all, func(s shape) bool { return s.table == table })]
}

// each damages a row in every way, one after the other; healed makes it good.
func (w *world) each(s shape, row record, healed func(what string)) {
	w.t.Helper()
	for _, column := range s.others(row) {
		other := maps.Clone(row)
		spoil(other, column)
		w.remove(s, row)
		w.add(s, other)
		healed("another " + column)
	}
	for _, column := range s.key {
		other := maps.Clone(row)
		spoil(other, column)
		w.add(s, other)
		healed("one more with another " + column)
	}
	w.remove(s, row)
	healed("missing")
	w.exec("DELETE FROM " + s.physical())
	healed("empty")
}

// TestASampleFindsStreamsThatHaveNoRows takes away all rows of one booking in twenty, in a log that is longer than one walk.
func TestASampleFindsStreamsThatHaveNoRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openDB(t))
	h := salon(t)
	for i := range 600 {
		id := fmt.Sprintf("bkg_many%04d", i)
		h.request(id, priya, koramangala, noon().AddDate(0, 0, i), haircut, anita)
		h.confirm(id, nil)
	}
	w.write(h)
	w.fold()
	// The last ones: no row is near them in the log.
	w.exec("DELETE FROM bookings_v2_g1 WHERE booking_id >= 'bkg_many0570'")
	w.exec("DELETE FROM booking_staff_v2_g1 WHERE booking_id >= 'bkg_many0570'")
	found := 0
	for seed := range uint64(12) {
		report, err := w.m.Bookings.Audit(t.Context(), w.log, projections.AuditOptions{Sample: 100, Seed: seed + 1})
		if err != nil {
			t.Fatal(err)
		}
		if report.Audited > 100 || report.Audited < 60 {
			t.Errorf("%d of 100 streams were audited", report.Audited)
		}
		if seed == 0 {
			again, err := w.m.Bookings.Audit(t.Context(), w.log, projections.AuditOptions{Sample: 100, Seed: seed + 1})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the same seed", again, report)
		}
		streams := map[string]bool{}
		for _, d := range report.Drifted {
			if d.Kind != projections.DriftMissing {
				t.Errorf("%+v", d)
			}
			streams[d.Stream] = true
		}
		if len(streams) > 0 {
			found++
		}
	}
	// Each sample has 50 draws from the log; that none is of the twentieth part of it happens to one in thirteen.
	if found < 7 {
		t.Errorf("only %d of 12 samples found it", found)
	}
}

// TestAnAuditOfWhatMovesFindsNothing audits while a runner folds.
func TestAnAuditOfWhatMovesFindsNothing(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Helper()
		w := newWorld(t, db)
		stop := w.run()
		h := salon(t)
		for i := range 20 {
			h.request(fmt.Sprintf("bkg_moves%02d", i), priya, koramangala, noon().AddDate(0, 0, i), haircut, anita)
			h.confirm(fmt.Sprintf("bkg_moves%02d", i), nil)
		}
		positions := map[eventstore.Position]bool{}
		for i, e := range h.events {
			w.write(&history{events: []eventstore.Recorded{e}})
			p := w.m.All()[i%len(w.m.All())]
			report, err := p.Audit(t.Context(), w.log, projections.AuditOptions{Sample: 30})
			if err != nil {
				t.Fatal(err)
			}
			positions[report.Position] = true
			if !report.Clean() {
				t.Fatalf("%+v", report)
			}
		}
		if len(positions) < 10 {
			t.Errorf("the log hardly moved: %d positions", len(positions))
		}
		stop()
	})
}

func TestAGenerationThatIsNotReadIsAudited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openDB(t))
	w.write(lively(t))
	stop := w.run()
	w.caughtUp(w.m.Bookings)
	if _, err := w.m.Bookings.Rebuild(t.Context(), projections.Rebuild{By: "this test"}); err != nil {
		t.Fatal(err)
	}
	w.await("generation 2 is read", func() bool { return w.status(w.m.Bookings).Generation == 2 })
	stop()
	w.exec("UPDATE bookings_v2_g1 SET number = 'none' WHERE booking_id = ?", first)
	for generation, drifted := range map[int64]int{1: 1, 2: 0} {
		report, err := projections.AuditGeneration(t.Context(), w.m.Bookings, w.log, generation, 100)
		if err != nil || report.Generation != generation || len(report.Drifted) != drifted || report.Audited != 5 {
			t.Errorf("%+v, %v", report, err)
		}
	}
}

// TestALogThatEndsBeforeTheRowsIsNoMeasure: it is older than the database.
func TestALogThatEndsBeforeTheRowsIsNoMeasure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openDB(t))
	w.write(lively(t))
	w.fold()
	before := w.content()
	older := &world{t: t, db: w.db, m: w.m, log: memstore.New()}
	older.write(salon(t))
	_, auditErr := w.m.Bookings.Audit(t.Context(), older.log, projections.AuditOptions{})
	_, healErr := w.m.Bookings.RebuildStream(t.Context(), older.log, domain.BookingStream(first))
	for what, err := range map[string]error{"audit": auditErr, "heal": healErr} {
		if _, ok := errors.AsType[*subscription.LostHistoryError](err); !ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	same(t, "content", w.content(), before)
}

// TestAnAuditNamesWhatItIsAskedFor: a member's day is audited by the leaves that it has a part in.
func TestAnAuditNamesWhatItIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openDB(t))
	w.write(lively(t))
	w.fold()
	w.exec("UPDATE schedule_blocks_v1_g1 SET days = '[]' WHERE leave_id = ?", sick)
	day := domain.StaffDayStream(anita, "2026-06-16")
	report, err := w.m.Schedule.Audit(t.Context(), w.log, projections.AuditOptions{Streams: []string{day}})
	want := []projections.Drift{{
		Stream: domain.LeaveStream(sick), Table: "schedule_blocks", Kind: projections.DriftDiffers,
		Key: map[string]string{"leave_id": sick}, Columns: []string{"days"},
	}}
	if err != nil || report.Audited != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	same(t, "drifted", report.Drifted, want)
	_, err = w.m.Bookings.Audit(t.Context(), w.log, projections.AuditOptions{Streams: []string{day}})
	if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Kind != domain.NotFound {
		t.Errorf("%v", err)
	}
}
