package publishers

import "github.com/royalglow/booking/domain"

// What the desk of a branch hears about its queue: customers' names, and prices where the customer was told one.

type deskNew struct {
	BookingID    string          `json:"bookingId"`
	CustomerName string          `json:"customerName"`
	Services     []pricedService `json:"services"`
	Date         string          `json:"date"` // branch-local, YYYY-MM-DD
	Time         string          `json:"time"` // branch-local, HH:MM
}

type deskStatus struct {
	BookingID    string        `json:"bookingId"`
	FromStatus   domain.Status `json:"fromStatus"`
	ToStatus     domain.Status `json:"toStatus"`
	CustomerName string        `json:"customerName"`
}

type deskCancelled struct {
	BookingID    string       `json:"bookingId"`
	CustomerName string       `json:"customerName"`
	CancelledBy  domain.Party `json:"cancelledBy"`
	Late         bool         `json:"late"`
}

type deskStaff struct {
	BookingID   string `json:"bookingId"`
	FromStaffID string `json:"fromStaffId"`
	ToStaffID   string `json:"toStaffId"`
}

func (f *fanOut) toDesk(name string, payload any) { f.add(deskChannel(f.ref.BranchID), name, payload) }

func (f *fanOut) deskStatus(from, to domain.Status) deskStatus {
	return deskStatus{
		BookingID: f.ref.BookingID, FromStatus: from, ToStatus: to, CustomerName: f.names[f.ref.CustomerID],
	}
}
