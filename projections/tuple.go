package projections

import (
	"encoding/json"
	"strconv"

	"github.com/royalglow/booking/domain"
)

// Tables hold the parts of a row that nobody looks for as JSON tuples: arrays of a struct's fields in their order. The names of the
// fields, which every row would repeat, took more than half of a card, and the time to write it. A field that is new comes last;
// what rows lack of a tuple is zero.

// appender is a document that writes itself, faster than encoding/json would.
type appender interface {
	appendJSON(b []byte) []byte
}

// segmentTuples are the segments of a booking.
type segmentTuples []domain.Segment

func (l segmentTuples) appendJSON(b []byte) []byte {
	if l == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = (*segmentTuple)(&l[i]).append(b)
	}
	return append(b, ']')
}

// MarshalJSON writes an array of tuples.
func (l segmentTuples) MarshalJSON() ([]byte, error) { return l.appendJSON(nil), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (l *segmentTuples) UnmarshalJSON(data []byte) error {
	var tuples []segmentTuple
	if err := json.Unmarshal(data, &tuples); err != nil || tuples == nil {
		return err
	}
	*l = make(segmentTuples, len(tuples))
	for i, t := range tuples {
		(*l)[i] = domain.Segment(t)
	}
	return nil
}

type segmentTuple domain.Segment

func (s *segmentTuple) append(b []byte) []byte {
	b = appendText(append(b, '['), s.SegmentID)
	b = appendText(append(b, ','), s.ServiceID)
	b = appendText(append(b, ','), s.ServiceName)
	b = appendText(append(b, ','), s.StaffID)
	b = appendInt(append(b, ','), s.DurationMinutes)
	b = append(b, ",["...)
	for i, p := range s.Phases {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, '['), string(p.Kind))
		b = append(appendInt(append(b, ','), p.Minutes), ']')
	}
	b = appendInt(append(b, "],"...), s.PreBufferMinutes)
	b = appendInt(append(b, ','), s.PostBufferMinutes)
	b = appendInt(append(b, ','), s.PriceMinor)
	b = appendInt(append(b, ','), toInstant(s.StartAt))
	b = appendInt(append(b, ','), toInstant(s.EndAt))
	b = append(b, ",["...)
	for i, d := range s.LocalDates {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, d)
	}
	b = appendText(append(b, "],"...), s.LocalStart)
	b = appendInt(append(b, ','), toInstant(s.StartedAt))
	b = appendInt(append(b, ','), toInstant(s.FinishedAt))
	return append(b, ']')
}

// UnmarshalJSON reads a tuple.
func (s *segmentTuple) UnmarshalJSON(data []byte) error {
	var startAt, endAt, startedAt, finishedAt instant
	var phases []phaseTuple
	err := readTuple(data,
		&s.SegmentID, &s.ServiceID, &s.ServiceName, &s.StaffID, &s.DurationMinutes, &phases, &s.PreBufferMinutes,
		&s.PostBufferMinutes, &s.PriceMinor, &startAt, &endAt, &s.LocalDates, &s.LocalStart, &startedAt, &finishedAt)
	for _, p := range phases {
		s.Phases = append(s.Phases, domain.Phase(p))
	}
	s.StartAt, s.EndAt, s.StartedAt, s.FinishedAt = startAt.time(), endAt.time(), startedAt.time(), finishedAt.time()
	return err
}

type phaseTuple domain.Phase

// UnmarshalJSON reads a tuple.
func (p *phaseTuple) UnmarshalJSON(data []byte) error { return readTuple(data, &p.Kind, &p.Minutes) }

// policyTuple is a branch's policy as a booking keeps it.
type policyTuple domain.Policy

func (p policyTuple) appendJSON(b []byte) []byte {
	b = appendInt(append(b, '['), p.LeadMinutes)
	b = appendInt(append(b, ','), p.HorizonDays)
	b = appendInt(append(b, ','), p.ActiveCap)
	b = appendInt(append(b, ','), p.SlotStepMinutes)
	b = appendInt(append(b, ','), p.CancelCutoffMinutes)
	b = appendText(append(b, ','), string(p.LateCancel))
	b = appendInt(append(b, ','), p.MaxReschedules)
	b = appendInt(append(b, ','), p.RescheduleCutoffMinutes)
	b = strconv.AppendBool(append(b, ','), p.RescheduleReapprove)
	b = appendInt(append(b, ','), p.NoShowGraceMinutes)
	b = appendInt(append(b, ','), p.ManualNoShowGraceMinutes)
	b = appendInt(append(b, ','), p.PendingExpiryMinutes)
	b = strconv.AppendBool(append(b, ','), p.AutoConfirm)
	b = strconv.AppendBool(append(b, ','), p.StaffMayAddServices)
	b = strconv.AppendBool(append(b, ','), p.BufferPastShift)
	return append(b, ']')
}

// MarshalJSON writes a tuple.
func (p policyTuple) MarshalJSON() ([]byte, error) { return p.appendJSON(nil), nil }

// UnmarshalJSON reads a tuple.
func (p *policyTuple) UnmarshalJSON(data []byte) error {
	return readTuple(data,
		&p.LeadMinutes, &p.HorizonDays, &p.ActiveCap, &p.SlotStepMinutes, &p.CancelCutoffMinutes, &p.LateCancel, &p.MaxReschedules,
		&p.RescheduleCutoffMinutes, &p.RescheduleReapprove, &p.NoShowGraceMinutes, &p.ManualNoShowGraceMinutes,
		&p.PendingExpiryMinutes, &p.AutoConfirm, &p.StaffMayAddServices, &p.BufferPastShift)
}

// readTuple reads an array into what fields point to. encoding/json reads into what is in a slice of interfaces already.
func readTuple(data []byte, fields ...any) error { return json.Unmarshal(data, &fields) }

func appendInt[T ~int | ~int64](b []byte, n T) []byte { return strconv.AppendInt(b, int64(n), 10) }

// appendText writes a string as encoding/json does: rows are the same, whoever writes them.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, _ := json.Marshal(s) //nolint:errchkjson // a string can be written
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
