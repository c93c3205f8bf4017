package httpapi

import (
	"strconv"
	"time"

	"github.com/royalglow/booking/projections/availability"
)

// An answer about a month has thousands of times in it. To look at each by reflection takes longer than to find them, so that
// this one is written by hand. A test holds it against AvailabilityView.

// writeAvailability writes an answer as the JSON of an AvailabilityView. Customers are told neither who is free nor that nobody
// has learnt a service.
func writeAvailability(a availability.Answer, customer bool) []byte {
	w := answerWriter{text: make([]byte, 0, sizeOf(a, customer)), loc: a.Location, customer: customer}
	w.raw(`{"timeZone":`).word(a.TimeZone).raw(`,"position":`).number(int(a.Position))
	w.raw(`,"step":`).number(int(a.Step / time.Minute)).raw(`,"days":[`)
	for i, d := range a.Days {
		w.comma(i).day(d)
	}
	w.raw("]}\n")
	return w.text
}

// sizeOf is about how long an answer will be.
func sizeOf(a availability.Answer, customer bool) int {
	const head, perDay, perSlot, perSegment, perStaff = 128, 96, 160, 112, 24
	n := head
	for _, d := range a.Days {
		n += perDay
		for _, slot := range d.Slots {
			n += perSlot + perSegment*len(slot.Segments)
			for _, g := range slot.Segments {
				if !customer {
					n += perStaff * len(g.StaffIDs)
				}
			}
		}
	}
	return n
}

// answerWriter appends JSON. Words are of alphabets that need no escapes.
type answerWriter struct {
	text     []byte
	loc      *time.Location
	customer bool
}

func (w *answerWriter) raw(s string) *answerWriter {
	w.text = append(w.text, s...)
	return w
}

// comma parts the entries of a list.
func (w *answerWriter) comma(i int) *answerWriter {
	if i > 0 {
		w.text = append(w.text, ',')
	}
	return w
}

func (w *answerWriter) word(s string) *answerWriter {
	w.text = append(append(append(w.text, '"'), s...), '"')
	return w
}

func (w *answerWriter) number(n int) *answerWriter {
	w.text = strconv.AppendInt(w.text, int64(n), 10)
	return w
}

// time writes a time in a layout; as RFC 3339 it is an instant.
func (w *answerWriter) time(t time.Time, layout string) *answerWriter {
	w.text = append(t.AppendFormat(append(w.text, '"'), layout), '"')
	return w
}

func (w *answerWriter) day(d availability.Day) {
	w.raw(`{"date":`).word(d.Date).raw(`,"closed":`)
	w.text = strconv.AppendBool(w.text, d.Closed)
	if d.Reason != "" {
		if w.customer && d.Reason == availability.ReasonNobody {
			d.Reason = availability.ReasonFullyBooked
		}
		w.raw(`,"reason":`).word(string(d.Reason))
	}
	w.raw(`,"slots":[`)
	for i, slot := range d.Slots {
		w.comma(i).slot(slot)
	}
	w.raw(`]}`)
}

func (w *answerWriter) slot(f availability.FreeSlot) {
	local := f.StartAt.In(w.loc)
	w.raw(`{"startAt":`).time(f.StartAt, time.RFC3339).raw(`,"endAt":`).time(f.EndAt, time.RFC3339)
	w.raw(`,"localStart":`).time(local, "15:04").raw(`,"utcOffset":`).time(local, "-07:00")
	w.raw(`,"remaining":`).number(f.Remaining).raw(`,"segments":[`)
	for i, g := range f.Segments {
		w.comma(i).segment(g)
	}
	w.raw(`]}`)
}

func (w *answerWriter) segment(g availability.FreeSegment) {
	w.raw(`{"serviceId":`).word(g.ServiceID)
	w.raw(`,"startAt":`).time(g.StartAt, time.RFC3339).raw(`,"endAt":`).time(g.EndAt, time.RFC3339)
	if !w.customer {
		w.raw(`,"staffIds":[`)
		for i, id := range g.StaffIDs {
			w.comma(i).word(id)
		}
		w.raw(`]`)
	}
	w.raw(`}`)
}
