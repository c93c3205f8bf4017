package projections_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

func TestEachReadModelIsAConsumerOfItsOwn(t *testing.T) {
	var names []string
	for _, h := range models(openDB(t)).Handlers() {
		names = append(names, h.Name())
	}
	if want := []string{"bookings", "schedule", "branches"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

func TestTheCheckpointIsTheBatchsPosition(t *testing.T) {
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

// TestALostCheckpointDoesNoHarm folds the whole log again over its own rows: a revision never goes down, and no step of a
// timeline comes twice.
func TestALostCheckpointDoesNoHarm(t *testing.T) {
	h := requested(t)
	h.fence(first)
	h.confirm(first, nil)
	db := openDB(t)
	m := models(db)
	project(t, m, h.events)
	before := contentHash(t, db)
	if _, err := db.Write.NewDelete().TableExpr("checkpoints").Where("1 = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	project(t, m, h.events)
	if contentHash(t, db) != before {
		t.Error("the rows have changed")
	}
}

func TestADatabaseOfAnotherStoreIsNotTouched(t *testing.T) {
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
	h := busy(t)
	db := openDB(t)
	m := models(db)
	project(t, m, h.events)
	var bookings, steps, slots, staff int
	for table, n := range map[string]*int{
		"bookings_v1": &bookings, "booking_timeline_v1": &steps, "schedule_slots_v1": &slots, "booking_staff_v1": &staff,
	} {
		if err := db.Read.NewSelect().TableExpr(table).ColumnExpr("count(*)").Scan(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if bookings != 2000 || steps != 3334 || slots != 1333 || staff != 2000 {
		t.Errorf("%d bookings, %d steps, %d slots, %d staff", bookings, steps, slots, staff)
	}
	var last eventstore.Position
	if err := db.Read.NewSelect().TableExpr("bookings_v1").ColumnExpr("max(position)").Scan(t.Context(), &last); err != nil || last != h.position {
		t.Errorf("%d, %v", last, err)
	}
}
