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
	ID           string             `json:"id" doc:"The booking."`
	Number       string             `json:"number" doc:"For people, such as on a receipt."`
	Type         domain.ServiceType `json:"type" doc:"Services of two types are never booked together."`
	BranchID     string             `json:"branchId"`
	CustomerID   string             `json:"customerId,omitempty" doc:"Missing for a guest."`
	CustomerName string             `json:"customerName,omitempty" doc:"As the directory has it, or as the guest gave it; missing when it is not known."`
	Guest        *GuestView         `json:"guest,omitempty" doc:"Who has no account. Not shown to customers."`
	IsWalkIn     bool               `json:"isWalkIn,omitempty" doc:"The customer came without a booking."`
	Status       domain.Status      `json:"status" doc:"Where it is in its life."`
	Segments     []SegmentView      `json:"segments" doc:"The services, in the order in which they are done."`
	StartAt      time.Time          `json:"startAt"`
	EndAt        time.Time          `json:"endAt"`
	TimeZone     string             `json:"timeZone" doc:"The branch's IANA zone."`
	LocalDate    string             `json:"localDate" doc:"The start on the branch's calendar."`
	LocalStart   string             `json:"localStart" doc:"The start on the branch's clocks, HH:MM."`
	TotalMinor   *int64             `json:"totalMinor,omitempty" doc:"In minor units of the currency. Not shown to staff."`
	Currency     string             `json:"currency,omitempty" doc:"ISO 4217. Not shown to staff."`

	ExpiresAt       time.Time `json:"expiresAt,omitzero" doc:"When a pending booking is declined if nobody answers."`
	ReschedulesLeft int       `json:"reschedulesLeft" doc:"How often the customer may still move it."`
	FreeCancelUntil time.Time `json:"freeCancelUntil" doc:"A customer who cancels later is late, once it is confirmed."`

	CancelledBy   domain.Party         `json:"cancelledBy,omitempty" doc:"Whose wish it was."`
	Reason        string               `json:"reason,omitempty" doc:"Why it was rejected or cancelled, in words for the customer."`
	OutcomeAt     time.Time            `json:"outcomeAt,omitzero" doc:"When it was completed, cancelled or found to be a no-show."`
	PaymentMethod domain.PaymentMethod `json:"paymentMethod,omitempty" doc:"Not shown to staff."`
	PaidMinor     *int64               `json:"paidMinor,omitempty" doc:"In minor units of the currency. Not shown to staff."`

	Desk *DeskView `json:"desk,omitempty" doc:"What the salon keeps to itself. Shown to the desk only."`

	Revision    eventstore.Revision `json:"revision" doc:"What If-Match wants, without the quotes."`
	RequestedAt time.Time           `json:"requestedAt" doc:"When it was made (UTC)."`
	UpdatedAt   time.Time           `json:"updatedAt"`
}

// DeskView is what only the desk sees of a booking.
type DeskView struct {
	NeedsStaff          bool          `json:"needsStaff" doc:"A service has nobody to do it."`
	RequiresManager     bool          `json:"requiresManager" doc:"Only a manager approves it."`
	ReasonCode          string        `json:"reasonCode,omitempty" doc:"Why it was rejected or cancelled, for the salon."`
	Late                bool          `json:"late" doc:"Cancelled inside the cutoff of its policy."`
	CustomerReschedules int           `json:"customerReschedules" doc:"How often the customer has moved it."`
	DeskReschedules     int           `json:"deskReschedules" doc:"How often the desk has."`
	Policy              domain.Policy `json:"policy" doc:"The branch's rules as they were at the request."`
}

// GuestView is a guest as he gave himself; a text that was erased is missing.
type GuestView struct {
	Name    string `json:"name,omitempty" doc:"As the guest gave it."`
	Phone   string `json:"phone,omitempty" doc:"Shown to the desk only."`
	Removed bool   `json:"removed,omitempty" doc:"The guest was erased."`
}

// SegmentView is one service of a booking.
type SegmentView struct {
	SegmentID         string         `json:"segmentId"`
	ServiceID         string         `json:"serviceId"`
	ServiceName       string         `json:"serviceName" doc:"As it was offered when it was booked, like all terms."`
	StaffID           string         `json:"staffId,omitempty" doc:"Not shown to customers."`
	StaffName         string         `json:"staffName,omitempty"`
	StartAt           time.Time      `json:"startAt"`
	EndAt             time.Time      `json:"endAt"`
	LocalStart        string         `json:"localStart"`
	DurationMinutes   int            `json:"durationMinutes" doc:"Elapsed time."`
	Phases            []domain.Phase `json:"phases,omitempty" doc:"Missing when the service is active throughout."`
	PreBufferMinutes  int            `json:"preBufferMinutes,omitempty" doc:"Not shown to customers."`
	PostBufferMinutes int            `json:"postBufferMinutes,omitempty" doc:"Not shown to customers."`
	PriceMinor        *int64         `json:"priceMinor,omitempty" doc:"Not shown to staff."`
	StartedAt         time.Time      `json:"startedAt,omitzero" doc:"When it really began."`
	FinishedAt        time.Time      `json:"finishedAt,omitzero" doc:"When it really ended."`
}

// views shows bookings to a reader who may see them.
func (s *server) views(ctx context.Context, reader Session, bookings []projections.Booking) ([]BookingView, error) {
	var ids []string
	var sealed []domain.Sealed
	for _, b := range bookings {
		ids = append(ids, b.CustomerID)
		for _, g := range b.Segments {
			ids = append(ids, g.StaffID)
		}
		for _, text := range []*domain.Sealed{b.GuestName, b.GuestPhone} {
			if text != nil {
				sealed = append(sealed, *text)
			}
		}
	}
	names, err := s.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	texts, err := s.Texts.Open(ctx, sealed...)
	if err != nil {
		return nil, err
	}
	views := make([]BookingView, 0, len(bookings))
	for _, b := range bookings {
		v := view(reader, b, names)
		showGuest(&v, reader, b, texts)
		views = append(views, v)
	}
	return views, nil
}

// names returns the directory's names, asking for each id once.
func (s *server) names(ctx context.Context, ids []string) (map[string]string, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
	return s.Directory.Names(ctx, ids...)
}

func view(reader Session, b projections.Booking, names map[string]string) BookingView {
	v := BookingView{
		ID: b.ID, Number: b.Number, Type: b.Type, BranchID: b.BranchID, CustomerID: b.CustomerID,
		CustomerName: names[b.CustomerID], IsWalkIn: b.IsWalkIn, Status: b.Status,
		StartAt: b.StartAt, EndAt: b.EndAt, TimeZone: b.TimeZone, LocalDate: b.LocalDate, LocalStart: b.LocalStart,
		ExpiresAt: b.ExpiresAt, ReschedulesLeft: b.ReschedulesLeft, FreeCancelUntil: b.FreeCancelUntil,
		CancelledBy: b.CancelledBy, Reason: b.Reason, OutcomeAt: b.OutcomeAt,
		Revision: b.Revision, RequestedAt: b.RequestedAt, UpdatedAt: b.UpdatedAt,
	}
	if reader.Role.Desk() {
		v.Desk = &DeskView{
			NeedsStaff: b.NeedsStaff, RequiresManager: b.RequiresManager, ReasonCode: b.ReasonCode, Late: b.Late,
			CustomerReschedules: b.CustomerReschedules, DeskReschedules: b.DeskReschedules, Policy: b.Policy,
		}
	}
	if reader.seesPrices() {
		v.TotalMinor, v.Currency = &b.TotalMinor, b.Currency
		if b.PaymentMethod != "" {
			v.PaymentMethod, v.PaidMinor = b.PaymentMethod, &b.PaidMinor
		}
	}
	for _, g := range b.Segments {
		v.Segments = append(v.Segments, segmentView(reader, b.Status, g, names))
	}
	return v
}

func segmentView(reader Session, status domain.Status, g domain.Segment, names map[string]string) SegmentView {
	v := SegmentView{
		SegmentID: g.SegmentID, ServiceID: g.ServiceID, ServiceName: g.ServiceName,
		StartAt: g.StartAt, EndAt: g.EndAt, LocalStart: g.LocalStart, DurationMinutes: g.DurationMinutes, Phases: g.Phases,
		StartedAt: g.StartedAt, FinishedAt: g.FinishedAt,
	}
	if reader.seesPrices() {
		v.PriceMinor = &g.PriceMinor
	}
	switch {
	case reader.Role != domain.RoleCustomer:
		v.StaffID, v.StaffName = g.StaffID, names[g.StaffID]
		v.PreBufferMinutes, v.PostBufferMinutes = g.PreBufferMinutes, g.PostBufferMinutes
	case status.ToldToStaff():
		// Who is held for a pending booking may still change; the customer learns a name when it is certain.
		v.StaffName = names[g.StaffID]
	}
	return v
}

// showGuest adds who has no account: his name for staff and desk, his telephone number for the desk.
func showGuest(v *BookingView, reader Session, b projections.Booking, texts map[string]string) {
	if b.GuestName == nil || reader.Role == domain.RoleCustomer {
		return
	}
	name, known := texts[b.GuestName.KeyID]
	v.CustomerName, v.Guest = name, &GuestView{Name: name, Removed: !known}
	if b.GuestPhone != nil && reader.Role.Desk() {
		v.Guest.Phone = texts[b.GuestPhone.KeyID]
	}
}
