package projections_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// TestWhoHasWrittenReadsHisWrite runs the read models under real runners and reads after each append what it has brought,
// while the subscriptions are cut again and again.
func TestWhoHasWrittenReadsHisWrite(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	h.assign(first, "seg_1", bina)
	h.cancel(first)

	store := memstore.New()
	m := projections.New(projections.Config{DB: openDB(t), StoreID: storeID, Wait: time.Minute})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, len(m.Handlers()))
	for _, handler := range m.Handlers() {
		runner := &subscription.Runner{
			Source: subscription.FromStore(store), Handler: handler, Logger: slog.New(slog.DiscardHandler),
		}
		go func() { done <- runner.Run(ctx) }()
	}
	q := m.Queries()
	for i, e := range h.events {
		written, err := store.Append(t.Context(), eventstore.Append{
			Stream: e.Stream, Expected: e.Revision - 1, Events: []domain.Event{e.Event}, Metadata: e.Metadata,
		})
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			store.DropSubscriptions()
		}
		if _, err := q.Branches(t.Context(), projections.EveryBranch(), written.Position); err != nil {
			t.Fatal(err)
		}
		day := projections.ScheduleFilter{FromDate: "2026-06-16", ToDate: "2026-06-16"}
		if _, err := q.Schedule(t.Context(), day, written.Position); err != nil {
			t.Fatal(err)
		}
		if _, err := q.Leaves(t.Context(), projections.LeaveFilter{}, written.Position); err != nil {
			t.Fatal(err)
		}
		if _, err := q.CustomerStanding(t.Context(), priya, written.Position); err != nil {
			t.Fatal(err)
		}
		if e.Stream != domain.BookingStream(first) {
			continue
		}
		card, _, err := q.BookingByID(t.Context(), first, written.Position)
		if err != nil || card.Revision != e.Revision {
			t.Errorf("after %s@%d: %+v, %v", e.Event.EventType(), e.Revision, card, err)
		}
	}
	stop()
	for range m.Handlers() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
