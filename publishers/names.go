package publishers

import (
	"slices"
	"strings"

	"github.com/royalglow/booking/domain"
)

// People lists the ids whose names the messages of an event show; look them up before calling Messages.
func People(event domain.Event) []string {
	var ids []string
	if e, ok := event.(domain.BookingEvent); ok {
		ids = append(staffShown(e), domain.RefOf(e).CustomerID)
	} else if e, ok := event.(domain.LeaveEvent); ok {
		ids = []string{domain.LeaveOf(e).StaffID}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// staffShown lists the members whom the messages of an event call by their names.
func staffShown(e domain.BookingEvent) []string {
	switch e := e.(type) {
	case domain.BookingConfirmed:
		return distinctStaff(e.Segments)
	case domain.BookingRescheduled:
		return distinctStaff(e.Segments)
	case domain.BookingStaffAssigned:
		return []string{e.Segment.StaffID}
	case domain.BookingRequested, domain.BookingWalkInCreated, domain.BookingRejected, domain.BookingCancelled,
		domain.BookingStaffUnassigned, domain.BookingServiceAdded, domain.BookingServiceRemoved, domain.BookingDurationChanged,
		domain.BookingNoteAdded, domain.BookingNoteRedacted, domain.BookingCheckedIn, domain.BookingSegmentStarted,
		domain.BookingSegmentFinished, domain.BookingCompleted, domain.BookingNoShow, domain.BookingOutcomeCorrected,
		domain.BookingClaimFenced, domain.BookingAbandoned:
	}
	return nil
}

// SealedTexts lists the texts that the messages of an event show; open them before calling Messages. A guest's phone and the reason
// for a leave are never among them: no message shows them.
func SealedTexts(event domain.Event) []domain.Sealed {
	e, ok := event.(domain.BookingEvent)
	if !ok {
		return nil
	}
	var texts []domain.Sealed
	if ref := domain.RefOf(e); ref.CustomerID == "" && ref.GuestName != nil {
		texts = append(texts, *ref.GuestName)
	}
	if note, ok := e.(domain.BookingNoteAdded); ok {
		texts = append(texts, note.Body)
	}
	return texts
}

// staffNames joins the names of those who do the segments, in order, leaving out those whom the directory does not know.
func (d Directory) staffNames(segments []domain.Segment) string {
	var names []string
	for _, id := range distinctStaff(segments) {
		if name := d.Names[id]; name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
