package availability

import "github.com/royalglow/booking/domain"

// template is what is wanted, without the time: the services of a booking with their offsets from its start, in seconds.
type template struct {
	segments []want
	length   int64
	reach    span // from the first buffer to the last
}

// want is one service.
type want struct {
	serviceID string
	staffID   string // who shall do it; empty: anyone who can
	span             // the customer's time
	busy      []span // the member's time
	onShift   []span // what of that must lie in the shift
}

// newTemplate measures segments from the start of the first.
func newTemplate(segments []domain.Segment, bufferPastShift bool) template {
	var t template
	if len(segments) == 0 {
		return t
	}
	zero := segments[0].StartAt.Unix()
	for _, s := range segments {
		w := want{
			serviceID: s.ServiceID, staffID: s.StaffID, span: span{s.StartAt.Unix() - zero, s.EndAt.Unix() - zero},
		}
		for _, i := range s.Busy() {
			piece := span{i.StartAt.Unix() - zero, i.EndAt.Unix() - zero}
			w.busy = append(w.busy, piece)
			t.reach = span{min(t.reach.from, piece.from), max(t.reach.to, piece.to)}
			if bufferPastShift {
				piece.to = min(piece.to, w.to)
			}
			if !piece.empty() {
				w.onShift = append(w.onShift, piece)
			}
		}
		t.segments = append(t.segments, w)
		t.length = max(t.length, w.to)
		t.reach.to = max(t.reach.to, w.to)
	}
	return t
}

// fit returns the starts in window from which all pieces lie in what is allowed, which is merged.
func fit(allowed, pieces []span, window span) []span {
	starts := []span{window}
	for _, p := range pieces {
		ok := make([]span, 0, len(allowed))
		for _, a := range allowed {
			// The last start is included, the span's end is not.
			if s := (span{a.from - p.from, a.to - p.to + 1}); !s.empty() {
				ok = append(ok, s)
			}
		}
		// Spans that were apart stay apart: two starts a piece away from each other need not have one between them.
		starts = intersect(starts, ok)
		if len(starts) == 0 {
			return nil
		}
	}
	return starts
}

// around returns the time that matters for starts in window.
func (t template) around(window span) span {
	return span{window.from + t.reach.from, window.to + t.reach.to}
}

// room is what a member has of a stretch of time: when he works at the branch, and when nothing holds him.
type room struct{ working, untaken []span }

// roomOf looks up what a member has; the booking that is named does not count. dates are those that reach touches.
func (x *Index) roomOf(b *branch, staffID string, reach span, dates []string, exceptBookingID string) room {
	working := x.working(b, staffID, reach, dates)
	if len(working) == 0 {
		return room{}
	}
	return room{working: working, untaken: subtract([]span{reach}, x.calendars[staffID].busy(reach, exceptBookingID))}
}

// starts returns the starts in window at which the member can do a service.
func (r room) starts(w want, window span) []span {
	ok := fit(r.working, w.onShift, window)
	if len(ok) == 0 {
		return nil
	}
	return intersect(ok, fit(r.untaken, w.busy, window))
}

// able lists the members of the branch who can do the service; only the one who is wanted, if one is.
func (x *Index) able(b *branch, w want) []string {
	var able []string
	for _, id := range b.members {
		if (w.staffID == "" || w.staffID == id) && x.staff[id].Performs(b.BranchID, w.serviceID) {
			able = append(able, id)
		}
	}
	return able
}
