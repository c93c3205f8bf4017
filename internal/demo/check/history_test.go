package check_test

import (
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

const (
	queue = "admin:bookings:br_000001" // the channel that most histories use
	desk  = "desk"                     // the subscriber that most histories have
)

// history tells the books of a run step by step; every commit is a millisecond after the one before.
type history struct {
	books check.Books
	clock time.Time
	next  eventstore.Position
	// delay is how long after its commit a message arrives.
	delay time.Duration
}

func newHistory() *history {
	return &history{clock: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), delay: 5 * time.Millisecond}
}

// commit adds an event to the log that gives one message on each of the channels; a channel named twice gets two parts.
func (h *history) commit(e domain.Event, channels ...string) eventstore.Recorded {
	h.clock = h.clock.Add(time.Millisecond)
	h.next += 10
	rec := eventstore.Recorded{
		ID: uuid.New(), Position: h.next, Created: h.clock, Event: e,
	}
	parts := map[string]int{}
	var messages []check.Message
	for _, c := range channels {
		messages = append(messages, check.Message{Channel: c, Part: parts[c]})
		parts[c]++
	}
	h.books.Event(rec, messages)
	return rec
}

// note adds an event that changes no occupancy and gives one message on the queue.
func (h *history) note() eventstore.Recorded {
	return h.commit(domain.BookingClaimFenced{BookingID: "bkg_000001"}, queue)
}

// attach makes a subscriber hear a channel from a moment after the last commit.
func (h *history) attach(subscriber string, channels ...string) {
	h.clock = h.clock.Add(time.Millisecond)
	for _, c := range channels {
		h.books.Attached(subscriber, c, h.clock)
	}
}

// arrive brings part 0 of the event to the desk over the queue; the subscriber acts on it.
func (h *history) arrive(rec eventstore.Recorded) { h.deliver(desk, queue, rec, 0, true) }

func (h *history) deliver(subscriber, channel string, rec eventstore.Recorded, part int, acted bool) {
	h.books.Arrived(check.Observation{
		Subscriber: subscriber, Channel: channel, EventID: rec.ID, Part: part, At: rec.Created.Add(h.delay), Acted: acted,
	})
}

// figures are the numbers of a report that judge the delivery.
type figures struct {
	expected, received, lost, duplicates, reordered, doubleBooked, phantom, leaked, outdated int
}

// judge is what *testing.T and *rapid.T have in common here.
type judge interface {
	Helper()
	Errorf(format string, args ...any)
}

func (h *history) wants(t judge, want figures) {
	t.Helper()
	r := h.books.Report(0)
	got := figures{
		r.Expected, r.Received, r.Lost, r.Duplicates, r.Reordered, r.DoubleBooked,
		r.Faults[check.Phantom], r.Faults[check.Leaked], r.Faults[check.Outdated],
	}
	if got != want {
		t.Errorf("report has %+v, want %+v", got, want)
	}
	if len(r.Missing) != min(want.lost, 10) {
		t.Errorf("of %d lost messages %d are named: %+v", want.lost, len(r.Missing), r.Missing)
	}
}

// used answers one accepted command of every verb, so that only the delivery can fail the run.
func (h *history) used() {
	for _, a := range check.Actions() {
		h.books.Answered(check.Command{Action: a, Accepted: true})
	}
}
