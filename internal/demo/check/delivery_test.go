package check_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

func TestDelivery(t *testing.T) {
	fence := domain.BookingClaimFenced{BookingID: "bkg_000001"}
	for name, c := range map[string]struct {
		tell func(h *history)
		want figures
	}{
		"everything arrives once and in order": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a, b := h.note(), h.note()
				h.arrive(a)
				h.arrive(b)
			},
			want: figures{expected: 2, received: 2},
		},
		"a message never arrives": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a, _, c := h.note(), h.note(), h.note()
				h.arrive(a)
				h.arrive(c)
			},
			want: figures{expected: 3, received: 2, lost: 1},
		},
		"one of two subscribers hears nothing": {
			tell: func(h *history) {
				h.attach(desk, queue)
				h.attach("tablet", queue)
				a := h.note()
				h.arrive(a)
			},
			want: figures{expected: 2, received: 1, lost: 1},
		},
		"the second part of an event is lost": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a := h.commit(fence, queue, queue)
				h.deliver(desk, queue, a, 0, true)
			},
			want: figures{expected: 2, received: 1, lost: 1},
		},
		"the same part on another channel does not make up for a lost one": {
			tell: func(h *history) {
				h.attach(desk, queue, "admin:leave:br_000001")
				a := h.commit(fence, queue, "admin:leave:br_000001")
				h.deliver(desk, queue, a, 0, true)
				h.deliver(desk, queue, a, 0, false)
			},
			want: figures{expected: 2, received: 1, lost: 1},
		},
		"a repeat is acted on": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a := h.note()
				h.arrive(a)
				h.arrive(a)
				h.arrive(a)
			},
			want: figures{expected: 1, received: 1, duplicates: 2},
		},
		"a late repeat is dropped by the subscriber's rule": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a, b := h.note(), h.note()
				h.arrive(a)
				h.arrive(b)
				h.deliver(desk, queue, a, 0, false)
			},
			want: figures{expected: 2, received: 2},
		},
		"a repeat does not hide that another message is lost": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a, _ := h.note(), h.note()
				h.arrive(a)
				h.arrive(a)
			},
			want: figures{expected: 2, received: 1, lost: 1, duplicates: 1},
		},
		"two messages change places": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a, b := h.note(), h.note()
				h.arrive(b)
				h.deliver(desk, queue, a, 0, false)
			},
			want: figures{expected: 2, received: 2, reordered: 1},
		},
		"three messages arrive backwards": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a, b, c := h.note(), h.note(), h.note()
				h.arrive(c)
				h.arrive(b)
				h.arrive(a)
			},
			want: figures{expected: 3, received: 3, reordered: 3},
		},
		"the parts of one event change places": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a := h.commit(fence, queue, queue)
				h.deliver(desk, queue, a, 1, true)
				h.deliver(desk, queue, a, 0, false)
			},
			want: figures{expected: 2, received: 2, reordered: 1},
		},
		"the parts of one event arrive in order": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a := h.commit(fence, queue, queue)
				h.deliver(desk, queue, a, 0, true)
				h.deliver(desk, queue, a, 1, true)
			},
			want: figures{expected: 2, received: 2},
		},
		"channels and subscribers owe each other no order": {
			tell: func(h *history) {
				h.attach(desk, queue, "admin:leave:br_000001")
				h.attach("tablet", queue)
				a, b := h.note(), h.commit(fence, "admin:leave:br_000001")
				h.deliver(desk, "admin:leave:br_000001", b, 0, true)
				h.arrive(a)
				h.deliver("tablet", queue, a, 0, true)
			},
			want: figures{expected: 3, received: 3},
		},
		"a subscriber that attached late is not owed what came before": {
			tell: func(h *history) {
				h.note()
				h.attach(desk, queue)
				b := h.note()
				h.arrive(b)
			},
			want: figures{expected: 1, received: 1},
		},
		"what arrives without being owed does not count as received": {
			tell: func(h *history) {
				a := h.note()
				h.attach(desk, queue)
				h.note()
				h.arrive(a)
			},
			want: figures{expected: 1, lost: 1},
		},
		"a subscriber that left is not owed what comes after": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a := h.note()
				h.books.Leaving(desk, queue, h.clock)
				h.note()
				h.arrive(a)
			},
			want: figures{expected: 1, received: 1},
		},
		"leaving one channel leaves no other": {
			tell: func(h *history) {
				h.attach(desk, queue, "admin:leave:br_000001")
				h.books.Leaving(desk, "admin:leave:br_000001", h.clock)
				h.note()
			},
			want: figures{expected: 1, lost: 1},
		},
		"one subscriber leaves and the other stays": {
			tell: func(h *history) {
				h.attach(desk, queue)
				h.attach("tablet", queue)
				h.books.Leaving("tablet", queue, h.clock)
				h.note()
			},
			want: figures{expected: 1, lost: 1},
		},
		"leaving twice does not put the first time off": {
			tell: func(h *history) {
				h.attach(desk, queue)
				h.books.Leaving(desk, queue, h.clock)
				h.note()
				h.books.Leaving(desk, queue, h.clock)
			},
			want: figures{},
		},
		"a subscriber that came back is owed what follows": {
			tell: func(h *history) {
				h.attach(desk, queue)
				h.books.Leaving(desk, queue, h.clock)
				h.note()
				h.attach(desk, queue)
				h.note()
			},
			want: figures{expected: 1, lost: 1},
		},
		"nothing is owed after the stop, all that is under way still is": {
			tell: func(h *history) {
				h.attach(desk, queue)
				h.note()
				h.books.Stop(h.clock)
				h.note()
			},
			want: figures{expected: 1, lost: 1},
		},
		"messages of no event are told apart": {
			tell: func(h *history) {
				h.attach(desk, queue)
				a := h.note()
				h.arrive(a)
				h.arrive(eventstore.Recorded{ID: uuid.New(), Created: h.clock})
				h.deliver(desk, queue, a, 7, true)
				h.deliver(desk, "booking:bkg_000001", a, 0, true)
			},
			want: figures{expected: 1, received: 1, phantom: 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHistory()
			c.tell(h)
			h.wants(t, c.want)
		})
	}
}

// TestALeavingPageKnowsWhatIsStillOnItsWay: what was committed before it left, and nothing else.
func TestALeavingPageKnowsWhatIsStillOnItsWay(t *testing.T) {
	h := newHistory()
	h.attach(desk, queue)
	h.attach("tablet", queue)
	a := h.note()
	h.books.Leaving(desk, queue, h.clock)
	h.note()
	for _, want := range []int{1, 0} {
		if got := h.books.OutstandingOf(desk, queue, "admin:leave:br_000001"); got != want {
			t.Errorf("%d messages are on their way to the desk, want %d", got, want)
		}
		h.arrive(a)
	}
	if got := h.books.OutstandingOf("tablet", queue); got != 2 {
		t.Errorf("%d messages are on their way to the tablet, want 2", got)
	}
}

func TestAResyncStandsForTheMessage(t *testing.T) {
	h := newHistory()
	h.attach(desk, queue)
	h.used()
	resync := func() {
		a := h.note()
		h.books.Arrived(check.Observation{Subscriber: desk, Channel: queue, EventID: a.ID, At: a.Created, Resync: true})
	}
	resync()
	for range 9 {
		h.arrive(h.note())
	}
	h.wants(t, figures{expected: 10, received: 10})
	if r := h.books.Report(0); r.Faults[check.Resync] != 1 || len(r.Broken()) > 0 {
		t.Errorf("%d resyncs counted, and broken is %q", r.Faults[check.Resync], r.Broken())
	}
	resync()
	if why := h.books.Report(0).Broken(); len(why) != 1 || why[0] != "2 of 11 messages only told to read again" {
		t.Errorf("with too many of them, broken is %q", why)
	}
}

func TestTheMessageAfterItsResyncIsNoRepeat(t *testing.T) {
	h := newHistory()
	h.attach(desk, queue)
	a := h.note()
	h.books.Arrived(check.Observation{Subscriber: desk, Channel: queue, EventID: a.ID, At: a.Created, Resync: true})
	h.deliver(desk, queue, a, 0, true)
	h.wants(t, figures{expected: 1, received: 1})
	h.deliver(desk, queue, a, 0, true)
	h.wants(t, figures{expected: 1, received: 1, duplicates: 1})
}

func TestALostMessageIsNamed(t *testing.T) {
	h := newHistory()
	h.attach(desk, queue)
	h.attach("tablet", queue)
	a, b := h.note(), h.commit(domain.BookingClaimFenced{BookingID: "bkg_000001"}, queue, queue)
	h.deliver("tablet", queue, a, 0, true)
	h.deliver("tablet", queue, b, 0, true)
	h.deliver(desk, queue, b, 1, true)
	r := h.books.Report(0)
	want := []check.Missing{
		{Subscriber: desk, Channel: queue, EventID: a.ID, Committed: a.Created},
		{Subscriber: desk, Channel: queue, EventID: b.ID, Committed: b.Created},
		{Subscriber: "tablet", Channel: queue, EventID: b.ID, Part: 1, Committed: b.Created},
	}
	if !slices.Equal(r.Missing, want) {
		t.Errorf("missing are\n%+v, want\n%+v", r.Missing, want)
	}
	if last := r.Broken()[len(r.Broken())-1]; !strings.Contains(strings.Join(r.Broken(), "\n"), "tablet did not get part 1 of event "+b.ID.String()) {
		t.Errorf("broken ends with %q", last)
	}
}

func TestAPageThatShowsSomethingElseIsCountedOnce(t *testing.T) {
	h := newHistory()
	h.books.Outdated(desk)
	h.books.Outdated(desk)
	h.books.Outdated("tablet")
	h.wants(t, figures{outdated: 2})
}

func TestOutstandingFallsAsMessagesArrive(t *testing.T) {
	h := newHistory()
	h.attach(desk, queue)
	a, b := h.note(), h.note()
	for i, step := range []func(){func() {}, func() { h.arrive(a) }, func() { h.arrive(b) }} {
		step()
		if got, want := h.books.Outstanding(), 2-i; got != want {
			t.Errorf("after %d arrivals %d pairs are outstanding, want %d", i, got, want)
		}
	}
	if h.books.Head() != b.Position {
		t.Errorf("head is %d, want %d", h.books.Head(), b.Position)
	}
}

func TestLatencyIsMeasuredFromTheCommandAndFromTheCommit(t *testing.T) {
	h := newHistory()
	h.attach(desk, queue)
	for i := range 100 {
		rec := h.note()
		h.delay = time.Duration(i+1) * time.Millisecond
		h.arrive(rec)
		h.books.Answered(check.Command{
			Action: check.Approve, Accepted: true, Sent: rec.Created.Add(-10 * time.Millisecond), Position: rec.Position,
		})
	}
	got := h.books.Report(0).LatencyMs
	want := check.LatencyMs{
		CommandToReceived: check.Percentiles{P50: 60, P99: 109},
		CommitToReceived:  check.Percentiles{P50: 50, P99: 99},
	}
	if got != want {
		t.Errorf("latencies are %+v, want %+v", got, want)
	}
}
