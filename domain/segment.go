package domain

import (
	"slices"
	"time"
)

// MaxSegments is how many services a booking has at most. Whoever could add without end would hold staff for days, and make
// every read of the booking slow.
const MaxSegments = 10

// Segment is one service of a booking, done by one member of staff. The customer's time is [StartAt, EndAt); what the member
// is busy with is Busy.
type Segment struct {
	SegmentID   string `json:"segmentId"`
	ServiceID   string `json:"serviceId"`
	ServiceName string `json:"serviceName"` // as offered when booked, like all terms
	// StaffID is empty while nobody is assigned.
	StaffID string `json:"staffId,omitempty"`
	// DurationMinutes is elapsed time, not wall time.
	DurationMinutes   int     `json:"durationMinutes"`
	Phases            []Phase `json:"phases,omitempty"` // none: active throughout
	PreBufferMinutes  int     `json:"preBufferMinutes,omitempty"`
	PostBufferMinutes int     `json:"postBufferMinutes,omitempty"`
	// PriceMinor is in minor units (paise, cents) of the booking's currency.
	PriceMinor int64 `json:"priceMinor"`
	// StartAt and EndAt bound the half-open interval [StartAt, EndAt) in UTC.
	StartAt time.Time `json:"startAt"`
	EndAt   time.Time `json:"endAt"`
	// LocalDates are the branch-local dates that the interval touches (YYYY-MM-DD), LocalStart its start on the branch's
	// clocks (HH:MM). They are for channels and display.
	LocalDates []string `json:"localDates"`
	LocalStart string   `json:"localStart"`
	// StartedAt and FinishedAt are when the service really began and ended.
	StartedAt  time.Time `json:"startedAt,omitzero"`
	FinishedAt time.Time `json:"finishedAt,omitzero"`
}

// LocalDate is the branch-local date on which the segment starts.
func (s Segment) LocalDate() string {
	if len(s.LocalDates) == 0 {
		return ""
	}
	return s.LocalDates[0]
}

// LastEnd is when the last of the segments ends, of which there is at least one.
func LastEnd(segments []Segment) time.Time {
	return slices.MaxFunc(segments, func(a, b Segment) int { return a.EndAt.Compare(b.EndAt) }).EndAt
}

// staffOf lists those who do the segments, each once, in the order of the segments.
func staffOf(segments []Segment) []string {
	ids := []string{}
	for _, s := range segments {
		if s.StaffID != "" && !slices.Contains(ids, s.StaffID) {
			ids = append(ids, s.StaffID)
		}
	}
	return ids
}

// Busy returns the member's time: the active phases with the buffer before the first and after the last, as few intervals as
// possible, ascending. A segment that was finished early is busy up to then, and for the buffer after it.
func (s Segment) Busy() []Interval {
	end := s.EndAt
	if !s.FinishedAt.IsZero() && s.FinishedAt.Before(end) {
		end = s.FinishedAt
		if end.Before(s.StartAt) {
			end = s.StartAt
		}
	}
	busy := []Interval{{s.StartAt.Add(-minutes(s.PreBufferMinutes)), s.StartAt}}
	at := s.StartAt
	for _, p := range s.phases() {
		next := at.Add(minutes(p.Minutes))
		if p.Kind == PhaseActive {
			busy = append(busy, Interval{at, next}.intersect(Interval{s.StartAt, end}))
		}
		at = next
	}
	return MergeIntervals(append(busy, Interval{end, end.Add(minutes(s.PostBufferMinutes))}))
}

// phases returns the phases, one where none are given.
func (s Segment) phases() []Phase {
	if len(s.Phases) > 0 {
		return s.Phases
	}
	return []Phase{{Kind: PhaseActive, Minutes: s.DurationMinutes}}
}

// at returns the segment moved to another start, on the clocks of loc.
func (s Segment) at(start time.Time, loc *time.Location) Segment {
	s.StartAt = start.UTC()
	s.EndAt = s.StartAt.Add(minutes(s.DurationMinutes))
	s.LocalDates = LocalDates(s.StartAt, s.EndAt, loc)
	s.LocalStart = s.StartAt.In(loc).Format("15:04")
	return s
}

// lasting returns the segment with another duration; the last active phase gives or takes the difference. ok is false when
// that phase is too short for it.
func (s Segment) lasting(duration int, loc *time.Location) (_ Segment, ok bool) {
	delta := duration - s.DurationMinutes
	if len(s.Phases) > 0 {
		phases := append([]Phase{}, s.Phases...)
		last := len(phases) - 1
		for phases[last].Kind != PhaseActive {
			last--
		}
		if phases[last].Minutes += delta; phases[last].Minutes <= 0 {
			return s, false
		}
		s.Phases = phases
	}
	s.DurationMinutes = duration
	return s.at(s.StartAt, loc), duration > 0
}

// newSegment copies a service's terms into a booking.
func newSegment(id string, c ServiceChoice, start time.Time, loc *time.Location) Segment {
	return Segment{
		SegmentID: id, ServiceID: c.Service.ServiceID, ServiceName: c.Service.Name, StaffID: c.StaffID,
		DurationMinutes: c.Service.DurationMinutes, Phases: c.Service.Phases,
		PreBufferMinutes: c.Service.PreBufferMinutes, PostBufferMinutes: c.Service.PostBufferMinutes,
		PriceMinor: c.Service.PriceMinor,
	}.at(start, loc)
}
