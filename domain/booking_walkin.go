package domain

import "time"

// WalkIn is a customer who stands at the desk.
type WalkIn struct {
	BookingID string
	// CustomerID or Guest: one of them is set.
	CustomerID string
	Guest      *Guest
	Roster
	StartAt    time.Time
	Services   []ServiceChoice // each with its member of staff
	Overrides  []Override
	Now        time.Time
	NewClaimID func() string
}

// walkInReach is how far ahead a walk-in may begin: who comes back tomorrow books.
const walkInReach = 12 * time.Hour

// WalkIn returns the fact that a customer without a booking is served. Lead time, horizon and cap do not matter.
func (b Booking) WalkIn(w WalkIn) ([]BookingEvent, error) {
	if b.Status != StatusNone {
		return nil, Refuse(Conflict, CodeConflict, "the booking exists already").With("status", b.Status)
	}
	if !w.Branch.Open() {
		return nil, ErrBranchInactive()
	}
	if (w.CustomerID == "") == (w.Guest == nil) {
		return nil, Refuse(Invalid, CodeValidation, "a walk-in is a customer or a guest")
	}
	plan, kind, err := w.plan(w.Services, w.StartAt, w.Overrides)
	if err != nil {
		return nil, err
	}
	if refusal := w.check(plan); refusal != nil {
		return nil, refusal
	}
	event := BookingWalkInCreated{
		BookingRef: BookingRef{
			BookingID: w.BookingID, CustomerID: w.CustomerID, BranchID: w.Branch.BranchID, TimeZone: w.Branch.TimeZone,
		},
		Number: number(w.Branch, kind, plan, w.BookingID), Type: kind, Plan: plan, Policy: w.Branch.Policy,
		Overrides: noted(w.Overrides, false, false), At: w.Now.UTC(),
		Holding: b.becoming(Booking{Status: StatusConfirmed, Plan: plan}, w.Location, w.NewClaimID),
	}
	if w.Guest != nil {
		event.GuestName, event.Phone = &w.Guest.Name, w.Guest.Phone
	}
	return []BookingEvent{event}, nil
}

func (w WalkIn) check(plan Plan) *Refusal {
	switch {
	case w.StartAt.Before(w.Now.Add(-minutes(backdating))):
		return errPast()
	case w.StartAt.After(w.Now.Add(walkInReach)):
		return Refuse(Unprocessable, CodeBusinessRule, "a walk-in begins within %d hours; book what is later", int(walkInReach.Hours()))
	}
	for _, s := range plan.Segments {
		if s.StaffID == "" {
			return Refuse(Invalid, CodeValidation, "a walk-in has staff for each service")
		}
	}
	if err := w.opens(Interval{plan.StartAt, plan.EndAt}, w.Overrides); err != nil {
		return err
	}
	return w.takesAll(plan.Segments, w.Overrides)
}
