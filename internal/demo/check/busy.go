package check

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// span is a half-open piece of a member's time.
type span struct{ from, to time.Time }

func (s span) empty() bool { return !s.from.Before(s.to) }

func (s span) overlaps(o span) bool { return s.from.Before(o.to) && o.from.Before(s.to) }

// upTo returns the part of the span before an instant.
func (s span) upTo(end time.Time) span {
	if end.Before(s.to) {
		s.to = end
	}
	return s
}

// stay is the time that a booking takes of one member.
type stay struct {
	staffID string
	span
}

// stays lists the time that a booking takes of its staff. It is worked out here from the services alone, and not from the slots
// that the events name: what the engine believes to have taken is what is to be checked.
//
// A member is busy with the buffers around a service and with its active phases, and free while something takes effect. A
// service that was done early keeps him until then, a customer who did not come until it was known.
func stays(b domain.Booking) []stay {
	var until time.Time // what is later is free again
	switch b.Status {
	case domain.StatusPending, domain.StatusConfirmed, domain.StatusCheckedIn, domain.StatusInProgress, domain.StatusCompleted:
	case domain.StatusNoShow:
		until = b.OutcomeAt
	case domain.StatusNone, domain.StatusRejected, domain.StatusCancelled:
		return nil
	}
	var list []stay
	for _, s := range b.Segments {
		if s.StaffID == "" {
			continue
		}
		for _, piece := range busy(s) {
			if !until.IsZero() {
				piece = piece.upTo(until)
			}
			if !piece.empty() {
				list = append(list, stay{s.StaffID, piece})
			}
		}
	}
	return list
}

// busy lists when a service keeps its member from others.
func busy(s domain.Segment) []span {
	end := s.EndAt
	if !s.FinishedAt.IsZero() && s.FinishedAt.Before(end) {
		end = s.FinishedAt
	}
	if end.Before(s.StartAt) {
		end = s.StartAt // it was over before its time came
	}
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	list := []span{{s.StartAt.Add(-minutes(s.PreBufferMinutes)), s.StartAt}}
	phases := s.Phases
	if len(phases) == 0 {
		phases = []domain.Phase{{Kind: domain.PhaseActive, Minutes: s.DurationMinutes}}
	}
	at := s.StartAt
	for _, p := range phases {
		next := at.Add(minutes(p.Minutes))
		if p.Kind == domain.PhaseActive {
			list = append(list, span{at, next}.upTo(end))
		}
		at = next
	}
	return append(list, span{end, end.Add(minutes(s.PostBufferMinutes))})
}
