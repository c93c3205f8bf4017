package esdbnode_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

func TestASubscriptionCatchesUpThenGoesLive(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(2)...)
	n.append(t, "t", esdb.NoStream{}, events(1)...)

	all, one := n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}}), n.subscribe(t, "s", esdb.Start{})
	var gotAll, gotOne seen
	gotAll.until(t, all, isCaughtUp)
	gotOne.until(t, one, isCaughtUp)
	n.append(t, "t", esdb.Revision(0), events(1)...)
	n.append(t, "s", esdb.Revision(1), events(1)...)
	gotAll.until(t, all, hasEvents(5))
	gotOne.until(t, one, hasEvents(3))

	if want := "event event event caught-up event event"; strings.Join(gotAll.marks, " ") != want {
		t.Errorf("$all told %v", gotAll.marks)
	}
	if want := "event event caught-up event"; strings.Join(gotOne.marks, " ") != want {
		t.Errorf("the stream told %v", gotOne.marks)
	}
	sameIDs(t, "$all", gotAll.ids(), ids(n.readAll(t, esdb.ReadAllOptions{}, 100)))
	if got := revisions(gotOne.events); !slices.Equal(got, []uint64{0, 1, 2}) {
		t.Errorf("the stream told revisions %v", got)
	}
}

func TestASubscriptionWaitsForAStreamThatDoesNotExist(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	for _, from := range []esdb.StreamPosition{esdb.Start{}, esdb.End{}} {
		stream := fmt.Sprintf("later-%T", from)
		sub := n.subscribe(t, stream, from)
		var got seen
		got.until(t, sub, isCaughtUp)
		n.append(t, stream, esdb.NoStream{}, events(2)...)
		got.until(t, sub, hasEvents(2))
	}
}

func TestASubscriptionFromTheEndSeesNewEventsOnly(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(3)...)
	all, one := n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.End{}}), n.subscribe(t, "s", esdb.End{})
	fresh := events(1)
	n.append(t, "s", esdb.Revision(2), fresh...)
	for _, sub := range []*esdb.Subscription{all, one} {
		var got seen
		got.until(t, sub, hasEvents(1))
		if got.events[0].EventID != fresh[0].EventID {
			t.Errorf("the first event is revision %d", got.events[0].EventNumber)
		}
	}
}

// From every position and revision, in memory and on disk, a subscription goes on with
// exactly the next event.
func TestResumingFromEveryPositionSkipsAndRepeatsNothing(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, esdbnode.Config{Dir: dir})
	for i := range 12 {
		n.append(t, fmt.Sprintf("s-%d", i%3), esdb.Any{}, events(1+i%4)...)
	}
	for _, where := range []string{"memory", "disk"} {
		if where == "disk" {
			n.stop()
			n = startNode(t, esdbnode.Config{Dir: dir})
		}
		log := n.readAll(t, esdb.ReadAllOptions{}, 1000)
		for i, at := range log[:len(log)-1] {
			var got seen
			got.until(t, n.subscribeAll(t, esdb.SubscribeToAllOptions{From: at.Position}), isCaughtUp)
			sameIDs(t, fmt.Sprintf("%s: $all after event %d", where, i), got.ids(), ids(log[i+1:]))

			got = seen{}
			got.until(t, n.subscribe(t, at.StreamID, esdb.Revision(at.EventNumber)), isCaughtUp)
			rest, err := n.read(t, at.StreamID, esdb.ReadStreamOptions{From: esdb.Revision(at.EventNumber + 1)}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			sameIDs(t, fmt.Sprintf("%s: %s after revision %d", where, at.StreamID, at.EventNumber), got.ids(), ids(rest))
		}
	}
}

func TestASubscriptionToAForeignPositionIsRefused(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(2)...)
	_, err := n.client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Position{Commit: 77, Prepare: 77}})
	if err == nil || !strings.Contains(err.Error(), "invalid position") {
		t.Fatalf("got error %v", err)
	}
}

func TestMetadataLimitsWhatASubscriptionCatchesUpOn(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(5)...)
	meta := esdb.StreamMetadata{}
	meta.SetMaxCount(2)
	if _, err := n.client.SetStreamMetadata(t.Context(), "s", esdb.AppendToStreamOptions{}, meta); err != nil {
		t.Fatal(err)
	}
	var got seen
	got.until(t, n.subscribe(t, "s", esdb.Start{}), isCaughtUp)
	if r := revisions(got.events); !slices.Equal(r, []uint64{3, 4}) {
		t.Fatalf("the subscription told revisions %v", r)
	}
}

func TestATombstoneEndsALiveSubscription(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(1)...)
	sub := n.subscribe(t, "s", esdb.Start{})
	new(seen).until(t, sub, isCaughtUp)
	if _, err := n.client.TombstoneStream(t.Context(), "s", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
		t.Fatal(err)
	}
	if m := sub.Recv(); m.SubscriptionDropped == nil || !strings.Contains(m.SubscriptionDropped.Error.Error(), "deleted") {
		t.Fatalf("the subscription told %+v", m)
	}
}

func TestASoftDeletedAndRevivedStreamGoesOnInASubscription(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(2)...)
	sub := n.subscribe(t, "s", esdb.Start{})
	var got seen
	got.until(t, sub, isCaughtUp)
	if _, err := n.client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
		t.Fatal(err)
	}
	n.append(t, "s", esdb.NoStream{}, events(1)...)
	got.until(t, sub, hasEvents(3))

	late := n.subscribe(t, "s", esdb.Start{})
	got = seen{}
	got.until(t, late, isCaughtUp)
	if r := revisions(got.events); !slices.Equal(r, []uint64{2}) {
		t.Fatalf("a late subscription told revisions %v", r)
	}
}

func TestStoppingTheNodeEndsSubscriptions(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	sub := n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	new(seen).until(t, sub, isCaughtUp)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if m := sub.Recv(); m.SubscriptionDropped == nil {
		t.Fatalf("the subscription told %+v", m)
	}
}
