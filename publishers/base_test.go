package publishers

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// TestABaseNamesExactlyOneList: equal lists have equal bases, and lists that differ in anything have others. The service
// drops a list whose base it has seen, so a base that named two would lose messages.
func TestABaseNamesExactlyOneList(t *testing.T) {
	t.Parallel()
	list := rapid.Custom(func(t *rapid.T) []outgoing {
		var out []outgoing
		for range rapid.IntRange(1, 4).Draw(t, "length") {
			out = append(out, outgoing{
				Message: Message{
					EventID:  uuid.UUID{byte(rapid.IntRange(0, 2).Draw(t, "event"))},
					Envelope: Envelope{Part: rapid.IntRange(0, 2).Draw(t, "part")},
				},
				resync: rapid.Bool().Draw(t, "resync"),
			})
		}
		return out
	})
	says := func(list []outgoing) string {
		text := ""
		for _, m := range list {
			text += fmt.Sprint(m.EventID, m.Envelope.Part, m.resync, ";")
		}
		return text
	}
	rapid.Check(t, func(t *rapid.T) {
		a := list.Draw(t, "a")
		b := slices.Clone(a)
		m := &b[rapid.IntRange(0, len(b)-1).Draw(t, "changed")] // in one respect, or in none
		switch rapid.IntRange(0, 4).Draw(t, "respect") {
		case 0:
			m.EventID = uuid.UUID{byte(rapid.IntRange(0, 2).Draw(t, "other event"))}
		case 1:
			m.Envelope.Part++
		case 2:
			m.resync = !m.resync
		case 3:
			b = append(b, b[0])
		}
		if (says(a) == says(b)) != (array{messages: a}.base() == array{messages: b}.base()) {
			t.Fatalf("lists %q and %q have bases %q and %q", says(a), says(b), array{messages: a}.base(), array{messages: b}.base())
		}
	})
}

// TestRequestsStayBelowTheService asks the buckets as fast as they allow, with one message a request.
func TestRequestsStayBelowTheService(t *testing.T) {
	t.Parallel()
	b := newBuckets(Limits{})
	begin := time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC)
	var at []time.Time
	for now := begin; now.Before(begin.Add(5 * time.Second)); now = now.Add(b.accountWait(now)) {
		b.takeAccount(now, 1)
		at = append(at, now)
	}
	first := 0
	for i := range at {
		for at[i].Sub(at[first]) >= time.Second {
			first++
		}
		if n := i - first + 1; n > 362 {
			t.Fatalf("%d requests in one second", n)
		}
	}
	if len(at) < 5*280 {
		t.Errorf("only %d requests in 5 s", len(at))
	}
}

// TestBucketsOfQuietChannelsAreForgotten: there is a channel for every booking, for ever.
func TestBucketsOfQuietChannelsAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBuckets(Limits{})
	now := time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC)
	for i := range 3 * keptBuckets {
		b.takeChannel(fmt.Sprint(i), now)
	}
	b.sweep(now)
	if len(b.channels) != 3*keptBuckets {
		t.Errorf("%d left, although none is full", len(b.channels))
	}
	b.sweep(now.Add(time.Second))
	if len(b.channels) != 0 {
		t.Errorf("%d left, although all are full", len(b.channels))
	}
}

func TestSpansNameWhatAMessageIsAbout(t *testing.T) {
	t.Parallel()
	for eventType, want := range map[string]string{
		"booking.confirmed": "booking.id", "leave.approved": "leave.id", "branch.closure_declared": "branch.id",
	} {
		if got := string(entityKey(Message{EventType: eventType})); got != want {
			t.Errorf("%s is about %s, want %s", eventType, got, want)
		}
	}
}
