package publishers

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// What a customer hears about his bookings (C). These structs are the allow-list of that audience: prices yes; reason codes,
// the text of notes, claims and staff ids no.

type customerCreated struct {
	BookingID string          `json:"bookingId"`
	Number    string          `json:"bookingNumber"`
	Status    domain.Status   `json:"status"`
	Services  []pricedService `json:"services"`
	// TotalMinor is in minor units of Currency; pages know the key from the time when the only currency was the rupee.
	TotalMinor int64  `json:"totalPaise"`
	Currency   string `json:"currency"`
	Date       string `json:"date"`      // branch-local, YYYY-MM-DD
	StartTime  string `json:"startTime"` // branch-local, HH:MM
}

type customerStatus struct {
	BookingID  string        `json:"bookingId"`
	FromStatus domain.Status `json:"fromStatus"`
	ToStatus   domain.Status `json:"toStatus"`
	Reason     string        `json:"reason,omitempty"` // written for the customer
}

type customerCancelled struct {
	BookingID   string       `json:"bookingId"`
	CancelledBy domain.Party `json:"cancelledBy"`
}

type customerStaff struct {
	BookingID string `json:"bookingId"`
	// SegmentID is the service that the name is for; empty: the names are those of the whole booking.
	SegmentID string  `json:"segmentId,omitempty"`
	StaffName *string `json:"staffName"` // null: nobody for now
}

type customerMoved struct {
	BookingID string `json:"bookingId"`
	move
}

// customerUpdated is that a booking has other services or takes another time. EndTime is an instant in UTC: no event tells it
// on the branch's clocks.
type customerUpdated struct {
	BookingID  string    `json:"bookingId"`
	TotalMinor int64     `json:"totalPaise"` // as above
	Currency   string    `json:"currency"`
	EndTime    time.Time `json:"endTime"`
}

// customerNoted says that there is a note to read; its text is on the booking's own channel.
type customerNoted struct {
	BookingID string `json:"bookingId"`
	NoteID    string `json:"noteId"`
}

// pricedService is a service on channels where prices may travel.
type pricedService struct {
	Name            string `json:"name"`
	DurationMinutes int    `json:"durationMinutes"`
	PriceMinor      int64  `json:"pricePaise"` // as totalPaise
}

// move is from when to when a booking moved, on the branch's clocks.
type move struct {
	OldDate      string `json:"oldDate"`
	OldStartTime string `json:"oldStartTime"`
	NewDate      string `json:"newDate"`
	NewStartTime string `json:"newStartTime"`
}

func moveOf(before, after []domain.Segment) move {
	return move{
		OldDate: localDate(before), OldStartTime: localStart(before), NewDate: localDate(after), NewStartTime: localStart(after),
	}
}

func pricedServices(segments []domain.Segment) []pricedService {
	services := make([]pricedService, 0, len(segments))
	for _, s := range segments {
		services = append(services, pricedService{
			Name: s.ServiceName, DurationMinutes: s.DurationMinutes, PriceMinor: s.PriceMinor,
		})
	}
	return services
}

func localDate(segments []domain.Segment) string {
	if len(segments) == 0 {
		return ""
	}
	return segments[0].LocalDate()
}

func localStart(segments []domain.Segment) string {
	if len(segments) == 0 {
		return ""
	}
	return segments[0].LocalStart
}
