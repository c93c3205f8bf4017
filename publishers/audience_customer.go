package publishers

import "github.com/royalglow/booking/domain"

// What a customer hears about his bookings. These structs are the allow-list of that audience: prices yes, reason codes,
// claims and staff ids no.

type customerCreated struct {
	BookingID string          `json:"bookingId"`
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
	StaffName string `json:"staffName"`
}

// pricedService is a service on channels where prices may travel.
type pricedService struct {
	Name            string `json:"name"`
	DurationMinutes int    `json:"durationMinutes"`
	PriceMinor      int64  `json:"pricePaise"` // as totalPaise
}

// toCustomer adds a message on the customer's own channel; a guest without an account has none.
func (f *fanOut) toCustomer(name string, payload any) {
	if f.ref.CustomerID != "" {
		f.add(customerChannel(f.ref.CustomerID), name, payload)
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
