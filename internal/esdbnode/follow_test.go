package esdbnode_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// patience bounds every wait of a test; nothing waits as long when all is well.
const patience = 30 * time.Second

// seen is what a subscription told, in order.
type seen struct {
	events      []*esdb.RecordedEvent
	checkpoints []esdb.Position
	caughtUp    int
	marks       []string // "event", "checkpoint", "caught-up"
}

func (s *seen) ids() []uuid.UUID { return ids(s.events) }

func ids(evs []*esdb.RecordedEvent) []uuid.UUID {
	out := make([]uuid.UUID, len(evs))
	for i, e := range evs {
		out[i] = e.EventID
	}
	return out
}

func (s *seen) add(m *esdb.SubscriptionEvent) {
	switch {
	case m.EventAppeared != nil:
		s.events = append(s.events, m.EventAppeared.OriginalEvent())
		s.marks = append(s.marks, "event")
	case m.CheckPointReached != nil:
		s.checkpoints = append(s.checkpoints, *m.CheckPointReached)
		s.marks = append(s.marks, "checkpoint")
	case m.CaughtUp != nil:
		s.caughtUp++
		s.marks = append(s.marks, "caught-up")
	}
}

// until receives until done; a dropped subscription or a long wait fails the test.
func (s *seen) until(tb testing.TB, sub *esdb.Subscription, done func(*seen) bool) {
	tb.Helper()
	for !done(s) {
		m := sub.Recv()
		if m.SubscriptionDropped != nil {
			tb.Errorf("subscription dropped after %d events: %v", len(s.events), m.SubscriptionDropped.Error)
			return
		}
		s.add(m)
	}
}

func hasEvents(n int) func(*seen) bool { return func(s *seen) bool { return len(s.events) >= n } }

func isCaughtUp(s *seen) bool { return s.caughtUp > 0 }

func (n *testNode) subscribeAll(tb testing.TB, opts esdb.SubscribeToAllOptions) *esdb.Subscription {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(cancel)
	sub, err := n.client.SubscribeToAll(ctx, opts)
	if err != nil {
		tb.Fatalf("subscribe to $all: %v", err)
	}
	tb.Cleanup(func() { _ = sub.Close() })
	return sub
}

func (n *testNode) subscribe(tb testing.TB, stream string, from esdb.StreamPosition) *esdb.Subscription {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(cancel)
	sub, err := n.client.SubscribeToStream(ctx, stream, esdb.SubscribeToStreamOptions{From: from})
	if err != nil {
		tb.Fatalf("subscribe to %s: %v", stream, err)
	}
	tb.Cleanup(func() { _ = sub.Close() })
	return sub
}

func sameIDs(tb testing.TB, what string, got, want []uuid.UUID) {
	tb.Helper()
	if !slices.Equal(got, want) {
		tb.Fatalf("%s: got %d events, want %d; they differ from index %d on", what, len(got), len(want), firstDifference(got, want))
	}
}

func firstDifference(a, b []uuid.UUID) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
