package storetest

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

func readsBack(t *testing.T, s Port) {
	t.Helper()
	a := Sample("br_reads1", eventstore.NoStream, 3)
	receipt := MustAppend(t, s, a)
	if receipt.Revision != 2 || receipt.Position == 0 {
		t.Fatalf("receipt %+v, want revision 2 and a position", receipt)
	}
	got := ReadAll(t, s, a.Stream, 0)
	if len(got) != 3 {
		t.Fatalf("read %d events, want 3", len(got))
	}
	proposals, err := eventstore.Proposals(a)
	if err != nil {
		t.Fatal(err)
	}
	want := a.Metadata
	want.SchemaVersion = domain.SchemaVersion
	ignoreTrace := cmpopts.IgnoreFields(eventstore.Metadata{}, "TraceParent", "TraceState", "TraceID", "SpanID")
	for i, r := range got {
		if r.Stream != a.Stream || r.Revision != eventstore.Revision(i) || r.ID != proposals[i].ID || r.Created.IsZero() {
			t.Errorf("event %d is %+v", i, r)
		}
		if !reflect.DeepEqual(r.Event, a.Events[i]) {
			t.Errorf("event %d says %+v, want %+v", i, r.Event, a.Events[i])
		}
		if d := cmp.Diff(want, r.Metadata, ignoreTrace); d != "" {
			t.Errorf("metadata of event %d (-want +got):\n%s", i, d)
		}
	}
	if last := got[2].Position; last != receipt.Position {
		t.Errorf("the receipt says position %d, the event %d", receipt.Position, last)
	}
}

func missingStream(t *testing.T, s Port) {
	t.Helper()
	for _, from := range []eventstore.Revision{-1, 0, 7} {
		if got := ReadAll(t, s, "booking-bkg_nobody", from); len(got) != 0 {
			t.Errorf("from %d: read %d events of nothing", from, len(got))
		}
	}
}

func readsFrom(t *testing.T, s Port) {
	t.Helper()
	const n = 70 // more than a page of the server
	a := Sample("br_from01", eventstore.NoStream, n)
	MustAppend(t, s, a)
	for _, from := range []eventstore.Revision{-1, 0, 1, 31, 32, 69, 70, 500} {
		got := ReadAll(t, s, a.Stream, from)
		first := min(max(int(from), 0), n)
		if len(got) != n-first {
			t.Fatalf("from %d: %d events, want %d", from, len(got), n-first)
		}
		for i, r := range got {
			if int(r.Revision) != first+i {
				t.Fatalf("from %d: revision %d at place %d", from, r.Revision, i)
			}
		}
	}
}

func leavesEarly(t *testing.T, s Port) {
	t.Helper()
	a := Sample("br_early1", eventstore.NoStream, 200)
	MustAppend(t, s, a)
	for range 20 {
		for r, err := range s.Read(within(t), a.Stream, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Revision == 3 {
				break
			}
		}
	}
}

func conflicts(t *testing.T, s Port) {
	t.Helper()
	MustAppend(t, s, Sample("br_confl1", eventstore.NoStream, 2))
	for _, expected := range []eventstore.Revision{eventstore.NoStream, 0, 2, 40} {
		a := Sample("br_confl1", expected, 1)
		a.Metadata.CommandID = "another"
		_, err := s.Append(within(t), a)
		wantConflict(t, err, a)
	}
	elsewhere := Sample("br_confl2", 0, 1)
	_, err := s.Append(within(t), elsewhere)
	wantConflict(t, err, elsewhere)
	if got := ReadAll(t, s, domain.BranchStream("br_confl1"), 0); len(got) != 2 {
		t.Errorf("%d events after refused appends, want 2", len(got))
	}
}

func wantConflict(t *testing.T, err error, a eventstore.Append) {
	t.Helper()
	conflict, ok := errors.AsType[*eventstore.ConflictError](err)
	if !ok {
		t.Fatalf("append to %s at %d: error %v, want a conflict", a.Stream, a.Expected, err)
	}
	if conflict.Stream != a.Stream || conflict.Expected != a.Expected {
		t.Errorf("conflict says %+v", conflict)
	}
}

func repeats(t *testing.T, s Port) {
	t.Helper()
	first := Sample("br_again1", eventstore.NoStream, 2)
	receipt := MustAppend(t, s, first)
	second := Sample("br_again1", 1, 3)
	next := MustAppend(t, s, second)
	MustAppend(t, s, Sample("br_again1", 4, 1))
	for range 2 {
		if got := MustAppend(t, s, first); got != receipt {
			t.Errorf("the repeat got %+v, the first %+v", got, receipt)
		}
		if got := MustAppend(t, s, second); got != next {
			t.Errorf("the repeat got %+v, the first %+v", got, next)
		}
	}
	if got := ReadAll(t, s, first.Stream, 0); len(got) != 6 {
		t.Errorf("%d events after repeats, want 6", len(got))
	}
}

func unlikeRepeats(t *testing.T, s Port) {
	t.Helper()
	first := Sample("br_unlike", eventstore.NoStream, 2)
	MustAppend(t, s, first)

	longer := Sample("br_unlike", eventstore.NoStream, 3)
	longer.Metadata.CommandID = first.Metadata.CommandID // so that the first two ids are equal
	_, err := s.Append(within(t), longer)
	wantConflict(t, err, longer)

	other := Sample("br_unlike", eventstore.NoStream, 2)
	other.Events[1] = domain.BranchPolicySet{BranchID: "br_unlike"}
	_, err = s.Append(within(t), other)
	wantConflict(t, err, other)
}

func oneWins(t *testing.T, s Port) {
	t.Helper()
	const rounds, writers = 5, 16
	for round := range rounds {
		expected := eventstore.Revision(round) - 1
		won := make([]bool, writers)
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				a := Sample("br_winner", expected, 1)
				a.Metadata.CommandID = strings.Repeat("w", i+1)
				_, err := s.Append(within(t), a)
				if _, lost := errors.AsType[*eventstore.ConflictError](err); !lost && err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
				won[i] = err == nil
			})
		}
		all.Wait()
		n := 0
		for _, w := range won {
			if w {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("round %d: %d writers won", round, n)
		}
	}
	if got := ReadAll(t, s, domain.BranchStream("br_winner"), 0); len(got) != rounds {
		t.Errorf("%d events, want %d", len(got), rounds)
	}
}

func refuses(t *testing.T, s Port) {
	t.Helper()
	big := Sample("br_toobig", eventstore.NoStream, 1)
	big.Events = []domain.Event{domain.BranchOpened{Name: string(bytes.Repeat([]byte("x"), eventstore.MaxAppendBytes))}}
	if _, err := s.Append(within(t), big); !errors.Is(err, eventstore.ErrTooLarge) {
		t.Errorf("a large append: %v, want ErrTooLarge", err)
	}
	fits := Sample("br_toobig", eventstore.NoStream, 1)
	fits.Events = []domain.Event{domain.BranchOpened{Name: string(bytes.Repeat([]byte("x"), eventstore.MaxAppendBytes-2048))}}
	MustAppend(t, s, fits)

	for name, spoil := range map[string]func(*eventstore.Append){
		"no stream":           func(a *eventstore.Append) { a.Stream = "" },
		"no events":           func(a *eventstore.Append) { a.Events = nil },
		"impossible revision": func(a *eventstore.Append) { a.Expected = -2 },
	} {
		a := Sample("br_refuse", eventstore.NoStream, 1)
		spoil(&a)
		if _, err := s.Append(within(t), a); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func endsWithContext(t *testing.T, s Port) {
	t.Helper()
	MustAppend(t, s, Sample("br_ctxend", eventstore.NoStream, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Append(ctx, Sample("br_ctxend", 0, 1))
	if !errors.Is(err, eventstore.ErrUnavailable) && !errors.Is(err, eventstore.ErrInDoubt) {
		t.Errorf("append: %v, want unavailable or in doubt", err)
	}
	failed := false
	for _, err := range s.Read(ctx, domain.BranchStream("br_ctxend"), 0) {
		if failed = errors.Is(err, context.Canceled); err != nil && !failed {
			t.Errorf("read: %v, want the context's error", err)
		}
	}
	if !failed {
		t.Error("a read with an ended context ended as if all had been read")
	}
	if _, err := s.Head(ctx); err == nil {
		t.Error("head: no error")
	}
	if err := s.Ping(ctx); err == nil {
		t.Error("ping: no error")
	}
}

func positionsRise(t *testing.T, s Port) {
	t.Helper()
	var last eventstore.Position
	for i := range 5 {
		for _, branch := range []string{"br_pos001", "br_pos002"} {
			got := MustAppend(t, s, Sample(branch, eventstore.Revision(2*i)-1, 2))
			if got.Position <= last {
				t.Fatalf("position %d after %d", got.Position, last)
			}
			last = got.Position
		}
	}
	head, err := s.Head(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if head != last {
		t.Errorf("head is %d, the last append went to %d", head, last)
	}
	if err := s.Ping(within(t)); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func oneIdentity(t *testing.T, s Port) {
	t.Helper()
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			id, err := s.Identity(within(t))
			if err != nil {
				t.Errorf("identity: %v", err)
			}
			ids[i] = id
		})
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("identities %q", ids)
		}
	}
}
