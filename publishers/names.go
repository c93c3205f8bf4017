package publishers

import (
	"slices"
	"strings"

	"github.com/royalglow/booking/domain"
)

// People lists the ids whose names the messages of an event show; look them up before calling Messages.
func People(event domain.Event) []string {
	switch e := event.(type) {
	case domain.BookingRequested:
		return []string{e.CustomerID}
	case domain.BookingConfirmed:
		return append(distinctStaff(e.Segments), e.CustomerID)
	case domain.BookingRejected:
		return []string{e.CustomerID}
	case domain.BookingCancelled:
		return []string{e.CustomerID}
	case domain.BookingStaffAssigned:
		return []string{e.Segment.StaffID, e.CustomerID}
	case domain.BookingClaimFenced, domain.BookingAbandoned, domain.StaffDayClaimed, domain.StaffDayReleased,
		domain.BranchOpened, domain.BranchPolicySet, domain.BranchServiceOffered, domain.StaffJoined:
	}
	return nil
}

func distinctStaff(segments []domain.Segment) []string {
	var ids []string
	for _, s := range segments {
		if !slices.Contains(ids, s.StaffID) {
			ids = append(ids, s.StaffID)
		}
	}
	return ids
}

// staffNames joins the names of those who do the segments, in order, leaving out those whom the directory does not know.
func (f *fanOut) staffNames(segments []domain.Segment) string {
	var names []string
	for _, id := range distinctStaff(segments) {
		if name := f.names[id]; name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
