package projections_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/subscription"
)

// TestLostRowsPanicNowhere: whatever table has lost its rows, at whatever moment, what follows is folded, or halts at an event.
func TestLostRowsPanicNowhere(t *testing.T) {
	t.Parallel()
	h := lively(t)
	h.setShifts(anita, koramangala, domain.TimetableChange{Override: &domain.DateOverride{Date: "2026-06-20"}})
	h.cancel(first)
	h.revoke("lv_off00001")
	db := openDB(t)
	halts := 0
	for _, table := range tables(t, db) {
		for cut := 1; cut < len(h.events); cut += 7 {
			wipe(t, db)
			project(t, models(db), h.events[:cut])
			if _, err := db.Write.ExecContext(t.Context(), "DELETE FROM "+table); err != nil {
				t.Fatal(err)
			}
			for _, p := range models(db).All() {
				err := guarded(func() error { return p.Handle(t.Context(), batch(h.events)) })
				if err == nil {
					continue
				}
				halts++
				if _, named := subscription.HaltedAt(err); !named {
					t.Errorf("%s is lost before event %d: %s says %v", table, cut, p.Name(), err)
				}
			}
			q := models(db).Queries()
			for name, ask := range map[string]func() error{
				"booking":  func() error { _, _, err := q.BookingByID(t.Context(), first, 0); return err },
				"timeline": func() error { _, _, err := q.Timeline(t.Context(), first, 0); return err },
				"leave":    func() error { _, _, err := q.LeaveByID(t.Context(), sick, 0); return err },
				"branch":   func() error { _, err := q.Branch(t.Context(), koramangala, 0); return err },
				"staff":    func() error { _, err := q.Staff(t.Context(), anita, 0); return err },
				"busy":     func() error { _, err := q.Busy(t.Context(), noon()); return err },
			} {
				if err := guarded(ask); errors.As(err, new(*panicked)) {
					t.Errorf("%s is lost before event %d: the %s says %v", table, cut, name, err)
				}
			}
		}
	}
	if halts == 0 {
		t.Error("nothing was lost")
	}
}

type panicked struct{ value any }

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// guarded turns a panic into an error.
func guarded(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v}
		}
	}()
	return do()
}
