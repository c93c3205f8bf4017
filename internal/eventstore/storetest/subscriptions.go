package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
)

// listener reads a subscription step by step.
type listener struct {
	tb  testing.TB
	sub eventstore.Subscription
}

func listen(tb testing.TB, s Port, after eventstore.Position) listener {
	tb.Helper()
	sub, err := s.Subscribe(within(tb), after)
	if err != nil {
		tb.Fatalf("subscribe: %v", err)
	}
	tb.Cleanup(func() {
		if err := sub.Close(); err != nil {
			tb.Errorf("close subscription: %v", err)
		}
	})
	return listener{tb: tb, sub: sub}
}

// event returns the next event and whether a caught-up notice came before it.
func (l listener) event() (r eventstore.Recorded, caughtUp bool) {
	l.tb.Helper()
	for {
		m, err := l.sub.Recv()
		if err != nil {
			l.tb.Fatalf("receive: %v", err)
		}
		if m.Event != nil {
			if m.Event.Position != m.Position {
				l.tb.Fatalf("message at %d holds the event at %d", m.Position, m.Event.Position)
			}
			return *m.Event, caughtUp
		}
		caughtUp = caughtUp || m.CaughtUp
	}
}

// caughtUp reads up to the notice and returns the events before it.
func (l listener) caughtUp() (events []eventstore.Recorded, at eventstore.Position) {
	l.tb.Helper()
	for {
		m, err := l.sub.Recv()
		if err != nil {
			l.tb.Fatalf("receive: %v", err)
		}
		if m.Event != nil {
			events = append(events, *m.Event)
		}
		if m.CaughtUp {
			return events, m.Position
		}
	}
}

func subscribes(t *testing.T, s Port) {
	t.Helper()
	const branches, each = 3, 30
	var want []string
	names := []string{"br_sub001", "br_sub002", "br_sub003"}
	for i := range each {
		for _, b := range names {
			a := Sample(b, eventstore.Revision(i)-1, 1)
			MustAppend(t, s, a)
			want = append(want, a.Stream)
		}
	}
	l := listen(t, s, 0)
	history, _ := l.caughtUp()
	if len(history) != branches*each {
		t.Fatalf("history holds %d events, want %d", len(history), branches*each)
	}
	var last eventstore.Position
	for i, r := range history {
		if r.Stream != want[i] || int(r.Revision) != i/branches || r.Position <= last {
			t.Fatalf("event %d is %s@%d at %d after %d", i, r.Stream, r.Revision, r.Position, last)
		}
		last = r.Position
	}
	for i := range 5 {
		receipt := MustAppend(t, s, Sample("br_sub001", eventstore.Revision(each+i)-1, 1))
		r, _ := l.event()
		if r.Position != receipt.Position || r.Revision != receipt.Revision {
			t.Fatalf("received %d@%d, appended %d@%d", r.Revision, r.Position, receipt.Revision, receipt.Position)
		}
	}
}

func resumes(t *testing.T, s Port) {
	t.Helper()
	const n = 20
	var at []eventstore.Position
	for i := range n {
		at = append(at, MustAppend(t, s, Sample("br_resume", eventstore.Revision(i)-1, 1)).Position)
	}
	for i := range n {
		l := listen(t, s, at[i])
		if i == n-1 {
			if rest, pos := l.caughtUp(); len(rest) != 0 || pos < at[i] {
				t.Fatalf("after the last: %d events, position %d", len(rest), pos)
			}
			continue
		}
		if r, _ := l.event(); r.Position != at[i+1] {
			t.Fatalf("after %d comes %d, want %d", at[i], r.Position, at[i+1])
		}
	}
}

func filters(t *testing.T, s Port) {
	t.Helper()
	l := listen(t, s, 0)
	if _, err := s.Identity(within(t)); err != nil {
		t.Fatal(err)
	}
	outside := Sample("br_filter", eventstore.NoStream, 1)
	outside.Stream = "elsewhere-br_filter"
	MustAppend(t, s, outside)
	want := MustAppend(t, s, Sample("br_filter", eventstore.NoStream, 1))
	if r, _ := l.event(); r.Position != want.Position {
		t.Errorf("received %s@%d", r.Stream, r.Revision)
	}
}

func subscriptionEnds(t *testing.T, s Port) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sub, err := s.Subscribe(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	l := listener{tb: t, sub: sub}
	l.caughtUp()
	cancel()
	if _, err := sub.Recv(); !errors.Is(err, context.Canceled) {
		t.Errorf("receive: %v, want the context's error", err)
	}
	for range 2 {
		if err := sub.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := sub.Recv(); err == nil {
		t.Error("a closed subscription delivers")
	}
}
