package esdbnode_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/esdbnode"
)

func write(stream string, expected int64, events ...esdb.EventData) esdbnode.Write {
	w := esdbnode.Write{Stream: stream, Expected: expected}
	for _, e := range events {
		w.Events = append(w.Events, esdbnode.Event{ID: e.EventID, Type: e.EventType, Data: e.Data, Metadata: e.Metadata})
	}
	return w
}

// TestAnImportIsWhatAppendsMake imports into one node what a client appends to another, and compares what both hold.
func TestAnImportIsWhatAppendsMake(t *testing.T) {
	noon := func() time.Time { return time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC) }
	wire, imported := startNode(t, esdbnode.Config{Clock: noon}), startNode(t, esdbnode.Config{Clock: noon})
	var writes []esdbnode.Write
	last := map[string]int64{}
	for n := range 1500 { // more than a transaction takes
		stream := fmt.Sprintf("s-%d", n%700)
		want, ok := last[stream]
		if !ok {
			want = -1
		}
		batch := events(1 + n%3)
		batch[0].Metadata = []byte(`{"n":1}`)
		last[stream] = want + int64(len(batch))
		writes = append(writes, write(stream, want, batch...))
		var expected esdb.ExpectedRevision = esdb.NoStream{}
		if ok {
			expected = esdb.Revision(uint64(want))
		}
		wire.append(t, stream, expected, batch...)
	}
	if err := imported.Import(t.Context(), writes); err != nil {
		t.Fatal(err)
	}
	a, b := wire.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64), imported.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	if len(a) == 0 || !reflect.DeepEqual(a, b) {
		t.Errorf("%d events were appended, %d imported, or they differ", len(a), len(b))
	}
	// A repeat is recognised, as over the wire.
	if err := imported.Import(t.Context(), writes[:3]); err != nil {
		t.Errorf("repeat: %v", err)
	}
	if again := imported.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64); len(again) != len(b) {
		t.Errorf("%d events after a repeat, not %d", len(again), len(b))
	}
}

func TestAnImportKeepsTheRules(t *testing.T) {
	n := startNode(t, esdbnode.Config{MaxAppendBytes: 1000})
	n.append(t, "gone", esdb.NoStream{}, events(1)...)
	if _, err := n.client.TombstoneStream(t.Context(), "gone", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
		t.Fatal(err)
	}
	nameless := event("", "{}")
	anonymous := event("tested", "{}")
	anonymous.EventID = uuid.Nil
	before := len(n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64))
	for why, w := range map[string]esdbnode.Write{
		"is at revision -1, not 4": write("s", 4, events(1)...),
		"deleted":                  write("gone", 0, events(1)...),
		"exceeded":                 write("s", -1, event("tested", strings.Repeat("x", 1000))),
		"missing or zero":          write("s", -1, anonymous),
		"cannot be written":        write("$all", -1, events(1)...),
		"type":                     write("s", -1, nameless),
		"out of range":             write("s", -2, events(1)...),
	} {
		if err := n.Import(t.Context(), []esdbnode.Write{w}); err == nil || !strings.Contains(strings.ToLower(err.Error()), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if after := len(n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)); after != before {
		t.Errorf("%d events were written all the same", after-before)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Import(gone, []esdbnode.Write{write("s", -1, events(1)...)}); err == nil {
		t.Error("imported for somebody who had gone")
	}
	n.stop()
	if err := n.Import(t.Context(), nil); err == nil {
		t.Error("imported into a closed node")
	}
}

// TestImportsAndAppendsInterleave has several of both at once: each gets its answer, and every stream is in order.
func TestImportsAndAppendsInterleave(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	const each = 600
	var all sync.WaitGroup
	for k := range 3 {
		all.Go(func() {
			var writes []esdbnode.Write
			for i := range each {
				writes = append(writes, write(fmt.Sprintf("import-%d", k), int64(i)-1, events(1)...))
			}
			if err := n.Import(context.Background(), writes); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			for range 50 {
				_, err := n.client.AppendToStream(context.Background(), fmt.Sprintf("wire-%d", k),
					esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, events(1)...)
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if got := len(n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)); got != 3*(each+50) {
		t.Errorf("%d events", got)
	}
}
