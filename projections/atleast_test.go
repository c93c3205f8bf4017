package projections_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// patient returns read models whose reads wait longer than any of these tests takes.
func patient(tb testing.TB) *projections.Models {
	tb.Helper()
	return projections.New(projections.Config{DB: openDB(tb), StoreID: storeID, Wait: 30 * time.Second, Now: monday})
}

func TestAReadWithoutAPositionDoesNotWait(t *testing.T) {
	t.Parallel()
	card, at, err := patient(t).Queries().BookingByID(t.Context(), first, 0)
	if !isRefusal(err, domain.NotFound, domain.CodeNotFound) || at != 0 {
		t.Errorf("%+v at %d, %v", card, at, err)
	}
}

func TestAReadOfTheCheckpointDoesNotWait(t *testing.T) {
	t.Parallel()
	h := requested(t)
	m := patient(t)
	project(t, m, h.events)
	if _, at, err := m.Queries().BookingByID(t.Context(), first, h.position); err != nil || at != h.position {
		t.Errorf("at %d, %v", at, err)
	}
}

func TestAReadWaitsForItsPositionAndNoFurther(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	approval := h.last(domain.BookingStream(first)).Position
	var request eventstore.Position
	for _, e := range h.events {
		if e.Position < approval {
			request = e.Position
		}
	}
	m := patient(t)
	type answer struct {
		card projections.Booking
		at   eventstore.Position
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		card, at, err := m.Queries().BookingByID(t.Context(), first, request)
		answers <- answer{card, at, err}
	}()
	for _, e := range h.events { // the last of them is the approval
		if e.Position == approval {
			break
		}
		select {
		case a := <-answers:
			t.Fatalf("answered before position %d: %+v", request, a)
		default:
		}
		if err := m.Bookings.Handle(t.Context(), batch([]eventstore.Recorded{e})); err != nil {
			t.Fatal(err)
		}
	}
	a := <-answers
	if a.err != nil || a.at != request || a.card.Status != domain.StatusPending {
		t.Errorf("%+v", a)
	}
}

func TestANoticeWithoutEventsWakesReaders(t *testing.T) {
	t.Parallel()
	m := patient(t)
	done := make(chan error, 1)
	go func() {
		_, err := m.Queries().Branches(t.Context(), projections.EveryBranch(), 500)
		done <- err
	}()
	if err := m.Branches.Handle(t.Context(), subscription.Batch{Position: 501, Live: true}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAReadThatWaitsTooLongIsRefused(t *testing.T) {
	t.Parallel()
	h := requested(t)
	q := queries(t, h) // waits 50 ms
	begun := time.Now()
	_, at, err := q.BookingByID(t.Context(), first, h.position+1)
	if !isRefusal(err, domain.Unavailable, domain.CodeReadBehind) || at != 0 {
		t.Errorf("at %d, %v", at, err)
	}
	if took := time.Since(begun); took < 50*time.Millisecond || took > 10*time.Second {
		t.Errorf("waited %s", took)
	}
}

func TestAWaitingReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the client went away")
	cancel(gone)
	m := patient(t)
	// The read itself may notice first, then it tells the plain cancellation.
	_, err := m.Queries().Branches(ctx, projections.EveryBranch(), 1)
	if !errors.Is(err, gone) && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestAReadOfSeveralModelsWaitsForAll: closures are read with the bookings in their way.
func TestAReadOfSeveralModelsWaitsForAll(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.declare(koramangala, "cls_first1", "2026-06-16", "2026-06-16")
	for _, late := range []string{"bookings", "branches"} {
		db := openDB(t)
		m := projections.New(projections.Config{DB: db, StoreID: storeID, Wait: 30 * time.Second})
		for _, p := range m.Handlers() {
			if p.Name() != late {
				if err := p.Handle(t.Context(), batch(h.events)); err != nil {
					t.Fatal(err)
				}
			}
		}
		behind, err := m.Queries().BranchClosures(t.Context(), koramangala, "", 0)
		if err != nil || behind.Position != 0 {
			t.Errorf("without %s: %+v, %v", late, behind, err)
		}
		impatient := projections.New(projections.Config{DB: db, StoreID: storeID, Wait: 20 * time.Millisecond})
		_, err = impatient.Queries().BranchClosures(t.Context(), koramangala, "", h.position)
		if !isRefusal(err, domain.Unavailable, domain.CodeReadBehind) {
			t.Errorf("without %s: %v", late, err)
		}
		type answer struct {
			list projections.ClosureList
			err  error
		}
		done := make(chan answer, 1)
		go func() {
			list, err := m.Queries().BranchClosures(t.Context(), koramangala, "", h.position)
			done <- answer{list, err}
		}()
		project(t, m, h.events)
		a := <-done
		if a.err != nil || a.list.Position != h.position || len(a.list.Closures) != 1 || len(a.list.Closures[0].Conflicts) != 1 {
			t.Errorf("%+v", a)
		}
	}
}

// TestTheReadSeesOneMoment changes the read model while a read is under way: what the read sees stays what its position
// says.
func TestTheReadSeesOneMoment(t *testing.T) {
	t.Parallel()
	h := requested(t)
	m := patient(t)
	project(t, m, h.events)
	before := h.position
	h.confirm(first, nil)
	status := func(ctx context.Context, tx bun.Tx) (s string) {
		if err := tx.NewSelect().TableExpr("bookings_v2_g1").Column("status").Scan(ctx, &s); err != nil {
			t.Error(err)
		}
		return s
	}
	err := m.Bookings.AtLeast(t.Context(), before, func(ctx context.Context, tx bun.Tx, seen projections.Snapshot) error {
		projectWithin(ctx, t, m, h.events)
		if s := status(ctx, tx); seen.Position != before || s != "pending" {
			t.Errorf("at %d the booking is %s", seen.Position, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Bookings.AtLeast(t.Context(), h.position, func(ctx context.Context, tx bun.Tx, seen projections.Snapshot) error {
		if s := status(ctx, tx); seen.Position != h.position || s != "confirmed" {
			t.Errorf("at %d the booking is %s", seen.Position, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestManyReadersAreAllWoken(t *testing.T) {
	t.Parallel()
	h := requested(t)
	m := patient(t)
	const readers = 40
	done := make(chan error, readers)
	for range readers {
		go func() {
			_, _, err := m.Queries().BookingByID(t.Context(), first, h.position)
			done <- err
		}()
	}
	for _, e := range h.events {
		if err := m.Bookings.Handle(t.Context(), batch([]eventstore.Recorded{e})); err != nil {
			t.Fatal(err)
		}
	}
	for range readers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestAReadWaitsFiveSeconds: what the README promises, however many read models are behind.
func TestAReadWaitsFiveSeconds(t *testing.T) {
	t.Parallel()
	openDB(t) // what databases are copied from is made outside the bubble
	synctest.Test(t, func(t *testing.T) {
		h := requested(t)
		db := openDB(t)
		q := projections.New(projections.Config{DB: db, StoreID: storeID}).Queries()
		for _, read := range []func() error{
			func() error { _, _, err := q.BookingByID(t.Context(), first, h.position); return err },
			func() error {
				_, err := q.BranchClosures(t.Context(), koramangala, "", h.position)
				return err
			},
		} {
			begun := time.Now()
			if err := read(); !isRefusal(err, domain.Unavailable, domain.CodeReadBehind) {
				t.Error(err)
			}
			if took := time.Since(begun); took != 5*time.Second {
				t.Errorf("waited %s", took)
			}
		}
	})
}
