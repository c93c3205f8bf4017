package publishers

import (
	"slices"

	"github.com/royalglow/booking/domain"
)

// What a member of staff hears about his own days (S): his services with the customer's name, and no prices.
//
// After every event a page that has folded the messages of its member's channel from nothing shows exactly this: of each
// booking whose status is told to staff (domain.Status.ToldToStaff), the segments that are given to the member, each with its
// service, duration and branch-local start, and the booking's status. booking.assigned adds segments, booking.rescheduled and
// booking.updated replace them, booking.unassigned takes them away, and booking.checked_in and booking.completed change the
// status alone.
//
// That is what firm slots say, but for two ends of a booking that slots cannot tell: of a no-show the time that had passed
// stays taken although nobody is to be served, and a service that is done before its time takes none although it was done. So
// who does what is compared, and the slots say what else moved.

type staffBooked struct {
	BookingID    string         `json:"bookingId"`
	SegmentIDs   []string       `json:"segmentIds"`
	CustomerName string         `json:"customerName"`
	Status       domain.Status  `json:"status"`
	Services     []staffService `json:"services"` // one for each of the segments
	Date         string         `json:"date"`     // branch-local, YYYY-MM-DD, of the first of them
	Time         string         `json:"time"`     // branch-local, HH:MM
}

type staffFreed struct {
	BookingID  string   `json:"bookingId"`
	SegmentIDs []string `json:"segmentIds"`
	Reason     string   `json:"reason,omitempty"` // "no_show", or none
}

// staffRebooked is that segments moved; the rest is as in staffBooked.
type staffRebooked struct {
	BookingID    string         `json:"bookingId"`
	SegmentIDs   []string       `json:"segmentIds"`
	CustomerName string         `json:"customerName"`
	Status       domain.Status  `json:"status"`
	Services     []staffService `json:"services"`
	move
}

type staffStatus struct {
	BookingID    string        `json:"bookingId"`
	CustomerName string        `json:"customerName"`
	Status       domain.Status `json:"status"`
}

type staffService struct {
	SegmentID       string `json:"segmentId"`
	Name            string `json:"name"`
	DurationMinutes int    `json:"durationMinutes"`
	Date            string `json:"date"`
	Time            string `json:"time"`
}

// share is what one member has of some segments.
type share struct {
	staffID  string
	segments []domain.Segment
}

// shares divides segments among those who do them, in the order of the segments.
func shares(segments []domain.Segment) []share {
	var out []share
	for _, s := range segments {
		if s.StaffID == "" {
			continue
		}
		i := slices.IndexFunc(out, func(o share) bool { return o.staffID == s.StaffID })
		if i < 0 {
			i = len(out)
			out = append(out, share{staffID: s.StaffID})
		}
		out[i].segments = append(out[i].segments, s)
	}
	return out
}

// told returns the segments as staff know them while the booking has the status: all or none.
func told(status domain.Status, segments ...domain.Segment) []domain.Segment {
	if !status.ToldToStaff() {
		return nil
	}
	return segments
}

func (f *bookingFanOut) toStaff(staffID, name string, payload any) {
	f.add(staffChannel(staffID), f.ref.BranchID, name, payload)
}

// unassign tells each member once which segments he has no more.
func (f *bookingFanOut) unassign(segments []domain.Segment, reason string) {
	for _, s := range shares(segments) {
		f.toStaff(s.staffID, "booking.unassigned", staffFreed{
			BookingID: f.ref.BookingID, SegmentIDs: segmentIDs(s.segments), Reason: reason,
		})
	}
}

// assign tells each member once which segments he has now.
func (f *bookingFanOut) assign(segments []domain.Segment, status domain.Status) {
	f.tellShares("booking.assigned", segments, status)
}

// update tells each member once what his segments are now; the other pages of the booking say what happened to them.
func (f *bookingFanOut) update(segments []domain.Segment, status domain.Status) {
	f.tellShares("booking.updated", segments, status)
}

func (f *bookingFanOut) tellShares(name string, segments []domain.Segment, status domain.Status) {
	for _, s := range shares(segments) {
		f.toStaff(s.staffID, name, staffBooked{
			BookingID: f.ref.BookingID, SegmentIDs: segmentIDs(s.segments), CustomerName: f.customerName(), Status: status,
			Services: staffServices(s.segments), Date: localDate(s.segments), Time: localStart(s.segments),
		})
	}
}

// reassign tells the members how what they have differs: what is lost, then what moved, then what is new.
func (f *bookingFanOut) reassign(before, after []domain.Segment, status domain.Status) {
	var lost, from, to, gained []domain.Segment
	for _, b := range before {
		if a, kept := sameHands(after, b); !kept {
			lost = append(lost, b)
		} else if !a.StartAt.Equal(b.StartAt) {
			from, to = append(from, b), append(to, a)
		}
	}
	for _, a := range after {
		if _, had := sameHands(before, a); !had {
			gained = append(gained, a)
		}
	}
	f.unassign(lost, "")
	was := shares(from) // of the same members in the same order as what they have now
	for i, s := range shares(to) {
		f.toStaff(s.staffID, "booking.rescheduled", staffRebooked{
			BookingID: f.ref.BookingID, SegmentIDs: segmentIDs(s.segments), CustomerName: f.customerName(), Status: status,
			Services: staffServices(s.segments), move: moveOf(was[i].segments, s.segments),
		})
	}
	f.assign(gained, status)
}

// sameHands returns the segment as it is in the list, if the same member does it there.
func sameHands(list []domain.Segment, segment domain.Segment) (domain.Segment, bool) {
	i := slices.IndexFunc(list, func(s domain.Segment) bool {
		return s.SegmentID == segment.SegmentID && s.StaffID == segment.StaffID
	})
	if i < 0 {
		return domain.Segment{}, false
	}
	return list[i], true
}

// tellStatus tells each member once how far the booking is.
func (f *bookingFanOut) tellStatus(name string, staffIDs []string, status domain.Status) {
	for _, id := range staffIDs {
		f.toStaff(id, name, staffStatus{BookingID: f.ref.BookingID, CustomerName: f.customerName(), Status: status})
	}
}

func segmentIDs(segments []domain.Segment) []string {
	ids := make([]string, 0, len(segments))
	for _, s := range segments {
		ids = append(ids, s.SegmentID)
	}
	return ids
}

func staffServices(segments []domain.Segment) []staffService {
	services := make([]staffService, 0, len(segments))
	for _, s := range segments {
		services = append(services, staffService{
			SegmentID: s.SegmentID, Name: s.ServiceName, DurationMinutes: s.DurationMinutes, Date: s.LocalDate(), Time: s.LocalStart,
		})
	}
	return services
}

// distinctStaff lists those who do the segments, each once, in their order.
func distinctStaff(segments []domain.Segment) []string {
	var ids []string
	for _, s := range shares(segments) {
		ids = append(ids, s.staffID)
	}
	return ids
}
