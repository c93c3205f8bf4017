package nodelog_test

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/nodelog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestTheLogIsWhatRealAppendsMake appends the same to another node, through the store, one after the other.
func TestTheLogIsWhatRealAppendsMake(t *testing.T) {
	t.Parallel()
	const size = 300
	l := nodelog.New(t, size)
	other := nodelog.Empty(t)
	made := 0
	for a := range nodelog.Appends(size) {
		made += len(a.Events)
		if _, err := other.Append(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if made != l.Events {
		t.Errorf("%d events of %d", l.Events, made)
	}
	want := history(t, other, made)
	for i, got := range history(t, l.Store, made) {
		got.Created, want[i].Created = time.Time{}, time.Time{} // the one is the chain's clock, the other today's
		if !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("%+v is not %+v", got, want[i])
		}
	}
	if got := want[made-1].Position; got != l.Head {
		t.Errorf("the last is at %d, the head at %d", got, l.Head)
	}
}

// history subscribes and returns the first n events.
func history(t *testing.T, s *eventstore.Store, n int) []eventstore.Recorded {
	t.Helper()
	sub, err := s.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close() //nolint:errcheck // it never fails
	var all []eventstore.Recorded
	for len(all) < n {
		m, err := sub.Recv()
		switch {
		case err != nil:
			t.Fatal(err)
		case m.CaughtUp:
			t.Fatalf("there are %d events, not %d", len(all), n)
		case m.Event != nil:
			all = append(all, *m.Event)
		}
	}
	return all
}

func TestADrainCountsEveryEvent(t *testing.T) {
	t.Parallel()
	l := nodelog.New(t, 1000)
	if rate := l.Raw(t); rate <= 0 {
		t.Errorf("%f events a second", rate)
	}
	if err := nodelog.Drain(t.Context(), l, l.Events+1); err == nil {
		t.Error("a log that is too short was not noticed")
	}
}

func TestALogThatCannotBeMadeSaysSo(t *testing.T) {
	t.Parallel()
	if _, err := nodelog.Fill(t.Context(), filepath.Join("/dev/null", "log"), 10); err == nil {
		t.Error("a log was made where none can be")
	}
}
