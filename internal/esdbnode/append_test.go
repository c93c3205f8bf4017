package esdbnode_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

// Streams that every row of TestAppend starts from, made anew for each row.
//
//	absent   never written
//	three    events 0, 1, 2
//	hidden   events 0, 1, then soft-deleted
//	ended    event 0, then tombstoned
//	meta     metadata only
type appendCase struct {
	name   string
	stream string
	want   esdb.ExpectedRevision
	events func(old []esdb.EventData) []esdb.EventData // nil: one new event
	code   esdb.ErrorCode                              // 0: success
	next   uint64                                      // last revision on success
	repeat bool                                        // the answer is the original one
}

// picks takes recorded events of the stream; -1 stands for a new event.
func picks(which ...int) func([]esdb.EventData) []esdb.EventData {
	return func(old []esdb.EventData) (out []esdb.EventData) {
		for _, i := range which {
			if i < 0 {
				out = append(out, event("new", "{}"))
			} else {
				out = append(out, old[i])
			}
		}
		return out
	}
}

func appendCases() []appendCase {
	const conflict, deleted = esdb.ErrorCodeWrongExpectedVersion, esdb.ErrorCodeStreamDeleted
	none := picks()
	return []appendCase{
		{name: "no stream on an absent stream", stream: "absent", want: esdb.NoStream{}},
		{name: "any on an absent stream", stream: "absent", want: esdb.Any{}},
		{name: "exists on an absent stream", stream: "absent", want: esdb.StreamExists{}, code: conflict},
		{name: "a revision on an absent stream", stream: "absent", want: esdb.Revision(0), code: conflict},
		{name: "exists on a stream with metadata only", stream: "meta", want: esdb.StreamExists{}},

		{name: "the current revision", stream: "three", want: esdb.Revision(2), next: 3},
		{name: "any on a stream", stream: "three", want: esdb.Any{}, next: 3},
		{name: "exists on a stream", stream: "three", want: esdb.StreamExists{}, next: 3},
		{name: "a passed revision", stream: "three", want: esdb.Revision(1), code: conflict},
		{name: "a revision to come", stream: "three", want: esdb.Revision(3), code: conflict},
		{name: "no stream on a stream", stream: "three", want: esdb.NoStream{}, code: conflict},

		{name: "repeat at the first revision", stream: "three", want: esdb.NoStream{}, events: picks(0), next: 0, repeat: true},
		{name: "repeat of all events", stream: "three", want: esdb.NoStream{}, events: picks(0, 1, 2), next: 2, repeat: true},
		{name: "repeat in the middle", stream: "three", want: esdb.Revision(0), events: picks(1), next: 1, repeat: true},
		{name: "repeat that goes on beyond the end", stream: "three", want: esdb.Revision(1), events: picks(2, -1), code: conflict},
		{name: "repeat whose second event differs", stream: "three", want: esdb.NoStream{}, events: picks(0, -1), code: conflict},
		{name: "repeat at the wrong revision", stream: "three", want: esdb.Revision(0), events: picks(2), code: conflict},
		{name: "known id at the current revision is written again", stream: "three", want: esdb.Revision(2), events: picks(0), next: 3},

		{name: "any: repeat of the last event", stream: "three", want: esdb.Any{}, events: picks(2), next: 2, repeat: true},
		{name: "any: repeat of an old event", stream: "three", want: esdb.Any{}, events: picks(0), next: 0, repeat: true},
		{name: "exists: repeat", stream: "three", want: esdb.StreamExists{}, events: picks(1, 2), next: 2, repeat: true},
		{name: "any: first new, later known", stream: "three", want: esdb.Any{}, events: picks(-1, 0), next: 4},
		{name: "any: first known, later new", stream: "three", want: esdb.Any{}, events: picks(0, -1), code: conflict},

		{name: "nothing to no stream", stream: "absent", want: esdb.NoStream{}, events: none, next: 1}, // the client says 1
		{name: "nothing at the current revision", stream: "three", want: esdb.Revision(2), events: none, next: 2},
		{name: "nothing with any", stream: "three", want: esdb.Any{}, events: none, next: 2},
		{name: "nothing at a passed revision", stream: "three", want: esdb.Revision(1), events: none, code: conflict},
		{name: "nothing at a revision to come", stream: "three", want: esdb.Revision(3), events: none, code: conflict},

		{name: "no stream on a soft-deleted stream", stream: "hidden", want: esdb.NoStream{}, next: 2},
		{name: "any on a soft-deleted stream", stream: "hidden", want: esdb.Any{}, next: 2},
		{name: "the current revision of a soft-deleted stream", stream: "hidden", want: esdb.Revision(1), next: 2},
		{name: "a passed revision of a soft-deleted stream", stream: "hidden", want: esdb.Revision(0), code: conflict},
		{name: "exists on a soft-deleted stream", stream: "hidden", want: esdb.StreamExists{}, code: deleted},
		{name: "repeat on a soft-deleted stream", stream: "hidden", want: esdb.NoStream{}, events: picks(0, 1), next: 1, repeat: true},

		{name: "any on a tombstoned stream", stream: "ended", want: esdb.Any{}, code: deleted},
		{name: "no stream on a tombstoned stream", stream: "ended", want: esdb.NoStream{}, code: deleted},
		{name: "repeat on a tombstoned stream", stream: "ended", want: esdb.NoStream{}, events: picks(0), code: deleted},
	}
}

func TestAppend(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	for i, tc := range appendCases() {
		t.Run(tc.name, func(t *testing.T) {
			stream, old, results := n.given(t, tc.stream, i)
			fresh := picks(-1)(nil)
			if tc.events != nil {
				fresh = tc.events(old)
			}
			before := len(n.readAll(t, esdb.ReadAllOptions{}, 1<<20))
			res, err := n.client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: tc.want}, fresh...)
			if tc.code != 0 {
				wantCode(t, err, tc.code)
			} else if err != nil {
				t.Fatalf("append: %v", err)
			} else if res.NextExpectedVersion != tc.next {
				t.Fatalf("last revision is %d, want %d", res.NextExpectedVersion, tc.next)
			}
			written := len(n.readAll(t, esdb.ReadAllOptions{}, 1<<20)) - before
			switch {
			case tc.repeat && res.CommitPosition != results[tc.next].CommitPosition:
				t.Fatalf("repeat answers position %d, the original was at %d", res.CommitPosition, results[tc.next].CommitPosition)
			case (tc.repeat || tc.code != 0) && written != 0:
				t.Fatalf("%d events were written", written)
			case !tc.repeat && tc.code == 0 && written < len(fresh):
				t.Fatalf("%d events were written, want %d", written, len(fresh))
			}
		})
	}
}

// given makes one of the streams of appendCase and returns its events and answers.
func (n *testNode) given(t *testing.T, kind string, row int) (string, []esdb.EventData, []*esdb.WriteResult) {
	t.Helper()
	stream := fmt.Sprintf("%s-%d", kind, row)
	counts := map[string]int{"three": 3, "hidden": 2, "ended": 1}
	old := events(counts[kind])
	var results []*esdb.WriteResult
	for _, e := range old {
		results = append(results, n.append(t, stream, esdb.Any{}, e))
	}
	var err error
	switch kind {
	case "hidden":
		_, err = n.client.DeleteStream(t.Context(), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(1)})
	case "ended":
		_, err = n.client.TombstoneStream(t.Context(), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Revision(0)})
	case "meta":
		_, err = n.client.SetStreamMetadata(t.Context(), stream, esdb.AppendToStreamOptions{}, esdb.StreamMetadata{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return stream, old, results
}

func TestRepeatsAreRecognisedAfterARestart(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, esdbnode.Config{Dir: dir})
	old := events(3)
	first := n.append(t, "s", esdb.NoStream{}, old...)
	n.stop()

	n = startNode(t, esdbnode.Config{Dir: dir})
	if again := n.append(t, "s", esdb.NoStream{}, old...); *again != *first {
		t.Fatalf("repeat answers %+v, the original answer was %+v", again, first)
	}
	wantCode(t, n.appendErr(t, "s", esdb.NoStream{}, old[1]), esdb.ErrorCodeWrongExpectedVersion)
	next := n.append(t, "s", esdb.Revision(2), events(1)...)
	if next.CommitPosition <= first.CommitPosition {
		t.Fatalf("position %d after restart is not above %d", next.CommitPosition, first.CommitPosition)
	}
}

func TestAnAppendOfSeveralEventsIsAllOrNothing(t *testing.T) {
	n := startNode(t, esdbnode.Config{MaxAppendBytes: 4096})
	big := event("big", `"`+strings.Repeat("x", 3000)+`"`)
	big2 := event("big", `"`+strings.Repeat("x", 3000)+`"`)
	if err := n.appendErr(t, "s", esdb.NoStream{}, event("small", "{}"), big, big2); err == nil {
		t.Fatal("an append above the limit was accepted")
	}
	_, err := n.read(t, "s", esdb.ReadStreamOptions{}, 10)
	wantCode(t, err, esdb.ErrorCodeResourceNotFound)
	n.append(t, "s", esdb.NoStream{}, event("small", "{}"), big)
	evs, err := n.read(t, "s", esdb.ReadStreamOptions{}, 10)
	if err != nil || len(evs) != 2 {
		t.Fatalf("read %d events, error %v", len(evs), err)
	}
}

// A client that is answered while it still sends reports a broken connection; so even
// thousands of events behind the refused one must be received before the answer.
func TestARefusalWaitsForTheWholeRequest(t *testing.T) {
	n := startNode(t, esdbnode.Config{MaxAppendBytes: 100})
	many := make([]esdb.EventData, 2000)
	for i := range many {
		many[i] = event("big", `"`+strings.Repeat("x", 2000)+`"`)
	}
	err := n.appendErr(t, "s", esdb.NoStream{}, many...)
	if err == nil || !strings.Contains(err.Error(), "Maximum Append Size of 100 Exceeded.") {
		t.Fatalf("got error %v", err)
	}
}

// Of many writers that expect the same revision exactly one wins, and the losers are
// told so; a loser that starts again gets its turn.
func TestExactlyOneWriterWinsARevision(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	const writers, rounds = 16, 20
	var conflicts atomic.Int64
	var wg sync.WaitGroup
	wins := make([]atomic.Int64, writers*rounds)
	for range writers {
		wg.Go(func() {
			var want esdb.ExpectedRevision = esdb.NoStream{}
			for next, won := uint64(0), 0; won < rounds; {
				res, err := n.client.AppendToStream(t.Context(), "contested", esdb.AppendToStreamOptions{ExpectedRevision: want}, event("e", "{}"))
				if e, ok := errors.AsType[*esdb.Error](err); ok && e.Code() == esdb.ErrorCodeWrongExpectedVersion {
					conflicts.Add(1)
					want, next = esdb.Revision(next), next+1 // the next one may be free
					continue
				}
				if err != nil {
					t.Errorf("append: %v", err)
					return
				}
				wins[res.NextExpectedVersion].Add(1)
				won++
				want, next = esdb.Revision(res.NextExpectedVersion), res.NextExpectedVersion+1
			}
		})
	}
	wg.Wait()
	for revision := range wins {
		if got := wins[revision].Load(); got != 1 {
			t.Errorf("revision %d was won %d times", revision, got)
		}
	}
	if conflicts.Load() == 0 {
		t.Error("no writer ever met a conflict: the test did not contend")
	}
}
