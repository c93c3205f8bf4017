package projections_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

func TestEachReadModelIsAConsumerOfItsOwn(t *testing.T) {
	t.Parallel()
	var names []string
	for _, h := range models(openDB(t)).Handlers() {
		names = append(names, h.Name())
	}
	if want := []string{"bookings", "timeline", "schedule", "leave", "branches", "customers"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

func TestTheCheckpointIsTheBatchsPosition(t *testing.T) {
	t.Parallel()
	h := requested(t)
	m := models(openDB(t))
	for _, p := range m.Handlers() {
		if at, err := p.Checkpoint(t.Context()); err != nil || at != 0 {
			t.Fatalf("%s begins at %d, %v", p.Name(), at, err)
		}
	}
	project(t, m, h.events)
	if err := m.Schedule.Handle(t.Context(), subscription.Batch{Position: h.position + 5}); err != nil {
		t.Fatal(err)
	}
	at, err := m.Queries().Positions(t.Context())
	if err != nil || at["bookings"] != h.position || at["branches"] != h.position || at["schedule"] != h.position+5 {
		t.Errorf("%v, %v", at, err)
	}
}

func TestAnOldBatchChangesNothing(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	db := openDB(t)
	m := models(db)
	project(t, m, h.events)
	before := contentHash(t, db)
	for end := range h.events {
		project(t, m, h.events[:end])
	}
	if contentHash(t, db) != before {
		t.Error("the rows have changed")
	}
	if at, err := m.Bookings.Checkpoint(t.Context()); err != nil || at != h.position {
		t.Errorf("the checkpoint has gone to %d, %v", at, err)
	}
}

// TestALostCheckpointDoesNoHarm folds the whole log again, event by event, over its own rows: no revision goes down at any
// moment, no step of a timeline comes twice, and in the end nothing has changed.
func TestALostCheckpointDoesNoHarm(t *testing.T) {
	t.Parallel()
	h := asked(t)
	h.request(first, priya, koramangala, noon(), haircut, bina)
	h.fence(first)
	h.confirm(first, nil)
	h.move(first, noon().Add(2*time.Hour))
	h.note(first, "nt_first1", domain.VisibleInternal, reception)
	h.approve(sick)
	h.assign("bkg_later01", "seg_1", bina)
	h.revoke(sick)
	h.declare(koramangala, "cls_first1", "2026-06-16", "2026-06-16")
	h.account(rahul, outcomes(domain.OutcomeNoShow, domain.OutcomeLateCancel))
	db := openDB(t)
	m := models(db)
	project(t, m, h.events)
	before, revisions := contentHash(t, db), revisionsOf(t, m)
	if _, err := db.Write.NewDelete().TableExpr("checkpoints").Where("1 = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, e := range h.events {
		project(t, m, []eventstore.Recorded{e})
		same(t, e.Event.EventType(), revisionsOf(t, m), revisions)
	}
	if contentHash(t, db) != before {
		t.Error("the rows have changed")
	}
}

func TestADatabaseOfAnotherStoreIsNotTouched(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db := openDB(t)
	project(t, models(db), h.events)
	before := contentHash(t, db)
	other := projections.New(projections.Config{DB: db, StoreID: "another-store"})
	h.confirm(first, nil)
	_, readErr := other.Queries().Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch()}, 0)
	_, checkpointErr := other.Bookings.Checkpoint(t.Context())
	for what, err := range map[string]error{
		"fold": other.Bookings.Handle(t.Context(), batch(h.events)), "read": readErr, "checkpoint": checkpointErr,
	} {
		if _, ok := errors.AsType[*subscription.ForeignStoreError](err); !ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	if contentHash(t, db) != before {
		t.Error("the rows have changed")
	}
}

// TestALargeBatchIsOneTransaction takes more rows than one statement holds, in every table that grows with bookings.
func TestALargeBatchIsOneTransaction(t *testing.T) {
	t.Parallel()
	db, h := busy(t)
	var bookings, steps, slots, staff int
	for table, n := range map[string]*int{
		"bookings_v2_g1": &bookings, "timeline_v2_g1": &steps, "schedule_slots_v1_g1": &slots, "booking_staff_v2_g1": &staff,
	} {
		if err := db.Read.NewSelect().TableExpr(table).ColumnExpr("count(*)").Scan(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if bookings != 2000 || steps != 3394 || slots != 1313 || staff != 1980 {
		t.Errorf("%d bookings, %d steps, %d slots, %d staff", bookings, steps, slots, staff)
	}
	// The last note was taken from the last booking that needs staff.
	var last eventstore.Position
	if err := db.Read.NewSelect().TableExpr("bookings_v2_g1").ColumnExpr("max(position)").Scan(t.Context(), &last); err != nil || last != h.last(domain.BookingStream("bkg_busy00957")).Position {
		t.Errorf("%d, %v", last, err)
	}
}

// revisionsOf reads the revision of everything that has one.
func revisionsOf(t *testing.T, m *projections.Models) map[string]eventstore.Revision {
	t.Helper()
	q := m.Queries()
	all := map[string]eventstore.Revision{}
	bookings, err := q.Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch()}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bookings.Bookings {
		all[b.ID] = b.Revision
	}
	day, err := q.Schedule(t.Context(), projections.ScheduleFilter{
		Branches: projections.EveryBranch(), FromDate: "2026-06-01", ToDate: "2026-06-30",
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range day.Slots {
		all["slots of "+s.BookingID] = s.Revision
	}
	leave, _, err := q.LeaveByID(t.Context(), sick, 0)
	if err != nil {
		t.Fatal(err)
	}
	salon, err := q.Branch(t.Context(), koramangala, 0)
	if err != nil {
		t.Fatal(err)
	}
	member, err := q.Staff(t.Context(), anita, 0)
	if err != nil {
		t.Fatal(err)
	}
	standing, err := q.CustomerStanding(t.Context(), rahul, 0)
	if err != nil {
		t.Fatal(err)
	}
	all[sick], all[koramangala], all[anita], all[rahul] = leave.Revision, salon.Revision, member.Revision, standing.Revision
	return all
}
