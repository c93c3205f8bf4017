package domain

import (
	"maps"
	"slices"
	"time"
)

// Booking is the state of one booking, folded from its stream. Its slices and maps are never changed in place, so copies are
// independent. The zero Booking has not been requested.
type Booking struct {
	BookingRef
	Number   string
	Type     ServiceType
	Status   Status
	IsWalkIn bool
	Plan
	// SegmentsEver counts the segments that there ever were: an id is never used again.
	SegmentsEver int
	Held         []Slot // what the schedule shows of it
	// Claims are those that the booking names; the staff-days own them.
	Claims          []Claim
	Policy          Policy
	RequiresManager bool
	// PendingSince is when it last began to wait for the desk.
	PendingSince time.Time
	// OutcomeAt is when it came to an end, ReleasedFrom from when on its time was given back, CorrectedAt when an outcome was
	// last found wrong.
	OutcomeAt, ReleasedFrom, CorrectedAt time.Time
	// CancelledFrom is what a cancelled booking was before: pending or confirmed. Only there does a correction take it back.
	CancelledFrom                        Status
	CustomerReschedules, DeskReschedules int
	Notes                                map[string]Note
}

// Note is what a booking knows of a note: everything but its text.
type Note struct {
	Visibility Visibility
	AuthorID   string
	KeyID      string
	Redacted   bool
}

// Evolve folds one fact. It is total: it never fails and looks at nothing but its arguments.
func (b Booking) Evolve(e BookingEvent) Booking {
	if held, ok := HoldingOf(e); ok {
		b.Claims, b.Held = held.Claims, replaySlots(b.Held, held.Slots)
	}
	switch e := e.(type) {
	case BookingRequested:
		b.BookingRef, b.Number, b.Type, b.Status = e.BookingRef, e.Number, e.Type, StatusPending
		b.Plan, b.SegmentsEver, b.Policy = e.Plan, len(e.Segments), e.Policy
		b.RequiresManager, b.PendingSince = e.RequiresManager, e.At
	case BookingWalkInCreated:
		b.BookingRef, b.Number, b.Type, b.Status = e.BookingRef, e.Number, e.Type, StatusConfirmed
		b.Plan, b.SegmentsEver, b.Policy, b.IsWalkIn = e.Plan, len(e.Segments), e.Policy, true
	case BookingConfirmed:
		b.Status, b.Segments = StatusConfirmed, e.Segments
	case BookingRejected:
		b.Status = StatusRejected
	case BookingCancelled:
		b.Status, b.OutcomeAt, b.CancelledFrom = StatusCancelled, e.At, approvedOrNot(e.FromStatus)
	case BookingRescheduled:
		b = b.rescheduled(e)
	case BookingStaffAssigned:
		b.Segments = replaceSegment(b.Segments, e.Segment)
	case BookingStaffUnassigned:
		b.Segments = replaceSegment(b.Segments, e.Segment)
	case BookingServiceAdded:
		b.Plan = e.Plan
		b.SegmentsEver++
	case BookingServiceRemoved:
		b.Plan = e.Plan
	case BookingDurationChanged:
		b.Plan = e.Plan
	case BookingCheckedIn:
		b.Status = StatusCheckedIn
	case BookingSegmentStarted:
		b.Status, b.Segments = StatusInProgress, replaceSegment(b.Segments, e.Segment)
	case BookingSegmentFinished:
		b.Segments = replaceSegment(b.Segments, e.Segment)
	case BookingCompleted:
		b.Status, b.Segments, b.OutcomeAt = StatusCompleted, e.Segments, e.CompletedAt
	case BookingNoShow:
		b.Status, b.OutcomeAt, b.ReleasedFrom = StatusNoShow, e.At, e.At
	case BookingOutcomeCorrected:
		b = b.corrected(e)
	case BookingNoteAdded:
		b = b.withNote(e.NoteID, Note{Visibility: e.Visibility, AuthorID: e.AuthorID, KeyID: e.Body.KeyID})
	case BookingNoteRedacted:
		note := b.Notes[e.NoteID]
		note.Redacted = true
		b = b.withNote(e.NoteID, note)
	case BookingClaimFenced, BookingAbandoned:
		// A fence concerns claims that the booking does not name.
	}
	return b
}

func (b Booking) rescheduled(e BookingRescheduled) Booking {
	if b.Status != StatusPending && e.ToStatus == StatusPending {
		b.PendingSince = e.At
	}
	b.Status, b.Plan = e.ToStatus, e.Plan
	b.CustomerReschedules, b.DeskReschedules = e.CustomerReschedules, e.DeskReschedules
	return b
}

func (b Booking) corrected(e BookingOutcomeCorrected) Booking {
	b.Status, b.Segments, b.CorrectedAt, b.ReleasedFrom = e.ToStatus, e.Segments, e.At, time.Time{}
	b.OutcomeAt = time.Time{}
	if !e.ToStatus.Open() {
		b.OutcomeAt = e.At
	}
	if e.ToStatus == StatusCancelled {
		b.CancelledFrom = approvedOrNot(e.FromStatus)
	}
	if e.ToStatus == StatusPending {
		b.PendingSince = e.At
	}
	return b
}

// approvedOrNot is pending for what nobody has approved, and confirmed for everything after that.
func approvedOrNot(from Status) Status {
	if from == StatusPending {
		return StatusPending
	}
	return StatusConfirmed
}

func (b Booking) withNote(id string, n Note) Booking {
	notes := maps.Clone(b.Notes)
	if notes == nil {
		notes = map[string]Note{}
	}
	notes[id] = n
	b.Notes = notes
	return b
}

// Segment returns the segment with the given id.
func (p Plan) Segment(id string) (Segment, bool) {
	i := slices.IndexFunc(p.Segments, func(s Segment) bool { return s.SegmentID == id })
	if i < 0 {
		return Segment{}, false
	}
	return p.Segments[i], true
}

// NeedsStaff reports whether an open booking has a segment that nobody is to do.
func (b Booking) NeedsStaff() bool {
	return b.Status.Open() && slices.ContainsFunc(b.Segments, func(s Segment) bool { return s.StaffID == "" })
}

// Does reports whether a member of staff is assigned to a segment.
func (b Booking) Does(staffID string) bool {
	return staffID != "" && slices.ContainsFunc(b.Segments, func(s Segment) bool { return s.StaffID == staffID })
}

func replaceSegment(segments []Segment, with Segment) []Segment {
	out := slices.Clone(segments)
	for i := range out {
		if out[i].SegmentID == with.SegmentID {
			out[i] = with
		}
	}
	return out
}

// wrongStatus refuses a verb that the booking's status does not allow. A booking that was never requested is not found.
func (b Booking) wrongStatus(verb string) *Refusal {
	if b.Status == StatusNone {
		return ErrBookingNotFound()
	}
	return Refuse(Conflict, CodeTransition, "a %s booking cannot be %s", b.Status, verb).With("status", b.Status)
}

// ErrBookingNotFound is the answer for a booking that does not exist and, to the letter, for one that the caller may not
// see.
func ErrBookingNotFound() *Refusal {
	return Refuse(NotFound, CodeNotFound, "there is no such booking")
}

func errNoSegment(id string) *Refusal {
	return Refuse(Unprocessable, CodeValidation, "the booking has no segment %q", id).With("segmentId", id)
}
