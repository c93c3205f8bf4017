package esdbnode_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

// Subscribers come and go while many writers append, on a node whose memory is so
// small that they change between disk and memory all the time. Each must see exactly
// the log, in order, from its start to the last event.
func TestHandOverUnderLoadLosesAndRepeatsNothing(t *testing.T) {
	const writers, perWriter, subscribers = 6, 150, 12
	n := startNode(t, esdbnode.Config{TailBytes: 2048})
	type watch struct {
		sub    *esdb.Subscription
		accept func(*esdb.RecordedEvent) bool
		got    seen
	}
	everything := func(*esdb.RecordedEvent) bool { return true }
	watches := make([]*watch, subscribers)
	var wrote, watched sync.WaitGroup
	for w := range writers {
		wrote.Go(func() { n.appendSeries(t, fmt.Sprintf("w%d-s", w), perWriter) })
	}
	for i := range watches {
		wa := &watch{accept: everything}
		watches[i] = wa
		only := fmt.Sprintf("w%d-", i%writers)
		mine := func(e *esdb.RecordedEvent) bool { return strings.HasPrefix(e.StreamID, only) }
		watched.Go(func() {
			switch i % 3 {
			case 0:
				wa.sub = n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}})
			case 1:
				wa.accept = mine
				wa.sub = n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &esdb.SubscriptionFilter{
					Type: esdb.StreamFilterType, Prefixes: []string{only},
				}})
			case 2:
				wa.accept = mine
				wa.sub = n.subscribe(t, only+"s", esdb.Start{})
			}
			want := writers * perWriter
			if i%3 != 0 {
				want = perWriter
			}
			wa.got.until(t, wa.sub, hasEvents(want))
		})
	}
	wrote.Wait()
	watched.Wait()
	log := n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	for i, wa := range watches {
		want := slices.DeleteFunc(slices.Clone(log), func(e *esdb.RecordedEvent) bool { return !wa.accept(e) })
		sameIDs(t, fmt.Sprintf("subscriber %d", i), wa.got.ids(), ids(want))
	}
}

func (n *testNode) appendSeries(t *testing.T, stream string, count int) {
	t.Helper()
	var want esdb.ExpectedRevision = esdb.NoStream{}
	for range count {
		res, err := n.client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: want}, events(1)...)
		if err != nil {
			t.Errorf("append to %s: %v", stream, err)
			return
		}
		want = esdb.Revision(res.NextExpectedVersion)
	}
}

// A subscriber that does not read for a while falls out of memory. It goes on from
// disk, is told that it has caught up once more, and has missed nothing.
func TestASlowSubscriberLosesNothing(t *testing.T) {
	n := startNode(t, esdbnode.Config{TailBytes: 64 << 10})
	sub := n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	var got seen
	got.until(t, sub, isCaughtUp)

	// More than the flow-control window of the connection and the node's memory hold.
	body := `"` + strings.Repeat("x", 100<<10) + `"`
	const total = 40
	for range total {
		n.append(t, "s", esdb.Any{}, event("big", body))
	}
	got.until(t, sub, func(s *seen) bool { return len(s.events) == total && s.caughtUp >= 2 })
	sameIDs(t, "slow subscriber", got.ids(), ids(n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)))

	live := event("small", "{}")
	n.append(t, "s", esdb.Any{}, live)
	got.until(t, sub, hasEvents(total+1))
	if got.events[total].EventID != live.EventID {
		t.Fatal("the live event is another one")
	}
}

// A live subscriber is shown an event only after it can be read and after its writer
// could have been answered; and it is shown it at once. The limit is far above the
// millisecond that it takes, for busy machines.
func TestALiveSubscriberIsToldAtOnce(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	sub := n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	var got seen
	got.until(t, sub, isCaughtUp)
	var delays []time.Duration
	for i := range 50 {
		n.append(t, "s", esdb.Any{}, events(1)...)
		acknowledged := time.Now()
		got.until(t, sub, hasEvents(i+1))
		delays = append(delays, time.Since(acknowledged))
	}
	slices.Sort(delays)
	if median := delays[len(delays)/2]; median > 50*time.Millisecond {
		t.Errorf("the median delay is %v", median)
	}
}
