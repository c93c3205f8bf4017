package domain

import "time"

// ServiceChoice is one service of a request, with the member of staff who is to be held for it.
type ServiceChoice struct {
	Service Service
	StaffID string
}

// Request is what a booking starts from. The branch's terms are copied, so that later changes leave the booking alone.
type Request struct {
	BookingID  string
	CustomerID string
	Branch     Branch
	Location   *time.Location // that of Branch.TimeZone
	StartAt    time.Time
	Services   []ServiceChoice // done one after the other, in this order
	Actor      Actor
	// ActiveBookings is how many pending and confirmed bookings the customer has; a soft check, read from a read model.
	ActiveBookings int
	Now            time.Time
	NewClaimID     func() string // a fresh random id at each call
}

// backdating is how long after its start the desk may still enter or confirm a booking: the customer stands there.
const backdating = 15 * time.Minute

// Request returns the fact that the services are wanted and that staff are held for them. The policy's limits bind
// customers, not the desk.
func (b Booking) Request(r Request) ([]BookingEvent, error) {
	if b.Status != StatusNone {
		return nil, Refuse(Conflict, CodeConflict, "the booking exists already").With("status", b.Status)
	}
	if !r.Branch.Open() {
		return nil, ErrBranchInactive()
	}
	if len(r.Services) == 0 {
		return nil, Refuse(Invalid, CodeValidation, "a booking needs at least one service")
	}
	if err := r.checkPolicy(); err != nil {
		return nil, err
	}
	segments := r.segments()
	after := Booking{
		BookingRef: BookingRef{
			BookingID: r.BookingID, CustomerID: r.CustomerID, BranchID: r.Branch.BranchID, TimeZone: r.Branch.TimeZone,
		},
		Status: StatusPending, Segments: segments,
	}
	var total int64
	for _, s := range segments {
		total += s.PriceMinor
	}
	return []BookingEvent{BookingRequested{
		BookingRef: after.BookingRef,
		Segments:   segments, TotalMinor: total, Currency: r.Branch.Currency,
		StartAt: segments[0].StartAt, EndAt: segments[len(segments)-1].EndAt,
		Policy: r.Branch.Policy,
		Claims: claimsFor(segments, nil, r.NewClaimID),
		Slots:  DiffSlots(nil, after.Slots()),
	}}, nil
}

func (r Request) checkPolicy() error {
	if r.Actor.Role.Desk() {
		if r.StartAt.Before(r.Now.Add(-backdating)) {
			return Refuse(Unprocessable, CodeLeadTime, "the start lies more than 15 minutes in the past")
		}
		return nil
	}
	policy := r.Branch.Policy
	lead := time.Duration(policy.LeadMinutes) * time.Minute
	if r.StartAt.Before(r.Now.Add(lead)) {
		return Refuse(Unprocessable, CodeLeadTime, "book at least %d minutes ahead", policy.LeadMinutes).
			With("leadMinutes", policy.LeadMinutes)
	}
	if r.StartAt.After(r.Now.Add(time.Duration(policy.HorizonDays) * 24 * time.Hour)) {
		return Refuse(Unprocessable, CodeHorizon, "book at most %d days ahead", policy.HorizonDays).
			With("horizonDays", policy.HorizonDays)
	}
	if r.ActiveBookings >= policy.ActiveCap {
		return Refuse(Conflict, CodeActiveCap, "at most %d bookings may be open at once", policy.ActiveCap).
			With("activeCap", policy.ActiveCap)
	}
	return nil
}

// segments lays the services end to end from the start.
func (r Request) segments() []Segment {
	segments := make([]Segment, 0, len(r.Services))
	start := r.StartAt.UTC()
	for i, c := range r.Services {
		end := start.Add(time.Duration(c.Service.DurationMinutes) * time.Minute)
		segments = append(segments, Segment{
			SegmentID: SegmentID(i), ServiceID: c.Service.ServiceID, ServiceName: c.Service.Name, StaffID: c.StaffID,
			DurationMinutes: c.Service.DurationMinutes, PriceMinor: c.Service.PriceMinor,
			StartAt: start, EndAt: end,
			LocalDates: LocalDates(start, end, r.Location), LocalStart: start.In(r.Location).Format("15:04"),
		})
		start = end
	}
	return segments
}
