package httpapi

import (
	"context"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// BookingView is a booking as its reader may see it. Prices are left out for staff, names of staff for a customer until the
// booking is confirmed, and what the salon keeps to itself for customers.
type BookingView struct {
	ID           string        `json:"id"`
	BranchID     string        `json:"branchId"`
	CustomerID   string        `json:"customerId"`
	CustomerName string        `json:"customerName,omitempty" doc:"As the directory has it; missing when it has none."`
	Status       domain.Status `json:"status" enum:"pending,confirmed,rejected,cancelled"`
	Segments     []SegmentView `json:"segments" doc:"The services, in the order in which they are done."`
	StartAt      time.Time     `json:"startAt"`
	EndAt        time.Time     `json:"endAt"`
	TimeZone     string        `json:"timeZone" doc:"The branch's IANA zone."`
	LocalDate    string        `json:"localDate" doc:"The start on the branch's calendar."`
	LocalStart   string        `json:"localStart" doc:"The start on the branch's clocks, HH:MM."`
	// TotalMinor and Currency are nil and empty for staff.
	TotalMinor  *int64              `json:"totalMinor,omitempty" doc:"In minor units of the currency. Not shown to staff."`
	Currency    string              `json:"currency,omitempty" doc:"ISO 4217. Not shown to staff."`
	Revision    eventstore.Revision `json:"revision" doc:"What If-Match wants, without the quotes."`
	RequestedAt time.Time           `json:"requestedAt"`
	UpdatedAt   time.Time           `json:"updatedAt"`
	CancelledBy domain.Party        `json:"cancelledBy,omitempty" enum:"customer,salon,system"`
	Reason      string              `json:"reason,omitempty" doc:"Why it was rejected or cancelled, in words for the customer."`
	ReasonCode  string              `json:"reasonCode,omitempty" doc:"The same for the salon. Shown to the desk only."`
	Late        bool                `json:"late,omitempty" doc:"Cancelled inside the branch's cutoff. Shown to the desk only."`
}

// SegmentView is one service of a booking.
type SegmentView struct {
	SegmentID       string    `json:"segmentId"`
	ServiceID       string    `json:"serviceId"`
	ServiceName     string    `json:"serviceName"`
	StaffID         string    `json:"staffId,omitempty"`
	StaffName       string    `json:"staffName,omitempty"`
	StartAt         time.Time `json:"startAt"`
	EndAt           time.Time `json:"endAt"`
	LocalStart      string    `json:"localStart"`
	DurationMinutes int       `json:"durationMinutes"`
	PriceMinor      *int64    `json:"priceMinor,omitempty"`
}

// people lists the ids whose names the views of bookings show.
func people(bookings []projections.Booking) []string {
	var ids []string
	for _, b := range bookings {
		ids = append(ids, b.CustomerID)
		for _, g := range b.Segments {
			ids = append(ids, g.StaffID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// views shows bookings to a reader who may see them.
func (s *server) views(ctx context.Context, reader Session, bookings []projections.Booking) ([]BookingView, error) {
	names, err := s.Directory.Names(ctx, people(bookings)...)
	if err != nil {
		return nil, err
	}
	views := make([]BookingView, 0, len(bookings))
	for _, b := range bookings {
		views = append(views, view(reader, b, names))
	}
	return views, nil
}

func view(reader Session, b projections.Booking, names map[string]string) BookingView {
	v := BookingView{
		ID: b.ID, BranchID: b.BranchID, CustomerID: b.CustomerID, CustomerName: names[b.CustomerID], Status: b.Status,
		StartAt: b.StartAt, EndAt: b.EndAt, TimeZone: b.TimeZone, LocalDate: b.LocalDate, LocalStart: b.LocalStart,
		Revision: b.Revision, RequestedAt: b.RequestedAt, UpdatedAt: b.UpdatedAt,
		CancelledBy: b.CancelledBy, Reason: b.Reason,
	}
	if reader.Role.Desk() {
		v.ReasonCode, v.Late = b.ReasonCode, b.Late
	}
	if reader.seesPrices() {
		v.TotalMinor, v.Currency = &b.TotalMinor, b.Currency
	}
	for _, g := range b.Segments {
		v.Segments = append(v.Segments, segmentView(reader, b.Status, g, names))
	}
	return v
}

func segmentView(reader Session, status domain.Status, g domain.Segment, names map[string]string) SegmentView {
	v := SegmentView{
		SegmentID: g.SegmentID, ServiceID: g.ServiceID, ServiceName: g.ServiceName,
		StartAt: g.StartAt, EndAt: g.EndAt, LocalStart: g.LocalStart, DurationMinutes: g.DurationMinutes,
	}
	if reader.seesPrices() {
		v.PriceMinor = &g.PriceMinor
	}
	switch {
	case reader.Role != domain.RoleCustomer:
		v.StaffID, v.StaffName = g.StaffID, names[g.StaffID]
	case status == domain.StatusConfirmed:
		// Who is held for a pending booking may still change; the customer learns a name when it is certain.
		v.StaffName = names[g.StaffID]
	}
	return v
}

// seesPrices reports whether amounts may be shown: to everyone but staff.
func (s Session) seesPrices() bool { return s.Role.Desk() || s.Role == domain.RoleCustomer }
