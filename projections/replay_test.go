package projections_test

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// crash is a query hook that ends the context before the n-th statement from now: the transaction dies half-way.
type crash struct {
	after  int
	cancel context.CancelFunc
	struck int
}

func (c *crash) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	if c.cancel == nil {
		return ctx
	}
	if c.after--; c.after < 0 {
		c.cancel()
		c.cancel = nil
		c.struck++
	}
	return ctx
}

func (*crash) AfterQuery(context.Context, *bun.QueryEvent) {}

// TestAnyDeliveryGivesTheSameRows folds a random log once in one batch and once in random batches, some of which die
// half-way, come twice, or lie before the checkpoint.
func TestAnyDeliveryGivesTheSameRows(t *testing.T) {
	struck := 0
	whole, pieces := openDB(t), openDB(t)
	plain := *pieces
	rapid.Check(t, func(r *rapid.T) {
		wipe(t, whole)
		wipe(t, &plain)
		h := randomHistory(t, r, 30)
		project(t, models(whole), h.events)
		fault := &crash{}
		pieces.Write = plain.Write.WithQueryHook(fault)
		for _, p := range models(pieces).Handlers() {
			deliver(t, r, p, fault, h.events)
		}
		struck += fault.struck
		if contentHash(t, whole) != contentHash(t, pieces) {
			r.Fatal("the rows differ")
		}
		compareSchedule(t, r, pieces, h)
	})
	if struck == 0 {
		t.Error("no delivery was interrupted: the test proves nothing")
	}
}

// deliver gives a consumer the whole log in random pieces, from its checkpoint or from before it.
func deliver(t *testing.T, r *rapid.T, p subscription.Handler, fault *crash, events []eventstore.Recorded) {
	t.Helper()
	last := events[len(events)-1].Position
	for {
		at, err := p.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if at == last {
			return
		}
		next := slices.IndexFunc(events, func(e eventstore.Recorded) bool { return e.Position > at })
		from := max(0, next-rapid.IntRange(0, 20).Draw(r, "again"))
		to := min(len(events), from+rapid.IntRange(1, 30).Draw(r, "size"))
		ctx, cancel := context.WithCancel(t.Context())
		if rapid.IntRange(0, 2).Draw(r, "crash") == 2 {
			fault.after, fault.cancel = rapid.IntRange(0, 12).Draw(r, "statements"), cancel
		}
		err = p.Handle(ctx, batch(events[from:to]))
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		fault.cancel = nil
		cancel()
	}
}

// compareSchedule holds the schedule against the slots of the booking states: the diffs must add up to them.
func compareSchedule(t *testing.T, r *rapid.T, db *database.DB, h *history) {
	t.Helper()
	page, err := models(db).Queries().Schedule(t.Context(), projections.ScheduleFilter{
		Branches: projections.EveryBranch(), FromDate: "2026-06-01", ToDate: "2026-07-31",
	}, h.position)
	if err != nil {
		t.Fatal(err)
	}
	want := []projections.Slot{}
	for _, b := range h.bookings {
		for _, s := range b.Slots() {
			want = append(want, projections.Slot{
				BookingID: b.BookingID, SegmentID: s.SegmentID, StaffID: s.StaffID, BranchID: b.BranchID, Kind: s.Kind,
				StartAt: s.StartAt, EndAt: s.EndAt, LocalDates: s.LocalDates,
			})
		}
	}
	slices.SortFunc(want, func(a, b projections.Slot) int {
		return cmp.Or(a.StartAt.Compare(b.StartAt), cmp.Compare(a.StaffID, b.StaffID),
			cmp.Compare(a.BookingID, b.BookingID), cmp.Compare(a.SegmentID, b.SegmentID))
	})
	for i := range page.Slots {
		page.Slots[i].Revision = 0 // states do not know it
	}
	if !reflect.DeepEqual(page.Slots, want) {
		r.Fatalf("the schedule differs from the bookings:\n got %+v\nwant %+v", page.Slots, want)
	}
}
