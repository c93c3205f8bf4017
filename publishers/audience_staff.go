package publishers

import (
	"slices"

	"github.com/royalglow/booking/domain"
)

// What a member of staff hears about his own day: firm slots only (what is held tentatively may still go to another), the
// customer's name, and no prices. The segment ids let a page that shows two segments of one booking drop just one.

type staffBooked struct {
	BookingID    string         `json:"bookingId"`
	SegmentIDs   []string       `json:"segmentIds"`
	CustomerName string         `json:"customerName"`
	Services     []staffService `json:"services"`
	Date         string         `json:"date"` // branch-local, YYYY-MM-DD, of the first of the segments
	Time         string         `json:"time"` // branch-local, HH:MM
}

type staffFreed struct {
	BookingID  string   `json:"bookingId"`
	SegmentIDs []string `json:"segmentIds"`
}

type staffService struct {
	Name            string `json:"name"`
	DurationMinutes int    `json:"durationMinutes"`
}

// toStaff tells each member once what he lost, then each member once what he got. segments are those that the event carries.
func (f *fanOut) toStaff(diff domain.SlotDiff, segments []domain.Segment) {
	for staffID, ids := range firmSegments(diff.Freed) {
		f.add(staffChannel(staffID), "booking.unassigned", staffFreed{BookingID: f.ref.BookingID, SegmentIDs: ids})
	}
	for staffID, ids := range firmSegments(diff.Taken) {
		var mine []domain.Segment
		for _, s := range segments {
			if slices.Contains(ids, s.SegmentID) {
				mine = append(mine, s)
			}
		}
		f.add(staffChannel(staffID), "booking.assigned", staffBooked{
			BookingID: f.ref.BookingID, SegmentIDs: ids, CustomerName: f.names[f.ref.CustomerID],
			Services: staffServices(mine), Date: localDate(mine), Time: localStart(mine),
		})
	}
}

// firmSegments yields each member with the ids of his firm segments, in the order of the slots.
func firmSegments(slots []domain.Slot) func(yield func(string, []string) bool) {
	return func(yield func(string, []string) bool) {
		var order []string
		byStaff := map[string][]string{}
		for _, s := range slots {
			if s.Kind != domain.SlotFirm {
				continue
			}
			if _, seen := byStaff[s.StaffID]; !seen {
				order = append(order, s.StaffID)
			}
			byStaff[s.StaffID] = append(byStaff[s.StaffID], s.SegmentID)
		}
		for _, id := range order {
			if !yield(id, byStaff[id]) {
				return
			}
		}
	}
}

func staffServices(segments []domain.Segment) []staffService {
	services := make([]staffService, 0, len(segments))
	for _, s := range segments {
		services = append(services, staffService{Name: s.ServiceName, DurationMinutes: s.DurationMinutes})
	}
	return services
}
