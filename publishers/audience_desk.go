package publishers

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// What the desk of a branch hears about its queue (A): customers' names, and prices where the customer was told one.

type deskNew struct {
	BookingID    string             `json:"bookingId"`
	Number       string             `json:"bookingNumber"`
	CustomerName string             `json:"customerName"`
	Services     []pricedService    `json:"services"`
	Date         string             `json:"date"` // branch-local, YYYY-MM-DD
	Time         string             `json:"time"` // branch-local, HH:MM
	ServiceType  domain.ServiceType `json:"serviceType"`
	// RequiresManager: a receptionist cannot approve it.
	RequiresManager bool `json:"requiresManager"`
}

type deskWalkIn struct {
	BookingID    string             `json:"bookingId"`
	Number       string             `json:"bookingNumber"`
	CustomerName string             `json:"customerName"`
	Services     []pricedService    `json:"services"`
	Date         string             `json:"date"`
	Time         string             `json:"time"`
	ServiceType  domain.ServiceType `json:"serviceType"`
}

type deskStatus struct {
	BookingID    string        `json:"bookingId"`
	FromStatus   domain.Status `json:"fromStatus"`
	ToStatus     domain.Status `json:"toStatus"`
	CustomerName string        `json:"customerName"`
	// Corrected: the former status was a mistake.
	Corrected bool `json:"corrected,omitempty"`
}

type deskCancelled struct {
	BookingID    string       `json:"bookingId"`
	CustomerName string       `json:"customerName"`
	CancelledBy  domain.Party `json:"cancelledBy"`
	Late         bool         `json:"late"`
}

type deskNoShow struct {
	BookingID    string `json:"bookingId"`
	CustomerName string `json:"customerName"`
	Auto         bool   `json:"auto"` // the clock said so, not the desk
}

type deskMoved struct {
	BookingID    string `json:"bookingId"`
	CustomerName string `json:"customerName"`
	move
}

type deskStaff struct {
	BookingID    string `json:"bookingId"`
	CustomerName string `json:"customerName"`
	SegmentID    string `json:"segmentId"`
	FromStaffID  string `json:"fromStaffId"` // empty: nobody
	ToStaffID    string `json:"toStaffId"`
}

// deskNeedsStaff is that a service has nobody who does it.
type deskNeedsStaff struct {
	BookingID    string `json:"bookingId"`
	CustomerName string `json:"customerName"`
	SegmentID    string `json:"segmentId"`
	FromStaffID  string `json:"fromStaffId"`
}

type deskUpdated struct {
	BookingID    string          `json:"bookingId"`
	CustomerName string          `json:"customerName"`
	Services     []pricedService `json:"services"`
	TotalMinor   int64           `json:"totalPaise"`
	Currency     string          `json:"currency"`
	EndTime      time.Time       `json:"endTime"` // an instant in UTC
}

// deskConflict is a booking that a leave or a closure is in the way of.
type deskConflict struct {
	BookingID string `json:"bookingId"`
	LeaveID   string `json:"leaveId,omitempty"`
	ClosureID string `json:"closureId,omitempty"`
}
