package esdbnode_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/esdbnode"
)

func TestFiltersChooseByStreamAndType(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	for _, s := range []string{"booking-1", "booking-2", "staffday-1", "rebooking-1"} {
		n.append(t, s, esdb.NoStream{}, event("booking.requested", "{}"), event("staffday.claimed", "{}"))
	}
	if _, err := n.client.SetStreamMetadata(t.Context(), "booking-1", esdb.AppendToStreamOptions{}, esdb.StreamMetadata{}); err != nil {
		t.Fatal(err)
	}
	log := n.readAll(t, esdb.ReadAllOptions{}, 100)
	for _, tc := range []struct {
		name   string
		filter esdb.SubscriptionFilter
		want   func(*esdb.RecordedEvent) bool
	}{
		{
			"stream prefix",
			esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"booking-"}},
			func(e *esdb.RecordedEvent) bool { return strings.HasPrefix(e.StreamID, "booking-") },
		},
		{
			"several stream prefixes",
			esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"staffday-", "re"}},
			func(e *esdb.RecordedEvent) bool { return e.StreamID == "staffday-1" || e.StreamID == "rebooking-1" },
		},
		{
			"stream expression, not anchored",
			esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "booking-[13]"},
			func(e *esdb.RecordedEvent) bool { return strings.HasSuffix(e.StreamID, "booking-1") },
		},
		{
			"type prefix",
			esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"booking."}},
			func(e *esdb.RecordedEvent) bool { return e.EventType == "booking.requested" },
		},
		{
			"type expression",
			esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: `\.claimed$`},
			func(e *esdb.RecordedEvent) bool { return e.EventType == "staffday.claimed" },
		},
		{
			"no system events", *esdb.ExcludeSystemEventsFilter(),
			func(e *esdb.RecordedEvent) bool { return !strings.HasPrefix(e.EventType, "$") },
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got seen
			got.until(t, n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &tc.filter}), isCaughtUp)
			want := slices.DeleteFunc(slices.Clone(log), func(e *esdb.RecordedEvent) bool { return !tc.want(e) })
			if len(want) == 0 || len(want) == len(log) {
				t.Fatalf("the filter should choose some events, not %d of %d", len(want), len(log))
			}
			sameIDs(t, tc.name, got.ids(), ids(want))
		})
	}
}

func TestUnusableFiltersAreRefused(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	for _, pattern := range []string{"(", `(?!\$)x`} {
		_, err := n.client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{
			Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: pattern},
		})
		if err == nil || !strings.Contains(err.Error(), "regular expression") {
			t.Errorf("%q: got error %v", pattern, err)
		}
	}
}

// A checkpoint comes after every window × interval considered events, also live, and
// one when going live; always at an event, never twice.
func TestCheckpointsCountConsideredEvents(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "quiet", esdb.NoStream{}, events(14)...)
	sub := n.subscribeAll(t, esdb.SubscribeToAllOptions{
		From: esdb.Start{}, MaxSearchWindow: 3, CheckpointInterval: 2,
		Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"loud"}},
	})
	var got seen
	got.until(t, sub, isCaughtUp)
	n.append(t, "quiet", esdb.Revision(13), events(11)...)
	got.until(t, sub, func(s *seen) bool { return len(s.checkpoints) == 4 })
	n.append(t, "loud", esdb.NoStream{}, events(1)...)
	got.until(t, sub, hasEvents(1))

	log := n.readAll(t, esdb.ReadAllOptions{}, 100)
	want := []esdb.Position{log[5].Position, log[11].Position, log[13].Position, log[19].Position}
	if !slices.Equal(got.checkpoints, want) {
		t.Errorf("checkpoints at %v, want %v", got.checkpoints, want)
	}
	if marks := strings.Join(got.marks, " "); marks != "checkpoint checkpoint checkpoint caught-up checkpoint event" {
		t.Errorf("the subscription told %s", marks)
	}
}

// However matching and other events alternate, a consumer that stores whatever it was
// told last (an event or a checkpoint) and resumes there at any time sees every
// matching event exactly once, in order.
func TestResumingFromCheckpointsLosesNothing(t *testing.T) {
	n := startNode(t, esdbnode.Config{TailBytes: 4096})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		prefix := fmt.Sprintf("r%d-", round)
		start := n.readAll(t, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1)
		var from esdb.AllPosition = esdb.Start{}
		if len(start) > 0 {
			from = start[0].Position
		}
		opts := esdb.SubscribeToAllOptions{
			MaxSearchWindow:    rapid.IntRange(1, 4).Draw(rt, "window"),
			CheckpointInterval: rapid.IntRange(1, 2).Draw(rt, "interval"),
			Filter:             &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{prefix}},
		}
		var want, got []uuid.UUID
		for range rapid.IntRange(1, 6).Draw(rt, "sessions") {
			for range rapid.IntRange(0, 8).Draw(rt, "appends") {
				e := event("e", "{}")
				stream := "other"
				if rapid.Bool().Draw(rt, "matching") {
					stream, want = prefix+"s", append(want, e.EventID)
				}
				n.append(t, stream, esdb.Any{}, e)
			}
			opts.From = from
			sub := n.subscribeAll(t, opts)
			var s seen
			s.until(t, sub, isCaughtUp)
			_ = sub.Close()
			got = append(got, s.ids()...)
			// Checkpoints and events rise together: the last mark decides.
			for _, m := range s.marks {
				switch m {
				case "event":
					from = s.events[len(s.events)-1].Position
				case "checkpoint":
					from = s.checkpoints[len(s.checkpoints)-1]
				}
			}
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("saw %d events, want %d", len(got), len(want))
		}
	})
}
