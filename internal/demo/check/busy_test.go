package check_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// TestTheCheckerAndTheDomainTakeTheSameTime draws a service of one booking and lets a second booking probe the same member minute by
// minute: the two meet exactly where the domain's slots say that the member is taken. The checker works that out by itself; where
// the two differ one of them is wrong.
func TestTheCheckerAndTheDomainTakeTheSameTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		booking := drawVisit(t)
		var visit domain.Booking
		for _, e := range booking {
			visit = visit.Evolve(e)
		}
		minute := at(8, 0).Add(time.Duration(rapid.IntRange(0, 7*60).Draw(t, "probe")) * time.Minute)
		taken := 0
		for _, s := range visit.Slots(time.UTC) {
			if s.StartAt.Before(minute.Add(time.Minute)) && minute.Before(s.EndAt) {
				taken = 1
			}
		}
		h := newHistory()
		for _, e := range booking {
			h.commit(e)
		}
		// The booking is what it has become before the other comes: what it held on the way does not count.
		h.commit(requested(2, "stf_a", minute, minute.Add(time.Minute)))
		h.wants(t, figures{doubleBooked: taken})
	})
}

// drawVisit draws a booking of one service with buffers and phases, perhaps done early, perhaps not attended.
func drawVisit(t *rapid.T) []domain.BookingEvent {
	s := domain.Segment{
		SegmentID: "seg_1", StaffID: "stf_a", StartAt: at(10, 0),
		PreBufferMinutes:  rapid.IntRange(0, 30).Draw(t, "before"),
		PostBufferMinutes: rapid.IntRange(0, 30).Draw(t, "after"),
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "phases") {
		kind := domain.PhaseActive
		if i > 0 {
			kind = rapid.SampledFrom([]domain.PhaseKind{domain.PhaseActive, domain.PhaseProcessing}).Draw(t, "kind")
		}
		s.Phases = append(s.Phases, domain.Phase{Kind: kind, Minutes: rapid.IntRange(1, 60).Draw(t, "minutes")})
		s.DurationMinutes += s.Phases[i].Minutes
	}
	if len(s.Phases) == 0 {
		s.DurationMinutes = rapid.IntRange(1, 180).Draw(t, "duration")
	}
	s.EndAt = s.StartAt.Add(time.Duration(s.DurationMinutes) * time.Minute)
	log := []domain.BookingEvent{
		domain.BookingRequested{BookingRef: ref(1), Plan: domain.Plan{Segments: []domain.Segment{s}}},
		domain.BookingConfirmed{BookingRef: ref(1), Segments: []domain.Segment{s}},
	}
	when := at(9, 0).Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "when")) * time.Minute)
	switch rapid.SampledFrom([]string{"ahead", "done", "no-show", "cancelled"}).Draw(t, "then") {
	case "done":
		s.StartedAt = s.StartAt
		log = append(log, domain.BookingSegmentStarted{BookingRef: ref(1), Segment: s})
		s.FinishedAt = when
		log = append(log, domain.BookingSegmentFinished{BookingRef: ref(1), Segment: s, At: when})
	case "no-show":
		log = append(log, domain.BookingNoShow{BookingRef: ref(1), At: when})
	case "cancelled":
		log = append(log, domain.BookingCancelled{BookingRef: ref(1), At: when})
	}
	return log
}
