// Package storetest is the conformance suite of event stores: what commands, projections and publishers rely on, as tests.
// Every implementation passes all of it, so that what is proven over the memory store holds over the real one.
//
// It is for tests only, and knows nothing of how a store works inside.
package storetest

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Port is what a store offers.
type Port interface {
	Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error)
	Read(ctx context.Context, stream string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error]
	Subscribe(ctx context.Context, after eventstore.Position) (eventstore.Subscription, error)
	Identity(ctx context.Context) (string, error)
	Head(ctx context.Context) (eventstore.Position, error)
	Ping(ctx context.Context) error
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// Run runs the suite. open returns an empty store, which it closes when its test has ended.
func Run(t *testing.T, open func(t *testing.T) Port) {
	t.Helper()
	for _, part := range []struct {
		name string
		run  func(t *testing.T, s Port)
	}{
		{"what is appended is read back", readsBack},
		{"a stream that does not exist has no events", missingStream},
		{"a read begins at any revision", readsFrom},
		{"a reader may leave early", leavesEarly},
		{"an append elsewhere than at the end is a conflict", conflicts},
		{"a repeated append gets the first receipt", repeats},
		{"a repeat of something else is a conflict", unlikeRepeats},
		{"of many appends at one revision one is written", oneWins},
		{"an append that cannot be is refused", refuses},
		{"calls end with their context", endsWithContext},
		{"positions rise in the order of appends", positionsRise},
		{"there is one identity", oneIdentity},
		{"a subscription delivers history, then says so, then what happens", subscribes},
		{"a subscription resumes after any position", resumes},
		{"a subscription sees domain streams only", filters},
		{"a subscription ends with its context", subscriptionEnds},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, open(t)) })
	}
}

// Sample returns an append of n events to the stream of one branch. Its command id is made from the arguments, so that equal
// calls are repeats of one another.
func Sample(branchID string, expected eventstore.Revision, n int) eventstore.Append {
	events := make([]domain.Event, n)
	for i := range events {
		events[i] = domain.BranchServiceOffered{BranchID: branchID, Service: domain.Service{
			ServiceID: fmt.Sprintf("svc_%06d", int(expected)+1+i), Name: "Haircut & beard <quick>", DurationMinutes: 30, PriceMinor: 50000,
		}}
	}
	return eventstore.Append{
		Stream: domain.BranchStream(branchID), Expected: expected, Events: events,
		Metadata: eventstore.Metadata{
			CommandID: fmt.Sprintf("cmd-%s-%d-%d", branchID, expected, n), CommandHash: "h", CorrelationID: "c", CausationID: "k",
			Actor:      domain.Actor{UserID: "usr_owner1", Role: domain.RoleOwner, OnBehalfOf: "usr_other1"},
			OccurredAt: time.Date(2026, 3, 29, 1, 30, 0, 123_000_000, time.UTC),
		},
	}
}

// MustAppend appends or ends the test.
func MustAppend(tb testing.TB, s Port, a eventstore.Append) eventstore.Appended {
	tb.Helper()
	got, err := s.Append(within(tb), a)
	if err != nil {
		tb.Fatalf("append to %s at %d: %v", a.Stream, a.Expected, err)
	}
	return got
}

// ReadAll returns the events of a stream or ends the test.
func ReadAll(tb testing.TB, s Port, stream string, from eventstore.Revision) []eventstore.Recorded {
	tb.Helper()
	var all []eventstore.Recorded
	for r, err := range s.Read(within(tb), stream, from) {
		if err != nil {
			tb.Fatalf("read %s from %d: %v", stream, from, err)
		}
		all = append(all, r)
	}
	return all
}

// within bounds a step of a test.
func within(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(cancel)
	return ctx
}
